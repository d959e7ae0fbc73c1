use fujiao_store::V;

use super::{Show, Sort};

/// Where a page of a list begins: behind a line, or before one. Lines that come or go elsewhere do not shift it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// At the first line.
    #[default]
    Start,
    /// Behind the line of this key.
    After(String),
    /// Before the line of this key.
    Before(String),
}

/// The order of a list: its columns, the last of which no two lines share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    columns: &'static [&'static str],
    /// Which of them are texts.
    texts: usize,
}

impl Order {
    /// The order that a filter asks for. Texts stand in front of numbers.
    pub(super) fn of(show: Show, sort: Sort) -> Self {
        let (columns, texts): (&'static [&'static str], _) = match (show, sort) {
            (Show::Excess, Sort::Due) => (&["d.done_on", "d.deed_id"], 1),
            (Show::Excess, Sort::Gap) => (&["-d.excess", "d.deed_id"], 0),
            (Show::Excess, Sort::Place) => (&["coalesce(d.place, 0)", "d.deed_id"], 0),
            (Show::Excess, Sort::Kind) => (&["d.kind", "coalesce(d.place, 0)", "d.deed_id"], 1),
            (_, Sort::Due) => (&["d.due_on", "d.duty_id"], 1),
            (_, Sort::Gap) => (&["-d.gap", "d.duty_id"], 0),
            (_, Sort::Place) => (&["coalesce(d.place, 0)", "d.duty_id"], 0),
            (_, Sort::Kind) => (&["d.kind", "coalesce(d.place, 0)", "d.duty_id"], 1),
        };
        Self { columns, texts }
    }

    /// `order by`, forwards or backwards.
    pub(super) fn sql(self, backwards: bool) -> String {
        if !backwards {
            return self.columns.join(", ");
        }
        self.columns.iter().map(|c| format!("{c} desc")).collect::<Vec<_>>().join(", ")
    }

    /// The condition that a page begins at a key, its values pushed to `args`; `None` for a key that does not read.
    pub(super) fn condition(self, at: &At, args: &mut Vec<V<'static>>) -> Option<String> {
        let (key, sign) = match at {
            At::Start => return None,
            At::After(key) => (key, '>'),
            At::Before(key) => (key, '<'),
        };
        let parts: Vec<&str> = key.split('~').collect();
        if parts.len() != self.columns.len() {
            return None;
        }
        let numbers: Option<Vec<i64>> =
            parts[self.texts..].iter().map(|part| part.parse().ok()).collect();
        let values = parts[..self.texts]
            .iter()
            .map(|text| V::from((*text).to_owned()))
            .chain(numbers?.into_iter().map(V::from));
        let first = args.len() + 1;
        args.extend(values);
        let marks: Vec<String> = (first..=args.len()).map(|n| format!("${n}")).collect();
        Some(format!(" and ({}) {sign} ({})", self.columns.join(", "), marks.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_or_begins_anew() {
        let order = Order::of(Show::Gap, Sort::Kind);
        let mut args = vec![V::from(1_i64)];
        let at = At::After("comp.living~619926102000~17".into());
        assert_eq!(
            order.condition(&at, &mut args).as_deref(),
            Some(" and (d.kind, coalesce(d.place, 0), d.duty_id) > ($2, $3, $4)")
        );
        assert_eq!(args.len(), 4);
        for key in ["", "x", "a~b~c", "a~1~2~3", "'; drop table duty; --"] {
            assert_eq!(order.condition(&At::Before(key.into()), &mut args), None, "{key}");
            assert_eq!(args.len(), 4);
        }
        assert_eq!(order.sql(true), "d.kind desc, coalesce(d.place, 0) desc, d.duty_id desc");
    }
}
