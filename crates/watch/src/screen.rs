//! 心理筛查: recognised instruments as data, what a score asks somebody to do by when, and what stands of a child's care.
//!
//! A band says who acts next, never what a child is: nothing here leaves the circle of those on the case. [`Care::take`] says what may
//! follow what; [`Care::next`] what is to be done and by when.

use std::collections::BTreeSet;

use fujiao_model::RulesError;
use jiff::Span;
use jiff::civil::Date;
use serde::Deserialize;

use crate::rules::{self, data_file};

/// What a band asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Nothing.
    None,
    /// 再看看: a talk, and a look again.
    Watch,
    /// 关爱计划
    Plan,
    /// 转介
    Refer,
}

impl Act {
    /// The word of the pages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Watch => "watch",
            Self::Plan => "plan",
            Self::Refer => "refer",
        }
    }
}

/// A stretch of scores.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Its key.
    pub key: String,
    /// The least score in it.
    pub from: u32,
    /// What it is called.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// What is to be done.
    pub act: Act,
    /// Within how many days.
    pub days: i32,
}

/// A recognised instrument: a total score, and what it means. Its items stay in its own manual.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// Who published it, and its cut-offs.
    pub source: String,
    /// Least age in years.
    pub first_age: i16,
    /// Greatest age in years.
    pub last_age: i16,
    /// Greatest total score; the least is nought.
    pub most: u32,
    /// From the lowest up.
    #[serde(rename = "band")]
    pub bands: Vec<Band>,
}

impl Instrument {
    /// The band of a score; `None` for a score that there cannot be.
    pub fn band(&self, score: u32) -> Option<&Band> {
        (score <= self.most).then(|| self.bands.iter().rev().find(|band| band.from <= score))?
    }
}

/// Instruments, who is screened, and how long what stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// In the order of the file.
    pub instruments: Vec<Instrument>,
    /// Codes of the grades that are screened once a school year.
    pub grades: Vec<String>,
    /// The day since which they are, and the article that says so.
    pub since: Date,
    /// See `since`.
    pub basis: String,
    /// Records older than so many days are folded away.
    pub fold_days: i32,
    /// A plan is looked at again within so many days.
    pub review_days: i32,
}

data_file! {
    struct File {
        grades: Vec<String>,
        since: String,
        fold_days: i32,
        review_days: i32,
        #[serde(rename = "instrument")]
        instruments: Vec<Instrument>,
    }
}

impl Rules {
    /// The file that comes with the program, `policies/cn/screening.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../policies/cn/screening.toml");

    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a data file.
    ///
    /// # Errors
    /// [`RulesError`] with what is wrong.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let (file, mut faults): (File, _) = rules::read(text)?;
        let mut keys = BTreeSet::new();
        for instrument in &file.instruments {
            let key = &instrument.key;
            if !keys.insert(key.as_str()) {
                faults.say_of(key, "两个量表都叫这个 key；改一个");
            }
            if instrument.first_age > instrument.last_age || instrument.source.trim().is_empty() {
                faults.say_of(key, "写明适用年龄和出处");
            }
            let rising = instrument.bands.windows(2).all(|pair| pair[0].from < pair[1].from);
            let first = instrument.bands.first().map(|band| band.from);
            let last = instrument.bands.last().map_or(0, |band| band.from);
            if first != Some(0) || !rising || last > instrument.most {
                faults.say_of(key, "分档从 0 起，由低到高，不超过总分");
            }
            if instrument.bands.iter().any(|b| b.days < 0 || (b.act != Act::None && b.days == 0)) {
                faults.say_of(key, "要做事的分档写明几天内（days）");
            }
        }
        if file.instruments.is_empty() || file.fold_days < 1 || file.review_days < 1 {
            faults.say("至少一个量表；fold_days、review_days 不小于 1");
        }
        let since = file.since.parse().map_err(|_| "不是日期；写成 2023-04-20".to_owned());
        let since = faults.keep_of(&file.since, since);
        faults.end(since.map(|since| Self {
            instruments: file.instruments,
            grades: file.grades,
            since,
            basis: file.basis,
            fold_days: file.fold_days,
            review_days: file.review_days,
        }))
    }

    /// The instrument of a key.
    pub fn instrument(&self, key: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|instrument| instrument.key == key)
    }
}

