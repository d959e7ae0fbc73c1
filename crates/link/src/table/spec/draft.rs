use serde::Deserialize;
use toml::Spanned;

use super::level::nearest;
use super::{Block, Comparison, Kind, Level, LookAlike, Part, Settings, Spec, SpecFault, Test};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// Free text about the spec.
    #[serde(rename = "about")]
    _about: Option<String>,
    id: Option<String>,
    list: Option<String>,
    truth: Option<String>,
    #[serde(default)]
    one_to_one: bool,
    #[serde(default)]
    comparison: Vec<Spanned<DraftComparison>>,
    #[serde(default)]
    block: Vec<Spanned<DraftBlock>>,
    #[serde(default)]
    look_alike: Vec<Spanned<DraftLookAlike>>,
    #[serde(default)]
    fill: Vec<Spanned<DraftFill>>,
    household: Option<DraftHousehold>,
    prior: Option<DraftPrior>,
    #[serde(default)]
    settings: DraftSettings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftComparison {
    column: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    title: Option<String>,
    #[serde(rename = "as")]
    kind: Spanned<String>,
    #[serde(default)]
    levels: Vec<Spanned<String>>,
    #[serde(default)]
    term_frequency: bool,
    birth: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftBlock {
    on: Vec<Spanned<String>>,
    #[serde(default)]
    then: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftLookAlike {
    title: String,
    agree: Vec<Spanned<String>>,
    #[serde(default)]
    differ: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftFill {
    column: String,
    from: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftHousehold {
    by: Vec<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftPrior {
    rules: Vec<Vec<Spanned<String>>>,
    recall: Spanned<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftSettings {
    same_from: Option<Spanned<f64>>,
    ask_from: Option<Spanned<f64>>,
    block_pairs: Option<u64>,
    most_pairs: Option<u64>,
    random_pairs: Option<u64>,
    training_pairs: Option<u64>,
    seed: Option<u64>,
    bridge: Option<f64>,
}

struct Reader<'a> {
    text: &'a str,
    faults: Vec<SpecFault>,
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, what: String) {
        let (line, column) = place(self.text, at);
        self.faults.push(SpecFault { line, column, what });
    }

    fn parts(&mut self, texts: &[Spanned<String>]) -> Vec<Part> {
        let mut parts = Vec::new();
        for text in texts {
            match Part::parse(text.get_ref()) {
                Ok(part) => parts.push(part),
                Err(what) => self.fault(text.span().start, what),
            }
        }
        parts
    }

    fn comparison(&mut self, draft: &Spanned<DraftComparison>) -> Option<Comparison> {
        let at = draft.span().start;
        let draft = draft.get_ref();
        let word = draft.kind.get_ref().as_str();
        let Some((_, kind)) = Kind::WORDS.iter().find(|(w, _)| *w == word).copied() else {
            let words: Vec<&str> = Kind::WORDS.iter().map(|(w, _)| *w).collect();
            self.fault(
                draft.kind.span().start,
                format!("没有 `{word}` 这种读法{}", nearest(word, &words)),
            );
            return None;
        };
        let columns: Vec<String> = draft.column.iter().chain(&draft.columns).cloned().collect();
        if columns.is_empty() {
            self.fault(at, "一项比较要写明列：column = \"…\"".to_owned());
            return None;
        }
        if columns.len() > 1 && kind != Kind::Place {
            self.fault(at, "只有 place 可以有几列；别的每列写一项比较".to_owned());
        }
        if draft.birth.is_some() && kind != Kind::CitizenId {
            self.fault(at, "birth 只用于 citizen_id".to_owned());
        }
        let mut levels = Vec::new();
        for words in &draft.levels {
            match Level::parse(kind, words.get_ref()) {
                Ok(level) => levels.push(level),
                Err(what) => self.fault(words.span().start, what),
            }
        }
        if levels.is_empty() {
            levels.push(Level { words: "equal".to_owned(), tests: vec![Test::Equal] });
        }
        if levels.len() > 12 {
            self.fault(at, format!("有 {} 级；最多 12 级", levels.len()));
        }
        Some(Comparison {
            title: draft.title.clone().unwrap_or_else(|| columns.join(" ")),
            columns,
            kind,
            levels,
            term_frequency: draft.term_frequency,
            birth: draft.birth.clone(),
        })
    }

    fn look_alikes(
        &mut self,
        drafts: &[Spanned<DraftLookAlike>],
        comparisons: &[Comparison],
    ) -> Vec<LookAlike> {
        let named: Vec<&str> = comparisons.iter().map(|c| c.columns[0].as_str()).collect();
        let mut look_alikes = Vec::new();
        for draft in drafts {
            let mut find = |texts: &[Spanned<String>]| {
                let mut found = Vec::new();
                for text in texts {
                    let word = text.get_ref().as_str();
                    match named.iter().position(|n| *n == word) {
                        Some(at) => found.push(at),
                        None => self.fault(
                            text.span().start,
                            format!("没有哪项比较用 `{word}` 这一列{}", nearest(word, &named)),
                        ),
                    }
                }
                found
            };
            let one = draft.get_ref();
            let (agree, differ) = (find(&one.agree), find(&one.differ));
            look_alikes.push(LookAlike { title: one.title.clone(), agree, differ });
        }
        if drafts.len() > 4 {
            self.fault(drafts[4].span().start, "相像而不同的人最多写四类".to_owned());
        }
        look_alikes
    }

    fn fills(
        &mut self,
        drafts: &[Spanned<DraftFill>],
        comparisons: &[Comparison],
    ) -> Vec<(String, String)> {
        let mut fills = Vec::new();
        for fill in drafts {
            let from = &fill.get_ref().from;
            let is_id =
                |c: &&Comparison| c.kind == Kind::CitizenId && c.columns[0] == *from.get_ref();
            if !comparisons.iter().any(|c| is_id(&c)) {
                self.fault(
                    from.span().start,
                    format!("`{}` 不是按 citizen_id 比较的列，不能用来补别的列", from.get_ref()),
                );
            }
            fills.push((fill.get_ref().column.clone(), from.get_ref().clone()));
        }
        fills
    }

    fn share(&mut self, value: Option<&Spanned<f64>>, before: f64) -> f64 {
        let Some(value) = value else { return before };
        if !(*value.get_ref() > 0.0 && *value.get_ref() < 1.0) {
            self.fault(value.span().start, "概率要在 0 与 1 之间，不含两端".to_owned());
        }
        *value.get_ref()
    }
}

/// Line and column of a byte, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    (line, before[start..].chars().count() + 1)
}

pub(super) fn read(text: &str) -> Result<Spec, Vec<SpecFault>> {
    let draft: Draft = match toml::from_str(text) {
        Ok(draft) => draft,
        Err(error) => {
            let (line, column) = place(text, error.span().map_or(0, |s| s.start));
            return Err(vec![SpecFault { line, column, what: error.message().to_owned() }]);
        }
    };
    let mut reader = Reader { text, faults: Vec::new() };
    let comparisons: Vec<Comparison> =
        draft.comparison.iter().filter_map(|c| reader.comparison(c)).collect();
    if draft.comparison.is_empty() {
        reader.fault(0, "没有一项比较；至少写一个 [[comparison]]".to_owned());
    }
    if let Some(extra) = draft.comparison.get(Spec::MOST) {
        reader.fault(extra.span().start, format!("最多 {} 项比较", Spec::MOST));
    }
    let mut blocks = Vec::new();
    for block in &draft.block {
        let on = reader.parts(&block.get_ref().on);
        let then = reader.parts(&block.get_ref().then);
        if block.get_ref().on.is_empty() {
            reader.fault(block.span().start, "分块规则的 on 里至少写一项".to_owned());
        }
        blocks.push(Block { on, then });
    }
    if draft.block.is_empty() {
        reader.fault(0, "一对也不会比；至少写一个 [[block]]".to_owned());
    }
    if draft.block.len() > 32 {
        reader.fault(0, format!("有 {} 条分块规则；最多 32 条", draft.block.len()));
    }
    let look_alikes = reader.look_alikes(&draft.look_alike, &comparisons);
    let fills = reader.fills(&draft.fill, &comparisons);
    let household = draft.household.as_ref();
    let household =
        household.map_or(Vec::new(), |h| h.by.iter().map(|r| reader.parts(r)).collect());
    let (mut prior, mut prior_recall) = (Vec::new(), 0.8);
    if let Some(draft) = &draft.prior {
        prior = draft.rules.iter().map(|r| reader.parts(r)).collect();
        prior_recall = reader.share(Some(&draft.recall), prior_recall);
    }
    let before = Settings::default();
    let numbers = &draft.settings;
    let settings = Settings {
        same_from: reader.share(numbers.same_from.as_ref(), before.same_from),
        ask_from: reader.share(numbers.ask_from.as_ref(), before.ask_from),
        block_pairs: numbers.block_pairs.unwrap_or(before.block_pairs),
        most_pairs: numbers.most_pairs.unwrap_or(before.most_pairs),
        random_pairs: numbers.random_pairs.unwrap_or(before.random_pairs),
        training_pairs: numbers.training_pairs.unwrap_or(before.training_pairs),
        seed: numbers.seed.unwrap_or(before.seed),
        bridge: numbers.bridge.unwrap_or(before.bridge),
    };
    if settings.ask_from > settings.same_from {
        let at =
            numbers.ask_from.as_ref().or(numbers.same_from.as_ref()).map_or(0, |s| s.span().start);
        reader.fault(at, "ask_from 比 same_from 还高".to_owned());
    }
    if reader.faults.is_empty() {
        Ok(Spec {
            id: draft.id,
            list: draft.list,
            truth: draft.truth,
            one_to_one: draft.one_to_one,
            comparisons,
            blocks,
            look_alikes,
            fills,
            household,
            prior,
            prior_recall,
            settings,
        })
    } else {
        reader.faults.sort();
        Err(reader.faults)
    }
}
