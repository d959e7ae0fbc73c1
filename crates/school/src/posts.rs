//! 师资: posts by the norm and what the norm forgets, by subject; who may rotate, who may get a title, who may leave.

use std::collections::BTreeMap;

use fujiao_model::Stage;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::norms::{Dated, Norms, in_force};

fujiao_model::code_table! {
    /// What an addition to the posts is reckoned from.
    Base {
        /// Boarders.
        Boarders = "boarders", "寄宿生";
        /// The school itself.
        School = "school", "每校";
        /// A school with boarders.
        BoardingSchool = "boarding_school", "每所寄宿制学校";
        /// Staff away for a birth.
        OnBirthLeave = "birth_leave", "产假在假";
        /// Staff lent to other units.
        Seconded = "seconded", "借调在外";
        /// Staff on long sick leave.
        Sick = "sick", "长期病休";
        /// Staff above the age that the norms name.
        Old = "old", "超过年龄";
        /// A school with one teacher.
        OneTeacher = "one_teacher", "单人单校";
        /// Staff chosen by town recruitment exams who will leave.
        ByExam = "town_exam", "进城选调考走";
        /// Classes of small schools.
        SmallClasses = "small_classes", "小规模学校的班";
    }
}

/// Posts beyond the ratio: dated, visible, and switched on or off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Its key.
    pub key: String,
    /// The Chinese name.
    pub zh: String,
    /// The English name.
    pub en: String,
    /// Whether it counts unless a county says otherwise.
    pub on: bool,
    /// What it is reckoned from.
    pub base: Base,
    /// Only for at least so many.
    pub least: i64,
    /// Thousandths of a post for each.
    pub rows: Vec<Dated<i64>>,
}

/// How much of the lessons a subject is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectNorm {
    /// The subject.
    pub name: String,
    /// The stage.
    pub stage: Stage,
    /// What rosters call it besides.
    pub names: Vec<String>,
    /// Its part of the lessons, in thousandths.
    pub share: i64,
    /// The article.
    pub basis: String,
}

/// A school as posts see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Pupils of primary, junior and senior stages.
    pub pupils: [i64; 3],
    /// Classes of these stages.
    pub classes: [i64; 3],
    /// Classes of a small school for which the norm gives posts: grades of few pupils sit together in one.
    pub joined: i64,
    /// Boarders.
    pub boarders: i64,
    /// Whether it is a small school (rural, fewer pupils than the norm names).
    pub small: bool,
}

impl Body {
    /// A school of classes (stage, year of the grade, pupils) on a day.
    ///
    /// In a small school, classes of fewer pupils than `posts.class_least` sit together with the next grades (复式) until there
    /// are so many; what is left over sits with the last.
    pub fn of(
        norms: &Norms,
        on: Date,
        classes: &[(Stage, u8, i64)],
        boarders: i64,
        rural: Option<bool>,
    ) -> Self {
        let mut body = Self { boarders, ..Self::default() };
        for (stage, _, pupils) in classes {
            let at = match stage {
                Stage::Primary => 0,
                Stage::Junior => 1,
                Stage::Senior | Stage::Vocational => 2,
                _ => continue,
            };
            body.pupils[at] += pupils;
            body.classes[at] += 1;
        }
        let small = norms.whole("posts.small_school", on).unwrap_or(0);
        let all: i64 = body.pupils.iter().sum();
        body.small = rural == Some(true) && all > 0 && all < small && body.pupils[2] == 0;
        if body.small {
            let least = norms.whole("posts.class_least", on).unwrap_or(0);
            for stage in [Stage::Primary, Stage::Junior] {
                let mut of: Vec<_> = classes.iter().filter(|c| c.0 == stage).collect();
                of.sort_unstable();
                let (mut full, mut sitting) = (0, 0);
                for (_, _, pupils) in of {
                    sitting += pupils;
                    if sitting >= least {
                        (full, sitting) = (full + 1, 0);
                    }
                }
                body.joined += if full == 0 { i64::from(sitting > 0) } else { full };
            }
        }
        body
    }
}

