//! What the outside sees: a workbook in; rows, findings and messages out.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, stop where something is wrong")]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use fujiao_intake::{Intake, IntakeError, Lexicon, Sheet, Sureness, Workbook, annotate, read};
use fujiao_model::{Field, FindingKind, RosterKind, RowVerdict};
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook as Writer};

fn intake(name: &str, bytes: &[u8]) -> Intake {
    let intake = read(&Workbook { name, bytes }, &Lexicon::default()).unwrap();
    for sheet in &intake.sheets {
        adds_up(sheet);
    }
    intake
}

fn adds_up(sheet: &Sheet) {
    let sum: usize = [RowVerdict::Good, RowVerdict::Parked, RowVerdict::Refused]
        .into_iter()
        .map(|verdict| sheet.count(verdict))
        .sum();
    assert_eq!(sheet.rows_read as usize, sum);
    for row in &sheet.rows {
        let worst =
            sheet.findings.iter().filter(|f| f.cell.row == row.row).map(|f| f.verdict).max();
        assert_eq!(
            worst.unwrap_or(RowVerdict::Good),
            row.verdict,
            "row {} has its reason",
            row.row
        );
    }
}

fn csv(text: &str) -> Sheet {
    intake("名册.csv", text.as_bytes()).sheets.remove(0)
}

/// Rows and findings as text.
fn shown(sheet: &Sheet) -> String {
    let mut out = format!(
        "{} 表头 {:?} 读取 {}\n",
        sheet.kind.map_or("?", RosterKind::chinese),
        sheet.header_rows,
        sheet.rows_read
    );
    for row in &sheet.rows {
        let fields: Vec<String> =
            row.fields.iter().map(|(f, v)| format!("{}={}", f.code(), v.stored())).collect();
        let _ = writeln!(out, "{} {:?} {}", row.row, row.verdict, fields.join(" "));
    }
    for finding in &sheet.findings {
        let _ = writeln!(
            out,
            "第{}行 {}：{}。{}。",
            finding.cell.row,
            finding.kind.chinese(),
            finding.reason,
            finding.remedy
        );
    }
    out
}

/// A workbook of one sheet; cells of texts, `#` before a number.
fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    fill(sheet, rows);
    writer.save_to_buffer().unwrap()
}

fn fill(sheet: &mut rust_xlsxwriter::Worksheet, rows: &[&[&str]]) {
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(*row) {
            if let Some(number) = cell.strip_prefix('#') {
                sheet.write_number(r, c, number.parse::<f64>().unwrap()).unwrap();
            } else if !cell.is_empty() {
                sheet.write_string(r, c, *cell).unwrap();
            }
        }
    }
}

