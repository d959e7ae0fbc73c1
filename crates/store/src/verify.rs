use crate::{Store, StoreError, Tx, audit, schema};

/// What a check of the books found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Version of the schema.
    pub schema: i64,
    /// Lines by table, in the order of the schema.
    pub tables: Vec<(&'static str, u64)>,
    /// Lines of the audit chain.
    pub audit_lines: u64,
    /// What is wrong, in sentences for the county's clerk; empty if all is well.
    pub problems: Vec<String>,
}

const TABLES: &[&str] = &[
    "county",
    "file",
    "sheet",
    "source_row",
    "row_link",
    "finding",
    "header_word",
    "place",
    "school",
    "household",
    "person",
    "link_ask",
    "link_band",
    "link_decision",
    "person_event",
    "entry",
    "entry_fact",
    "entry_conflict",
    "entry_photo",
    "run",
    "rule",
    "duty",
    "deed",
    "summary",
    "frozen_duty",
    "difference",
    "job",
    "batch",
    "upload",
    "correction",
    "grade_count",
    "scenario",
    "plan_duty",
    "account",
    "account_grant",
    "session",
    "entry_link",
    "api_token",
    "reveal",
    "glass",
    "aid_cycle",
    "aid_batch",
    "aid_step",
    "aid_entitlement",
    "aid_finding",
    "aid_publication",
    "aid_objection",
    "aid_approval",
    "aid_release",
    "aid_payment",
    "aid_file",
    "aid_line",
    "aid_return",
    "aid_return_line",
    "aid_seen",
    "aid_fund",
    "aid_allocation",
    "aid_journal",
    "aid_recovery",
    "aid_recognition",
    "aid_grievance",
    "aid_payer",
    "aid_sample",
    "aid_sample_line",
    "report",
    "watch_case",
    "watch_step",
    "mentor",
    "pair_run",
    "pair_line",
    "pair",
    "contact_sum",
    "care_file",
    "care_step",
    "api_answer",
    "risk",
    "two_line",
    "generation",
    "loan",
    "loan_step",
    "uni_gift",
    "uni_need",
    "bulletin",
    "plan_file",
    "plan_step",
    "meal_close",
    "meal_finding",
    "meal_unmarked",
    "meal_lock",
    "meal_frozen",
    "inspection",
    "inspection_item",
    "inspection_recheck",
    "school_photo",
    "school_project",
    "school_step",
    "school_turn",
    "post_switch",
    "worker",
    "labour_finding",
    "match_run",
    "match_line",
    "server",
    "upkeep",
];

/// Questions whose answer is a number of lines that should not be, each with what to say about them.
const SHOULD_BE_NONE: [(&str, &str); 10] = [
    (
        "select cast(count(*) as bigint) from duty where quantity <> done + gap or gap < 0",
        "条应办事项的“应”不等于“已”加“差”",
    ),
    (
        "select cast(count(*) as bigint) from deed where quantity <> counted + excess",
        "条已办事项的数量不等于“已”加“超出”",
    ),
    (
        "select cast(count(*) as bigint) from summary where due <> done + gap",
        "行汇总的“应”不等于“已”加“差”",
    ),
    (
        "select cast(count(*) as bigint) from file
          where rows_read <> created + updated + unchanged + parked + refused",
        "个文件的行数加不起来",
    ),
    (
        "select cast(count(*) as bigint) from meal_close where claimed <> proved + over + unproven",
        "所学校某月的申报份数不等于核实、多报和待核之和",
    ),
    (include_str!("../queries/summaries_off.sql"), "行县级汇总与名单不符"),
    (include_str!("../queries/aid_funds_off.sql"), "笔资金的余额与分录不符"),
    (include_str!("../queries/aid_payments_off.sql"), "笔发放的状态与银行的行不符"),
    (include_str!("../queries/aid_allocations_off.sql"), "笔发放与它的资金来源加不起来"),
    (include_str!("../queries/aid_files_off.sql"), "个发放文件的合计与它的行不符"),
];

impl Store {
    /// Checks the books as a whole, in one snapshot: pages and keys of the engine, the audit chain, that every row and
    /// every sealed number reads back, that 应 = 已 + 差 on every line and that the figures are the sums of their lists.
    ///
    /// # Errors
    /// Only if the books cannot be read at all; what is wrong in them is in the answer.
    pub fn verify(&self) -> Result<Verification, StoreError> {
        self.read(|tx| {
            let mut problems = Vec::new();
            engine_checks(tx, &mut problems)?;
            let mut tables = Vec::with_capacity(TABLES.len());
            for &table in TABLES {
                let sql = format!("select cast(count(*) as bigint) from {table}");
                tables.push((table, tx.query_one(&sql, &[], |r| r.get(0))?.unwrap_or(0)));
            }
            for (sql, words) in SHOULD_BE_NONE {
                match tx.query_one(sql, &[], |r| r.get::<u64>(0))? {
                    None | Some(0) => {}
                    Some(n) => problems.push(format!("{n} {words}")),
                }
            }
            let (audit_lines, fault) = audit::walk(tx)?;
            problems.extend(fault);
            for county in tx.counties()? {
                problems.extend(unreadable(tx.rows(county.code))?);
                problems.extend(unreadable(tx.persons(county.code))?);
            }
            Ok(Verification {
                schema: schema::version(tx)?.unwrap_or_default(),
                tables,
                audit_lines: audit_lines.cast_unsigned(),
                problems,
            })
        })
    }
}

/// A reading that failed on what the books hold, in words; a failure of the engine stays one.
fn unreadable<T>(result: Result<T, StoreError>) -> Result<Option<String>, StoreError> {
    match result {
        Ok(_) => Ok(None),
        Err(e @ (StoreError::Unreadable { .. } | StoreError::Sealed(_))) => Ok(Some(e.to_string())),
        Err(e) => Err(e),
    }
}

fn engine_checks(tx: &mut Tx, problems: &mut Vec<String>) -> Result<(), StoreError> {
    if !tx.is_sqlite() {
        // A PostgreSQL server holds keys and references itself; page checksums are its operator's.
        return Ok(());
    }
    let report = tx.query("pragma integrity_check(20)", &[], |r| r.get::<String>(0))?;
    if report != ["ok"] {
        problems.extend(report.into_iter().map(|line| format!("数据库文件损坏：{line}")));
    }
    let broken = tx.query("pragma foreign_key_check", &[], |r| r.get::<String>(0))?;
    if !broken.is_empty() {
        problems.push(format!("{} 条记录所指的记录不存在（{}）", broken.len(), broken[0]));
    }
    Ok(())
}