fujiao_model::code_table! {
    /// How a member of staff stands.
    Standing {
        /// 在岗
        Here = "here", "在岗";
        /// 产假
        BirthLeave = "birth_leave", "产假";
        /// 借调
        Seconded = "seconded", "借调";
        /// 病休
        Sick = "sick", "病休";
        /// 离岗、退休
        Gone = "gone", "离岗";
    }
}

impl Standing {
    /// What rosters write: `在岗`, `产假`, `借调到教育局`, `退休`.
    pub fn read(text: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
        if has(&["产假", "哺乳", "二孩", "三孩", "生育"]) {
            Self::BirthLeave
        } else if has(&["借调", "抽调", "借用", "挂职"]) {
            Self::Seconded
        } else if has(&["病", "休养"]) {
            Self::Sick
        } else if has(&["退休", "离职", "辞职", "调出", "离岗", "死亡", "去世"]) {
            Self::Gone
        } else {
            Self::Here
        }
    }
}

/// One member of staff.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the roster")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The register's id of the person.
    pub person: u64,
    /// The school.
    pub school: u64,
    /// Day of birth.
    pub born: Option<Date>,
    /// Whether the post is in the quota.
    pub in_quota: bool,
    /// The subject, as rosters write it.
    pub subject: String,
    /// Whether a backbone teacher.
    pub backbone: bool,
    /// Whether a special-post teacher (特岗).
    pub special: bool,
    /// Since when at this school.
    pub since: Option<Date>,
    /// The title, as rosters write it.
    pub title: String,
    /// How they stand.
    pub standing: Standing,
    /// Whether the rural allowance is paid; `None`: nobody says.
    pub allowance: Option<bool>,
    /// Whether the school is rural.
    pub rural: bool,
    /// Whether chosen by a recruitment exam of a town.
    pub by_exam: bool,
}

/// Part of the posts of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Position among the additions.
    pub addition: usize,
    /// How many of what it is reckoned from.
    pub of: i64,
    /// Hundredths of a post.
    pub posts: i64,
    /// The article.
    pub basis: String,
    /// Whether it counts.
    pub on: bool,
}

/// Posts of a school, all in hundredths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posts {
    /// By pupils.
    pub by_pupils: i64,
    /// By classes, where the norm has one for the school; else nought.
    pub by_classes: i64,
    /// The larger of the two, at least one post.
    pub base: i64,
    /// What the ratio forgets.
    pub parts: Vec<Part>,
    /// Base and what counts of the parts.
    pub needed: i64,
    /// In quota and on the books, wherever they are today.
    pub in_quota: i64,
    /// Of those, at the school.
    pub here: i64,
    /// Missing.
    pub vacancy: i64,
    /// Beyond the need.
    pub surplus: i64,
}

/// Pupils to a post of the three stages, in the keys of the norms.
const RATIOS: [&str; 3] = ["posts.ratio_primary", "posts.ratio_junior", "posts.ratio_senior"];

