//! A second implementation of the pupils' rules, written from the facts and sharing no code with the first: plain rows of
//! dated amounts, plain conditions. Both must agree on every made pupil, programme and term; and where facts are missing, the
//! answer of the rules must be what all ways of filling them in have in common.

use std::fmt::Write as _;

use fujiao_model::Term;
use fujiao_policy::{FrameKind, PolicySet, Table, TermAnswer, assess_term};

/// rule, from, to, fen or price: terms as numbers, 2024S is 20241 and 2024A 20242. Yearly amounts a year.
const AMOUNTS: &str = "\
pre.living,20112,,75000
comp.boarder.primary,20151,20232,100000
comp.boarder.junior,20151,20232,125000
comp.boarder.primary,20241,,125000
comp.boarder.junior,20241,,150000
comp.day.primary,20192,20232,50000
comp.day.junior,20192,20232,62500
comp.day.primary,20241,,62500
comp.day.junior,20241,,75000
hs.general,20151,20242,150000
hs.severe,20151,20242,250000
hs.general,20251,,180000
hs.severe,20251,,280000
hs.waive.provincial,20162,,80000
hs.waive.city,20162,,35000
hs.waive.rural,20162,,20000
voc.flat,20151,20242,200000
voc.general,20251,,180000
voc.severe,20251,,280000
voc.max_year,20151,20242,2
voc.max_year,20251,,3
voc.waive,20122,,1
pre.fee,20252,,1
yulu,20152,20252,300000
travel.in,20122,,50000
travel.out,20122,,100000
loan.ug,20142,20211,800000
loan.ug,20212,20231,1200000
loan.ug,20232,20241,1600000
loan.ug,20242,,2000000
loan.pg,20142,20211,1200000
loan.pg,20212,20231,1600000
loan.pg,20232,20241,2000000
loan.pg,20242,,2500000
meal,20121,,1
";

fn amount(rule: &str, term: u32) -> Option<i64> {
    AMOUNTS.lines().find_map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let from: u32 = cells[1].parse().expect("it is well written");
        let to: u32 = if cells[2].is_empty() {
            u32::MAX
        } else {
            cells[2].parse().expect("it is well written")
        };
        (cells[0] == rule && (from..=to).contains(&term))
            .then(|| cells[3].parse().expect("it is well written"))
    })
}

/// A pupil with every fact known, or some blank.
#[derive(Clone, Debug)]
struct Pupil {
    cells: Vec<String>,
}

const COLUMNS: [&str; 33] = [
    "stage",
    "grade_year",
    "boards",
    "rural_school",
    "school_standard",
    "in_province",
    "college_kind",
    "lifted",
    "monitored",
    "dibao_rural",
    "dibao_urban",
    "extreme_rural",
    "extreme_urban",
    "dibao_edge",
    "rigid_expense",
    "orphan",
    "defacto_orphan",
    "disabled",
    "recognised",
    "on_leave",
    "part_time",
    "rural_hukou",
    "contiguous_area_rural",
    "major",
    "tuition_fee",
    "school_days",
    "absent_days",
    "left_behind",
    "postgraduate",
    "local_hukou",
    "other_state_loan",
    "served_army",
    "age",
];

impl Pupil {
    fn get(&self, column: &str) -> &str {
        &self.cells[COLUMNS.iter().position(|c| *c == column).expect("a column of the oracle")]
    }

    fn is(&self, column: &str) -> bool {
        match self.get(column) {
            "yes" => true,
            "no" => false,
            other => panic!("{column} is {other:?}"),
        }
    }

    fn number(&self, column: &str) -> i64 {
        self.get(column).parse().expect("it is well written")
    }

    fn stage(&self) -> &str {
        self.get("stage")
    }

    fn rural_low_income(&self) -> bool {
        self.is("dibao_rural") || self.is("extreme_rural")
    }

    fn severe(&self) -> bool {
        [
            "lifted",
            "monitored",
            "dibao_rural",
            "dibao_urban",
            "extreme_rural",
            "extreme_urban",
            "orphan",
            "defacto_orphan",
            "disabled",
        ]
        .iter()
        .any(|c| self.is(c))
            || self.get("recognised") == "severe"
    }

    fn poor(&self) -> bool {
        self.severe()
            || self.is("dibao_edge")
            || self.is("rigid_expense")
            || self.get("recognised") != "none"
    }
}