#[test]
fn a_school_roster_of_a_school_year() {
    let sheet = csv("岚川县云台镇中心小学2024—2025学年学生花名册（示例数据）,,,,,,\n\
         学校标识码：2161990012,,,,填表时间：2024年9月5日,,\n\
         ,,,,,,\n\
         序号,★1、姓名,身份证件号（必填）,学籍号,年级班级,是否住宿生,监护人姓名,联系电话\n\
         1,张 三,'619926201509010013,G619926201509010013,三（2）班,是,张大,１３９００００００００\n\
         2,阿依古丽.买买提,6.19926E+17,,三年级1班,否,,\n\
         3,李四,619926201509010018,,302,走读,李大,无\n\
         4,王五,G61992620150901002X,,初一,√,王大,\n\
         5,,,,,,赵大,\n\
         6,,,,,,,\n\
         合计,5人,,,,,,\n\
         填表人：某某,,,,,,,\n");
    insta::assert_snapshot!(shown(&sheet), @r#"
    学籍 表头 4..5 读取 5
    5 Good name=张三 citizen_id=619926201509010013 student_no=G619926201509010013 guardian_name=张大 guardian_phone=13900000000 school=岚川县云台镇中心小学 school_code=2161990012 grade=P3 class=2班 boarding=boards term=2024A
    6 Parked name=阿依古丽·买买提 school=岚川县云台镇中心小学 school_code=2161990012 grade=P3 class=1班 boarding=day term=2024A
    7 Parked name=李四 id_as_written=619926201509010018 guardian_name=李大 school=岚川县云台镇中心小学 school_code=2161990012 grade=P3 class=2班 boarding=day term=2024A
    8 Good name=王五 student_no=G61992620150901002X guardian_name=王大 school=岚川县云台镇中心小学 school_code=2161990012 grade=J1 boarding=boards term=2024A
    9 Refused guardian_name=赵大 school=岚川县云台镇中心小学 school_code=2161990012 term=2024A
    第6行 被表格改坏：身份证号被电子表格改成了数字“6.19926E+17”，后几位已丢失，无法还原。把该列设为文本格式，照证件或原始材料重填这一格。
    第7行 身份证号不符：身份证号“6199…18”不对：身份证号校验位不符，至少有一位写错。照身份证或户口簿改正这一格。
    第9行 空着：没有姓名，也没有身份证号，不知道说的是谁。补上姓名或身份证号；不是名单的行可以删去。
    "#);
}

#[test]
fn numbers_that_a_spreadsheet_destroyed_are_left_out_and_said() {
    let bytes = xlsx(&[
        &["2024年秋季学期寄宿生生活补助发放表"],
        &["姓名", "身份证号", "学校", "年级", "班级", "发放金额（元）", "发放日期", "银行卡号"],
        &[
            "张三",
            "#619926201509010013",
            "云台镇中心小学",
            "三年级",
            "1班",
            "#625",
            "2024.12.5",
            "#6217000000000000000",
        ],
        &[
            "李四",
            "619926201509010000",
            "云台镇中心小学",
            "三年级",
            "1班",
            "六百",
            "2024.12.5",
            "6217000000000000001",
        ],
        &[
            "王五",
            "619926201509010021",
            "云台镇中心小学",
            "三年级",
            "1班",
            "625.00",
            "12-5-24",
            "6217000000000000002",
        ],
        &["", "", "云台镇中心小学", "三年级", "1班", "625.00", "2024.12.5", ""],
    ]);
    insta::assert_snapshot!(shown(&intake("a.xlsx", &bytes).sheets[0]), @r#"
    资助发放 表头 2..3 读取 4
    3 Parked name=张三 school=云台镇中心小学 grade=P3 class=1班 term=2024A programme=寄宿生生活补助 amount=62500 paid_on=2024-12-05
    4 Refused name=李四 bank_account=6217000000000000001 school=云台镇中心小学 grade=P3 class=1班 term=2024A programme=寄宿生生活补助 paid_on=2024-12-05
    5 Parked name=王五 citizen_id=619926201509010021 bank_account=6217000000000000002 school=云台镇中心小学 grade=P3 class=1班 term=2024A programme=寄宿生生活补助 amount=62500
    6 Refused school=云台镇中心小学 grade=P3 class=1班 term=2024A programme=寄宿生生活补助 amount=62500 paid_on=2024-12-05
    第3行 被表格改坏：身份证号被电子表格改成了数字“6.19926E+17”，后几位已丢失，无法还原。把该列设为文本格式，照证件或原始材料重填这一格。
    第3行 被表格改坏：银行账号被电子表格改成了数字“6.21700E+18”，后几位已丢失，无法还原。把该列设为文本格式，照证件或原始材料重填这一格。
    第4行 被表格改坏：身份证号“6199…00”末几位被电子表格改成了零，无法还原。把该列设为文本格式，照身份证或户口簿重填这一格。
    第4行 读不出：“六百”读不成金额。写成 625 或 312.50，单位元，至多两位小数。
    第5行 读不出：“12-5-24”读不成发放日期。写成 2012-09-01、2012.9 或 2012年9月。
    第6行 空着：没有姓名，也没有身份证号，不知道说的是谁。补上姓名或身份证号；不是名单的行可以删去。
    "#);
}

#[test]
fn two_header_rows_with_and_without_merges() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 6, "农村留守儿童基本情况登记表", &plain).unwrap();
    for (column, title) in [(0, "姓名"), (1, "身份证号"), (2, "就读学校")] {
        sheet.merge_range(1, column, 2, column, title, &plain).unwrap();
    }
    sheet.merge_range(1, 3, 1, 5, "监护人", &plain).unwrap();
    for (column, title) in [(3, "姓名"), (4, "与被监护人关系"), (5, "联系电话")] {
        sheet.write_string(2, column, title).unwrap();
    }
    sheet.merge_range(1, 6, 2, 6, "村", &plain).unwrap();
    for (column, text) in
        (0..).zip(["张三", "619926201509010021", "", "张大", "祖父", "13900000000", "西川村"])
    {
        sheet.write_string(3, column, text).unwrap();
    }
    let merged = intake("a.xlsx", &writer.save_to_buffer().unwrap()).sheets.remove(0);
    let unmerged = csv("农村留守儿童基本情况登记表,,,,,,\n\
         姓名,身份证号,就读学校,监护人,,,村\n\
         ,,,姓名,与被监护人关系,联系电话,\n\
         张三,619926201509010021,,张大,祖父,13900000000,西川村\n");
    for sheet in [&merged, &unmerged] {
        let titles: Vec<_> = sheet.columns.iter().map(|c| (c.header.as_str(), c.field)).collect();
        assert_eq!(
            titles,
            [
                ("姓名", Some(Field::Name)),
                ("身份证号", Some(Field::CitizenId)),
                ("就读学校", Some(Field::School)),
                ("监护人/姓名", Some(Field::GuardianName)),
                ("监护人/与被监护人关系", Some(Field::GuardianRelation)),
                ("监护人/联系电话", Some(Field::GuardianPhone)),
                ("村", Some(Field::Village)),
            ]
        );
        assert_eq!((sheet.kind, sheet.rows_read), (Some(RosterKind::LeftBehind), 1));
        assert_eq!(sheet.rows[0].fields.text(Field::GuardianName), Some("张大"));
    }
    assert_eq!((merged.header_rows, unmerged.header_rows), (2..4, 2..4));
}