/// Something that is done for a child's well-being. What is said in it stays with those on the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// 筛查: a total score.
    Screening {
        /// Key of the instrument.
        instrument: String,
        /// The score.
        score: u32,
        /// The child's age in years; `None`: not on file.
        age: Option<i16>,
        /// Whether the guardian was told before.
        informed: bool,
    },
    /// 谈话记录: what was said, for those on the case.
    Note,
    /// 关爱计划, and the day on which it is looked at again.
    Plan {
        /// That day.
        review_on: Date,
    },
    /// 转介, to whom, with the guardian's knowledge.
    Refer {
        /// To whom.
        to: String,
        /// Whether the guardian was told.
        informed: bool,
    },
    /// 转介有回复
    Answer,
    /// 结束关爱: no plan is needed any more.
    Close,
}

impl Step {
    /// Words of all steps.
    pub const CODES: [&'static str; 6] = ["screening", "note", "plan", "refer", "answer", "close"];

    /// The word in the books.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Screening { .. } => "screening",
            Self::Note => "note",
            Self::Plan { .. } => "plan",
            Self::Refer { .. } => "refer",
            Self::Answer => "answer",
            Self::Close => "close",
        }
    }
}

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The day has not come.
    #[error("{0} 还没到；写已经发生的日子")]
    Tomorrow(Date),
    /// Before the last step.
    #[error("{on} 早于上一条记录（{last}）；按先后补记")]
    Backwards {
        /// The day.
        on: Date,
        /// Of the step before.
        last: Date,
    },
    /// No such instrument.
    #[error("没有这个量表；从列表里选")]
    NoInstrument,
    /// A score that there cannot be.
    #[error("{title}的总分在 0 到 {most} 之间")]
    Score {
        /// The instrument.
        title: String,
        /// The greatest score.
        most: u32,
    },
    /// Not for this age.
    #[error("{title}适用 {first} 到 {last} 岁，这个孩子 {age} 岁；换一个量表")]
    Age {
        /// The instrument.
        title: String,
        /// Least age.
        first: i16,
        /// Greatest age.
        last: i16,
        /// The child's.
        age: i16,
    },
    /// The guardian does not know.
    #[error("先告诉监护人，再做这一步")]
    NotInformed,
    /// A plan that is looked at again too late, or before it begins.
    #[error("复查日期在这一天之后、{0} 天之内")]
    Review(i32),
    /// To nobody.
    #[error("写明转介到哪里")]
    ToNobody,
    /// There is no referral that waits for an answer.
    #[error("没有等着回复的转介")]
    NotReferred,
    /// There is nothing to close.
    #[error("没有正在进行的关爱，不用结束")]
    NotOpen,
    /// A referral waits for its answer.
    #[error("转介还没有回复，先记回复再结束")]
    Referred,
}

/// What is to be done for a child, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// What: [`Act::Watch`] look again, [`Act::Plan`] make or review a plan, [`Act::Refer`] refer, or ask what came of it.
    pub act: Act,
    /// By when.
    pub by: Date,
}

/// What stands of a child's care: follows from its steps alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Care {
    last: Option<Date>,
    planned: bool,
    referred: bool,
    next: Option<Next>,
}

