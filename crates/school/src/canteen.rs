//! The canteen: menus against the guidance, stock that cannot be negative, prices that stand out, few suppliers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::norms::Norms;

fujiao_model::code_table! {
    /// How a school serves meals.
    Mode {
        /// Its own canteen or kitchen.
        Canteen = "canteen", "学校食堂";
        /// A company brings meals.
        Company = "company", "企业供餐";
        /// Households near the school cook.
        Household = "household", "家庭托餐";
    }
}

impl Mode {
    /// What rosters write: `食堂供餐`, `学校伙房`, `配餐公司`, `托餐家庭`.
    pub fn read(text: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
        if has(&["食堂", "伙房", "canteen"]) {
            Some(Self::Canteen)
        } else if has(&["企业", "公司", "单位", "配餐", "company"]) {
            Some(Self::Company)
        } else if has(&["家庭", "托餐", "个人", "household"]) {
            Some(Self::Household)
        } else {
            None
        }
    }
}

/// A nutrient of a menu that lies below the guidance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// Position among the nutrients of the norms.
    pub nutrient: usize,
    /// What a meal should have, in thousandths of the unit: the day's amount × the share of a lunch.
    pub should: i64,
    /// What it has.
    pub has: i64,
}

/// How much of a foodstuff one pupil gets, in milligrams. `unit` as menus write it; empty: grams. `None`: another unit.
pub fn milligrams(thousandths: i64, unit: &str) -> Option<i64> {
    let grams = match unit.trim().to_lowercase().as_str() {
        "" | "克" | "g" | "毫升" | "ml" => 1,
        "两" => 50,
        "斤" => 500,
        "公斤" | "千克" | "kg" => 1_000,
        _ => return None,
    };
    thousandths.checked_mul(grams)
}

/// What a meal of foodstuffs holds, by nutrient, in thousandths of its unit, and the foodstuffs of which no table says so.
/// A meal with such a one states no nutrient: what is left out is not nought. `parts`: name and milligrams.
pub fn nutrients<'a>(
    norms: &Norms,
    parts: impl IntoIterator<Item = (&'a str, i64)>,
) -> (BTreeMap<String, i64>, BTreeSet<&'a str>) {
    let (mut sums, mut unknown) = (BTreeMap::<String, i128>::new(), BTreeSet::new());
    for (called, milligrams) in parts {
        let Some(food) = norms.food(called) else {
            unknown.insert(called);
            continue;
        };
        for (key, has) in &food.has {
            // Thousandths in 100 g, that is in 100 000 mg; cut once at the end.
            *sums.entry(key.clone()).or_default() += i128::from(*has) * i128::from(milligrams);
        }
    }
    let cut = |n: i128| i64::try_from(n / 100_000).unwrap_or(i64::MAX);
    (sums.into_iter().map(|(key, n)| (key, cut(n))).collect(), unknown)
}

/// The age groups of the guidance that pupils of a grade belong to: six to eight, nine to eleven, twelve to fourteen.
pub fn age_group(stage: fujiao_model::Stage, year: u8) -> Option<&'static str> {
    match (stage, year) {
        (fujiao_model::Stage::Primary, ..=3) => Some("6-8"),
        (fujiao_model::Stage::Primary, _) => Some("9-11"),
        (fujiao_model::Stage::Junior, _) => Some("12-14"),
        _ => None,
    }
}

