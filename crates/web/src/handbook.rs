//! The handbook: chapters of `docs/handbook`, in the binary, made into pages once.

use std::fmt::Write as _;
use std::sync::LazyLock;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::shape::escaped;

/// What the book is, before its chapters.
const PREFACE: &str = include_str!("../../../docs/handbook/README.md");

macro_rules! files {
    ($read:ident $folder:literal $extension:literal: $($name:literal)*) => {
        &[$(($name, $read!(concat!("../../../docs/handbook/", $folder, $name, ".", $extension)))),*]
    };
}

/// Chapters in their order; those of roles are called by the role.
const CHAPTERS: &[(&str, &str)] = files!(include_str "" "md":
    "start" "bureau" "aid_clerk" "aid_approver" "finance" "town" "village" "principal" "class_teacher" "canteen" "training"
    "employment" "mentor" "donor" "care_worker" "auditor" "leader" "administrator" "indicators" "policies" "own-rule"
    "questions");

/// Pictures, as the journeys of the browser tests leave them.
const PICTURES: &[(&str, &[u8])] = files!(include_bytes "pictures/" "webp":
    "today" "upload" "jobs" "verdicts" "review" "correct" "batch" "sign" "reconcile" "funds" "case" "cases" "visit" "visit-form"
    "class" "courses" "matches" "placements" "recognition" "gaps" "meals" "pairs" "mine" "gifts" "care" "audit" "leader" "plan" "users" "system");

/// A part of a chapter, under a heading of its own.
pub(crate) struct Section {
    /// Where it stands in the page.
    pub(crate) id: String,
    pub(crate) title: String,
    /// Its words, without marks.
    text: String,
}

/// A chapter as a page.
pub(crate) struct Chapter {
    pub(crate) slug: &'static str,
    pub(crate) title: String,
    /// What it says after its title.
    pub(crate) html: String,
    pub(crate) sections: Vec<Section>,
}

static BOOK: LazyLock<Vec<Chapter>> =
    LazyLock::new(|| CHAPTERS.iter().map(|(slug, text)| Chapter::new(slug, text)).collect());

static FIRST: LazyLock<Chapter> = LazyLock::new(|| Chapter::new("", PREFACE));

/// All chapters, in their order.
pub(crate) fn chapters() -> &'static [Chapter] {
    &BOOK
}

/// What stands before the chapters: its first paragraphs, up to its list of contents.
pub(crate) fn preface() -> &'static str {
    FIRST.html.split("<h2").next().unwrap_or_default()
}

/// A picture by its name, `today.webp`.
pub(crate) fn picture(file: &str) -> Option<&'static [u8]> {
    let name = file.strip_suffix(".webp")?;
    PICTURES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

impl Chapter {
    fn new(slug: &'static str, text: &str) -> Self {
        let mut chapter =
            Self { slug, title: String::new(), html: String::new(), sections: Vec::new() };
        let mut events = Vec::new();
        let mut heading: Option<HeadingLevel> = None;
        let mut alt: Option<(String, String)> = None;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                // Notes for those who write: what a journey walks through.
                Event::Html(_) | Event::InlineHtml(_) => {}
                Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
                    heading = Some(HeadingLevel::H1);
                }
                Event::End(TagEnd::Heading(HeadingLevel::H1)) => heading = None,
                Event::Text(words) if heading == Some(HeadingLevel::H1) => {
                    chapter.title.push_str(&words);
                }
                Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                    heading = Some(HeadingLevel::H2);
                    let id = format!("s{}", chapter.sections.len() + 1);
                    events.push(raw(format!("<h2 id=\"{}{id}\">", prefix(slug))));
                    chapter.sections.push(Section {
                        id,
                        title: String::new(),
                        text: String::new(),
                    });
                }
                Event::End(TagEnd::Heading(HeadingLevel::H2)) => {
                    heading = None;
                    events.push(raw("</h2>".to_owned()));
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    alt = Some((dest_url.into_string(), String::new()));
                }
                Event::End(TagEnd::Image) => {
                    let (file, words) = alt.take().expect("an image begins before it ends");
                    events.push(raw(image(&file, &words)));
                }
                Event::Text(words) if alt.is_some() => {
                    alt.as_mut().expect("just seen").1.push_str(&words);
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    let dest_url = address(&dest_url).into();
                    events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                }
                Event::Start(Tag::Table(columns)) => {
                    events.push(raw("<div class=\"tw\">".to_owned()));
                    events.push(Event::Start(Tag::Table(columns)));
                    let caption = chapter.sections.last().map_or("", |s| s.title.as_str());
                    events
                        .push(raw(format!("<caption class=\"vh\">{}</caption>", escaped(caption))));
                }
                Event::End(TagEnd::Table) => {
                    events.push(Event::End(TagEnd::Table));
                    events.push(raw("</div>".to_owned()));
                }
                event => {
                    if let Event::Text(words) | Event::Code(words) = &event
                        && let Some(section) = chapter.sections.last_mut()
                    {
                        let into = if heading == Some(HeadingLevel::H2) {
                            &mut section.title
                        } else {
                            &mut section.text
                        };
                        into.push_str(words);
                    }
                    if matches!(event, Event::End(_) | Event::SoftBreak)
                        && let Some(section) = chapter.sections.last_mut()
                        && !section.text.ends_with(' ')
                    {
                        section.text.push(' ');
                    }
                    events.push(event);
                }
            }
        }
        let mut html = String::new();
        html::push_html(&mut html, events.into_iter());
        chapter.html = html.replace("<th>", "<th scope=\"col\">");
        chapter
    }
}

