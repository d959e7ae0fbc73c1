//! Pictures of a visit: apart from it, because a bad signal carries a line of text long before a picture.

use fujiao_model::SubjectKind;
use fujiao_store::{EntryPhoto, Event};
use sha2::{Digest, Sha256};

use super::{EntryError, EntryKey, ground};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError, picture};

/// The largest picture that is taken, in bytes. Devices shrink what they take to a tenth of it.
pub const PHOTO_BYTES: usize = 2 * 1024 * 1024;
/// How many pictures an entry can have.
pub const PHOTOS: usize = 3;

/// A picture to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Office {
    /// Takes a picture of an entry that is in the books; the same key and bytes again change nothing.
    ///
    /// # Errors
    /// [`EntryError`] if it is too large, no picture, one too many, or its entry is not there or another's.
    pub fn record_photo(
        &self,
        actor: &Actor,
        entry: EntryKey,
        key: EntryKey,
        bytes: &[u8],
    ) -> Result<(), OfficeError> {
        if bytes.len() > PHOTO_BYTES {
            return Err(EntryError::PhotoTooLarge(bytes.len().div_ceil(1024 * 1024) as u64).into());
        }
        let kind = picture::kind_of(bytes).ok_or(EntryError::NoPhoto)?;
        // Devices draw what they take anew, which leaves nothing of the camera; what came another way is cleaned if it reads.
        let clean = picture::clean(bytes);
        let bytes = clean.as_ref().map_or(bytes, |(_, clean)| clean.as_slice());
        let sha256: [u8; 32] = Sha256::digest(bytes).into();
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = tx
                .entry_of_key(county, &entry.0)?
                .filter(|e| e.user == actor.user)
                .ok_or(EntryError::PhotoBeforeEntry)?;
            if let Some(before) = tx.photo(county, &key.0)? {
                let same = (before.entry, before.sha256) == (of.number, sha256);
                return if same { Ok(()) } else { Err(EntryError::OtherPhoto.into()) };
            }
            if tx.photos_of(county, of.number)?.len() >= PHOTOS {
                return Err(EntryError::TooManyPhotos.into());
            }
            let photo = EntryPhoto {
                key: key.0,
                entry: of.number,
                sha256,
                kind: kind.to_owned(),
                bytes: bytes.to_vec(),
                user: actor.user,
            };
            tx.add_photo(county, &photo, actor.at)?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "photo",
                object: &format!("entry {}", of.number),
                detail: &format!("{kind} {} bytes", bytes.len()),
            })?;
            Ok(())
        })
    }

    /// A picture, for its author and for those whose ground the child is on; of a care record, for those on the case.
    ///
    /// # Errors
    /// [`EntryError::NoEntry`] if it is not there or not theirs to see: the two look alike.
    pub fn entry_photo(&self, actor: &Actor, key: EntryKey) -> Result<Photo, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let photo = tx.photo(county, &key.0)?.ok_or(EntryError::NoEntry)?;
            let entry = tx.entry(county, photo.entry)?.ok_or(EntryError::NoEntry)?;
            let right = if entry.care { Right::Care } else { Right::Visit };
            let mut theirs = photo.user == actor.user;
            if !theirs && entry.subject.kind == SubjectKind::Person {
                let now = tx.current_person(county, entry.subject.id)?;
                let child = match now {
                    Some(id) => tx.person(county, id)?,
                    None => None,
                };
                theirs = child
                    .is_some_and(|child| actor.scope(right).reaches(&ground::standing(&child)));
            }
            if !theirs {
                return Err(EntryError::NoEntry.into());
            }
            Ok(Photo { media_type: picture::media_type(&photo.kind), bytes: photo.bytes })
        })
    }
}
