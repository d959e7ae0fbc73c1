//! Towns and villages, and how a place is known by what people write.

use std::collections::BTreeMap;

use fujiao_model::{Division, DivisionLevel, Field, Fields};

/// One town or village (or the county itself).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub division: Division,
    pub name: String,
    /// Longitude and latitude, WGS84.
    pub at: Option<(f64, f64)>,
    /// Whether the coordinate is made, not known.
    pub made: bool,
}

/// The places of one county.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub county: String,
    pub all: Vec<Place>,
    towns: BTreeMap<String, Division>,
    villages: BTreeMap<(Division, String), Division>,
    /// Village names that occur in one town only.
    lone_villages: BTreeMap<String, Option<Division>>,
    names: BTreeMap<Division, usize>,
}

fn bare_town(name: &str) -> &str {
    let name = name.trim();
    ["街道办事处", "街道办", "街道", "镇人民政府", "镇", "乡"]
        .iter()
        .find_map(|end| name.strip_suffix(end).filter(|rest| rest.chars().count() > 1))
        .unwrap_or(name)
}

fn bare_village(name: &str) -> &str {
    let name = name.trim();
    ["村民委员会", "居民委员会", "村委会", "居委会", "社区", "村"]
        .iter()
        .find_map(|end| name.strip_suffix(end).filter(|rest| !rest.is_empty()))
        .unwrap_or(name)
}

impl Places {
    /// The places of a published list.
    pub(crate) fn from_list(county: &str, list: impl IntoIterator<Item = Place>) -> Self {
        let mut places = Self { county: county.to_owned(), ..Self::default() };
        for place in list {
            places.enter(place);
        }
        places
    }

    fn enter(&mut self, place: Place) {
        match place.division.level() {
            DivisionLevel::Town => {
                self.towns.insert(bare_town(&place.name).to_owned(), place.division);
            }
            DivisionLevel::Village => {
                let bare = bare_village(&place.name).to_owned();
                let lone = self.lone_villages.entry(bare.clone()).or_insert(Some(place.division));
                if *lone != Some(place.division) {
                    *lone = None;
                }
                self.villages.insert((place.division.town(), bare), place.division);
            }
            _ => {}
        }
        self.names.insert(place.division, self.all.len());
        self.all.push(place);
    }

    /// Whether there is a town of this name.
    pub(crate) fn knows_town(&self, name: &str) -> bool {
        self.towns.contains_key(bare_town(name))
    }

    /// Enters towns and villages that a household register names and no list knows, with codes of our own (town 900 and on).
    pub(crate) fn learn(&mut self, county: Division, fields: &Fields) {
        let Some(town_name) = fields.text(Field::Town) else { return };
        let town = if let Some(&town) = self.towns.get(bare_town(town_name)) {
            town
        } else {
            let code = county.code() + (900 + self.towns.len() as u64).min(999) * 1_000;
            let Ok(division) = Division::from_code(code) else { return };
            self.enter(Place { division, name: town_name.to_owned(), at: None, made: true });
            division
        };
        let Some(village_name) = fields.text(Field::Village) else { return };
        if !self.villages.contains_key(&(town, bare_village(village_name).to_owned())) {
            let used = self
                .villages
                .range((town, String::new())..)
                .take_while(|((t, _), _)| *t == town)
                .count() as u64;
            if let Ok(division) = Division::from_code(town.code() + (900 - used.min(699)))
                && !self.names.contains_key(&division)
            {
                self.enter(Place { division, name: village_name.to_owned(), at: None, made: true });
            }
        }
    }

    /// The village that a row names, else its town. A village name alone counts where no other town has one of that name.
    pub(crate) fn of(&self, fields: &Fields) -> Option<Division> {
        if let Some(code) = fields.text(Field::DivisionCode).and_then(|c| Division::parse(c).ok())
            && self.names.contains_key(&code)
        {
            return Some(code);
        }
        let town =
            fields.text(Field::Town).and_then(|name| self.towns.get(bare_town(name)).copied());
        let Some(village) = fields.text(Field::Village).map(bare_village) else { return town };
        match town {
            Some(town) => {
                Some(self.villages.get(&(town, village.to_owned())).copied().unwrap_or(town))
            }
            None => self.lone_villages.get(village).copied().flatten(),
        }
    }

    /// `云台镇栗园村`; for a town its name, for the county its name.
    pub(crate) fn name(&self, place: Division) -> String {
        let own = |d: Division| self.names.get(&d).map_or("", |&at| self.all[at].name.as_str());
        match place.level() {
            DivisionLevel::Village => format!("{}{}", own(place.town()), own(place)),
            DivisionLevel::Town => own(place).to_owned(),
            _ => self.county.clone(),
        }
    }

    /// The name of the town that a place lies in; empty for the county.
    pub(crate) fn town_name(&self, place: Division) -> &str {
        self.names.get(&place.town()).map_or("", |&at| self.all[at].name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fujiao_model::Value;

    fn written(town: &str, village: &str) -> Fields {
        [(Field::Town, town), (Field::Village, village)]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(f, text)| (f, Value::Text(text.into())))
            .collect()
    }

    #[test]
    fn a_place_is_known_by_what_people_write() {
        let place = |code: u64, name: &str| Place {
            division: Division::from_code(code).unwrap(),
            name: name.to_owned(),
            at: None,
            made: true,
        };
        let mut places = Places::from_list(
            "岚川县",
            [
                place(619_926_101_000, "云台镇"),
                place(619_926_101_201, "栗园村"),
                place(619_926_102_000, "青石镇"),
                place(619_926_102_201, "栗园村"),
                place(619_926_102_202, "石门社区"),
            ],
        );
        let check = |places: &Places, town: &str, village: &str, want: &str| {
            let got =
                places.of(&written(town, village)).map(|d| places.name(d)).unwrap_or_default();
            assert_eq!(got, want, "{town} {village}");
        };
        check(&places, "云台", "栗园", "云台镇栗园村");
        check(&places, "青石镇", "石门村", "青石镇石门社区");
        check(&places, "", "石门社区", "青石镇石门社区");
        check(&places, "", "栗园村", "");
        check(&places, "青石镇", "没有村", "青石镇");
        places.learn(Division::parse("619926").unwrap(), &written("新立镇", "新村"));
        check(&places, "新立", "新村", "新立镇新村");
    }
}
