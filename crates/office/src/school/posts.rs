//! 师资: posts of each school by the norm and what it forgets, by subject; rotation, allowances, titles, who may leave.

use std::collections::BTreeMap;

use fujiao_model::{Area, Field, Fields, Grade, PartialDate, RosterKind, Stage};
use fujiao_school::Norms;
use fujiao_school::posts::{
    Body, Member, Note, Posts, Standing as Stands, may_leave, may_rotate, posts, rotation_due,
    share_of_mark, subjects, title_open, training_needs,
};
use fujiao_store::{Event, Switch};
use jiff::civil::Date;

use super::{SchoolError, must_hold_the_county, reaches, reason};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// A school's posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostsLine {
    /// The school.
    pub school: u64,
    /// Its name.
    pub name: String,
    /// Pupils.
    pub pupils: i64,
    /// The posts.
    pub posts: Posts,
    /// Of those in quota who may rotate.
    pub may_rotate: i64,
    /// Subjects of which less than half a teacher is there where one is needed.
    pub short_of: Vec<String>,
}

/// An addition with what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdditionLine {
    /// Its key.
    pub key: String,
    /// Its names.
    pub title: (String, String),
    /// Whether it counts.
    pub on: bool,
    /// Posts of all schools, in hundredths.
    pub posts: i64,
    /// The article.
    pub basis: String,
    /// Who switched it last: name, day, why.
    pub by: Option<(String, String, String)>,
}

/// A subject of the county.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectTotal {
    /// The subject.
    pub name: String,
    /// Needed and there, in hundredths of teachers.
    pub figures: (i64, i64),
}

/// Somebody who may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaverLine {
    /// The person.
    pub person: Option<u64>,
    /// Their name; empty for who may not see names.
    pub name: String,
    /// The school's name.
    pub school: String,
    /// Points.
    pub points: i64,
    /// The reasons.
    pub reasons: Vec<Note>,
}

/// A subject whose observed lessons and tests ask for training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedLine {
    /// The subject.
    pub subject: String,
    /// The mean, in thousandths of the full mark.
    pub mean: i64,
    /// Observed lessons and tests.
    pub reviews: usize,
}

/// A teacher whose observed lessons and tests ask for training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToTrain {
    /// The person.
    pub person: Option<u64>,
    /// Their name; empty for who may not see names.
    pub name: String,
    /// The school's name.
    pub school: String,
    /// What they teach.
    pub subject: String,
    /// The mean, in thousandths of the full mark.
    pub mean: i64,
    /// Observed lessons and tests.
    pub reviews: usize,
}

/// Posts of the county.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostsPage {
    /// Schools, the largest vacancy first.
    pub schools: Vec<PostsLine>,
    /// Base, needed, in quota, vacancy, surplus: hundredths.
    pub totals: [i64; 5],
    /// Additions.
    pub additions: Vec<AdditionLine>,
    /// Subjects, those most short first.
    pub subjects: Vec<SubjectTotal>,
    /// Who may rotate, how many must, of them backbone teachers; backbone teachers among those who may.
    pub rotation: (i64, i64, i64, i64),
    /// Rural staff, of them with the allowance, of them without, nobody says.
    pub allowance: (i64, i64, i64, i64),
    /// Staff whose rural years open a title: key of the norm, how many.
    pub titles: Vec<(String, i64, i64)>,
    /// Special-post teachers, and of them whose pledge is over without a post in the quota.
    pub special: (i64, i64),
    /// Who may leave, the most points first.
    pub leavers: Vec<LeaverLine>,
    /// Subjects that ask for training, the lowest first.
    pub needs: Vec<NeedLine>,
    /// Teachers who ask for training, the lowest first.
    pub to_train: Vec<ToTrain>,
    /// Whether the reader may switch additions.
    pub may_switch: bool,
    /// Whether there is a staff roster at all.
    pub any: bool,
}

const LEAVERS: usize = 40;

/// A class of a school: its stage, the year of its grade, its pupils.
pub(super) type Sat = (Stage, u8, i64);

