//! 学位: classes by size, places by school, and the pressure of this year and the next.

use std::collections::BTreeMap;

use fujiao_model::{Grade, Stage};

fujiao_model::code_table! {
    /// How large a class is, by the bands of the statistics.
    Band {
        /// At most the standard.
        Standard = "standard", "标准班额";
        /// Above the standard, below the large class.
        Above = "above", "班额偏大";
        /// 56 or more.
        Large = "large", "大班额";
        /// 66 or more.
        Oversize = "oversize", "超大班额";
    }
}

/// Limits of the bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The standard in primary schools.
    pub primary: u32,
    /// The standard in secondary schools.
    pub secondary: u32,
    /// Where large begins.
    pub large: u32,
    /// Where oversize begins.
    pub oversize: u32,
}

impl Limits {
    /// The standard of a stage.
    pub fn standard(self, stage: Stage) -> u32 {
        if stage == Stage::Primary { self.primary } else { self.secondary }
    }

    /// The band of a class.
    pub fn band(self, stage: Stage, pupils: u32) -> Band {
        match pupils {
            n if n >= self.oversize => Band::Oversize,
            n if n >= self.large => Band::Large,
            n if n > self.standard(stage) => Band::Above,
            _ => Band::Standard,
        }
    }
}

/// Share of classes that are large, oversize ones included, as published figures count them; and of oversize ones. In
/// thousandths, rounded up where any is: no rate hides the last class.
pub fn shares(bands: impl IntoIterator<Item = Band>) -> (u32, u32) {
    let (mut all, mut large, mut oversize) = (0_u64, 0_u64, 0_u64);
    for band in bands {
        all += 1;
        large += u64::from(band >= Band::Large);
        oversize += u64::from(band == Band::Oversize);
    }
    let share = |n: u64| u32::try_from((n * 1_000).div_ceil(all.max(1))).unwrap_or(1_000);
    (share(large), share(oversize))
}

/// One grade of a school this year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GradeNow {
    /// The school.
    pub school: u64,
    /// The grade.
    pub grade: Grade,
    /// Classes.
    pub classes: u32,
    /// Pupils.
    pub pupils: u32,
}

/// Children who come into a school's first grade next year from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrants {
    /// The school that took the children of their village this year.
    pub school: u64,
    /// The grade that they enter.
    pub grade: Grade,
    /// How many.
    pub children: u32,
    /// Of those, how many live in relocation estates.
    pub estate: u32,
}

/// A grade of a school in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    /// The school.
    pub school: u64,
    /// The grade.
    pub grade: Grade,
    /// Children.
    pub pupils: u32,
    /// Of those, from relocation estates and not in the school yet.
    pub estate: u32,
    /// Classes that are open.
    pub classes: u32,
    /// Places in them by the standard.
    pub places: u32,
    /// Places that are missing.
    pub short: u32,
    /// Classes to open so that none is above the standard.
    pub to_open: u32,
    /// How large classes become if none is opened, rounded up; nought without a class.
    pub class_size: u32,
    /// The band of such a class.
    pub band: Band,
}

/// This year's pressure, by school and grade.
pub fn this_year(limits: Limits, now: &[GradeNow]) -> Vec<Pressure> {
    let mut list: Vec<Pressure> =
        now.iter().map(|g| pressure(limits, (g.school, g.grade), g.pupils, 0, g.classes)).collect();
    list.sort_by_key(|p| (p.school, p.grade));
    list
}

