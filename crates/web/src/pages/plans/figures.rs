//! Figures of plans in words and rows.

use fujiao_model::SubjectKind;
use fujiao_office::plans::said::{self, Action, Tally};
use fujiao_office::plans::{Ask, MayClose, PlanDuty, PlanView, ScenarioState, school_of};

use crate::pages::hex;
use crate::words::Words;

/// A figure today and in one or more plans, with the change from today.
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) today: String,
    pub(super) plans: Vec<(String, String, bool)>,
}

/// What becomes of a school, in words.
pub(super) struct Change {
    pub(super) order: Action,
    pub(super) is_kept: bool,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) what: String,
    pub(super) added: String,
    pub(super) children: String,
    pub(super) classes: String,
    pub(super) once: String,
}

impl Change {
    pub(super) fn of(t: &Words, school: &said::School) -> Self {
        let arrow = |a: u32, b: u32| {
            if a == b {
                t.n(i64::from(a))
            } else {
                format!("{} → {}", t.n(i64::from(a)), t.n(i64::from(b)))
            }
        };
        let classes = |form: Option<said::Form>| form.map_or(0, |f| f.classes);
        let once = school.plan.map_or(0, |f| f.yuan_once);
        Self {
            order: school.action,
            is_kept: school.action == Action::Keep,
            name: if school.id.is_none() {
                t.f1("plan.new_point", &school.name)
            } else {
                school.name.clone()
            },
            href: school.id.map_or_else(String::new, |id| format!("/school/{}", hex(id))),
            what: t.of("plan.action", school.action.code()),
            added: added(t, school),
            children: arrow(school.children_today, school.children),
            classes: arrow(classes(school.today), classes(school.plan)),
            once: if once == 0 { "—".to_owned() } else { wan(t, once) },
        }
    }
}

/// What a school gets that it has not.
pub(super) fn added(t: &Words, school: &said::School) -> String {
    let Some(plan) = school.plan else { return String::new() };
    let today = school.today;
    let mut parts = Vec::new();
    let has = |of: fn(&said::Form) -> bool| of(&plan) && !today.as_ref().is_some_and(of);
    if has(|f| f.beds) {
        parts.push(t.f1("plan.add_beds", t.n(i64::from(school.boarders))));
    }
    if has(|f| f.bus) {
        parts.push(t.f1("plan.add_bus", t.n(i64::from(school.riders))));
    }
    if today.is_some() && has(|f| f.canteen) {
        parts.push(t.s("plan.add_canteen").to_owned());
    }
    if today.is_some() && has(|f| f.whole) {
        parts.push(t.s("plan.add_grades").to_owned());
    }
    parts.join(t.s("word.comma"))
}

/// 万元 where the language has the word, else thousands of yuan.
pub(super) fn wan(t: &Words, yuan: i64) -> String {
    t.short_money(yuan.saturating_mul(100))
}

fn ratio(t: &Words, tenths: u64) -> String {
    let tenths = i64::try_from(tenths).unwrap_or(i64::MAX);
    format!("{}.{}", t.n(tenths / 10), tenths % 10)
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

type Of = fn(&Tally) -> i64;

/// Rows of the table of figures: key, value, whether in tenths, whether money, whether more is worse.
const ROWS: [(&str, Of, Kind, bool); 12] = [
    ("schools", |t| i64::from(t.schools), Kind::Plain, false),
    ("walk", |t| whole(t.walk), Kind::Plain, false),
    ("ride", |t| whole(t.ride), Kind::Plain, false),
    ("board", |t| whole(t.board), Kind::Plain, false),
    ("accompany", |t| whole(t.accompany), Kind::Plain, true),
    ("mean", |t| whole(t.mean_minutes_tenths), Kind::Tenths, true),
    ("farthest", |t| whole(t.farthest_minutes), Kind::Plain, true),
    ("beyond", |t| whole(t.beyond_places), Kind::Plain, true),
    ("families", |t| t.families_yuan, Kind::Money, true),
    ("state", |t| t.state_yuan, Kind::Money, true),
    ("together", |t| t.families_yuan + t.state_yuan, Kind::Money, true),
    ("once", |t| t.once_yuan, Kind::Money, true),
];

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Tenths,
    Money,
}

