//! The document of the interface, and its page.

use std::sync::LazyLock;

use askama::Template;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fujiao_office::desk::Seat;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::{aid, labour, loans, meals, problem, read, works, write};
use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::shell::{Reader, Shell};

/// Routes of the document.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/v1/openapi.json", get(json)).route("/api", get(page))
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Fujiao 扶教", version = "1", description = "What a county owes, has done and lacks: 应, 已, 差. A token sees the ground of its owner, and no more."),
    paths(
        read::county, read::lines, read::persons, read::person, read::household, read::schools, read::school,
        write::correct, write::visit, aid::batches, aid::lines, aid::funds,
        loans::loans, loans::loan, loans::university, loans::bulletin,
        labour::workers, labour::findings, labour::courses, labour::mark, labour::providers, labour::vacancies,
        labour::post_vacancy, labour::matches, labour::begin,
        read::cases, read::case, read::pairs, read::mentors, read::care,
        meals::meals, meals::month, meals::kitchens, meals::inspections, works::gaps, works::projects, works::places, works::posts,
    ),
    components(schemas(problem::Problem, read::AreaWord, read::ShowWord, read::SortWord, read::CaseWord, write::HowWord, write::NowWord, write::WhyWord)),
    modifiers(&Token),
    security(("token" = [])),
)]
struct Document;

struct Token;

impl utoipa::Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        if let Some(parts) = document.components.as_mut() {
            parts.add_security_scheme("token", SecurityScheme::Http(scheme));
        }
    }
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    serde_json::to_string_pretty(&Document::openapi()).expect("the document is plain data")
});

async fn json() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// A way of the interface, as its page shows it.
struct Way {
    method: String,
    path: String,
    what: String,
    parameters: Vec<Parameter>,
    answers: Vec<(String, String)>,
}

struct Parameter {
    name: String,
    place: String,
    required: bool,
    shape: String,
    what: String,
}

/// A type that answers are made of.
struct Shape {
    name: String,
    what: String,
    fields: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    s: Shell,
    ways: Vec<Way>,
    shapes: Vec<Shape>,
}

async fn page(reader: Reader, Sat(seat): Sat) -> Result<Response, PageError> {
    let frame = crate::pages::ask(&reader, &seat, Seat::frame).await?;
    let s = Shell::new(&reader, Some(frame), "api", reader.lang.words().s("api.head"));
    let (ways, shapes) = read_document();
    crate::pages::page(&reader, &ApiPage { s, ways, shapes })
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A schema in a word: its type, or the name of what it refers to.
fn shape(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return words.join(" | ");
    }
    let either = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    if let Some(either) = either {
        return either.iter().map(shape).collect::<Vec<_>>().join(" | ");
    }
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "array" => {
            format!("[{}]", schema.get("items").map_or_else(String::new, shape))
        }
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ")
        }
        _ => String::new(),
    }
}

fn read_document() -> (Vec<Way>, Vec<Shape>) {
    let document: Value = serde_json::from_str(&TEXT).expect("we wrote it");
    let nothing = serde_json::Map::new();
    let object = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
    let mut ways = Vec::new();
    for (path, methods) in object(document.get("paths")).unwrap_or_default() {
        for (method, way) in methods.as_object().unwrap_or(&nothing) {
            let parameters = way.get("parameters").and_then(Value::as_array);
            let parameters = parameters.into_iter().flatten().map(|p| Parameter {
                name: text(p, "name"),
                place: text(p, "in"),
                required: p.get("required").and_then(Value::as_bool).unwrap_or(false),
                shape: p.get("schema").map_or_else(String::new, shape),
                what: text(p, "description"),
            });
            let answers = object(way.get("responses")).unwrap_or_default();
            let answers = answers.iter().map(|(status, answer)| {
                let content = answer.get("content").and_then(Value::as_object);
                let schema = content.and_then(|c| c.values().next()).and_then(|c| c.get("schema"));
                (status.clone(), schema.map_or_else(String::new, shape))
            });
            ways.push(Way {
                method: method.to_uppercase(),
                path: path.clone(),
                what: text(way, "summary"),
                parameters: parameters.collect(),
                answers: answers.collect(),
            });
        }
    }
    let schemas = object(document.pointer("/components/schemas")).unwrap_or_default();
    let shapes = schemas.iter().map(|(name, schema)| {
        let fields = object(schema.get("properties")).unwrap_or_default();
        Shape {
            name: name.clone(),
            what: text(schema, "description"),
            fields: fields
                .iter()
                .map(|(name, field)| (name.clone(), shape(field), text(field, "description")))
                .collect(),
        }
    });
    let shapes = shapes.collect();
    (ways, shapes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fujiao_office::access::{Access, Method};

    #[test]
    fn the_document_and_the_spec_name_the_same_ways() {
        let (ways, shapes) = read_document();
        assert!(TEXT.contains("\"openapi\": \"3.1"));
        let mut described: Vec<String> =
            ways.iter().map(|w| format!("{} {}", w.method, w.path)).collect();
        let mut routed: Vec<String> = Access::builtin()
            .routes
            .iter()
            .filter(|r| r.path.starts_with("/api/v1/") && r.path != "/api/v1/openapi.json")
            .map(|r| {
                let method = if r.method == Method::Get { "GET" } else { "POST" };
                format!("{method} {}", r.path)
            })
            .collect();
        described.sort();
        routed.sort();
        assert_eq!(described, routed);
        for way in &ways {
            assert!(!way.what.is_empty() && way.answers.len() > 1, "{}", way.path);
        }
        assert!(shapes.iter().any(|s| s.name == "Problem" && s.fields.len() == 4));
        for reference in TEXT.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(shapes.iter().any(|s| s.name == name), "{name} is not described");
        }
    }
}