#[test]
fn plain_words_behind_somebodys_name_are_theirs() {
    let sheet = csv("农村留守儿童登记表\n\
         姓名,出生日期,公民身份证号码,祖父姓名,出生日期,父亲姓名,出生日期,联系电话,委托监护人姓名,受委托监护人电话,与被监护人关系\n\
         张三,2015-09-01,619926201509010021,张老,1950.1,张大,1985.3,13900000001,李大,13900000002,姨\n");
    let fields = &sheet.rows[0].fields;
    assert_eq!(fields.date(Field::BirthDate).unwrap().to_string(), "2015-09-01");
    assert_eq!(fields.text(Field::GuardianName), Some("李大"));
    assert_eq!(fields.text(Field::GuardianPhone), Some("13900000002"));
    assert_eq!(sheet.columns.iter().filter(|c| c.field == Some(Field::BirthDate)).count(), 1);
}

#[test]
fn cells_merged_downwards_hold_for_every_row_and_the_row_wins_over_the_title() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    fill(
        sheet,
        &[
            &["学校：双庙镇中心小学", "", "", "2025年3月份营养改善计划就餐名单"],
            &["学校", "姓名", "年级", "就餐天数"],
            &["", "甲一", "一年级", "#21"],
            &["", "乙二", "一年级", "#20"],
            &["", "丙三", "一年级", "#20"],
        ],
    );
    sheet.merge_range(2, 0, 3, 0, "云台镇中心小学", &Format::new()).unwrap();
    let sheet = intake("a.xlsx", &writer.save_to_buffer().unwrap()).sheets.remove(0);
    let schools: Vec<_> =
        sheet.rows.iter().map(|r| r.fields.text(Field::School).unwrap()).collect();
    assert_eq!(schools, ["云台镇中心小学", "云台镇中心小学", "双庙镇中心小学"]);
    let months: Vec<_> =
        sheet.rows.iter().map(|r| r.fields.date(Field::Month).unwrap().to_string()).collect();
    assert_eq!(months, ["2025-03"; 3]);
}