impl Kind {
    fn show(self, t: &Words, value: i64) -> String {
        match self {
            Self::Plain => t.n(value),
            Self::Tenths => {
                let sign = if value < 0 { "−" } else { "" };
                format!("{sign}{}", ratio(t, value.unsigned_abs()))
            }
            Self::Money => wan(t, value),
        }
    }
}

/// Figures of today beside plans.
pub(super) fn table(t: &Words, today: Option<&Tally>, plans: &[&Tally]) -> Vec<Figure> {
    ROWS.iter()
        .map(|(key, of, kind, worse)| {
            let before = today.map(of);
            let plans = plans.iter().map(|plan| {
                let value = of(plan);
                let change = before.map_or(0, |before| value - before);
                let sign = if change > 0 { "+" } else { "" };
                let said = if before.is_none() || change == 0 {
                    String::new()
                } else {
                    format!("{sign}{}", kind.show(t, change))
                };
                (kind.show(t, value), said, *worse && change > 0)
            });
            Figure {
                name: t.of("plan.row", key),
                unit: t.of("plan.unit", key),
                today: before.map_or_else(|| "—".to_owned(), |v| kind.show(t, v)),
                plans: plans.collect(),
            }
        })
        .collect()
}

/// What a plan says in one line.
pub(super) fn heading(t: &Words, v: &PlanView) -> String {
    match &v.result {
        Some(said::Result::Sites(sites)) => {
            let mut parts = Vec::new();
            for action in [Action::Build, Action::Reopen, Action::Change, Action::Close] {
                let n = sites.schools.iter().filter(|s| s.action == action).count();
                if n > 0 {
                    parts.push(t.f1(&format!("plan.head_{}", action.code()), n));
                }
            }
            if parts.is_empty() {
                parts.push(t.s("plan.head_as_is").to_owned());
            }
            if let Some(today) = &sites.today
                && today.accompany != sites.plan.accompany
            {
                let (a, b) = (t.n(whole(today.accompany)), t.n(whole(sites.plan.accompany)));
                parts.push(t.f2("plan.head_accompany", a, b));
            }
            parts.join(t.s("word.comma"))
        }
        Some(said::Result::Short { missing }) => {
            let children: i64 = missing.iter().map(|m| i64::from(m.children)).sum();
            t.f1("plan.head_short", t.n(children))
        }
        Some(said::Result::Ahead(ahead)) => years_title(t, ahead),
        None if v.scenario.state == ScenarioState::Failed => t.s("plan.head_failed").to_owned(),
        Some(
            said::Result::Teachers(_)
            | said::Result::Places(_)
            | said::Result::Money(_)
            | said::Result::Courses(_),
        )
        | None => v.scenario.title.clone(),
    }
}

/// The figures on top: name, value, note.
pub(super) fn stats(t: &Words, v: &PlanView, sites: &said::Sites) -> Vec<(String, String, String)> {
    let plan = &sites.plan;
    let stat = |key: &str, value: String, note: String| (t.of("plan.stat", key), value, note);
    let mut out = vec![stat("once", wan(t, plan.once_yuan), String::new())];
    if let Some(today) = &sites.today {
        let more = plan.state_yuan - today.state_yuan;
        out.push(stat(if more < 0 { "less" } else { "more" }, wan(t, more.abs()), String::new()));
        let saved = today.families_yuan - plan.families_yuan;
        let key = if saved < 0 { "families_more" } else { "families_less" };
        out.push(stat(key, wan(t, saved.abs()), String::new()));
    }
    let moved: i64 = sites
        .flows
        .iter()
        .filter(|f| f.from != Some(f.school))
        .map(|f| i64::from(f.children))
        .sum();
    out.push(stat("moved", t.n(moved), t.s("plan.children").to_owned()));
    let gap = super::gap(t, &v.scenario);
    let most = v.scenario.objective.zip(v.scenario.bound).map_or(0.0, |(o, b)| (o - b).max(0.0));
    #[expect(clippy::cast_possible_truncation, reason = "yuan of one county")]
    let most =
        if most < 1.0 { String::new() } else { t.f1("plan.at_most", wan(t, most.ceil() as i64)) };
    out.push(stat("gap", gap, most));
    out
}

