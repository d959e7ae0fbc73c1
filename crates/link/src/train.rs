use rayon::prelude::*;

use crate::compare::{Context, Home, Of, Pattern, Profiles, cohort_of, compare};
use crate::mention::{Mentions, id_born, mix};
use crate::model::{Counts, Model, Other, PART, SCHOOL_HASH, SOUND};

/// Rows by profile, one after another.
#[derive(Debug)]
pub(crate) struct Groups {
    pub(crate) of: Vec<u32>,
    end: Vec<u32>,
    rows: Vec<u32>,
}

impl Groups {
    /// `of[row]` is any number below the count of rows. Profiles are numbered, and their rows listed, in the order `order`,
    /// which is the rows' own and not that of their arrival.
    pub(crate) fn new(of: &[u32], order: &[u32]) -> Self {
        let mut dense = vec![u32::MAX; of.len()];
        let mut end: Vec<u32> = Vec::new();
        let mut new = vec![0; of.len()];
        for row in order {
            let at = &mut dense[of[*row as usize] as usize];
            if *at == u32::MAX {
                *at = u32::try_from(end.len()).expect("profiles are counted in 32 bits");
                end.push(0);
            }
            new[*row as usize] = *at;
            end[*at as usize] += 1;
        }
        let of = new;
        let mut sum = 0;
        for e in &mut end {
            let size = *e;
            *e = sum;
            sum += size;
        }
        let mut rows = vec![0; of.len()];
        for row in order {
            let at = &mut end[of[*row as usize] as usize];
            rows[*at as usize] = *row;
            *at += 1;
        }
        Self { of, end, rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.end.len()
    }

    /// The rows of a profile.
    pub(crate) fn rows(&self, at: u32) -> &[u32] {
        let at = at as usize;
        let from = if at == 0 { 0 } else { self.end[at - 1] };
        &self.rows[from as usize..self.end[at] as usize]
    }
}

/// What the people of each household say.
#[derive(Debug, Default)]
pub(crate) struct Homes {
    /// Household, member, whether a name, value; sorted.
    said: Vec<(u32, u32, bool, u32)>,
    /// The household of each member with a valid id; 0 if unknown.
    of: Vec<u32>,
}

/// A household larger than this is an institution.
const LARGE: usize = 60;

impl Homes {
    pub(crate) fn new(
        mentions: &Mentions,
        context: &Context,
        groups: &Groups,
        ids: &[u64],
    ) -> Self {
        let mut homes = Self { said: Vec::new(), of: vec![0; ids.len()] };
        for (at, id) in (0..).zip(ids) {
            let rows = groups.rows(at);
            // One number stands for the household: the one that most rosters lead to.
            let home = rows
                .iter()
                .map(|r| mentions.household[*r as usize])
                .filter(|h| *h != 0)
                .map(|h| context.one_home(h))
                .min();
            let (Some(home), true) = (home, *id != 0) else { continue };
            homes.of[at as usize] = home;
            for row in rows {
                homes.said.push((home, at, true, mentions.name[*row as usize]));
                let account = mentions.account[*row as usize];
                for text in mentions.phones(*row).iter().copied().chain([account]) {
                    if text != 0 && !context.is_muted(text) {
                        homes.said.push((home, at, false, text));
                    }
                }
            }
        }
        homes.said.par_sort_unstable();
        homes.said.dedup();
        homes
    }

    /// What the others of a person's household say.
    pub(crate) fn around(&self, person: u32) -> Home {
        let mut home = Home::default();
        let of = self.of[person as usize];
        if of == 0 {
            return home;
        }
        let from = self.said.partition_point(|(h, ..)| *h < of);
        let same = self.said[from..].iter().take_while(|(h, ..)| *h == of);
        for (_, member, is_name, value) in same.take(LARGE) {
            if *member != person {
                if *is_name { &mut home.kin } else { &mut home.near }.push(*value);
            }
        }
        home
    }
}

/// Numbers that look like chance and come back with the seed.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mix(self.0) % (n.max(1) as u64)).expect("below a usize")
    }
}

/// How many known persons lend a row for learning.
const SAMPLE: usize = 20_000;
/// What the starting `u` of a comparison counts for, in pairs.
const U_WEIGHT: f64 = 200.0;
/// Fewer known persons than this, and matches are learnt from the candidates alone.
const FEW: usize = 200;

