//! 一人多钱包: one student, several purses. Who gave what, which may not come together, what they come to at most, and which need
//! is still unmet.
//!
//! Purses, exclusions and ceilings are [`Rules`], read from `policies/cn/purses.toml`. [`stack`] takes gifts in the order in which
//! they were decided: what was paid stands and is named where it should not be; what is only planned is cut to what may be.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Faults, Money, RulesError, read_rules};
use serde::Deserialize;

use crate::loan::Mark;

/// What money is for: `tuition`, `lodging`, `living`, `travel` and whatever else the data file says.
pub type Purpose = String;

/// A purse: one department's programme.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purse {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: String,
    /// Its name in English.
    pub en: String,
    /// What lists call it besides.
    #[serde(default)]
    pub names: Vec<String>,
    /// Who fills it.
    pub department: String,
    /// What it may pay for, the first first.
    pub purposes: Vec<Purpose>,
    /// `grant` or `loan`: what is lent meets a need, and has to be repaid.
    pub kind: String,
}

/// Purses of which one student gets one at most in a school year.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    /// The purses.
    pub purses: BTreeSet<String>,
    /// Source.
    pub basis: String,
    /// How sure.
    pub mark: Mark,
}

/// What gifts come to at most.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Its name.
    pub title: String,
    /// For which purposes.
    pub of: BTreeSet<Purpose>,
    /// For which kinds of money.
    pub kinds: BTreeSet<String>,
    /// The student's own costs for these purposes are the limit.
    #[serde(default)]
    pub cost: bool,
    /// A fixed limit in fen.
    pub fen: Option<i64>,
    /// Source.
    pub basis: String,
    /// How sure.
    pub mark: Mark,
}

/// What a school year costs for a purpose, where nobody wrote down what it costs a student.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// For what.
    pub purpose: Purpose,
    /// Fen.
    pub fen: i64,
    /// Source.
    pub basis: String,
    /// How sure.
    pub mark: Mark,
}

/// The data file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    #[serde(rename = "engine")]
    _engine: String,
    #[serde(rename = "scope")]
    _scope: String,
    #[serde(rename = "title")]
    _title: String,
    /// Purses.
    #[serde(rename = "purse")]
    pub purses: Vec<Purse>,
    /// What a year costs, where it is not on file.
    #[serde(rename = "cost", default)]
    pub costs: Vec<Estimate>,
    /// What may not come together.
    #[serde(rename = "exclude", default)]
    pub excludes: Vec<Exclude>,
    /// What it comes to at most.
    #[serde(rename = "ceiling", default)]
    pub ceilings: Vec<Ceiling>,
}

impl Rules {
    /// The file that comes with the program, `policies/cn/purses.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../policies/cn/purses.toml");

    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a data file.
    ///
    /// # Errors
    /// [`RulesError`] with every fault.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let rules: Self = read_rules(text)?;
        let mut faults = Faults::of(text);
        let mut keys = BTreeSet::new();
        for purse in &rules.purses {
            if !keys.insert(purse.key.as_str()) {
                faults.say_of(&purse.key, "两个项目都叫这个 key；改一个");
            }
            if purse.purposes.is_empty() {
                faults.say_of(&purse.key, "没有写能用来做什么；补 purposes");
            }
        }
        for cost in &rules.costs {
            if cost.fen < 0 || cost.basis.trim().is_empty() {
                faults.say_of(&cost.purpose, "费用不小于零，并写明依据 basis");
            }
        }
        for exclude in &rules.excludes {
            for strange in exclude.purses.iter().filter(|key| !keys.contains(key.as_str())) {
                faults.say_of(strange, "没有这个项目；核对 [[purse]] 的 key");
            }
            if exclude.purses.len() < 2 || exclude.basis.trim().is_empty() {
                faults.say("互斥（exclude）至少写两个项目，并写明依据 basis");
            }
        }
        for ceiling in &rules.ceilings {
            if ceiling.cost == ceiling.fen.is_some() || ceiling.basis.trim().is_empty() {
                faults.say_of(&ceiling.title, "写 cost = true 或 fen，写一个，并写明依据 basis");
            }
        }
        faults.end(Some(rules))
    }

    /// The purse that a list means: by the words of its programme, else by the department, if that has one purse alone.
    pub fn named(&self, programme: &str, department: &str) -> Option<&Purse> {
        let plain =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let said = plain(programme);
        if !said.is_empty() {
            let names = |p: &&Purse| {
                let mut names = p.names.iter().chain([&p.title]);
                names.any(|name| said.contains(&plain(name)))
            };
            let key = |p: &&Purse| p.key == programme.trim();
            if let Some(purse) =
                self.purses.iter().find(key).or_else(|| self.purses.iter().find(names))
            {
                return Some(purse);
            }
        }
        let unit = plain(department);
        if unit.is_empty() {
            return None;
        }
        let mut of =
            self.purses.iter().filter(|p| p.kind != "loan" && unit.contains(&plain(&p.department)));
        of.next().filter(|_| of.next().is_none())
    }

    /// The purse of a key.
    pub fn purse(&self, key: &str) -> Option<&Purse> {
        self.purses.iter().find(|purse| purse.key == key)
    }
}