/// What binds.
pub(super) fn binds(t: &Words, sites: &said::Sites) -> Vec<String> {
    let mut full: Vec<&said::School> = sites.schools.iter().filter(|s| s.place_yuan > 0).collect();
    full.sort_by_key(|s| std::cmp::Reverse(s.place_yuan));
    let mut out: Vec<String> =
        full.iter().take(8).map(|s| t.f2("plan.binds_class", &s.name, t.n(s.place_yuan))).collect();
    if sites.beyond_walk > 0 {
        out.push(t.f1("plan.binds_walk", t.n(whole(sites.beyond_walk))));
    }
    if sites.beyond_ride > 0 {
        out.push(t.f1("plan.binds_ride", t.n(whole(sites.beyond_ride))));
    }
    if sites.beyond_radius > 0 {
        out.push(t.f1("plan.binds_radius", t.n(whole(sites.beyond_radius))));
    }
    for at in &sites.too_small {
        let school = &sites.schools[*at as usize];
        out.push(t.f2("plan.binds_least", &school.name, school.children));
    }
    out
}

/// The curve as rows: how much a minute counts, mean minutes, accompanied, both kinds of money, gap.
pub(super) fn curve(t: &Words, curve: &[said::CurvePoint]) -> Vec<[String; 5]> {
    curve
        .iter()
        .map(|c| {
            let gap = f64::from(c.gap_basis_points) / 100.0;
            [
                format!("{}%", c.times_percent),
                ratio(t, c.tally.mean_minutes_tenths),
                t.n(whole(c.tally.accompany)),
                wan(t, c.tally.state_yuan),
                if c.gap_basis_points == 0 {
                    t.s("plan.near").to_owned()
                } else {
                    format!("{gap:.2}%")
                },
            ]
        })
        .collect()
}

/// Whom nothing lawful is left, and what would help.
pub(super) fn missing(t: &Words, missing: &[said::Missing]) -> Vec<[String; 3]> {
    missing
        .iter()
        .map(|m| {
            let key = format!("plan.change_{}", m.change);
            let change = match m.change.as_str() {
                "places" => t.f2(&key, &m.school, m.children),
                "walk" | "ride" => t.f2(&key, m.minutes, &m.school),
                _ => t.s("plan.change_school").to_owned(),
            };
            [m.village.clone(), t.n(i64::from(m.children)), change]
        })
        .collect()
}

/// What the years ahead say in one line: the fullest year, or the last.
pub(super) fn years_title(t: &Words, ahead: &said::Ahead) -> String {
    let now = ahead.past.last().map_or(0, |(_, primary, junior)| primary + junior);
    let Some(last) = ahead.years.last() else { return t.s("plan.head_as_is").to_owned() };
    let then = last.primary.0 + last.junior.0;
    let worst = ahead.years.iter().max_by_key(|y| y.places_missing);
    let change = i64::from(then) - i64::from(now);
    let key = if change < 0 { "plan.ahead_fewer" } else { "plan.ahead_more" };
    let text = t.f3(key, last.year, t.n(i64::from(then)), t.n(change.abs()));
    match worst.filter(|y| y.places_missing > 0) {
        Some(y) => {
            let missing = t.f2("plan.ahead_missing", y.year, t.n(i64::from(y.places_missing)));
            format!("{text}{}{missing}", t.s("word.comma"))
        }
        None => text,
    }
}

/// Years, past and ahead: year, primary, its range, junior, its range, classes, too large, places missing, beds missing.
pub(super) fn years(t: &Words, ahead: &said::Ahead) -> Vec<[String; 9]> {
    let n = |n: u32| t.n(i64::from(n));
    let dash = || "—".to_owned();
    let past = ahead.past.iter().map(|(year, primary, junior)| {
        let fact = || t.s("plan.fact").to_owned();
        [year.to_string(), n(*primary), fact(), n(*junior), fact(), dash(), dash(), dash(), dash()]
    });
    let ahead = ahead.years.iter().map(|y| {
        let range = |(_, low, high): (u32, u32, u32)| format!("{}—{}", n(low), n(high));
        let mark = if y.births_known { "" } else { " *" };
        [
            format!("{}{mark}", y.year),
            n(y.primary.0),
            range(y.primary),
            n(y.junior.0),
            range(y.junior),
            n(y.classes),
            n(y.too_large),
            n(y.places_missing),
            n(y.beds_missing),
        ]
    });
    past.chain(ahead).collect()
}

