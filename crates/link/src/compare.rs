use crate::birth::{self, BirthLevel, LunarTable};
use crate::hanzi::Names;
use crate::mention::{Cohort, Mentions, id_born, id_digits, id_sex};
use crate::name::{self, NameLevel};

/// What is compared between two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// 身份证号
    Id,
    /// 学籍号
    StudentNo,
    /// 姓名
    Name,
    /// 出生日期, or the year of birth that a grade lets expect
    Birth,
    /// 性别
    Sex,
    /// 住址: village and town
    Place,
    /// 学校, 年级, 班级
    School,
    /// 监护人
    Guardian,
    /// 联系电话
    Phone,
    /// 银行账号
    Account,
    /// 户编号
    Household,
}

pub(crate) const COMPARISONS: usize = 11;
/// The most levels of a comparison, the missing one counted.
pub(crate) const LEVELS: usize = 9;

impl Comparison {
    /// All of them.
    pub const ALL: [Self; COMPARISONS] = [
        Self::Id,
        Self::StudentNo,
        Self::Name,
        Self::Birth,
        Self::Sex,
        Self::Place,
        Self::School,
        Self::Guardian,
        Self::Phone,
        Self::Account,
        Self::Household,
    ];

    /// The standard Chinese term.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Id => "身份证号",
            Self::StudentNo => "学籍号",
            Self::Name => "姓名",
            Self::Birth => "出生日期",
            Self::Sex => "性别",
            Self::Place => "住址",
            Self::School => "学校班级",
            Self::Guardian => "监护人",
            Self::Phone => "联系电话",
            Self::Account => "银行账号",
            Self::Household => "户编号",
        }
    }

    /// The levels on which two values can agree, best first; level 0, left out here, is "not known on both sides".
    pub fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["相同", "只差一处", "不同（一方校验不符）", "不同"],
            Self::StudentNo => &["相同", "只差一处", "不同"],
            Self::Name => {
                &["相同", "同音", "形近或缺字", "一字之差", "两字名只同一字", "只同姓", "不同"]
            }
            Self::Birth => &[
                "同日",
                "日月颠倒、农历公历或一位之差",
                "年月相同",
                "相差不过一年",
                "不同",
                "年级相合",
                "年级相差一年",
                "年级不合",
            ],
            Self::Place => &["同村", "同乡镇", "不同乡镇"],
            Self::School => &[
                "同班",
                "同校同级",
                "同校",
                "同级不同校",
                "不同",
                "同校（年级不明）",
                "不同校（年级不明）",
            ],
            Self::Guardian => &["相同", "同音或形近", "是户内另一人", "只同姓", "不同"],
            Self::Sex => &["相同", "不同"],
            Self::Phone | Self::Account => &["相同", "是户内另一人的", "不同"],
            Self::Household => &["同户", "不同户"],
        }
    }
}

/// The level of every comparison, four bits each; 0 is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern(pub(crate) u64);

impl Pattern {
    pub(crate) fn set(&mut self, comparison: Comparison, level: usize) {
        self.0 |= (level as u64) << (4 * comparison as u32);
    }

    pub(crate) fn level(self, comparison: Comparison) -> usize {
        (self.0 >> (4 * comparison as u32) & 15) as usize
    }
}

/// What is known before rows are compared: names worked out, lunar months, telephones that say nothing.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) names: Names,
    pub(crate) lunar: LunarTable,
    /// Characters taken for one another in these very rows: they stand in names beside one id. Sorted.
    pub(crate) confused: Vec<(u64, u64)>,
    /// Texts, sorted, of phones and accounts that stand beside too many names to tell people apart.
    pub(crate) muted: Vec<u32>,
    /// Household number of one kind of roster → the number that the same household has in another kind. Sorted.
    pub(crate) also: Vec<(u32, u32)>,
}

impl Context {
    pub(crate) fn is_muted(&self, text: u32) -> bool {
        self.muted.binary_search(&text).is_ok()
    }

    /// How two names agree, by their numbers.
    pub(crate) fn name_level(&self, a: u32, b: u32) -> NameLevel {
        name::level(&self.names, a, b, &self.confused)
    }

    /// The same number for all numbers of one household, as far as rosters agree.
    pub(crate) fn one_home(&self, household: u32) -> u32 {
        self.also(household).map_or(household, |other| other.min(household))
    }

    fn also(&self, household: u32) -> Option<u32> {
        let at = self.also.binary_search_by_key(&household, |(h, _)| *h).ok()?;
        Some(self.also[at].1)
    }
}

