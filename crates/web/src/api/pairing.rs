//! What programs read of pairs and of children who need somebody. No care record is here, and no flag on a child's account.

use fujiao_office::desk::{CareListPage, MentorsPage, PairChild, PairsPage};
use serde::Serialize;
use utoipa::ToSchema;

/// A child in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct PairedChild {
    /// 16 hexadecimal digits.
    id: String,
    /// Name.
    name: String,
    /// Name of the school; `null`: none.
    school: Option<String>,
    /// Code of the grade; `null`: none.
    grade: Option<&'static str>,
    /// Town and village in words.
    place: String,
}

impl From<&PairChild> for PairedChild {
    fn from(child: &PairChild) -> Self {
        Self {
            id: format!("{:016x}", child.person),
            name: child.name.clone(),
            school: child.school.as_ref().map(|s| s.name.clone()),
            grade: child.grade.map(fujiao_model::Grade::code),
            place: child.place_name.clone(),
        }
    }
}

/// A pair that stands.
#[derive(Serialize, ToSchema)]
pub(super) struct PairJson {
    /// The child.
    child: PairedChild,
    /// The mentor's number.
    mentor: u64,
    /// The mentor's name.
    mentor_name: String,
    /// `teacher`, `official`, `volunteer`, `donor`.
    kind: String,
    /// Where the mentor works.
    unit: String,
    /// Since when.
    from: String,
    /// The run that made it; `null`: a roster says so.
    run: Option<u64>,
    /// Contacts this term that count.
    contacts: u32,
    /// Goods and household help this term, which do not.
    material: u32,
    /// The last contact that counts.
    last_on: Option<String>,
}

/// A page of pairs.
#[derive(Serialize, ToSchema)]
pub(super) struct PairList {
    /// Children who should have a mentor.
    due: i64,
    /// Of them with one.
    paired: i64,
    /// The pairs, by mentor.
    pairs: Vec<PairJson>,
    /// Pairs of all pages.
    total: i64,
    /// Where the next page begins; `null`: nowhere.
    next: Option<String>,
}

impl From<&PairsPage> for PairList {
    fn from(page: &PairsPage) -> Self {
        let pairs = page
            .lines
            .iter()
            .map(|l| PairJson {
                child: PairedChild::from(&l.child),
                mentor: l.mentor,
                mentor_name: l.mentor_name.clone(),
                kind: l.kind.clone(),
                unit: l.unit.clone(),
                from: l.from.to_string(),
                run: l.run,
                contacts: l.contacts.0,
                material: l.contacts.1,
                last_on: l.last_on.map(|d| d.to_string()),
            })
            .collect();
        Self {
            due: page.figures.pupils,
            paired: page.figures.paired,
            pairs,
            total: page.total,
            next: page.next.clone(),
        }
    }
}

/// A mentor.
#[derive(Serialize, ToSchema)]
pub(super) struct MentorJson {
    /// The number.
    number: u64,
    /// Name.
    name: String,
    /// `teacher`, `official`, `volunteer`, `donor`.
    kind: String,
    /// Where they work.
    unit: String,
    /// Pupils.
    load: u32,
    /// How many they can look after.
    cap: u32,
    /// When they signed the code of conduct; `null`: not yet.
    signed_on: Option<String>,
}

/// Mentors.
#[derive(Serialize, ToSchema)]
pub(super) struct Mentors {
    /// By number.
    mentors: Vec<MentorJson>,
}

impl From<&MentorsPage> for Mentors {
    fn from(page: &MentorsPage) -> Self {
        let mentors = page
            .lines
            .iter()
            .map(|l| MentorJson {
                number: l.mentor.number,
                name: l.mentor.name.clone(),
                kind: l.mentor.kind.clone(),
                unit: l.mentor.unit.clone(),
                load: l.load,
                cap: l.cap,
                signed_on: l.mentor.signed_on.map(|d| d.to_string()),
            })
            .collect();
        Self { mentors }
    }
}

/// A child who needs somebody.
#[derive(Serialize, ToSchema)]
pub(super) struct CaredChild {
    /// The child.
    child: PairedChild,
    /// `left_behind`, `left_behind_pupil`, `orphan` …
    groups: Vec<&'static str>,
    /// The mentor's name; empty: none.
    mentor: String,
    /// Contacts this term that count.
    contacts: u32,
    /// Goods and household help this term, which do not.
    material: u32,
    /// The last contact that counts.
    last_on: Option<String>,
}

/// A group of children with who was talked with this term.
#[derive(Serialize, ToSchema)]
pub(super) struct CaredGroup {
    /// Its code. The two counts of left-behind children are never added up.
    group: &'static str,
    /// Children.
    due: i64,
    /// Talked with.
    done: i64,
    /// Not talked with.
    gap: i64,
    /// Of the gap: only goods or household help.
    material_only: i64,
}

/// A page of children who need somebody.
#[derive(Serialize, ToSchema)]
pub(super) struct Cared {
    /// By group.
    groups: Vec<CaredGroup>,
    /// The children.
    children: Vec<CaredChild>,
    /// Children of all pages.
    total: i64,
    /// Where the next page begins; `null`: nowhere.
    next: Option<String>,
}

impl From<&CareListPage> for Cared {
    fn from(page: &CareListPage) -> Self {
        let groups = page
            .groups
            .iter()
            .map(|(group, sum)| CaredGroup {
                group: group.code(),
                due: sum.children,
                done: sum.met,
                gap: sum.children - sum.met,
                material_only: sum.material,
            })
            .collect();
        let children = page
            .lines
            .iter()
            .map(|l| CaredChild {
                child: PairedChild::from(&l.child),
                groups: l.groups.iter().map(|g| g.code()).collect(),
                mentor: l.mentor.clone(),
                contacts: l.contacts.0,
                material: l.contacts.1,
                last_on: l.last_on.map(|d| d.to_string()),
            })
            .collect();
        Self { groups, children, total: page.total, next: page.next.clone() }
    }
}