/// Years that stand above the table of towns: the first, the middle, the last.
fn shown_years(ahead: &said::Ahead) -> Vec<usize> {
    let n = ahead.years.len();
    let mut at = vec![0, n / 3, 2 * n / 3, n.saturating_sub(1)];
    at.dedup();
    at.retain(|i| *i < n);
    at
}

pub(super) fn town_years(ahead: &said::Ahead) -> Vec<String> {
    shown_years(ahead).iter().map(|i| ahead.years[*i].year.to_string()).collect()
}

/// Towns with their children in these years.
pub(super) fn towns(t: &Words, ahead: &said::Ahead) -> Vec<(String, Vec<String>)> {
    let shown = shown_years(ahead);
    ahead
        .towns
        .iter()
        .map(|town| {
            let of = |i: &usize| t.n(i64::from(town.children.get(*i).copied().unwrap_or(0)));
            (town.name.clone(), shown.iter().map(of).collect())
        })
        .collect()
}

pub(super) fn buildings_title(t: &Words, ahead: &said::Ahead) -> String {
    let yuan: u64 = ahead.buildings.iter().map(|b| b.yuan).sum();
    let rooms: i64 = ahead.buildings.iter().map(|b| i64::from(b.rooms)).sum();
    let beds: i64 = ahead.buildings.iter().map(|b| i64::from(b.beds)).sum();
    t.f3("plan.build_title", t.n(rooms), t.n(beds), wan(t, whole(yuan)))
}

/// What to build: needed, decided, school, rooms, beds, money.
pub(super) fn buildings(t: &Words, ahead: &said::Ahead) -> Vec<[String; 6]> {
    ahead
        .buildings
        .iter()
        .map(|b| {
            [
                b.years.1.to_string(),
                b.years.0.to_string(),
                b.name.clone(),
                t.n(i64::from(b.rooms)),
                t.n(i64::from(b.beds)),
                wan(t, whole(b.yuan)),
            ]
        })
        .collect()
}

/// Whom a line is about, and where that stands.
pub(super) fn subject(v: &PlanView, duty: &PlanDuty) -> (String, String) {
    let name = match &v.result {
        Some(said::Result::Sites(sites)) => sites
            .schools
            .iter()
            .find(|s| match school_of(duty) {
                Some(id) => s.id == Some(id),
                None => s.id.is_none() && s.place == duty.subject.id,
            })
            .map(|s| s.name.clone()),
        Some(said::Result::Ahead(ahead)) => {
            ahead.buildings.iter().find(|b| school_of(duty) == Some(b.id)).map(|b| b.name.clone())
        }
        Some(said::Result::Teachers(a)) => {
            a.schools.iter().find(|s| school_of(duty) == Some(s.id)).map(|s| s.name.clone())
        }
        Some(said::Result::Places(a)) => {
            a.schools.iter().find(|s| school_of(duty) == Some(s.id)).map(|s| s.name.clone())
        }
        Some(said::Result::Money(a)) => a
            .projects
            .iter()
            .find(|p| {
                p.school == school_of(duty) && (p.school.is_some() || p.place == duty.subject.id)
            })
            .map(|p| p.whose.clone()),
        Some(said::Result::Courses(a)) => {
            a.sessions.iter().find(|s| s.town == duty.subject.id).map(|s| s.town_name.clone())
        }
        _ => None,
    };
    let href = if duty.subject.kind == SubjectKind::School {
        format!("/school/{}", hex(duty.subject.id))
    } else {
        String::new()
    };
    (name.unwrap_or_default(), href)
}