/// The kinds of values a person can have several of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of {
    Name,
    IdAsWritten,
    StudentNo,
    Born,
    /// Village and town.
    Place,
    /// School, cohort, class.
    School,
    Guardian,
    Phone,
    Account,
    Household,
    List,
    /// Phones and accounts of the others of the household.
    Near,
    /// Names of the others of the household.
    Kin,
}

const KINDS: usize = 13;
/// Of each kind the first so many different values are kept.
const KEPT: usize = 24;

/// Everything that the rows of one supposed person say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) id: u64,
    pub(crate) student_id: u64,
    pub(crate) sex: u8,
    ends: [u32; KINDS],
    values: &'a [u32],
}

impl<'a> View<'a> {
    /// The different values of one kind, in the order of the rows.
    pub(crate) fn of(&self, kind: Of) -> &'a [u32] {
        let at = kind as usize;
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.values[from as usize..self.ends[at] as usize]
    }
}

/// What the others of a household say.
#[derive(Debug, Default)]
pub(crate) struct Home {
    pub(crate) near: Vec<u32>,
    pub(crate) kin: Vec<u32>,
}

/// The values of many supposed persons, one after another.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    heads: Vec<Head>,
    values: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    id: u64,
    student_id: u64,
    from: u32,
    ends: [u32; KINDS],
    sex: u8,
}

impl Profiles {
    pub(crate) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Puts `more` behind these.
    pub(crate) fn append(&mut self, more: &Self) {
        let shift = u32::try_from(self.values.len()).expect("values fit 32 bits");
        self.heads.extend(more.heads.iter().map(|h| Head { from: h.from + shift, ..*h }));
        self.values.extend_from_slice(&more.values);
    }

    pub(crate) fn get(&self, at: u32) -> View<'_> {
        let head = &self.heads[at as usize];
        let from = head.from as usize;
        let to = from + head.ends[KINDS - 1] as usize;
        View {
            id: head.id,
            student_id: head.student_id,
            sex: head.sex,
            ends: head.ends,
            values: &self.values[from..to],
        }
    }

    /// Adds what `rows` say. With `hide_id`, as if no row had carried a valid id.
    pub(crate) fn add(
        &mut self,
        mentions: &Mentions,
        context: &Context,
        rows: &[u32],
        id: u64,
        hide_id: bool,
        home: &Home,
    ) {
        let start = self.values.len();
        let mut head = Head {
            id: if hide_id { 0 } else { id },
            student_id: 0,
            from: u32::try_from(start).expect("values fit 32 bits"),
            ends: [0; KINDS],
            sex: 0,
        };
        let each = || rows.iter().map(|r| *r as usize);
        if head.id != 0 {
            head.sex = id_sex(head.id);
        }
        for row in each() {
            if head.student_id == 0 {
                head.student_id = mentions.student_id[row];
            }
            if head.sex == 0 {
                head.sex = mentions.sex[row];
            }
        }
        for kind in 0..KINDS {
            let from = self.values.len();
            let mut one = |value: u32| {
                if value != 0
                    && self.values.len() - from < KEPT
                    && !self.values[from..].contains(&value)
                {
                    self.values.push(value);
                }
            };
            match kind {
                k if k == Of::Name as usize => each().for_each(|r| one(mentions.name[r])),
                k if k == Of::IdAsWritten as usize => {
                    each().for_each(|r| one(mentions.id_as_written[r]));
                }
                k if k == Of::StudentNo as usize => {
                    each().for_each(|r| one(mentions.student_no[r]));
                }
                k if k == Of::Born as usize => {
                    if head.id != 0 {
                        one(id_born(head.id));
                    }
                    each().for_each(|r| one(mentions.born[r]));
                }
                k if k == Of::Guardian as usize => each().for_each(|r| one(mentions.guardian[r])),
                k if k == Of::Phone as usize => {
                    for phone in rows.iter().flat_map(|r| mentions.phones(*r)) {
                        if !context.is_muted(*phone) {
                            one(*phone);
                        }
                    }
                }
                k if k == Of::Account as usize => {
                    for account in each().map(|r| mentions.account[r]) {
                        if !context.is_muted(account) {
                            one(account);
                        }
                    }
                }
                k if k == Of::Household as usize => {
                    for household in each().map(|r| mentions.household[r]).filter(|h| *h != 0) {
                        one(household);
                        one(context.also(household).unwrap_or(0));
                    }
                }
                k if k == Of::List as usize => {
                    // All of them: a list forgotten would be a rule broken.
                    let mut lists: Vec<u32> =
                        each().map(|r| mentions.list[r]).filter(|l| *l != 0).collect();
                    lists.sort_unstable();
                    lists.dedup();
                    self.values.extend(lists);
                }
                k if k == Of::Near as usize => home.near.iter().for_each(|t| one(*t)),
                k if k == Of::Kin as usize => home.kin.iter().for_each(|n| one(*n)),
                k if k == Of::Place as usize => {
                    for row in each() {
                        let place = [mentions.village[row], mentions.town[row]];
                        self.several(from, place);
                    }
                }
                _ => {
                    for row in each() {
                        let cohort = mentions.cohort[row];
                        let year = u32::try_from(cohort.year).unwrap_or(0);
                        let school = [
                            mentions.school[row],
                            year << 8 | u32::from(cohort.step),
                            mentions.class[row],
                        ];
                        self.several(from, school);
                    }
                }
            }
            head.ends[kind] = u32::try_from(self.values.len() - start).expect("values fit 32 bits");
        }
        self.heads.push(head);
    }

    fn several<const N: usize>(&mut self, from: usize, group: [u32; N]) {
        let known = &self.values[from..];
        if group != [0; N]
            && known.len() < KEPT * N
            && !known.chunks_exact(N).any(|other| *other == group)
        {
            self.values.extend(group);
        }
    }
}

