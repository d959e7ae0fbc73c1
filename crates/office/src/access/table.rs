use std::fmt::Write as _;

use super::{Access, Method, Role};

impl Access {
    /// The spec as a page for people: docs/access.md.
    pub fn markdown(&self) -> String {
        let mut out = String::from(
            "# Who sees what and may do what\n\n\
             Made from `crates/office/access.toml`; a test keeps it true. What somebody sees is role × ground × field: a role\n\
             stands on a ground (county, town, village, school, class, named persons) for a time, and reaches no further.\n\
             谁能看什么、做什么：角色 × 管到哪里 × 栏目。\n\n## Roles\n\n\
             | role | 角色 | stands on | areas | second factor |\n|---|---|---|---|---|\n",
        );
        for role in Role::ALL {
            let spec = self.role(*role);
            let areas: Vec<&str> = spec.areas.iter().map(|a| a.code()).collect();
            let areas = if areas.len() == fujiao_model::Area::ALL.len() {
                "all".to_owned()
            } else {
                areas.join(", ")
            };
            let second = if spec.second_factor { "yes" } else { "" };
            let on = spec.on.join(", ");
            let _ = writeln!(out, "| {} | {} | {on} | {areas} | {second} |", spec.en, spec.zh);
        }
        out.push_str("\n## Rights\n\n| right | 权限 | roles |\n|---|---|---|\n");
        for right in super::Right::ALL {
            let (zh, en) = self.right(*right);
            let holders: Vec<&str> = Role::ALL
                .iter()
                .filter(|role| self.role(**role).may.contains(right))
                .map(|role| self.role(*role).en.as_str())
                .collect();
            let _ = writeln!(out, "| {en} (`{}`) | {zh} | {} |", right.code(), holders.join(", "));
        }
        out.push_str("\n## Held apart\n\n");
        for apart in &self.apart {
            let [a, b] = apart.roles.map(|role| self.role(role).en.as_str());
            let _ = writeln!(out, "- {a} and {b}: {} ({})", apart.en, apart.zh);
        }
        out.push_str("\n## Masked fields\n\nShown whole for a few minutes, with a reason that the audit keeps.\n\n| fields | 栏目 | who may ask |\n|---|---|---|\n");
        for secret in &self.secrets {
            let who: Vec<&str> = secret.reveal.iter().map(|r| self.role(*r).en.as_str()).collect();
            let _ = writeln!(out, "| {} | {} | {} |", secret.en, secret.zh, who.join(", "));
        }
        out.push_str("\n## Corrections that ask for a second person\n\nWho corrects one of these is not who confirms it.\n\n| why | 为什么 | fields |\n|---|---|---|\n");
        for second in &self.seconds {
            let fields: Vec<&str> = second.fields.iter().map(|f| f.code()).collect();
            let _ = writeln!(out, "| {} | {} | {} |", second.en, second.zh, fields.join(", "));
        }
        out.push_str("\n## Routes\n\n| route | needs | keeps to the ground |\n|---|---|---|\n");
        for route in &self.routes {
            let method = if route.method == Method::Get { "GET" } else { "POST" };
            let needs = match route.rights.as_slice() {
                [] if route.public => "nobody signed in".to_owned(),
                [] => "anybody signed in".to_owned(),
                rights => rights.iter().map(|r| r.code()).collect::<Vec<_>>().join(" or "),
            };
            let _ = writeln!(out, "| `{method} {}` | {needs} | {} |", route.path, route.keeps);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_spec_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/access.md");
        let page = Access::builtin().markdown();
        if std::env::var_os("FUJIAO_WRITE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let on_disk = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            on_disk == page,
            "docs/access.md is out of date: FUJIAO_WRITE_DOCS=1 cargo test -p fujiao-office access"
        );
    }
}
