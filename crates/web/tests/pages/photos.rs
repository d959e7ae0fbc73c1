//! Pictures that go in by a form: what is wrong is said at its field and leaves nothing, what is right is shown.

use fujiao_office::access::Role;
use fujiao_office::school::PHOTO_BYTES;

use super::work::{Person, Place};
use super::*;

/// A picture as a camera writes it, with where it was taken.
const PICTURE: &[u8] =
    b"\xff\xd8\xff\xe1\x00\x0eExif\0\0 GPS! \xff\xdb\x00\x04qt\xff\xda\x00\x04sc\x01\x02\xff\xd9";

async fn hand_in(who: &Person<'_>, csrf: &str, picture: &[u8]) -> (StatusCode, String, String) {
    let parts = [
        ("name=\"csrf\"".to_owned(), csrf.as_bytes()),
        ("name=\"photo\"; filename=\"a.jpg\"".to_owned(), picture),
    ];
    who.send_parts("/photos?about=inspection&number=1&part=samples", &parts).await
}

/// Addresses of the pictures of a page.
fn shown(html: &str) -> Vec<String> {
    let rest = html.split("src=\"/photos/").skip(1);
    rest.map(|rest| format!("/photos/{}", rest.split('"').next().unwrap())).collect()
}

#[tokio::test]
async fn a_picture_of_a_fault_goes_in_by_its_form() {
    let place = Place::new();
    let bureau = place.sign_in(Role::Bureau);
    let school = format!("{SCHOOL:016x}");
    let fields = [
        ("key", "a1"),
        ("school", &school),
        ("on", "2025-10-10"),
        ("ok.samples", "0"),
        ("fault.samples", "留样只有一份"),
    ];
    let (status, to, html) = bureau.post("/inspections", &fields).await;
    assert_eq!(
        (status, to.as_str()),
        (StatusCode::SEE_OTHER, "/inspections?of=1#faults"),
        "{html}"
    );

    let csrf = bureau.csrf().await;
    for (picture, says) in [
        (vec![0xff; PHOTO_BYTES + 1], "太大"),
        (vec![0xff; 40 << 20], "40 MB"),
        (b"\xff\xd8\xff\xe0 a picture".to_vec(), "不是照片"),
    ] {
        let (status, _, html) = hand_in(&bureau, &csrf, &picture).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let said = html.split("role=\"alert\"").nth(1).unwrap_or(&html);
        assert!(said.contains(says), "{says}: {}", readable(&html));
        assert!(html.contains("留样只有一份"), "the fault stays where it was");
        assert_eq!(shown(&html), Vec::<String>::new(), "nothing is kept");
    }
    let (status, ..) = hand_in(&bureau, "another's", PICTURE).await;
    assert_eq!(status, StatusCode::FORBIDDEN);

    for _ in 0..2 {
        let (status, to, html) = hand_in(&bureau, &csrf, PICTURE).await;
        assert_eq!(
            (status, to.as_str()),
            (StatusCode::SEE_OTHER, "/inspections?of=1#faults"),
            "{html}"
        );
    }
    let (_, html) = bureau.get("/inspections").await;
    let pictures = shown(&html);
    assert_eq!(pictures.len(), 1, "the same picture again is the same one");
    let (status, bytes) = bureau.get(&pictures[0]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!bytes.contains("GPS!"), "where it was taken is not kept");

    let teacher = place.sign_in(Role::ClassTeacher);
    let (status, ..) = hand_in(&teacher, &teacher.csrf().await, PICTURE).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "who does not inspect sends no picture");
}
