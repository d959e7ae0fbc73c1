//! 代际漏斗: what became of whom over the years, by cohort and place, with small cells hidden.
//!
//! aid → stayed → finished compulsory school → senior or vocational → job → household out of poverty. [`count`] counts who came
//! how far, what is not known apart; [`Table::outside`] is what may be shown outside of the office: no cell from which one can
//! tell what became of one of a few.

use std::collections::BTreeMap;

/// Steps between generations, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 受助
    Aided,
    /// 在校
    Stayed,
    /// 完成义务教育
    Finished,
    /// 升入高中或中职
    Continued,
    /// 就业
    Employed,
    /// 家庭脱贫
    HouseholdOut,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Self; 6] = [
        Self::Aided,
        Self::Stayed,
        Self::Finished,
        Self::Continued,
        Self::Employed,
        Self::HouseholdOut,
    ];

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Aided => "受助",
            Self::Stayed => "在校",
            Self::Finished => "完成义务教育",
            Self::Continued => "升入高中或中职",
            Self::Employed => "就业",
            Self::HouseholdOut => "家庭脱贫",
        }
    }
}

/// One member of a cohort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The school year in which they were first aided.
    pub cohort: i16,
    /// The town; any number.
    pub place: i64,
    /// For each stage after the first whether they reached it; `None` is not known, or not yet due.
    pub reached: [Option<bool>; 5],
}

/// Members at one stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Who reached it.
    pub reached: u64,
    /// Who is known not to have.
    pub not: u64,
    /// Of whom it is not known. Those who did not reach the stage before are in none of the three.
    pub unknown: u64,
}

/// A funnel by cohort and place: a cell for each stage after the first, and how many began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Members of each cohort and place.
    pub began: BTreeMap<(i16, i64), u64>,
    /// Cells of each cohort and place, in the order of stages.
    pub cells: BTreeMap<(i16, i64), [Cell; 5]>,
}

/// Counts a funnel. Somebody counts at a stage if they reached all before.
pub fn count(members: &[Member]) -> Table {
    let mut table = Table::default();
    for member in members {
        let key = (member.cohort, member.place);
        *table.began.entry(key).or_default() += 1;
        let cells = table.cells.entry(key).or_default();
        for (cell, reached) in cells.iter_mut().zip(member.reached) {
            match reached {
                Some(true) => cell.reached += 1,
                Some(false) => cell.not += 1,
                None => cell.unknown += 1,
            }
            if reached != Some(true) {
                break;
            }
        }
    }
    table
}

/// A number that may be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Number(u64),
    /// Hidden: too few, or it would give away one that is.
    Hidden,
}

/// One stage of a funnel as it is shown outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Cohorts in order.
    pub cohorts: Vec<i16>,
    /// Places in order.
    pub places: Vec<i64>,
    /// Who reached it: `reached[cohort][place]`.
    pub reached: Vec<Vec<Shown>>,
    /// Sums by cohort.
    pub by_cohort: Vec<Shown>,
    /// Sums by place.
    pub by_place: Vec<Shown>,
    /// The whole.
    pub whole: Shown,
}

