use rayon::prelude::*;

use super::grams::{grams, same_as};
use super::{Catalogue, Level, OccupationCode, Titled};

/// What a title may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    /// Groups of the level that was asked for, the likeliest first; empty where the title says nothing.
    pub guesses: Vec<Guess>,
    /// Whether the first may stand; else 拿不准: a person chooses.
    pub is_sure: bool,
}

/// One group that a title may belong to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    /// The group.
    pub code: OccupationCode,
    /// How likely, in 0..=1; those of all groups sum to 1.
    pub score: f64,
}

/// Times that the titles are gone through.
const ROUNDS: u32 = 10;
/// The most that one title moves weights, for a title and for a text of the classification.
const STEP: f32 = 0.6;
/// How many rivals too near to the right code are pushed away at once.
const RIVALS: usize = 8;
/// Scores are so much apart that a code is e times as likely.
const TEMPERATURE: f64 = 0.12;
/// A guess at least so likely may stand.
const SURE: f64 = 0.6;

/// What was learnt from titles and from the classification. The same lists give the same model.
///
/// A linear model over runs of one to three characters, weighted by how rare they are: each title pushes its own code up and
/// the codes that come too near to it down (multi-class passive-aggressive learning, Crammer et al. 2006), averaged over all
/// steps (Freund and Schapire 1999).
#[derive(Clone, Debug)]
pub struct Model {
    codes: Vec<OccupationCode>,
    table: Table,
    /// For each run how rare it is.
    rare: Vec<f32>,
    /// For each run the codes that it speaks for and against.
    start: Vec<u32>,
    weights: Vec<(u16, f32)>,
    /// Titles that were learnt word for word, sorted, with their code.
    known: Vec<(String, u16)>,
}

/// A text to learn from.
struct Lesson {
    /// Runs and how much they count, of length one together.
    row: Vec<(u32, f32)>,
    code: u16,
    step: f32,
}

impl Model {
    /// Learns from the classification that comes with the program and the titles that come with it. Takes some hundred
    /// milliseconds: keep it.
    pub fn builtin() -> Self {
        Self::train(&Catalogue::builtin(), &super::builtin_titles())
    }

    /// Learns from the names, definitions and tasks of the classification and from titles with codes. Of the same title with
    /// several codes the last counts: give what a county coded after what comes with the program.
    pub fn train(catalogue: &Catalogue, known: &[Titled]) -> Self {
        // Codes that some text belongs to: entries below the 中类, and whatever titles name.
        let mut codes: Vec<OccupationCode> =
            catalogue.all().filter(|o| o.code.level() >= Level::Minor).map(|o| o.code).collect();
        codes.extend(known.iter().map(|titled| titled.code));
        codes.sort_unstable();
        codes.dedup();
        let place = |code: OccupationCode| {
            let at = codes.binary_search(&code).expect("all codes were collected");
            u16::try_from(at).expect("the classification has fewer than 2¹⁶ codes")
        };
        let mut texts: Vec<(&str, u16, f32)> = Vec::new();
        for occupation in catalogue.all().filter(|o| o.code.level() >= Level::Minor) {
            texts.push((&occupation.name, place(occupation.code), 0.5));
        }
        texts.extend(known.iter().map(|t| (t.title.as_str(), place(t.code), 1.0)));
        texts.retain(|text| !text.0.is_empty());

        let mut found = Vec::new();
        let mut rows: Vec<Vec<(u64, f32)>> = Vec::with_capacity(texts.len());
        for (text, ..) in &texts {
            let part: String = text.chars().take(80).collect();
            grams(&part, &mut found);
            rows.push(found.clone());
        }
        let mut keys: Vec<u64> = rows.iter().flatten().map(|one| one.0).collect();
        keys.sort_unstable();
        // Runs that stand in one long text alone are left out.
        let mut often: Vec<(u64, u32)> = Vec::new();
        for key in keys {
            match often.last_mut().filter(|last| last.0 == key) {
                Some(last) => last.1 += 1,
                None => often.push((key, 1)),
            }
        }
        let table = Table::of(often.iter().map(|one| one.0));
        #[expect(clippy::cast_precision_loss, reason = "texts are thousands")]
        let all = texts.len() as f32;
        #[expect(clippy::cast_precision_loss, reason = "texts are thousands")]
        let rare: Vec<f32> = often.iter().map(|one| (all / one.1 as f32).ln() + 1.0).collect();
        let lessons: Vec<Lesson> = rows
            .iter()
            .zip(&texts)
            .map(|(row, &(_, code, step))| Lesson { row: weighed(&table, &rare, row), code, step })
            .collect();
        let (start, weights) = learn(&lessons, often.len(), codes.len());
        let mut words: Vec<(String, u16)> =
            known.iter().map(|t| (same_as(&t.title), place(t.code))).collect();
        words.retain(|one| !one.0.is_empty());
        // Of equal titles the last that was given.
        words.reverse();
        words.sort_by(|a, b| a.0.cmp(&b.0));
        words.dedup_by(|later, first| later.0 == first.0);
        Self { codes, table, rare, start, weights, known: words }
    }

