//! Who teaches where next year, whom to recruit, whom to train.

use serde::{Deserialize, Serialize};

/// A school with teachers or posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// In the register.
    pub id: u64,
    /// Village or town, by code.
    pub place: u64,
    /// Its name.
    pub name: String,
    /// Longitude and latitude, where known.
    pub at: Option<(f64, f64)>,
    /// Whether it lies off the towns: backbone teachers are wanted there.
    pub remote: bool,
    /// Teachers by the norm, today, and in the plan.
    pub teachers: (u32, u32, u32),
    /// Vacant posts today and in the plan.
    pub vacant: (u32, u32),
}

/// Posts of one subject at one school.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Position among the schools.
    pub school: u32,
    /// The subject.
    pub subject: String,
    /// `primary`, `junior`.
    pub stage: String,
    /// By the norm.
    pub needed: u32,
    /// Filled today.
    pub today: u32,
    /// Filled in the plan.
    pub plan: u32,
}

/// A subject in the whole county.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The subject.
    pub name: String,
    /// By the norm.
    pub needed: u32,
    /// Teachers of it.
    pub teachers: u32,
    /// Vacant today and in the plan.
    pub vacant: (u32, u32),
}

/// Somebody who moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// In the register of persons.
    pub person: Option<u64>,
    /// The name.
    pub name: String,
    /// The subject taught.
    pub subject: String,
    /// From, by position; `None`: no post today.
    pub from: Option<u32>,
    /// To, by position.
    pub to: u32,
    /// Whether a backbone teacher.
    pub backbone: bool,
    /// Years at the present school.
    pub years: u32,
    /// Minutes from home.
    pub minutes: u32,
    /// `turn`, `vacancy`.
    pub why: String,
}

/// Somebody whose turn it is and who stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The name.
    pub name: String,
    /// The school, by position.
    pub school: u32,
    /// `infant`, `health`, `spouse`, `retires`; `kept` for who may not see why.
    pub why: String,
}

/// Teachers of one subject to recruit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recruit {
    /// The subject.
    pub subject: String,
    /// How many.
    pub number: u32,
    /// Schools by position, and how many; remote ones first.
    pub schools: Vec<(u32, u32)>,
}

/// Teachers without a post who learn another subject together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingGroup {
    /// What they learn.
    pub subject: String,
    /// Where they meet, by position.
    pub venue: u32,
    /// Their names, and the school that wants each, by position.
    pub learners: Vec<(String, u32)>,
    /// Minutes of all to get there.
    pub minutes: u32,
}

/// What a distribution of teachers means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachersTally {
    /// Posts that are filled.
    pub filled: u32,
    /// Posts that are vacant.
    pub vacant: u32,
    /// Teachers beyond the norm where they are.
    pub surplus: u32,
    /// Vacant posts at remote schools.
    pub vacant_remote: u32,
    /// Backbone teachers at remote schools.
    pub backbone_remote: u32,
    /// Mean minutes from home to school, in tenths.
    pub mean_minutes_tenths: u32,
}

/// Who teaches where next year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Teachers {
    /// Schools.
    pub schools: Vec<Service>,
    /// Posts.
    pub posts: Vec<Post>,
    /// Subjects, the most vacant first.
    pub subjects: Vec<Subject>,
    /// Who moves, by where from.
    pub moves: Vec<Move>,
    /// Who stays for a reason of their own.
    pub kept: Vec<Kept>,
    /// Whom to recruit.
    pub recruits: Vec<Recruit>,
    /// Whom to train.
    pub groups: Vec<TrainingGroup>,
    /// Today.
    pub today: TeachersTally,
    /// The plan.
    pub plan: TeachersTally,
    /// Of those whose turn it is: how many there are, and how many move.
    pub turn: (u32, u32),
    /// Of those who move: backbone teachers.
    pub backbone: u32,
    /// Least shares by the rules, in percent: of those whose turn it is, of those who move.
    pub shares: (u32, u32),
    /// Whether both are kept.
    pub keeps_the_rules: bool,
    /// After so many years it is one's turn.
    pub turn_years: u32,
    /// Years that who is recruited pledges to stay.
    pub pledge_years: u32,
    /// Longest way from home.
    pub reach_minutes: u32,
    /// Teachers whose home is not in the register; their present school stands for it.
    pub home_unknown: u32,
    /// Staff who teach no subject of the norm; left out.
    pub left_out: u32,
}

impl Teachers {
    /// Puts numbers in the place of names.
    pub(super) fn hide_names(&mut self) {
        for (n, moves) in (1..).zip(&mut self.moves) {
            moves.name = format!("教师{n}");
            moves.person = None;
        }
        for (n, kept) in (1..).zip(&mut self.kept) {
            kept.name = format!("教师{n}");
        }
        for group in &mut self.groups {
            for (n, (name, _)) in (1..).zip(&mut group.learners) {
                *name = format!("教师{n}");
            }
        }
    }

    /// Leaves out why somebody stays.
    pub(super) fn hide_reasons(&mut self) {
        for kept in &mut self.kept {
            "kept".clone_into(&mut kept.why);
        }
    }
}