impl Section {
    /// The words around the first place where it says this; `None` where it does not.
    pub(crate) fn around(&self, wanted: &str) -> Option<String> {
        let wanted = wanted.to_lowercase();
        let text = self.text.trim();
        let lower = text.to_lowercase();
        let Some(at) = lower.find(&wanted) else {
            return self
                .title
                .to_lowercase()
                .contains(&wanted)
                .then(|| text.chars().take(60).collect());
        };
        // Lower case may be longer or shorter than what it stands for: counted in characters, a place is near enough.
        let before = lower[..at].chars().count();
        let from = before.saturating_sub(20);
        let words = text.chars().skip(from).take(wanted.chars().count() + 60);
        let mut out = String::from(if from > 0 { "…" } else { "" });
        out.extend(words);
        Some(out)
    }
}

fn raw(html: String) -> Event<'static> {
    Event::Html(CowStr::from(html))
}

/// In the whole book on one page, the parts of each chapter have addresses of their own.
fn prefix(slug: &str) -> String {
    if slug.is_empty() { String::new() } else { format!("{slug}-") }
}

/// A link of the folder as a link of the pages.
fn address(to: &str) -> String {
    match to.strip_suffix(".md") {
        Some(name) if !name.contains('/') => format!("/handbook/{name}"),
        _ => to.to_owned(),
    }
}

fn image(file: &str, alt: &str) -> String {
    let mut html = format!("<img src=\"/handbook/{}\" alt=\"{}\"", escaped(file), escaped(alt));
    let bytes = file.strip_prefix("pictures/").and_then(picture);
    if let Some((width, height)) = bytes.and_then(size) {
        let _ = write!(html, " width=\"{width}\" height=\"{height}\"");
        if height > width {
            html.push_str(" class=\"tall\"");
        }
    }
    html.push_str(" loading=\"lazy\" decoding=\"async\">");
    html
}

/// Width and height of a lossy `WebP` picture, RFC 9649 section 2.5 and RFC 6386 section 9.1.
fn size(bytes: &[u8]) -> Option<(u16, u16)> {
    // Chunks of a RIFF file: a name, a length, and as many bytes, to an even number. A colour profile may come first.
    let mut at = 12;
    loop {
        let head = bytes.get(at..at + 8)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        at += 8;
        if &head[..4] == b"VP8 " {
            break;
        }
        at += length + length % 2;
    }
    let frame = bytes.get(at..at + 10)?;
    let two = |n: usize| u16::from_le_bytes([frame[n], frame[n + 1]]) & 0x3fff;
    (frame[3..6] == [0x9d, 0x01, 0x2a]).then(|| (two(6), two(8)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fujiao_office::access::Role;

    use super::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/handbook")
    }

    fn names(folder: &Path, extension: &str) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of the handbook")
            .map(|entry| entry.expect("a readable entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn every_file_of_the_handbook_is_in_the_binary() {
        let mut known: Vec<&str> = CHAPTERS.iter().map(|(slug, _)| *slug).collect();
        known.push("README");
        known.sort_unstable();
        assert_eq!(names(&folder(), "md"), known);
        let mut known: Vec<&str> = PICTURES.iter().map(|(name, _)| *name).collect();
        known.sort_unstable();
        assert_eq!(names(&folder().join("pictures"), "webp"), known);
    }

    #[test]
    fn every_role_has_its_chapter_and_every_chapter_is_listed() {
        for role in Role::ALL {
            assert!(chapters().iter().any(|c| c.slug == role.code()), "{}", role.code());
        }
        for chapter in chapters() {
            assert!(!chapter.title.is_empty() && !chapter.sections.is_empty(), "{}", chapter.slug);
            let link = format!("[{}]({}.md)", chapter.title, chapter.slug);
            assert!(PREFACE.contains(&link), "docs/handbook/README.md lists {link}");
        }
    }

    #[test]
    fn pictures_are_small_named_and_of_known_size() {
        let text: String = chapters().iter().map(|c| c.html.as_str()).collect();
        for (name, bytes) in PICTURES {
            assert!(bytes.len() <= 60 * 1024, "{name} has {} bytes", bytes.len());
            assert!(size(bytes).is_some(), "{name} is no lossy WebP picture");
            assert!(text.contains(&format!("pictures/{name}.webp")), "no chapter shows {name}");
        }
        for part in text.split("/handbook/pictures/").skip(1) {
            let file = part.split('"').next().unwrap_or_default();
            assert!(picture(file).is_some(), "{file} is shown and not there");
        }
    }

    /// The policy of the pages lets no style stand in an element, and a note to writers is no text.
    #[test]
    fn chapters_carry_no_style_and_no_note() {
        for chapter in chapters() {
            for mark in ["style=", "<script", "<!--", ".md\""] {
                assert!(!chapter.html.contains(mark), "{}: {mark}", chapter.slug);
            }
            // 60 KB a page, with 28 KB of styles and the shell around it.
            assert!(chapter.html.len() < 60_000, "{}: {}", chapter.slug, chapter.html.len());
        }
    }

    #[test]
    fn words_are_found_with_what_stands_around_them() {
        let chapter = Chapter::new(
            "x",
            "# 书\n\n## 收名册\n\n1. 打开 **收名册**，选 `.xlsx`。\n\n## 别的\n\n没有\n",
        );
        assert_eq!(chapter.title, "书");
        assert_eq!(chapter.sections.len(), 2);
        assert!(chapter.html.contains("<h2 id=\"x-s1\">收名册</h2>"), "{}", chapter.html);
        let said = chapter.sections[0].around(".XLSX").expect("it says so");
        assert!(said.contains("选 .xlsx"), "{said}");
        assert!(chapter.sections[0].around("收名册").is_some());
        assert!(chapter.sections[1].around("收名册").is_none());
    }
}
