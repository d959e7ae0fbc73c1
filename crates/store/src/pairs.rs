//! 一对一结对: mentors, runs of pairing and what they say of each pupil, and the pairs that stand.

use fujiao_model::{Division, Sex};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::accounts::time;
use crate::registers::division;
use crate::{Row, StoreError, Tx, V, marks};

/// Somebody who looks after pupils, or could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentor {
    /// From 1 within the county; 0 before it is booked.
    pub number: u64,
    /// Key of their kind in the rules.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Sex; `None`: not on file.
    pub sex: Option<Sex>,
    /// Where they work, in words.
    pub unit: String,
    /// The school that they work for.
    pub school: Option<u64>,
    /// The town.
    pub town: Option<Division>,
    /// The village.
    pub village: Option<Division>,
    /// Languages that they speak besides the common one.
    pub languages: Vec<String>,
    /// Subjects that they can teach.
    pub subjects: Vec<String>,
    /// Whether they are on duty where pupils board.
    pub boards_duty: bool,
    /// How many pupils they can look after; `None`: as the rules say.
    pub cap: Option<u32>,
    /// In the register.
    pub person: Option<u64>,
    /// Their account.
    pub user: Option<u64>,
    /// `teachers`, `pairings`, `hand`.
    pub source: String,
    /// When they signed the code of conduct.
    pub signed_on: Option<Date>,
    /// When they left, and why.
    pub left: Option<(Date, String)>,
    /// Sealed at rest; empty: not on file.
    pub phone: String,
    /// Since when they are on the list.
    pub made_at: Timestamp,
    /// Who put them there.
    pub made_by: String,
}

/// One reckoning of pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairRun {
    /// From 1 within the county; 0 before it is booked.
    pub number: u64,
    /// The day in the books.
    pub as_of: Date,
    /// `weighed`, `first`.
    pub keeping: String,
    /// What it was for.
    pub why: String,
    /// [`Tx::pair_base`] when it was reckoned.
    pub base: String,
    /// Pupils to be paired.
    pub pupils: u64,
    /// Mentors who could be.
    pub mentors: u64,
    /// How many pupils they can look after.
    pub places: u64,
    /// Pupils with a mentor.
    pub paired: u64,
    /// Points of all pairs.
    pub points: u64,
    /// What the plan costs, as the checker counts it.
    pub cost: String,
    /// `ok`, or what the checker says.
    pub verdict: String,
    /// `proposed`, `accepted`, `dropped`.
    pub state: String,
    /// Who asked for it.
    pub login: String,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

/// What a run says of a pupil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairLine {
    /// The pupil.
    pub person: u64,
    /// The mentor; `None`: nobody.
    pub mentor: Option<u64>,
    /// The mentor before.
    pub before: Option<u64>,
    /// `kept`, `new`, `left`, `must`, `moved`, `lost`, `none`.
    pub change: String,
    /// Points of the fit.
    pub points: u32,
    /// JSON: reasons of the pair with points, or reasons of none with how many mentors.
    pub reasons: String,
}

/// A pair that stands or stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// From 1 within the county; 0 before it is booked.
    pub number: u64,
    /// The pupil, by the id when it was booked.
    pub person: u64,
    /// The mentor.
    pub mentor: u64,
    /// Since when.
    pub from: Date,
    /// Until when, and why it ended.
    pub ended: Option<(Date, String)>,
    /// The run that made it; `None`: a roster says so.
    pub run: Option<u64>,
    /// Natural key of the source row that says so.
    pub row_key: [u8; 16],
}

const MENTOR: &str = "mentor_no, kind, name, sex, unit, school_id, town, village, languages, subjects, boards_duty, cap, \
     person_id, user_id, source, signed_on, left_on, left_why, sealed, made_at, made_by";

const RUN: &str = "run_no, as_of, keeping, why, base, pupils, mentors, places, paired, points, cost, verdict, state, login, \
     name, at, decided_by, decided_at";

