//! What people write down by hand, with or without signal: visits, contacts, attendance, meal counts.
//!
//! [`Office::record`] takes what a device sends. A key made on the device makes it idempotent: the same thing sent again
//! gets the same receipt and changes nothing. Nothing is overwritten: an edit is an entry of its own that supersedes.

mod book;
mod check;
mod children;
mod conflicts;
mod day;
mod ground;
mod photos;
mod rows;
mod said;
mod withdraw;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

pub(crate) use conflicts::view;
pub(crate) use rows::{TAKEN_BACK, hand_file};

pub use children::{LastContact, Owed, ToVisit};
pub use conflicts::{ConflictView, Side, SideValue};
pub use day::{ClassPage, ClassToday, MyEntry, Pupil, VisitDay};
pub(crate) use ground::{class_mates, today};
pub use photos::{PHOTO_BYTES, PHOTOS, Photo};
pub use said::{Attendance, ClassRef, Meals, Visit, What};

/// What a device calls something that was written on it: 128 bits, 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryKey(pub [u8; 16]);

impl EntryKey {
    /// Reads 32 hexadecimal digits, with or without the hyphens of a UUID.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let number = u128::from_str_radix(&digits, 16).ok()?;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Something that somebody wrote and now sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// Made on the device.
    pub key: EntryKey,
    /// The entry that it corrects.
    pub supersedes: Option<EntryKey>,
    /// The day that it is about; `None`: the form was left empty there.
    pub on: Option<Date>,
    /// When it was written, by the device's clock.
    pub written_at: Timestamp,
    /// What.
    pub what: What,
}

/// What became of something that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptState {
    /// It is in the books; the device may forget it.
    Kept,
    /// It is in the books; somebody else said otherwise, and a person will decide.
    Conflict,
    /// It is not in the books: it stays with its author, who can put it right.
    Refused,
}

impl ReceiptState {
    /// For programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [Self::Kept, Self::Conflict, Self::Refused].into_iter().find(|s| s.code() == code)
    }
}

/// Something to tell the author about a field: why it is refused, or what was done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The field of the form; `marks.` and the person's id for a mark; empty: the whole entry.
    pub field: String,
    /// What there is to say.
    pub about: About,
    /// A name, a number or a day in it.
    pub arg: String,
}

macro_rules! abouts {
    ($($(#[$meta:meta])* $variant:ident = $code:literal;)*) => {
        /// What there is to say about a field. Pages hold the sentences.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum About { $($(#[$meta])* $variant,)* }

        impl About {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in receipts and texts.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|a| a.code() == code)
            }
        }
    };
}

abouts! {
    /// The role does not do this.
    NotYours = "not_yours";
    /// No such child, or not theirs.
    NoChild = "no_child";
    /// No such class, or not theirs.
    NoClass = "no_class";
    /// The child is now elsewhere; it was booked there. The argument says where.
    Moved = "moved";
    /// The child is in another class now; the mark is given back. The argument is the child's name.
    MovedAway = "moved_away";
    /// No day was given.
    NoDay = "no_day";
    /// The day has not come.
    Tomorrow = "tomorrow";
    /// The day is of another term. The argument is the first day that can be taken.
    OtherTerm = "other_term";
    /// The next contact must be later than today.
    NextNotLater = "next_not_later";
    /// The next contact is more than a year away.
    NextTooFar = "next_too_far";
    /// Too long. The argument is the number of characters allowed.
    TooLong = "too_long";
    /// Nothing was said.
    Empty = "empty";
    /// No phone number.
    NoPhone = "no_phone";
    /// More were served than are enrolled. The argument is how many are.
    MoreThanEnrolled = "more_than_enrolled";
    /// The key came in before with other content.
    OtherContent = "other_content";
    /// The entry that it corrects was taken back.
    TakenBack = "taken_back";
    /// The entry that it corrects is about somebody else, or of another kind.
    OtherSubject = "other_subject";
    /// No lessons that day.
    NoLessons = "no_lessons";
    /// The day is outside the terms of the county's calendar.
    OutsideTerm = "outside_term";
    /// The school was closed that day.
    SchoolClosed = "school_closed";
    /// The county has locked the month.
    MonthLocked = "month_locked";
    /// It does not read.
    Unread = "unread";
    /// Somebody else said otherwise; a person will decide. The argument is who.
    SaidOtherwise = "said_otherwise";
}

