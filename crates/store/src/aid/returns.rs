//! What comes back from the bank.

use jiff::civil::Date;

use super::hand;
use crate::{Row, Signed, StoreError, Tx};

/// What a bank sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidReturn {
    /// From 1 within the county.
    pub id: u64,
    /// The file that it answers.
    pub file: u64,
    /// As the bank named it.
    pub name: String,
    /// Rows.
    pub lines: u64,
    /// Lines and fen paid by it.
    pub paid: (u64, i64),
    /// Lines and fen come back by it.
    pub returned: (u64, i64),
    /// Rows that an earlier return had told already.
    pub again: u64,
    /// Lines of the file that nobody told of yet.
    pub unknown: u64,
    /// Rows that are in no line of the file.
    pub extra: u64,
    /// Who took it.
    pub taken: Signed,
}

/// A return to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewAidReturn<'a> {
    /// The file that it answers.
    pub file: u64,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// As the bank named it.
    pub name: &'a str,
    /// What it says, row by row.
    pub told: &'a [Told],
    /// Whether nothing in it speaks against closing the file once its sums balance.
    pub clean: bool,
    /// Who takes it.
    pub by: &'a Signed,
}

/// What a row of a return says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// As the file of the bank counts it, from 1.
    pub row: u64,
    /// What it is.
    pub state: ToldState,
    /// The line of our file; `None` for [`ToldState::Extra`].
    pub line: Option<u64>,
    /// Fen.
    pub amount: i64,
    /// The day that it gives.
    pub on: Option<Date>,
    /// The bank's words, without whole numbers.
    pub said: Option<String>,
}

/// What a row of a return is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldState {
    /// 成功
    Paid,
    /// 退回
    Returned,
    /// In no line of the file.
    Extra,
    /// Told already.
    Again,
    /// Told otherwise before: the earlier word stands.
    Changed,
    /// Nothing can be made of it: another amount, another account, a word that nobody has explained.
    Unknown,
}

impl ToldState {
    const fn code(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Returned => "returned",
            Self::Extra => "extra",
            Self::Again => "again",
            Self::Changed => "changed",
            Self::Unknown => "unknown",
        }
    }
}

const RETURN: &str = "return_id, file_id, name, lines, paid_lines, paid, returned_lines, returned, again, unknown, \
     extra, taken_by, taken_name, taken_at";

