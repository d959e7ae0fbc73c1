use super::relax::Shape;
use super::{Floor, Form, Paid};
use crate::transport::Transport;

/// Which form of each project is paid.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) form: Vec<Option<usize>>,
    pub(super) worth: f64,
}

impl Choice {
    pub(super) fn of(projects: &[Vec<Form>], form: Vec<Option<usize>>) -> Self {
        let worth = |(at, f): (usize, &Option<usize>)| f.map_or(0.0, |f| projects[at][f].worth);
        let worth = form.iter().enumerate().map(worth).sum();
        Self { form, worth }
    }

    /// What is missing to a floor.
    pub(super) fn short_of(&self, projects: &[Vec<Form>], floor: &Floor) -> f64 {
        let worth = |p: &usize| self.form[*p].map_or(0.0, |f| projects[*p][f].worth);
        (floor.worth - floor.projects.iter().map(worth).sum::<f64>()).max(0.0)
    }

    /// What is missing to all floors together.
    pub(super) fn missing(&self, shape: &Shape<'_>) -> f64 {
        shape.floors.iter().map(|f| self.short_of(shape.projects, f)).sum()
    }

    /// Who pays what; `None` if the purses cannot.
    pub(super) fn pay(&self, projects: &[Vec<Form>], purses: &[i64]) -> Option<Vec<Paid>> {
        let mut transport = Transport::new(purses.to_vec());
        let chosen: Vec<(usize, usize)> =
            self.form.iter().enumerate().filter_map(|(p, f)| f.map(|f| (p, f))).collect();
        for &(project, form) in &chosen {
            let form = &projects[project][form];
            let mut may = form.purses.clone();
            may.sort_unstable();
            may.dedup();
            transport.push(form.yuan, may.into_iter().map(|p| (p, 0)));
        }
        let placement = transport.solve().ok()?;
        let paid = chosen.iter().enumerate().map(|(at, &(project, form))| {
            let (may, _) = transport.candidates(at);
            let flow = &placement.flow[transport.row(at)];
            let from = may.iter().copied().zip(flow.iter().copied()).filter(|f| f.1 > 0).collect();
            Paid { project, form, from }
        });
        Some(paid.collect())
    }
}
