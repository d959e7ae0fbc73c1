//! Posts by subject: as many as the county's own norm gives a school, shared out as its lessons are; where the norm says
//! nothing of a school, as many as its lessons need.

use std::collections::BTreeMap;

use fujiao_model::{Grade, Stage, SubjectKind};
use fujiao_policy::PolicySet;
use fujiao_store::StoredDuty;
use jiff::civil::Date;

use super::super::inputs::{Inputs, number};
use super::super::said;
use super::super::sites::whole;
use crate::OfficeError;

/// Subjects of the curriculum with the word of their share in the rules.
const SUBJECTS: [(&str, &str); 14] = [
    ("语文", "chinese"),
    ("数学", "maths"),
    ("英语", "english"),
    ("道德与法治", "morality"),
    ("科学", "science"),
    ("物理", "physics"),
    ("化学", "chemistry"),
    ("生物", "biology"),
    ("历史", "history"),
    ("地理", "geography"),
    ("信息科技", "it"),
    ("体育", "pe"),
    ("音乐", "music"),
    ("美术", "art"),
];

/// Who teaches all subjects at a teaching point.
const ALL_ROUND: &str = "全科";

/// The subject that a roster names; `None` where it is none of the curriculum.
pub(super) fn subject(text: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    Some(match text {
        t if t.contains("语文") => "语文",
        t if t.contains("数学") => "数学",
        _ if has(&["英语", "外语"]) => "英语",
        _ if has(&["道德", "道法", "思想", "政治", "品德"]) => "道德与法治",
        _ if has(&["信息", "电脑", "计算机"]) => "信息科技",
        _ if has(&["体育"]) => "体育",
        _ if has(&["音乐"]) => "音乐",
        _ if has(&["美术", "书法"]) => "美术",
        _ if has(&["物理"]) => "物理",
        _ if has(&["化学"]) => "化学",
        _ if has(&["生物"]) => "生物",
        _ if has(&["历史"]) => "历史",
        _ if has(&["地理"]) => "地理",
        _ if has(&["科学", "自然"]) => "科学",
        _ if has(&["全科", "包班"]) => ALL_ROUND,
        _ => return None,
    })
}

/// What one stage of a school needs by its lessons.
struct Wants {
    school: u32,
    level: u8,
    /// Whether grades sit together, so that one teacher teaches all.
    few: bool,
    posts: f64,
    shares: Vec<(&'static str, f64)>,
}

/// Posts of one subject and level at one school.
pub(super) struct Post {
    pub school: u32,
    pub subject: &'static str,
    /// 1 primary, 2 junior.
    pub level: u8,
    pub needed: u32,
}

/// All posts of the county.
pub(super) struct Posts {
    pub all: Vec<Post>,
    at: BTreeMap<(u32, &'static str, u8), usize>,
}

impl Posts {
    /// Every school has every subject of its stages, if only with none needed: so who teaches one more than the norm has a
    /// post to be counted at.
    pub(super) fn by_the_norm(
        inputs: &Inputs,
        policies: &PolicySet,
        schools: &[said::Service],
        norm: &[StoredDuty],
    ) -> Result<Self, OfficeError> {
        // What is owed last is this year's.
        let mut by_norm: BTreeMap<u64, (Date, f64)> = BTreeMap::new();
        for owed in norm.iter().filter(|d| d.duty.subject.kind == SubjectKind::School) {
            let of = by_norm.entry(owed.duty.subject.id).or_insert((owed.duty.due_on, 0.0));
            if owed.duty.due_on >= of.0 {
                #[expect(clippy::cast_precision_loss, reason = "hundredths of a school's posts")]
                let posts = owed.duty.quantity as f64 / 100.0;
                *of = (owed.duty.due_on, posts);
            }
        }
        let number = |key: &str| number(policies, key, inputs.as_of);
        let staff_a_class = number("plan_class_staff_percent")? / 100.0;
        let mut posts = Self { all: Vec::new(), at: BTreeMap::new() };
        let mut wants: Vec<Wants> = Vec::new();
        for (stage, level, word) in [(Stage::Primary, 1, "primary"), (Stage::Junior, 2, "junior")] {
            let limit = number(&format!("plan_class_{word}"))?;
            let lessons = number(&format!("plan_lessons_{word}"))?;
            let load = number(&format!("plan_load_{word}"))?.max(1.0);
            let mut shares = Vec::new();
            for (name, key) in SUBJECTS {
                let key = format!("plan_share_{key}_{word}");
                // A subject that a stage does not have is in no rule.
                if policies.number(&key, inputs.as_of).is_some() {
                    shares.push((name, number(&key)? / 100.0));
                }
            }
            for (at, school) in (0..).zip(schools) {
                let mut grades: BTreeMap<Grade, u32> = BTreeMap::new();
                for count in inputs.pupils(stage).filter(|c| c.school == Some(school.id)) {
                    *grades.entry(count.grade).or_default() += count.pupils;
                }
                let classes: u32 =
                    grades.values().map(|n| whole((f64::from(*n) / limit).ceil()).max(1)).sum();
                if classes == 0 {
                    continue;
                }
                let pupils: u32 = grades.values().sum();
                // Few children in all grades: grades sit together, and one teacher teaches a class all that it learns.
                let few = level == 1 && f64::from(pupils) < f64::from(classes) * limit / 4.0;
                let joined = whole((f64::from(pupils) / (limit / 2.0)).ceil()).max(1);
                wants.push(Wants {
                    school: at,
                    level,
                    few,
                    posts: if few {
                        f64::from(joined) * staff_a_class
                    } else {
                        f64::from(classes) * lessons * shares.iter().map(|s| s.1).sum::<f64>()
                            / load
                    },
                    shares: shares.clone(),
                });
            }
        }
        let mut all: BTreeMap<u32, f64> = BTreeMap::new();
        for of in &wants {
            *all.entry(of.school).or_default() += of.posts;
        }
        for of in wants {
            let school = schools[of.school as usize].id;
            let own = by_norm
                .get(&school)
                .map_or(of.posts, |(_, norm)| norm * of.posts / all[&of.school].max(1e-9));
            posts.share(&of, whole(own.ceil()).max(1));
        }
        Ok(posts)
    }

