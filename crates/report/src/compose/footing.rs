//! What the five fields stand on: buildings, staff, class places, money.

use fujiao_model::Area;

use super::{UNREPORTED, Writer};
use crate::number::{number, quantity};
use crate::overview::Overview;
use crate::{AreaFigures, percent};

impl Writer<'_> {
    /// What the five fields stand on: buildings, staff, class places, money.
    pub(super) fn footing(&mut self) {
        self.subheading("（六）办学条件、师资、学位和资金");
        for (area, lead, due, done, rate) in [
            (Area::Conditions, "办学条件。", "对照标准应达标", "已达标", "达标率"),
            (Area::Teachers, "师资。", "按编制标准应配教职工", "在岗", "配备率"),
            (Area::Places, "学位。", "各班在校生", "在标准班额以内", "班额达标率"),
            (Area::Funds, "资金。", "已到账资金", "已按用途支出", "执行率"),
        ] {
            let Some(figures) = self.area(area) else {
                self.lead(lead, format!("名册{UNREPORTED}，本项没有数据。"));
                continue;
            };
            if figures.duties == 0 {
                self.lead(lead, "名册上没有应办的事项。");
                continue;
            }
            let shown = Overview::of(figures);
            // Class places are counted by who sits in them.
            let unit = if area == Area::Places { "人" } else { shown.unit() };
            let say = |n: i64| format!("{} {unit}", shown.say(n));
            let whose = match area {
                Area::Places => "个班",
                Area::Funds => "笔资金",
                _ => "所学校",
            };
            let mut text = format!(
                "{due} {}，{done} {}，{rate} {}，",
                say(shown.due),
                say(shown.done),
                percent(shown.done, shown.due),
            );
            text += &match shown.gap {
                0 => "没有差。".to_owned(),
                gap => {
                    format!("差 {}，涉及 {} {whose}。", say(gap), number(affected(area, figures)))
                }
            };
            let mut kinds: Vec<&AreaFigures> =
                self.report.kinds.iter().filter(|kind| kind.area == area && kind.gap > 0).collect();
            kinds.sort_by_key(|kind| std::cmp::Reverse(kind.duties_gap));
            if kinds.len() > 1 {
                let named: Vec<String> = kinds
                    .iter()
                    .take(5)
                    .map(|kind| format!("{}差 {}", kind.kind_title, quantity(kind.unit, kind.gap)))
                    .collect();
                text += &format!("缺口大的：{}。", named.join("，"));
            }
            text += &self.list(area);
            self.lead(lead, text);
        }
    }
}

/// How many are behind a gap; of class places the classes.
fn affected(area: Area, figures: &AreaFigures) -> u64 {
    if area == Area::Places { figures.duties_gap } else { figures.subjects_gap }
}
