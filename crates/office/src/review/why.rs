//! Why a pair is in doubt: the waterfall of weights, and a sentence about it.

use serde_json::Value;

/// Every number is log₂ of odds; together they are the pair's match weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// Before anything is compared.
    pub prior: f64,
    /// What each comparison adds: what is compared, the level of agreement, both in Chinese, and the weight.
    pub steps: Vec<(String, String, f64)>,
    /// What is taken off because relatives, classmates or twins would agree like this too.
    pub look_alikes: f64,
    /// Which of them would most.
    pub look_alike: String,
    /// What others who are like one of the two leave of it, or add where there are few.
    pub rivals: f64,
}

impl Why {
    /// Reads what the assessment wrote beside the pair; nothing of it where it does not read.
    pub(super) fn parse(text: &str) -> Self {
        let Ok(json) = serde_json::from_str::<Value>(text) else { return Self::default() };
        let number = |key: &str| json[key].as_f64().unwrap_or_default();
        let steps = json["steps"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            prior: number("prior"),
            steps: steps
                .iter()
                .filter_map(|s| {
                    Some((s[0].as_str()?.into(), s[1].as_str()?.into(), s[2].as_f64()?))
                })
                .collect(),
            look_alikes: number("look_alikes"),
            look_alike: json["look_alike"].as_str().unwrap_or_default().into(),
            rivals: number("rivals"),
        }
    }

    /// One sentence for a clerk. `ids`: how many of the two rows have a valid citizen id.
    pub(super) fn sentence(&self, ids: usize) -> String {
        let said = |pick: fn(f64) -> bool| {
            self.steps
                .iter()
                .filter(|s| pick(s.2))
                .map(|(what, level, _)| format!("{what}{level}"))
                .collect::<Vec<_>>()
                .join("、")
        };
        let (agree, differ) = (said(|w| w >= 1.0), said(|w| w <= -1.0));
        let mut parts = Vec::new();
        match (agree.is_empty(), differ.is_empty()) {
            (false, false) => parts.push(format!("{agree}，但{differ}")),
            (false, true) => parts.push(agree),
            (true, false) => parts.push(differ),
            (true, true) => parts.push("两行说得都少".to_owned()),
        }
        match ids {
            0 => parts.push("两行都没有能用的身份证号".to_owned()),
            1 => parts.push("有一行没有能用的身份证号".to_owned()),
            _ => parts.push("两个身份证号都有效而不相同".to_owned()),
        }
        if self.look_alikes <= -1.0 {
            parts.push(format!("{}也会这样相符", self.look_alike));
        }
        if self.rivals <= -1.0 {
            parts.push("台账里还有别人也像".to_owned());
        }
        parts.join("；")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clerk_reads_why() {
        let why = Why::parse(
            r#"{"prior":-12.0,"steps":[["姓名","同音",9.5],["住址","同村",6.1],["性别","相同",0.9],
                ["出生日期","相差不过一年",-2.0]],"look_alikes":-3.1,"look_alike":"同户亲属","rivals":0.0}"#,
        );
        assert_eq!(
            why.sentence(1),
            "姓名同音、住址同村，但出生日期相差不过一年；有一行没有能用的身份证号；同户亲属也会这样相符"
        );
        assert_eq!(Why::parse("").sentence(0), "两行说得都少；两行都没有能用的身份证号");
    }
}
