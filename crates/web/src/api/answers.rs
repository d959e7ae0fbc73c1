//! What programs are told: small types of this border, so that a renamed field inside changes nothing outside.

use fujiao_model::Period;
use fujiao_office::desk::{
    AreaPage, At, CaseLine, CasePage, CasesPage, DeedLine, HouseholdPage, Line, Member, Origin,
    PersonPage, SchoolLine, SchoolPage, State, Tally, Title,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A name in both languages.
#[derive(Serialize, ToSchema)]
pub(crate) struct Name {
    /// 中文
    zh: String,
    /// English
    en: String,
}

impl Name {
    /// A name in both languages.
    pub(super) fn new(zh: String, en: String) -> Self {
        Self { zh, en }
    }
}

impl From<&Title> for Name {
    fn from(title: &Title) -> Self {
        Self { zh: title.zh.clone(), en: title.en.clone() }
    }
}

/// 应, 已 and 差 of many duties. Sums of quantities stand there only where all duties have one unit; money is fen.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sum {
    /// Duties.
    duties: i64,
    /// Of them with a gap.
    open: i64,
    /// Of those past their day.
    overdue: i64,
    /// Deeds against no duty.
    excesses: i64,
    /// What quantities count: `fen`, `meal`, `enrolment` …
    unit: Option<&'static str>,
    /// 应
    due: Option<i64>,
    /// 已
    done: Option<i64>,
    /// 差
    gap: Option<i64>,
}

impl From<&Tally> for Sum {
    fn from(t: &Tally) -> Self {
        let sum = |n: i64| t.unit.map(|_| n);
        Self {
            duties: t.duties,
            open: t.open,
            overdue: t.overdue,
            excesses: t.excesses,
            unit: t.unit.map(fujiao_model::Unit::code),
            due: sum(t.due),
            done: sum(t.done),
            gap: sum(t.gap),
        }
    }
}

/// The county and its areas.
#[derive(Serialize, ToSchema)]
pub(crate) struct County {
    /// Six digits.
    pub(crate) code: u32,
    /// Its name.
    pub(crate) name: String,
    /// Made data, not real.
    pub(crate) made: bool,
    /// The day that the figures are as of; null before the first assessment.
    pub(crate) as_of: Option<String>,
    /// The areas within the token's ground.
    pub(crate) areas: Vec<AreaSum>,
}

/// An area with its figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct AreaSum {
    /// Its word: `aid`, `meals` …
    pub(crate) area: &'static str,
    /// Its figures.
    pub(crate) sum: Sum,
}

/// A row of a roster.
#[derive(Serialize, ToSchema)]
pub(crate) struct Source {
    /// Its id, 16 hexadecimal digits.
    id: String,
    /// The file.
    file: String,
    /// The sheet.
    sheet: String,
    /// The row, as the spreadsheet shows it.
    row: i64,
}

impl From<&Origin> for Source {
    fn from(o: &Origin) -> Self {
        let id = format!("{:016x}", o.row_id);
        Self { id, file: o.file.clone(), sheet: o.sheet.clone(), row: o.row }
    }
}

/// A duty with what was done on it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Duty {
    /// Its number within the assessment.
    number: i64,
    /// The area.
    area: &'static str,
    /// Programme or standard.
    kind: String,
    /// Its name.
    title: Name,
    /// `person`, `household`, `school`, `place` or `fund`.
    subject_kind: &'static str,
    /// Its id, 16 hexadecimal digits.
    subject: String,
    /// Its name.
    name: String,
    /// The school that a person is in.
    school: Option<String>,
    /// The place.
    place: String,
    /// Term, month or year.
    period: Option<String>,
    /// What the quantities count.
    unit: &'static str,
    /// 应
    due: i64,
    /// 已
    done: i64,
    /// 差
    gap: i64,
    /// 责
    bearer: String,
    /// 限
    due_on: Option<String>,
    /// Whether it has a gap and is past its day.
    overdue: bool,
    /// 依: the legal basis.
    basis: String,
    /// The facts, in a sentence.
    facts: String,
    /// The first rows that the facts came from.
    sources: Vec<Source>,
}

