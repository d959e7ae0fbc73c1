//! Every route × every role × inside and outside the ground, against a reckoning of grounds of this file's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use fujiao_model::{Area, Division, Grade};
use fujiao_office::access::{Access, Actor, Grant, Ground, Method, Right, Role};
use fujiao_office::accounts::{Entry, NewAccount};
use fujiao_office::desk::{Filter, Show};
use fujiao_office::{Desk, Office};
use fujiao_store::{Keys, Store, StoreError};
use fujiao_web::{WebSettings, router};
use jiff::Timestamp;
use tower::ServiceExt;

use crate::served::copy_of_the_books;

fn now() -> Timestamp {
    "2025-10-15T01:00:00Z".parse().expect("a time")
}

/// Somebody of the registers, as this test reckons grounds.
struct Soul {
    town: Option<u64>,
    village: Option<u64>,
    school: Option<u64>,
    grade: String,
    class: String,
    household: Option<u64>,
}

/// The registers, read without any of the code under trial.
struct World {
    persons: BTreeMap<u64, Soul>,
    households: BTreeMap<u64, (Option<u64>, Option<u64>)>,
    schools: BTreeMap<u64, (Option<u64>, Option<u64>)>,
    /// Area, kind of subject, subject, place.
    duties: Vec<(String, String, u64, Option<u64>)>,
    /// Row and the person it is about.
    rows: BTreeMap<u64, u64>,
    /// Case, its child, where it stands.
    cases: BTreeMap<u64, (u64, Soul)>,
}

