//! What a check of a batch found, and what somebody decided about it.

use jiff::Timestamp;

use super::lines::LEFT;
use super::{AidBatch, time};
use crate::{Signed, StoreError, Tx, V};

/// A list of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingList {
    /// 漏: owed, and not in the batch.
    Missed,
    /// 错: in the batch, and owed otherwise or not at all.
    Wrong,
    /// 重: perhaps one person twice.
    Double,
    /// 叠: paid by a programme that does not go beside this one.
    Stacked,
    /// 缺账号: nowhere to send it.
    Account,
}

impl FindingList {
    /// All, in the order of pages.
    pub const ALL: [Self; 5] =
        [Self::Missed, Self::Wrong, Self::Stacked, Self::Double, Self::Account];

    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Wrong => "wrong",
            Self::Double => "double",
            Self::Stacked => "stacked",
            Self::Account => "account",
        }
    }

    /// The Chinese word of lists.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Missed => "漏",
            Self::Wrong => "错",
            Self::Double => "疑重",
            Self::Stacked => "叠",
            Self::Account => "缺账号",
        }
    }

    /// Reads the word in the books.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }

    /// Whether a batch waits until somebody has decided. A suspected duplicate is paid until somebody says otherwise.
    pub fn holds(self) -> bool {
        matches!(self, Self::Missed | Self::Wrong | Self::Stacked)
    }
}

/// Something that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidFinding {
    /// Which list.
    pub list: FindingList,
    /// About whom.
    pub person: u64,
    /// Their name; empty where the register has nobody of that id any more.
    pub name: String,
    /// The other person's id, or the other programme; empty.
    pub other: String,
    /// The line.
    pub line: Option<u64>,
    /// Owed, in fen.
    pub owed: i64,
    /// In the batch, in fen.
    pub amount: i64,
    /// The facts.
    pub why: String,
    /// What was decided, why, by whom, when.
    pub decided: Option<(String, String, String, Timestamp)>,
}

/// A finding that the caller reckons itself.
#[derive(Clone, Copy, Debug)]
pub struct NewFinding {
    /// About whom.
    pub person: u64,
    /// The line.
    pub line: u64,
    /// In the batch, in fen.
    pub amount: i64,
}

