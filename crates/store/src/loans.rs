//! 生源地信用助学贷款: applications and what happened to each. Schedules are reckoned from them and never kept.

use jiff::civil::Date;

use crate::accounts::time;
use crate::{Row, Signed, StoreError, Tx, V};

/// Who borrows with a student. `None` is not on file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredCoBorrower {
    /// Their name.
    pub name: String,
    /// Whether they are father, mother or another guardian.
    pub guardian: Option<bool>,
    /// Age in whole years.
    pub age: Option<u8>,
    /// 完全民事行为能力
    pub capable: Option<bool>,
    /// Whether their household register is in the county.
    pub hukou_here: Option<bool>,
    /// Whether they have a state loan that is not repaid.
    pub open_loan: Option<bool>,
}

/// An application for one school year. `None` is not on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLoan {
    /// From 1 within the county; 0 before it is booked.
    pub id: u64,
    /// The student, as they are called now.
    pub person: u64,
    /// Their name in the register; empty if they are in none.
    pub name: String,
    /// Town and village of their register, in words.
    pub place: String,
    /// The year in which the school year begins.
    pub school_year: i16,
    /// A postgraduate; otherwise 本专科.
    pub postgraduate: bool,
    /// The university.
    pub university: String,
    /// School years from this one on.
    pub remaining: u8,
    /// Fen.
    pub amount: i64,
    /// Tuition of the year, fen.
    pub tuition: Option<i64>,
    /// Dormitory of the year, fen.
    pub lodging: Option<i64>,
    /// 全日制
    pub full_time: Option<bool>,
    /// Whether the student's register before entry was in the county.
    pub hukou_here: Option<bool>,
    /// Whether another state loan covers the year.
    pub other_loan: Option<bool>,
    /// Who borrows with the student.
    pub co_borrower: StoredCoBorrower,
    /// When it was applied for.
    pub applied_on: Date,
    /// Who took the application: a login.
    pub applied_by: String,
    /// Code of the state after the last step.
    pub state: String,
    /// How many steps it has.
    pub steps: u32,
    /// The day of the last step.
    pub last_on: Date,
}

/// Something that happened to a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLoanStep {
    /// The loan.
    pub loan: u64,
    /// From 1.
    pub number: u32,
    /// Which.
    pub code: String,
    /// The state after it.
    pub state: String,
    /// The day.
    pub on: Date,
    /// Fen.
    pub amount: Option<i64>,
    /// A year, basis points, or years of service.
    pub n: Option<i32>,
    /// Base of a rate, kind of service, or who paid.
    pub word: Option<String>,
    /// What was said of it.
    pub note: String,
    /// Who wrote it, and when.
    pub by: Signed,
}

/// A step to be booked.
#[derive(Clone, Copy, Debug)]
pub struct NewLoanStep<'a> {
    /// The loan.
    pub loan: u64,
    /// Number of the step before: 0 for the first.
    pub after: u32,
    /// The state before; empty for the first.
    pub from: &'a str,
    /// The state after.
    pub state: &'a str,
    /// Which.
    pub code: &'a str,
    /// The day.
    pub on: Date,
    /// Fen.
    pub amount: Option<i64>,
    /// A number.
    pub n: Option<i32>,
    /// A word.
    pub word: Option<&'a str>,
    /// What is said of it.
    pub note: &'a str,
    /// Of a qualification: who took the application.
    pub maker: Option<&'a str>,
}

/// A loan of the books as the assessment needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LentLoan {
    /// The loan, with its state.
    pub loan: StoredLoan,
    /// When the money was paid out.
    pub disbursed_on: Option<Date>,
}

const LOAN: &str = "l.loan_id, l.holder, coalesce(p.name, ''), coalesce(t.name, ''), coalesce(v.name, ''), l.school_year, l.level, \
     l.university, l.remaining, l.amount, l.tuition, l.lodging, l.full_time, l.hukou_here, l.other_loan, l.co_name, \
     l.co_guardian, l.co_age, l.co_capable, l.co_hukou, l.co_loan, l.applied_on, l.applied_by, z.state, z.step, z.on_day";

/// Loans with the person, their place and the last step.
const FROM: &str = "loan l
     join loan_step z on z.county = l.county and z.loan_id = l.loan_id
      and z.step = (select max(m.step) from loan_step m where m.county = l.county and m.loan_id = l.loan_id)
     left join person p on p.county = l.county and p.person_id = l.holder
     left join place t on t.county = p.county and t.code = p.town
     left join place v on v.county = p.county and v.code = p.village";

