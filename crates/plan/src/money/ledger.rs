use super::choice::Choice;
use super::relax::{Open, Shape, cheapest};
use crate::random::Random;

/// A choice that the purses can pay, while it is made.
pub(super) struct Ledger<'s> {
    shape: &'s Shape<'s>,
    form: Vec<Option<usize>>,
    /// What is paid from each set of purses.
    load: Vec<i64>,
    /// What each floor has.
    has: Vec<f64>,
}

/// Projects that are let go at most, to try others in their place.
const CORE: usize = 24;

impl<'s> Ledger<'s> {
    fn empty(shape: &'s Shape<'s>) -> Self {
        let (form, load) = (vec![None; shape.projects.len()], vec![0; shape.rooms.room.len()]);
        Self { shape, form, load, has: vec![0.0; shape.floors.len()] }
    }

    fn of(shape: &'s Shape<'s>, choice: &Choice) -> Self {
        let mut ledger = Self::empty(shape);
        for (project, form) in choice.form.iter().enumerate() {
            ledger.put(project, *form);
        }
        ledger
    }

    fn closed(self) -> Choice {
        Choice::of(self.shape.projects, self.form)
    }

    fn worth(&self, project: usize, form: Option<usize>) -> f64 {
        form.map_or(0.0, |f| self.shape.projects[project][f].worth)
    }

    /// Gives a project another form, whatever the purses say.
    fn put(&mut self, project: usize, form: Option<usize>) {
        let before = std::mem::replace(&mut self.form[project], form);
        for (form, sign) in [(before, -1), (form, 1)] {
            let Some(form) = form else { continue };
            let yuan = i64::from(self.shape.projects[project][form].yuan) * sign;
            for set in self.shape.rooms.of(project, form) {
                self.load[*set as usize] += yuan;
            }
        }
        let more = self.worth(project, form) - self.worth(project, before);
        for floor in &self.shape.all_floors_of[project] {
            self.has[*floor] += more;
        }
    }

    fn can_pay(&self) -> bool {
        self.load.iter().zip(&self.shape.rooms.room).all(|(load, room)| load <= room)
    }

    /// Whether the purses have what a form costs.
    fn has_room(&self, project: usize, form: usize) -> bool {
        let yuan = i64::from(self.shape.projects[project][form].yuan);
        let sets = self.shape.rooms.of(project, form);
        sets.iter().all(|s| self.load[*s as usize] + yuan <= self.shape.rooms.room[*s as usize])
    }

    /// What is worth most for its price first; what is decided and then floors before all else. Each project counts as much more as `luck` says.
    fn fill(&mut self, open: &Open, u: &[f64], mut luck: impl FnMut(usize) -> f64) {
        let shape = self.shape;
        let price = shape.a_yuan(u);
        let mean = shape.purses.iter().sum::<i64>().max(1) as f64;
        let mut order: Vec<(f64, usize, usize)> = Vec::new();
        for (project, forms) in shape.projects.iter().enumerate() {
            let luck = luck(project);
            for (at, form) in forms.iter().enumerate().filter(|(at, _)| open.allows(project, *at)) {
                if let Some((_, price)) = cheapest(form, &price) {
                    // Where no price is known yet, a yuan is a yuan.
                    let cost = f64::from(form.yuan) * (price + 1e-6 / mean);
                    order.push((luck * form.worth / cost.max(1e-12), project, at));
                }
            }
        }
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let take = |this: &mut Self, project: usize, form: usize| {
            if this.form[project].is_none() && this.has_room(project, form) {
                this.put(project, Some(form));
            }
        };
        for &(_, project, at) in order.iter().filter(|o| !open.may_be_left(o.1)) {
            take(self, project, at);
        }
        for (at, floor) in shape.floors.iter().enumerate() {
            for &(_, project, form) in &order {
                if self.has[at] >= floor.worth - 1e-9 {
                    break;
                }
                if shape.all_floors_of[project].contains(&at) {
                    take(self, project, form);
                }
            }
        }
        for (_, project, form) in order {
            take(self, project, form);
        }
    }