/// A cohort as [`Profiles`] keeps it.
pub(crate) fn cohort_of(packed: u32) -> Cohort {
    Cohort {
        year: i16::try_from(packed >> 8).unwrap_or(0),
        step: u8::try_from(packed & 255).unwrap_or(0),
    }
}

/// The outcome of a comparison, with the names that agreed best, for their frequencies.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compared {
    pub(crate) pattern: Pattern,
    /// Names (one of each side) on the best level.
    pub(crate) names: (u32, u32),
    /// Bits of the positions at which those names sound alike, where they are of one length.
    pub(crate) alike: u8,
    /// The school, where both went to one.
    pub(crate) school: u32,
    /// The guardians' name, where equal.
    pub(crate) guardian: u32,
}

/// Compares two supposed persons; `None` if they cannot be one: ages that exclude each other, or one list naming both.
pub(crate) fn compare(
    mentions: &Mentions,
    context: &Context,
    a: &View<'_>,
    b: &View<'_>,
) -> Option<Compared> {
    if meet(a.of(Of::List), b.of(Of::List)) {
        return None;
    }
    let mut found = Compared::default();
    let birth = birth_level(context, a, b)?;
    let mut name = None;
    for (x, y) in pairs(a.of(Of::Name), b.of(Of::Name)) {
        let level = context.name_level(x, y);
        if name.is_none_or(|best| level < best) {
            name = Some(level);
            found.names = (x, y);
        }
        if level == NameLevel::Equal {
            break;
        }
    }
    if matches!(name, Some(NameLevel::OneOff | NameLevel::Half | NameLevel::Surname)) {
        let (x, y) = found.names;
        found.alike = context.names.alike_at(x, y);
    }
    let pattern = &mut found.pattern;
    pattern.set(Comparison::Birth, birth);
    pattern.set(Comparison::Name, name.map_or(0, |n| n as usize + 1));
    pattern.set(Comparison::Id, id_level(mentions, a, b));
    pattern.set(Comparison::StudentNo, student_no_level(mentions, a, b));
    if a.sex != 0 && b.sex != 0 {
        pattern.set(Comparison::Sex, 1 + usize::from(a.sex != b.sex));
    }
    pattern.set(Comparison::Place, place_level(a, b));
    let (school, at_school) = school_level(a, b);
    pattern.set(Comparison::School, school);
    let kin = |guardians: &[u32], kin: &[u32]| {
        let folded = |n: u32| context.names.folded(n);
        pairs(guardians, kin).any(|(x, y)| folded(x) == folded(y))
    };
    let mut guardian: usize = 0;
    for (x, y) in pairs(a.of(Of::Guardian), b.of(Of::Guardian)) {
        let level = match context.name_level(x, y) {
            NameLevel::Equal => 1,
            NameLevel::Sound | NameLevel::LookAlike | NameLevel::OneOff => 2,
            NameLevel::Half | NameLevel::Surname => 4,
            NameLevel::Different => 5,
        };
        if guardian == 0 || level < guardian {
            guardian = level;
        }
        if level == 1 {
            found.guardian = x;
            break;
        }
    }
    if (guardian == 0 || guardian > 3)
        && (kin(a.of(Of::Guardian), b.of(Of::Kin)) || kin(b.of(Of::Guardian), a.of(Of::Kin)))
    {
        guardian = 3;
    }
    pattern.set(Comparison::Guardian, guardian);
    for (comparison, kind) in [(Comparison::Phone, Of::Phone), (Comparison::Account, Of::Account)] {
        let level = match any_equal(a.of(kind), b.of(kind)) {
            1 => 1,
            other => {
                let near = any_equal(a.of(kind), b.of(Of::Near)) == 1
                    || any_equal(b.of(kind), a.of(Of::Near)) == 1;
                if near { 2 } else { other + other / 2 }
            }
        };
        pattern.set(comparison, level);
    }
    let (homes, other) = (a.of(Of::Household), b.of(Of::Household));
    let level = match any_equal(homes, other) {
        // Numbers of two kinds of roster do not contradict each other.
        2 if !pairs(homes, other)
            .any(|(x, y)| numbering(mentions, x) == numbering(mentions, y)) =>
        {
            0
        }
        level => level,
    };
    pattern.set(Comparison::Household, level);
    found.school = at_school;
    Some(found)
}

