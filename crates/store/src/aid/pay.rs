//! Signatures, payments, and what goes to the bank.

use jiff::civil::Date;

use super::{day, hand, time};
use crate::ahead::{ahead, behind};
use crate::{Row, Signed, StoreError, Tx};

/// A file for a bank or for the schools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidFile {
    /// From 1 within the county.
    pub id: u64,
    /// The batch.
    pub batch: u64,
    /// 1: all; 2 …: those that came back.
    pub round: u64,
    /// Code of the channel.
    pub channel: String,
    /// Lines.
    pub lines: u64,
    /// Fen.
    pub total: i64,
    /// Of its bytes, which are made again from its lines.
    pub sha256: [u8; 32],
    /// Who made it.
    pub made: Signed,
    /// The payer.
    pub payer: Option<u64>,
    /// The day on which the bank shall pay.
    pub pay_on: Option<Date>,
    /// Lines and fen that were paid.
    pub paid: (u64, i64),
    /// Lines and fen that came back.
    pub returned: (u64, i64),
    /// When its sums balanced; `None`: not yet.
    pub closed_at: Option<jiff::Timestamp>,
}

/// A file to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewAidFile<'a> {
    /// The batch.
    pub batch: u64,
    /// Code of the channel.
    pub channel: &'a str,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Its lines, in order.
    pub lines: &'a [SentLine],
    /// The payer, by [`Tx::aid_payer`].
    pub payer: u64,
    /// The day on which the bank shall pay.
    pub pay_on: Date,
    /// Who makes it.
    pub by: &'a Signed,
}

/// Whose account pays. The account is sealed at rest.
#[derive(Clone, PartialEq, Eq)]
pub struct AidPayer {
    /// From 1 within the county.
    pub id: u64,
    /// The account's name.
    pub name: String,
    /// Its number.
    pub account: String,
    /// The bank.
    pub bank: String,
    /// The bank's number of CNAPS; empty.
    pub bank_code: String,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentLine {
    /// From 1.
    pub line: u64,
    /// The payment.
    pub payment: u64,
    /// Fen.
    pub amount: i64,
    /// Where it goes. Sealed at rest.
    pub account: String,
    /// Whose account that is. Sealed at rest.
    pub holder: String,
    /// The school of the pupil.
    pub school: String,
    /// Code of the line's state: sent, paid, returned.
    pub state: String,
}

const FILE: &str = "file_id, batch_id, round, channel, lines, total, sha256, made_by, made_name, made_at, paid_lines, \
     paid, returned_lines, returned, closed_at, payer_id, pay_on";

impl Tx<'_> {
    /// Signs a batch after its notice; the number of the signature.
    ///
    /// # Errors
    /// [`StoreError::Unique`] for somebody who signed already; the engine refuses its maker, and a day of the notice.
    pub fn add_aid_approval(
        &mut self,
        county: u32,
        batch: u64,
        on: Date,
        by: &Signed,
        note: &str,
    ) -> Result<u64, StoreError> {
        let signed: u64 = self
            .query_one(
                "select count(*) from aid_approval where county = $1 and batch_id = $2",
                &[county.into(), batch.into()],
                |r| r.get(0),
            )?
            .unwrap_or_default();
        let number = signed + 1;
        let added = self.execute(
            "insert into aid_approval (county, batch_id, signature, prev, maker, until_day, on_day, login, name, at, note)
             select b.county, b.batch_id, cast($3 as bigint), cast($4 as bigint), b.maker, p.until_day, $5, $6, $7, $8, $9
               from aid_batch b
               join aid_publication p on p.county = b.county and p.batch_id = b.batch_id
              where b.county = $1 and b.batch_id = $2",
            &[
                county.into(),
                batch.into(),
                number.into(),
                (signed > 0).then_some(signed).into(),
                on.to_string().into(),
                (&by.login).into(),
                (&by.name).into(),
                by.at.to_string().into(),
                note.into(),
            ],
        )?;
        if added == 1 {
            return Ok(number);
        }
        self.failed = true;
        Err(StoreError::ForeignKey("aid_publication".into()))
    }

