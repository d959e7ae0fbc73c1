use std::collections::BTreeMap;
use std::sync::LazyLock;

use fujiao_model::{Area, Field};

use super::{Right, Role};

/// `access.toml`, read.
#[derive(Debug)]
pub struct Access {
    /// Rules for passwords.
    pub password: Password,
    /// When an account rests.
    pub lock: Lock,
    /// How long somebody stays signed in.
    pub session: Session,
    /// How long what was asked for stays in sight.
    pub shown: Shown,
    /// Routes of the web, with the right that each asks for.
    pub routes: Vec<Route>,
    /// Roles that nobody holds together.
    pub apart: Vec<Apart>,
    /// Fields that are masked.
    pub secrets: Vec<Secret>,
    /// Fields whose correction asks for a second person.
    pub seconds: Vec<Second>,
    rights: Vec<(String, String)>,
    roles: Vec<RoleSpec>,
    /// Routes of pages by the first part of their path.
    pages: BTreeMap<String, Vec<usize>>,
}

/// Rules for passwords.
#[derive(Clone, Copy, Debug)]
pub struct Password {
    /// Characters at least.
    pub least_length: usize,
    /// Kinds of characters at least, of four.
    pub kinds: usize,
    /// How many of the last ones may not come again.
    pub remembered: usize,
    /// Days until a new one is asked for.
    pub days: i64,
}

/// When an account rests after wrong passwords.
#[derive(Clone, Copy, Debug)]
pub struct Lock {
    /// Wrong ones in a row that are let pass.
    pub tries: i64,
    /// How long it rests first; each further one doubles the time.
    pub first_minutes: i64,
    /// How long at most.
    pub longest_minutes: i64,
}

/// How long somebody stays signed in.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Without a request.
    pub idle_minutes: i64,
    /// At most.
    pub hours: i64,
    /// On a phone that is theirs alone.
    pub own_phone_days: i64,
}

/// How long what was asked for stays in sight.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// A whole number.
    pub reveal_minutes: i64,
    /// A case outside one's ground.
    pub glass_hours: i64,
}

/// What a role is.
#[derive(Debug)]
pub struct RoleSpec {
    /// Which.
    pub role: Role,
    /// Its name.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// The kinds of ground that it can stand on.
    pub on: Vec<String>,
    /// The areas that it sees.
    pub areas: Vec<Area>,
    /// What it may do.
    pub may: Vec<Right>,
    /// Whether signing in asks for a second factor.
    pub second_factor: bool,
}

/// Roles that nobody holds together.
#[derive(Debug)]
pub struct Apart {
    /// Which two.
    pub roles: [Role; 2],
    /// Why.
    pub zh: String,
    /// Why, in English.
    pub en: String,
}

/// A group of fields that are masked.
#[derive(Debug)]
pub struct Secret {
    /// Its word.
    pub code: String,
    /// Its name.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// The roles that may see one whole.
    pub reveal: Vec<Role>,
}

/// A group of fields whose correction asks for a second person.
#[derive(Debug)]
pub struct Second {
    /// Why.
    pub zh: String,
    /// Why, in English.
    pub en: String,
    /// The fields.
    pub fields: Vec<Field>,
}

/// How a route is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes something.
    Post,
}

/// A route of the web.
#[derive(Debug)]
pub struct Route {
    /// How it is asked.
    pub method: Method,
    /// Its path, with `{names}` for the parts that vary.
    pub path: String,
    /// The rights of which it asks for one; none: open to anybody who is signed in.
    pub rights: Vec<Right>,
    /// Open to those who are not signed in, too.
    pub public: bool,
    /// How the use case behind it keeps to the ground of the actor: what lies outside is refused, filtered out, or there is
    /// nothing of a place in it.
    pub keeps: String,
}

static BUILTIN: LazyLock<Access> = LazyLock::new(|| {
    Access::read(include_str!("../../access.toml")).expect("a test reads the spec")
});

impl Route {
    /// Whether somebody with these rights may take it.
    pub fn is_open_to(&self, may: impl Fn(Right) -> bool) -> bool {
        self.rights.is_empty() || self.rights.iter().any(|right| may(*right))
    }
}

impl Access {
    /// The spec that comes with the program.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The names of a right, Chinese and English.
    pub fn right(&self, right: Right) -> (&str, &str) {
        let (zh, en) = &self.rights[right as usize];
        (zh, en)
    }

    /// What a role is.
    pub fn role(&self, role: Role) -> &RoleSpec {
        &self.roles[role as usize]
    }