/// The kind of roster that a household number is of.
fn numbering(mentions: &Mentions, household: u32) -> Option<&str> {
    mentions.texts.get(household).split('#').next()
}

fn pairs<'a>(a: &'a [u32], b: &'a [u32]) -> impl Iterator<Item = (u32, u32)> + 'a {
    a.iter().flat_map(move |x| b.iter().map(move |y| (*x, *y)))
}

fn any_equal(a: &[u32], b: &[u32]) -> usize {
    match (a.is_empty() || b.is_empty(), a.iter().any(|x| b.contains(x))) {
        (true, _) => 0,
        (_, true) => 1,
        _ => 2,
    }
}

/// Whether two sorted lists have a number in common.
fn meet(mut a: &[u32], mut b: &[u32]) -> bool {
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b) {
        match x.cmp(y) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => a = rest_a,
            std::cmp::Ordering::Greater => b = rest_b,
        }
    }
    false
}

fn id_level(mentions: &Mentions, a: &View<'_>, b: &View<'_>) -> usize {
    if a.id != 0 && b.id != 0 {
        return if a.id == b.id { 1 } else { 4 };
    }
    let (wa, wb) = (a.of(Of::IdAsWritten), b.of(Of::IdAsWritten));
    let against = |id: u64, written: &[u32]| -> usize {
        let digits = id_digits(id);
        let near = |w: &u32| one_slip(mentions.texts.get(*w).as_bytes(), &digits);
        if written.iter().any(near) { 2 } else { 3 }
    };
    match (a.id, b.id, wa.is_empty(), wb.is_empty()) {
        (0, id, false, _) if id != 0 => against(id, wa),
        (id, 0, _, false) if id != 0 => against(id, wb),
        (_, _, false, false) => {
            let near = pairs(wa, wb).any(|(x, y)| {
                x == y
                    || one_slip(mentions.texts.get(x).as_bytes(), mentions.texts.get(y).as_bytes())
            });
            if near { 2 } else { 3 }
        }
        _ => 0,
    }
}

fn student_no_level(mentions: &Mentions, a: &View<'_>, b: &View<'_>) -> usize {
    let (sa, sb) = (a.of(Of::StudentNo), b.of(Of::StudentNo));
    if pairs(sa, sb).any(|(x, y)| x == y)
        || (a.student_id != 0 && a.student_id == b.id)
        || (b.student_id != 0 && b.student_id == a.id)
    {
        return 1;
    }
    if sa.is_empty() || sb.is_empty() {
        return 0;
    }
    let near = pairs(sa, sb)
        .any(|(x, y)| one_slip(mentions.texts.get(x).as_bytes(), mentions.texts.get(y).as_bytes()));
    if near { 2 } else { 3 }
}

/// What the grades of a view say of the year of birth.
fn grades<'a>(view: &View<'a>) -> impl Iterator<Item = Cohort> + use<'a> {
    let schools: &'a [u32] = view.of(Of::School);
    schools.as_chunks::<3>().0.iter().map(|s| cohort_of(s[1])).filter(|c| c.year != 0)
}

