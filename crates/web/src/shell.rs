use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use fujiao_model::{Area, Term};
use fujiao_office::desk::Frame;
use jiff::civil::Date;
use std::convert::Infallible;

use crate::assets::{SCRIPT, STYLES};
use crate::words::{Lang, Words};

/// Who reads: the language, and the address that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) lang: Lang,
    uri: Uri,
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
        request.extensions_mut().insert(Self { lang, uri });
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
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self { lang: Lang::default(), uri: parts.uri.clone() }))
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
    /// Which entry of the menu the page belongs to.
    entry: &'static str,
    frame: Option<Frame>,
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
            entry,
            frame,
        }
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
            None => Area::ALL.iter().map(|a| (*a, 0)).collect(),
        }
    }

    /// The mark of the menu's entry that is open.
    pub(crate) fn here(&self, entry: &str) -> &'static str {
        if entry == self.entry { " aria-current=\"page\"" } else { "" }
    }
}