    /// The signatures under a batch, in order.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_approvals(&mut self, county: u32, batch: u64) -> Result<Vec<Signed>, StoreError> {
        self.query(
            "select login, name, at from aid_approval where county = $1 and batch_id = $2 order by signature",
            &[county.into(), batch.into()],
            |r| hand(r, 0)?.ok_or_else(|| r.bad(0)),
        )
    }

    /// Releases a batch that has its signatures: its lines become payments that are due, and their duties are frozen as they
    /// were when it was opened. Lines and fen.
    ///
    /// # Errors
    /// The engine refuses a batch without the step or the signatures.
    pub fn release_aid_batch(
        &mut self,
        county: u32,
        batch: u64,
        signatures: u8,
    ) -> Result<(u64, i64), StoreError> {
        let args = [county.into(), batch.into()];
        let (lines, total) = self
            .query_one(
                "select count(*), cast(coalesce(sum(amount), 0) as bigint) from aid_entitlement
                  where county = $1 and batch_id = $2 and state = 'in'",
                &args,
                |r| Ok((r.get::<u64>(0)?, r.get::<i64>(1)?)),
            )?
            .unwrap_or_default();
        self.execute(
            "insert into aid_release (county, batch_id, step, signatures, lines, total) values ($1, $2, 4, $3, $4, $5)",
            &[county.into(), batch.into(), signatures.into(), lines.into(), total.into()],
        )?;
        self.execute(
            "insert into aid_payment (county, payment_id, batch_id, person_id, holder, programme, period, part, amount,
                                      state)
             select county, entitlement_id, batch_id, person_id, person_id, programme, period, part, amount, 'due'
               from aid_entitlement where county = $1 and batch_id = $2 and state = 'in' order by entitlement_id",
            &args,
        )?;
        self.execute(
            "insert into frozen_duty (county, kind, subject_kind, subject_id, period, area, quantity, unit, due_on, bearer,
                                      place, rule, basis, facts, sources, run_id, as_of, policies_hash, registers_hash)
             select e.county, e.programme, 'person', e.person_id, e.period, 'aid', e.owed, 'fen', e.due_on, e.bearer,
                    e.place, e.rule, e.basis, e.facts, e.sources, b.run_id, b.as_of, b.policies_hash, b.registers_hash
               from aid_entitlement e
               join aid_batch b on b.county = e.county and b.batch_id = e.batch_id
              where e.county = $1 and e.batch_id = $2 and e.state = 'in'
             on conflict (county, kind, subject_kind, subject_id, period) do update
                set quantity = excluded.quantity, due_on = excluded.due_on, bearer = excluded.bearer,
                    place = excluded.place, rule = excluded.rule, basis = excluded.basis, facts = excluded.facts,
                    sources = excluded.sources, run_id = excluded.run_id, as_of = excluded.as_of,
                    policies_hash = excluded.policies_hash, registers_hash = excluded.registers_hash",
            &args,
        )?;
        Ok((lines, total))
    }

    /// Payments of a batch that are due, by school, class and name: number, fen, name, school, and the accounts of the
    /// register. Opening them goes on beside the reading.
    ///
    /// # Errors
    /// What the engine says; sealed numbers that do not open.
    pub fn due_aid_payments(
        &mut self,
        county: u32,
        batch: u64,
    ) -> Result<Vec<SentLine>, StoreError> {
        self.with_accounts(
            county,
            "select y.payment_id, y.amount, y.holder, e.name, e.school, p.sealed, y.state
               from aid_payment y
               join aid_entitlement e on e.county = y.county and e.entitlement_id = y.payment_id
               left join person p on p.county = y.county and p.person_id = y.holder
              where y.county = $1 and y.batch_id = $2 and y.state = 'due'
              order by y.payment_id",
            batch,
        )
    }

    /// The lines of a batch that are in, with the accounts of the register, approved or not.
    ///
    /// # Errors
    /// As for [`Tx::due_aid_payments`].
    pub fn aid_accounts(&mut self, county: u32, batch: u64) -> Result<Vec<SentLine>, StoreError> {
        self.with_accounts(
            county,
            "select e.entitlement_id, e.amount, e.person_id, e.name, e.school, p.sealed, 'draft'
               from aid_entitlement e
               left join person p on p.county = e.county and p.person_id = e.person_id
              where e.county = $1 and e.batch_id = $2 and e.state = 'in'
              order by e.entitlement_id",
            batch,
        )
    }

    /// Lines whose `line` is the person's id: the caller numbers them.
    fn with_accounts(
        &mut self,
        county: u32,
        sql: &str,
        batch: u64,
    ) -> Result<Vec<SentLine>, StoreError> {
        type Raw = (u64, i64, u64, String, String, Option<Vec<u8>>, String);
        let keys = self.keys().clone();
        let open = |chunk: Vec<Raw>| -> Result<Vec<SentLine>, StoreError> {
            chunk
                .into_iter()
                .map(|(payment, amount, person, holder, school, sealed, state)| {
                    let account = match sealed {
                        None => String::new(),
                        Some(sealed) => keys
                            .accounts_of_person(county, person, &sealed)?
                            .into_iter()
                            .next()
                            .unwrap_or_default(),
                    };
                    Ok(SentLine { line: person, payment, amount, account, holder, school, state })
                })
                .collect()
        };
        behind(open, |give| {
            let mut chunk: Vec<Raw> = Vec::with_capacity(CHUNK);
            self.each(sql, &[county.into(), batch.into()], |r| {
                chunk.push((
                    r.get(0)?,
                    r.get(1)?,
                    r.get(2)?,
                    r.get(3)?,
                    r.get(4)?,
                    r.get(5)?,
                    r.get(6)?,
                ));
                if chunk.len() == CHUNK {
                    give(std::mem::take(&mut chunk));
                }
                Ok(())
            })?;
            give(chunk);
            Ok(())
        })
    }

    /// Keeps a file with its lines, whose payments are under way from now on; its id.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if a payment is under way or paid already.
    pub fn add_aid_file(&mut self, county: u32, new: &NewAidFile) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_file", "file_id")?;
        let total: i64 = new.lines.iter().map(|l| l.amount).sum();
        self.execute(
            "insert into aid_file (county, file_id, batch_id, round, channel, lines, total, sha256, made_at, made_by, made_name,
                                   payer_id, pay_on)
             select cast($1 as bigint), cast($2 as bigint), cast($3 as bigint),
                    (select count(*) + 1 from aid_file where county = $1 and batch_id = $3 and channel = $4), $4,
                    cast($5 as bigint), cast($6 as bigint), cast($7 as {bytes}), $8, $9, $10, cast($11 as bigint),
                    $12"
                .replace("{bytes}", if self.is_sqlite() { "blob" } else { "bytea" })
                .as_str(),
            &[
                county.into(),
                id.into(),
                new.batch.into(),
                new.channel.into(),
                (new.lines.len() as u64).into(),
                total.into(),
                new.sha256.into(),
                new.by.at.to_string().into(),
                (&new.by.login).into(),
                (&new.by.name).into(),
                new.payer.into(),
                new.pay_on.to_string().into(),
            ],
        )?;
        let keys = self.keys().clone();
        ahead(
            new.lines,
            |_, line| {
                let plain = format!("{}\n{}", line.account, line.holder);
                keys.seal(plain.as_bytes(), &line_context(county, id, line.line))
            },
            |sealed| {
                self.bulk(
                    "aid_line",
                    ["county", "file_id", "line", "payment_id", "amount", "sealed", "state"],
                    new.lines.iter().zip(sealed).map(|(line, sealed)| {
                        [
                            county.into(),
                            id.into(),
                            line.line.into(),
                            line.payment.into(),
                            line.amount.into(),
                            sealed.into(),
                            "sent".into(),
                        ]
                    }),
                )
            },
        )?;
        self.execute(
            "update aid_payment set state = 'sent'
              where county = $1 and batch_id = $2 and state = 'due'
                and payment_id in (select payment_id from aid_line where county = $1 and file_id = $3)",
            &[county.into(), new.batch.into(), id.into()],
        )?;
        Ok(id)
    }

    /// The number that the next file will have.
    ///
    /// # Errors
    /// What the engine says.
    pub fn next_aid_file(&mut self, county: u32) -> Result<u64, StoreError> {
        self.next(county, "aid_file", "file_id")
    }

    /// Sets whose account pays; its id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_aid_payer(
        &mut self,
        county: u32,
        new: &AidPayer,
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_payer", "payer_id")?;
        let plain = [new.account.as_str(), &new.bank, &new.bank_code].join("\n");
        let sealed = self.keys().seal(plain.as_bytes(), &payer_context(county, id));
        self.execute(
            "insert into aid_payer (county, payer_id, name, sealed, set_at, set_by) values ($1, $2, $3, $4, $5, $6)",
            &[
                county.into(),
                id.into(),
                (&new.name).into(),
                sealed.into(),
                by.at.to_string().into(),
                (&by.login).into(),
            ],
        )?;
        Ok(id)
    }

    /// Whose account pays: the one of an id, or the last; `None` if nobody has set one.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_payer(
        &mut self,
        county: u32,
        id: Option<u64>,
    ) -> Result<Option<AidPayer>, StoreError> {
        let keys = self.keys().clone();
        self.query_one(
            "select payer_id, name, sealed from aid_payer
              where county = $1 and ($2 = 0 or payer_id = $2) order by payer_id desc",
            &[county.into(), id.unwrap_or_default().into()],
            |r| {
                let id: u64 = r.get(0)?;
                let plain = keys.open(r.get(2)?, &payer_context(county, id))?;
                let plain = String::from_utf8(plain).map_err(|_| r.bad(2))?;
                let mut parts = plain.split('\n').map(str::to_owned);
                let mut part = || parts.next().unwrap_or_default();
                Ok(AidPayer {
                    id,
                    name: r.get(1)?,
                    account: part(),
                    bank: part(),
                    bank_code: part(),
                })
            },
        )
    }

    /// The files of a batch, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_files(&mut self, county: u32, batch: u64) -> Result<Vec<AidFile>, StoreError> {
        let sql = format!(
            "select {FILE} from aid_file where county = $1 and batch_id = $2 order by file_id"
        );
        self.query(&sql, &[county.into(), batch.into()], file)
    }

    /// A file; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_file(&mut self, county: u32, id: u64) -> Result<Option<AidFile>, StoreError> {
        let sql = format!("select {FILE} from aid_file where county = $1 and file_id = $2");
        self.query_one(&sql, &[county.into(), id.into()], file)
    }

    /// The lines of a file, in order, opened.
    ///
    /// # Errors
    /// What the engine says; sealed numbers that do not open.
    pub fn aid_file_lines(&mut self, county: u32, id: u64) -> Result<Vec<SentLine>, StoreError> {
        type Raw = (u64, u64, i64, Vec<u8>, String, String);
        let keys = self.keys().clone();
        let open = |chunk: Vec<Raw>| -> Result<Vec<SentLine>, StoreError> {
            chunk
                .into_iter()
                .map(|(line, payment, amount, sealed, state, school)| {
                    let plain = keys.open(&sealed, &line_context(county, id, line))?;
                    let bad = || StoreError::unreadable("aid_line", "sealed", line);
                    let plain = String::from_utf8(plain).map_err(|_| bad())?;
                    let (account, holder) = plain.split_once('\n').ok_or_else(bad)?;
                    let (account, holder) = (account.to_owned(), holder.to_owned());
                    Ok(SentLine { line, payment, amount, account, holder, school, state })
                })
                .collect()
        };
        behind(open, |give| {
            let mut chunk: Vec<Raw> = Vec::with_capacity(CHUNK);
            self.each(
                "select l.line, l.payment_id, l.amount, l.sealed, l.state, e.school
                   from aid_line l
                   join aid_entitlement e on e.county = l.county and e.entitlement_id = l.payment_id
                  where l.county = $1 and l.file_id = $2 order by l.line",
                &[county.into(), id.into()],
                |r| {
                    chunk.push((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?));
                    if chunk.len() == CHUNK {
                        give(std::mem::take(&mut chunk));
                    }
                    Ok(())
                },
            )?;
            give(chunk);
            Ok(())
        })
    }

    /// Gives up a payment that is due; `false` if it is not.
    ///
    /// # Errors
    /// What the engine says.
    pub fn stop_aid_payment(
        &mut self,
        county: u32,
        payment: u64,
        by: &Signed,
        why: &str,
    ) -> Result<bool, StoreError> {
        let stopped = self.execute(
            "update aid_payment set state = 'stopped', stopped_why = $3, stopped_by = $4, stopped_at = $5
              where county = $1 and payment_id = $2 and state = 'due'",
            &[
                county.into(),
                payment.into(),
                why.into(),
                (&by.login).into(),
                by.at.to_string().into(),
            ],
        )?;
        Ok(stopped == 1)
    }
}

const CHUNK: usize = 2048;

fn payer_context(county: u32, id: u64) -> Vec<u8> {
    format!("aid_payer {county} {id}").into_bytes()
}

fn line_context(county: u32, file: u64, line: u64) -> Vec<u8> {
    format!("aid_line {county} {file} {line}").into_bytes()
}

fn file(r: &Row) -> Result<AidFile, StoreError> {
    Ok(AidFile {
        id: r.get(0)?,
        batch: r.get(1)?,
        round: r.get(2)?,
        channel: r.get(3)?,
        lines: r.get(4)?,
        total: r.get(5)?,
        sha256: r.get(6)?,
        made: hand(r, 7)?.ok_or_else(|| r.bad(7))?,
        paid: (r.get(10)?, r.get(11)?),
        returned: (r.get(12)?, r.get(13)?),
        closed_at: time(r, 14)?,
        payer: r.get(15)?,
        pay_on: day(r, 16)?,
    })
}
