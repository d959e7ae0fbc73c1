use std::sync::Mutex;

use rayon::prelude::*;

use super::{Choice, Form, Minutes, Question, SitesError, changing, child, standards_of};
use crate::budget::Budget;
use crate::cfl::{Facilities, Places, Solving};
use crate::pmedian::Costs;

/// What one child of a group costs at a site in one of its forms, yuan a year.
struct Arc {
    group: u32,
    site: u32,
    form: u32,
    yuan: f64,
}

/// Groups and sites that no lawful way leaves: what is best within does not depend on what is done elsewhere.
#[derive(Default)]
struct Valley {
    groups: Vec<u32>,
    sites: Vec<u32>,
    arcs: Vec<Arc>,
}

/// The cheapest choice, valley by valley: a county's roads part it into many small questions, each of which can be proven.
pub(super) fn choose(
    question: &Question,
    (held, living): (&[bool], &[usize]),
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
    budget: Budget,
) -> Result<Choice, SitesError> {
    let mut whole = Choice {
        open: vec![None; question.sites.len()],
        goes: vec![Vec::new(); question.groups.len()],
        objective: 0.0,
        bound: 0.0,
    };
    let valleys = valleys(question, (held, living), minutes);
    let mut is_reached = vec![false; question.sites.len()];
    for site in valleys.iter().flat_map(|v| &v.sites) {
        is_reached[*site as usize] = true;
    }
    for (at, site) in question.sites.iter().enumerate() {
        if site.kept && !is_reached[at] {
            let cheapest = (0..site.forms.len()).min_by(|a, b| {
                yearly(question, &site.forms[*a]).total_cmp(&yearly(question, &site.forms[*b]))
            });
            if let Some(form) = cheapest {
                whole.open[at] = Some(form);
                whole.objective += yearly(question, &site.forms[form]);
            }
        }
    }
    whole.bound = whole.objective;
    let asked: Vec<Asked> =
        valleys.iter().map(|v| v.ask(question)).collect::<Result<_, SitesError>>()?;
    let mut searches: Vec<Solving> = asked
        .par_iter()
        .map(|a| Solving::new(&a.problem).map_err(|_| SitesError::NotFound))
        .collect::<Result<_, _>>()?;
    let told = Told::new(whole.objective, searches.len());
    // Each valley is searched a little before any is searched long.
    let mut nodes = FIRST_NODES;
    loop {
        let open = searches.par_iter_mut().enumerate().filter(|(_, s)| !s.is_done());
        open.for_each(|(at, s)| {
            let news = |objective: f64, bound: f64| {
                if objective < asked[at].unlawful {
                    told.tell(at, (objective, bound), budget);
                }
            };
            s.go_on(budget.with_nodes(nodes).telling(&news));
            let (objective, bound) = s.known();
            news(objective, bound);
        });
        if budget.is_over() || nodes >= budget.nodes || searches.iter().all(Solving::is_done) {
            break;
        }
        nodes = (nodes + nodes / 2).min(budget.nodes);
    }
    for ((valley, asked), search) in valleys.iter().zip(&asked).zip(searches) {
        let part = asked.choice(valley, search)?;
        whole.objective += part.objective;
        whole.bound += part.bound;
        for (&site, open) in valley.sites.iter().zip(part.open) {
            whole.open[site as usize] = open;
        }
        for (&group, row) in valley.groups.iter().zip(part.goes) {
            whole.goes[group as usize] =
                row.into_iter().map(|(site, n)| (valley.sites[site as usize], n)).collect();
        }
    }
    Ok(whole)
}

/// What is known of each valley so far: the county hears of the whole alone.
struct Told {
    /// What stands whatever is chosen.
    base: f64,
    valleys: Mutex<Vec<(f64, f64)>>,
}

impl Told {
    fn new(base: f64, valleys: usize) -> Self {
        Self { base, valleys: Mutex::new(vec![(f64::INFINITY, f64::NEG_INFINITY); valleys]) }
    }

    /// Takes news of one valley, and tells objective and bound of all as soon as each has a plan.
    fn tell(&self, at: usize, (objective, bound): (f64, f64), budget: Budget) {
        let mut valleys = self.valleys.lock().expect("no thread died with it");
        let known = &mut valleys[at];
        *known = (known.0.min(objective), known.1.max(bound));
        let add = |a: (f64, f64), b: &(f64, f64)| (a.0 + b.0, a.1 + b.1);
        let (objective, bound) = valleys.iter().fold((self.base, self.base), add);
        if objective.is_finite() {
            budget.tell(objective, bound);
        }
    }
}

/// Yuan a year that a form costs, what is paid once included.
fn yearly(question: &Question, form: &Form) -> f64 {
    form.yuan_a_year + question.prices.once_share * form.yuan_once
}