impl From<&Line> for Duty {
    fn from(l: &Line) -> Self {
        Self {
            number: l.duty,
            area: l.area.code(),
            kind: l.kind.clone(),
            title: Name::from(&l.title),
            subject_kind: l.who.subject.kind.code(),
            subject: format!("{:016x}", l.who.subject.id),
            name: l.who.name.clone(),
            school: l.who.school.as_ref().map(|s| s.name.clone()),
            place: l.place_name.clone(),
            period: l.period.map(text),
            unit: l.unit.code(),
            due: l.due,
            done: l.done,
            gap: l.gap,
            bearer: l.bearer.clone(),
            due_on: l.due_on.map(|d| d.to_string()),
            overdue: matches!(l.state, State::Overdue(_)),
            basis: l.basis.clone(),
            facts: l.facts.clone(),
            sources: l.origins.iter().map(Source::from).collect(),
        }
    }
}

/// A deed without a duty.
#[derive(Serialize, ToSchema)]
pub(crate) struct Excess {
    /// The area.
    area: &'static str,
    /// Programme or standard.
    kind: String,
    /// Its name.
    title: Name,
    /// Whom it was done for.
    name: String,
    /// Term, month or year.
    period: Option<String>,
    /// What the quantities count.
    unit: &'static str,
    /// How much was done.
    quantity: i64,
    /// How much of it stands against no duty.
    beyond: i64,
    /// `unfounded`, `repeated` or `over`.
    why: Option<&'static str>,
    /// When.
    done_on: Option<String>,
}

impl From<&DeedLine> for Excess {
    fn from(d: &DeedLine) -> Self {
        Self {
            area: d.area.code(),
            kind: d.kind.clone(),
            title: Name::from(&d.title),
            name: d.who.name.clone(),
            period: d.period.map(text),
            unit: d.unit.code(),
            quantity: d.quantity,
            beyond: d.excess,
            why: d.excess_kind.map(fujiao_model::ExcessKind::code),
            done_on: d.done_on.map(|d| d.to_string()),
        }
    }
}

/// A page of an area's list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Lines {
    /// The figures of the list's town, kind and period.
    sum: Sum,
    /// How many lines the list has in all.
    total: i64,
    /// Duties; empty where deeds without a duty were asked for.
    duties: Vec<Duty>,
    /// Deeds without a duty, if asked for.
    excesses: Vec<Excess>,
    /// `after` of the next page; null on the last.
    next: Option<String>,
}

impl From<&AreaPage> for Lines {
    fn from(v: &AreaPage) -> Self {
        let next = v.after.as_ref().and_then(|at| match at {
            fujiao_office::desk::At::After(key) => Some(key.clone()),
            _ => None,
        });
        Self {
            sum: Sum::from(&v.tally),
            total: v.total,
            duties: v.lines.iter().map(Duty::from).collect(),
            excesses: v.excesses.iter().map(Excess::from).collect(),
            next,
        }
    }
}

/// Somebody in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct Person {
    /// 16 hexadecimal digits.
    id: String,
    /// Name.
    name: String,
    /// Citizen id with its middle as stars; null where none is on file.
    citizen_id: Option<String>,
    /// `m` or `f`.
    sex: Option<&'static str>,
    /// Date of birth, as far as known.
    born_on: Option<String>,
    /// Where they are enrolled.
    school: Option<String>,
    /// Code of the grade.
    grade: Option<&'static str>,
    /// Duties with a gap.
    open: i64,
}

impl From<&Member> for Person {
    fn from(m: &Member) -> Self {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        Self {
            id: format!("{:016x}", m.id),
            name: m.name.clone(),
            citizen_id: some(&m.citizen_id),
            sex: m.sex.map(fujiao_model::Sex::code),
            born_on: some(&m.born_on),
            school: m.school.as_ref().map(|s| s.name.clone()),
            grade: m.grade.map(fujiao_model::Grade::code),
            open: m.open,
        }
    }
}

/// People whose name holds what was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct People {
    /// The first fifty.
    pub(crate) persons: Vec<Person>,
    /// How many there are in all.
    pub(crate) total: i64,
}

