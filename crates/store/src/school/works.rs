//! Inspections, projects, pictures, the lives of schools and the switches of posts.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Author, author};
use crate::{Row, StoreError, Tx};

/// An inspection to be kept.
#[derive(Clone, Debug)]
pub struct NewInspection {
    /// Made on the device: the same inspection comes in once.
    pub key: String,
    /// The school.
    pub school: u64,
    /// The day.
    pub on: Date,
    /// Children counted on the spot.
    pub counted: Option<i64>,
    /// What else there is to say.
    pub note: String,
    /// The checks: key, whether it is well, the fault, and by when it is to be put right.
    pub items: Vec<(String, bool, String, Option<Date>)>,
    /// Who.
    pub by: Author,
}

/// An inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// From 1.
    pub number: u64,
    /// The school.
    pub school: u64,
    /// The day.
    pub on: Date,
    /// Children counted on the spot.
    pub counted: Option<i64>,
    /// What else there is to say.
    pub note: String,
    /// Who.
    pub by: Author,
}

/// One check of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectionItem {
    /// Of which inspection.
    pub inspection: u64,
    /// The check.
    pub check: String,
    /// Whether it is well.
    pub ok: bool,
    /// What is not.
    pub fault: String,
    /// By when it is to be put right.
    pub due_on: Option<Date>,
}

/// A second look at a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recheck {
    /// Of which inspection.
    pub inspection: u64,
    /// The check.
    pub check: String,
    /// The day.
    pub on: Date,
    /// Whether it is well now.
    pub ok: bool,
    /// What was seen.
    pub note: String,
    /// Who.
    pub by: Author,
}

/// A picture to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewSchoolPhoto<'a> {
    /// Its key.
    pub key: [u8; 16],
    /// The school.
    pub school: u64,
    /// `inspection`, `measure`, `project`.
    pub about: &'a str,
    /// Of the inspection, source row or project.
    pub number: u64,
    /// The check, the step, or empty.
    pub part: &'a str,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// `jpeg`, `png`, `webp`.
    pub kind: &'a str,
    /// The picture.
    pub bytes: &'a [u8],
    /// Who.
    pub login: &'a str,
    /// When.
    pub at: Timestamp,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolPhoto {
    /// The school.
    pub school: u64,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// `jpeg`, `png`, `webp`.
    pub kind: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// A project to be kept.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// The school.
    pub school: u64,
    /// The kind of the duty that it makes good.
    pub standard: String,
    /// What people call it.
    pub title: String,
    /// How much is missing, in units of the duty.
    pub need: i64,
    /// The unit.
    pub unit: String,
    /// What it costs by the table of prices, in fen.
    pub cost: i64,
    /// Who.
    pub by: Author,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// From 1.
    pub number: u64,
    /// The school.
    pub school: u64,
    /// The kind of the duty that it makes good.
    pub standard: String,
    /// What people call it.
    pub title: String,
    /// How much is missing.
    pub need: i64,
    /// The unit.
    pub unit: String,
    /// What it costs by the table of prices, in fen.
    pub cost: i64,
    /// Login and name of its author, and when.
    pub by: (String, String, Timestamp),
}

/// What happened in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectStep {
    /// Of which project.
    pub project: u64,
    /// From 1.
    pub number: u64,
    /// The day.
    pub on: Date,
    /// `funded`, `contracted`, `progress`, `accepted`, `dropped`.
    pub code: String,
    /// Fen granted, contracted or paid.
    pub amount: Option<i64>,
    /// Made good, in units of the duty.
    pub quantity: Option<i64>,
    /// Of the work.
    pub percent: Option<i64>,
    /// The fund, or who builds.
    pub party: String,
    /// What else there is to say.
    pub note: String,
    /// Who.
    pub by: Author,
}

/// One turn in the life of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolTurn {
    /// The school.
    pub school: u64,
    /// The first day on which it holds.
    pub on: Date,
    /// What.
    pub turn: String,
    /// The school that it went into or came out of.
    pub other: Option<u64>,
    /// What else there is to say.
    pub note: String,
    /// Login and name of who said so, and when.
    pub by: (String, String, Timestamp),
}