    /// The group of a masked field; `None` for a field that anybody sees who sees the row.
    pub fn secret_of(&self, field: Field) -> Option<&Secret> {
        self.secrets.iter().find(|s| s.fields.contains(&field))
    }

    /// Why a correction of this field asks for a second person; `None` if it does not.
    pub fn second_of(&self, field: Field) -> Option<&Second> {
        self.seconds.iter().find(|s| s.fields.contains(&field))
    }

    /// The two of these roles that nobody holds together, if there are two.
    pub fn clash(&self, roles: &[Role]) -> Option<&Apart> {
        self.apart.iter().find(|a| a.roles.iter().all(|r| roles.contains(r)))
    }

    /// The route of a page by an address that somebody asks for or that a page links to; `None` for what is no page, as pictures.
    pub fn page(&self, address: &str) -> Option<&Route> {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let first = path.split('/').nth(1)?;
        let fits = |route: &&Route| {
            let (mut asked, mut parts) = (path.split('/'), route.path.split('/'));
            loop {
                match (asked.next(), parts.next()) {
                    (None, None) => break true,
                    (Some(asked), Some(part)) if asked == part => {}
                    (Some(asked), Some(part)) if part.starts_with('{') && !asked.is_empty() => {}
                    _ => break false,
                }
            }
        };
        let routes = self.pages.get(first)?.iter().map(|at| &self.routes[*at]);
        routes.filter(fits).min_by_key(|route| route.path.matches('{').count())
    }

    /// The route of a method and a path as it stands in the spec.
    pub fn route(&self, method: Method, path: &str) -> Option<&Route> {
        self.routes.iter().find(|r| r.method == method && r.path == path)
    }

    fn read(text: &str) -> Result<Self, String> {
        let root: toml::Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
        let list = |name: &str| -> Result<Vec<&toml::Table>, String> {
            let items = root.get(name).and_then(toml::Value::as_array).ok_or(name)?;
            items.iter().map(|i| i.as_table().ok_or_else(|| name.to_owned())).collect()
        };
        let number = |table: &str, name: &str| -> Result<i64, String> {
            let value = root.get(table).and_then(|t| t.get(name));
            value.and_then(toml::Value::as_integer).ok_or_else(|| format!("[{table}] {name}"))
        };
        let count = |table: &str, name: &str| -> Result<usize, String> {
            usize::try_from(number(table, name)?).map_err(|e| e.to_string())
        };
        let rights = list("right")?;
        let rights = Right::ALL
            .iter()
            .map(|right| {
                let entry = rights.iter().find(|t| str_of(t, "code") == Ok(right.code()));
                let entry = entry.ok_or_else(|| format!("[[right]] {}", right.code()))?;
                Ok((str_of(entry, "zh")?.to_owned(), str_of(entry, "en")?.to_owned()))
            })
            .collect::<Result<_, String>>()?;
        let roles = list("role")?;
        let roles = Role::ALL
            .iter()
            .map(|role| {
                let entry = roles.iter().find(|t| str_of(t, "code") == Ok(role.code()));
                role_spec(*role, entry.ok_or_else(|| format!("[[role]] {}", role.code()))?)
            })
            .collect::<Result<_, String>>()?;
        let routes = list("route")?.into_iter().map(route).collect::<Result<Vec<_>, _>>()?;
        let mut pages: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, route) in routes.iter().enumerate().filter(|(_, r)| r.method == Method::Get) {
            let first = route.path.split('/').nth(1).unwrap_or_default();
            pages.entry(first.to_owned()).or_default().push(at);
        }
        Ok(Self {
            password: Password {
                least_length: count("password", "least_length")?,
                kinds: count("password", "kinds")?,
                remembered: count("password", "remembered")?,
                days: number("password", "days")?,
            },
            lock: Lock {
                tries: number("lock", "tries")?,
                first_minutes: number("lock", "first_minutes")?,
                longest_minutes: number("lock", "longest_minutes")?,
            },
            session: Session {
                idle_minutes: number("session", "idle_minutes")?,
                hours: number("session", "hours")?,
                own_phone_days: number("session", "own_phone_days")?,
            },
            shown: Shown {
                reveal_minutes: number("shown", "reveal_minutes")?,
                glass_hours: number("shown", "glass_hours")?,
            },
            routes,
            apart: list("apart")?.into_iter().map(apart).collect::<Result<_, _>>()?,
            secrets: list("secret")?.into_iter().map(secret).collect::<Result<_, _>>()?,
            seconds: list("second")?.into_iter().map(second).collect::<Result<_, _>>()?,
            rights,
            roles,
            pages,
        })
    }
}