/// Posts of one school on a day. `switched`: additions that the county turned on or off.
///
/// Base = max(pupils ÷ ratio by stage, classes that sit × class ratio for small schools), each stage reckoned apart and
/// rounded once; then the additions that count. The page of posts and the duty of an assessment are both this.
pub fn posts(
    norms: &Norms,
    on: Date,
    body: &Body,
    staff: &[&Member],
    switched: &BTreeMap<String, bool>,
) -> Posts {
    let mut thousandths = 0_i128;
    for (n, key) in body.pupils.iter().zip(RATIOS) {
        // Hundredths of posts × 1000: pupils ÷ (ratio in thousandths).
        if let Some(ratio) = norms.number(key, on).filter(|r| *r > 0) {
            thousandths += i128::from(*n) * 100_000_000 / i128::from(ratio);
        }
    }
    let by_pupils = i64::try_from(thousandths / 1_000).unwrap_or(i64::MAX);
    let a_class = norms.number("posts.per_class_small", on).unwrap_or(0);
    let by_classes = if body.small { body.joined * a_class / 10 } else { 0 };
    let any = body.pupils.iter().sum::<i64>() > 0;
    let base = if any { by_pupils.max(by_classes).max(100) } else { 0 };
    let old = norms.whole("posts.old_age", on).unwrap_or(i64::MAX);
    let counted = |is: &dyn Fn(&Member) -> bool| {
        i64::try_from(staff.iter().filter(|m| m.in_quota && is(m)).count()).unwrap_or(0)
    };
    let here = counted(&|m| m.standing == Standing::Here);
    let parts = norms
        .additions
        .iter()
        .enumerate()
        .filter_map(|(at, addition)| {
            let row = in_force(&addition.rows, on)?;
            let of = match addition.base {
                Base::Boarders => body.boarders,
                Base::School => i64::from(any),
                Base::BoardingSchool => i64::from(body.boarders > 0),
                Base::OnBirthLeave => counted(&|m| m.standing == Standing::BirthLeave),
                Base::Seconded => counted(&|m| m.standing == Standing::Seconded),
                Base::Sick => counted(&|m| m.standing == Standing::Sick),
                Base::Old => counted(&|m| {
                    m.standing == Standing::Here && years(m.born, on).is_some_and(|y| y > old)
                }),
                Base::OneTeacher => i64::from(any && here <= 1),
                Base::ByExam => counted(&|m| m.by_exam),
                Base::SmallClasses => {
                    if body.small {
                        body.joined
                    } else {
                        0
                    }
                }
            };
            (of > 0 && of >= addition.least).then(|| Part {
                addition: at,
                of,
                posts: of * row.value / 10,
                basis: row.basis.clone(),
                on: switched.get(&addition.key).copied().unwrap_or(addition.on),
            })
        })
        .collect::<Vec<_>>();
    let needed = base + parts.iter().filter(|p| p.on).map(|p| p.posts).sum::<i64>();
    let in_quota = 100 * counted(&|m| m.standing != Standing::Gone);
    Posts {
        by_pupils,
        by_classes,
        base,
        parts,
        needed,
        in_quota,
        here: 100 * here,
        vacancy: (needed - in_quota).max(0),
        surplus: (in_quota - needed).max(0),
    }
}

/// Full years from a day to another.
fn years(from: Option<Date>, to: Date) -> Option<i64> {
    let from = from?;
    let before = (to.month(), to.day()) < (from.month(), from.day());
    Some(i64::from(to.year()) - i64::from(from.year()) - i64::from(before))
}

/// A subject of a school: teachers that its classes need, and those who teach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectLine {
    /// The subject.
    pub name: String,
    /// Needed, in hundredths.
    pub needed: i64,
    /// Here, in hundredths.
    pub have: i64,
}

/// Teachers by subject that a school's classes need: lessons of a class a week × the subject's part ÷ a teacher's load.
pub fn subjects(norms: &Norms, on: Date, body: &Body, staff: &[&Member]) -> Vec<SubjectLine> {
    let load = norms.number("posts.lessons_a_teacher", on).unwrap_or(0);
    let stages = [Stage::Primary, Stage::Junior, Stage::Senior];
    let lessons = ["posts.lessons_primary", "posts.lessons_junior", "posts.lessons_senior"];
    let mut lines: Vec<SubjectLine> = Vec::new();
    for norm in &norms.subjects {
        let Some(at) = stages.iter().position(|s| *s == norm.stage) else { continue };
        let (classes, a_class) = (body.classes[at], norms.number(lessons[at], on).unwrap_or(0));
        if classes == 0 || load == 0 {
            continue;
        }
        let needed = i128::from(classes) * i128::from(a_class) * i128::from(norm.share)
            / 10
            / i128::from(load);
        let needed = i64::try_from(needed).unwrap_or(i64::MAX);
        match lines.iter_mut().find(|l| l.name == norm.name) {
            Some(line) => line.needed += needed,
            None => lines.push(SubjectLine { name: norm.name.clone(), needed, have: 0 }),
        }
    }
    for member in staff.iter().filter(|m| m.standing == Standing::Here) {
        let norm = norms.subjects.iter().find(|n| {
            member.subject.contains(n.name.as_str())
                || n.names.iter().any(|w| member.subject.contains(w.as_str()))
        });
        if let Some(line) = norm.and_then(|n| lines.iter_mut().find(|l| l.name == n.name)) {
            line.have += 100;
        }
    }
    lines
}