/// An addition to the posts, switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Which.
    pub addition: String,
    /// On or off.
    pub on: bool,
    /// Why.
    pub why: String,
    /// Login and name of who did, and when.
    pub by: (String, String, Timestamp),
}

fn day(r: &Row<'_>, column: usize) -> Result<Date, StoreError> {
    r.parse(column, |d| d.parse().ok())?.ok_or_else(|| r.bad(column))
}

fn who(r: &Row<'_>, at: usize) -> Result<(String, String, Timestamp), StoreError> {
    Ok((
        r.get(at)?,
        r.get(at + 1)?,
        r.parse(at + 2, |t| t.parse().ok())?.ok_or_else(|| r.bad(at + 2))?,
    ))
}

impl Tx<'_> {
    /// Keeps an inspection; its number. The same key again gives the number that it has.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_inspection(
        &mut self,
        county: u32,
        new: &NewInspection,
    ) -> Result<(u64, bool), StoreError> {
        let known = self.query_one(
            "select inspection_no from inspection where county = $1 and inspection_key = $2",
            &[county.into(), new.key.as_str().into()],
            |r| r.get::<u64>(0),
        )?;
        if let Some(number) = known {
            return Ok((number, false));
        }
        let number = self.next_number(county, "inspection", "inspection_no")?;
        self.execute(
            "insert into inspection (county, inspection_no, inspection_key, school_id, on_day, counted, note, user_id, login, name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                county.into(),
                number.into(),
                new.key.as_str().into(),
                new.school.into(),
                new.on.to_string().into(),
                new.counted.into(),
                new.note.as_str().into(),
                new.by.user.into(),
                new.by.login.as_str().into(),
                new.by.name.as_str().into(),
                new.by.at.to_string().into(),
            ],
        )?;
        let columns = ["county", "inspection_no", "check_key", "ok", "fault", "due_on"];
        self.bulk(
            "inspection_item",
            columns,
            new.items.iter().map(|(check, ok, fault, due)| {
                [
                    county.into(),
                    number.into(),
                    check.as_str().into(),
                    (*ok).into(),
                    fault.as_str().into(),
                    due.map(|d| d.to_string()).into(),
                ]
            }),
        )?;
        Ok((number, true))
    }

    fn next_number(&mut self, county: u32, table: &str, column: &str) -> Result<u64, StoreError> {
        let sql = format!("select coalesce(max({column}), 0) + 1 from {table} where county = $1");
        Ok(self.query_one(&sql, &[county.into()], |r| r.get(0))?.unwrap_or(1))
    }

    /// Inspections from a day on, the latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn inspections(&mut self, county: u32, from: Date) -> Result<Vec<Inspection>, StoreError> {
        self.query(
            "select inspection_no, school_id, on_day, counted, note, user_id, login, name, at
               from inspection where county = $1 and on_day >= $2 order by on_day desc, inspection_no desc",
            &[county.into(), from.to_string().into()],
            |r| {
                Ok(Inspection {
                    number: r.get(0)?,
                    school: r.get(1)?,
                    on: day(r, 2)?,
                    counted: r.get(3)?,
                    note: r.get(4)?,
                    by: author(r, 5)?,
                })
            },
        )
    }

    /// All checks of inspections, by inspection.
    ///
    /// # Errors
    /// What the engine says.
    pub fn inspection_items(&mut self, county: u32) -> Result<Vec<InspectionItem>, StoreError> {
        self.query(
            "select inspection_no, check_key, ok, fault, due_on from inspection_item where county = $1
              order by inspection_no, check_key",
            &[county.into()],
            |r| {
                Ok(InspectionItem {
                    inspection: r.get(0)?,
                    check: r.get(1)?,
                    ok: r.get(2)?,
                    fault: r.get(3)?,
                    due_on: r.parse(4, |d| d.parse().ok())?,
                })
            },
        )
    }

    /// Second looks, in order.
    ///
    /// # Errors
    /// What the engine says.
    pub fn rechecks(&mut self, county: u32) -> Result<Vec<Recheck>, StoreError> {
        self.query(
            "select inspection_no, check_key, on_day, ok, note, user_id, login, name, at from inspection_recheck
              where county = $1 order by inspection_no, check_key, recheck_no",
            &[county.into()],
            |r| {
                Ok(Recheck {
                    inspection: r.get(0)?,
                    check: r.get(1)?,
                    on: day(r, 2)?,
                    ok: r.get(3)?,
                    note: r.get(4)?,
                    by: author(r, 5)?,
                })
            },
        )
    }

    /// Keeps a second look.
    ///
    /// # Errors
    /// [`StoreError::ForeignKey`] if there is no such check; what the engine says.
    pub fn add_recheck(&mut self, county: u32, new: &Recheck) -> Result<(), StoreError> {
        let number = self
            .query_one(
                "select count(*) + 1 from inspection_recheck where county = $1 and inspection_no = $2 and check_key = $3",
                &[county.into(), new.inspection.into(), new.check.as_str().into()],
                |r| r.get::<u64>(0),
            )?
            .unwrap_or(1);
        self.execute(
            "insert into inspection_recheck (county, inspection_no, check_key, recheck_no, on_day, ok, note, user_id, login, name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                county.into(),
                new.inspection.into(),
                new.check.as_str().into(),
                number.into(),
                new.on.to_string().into(),
                new.ok.into(),
                new.note.as_str().into(),
                new.by.user.into(),
                new.by.login.as_str().into(),
                new.by.name.as_str().into(),
                new.by.at.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// Keeps a picture; a key that is there stays as it is.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_school_photo(
        &mut self,
        county: u32,
        new: &NewSchoolPhoto<'_>,
    ) -> Result<(), StoreError> {
        let sealed = self.keys().seal(new.bytes, &photo_context(county, &new.key));
        self.execute(
            "insert into school_photo (county, photo_key, school_id, about, number, part, sha256, kind, sealed, login, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (county, photo_key) do nothing",
            &[
                county.into(),
                (&new.key).into(),
                new.school.into(),
                new.about.into(),
                new.number.into(),
                new.part.into(),
                (&new.sha256).into(),
                new.kind.into(),
                sealed.into(),
                new.login.into(),
                new.at.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// A picture.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it was changed; what the engine says.
    pub fn school_photo(
        &mut self,
        county: u32,
        key: &[u8; 16],
    ) -> Result<Option<SchoolPhoto>, StoreError> {
        let keys = self.keys;
        self.query_one(
            "select school_id, sha256, kind, sealed from school_photo where county = $1 and photo_key = $2",
            &[county.into(), key.into()],
            |r| {
                Ok(SchoolPhoto {
                    school: r.get(0)?,
                    sha256: r.get(1)?,
                    kind: r.get(2)?,
                    bytes: keys.open(r.get(3)?, &photo_context(county, key))?,
                })
            },
        )
    }

    /// Keys of the pictures of one sort: number, part, key.
    ///
    /// # Errors
    /// What the engine says.
    pub fn school_photos(
        &mut self,
        county: u32,
        about: &str,
    ) -> Result<Vec<(u64, String, [u8; 16])>, StoreError> {
        self.query(
            "select number, part, photo_key from school_photo where county = $1 and about = $2 order by number, at, photo_key",
            &[county.into(), about.into()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
    }

    /// Begins a project; its number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_project(&mut self, county: u32, new: &NewProject) -> Result<u64, StoreError> {
        let number = self.next_number(county, "school_project", "project_no")?;
        self.execute(
            "insert into school_project (county, project_no, school_id, standard, title, need, unit, cost, login, name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                county.into(),
                number.into(),
                new.school.into(),
                new.standard.as_str().into(),
                new.title.as_str().into(),
                new.need.into(),
                new.unit.as_str().into(),
                new.cost.into(),
                new.by.login.as_str().into(),
                new.by.name.as_str().into(),
                new.by.at.to_string().into(),
            ],
        )?;
        Ok(number)
    }

    /// All projects, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn projects(&mut self, county: u32) -> Result<Vec<Project>, StoreError> {
        self.query(
            "select project_no, school_id, standard, title, need, unit, cost, login, name, at
               from school_project where county = $1 order by project_no",
            &[county.into()],
            |r| {
                Ok(Project {
                    number: r.get(0)?,
                    school: r.get(1)?,
                    standard: r.get(2)?,
                    title: r.get(3)?,
                    need: r.get(4)?,
                    unit: r.get(5)?,
                    cost: r.get(6)?,
                    by: who(r, 7)?,
                })
            },
        )
    }

    /// All steps of projects, by project and in order.
    ///
    /// # Errors
    /// What the engine says.
    pub fn project_steps(&mut self, county: u32) -> Result<Vec<ProjectStep>, StoreError> {
        self.query(
            "select project_no, step_no, on_day, code, amount, quantity, percent, party, note, user_id, login, name, at
               from school_step where county = $1 order by project_no, step_no",
            &[county.into()],
            |r| {
                Ok(ProjectStep {
                    project: r.get(0)?,
                    number: r.get(1)?,
                    on: day(r, 2)?,
                    code: r.get(3)?,
                    amount: r.get(4)?,
                    quantity: r.get(5)?,
                    percent: r.get(6)?,
                    party: r.get(7)?,
                    note: r.get(8)?,
                    by: author(r, 9)?,
                })
            },
        )
    }

    /// Keeps a step.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if somebody else took the same one at the same time; what the engine says.
    pub fn add_project_step(&mut self, county: u32, new: &ProjectStep) -> Result<(), StoreError> {
        self.execute(
            "insert into school_step (county, project_no, step_no, prev, on_day, code, amount, quantity, percent, party, note, user_id, login, name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            &[
                county.into(),
                new.project.into(),
                new.number.into(),
                (new.number > 1).then_some(new.number - 1).into(),
                new.on.to_string().into(),
                new.code.as_str().into(),
                new.amount.into(),
                new.quantity.into(),
                new.percent.into(),
                new.party.as_str().into(),
                new.note.as_str().into(),
                new.by.user.into(),
                new.by.login.as_str().into(),
                new.by.name.as_str().into(),
                new.by.at.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// Keeps a turn in the life of a school.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_school_turn(&mut self, county: u32, new: &SchoolTurn) -> Result<(), StoreError> {
        let number = self.next_number(county, "school_turn", "turn_no")?;
        self.execute(
            "insert into school_turn (county, turn_no, school_id, on_day, turn, other_id, note, login, name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                county.into(),
                number.into(),
                new.school.into(),
                new.on.to_string().into(),
                new.turn.as_str().into(),
                new.other.into(),
                new.note.as_str().into(),
                new.by.0.as_str().into(),
                new.by.1.as_str().into(),
                new.by.2.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// What happened to schools, in the order in which it was said.
    ///
    /// # Errors
    /// What the engine says.
    pub fn school_turns(&mut self, county: u32) -> Result<Vec<SchoolTurn>, StoreError> {
        self.query(
            "select school_id, on_day, turn, other_id, note, login, name, at from school_turn where county = $1 order by turn_no",
            &[county.into()],
            |r| {
                Ok(SchoolTurn {
                    school: r.get(0)?,
                    on: day(r, 1)?,
                    turn: r.get(2)?,
                    other: r.get(3)?,
                    note: r.get(4)?,
                    by: who(r, 5)?,
                })
            },
        )
    }

    /// Switches an addition.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_switch(&mut self, county: u32, new: &Switch) -> Result<(), StoreError> {
        let number = self.next_number(county, "post_switch", "switch_no")?;
        self.execute(
            "insert into post_switch (county, switch_no, addition, is_on, why, login, name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                county.into(),
                number.into(),
                new.addition.as_str().into(),
                new.on.into(),
                new.why.as_str().into(),
                new.by.0.as_str().into(),
                new.by.1.as_str().into(),
                new.by.2.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// Switches, in the order in which they were set.
    ///
    /// # Errors
    /// What the engine says.
    pub fn switches(&mut self, county: u32) -> Result<Vec<Switch>, StoreError> {
        self.query(
            "select addition, is_on, why, login, name, at from post_switch where county = $1 order by switch_no",
            &[county.into()],
            |r| Ok(Switch { addition: r.get(0)?, on: r.get(1)?, why: r.get(2)?, by: who(r, 3)? }),
        )
    }
}

fn photo_context(county: u32, key: &[u8; 16]) -> Vec<u8> {
    format!("school_photo {county} {:032x}", u128::from_be_bytes(*key)).into_bytes()
}
