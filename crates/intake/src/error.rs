/// Why a file as a whole cannot be read. Each message names the file and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// No bytes, or no cell with anything in it.
    #[error("“{file}”是空文件，里面没有内容；核对是否存盘成功，重新导出后再交")]
    Empty {
        /// The file's name.
        file: String,
    },
    /// An encrypted workbook.
    #[error(
        "“{file}”设了打开密码，无法读取；在表格软件里打开，“另存为”时取消密码（文件—信息—保护工作簿），再交无密码的一份"
    )]
    Encrypted {
        /// The file's name.
        file: String,
    },
    /// Something else under a workbook's name: a document, a picture, a PDF.
    #[error(
        "“{file}”不是工作簿，认出来是：{found}；把其中的表格复制到 Excel 或 WPS 表格，存成 .xlsx 再交"
    )]
    NotAWorkbook {
        /// The file's name.
        file: String,
        /// What the bytes are, in Chinese.
        found: &'static str,
    },
    /// A workbook whose container is cut short or broken.
    #[error(
        "“{file}”已损坏（{what}），多半是传输或拷贝中断；用原电脑上的文件重新发送一次，或在表格软件里打开后另存为 .xlsx"
    )]
    Damaged {
        /// The file's name.
        file: String,
        /// What does not hold, in Chinese.
        what: String,
    },
    /// Text that is neither UTF-8 nor GB18030.
    #[error(
        "“{file}”的文字编码认不出（不是 UTF-8，也不是 GB18030）；在表格软件里打开，另存为 .xlsx 再交"
    )]
    Encoding {
        /// The file's name.
        file: String,
    },
    /// Larger, unpacked, than any roster of a county.
    #[error("“{file}”解开后超过 {limit}，不像名册；按乡镇或学校拆成几个文件再交")]
    TooLarge {
        /// The file's name.
        file: String,
        /// The limit that it passes, with its unit.
        limit: String,
    },
    /// The annotated copy could not be written.
    #[error("“{file}”的批注副本写不出来（{what}）；按行拆成几个文件再交")]
    Copy {
        /// The file's name.
        file: String,
        /// What the writer said.
        what: String,
    },
}
