//! 营养餐月度检查: a checklist with faults and days, second looks, pictures.

use std::collections::BTreeMap;

use fujiao_model::{Area, Subject};
use fujiao_store::{Event, NewInspection, NewSchoolPhoto, Recheck};
use jiff::ToSpan;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{SchoolError, author, reaches};
use crate::access::{Actor, Right};
use crate::entries::{EntryKey, Photo};
use crate::{Office, OfficeError, picture};

/// The largest picture that is taken, in bytes: as of visits.
pub const PHOTO_BYTES: usize = crate::entries::PHOTO_BYTES;

/// How many pictures one check, step or measurement can have.
const PHOTOS: usize = 9;

/// An inspection as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InspectionForm {
    /// Made on the device: the same form comes in once.
    pub key: String,
    /// The school.
    pub school: u64,
    /// The day; `None`: not said.
    pub on: Option<Date>,
    /// Children counted on the spot, as written.
    pub counted: String,
    /// By check: well or not (`None`: not looked at), and the fault.
    pub items: BTreeMap<String, (Option<bool>, String)>,
    /// What else there is to say.
    pub note: String,
}

/// A fault that somebody found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultLine {
    /// The inspection.
    pub inspection: u64,
    /// The check.
    pub check: String,
    /// The question, in both languages.
    pub title: (String, String),
    /// What is wrong.
    pub fault: String,
    /// By when it is to be put right.
    pub due_on: Option<Date>,
    /// Second looks: day, whether it is well now, note, who.
    pub rechecks: Vec<(Date, bool, String, String)>,
    /// Pictures.
    pub photos: Vec<[u8; 16]>,
}

impl FaultLine {
    /// Whether it was put right.
    pub fn is_closed(&self) -> bool {
        self.rechecks.last().is_some_and(|r| r.1)
    }
}

/// An inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectionView {
    /// Its number.
    pub number: u64,
    /// The school.
    pub school: u64,
    /// Its name.
    pub name: String,
    /// The day.
    pub on: Date,
    /// Children counted on the spot.
    pub counted: Option<i64>,
    /// Who went.
    pub by: String,
    /// What else there is to say.
    pub note: String,
    /// Checks that are well.
    pub well: usize,
    /// Faults.
    pub faults: Vec<FaultLine>,
}

/// Inspections of a school year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InspectionsPage {
    /// The latest first.
    pub inspections: Vec<InspectionView>,
    /// Schools of the reader with the number of inspections this month.
    pub schools: Vec<(u64, String, usize)>,
    /// Whether the reader inspects.
    pub may_inspect: bool,
    /// The day in the books.
    pub today: Option<Date>,
}