impl World {
    fn read(store: &Store) -> Self {
        let mut w = Self {
            persons: BTreeMap::new(),
            households: BTreeMap::new(),
            schools: BTreeMap::new(),
            duties: Vec::new(),
            rows: BTreeMap::new(),
            cases: BTreeMap::new(),
        };
        let read = store.read(|tx| {
            tx.each(
                "select person_id, town, village, school_id, grade, class, household_id from person",
                &[],
                |r| {
                    let text = |n| Ok::<_, StoreError>(r.get::<Option<String>>(n)?.unwrap_or_default());
                    let soul = Soul {
                        town: r.get(1)?,
                        village: r.get(2)?,
                        school: r.get(3)?,
                        grade: text(4)?,
                        class: text(5)?,
                        household: r.get(6)?,
                    };
                    w.persons.insert(r.get(0)?, soul);
                    Ok(())
                },
            )?;
            tx.each("select household_id, town, village from household", &[], |r| {
                w.households.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
                Ok(())
            })?;
            tx.each("select school_id, town, village from school", &[], |r| {
                w.schools.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
                Ok(())
            })?;
            tx.each(
                "select d.area, d.subject_kind, d.subject_id, d.place from duty d
                   join county c on c.county = d.county and c.live_run = d.run_id",
                &[],
                |r| {
                    w.duties.push((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
                    Ok(())
                },
            )?;
            tx.each(
                "select case_no, person_id, town, village, school_id, grade, class from watch_case",
                &[],
                |r| {
                    let soul = Soul {
                        town: r.get(2)?,
                        village: r.get(3)?,
                        school: r.get(4)?,
                        grade: r.get::<Option<String>>(5)?.unwrap_or_default(),
                        class: r.get(6)?,
                        household: None,
                    };
                    w.cases.insert(r.get(0)?, (r.get(1)?, soul));
                    Ok(())
                },
            )?;
            tx.each("select row_id, person_id from row_link where person_id is not null", &[], |r| {
                w.rows.insert(r.get(0)?, r.get(1)?);
                Ok(())
            })
        });
        read.expect("the books read");
        w
    }

    fn person_in(&self, ground: &Ground, id: u64) -> bool {
        self.persons.get(&id).is_some_and(|p| soul_in(ground, id, p))
    }

    /// A case is its child's, and that of the place, school and class where it stands.
    fn case_in(&self, ground: &Ground, number: u64) -> bool {
        let (child, soul) = &self.cases[&number];
        self.person_in(ground, *child) || soul_in(ground, *child, soul)
    }

    fn household_in(&self, ground: &Ground, id: u64) -> bool {
        let own = self.households.get(&id).is_some_and(|at| in_place(ground, *at));
        let mut members = self.persons.iter().filter(|(_, p)| p.household == Some(id));
        own || members.any(|(member, _)| self.person_in(ground, *member))
    }

    fn school_in(&self, ground: &Ground, id: u64) -> bool {
        *ground == Ground::School(id)
            || self.schools.get(&id).is_some_and(|at| in_place(ground, *at))
    }

    fn duty_in(&self, ground: &Ground, duty: &(String, String, u64, Option<u64>)) -> bool {
        match ground {
            Ground::County => true,
            Ground::Place(at) if at.code() % 1000 == 0 => {
                duty.3.is_some_and(|p| p / 1000 == at.code() / 1000)
            }
            Ground::Place(at) => duty.3 == Some(at.code()),
            Ground::School(s) if duty.1 == "school" => duty.2 == *s,
            _ => duty.1 == "person" && self.person_in(ground, duty.2),
        }
    }
}

fn soul_in(ground: &Ground, id: u64, p: &Soul) -> bool {
    match ground {
        Ground::County => true,
        Ground::Place(at) if at.code() % 1000 == 0 => p.town == Some(at.code()),
        Ground::Place(at) => p.village == Some(at.code()),
        Ground::School(s) => p.school == Some(*s),
        Ground::Class { school, grade, class } => {
            p.school == Some(*school) && p.grade == grade.code() && p.class == *class
        }
        Ground::Persons(ids) => ids.contains(&id),
    }
}

fn in_place(ground: &Ground, (town, village): (Option<u64>, Option<u64>)) -> bool {
    match ground {
        Ground::County => true,
        Ground::Place(at) if at.code() % 1000 == 0 => town == Some(at.code()),
        Ground::Place(at) => village == Some(at.code()),
        _ => false,
    }
}

/// A ground of each kind that has somebody in it.
fn grounds(world: &World) -> Vec<Ground> {
    let mut classes: BTreeMap<(u64, &str, &str), usize> = BTreeMap::new();
    for p in world.persons.values() {
        if let Some(school) = p.school {
            *classes.entry((school, &p.grade, &p.class)).or_default() += 1;
        }
    }
    let ((school, grade, class), _) =
        classes.iter().max_by_key(|(_, n)| **n).expect("a class with pupils");
    let pupil = world
        .persons
        .values()
        .find(|p| p.school == Some(*school) && p.town.is_some() && p.village.is_some());
    let pupil = pupil.expect("a pupil who lives somewhere");
    let place = |code: Option<u64>| Division::from_code(code.expect("a place")).expect("a code");
    let three = world.persons.iter().filter(|(_, p)| p.school == Some(*school)).map(|(id, _)| *id);
    vec![
        Ground::County,
        Ground::Place(place(pupil.town)),
        Ground::Place(place(pupil.village)),
        Ground::School(*school),
        Ground::Class {
            school: *school,
            grade: Grade::parse(grade).expect("a grade"),
            class: (*class).to_owned(),
        },
        Ground::Persons(three.take(3).collect()),
    ]
}

/// The site, and a cookie for each role on each of its grounds.
struct Trial {
    site: Router,
    office: Office,
    world: World,
    people: Vec<(Role, Ground, String)>,
}

impl Trial {
    fn set_up(name: &str) -> Self {
        let to = copy_of_the_books(name);
        let (office, world) = open(&to);
        let console = Actor::console(now());
        let mut people = Vec::new();
        for role in Role::ALL {
            for ground in grounds(&world) {
                let spec = Access::builtin().role(*role);
                if !spec.on.iter().any(|kind| kind == ground.kind()) {
                    continue;
                }
                let login = format!("t{}-{}", people.len(), ground.kind());
                let new = NewAccount { login, name: "试".into(), unit: String::new() };
                let (user, link) = office.make_account(&console, &new).expect("an account");
                let days = (console.today(), None);
                office.grant(&console, user, *role, &ground, days).expect("a grant");
                people.push((*role, ground, ready(&office, user, &link)));
            }
        }
        let site = router(office.clone(), WebSettings::new(now));
        Self { site, office, world, people }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.site.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let body = to_bytes(response.into_body(), 64 << 20).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn get(&self, cookie: &str, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).expect("a request")).await
    }
}

fn open(folder: &Path) -> (Office, World) {
    let path = folder.join("county.db");
    let key = std::fs::read_to_string(folder.join("county.key")).expect("the key");
    let keys = || Keys::parse(&key).expect("a key");
    let store = Store::open(path.to_str().expect("a path"), keys()).expect("the books open");
    let world = World::read(&store);
    (Office::over(store, keys()).expect("an office"), world)
}

/// The cookie of somebody who is all the way in: a password, and a second factor where the role asks for one.
fn ready(office: &Office, user: u64, link: &str) -> String {
    let entry = Entry { device: "试", own_phone: false, at: now() };
    let token = office.enter_by_link(link, entry).expect("the store").expect("let in").token;
    let actor = office.visitor(&token, now()).expect("the store").expect("signed in").actor;
    assert_eq!(actor.user, user);
    office.set_password(&actor, &token, "", "Qingshan-2025-x").expect("a good password");
    if actor.roles().iter().any(|role| Access::builtin().role(*role).second_factor) {
        let offer = office.offer_second_factor(&actor).expect("a secret");
        let code = code(&offer.secret, now());
        office.confirm_second_factor(&actor, &token, &offer.secret, &code).expect("the code fits");
    }
    format!("fujiao={token}")
}

/// RFC 6238 by hand: what a phone would show.
fn code(secret: &str, at: Timestamp) -> String {
    totp_rs::Builder::new()
        .with_secret(totp_rs::Secret::try_from_base32(secret).expect("base 32"))
        .build()
        .expect("a long enough secret")
        .generate(u64::try_from(at.as_second()).expect("after 1970"))
        .to_string()
}

/// The ids behind links of one kind.
fn linked(html: &str, page: &str) -> BTreeSet<u64> {
    let mark = format!("\"/{page}/");
    let ids = html.split(mark.as_str()).skip(1).filter_map(|rest| rest.get(..16));
    ids.filter_map(|id| u64::from_str_radix(id, 16).ok()).collect()
}

#[test]
fn nobody_sees_beyond_their_ground() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let trial = Trial::set_up("access");
    runtime.block_on(try_all(&trial));
}