impl Remark {
    fn new(field: impl Into<String>, about: About, arg: impl Into<String>) -> Self {
        Self { field: field.into(), about, arg: arg.into() }
    }
}

/// The answer to something that was sent; the same for the same key, however often it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Of what.
    pub key: EntryKey,
    /// What became of it.
    pub state: ReceiptState,
    /// When it came in, or was refused.
    pub at: Timestamp,
    /// Reasons of a refusal, or what was done besides.
    pub remarks: Vec<Remark>,
}

/// Why something written by hand cannot be found, decided or taken back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// No such entry, or not theirs.
    #[error("没有这条记录，或不归你管；回“家访”看自己记过的")]
    NoEntry,
    /// No such conflict, or not theirs.
    #[error("没有这处不一致，或不归你定；回“家访”看待定的")]
    NoConflict,
    /// It was decided before.
    #[error("这处不一致已经定过；刷新看结果")]
    Decided,
    /// One of the two wrote it.
    #[error("自己记的不能自己定；请校长或镇里定")]
    OwnEntry,
    /// A reason is missing.
    #[error("写一句为什么，200 字以内")]
    NoReason,
    /// It was edited or taken back before.
    #[error("这条已经改过或撤回，不用再撤")]
    NotInForce,
    /// The picture is too large.
    #[error("照片 {0} MB 太大，最多 2 MB；用手机上的“存手机”会自动压小，再传")]
    PhotoTooLarge(u64),
    /// The bytes are no picture.
    #[error("不是照片；只收 JPEG、PNG、WebP")]
    NoPhoto,
    /// There are three already.
    #[error("一份记录最多 3 张照片；删掉一张再传")]
    TooManyPhotos,
    /// The entry is not in the books yet.
    #[error("照片所属的记录还没收到；先传记录，再传照片")]
    PhotoBeforeEntry,
    /// The key came in before with other bytes.
    #[error("这张照片收过，内容不同；重新拍一张")]
    OtherPhoto,
}

impl Office {
    /// Takes what a device sends: each entry in a transaction of its own with its audit line, whatever becomes of the
    /// others. What is refused is not in the books; the reasons stand at its fields.
    ///
    /// # Errors
    /// What the store says; entries before the one that failed are in the books, and will get the same receipts again.
    pub fn record(
        &self,
        actor: &Actor,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<Receipt>, OfficeError> {
        let county = self.county_code()?;
        entries
            .into_iter()
            .map(|entry| {
                self.store
                    .write(|tx| book::Booking::new(tx, county, actor, &self.rules)?.take(&entry))
            })
            .collect()
    }
}

/// The right that an entry asks for.
fn right_of(what: &What) -> Right {
    match what {
        What::Visit(visit) if visit.is_care() => Right::Care,
        What::Visit(_) => Right::Visit,
        What::Attendance(_) => Right::Attendance,
        What::Meals(_) => Right::Meals,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back() {
        let key = EntryKey::parse("0190A6D0-0000-7000-8000-0000000000fF").unwrap();
        assert_eq!(key.to_string(), "0190a6d00000700080000000000000ff");
        assert_eq!(EntryKey::parse(&key.to_string()), Some(key));
        for text in
            ["", "12", "0190a6d000007000800000000000000g", "+190a6d00000700080000000000000ff"]
        {
            assert_eq!(EntryKey::parse(text), None, "{text}");
        }
    }
}