#[test]
fn a_year_in_a_cell_of_dates_is_the_year() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    fill(
        sheet,
        &[
            &["户编号", "人编号", "姓名", "证件号码", "与户主关系", "户类型", "脱贫年度"],
            &[
                "6199261010100001",
                "619926101010000101",
                "张三",
                "619926198509010023",
                "户主",
                "脱贫户",
                "",
            ],
            &[
                "6199261010100001",
                "619926101010000102",
                "张四",
                "619926201509010021",
                "子",
                "脱贫户",
                "2018",
            ],
        ],
    );
    let day = Format::new().set_num_format("yyyy");
    sheet.write_number_with_format(1, 6, 43_101.0, &day).unwrap();
    let sheet = intake("a.xlsx", &writer.save_to_buffer().unwrap()).sheets.remove(0);
    let years: Vec<_> =
        sheet.rows.iter().map(|r| r.fields.get(Field::LiftedYear).cloned()).collect();
    assert_eq!(years, vec![Some(fujiao_model::Value::Integer(2018)); 2]);
}

#[test]
fn the_same_row_twice_counts_once_and_other_dates_are_other_rows() {
    let sheet = csv("姓名,身份证号,学校,资助项目,学期,金额,发放日期\n\
         张三,619926201509010021,甲小学,寄宿生生活补助,2024秋,625,2024-12-05\n\
         张三,619926201509010021,甲小学,寄宿生生活补助,2024秋,625,2024-12-05\n\
         张三,619926201509010021,甲小学,寄宿生生活补助,2024秋,625,2024-12-20\n");
    let verdicts: Vec<_> = sheet.rows.iter().map(|r| r.verdict).collect();
    assert_eq!(verdicts, [RowVerdict::Good, RowVerdict::Refused, RowVerdict::Good]);
    assert_eq!(sheet.findings[0].kind, FindingKind::Repeated);
    insta::assert_snapshot!(sheet.findings[0].reason, @"与第 2 行每一格都相同，只收前一行");
}

#[test]
fn a_header_is_confirmed_once_and_remembered() {
    let text =
        "姓名,身份证号,学校,年级,孩子住哪,学籍号\n张三,619926201509010021,甲小学,三年级,住校,\n";
    let column = |lexicon: &Lexicon| {
        let workbook = Workbook { name: "a.csv", bytes: text.as_bytes() };
        let sheet = read(&workbook, lexicon).unwrap().sheets.remove(0);
        (sheet.columns[4].field, sheet.columns[4].sure)
    };
    let mut lexicon = Lexicon::default();
    assert_eq!(column(&lexicon), (None, Sureness::Unknown));
    lexicon.remember(RosterKind::Enrolments, "孩子住哪", Some(Field::Boarding));
    assert_eq!(column(&lexicon), (Some(Field::Boarding), Sureness::Confirmed));
    lexicon.remember(RosterKind::Enrolments, "孩子住哪", None);
    assert_eq!(column(&lexicon), (None, Sureness::Confirmed));
}

