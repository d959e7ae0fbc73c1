//! The rules of cases, as `cases.toml` writes them: roles, states with their days, templates.

use std::collections::BTreeSet;

use fujiao_model::{Faults, RulesError};
use serde::Deserialize;

use super::{State, Step};
use crate::rules::{data_file, read};

/// How far a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// One school.
    School,
    /// One place: group, village, town.
    Place,
    /// One child.
    Child,
    /// The county.
    County,
}

/// The four lists of what is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverdueList {
    /// 核查
    Check,
    /// 家访
    Visit,
    /// 送达与服务
    Service,
    /// 跟踪
    FollowUp,
}

/// 长: who answers for a step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its key.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// The same in English; empty: in Chinese.
    #[serde(default)]
    pub title_en: String,
    /// How far it reaches.
    pub ground: Ground,
    /// To whom a missed day rises; `None` at the top.
    pub next: Option<String>,
    /// Roles of accounts that stand for it in the books; empty: it has no account, as guardians have none.
    #[serde(default)]
    pub held_by: Vec<String>,
}

/// What a state asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRule {
    /// The role that acts.
    pub role: String,
    /// The role that acts if the child has no school.
    pub without_school: Option<String>,
    /// Days to act, if none were agreed on.
    pub days: i32,
    /// On which list it stands if it is overdue.
    pub list: OverdueList,
    /// The document that comes of it.
    pub document: Option<String>,
}

/// A document with fields in braces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its paragraphs, a line each.
    pub text: String,
}

/// Roles, states, clocks and documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Days that each further chief has.
    pub rise_days: i32,
    roles: Vec<Role>,
    states: Vec<StateRule>,
    templates: Vec<Template>,
    steps: Vec<StepRule>,
}

/// Who may take a step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepRule {
    /// [`Step::code`](super::Step::code).
    key: String,
    /// Roles of accounts.
    by: Vec<String>,
}

data_file! {
    struct File {
        rise_days: Option<i32>,
        #[serde(default, rename = "role")]
        roles: Vec<Role>,
        #[serde(default, rename = "state")]
        states: Vec<FileState>,
        #[serde(default, rename = "document")]
        templates: Vec<Template>,
        #[serde(default, rename = "step")]
        steps: Vec<StepRule>,
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileState {
    key: String,
    role: String,
    without_school: Option<String>,
    days: i32,
    list: OverdueList,
    document: Option<String>,
}

impl Rules {
    /// The national file that comes with the program: six chiefs.
    pub const CN: &'static str = include_str!("../../../../policies/cn/cases.toml");
    /// What Shaanxi lays over it: seven chiefs.
    pub const SHAANXI: &'static str =
        include_str!("../../../../policies/610000-shaanxi/cases.toml");

    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::read(&[Self::CN]).expect("a test reads the file that comes with the program")
    }

    /// Reads files, national first. A later file's roles replace all roles, its states and documents those of the same key.
    ///
    /// # Errors
    /// [`RulesError`] with what is wrong: a role that is not there, a ladder that runs in a circle, a state without rule, a brace
    /// that is not closed.
    pub fn read(texts: &[&str]) -> Result<Self, RulesError> {
        let mut rise_days = None;
        let mut roles = Vec::new();
        let mut states: Vec<FileState> = Vec::new();
        let mut templates: Vec<Template> = Vec::new();
        let mut steps: Vec<StepRule> = Vec::new();
        // What is wrong with all of them together is said of the last: each was read with those before it.
        let mut faults = Faults::of("");
        for text in texts {
            let (file, found): (File, _) = read(text)?;
            faults = found;
            rise_days = file.rise_days.or(rise_days);
            if !file.roles.is_empty() {
                roles = file.roles;
            }
            for state in file.states {
                states.retain(|s| s.key != state.key);
                states.push(state);
            }
            for template in file.templates {
                templates.retain(|t| t.key != template.key);
                templates.push(template);
            }
            for rule in file.steps {
                steps.retain(|s| s.key != rule.key);
                steps.push(rule);
            }
        }
        check_steps(&steps, &mut faults);
        let read = check(rise_days, (roles, &states, templates), steps, &mut faults);
        faults.end(read)
    }

    /// Whether somebody who holds one of these roles of accounts may take a step, by [`Step::code`](super::Step::code).
    pub fn may(&self, step: &str, roles: &[&str]) -> bool {
        let by = self.steps.iter().find(|s| s.key == step);
        by.is_some_and(|s| s.by.iter().any(|role| roles.contains(&role.as_str())))
    }

    /// The roles of accounts that may take a step.
    pub fn takers(&self, step: &str) -> &[String] {
        self.steps.iter().find(|s| s.key == step).map_or(&[], |s| &s.by)
    }

    /// All documents, in the order of the file.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The role of a key.
    pub fn role(&self, key: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.key == key)
    }

    /// All roles, in the order of the file.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// What a state asks for.
    ///
    /// # Panics
    /// For [`State::Closed`], which asks for nothing.
    pub fn state(&self, state: State) -> &StateRule {
        let at = State::ALL.iter().position(|s| *s == state).expect("all states are listed");
        self.states.get(at).expect("a closed case asks for nothing")
    }

    /// The document of a key.
    pub fn template(&self, key: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.key == key)
    }
}

