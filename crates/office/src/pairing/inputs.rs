//! What a run of pairing starts from: the pupils to whom a mentor or contacts are owed, the mentors, and the pairs that stand.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Boarding, Division, Field, RosterKind, Sex};
use fujiao_store::{Mentor, Pair, Person, StoreError, Tx, V};
use fujiao_watch::pair::{self, Gender, Rules};
use jiff::civil::Date;

/// The three subjects of which marks are on file: a field of the roster, and how teachers' rosters write it.
pub(super) const SUBJECTS: [(Field, &str); 3] =
    [(Field::ScoreChinese, "语文"), (Field::ScoreMaths, "数学"), (Field::ScoreEnglish, "英语")];

/// What a run starts from.
pub(super) struct Inputs {
    pub(super) day: Date,
    pub(super) base: String,
    /// The pupils, by id.
    pub(super) persons: Vec<Person>,
    /// The same, as the engine knows them.
    pub(super) pupils: Vec<pair::Pupil>,
    /// All mentors, those who left too.
    pub(super) mentors: Vec<Mentor>,
    /// The same, as the engine knows them.
    pub(super) able: Vec<pair::Mentor>,
}

impl Inputs {
    pub(super) fn read(
        tx: &mut Tx,
        county: u32,
        day: Date,
        rules: &Rules,
    ) -> Result<Self, StoreError> {
        let mut ids = owed(tx, county)?;
        let pairs = live_pairs(tx, county)?;
        // Who has a mentor keeps it though nothing is owed to them any more.
        ids.extend(pairs.keys());
        let ids: Vec<u64> = ids.into_iter().collect();
        let persons = tx.persons_of(county, &ids)?;
        let mentors = tx.mentors(county)?;
        let weak = weak_subjects(tx, county, &ids, rules.weak_below)?;
        let at: BTreeMap<u64, u32> = (0..).zip(&mentors).map(|(at, m)| (m.number, at)).collect();
        let mut tongues = Tongues::default();
        let pupils = persons
            .iter()
            .map(|person| pair::Pupil {
                school: person.school.unwrap_or_default(),
                village: code(person.village),
                town: code(person.town),
                // Not on file: as is safest.
                gender: person.sex.map_or(Gender::Female, gender),
                languages: tongues.of(person.ethnicity.as_deref()),
                subjects: weak.get(&person.id).copied().unwrap_or_default(),
                boards: person.boarding == Some(Boarding::Boards),
                mentor: pairs.get(&person.id).and_then(|p| at.get(&p.mentor)).copied(),
            })
            .collect();
        let able = mentors.iter().map(|m| able(m, rules, &mut tongues)).collect();
        Ok(Self { day, base: tx.pair_base(county)?, persons, pupils, mentors, able })
    }
}

/// A mentor as the engine knows them. Who left has no place for anybody.
fn able(mentor: &Mentor, rules: &Rules, tongues: &mut Tongues) -> pair::Mentor {
    pair::Mentor {
        kind: mentor.kind.clone(),
        school: mentor.school,
        village: mentor.village.map(|place| code(Some(place))),
        town: mentor.town.map(|place| code(Some(place))),
        gender: mentor.sex.map_or(Gender::Male, gender),
        languages: mentor.languages.iter().fold(0, |bits, word| bits | tongues.of(Some(word))),
        subjects: (0..)
            .zip(SUBJECTS)
            .filter(|(_, (_, name))| mentor.subjects.iter().any(|s| s == name))
            .fold(0, |bits, (at, _)| bits | 1 << at),
        boarding_duty: mentor.boards_duty,
        capacity: capacity(mentor, rules),
        signed: mentor.signed_on.is_some(),
    }
}

/// How many pupils a mentor can look after: the cap of their kind, or less if they carry more besides.
pub(crate) fn capacity(mentor: &Mentor, rules: &Rules) -> u32 {
    if mentor.left.is_some() {
        return 0;
    }
    let most = rules.kind(&mentor.kind).map_or(0, |kind| kind.cap);
    mentor.cap.map_or(most, |own| own.min(most))
}

fn gender(sex: Sex) -> Gender {
    match sex {
        Sex::Female => Gender::Female,
        Sex::Male => Gender::Male,
    }
}