/// What a programme owes a pupil for a term, fen or meals; `None`: nothing.
fn owed(programme: &str, p: &Pupil, term: u32) -> Option<i64> {
    let autumn = term % 10 == 2;
    let stage = p.stage();
    let half = |rule: &str| amount(rule, term).map(|year| year / 2);
    match programme {
        "pre.living" if stage == "preschool" && p.poor() => half("pre.living"),
        "pre.fee_waiver" if stage == "preschool" && p.number("grade_year") == 3 => {
            amount("pre.fee", term).map(|_| p.number("tuition_fee"))
        }
        "comp.living.boarder" if p.is("boards") && p.poor() => match stage {
            "primary" => half("comp.boarder.primary"),
            "junior" => half("comp.boarder.junior"),
            _ => None,
        },
        "comp.living.day"
            if !p.is("boards")
                && (p.is("lifted")
                    || p.is("disabled")
                    || p.rural_low_income()
                    || p.is("monitored")) =>
        {
            match stage {
                "primary" => half("comp.day.primary"),
                "junior" => half("comp.day.junior"),
                _ => None,
            }
        }
        "nutrition.meal" if matches!(stage, "primary" | "junior") && p.is("rural_school") => {
            amount("meal", term).map(|_| p.number("school_days") - p.number("absent_days"))
        }
        "hs.grant" if stage == "senior" && p.poor() => {
            half(if p.severe() { "hs.severe" } else { "hs.general" })
        }
        "hs.waive" if stage == "senior" => match p.get("school_standard") {
            "省级标准化" => amount("hs.waive.provincial", term),
            "城市" => amount("hs.waive.city", term),
            _ => amount("hs.waive.rural", term),
        },
        "voc.grant"
            if stage == "vocational"
                && amount("voc.max_year", term).is_some_and(|y| p.number("grade_year") <= y)
                && (p.poor()
                    || p.get("major") == "agriculture"
                    || p.is("contiguous_area_rural")) =>
        {
            half("voc.flat").or_else(|| half(if p.severe() { "voc.severe" } else { "voc.general" }))
        }
        "voc.waive"
            if stage == "vocational"
                && p.number("grade_year") <= 3
                && !p.is("part_time")
                && p.get("major") != "performing_arts"
                && (p.is("rural_hukou") || p.get("major") == "agriculture" || p.poor()) =>
        {
            amount("voc.waive", term).map(|_| p.number("tuition_fee"))
        }
        "yulu.voc"
            if (p.is("lifted") || p.is("monitored"))
                && !p.is("on_leave")
                && !p.is("part_time")
                && (stage == "vocational"
                    || (stage == "higher" && p.get("college_kind") != "本科")) =>
        {
            half("yulu")
        }
        "entry.travel"
            if autumn && stage == "higher" && p.number("grade_year") == 1 && p.severe() =>
        {
            amount(if p.is("in_province") { "travel.in" } else { "travel.out" }, term)
        }
        // A loan follows the school year: a spring term is of the autumn before.
        "loan.origin"
            if stage == "higher"
                && !p.is("part_time")
                && p.is("local_hukou")
                && !p.is("other_state_loan") =>
        {
            let year = if autumn { term } else { (term / 10 - 1) * 10 + 2 };
            amount(if p.is("postgraduate") { "loan.pg" } else { "loan.ug" }, year)
        }
        _ => None,
    }
    .filter(|n| *n > 0)
}

const PROGRAMMES: [&str; 12] = [
    "comp.living.boarder",
    "comp.living.day",
    "entry.travel",
    "hs.grant",
    "hs.waive",
    "loan.origin",
    "nutrition.meal",
    "pre.fee_waiver",
    "pre.living",
    "voc.grant",
    "voc.waive",
    "yulu.voc",
];

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    fn of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn pupil(&mut self) -> Pupil {
        let stage = self.of(&["preschool", "primary", "junior", "senior", "vocational", "higher"]);
        let often = self.below(3) * 3 + 2;
        let cells = COLUMNS
            .iter()
            .map(|column| match *column {
                "stage" => stage.to_owned(),
                "grade_year" => (self.below(5) + 1).to_string(),
                "school_standard" => self.of(&["省级标准化", "城市", "农村"]).to_owned(),
                "college_kind" => {
                    self.of(&["本科", "大专", "高职", "专科", "高职专科", "技师学院"]).to_owned()
                }
                "recognised" => {
                    self.of(&["none", "none", "none", "general", "moderate", "severe"]).to_owned()
                }
                "major" => self.of(&["agriculture", "performing_arts", "other"]).to_owned(),
                "tuition_fee" => (self.below(4) * 33_335).to_string(),
                "school_days" => (self.below(3) * 50).to_string(),
                "absent_days" => (self.below(4) * 25).to_string(),
                "age" => self.below(25).to_string(),
                _ => if self.below(often) == 0 { "yes" } else { "no" }.to_owned(),
            })
            .collect();
        Pupil { cells }
    }
}

fn terms() -> Vec<(Term, u32)> {
    let mut term: Term = "2015A".parse().expect("it is well written");
    let mut out = Vec::new();
    while term <= "2026S".parse().expect("it is well written") {
        let text = term.to_string();
        let number = text.replace('S', "1").replace('A', "2").parse().expect("it is well written");
        out.push((term, number));
        term = term.next();
    }
    out
}