/// What a plan rests on.
pub(super) fn facts(t: &Words, v: &PlanView) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            out.push((t.of("plan.facts", key), value));
        }
    };
    let yes = |b: bool| t.s(if b { "plan.yes" } else { "plan.no" }).to_owned();
    match &v.ask {
        Some(Ask::Sites(ask)) => {
            let minutes = |m: Option<u32>| {
                m.map_or_else(|| t.s("plan.by_rules").to_owned(), |m| t.f1("plan.minutes", m))
            };
            add("stage", t.of("plan.stage", ask.stage.code()));
            add(
                "close",
                t.of(
                    "plan.close",
                    match ask.may_close {
                        MayClose::None => "none",
                        MayClose::Small => "small",
                        MayClose::All => "all",
                    },
                ),
            );
            add("guarded", yes(ask.guarded));
            add("beds", yes(ask.beds));
            add("bus", yes(ask.bus));
            add("build", yes(ask.build));
            add("lawful", yes(ask.lawful_only));
            add("walk", minutes(ask.walk_minutes));
            add("ride", minutes(ask.ride_minutes));
            add("radius", ask.radius_km.map_or(String::new(), |km| t.f1("plan.km", km)));
            add("least", ask.least_children.map_or(String::new(), |n| t.n(i64::from(n))));
        }
        Some(Ask::Ahead(ask)) => add("years", t.f1("plan.years", ask.years)),
        Some(Ask::Teachers(_) | Ask::Places(_) | Ask::Money(_) | Ask::Courses(_)) | None => {}
    }
    if let Some(said::Result::Sites(sites)) = &v.result {
        add("guessed", t.f1("plan.guessed", sites.guessed_percent));
        add(
            "heights",
            t.s(if sites.heights { "plan.with_heights" } else { "plan.level" }).to_owned(),
        );
        if sites.home_unknown > 0 {
            add("home_unknown", t.f1("plan.pupils", t.n(i64::from(sites.home_unknown))));
        }
        if sites.off_the_map > 0 {
            add("off_the_map", t.f1("plan.pupils", t.n(i64::from(sites.off_the_map))));
        }
    }
    if let Some(table) = &v.table {
        add("table", format!("{}{}{}", table.name, t.s("word.colon"), table.holds));
    }
    if let Some(run) = v.scenario.run {
        add("run", t.f1("plan.run", run));
    }
    add(
        "check",
        match v.scenario.verdict.as_deref() {
            Some("ok") => t.s("plan.check_ok").to_owned(),
            Some(fault) => t.f1("plan.check_bad", fault),
            None => String::new(),
        },
    );
    add("hash", v.scenario.inputs_hash.clone().unwrap_or_default());
    if let Some((name, at)) = &v.scenario.decided {
        let note = v.scenario.note.clone().unwrap_or_default();
        add("decided", t.f3("plan.decided", name, t.clock(*at), note));
    }
    out
}

/// Which of some plans costs least, in one line.
pub(super) fn compare_heading(t: &Words, plans: &[(&PlanView, &said::Sites)]) -> String {
    let cost = |s: &said::Sites| s.plan.families_yuan + s.plan.state_yuan;
    let least = plans.iter().min_by_key(|(v, s)| (cost(s), v.scenario.id));
    let most = plans.iter().map(|(_, s)| cost(s)).max();
    match (least, most) {
        (Some((view, sites)), Some(most)) if cost(sites) < most => {
            t.f2("plan.compare_cheaper", &view.scenario.title, wan(t, most - cost(sites)))
        }
        _ => t.s("plan.compare_same").to_owned(),
    }
}

/// Schools with which plans do different things: the name, then what each does.
pub(super) fn differ(t: &Words, plans: &[&said::Sites]) -> Vec<Vec<String>> {
    let what = |s: Option<&said::School>| match s {
        Some(s) if s.plan.is_some() || s.today.is_some() => {
            let added = added(t, s);
            let what = t.of("plan.action", s.action.code());
            if added.is_empty() { what } else { format!("{what}{}{added}", t.s("word.colon")) }
        }
        _ => "—".to_owned(),
    };
    let mut schools: Vec<(Option<u64>, u64, &str)> = Vec::new();
    for school in plans.iter().flat_map(|p| &p.schools) {
        let known = (school.id, school.place, school.name.as_str());
        if !schools.contains(&known) {
            schools.push(known);
        }
    }
    let mut out = Vec::new();
    for of in schools {
        let each = plans
            .iter()
            .map(|p| what(p.schools.iter().find(|s| (s.id, s.place, s.name.as_str()) == of)));
        let each: Vec<String> = each.collect();
        if each.windows(2).any(|w| w[0] != w[1]) {
            out.push(std::iter::once(of.2.to_owned()).chain(each).collect());
        }
    }
    out
}

