/// Which sites are forms of one place, and which places must be open in some form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The place of each site.
    of: Vec<u32>,
    /// The sites of each place, ascending.
    forms: Vec<Vec<u32>>,
    kept: Vec<bool>,
}

impl Places {
    /// Sites `of` these places; `kept` ones are open in any plan.
    ///
    /// # Panics
    /// If a site is of a place that `kept` does not know.
    pub fn new(of: Vec<u32>, kept: Vec<bool>) -> Self {
        let mut forms = vec![Vec::new(); kept.len()];
        for (site, &place) in (0..).zip(&of) {
            forms[place as usize].push(site);
        }
        Self { of, forms, kept }
    }

    /// How many places.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The place of a site.
    pub fn of(&self, site: u32) -> u32 {
        self.of[site as usize]
    }

    /// Whether a place is open in any plan.
    pub fn is_kept(&self, place: usize) -> bool {
        self.kept[place]
    }

    /// Sites of each place.
    pub fn forms(&self) -> impl Iterator<Item = &[u32]> {
        self.forms.iter().map(Vec::as_slice)
    }

    /// All sites of the place that a site is of, itself included.
    pub fn forms_of(&self, site: u32) -> &[u32] {
        &self.forms[self.of(site) as usize]
    }

    /// The other sites of its place.
    pub fn siblings(&self, site: u32) -> impl Iterator<Item = u32> {
        self.forms_of(site).iter().copied().filter(move |other| *other != site)
    }
}