/// The valleys, the largest first.
fn valleys(
    question: &Question,
    (held, living): (&[bool], &[usize]),
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
) -> Vec<Valley> {
    let arcs: Vec<Vec<Arc>> = living
        .par_iter()
        .map(|&at| {
            let group = &question.groups[at];
            let standards = standards_of(question, held, at);
            let mut arcs = Vec::new();
            for (site, all) in (0..).zip(&question.sites) {
                let way = minutes(group.village as usize, site as usize);
                for (form, one) in (0..).zip(&all.forms) {
                    let child = child(group, one, way, standards, question.prices);
                    if let Some(child) = child
                        && one.places > 0
                    {
                        let yuan = child.yuan() + changing(question, group, site);
                        arcs.push(Arc { group: at as u32, site, form, yuan });
                    }
                }
            }
            arcs
        })
        .collect();
    let mut joined = Joined::new(question.sites.len());
    for arcs in &arcs {
        for pair in arcs.windows(2) {
            joined.join(pair[0].site, pair[1].site);
        }
    }
    let mut by_root: std::collections::BTreeMap<u32, Valley> = std::collections::BTreeMap::new();
    let mut is_in = vec![false; question.sites.len()];
    for arcs in arcs {
        let Some(first) = arcs.first() else { continue };
        let valley = by_root.entry(joined.root(first.site)).or_default();
        valley.groups.push(first.group);
        for arc in &arcs {
            if !std::mem::replace(&mut is_in[arc.site as usize], true) {
                valley.sites.push(arc.site);
            }
        }
        valley.arcs.extend(arcs);
    }
    let mut valleys: Vec<Valley> = by_root.into_values().collect();
    for valley in &mut valleys {
        valley.sites.sort_unstable();
    }
    valleys.sort_by_key(|v| std::cmp::Reverse(v.arcs.len()));
    valleys
}

impl Valley {
    fn ask(&self, question: &Question) -> Result<Asked, SitesError> {
        let clients = self.groups.len();
        let forms: Vec<(u32, usize)> = (0..)
            .zip(&self.sites)
            .flat_map(|(at, site)| {
                (0..question.sites[*site as usize].forms.len()).map(move |form| (at, form))
            })
            .collect();
        let form = |&(at, form): &(u32, usize)| {
            &question.sites[self.sites[at as usize] as usize].forms[form]
        };
        let first_form: Vec<usize> = {
            let mut first = vec![0; self.sites.len()];
            for (nth, (at, _)) in forms.iter().enumerate().rev() {
                first[*at as usize] = nth;
            }
            first
        };
        let fixed: Vec<f64> = forms.iter().map(|at| yearly(question, form(at))).collect();
        let children = |group: u32| f64::from(question.groups[group as usize].children);
        let mut dearest = vec![0.0_f64; clients];
        let mut by_site = vec![f64::INFINITY; clients * forms.len()];
        for arc in &self.arcs {
            let client = self.groups.binary_search(&arc.group).expect("the valley's group");
            let site = self.sites.binary_search(&arc.site).expect("the valley's site");
            let cost = arc.yuan * children(arc.group);
            dearest[client] = dearest[client].max(cost);
            by_site[(first_form[site] + arc.form as usize) * clients + client] = cost;
        }
        // No plan of lawful ways costs as much as one unlawful way of one child.
        let unlawful = dearest.iter().sum::<f64>() + fixed.iter().sum::<f64>() + 1.0;
        for row in by_site.chunks_mut(clients) {
            for (cost, &group) in row.iter_mut().zip(&self.groups) {
                if cost.is_infinite() {
                    *cost = unlawful * children(group);
                }
            }
        }
        let problem = Facilities {
            costs: Costs::new(clients, by_site).map_err(|_| SitesError::NotFound)?,
            demand: self.groups.iter().map(|g| question.groups[*g as usize].children).collect(),
            capacity: forms.iter().map(|at| i64::from(form(at).places)).collect(),
            places: Some(Places::new(
                forms.iter().map(|f| f.0).collect(),
                self.sites.iter().map(|s| question.sites[*s as usize].kept).collect(),
            )),
            fixed,
        };
        Ok(Asked { problem, forms, unlawful })
    }
}

/// Nodes of the search tree that each valley is given at first.
const FIRST_NODES: u64 = 16;

/// The problem of a valley.
struct Asked {
    problem: Facilities,
    /// For each site of the problem: the site within the valley, and its form.
    forms: Vec<(u32, usize)>,
    /// What no plan of lawful ways costs.
    unlawful: f64,
}

impl Asked {
    fn choice(&self, valley: &Valley, search: Solving) -> Result<Choice, SitesError> {
        let found = search.solved().ok().filter(|f| f.objective < self.unlawful);
        let found = found.ok_or(SitesError::NotFound)?;
        let mut open = vec![None; valley.sites.len()];
        for &nth in &found.plan.open {
            let (at, form) = self.forms[nth as usize];
            open[at as usize] = Some(form);
        }
        let row = |row: &Vec<(u32, u32)>| {
            row.iter().map(|(nth, n)| (self.forms[*nth as usize].0, *n)).collect()
        };
        Ok(Choice {
            open,
            goes: found.plan.served.iter().map(row).collect(),
            objective: found.objective,
            bound: found.bound,
        })
    }
}

/// Sets that grow together.
struct Joined(Vec<u32>);

impl Joined {
    fn new(n: usize) -> Self {
        Self((0..n as u32).collect())
    }

    fn root(&mut self, of: u32) -> u32 {
        let mut at = of;
        while self.0[at as usize] != at {
            self.0[at as usize] = self.0[self.0[at as usize] as usize];
            at = self.0[at as usize];
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