impl Tx<'_> {
    /// Books an application with its first step; its id. `secret` is the co-borrower's id and phone.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if the student has a loan for the year.
    pub fn add_loan(
        &mut self,
        county: u32,
        new: &StoredLoan,
        secret: &str,
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "loan", "loan_id")?;
        let context = context(county, id);
        let sealed =
            (!secret.is_empty()).then(|| self.keys().seal(secret.as_bytes(), context.as_bytes()));
        let co = &new.co_borrower;
        self.bulk(
            "loan",
            [
                "county",
                "loan_id",
                "person_id",
                "holder",
                "school_year",
                "level",
                "university",
                "remaining",
                "amount",
                "tuition",
                "lodging",
                "full_time",
                "hukou_here",
                "other_loan",
                "co_name",
                "co_guardian",
                "co_age",
                "co_capable",
                "co_hukou",
                "co_loan",
                "sealed",
                "applied_on",
                "applied_by",
            ],
            [[
                county.into(),
                id.into(),
                new.person.into(),
                new.person.into(),
                new.school_year.into(),
                (if new.postgraduate { "pg" } else { "ug" }).into(),
                new.university.as_str().into(),
                new.remaining.into(),
                new.amount.into(),
                new.tuition.into(),
                new.lodging.into(),
                new.full_time.into(),
                new.hukou_here.into(),
                new.other_loan.into(),
                co.name.as_str().into(),
                co.guardian.into(),
                co.age.into(),
                co.capable.into(),
                co.hukou_here.into(),
                co.open_loan.into(),
                sealed.into(),
                new.applied_on.to_string().into(),
                by.login.as_str().into(),
            ]],
        )?;
        let step = NewLoanStep {
            loan: id,
            after: 0,
            from: "",
            state: "applied",
            code: "apply",
            on: new.applied_on,
            amount: None,
            n: None,
            word: None,
            note: "",
            maker: None,
        };
        self.add_loan_step(county, &step, by)?;
        Ok(id)
    }

    /// Books the next step of a loan.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if somebody else wrote the same number first; [`StoreError::ForeignKey`] if the state before is
    /// another.
    pub fn add_loan_step(
        &mut self,
        county: u32,
        step: &NewLoanStep,
        by: &Signed,
    ) -> Result<(), StoreError> {
        let prev = Some(step.after).filter(|n| *n > 0);
        self.bulk(
            "loan_step",
            [
                "county",
                "loan_id",
                "step",
                "prev",
                "from_state",
                "state",
                "code",
                "on_day",
                "amount",
                "number",
                "word",
                "note",
                "maker",
                "login",
                "name",
                "at",
            ],
            [[
                county.into(),
                step.loan.into(),
                (step.after + 1).into(),
                prev.into(),
                prev.map(|_| step.from).into(),
                step.state.into(),
                step.code.into(),
                step.on.to_string().into(),
                step.amount.into(),
                step.n.into(),
                step.word.into(),
                step.note.into(),
                step.maker.into(),
                by.login.as_str().into(),
                by.name.as_str().into(),
                by.at.to_string().into(),
            ]],
        )?;
        if matches!(step.state, "refused" | "lapsed") {
            self.execute(
                "update loan set ended = $3 where county = $1 and loan_id = $2",
                &[county.into(), step.loan.into(), step.state.into()],
            )?;
        }
        Ok(())
    }

    /// Loans by number; of one, of a school year, or all. `within`: a condition on persons with alias `p`, with arguments from
    /// `$4` on.
    ///
    /// # Errors
    /// What the engine says.
    pub fn loans(
        &mut self,
        county: u32,
        (one, school_year): (Option<u64>, Option<i16>),
        within: (&str, &[V<'static>]),
    ) -> Result<Vec<StoredLoan>, StoreError> {
        let sql = format!(
            "select {LOAN} from {FROM}
              where l.county = $1 and (cast($2 as bigint) is null or l.loan_id = $2)
                and (cast($3 as bigint) is null or l.school_year = $3) and {} order by l.loan_id",
            within.0
        );
        let mut args: Vec<V> = vec![county.into(), one.into(), school_year.into()];
        args.extend_from_slice(within.1);
        self.query(&sql, &args, loan)
    }

    /// Steps of one loan, or of all, by loan and number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn loan_steps(
        &mut self,
        county: u32,
        loan: Option<u64>,
    ) -> Result<Vec<StoredLoanStep>, StoreError> {
        self.query(
            "select loan_id, step, code, state, on_day, amount, number, word, note, login, name, at from loan_step
              where county = $1 and (cast($2 as bigint) is null or loan_id = $2) order by loan_id, step",
            &[county.into(), loan.into()],
            |r| {
                Ok(StoredLoanStep {
                    loan: r.get(0)?,
                    number: r.get(1)?,
                    code: r.get(2)?,
                    state: r.get(3)?,
                    on: day(r, 4)?.ok_or_else(|| r.bad(4))?,
                    amount: r.get(5)?,
                    n: r.get(6)?,
                    word: r.get(7)?,
                    note: r.get(8)?,
                    by: Signed { login: r.get(9)?, name: r.get(10)?, at: time(r, 11)? },
                })
            },
        )
    }

    /// The co-borrower's id and phone, as they were written down.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if what is there was moved or changed.
    pub fn loan_secret(&mut self, county: u32, loan: u64) -> Result<String, StoreError> {
        let sealed: Option<Option<Vec<u8>>> = self.query_one(
            "select sealed from loan where county = $1 and loan_id = $2",
            &[county.into(), loan.into()],
            |r| r.get(0),
        )?;
        let Some(sealed) = sealed.flatten() else { return Ok(String::new()) };
        let context = context(county, loan);
        let open = self.keys().open(&sealed, context.as_bytes())?;
        String::from_utf8(open).map_err(|_| StoreError::Sealed(context))
    }

    /// Loans that ask for something or were paid out: what an assessment counts.
    ///
    /// # Errors
    /// What the engine says.
    pub fn lent_loans(&mut self, county: u32) -> Result<Vec<LentLoan>, StoreError> {
        let sql = format!(
            "select {LOAN}, (select d.on_day from loan_step d where d.county = l.county and d.loan_id = l.loan_id
                                and d.code = 'disburse')
               from {FROM} where l.county = $1 and l.ended is null order by l.loan_id"
        );
        self.query(&sql, &[county.into()], |r| {
            Ok(LentLoan { loan: loan(r)?, disbursed_on: day(r, 26)? })
        })
    }

    /// Gives the loans of one person to another, whom the registers now take for the same.
    ///
    /// # Errors
    /// What the engine says.
    pub fn move_loan_holder(&mut self, county: u32, from: u64, to: u64) -> Result<(), StoreError> {
        self.execute(
            "update loan set holder = $3 where county = $1 and holder = $2",
            &[county.into(), from.into(), to.into()],
        )?;
        Ok(())
    }

    /// Gives a person who came out of another the loans that were applied for under their own id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn return_loan_holder(&mut self, county: u32, person: u64) -> Result<(), StoreError> {
        self.execute(
            "update loan set holder = person_id where county = $1 and person_id = $2",
            &[county.into(), person.into()],
        )?;
        Ok(())
    }
}

