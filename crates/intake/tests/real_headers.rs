//! Headers of real rosters: how many columns of the fields that we know are given the right field.
//!
//! The list lies beside the repository (`shared/data/roster-headers.csv`, or in the folder that `FUJIAO_SHARED` names);
//! without it the test says so and skips.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, stop where something is wrong")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use fujiao_intake::{Lexicon, Workbook, read};
use fujiao_model::{Field, RosterKind};

/// By variant: its kind, and by position from 1 the field of the columns that speak of one we know.
/// Every other column has none. Where a person could take a column for two fields both stand.
const TRUTH: &str = "
A1 poor_households 1=county 2=town 3=village 4=household_no 5=person_no 6=name 7=sex 8=citizen_id 9=household_size 10=relation 11=ethnicity 12=education 13=schooling 14=health 15=labour_ability 16=working 17=work_months 21=household_kind 22=household_kind 23=poverty_cause 25=phone 26=bank_name 27=bank_account
A2 poor_households 2=county 3=town 4=village 5=village_group 6=household_no 7=person_no 8=name 9=citizen_id 10=household_size 11=relation 12=ethnicity 13=education 14=schooling 15=health 16=labour_ability 17=working 18=work_months 20=household_kind 21=household_kind 22=poverty_cause 27=phone
A3 poor_households 1=household_no 2=county 3=town 4=village 5=head_name/name 6=sex 7=citizen_id 8=relation 9=ethnicity 10=education 11=schooling 12=health 13=labour_ability 14=working 15=work_months
A5 poor_households 1=county 2=town 3=village 4=household_no 5=person_no 6=name 7=citizen_id 8=relation 10=sex 12=birth_date 13=ethnicity 14=phone 15=education 16=schooling 17=labour_ability 18=work_place 19=employer 20=work_months 21=health 35=not_in_school_reason 42=head_id 43=head_name
A6 poor_households 1=household_kind 2=household_kind 3=household_no 4=village 5=name 6=citizen_id 7=education 8=schooling 9=not_in_school_reason 11=health 12=labour_ability 13=identified_on 14=risk_cleared_on 15=risk_cleared 17=poverty_cause
A8 poor_households 1=town 2=village 3=village_group/village 4=head_name 5=sex 6=ethnicity 8=citizen_id 9=name 10=relation 11=birth_date 12=education 13=working 14=household_kind 15=labour_ability 17=health
A10 poor_households 2=county 3=town 4=village 5=name 6=citizen_id 7=sex 8=relation 10=health 11=ethnicity 12=education 14=labour_ability 15=schooling 17=head_name 18=head_id
B1 enrolments 1=school 2=school_code 3=name 4=sex 5=birth_date 8=ethnicity 11=citizen_id 14=health 19=address 24=grade 25=class 26=entered_on 28=boarding 30=address 31=address 32=address 33=phone/guardian_phone 44=disability_type
B3 enrolments 1=name 2=sex 3=ethnicity 4=student_no 5=citizen_id 6=phone 7=address 8=address 9=stage 12=school 13=class 14=boarding 15=guardian_name 16=guardian_id 17=guardian_relation 18=guardian_phone 19=household_kind
B5 enrolments 2=name 3=sex 5=class 6=student_no 7=phone/guardian_phone 8=guardian_name 9=guardian_phone
B7 enrolments 1=name 2=citizen_id 3=sex 4=ethnicity 5=address 6=student_no 7=enrolment_status 8=assistance_kind/none 10=household_kind 12=note
C1 aid_payments 2=county 3=town 4=village/village_group 5=name 6=citizen_id 8=household_no 9=head_name 10=phone 11=school 12=stage 13=grade 14=class 15=student_no 16=boarding 18=disability_no 19=not_in_school_reason 20=household_kind 25=programme 26=amount
C3 aid_payments 1=name 3=programme 4=amount 5=paid_on 6=payment_status
C5 aid_payments 1=name 2=sex 4=address 5=school 8=guardian_name 9=grade 10=class 11=paid_on 12=programme 13=amount
C8 aid_payments 2=class 3=name 4=bank_account 5=amount
E1 left_behind 1=name 2=sex 3=ethnicity 4=birth_date 5=citizen_id 7=address 8=address 9=health 10=disability_type 12=boarding 13=schooling 35=guardian_name 36=guardian_phone 37=guardian_id 38=guardian_relation 39=address
F1 labour 1=address 2=county 3=town 4=village 5=village_group 6=address 7=none/relocation_site 10=name 11=citizen_id 14=ethnicity 16=education 20=health 21=citizen_id 22=phone 24=working 26=employer 27=occupation 30=work_place/address 81=certificate_no 83=household_kind 84=household_kind 85=lifted_year 86=identified_on 87=identified_on 88=poverty_cause 89=household_no 90=relation 91=schooling 92=labour_ability 93=working
F7 training 1=name 2=citizen_id 3=phone 4=course 5=session 6=trained_to 7=hours 9=certificate_no 10=amount/none 12=employer/none
F8 training 2=name 3=course 4=citizen_id 5=provider/school 6=trained_from 7=certificate_no
I1 schools 1=school 2=term 18=address 19=stage 20=grade 21=class 22=pupils 23=boarders
I3 teachers 1=name 3=sex 7=citizen_id 8=birth_date 11=ethnicity 14=health 15=joined_on 16=joined_on 18=staff_kind 19=in_quota 20=in_quota 22=subject 24=education 26=title 34=backbone 35=staff_status
I4 teachers 1=name 2=sex 5=citizen_id 6=birth_date 8=ethnicity 11=joined_on 12=education 17=subject 18=title 21=special_post
";

