use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use fujiao_model::{Area, Subject, Term};
use fujiao_office::access::{Access, Right};
use fujiao_office::accounts::Stage;
use fujiao_office::desk::{Frame, Origin};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Display;

use crate::assets::{SCRIPT, STYLES, VISIT};
use crate::gate::SignedIn;
use crate::pages::{hex, link};
use crate::shape::escaped;
use crate::words::{As, Lang, Words};

/// Who reads: the language, and the address that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) lang: Lang,
    uri: Uri,
    /// The name in the address bar; empty: not known.
    host: String,
    signed: Option<SignedIn>,
}

impl std::fmt::Debug for SignedIn {
    /// The login alone: no token gets into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedIn({})", self.actor().login)
    }
}

impl Reader {
    /// Finds the language in `?lang=`, else in the cookie; a choice in the address is kept in the cookie.
    pub(crate) async fn attach(mut request: Request, next: Next) -> Response {
        let asked = parameters(request.uri())
            .find_map(|(name, value)| if name == "lang" { Lang::parse(value) } else { None });
        let kept = request
            .headers()
            .get(header::COOKIE)
            .and_then(|c| c.to_str().ok())
            .and_then(|c| c.split(';').find_map(|p| p.trim().strip_prefix("lang=")))
            .and_then(Lang::parse);
        let lang = asked.or(kept).unwrap_or_default();
        let uri = request.uri().clone();
        let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
        let host = host.unwrap_or_default().to_owned();
        request.extensions_mut().insert(Self { lang, uri, host, signed: None });
        let mut response = next.run(request).await;
        if asked.is_some() {
            let cookie = match lang {
                Lang::Zh => "lang=zh; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
                Lang::En => "lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
            };
            response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        response
    }

    /// Somebody of whom nothing is known.
    pub(crate) fn stranger(uri: &Uri) -> Self {
        Self { lang: Lang::default(), uri: uri.clone(), host: String::new(), signed: None }
    }

    /// A path as somebody else types it, with the name under which this reader came: one of ours, as others are turned away.
    pub(crate) fn whole(&self, secure: bool, path: &str) -> String {
        if self.host.is_empty() {
            return path.to_owned();
        }
        format!("{}://{}{path}", if secure { "https" } else { "http" }, self.host)
    }

    /// The same reader, signed in.
    pub(crate) fn of(self, signed: Option<SignedIn>) -> Self {
        Self { signed, ..self }
    }

    /// Whether somebody is signed in, all the way.
    pub(crate) fn inside(&self) -> bool {
        self.signed.as_ref().is_some_and(|s| s.visitor().stage == Stage::Ready)
    }

    /// The same address in the other language.
    fn toggle(&self, other: Lang) -> String {
        let mut query = String::new();
        for (name, value) in parameters(&self.uri).filter(|(name, _)| *name != "lang") {
            query.extend([name, "=", value, "&"]);
        }
        query.extend(["lang=", other.code()]);
        let path = if self.uri.path() == "/find" { "/search" } else { self.uri.path() };
        format!("{path}?{query}")
    }
}

/// Names and values of an address as they stand there.
fn parameters(uri: &Uri) -> impl Iterator<Item = (&str, &str)> {
    uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='))
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self::stranger(&parts.uri)))
    }
}

/// What every page has around it.
pub(crate) struct Shell {
    /// The texts.
    pub(crate) t: &'static Words,
    /// The page's title.
    pub(crate) title: String,
    /// The address of the page in the other language.
    pub(crate) toggle: String,
    /// The address of the styles.
    pub(crate) css: &'static str,
    /// The address of the script.
    pub(crate) script: &'static str,
    /// The address of the script of visits.
    pub(crate) visit_script: &'static str,
    /// Which entry of the menu the page belongs to.
    entry: &'static str,
    frame: Option<Frame>,
    signed: Option<SignedIn>,
}

