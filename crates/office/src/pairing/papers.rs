//! 行为守则 to be signed, ready to print.

use fujiao_report::{Block, Document};
use fujiao_store::Mentor;

use super::mentors::{note, standing};
use super::{PairError, live_names};
use crate::access::{Actor, Right};
use crate::cases::PaperFile;
use crate::{Office, OfficeError};

impl Office {
    /// The code of conduct for mentors to sign, one a page, with the pupils whom they look after; .docx. Without numbers: all who did not
    /// sign yet.
    ///
    /// # Errors
    /// [`PairError::NoMentor`] if nobody is left.
    pub fn pair_codes(&self, actor: &Actor, numbers: &[u64]) -> Result<PaperFile, OfficeError> {
        actor.must(Right::Pair)?;
        let county = self.county_code()?;
        let code = &self.rules.pairing.code;
        self.store.write(|tx| {
            let day = crate::entries::today(tx, county, actor)?;
            let scope = actor.scope(Right::Pair);
            let wanted = |m: &Mentor| {
                m.left.is_none()
                    && if numbers.is_empty() {
                        m.signed_on.is_none()
                    } else {
                        numbers.contains(&m.number)
                    }
            };
            let mentors: Vec<Mentor> = tx
                .mentors(county)?
                .into_iter()
                .filter(|m| wanted(m) && scope.reaches(&standing(m)))
                .collect();
            if mentors.is_empty() {
                return Err(PairError::NoMentor.into());
            }
            let head = tx.counties()?.into_iter().find(|c| c.code == county);
            let (county_name, made) = head.map_or_else(Default::default, |c| (c.name, c.made));
            let pupils = live_names(tx, county)?;
            let line = |text: String| Block::Paragraph { lead: String::new(), text };
            let mut body = Vec::new();
            for mentor in &mentors {
                if !body.is_empty() {
                    body.push(Block::Break);
                }
                body.extend(made.then(|| Block::Mark("示例数据".to_owned())));
                body.push(Block::Title(code.title.clone()));
                for (at, text) in code.lines.iter().enumerate() {
                    body.push(line(format!("{}．{text}", at + 1)));
                }
                if let Some(names) = pupils.get(&mentor.number) {
                    body.push(line(format!("结对学生：{}。", names.join("、"))));
                }
                body.push(Block::Signature(vec![
                    format!("帮扶人：{}　　签名：＿＿＿＿＿＿＿＿", mentor.name),
                    format!(
                        "单位：{}",
                        if mentor.unit.is_empty() { "＿＿＿＿＿＿" } else { &mentor.unit }
                    ),
                    "日期：＿＿＿＿年＿＿月＿＿日".to_owned(),
                ]));
            }
            let document = Document {
                title: code.title.clone(),
                author: county_name.clone(),
                sample: made,
                header: county_name,
                body,
                annex: Vec::new(),
            };
            let bytes = fujiao_report::document_docx(&document, day)?;
            let detail = format!("{} printed", mentors.len());
            note(tx, county, actor, "print codes", "mentors", &detail)?;
            Ok(PaperFile { title: code.title.clone(), bytes, left: Vec::new() })
        })
    }
}