impl Table {
    /// One stage as it may be shown outside, nothing below `least` told.
    ///
    /// A cell is hidden if from 1 to `least` − 1 reached the stage, or did not out of those who might have: "all but two" tells of
    /// two. Where the hidden cells of a row or a column with its sum would still give themselves away, because there is one, or
    /// because together they are fewer than `least`, the smallest cell beside them is hidden too, until none do. Sums that are
    /// themselves too small, or would give away all that is hidden, are hidden.
    ///
    /// Source: primary and secondary suppression (Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001).
    pub fn outside(&self, stage: Stage, least: u64) -> Outside {
        let mut cohorts: Vec<i16> = self.began.keys().map(|(cohort, _)| *cohort).collect();
        cohorts.dedup();
        let mut places: Vec<i64> = self.began.keys().map(|(_, place)| *place).collect();
        places.sort_unstable();
        places.dedup();
        let (rows, columns) = (cohorts.len(), places.len());
        let value = |row: usize, column: usize| -> (u64, u64) {
            let key = (cohorts[row], places[column]);
            let began = self.began.get(&key).copied().unwrap_or(0);
            let Some(cells) = self.cells.get(&key) else { return (0, 0) };
            match stage {
                Stage::Aided => (began, 0),
                Stage::Stayed => (cells[0].reached, began - cells[0].reached),
                stage => {
                    let at = Stage::ALL.iter().position(|s| *s == stage).expect("it is listed") - 1;
                    (cells[at].reached, cells[at - 1].reached - cells[at].reached)
                }
            }
        };
        let grid: Vec<Vec<(u64, u64)>> =
            (0..rows).map(|r| (0..columns).map(|c| value(r, c)).collect()).collect();
        let small = |(n, not): (u64, u64)| (1..least).contains(&n) || (1..least).contains(&not);
        let mut hidden: Vec<Vec<bool>> =
            grid.iter().map(|row| row.iter().map(|cell| small(*cell)).collect()).collect();
        loop {
            let mut more = false;
            for row in 0..rows {
                let line: Vec<(usize, usize)> = (0..columns).map(|c| (row, c)).collect();
                more |= cover(&grid, &mut hidden, &line, least);
            }
            for column in 0..columns {
                let line: Vec<(usize, usize)> = (0..rows).map(|r| (r, column)).collect();
                more |= cover(&grid, &mut hidden, &line, least);
            }
            if !more {
                break;
            }
        }
        let show = |n: u64, hide: bool| if hide { Shown::Hidden } else { Shown::Number(n) };
        let sum = |cells: &mut dyn Iterator<Item = (u64, u64)>| {
            cells.fold((0, 0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1))
        };
        let by_cohort: Vec<(u64, u64)> =
            (0..rows).map(|r| sum(&mut (0..columns).map(|c| grid[r][c]))).collect();
        let by_place: Vec<(u64, u64)> =
            (0..columns).map(|c| sum(&mut (0..rows).map(|r| grid[r][c]))).collect();
        let whole = sum(&mut by_cohort.iter().copied());
        // Where nothing is left to hide beside them, the sum of the line is.
        let row_told: Vec<bool> = (0..rows)
            .map(|r| gives_away(&grid, &hidden, (0..columns).map(|c| (r, c)), least))
            .collect();
        let column_told: Vec<bool> = (0..columns)
            .map(|c| gives_away(&grid, &hidden, (0..rows).map(|r| (r, c)), least))
            .collect();
        let sums = |sums: &[(u64, u64)], told: &[bool]| -> Vec<Shown> {
            let hide = |(sum, told): (&(u64, u64), &bool)| small(*sum) || *told;
            let mut hidden = vec![sums.iter().zip(told).map(hide).collect::<Vec<bool>>()];
            let grid = [sums.to_vec()];
            let line: Vec<(usize, usize)> = (0..sums.len()).map(|c| (0, c)).collect();
            while cover(&grid, &mut hidden, &line, least) {}
            sums.iter().zip(&hidden[0]).map(|(s, hide)| show(s.0, *hide)).collect()
        };
        Outside {
            reached: grid
                .iter()
                .zip(&hidden)
                .map(|(row, hide)| row.iter().zip(hide).map(|(cell, h)| show(cell.0, *h)).collect())
                .collect(),
            by_cohort: sums(&by_cohort, &row_told),
            by_place: sums(&by_place, &column_told),
            whole: show(whole.0, small(whole)),
            cohorts,
            places,
        }
    }
}

/// Whether the hidden cells of a line give themselves away by its sum.
fn gives_away(
    grid: &[Vec<(u64, u64)>],
    hidden: &[Vec<bool>],
    line: impl Iterator<Item = (usize, usize)>,
    least: u64,
) -> bool {
    let (mut n, mut not, mut cells) = (0, 0, 0);
    for (r, c) in line.filter(|(r, c)| hidden[*r][*c]) {
        n += grid[r][c].0;
        not += grid[r][c].1;
        cells += 1;
    }
    cells == 1 || (cells > 1 && ((1..least).contains(&n) || (1..least).contains(&not)))
}

