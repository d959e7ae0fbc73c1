//! Loans on the pages, and forms about batches that cannot be taken.

use super::work::Place;
use super::*;

/// An application as its form sends it.
fn asked(amount: &str, guardian: &str) -> Vec<(&'static str, String)> {
    let person = format!("{MOTHER:016x}");
    let text = |t: &str| t.to_owned();
    vec![
        ("person", person),
        ("school_year", text("2025")),
        ("level", text("ug")),
        ("university", text("示例大学")),
        ("remaining", text("4")),
        ("amount", text(amount)),
        ("full_time", text("yes")),
        ("hukou_here", text("yes")),
        ("other_loan", text("no")),
        ("co_name", text("家长")),
        ("co_phone", text("13900001234")),
        ("co_guardian", text(guardian)),
        ("co_hukou", text("yes")),
        ("co_loan", text("no")),
    ]
}

fn fields<'f>(of: &'f [(&'static str, String)]) -> Vec<(&'f str, &'f str)> {
    of.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn a_loan_goes_its_way_on_the_pages_and_a_form_comes_back_as_it_was_written() {
    let place = Place::new();
    let clerk = place.sign_in(Role::AidClerk);
    let approver = place.sign_in(Role::AidApprover);
    let finance = place.sign_in(Role::Finance);
    let (status, _, html) = clerk.post("/loans", &fields(&asked("一万二", "yes"))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in ["value=\"一万二\"", "value=\"示例大学\"", "aria-invalid=\"true\"", "13900001234"]
    {
        assert!(html.contains(kept), "{kept} is not in the form that came back");
    }
    let (status, to, _) = clerk.post("/loans", &fields(&asked("12000", "yes"))).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/loan/1"));
    let page = clerk.read("/loan/1").await;
    assert!(page.contains("139****1234") && !page.contains("13900001234"), "{page}");
    // The clerk's page offers no qualification; the approver's does. Who sends it twice is told to look again.
    let (_, html) = clerk.get("/loan/1").await;
    assert!(!html.contains("value=\"qualify\""));
    let qualify = [("do", "qualify"), ("after", "1")];
    assert_eq!(approver.post("/loan/1", &qualify).await.0, StatusCode::SEE_OTHER);
    let (status, _, html) = approver.post("/loan/1", &qualify).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("刷新"), "{}", readable(&html));
    // A day that cannot be comes back in its field, in the language of the page.
    let sign = [("do", "sign"), ("after", "2"), ("on", "2031-01-01"), ("note", "两人都到场")];
    let (status, _, html) = clerk.post("/loan/1?lang=en", &sign).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("value=\"2031-01-01\"") && html.contains("value=\"两人都到场\""));
    for (who, form) in [
        (&clerk, [("do", "sign"), ("after", "2"), ("on", "")]),
        (&clerk, [("do", "confirm"), ("after", "3"), ("on", "")]),
        (&finance, [("do", "disburse"), ("after", "4"), ("on", "")]),
    ] {
        let (status, _, html) = who.post("/loan/1", &form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{form:?}: {}", readable(&html));
    }
    let page = finance.read("/loan/1").await;
    assert!(page.contains("还款计划") && page.contains("财政贴息"), "{page}");
    let list = clerk.read("/loans?year=2025").await;
    assert!(list.contains("应贷的 1 人都贷到了"), "{list}");
    for path in
        ["/loans/settlement?year=2025", "/aid/university", "/aid/bulletin", "/loans?lang=en"]
    {
        assert_eq!(clerk.get(path).await.0, StatusCode::OK, "{path}");
    }
    for path in
        ["/loans/list.xlsx?year=2025", "/loan/1/schedule.xlsx", "/loans/settlement.xlsx?year=2025"]
    {
        let (status, file) = clerk.get(path).await;
        assert!(status == StatusCode::OK && file.starts_with("PK"), "{path}");
    }
    assert_eq!(clerk.get("/loan/77").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_batch_that_cannot_be_opened_says_why_in_the_language_of_the_page() {
    let place = Place::new();
    let clerk = place.sign_in(Role::AidClerk);
    let open = [("programme", "comp.living.boarder"), ("period", "2019A")];
    let (status, _, html) = clerk.post("/aid/open", &open).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        html.contains("value=\"2019A\"") && html.contains("核算没有差额"),
        "{}",
        readable(&html)
    );
    let (_, _, html) = clerk.post("/aid/open?lang=en", &open).await;
    assert!(html.contains("The assessment finds nobody"), "{}", readable(&html));
}

#[tokio::test]
async fn an_objection_that_cannot_be_answered_comes_back_with_what_was_written() {
    let place = Place::new();
    let clerk = place.sign_in(Role::AidClerk);
    let open = [("programme", "comp.living.boarder"), ("period", "2024A")];
    let (status, batch, html) = clerk.post("/aid/open", &open).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{}", readable(&html));
    let sent = |path: String, form: Vec<(&'static str, &'static str)>| {
        let clerk = &clerk;
        async move { clerk.post(&path, &form).await }
    };
    sent(format!("{batch}/check"), vec![]).await;
    let (status, _, html) = sent(format!("{batch}/publish"), vec![]).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{}", readable(&html));
    let object = vec![("line", ""), ("channel", "phone"), ("said", "漏了我家老二")];
    let (status, to, html) = sent(format!("{batch}/object"), object).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{}", readable(&html));
    assert!(to.ends_with("#objections"));
    // Without a reason it is not taken; the page is the batch's own, and the choice is still there.
    let page = clerk.get(&batch).await.1;
    let number = batch.rsplit('/').next().unwrap().to_owned();
    assert!(page.contains(&format!("name=\"batch\" value=\"{number}\"")));
    let (status, _, html) =
        clerk.post("/aid/objection/1", &[("batch", &number), ("do", "upheld"), ("why", " ")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("漏了我家老二") && html.contains("id=\"fault\""), "{}", readable(&html));
    let answer = [("batch", &*number), ("do", "upheld"), ("why", "查了，确实漏了")];
    let (status, to, _) = clerk.post("/aid/objection/1", &answer).await;
    assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{batch}#objections")));
    // Answered by somebody else meanwhile: what was written is not lost.
    let again = [("batch", &*number), ("do", "dismissed"), ("why", "再看一遍")];
    let (status, _, html) = clerk.post("/aid/objection/1", &again).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("查了，确实漏了"), "{}", readable(&html));
}
