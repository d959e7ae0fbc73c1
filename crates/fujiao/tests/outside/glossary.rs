//! `docs/glossary.md` lists the code tables as the program has them.

use std::fmt::Write as _;
use std::path::Path;

use fujiao_model::{
    AidForm, Area, AssistanceKind, Boarding, EnrolmentStatus, ExcessKind, ExemptionKind, Field,
    FindingKind, Grade, HouseholdKind, LabourAbility, Relation, Residence, RosterKind, Sex, Stage,
    SubjectKind, Unit,
};

const BEGIN: &str = "<!-- from the code tables of crates/model; a test keeps it so -->\n";
const END: &str = "<!-- end of the code tables -->\n";

macro_rules! tables {
    ($($title:literal $table:ident;)*) => {{
        let mut text = String::new();
        $(
            writeln!(text, "\n### {} `{}`\n\n| 中文 | code |\n|---|---|", $title, stringify!($table))
                .expect("writing to a String");
            for entry in $table::ALL {
                writeln!(text, "| {} | `{}` |", entry.chinese(), entry.code()).expect("writing to a String");
            }
        )*
        text
    }};
}

fn code_tables() -> String {
    tables! {
        "领域" Area;
        "计量单位" Unit;
        "对象" SubjectKind;
        "超出的原因" ExcessKind;
        "学段" Stage;
        "年级" Grade;
        "就读方式" Boarding;
        "学籍状态" EnrolmentStatus;
        "合法不在校" ExemptionKind;
        "户类型" HouseholdKind;
        "救助类别" AssistanceKind;
        "资助形式" AidForm;
        "劳动能力" LabourAbility;
        "户籍状态" Residence;
        "与户主关系" Relation;
        "性别" Sex;
        "表的种类" RosterKind;
        "问题的种类" FindingKind;
        "字段" Field;
    }
}

/// With `FUJIAO_UPDATE` set, the page is rewritten instead.
#[test]
fn the_glossary_has_the_code_tables() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/glossary.md");
    let text = std::fs::read_to_string(&page).expect("docs/glossary.md");
    let (before, rest) = text.split_once(BEGIN).expect("the mark where the tables begin");
    let (tables, after) = rest.split_once(END).expect("the mark where the tables end");
    let wanted = format!("{}\n", code_tables());
    if std::env::var_os("FUJIAO_UPDATE").is_some() {
        std::fs::write(&page, format!("{before}{BEGIN}{wanted}{END}{after}"))
            .expect("the page is writable");
    } else {
        assert!(
            tables == wanted,
            "the code tables changed: FUJIAO_UPDATE=1 cargo test -p fujiao glossary"
        );
    }
}
