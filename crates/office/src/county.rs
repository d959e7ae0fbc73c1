//! Which county the books are of, and its places.

use std::collections::BTreeMap;

use fujiao_intake::Intake;
use fujiao_model::{Division, DivisionLevel, Field};

use crate::registers::places::{Place, Places};
use crate::{Office, OfficeError};

/// A county by its six digits.
pub(crate) struct County {
    pub code: u32,
    pub name: String,
    /// Made, not real.
    pub made: bool,
}

/// The code of a county that no list here knows: 99 is no province.
const UNLISTED: u32 = 999_999;

impl County {
    /// From the store.
    pub(crate) fn known(code: u32, name: &str, made: bool) -> Self {
        Self { code, name: name.to_owned(), made }
    }

    /// Its towns and villages, as far as a list ships; else only what the rosters name.
    pub(crate) fn places(&self) -> Places {
        let order = if self.code == fujiao_synth::INVENTED_COUNTY { None } else { Some(self.code) };
        let listed = if self.code == UNLISTED { None } else { fujiao_synth::places(order).ok() };
        let own = Division::parse(&self.code.to_string()).ok().map(|division| Place {
            division,
            name: self.name.clone(),
            at: None,
            made: true,
        });
        let listed = listed.into_iter().flat_map(|c| c.places).map(|p| Place {
            division: p.code,
            name: p.name,
            at: Some((p.longitude, p.latitude)),
            made: p.coordinates == fujiao_synth::Coordinates::Made,
        });
        Places::from_list(
            &self.name,
            own.into_iter().chain(listed.filter(|p| p.division.level() >= DivisionLevel::Town)),
        )
    }
}

impl Office {
    /// Learns from the first workbooks which county they are of: by the county that most of them name.
    pub(crate) fn settle_county<'a>(
        &mut self,
        intakes: impl Iterator<Item = &'a Intake>,
    ) -> Result<(), OfficeError> {
        if self.county.is_some() {
            return Ok(());
        }
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut any = false;
        for sheet in intakes.flat_map(|i| &i.sheets) {
            any |= sheet.kind.is_some();
            let of_rows = sheet.rows.iter().take(3).filter_map(|r| r.fields.text(Field::County));
            for name in sheet.context.text(Field::County).into_iter().chain(of_rows) {
                *votes.entry(name).or_default() += 1;
            }
        }
        if !any {
            return Ok(());
        }
        let name = votes
            .into_iter()
            .max_by_key(|(name, n)| (*n, std::cmp::Reverse(*name)))
            .map(|(name, _)| name);
        let listed = name.and_then(|name| {
            fujiao_synth::known_counties()
                .into_iter()
                .find(|c| name.ends_with(c.name.trim()) || c.name.ends_with(name))
        });
        let county = match (listed, name) {
            (Some(c), _) => County {
                code: c.code,
                name: c.name.to_owned(),
                made: c.code == fujiao_synth::INVENTED_COUNTY,
            },
            (None, Some(name)) => County { code: UNLISTED, name: name.to_owned(), made: false },
            (None, None) => County { code: UNLISTED, name: "本县".to_owned(), made: false },
        };
        self.store.write(|tx| {
            tx.put_county(county.code, &county.name, county.made).map_err(OfficeError::from)
        })?;
        self.county = Some(county);
        Ok(())
    }
}