fn role_spec(role: Role, entry: &toml::Table) -> Result<RoleSpec, String> {
    let areas = match entry.get("areas") {
        Some(toml::Value::String(all)) if all == "all" => Area::ALL.to_vec(),
        _ => words(entry, "areas", Area::parse)?,
    };
    Ok(RoleSpec {
        role,
        zh: str_of(entry, "zh")?.to_owned(),
        en: str_of(entry, "en")?.to_owned(),
        on: words(entry, "on", |word| Some(word.to_owned()))?,
        areas,
        may: words(entry, "may", Right::parse)?,
        second_factor: entry.get("second_factor").and_then(toml::Value::as_bool).unwrap_or(false),
    })
}

fn apart(entry: &toml::Table) -> Result<Apart, String> {
    Ok(Apart {
        roles: words(entry, "roles", Role::parse)?.try_into().map_err(|_| "[[apart]] names two")?,
        zh: str_of(entry, "zh")?.to_owned(),
        en: str_of(entry, "en")?.to_owned(),
    })
}

fn secret(entry: &toml::Table) -> Result<Secret, String> {
    Ok(Secret {
        code: str_of(entry, "code")?.to_owned(),
        zh: str_of(entry, "zh")?.to_owned(),
        en: str_of(entry, "en")?.to_owned(),
        fields: words(entry, "fields", Field::from_code)?,
        reveal: words(entry, "reveal", Role::parse)?,
    })
}

fn second(entry: &toml::Table) -> Result<Second, String> {
    Ok(Second {
        zh: str_of(entry, "zh")?.to_owned(),
        en: str_of(entry, "en")?.to_owned(),
        fields: words(entry, "fields", Field::from_code)?,
    })
}

fn route(entry: &toml::Table) -> Result<Route, String> {
    let at = str_of(entry, "at")?;
    let (method, path) = at.split_once(' ').ok_or(at)?;
    let needs = str_of(entry, "needs")?;
    Ok(Route {
        method: match method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            _ => return Err(at.to_owned()),
        },
        path: path.to_owned(),
        rights: match needs {
            "public" | "signed in" => Vec::new(),
            rights => rights
                .split(" | ")
                .map(|right| Right::parse(right).ok_or_else(|| format!("{at}: {right}")))
                .collect::<Result<_, _>>()?,
        },
        public: needs == "public",
        keeps: str_of(entry, "keeps")?.to_owned(),
    })
}

fn str_of<'a>(table: &'a toml::Table, name: &str) -> Result<&'a str, String> {
    table.get(name).and_then(toml::Value::as_str).ok_or_else(|| format!("{name}: {table}"))
}

fn words<T>(
    table: &toml::Table,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, String> {
    let list = table.get(name).and_then(toml::Value::as_array).ok_or_else(|| name.to_owned())?;
    let word = |value: &toml::Value| {
        value.as_str().and_then(&read).ok_or_else(|| format!("{name}: {value}"))
    };
    list.iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spec_reads_and_no_role_clashes_with_itself() {
        let access = Access::builtin();
        for role in Role::ALL {
            let spec = access.role(*role);
            assert!(!spec.on.is_empty() && !spec.may.is_empty(), "{role:?}");
            assert!(access.clash(&[*role]).is_none());
        }
        for field in Field::ALL.iter().filter(|f| f.is_secret()) {
            assert!(access.secret_of(*field).is_some(), "{} is in no group", field.code());
        }
    }

    #[test]
    fn a_link_is_the_route_that_answers_it() {
        let page = |address| Access::builtin().page(address).map(|route| route.path.as_str());
        assert_eq!(page("/"), Some("/"));
        assert_eq!(page("/person/00ff?show=all#gaps"), Some("/person/{id}"));
        assert_eq!(page("/plans/new?question=sites"), Some("/plans/new"));
        assert_eq!(page("/plans/7"), Some("/plans/{id}"));
        for nothing in ["/assets/app.css", "/person/", "/person/1/2/3/4", "https://example.org", ""]
        {
            assert_eq!(page(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn who_prepares_may_not_approve() {
        let access = Access::builtin();
        assert!(access.clash(&[Role::Town, Role::AidApprover, Role::AidClerk]).is_some());
        assert!(access.clash(&[Role::Town, Role::AidApprover]).is_none());
    }
}
