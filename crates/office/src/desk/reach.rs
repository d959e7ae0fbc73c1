use fujiao_model::Area;
use fujiao_store::V;

use crate::access::{Actor, Right, Scope};

/// Where an actor may do something, area by area. Areas that they do not see are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reach(Vec<(Area, Scope)>);

impl Reach {
    /// The reach of an actor for a right.
    pub(super) fn of(actor: &Actor, right: Right) -> Self {
        let areas = actor.areas(right).into_iter();
        let scopes = areas.map(|area| (area, actor.scope_in(right, area)));
        Self(scopes.filter(|(_, scope)| !scope.is_empty()).collect())
    }

    /// Every area of the whole county.
    pub(super) fn everything() -> Self {
        Self(Area::ALL.iter().map(|area| (*area, Scope::whole())).collect())
    }

    /// Whether it is every area of the whole county.
    pub(super) fn is_everything(&self) -> bool {
        self.0.len() == Area::ALL.len() && self.0.iter().all(|(_, scope)| scope.is_whole())
    }

    /// Lets it reach an area too, which it did not before.
    pub(super) fn add(&mut self, area: Area, scope: Scope) {
        self.0.push((area, scope));
    }

    /// The areas in reach, in the order of [`Area::ALL`].
    pub(super) fn areas(&self) -> impl Iterator<Item = Area> {
        self.0.iter().map(|(area, _)| *area)
    }

    /// Where in an area; `None`: nowhere.
    pub(super) fn scope(&self, area: Area) -> Option<&Scope> {
        self.0.iter().find(|(a, _)| *a == area).map(|(_, scope)| scope)
    }

    /// Areas that share a scope, together.
    pub(super) fn groups(&self) -> Vec<(&Scope, Vec<Area>)> {
        let mut groups: Vec<(&Scope, Vec<Area>)> = Vec::new();
        for (area, scope) in &self.0 {
            match groups.iter_mut().find(|(s, _)| *s == scope) {
                Some((_, areas)) => areas.push(*area),
                None => groups.push((scope, vec![*area])),
            }
        }
        groups
    }

    /// The condition on duties or deeds with alias `d`; `$1` is the county, arguments are pushed to `args`.
    pub(super) fn sql(&self, d: &str, args: &mut Vec<V<'static>>) -> String {
        if self.is_everything() {
            return "1 = 1".to_owned();
        }
        let mut parts = Vec::new();
        for (scope, areas) in self.groups() {
            let codes: Vec<String> = areas.iter().map(|a| format!("'{}'", a.code())).collect();
            let within = scope.duties_sql(d, args);
            parts.push(format!("({d}.area in ({}) and {within})", codes.join(", ")));
        }
        if parts.is_empty() { "1 = 0".to_owned() } else { format!("({})", parts.join(" or ")) }
    }
}