impl Tx<'_> {
    /// Finds what is missed, wrong, double and stacked in a batch against an assessment. What nobody decided about is found
    /// anew; what somebody decided stands. `apart`: programmes that do not go beside the batch's own.
    ///
    /// # Errors
    /// What the engine says.
    pub fn check_aid_batch(
        &mut self,
        county: u32,
        batch: &AidBatch,
        run: u64,
        apart: &[&str],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "delete from aid_finding where county = $1 and batch_id = $2 and decided is null",
            &[county.into(), batch.id.into()],
        )?;
        let args: Vec<V> = vec![
            county.into(),
            run.into(),
            (&batch.programme).into(),
            (&batch.period).into(),
            batch.id.into(),
            at.to_string().into(),
        ];
        self.find_aid(
            "missed",
            &format!(
                "select x.person_id, '' as other, null as line, x.remaining as owed, 0 as amount, x.facts as why
                   from ({LEFT}) x
                  where x.remaining > 0
                    and not exists (select 1 from aid_entitlement e
                                     where e.county = $1 and e.person_id = x.person_id and e.programme = $3
                                       and e.period = $4 and e.part = x.part and e.state = 'in')"
            ),
            &args,
        )?;
        self.find_aid(
            "wrong",
            &format!(
                "select e.person_id, '' as other, e.entitlement_id as line, coalesce(x.remaining, 0) as owed, e.amount,
                        coalesce(x.facts, '') as why
                   from aid_entitlement e
                   left join ({LEFT}) x on x.person_id = e.person_id and x.part = e.part
                  where e.county = $1 and e.batch_id = $5 and e.state = 'in' and coalesce(x.remaining, 0) <> e.amount"
            ),
            &args,
        )?;
        let args = [county.into(), batch.id.into(), at.to_string().into()];
        // A missing day or month of birth says too little to call two of one name one. What is joined with itself is made once:
        // SQLite would otherwise compare each line with each.
        self.find_aid_simple(
            "double",
            "with t as materialized
                    (select e.entitlement_id, e.person_id, e.amount, p.name, p.born_on
                       from aid_entitlement e
                       join person p on p.county = e.county and p.person_id = e.person_id
                      where e.county = $1 and e.batch_id = $2 and e.state = 'in' and length(p.born_on) = 10),
                  twins as materialized
                    (select name, born_on from t group by name, born_on having count(*) > 1)
             select b.person_id, cast(a.person_id as text) as other, b.entitlement_id as line, b.amount as owed,
                    b.amount, 'same_name_and_birth' as why
               from twins w
               join t a on a.name = w.name and a.born_on = w.born_on
               join t b on b.name = w.name and b.born_on = w.born_on and a.person_id < b.person_id",
            &args,
        )?;
        self.find_aid_simple(
            "double",
            "with t as materialized
                    (select e.entitlement_id, e.person_id, e.amount from aid_entitlement e
                      where e.county = $1 and e.batch_id = $2 and e.state = 'in'),
                  pairs as materialized
                    (select distinct case when l.person_id < m.person_id then l.person_id else m.person_id end as one,
                            case when l.person_id < m.person_id then m.person_id else l.person_id end as two
                       from link_ask k
                       join row_link l on l.county = k.county and l.row_id = k.left_row
                       join row_link m on m.county = k.county and m.row_id = k.right_row
                        and m.person_id <> l.person_id
                      where k.county = $1)
             select b.person_id, cast(a.person_id as text) as other, b.entitlement_id as line, b.amount as owed,
                    b.amount, 'asked_pair' as why
               from pairs k
               join t a on a.person_id = k.one
               join t b on b.person_id = k.two",
            &args,
        )?;
        self.find_aid_stacked(county, batch, run, apart, at)
    }

    /// Finds who is paid, or about to be, by a programme that does not go beside the batch's own.
    ///
    /// # Errors
    /// What the engine says.
    pub fn find_aid_stacked(
        &mut self,
        county: u32,
        batch: &AidBatch,
        run: u64,
        apart: &[&str],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if apart.is_empty() {
            return Ok(());
        }
        let mut args: Vec<V> = vec![
            county.into(),
            batch.id.into(),
            at.to_string().into(),
            (&batch.period).into(),
            run.into(),
        ];
        let places: Vec<String> = apart
            .iter()
            .map(|key| {
                args.push((*key).into());
                format!("${}", args.len())
            })
            .collect();
        let places = places.join(", ");
        let sql = format!(
            "select e.person_id, o.programme as other, e.entitlement_id as line, 0 as owed, e.amount, '' as why
               from (select y.holder as person_id, y.programme from aid_payment y
                      where y.county = $1 and y.period = $4 and y.programme in ({places}) and y.state <> 'stopped'
                     union
                     select n.person_id, n.programme from aid_entitlement n
                      where n.county = $1 and n.period = $4 and n.programme in ({places}) and n.state = 'in'
                     union
                     select d.subject_id, d.kind from deed d
                      where d.county = $1 and d.run_id = $5 and d.area = 'aid' and d.kind in ({places})
                        and d.period = $4 and d.subject_kind = 'person' and d.counted > 0) o
               join aid_entitlement e on e.county = $1 and e.batch_id = $2 and e.person_id = o.person_id
                and e.state = 'in'"
        );
        self.find_aid_simple("stacked", &sql, &args)
    }

    /// Lists those with no account to send money to.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_aid_accountless(
        &mut self,
        county: u32,
        batch: u64,
        found: &[NewFinding],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "delete from aid_finding where county = $1 and batch_id = $2 and list = 'account'",
            &[county.into(), batch.into()],
        )?;
        let at = at.to_string();
        self.bulk(
            "aid_finding",
            [
                "county",
                "batch_id",
                "list",
                "person_id",
                "other",
                "entitlement_id",
                "owed",
                "amount",
                "why",
                "found_at",
            ],
            found.iter().map(|f| {
                [
                    county.into(),
                    batch.into(),
                    "account".into(),
                    f.person.into(),
                    "".into(),
                    f.line.into(),
                    f.amount.into(),
                    f.amount.into(),
                    "".into(),
                    (&at).into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// Decides about a finding; `false` if there is none that waits.
    ///
    /// # Errors
    /// What the engine says.
    pub fn decide_aid_finding(
        &mut self,
        county: u32,
        batch: u64,
        about: (FindingList, u64, &str),
        decided: &str,
        why: &str,
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let (list, person, other) = about;
        let changed = self.execute(
            "update aid_finding set decided = $6, decided_why = $7, decided_by = $8, decided_at = $9
              where county = $1 and batch_id = $2 and list = $3 and person_id = $4 and other = $5 and decided is null",
            &[
                county.into(),
                batch.into(),
                list.code().into(),
                person.into(),
                other.into(),
                decided.into(),
                why.into(),
                (&by.login).into(),
                by.at.to_string().into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// The findings of a batch: those of one list where one is named, those that wait first. `within`: a condition on
    /// persons with alias `p`, with arguments from `$3` on.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_findings(
        &mut self,
        county: u32,
        batch: u64,
        list: Option<FindingList>,
        limit: u32,
        within: (&str, &[V<'static>]),
    ) -> Result<Vec<AidFinding>, StoreError> {
        let mut args: Vec<V> = vec![county.into(), batch.into()];
        args.extend_from_slice(within.1);
        let list = match list {
            None => String::new(),
            Some(list) => format!("and f.list = '{}'", list.code()),
        };
        let limit = if limit == 0 { String::new() } else { format!("limit {limit}") };
        let sql = format!(
            "select f.list, f.person_id, coalesce(p.name, e.name, ''), f.other, f.entitlement_id, f.owed, f.amount, f.why,
                    f.decided, f.decided_why, f.decided_by, f.decided_at
               from aid_finding f
               left join person p on p.county = f.county and p.person_id = f.person_id
               left join aid_entitlement e on e.county = f.county and e.entitlement_id = f.entitlement_id
              where f.county = $1 and f.batch_id = $2 {list} and {}
              order by case when f.decided is null then 0 else 1 end, f.list, f.person_id, f.other {limit}",
            within.0
        );
        self.query(&sql, &args, |r| {
            let decided = match r.get::<Option<String>>(8)? {
                None => None,
                Some(what) => {
                    Some((what, r.get(9)?, r.get(10)?, time(r, 11)?.ok_or_else(|| r.bad(11))?))
                }
            };
            Ok(AidFinding {
                list: r.parse(0, FindingList::parse)?.ok_or_else(|| r.bad(0))?,
                person: r.get(1)?,
                name: r.get(2)?,
                other: r.get(3)?,
                line: r.get(4)?,
                owed: r.get(5)?,
                amount: r.get(6)?,
                why: r.get(7)?,
                decided,
            })
        })
    }

    /// How many findings wait and how many are decided, list by list.
    ///
    /// # Errors
    /// What the engine says.
    pub fn count_aid_findings(
        &mut self,
        county: u32,
        batch: u64,
    ) -> Result<Vec<(FindingList, u64, u64)>, StoreError> {
        self.query(
            "select list, cast(sum(case when decided is null then 1 else 0 end) as bigint),
                    cast(sum(case when decided is null then 0 else 1 end) as bigint)
               from aid_finding where county = $1 and batch_id = $2 group by list order by list",
            &[county.into(), batch.into()],
            |r| {
                Ok((r.parse(0, FindingList::parse)?.ok_or_else(|| r.bad(0))?, r.get(1)?, r.get(2)?))
            },
        )
    }

    /// Findings of six arguments: county, run, programme, period, batch, time.
    fn find_aid(&mut self, list: &str, found: &str, args: &[V]) -> Result<(), StoreError> {
        self.put_findings(list, found, "$5", "$6", args)
    }

    /// Findings of three arguments: county, batch, time.
    fn find_aid_simple(&mut self, list: &str, found: &str, args: &[V]) -> Result<(), StoreError> {
        self.put_findings(list, found, "$2", "$3", args)
    }

    fn put_findings(
        &mut self,
        list: &str,
        found: &str,
        batch: &str,
        at: &str,
        args: &[V],
    ) -> Result<(), StoreError> {
        // What was mended may go wrong again; what a person decided stands.
        let sql = format!(
            "insert into aid_finding (county, batch_id, list, person_id, other, entitlement_id, owed, amount, why, found_at)
             select cast($1 as bigint), cast({batch} as bigint), '{list}', z.person_id, z.other, cast(z.line as bigint),
                    z.owed, z.amount, z.why, {at}
               from ({found}) z where 1 = 1
             on conflict (county, batch_id, list, person_id, other) do update
                set entitlement_id = excluded.entitlement_id, owed = excluded.owed, amount = excluded.amount,
                    why = excluded.why, found_at = excluded.found_at,
                    decided = null, decided_why = null, decided_by = null, decided_at = null
              where aid_finding.decided = 'mended'"
        );
        self.execute(&sql, args)?;
        Ok(())
    }
}