/// Money of one purse for one student and school year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// The purse.
    pub purse: String,
    /// How much.
    pub amount: Money,
    /// Whether it was paid. What was paid stands.
    pub paid: bool,
}

/// What a rule says of a gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// No purse of the data file.
    UnknownPurse,
    /// Another gift, which came before, excludes it: its position, and the basis.
    Excluded {
        /// Position of the other.
        by: usize,
        /// Source.
        basis: String,
    },
    /// It goes beyond a ceiling.
    Beyond {
        /// The ceiling.
        title: String,
        /// By how much.
        over: Money,
        /// Source.
        basis: String,
    },
    /// It goes beyond everything that it may pay for.
    NoNeed {
        /// By how much.
        over: Money,
    },
}

/// One purpose of a student.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// What it costs.
    pub cost: Money,
    /// What grants pay of it.
    pub granted: Money,
    /// What is lent for it.
    pub lent: Money,
    /// What nobody pays: the unmet need.
    pub unmet: Money,
}

/// The purses of one student, laid over each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stacked {
    /// For each gift, what of it stands: what was paid, or what of a plan may be paid.
    pub stands: Vec<Money>,
    /// What stands against which gift, in the order of the gifts.
    pub conflicts: Vec<(usize, Conflict)>,
    /// Each purpose that costs something.
    pub met: BTreeMap<Purpose, Met>,
    /// Unmet need over all purposes.
    pub unmet: Money,
}

/// Lays the purses of one student over each other.
///
/// `costs` is what the school year costs by purpose. Gifts that were paid come first, then plans, each in the order of the
/// slice. A gift meets the first of its purposes that still costs something, then the next. A plan that is excluded gets
/// nothing; one beyond a ceiling, or beyond need, is cut. A gift that was paid stands whole, and what is wrong with it is named.
pub fn stack(rules: &Rules, costs: &BTreeMap<Purpose, Money>, gifts: &[Gift]) -> Stacked {
    let mut out = Stacked {
        stands: vec![Money::ZERO; gifts.len()],
        met: costs
            .iter()
            .map(|(purpose, cost)| (purpose.clone(), Met { cost: *cost, ..Met::default() }))
            .collect(),
        ..Stacked::default()
    };
    let mut order: Vec<usize> = (0..gifts.len()).collect();
    order.sort_by_key(|at| !gifts[*at].paid);
    let mut before: Vec<usize> = Vec::new();
    // What each ceiling has taken so far.
    let mut taken = vec![Money::ZERO; rules.ceilings.len()];
    for at in order {
        let gift = &gifts[at];
        let Some(purse) = rules.purse(&gift.purse) else {
            out.conflicts.push((at, Conflict::UnknownPurse));
            if gift.paid {
                out.stands[at] = gift.amount;
            }
            continue;
        };
        let excluded = rules.excludes.iter().find_map(|rule| {
            let of = |key: &str| rule.purses.contains(key);
            let by =
                before.iter().find(|b| of(&gifts[**b].purse) && gifts[**b].purse != gift.purse);
            by.filter(|_| of(&gift.purse)).map(|by| (*by, rule.basis.clone()))
        });
        if let Some((by, basis)) = excluded {
            out.conflicts.push((at, Conflict::Excluded { by, basis }));
            if !gift.paid {
                continue;
            }
        }
        let spent = spend(rules, purse, gift.amount, costs, &mut out.met, &mut taken);
        let over = gift.amount - spent.used;
        if !over.is_zero() {
            let conflict = match spent.ceiling {
                Some(rule) => {
                    Conflict::Beyond { title: rule.title.clone(), over, basis: rule.basis.clone() }
                }
                None => Conflict::NoNeed { over },
            };
            out.conflicts.push((at, conflict));
        }
        out.stands[at] = if gift.paid { gift.amount } else { spent.used };
        if !out.stands[at].is_zero() {
            before.push(at);
        }
    }
    for met in out.met.values_mut() {
        met.unmet = met.cost - met.granted - met.lent;
        out.unmet += met.unmet;
    }
    out.conflicts.sort_by_key(|(at, _)| *at);
    out
}