impl Tx<'_> {
    /// The return that came with these bytes; `None` if none did.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_return_of_bytes(
        &mut self,
        county: u32,
        sha256: &[u8; 32],
    ) -> Result<Option<AidReturn>, StoreError> {
        let sql = format!("select {RETURN} from aid_return where county = $1 and sha256 = $2");
        self.query_one(&sql, &[county.into(), sha256.into()], aid_return)
    }

    /// The returns to files of a batch, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_returns(&mut self, county: u32, batch: u64) -> Result<Vec<AidReturn>, StoreError> {
        let sql = format!(
            "select {RETURN} from aid_return where county = $1
                and file_id in (select file_id from aid_file where county = $1 and batch_id = $2) order by return_id"
        );
        self.query(&sql, &[county.into(), batch.into()], aid_return)
    }

    /// Rows of a return that are in no line of its file (`true`), or that say otherwise than an earlier one.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_return_oddities(
        &mut self,
        county: u32,
        id: u64,
    ) -> Result<Vec<(u64, bool, i64, String)>, StoreError> {
        self.query(
            "select row_no, case when state = 'extra' then 1 else 0 end, amount, coalesce(said, '')
               from aid_return_line
              where county = $1 and return_id = $2 and state in ('extra', 'changed', 'unknown') order by row_no limit 200",
            &[county.into(), id.into()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
        )
    }

    /// Books a return: lines of its file become paid or come back, payments follow, the file closes if its sums balance. Its
    /// id.
    ///
    /// # Errors
    /// [`StoreError::Unique`] for bytes that came before.
    pub fn add_aid_return(&mut self, county: u32, new: &NewAidReturn) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_return", "return_id")?;
        let sum = |state: ToldState| {
            let of = new.told.iter().filter(|t| t.state == state);
            of.fold((0_u64, 0_i64), |(n, fen), t| (n + 1, fen + t.amount))
        };
        let (paid, returned) = (sum(ToldState::Paid), sum(ToldState::Returned));
        let open: u64 = self
            .query_one(
                "select count(*) from aid_line where county = $1 and file_id = $2 and state = 'sent'",
                &[county.into(), new.file.into()],
                |r| r.get(0),
            )?
            .unwrap_or_default();
        let at = new.by.at.to_string();
        self.execute(
            "insert into aid_return (county, return_id, file_id, sha256, name, lines, paid_lines, paid, returned_lines,
                                     returned, again, unknown, extra, taken_at, taken_by, taken_name)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            &[
                county.into(),
                id.into(),
                new.file.into(),
                new.sha256.into(),
                new.name.into(),
                (new.told.len() as u64).into(),
                paid.0.into(),
                paid.1.into(),
                returned.0.into(),
                returned.1.into(),
                sum(ToldState::Again).0.into(),
                open.saturating_sub(paid.0 + returned.0).into(),
                sum(ToldState::Extra).0.into(),
                (&at).into(),
                (&new.by.login).into(),
                (&new.by.name).into(),
            ],
        )?;
        self.bulk(
            "aid_return_line",
            ["county", "return_id", "row_no", "state", "line", "amount", "on_day", "said"],
            new.told.iter().map(|t| {
                [
                    county.into(),
                    id.into(),
                    t.row.into(),
                    t.state.code().into(),
                    t.line.into(),
                    t.amount.into(),
                    t.on.map(|d| d.to_string()).into(),
                    t.said.as_deref().into(),
                ]
            }),
        )?;
        let args = [county.into(), id.into(), new.file.into()];
        self.execute(
            "update aid_line
                set state = r.state, on_day = r.on_day, reason = case when r.state = 'returned' then r.said else null end
               from aid_return_line r
              where r.county = $1 and r.return_id = $2 and r.state in ('paid', 'returned')
                and aid_line.county = $1 and aid_line.file_id = $3 and aid_line.line = r.line
                and aid_line.state = 'sent'",
            &args,
        )?;
        self.execute(
            "update aid_payment
                set state = case when l.state = 'paid' then 'paid' else 'due' end,
                    paid_on = case when l.state = 'paid' then coalesce(l.on_day, $4) else null end,
                    return_id = case when l.state = 'paid' then cast($2 as bigint) else null end
               from aid_return_line r
               join aid_line l on l.county = r.county and l.file_id = $3 and l.line = r.line
              where r.county = $1 and r.return_id = $2 and r.state in ('paid', 'returned')
                and aid_payment.county = $1 and aid_payment.payment_id = l.payment_id and aid_payment.state = 'sent'",
            &[county.into(), id.into(), new.file.into(), new.by.at.to_string()[..10].to_owned().into()],
        )?;
        self.execute(
            "update aid_file
                set paid_lines = paid_lines + $3, paid = paid + $4,
                    returned_lines = returned_lines + $5, returned = returned + $6,
                    closed_at = case when paid_lines + returned_lines + $3 + $5 = lines
                                      and paid + returned + $4 + $6 = total and $8 = 1 then $7 else closed_at end
              where county = $1 and file_id = $2",
            &[
                county.into(),
                new.file.into(),
                paid.0.into(),
                paid.1.into(),
                returned.0.into(),
                returned.1.into(),
                at.into(),
                new.clean.into(),
            ],
        )?;
        Ok(id)
    }
}

fn aid_return(r: &Row) -> Result<AidReturn, StoreError> {
    Ok(AidReturn {
        id: r.get(0)?,
        file: r.get(1)?,
        name: r.get(2)?,
        lines: r.get(3)?,
        paid: (r.get(4)?, r.get(5)?),
        returned: (r.get(6)?, r.get(7)?),
        again: r.get(8)?,
        unknown: r.get(9)?,
        extra: r.get(10)?,
        taken: hand(r, 11)?.ok_or_else(|| r.bad(11))?,
    })
}