/// A member of staff as a row of the roster says.
pub(super) fn member(fields: &Fields, person: u64, school: u64, rural: bool) -> Member {
    let text = |field| fields.text(field).unwrap_or_default().to_owned();
    let status = text(Field::StaffStatus);
    let born = fields.id(Field::CitizenId).map(|id| id.born_on());
    Member {
        person,
        school,
        born: born.or_else(|| fields.date(Field::BirthDate).map(PartialDate::earliest)),
        in_quota: fields.flag(Field::InQuota) == Some(true),
        subject: text(Field::Subject),
        backbone: fields.flag(Field::Backbone) == Some(true),
        special: fields.flag(Field::SpecialPost) == Some(true),
        since: fields.date(Field::JoinedOn).map(PartialDate::earliest),
        title: text(Field::Title),
        standing: Stands::read(&status),
        allowance: fields.flag(Field::Allowance),
        rural,
        by_exam: status.contains("选调") || status.contains("进城考"),
    }
}

/// The day and the score, in thousandths of the full mark, of an observed lesson or a test. A row without a full mark is
/// marked out of a hundred.
pub(super) fn review(fields: &Fields) -> Option<(Date, i64)> {
    let full = fields.number(Field::FullMark).unwrap_or(100_000);
    let on = fields.date(Field::ReviewedOn)?.latest();
    Some((on, share_of_mark(fields.number(Field::Score)?, full)?))
}

/// The subject of the norms that a teacher's or a review's word means.
fn subject_of<'a>(norms: &'a Norms, word: &'a str) -> &'a str {
    let known = norms.subjects.iter().find(|n| {
        word.contains(n.name.as_str()) || n.names.iter().any(|w| word.contains(w.as_str()))
    });
    known.map_or(word, |n| n.name.as_str())
}

/// What asks for training since a day: by subject and by person.
pub(super) fn to_train<K: Ord + Clone>(
    norms: &Norms,
    on: Date,
    scores: &[(K, i64)],
    least: usize,
) -> Vec<(K, i64, usize)> {
    training_needs(scores, norms.number("posts.pass_score", on).unwrap_or(0), least)
}

/// Reviews of a subject before anything is said of it.
fn reviews_least(norms: &Norms, on: Date) -> usize {
    norms.whole("posts.reviews_least", on).and_then(|n| usize::try_from(n).ok()).unwrap_or(1)
}