/// Hides one more cell of a line if its hidden cells give themselves away; whether it did.
fn cover(
    grid: &[Vec<(u64, u64)>],
    hidden: &mut [Vec<bool>],
    line: &[(usize, usize)],
    least: u64,
) -> bool {
    if !gives_away(grid, hidden, line.iter().copied(), least) {
        return false;
    }
    let next = line
        .iter()
        .filter(|(r, c)| !hidden[*r][*c] && grid[*r][*c] != (0, 0))
        .min_by_key(|(r, c)| (grid[*r][*c].0 + grid[*r][*c].1, *r, *c));
    if let Some((r, c)) = next {
        hidden[*r][*c] = true;
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_came_how_far_is_counted_and_what_is_not_known_is_told_apart() {
        let member = |reached| Member { cohort: 2016, place: 1, reached };
        let (yes, no, open) = (Some(true), Some(false), None);
        let table = count(&[
            member([yes, yes, yes, yes, yes]),
            member([yes, yes, no, no, yes]),
            member([yes, no, yes, yes, yes]),
            member([yes, yes, yes, open, yes]),
            member([no, no, no, no, no]),
        ]);
        let cells = table.cells[&(2016, 1)];
        assert_eq!(
            cells.map(|c| (c.reached, c.not, c.unknown)),
            [(4, 1, 0), (3, 1, 0), (2, 1, 0), (1, 0, 1), (1, 0, 0)]
        );
        assert_eq!(table.began[&(2016, 1)], 5);
    }

    fn many(cohort: i16, place: i64, stayed: usize, left: usize) -> Vec<Member> {
        let member =
            |stayed| Member { cohort, place, reached: [Some(stayed), None, None, None, None] };
        let mut all = vec![member(true); stayed];
        all.extend(vec![member(false); left]);
        all
    }

    #[test]
    fn small_cells_are_hidden_with_one_beside_them() {
        use Shown::{Hidden as H, Number as N};
        let mut members = many(2016, 1, 40, 10);
        members.extend(many(2016, 2, 30, 12));
        members.extend(many(2016, 3, 48, 2));
        members.extend(many(2017, 1, 20, 20));
        members.extend(many(2017, 2, 20, 20));
        members.extend(many(2017, 3, 25, 20));
        let shown = count(&members).outside(Stage::Stayed, 10);
        // Two left in place 3: hidden; place 2 beside it, and the same two places of the other year.
        assert_eq!(shown.reached, [vec![N(40), H, H], vec![N(20), H, H]]);
        assert_eq!(shown.by_cohort, [N(118), N(65)]);
        assert_eq!(shown.by_place, [N(60), N(50), N(73)]);
        assert_eq!(shown.whole, N(183));
    }

    proptest! {
        /// No cell that is shown is small; no row or column gives a hidden cell away by its sum.
        #[test]
        fn nobody_outside_can_tell_of_a_few(
            counts in proptest::collection::vec((0_usize..30, 0_usize..30), 1..13), wide in 1_usize..5, least in 2_u64..12,
        ) {
            let mut members = Vec::new();
            for (at, (stayed, left)) in counts.iter().enumerate() {
                let cohort = 2010 + i16::try_from(at / wide).unwrap();
                members.extend(many(cohort, i64::try_from(at % wide).unwrap(), *stayed, *left));
            }
            let table = count(&members);
            for stage in [Stage::Aided, Stage::Stayed] {
                let shown = table.outside(stage, least);
                let real = |r: usize, c: usize| {
                    let key = (shown.cohorts[r], shown.places[c]);
                    let began = table.began.get(&key).copied().unwrap_or(0);
                    let stayed = table.cells.get(&key).map_or(0, |cells| cells[0].reached);
                    if stage == Stage::Aided { (began, 0) } else { (stayed, began - stayed) }
                };
                let small = |(n, not): (u64, u64)| (1..least).contains(&n) || (1..least).contains(&not);
                let mut lines: Vec<(Vec<(usize, usize)>, Shown)> = Vec::new();
                for r in 0..shown.cohorts.len() {
                    lines.push(((0..shown.places.len()).map(|c| (r, c)).collect(), shown.by_cohort[r]));
                }
                for c in 0..shown.places.len() {
                    lines.push(((0..shown.cohorts.len()).map(|r| (r, c)).collect(), shown.by_place[c]));
                }
                for (line, sum) in lines {
                    let mut hidden = Vec::new();
                    for (r, c) in &line {
                        match shown.reached[*r][*c] {
                            Shown::Number(n) => { prop_assert_eq!(n, real(*r, *c).0); prop_assert!(!small(real(*r, *c))); }
                            Shown::Hidden => hidden.push(real(*r, *c)),
                        }
                    }
                    if sum != Shown::Hidden && !hidden.is_empty() {
                        let whole = hidden.iter().fold((0, 0), |s, x| (s.0 + x.0, s.1 + x.1));
                        // What the sum leaves for the hidden is not small, and is of two at least.
                        prop_assert!(hidden.len() > 1 && !small(whole));
                    }
                }
            }
        }
    }
}
