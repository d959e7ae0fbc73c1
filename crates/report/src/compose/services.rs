//! 营养改善, 职业教育培训, 控辍保学, 结对帮扶: what children and households are owed beside money.

use fujiao_model::Area;

use super::{UNREPORTED, Writer, missing, wan};
use crate::number::{count, number, signed};
use crate::percent;

impl Writer<'_> {
    pub(super) fn meals(&mut self) {
        self.subheading("（二）营养改善");
        let Some(meals) = &self.report.meals else {
            self.text(format!("营养餐用餐名单{UNREPORTED}，本项没有数据。"));
            return;
        };
        if meals.schools == 0 {
            self.text("学校名册上没有农村义务教育学校，应供餐的学校数为 0。");
            return;
        }
        let mut text = format!(
            "计划覆盖全县农村义务教育学校 {} 所，已供餐 {} 所，学校覆盖率 {}；应享受学生 {} 人，已享受 {} 人，学生覆盖率 {}。",
            number(meals.schools),
            number(meals.schools_served),
            percent(signed(meals.schools_served), signed(meals.schools)),
            number(meals.pupils),
            number(meals.pupils_served),
            percent(signed(meals.pupils_served), signed(meals.pupils)),
        );
        text += &match meals.canteen_schools {
            None => format!("学校食堂供餐情况{UNREPORTED}。"),
            Some(schools) => {
                let share = match meals.canteen_pupils {
                    None => String::new(),
                    Some(pupils) => format!(
                        "，在食堂就餐 {} 人，食堂供餐率 {}",
                        number(pupils),
                        percent(signed(pupils), signed(meals.pupils_served))
                    ),
                };
                format!("其中学校食堂供餐 {} 所{share}。", number(schools))
            }
        };
        self.text(text);

        let (Some(first), Some(last)) = (meals.months.first(), meals.months.last()) else {
            self.text(format!("各月用餐名单{UNREPORTED}，应供、已供餐数没有数据。"));
            return;
        };
        let sum = |of: fn(&crate::MealMonth) -> i64| meals.months.iter().map(of).sum::<i64>();
        let (due, done, over) = (sum(|m| m.due), sum(|m| m.done), sum(|m| m.over));
        let mut text = format!(
            "{}，共应供 {} 餐，已供 {} 餐，",
            months((first.year, first.month), (last.year, last.month), meals.months.len()),
            count(due),
            count(done),
        );
        text += &match due - done {
            0 => format!("没有差，供餐率 {}。", percent(done, due)),
            gap => format!("差 {} 餐，供餐率 {}。", count(gap), percent(done, due)),
        };
        if let Some(claimed) = meals.claimed {
            text += &format!("申报餐费 {}。", wan(claimed));
        }
        text += &match over {
            0 => "没有多报。".to_owned(),
            over => {
                format!("多报 {} 餐，涉及学校 {} 所。", count(over), number(meals.over_schools))
            }
        };
        text += &self.lists(Area::Meals, over > 0);
        self.text(text);
    }

    pub(super) fn training(&mut self) {
        self.subheading("（三）职业教育培训");
        let Some(training) = &self.report.training else {
            self.text(format!("培训名册{UNREPORTED}，本项没有数据。"));
            return;
        };
        let sum =
            |of: fn(&crate::CourseFigures) -> u64| training.courses.iter().map(of).sum::<u64>();
        if sum(|course| course.sessions) == 0 {
            self.text("还没有举办培训。");
        } else {
            let mut text = format!(
                "累计举办培训 {} 期、{} 人次，受训 {} 人，结业 {} 人次。",
                number(sum(|course| course.sessions)),
                number(sum(|course| course.attendances)),
                number(training.persons),
                number(sum(|course| course.completed)),
            );
            let courses: Vec<String> = training
                .courses
                .iter()
                .filter(|course| course.sessions > 0)
                .map(|course| {
                    format!(
                        "{} {} 期、{} 人次",
                        course.kind,
                        number(course.sessions),
                        number(course.attendances)
                    )
                })
                .collect();
            if courses.len() > 1 {
                text += &format!("其中{}。", courses.join("，"));
            }
            self.text(text);
        }
        let mut text = if training.households == 0 {
            "名册上没有应受训的家庭。".to_owned()
        } else {
            let gap = training.households.saturating_sub(training.households_covered);
            format!(
                "按“一户一人接受职业教育”，有劳动能力的脱贫户和监测户 {} 户，至少一人受训或在读的 {} 户，覆盖率 {}，{}。",
                number(training.households),
                number(training.households_covered),
                percent(signed(training.households_covered), signed(training.households)),
                missing(gap, "户"),
            )
        };
        text += &self.list(Area::Training);
        text += &match (training.graduates, training.placed) {
            (Some(0), _) => "还没有到期应就业的结业学员。".to_owned(),
            (Some(graduates), Some(placed)) => format!(
                "结业后应就业 {} 人，按期就业 {} 人，就业率 {}，{}。",
                number(graduates),
                number(placed),
                percent(signed(placed), signed(graduates)),
                missing(graduates.saturating_sub(placed), "人"),
            ),
            _ => format!("结业学员就业名册{UNREPORTED}。"),
        };
        if training.graduates.is_some_and(|n| n > 0) {
            text += &self.list(Area::Jobs);
        }
        self.text(text);
    }

    pub(super) fn schooling(&mut self) {
        self.subheading("（四）控辍保学");
        let Some(schooling) = &self.report.schooling else {
            self.text(format!("户籍、学籍名册{UNREPORTED}，本项没有数据。"));
            return;
        };
        if schooling.school_age == 0 {
            self.text("户籍名册上没有义务教育适龄儿童，核对户籍名册是否送全。");
            return;
        }
        let exempt: u64 = schooling.exempt.iter().map(|(_, n)| n).sum();
        let kinds: Vec<String> = schooling
            .exempt
            .iter()
            .filter(|(_, n)| *n > 0)
            .map(|(kind, n)| format!("{kind} {} 人", number(*n)))
            .collect();
        let mut text = format!(
            "{}，全县义务教育适龄儿童 {} 人，在县内学校就读 {} 人",
            schooling.term.chinese(),
            number(schooling.school_age),
            number(schooling.in_school),
        );
        text += &match exempt {
            0 => "，没有县外就读、送教、延缓入学等情形。".to_owned(),
            n => format!("，依法不在县内班级就读 {} 人（{}）。", number(n), kinds.join("，")),
        };
        let settled = schooling.school_age.saturating_sub(schooling.suspected);
        text += &match schooling.suspected {
            0 => format!(
                "没有发现疑似失学辍学，入学率 {}。",
                percent(signed(settled), signed(schooling.school_age))
            ),
            n => format!(
                "疑似失学辍学 {} 人，入学率 {}，逐人核实劝返，有返校考勤的才销号。",
                number(n),
                percent(signed(settled), signed(schooling.school_age))
            ),
        };
        text += &match schooling.double_enrolled {
            0 => "没有双重学籍。".to_owned(),
            n => format!("双重学籍 {} 人。", number(n)),
        };
        text += &match schooling.returned {
            None => format!("本学年劝返复学人数{UNREPORTED}。"),
            Some(0) => "本学年还没有劝返复学的。".to_owned(),
            Some(n) => format!("本学年已劝返复学 {} 人。", number(n)),
        };
        text += &self.list(Area::Schooling);
        self.text(text);
    }

    pub(super) fn pairing(&mut self) {
        self.subheading("（五）结对帮扶");
        let Some(pairing) = &self.report.pairing else {
            self.text(format!("结对名册{UNREPORTED}，本项没有数据。"));
            return;
        };
        if pairing.pupils == 0 {
            self.text("名册上没有应结对的学生。");
            return;
        }
        let mut text = format!(
            "应结对学生 {} 人，已结对 {} 人，结对覆盖率 {}，{}。",
            number(pairing.pupils),
            number(pairing.paired),
            percent(signed(pairing.paired), signed(pairing.pupils)),
            missing(pairing.pupils.saturating_sub(pairing.paired), "人"),
        );
        if let Some(tenths) = (pairing.paired * 10).checked_div(pairing.mentors) {
            text += &format!(
                "帮扶教师 {} 人，人均结对 {}.{} 人。",
                number(pairing.mentors),
                tenths / 10,
                tenths % 10
            );
        }
        match (pairing.months.first(), pairing.months.last()) {
            (Some(first), Some(last)) => {
                let due: i64 = pairing.months.iter().map(|month| month.due).sum();
                let done: i64 = pairing.months.iter().map(|month| month.done).sum();
                text += &format!(
                    "{}，应联系 {} 次，已联系 {} 次，联系率 {}，{}。",
                    months(
                        (first.year, first.month),
                        (last.year, last.month),
                        pairing.months.len()
                    ),
                    count(due),
                    count(done),
                    percent(done, due),
                    missing(u64::try_from(due - done).unwrap_or(0), "次"),
                );
            }
            _ => text += "本学年还没有到期应联系的月份。",
        }
        let kinds: Vec<String> = pairing
            .by_kind
            .iter()
            .filter(|(_, n)| *n > 0)
            .map(|(kind, n)| format!("{kind} {} 次", number(*n)))
            .collect();
        if !kinds.is_empty() {
            text += &format!("联系记录中{}。", kinds.join("，"));
        }
        if let Some(things) = pairing.things_only.filter(|&n| n > 0) {
            text += &format!("只送物、没有谈心家访的学生 {} 人，不算联系。", number(things));
        }
        text += &self.list(Area::Pairing);
        self.text(text);
    }
}

/// 2024 年 6 月至 9 月的 2 个月
fn months(first: (i16, i8), last: (i16, i8), n: usize) -> String {
    if first == last {
        format!("{} 年 {} 月", first.0, first.1)
    } else if first.0 == last.0 {
        format!("{} 年 {} 月至 {} 月的 {n} 个月", first.0, first.1, last.1)
    } else {
        format!("{} 年 {} 月至 {} 年 {} 月的 {n} 个月", first.0, first.1, last.0, last.1)
    }
}