    /// The `most` likeliest groups of a `level` for a title.
    pub fn code(&self, title: &str, level: Level, most: usize) -> Coded {
        self.code_with(title, level, most, &mut Scratch::default())
    }

    /// As [`Self::code`] for many titles, on all cores.
    pub fn code_all(&self, titles: &[&str], level: Level, most: usize) -> Vec<Coded> {
        titles
            .par_iter()
            .with_min_len(64)
            .map_init(Scratch::default, |scratch, title| {
                self.code_with(title, level, most, scratch)
            })
            .collect()
    }

    fn code_with(&self, title: &str, level: Level, most: usize, scratch: &mut Scratch) -> Coded {
        grams(title, &mut scratch.found);
        let row = weighed(&self.table, &self.rare, &scratch.found);
        if row.is_empty() {
            return Coded { guesses: Vec::new(), is_sure: false };
        }
        scratch.scores.clear();
        scratch.scores.resize(self.codes.len(), 0.0);
        for &(run, worth) in &row {
            let (from, to) = (self.start[run as usize], self.start[run as usize + 1]);
            for &(code, weight) in &self.weights[from as usize..to as usize] {
                scratch.scores[usize::from(code)] += worth * weight;
            }
        }
        let top = scratch.scores.iter().copied().fold(f32::MIN, f32::max);
        // What is e⁻¹⁰ times as likely changes nothing.
        #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
        let warm = TEMPERATURE as f32;
        let nothing = top - 10.0 * warm;
        scratch.groups.clear();
        for (&code, &score) in self.codes.iter().zip(&scratch.scores) {
            if score > nothing {
                let likely = f64::from(((score - top) / warm).exp());
                let group = code.at(level);
                match scratch.groups.last_mut().filter(|last| last.code == group) {
                    Some(last) => last.score = last.score.max(likely),
                    None => scratch.groups.push(Guess { code: group, score: likely }),
                }
            }
        }
        let groups = &mut scratch.groups;
        let sum: f64 = groups.iter().map(|guess| guess.score).sum();
        let order = |a: &Guess, b: &Guess| b.score.total_cmp(&a.score).then(a.code.cmp(&b.code));
        let most_of = most.max(1);
        if groups.len() > most_of {
            groups.select_nth_unstable_by(most_of, order);
            groups.truncate(most_of);
        }
        groups.sort_unstable_by(order);
        for guess in groups.iter_mut() {
            guess.score /= sum;
        }
        // A title that somebody coded word for word is what they said.
        let word = same_as(title);
        if let Ok(at) = self.known.binary_search_by(|one| one.0.as_str().cmp(&word)) {
            let code = self.codes[usize::from(self.known[at].1)].at(level);
            groups.retain(|guess| guess.code != code);
            groups.insert(0, Guess { code, score: 1.0 });
            for guess in &mut groups[1..] {
                guess.score = 0.0;
            }
        }
        groups.truncate(most);
        let is_sure = groups.first().is_some_and(|guess| guess.score >= SURE);
        Coded { guesses: groups.clone(), is_sure }
    }
}

/// Room for one title's work.
#[derive(Default)]
struct Scratch {
    found: Vec<(u64, f32)>,
    scores: Vec<f32>,
    groups: Vec<Guess>,
}

/// Runs that are known, by how rare they are, of length one together.
fn weighed(table: &Table, rare: &[f32], found: &[(u64, f32)]) -> Vec<(u32, f32)> {
    let known = found.iter().filter_map(|&(key, worth)| {
        let run = table.get(key)?;
        Some((run, worth * rare[run as usize]))
    });
    let mut row: Vec<(u32, f32)> = known.collect();
    let length = row.iter().map(|one| one.1 * one.1).sum::<f32>().sqrt();
    for one in &mut row {
        one.1 /= length;
    }
    row
}

/// A weight, and what it summed up to over the steps, for the mean.
#[derive(Clone, Copy)]
struct Weight {
    code: u16,
    now: f32,
    late: f32,
}

