use std::collections::BTreeMap;
use std::fmt;

/// Counters that formulas may speak of, with their Chinese and English names.
pub const COUNTERS: [(&str, &str, &str); 13] = [
    ("schools_serving", "供过餐的学校", "schools that served"),
    ("schools_due", "应实施的学校", "schools that should"),
    ("pupils_served", "供餐学校的学生", "pupils of schools that served"),
    ("pupils_due", "应享受的学生", "pupils who are entitled"),
    ("meals_served", "供餐份数", "meals served"),
    ("meals_canteen", "学校食堂供餐份数", "meals that canteens served"),
    ("meals_due", "应供份数", "meals due"),
    ("meals_claimed", "申报份数", "meals claimed"),
    ("meals_proved", "核实份数", "meals proved"),
    ("class_days", "应登记的班日", "class days"),
    ("class_days_marked", "已登记的班日", "class days marked"),
    ("faults_found", "检查发现的问题", "faults found"),
    ("faults_closed", "复查通过的问题", "faults put right"),
];

/// Counters over counters: `served_days / due_days`, `(a + b - c) / d`, or a sum alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    above: Vec<(bool, String)>,
    below: Vec<(bool, String)>,
}

/// A formula that does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("公式“{0}”读不懂；写成 计数 + 计数 - 计数 / 计数，计数用小写英文和下划线")]
pub struct FormulaError(pub String);

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`FormulaError`].
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        let bad = || FormulaError(text.to_owned());
        let mut halves = text.split('/');
        let above = sum(halves.next().unwrap_or_default()).ok_or_else(bad)?;
        let below = halves.next().map_or(Some(Vec::new()), sum).ok_or_else(bad)?;
        if halves.next().is_some() || above.is_empty() {
            return Err(bad());
        }
        Ok(Self { above, below })
    }

    /// The formula in words of a language.
    pub fn said(&self, chinese: bool) -> String {
        let word = |name: &str| {
            let known = COUNTERS.iter().find(|c| c.0 == name);
            known.map_or(name, |c| if chinese { c.1 } else { c.2 }).to_owned()
        };
        let side = |terms: &[(bool, String)]| {
            let mut text = String::new();
            for (at, (plus, name)) in terms.iter().enumerate() {
                if at > 0 {
                    text.push_str(if *plus { " + " } else { " − " });
                }
                text.push_str(&word(name));
            }
            if terms.len() > 1 && !self.below.is_empty() { format!("({text})") } else { text }
        };
        if self.below.is_empty() {
            side(&self.above)
        } else {
            format!("{} ÷ {}", side(&self.above), side(&self.below))
        }
    }

    /// The counters that it speaks of.
    pub fn counters(&self) -> impl Iterator<Item = &str> {
        self.above.iter().chain(&self.below).map(|(_, name)| name.as_str())
    }

    /// Numerator and denominator; the denominator of a sum alone is 1. `None` where a counter is not there.
    pub fn of(&self, counters: &BTreeMap<&str, i64>) -> Option<(i64, i64)> {
        let add = |terms: &[(bool, String)]| {
            terms.iter().try_fold(0_i64, |sum, (plus, name)| {
                let n = counters.get(name.as_str())?;
                Some(if *plus { sum + n } else { sum - n })
            })
        };
        let below = if self.below.is_empty() { 1 } else { add(&self.below)? };
        Some((add(&self.above)?, below))
    }
}

fn sum(text: &str) -> Option<Vec<(bool, String)>> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let (mut terms, mut plus, mut wants) = (Vec::new(), true, true);
    for word in text.replace('+', " + ").replace('-', " - ").split_whitespace() {
        match word {
            "+" | "-" if !wants => (plus, wants) = (word == "+", true),
            name if wants
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') =>
            {
                terms.push((plus, name.to_owned()));
                wants = false;
            }
            _ => return None,
        }
    }
    (!wants).then_some(terms)
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |terms: &[(bool, String)]| {
            let mut text = String::new();
            for (at, (plus, name)) in terms.iter().enumerate() {
                text.push_str(match (at, plus) {
                    (0, _) => "",
                    (_, true) => " + ",
                    (_, false) => " - ",
                });
                text.push_str(name);
            }
            if terms.len() > 1 { format!("({text})") } else { text }
        };
        write!(f, "{}", side(&self.above))?;
        if !self.below.is_empty() {
            write!(f, " / {}", side(&self.below))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_reckoned_and_reads_back() {
        let counters = BTreeMap::from([("a", 7), ("b", 2), ("c", 10)]);
        let check = |text: &str, want: Option<(i64, i64)>| {
            let formula = Formula::parse(text).unwrap();
            assert_eq!(formula.of(&counters), want, "{text}");
            assert_eq!(Formula::parse(&formula.to_string()), Ok(formula));
        };
        check("a / c", Some((7, 10)));
        check("(a - b) / (c + b)", Some((5, 12)));
        check("a+b", Some((9, 1)));
        check("a / d", None);
        let said = Formula::parse("meals_served / (meals_due - meals_canteen)").unwrap();
        assert_eq!(said.said(true), "供餐份数 ÷ (应供份数 − 学校食堂供餐份数)");
        assert_eq!(said.said(false), "meals served ÷ (meals due − meals that canteens served)");
        for text in ["", "/ a", "a /", "a / b / c", "a b", "+ a", "A / c", "a * b"] {
            assert!(Formula::parse(text).is_err(), "{text}");
        }
    }
}