fn table(pupils: &[Pupil]) -> Table {
    let mut csv = COLUMNS.join(",");
    for p in pupils {
        let _ = write!(csv, "\n{}", p.cells.join(","));
    }
    csv.push('\n');
    Table::read(FrameKind::Pupil, csv.as_bytes(), false).expect("made cells read")
}

#[test]
fn two_implementations_agree_on_every_pupil_programme_and_term() {
    let set = PolicySet::builtin();
    let mut chance = Chance(0x5eed);
    let pupils: Vec<Pupil> = (0..100_000).map(|_| chance.pupil()).collect();
    let table = table(&pupils);
    let mut due = 0;
    for (term, number) in terms() {
        let results = assess_term(&set, &table.frame, term, true);
        for key in PROGRAMMES {
            let place = set.programmes().iter().position(|p| &*p.key == key).unwrap();
            let result = results.iter().find(|r| r.programme == place).unwrap();
            for (row, pupil) in pupils.iter().enumerate() {
                let ours = match result.answer(row) {
                    TermAnswer::Due(n) => Some(n),
                    TermAnswer::NotDue(_) => None,
                    other => panic!("{key} {term} row {row}: {other:?} with every fact on file"),
                };
                let theirs = owed(key, pupil, number);
                assert_eq!(ours, theirs, "{key} {term} {pupil:?}");
                due += u32::from(ours.is_some());
            }
        }
    }
    assert!(due > 1_000_000, "{due} due: the pupils meet the rules");
}

/// All ways of filling in the blanks of a pupil.
fn completions(pupil: &Pupil, blanks: &[usize]) -> Vec<Pupil> {
    let mut out = vec![pupil.clone()];
    for at in blanks {
        let values: &[&str] = match COLUMNS[*at] {
            "school_standard" => &["省级标准化", "城市", "农村"],
            "college_kind" => &["本科", "高职"],
            "recognised" => &["none", "general", "severe"],
            "major" => &["agriculture", "performing_arts", "other"],
            "grade_year" => &["1", "2", "3", "4"],
            "tuition_fee" => &["0", "100", "333"],
            "school_days" => &["0", "60", "100"],
            "absent_days" => &["0", "30", "200"],
            "age" => &["6"],
            _ => &["yes", "no"],
        };
        out = out
            .iter()
            .flat_map(|p| {
                values.iter().map(|v| {
                    let mut p = p.clone();
                    (*v).clone_into(&mut p.cells[*at]);
                    p
                })
            })
            .collect();
    }
    out
}

#[test]
fn a_missing_fact_is_asked_for_exactly_where_it_could_change_the_answer() {
    let set = PolicySet::builtin();
    let mut chance = Chance(0xb1a_4c5);
    let mut blanks = Vec::new();
    let pupils: Vec<Pupil> = (0..3_000)
        .map(|_| {
            let mut p = chance.pupil();
            let mut mine: Vec<usize> =
                (0..=chance.below(3)).map(|_| 1 + chance.below(COLUMNS.len() - 1)).collect();
            mine.sort_unstable();
            mine.dedup();
            for at in &mine {
                p.cells[*at].clear();
            }
            blanks.push(mine);
            p
        })
        .collect();
    let table = table(&pupils);
    let (mut asked, mut settled) = (0, 0);
    for (term, number) in terms().into_iter().step_by(3) {
        let results = assess_term(&set, &table.frame, term, true);
        for key in PROGRAMMES {
            let place = set.programmes().iter().position(|p| &*p.key == key).unwrap();
            let result = results.iter().find(|r| r.programme == place).unwrap();
            for (row, pupil) in pupils.iter().enumerate() {
                let mut answers: Vec<Option<i64>> =
                    completions(pupil, &blanks[row]).iter().map(|p| owed(key, p, number)).collect();
                answers.sort_unstable();
                answers.dedup();
                match (result.answer(row), &answers[..]) {
                    (TermAnswer::Due(n), [Some(one)]) => {
                        assert_eq!(n, *one, "{key} {term} {pupil:?}");
                        settled += 1;
                    }
                    (TermAnswer::NotDue(_), [None]) => settled += 1,
                    (TermAnswer::Ask(id), [_, _, ..]) => {
                        let name = fujiao_policy::column(id).name;
                        let at = COLUMNS.iter().position(|c| *c == name).unwrap();
                        assert!(blanks[row].contains(&at), "{key} {term} asks {name}: {pupil:?}");
                        asked += 1;
                    }
                    // That a number is never below zero is not said to the rules.
                    (TermAnswer::Ask(_), [None])
                        if blanks[row].iter().any(|at| COLUMNS[*at].ends_with("_days")) => {}
                    (ours, theirs) => panic!("{key} {term}: {ours:?}, but {theirs:?}: {pupil:?}"),
                }
            }
        }
    }
    assert!(asked > 1_000 && settled > 100_000, "{asked} asked, {settled} settled");
}