impl Shell {
    /// The surroundings of a page; without a frame where the books could not be read.
    pub(crate) fn new(
        reader: &Reader,
        frame: Option<Frame>,
        entry: &'static str,
        title: impl Into<String>,
    ) -> Self {
        let t = reader.lang.words();
        Self {
            t,
            title: title.into(),
            toggle: reader.toggle(t.other()),
            css: &STYLES.path,
            script: &SCRIPT.path,
            visit_script: &VISIT.path,
            entry,
            frame,
            signed: reader.signed.clone(),
        }
    }

    /// Whether somebody is signed in, all the way.
    pub(crate) fn inside(&self) -> bool {
        self.signed.as_ref().is_some_and(|s| s.visitor().stage == Stage::Ready)
    }

    /// Whether the reader may do something, by its word in `access.toml`: whether its entry stands in the menu.
    pub(crate) fn may(&self, right: &str) -> bool {
        let right = Right::parse(right).expect("a word of the spec");
        self.inside() && self.signed.as_ref().is_some_and(|s| s.actor().may(right))
    }

    /// Whether an address leads the reader to a page and not to a closed door, as far as it tells: by the rights that its route asks for, and
    /// the area that it names.
    pub(crate) fn leads(&self, href: impl AsRef<str>) -> bool {
        let href = href.as_ref();
        let Some(signed) = &self.signed else { return true };
        let Some(route) = Access::builtin().page(href) else { return true };
        let area = href.strip_prefix("/area/").and_then(|rest| rest.split(['?', '#', '.']).next());
        let whole_files = route.path.starts_with("/data");
        route.is_open_to(|right| signed.actor().may(right))
            && (!whole_files || self.sees_files())
            && area.and_then(Area::parse).is_none_or(|area| self.has_area(area))
    }

    fn has_area(&self, area: Area) -> bool {
        self.frame.as_ref().is_none_or(|frame| frame.open.iter().any(|(a, _)| *a == area))
    }

    /// A link; where the door is closed to the reader, its text alone. HTML.
    pub(crate) fn to(&self, href: impl Display, text: impl Display) -> String {
        let (href, text) = (href.to_string(), text.to_string());
        if self.leads(&href) {
            format!("<a href=\"{}\">{}</a>", escaped(&href), escaped(&text))
        } else {
            escaped(&text)
        }
    }

    /// Where something stands in a roster, with the way there. HTML.
    pub(crate) fn origin(&self, origin: &Origin) -> String {
        self.to(format!("/source/{}", hex(origin.row_id)), self.t.origin(origin))
    }

    /// The name of a subject, with the way to its page if it has one. HTML.
    pub(crate) fn subject(&self, subject: impl As<Subject>, name: &str) -> String {
        link(subject).map_or_else(|| escaped(name), |href| self.to(href, name))
    }

    /// The name of a school among those that the reader may open, with the way to its page. HTML.
    pub(crate) fn school(&self, id: impl As<u64>, name: &str, open: &BTreeSet<u64>) -> String {
        let id = id.get();
        if open.contains(&id) {
            self.to(format!("/school/{}", hex(id)), name)
        } else {
            escaped(name)
        }
    }

    /// Whether the reader sees whole files: whoever sees a part of the county sees rows one by one.
    pub(crate) fn sees_files(&self) -> bool {
        self.signed.as_ref().is_some_and(|s| s.actor().scope(Right::Sources).is_whole())
    }

    /// Whether the reader reads the county's reports, which count the whole of it.
    pub(crate) fn reads_reports(&self) -> bool {
        self.signed.as_ref().is_some_and(|s| s.actor().scope(Right::Reports).is_whole())
    }

    /// Whether the reader sees cases of children out of school.
    pub(crate) fn sees_cases(&self) -> bool {
        self.may("names")
            && self
                .signed
                .as_ref()
                .is_some_and(|s| s.actor().areas(Right::Names).contains(&Area::Schooling))
    }

    /// Whether the reader sees pairs and children who need somebody.
    pub(crate) fn sees_pairs(&self) -> bool {
        self.may("names")
            && self
                .signed
                .as_ref()
                .is_some_and(|s| s.actor().areas(Right::Names).contains(&Area::Pairing))
    }