// One header of each kind, in the words of docs/rosters.md or near them.
#[test]
fn every_kind_is_known_by_its_headers() {
    for (kind, header) in [
        (
            RosterKind::Residents,
            "户号,姓名,公民身份号码,性别,出生日期,民族,与户主关系,乡镇,村,组,户籍状态",
        ),
        (
            RosterKind::PoorHouseholds,
            "户编号,人编号,姓名,证件号码,与户主关系,户类型,识别时间,脱贫年度,风险是否已消除,文化程度,在校生状况,健康状况,劳动技能,务工状况",
        ),
        (RosterKind::Assistance, "姓名,身份证号,救助类别,享受起始时间,乡镇,村"),
        (
            RosterKind::ChildWelfare,
            "儿童姓名,身份证号,儿童类别,批准时间,出生日期,监护人姓名,监护人电话,乡镇,村",
        ),
        (
            RosterKind::LeftBehind,
            "儿童姓名,身份证号,出生日期,性别,就读学校,监护人姓名,监护人电话,与儿童关系,镇,村",
        ),
        (RosterKind::Disability, "姓名,残疾证号,残疾类别,残疾等级,发证日期,有效期至,乡镇,村"),
        (
            RosterKind::Enrolments,
            "姓名,学籍号,身份证件号,性别,出生日期,民族,学校名称,年级,班级,就读方式,监护人姓名,联系电话",
        ),
        (
            RosterKind::Exemptions,
            "姓名,身份证号,出生日期,不在校事由,批准文号,批准日期,有效期至,去向",
        ),
        (
            RosterKind::AidPayments,
            "姓名,身份证号,就读学校,年级,班级,资助项目,资助金额,发放日期,银行卡号",
        ),
        (RosterKind::MealLists, "姓名,学校,年级,班级,月份,就餐天数,餐标,金额"),
        (RosterKind::Absences, "姓名,学校,年级,班级,请假开始日期,请假结束日期,请假天数,请假原因"),
        (RosterKind::Calendar, "月份,上课天数"),
        (
            RosterKind::Teachers,
            "姓名,身份证号,性别,出生日期,学校,任教学科,教职工类别,是否在编,职称,是否骨干教师,人员状态",
        ),
        (
            RosterKind::Schools,
            "学校名称,学校标识码,办学类型,学段,学生数,寄宿生数,班数,校舍建筑面积,床位数,所在乡镇",
        ),
        (
            RosterKind::Labour,
            "姓名,身份证号,文化程度,劳动能力,务工状况,务工地点,务工时间（月）,联系电话,乡镇,村",
        ),
        (
            RosterKind::Training,
            "学员姓名,身份证号码,联系电话,培训专业,期次,培训开始时间,培训结束时间,课时数,考核结果,培训机构",
        ),
        (RosterKind::Placements, "姓名,身份证号,单位名称,工种,工作地点,入职日期,月工资"),
        (
            RosterKind::Pairings,
            "学生姓名,身份证号,学校,年级,班级,帮扶责任人姓名,帮扶责任人电话,帮扶责任人单位,结对时间",
        ),
        (RosterKind::Contacts, "学生姓名,学校,班级,帮扶教师,联系日期,联系方式,备注"),
        (RosterKind::Loans, "借款学生,身份证号,就读高校,贷款学年,贷款金额,放款日期"),
        (
            RosterKind::UniversityAid,
            "姓名,身份证号,录取院校,资助学年,资助部门,资助项目,资助金额,发放日期,学费,住宿费",
        ),
        (RosterKind::Appropriations, "资金编号,资金名称,用途,下达金额,到账日期,支出期限"),
        (RosterKind::Spending, "资金编号,用途,支出金额,支出日期"),
        (RosterKind::MealReturns, "学校,年级,班级,供餐日期,到校人数,供餐份数,申报份数"),
        (RosterKind::Measurements, "学校,测量项目,测量值,计量单位,测量日期,备注"),
        (RosterKind::Purchases, "学校,食材,出入库,数量,计量单位,金额,供应商,出入库日期"),
        (
            RosterKind::Sessions,
            "培训专业,培训类别,期次,培训机构,开班日期,结业日期,课时数,计划人数,乡镇,培训地点,教室,授课教师",
        ),
        (RosterKind::CourseAttendance, "姓名,身份证号,培训专业,期次,培训机构,考勤日期,出勤课时"),
        (RosterKind::Trainers, "授课教师,培训机构,培训专业,是否双师型,技能等级"),
        (RosterKind::Rooms, "教室名称,培训机构,可容纳人数,乡镇,培训地点"),
        (
            RosterKind::Vacancies,
            "用人单位,单位类型,岗位名称,招聘人数,月工资,工作地点,乡镇,学历,是否弹性工作,截止日期",
        ),
        (RosterKind::JobProofs, "姓名,身份证号,就业单位名称,上岗时间,核验日期,是否在岗,核验方式"),
        (RosterKind::Menus, "学校,供餐日期,菜品,食材,每人用量,计量单位"),
        (RosterKind::TeacherReviews, "教师姓名,身份证号,学校,任教学科,评价方式,得分,满分,评价日期"),
    ] {
        let sheet = csv(&format!("{header}\n"));
        assert_eq!(sheet.kind, Some(kind), "{header}: {:?}", sheet.columns);
        let unknown: Vec<_> = sheet
            .columns
            .iter()
            .filter(|c| c.field.is_none() || matches!(c.sure, Sureness::Guessed(_)))
            .collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", kind.chinese());
    }
}

fn container(names: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"<x/>").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn ole(stream: &str) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(stream).unwrap().write_all(&[0; 64]).unwrap();
    file.into_inner().into_inner()
}

