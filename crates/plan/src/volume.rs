/// A problem whose hard equations were priced into the objective: for any prices it can be solved outright, and its value
/// is a bound.
pub(crate) trait Relaxation {
    /// The value at prices `u`. Leaves in `residual` what each priced equation lacks at the solution, and in `primal` the
    /// solution itself, so far as the caller wants it averaged.
    fn solve(&mut self, u: &[f64], residual: &mut [f64], primal: &mut [f64]) -> f64;

    /// Brings prices back to where they are valid.
    fn clamp(&self, _u: &mut [f64]) {}

    /// Whether what lacks at one place says nothing about where to go: an inequality that is free and costs nothing.
    fn is_idle(&self, _at: usize, _price: f64, _residual: f64) -> bool {
        false
    }
}

/// Where an ascent stands.
#[derive(Clone, Debug)]
pub(crate) struct Ascent {
    /// The best prices found.
    pub u: Vec<f64>,
    /// The bound at `u`.
    pub bound: f64,
    /// A convex combination of solutions, near to an optimal fractional one.
    pub primal: Vec<f64>,
}

/// How an ascent goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Most steps.
    pub steps: usize,
    /// Ends when so many steps together close less than a hundredth of what is left to `target`.
    pub patience: usize,
    /// Share of the way to the target that a first step goes.
    pub lambda: f64,
    /// Reaching this is enough.
    pub enough: f64,
    /// What is aimed at: the objective of the best plan known.
    pub target: f64,
}

/// Raises the bound from prices `u` (Barahona and Anbil 2000, "The volume algorithm").
///
/// `each` sees every solution as it comes, with its value and the average so far, and may end the ascent by answering
/// `false`.
pub(crate) fn ascend<R: Relaxation>(
    relaxation: &mut R,
    u: Vec<f64>,
    primal_len: usize,
    pace: Pace,
    mut each: impl FnMut(&mut R, usize, f64, &[f64]) -> bool,
) -> Ascent {
    let n = u.len();
    let mut residual = vec![0.0; n];
    let mut primal = vec![0.0; primal_len];
    let mut best = u;
    relaxation.clamp(&mut best);
    let mut bound = relaxation.solve(&best, &mut residual, &mut primal);
    let mut mean_residual = residual.clone();
    let mut mean_primal = primal.clone();
    let mut trial = best.clone();
    let mut lambda = pace.lambda;
    let mut most_alpha = 0.1_f64;
    let (mut green, mut yellow, mut red) = (0, 0, 0);
    let mut mark = bound;
    let mut alpha_mark = bound;
    if !each(relaxation, 0, bound, &primal) {
        return Ascent { u: best, bound, primal: mean_primal };
    }
    for step in 1..=pace.steps {
        if bound >= pace.enough {
            break;
        }
        let idle = |at: usize, v: f64| relaxation.is_idle(at, best[at], v);
        let norm: f64 = mean_residual
            .iter()
            .enumerate()
            .filter(|(at, v)| !idle(*at, **v))
            .map(|(_, v)| v * v)
            .sum();
        if norm < 1e-12 {
            break;
        }
        // The target moves with the bound, as one that is far away makes every step too long.
        let target = pace.target.min(bound + 0.05 * bound.abs().max(1.0));
        let length = lambda * (target - bound).max(1e-7 * bound.abs().max(1.0)) / norm;
        for ((t, b), v) in trial.iter_mut().zip(&best).zip(&mean_residual) {
            *t = b + length * v;
        }
        relaxation.clamp(&mut trial);
        let value = relaxation.solve(&trial, &mut residual, &mut primal);
        // The weight of the new solution that leaves the least residual.
        let (mut across, mut square) = (0.0, 0.0);
        let mut along = 0.0;
        for (v, w) in mean_residual.iter().zip(&residual) {
            let d = w - v;
            across -= v * d;
            square += d * d;
            along += v * w;
        }
        let wanted = if square > 0.0 { across / square } else { most_alpha };
        let alpha = wanted.clamp(most_alpha / 10.0, most_alpha);
        for (v, w) in mean_residual.iter_mut().zip(&residual) {
            *v += alpha * (w - *v);
        }
        for (v, w) in mean_primal.iter_mut().zip(&primal) {
            *v += alpha * (w - *v);
        }
        let go_on = each(relaxation, step, value, &mean_primal);
        if value > bound {
            bound = value;
            std::mem::swap(&mut best, &mut trial);
            if along >= 0.0 {
                green += 1;
                (yellow, red) = (0, 0);
                if green >= 1 {
                    lambda = (lambda * 2.0).min(2.0);
                    green = 0;
                }
            } else {
                yellow += 1;
                (green, red) = (0, 0);
                if yellow >= 4 {
                    lambda = (lambda * 1.1).min(2.0);
                    yellow = 0;
                }
            }
        } else {
            red += 1;
            (green, yellow) = (0, 0);
            if red >= 10 {
                lambda = (lambda * 0.67).max(5e-4);
                red = 0;
            }
        }
        if step % 50 == 0 {
            if bound - alpha_mark < 0.01 * bound.abs().max(1.0) * 0.1 {
                most_alpha = (most_alpha * 0.5).max(1e-4);
            }
            alpha_mark = bound;
        }
        if step % pace.patience == 0 {
            if bound - mark < 0.01 * (pace.target - bound) {
                break;
            }
            mark = bound;
        }
        if !go_on {
            break;
        }
    }
    Ascent { u: best, bound, primal: mean_primal }
}
