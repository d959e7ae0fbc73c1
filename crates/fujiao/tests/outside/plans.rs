//! Plans from the outside: reckoned with a bound, counted again, compared, accepted; then they are duties.

use fujiao_model::Area;
use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::desk::{Filter, Show};
use serde_json::Value;

use crate::harness::{AS_OF, artefacts, end, fujiao, succeed};
use crate::served::{Served, copy_of_the_books, readable, wait};
use crate::webdriver::{Browser, Reader};

fn said(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The made county's plan of schools: within five seconds and half a percent of the best, and found right by the checker.
#[test]
fn schools_are_planned_with_a_bound_and_a_plan_accepted_is_duties() {
    let books = copy_of_the_books("plans");
    let plan = |more: &[&str]| {
        let mut command = fujiao(["plan", "--data"]);
        command.arg(&books).args(["--json"]).args(more);
        command
    };
    let first = said(&succeed(&mut plan(&["sites", "--time", "20", "--unguarded"])).stdout);
    assert_eq!(first["check"], "ok", "{first}");
    assert!(first["gap_percent"].as_f64().expect("a gap") <= 0.5, "{first}");
    let sites = &first["result"];
    assert!(sites["plan"]["schools"].as_u64() > Some(0), "{sites}");
    // Everybody who has a home and a school on the map goes somewhere.
    let children: u64 =
        sites["villages"].as_array().unwrap().iter().map(|v| v["children"].as_u64().unwrap()).sum();
    let going: u64 =
        sites["flows"].as_array().unwrap().iter().map(|f| f["children"].as_u64().unwrap()).sum();
    assert_eq!(children, going);
    // What both pay is no more than today.
    let cost = |t: &Value| t["families_yuan"].as_i64().unwrap() + t["state_yuan"].as_i64().unwrap();
    assert!(cost(&sites["plan"]) <= cost(&sites["today"]), "{} {}", sites["plan"], sites["today"]);

    // The same books and terms give the same inputs.
    let again = said(&succeed(&mut plan(&["sites", "--time", "20", "--unguarded"])).stdout);
    assert_eq!(first["inputs"], again["inputs"]);
    assert_eq!(first["objective"], again["objective"]);
    let strict = plan(&[
        "sites",
        "--unguarded",
        "--lawful",
        "--no-bus",
        "--no-beds",
        "--no-build",
        "--walk",
        "5",
    ]);
    let strict = end(&mut { strict });
    assert_eq!(strict.code, Some(1), "what cannot be is no plan: {}", strict.said());
    let strict = said(&strict.stdout);
    assert!(!strict["result"]["missing"].as_array().expect("who").is_empty(), "{strict}");

    let ahead = said(&succeed(&mut plan(&["ahead", "--years", "10"])).stdout);
    let years = ahead["result"]["years"].as_array().expect("years");
    assert_eq!(years.len(), 10);
    for year in years {
        let [middle, low, high] = [0, 1, 2].map(|n| year["primary"][n].as_u64().unwrap());
        assert!(low <= middle && middle <= high, "{year}");
    }

    // Accepted once, by the console; refused the second time.
    let id = first["id"].to_string();
    let accepted = said(&succeed(&mut plan(&["accept", &id, "--by", "局务会"])).stdout);
    let lines = accepted["lines"].as_u64().expect("lines");
    assert_eq!(end(&mut plan(&["accept", &id, "--by", "局务会"])).code, Some(1));
    let shown = said(&succeed(&mut plan(&["show", &id])).stdout);
    assert_eq!((&shown["state"], shown["duties"].as_u64()), (&"accepted".into(), Some(lines)));
    succeed(&mut plan(&["compare", &id, &again["id"].to_string()]));

    let location = books.join("county.db").display().to_string();
    let mut office = Office::open(&location, &books.join("county.key")).expect("the books open");
    let at = "2025-10-15T08:00:00Z".parse().expect("a time");
    let listed = |office: &Office| -> u64 {
        let seat = office.desk().seat(&Actor::console(at));
        let filter = Filter { show: Show::All, ..Filter::default() };
        [Area::Conditions, Area::Places]
            .map(|area| seat.area(area, &filter).expect("an area").kinds)
            .iter()
            .flatten()
            .filter(|(kind, _, _)| kind.starts_with("plan."))
            .map(|(_, _, n)| u64::try_from(*n).expect("a count"))
            .sum()
    };
    office.assess(AS_OF.parse().unwrap(), at, &|_, _, _| ()).expect("an assessment");
    assert_eq!(listed(&office), lines, "what an accepted plan asks is owed");
    succeed(&mut plan(&["drop", &id, "--why", "换方案"]));
    office.assess(AS_OF.parse().unwrap(), at, &|_, _, _| ()).expect("an assessment");
    assert_eq!(listed(&office), 0, "what a dropped plan asked is owed no more");
    assert!(office.verify().expect("the books read").faults.is_empty());
}

/// Teachers, relocated children and money: each answered from the books and the county's own table, counted again by the
/// checker, accepted, after which it is duties; a table with faults names each with its row, and nothing is kept.
#[test]
fn teachers_places_and_money_are_planned_and_become_duties() {
    let books = copy_of_the_books("plans-kinds");
    let plan = |more: &[&str]| {
        let mut command = fujiao(["plan", "--data"]);
        command.arg(&books).args(["--json"]).args(more);
        command
    };
    let file = |name: &str, text: &str| {
        let path = books.join(name);
        std::fs::write(&path, text).expect("a folder that can be written");
        path.display().to_string()
    };
    let solved = |more: &[&str]| {
        let answer = said(&succeed(&mut plan(more)).stdout);
        assert_eq!(answer["check"], "ok", "{answer}");
        answer
    };
    let number = |v: &Value| v.as_u64().unwrap_or_else(|| panic!("a number: {v}"));

    let teachers = solved(&["teachers"]);
    let a = &teachers["result"];
    assert!(number(&a["plan"]["vacant"]) <= number(&a["today"]["vacant"]), "{}", a["plan"]);
    assert!(!a["subjects"].as_array().expect("subjects").is_empty());

    let places = solved(&["places"]);
    let a = &places["result"];
    let children: u64 =
        a["settlements"].as_array().unwrap().iter().map(|s| number(&s["children"])).sum();
    assert_eq!(children, number(&a["plan"]["placed"]) + number(&a["without"]));
    for school in a["schools"].as_array().unwrap() {
        assert!(number(&school["plan"]) <= number(&school["room"]), "{school}");
    }

    let purses = "资金,年份,金额（万元）,可用于\n薄弱环节改善,2026,60,校舍、宿舍、厕所\n设备专项,2027,40,设备\n";
    let money = solved(&["money", "--table", &file("资金.csv", purses)]);
    let a = &money["result"];
    assert!(a["from_ledger"].as_bool().unwrap());
    for project in a["projects"].as_array().unwrap() {
        for paid in project["paid"]["from"].as_array().into_iter().flatten() {
            let purse = &a["purses"][usize::try_from(number(&paid[0])).unwrap()];
            assert_eq!(purse["year"], project["paid"]["year"]);
            let purpose = project["purpose"].as_str().unwrap();
            assert!(purse["uses"].to_string().contains(purpose), "{project} {purse}");
        }
    }
    let before = said(&succeed(&mut plan(&["list"])).stdout).as_array().unwrap().len();
    let bad = "资金,年份,金额\n薄改,去年,60\n,2026,六十\n";
    let refused = end(&mut plan(&["money", "--table", &file("错.csv", bad)]));
    assert_eq!(refused.code, Some(1), "{}", refused.said());
    for fault in ["资金表第 2 行“年份”：“去年”不是年份", "第 3 行“资金”：空着", "“六十”不是数"]
    {
        assert!(refused.said().contains(fault), "{fault}: {}", refused.said());
    }
    let after = said(&succeed(&mut plan(&["list"])).stdout).as_array().unwrap().len();
    assert_eq!(before, after, "a table with faults leaves nothing behind");

    // Relocations and changes of rules move the forecast.
    let still = solved_years(&said(&succeed(&mut plan(&["ahead"])).stdout));
    let year = still[1].0;
    let town = "云台镇";
    let table = format!(
        "年份,从哪里,到哪里,小学生,初中生,学前儿童\n{year},县外,{town},600,300,60\n起始年份,事项,数值\n{year},小学班额,40\n"
    );
    let table = file("变化.csv", &table);
    let moved = solved_years(&said(&succeed(&mut plan(&["ahead", "--table", &table])).stdout));
    assert_eq!(still[0], moved[0], "nothing moves before its year");
    let more = moved[1].1.abs_diff(still[1].1);
    assert!((598..=602).contains(&more), "{still:?} {moved:?}");
    assert!(moved[1].2 > still[1].2, "more children need more classes");

    let mut asked = 0;
    for id in [&teachers["id"], &places["id"], &money["id"]] {
        let accepted =
            said(&succeed(&mut plan(&["accept", &id.to_string(), "--by", "局务会"])).stdout);
        asked += number(&accepted["lines"]);
    }
    let location = books.join("county.db").display().to_string();
    let mut office = Office::open(&location, &books.join("county.key")).expect("the books open");
    let at = "2025-10-15T08:00:00Z".parse().expect("a time");
    office.assess(AS_OF.parse().unwrap(), at, &|_, _, _| ()).expect("an assessment");
    let seat = office.desk().seat(&Actor::console(at));
    let filter = Filter { show: Show::All, ..Filter::default() };
    let listed: u64 = [Area::Conditions, Area::Places, Area::Teachers]
        .map(|area| seat.area(area, &filter).expect("an area").kinds)
        .iter()
        .flatten()
        .filter(|(kind, _, _)| kind.starts_with("plan."))
        .map(|(_, _, n)| u64::try_from(*n).expect("a count"))
        .sum();
    assert_eq!(listed, asked, "what accepted plans ask is owed");
}

/// Year, primary pupils and classes of a forecast.
fn solved_years(answer: &Value) -> Vec<(u64, u64, u64)> {
    let years = answer["result"]["years"].as_array().expect("years");
    let number = |v: &Value| v.as_u64().expect("a number");
    years
        .iter()
        .map(|y| (number(&y["year"]), number(&y["primary"][0]), number(&y["classes"])))
        .collect()
}

/// Roads and heights that somebody brings change the ways, and what is wrong with a file leaves those that stood.
#[test]
fn roads_and_heights_are_what_plans_go_by() {
    let books = copy_of_the_books("plans-ground");
    let plan = |more: &[&str]| {
        let mut command = fujiao(["plan", "--data"]);
        command.arg(&books).args(["--json"]).args(more);
        command
    };
    let file = |name: &str, text: &str| {
        let path = books.join(name);
        std::fs::write(&path, text).expect("a folder that can be written");
        path.display().to_string()
    };
    let first = said(&succeed(&mut plan(&["sites", "--time", "5"])).stdout);
    assert_eq!(first["result"]["guessed_percent"], 100);
    // One road past every village and school.
    let points: Vec<(f64, f64)> = ["villages", "schools"]
        .iter()
        .flat_map(|of| first["result"][of].as_array().expect("places"))
        .map(|place| (place["at"][0].as_f64().unwrap(), place["at"][1].as_f64().unwrap()))
        .collect();
    let (x, y) = points[0];
    let along: Vec<String> = points.iter().map(|(x, y)| format!("[{x},{y}]")).collect();
    let road = format!(
        r#"{{"features":[{{"properties":{{"highway":"tertiary"}},"geometry":{{"type":"LineString","coordinates":[{}]}}}}]}}"#,
        along.join(",")
    );
    succeed(&mut plan(&["ground", "roads", &file("路.geojson", &road)]));
    let bad = end(&mut plan(&["ground", "heights", &file("高.asc", "ncols 2\nnrows 2\n1 2\n")]));
    assert_eq!(bad.code, Some(1), "{}", bad.said());
    let grid = format!(
        "ncols 2\nnrows 2\nxllcenter {}\nyllcenter {}\ncellsize 2\n100 2000\n2000 100\n",
        x - 1.0,
        y - 1.0
    );
    succeed(&mut plan(&["ground", "heights", &file("高.asc", &grid)]));
    let second = said(&succeed(&mut plan(&["sites", "--time", "5"])).stdout);
    assert_ne!(first["inputs"], second["inputs"]);
    assert_eq!(second["result"]["heights"], true);
    assert_eq!(second["result"]["guessed_percent"], 0, "all ways follow the road");
    assert_eq!(second["check"], "ok");
    succeed(&mut plan(&["ground", "roads"]));
    succeed(&mut plan(&["ground", "heights"]));
    let third = said(&succeed(&mut plan(&["sites", "--time", "5"])).stdout);
    assert_eq!(first["inputs"], third["inputs"], "taken away, all is as before");
}

/// A plan that its author stops goes on waiting, and goes on from there.
#[test]
fn a_plan_that_was_stopped_goes_on() {
    use fujiao_office::plans::{Ask, PlanError, ScenarioState, SitesAsk, Solving};
    let books = copy_of_the_books("plans-stopped");
    let location = books.join("county.db").display().to_string();
    let office = Office::open(&location, &books.join("county.key")).expect("the books open");
    let at: jiff::Timestamp = "2025-10-15T08:00:00Z".parse().expect("a time");
    let actor = Actor::console(at);
    let ask = Ask::Sites(SitesAsk { guarded: true, ..SitesAsk::default() });
    let id = office.keep_plan(&actor, "布局", ask, None).expect("kept");
    let asked = std::sync::atomic::AtomicU32::new(0);
    let steps = std::sync::Mutex::new(Vec::new());
    let progress =
        |step: &str, done: u64, _: u64| steps.lock().unwrap().push((step.to_owned(), done));
    let solve = |stopped: &(dyn Fn() -> bool + Sync)| {
        let how =
            Solving { roads: None, stop: &|_| false, stopped, progress: &progress, now: &|| at };
        office.solve_plan(id, &how).expect("the books answer")
    };
    // Asked to stop once the plan itself was found and kept.
    let late = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0;
    assert!(!solve(&late), "it was stopped");
    let view = office.plan(&actor, id).expect("there");
    assert_eq!((view.scenario.state, view.can_go_on), (ScenarioState::Waiting, true));
    assert!(solve(&|| false), "it goes on");
    let view = office.plan(&actor, id).expect("there");
    assert_eq!(view.scenario.state, ScenarioState::Solved);
    assert_eq!(view.scenario.verdict.as_deref(), Some("ok"));
    let other = office.keep_plan(&actor, "布局", ask, None).expect("kept");
    let how = Solving {
        roads: None,
        stop: &|_| false,
        stopped: &|| false,
        progress: &|_, _, _| (),
        now: &|| at,
    };
    office.solve_plan(other, &how).expect("the books answer");
    let whole = office.plan(&actor, other).expect("there");
    let cost = |v: &fujiao_office::plans::PlanView| v.scenario.objective.expect("a cost");
    // Sums of floats, to a billionth.
    let apart = (cost(&whole) - cost(&view)).abs();
    assert!(apart <= 1e-9 * cost(&view), "both ways the same plan: {apart}");
    assert!(matches!(
        office.go_on_with_plan(&actor, id),
        Err(fujiao_office::OfficeError::Plan(PlanError::NotNow(_)))
    ));
    assert!(steps.lock().unwrap().len() > 6, "its progress was told");
}

/// Plans asked for in the browser, with maps and figures, beside others, accepted.
fn a_plan_in_the_browser(reader: Reader, name: &str) {
    let Some(browser) = Browser::open(reader) else { return };
    let site = Served::a_copy(&format!("plans-{name}"));
    site.enter(&browser, "教育局");
    let pictures = artefacts("pages");
    let picture = |page: &str| browser.picture(&pictures.join(format!("{name}-{page}.png")));
    let table = pictures.join("资金.csv");
    std::fs::write(&table, "资金,年份,金额（万元）,可用于\n薄改,2026,80,不限\n").expect("written");
    let questions = ["sites", "sites", "ahead", "teachers", "places", "money"];
    for (n, question) in (1..).zip(questions) {
        browser.go(&site.url(&format!("/plans/new?question={question}")));
        readable(&browser, reader);
        if n != 2 {
            picture(&format!("plan-new-{question}"));
        }
        if question == "money" {
            // Without its table there is nothing to spend.
            browser.one("#table").write(&table.display().to_string());
        }
        browser.one("main form button").click();
        // Going elsewhere while the form is still on its way would call it back.
        wait(&browser, question, || !browser.url().contains("/plans/new"));
        wait(&browser, question, || {
            browser.go(&site.url(&format!("/plans/{n}")));
            !browser.all(".facts").is_empty() && !browser.text().contains("办到哪里")
        });
        readable(&browser, reader);
        assert!(browser.all("main .chip.gap").is_empty(), "{}", browser.text());
        if n != 2 {
            picture(&format!("plan-{question}"));
        }
    }
    browser.go(&site.url("/plans/compare?a=1&b=2"));
    readable(&browser, reader);
    assert_eq!(browser.all("svg.map[role='img']").len(), 2);
    picture("plan-compare");
    browser.go(&site.url("/plans/ground"));
    readable(&browser, reader);
    picture("plan-ground");
    browser.go(&site.url("/plans/1"));
    browser.one("#by").write("局务会");
    browser.one("#accept button").click();
    wait(&browser, "accepted", || browser.text().contains("已采用"));
    readable(&browser, reader);
    picture("plan-accepted");
    browser.go(&site.url("/plans"));
    readable(&browser, reader);
    picture("plans");
}

#[test]
fn a_plan_is_asked_for_and_accepted_at_a_desk() {
    a_plan_in_the_browser(Reader::Desk, "1440");
}

#[test]
fn a_plan_is_asked_for_and_accepted_on_a_phone() {
    a_plan_in_the_browser(Reader::Phone, "390");
}

#[test]
fn a_plan_is_asked_for_and_accepted_without_javascript() {
    a_plan_in_the_browser(Reader::WithoutScript, "without-script");
}