#[expect(
    clippy::too_many_lines,
    reason = "a table of routes and what is asked of each reads best in one place"
)]
async fn try_all(trial: &Trial) {
    let access = Access::builtin();
    let w = &trial.world;
    let mut tried = 0;
    let mut faults = Vec::new();
    for (role, ground, cookie) in &trial.people {
        let spec = access.role(*role);
        let inside = |id: &&u64| w.person_in(ground, **id);
        let someone = w.persons.keys().find(inside).copied();
        let stranger = w.persons.keys().find(|id| {
            let home = w.persons[*id].household;
            !w.person_in(ground, **id) && home.is_some_and(|h| !w.household_in(ground, h))
        });
        let stranger = stranger.copied();
        let row_of =
            |person: Option<u64>| w.rows.iter().find(|(_, p)| Some(**p) == person).map(|(r, _)| *r);
        let home_of = |person: Option<u64>| person.and_then(|id| w.persons[&id].household);
        let school = |within: bool| w.schools.keys().find(|id| w.school_in(ground, **id) == within);
        for route in access.routes.iter().filter(|r| r.method == Method::Get) {
            if route.path.starts_with("/api/v1/") && !route.public {
                let path = route.path.replace("{id}", "0000000000000001").replace("{area}", "aid");
                let (status, _) = trial.get(cookie, &path).await;
                if status != StatusCode::UNAUTHORIZED {
                    faults.push(format!("{}: {path} opens to a cookie: {status}", role.code()));
                }
                continue;
            }
            let may = route.is_open_to(|right| spec.may.contains(&right));
            // What the route asks for, and whether it is in reach.
            let hex = |id: Option<u64>, within: bool| {
                id.map(|id| (route.path.replace("{id}", &format!("{id:016x}")), within))
            };
            let whole = *ground == Ground::County;
            let asked: Vec<(String, bool)> = match route.path.as_str() {
                "/person/{id}" => {
                    vec![hex(someone, true), hex(stranger, false)].into_iter().flatten().collect()
                }
                "/household/{id}" => {
                    vec![hex(home_of(someone), true), hex(home_of(stranger), false)]
                        .into_iter()
                        .flatten()
                        .collect()
                }
                "/school/{id}" => {
                    vec![hex(school(true).copied(), true), hex(school(false).copied(), false)]
                        .into_iter()
                        .flatten()
                        .collect()
                }
                "/places/{id}" => {
                    let sees = spec.areas.contains(&Area::Places);
                    let grade =
                        Grade::ALL.iter().find(|g| g.stage() == fujiao_model::Stage::Primary);
                    let grade = grade.expect("a primary grade").code();
                    [(true, sees), (false, false)]
                        .into_iter()
                        .filter_map(|(within, may)| hex(school(within).copied(), may))
                        .map(|(path, may)| (format!("{path}?grade={grade}&next=1"), may))
                        .collect()
                }
                "/source/{id}" => vec![hex(row_of(someone), true), hex(row_of(stranger), false)]
                    .into_iter()
                    .flatten()
                    .collect(),
                "/case/{id}" | "/case/{id}/paper/{key}" => {
                    let sees = spec.areas.contains(&Area::Schooling);
                    let of = |within: bool| {
                        w.cases.keys().find(|n| w.case_in(ground, **n) == within).map(|n| {
                            let path = route.path.replace("{id}", &n.to_string());
                            (path.replace("{key}", "visit_record"), within && sees)
                        })
                    };
                    // A document that lacks something is refused with what it lacks: the page of the case says so too.
                    let lacks = route.path.ends_with("{key}");
                    [of(true).filter(|_| !lacks), of(false)].into_iter().flatten().collect()
                }
                "/cases/village/{place}" => {
                    let sees = spec.areas.contains(&Area::Schooling);
                    let villages: BTreeSet<u64> =
                        w.persons.values().filter_map(|p| p.village).collect();
                    let of = |within: bool| {
                        let inside = |at: &&u64| {
                            in_place(ground, (Some(**at / 1000 * 1000), Some(**at))) == within
                        };
                        villages.iter().find(inside).map(|at| {
                            (route.path.replace("{place}", &at.to_string()), within && sees)
                        })
                    };
                    [of(true), of(false)].into_iter().flatten().collect()
                }
                "/area/{area}" => Area::ALL
                    .iter()
                    .map(|a| (format!("/area/{}?show=all", a.code()), spec.areas.contains(a)))
                    .collect(),
                "/handbook/{chapter}" => vec![
                    ("/handbook/bureau".to_owned(), true),
                    ("/handbook/nothing".to_owned(), false),
                ],
                "/handbook/pictures/{name}" => {
                    vec![("/handbook/pictures/today.webp".to_owned(), true)]
                }
                "/data" => vec![("/data".to_owned(), whole)],
                "/reports" => vec![("/reports".to_owned(), whole)],
                "/reports/{id}" => vec![("/reports/1".to_owned(), whole)],
                "/reports/{id}/docx" => vec![("/reports/1/docx".to_owned(), whole)],
                "/data/{id}" => vec![("/data/1".to_owned(), whole)],
                "/search" => vec![
                    ("/search?q=%E7%8E%8B%E5%B0%8F".to_owned(), true),
                    ("/search?q=%E5%BC%A0%E6%98%8E".to_owned(), true),
                ],
                // A class is asked for with its school; without one there is no such page.
                "/care/screen" => continue,
                "/care/{id}" => [(someone, true), (stranger, false)]
                    .into_iter()
                    .filter_map(|(id, within)| Some((format!("/care/{:016x}", id?), within)))
                    .collect(),
                path if path.contains('{') => continue,
                // Who looks at lists of aid takes them out only if they may export.
                path if path.contains(".xlsx")
                    && (path.starts_with("/aid/") || path.starts_with("/loans/")) =>
                {
                    vec![(path.to_owned(), spec.may.contains(&Right::Export))]
                }
                path => vec![(path.to_owned(), true)],
            };
            for (path, within) in asked {
                tried += 1;
                let (status, html) = trial.get(cookie, &path).await;
                let expected = match (may, within) {
                    // Who has no day of their own is led to where they begin.
                    (false, _) if path == "/" => status == StatusCode::SEE_OTHER,
                    (false, _) => status == StatusCode::FORBIDDEN,
                    (true, true) => status.is_success() || status.is_redirection(),
                    (true, false) => {
                        matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)
                    }
                };
                if !expected {
                    faults.push(format!(
                        "{} on {}: {path} {status}, may {may}, within {within}",
                        role.code(),
                        ground.kind()
                    ));
                }
                for number in html.split("\"/case/").skip(1).filter_map(|rest| {
                    rest.split(['"', '/', '?', '#']).next().and_then(|n| n.parse::<u64>().ok())
                }) {
                    if !w.case_in(ground, number) && !path.starts_with(&format!("/case/{number}")) {
                        faults.push(format!(
                            "{} on {}: {path} names case {number}",
                            role.code(),
                            ground.kind()
                        ));
                    }
                }
                // The page in the other language has the address that was asked for.
                let asked = |id: &u64| path.contains(&format!("{id:016x}"));
                let named = |page| linked(&html, page).into_iter().filter(|id| !asked(id));
                for id in named("person").filter(|id| !w.person_in(ground, *id)) {
                    faults.push(format!(
                        "{} on {}: {path} names person {id:016x}",
                        role.code(),
                        ground.kind()
                    ));
                }
                for id in named("household").filter(|id| !w.household_in(ground, *id)) {
                    faults.push(format!(
                        "{} on {}: {path} names household {id:016x}",
                        role.code(),
                        ground.kind()
                    ));
                }
                let listed = [
                    "/schools",
                    "/search",
                    "/gaps",
                    "/places",
                    "/posts",
                    "/inspections",
                    "/projects",
                    "/kitchen",
                ];
                if listed.iter().any(|p| path.starts_with(p)) {
                    for id in named("school").filter(|id| !w.school_in(ground, *id)) {
                        faults.push(format!(
                            "{} on {}: {path} names school {id:016x}",
                            role.code(),
                            ground.kind()
                        ));
                    }
                }
            }
        }
        for route in access.routes.iter().filter(|r| r.method == Method::Post && !r.public) {
            tried += 1;
            let path =
                route.path.replace("{id}", "1").replace("{key}", "1").replace("{place}", "1");
            let request = Request::post(&path)
                .header(header::COOKIE, cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from("q=x&name=x&login=x&reason=x&secret=x&code=x&new=x&again=x"))
                .expect("a request");
            let (status, _) = trial.send(request).await;
            let may = route.is_open_to(|right| spec.may.contains(&right));
            // Looking somebody up changes nothing, and needs no mark.
            let harmless = route.path == "/find";
            // What is for programs opens to no cookie.
            let refusal = if path.starts_with("/api/v1/") {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::FORBIDDEN
            };
            let refused = status.is_client_error() && (may || status == refusal);
            if !(refused || (may && harmless)) {
                faults.push(format!(
                    "{} on {}: POST {path} without its mark {status}, may {may}",
                    role.code(),
                    ground.kind()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {tried} trials:\n{}", faults.len(), faults.join("\n"));
    assert!(tried > 500, "{tried} trials");
}

#[test]
fn figures_count_the_ground_alone() {
    let trial = Trial::set_up("access-figures");
    let desk: Desk = trial.office.desk();
    for (role, ground, _) in &trial.people {
        let spec = Access::builtin().role(*role);
        let grant = Grant {
            role: *role,
            ground: ground.clone(),
            from: jiff::civil::Date::MIN,
            until: None,
        };
        let actor = Actor { grants: vec![grant], ..Actor::console(now()) };
        for area in Area::ALL {
            let filter = Filter { show: Show::All, ..Filter::default() };
            let page = desk.seat(&actor).area(*area, &filter);
            if !spec.areas.contains(area) || !spec.may.contains(&Right::Figures) {
                assert!(page.is_err(), "{role:?} {area:?}");
                continue;
            }
            let page = page.expect("the area is theirs");
            let of_area = trial.world.duties.iter().filter(|d| d.0 == area.code());
            let expected = of_area.filter(|d| trial.world.duty_in(ground, d)).count();
            let said = usize::try_from(page.tally.duties).expect("a count");
            assert_eq!(said, expected, "{role:?} on {} {area:?}", ground.kind());
            let open: i64 = page.kinds.iter().map(|(_, _, n)| n).sum();
            assert_eq!(open, page.tally.open, "the choices count the same: {role:?} {area:?}");
            if page.names {
                assert_eq!(page.total, page.tally.duties, "the list too: {role:?} {area:?}");
            }
        }
    }
}

#[test]
fn strangers_come_to_the_door() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let trial = Trial::set_up("access-strangers");
    runtime.block_on(async {
        for route in &Access::builtin().routes {
            let path = route.path.replace("{id}", "0000000000000001").replace("{area}", "aid");
            let request = match route.method {
                Method::Get => Request::get(&path),
                Method::Post => Request::post(&path),
            };
            let (status, html) = trial.send(request.body(Body::empty()).expect("a request")).await;
            if route.public {
                continue;
            }
            let turned = status == StatusCode::SEE_OTHER || status == StatusCode::UNAUTHORIZED;
            assert!(turned, "{path}: {status}");
            assert!(html.is_empty() || status == StatusCode::UNAUTHORIZED, "{path} says something");
        }
    });
}
