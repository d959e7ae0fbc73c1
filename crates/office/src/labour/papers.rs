//! Notices to print: who is to come to a session, and who is offered what work.

use std::collections::BTreeMap;

use fujiao_report::{Block, Cell, Document, Join, Look, Table};

use super::sessions::SessionPage;
use super::{LabourError, MatchPage};
use crate::access::Actor;
use crate::cases::PaperFile;
use crate::{Office, OfficeError};

fn line(text: String) -> Block {
    Block::Paragraph { lead: String::new(), text }
}

impl Office {
    /// 开班通知 with the list of trainees to sign, .docx.
    ///
    /// # Errors
    /// As [`Office::course_session`].
    pub fn session_paper(&self, actor: &Actor, key: u64) -> Result<PaperFile, OfficeError> {
        let v: SessionPage = self.course_session(actor, key, None)?;
        let title = format!("{}开班通知", v.line.course);
        let l = &v.line;
        let mut body = vec![
            line(format!(
                "{}定于{}到{}举办“{}”（{}，{}），共{}课时，计划{}人。",
                l.provider,
                day(l.from),
                day(l.to),
                l.course,
                l.kind,
                l.name,
                l.hours.map_or_else(|| "—".to_owned(), |h| h.to_string()),
                l.seats.map_or_else(|| "—".to_owned(), |s| s.to_string())
            )),
            line(format!(
                "地点：{} {} {}。授课教师：{}。请带身份证按时到班；有事不能来的，开班前告诉村干部或培训机构。",
                l.town,
                l.venue,
                l.room,
                if l.trainer.is_empty() { "另行通知" } else { &l.trainer }
            )),
        ];
        let rows = v
            .trainees
            .iter()
            .enumerate()
            .map(|(at, t)| {
                vec![
                    (at + 1).to_string(),
                    t.name.clone(),
                    t.place.clone(),
                    String::new(),
                    String::new(),
                ]
            })
            .collect();
        body.push(Block::Table(table(
            format!("学员名单（{}人）", v.trainees.len()),
            &[("序号", 6), ("姓名", 12), ("村", 16), ("本人或家属签收", 18), ("备注", 12)],
            rows,
        )));
        body.push(Block::Signature(vec![l.provider.clone(), "＿＿＿＿年＿＿月＿＿日".to_owned()]));
        self.paper(actor, title, body)
    }

    /// 推荐就业通知 with the list of offers that wait for an answer, a table a village, .docx.
    ///
    /// # Errors
    /// As [`Office::match_page`]; [`LabourError::NotNow`] before the run is accepted, or where no offer is open.
    pub fn offers_paper(&self, actor: &Actor, number: u64) -> Result<PaperFile, OfficeError> {
        let v: MatchPage = self.match_page(actor, number, "open", 1, true)?;
        if v.run.state != "accepted" {
            return Err(LabourError::NotNow("这次匹配还没有采用；采用以后再发通知".into()).into());
        }
        if v.lines.is_empty() {
            return Err(LabourError::NotNow("没有等回音的推荐".into()).into());
        }
        let mut by_place: BTreeMap<&str, Vec<Vec<String>>> = BTreeMap::new();
        for m in &v.lines {
            let wage = m.line.wage.map_or_else(String::new, |fen| (fen / 100).to_string());
            by_place.entry(&m.place).or_default().push(vec![
                m.name.clone(),
                m.line.employer.clone(),
                m.line.occupation.clone(),
                m.line.work_place.clone(),
                wage,
                "去 □　不去 □".to_owned(),
                String::new(),
            ]);
        }
        let mut body = vec![line(
            "下列岗位推荐给本人。请村干部送到本人手里，问明去不去、什么时候去；不去的写明原因。回音交县人社局。"
                .to_owned(),
        )];
        for (place, rows) in by_place {
            body.push(Block::Table(table(
                format!("{place}（{}人）", rows.len()),
                &[
                    ("姓名", 9),
                    ("用人单位", 18),
                    ("岗位", 10),
                    ("地点", 12),
                    ("月工资（元）", 8),
                    ("回音", 12),
                    ("本人签名", 9),
                ],
                rows,
            )));
        }
        body.push(Block::Signature(vec![
            "县人力资源和社会保障局".to_owned(),
            "＿＿＿＿年＿＿月＿＿日".to_owned(),
        ]));
        self.paper(actor, "推荐就业通知".to_owned(), body)
    }

    fn paper(
        &self,
        actor: &Actor,
        title: String,
        body: Vec<Block>,
    ) -> Result<PaperFile, OfficeError> {
        let county = self.county_code()?;
        let (head, day) = self.store.read(|tx| {
            let head = tx.counties()?.into_iter().find(|c| c.code == county);
            Ok::<_, OfficeError>((head, crate::entries::today(tx, county, actor)?))
        })?;
        let (name, made) = head.map_or_else(Default::default, |c| (c.name, c.made));
        let mut all = Vec::new();
        all.extend(made.then(|| Block::Mark("示例数据".to_owned())));
        all.push(Block::Title(title.clone()));
        all.extend(body);
        let document = Document {
            title: title.clone(),
            author: name.clone(),
            sample: made,
            header: name,
            body: all,
            annex: Vec::new(),
        };
        let bytes = fujiao_report::document_docx(&document, day)?;
        self.store.write(|tx| super::note(tx, county, actor, "print notice", &title, ""))?;
        Ok(PaperFile { title, bytes, left: Vec::new() })
    }
}

fn day(on: jiff::civil::Date) -> String {
    format!("{}年{}月{}日", on.year(), on.month(), on.day())
}

fn table(caption: String, columns: &[(&str, u32)], rows: Vec<Vec<String>>) -> Table {
    let cell = |text: String, look| Cell { text, look, columns: 1, join: Join::No };
    Table {
        caption,
        widths: columns.iter().map(|c| c.1).collect(),
        header: vec![columns.iter().map(|c| cell(c.0.to_owned(), Look::Centre)).collect()],
        rows: rows
            .into_iter()
            .map(|row| row.into_iter().map(|text| cell(text, Look::Text)).collect())
            .collect(),
    }
}