fn shared() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests find the shared folder by it")]
    let folder = std::env::var("FUJIAO_SHARED");
    folder.map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    )
}

/// The headers of every variant, by position.
fn variants(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut variants: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut parts = line.splitn(5, ',').skip(1);
        let variant = parts.next().unwrap();
        let header = parts.nth(2).unwrap();
        variants.entry(variant).or_default().push(header.trim_matches('"'));
    }
    variants
}

#[test]
fn columns_of_real_rosters_are_given_the_right_field() {
    let path = shared().join("data/roster-headers.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let text = text.trim_start_matches('\u{feff}');
    let variants = variants(text);
    let (mut right, mut known, mut false_fields, mut unknown, mut kinds) = (0, 0, 0, 0, 0);
    let mut wrong = String::new();
    let truths: Vec<_> = TRUTH.lines().filter(|line| !line.is_empty()).collect();
    for truth in &truths {
        let mut parts = truth.split(' ');
        let variant = parts.next().unwrap();
        let kind = parts.next().unwrap();
        let fields: BTreeMap<usize, &str> = parts
            .map(|part| {
                let (at, field) = part.split_once('=').unwrap();
                (at.parse().unwrap(), field)
            })
            .collect();
        let quoted: Vec<String> = variants[variant].iter().map(|h| format!("\"{h}\"")).collect();
        let bytes = format!("{}\n", quoted.join(",")).into_bytes();
        let intake = read(&Workbook { name: variant, bytes: &bytes }, &Lexicon::default()).unwrap();
        let sheet = &intake.sheets[0];
        if sheet.kind.map(RosterKind::code) == Some(kind) {
            kinds += 1;
        } else {
            let _ = writeln!(wrong, "{variant} is {kind}, not {:?}", sheet.kind);
        }
        for (at, header) in (1..).zip(&variants[variant]) {
            let column = sheet.columns.iter().find(|c| usize::from(c.at) + 1 == at);
            let got = column.and_then(|c| c.field).map_or("none", Field::code);
            if let Some(wanted) = fields.get(&at) {
                known += 1;
                if wanted.split('/').any(|w| w == got) {
                    right += 1;
                } else {
                    let _ = writeln!(wrong, "{variant} {at} {header}: {got}, not {wanted}");
                }
            } else {
                unknown += 1;
                if got != "none" {
                    false_fields += 1;
                    let _ = writeln!(wrong, "{variant} {at} {header}: {got}, not of ours");
                }
            }
        }
    }
    println!(
        "{kinds} of {} kinds, {right} of {known} columns right; {false_fields} of {unknown} others given a field\n{wrong}",
        truths.len()
    );
    assert!(kinds * 100 >= truths.len() * 90, "{wrong}");
    assert!(right * 100 >= known * 95, "{right} of {known}\n{wrong}");
    assert!(false_fields * 100 <= unknown * 8, "{false_fields} of {unknown}\n{wrong}");
}