/// Goes through the lessons and gives the weights of each run.
fn learn(lessons: &[Lesson], runs: usize, codes: usize) -> (Vec<u32>, Vec<(u16, f32)>) {
    let mut weights: Vec<Vec<Weight>> = vec![Vec::new(); runs];
    let mut scores = vec![0.0_f32; codes];
    let mut order: Vec<u32> = (0..).take(lessons.len()).collect();
    let mut step = 0.0_f32;
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..ROUNDS {
        // Fisher and Yates; the same order every time.
        for last in (1..order.len()).rev() {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let pick = (chance >> 33) as usize % (last + 1);
            order.swap(last, pick);
        }
        for &at in &order {
            let lesson = &lessons[at as usize];
            step += 1.0;
            scores.fill(0.0);
            for &(run, worth) in &lesson.row {
                for weight in &weights[run as usize] {
                    scores[usize::from(weight.code)] += worth * weight.now;
                }
            }
            let own = scores[usize::from(lesson.code)];
            let mut rivals: Vec<(f32, u16)> = (0_u16..)
                .zip(&scores)
                .filter(|(code, score)| *code != lesson.code && **score > own - 1.0)
                .map(|(code, score)| (1.0 - own + score, code))
                .collect();
            if rivals.is_empty() {
                continue;
            }
            if rivals.len() > RIVALS {
                rivals
                    .select_nth_unstable_by(RIVALS, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
                rivals.truncate(RIVALS);
            }
            rivals.sort_unstable_by_key(|rival| rival.1);
            // Each rival is pushed by half of what it is too near, shared among them.
            #[expect(clippy::cast_precision_loss, reason = "rivals are eight at most")]
            let share = 1.0 / rivals.len() as f32;
            let mut up = 0.0;
            for rival in &mut rivals {
                rival.0 = (rival.0 / 2.0).min(STEP) * lesson.step * share;
                up += rival.0;
            }
            for &(run, worth) in &lesson.row {
                let list = &mut weights[run as usize];
                add(list, lesson.code, up * worth, step);
                for &(by, code) in &rivals {
                    add(list, code, -by * worth, step);
                }
            }
        }
    }
    let mut start = Vec::with_capacity(runs + 1);
    start.push(0);
    let mut all = Vec::new();
    for list in &weights {
        let mean = list.iter().map(|w| (w.code, w.now - w.late / step));
        // Weights that move no score much are left out.
        all.extend(mean.filter(|w| w.1.abs() > 0.015));
        start.push(u32::try_from(all.len()).expect("weights are millions"));
    }
    (start, all)
}

fn add(list: &mut Vec<Weight>, code: u16, by: f32, step: f32) {
    match list.binary_search_by_key(&code, |w| w.code) {
        Ok(at) => {
            list[at].now += by;
            list[at].late += by * step;
        }
        Err(at) => list.insert(at, Weight { code, now: by, late: by * step }),
    }
}

/// Runs to numbers: open addressing.
#[derive(Clone, Debug)]
struct Table {
    slots: Vec<(u64, u32)>,
    shift: u32,
}

const FREE: u32 = u32::MAX;

impl Table {
    fn of(keys: impl ExactSizeIterator<Item = u64>) -> Self {
        let size = (keys.len() * 2).next_power_of_two().max(2);
        let mut table = Self { slots: vec![(0, FREE); size], shift: 64 - size.trailing_zeros() };
        for (number, key) in (0..).zip(keys) {
            let at = table.find(key);
            table.slots[at] = (key, number);
        }
        table
    }

    /// The slot of a key, or the free one where it would stand.
    fn find(&self, key: u64) -> usize {
        let hashed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        let mut at = usize::try_from(hashed).expect("a slot's number fits");
        while self.slots[at].1 != FREE && self.slots[at].0 != key {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    fn get(&self, key: u64) -> Option<u32> {
        Some(self.slots[self.find(key)].1).filter(|number| *number != FREE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::read(
            "code,name,definition,tasks\n\
             6-29-01-00,房屋建筑施工人员,,\n\
             6-29-01-01,砌筑工,从事砌砖的人员。,1.砌墙\n\
             6-29-01-04,钢筋工,从事钢筋绑扎的人员。,\n\
             4-10-01-02,保育师,从事婴幼儿照护的人员。,\n\
             6-31-01-03,电工,从事电气安装的人员。,\n",
        )
        .unwrap()
    }

    #[test]
    fn a_title_is_coded_and_one_that_says_nothing_is_not() {
        let model = Model::train(&catalogue(), &[]);
        let first = |title: &str, level| model.code(title, level, 3).guesses[0].code.to_string();
        assert_eq!(first("电工（包食宿）", Level::Unit), "6-31-01-03");
        assert_eq!(first("某公司招聘钢筋工", Level::Minor), "6-29-01-00");
        assert_eq!(first("砌筑", Level::Unit), "6-29-01-01");
        let nothing = model.code("★★", Level::Unit, 3);
        assert!(nothing.guesses.is_empty() && !nothing.is_sure);
    }

    #[test]
    fn what_a_county_coded_word_for_word_stands() {
        let code = |text: &str| text.parse().unwrap();
        let known = [
            Titled { title: "小工".to_owned(), code: code("6-29-01-01") },
            Titled { title: "小 工".to_owned(), code: code("6-29-01-04") },
        ];
        let model = Model::train(&catalogue(), &known);
        let coded = model.code("小工。", Level::Unit, 2);
        assert_eq!(coded.guesses[0], Guess { code: code("6-29-01-04"), score: 1.0 });
        assert!(coded.is_sure);
    }

    #[test]
    fn scores_of_all_levels_sum_to_one_and_the_same_lists_give_the_same_model() {
        let model = Model::train(&catalogue(), &[]);
        let again = Model::train(&catalogue(), &[]);
        for level in Level::ALL {
            let coded = model.code("钢筋电工", level, 100);
            let sum: f64 = coded.guesses.iter().map(|guess| guess.score).sum();
            assert!((sum - 1.0).abs() < 1e-9);
            assert_eq!(coded, again.code("钢筋电工", level, 100));
            assert_eq!(model.code_all(&["钢筋电工"], level, 100), [coded]);
        }
    }
}