impl Tx<'_> {
    /// Puts mentors on the list; the number of the first, the others follow.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if one of them is there by person or account.
    pub fn add_mentors(&mut self, county: u32, mentors: &[Mentor]) -> Result<u64, StoreError> {
        let first = self.next(county, "mentor", "mentor_no")?;
        let code = |place: Option<Division>| V::from(place.map(Division::code));
        let keys = self.keys;
        self.bulk(
            "mentor",
            [
                "county",
                "mentor_no",
                "kind",
                "name",
                "sex",
                "unit",
                "school_id",
                "town",
                "village",
                "languages",
                "subjects",
                "boards_duty",
                "cap",
                "person_id",
                "user_id",
                "source",
                "signed_on",
                "sealed",
                "made_at",
                "made_by",
            ],
            (first..).zip(mentors).map(|(number, m)| {
                let sealed = (!m.phone.is_empty())
                    .then(|| keys.seal(m.phone.as_bytes(), &context(county, number)));
                [
                    county.into(),
                    number.into(),
                    m.kind.as_str().into(),
                    m.name.as_str().into(),
                    m.sex.map(Sex::code).into(),
                    m.unit.as_str().into(),
                    m.school.into(),
                    code(m.town),
                    code(m.village),
                    m.languages.join(" ").into(),
                    m.subjects.join(" ").into(),
                    m.boards_duty.into(),
                    m.cap.into(),
                    m.person.into(),
                    m.user.into(),
                    m.source.as_str().into(),
                    m.signed_on.map(|d| d.to_string()).into(),
                    sealed.into(),
                    m.made_at.to_string().into(),
                    m.made_by.as_str().into(),
                ]
            }),
        )?;
        Ok(first)
    }

    /// Writes down what is known of a mentor now.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if another is that person or has that account.
    pub fn set_mentor(&mut self, county: u32, m: &Mentor) -> Result<(), StoreError> {
        let code = |place: Option<Division>| V::from(place.map(Division::code));
        let sealed = (!m.phone.is_empty())
            .then(|| self.keys.seal(m.phone.as_bytes(), &context(county, m.number)));
        let (left_on, left_why) = match &m.left {
            Some((day, why)) => (Some(day.to_string()), Some(why.as_str())),
            None => (None, None),
        };
        self.execute(
            "update mentor set kind = $3, name = $4, sex = $5, unit = $6, school_id = $7, town = $8, village = $9,
                    languages = $10, subjects = $11, boards_duty = $12, cap = $13, person_id = $14, user_id = $15,
                    signed_on = $16, left_on = $17, left_why = $18, sealed = $19
              where county = $1 and mentor_no = $2",
            &[
                county.into(),
                m.number.into(),
                m.kind.as_str().into(),
                m.name.as_str().into(),
                m.sex.map(Sex::code).into(),
                m.unit.as_str().into(),
                m.school.into(),
                code(m.town),
                code(m.village),
                m.languages.join(" ").into(),
                m.subjects.join(" ").into(),
                m.boards_duty.into(),
                m.cap.into(),
                m.person.into(),
                m.user.into(),
                m.signed_on.map(|d| d.to_string()).into(),
                left_on.into(),
                left_why.into(),
                sealed.into(),
            ],
        )?;
        Ok(())
    }

    /// Mentors sign the code of conduct on a day; how many had not.
    ///
    /// # Errors
    /// What the engine says.
    pub fn sign_mentors(
        &mut self,
        county: u32,
        numbers: &[u64],
        on: Date,
    ) -> Result<u64, StoreError> {
        let mut signed = 0;
        for chunk in numbers.chunks(256) {
            let mut args: Vec<V> = vec![county.into(), on.to_string().into()];
            args.extend(chunk.iter().map(|number| V::from(*number)));
            let marks = marks(3..=args.len());
            let sql = format!(
                "update mentor set signed_on = $2
                  where county = $1 and signed_on is null and left_on is null and mentor_no in ({marks})"
            );
            signed += self.execute(&sql, &args)?;
        }
        Ok(signed)
    }

    /// All mentors, those who left too, by number.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if a phone was changed or moved; what the engine says.
    pub fn mentors(&mut self, county: u32) -> Result<Vec<Mentor>, StoreError> {
        let keys = self.keys;
        let sql = format!("select {MENTOR} from mentor where county = $1 order by mentor_no");
        self.query(&sql, &[county.into()], |r| mentor(r, keys, county))
    }

    /// One mentor.
    ///
    /// # Errors
    /// As for [`Tx::mentors`].
    pub fn mentor(&mut self, county: u32, number: u64) -> Result<Option<Mentor>, StoreError> {
        let keys = self.keys;
        let sql = format!("select {MENTOR} from mentor where county = $1 and mentor_no = $2");
        self.query_one(&sql, &[county.into(), number.into()], |r| mentor(r, keys, county))
    }

    /// The mentor of an account.
    ///
    /// # Errors
    /// As for [`Tx::mentors`].
    pub fn mentor_of_user(&mut self, county: u32, user: u64) -> Result<Option<Mentor>, StoreError> {
        let keys = self.keys;
        let sql = format!("select {MENTOR} from mentor where county = $1 and user_id = $2");
        self.query_one(&sql, &[county.into(), user.into()], |r| mentor(r, keys, county))
    }

    /// The state of the pairs: another as soon as one is made or ends.
    ///
    /// # Errors
    /// What the engine says.
    pub fn pair_base(&mut self, county: u32) -> Result<String, StoreError> {
        let sql = "select cast(count(*) as bigint), cast(coalesce(sum(case when to_day is null then 1 else 0 end), 0) as bigint)
                     from pair where county = $1";
        let found = self.query_one(sql, &[county.into()], |r| {
            Ok(format!("{}/{}", r.get::<i64>(1)?, r.get::<i64>(0)?))
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Books a run with its lines; its number. Earlier proposals are dropped: they start from what may change now.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_pair_run(
        &mut self,
        county: u32,
        run: &PairRun,
        lines: &[PairLine],
    ) -> Result<u64, StoreError> {
        self.execute(
            "update pair_run set state = 'dropped', decided_by = $2, decided_at = $3
              where county = $1 and state = 'proposed'",
            &[county.into(), run.login.as_str().into(), run.at.to_string().into()],
        )?;
        let number = self.next(county, "pair_run", "run_no")?;
        self.bulk(
            "pair_run",
            [
                "county", "run_no", "as_of", "keeping", "why", "base", "pupils", "mentors",
                "places", "paired", "points", "cost", "verdict", "state", "login", "name", "at",
            ],
            [[
                county.into(),
                number.into(),
                run.as_of.to_string().into(),
                run.keeping.as_str().into(),
                run.why.as_str().into(),
                run.base.as_str().into(),
                run.pupils.into(),
                run.mentors.into(),
                run.places.into(),
                run.paired.into(),
                run.points.into(),
                run.cost.as_str().into(),
                run.verdict.as_str().into(),
                "proposed".into(),
                run.login.as_str().into(),
                run.name.as_str().into(),
                run.at.to_string().into(),
            ]],
        )?;
        self.bulk(
            "pair_line",
            [
                "county",
                "run_no",
                "person_id",
                "mentor_no",
                "before_no",
                "change",
                "points",
                "reasons",
            ],
            lines.iter().map(|l| {
                [
                    county.into(),
                    number.into(),
                    l.person.into(),
                    l.mentor.into(),
                    l.before.into(),
                    l.change.as_str().into(),
                    l.points.into(),
                    l.reasons.as_str().into(),
                ]
            }),
        )?;
        Ok(number)
    }

    /// Decides a run that is proposed; whether it was.
    ///
    /// # Errors
    /// What the engine says of its constraint, for one that the checker did not prove.
    pub fn decide_pair_run(
        &mut self,
        county: u32,
        number: u64,
        state: &str,
        (login, at): (&str, Timestamp),
    ) -> Result<bool, StoreError> {
        self.decide_run("pair_run", (county, number), state, (login, at))
    }

    /// Decides a run of some kind that is proposed; whether it was.
    pub(crate) fn decide_run(
        &mut self,
        table: &str,
        (county, number): (u32, u64),
        state: &str,
        (login, at): (&str, Timestamp),
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            &format!(
                "update {table} set state = $3, decided_by = $4, decided_at = $5
                  where county = $1 and run_no = $2 and state = 'proposed'"
            ),
            &[county.into(), number.into(), state.into(), login.into(), at.to_string().into()],
        )?;
        Ok(changed == 1)
    }

    /// The runs, the latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn pair_runs(&mut self, county: u32, most: u32) -> Result<Vec<PairRun>, StoreError> {
        let sql =
            format!("select {RUN} from pair_run where county = $1 order by run_no desc limit $2");
        self.query(&sql, &[county.into(), most.into()], run)
    }

    /// One run.
    ///
    /// # Errors
    /// What the engine says.
    pub fn pair_run(&mut self, county: u32, number: u64) -> Result<Option<PairRun>, StoreError> {
        let sql = format!("select {RUN} from pair_run where county = $1 and run_no = $2");
        self.query_one(&sql, &[county.into(), number.into()], run)
    }

    /// The lines of a run, by person.
    ///
    /// # Errors
    /// What the engine says.
    pub fn pair_lines(&mut self, county: u32, number: u64) -> Result<Vec<PairLine>, StoreError> {
        let sql = "select person_id, mentor_no, before_no, change, points, reasons from pair_line
                    where county = $1 and run_no = $2 order by person_id";
        self.query(sql, &[county.into(), number.into()], |r| {
            Ok(PairLine {
                person: r.get(0)?,
                mentor: r.get(1)?,
                before: r.get(2)?,
                change: r.get(3)?,
                points: r.get(4)?,
                reasons: r.get(5)?,
            })
        })
    }

    /// Books pairs that stand.
    ///
    /// # Errors
    /// [`StoreError::Unique`] for a child who has one.
    pub fn add_pairs(&mut self, county: u32, pairs: &[Pair]) -> Result<(), StoreError> {
        let first = self.next(county, "pair", "pair_no")?;
        self.bulk(
            "pair",
            ["county", "pair_no", "person_id", "mentor_no", "from_day", "run_no", "row_key"],
            (first..).zip(pairs).map(|(number, p)| {
                [
                    county.into(),
                    number.into(),
                    p.person.into(),
                    p.mentor.into(),
                    p.from.to_string().into(),
                    p.run.into(),
                    (&p.row_key).into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// Ends pairs that stand, on a day, for a reason.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_pairs(
        &mut self,
        county: u32,
        numbers: &[u64],
        on: Date,
        why: &str,
    ) -> Result<(), StoreError> {
        for chunk in numbers.chunks(256) {
            let mut args: Vec<V> = vec![county.into(), on.to_string().into(), why.into()];
            args.extend(chunk.iter().map(|number| V::from(*number)));
            let marks = marks(4..=args.len());
            let sql = format!(
                "update pair set to_day = $2, end_why = $3
                  where county = $1 and to_day is null and pair_no in ({marks})"
            );
            self.execute(&sql, &args)?;
        }
        Ok(())
    }

    /// The pairs that stand, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn live_pairs(&mut self, county: u32) -> Result<Vec<Pair>, StoreError> {
        self.pairs_where("county = $1 and to_day is null", &[county.into()])
    }

    /// The pairs of a mentor that stand, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn pairs_of_mentor(&mut self, county: u32, mentor: u64) -> Result<Vec<Pair>, StoreError> {
        let args: [V; 2] = [county.into(), mentor.into()];
        self.pairs_where("county = $1 and mentor_no = $2 and to_day is null", &args)
    }

    /// All pairs of a child, those that ended too, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn pairs_of_person(&mut self, county: u32, person: u64) -> Result<Vec<Pair>, StoreError> {
        let args: [V; 2] = [county.into(), person.into()];
        self.pairs_where("county = $1 and person_id = $2", &args)
    }

    fn pairs_where(&mut self, condition: &str, args: &[V]) -> Result<Vec<Pair>, StoreError> {
        let sql = format!(
            "select pair_no, person_id, mentor_no, from_day, to_day, end_why, run_no, row_key from pair
              where {condition} order by pair_no"
        );
        self.query(&sql, args, |r| {
            let ended = day(r, 4)?;
            let why: Option<String> = r.get(5)?;
            Ok(Pair {
                number: r.get(0)?,
                person: r.get(1)?,
                mentor: r.get(2)?,
                from: day(r, 3)?.ok_or_else(|| r.bad(3))?,
                ended: ended.zip(why),
                run: r.get(6)?,
                row_key: r.get(7)?,
            })
        })
    }
}

fn day(r: &Row, column: usize) -> Result<Option<Date>, StoreError> {
    r.parse(column, |text| text.parse().ok())
}

fn words(r: &Row, column: usize) -> Result<Vec<String>, StoreError> {
    Ok(r.get::<&str>(column)?.split_whitespace().map(Into::into).collect())
}

fn mentor(r: &Row, keys: &crate::Keys, county: u32) -> Result<Mentor, StoreError> {
    let number = r.get(0)?;
    let phone = match r.get::<Option<&[u8]>>(18)? {
        Some(sealed) => String::from_utf8(keys.open(sealed, &context(county, number))?)
            .map_err(|_| r.bad(18))?,
        None => String::new(),
    };
    let left_why: Option<String> = r.get(17)?;
    Ok(Mentor {
        number,
        kind: r.get(1)?,
        name: r.get(2)?,
        sex: r.parse(3, Sex::parse)?,
        unit: r.get(4)?,
        school: r.get(5)?,
        town: division(r, 6)?,
        village: division(r, 7)?,
        languages: words(r, 8)?,
        subjects: words(r, 9)?,
        boards_duty: r.get(10)?,
        cap: r.get(11)?,
        person: r.get(12)?,
        user: r.get(13)?,
        source: r.get(14)?,
        signed_on: day(r, 15)?,
        left: day(r, 16)?.zip(left_why),
        phone,
        made_at: time(r, 19)?,
        made_by: r.get(20)?,
    })
}

fn run(r: &Row) -> Result<PairRun, StoreError> {
    let by: Option<String> = r.get(16)?;
    let at = r.parse(17, |t| t.parse().ok())?;
    Ok(PairRun {
        number: r.get(0)?,
        as_of: day(r, 1)?.ok_or_else(|| r.bad(1))?,
        keeping: r.get(2)?,
        why: r.get(3)?,
        base: r.get(4)?,
        pupils: r.get(5)?,
        mentors: r.get(6)?,
        places: r.get(7)?,
        paired: r.get(8)?,
        points: r.get(9)?,
        cost: r.get(10)?,
        verdict: r.get(11)?,
        state: r.get(12)?,
        login: r.get(13)?,
        name: r.get(14)?,
        at: time(r, 15)?,
        decided: by.zip(at),
    })
}

fn context(county: u32, number: u64) -> Vec<u8> {
    format!("mentor {county} {number}").into_bytes()
}