    /// What some changes together would gain; `None` if the purses cannot pay them or a floor suffers. Nothing is changed.
    fn gain<const N: usize>(&mut self, changes: [(usize, Option<usize>); N]) -> Option<f64> {
        let before = changes.map(|(project, _)| (project, self.form[project]));
        let more: f64 =
            changes.iter().map(|(p, f)| self.worth(*p, *f) - self.worth(*p, self.form[*p])).sum();
        if more <= 1e-9 {
            return None;
        }
        let had = changes.map(|(project, _)| self.lacking(project));
        for (project, form) in changes {
            self.put(project, form);
        }
        let suffers =
            changes.iter().zip(had).any(|((project, _), had)| self.lacking(*project) > had + 1e-9);
        let may = !suffers && self.can_pay();
        for (project, form) in before {
            self.put(project, form);
        }
        may.then_some(more)
    }

    /// What is missing to the floors of a project.
    fn lacking(&self, project: usize) -> f64 {
        let floors = self.shape.all_floors_of[project].iter();
        floors.map(|f| (self.shape.floors[*f].worth - self.has[*f]).max(0.0)).sum()
    }

    /// Makes it better for as long as one project more or another form, or one in another's place, does.
    fn improve(&mut self) {
        loop {
            while self.one_step() {}
            if !self.in_anothers_place() {
                return;
            }
        }
    }

    /// The best change of one project.
    fn one_step(&mut self) -> bool {
        let mut best: Option<(f64, usize, usize)> = None;
        for project in 0..self.form.len() {
            for form in 0..self.shape.projects[project].len() {
                let more = self.more(project, form);
                if best.is_none_or(|b| more > b.0) && self.gain([(project, Some(form))]).is_some() {
                    best = Some((more, project, form));
                }
            }
        }
        if let Some((_, project, form)) = best {
            self.put(project, Some(form));
        }
        best.is_some()
    }

    /// How much more a form is worth than what a project has.
    fn more(&self, project: usize, form: usize) -> f64 {
        self.worth(project, Some(form)) - self.worth(project, self.form[project])
    }

    /// By how many yuan the purses lack what a form costs.
    fn excess(&self, project: usize, form: usize) -> i64 {
        let yuan = i64::from(self.shape.projects[project][form].yuan);
        let sets = self.shape.rooms.of(project, form).iter().map(|s| *s as usize);
        sets.map(|s| self.load[s] + yuan - self.shape.rooms.room[s]).max().unwrap_or(0)
    }

    /// Every change of two projects that gains, one after another: one goes or takes another form, and the other comes.
    fn in_anothers_place(&mut self) -> bool {
        let shape = self.shape;
        let n = self.form.len();
        let mut any = false;
        for project in 0..n {
            for form in 0..shape.projects[project].len() {
                let wanted = self.excess(project, form);
                for other in 0..n {
                    let more = self.more(project, form);
                    let Some(now) = self.form[other].filter(|_| other != project) else { continue };
                    if more <= 1e-9 || i64::from(shape.projects[other][now].yuan) < wanted {
                        continue;
                    }
                    let forms = 0..shape.projects[other].len();
                    for instead in std::iter::once(None).chain(forms.map(Some)) {
                        let lost = self.worth(other, Some(now)) - self.worth(other, instead);
                        if instead != Some(now)
                            && lost < more - 1e-9
                            && self.gain([(other, instead), (project, Some(form))]).is_some()
                        {
                            self.put(other, instead);
                            self.put(project, Some(form));
                            any = true;
                            break;
                        }
                    }
                }
            }
        }
        any
    }
}

impl Choice {
    /// A plan that follows prices.
    pub(super) fn by_prices(shape: &Shape<'_>, open: &Open, u: &[f64]) -> Self {
        let mut ledger = Ledger::empty(shape);
        ledger.fill(open, u, |_| 1.0);
        ledger.closed()
    }

    /// As good as changes of one or two projects make it.
    pub(super) fn improved(&self, shape: &Shape<'_>) -> Self {
        let mut ledger = Ledger::of(shape, self);
        ledger.improve();
        ledger.closed()
    }

    /// Another plan near this one: some projects are let go, and what is best by luck takes their place.
    pub(super) fn stirred(&self, shape: &Shape<'_>, u: &[f64], random: &mut Random) -> Self {
        let n = self.form.len();
        let mut ledger = Ledger::of(shape, self);
        for _ in 0..2 + random.below(CORE.min(n.max(1))) {
            ledger.put(random.below(n.max(1)), None);
        }
        let luck: Vec<f64> = (0..n).map(|_| 0.7 + 0.6 * random.unit()).collect();
        ledger.fill(&Open::all(shape.projects), u, |project| luck[project]);
        ledger.improve();
        ledger.closed()
    }
}