/// A place as the engine counts it; 0 is nowhere.
fn code(place: Option<Division>) -> i64 {
    place.map_or(0, |place| i64::try_from(place.code()).expect("twelve digits"))
}

/// Languages of home as bits. 民族 is what rosters have of it; everybody speaks the common language, which so tells nothing.
#[derive(Default)]
struct Tongues(BTreeMap<String, u64>);

impl Tongues {
    fn of(&mut self, word: Option<&str>) -> u64 {
        let Some(word) = word.map(|w| w.trim_end_matches(['族', '语'])).filter(|w| !w.is_empty())
        else {
            return 0;
        };
        if matches!(word, "汉" | "汉族" | "普通话") {
            return 0;
        }
        let next = self.0.len().min(63);
        *self.0.entry(word.to_owned()).or_insert(1 << next)
    }
}

/// The pupils to whom the live assessment owes a mentor or contacts.
pub(super) fn owed(tx: &mut Tx, county: u32) -> Result<BTreeSet<u64>, StoreError> {
    let ids = tx.query(
        "select distinct d.subject_id from duty d
           join county c on c.county = d.county and c.live_run = d.run_id
          where d.county = $1 and d.area = 'pairing' and d.subject_kind = 'person'",
        &[county.into()],
        |r| r.get(0),
    )?;
    Ok(ids.into_iter().collect())
}

/// The pairs that stand, by the pupil as the register has them today; of two that fell together the first.
pub(crate) fn live_pairs(tx: &mut Tx, county: u32) -> Result<BTreeMap<u64, Pair>, StoreError> {
    let here: BTreeSet<u64> = tx
        .query(
            "select q.person_id from pair q
               join person p on p.county = q.county and p.person_id = q.person_id
              where q.county = $1 and q.to_day is null",
            &[county.into()],
            |r| r.get(0),
        )?
        .into_iter()
        .collect();
    let mut out = BTreeMap::new();
    for pair in tx.live_pairs(county)? {
        let now = if here.contains(&pair.person) {
            Some(pair.person)
        } else {
            // Merged into another since, or gone.
            tx.current_person(county, pair.person)?
        };
        if let Some(now) = now {
            out.entry(now).or_insert(pair);
        }
    }
    Ok(out)
}

/// Marks of a person in one term, a value a subject.
pub(super) type Marks = [Option<i64>; 3];

/// The marks on file of some persons: by person and term, thousandths of a mark.
pub(super) fn marks(
    rows: impl IntoIterator<Item = (u64, fujiao_store::StoredRow)>,
) -> BTreeMap<(u64, fujiao_model::Term), (Option<String>, Marks)> {
    let mut out = BTreeMap::new();
    for (person, row) in rows {
        let fields = &row.row.fields;
        let Some(term) = fields.term(Field::Term) else { continue };
        let marks = SUBJECTS.map(|(field, _)| fields.number(field));
        out.insert((person, term), (fields.text(Field::Grade).map(str::to_owned), marks));
    }
    out
}

/// The subjects in which pupils are weak: those of their last marks below a threshold.
pub(super) fn weak_subjects(
    tx: &mut Tx,
    county: u32,
    ids: &[u64],
    below: u32,
) -> Result<BTreeMap<u64, u64>, StoreError> {
    let mut weak = BTreeMap::new();
    // In order of persons and terms: the last term of each stays.
    for ((person, _), (_, marks)) in marks(tx.rows_of_persons(county, RosterKind::Marks, ids)?) {
        let low = |mark: &Option<i64>| mark.is_some_and(|m| m < i64::from(below) * 1_000);
        let bits = (0..)
            .zip(&marks)
            .filter(|(_, mark)| low(mark))
            .fold(0_u64, |bits, (at, _)| bits | 1 << at);
        weak.insert(person, bits);
    }
    Ok(weak)
}

/// The names of schools by id.
pub(crate) fn school_names(tx: &mut Tx, county: u32) -> Result<BTreeMap<u64, String>, StoreError> {
    let args: [V; 1] = [county.into()];
    let found = tx.query("select school_id, name from school where county = $1", &args, |r| {
        Ok((r.get(0)?, r.get(1)?))
    })?;
    Ok(found.into_iter().collect())
}