impl Office {
    /// Posts of schools on the reader's ground.
    ///
    /// # Errors
    /// Without [`Right::Schools`]; what the store says.
    #[expect(clippy::too_many_lines, reason = "one figure after the other, from one reading")]
    pub fn posts(&self, actor: &Actor) -> Result<PostsPage, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Teachers);
        let names = actor.may(Right::Names);
        let county = self.county_code()?;
        let norms = &self.rules.norms;
        self.store.read(|tx| {
            let on = crate::entries::today(tx, county, actor)?;
            let schools: Vec<fujiao_store::School> = tx
                .schools(county)?
                .into_iter()
                .filter(|s| s.closed_on.is_none())
                .filter(|s| scope.is_whole() || reaches(&scope, s.id, s.town.map(fujiao_model::Division::code)))
                .collect();
            let switches = tx.switches(county)?;
            let counted: BTreeMap<String, bool> = switches.iter().map(|s| (s.addition.clone(), s.on)).collect();
            let mut classes: BTreeMap<u64, (Vec<Sat>, i64)> = BTreeMap::new();
            tx.each(
                "select school_id, grade, class, count(*), sum(case when boarding = 'boards' then 1 else 0 end), stage
                   from person where county = $1 and school_id is not null and stage is not null
                  group by school_id, stage, grade, class",
                &[county.into()],
                |r| {
                    let Some(stage) = r.parse(5, Stage::parse)? else { return Ok(()) };
                    let year = r.parse(1, Grade::parse)?.map_or(0, Grade::year);
                    let of = classes.entry(r.get(0)?).or_default();
                    of.0.push((stage, year, r.get::<i64>(3)?));
                    of.1 += r.get::<Option<i64>>(4)?.unwrap_or(0);
                    Ok(())
                },
            )?;
            let rows = tx.rows_of_kind(county, RosterKind::Teachers, None)?;
            let rural: BTreeMap<u64, bool> =
                schools.iter().map(|s| (s.id, s.rural == Some(true))).collect();
            let mut staff: Vec<(Member, String)> = Vec::new();
            for row in &rows {
                let fields = &row.row.fields;
                let school = row.school.filter(|s| rural.contains_key(s));
                let (Some(school), Some(person)) = (school, row.person) else {
                    continue;
                };
                let name = fields.text(Field::Name).unwrap_or_default().to_owned();
                staff.push((member(fields, person, school, rural[&school]), name));
            }
            let mut page = PostsPage {
                may_switch: actor.may(Right::Works) && actor.scope(Right::Works).is_whole(),
                any: !staff.is_empty(),
                ..PostsPage::default()
            };
            let mut by_school: BTreeMap<u64, Vec<&Member>> = BTreeMap::new();
            for (member, _) in &staff {
                by_school.entry(member.school).or_default().push(member);
            }
            let mut added: BTreeMap<usize, i64> = BTreeMap::new();
            let mut of_subject: BTreeMap<String, (i64, i64)> = BTreeMap::new();
            for school in &schools {
                let Some((sat, boarders)) = classes.get(&school.id) else { continue };
                let body = Body::of(norms, on, sat, *boarders, school.rural);
                let pupils: i64 = body.pupils.iter().sum();
                if pupils == 0 {
                    continue;
                }
                let own = by_school.get(&school.id).map_or(&[][..], Vec::as_slice);
                let of = posts(norms, on, &body, own, &counted);
                for part in &of.parts {
                    *added.entry(part.addition).or_default() += part.posts;
                }
                let taught = subjects(norms, on, &body, own);
                for line in &taught {
                    let sum = of_subject.entry(line.name.clone()).or_default();
                    *sum = (sum.0 + line.needed, sum.1 + line.have);
                }
                let short_of = taught.iter().filter(|l| l.needed >= 50 && l.have == 0).map(|l| l.name.clone()).collect();
                for (sum, n) in page.totals.iter_mut().zip([of.base, of.needed, of.in_quota, of.vacancy, of.surplus]) {
                    *sum += n;
                }
                page.schools.push(PostsLine {
                    school: school.id,
                    name: school.name.clone(),
                    pupils,
                    posts: of,
                    may_rotate: count(own.iter().filter(|m| may_rotate(norms, m, on)).count()),
                    short_of,
                });
            }
            page.schools.sort_by_key(|s| (-s.posts.vacancy, s.posts.surplus, s.school));
            page.additions = norms
                .additions
                .iter()
                .enumerate()
                .map(|(at, a)| {
                    let last = switches.iter().rfind(|s| s.addition == a.key);
                    AdditionLine {
                        key: a.key.clone(),
                        title: (a.zh.clone(), a.en.clone()),
                        on: last.map_or(a.on, |s| s.on),
                        posts: added.get(&at).copied().unwrap_or(0),
                        basis: fujiao_school::norms::in_force(&a.rows, on).map_or_else(String::new, |r| r.basis.clone()),
                        by: last.map(|s| {
                            (s.by.1.clone(), crate::access::china_day(s.by.2).to_string(), s.why.clone())
                        }),
                    }
                })
                .collect();
            page.subjects = of_subject
                .into_iter()
                .map(|(name, figures)| SubjectTotal { name, figures })
                .collect();
            page.subjects.sort_by_key(|s| (s.figures.1 - s.figures.0, s.name.clone()));
            let eligible: Vec<&Member> =
                staff.iter().map(|(m, _)| m).filter(|m| may_rotate(norms, m, on)).collect();
            let (must, backbone) = rotation_due(norms, on, count(eligible.len()));
            page.rotation = (
                count(eligible.len()),
                must,
                backbone,
                count(eligible.iter().filter(|m| m.backbone).count()),
            );
            let here = |m: &&Member| m.rural && m.standing == Stands::Here;
            let in_villages: Vec<&Member> = staff.iter().map(|(m, _)| m).filter(here).collect();
            let with = |is: Option<bool>| count(in_villages.iter().filter(|m| m.allowance == is).count());
            page.allowance = (count(in_villages.len()), with(Some(true)), with(Some(false)), with(None));
            let mut titles: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
            for member in in_villages.iter().filter(|m| m.in_quota) {
                let years = member.since.map_or(0, |d| i64::from(on.year() - d.year()) - i64::from((on.month(), on.day()) < (d.month(), d.day())));
                if let Some((key, asks)) = title_open(norms, years, on) {
                    let of = titles.entry(key).or_insert((asks, 0));
                    of.1 += 1;
                }
            }
            page.titles = titles.into_iter().map(|(key, (asks, n))| (key.to_owned(), asks, n)).collect();
            let mut leavers = Vec::new();
            for (member, name) in &staff {
                if member.special && member.standing != Stands::Gone {
                    page.special.0 += 1;
                }
                if member.standing == Stands::Gone {
                    continue;
                }
                let alone = by_school[&member.school].iter().filter(|m| m.standing == Stands::Here).count() == 1;
                let notes = may_leave(norms, member, alone, on);
                page.special.1 += i64::from(notes.iter().any(|(n, _)| *n == Note::PledgeOver));
                let points: i64 = notes.iter().map(|(_, p)| p).sum();
                if points >= 3 {
                    leavers.push(LeaverLine {
                        person: names.then_some(member.person),
                        name: if names { name.clone() } else { String::new() },
                        school: schools.iter().find(|s| s.id == member.school).map_or_else(String::new, |s| s.name.clone()),
                        points,
                        reasons: notes.into_iter().map(|(n, _)| n).collect(),
                    });
                }
            }
            leavers.sort_by_key(|l| (-l.points, l.school.clone(), l.name.clone()));
            leavers.truncate(LEAVERS);
            page.leavers = leavers;
            let by_person: BTreeMap<u64, (&Member, &str)> =
                staff.iter().map(|(m, name)| (m.person, (m, name.as_str()))).collect();
            let begun = fujiao_model::Term::of(on).school_year();
            let begun = jiff::civil::date(begun, 9, 1);
            let (mut of_subjects, mut of_persons) = (Vec::new(), Vec::new());
            for row in tx.rows_of_kind(county, RosterKind::TeacherReviews, None)? {
                let fields = &row.row.fields;
                let Some((of, _)) = row.person.and_then(|p| by_person.get(&p)) else { continue };
                let Some((_, mark)) = review(fields).filter(|(d, _)| *d >= begun && *d <= on) else {
                    continue;
                };
                let word = fields.text(Field::Subject).unwrap_or(&of.subject);
                of_subjects.push((subject_of(norms, word).to_owned(), mark));
                of_persons.push((of.person, mark));
            }
            page.needs = to_train(norms, on, &of_subjects, reviews_least(norms, on))
                .into_iter()
                .map(|(subject, mean, reviews)| NeedLine { subject, mean, reviews })
                .collect();
            page.to_train = to_train(norms, on, &of_persons, 1)
                .into_iter()
                .map(|(person, mean, reviews)| {
                    let (of, name) = by_person[&person];
                    let school = schools.iter().find(|s| s.id == of.school);
                    ToTrain {
                        person: names.then_some(person),
                        name: if names { name.to_owned() } else { String::new() },
                        school: school.map_or_else(String::new, |s| s.name.clone()),
                        subject: of.subject.clone(),
                        mean,
                        reviews,
                    }
                })
                .collect();
            Ok(page)
        })
    }

    /// Switches an addition to the posts on or off: an act with an author and a reason.
    ///
    /// # Errors
    /// [`SchoolError::Form`] for one that there is not, [`SchoolError::NoReason`]; without [`Right::Works`] on the county.
    pub fn switch_addition(
        &self,
        actor: &Actor,
        key: &str,
        on: bool,
        why: &str,
    ) -> Result<(), OfficeError> {
        must_hold_the_county(actor, Right::Works)?;
        let why = reason(why)?;
        if !self.rules.norms.additions.iter().any(|a| a.key == key) {
            return Err(SchoolError::Form {
                field: "addition",
                reason: "没有这一项；刷新再选".into(),
            }
            .into());
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            tx.add_switch(
                county,
                &Switch {
                    addition: key.to_owned(),
                    on,
                    why: why.clone(),
                    by: (actor.login.clone(), actor.name.clone(), actor.at),
                },
            )?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "switch posts",
                object: key,
                detail: &format!("{} {why}", if on { "on" } else { "off" }),
            })?;
            Ok(())
        })
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