/// The model before expectation and maximisation, and the counts of known matches.
///
/// Of persons known by a valid id one row is taken, its id hidden, and compared with the person's other rows (which gives
/// `m`), with random others, with others of the household and with others of the class (which gives `u`): the very
/// question that linking has to answer about a row without an id.
pub(crate) fn train(
    mentions: &Mentions,
    context: &Context,
    profiles: &Profiles,
    groups: &Groups,
    homes: &Homes,
    ids: &[u64],
    seed: u64,
) -> (Model, Counts) {
    let count = u32::try_from(ids.len()).expect("profiles are counted in 32 bits");
    let known: Vec<u32> = (0..count).filter(|p| ids[*p as usize] != 0).collect();
    let base: Vec<u32> = if known.len() < FEW { (0..count).collect() } else { known.clone() };
    #[expect(clippy::cast_precision_loss, reason = "a number of people")]
    let mut model = Model::untrained(base.len() as f64);
    if known.len() < FEW {
        model.on_file = 0.5;
    }
    count_names(context, profiles, &base, &mut model);
    let mut chance = Chance::new(seed);
    let mut stranger = Counts::default();
    let mut matches = Counts::default();
    if known.len() < FEW {
        let draws = if base.len() < 2 { 0 } else { 5 * SAMPLE };
        let pairs: Vec<(u32, u32)> = (0..draws)
            .map(|_| (base[chance.below(base.len())], base[chance.below(base.len())]))
            .filter(|(a, b)| a != b)
            .collect();
        for pattern in patterns(mentions, context, profiles, profiles, &pairs) {
            stranger.add(pattern, 1.0);
        }
        model.learn_u(Other::Stranger, &stranger, U_WEIGHT);
        return (model, matches);
    }

    let index = Index::new(profiles, &known);
    let lenders: Vec<u32> = known.iter().copied().filter(|p| groups.rows(*p).len() > 1).collect();
    let (mut singles, mut rests) = (Profiles::default(), Profiles::default());
    let mut same = Vec::new();
    let mut others: [Vec<(u32, u32)>; 4] = Default::default();
    let mut met = [0_u64; 4];
    let samples = if lenders.is_empty() { 0 } else { SAMPLE };
    for at in 0..u32::try_from(samples).expect("a small number") {
        let person = lenders[chance.below(lenders.len())];
        let rows = groups.rows(person);
        let row = rows[chance.below(rows.len())];
        let id = ids[person as usize];
        singles.add(mentions, context, &[row], id, true, &Home::default());
        let rest: Vec<u32> = rows.iter().copied().filter(|r| *r != row).collect();
        rests.add(mentions, context, &rest, id, false, &homes.around(person));
        same.push((at, at));
        for _ in 0..5 {
            let other = known[chance.below(known.len())];
            if other != person {
                others[0].push((at, other));
            }
        }
        let relatives = index.relatives(profiles, person);
        let (twins, relatives): (Vec<u32>, Vec<u32>) =
            relatives.into_iter().partition(|r| id_born(ids[*r as usize]) == id_born(id));
        met[1] += relatives.len() as u64;
        met[3] += twins.len() as u64;
        for _ in 0..relatives.len().min(3) {
            others[1].push((at, relatives[chance.below(relatives.len())]));
        }
        others[3].extend(twins.iter().map(|t| (at, *t)));
        let classmates = index.classmates(profiles, person);
        met[2] += classmates.len() as u64;
        for _ in 0..classmates.len().min(3) {
            let other = classmates[chance.below(classmates.len())];
            if other != person && !relatives.contains(&other) && !twins.contains(&other) {
                others[2].push((at, other));
            }
        }
    }
    for pattern in patterns(mentions, context, &singles, &rests, &same) {
        matches.add(pattern, 1.0);
    }
    for other in Other::ALL {
        let mut counts = Counts::default();
        for pattern in patterns(mentions, context, &singles, profiles, &others[other as usize]) {
            counts.add(pattern, 1.0);
        }
        model.learn_u(other, &counts, U_WEIGHT);
        if other != Other::Stranger && samples > 0 {
            #[expect(clippy::cast_precision_loss, reason = "counts of people")]
            let mean = met[other as usize] as f64 / samples as f64;
            model.rate[other as usize] = mean.max(0.005) / model.people;
        }
    }
    (model, matches)
}