/// Whether a teacher's turn to rotate has come.
pub fn may_rotate(norms: &Norms, member: &Member, on: Date) -> bool {
    let turn = norms.whole("posts.rotate_after_years", on).unwrap_or(i64::MAX);
    let until = norms.whole("posts.rotate_until_age", on).unwrap_or(i64::MAX);
    member.in_quota
        && member.standing == Standing::Here
        && years(member.since, on).is_some_and(|y| y >= turn)
        && years(member.born, on).is_none_or(|y| y < until)
}

/// How many have to rotate, and how many of those who do have to be backbone teachers: shares rounded up.
pub fn rotation_due(norms: &Norms, on: Date, eligible: i64) -> (i64, i64) {
    let share = |key: &str| norms.number(key, on).unwrap_or(0);
    let move_on = (eligible * share("posts.rotate_percent")).div_ceil_of(100_000);
    (move_on, (move_on * share("posts.backbone_percent")).div_ceil_of(100_000))
}

trait DivCeilOf {
    fn div_ceil_of(self, by: i64) -> i64;
}

impl DivCeilOf for i64 {
    /// Rounded up, for numbers from nought on.
    fn div_ceil_of(self, by: i64) -> i64 {
        (self + by - 1) / by
    }
}

fujiao_model::code_table! {
    /// A thing to know about a member of staff.
    Note {
        /// The pledge of a special-post teacher ends soon.
        PledgeEnds = "pledge_ends", "特岗服务期快满";
        /// It has ended.
        PledgeOver = "pledge_over", "特岗服务期已满，还没有定编";
        /// Less than the years that most stay.
        NewHere = "new_here", "到校不久";
        /// Teaches in a rural school and gets no allowance.
        NoAllowance = "no_allowance", "在乡村任教没有生活补助";
        /// The only teacher.
        Alone = "alone", "单人单校";
        /// Not in the quota.
        NoPost = "no_post", "没有编制";
        /// Was chosen by a town's exam.
        Chosen = "chosen", "进城选调考上";
        /// Retires soon.
        Retires = "retires", "两年内退休";
    }
}

/// Reasons for which somebody may leave, with their points of the norms; the most points first.
pub fn may_leave(norms: &Norms, member: &Member, alone: bool, on: Date) -> Vec<(Note, i64)> {
    let pledge = norms.whole("posts.pledge_years", on).unwrap_or(3);
    let soon = norms.whole("posts.pledge_soon_months", on).unwrap_or(0);
    let ends =
        member.since.and_then(|d| d.checked_add(i32::try_from(pledge).unwrap_or(3).years()).ok());
    let near = |d: Date| {
        on.checked_add(i32::try_from(soon).unwrap_or(0).months()).is_ok_and(|edge| d <= edge)
    };
    let retire = norms.whole("posts.retire_age", on).unwrap_or(i64::MAX);
    let mut notes = Vec::new();
    let mut add = |is: bool, note: Note| {
        let points = norms.whole(&format!("leave.{}", note.code()), on).unwrap_or(0);
        if is && points > 0 {
            notes.push((note, points));
        }
    };
    let special = member.special && member.standing != Standing::Gone;
    add(special && !member.in_quota && ends.is_some_and(|d| d <= on), Note::PledgeOver);
    add(special && ends.is_some_and(|d| d > on && near(d)), Note::PledgeEnds);
    add(years(member.since, on).is_some_and(|y| y < 2), Note::NewHere);
    add(member.rural && member.allowance == Some(false), Note::NoAllowance);
    add(alone, Note::Alone);
    add(!member.in_quota && !member.special, Note::NoPost);
    add(member.by_exam, Note::Chosen);
    add(years(member.born, on).is_some_and(|y| y >= retire - 2), Note::Retires);
    notes.sort_by_key(|(note, points)| (-points, *note));
    notes
}

