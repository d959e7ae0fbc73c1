//! What a kind of duty or deed is called, on pages and in papers.

use std::collections::BTreeMap;

use fujiao_ledger::stack;
use fujiao_model::Grade;
use fujiao_policy::PolicySet;
use fujiao_school::Norms;

use crate::assess::PREFIX;
use crate::desk::Title;

/// Marks the kind of spending that its money is not for.
pub(crate) const OFF_EARMARK: &str = ".off_earmark";

/// The names of kinds, from the policy files.
#[derive(Clone, Debug)]
pub(crate) struct Titles(BTreeMap<String, Title>);

impl Titles {
    /// The titles that a county's rules give.
    pub(crate) fn of(policies: &PolicySet, norms: &Norms, purses: &stack::Rules) -> Self {
        let title = |zh: &str, en: &str| Title { zh: zh.to_owned(), en: en.to_owned() };
        let plans = crate::plans::todo::KINDS.iter().chain(&crate::school::KINDS);
        let plans = plans.chain([&crate::care::duties::KIND]).chain(&crate::labour::KINDS);
        let (loan, zh, en) = crate::loans::KIND;
        Self(
            policies
                .programmes()
                .iter()
                .map(|p| (p.key.to_string(), title(&p.title, &p.title_en)))
                .chain(plans.map(|(kind, zh, en)| ((*kind).to_owned(), title(zh, en))))
                .chain([(loan.to_owned(), title(zh, en))])
                .chain(
                    purses
                        .purses
                        .iter()
                        .map(|p| (format!("{PREFIX}{}", p.key), title(&p.title, &p.en))),
                )
                .chain(
                    norms.standards.iter().map(|s| (s.key.clone(), title(&s.title, &s.title_en))),
                )
                .collect(),
        )
    }

    /// The title of a kind, with the class that it may carry (`places.class:P2.1班`) and the mark of spending off its
    /// earmark. A kind that no policy file knows goes by its key.
    pub(crate) fn title(&self, kind: &str) -> Title {
        let (key, part) = kind.split_once(':').unwrap_or((kind, ""));
        let (key, off) = key.strip_suffix(OFF_EARMARK).map_or((key, false), |key| (key, true));
        let known = self.0.get(key).cloned();
        let Title { mut zh, mut en } =
            known.unwrap_or_else(|| Title { zh: key.to_owned(), en: key.to_owned() });
        if off {
            zh.push_str("（用途不符）");
            en.push_str(" (off its earmark)");
        }
        if !part.is_empty() {
            let (grade, class) = part.split_once('.').unwrap_or(("", part));
            let class = class.trim_end_matches('班');
            let chinese = Grade::parse(grade).map(Grade::chinese);
            zh = format!("{zh} {}{class}班", chinese.unwrap_or(grade));
            en = format!("{en} {grade} {class}");
        }
        Title { zh, en }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_kind_is_called_by_its_policy_file() {
        let titles = crate::Rulebook::builtin().titles;
        let check = |kind: &str, end: &str| {
            let title = titles.title(kind).zh;
            assert!(title.ends_with(end), "{kind}: {title}");
        };
        check("places.class:P2.1班", " 二年级1班");
        check("places.class:P2.1", " 二年级1班");
        check("funds.spent.off_earmark", "（用途不符）");
        check("no.such.kind", "no.such.kind");
        assert!(!titles.title("comp.living.boarder").zh.contains("comp."));
    }
}