/// What a menu lacks, by the mean of its meals. `groups`: eaters by age group, by whom what a day asks is weighed; `share`:
/// the part of the day that lunch should give, in thousandths. Nutrients that no meal states are not judged.
pub fn menu_lacks(
    norms: &Norms,
    groups: &[(&str, i64)],
    share: i64,
    meals: &[BTreeMap<String, i64>],
) -> Vec<Short> {
    let mut short = Vec::new();
    for (at, nutrient) in norms.nutrients.iter().enumerate() {
        let (mut asks, mut eaters) = (0_i128, 0_i128);
        for (group, n) in groups {
            if let Some((_, a_day)) = nutrient.a_day.iter().find(|(g, _)| g == group) {
                asks += i128::from(*a_day) * i128::from(*n);
                eaters += i128::from(*n);
            }
        }
        if eaters == 0 {
            continue;
        }
        let a_day = i64::try_from(asks / eaters).unwrap_or(i64::MAX);
        let stated: Vec<i64> = meals.iter().filter_map(|m| m.get(&nutrient.key).copied()).collect();
        let Ok(n) = i64::try_from(stated.len()) else { continue };
        if n == 0 {
            continue;
        }
        let (has, should) = (stated.iter().sum::<i64>() / n, a_day * share / 1_000);
        if has < should {
            short.push(Short { nutrient: at, should, has });
        }
    }
    short
}

/// Goods that come in (bought) or go out (cooked), in thousandths of the unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The school.
    pub school: u64,
    /// What.
    pub item: String,
    /// In what it is counted: 斤, 公斤, 盒.
    pub unit: String,
    /// The day.
    pub on: Date,
    /// Above zero: in; below: out.
    pub quantity: i64,
    /// Paid, in fen; nought for what goes out.
    pub fen: i64,
    /// Who sold it.
    pub supplier: String,
    /// The source row.
    pub source: u64,
}

impl Movement {
    /// Paid for a unit of what was bought, in fen, cut; `None` for what goes out or was not paid for.
    pub fn price(&self) -> Option<i64> {
        (self.quantity > 0 && self.fen > 0).then(|| {
            i64::try_from(i128::from(self.fen) * 1_000 / i128::from(self.quantity))
                .unwrap_or(i64::MAX)
        })
    }
}

/// A stock that would be below nought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negative {
    /// Position of the movement.
    pub at: usize,
    /// What was there before.
    pub had: i64,
}

/// Thousandths of the unit by school, item and unit.
pub type Stock<'a> = BTreeMap<(u64, &'a str, &'a str), i64>;

/// Stock at the end, and the movements that would take more than there is. Such a movement is left
/// out, and the rest goes on.
pub fn stock(moves: &[Movement]) -> (Stock<'_>, Vec<Negative>) {
    let mut order: Vec<usize> = (0..moves.len()).collect();
    // What comes in on a day can be cooked the same day.
    order.sort_by_key(|&at| (moves[at].on, moves[at].quantity < 0, moves[at].source, at));
    let (mut stock, mut negative) = (BTreeMap::new(), Vec::new());
    for at in order {
        let m = &moves[at];
        let had = stock.entry((m.school, m.item.as_str(), m.unit.as_str())).or_insert(0_i64);
        if *had + m.quantity < 0 {
            negative.push(Negative { at, had: *had });
        } else {
            *had += m.quantity;
        }
    }
    (stock, negative)
}

/// A price that stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlier {
    /// Position of the movement.
    pub at: usize,
    /// Paid for a unit, in fen.
    pub price: i64,
    /// The median of the item in the county in that month.
    pub median: i64,
    /// The robust z-score in hundredths: 0.6745 × |price − median| / MAD (Iglewicz and Hoaglin 1993).
    pub score: i64,
    /// How many prices it is compared with.
    pub of: usize,
}

/// Prices of a month that stand out by the modified z-score (median and median absolute deviation: a few wild prices do not
/// move what they are compared with). `limit`: in hundredths, 3.5 by the source; `least`: fewer prices are not compared;
/// `floor`: deviations below so many thousandths of the median never count, also where all others are equal.
pub fn outliers(moves: &[Movement], limit: i64, least: usize, floor: i64) -> Vec<Outlier> {
    /// Item, unit, year and month.
    type Key<'a> = (&'a str, &'a str, i16, i8);
    let mut by_item: BTreeMap<Key<'_>, Vec<(usize, i64)>> = BTreeMap::new();
    for (at, m) in moves.iter().enumerate() {
        let Some(price) = m.price() else { continue };
        let key = (m.item.as_str(), m.unit.as_str(), m.on.year(), m.on.month());
        by_item.entry(key).or_default().push((at, price));
    }
    let mut out = Vec::new();
    for prices in by_item.values().filter(|p| p.len() >= least) {
        for (at, middle, score) in stand_out(prices, limit, floor) {
            let price = prices.iter().find(|p| p.0 == at).map_or(0, |p| p.1);
            out.push(Outlier { at, price, median: middle, score, of: prices.len() });
        }
    }
    out.sort_by_key(|o| o.at);
    out
}