/// Forecasts side by side: the last year of each, and what is to be built.
pub(super) fn ahead_table(t: &Words, plans: &[&said::Ahead]) -> Vec<Figure> {
    type Of = fn(&said::Ahead) -> i64;
    let rows: [(&str, Of, bool); 6] = [
        (
            "pupils_last",
            |a| a.years.last().map_or(0, |y| i64::from(y.primary.0 + y.junior.0)),
            false,
        ),
        (
            "missing_most",
            |a| a.years.iter().map(|y| i64::from(y.places_missing)).max().unwrap_or(0),
            true,
        ),
        (
            "too_large_most",
            |a| a.years.iter().map(|y| i64::from(y.too_large)).max().unwrap_or(0),
            true,
        ),
        ("rooms_built", |a| a.buildings.iter().map(|b| i64::from(b.rooms)).sum(), true),
        ("beds_built", |a| a.buildings.iter().map(|b| i64::from(b.beds)).sum(), true),
        ("build_wan", |a| a.buildings.iter().map(|b| whole(b.yuan) / 10_000).sum(), true),
    ];
    rows.iter()
        .map(|(key, of, worse)| {
            let first = plans.first().map_or(0, |a| of(a));
            Figure {
                name: t.of("plan.row", key),
                unit: t.of("plan.unit", key),
                today: "—".to_owned(),
                plans: plans
                    .iter()
                    .map(|a| {
                        let change = of(a) - first;
                        let sign = if change > 0 { "+" } else { "" };
                        let said = if change == 0 {
                            String::new()
                        } else {
                            format!("{sign}{}", t.n(change))
                        };
                        (t.n(of(a)), said, *worse && change > 0)
                    })
                    .collect(),
            }
        })
        .collect()
}

/// Schools that no plan closes, by why: the reason, how many, and their names.
pub(super) fn guarded(t: &Words, sites: &said::Sites) -> Vec<(String, usize, String)> {
    ["town", "village", "walk"]
        .iter()
        .filter_map(|why| {
            let names: Vec<&str> = sites
                .guarded
                .iter()
                .filter(|g| g.why == *why)
                .map(|g| sites.schools[g.school as usize].name.as_str())
                .collect();
            let text = t.of("plan.guard", why);
            (!names.is_empty()).then(|| (text, names.len(), names.join(t.s("word.comma"))))
        })
        .collect()
}

/// The smallest changes together: how long a walk or a ride would do for all, and how many places where.
pub(super) fn remedy(t: &Words, missing: &[said::Missing]) -> String {
    let most =
        |change: &str| missing.iter().filter(|m| m.change == change).map(|m| m.minutes).max();
    let mut parts = Vec::new();
    if let Some(minutes) = most("walk") {
        parts.push(t.f1("plan.remedy_walk", minutes));
    }
    if let Some(minutes) = most("ride") {
        parts.push(t.f1("plan.remedy_ride", minutes));
    }
    let mut places: std::collections::BTreeMap<&str, u32> = std::collections::BTreeMap::new();
    for m in missing.iter().filter(|m| m.change == "places") {
        *places.entry(&m.school).or_default() += m.children;
    }
    for (school, children) in places {
        parts.push(t.f2("plan.change_places", school, children));
    }
    let no_school: u32 = missing.iter().filter(|m| m.change == "school").map(|m| m.children).sum();
    if no_school > 0 {
        parts.push(t.f1("plan.remedy_school", no_school));
    }
    t.f1("plan.remedy", parts.join(t.s("word.comma")))
}

/// Money by the year in which it is decided.
pub(super) fn by_year(t: &Words, ahead: &said::Ahead) -> Vec<super::draw::Bar> {
    ahead
        .by_year
        .iter()
        .map(|(year, rooms, beds, yuan)| super::draw::Bar {
            label: t.f3("plan.by_year_bar", year, rooms, beds),
            value: *yuan,
            whole: *yuan,
            text: wan(t, whole(*yuan)),
        })
        .collect()
}