fn context(county: u32, loan: u64) -> String {
    format!("loan {county} {loan}")
}

fn loan(r: &Row) -> Result<StoredLoan, StoreError> {
    let (town, village): (String, String) = (r.get(3)?, r.get(4)?);
    Ok(StoredLoan {
        id: r.get(0)?,
        person: r.get(1)?,
        name: r.get(2)?,
        place: if village.is_empty() { town } else { format!("{town}{village}") },
        school_year: r.get(5)?,
        postgraduate: r.get::<String>(6)? == "pg",
        university: r.get(7)?,
        remaining: r.get(8)?,
        amount: r.get(9)?,
        tuition: r.get(10)?,
        lodging: r.get(11)?,
        full_time: r.get(12)?,
        hukou_here: r.get(13)?,
        other_loan: r.get(14)?,
        co_borrower: StoredCoBorrower {
            name: r.get(15)?,
            guardian: r.get(16)?,
            age: r.get(17)?,
            capable: r.get(18)?,
            hukou_here: r.get(19)?,
            open_loan: r.get(20)?,
        },
        applied_on: day(r, 21)?.ok_or_else(|| r.bad(21))?,
        applied_by: r.get(22)?,
        state: r.get(23)?,
        steps: r.get(24)?,
        last_on: day(r, 25)?.ok_or_else(|| r.bad(25))?,
    })
}

fn day(r: &Row, column: usize) -> Result<Option<Date>, StoreError> {
    r.parse(column, |text| text.parse().ok())
}