fn birth_level(context: &Context, a: &View<'_>, b: &View<'_>) -> Option<usize> {
    let (ba, bb) = (a.of(Of::Born), b.of(Of::Born));
    // A grade against the date in a valid id may rule the pair out; a date that is only written may itself be wrong.
    for (ids, other) in [(a, b), (b, a)] {
        if ids.id != 0 && grades(other).any(|c| birth::fits(id_born(ids.id), c).is_none()) {
            return None;
        }
    }
    let dates = pairs(ba, bb).map(|(x, y)| birth::compare(x, y, &context.lunar)).min();
    if let Some(level) = dates {
        return Some(match level {
            BirthLevel::Equal => 1,
            BirthLevel::Slip => 2,
            BirthLevel::Partial => 3,
            BirthLevel::Near | BirthLevel::Fits => 4,
            BirthLevel::Different => 5,
        });
    }
    let fit = |dates: &[u32], other: &View<'_>| {
        grades(other)
            .flat_map(|c| {
                dates.iter().map(move |d| birth::fits(*d, c).unwrap_or(BirthLevel::Different))
            })
            .min()
    };
    Some(match fit(ba, b).into_iter().chain(fit(bb, a)).min() {
        None => 0,
        Some(BirthLevel::Fits) => 6,
        Some(BirthLevel::Near) => 7,
        Some(_) => 8,
    })
}

fn place_level(a: &View<'_>, b: &View<'_>) -> usize {
    let mut best = 0;
    for x in a.of(Of::Place).as_chunks::<2>().0 {
        for y in b.of(Of::Place).as_chunks::<2>().0 {
            let level = match (x, y) {
                ([v, _], [w, _]) if *v != 0 && v == w => 1,
                ([_, t], [_, u]) if *t != 0 && t == u => 2,
                ([_, t], [_, u]) if *t != 0 && *u != 0 => 3,
                ([v, _], [w, _]) if *v != 0 && *w != 0 => 3,
                _ => 0,
            };
            if level != 0 && (best == 0 || level < best) {
                best = level;
            }
        }
    }
    best
}

/// The level, and the school that both went to.
fn school_level(a: &View<'_>, b: &View<'_>) -> (usize, u32) {
    let (mut best, mut at) = (0, 0);
    for x in a.of(Of::School).as_chunks::<3>().0 {
        for y in b.of(Of::School).as_chunks::<3>().0 {
            let (cx, cy) = (cohort_of(x[1]), cohort_of(y[1]));
            let school = x[0] != 0 && x[0] == y[0];
            let known = cx.step != 0 && cy.step != 0;
            let level = match (school, known && cx.year == cy.year) {
                (true, true) if x[2] != 0 && x[2] == y[2] => 1,
                (true, true) => 2,
                (true, false) if known && (cx.year - cy.year).abs() <= 1 => 3,
                (false, true) => 4,
                _ if known => 5,
                (true, _) => 6,
                _ if x[0] != 0 && y[0] != 0 => 7,
                _ => 0,
            };
            // The same school without a grade says more than another grade.
            let better =
                (level == 6 && matches!(best, 4 | 5)) || (level < best && (best != 6 || level < 4));
            if level != 0 && (best == 0 || better) {
                best = level;
                at = if school { x[0] } else { 0 };
            }
        }
    }
    (best, at)
}

/// Whether two numbers differ by one digit, two neighbours swapped, or one digit too many or too few; equal counts too.
pub(crate) fn one_slip(a: &[u8], b: &[u8]) -> bool {
    let same = |x: &u8, y: &u8| x.eq_ignore_ascii_case(y);
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| same(x, y)).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| same(x, y));
    let tail = tail.count();
    let left = b.len() - head - tail;
    if a.len() != b.len() {
        return left == 1;
    }
    left <= 1 || (left == 2 && same(&a[head], &b[head + 1]) && same(&a[head + 1], &b[head]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_of_the_pen() {
        let check = |a: &str, b: &str, want| {
            assert_eq!(one_slip(a.as_bytes(), b.as_bytes()), want, "{a} {b}");
            assert_eq!(one_slip(b.as_bytes(), a.as_bytes()), want, "{b} {a}");
        };
        check("61992612345", "61992612345", true);
        check("61992612345", "61992712345", true);
        check("61992612345", "61926912345", false);
        check("61992612345", "61929612345", true);
        check("61992612345", "6199212345", true);
        check("61992612345", "619926123455", true);
        check("61992612345", "61992712346", false);
        check("6199261234x", "6199261234X", true);
        check("", "1", true);
    }

    #[test]
    fn every_level_fits_its_pattern() {
        for comparison in Comparison::ALL {
            assert!(comparison.levels().len() < LEVELS);
            let mut pattern = Pattern::default();
            pattern.set(comparison, comparison.levels().len());
            assert_eq!(pattern.level(comparison), comparison.levels().len());
        }
    }
}
