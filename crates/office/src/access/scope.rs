use fujiao_model::{Division, Grade};
use fujiao_store::V;

use super::Ground;

/// Where somebody may do something: the union of grounds. The empty one reaches nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    county: bool,
    places: Vec<Division>,
    schools: Vec<u64>,
    classes: Vec<(u64, &'static str, String)>,
    persons: Vec<u64>,
}

/// Whom a scope is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The person, if it is one.
    pub person: Option<u64>,
    /// Village or town.
    pub places: Vec<Division>,
    /// The school, or where the person is enrolled.
    pub school: Option<u64>,
    /// Grade there.
    pub grade: Option<Grade>,
    /// Class there.
    pub class: String,
}

impl Scope {
    /// The union of some grounds.
    pub fn of<'a>(grounds: impl IntoIterator<Item = &'a Ground>) -> Self {
        let mut scope = Self::default();
        for ground in grounds {
            match ground {
                Ground::County => scope.county = true,
                Ground::Place(place) => scope.places.push(*place),
                Ground::School(id) => scope.schools.push(*id),
                Ground::Class { school, grade, class } => {
                    scope.classes.push((*school, grade.code(), class.clone()));
                }
                Ground::Persons(ids) => scope.persons.extend(ids),
            }
        }
        scope.places.sort_unstable();
        scope.places.dedup();
        scope.schools.sort_unstable();
        scope.schools.dedup();
        scope.classes.sort();
        scope.classes.dedup();
        scope.add_persons(&[]);
        scope
    }

    /// The whole county.
    pub fn whole() -> Self {
        Self { county: true, ..Self::default() }
    }

    /// Lets it reach some persons too.
    pub fn add_persons(&mut self, ids: &[u64]) {
        self.persons.extend(ids);
        self.persons.sort_unstable();
        self.persons.dedup();
    }

    /// Whether it is the whole county.
    pub fn is_whole(&self) -> bool {
        self.county
    }

    /// Whether it reaches nobody.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The towns and villages, if it is made of nothing else.
    pub fn only_places(&self) -> Option<&[Division]> {
        let rest = self.schools.is_empty() && self.classes.is_empty() && self.persons.is_empty();
        (!self.county && rest && !self.places.is_empty()).then_some(&self.places)
    }

    /// The schools that it holds as a whole.
    pub fn schools(&self) -> &[u64] {
        &self.schools
    }

    /// The towns and villages that it holds.
    pub fn places(&self) -> &[Division] {
        &self.places
    }

    /// Whether somebody or something that stands so is in reach. Schools and their own duties count by school and place.
    pub fn reaches(&self, who: &Standing) -> bool {
        self.county
            || who.person.is_some_and(|id| self.persons.contains(&id))
            || who.school.is_some_and(|id| {
                self.schools.contains(&id)
                    || self.classes.iter().any(|(school, grade, class)| {
                        who.person.is_some()
                            && *school == id
                            && who.grade.is_some_and(|g| g.code() == *grade)
                            && *class == who.class
                    })
            })
            || who.places.iter().any(|at| self.places.iter().any(|place| place.contains(*at)))
    }

    /// The condition on a table of persons with alias `p`; arguments are pushed to `args`.
    pub fn persons_sql(&self, p: &str, args: &mut Vec<V<'static>>) -> String {
        if self.county {
            return "1 = 1".to_owned();
        }
        let mut parts = Vec::new();
        let mut arg = |value: V<'static>| {
            args.push(value);
            format!("${}", args.len())
        };
        for place in &self.places {
            let column = if *place == place.town() { "town" } else { "village" };
            parts.push(format!("{p}.{column} = {}", arg(place.code().into())));
        }
        for school in &self.schools {
            parts.push(format!("{p}.school_id = {}", arg((*school).into())));
        }
        for (school, grade, class) in &self.classes {
            parts.push(format!(
                "({p}.school_id = {} and {p}.grade = {} and {p}.class = {})",
                arg((*school).into()),
                arg((*grade).into()),
                arg(class.clone().into())
            ));
        }
        for person in &self.persons {
            parts.push(format!("{p}.person_id = {}", arg((*person).into())));
        }
        either(&parts)
    }

    /// The condition on duties or deeds with alias `d`; `$1` is the county.
    pub fn duties_sql(&self, d: &str, args: &mut Vec<V<'static>>) -> String {
        if self.county {
            return "1 = 1".to_owned();
        }
        let mut parts = Vec::new();
        for place in &self.places {
            let width = if *place == place.town() { 1_000 } else { 1 };
            args.push(place.code().into());
            args.push((place.code() + width).into());
            let n = args.len();
            parts.push(format!("({d}.place >= ${} and {d}.place < ${n})", n - 1));
        }
        for school in &self.schools {
            args.push((*school).into());
            parts.push(format!(
                "({d}.subject_kind = 'school' and {d}.subject_id = ${})",
                args.len()
            ));
        }
        let pupils = Self { places: Vec::new(), ..self.clone() };
        if !pupils.is_empty() {
            let of = pupils.persons_sql("q", args);
            parts.push(format!(
                "({d}.subject_kind = 'person' and {d}.subject_id in \
                 (select q.person_id from person q where q.county = $1 and {of}))"
            ));
        }
        either(&parts)
    }
}

fn either(parts: &[String]) -> String {
    if parts.is_empty() { "1 = 0".to_owned() } else { format!("({})", parts.join(" or ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(code: &str) -> Division {
        Division::parse(code).expect("a code")
    }

    #[test]
    fn a_scope_reaches_its_ground_and_no_further() {
        let scope = Scope::of(&[
            Ground::Place(place("619926102000")),
            Ground::School(7),
            Ground::Class { school: 8, grade: Grade::ALL[3], class: "（1）班".into() },
            Ground::Persons(vec![5]),
        ]);
        let at = |person, school, grade: usize, class: &str, at: &str| Standing {
            person: Some(person),
            places: vec![place(at)],
            school,
            grade: Some(Grade::ALL[grade]),
            class: class.to_owned(),
        };
        let far = "619926103201";
        assert!(scope.reaches(&at(1, None, 0, "", "619926102201")));
        assert!(!scope.reaches(&at(1, None, 0, "", far)));
        assert!(scope.reaches(&at(1, Some(7), 0, "", far)));
        assert!(scope.reaches(&at(1, Some(8), 3, "（1）班", far)));
        assert!(!scope.reaches(&at(1, Some(8), 3, "（2）班", far)));
        assert!(!scope.reaches(&at(1, Some(8), 4, "（1）班", far)));
        assert!(scope.reaches(&at(5, None, 0, "", far)));
        assert!(!Scope::default().reaches(&at(5, Some(7), 3, "（1）班", "619926102201")));
        let mut args = vec![V::from(1_u64)];
        assert_eq!(Scope::default().persons_sql("p", &mut args), "1 = 0");
        assert_eq!(args.len(), 1);
    }

    #[test]
    fn a_village_is_not_its_town() {
        let village = Scope::of(&[Ground::Place(place("619926102201"))]);
        let of = |code: &str| Standing { places: vec![place(code)], ..Standing::default() };
        assert!(village.reaches(&of("619926102201")));
        assert!(!village.reaches(&of("619926102202")));
        assert!(!village.reaches(&of("619926102000")));
    }
}