struct Spent<'a> {
    used: Money,
    /// The ceiling that cut it, if one did.
    ceiling: Option<&'a Ceiling>,
}

/// Uses money for the purposes of a purse, as far as they cost something and ceilings allow.
fn spend<'a>(
    rules: &'a Rules,
    purse: &Purse,
    amount: Money,
    costs: &BTreeMap<Purpose, Money>,
    met: &mut BTreeMap<Purpose, Met>,
    taken: &mut [Money],
) -> Spent<'a> {
    let mut left = amount;
    let mut cut_by = None;
    for purpose in &purse.purposes {
        let Some(at) = met.get_mut(purpose) else { continue };
        let mut use_of = left.min(at.cost - at.granted - at.lent);
        let bound = rules
            .ceilings
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.of.contains(purpose) && rule.kinds.contains(&purse.kind));
        for (i, rule) in bound.clone() {
            let limit = match rule.fen {
                Some(fen) => Money::fen(fen),
                None => rule.of.iter().filter_map(|p| costs.get(p)).copied().sum(),
            };
            let room = limit - taken[i];
            if room < use_of {
                use_of = room;
                cut_by = Some(rule);
            }
        }
        let use_of = use_of.max(Money::ZERO);
        for (i, _) in bound {
            taken[i] += use_of;
        }
        if purse.kind == "loan" {
            at.lent += use_of;
        } else {
            at.granted += use_of;
        }
        left -= use_of;
    }
    Spent { used: amount - left, ceiling: cut_by }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn costs(tuition: i64, lodging: i64, living: i64) -> BTreeMap<Purpose, Money> {
        [("tuition", tuition), ("lodging", lodging), ("living", living)]
            .into_iter()
            .map(|(p, yuan)| (p.to_owned(), Money::yuan(yuan)))
            .collect()
    }

    fn gift(purse: &str, yuan: i64, paid: bool) -> Gift {
        Gift { purse: purse.to_owned(), amount: Money::yuan(yuan), paid }
    }

    #[test]
    fn what_is_unmet_is_named() {
        let rules = Rules::builtin();
        let gifts = [gift("loan", 8_000, true), gift("civil.edu_aid", 3_000, true)];
        let got = stack(&rules, &costs(5_000, 1_000, 9_000), &gifts);
        assert_eq!(got.conflicts, []);
        // The loan pays tuition, lodging and 2 000 of living; the grant 3 000 of living.
        assert_eq!(
            got.met["living"],
            Met {
                cost: Money::yuan(9_000),
                granted: Money::yuan(3_000),
                lent: Money::yuan(2_000),
                unmet: Money::yuan(4_000),
            }
        );
        assert_eq!(got.unmet, Money::yuan(4_000));
    }

    #[test]
    fn what_excludes_another_was_first_and_what_was_paid_stands() {
        let rules = Rules::builtin();
        let needs = costs(5_000, 1_000, 9_000);
        let plan = [
            gift("youth.hope", 5_000, false),
            gift("union.golden_autumn", 3_000, true),
            gift("women.daughter", 2_000, true),
        ];
        let got = stack(&rules, &needs, &plan);
        assert_eq!(got.stands, [Money::ZERO, Money::yuan(3_000), Money::yuan(2_000)]);
        let by: Vec<_> = got
            .conflicts
            .iter()
            .map(|(at, c)| match c {
                Conflict::Excluded { by, .. } => (*at, *by),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(by, [(0, 1), (2, 1)]);
    }

    #[test]
    fn nobody_is_paid_tuition_twice() {
        let rules = Rules::read(
            "engine = 'ledger'\nscope = 'CN'\ntitle = ''\n\
             [[purse]]\nkey = 'a'\ntitle = 'A'\nen = 'A'\ndepartment = 'x'\npurposes = ['tuition']\nkind = 'grant'\n\
             [[purse]]\nkey = 'b'\ntitle = 'B'\nen = 'B'\ndepartment = 'y'\npurposes = ['tuition', 'living']\nkind = 'grant'\n\
             [[ceiling]]\ntitle = 'T'\nof = ['tuition', 'living']\nkinds = ['grant']\nfen = 600000\nbasis = 'z'\nmark = 'U'\n",
        )
        .unwrap();
        let gifts = [gift("a", 5_500, false), gift("b", 3_000, false), gift("c", 1, false)];
        let got = stack(&rules, &costs(5_000, 0, 9_000), &gifts);
        assert_eq!(got.stands, [Money::yuan(5_000), Money::yuan(1_000), Money::ZERO]);
        assert_eq!(
            got.conflicts,
            [
                (0, Conflict::NoNeed { over: Money::yuan(500) }),
                (
                    1,
                    Conflict::Beyond {
                        title: "T".into(),
                        over: Money::yuan(2_000),
                        basis: "z".into()
                    }
                ),
                (2, Conflict::UnknownPurse),
            ]
        );
    }

    #[test]
    fn a_purse_is_known_by_the_words_of_its_list() {
        let rules = Rules::builtin();
        let key = |programme: &str, department: &str| {
            rules.named(programme, department).map(|purse| purse.key.as_str())
        };
        assert_eq!(key("2025年“金秋助学”活动", ""), Some("union.golden_autumn"));
        assert_eq!(key("希望工程圆梦大学", "共青团示例县委员会"), Some("youth.hope"));
        assert_eq!(key("", "县残联"), Some("disabled.student"));
        // 民政 has two purses: the programme has to say which.
        assert_eq!(key("", "县民政局"), None);
        assert_eq!(key("福彩圆梦·孤儿助学工程", "县民政局"), Some("welfare.orphan"));
        assert_eq!(key("爱心企业捐赠", ""), None);
    }

    #[test]
    fn rules_that_contradict_themselves_are_refused() {
        let edited = |from: &str, to: &str| {
            assert!(Rules::BUILTIN.contains(from));
            Rules::read(&Rules::BUILTIN.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert!(
            edited("key = \"edu.entry\"", "key = \"loan\"").contains("loan：两个项目都叫这个 key")
        );
        assert!(
            edited("\"welfare.orphan\"]", "\"welfare.child\"]")
                .contains("welfare.child：没有这个项目")
        );
        assert!(
            edited("\ncost = true", "\ncost = true\nfen = 1")
                .contains("写 cost = true 或 fen，写一个")
        );
    }

    proptest! {
        #[test]
        fn purses_pay_no_need_twice(
            needs in (0_i64..20_000, 0_i64..3_000, 0_i64..15_000),
            picks in proptest::collection::vec((0_usize..10, 1_i64..15_000, any::<bool>()), 0..9),
        ) {
            let rules = Rules::builtin();
            let needs = costs(needs.0, needs.1, needs.2);
            let gifts: Vec<Gift> = picks.iter().map(|(p, yuan, paid)| gift(&rules.purses[*p].key, *yuan, *paid)).collect();
            let got = stack(&rules, &needs, &gifts);
            for met in got.met.values() {
                prop_assert_eq!(met.granted + met.lent + met.unmet, met.cost);
                prop_assert!(met.granted >= Money::ZERO && met.lent >= Money::ZERO && met.unmet >= Money::ZERO);
            }
            for (at, gift) in gifts.iter().enumerate() {
                if gift.paid {
                    prop_assert_eq!(got.stands[at], gift.amount);
                } else {
                    prop_assert!(got.stands[at] >= Money::ZERO && got.stands[at] <= gift.amount);
                }
                let named = got.conflicts.iter().any(|(c, _)| *c == at);
                prop_assert!(named || got.stands[at] == gift.amount);
            }
            // No two purses that exclude each other stand unnamed.
            for rule in &rules.excludes {
                let mut stand: Vec<&str> = (0..gifts.len())
                    .filter(|at| !got.stands[*at].is_zero() && rule.purses.contains(&gifts[*at].purse))
                    .filter(|at| !got.conflicts.iter().any(|(c, why)| c == at && matches!(why, Conflict::Excluded { .. })))
                    .map(|at| gifts[at].purse.as_str()).collect();
                stand.dedup();
                stand.sort_unstable();
                stand.dedup();
                prop_assert!(stand.len() < 2, "{stand:?}");
            }
        }
    }
}