/// One person.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonWhole {
    /// 16 hexadecimal digits.
    id: String,
    /// Name.
    name: String,
    /// Age on the as-of day.
    age: Option<i16>,
    /// Where they are enrolled.
    school: Option<String>,
    /// The household's id.
    household: Option<String>,
    /// All their duties.
    sum: Sum,
    /// Duties by period, latest first.
    duties: Vec<Duty>,
    /// What is known, with its sources; numbers with stars.
    facts: Vec<Fact>,
}

/// Something that is known.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fact {
    /// Code of the field.
    field: &'static str,
    /// As shown.
    value: String,
    /// The rows that say so.
    sources: Vec<Source>,
}

impl From<&PersonPage> for PersonWhole {
    fn from(v: &PersonPage) -> Self {
        Self {
            id: format!("{:016x}", v.who.subject.id),
            name: v.who.name.clone(),
            age: v.age,
            school: v.who.school.as_ref().map(|s| s.name.clone()),
            household: v.household.as_ref().map(|(id, _)| format!("{id:016x}")),
            sum: Sum::from(&v.tally),
            duties: v.lines.iter().map(Duty::from).collect(),
            facts: v
                .facts
                .iter()
                .map(|f| Fact {
                    field: f.field.code(),
                    value: f.value.clone(),
                    sources: f.origins.iter().map(Source::from).collect(),
                })
                .collect(),
        }
    }
}

/// One household.
#[derive(Serialize, ToSchema)]
pub(crate) struct Household {
    /// 16 hexadecimal digits.
    id: String,
    /// 户编号
    number: String,
    /// Name of the head.
    head: String,
    /// Where it lives.
    place: String,
    /// Its duties and its members'.
    sum: Sum,
    /// Its members.
    members: Vec<Person>,
}

impl From<&HouseholdPage> for Household {
    fn from(v: &HouseholdPage) -> Self {
        Self {
            id: format!("{:016x}", v.id),
            number: v.number.clone(),
            head: v.head.clone(),
            place: v.place_name.clone(),
            sum: Sum::from(&v.tally),
            members: v.members.iter().map(Person::from).collect(),
        }
    }
}

/// Schools.
#[derive(Serialize, ToSchema)]
pub(crate) struct Schools {
    /// Those in reach.
    pub(crate) schools: Vec<School>,
}

/// A school in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct School {
    /// 16 hexadecimal digits.
    id: String,
    /// Name.
    name: String,
    /// 办学类型
    kind: String,
    /// Town.
    town: String,
    /// Whether it is closed.
    closed: bool,
    /// Pupils now.
    pupils: i64,
}

impl From<&SchoolLine> for School {
    fn from(l: &SchoolLine) -> Self {
        Self {
            id: format!("{:016x}", l.school.id),
            name: l.school.name.clone(),
            kind: l.kind.clone(),
            town: l.town.clone(),
            closed: l.closed,
            pupils: l.pupils,
        }
    }
}

/// One school.
#[derive(Serialize, ToSchema)]
pub(crate) struct SchoolWhole {
    /// 16 hexadecimal digits.
    id: String,
    /// Name.
    name: String,
    /// 学校标识码; empty for a teaching point.
    code: String,
    /// Pupils now.
    pupils: i64,
    /// Of them boarding.
    boarders: i64,
    /// Its figures and its pupils', by area.
    areas: Vec<AreaSum>,
    /// Its own duties.
    duties: Vec<Duty>,
}

impl From<&SchoolPage> for SchoolWhole {
    fn from(v: &SchoolPage) -> Self {
        let sum = |(area, tally): &(fujiao_model::Area, Tally)| AreaSum {
            area: area.code(),
            sum: Sum::from(tally),
        };
        Self {
            id: format!("{:016x}", v.school.id),
            name: v.school.name.clone(),
            code: v.code.clone(),
            pupils: v.pupils,
            boarders: v.boarders,
            areas: v.areas.iter().map(sum).collect(),
            duties: v.lines.iter().map(Duty::from).collect(),
        }
    }
}

fn text(period: Period) -> String {
    period.to_string()
}