#[test]
fn files_that_cannot_be_read_say_what_to_do() {
    let whole = xlsx(&[&["姓名", "身份证号"], &["张三", "619926201509010021"]]);
    let message = |bytes: &[u8]| {
        read(&Workbook { name: "名册.xlsx", bytes }, &Lexicon::default()).unwrap_err().to_string()
    };
    let mut messages = String::new();
    for bytes in [
        Vec::new(),
        b" \n , , \n".to_vec(),
        ole("EncryptedPackage"),
        ole("WordDocument"),
        container(&["word/document.xml", "[Content_Types].xml"]),
        container(&["photo.jpg"]),
        whole[..whole.len() / 2].to_vec(),
        b"%PDF-1.7".to_vec(),
        b"<html><table></table></html>".to_vec(),
        vec![0xff, 0xff, 0x81, 0x20, 0x80],
    ] {
        let _ = writeln!(messages, "{}", message(&bytes));
    }
    insta::assert_snapshot!(messages, @r#"
    “名册.xlsx”是空文件，里面没有内容；核对是否存盘成功，重新导出后再交
    “名册.xlsx”是空文件，里面没有内容；核对是否存盘成功，重新导出后再交
    “名册.xlsx”设了打开密码，无法读取；在表格软件里打开，“另存为”时取消密码（文件—信息—保护工作簿），再交无密码的一份
    “名册.xlsx”不是工作簿，认出来是：Word 文档；把其中的表格复制到 Excel 或 WPS 表格，存成 .xlsx 再交
    “名册.xlsx”不是工作簿，认出来是：Word 文档；把其中的表格复制到 Excel 或 WPS 表格，存成 .xlsx 再交
    “名册.xlsx”不是工作簿，认出来是：别的压缩文件；把其中的表格复制到 Excel 或 WPS 表格，存成 .xlsx 再交
    “名册.xlsx”已损坏（压缩包不完整，缺目录），多半是传输或拷贝中断；用原电脑上的文件重新发送一次，或在表格软件里打开后另存为 .xlsx
    “名册.xlsx”不是工作簿，认出来是：PDF 文件；把其中的表格复制到 Excel 或 WPS 表格，存成 .xlsx 再交
    “名册.xlsx”不是工作簿，认出来是：改了扩展名的网页；把其中的表格复制到 Excel 或 WPS 表格，存成 .xlsx 再交
    “名册.xlsx”的文字编码认不出（不是 UTF-8，也不是 GB18030）；在表格软件里打开，另存为 .xlsx 再交
    "#);
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..401 {
        zip.write_all(&zeros).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    let got = read(&Workbook { name: "a.xlsx", bytes: &bytes }, &Lexicon::default());
    assert!(matches!(got, Err(IntakeError::TooLarge { .. })), "{got:?}");
}

#[test]
fn a_sheet_of_three_hundred_columns() {
    let mut header: Vec<String> = (0..300).map(|i| format!("指标{i}")).collect();
    let mut row: Vec<String> = (0..300).map(|i| i.to_string()).collect();
    for (at, (title, value)) in [
        (7, ("姓名", "张三")),
        (120, ("身份证号", "619926201509010021")),
        (150, ("学校", "甲小学")),
        (200, ("年级", "三年级")),
        (299, ("学籍号", "G619926201509010021")),
    ] {
        (header[at], row[at]) = (title.to_owned(), value.to_owned());
    }
    let sheet = csv(&format!("2024—2025学年学生名册\n{}\n{}\n", header.join(","), row.join(",")));
    assert_eq!((sheet.kind, sheet.columns.len()), (Some(RosterKind::Enrolments), 300));
    assert_eq!(sheet.rows[0].verdict, RowVerdict::Good);
    assert_eq!((sheet.rows[0].fields.len(), sheet.rows[0].extra.len()), (6, 295));
}

#[test]
fn ten_thousand_unreadable_rows_keep_a_reason_each_and_come_back_annotated() {
    let mut text = "2025年3月就餐名单,,\n姓名,学校,就餐天数\n".to_owned();
    for i in 0..10_000 {
        let _ = writeln!(text, "学生{i},甲小学,很多");
    }
    let sheet = csv(&text);
    assert_eq!((sheet.rows_read, sheet.count(RowVerdict::Refused)), (10_000, 10_000));
    assert_eq!(sheet.findings.len(), 10_000);
    let workbook = Workbook { name: "名册.csv", bytes: text.as_bytes() };
    let copy = annotate(&workbook, &sheet.findings).unwrap();
    // What comes back reads like what was sent: the added columns are no fields, and the same rows are refused.
    let again = intake("名册.待核.xlsx", &copy).sheets.remove(0);
    assert_eq!((again.rows_read, again.count(RowVerdict::Refused)), (10_000, 10_000));
    assert_eq!(again.columns.iter().filter(|c| c.sure == Sureness::Unknown).count(), 0);
}

#[test]
fn an_annotated_copy_of_a_huge_sheet_keeps_the_rows_with_findings_and_their_numbers() {
    let mut text = "2025年3月就餐名单,,\n姓名,学校,就餐天数\n".to_owned();
    for i in 0..25_000 {
        let days = if i % 5_000 == 7 { "很多" } else { "20" };
        let _ = writeln!(text, "学生{i},甲小学,{days}");
    }
    let sheet = csv(&text);
    let workbook = Workbook { name: "名册.csv", bytes: text.as_bytes() };
    let copy = annotate(&workbook, &sheet.findings).unwrap();
    let again = intake("名册.待核.xlsx", &copy).sheets.remove(0);
    assert_eq!(again.rows_read, 5);
    assert_eq!(sheet.findings[1].cell.row, 5_010);
}

proptest! {
    // Integration tests have no lib.rs beside which failures could be kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&Workbook { name: "x", bytes: &bytes }, &Lexicon::default());
    }

    #[test]
    fn no_text_panics(text in "[姓名身份证号学校年级,\t;\n\r\"0-9.X月日张三 ：()（）合计E+]{0,200}") {
        let read = read(&Workbook { name: "x.csv", bytes: text.as_bytes() }, &Lexicon::default());
        if let Ok(intake) = read {
            intake.sheets.iter().for_each(adds_up);
        }
    }

    #[test]
    fn no_damaged_workbook_panics(at in 0.0..1.0_f64, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = xlsx(&[&["姓名", "身份证号", "学校", "年级"], &["张三", "619926201509010021", "甲小学", "#3"]]);
        damage(&mut bytes, at, byte, cut);
        let _ = read(&Workbook { name: "x.xlsx", bytes: &bytes }, &Lexicon::default());
    }

    #[test]
    fn no_damaged_old_workbook_panics(at in 0.0..1.0_f64, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = old_workbook();
        damage(&mut bytes, at, byte, cut);
        let _ = read(&Workbook { name: "x.xls", bytes: &bytes }, &Lexicon::default());
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place within the bytes"
)]
fn damage(bytes: &mut Vec<u8>, at: f64, byte: u8, cut: bool) {
    let at = (at * bytes.len() as f64) as usize;
    bytes[at] = byte;
    if cut {
        bytes.truncate(at);
    }
}

/// A BIFF8 workbook of one sheet: labels, a shared string, a number, a date, a formula's text, merged cells.
fn old_workbook() -> Vec<u8> {
    let record = |number: u16, data: &[u8]| {
        let mut out = number.to_le_bytes().to_vec();
        out.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        out
    };
    let wide = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut out = u16::try_from(units.len() / 2).unwrap().to_le_bytes().to_vec();
        out.push(1);
        out.extend(units);
        out
    };
    let cell = |row: u16, column: u16, style: u16, rest: &[u8]| {
        let mut out = Vec::new();
        for n in [row, column, style] {
            out.extend(n.to_le_bytes());
        }
        out.extend(rest);
        out
    };
    let begin = |kind: u16| {
        let mut data = 0x0600_u16.to_le_bytes().to_vec();
        data.extend(kind.to_le_bytes());
        data.extend([0; 12]);
        record(0x0809, &data)
    };
    let mut strings = vec![1, 0, 0, 0, 1, 0, 0, 0];
    strings.extend(wide("张三"));
    let xf = |format: u16| {
        let mut data = vec![0, 0];
        data.extend(format.to_le_bytes());
        data.extend([0; 16]);
        record(0x00e0, &data)
    };
    let globals = |offset: u32| {
        let mut out = begin(5);
        out.extend(xf(0));
        out.extend(xf(14));
        let mut sheet = offset.to_le_bytes().to_vec();
        sheet.extend([0, 0, 2, 1]);
        sheet.extend("学生".encode_utf16().flat_map(u16::to_le_bytes));
        out.extend(record(0x0085, &sheet));
        out.extend(record(0x00fc, &strings));
        out.extend(record(0x000a, &[]));
        out
    };
    let mut stream = globals(u32::try_from(globals(0).len()).unwrap());
    stream.extend(begin(0x10));
    for (column, title) in (0..).zip(["姓名", "身份证号", "出生日期", "学校", "年级", "学籍号"])
    {
        stream.extend(record(0x0204, &cell(0, column, 0, &wide(title))));
    }
    stream.extend(record(0x00fd, &cell(1, 0, 0, &0_u32.to_le_bytes())));
    stream.extend(record(0x0203, &cell(1, 1, 0, &619_926_201_509_010_017_f64.to_le_bytes())));
    stream.extend(record(0x027e, &cell(1, 2, 1, &((42_248_u32 << 2) | 2).to_le_bytes())));
    stream.extend(record(
        0x0006,
        &cell(1, 3, 0, &[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]),
    ));
    stream.extend(record(0x0207, &wide("甲小学")));
    stream.extend(record(0x0204, &cell(1, 4, 0, &wide("三年级"))));
    stream.extend(record(0x00e5, &[1, 0, 1, 0, 2, 0, 0, 0, 0, 0]));
    stream.extend(record(0x0204, &cell(2, 2, 0, &wide("2015.9"))));
    stream.extend(record(0x000a, &[]));
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("Workbook").unwrap().write_all(&stream).unwrap();
    file.into_inner().into_inner()
}