/// The title that years of service in rural schools open without a limit of posts: the key of the norm, with the years it
/// asks. `None`: none yet. Whether somebody has such a title already is for a person to see.
pub fn title_open(norms: &Norms, rural_years: i64, on: Date) -> Option<(&'static str, i64)> {
    ["title.senior", "title.deputy", "title.middle"]
        .into_iter()
        .filter_map(|key| Some((key, norms.whole(key, on)?)))
        .find(|(_, asks)| rural_years >= *asks)
}

/// The needs of training that observed lessons and tests show: whatever is asked about (a subject, a teacher) with the mean
/// score in thousandths of the full mark and the number of reviews, the lowest first; only those below the pass mark, and
/// with at least `least` reviews.
pub fn training_needs<K: Ord + Clone>(
    scores: &[(K, i64)],
    pass: i64,
    least: usize,
) -> Vec<(K, i64, usize)> {
    let mut by: BTreeMap<&K, (i64, usize)> = BTreeMap::new();
    for (of, score) in scores {
        let sum = by.entry(of).or_default();
        *sum = (sum.0 + score, sum.1 + 1);
    }
    let mut needs: Vec<(K, i64, usize)> = by
        .into_iter()
        .filter(|(_, (_, n))| *n >= least)
        .map(|(of, (sum, n))| (of.clone(), sum / i64::try_from(n).unwrap_or(1), n))
        .filter(|(_, mean, _)| *mean < pass)
        .collect();
    needs.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    needs
}