/// The case of a child out of school.
#[derive(Serialize, ToSchema)]
pub(crate) struct Case {
    /// Its number.
    number: u64,
    /// The child's name; empty: in no register any more.
    name: String,
    /// The child, 16 hexadecimal digits, if within the token's ground.
    person: Option<String>,
    /// Its school: enrolled there, or last.
    school: Option<String>,
    /// Village or town.
    place: Option<String>,
    /// Why the child was found.
    facts: String,
    /// `found`, `verified`, `visited`, `noticed`, `ordered`, `referred`, `transferring`, `exempt`, `follow_up`, `closed`.
    state: &'static str,
    /// The day on which the child was found.
    opened_on: String,
    /// The chief whose turn it is; `null`: closed.
    chief: Option<String>,
    /// The person to whom it is assigned.
    officer: Option<String>,
    /// The day by which the first chief should have acted.
    due_on: Option<String>,
    /// The next date.
    next_on: Option<String>,
    /// How often it rose to the next chief.
    risen: u32,
    /// Days overdue.
    overdue_days: i32,
    /// How often the child left again.
    relapses: u32,
}

impl From<&CaseLine> for Case {
    fn from(l: &CaseLine) -> Self {
        let day = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string());
        Self {
            number: l.number,
            name: l.name.clone(),
            person: l.person.map(crate::pages::hex),
            school: l.school.as_ref().map(|s| s.name.clone()),
            place: Some(l.place_name.clone()).filter(|p| !p.is_empty()),
            facts: l.facts.clone(),
            state: l.state.code(),
            opened_on: l.opened_on.to_string(),
            chief: Some(l.chief.zh.clone()).filter(|c| !c.is_empty()),
            officer: l.officer.clone(),
            due_on: day(l.due_on),
            next_on: day(l.next_on),
            risen: l.risen,
            overdue_days: l.overdue_days,
            relapses: l.relapses,
        }
    }
}

/// A page of cases.
#[expect(clippy::struct_field_names, reason = "programs know it by this name")]
#[derive(Serialize, ToSchema)]
pub(crate) struct Cases {
    /// The day that deadlines are counted from.
    as_of: String,
    /// The cases, by deadline.
    cases: Vec<Case>,
    /// Cases of all pages.
    total: i64,
    /// Where the next page begins; `null`: nowhere.
    next: Option<String>,
}

impl From<&CasesPage> for Cases {
    fn from(page: &CasesPage) -> Self {
        Self {
            as_of: page.as_of.to_string(),
            cases: page.lines.iter().map(Case::from).collect(),
            total: page.total,
            next: match &page.after {
                Some(At::After(key)) => Some(key.clone()),
                _ => None,
            },
        }
    }
}

/// Something that happened in a case.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseStep {
    /// From 1.
    number: u32,
    /// The day on which it happened.
    on: String,
    /// `verify`, `visit`, `notice` …
    step: String,
    /// The state after it.
    state: &'static str,
    /// What was said of it; empty: nothing, or not the token's to see.
    note: String,
    /// Who wrote it down.
    author: String,
}

/// One case with its history and chiefs.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseWhole {
    /// The case.
    #[serde(flatten)]
    case: Case,
    /// What happened, oldest first.
    steps: Vec<CaseStep>,
    /// The chiefs, by title.
    chiefs: Vec<CaseChief>,
}

/// A chief of a case.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseChief {
    /// The title.
    title: String,
    /// Names.
    names: Vec<String>,
    /// Whether it is their turn.
    now: bool,
}

impl From<&CasePage> for CaseWhole {
    fn from(page: &CasePage) -> Self {
        Self {
            case: Case::from(&page.line),
            steps: page
                .steps
                .iter()
                .map(|s| CaseStep {
                    number: s.number,
                    on: s.on.to_string(),
                    step: s.code.clone(),
                    state: s.state.code(),
                    note: s.note.clone(),
                    author: s.author.clone(),
                })
                .collect(),
            chiefs: page
                .chiefs
                .iter()
                .map(|c| CaseChief {
                    title: c.title.zh.clone(),
                    names: c.names.clone(),
                    now: c.now,
                })
                .collect(),
        }
    }
}