fn check(
    rise_days: Option<i32>,
    (roles, states, templates): (Vec<Role>, &[FileState], Vec<Template>),
    steps: Vec<StepRule>,
    faults: &mut Faults<'_>,
) -> Option<Rules> {
    let rise_days = rise_days.filter(|days| (1..=365).contains(days));
    if rise_days.is_none() {
        faults.say("rise_days 写 1 到 365 之间的天数");
    }
    check_roles(&roles, faults);
    for template in &templates {
        let open = template.text.matches('{').count();
        let closed = template.text.matches('}').count();
        let pairs = template.text.split('{').skip(1).all(|part| part.contains('}'));
        if open != closed || !pairs {
            faults.say_of(&template.key, "文书的花括号没有成对；补上");
        }
    }
    let known: BTreeSet<&str> = roles.iter().map(|role| role.key.as_str()).collect();
    let mut found = Vec::new();
    for state in State::ALL.into_iter().filter(|s| *s != State::Closed) {
        let Some(rule) = states.iter().find(|s| s.key == state.code()) else {
            faults.say(format!("没有写状态 {}；补一段 [[state]]", state.code()));
            continue;
        };
        for role in [Some(&rule.role), rule.without_school.as_ref()].into_iter().flatten() {
            if !known.contains(role.as_str()) {
                faults
                    .say_of(&rule.key, format!("归 {role} 办，名单（[[role]]）里没有；补上或换人"));
            }
        }
        if !(0..=3650).contains(&rule.days) {
            faults.say_of(&rule.key, "状态的天数（days）在 0 到 3650 之间");
        }
        if let Some(document) = &rule.document
            && !templates.iter().any(|t| t.key == *document)
        {
            faults.say_of(&rule.key, format!("文书 {document} 没有写；补一段 [[document]]"));
        }
        found.push(StateRule {
            role: rule.role.clone(),
            without_school: rule.without_school.clone(),
            days: rule.days,
            list: rule.list,
            document: rule.document.clone(),
        });
    }
    for strange in states.iter().filter(|s| State::of(&s.key).is_none()) {
        faults.say_of(&strange.key, "没有这个状态；照自带文件里的写");
    }
    Some(Rules { rise_days: rise_days?, roles, states: found, templates, steps })
}

/// Chiefs go by keys of their own, and what is overdue rises from one to the next and ends at the top.
fn check_roles(roles: &[Role], faults: &mut Faults<'_>) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for role in roles {
        if !known.insert(&role.key) {
            faults.say_of(&role.key, "两个责任人都叫这个 key；改一个");
        }
    }
    for role in roles {
        let mut at = role;
        for _ in 0..=roles.len() {
            let Some(next) = &at.next else { break };
            let Some(above) = roles.iter().find(|role| role.key == *next) else { break };
            at = above;
        }
        match &at.next {
            Some(next) if known.contains(next.as_str()) => {
                faults.say_of(&role.key, "到期往上升，绕了一圈；改 next");
            }
            // It is said of the role whose next it is, not of all below.
            Some(next) if at.key == role.key => {
                faults.say_of(&role.key, format!("到期升给 {next}，名单里没有；补上或改 next"));
            }
            _ => {}
        }
    }
}

/// Every step has somebody who may take it, and there are no others.
fn check_steps(steps: &[StepRule], faults: &mut Faults<'_>) {
    for code in Step::CODES {
        if !steps.iter().any(|s| s.key == code && !s.by.is_empty()) {
            faults.say(format!("没有写“{code}”这一步谁能办；补一段 [[step]]"));
        }
    }
    for strange in steps.iter().filter(|s| !Step::CODES.contains(&s.key.as_str())) {
        faults.say_of(&strange.key, "没有这一步；照自带文件里的写");
    }
}