/// Of values with their names those that stand out from the others by the modified z-score: name, median and score in
/// hundredths. `limit` and `floor` as in [`outliers`].
pub fn stand_out(values: &[(usize, i64)], limit: i64, floor: i64) -> Vec<(usize, i64, i64)> {
    let sorted = |of: &mut dyn Iterator<Item = i64>| {
        let mut all: Vec<i64> = of.collect();
        all.sort_unstable();
        all
    };
    let middle = median(&sorted(&mut values.iter().map(|v| v.1)));
    let mad = median(&sorted(&mut values.iter().map(|v| (v.1 - middle).abs())));
    // Where more than half the values are equal, the floor stands for the deviation.
    let scale = mad.max(middle * floor / 3_000).max(1);
    values
        .iter()
        .filter_map(|&(name, value)| {
            let away = (value - middle).abs();
            let score = away.saturating_mul(6_745) / (scale * 100);
            (away * 1_000 > middle * floor && score >= limit).then_some((name, middle, score))
        })
        .collect()
}

/// The middle of sorted values, of an even number the mean of the two middle ones, cut; nought of none.
pub fn median(values: &[i64]) -> i64 {
    let n = values.len();
    match n {
        0 => 0,
        _ if n % 2 == 1 => values[n / 2],
        _ => i64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

/// How much of the money goes to few: the sum of squared shares (Herfindahl–Hirschman) in ten-thousandths, and the largest
/// supplier with its share in thousandths. `None`: nothing was bought.
pub fn concentration(moves: &[Movement]) -> Option<(i64, &str, i64)> {
    let mut by: BTreeMap<&str, i128> = BTreeMap::new();
    for m in moves.iter().filter(|m| m.quantity > 0) {
        *by.entry(m.supplier.as_str()).or_default() += i128::from(m.fen);
    }
    let all: i128 = by.values().sum();
    if all == 0 {
        return None;
    }
    let index = by.values().map(|n| n * n).sum::<i128>() * 10_000 / (all * all);
    let (name, most) = by.iter().max_by_key(|(name, n)| (**n, std::cmp::Reverse(**name)))?;
    Some((i64::try_from(index).ok()?, name, i64::try_from(most * 1_000 / all).ok()?))
}

/// What a meal cost: money for food over meals served, in fen, cut; `None`: none was served.
pub fn cost_a_meal(fen: i64, served: u64) -> Option<i64> {
    i64::try_from(served).ok().filter(|n| *n > 0).map(|n| fen / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bought(on: &str, quantity: i64, fen: i64, supplier: &str) -> Movement {
        Movement {
            school: 1,
            item: "猪肉".into(),
            unit: "斤".into(),
            on: on.parse().unwrap(),
            quantity: quantity * 1_000,
            fen,
            supplier: supplier.into(),
            source: 1,
        }
    }

    #[test]
    fn no_stock_goes_below_nought_and_the_rest_is_kept() {
        let moves = [
            bought("2025-09-02", -30, 0, ""),
            bought("2025-09-02", 50, 60_000, "甲"),
            bought("2025-09-03", -30, 0, ""),
            bought("2025-09-04", -20, 0, ""),
        ];
        let (left, negative) = stock(&moves);
        assert_eq!(negative, [Negative { at: 2, had: 20_000 }]);
        assert_eq!(left[&(1, "猪肉", "斤")], 0);
    }

    #[test]
    fn a_price_far_from_the_others_stands_out() {
        let price = |fen: i64| bought("2025-09-02", 10, fen * 10, "甲");
        let mut moves: Vec<Movement> = [1_180, 1_200, 1_210, 1_195, 1_205, 1_190].map(price).into();
        assert_eq!(outliers(&moves, 350, 5, 100), []);
        moves.push(price(1_900));
        let found = outliers(&moves, 350, 5, 100);
        assert_eq!(
            found.iter().map(|o| (o.at, o.price, o.median)).collect::<Vec<_>>(),
            [(6, 1_900, 1_200)]
        );
        // All others equal: the floor stands for the deviation.
        let mut equal = vec![price(1_200); 6];
        equal.push(price(1_250));
        assert_eq!(outliers(&equal, 350, 5, 100), []);
        equal.push(price(2_400));
        assert_eq!(outliers(&equal, 350, 5, 100).len(), 1);
        assert_eq!(outliers(&equal[5..], 350, 5, 100), [], "three prices are not compared");
    }

    #[test]
    fn money_to_one_supplier_is_concentrated() {
        let moves = [bought("2025-09-02", 1, 900, "甲"), bought("2025-09-03", 1, 100, "乙")];
        assert_eq!(concentration(&moves), Some((8_200, "甲", 900)));
        assert_eq!(concentration(&[]), None);
        assert_eq!((cost_a_meal(1_000, 2), cost_a_meal(1_000, 0)), (Some(500), None));
    }

    #[test]
    fn a_menu_is_held_against_the_guidance() {
        let norms = Norms::national();
        let meal = |energy: i64| BTreeMap::from([("energy".to_owned(), energy * 1_000)]);
        let one = [("9-11", 40)];
        assert_eq!(menu_lacks(&norms, &one, 400, &[meal(900), meal(860)]), []);
        let short = menu_lacks(&norms, &one, 400, &[meal(500)]);
        assert_eq!(
            short.iter().map(|s| norms.nutrients[s.nutrient].key.as_str()).collect::<Vec<_>>(),
            ["energy"]
        );
        assert_eq!(menu_lacks(&norms, &one, 400, &[BTreeMap::new()]), []);
        // Half of them older: what is asked lies between; nobody there: nothing is asked.
        let both = [("9-11", 20), ("12-14", 20)];
        assert_eq!(menu_lacks(&norms, &both, 400, &[meal(830)])[0].should, 855_000);
        assert_eq!(menu_lacks(&norms, &[], 400, &[meal(1)]), []);
    }

    #[test]
    fn what_a_meal_holds_is_reckoned_from_its_foodstuffs() {
        let norms = Norms::national();
        let parts = [("大米", 100_000), ("本地鲜鸡蛋", 50_000), ("神仙草", 10_000)];
        let (has, unknown) = nutrients(&norms, parts);
        assert_eq!((has["energy"], has["protein"]), (346_000 + 72_000, 7_400 + 6_650));
        assert_eq!(unknown.into_iter().collect::<Vec<_>>(), ["神仙草"]);
        assert_eq!(
            [milligrams(150_000, "克"), milligrams(1_000, "两"), milligrams(1_000, "盒")],
            [Some(150_000), Some(50_000), None]
        );
        assert_eq!(norms.food("洋芋").map(|f| f.name.as_str()), Some("土豆"));
    }

    proptest! {
        #[test]
        fn stock_is_never_negative(quantities in prop::collection::vec(-50_i64..50, 0..60)) {
            let moves: Vec<Movement> = quantities.iter().zip(1_i8..).map(|(q, d)| bought(&format!("2025-09-{:02}", 1 + d % 28), *q, 0, "")).collect();
            let (left, negative) = stock(&moves);
            prop_assert!(left.values().all(|n| *n >= 0));
            let sum: i64 = (0..moves.len()).filter(|at| !negative.iter().any(|n| n.at == *at)).map(|at| moves[at].quantity).sum();
            prop_assert_eq!(sum, left.values().sum::<i64>());
        }
    }
}