    /// Whole posts by subject, the largest remainders first.
    fn share(&mut self, of: &Wants, number: u32) {
        let all_round = if of.few { number } else { 0 };
        if of.level == 1 {
            self.add(of.school, ALL_ROUND, of.level, all_round);
        }
        let sum: f64 = of.shares.iter().map(|s| s.1).sum();
        let left = f64::from(number - all_round);
        let exact: Vec<f64> = of.shares.iter().map(|s| left * s.1 / sum.max(1e-9)).collect();
        let mut needed: Vec<u32> = exact.iter().map(|e| whole(e.floor())).collect();
        let mut order: Vec<usize> = (0..exact.len()).collect();
        order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()).then(a.cmp(b)));
        let missing = whole(left).saturating_sub(needed.iter().sum());
        for at in order.into_iter().take(missing as usize) {
            needed[at] += 1;
        }
        for ((name, _), needed) in of.shares.iter().zip(needed) {
            self.add(of.school, name, of.level, needed);
        }
    }

    fn add(&mut self, school: u32, subject: &'static str, level: u8, needed: u32) {
        self.at.insert((school, subject, level), self.all.len());
        self.all.push(Post { school, subject, level, needed });
    }

    /// The post that a teacher of a subject holds at a school: of their own level, else of the other one there; at a teaching
    /// point, whoever teaches Chinese or maths teaches all.
    pub(super) fn of(&self, school: u32, subject: &'static str, level: u8) -> Option<usize> {
        let at = |subject, level| self.at.get(&(school, subject, level)).copied();
        let own = at(subject, level).or_else(|| at(subject, 3 - level));
        let is_wanted = |p: &usize| self.all[*p].needed > 0;
        let all_round = at(ALL_ROUND, 1).filter(is_wanted).filter(|_| fits_all_round(subject));
        own.filter(is_wanted).or(all_round).or(own)
    }

    /// Whether a teacher may hold a post.
    pub(super) fn fits(&self, post: usize, subject: &str, level: u8) -> bool {
        let post = &self.all[post];
        let same =
            post.subject == subject || (post.subject == ALL_ROUND && fits_all_round(subject));
        same && level >= post.level
    }
}

/// Whether a teacher of a subject can teach a class of a teaching point all that it learns.
fn fits_all_round(subject: &str) -> bool {
    matches!(subject, "语文" | "数学" | "全科" | "英语" | "道德与法治")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_known_under_what_rosters_write() {
        for (written, wanted) in [
            ("小学语文", Some("语文")),
            ("思想品德", Some("道德与法治")),
            ("信息技术", Some("信息科技")),
            ("包班", Some("全科")),
            ("后勤", None),
        ] {
            assert_eq!(subject(written), wanted, "{written}");
        }
    }
}