/// A score in thousandths of the full mark, cut; `None` where the full mark is not above nought or the score beyond it.
pub fn share_of_mark(score: i64, full: i64) -> Option<i64> {
    (full > 0 && (0..=full).contains(&score)).then(|| score * 1_000 / full)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(change: impl Fn(&mut Member)) -> Member {
        let mut m = Member {
            person: 1,
            school: 1,
            born: Some("1985-03-01".parse().unwrap()),
            in_quota: true,
            subject: "语文".into(),
            backbone: false,
            special: false,
            since: Some("2015-09-01".parse().unwrap()),
            title: String::new(),
            standing: Standing::Here,
            allowance: Some(true),
            rural: true,
            by_exam: false,
        };
        change(&mut m);
        m
    }

    fn on() -> Date {
        "2025-10-15".parse().unwrap()
    }

    fn six(pupils: i64) -> Vec<(Stage, u8, i64)> {
        (1..=6).map(|grade| (Stage::Primary, grade, pupils)).collect()
    }

    #[test]
    fn posts_are_the_larger_of_pupils_and_classes_with_what_the_ratio_forgets() {
        let norms = Norms::national();
        let none = BTreeMap::new();
        let check =
            |body: Body, staff: &[Member], switched: &BTreeMap<String, bool>, want: &str| {
                let staff: Vec<&Member> = staff.iter().collect();
                let p = posts(&norms, on(), &body, &staff, switched);
                let got = format!(
                    "{} {} {} {} {} {}",
                    p.by_pupils, p.by_classes, p.base, p.needed, p.vacancy, p.surplus
                );
                assert_eq!(got, want, "{body:?}");
            };
        let body = Body { pupils: [190, 135, 125], classes: [6, 3, 3], ..Body::default() };
        check(body, &[], &none, "3000 0 3000 3000 3000 0");
        check(
            Body { pupils: [5, 0, 0], classes: [1, 0, 0], ..Body::default() },
            &[],
            &none,
            "26 0 100 100 100 0",
        );
        // A small school of six classes of ten: by classes.
        let small = Body::of(&norms, on(), &six(10), 0, Some(true));
        let by_classes = 6 * norms.number("posts.per_class_small", on()).unwrap() / 10;
        check(
            small,
            &[],
            &none,
            &format!("315 {by_classes} {by_classes} {by_classes} {by_classes} 0"),
        );
        check(Body::default(), &[], &none, "0 0 0 0 0 0");
        // Six grades of three sit in one room: no grade makes posts alone.
        let tiny = Body::of(&norms, on(), &six(3), 0, Some(true));
        assert_eq!((tiny.small, tiny.joined, tiny.classes[0]), (true, 1, 6));
        check(tiny, &[], &none, "94 100 100 100 100 0");
        // The same six grades in a town: by pupils alone.
        check(Body::of(&norms, on(), &six(3), 0, Some(false)), &[], &none, "94 0 100 100 100 0");
        // Birth leave is off unless the county switches it on.
        let staff = [member(|_| ()), member(|m| m.standing = Standing::BirthLeave), member(|_| ())];
        let ten = Body { pupils: [38, 0, 0], classes: [2, 0, 0], ..Body::default() };
        check(ten, &staff, &none, "200 0 200 200 0 100");
        let switched = BTreeMap::from([("birth_leave".to_owned(), true)]);
        check(ten, &staff, &switched, "200 0 200 300 0 0");
    }

    #[test]
    fn who_may_rotate_and_how_many_must() {
        let norms = Norms::national();
        assert!(may_rotate(&norms, &member(|_| ()), on()));
        assert!(!may_rotate(
            &norms,
            &member(|m| m.since = Some("2021-09-01".parse().unwrap())),
            on()
        ));
        assert!(!may_rotate(&norms, &member(|m| m.standing = Standing::Sick), on()));
        assert!(!may_rotate(&norms, &member(|m| m.in_quota = false), on()));
        assert_eq!(rotation_due(&norms, on(), 101), (11, 3));
        assert_eq!(rotation_due(&norms, on(), 0), (0, 0));
    }

    #[test]
    fn reasons_to_leave_are_named() {
        let norms = Norms::national();
        let check = |m: Member, alone, want: &str| {
            let notes = may_leave(&norms, &m, alone, on());
            assert_eq!(notes.iter().map(|(n, _)| n.code()).collect::<Vec<_>>().join(" "), want);
        };
        check(member(|_| ()), false, "");
        let special = |since: &str| {
            member(|m| {
                (m.special, m.in_quota, m.since) = (true, false, Some(since.parse().unwrap()));
            })
        };
        check(special("2022-11-01"), false, "pledge_ends");
        check(special("2021-09-01"), false, "pledge_over");
        check(member(|m| m.allowance = Some(false)), true, "no_allowance alone");
    }

    #[test]
    fn years_in_rural_schools_open_titles_and_scores_show_needs() {
        let norms = Norms::national();
        let open = |years| title_open(&norms, years, on()).map(|(key, _)| key);
        assert_eq!(
            [open(19), open(20), open(25), open(31)],
            [None, Some("title.middle"), Some("title.deputy"), Some("title.senior")]
        );
        let scores: Vec<(String, i64)> =
            [("英语", 500), ("英语", 560), ("语文", 800), ("科学", 100)]
                .map(|(s, n)| (s.to_owned(), n))
                .into();
        assert_eq!(training_needs(&scores, 600, 2), [("英语".to_owned(), 530, 2)]);
        assert_eq!(Standing::read("借调到教育局"), Standing::Seconded);
        assert_eq!(Standing::read("在岗"), Standing::Here);
    }

    #[test]
    fn subjects_need_teachers_by_lessons() {
        let norms = Norms::national();
        let body = Body { classes: [6, 0, 0], ..Body::default() };
        assert_eq!(
            (share_of_mark(57_000, 100_000), share_of_mark(7_000, 5_000), share_of_mark(1, 0)),
            (Some(570), None, None)
        );
        let staff = [member(|_| ()), member(|m| m.subject = "小学数学".into())];
        let lines = subjects(&norms, on(), &body, &staff.iter().collect::<Vec<_>>());
        let of = |name: &str| lines.iter().find(|l| l.name == name).map(|l| (l.needed > 0, l.have));
        assert_eq!(
            (of("语文"), of("数学"), of("英语")),
            (Some((true, 100)), Some((true, 100)), Some((true, 0)))
        );
    }
}