    /// Whether the reader sees the labour register, courses and jobs.
    pub(crate) fn sees_labour(&self) -> bool {
        self.may("names")
            && self
                .signed
                .as_ref()
                .is_some_and(|s| s.actor().areas(Right::Names).contains(&Area::Training))
    }

    /// Whether the reader looks after pupils of their own.
    pub(crate) fn is_mentor(&self) -> bool {
        self.inside()
            && self
                .signed
                .as_ref()
                .is_some_and(|s| s.actor().roles().contains(&fujiao_office::access::Role::Mentor))
    }

    /// The reader's name.
    pub(crate) fn who(&self) -> &str {
        self.signed.as_ref().map_or("", |s| &s.actor().name)
    }

    /// The hidden field that every form carries.
    pub(crate) fn csrf(&self) -> String {
        self.signed.as_ref().map_or_else(String::new, |s| {
            format!("<input type=\"hidden\" name=\"csrf\" value=\"{}\">", s.csrf())
        })
    }

    /// The texts that it shows, as JSON.
    pub(crate) fn visit_words(&self) -> String {
        serde_json::to_string(&self.t.under("visit.js")).expect("texts always write")
    }

    /// Whether the reader writes things down by hand.
    pub(crate) fn writes(&self) -> bool {
        ["visit", "attendance", "meals"].iter().any(|right| self.may(right))
    }

    pub(crate) fn other_tag(&self) -> &'static str {
        self.t.other().words().tag()
    }

    pub(crate) fn sample(&self) -> bool {
        self.frame.as_ref().is_some_and(|f| f.sample)
    }

    pub(crate) fn county_name(&self) -> &str {
        self.frame.as_ref().map_or("", |f| &f.county_name)
    }

    /// The as-of day.
    pub(crate) fn today(&self) -> Option<Date> {
        self.frame.as_ref().and_then(|f| f.as_of)
    }

    /// 数据截至 …
    pub(crate) fn as_of(&self) -> String {
        match self.today() {
            Some(day) => self.t.f1("app.as_of", day),
            None => self.t.s("app.no_run").to_owned(),
        }
    }

    /// The term of the as-of day.
    pub(crate) fn term(&self) -> String {
        self.today().map_or_else(String::new, |day| {
            self.t.period(Some(fujiao_model::Period::Term(Term::of(day))))
        })
    }

    /// Areas with their open duties.
    pub(crate) fn open(&self) -> Vec<(Area, i64)> {
        match &self.frame {
            Some(frame) => frame.open.clone(),
            None => Vec::new(),
        }
    }

    /// The entries at the thumb of a phone: address, entry, mark, and key of the word. Those of the reader's rights, four at
    /// most.
    pub(crate) fn dock(&self) -> Vec<(String, String, &'static str, &'static str)> {
        let mut entries = Vec::new();
        let mut add = |href: &str, entry: &str, mark, key| {
            entries.push((href.to_owned(), entry.to_owned(), mark, key));
        };
        if self.may("today") {
            add("/", "today", "今", "nav.today");
        }
        if self.writes() {
            add("/visit", "visit", "访", "nav.visit");
        }
        let sees = |area| self.open().iter().any(|(a, _)| *a == area);
        for (area, mark, key) in [
            (Area::Schooling, "控", "nav.schooling"),
            (Area::Aid, "助", "nav.aid"),
            (Area::Meals, "餐", "nav.meals"),
        ] {
            if self.may("figures") && sees(area) {
                add(&format!("/area/{}", area.code()), area.code(), mark, key);
            }
        }
        if self.may("names") {
            add("/search", "people", "人", "nav.person");
        } else if self.may("schools") {
            add("/schools", "schools", "校", "nav.schools");
        }
        entries.truncate(4);
        entries
    }

    /// The mark of the menu's entry that is open.
    pub(crate) fn here(&self, entry: impl AsRef<str>) -> &'static str {
        if entry.as_ref() == self.entry { " aria-current=\"page\"" } else { "" }
    }
}
