//! Which county the books are of, and its places.

use std::collections::BTreeMap;

use fujiao_intake::Intake;
use fujiao_model::{Division, DivisionLevel, Field};

use crate::registers::places::{Place, Places};
use crate::{Office, OfficeError};

/// A county by its six digits.
#[derive(Clone)]
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
        let listed = listed.into_iter().flat_map(|c| c.places).map(place);
        Places::from_list(
            &self.name,
            own.into_iter().chain(listed.filter(|p| p.division.level() >= DivisionLevel::Town)),
        )
    }
}

impl Office {
    /// Learns from the first workbooks which county they are of: by the towns that they name, else by the county.
    pub(crate) fn settle_county<'a>(
        &mut self,
        intakes: impl Iterator<Item = &'a Intake>,
    ) -> Result<(), OfficeError> {
        if self.county.is_some() {
            return Ok(());
        }
        let mut evidence = Evidence::default();
        for sheet in intakes.flat_map(|i| &i.sheets).filter(|s| s.kind.is_some()) {
            evidence.take(sheet);
        }
        if evidence.sheets == 0 {
            return Ok(());
        }
        let (code, name) = evidence.listed_county().unwrap_or_else(|| {
            let name =
                evidence.counties.iter().max_by_key(|(name, n)| (**n, std::cmp::Reverse(*name)));
            (UNLISTED, name.map_or_else(|| "本县".to_owned(), |(name, _)| (*name).to_owned()))
        });
        let made = code == fujiao_synth::INVENTED_COUNTY || evidence.made_ids * 2 > evidence.ids;
        self.store.write(|tx| tx.put_county(code, &name, made).map_err(OfficeError::from))?;
        self.county = Some(County { code, name, made });
        Ok(())
    }
}

/// What workbooks say of where they come from.
#[derive(Default)]
struct Evidence<'a> {
    sheets: usize,
    towns: BTreeMap<&'a str, usize>,
    counties: BTreeMap<&'a str, usize>,
    ids: usize,
    /// Ids of area 6199, which is no place: made people.
    made_ids: usize,
}

impl<'a> Evidence<'a> {
    fn take(&mut self, sheet: &'a fujiao_intake::Sheet) {
        self.sheets += 1;
        for fields in sheet.rows.iter().take(200).map(|r| &r.fields).chain([&sheet.context]) {
            if let Some(town) = fields.text(Field::Town) {
                *self.towns.entry(town).or_default() += 1;
            }
            if let Some(county) = fields.text(Field::County) {
                *self.counties.entry(county).or_default() += 1;
            }
            if let Some(school) = fields.text(Field::School)
                && let Some((county, rest)) = school.split_once('县')
                && !rest.is_empty()
                && county.chars().count() <= 6
            {
                *self.counties.entry(&school[..county.len() + '县'.len_utf8()]).or_default() += 1;
            }
            if let Some(id) = fields.id(Field::CitizenId) {
                self.ids += 1;
                self.made_ids += usize::from(id.reveal().starts_with("6199"));
            }
        }
    }

    /// The county of the shipped lists whose towns most rows name, if most rows name one.
    fn listed_county(&self) -> Option<(u32, String)> {
        let all: usize = self.towns.values().sum();
        let codes = std::iter::once(fujiao_synth::INVENTED_COUNTY)
            .chain(fujiao_synth::known_counties().into_iter().map(|c| c.code));
        let (named, code, name) = codes
            .filter_map(|code| {
                let order = (code != fujiao_synth::INVENTED_COUNTY).then_some(code);
                let county = fujiao_synth::places(order).ok()?;
                let places = Places::from_list(&county.name, county.places.into_iter().map(place));
                let named: usize =
                    self.towns.iter().filter(|(t, _)| places.knows_town(t)).map(|(_, n)| n).sum();
                Some((named, code, county.name))
            })
            .max_by_key(|(named, code, _)| (*named, std::cmp::Reverse(*code)))?;
        (named > 0 && named * 2 > all).then_some((code, name))
    }
}

/// A place of the shipped lists.
fn place(p: fujiao_synth::Place) -> Place {
    Place {
        division: p.code,
        name: p.name,
        at: Some((p.longitude, p.latitude)),
        made: p.coordinates == fujiao_synth::Coordinates::Made,
    }
}