/// Next year's: every grade moves up with its classes, the last of each stage leaves, and children enter.
///
/// `stays`: whether a school has a grade, so that a teaching point's third grade goes on elsewhere; children of a grade that
/// their school has not next year stand in `moving`, by school and grade, for a person to place.
pub fn next_year(
    limits: Limits,
    now: &[GradeNow],
    entrants: &[Entrants],
    has: impl Fn(u64, Grade) -> bool,
) -> (Vec<Pressure>, Vec<(u64, Grade, u32)>) {
    let mut next: BTreeMap<(u64, Grade), (u32, u32, u32)> = BTreeMap::new();
    let mut moving = Vec::new();
    let mut freed: BTreeMap<(u64, Stage), u32> = BTreeMap::new();
    for g in now {
        let stage = g.grade.stage();
        let up = Grade::ALL
            .iter()
            .copied()
            .find(|n| n.stage() == stage && n.year() == g.grade.year() + 1);
        if let Some(up) = up.filter(|up| has(g.school, *up)) {
            let of = next.entry((g.school, up)).or_default();
            (of.0, of.2) = (of.0 + g.pupils, of.2 + g.classes);
            continue;
        }
        // The last grade's class rooms take the first grade.
        *freed.entry((g.school, stage)).or_default() += g.classes;
        if let Some(up) = up {
            moving.push((g.school, up, g.pupils));
        }
    }
    for e in entrants {
        let of = next.entry((e.school, e.grade)).or_default();
        (of.0, of.1) = (of.0 + e.children, of.1 + e.estate);
    }
    for ((school, stage), classes) in freed {
        let first = Grade::ALL.iter().copied().find(|g| g.stage() == stage && has(school, *g));
        if let Some(of) = first.and_then(|g| next.get_mut(&(school, g))) {
            of.2 += classes;
        }
    }
    let list = next
        .into_iter()
        .map(|(key, (pupils, estate, classes))| pressure(limits, key, pupils, estate, classes))
        .collect();
    (list, moving)
}

fn pressure(
    limits: Limits,
    (school, grade): (u64, Grade),
    pupils: u32,
    estate: u32,
    classes: u32,
) -> Pressure {
    let standard = limits.standard(grade.stage());
    let places = classes * standard;
    let class_size = if classes == 0 { 0 } else { pupils.div_ceil(classes) };
    Pressure {
        school,
        grade,
        pupils,
        estate,
        classes,
        places,
        short: pupils.saturating_sub(places),
        to_open: pupils.div_ceil(standard.max(1)).saturating_sub(classes),
        class_size,
        band: limits.band(grade.stage(), class_size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { primary: 45, secondary: 50, large: 56, oversize: 66 };

    #[test]
    fn bands_are_those_of_the_statistics() {
        let check = |stage, pupils, want: &str| assert_eq!(LIMITS.band(stage, pupils).code(), want);
        check(Stage::Primary, 45, "standard");
        check(Stage::Primary, 46, "above");
        check(Stage::Junior, 50, "standard");
        check(Stage::Junior, 55, "above");
        check(Stage::Primary, 56, "large");
        check(Stage::Junior, 65, "large");
        check(Stage::Senior, 66, "oversize");
        assert_eq!(shares([Band::Standard, Band::Large, Band::Oversize]), (667, 334));
        assert_eq!(shares([]), (0, 0));
    }

    #[test]
    fn grades_move_up_and_children_enter() {
        let p = |year| {
            Grade::ALL
                .iter()
                .copied()
                .find(|g| g.stage() == Stage::Primary && g.year() == year)
                .unwrap()
        };
        let now = [
            GradeNow { school: 1, grade: p(1), classes: 1, pupils: 50 },
            GradeNow { school: 1, grade: p(6), classes: 2, pupils: 80 },
            GradeNow { school: 2, grade: p(3), classes: 1, pupils: 9 },
        ];
        let this = this_year(LIMITS, &now);
        assert_eq!((this[0].short, this[0].to_open, this[0].band), (5, 1, Band::Above));
        let entrants = [Entrants { school: 1, grade: p(1), children: 100, estate: 40 }];
        // The second school ends with the third grade.
        let (next, moving) =
            next_year(LIMITS, &now, &entrants, |school, g| school == 1 || g.year() <= 3);
        let said: Vec<String> = next
            .iter()
            .map(|n| {
                format!(
                    "{} {} {}/{} short {} open {}",
                    n.school,
                    n.grade.year(),
                    n.pupils,
                    n.classes,
                    n.short,
                    n.to_open
                )
            })
            .collect();
        assert_eq!(said, ["1 1 100/2 short 10 open 1", "1 2 50/1 short 5 open 1"]);
        assert_eq!(moving, [(2, p(4), 9)]);
    }
}
