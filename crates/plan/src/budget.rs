/// How long a search may go on, and who hears of what it finds meanwhile.
///
/// A limit of nodes gives the same answer every time; a clock does not, so only the program passes one in.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    stop: &'a (dyn Fn() -> bool + Sync),
    news: &'a (dyn Fn(f64, f64) + Sync),
    /// Nodes of the search tree after which it ends.
    pub nodes: u64,
}

impl Budget<'static> {
    /// Until proof.
    pub fn unlimited() -> Self {
        Self { stop: &|| false, news: &|_, _| (), nodes: u64::MAX }
    }
}

impl<'a> Budget<'a> {
    /// Ends soon after `stop` says so.
    pub fn until(stop: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { stop, news: &|_, _| (), nodes: u64::MAX }
    }

    /// Ends after so many nodes of the search tree.
    #[must_use]
    pub fn with_nodes(self, nodes: u64) -> Self {
        Self { nodes, ..self }
    }

    /// Calls `news` with objective and bound whenever one of them is better than before.
    #[must_use]
    pub fn telling(self, news: &'a (dyn Fn(f64, f64) + Sync)) -> Self {
        Self { news, ..self }
    }

    pub(crate) fn is_over(&self) -> bool {
        (self.stop)()
    }

    pub(crate) fn tell(&self, objective: f64, bound: f64) {
        (self.news)(objective, bound);
    }
}

impl std::fmt::Debug for Budget<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budget").field("nodes", &self.nodes).finish_non_exhaustive()
    }
}

/// A plan and how good it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved<P> {
    /// What to do.
    pub plan: P,
    /// What it costs.
    pub objective: f64,
    /// No plan costs less.
    pub bound: f64,
    /// Nodes of the search tree that were looked at.
    pub nodes: u64,
}

impl<P> Solved<P> {
    /// Whether no better plan exists (up to the rounding of sums of floats, 10⁻⁹ of the objective).
    pub fn is_proven(&self) -> bool {
        self.objective - self.bound <= 1e-9 * self.objective.abs().max(1.0)
    }

    /// How much cheaper another plan could be at most, as a share of this one's cost.
    pub fn optimality_gap(&self) -> f64 {
        ((self.objective - self.bound) / self.objective.abs().max(f64::MIN_POSITIVE)).max(0.0)
    }
}