#[test]
fn an_old_workbook_reads_like_a_new_one() {
    let sheet = intake("a.xls", &old_workbook()).sheets.remove(0);
    insta::assert_snapshot!(shown(&sheet), @r#"
    学籍 表头 1..2 读取 2
    2 Parked name=张三 birth_date=2015-09-01 school=甲小学 grade=P3
    3 Refused name=张三 birth_date=2015-09
    第2行 空着：缺学期。在表头上方写明学年学期，例如“2024—2025学年第一学期”，或加一列“学期”。
    第2行 被表格改坏：身份证号被电子表格改成了数字“6.19926E+17”，后几位已丢失，无法还原。把该列设为文本格式，照证件或原始材料重填这一格。
    第3行 空着：缺学期。在表头上方写明学年学期，例如“2024—2025学年第一学期”，或加一列“学期”。
    第3行 空着：缺学校。在这一格补上学校。
    "#);
}

#[test]
fn an_empty_cell_among_ticks_is_a_no() {
    let header = "学校名称,学校标识码,学段,办学类型,是否农村学校,学生数,寄宿生数,班数,校舍建筑面积";
    let rural = |cells: [&str; 2]| {
        let [a, b] = cells;
        let text = format!(
            "{header}\n云台镇中心小学,2161990001,小学,小学,{a},100,0,6,600\n城关小学,2161990002,小学,小学,{b},300,0,6,900\n"
        );
        let rows = csv(&text).rows;
        [rows[0].fields.flag(Field::Rural), rows[1].fields.flag(Field::Rural)]
    };
    assert_eq!(rural(["√", ""]), [Some(true), Some(false)]);
    assert_eq!(
        rural(["是", ""]),
        [Some(true), None],
        "who writes words leaves a cell empty for lack of an answer"
    );
    assert_eq!(rural(["", ""]), [None, None]);
}

#[test]
fn a_header_that_says_whose_name_it_is_holds_the_name() {
    let text = "农村留守儿童信息表\n★留守儿童姓名,★性别,★身份证号,所在学校,委托监护人姓名,经办人,受委托监护人电话\n\
                杨德航,男,619926201210032832,云台镇中心小学,吴萍,,15400000000\n";
    let sheet = csv(text);
    assert_eq!(sheet.kind, Some(RosterKind::LeftBehind));
    assert_eq!(sheet.rows[0].fields.text(Field::Name), Some("杨德航"));
}