impl Care {
    /// The care that some steps make, each with its day. Steps of the books are not checked again.
    pub fn recall<'a>(steps: impl IntoIterator<Item = (Date, &'a Step)>, rules: &Rules) -> Self {
        let mut care = Self::default();
        for (on, step) in steps {
            care.put(step, on, rules);
        }
        care
    }

    /// Takes a step.
    ///
    /// # Errors
    /// A [`Refusal`]; then nothing changed.
    pub fn take(
        &mut self,
        step: &Step,
        on: Date,
        today: Date,
        rules: &Rules,
    ) -> Result<(), Refusal> {
        if on > today {
            return Err(Refusal::Tomorrow(on));
        }
        if let Some(last) = self.last.filter(|last| on < *last) {
            return Err(Refusal::Backwards { on, last });
        }
        match step {
            Step::Screening { instrument, score, age, informed } => {
                let found = rules.instrument(instrument).ok_or(Refusal::NoInstrument)?;
                if found.band(*score).is_none() {
                    return Err(Refusal::Score { title: found.title.clone(), most: found.most });
                }
                let fits = |age: &i16| (found.first_age..=found.last_age).contains(age);
                if let Some(age) = age.filter(|age| !fits(age)) {
                    return Err(Refusal::Age {
                        title: found.title.clone(),
                        first: found.first_age,
                        last: found.last_age,
                        age,
                    });
                }
                if !informed {
                    return Err(Refusal::NotInformed);
                }
            }
            Step::Plan { review_on } => {
                let days = (*review_on - on).get_days();
                if !(1..=rules.review_days).contains(&days) {
                    return Err(Refusal::Review(rules.review_days));
                }
            }
            Step::Refer { to, informed } => {
                if to.trim().is_empty() {
                    return Err(Refusal::ToNobody);
                }
                if !informed {
                    return Err(Refusal::NotInformed);
                }
            }
            Step::Answer if !self.referred => return Err(Refusal::NotReferred),
            Step::Close if self.referred => return Err(Refusal::Referred),
            Step::Close if self.next.is_none() => return Err(Refusal::NotOpen),
            Step::Note | Step::Answer | Step::Close => {}
        }
        self.put(step, on, rules);
        Ok(())
    }

    fn put(&mut self, step: &Step, on: Date, rules: &Rules) {
        let after = |days: i32| on.saturating_add(Span::new().days(days));
        self.last = Some(on);
        match step {
            Step::Screening { instrument, score, .. } => {
                let band = rules.instrument(instrument).and_then(|found| found.band(*score));
                let asked = band
                    .filter(|band| band.act != Act::None)
                    .map(|band| Next { act: band.act, by: after(band.days) });
                // A new score never puts off what is to be done already.
                self.next = match (self.next, asked) {
                    (Some(now), Some(asked)) => {
                        Some(Next { act: now.act.max(asked.act), by: now.by.min(asked.by) })
                    }
                    (now, asked) => now.or(asked),
                };
            }
            Step::Note => {
                if let Some(Next { act: Act::Watch, .. }) = self.next {
                    self.next = None;
                }
            }
            Step::Plan { review_on } => {
                self.planned = true;
                if !self.referred {
                    self.next = Some(Next { act: Act::Plan, by: *review_on });
                }
            }
            Step::Refer { .. } => {
                self.referred = true;
                self.next = Some(Next { act: Act::Refer, by: after(rules.review_days.min(14)) });
            }
            Step::Answer => {
                self.referred = false;
                self.next = Some(Next { act: Act::Plan, by: after(rules.review_days.min(14)) });
            }
            Step::Close => {
                let last = self.last;
                *self = Self { last, ..Self::default() };
            }
        }
    }

    /// What is to be done, and by when; `None`: nothing.
    pub fn next(&self) -> Option<Next> {
        self.next
    }

    /// Whether there is a plan.
    pub fn is_planned(&self) -> bool {
        self.planned
    }

    /// Whether a referral waits for its answer.
    pub fn is_referred(&self) -> bool {
        self.referred
    }

    /// Where it stands, for lists of those on the case.
    pub fn state(&self) -> &'static str {
        match (self.referred, self.planned, self.next) {
            (true, ..) => "referred",
            (_, true, _) => "planned",
            (_, _, Some(_)) => "asked",
            _ => "quiet",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const DAY: Date = date(2025, 10, 15);

    fn screening(instrument: &str, score: u32) -> Step {
        Step::Screening { instrument: instrument.to_owned(), score, age: Some(13), informed: true }
    }

    #[test]
    fn a_score_asks_somebody_to_act_and_says_by_when() {
        let rules = Rules::builtin();
        let check = |instrument: &str, score: u32, want: Option<(Act, i32)>| {
            let mut care = Care::default();
            care.take(&screening(instrument, score), DAY, DAY, &rules).unwrap();
            let by = |days: i32| DAY.saturating_add(Span::new().days(days));
            let want = want.map(|(act, days)| Next { act, by: by(days) });
            assert_eq!(care.next(), want, "{instrument} {score}");
        };
        check("mht", 55, None);
        check("mht", 56, Some((Act::Plan, 14)));
        check("mht", 65, Some((Act::Plan, 7)));
        check("phq9", 4, None);
        check("phq9", 9, Some((Act::Watch, 30)));
        check("phq9", 20, Some((Act::Refer, 1)));
        check("sdq", 17, Some((Act::Plan, 14)));
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        let rules = Rules::builtin();
        let mut care = Care::default();
        let mut say =
            |step: Step, on: Date| care.take(&step, on, DAY, &rules).unwrap_err().to_string();
        assert_eq!(
            say(screening("phq9", 28), DAY),
            "患者健康问卷抑郁量表（PHQ-9）的总分在 0 到 27 之间"
        );
        assert_eq!(say(screening("x", 1), DAY), "没有这个量表；从列表里选");
        let young =
            Step::Screening { instrument: "phq9".into(), score: 3, age: Some(9), informed: true };
        assert_eq!(
            say(young, DAY),
            "患者健康问卷抑郁量表（PHQ-9）适用 12 到 25 岁，这个孩子 9 岁；换一个量表"
        );
        let secret =
            Step::Screening { instrument: "phq9".into(), score: 3, age: None, informed: false };
        assert_eq!(say(secret, DAY), "先告诉监护人，再做这一步");
        assert_eq!(say(Step::Note, date(2025, 10, 16)), "2025-10-16 还没到；写已经发生的日子");
        assert_eq!(say(Step::Answer, DAY), "没有等着回复的转介");
        assert_eq!(say(Step::Close, DAY), "没有正在进行的关爱，不用结束");
        assert_eq!(say(Step::Plan { review_on: DAY }, DAY), "复查日期在这一天之后、90 天之内");
        assert_eq!(say(Step::Refer { to: " ".into(), informed: true }, DAY), "写明转介到哪里");
        assert_eq!(care, Care::default(), "what is refused changes nothing");
        care.take(&Step::Refer { to: "县医院".into(), informed: true }, DAY, DAY, &rules).unwrap();
        let close = care.take(&Step::Close, DAY, DAY, &rules).unwrap_err();
        assert_eq!(close, Refusal::Referred);
        let before = care.take(&Step::Note, date(2025, 10, 1), DAY, &rules).unwrap_err();
        assert_eq!(before.to_string(), "2025-10-01 早于上一条记录（2025-10-15）；按先后补记");
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..4_usize, 0..95_u32)
                .prop_map(|(at, score)| { screening(["mht", "sdq", "phq9", "gad7"][at], score) }),
            Just(Step::Note),
            (0..120_i32).prop_map(|days| Step::Plan {
                review_on: DAY.saturating_add(Span::new().days(days))
            }),
            any::<bool>().prop_map(|informed| Step::Refer { to: "县医院".into(), informed }),
            Just(Step::Answer),
            Just(Step::Close),
        ]
    }

    proptest! {
        /// Whoever was asked to act stays asked until a plan was made, a referral answered or the care ended; what is taken replays.
        #[test]
        fn nobody_who_needs_care_is_forgotten(steps in proptest::collection::vec((any_step(), 0..5_i32), 0..20)) {
            let rules = Rules::builtin();
            let (mut care, mut on, mut taken) = (Care::default(), date(2025, 9, 1), Vec::new());
            for (step, days) in steps {
                on = on.saturating_add(Span::new().days(days));
                let before = care.clone();
                if care.take(&step, on, date(2026, 9, 1), &rules).is_err() {
                    prop_assert_eq!(&care, &before);
                    continue;
                }
                let serious = |care: &Care| care.next().is_some_and(|next| next.act >= Act::Plan);
                if serious(&before) && !matches!(step, Step::Close) {
                    prop_assert!(serious(&care), "{step:?}");
                }
                prop_assert_eq!(care.is_referred() && care.next().is_none(), false);
                taken.push((on, step));
            }
            let again = Care::recall(taken.iter().map(|(on, step)| (*on, step)), &rules);
            prop_assert_eq!(again, care);
        }
    }
}