fn patterns(
    mentions: &Mentions,
    context: &Context,
    left: &Profiles,
    right: &Profiles,
    pairs: &[(u32, u32)],
) -> Vec<Pattern> {
    pairs
        .par_iter()
        .filter_map(|(a, b)| {
            compare(mentions, context, &left.get(*a), &right.get(*b)).map(|c| c.pattern)
        })
        .collect()
}

/// How many people bear each name, each sound of a name, and go to each school.
fn count_names(context: &Context, profiles: &Profiles, base: &[u32], model: &mut Model) {
    let mut hashes: Vec<u64> = Vec::with_capacity(base.len() * 2);
    let names = &context.names;
    for person in base {
        let mut own: Vec<u64> = profiles
            .get(*person)
            .of(Of::Name)
            .iter()
            .flat_map(|n| {
                let whole = [names.stable(*n), names.sound(*n) ^ SOUND];
                names.parts(*n).map(|p| p ^ PART).chain(whole)
            })
            .collect();
        let schools: &[u32] = profiles.get(*person).of(Of::School);
        let schools = schools.as_chunks::<3>().0.iter().map(|s| s[0]).filter(|s| *s != 0);
        let before = own.len();
        own.extend(schools.map(|s| mix(u64::from(s)) ^ SCHOOL_HASH));
        model.pupils += if own.len() > before { 1.0 } else { 0.0 };
        own.sort_unstable();
        own.dedup();
        hashes.append(&mut own);
    }
    hashes.par_sort_unstable();
    model.frequency = hashes
        .chunk_by(|a, b| a == b)
        .map(|same| (same[0], u32::try_from(same.len()).expect("people fit 32 bits")))
        .collect();
}

/// Who shares a household, a phone, an account or a class.
struct Index {
    texts: Vec<(u32, u32)>,
    classes: Vec<(u64, u32)>,
}

/// More than this many around one phone or in one class are not looked at.
const CROWD: usize = 80;

impl Index {
    fn new(profiles: &Profiles, known: &[u32]) -> Self {
        let (mut texts, mut classes) = (Vec::new(), Vec::new());
        for person in known {
            let view = profiles.get(*person);
            for kind in [Of::Household, Of::Phone, Of::Account] {
                texts.extend(view.of(kind).iter().map(|t| (*t, *person)));
            }
            classes.extend(classes_of(profiles, *person).map(|c| (c, *person)));
        }
        texts.par_sort_unstable();
        texts.dedup();
        classes.par_sort_unstable();
        classes.dedup();
        Self { texts, classes }
    }

    fn relatives(&self, profiles: &Profiles, person: u32) -> Vec<u32> {
        let view = profiles.get(person);
        let mut all = Vec::new();
        for kind in [Of::Household, Of::Phone, Of::Account] {
            for text in view.of(kind) {
                let from = self.texts.partition_point(|(t, _)| t < text);
                let same = self.texts[from..].iter().take_while(|(t, _)| t == text);
                all.extend(same.map(|(_, p)| *p).take(CROWD));
            }
        }
        all.sort_unstable();
        all.dedup();
        all.retain(|p| *p != person);
        all
    }

    fn classmates(&self, profiles: &Profiles, person: u32) -> Vec<u32> {
        // The class of one year is enough, and one class is what a row speaks of.
        let Some(class) = classes_of(profiles, person).next() else { return Vec::new() };
        let from = self.classes.partition_point(|(c, _)| *c < class);
        let same = self.classes[from..].iter().take_while(|(c, _)| *c == class);
        same.map(|(_, p)| *p).filter(|p| *p != person).take(CROWD).collect()
    }
}

fn classes_of(profiles: &Profiles, person: u32) -> impl Iterator<Item = u64> {
    let schools: &[u32] = profiles.get(person).of(Of::School);
    schools
        .as_chunks::<3>()
        .0
        .iter()
        .filter(|s| s[0] != 0 && cohort_of(s[1]).step != 0)
        .map(|s| mix(u64::from(s[0]) << 32 | u64::from(s[1] >> 8)) ^ u64::from(s[2]))
}