impl Office {
    /// Inspections since the school year began, on the reader's ground; `school`: of one alone.
    ///
    /// # Errors
    /// Without [`Right::Schools`]; what the store says.
    pub fn inspections(
        &self,
        actor: &Actor,
        school: Option<u64>,
    ) -> Result<InspectionsPage, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Meals);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let year = fujiao_model::Term::of(today).school_year();
            let schools: BTreeMap<u64, fujiao_store::School> =
                tx.schools(county)?.into_iter().map(|s| (s.id, s)).collect();
            let theirs = |id: u64| {
                let of = schools.get(&id)?;
                let town = of.town.map(fujiao_model::Division::code);
                (scope.is_whole() || reaches(&scope, id, town)).then_some(of)
            };
            let items = tx.inspection_items(county)?;
            let rechecks = tx.rechecks(county)?;
            let photos = tx.school_photos(county, "inspection")?;
            let mut page = InspectionsPage {
                may_inspect: actor.may(Right::Inspect),
                today: Some(today),
                ..InspectionsPage::default()
            };
            let mut this_month: BTreeMap<u64, usize> = BTreeMap::new();
            for i in tx.inspections(county, jiff::civil::date(year, 9, 1))? {
                let Some(of) = theirs(i.school) else { continue };
                if (i.on.year(), i.on.month()) == (today.year(), today.month()) {
                    *this_month.entry(i.school).or_default() += 1;
                }
                if school.is_some_and(|s| s != i.school) {
                    continue;
                }
                let own: Vec<_> = items.iter().filter(|it| it.inspection == i.number).collect();
                let faults = own
                    .iter()
                    .filter(|it| !it.ok)
                    .map(|it| {
                        let check = self.rules.norms.checks.iter().find(|c| c.key == it.check);
                        FaultLine {
                            inspection: i.number,
                            check: it.check.clone(),
                            title: check.map_or_else(
                                || (it.check.clone(), it.check.clone()),
                                |c| (c.zh.clone(), c.en.clone()),
                            ),
                            fault: it.fault.clone(),
                            due_on: it.due_on,
                            rechecks: rechecks
                                .iter()
                                .filter(|r| r.inspection == i.number && r.check == it.check)
                                .map(|r| (r.on, r.ok, r.note.clone(), r.by.name.clone()))
                                .collect(),
                            photos: photos
                                .iter()
                                .filter(|(n, part, _)| *n == i.number && *part == it.check)
                                .map(|(.., key)| *key)
                                .collect(),
                        }
                    })
                    .collect();
                page.inspections.push(InspectionView {
                    number: i.number,
                    school: i.school,
                    name: of.name.clone(),
                    on: i.on,
                    counted: i.counted,
                    by: i.by.name,
                    note: i.note,
                    well: own.iter().filter(|it| it.ok).count(),
                    faults,
                });
            }
            page.schools = schools
                .values()
                .filter(|s| {
                    s.closed_on.is_none() && s.rural == Some(true) && theirs(s.id).is_some()
                })
                .filter(|s| s.stages.iter().any(|g| g.is_compulsory()))
                .map(|s| (s.id, s.name.clone(), this_month.get(&s.id).copied().unwrap_or(0)))
                .collect();
            page.schools.sort_by_key(|(id, _, n)| (*n, *id));
            Ok(page)
        })
    }

    /// Keeps an inspection; its number. The same form again changes nothing.
    ///
    /// # Errors
    /// [`SchoolError::Form`] at the first wrong field, [`SchoolError::NoSchool`]; without [`Right::Inspect`] there.
    pub fn inspect(&self, actor: &Actor, form: &InspectionForm) -> Result<u64, OfficeError> {
        actor.must(Right::Inspect)?;
        let scope = actor.scope_in(Right::Inspect, Area::Meals);
        let wrong = |field: &'static str, reason: &str| SchoolError::Form {
            field,
            reason: reason.to_owned(),
        };
        let county = self.county_code()?;
        self.store.write(|tx| {
            let schools = tx.schools(county)?;
            let of = schools.iter().find(|s| s.id == form.school).ok_or(SchoolError::NoSchool)?;
            if !(scope.is_whole()
                || reaches(&scope, of.id, of.town.map(fujiao_model::Division::code)))
            {
                return Err(SchoolError::NoSchool.into());
            }
            let today = crate::entries::today(tx, county, actor)?;
            let on = form.on.ok_or_else(|| wrong("on", "写检查的日子"))?;
            if on > today {
                return Err(wrong("on", "还没到的日子；写实际检查的那天").into());
            }
            let counted = match form.counted.trim() {
                "" => None,
                text => Some(
                    text.parse::<i64>()
                        .ok()
                        .filter(|n| (0..=20_000).contains(n))
                        .ok_or_else(|| wrong("counted", "写现场点到的人数，如 86"))?,
                ),
            };
            let mut items = Vec::new();
            for check in &self.rules.norms.checks {
                let Some((Some(ok), fault)) = form.items.get(&check.key) else { continue };
                let fault = fault.trim();
                if fault.chars().count() > 200 {
                    return Err(wrong("fault", "问题最多写 200 字").into());
                }
                if !ok && fault.is_empty() {
                    return Err(wrong("fault", "不合格的写一句是什么问题").into());
                }
                let due =
                    if *ok { None } else { Some(on.checked_add(check.days.days()).unwrap_or(on)) };
                let fault = if *ok { String::new() } else { fault.to_owned() };
                items.push((check.key.clone(), *ok, fault, due));
            }
            if items.is_empty() {
                return Err(wrong("items", "至少看一项；没看的空着").into());
            }
            if form.note.chars().count() > 500 {
                return Err(wrong("note", "说明最多 500 字").into());
            }
            let key = if form.key.trim().is_empty() {
                format!("{} {} {} {}", actor.login, form.school, on, actor.at)
            } else {
                form.key.trim().to_owned()
            };
            let new = NewInspection {
                key,
                school: form.school,
                on,
                counted,
                note: form.note.trim().to_owned(),
                items,
                by: author(actor),
            };
            let (number, fresh) = tx.add_inspection(county, &new)?;
            if fresh {
                let faults = new.items.iter().filter(|i| !i.1).count();
                tx.audit(&Event {
                    county,
                    at: actor.at,
                    actor: &actor.login,
                    action: "inspect",
                    object: &Subject::school(form.school).to_string(),
                    detail: &format!(
                        "inspection {number} checks {} faults {faults}",
                        new.items.len()
                    ),
                })?;
            }
            Ok(number)
        })
    }

    /// Keeps a second look at a fault.
    ///
    /// # Errors
    /// [`SchoolError::NoRecord`], [`SchoolError::Form`]; without [`Right::Inspect`] there.
    pub fn recheck(
        &self,
        actor: &Actor,
        (inspection, check): (u64, &str),
        on: Option<Date>,
        ok: bool,
        note: &str,
    ) -> Result<(), OfficeError> {
        actor.must(Right::Inspect)?;
        let wrong = |field: &'static str, reason: &str| SchoolError::Form {
            field,
            reason: reason.to_owned(),
        };
        let page = self.inspections(actor, None)?;
        let of = page
            .inspections
            .iter()
            .find(|i| i.number == inspection)
            .ok_or(SchoolError::NoRecord)?;
        let fault = of.faults.iter().find(|f| f.check == check).ok_or(SchoolError::NoRecord)?;
        let on = on.ok_or_else(|| wrong("on", "写复查的日子"))?;
        if on < of.on || page.today.is_some_and(|today| on > today) {
            return Err(wrong("on", "复查在检查之后、今天以前").into());
        }
        if fault.is_closed() {
            return Ok(());
        }
        if note.chars().count() > 200 {
            return Err(wrong("note", "说明最多 200 字").into());
        }
        let county = self.county_code()?;
        let new = Recheck {
            inspection,
            check: check.to_owned(),
            on,
            ok,
            note: note.trim().to_owned(),
            by: author(actor),
        };
        self.store.write(|tx| {
            tx.add_recheck(county, &new)?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "recheck",
                object: &format!("inspection {inspection}"),
                detail: &format!("{check} {}", if ok { "well" } else { "not yet" }),
            })?;
            Ok(())
        })
    }

    /// Keeps a picture of an inspection's check (`inspection`), of a step of a project (`project`), or of the row of a
    /// measurement (`measure`): the picture alone, without place, time and device, and the hash of what was sent in the audit.
    ///
    /// # Errors
    /// [`SchoolError::PhotoTooLarge`], [`SchoolError::NoPhoto`], [`SchoolError::NoRecord`]; without the right there.
    pub fn school_photo(
        &self,
        actor: &Actor,
        (about, number, part): (&str, u64, &str),
        key: EntryKey,
        bytes: &[u8],
    ) -> Result<(), OfficeError> {
        if bytes.len() > PHOTO_BYTES {
            return Err(SchoolError::PhotoTooLarge(bytes.len().div_ceil(1024 * 1024) as u64).into());
        }
        let (kind, kept) = picture::clean(bytes).ok_or(SchoolError::NoPhoto)?;
        let sent: [u8; 32] = Sha256::digest(bytes).into();
        let half = |of: &[u8]| u128::from_be_bytes(of.try_into().expect("half of 32 bytes"));
        let told = format!(
            "{kind} {} bytes kept of {}, as sent {:032x}{:032x}",
            kept.len(),
            bytes.len(),
            half(&sent[..16]),
            half(&sent[16..])
        );
        let county = self.county_code()?;
        let right = if about == "inspection" { Right::Inspect } else { Right::Works };
        actor.must(right)?;
        let school = match about {
            "inspection" => {
                let page = self.inspections(actor, None)?;
                page.inspections.iter().find(|i| i.number == number).map(|i| i.school)
            }
            "project" => self.projects(actor, Some(number))?.first().map(|p| p.school),
            _ => self.measured_at(actor, number)?,
        };
        let school = school.ok_or(SchoolError::NoRecord)?;
        self.store.write(|tx| {
            let before = tx.school_photos(county, about)?;
            if before.iter().any(|(.., known)| *known == key.0) {
                return Ok(());
            }
            if before.iter().filter(|(n, of, _)| *n == number && *of == part).count() >= PHOTOS {
                return Err(SchoolError::Form {
                    field: "photo",
                    reason: format!("一项最多 {PHOTOS} 张照片"),
                }
                .into());
            }
            tx.add_school_photo(
                county,
                &NewSchoolPhoto {
                    key: key.0,
                    school,
                    about,
                    number,
                    part,
                    sha256: Sha256::digest(&kept).into(),
                    kind,
                    bytes: &kept,
                    login: &actor.login,
                    at: actor.at,
                },
            )?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "photo",
                object: &format!("{about} {number}"),
                detail: &told,
            })?;
            Ok(())
        })
    }

    /// The school of the row of a measurement, if it is on the reader's ground.
    fn measured_at(&self, actor: &Actor, row: u64) -> Result<Option<u64>, OfficeError> {
        let scope = actor.scope_in(Right::Works, Area::Conditions);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let kind = fujiao_model::RosterKind::Measurements;
            let rows = tx.rows_of_kind(county, kind, None)?;
            let Some(school) = rows.iter().find(|r| r.row_id == row).and_then(|r| r.school) else {
                return Ok(None);
            };
            let schools = tx.schools(county)?;
            let of = schools.iter().find(|s| s.id == school);
            let town = of.and_then(|s| s.town).map(fujiao_model::Division::code);
            Ok((scope.is_whole() || reaches(&scope, school, town)).then_some(school))
        })
    }

    /// A picture, for those whose ground the school is on.
    ///
    /// # Errors
    /// [`SchoolError::NoRecord`] if it is not there or not theirs: the two look alike.
    pub fn show_school_photo(&self, actor: &Actor, key: EntryKey) -> Result<Photo, OfficeError> {
        actor.must(Right::Schools)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let photo = tx.school_photo(county, &key.0)?.ok_or(SchoolError::NoRecord)?;
            let schools = tx.schools(county)?;
            let of = schools.iter().find(|s| s.id == photo.school).ok_or(SchoolError::NoRecord)?;
            let scope = actor.scope(Right::Schools);
            if !(scope.is_whole()
                || reaches(&scope, of.id, of.town.map(fujiao_model::Division::code)))
            {
                return Err(SchoolError::NoRecord.into());
            }
            Ok(Photo { media_type: picture::media_type(&photo.kind), bytes: photo.bytes })
        })
    }
}
