//! Cases on the pages, without a script.

use fujiao_office::access::Role;

use super::work::Place;
use super::*;

#[tokio::test]
async fn cases_read() {
    let (_, html) = get("/cases").await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn a_case_reads() {
    let (_, html) = get("/case/1").await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn the_table_of_accountability_reads() {
    let (_, html) = get("/cases/table?by=village").await;
    insta::assert_snapshot!(readable(&html));
}

#[tokio::test]
async fn the_chart_of_a_village_reads() {
    let (_, html) = get("/cases/village/619926102201").await;
    insta::assert_snapshot!(readable(&html));
    for nowhere in ["/cases/village/619926102299", "/cases/village/x", "/case/99", "/case/x"] {
        assert_eq!(get(nowhere).await.0, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[tokio::test]
async fn a_case_is_led_by_forms_and_what_cannot_be_says_why() {
    let place = Place::new();
    let bureau = place.sign_in(Role::Bureau);
    let (status, to, _) = bureau
        .post(
            "/case/1",
            &[("act", "verify"), ("after", "0"), ("on", "2025-10-14"), ("real", "yes")],
        )
        .await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/case/1#s1"));
    // Tomorrow: refused, and what was typed is still there.
    let visit =
        [("act", "visit"), ("after", "1"), ("on", "2025-10-16"), ("met", "祖母"), ("note", "厌学")];
    let (status, _, html) = bureau.post("/case/1", &visit).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("日期 2025-10-16 还没有到，今天是 2025-10-15"), "{html}");
    assert!(html.contains("value=\"祖母\"") && html.contains("厌学"));
    let told = |html: &str| readable(html);
    let (status, _, html) = bureau
        .post(
            "/case/1",
            &[
                ("act", "notice"),
                ("after", "1"),
                ("on", "2025-10-15"),
                ("guardian", "张父"),
                ("return_by", "2025-10-30"),
            ],
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told(&html).contains("这一案还是“已核实”，先家访一次"), "{html}");
    // Somebody wrote in between.
    let stale = [("act", "visit"), ("after", "0"), ("on", "2025-10-15"), ("met", "祖母")];
    let (status, _, html) = bureau.post("/case/1", &stale).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told(&html).contains("别人刚记了一步"), "{html}");
    let mut right = visit;
    right[2].1 = "2025-10-15";
    assert_eq!(bureau.post("/case/1", &right).await.0, StatusCode::SEE_OTHER);
    let page = bureau.read("/case/1").await;
    assert!(page.contains("已家访") && page.contains("厌学"), "{page}");
    // A document that lacks something names it; filled in, it comes.
    let (status, html) = bureau.get("/case/1/paper/return_notice").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(readable(&html).contains("缺：监护人、学校"), "{html}");
    let filled = format!(
        "/case/1/paper/return_notice?guardian={}&school={}",
        "%E5%BC%A0%E7%88%B6", "%E9%9D%92%E7%9F%B3%E4%B8%AD%E5%AD%A6"
    );
    assert_eq!(bureau.get(&filled).await.0, StatusCode::OK);
    assert_eq!(bureau.get("/case/1/paper/nothing").await.0, StatusCode::NOT_FOUND);
    // Several at once.
    let (status, _, _) = bureau.post("/cases/print", &[("pick", "1")]).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _, html) = bureau.post("/cases/assign", &[("pick", "1"), ("user", "9999")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(readable(&html).contains("没有这个人"), "{html}");
    assert_eq!(bureau.post("/cases/assign", &[]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    // Filters and files.
    let list = bureau.read("/cases?state=visited&town=619926102000").await;
    assert!(list.contains("张晓田"), "{list}");
    // The board shows every state; the list below it only what was asked for.
    let found = bureau.read("/cases?state=found&town=619926102000").await;
    let named = |page: &str| page.matches("张晓田").count();
    assert!(named(&found) < named(&list), "{found}");
    assert!(!bureau.read("/cases?tab=closed").await.contains("张晓田"));
    assert_eq!(bureau.get("/cases/list.xlsx").await.0, StatusCode::OK);
    assert_eq!(bureau.get("/cases/table.xlsx?by=school").await.0, StatusCode::OK);
    // The child's own page leads to it.
    let child = bureau.read(&person_path(BROTHER)).await;
    assert!(child.contains("看第 1 号案") && child.contains("六长"), "{child}");
}
