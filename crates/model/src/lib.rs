//! The nouns of Fujiao, shared by every room of the house.
//!
//! Everything the county promises is a [`Duty`] (应), everything it does is a [`Deed`] (已), and settling the one
//! against the other names every [`Gap`] (差) and every [`Excess`]. This crate holds those four, the things they
//! speak of (persons by [`CitizenId`], places by [`Division`], schools by [`SchoolCode`], [`Term`]s, [`Money`]),
//! the code tables of the field, and the [`SourceRow`]s that departments' workbooks are read into.
//!
//! It knows nobody: no other room, no clock, no file.

mod citizen_id;
mod codes;
mod date;
mod division;
mod duty;
mod money;
mod roster;
mod rules;
mod school;
mod student_no;
mod term;
mod visit;

pub use citizen_id::{CitizenId, CitizenIdFault};
pub use codes::{
    AidForm, AssistanceKind, Boarding, EnrolmentStatus, Ethnicity, ExemptionKind, Grade,
    HouseholdKind, LabourAbility, LeftBehindKind, Relation, Residence, Sex, Stage,
};
pub use date::{ParsePartialDateError, PartialDate};
pub use division::{Division, DivisionFault, DivisionLevel};
pub use duty::{
    Area, Because, Deed, Duty, Excess, ExcessKind, Gap, Period, Subject, SubjectKind, Unit,
};
pub use money::{Money, ParseMoneyError};
pub use roster::{
    Cell, Field, FieldType, Fields, Finding, FindingKind, RosterKind, RowVerdict, SourceRow, Value,
};
pub use rules::{Faults, RuleFault, RulesError, read_rules};
pub use school::{SchoolCode, SchoolCodeFault, SchoolType};
pub use student_no::{StudentNo, StudentNoKind};
pub use term::{ParseTermError, Season, Term};
pub use visit::{ChildNow, ContactHow, Mark, WhyAway};
