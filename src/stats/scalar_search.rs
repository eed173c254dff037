//! One-dimensional minimum and root searches (Brent 1973, Algorithms for Minimization without Derivatives).

/// The abscissa of a local minimum of `objective` inside (`low`, `high`), to about `tolerance`.
///
/// Golden section with parabolic steps. The sequence of trial points is that of R `optimize`, so a loose `tolerance`
/// stops where R stops.
pub(crate) fn minimum(low: f64, high: f64, tolerance: f64, objective: impl Fn(f64) -> f64) -> f64 {
    let golden = 0.5 * (3.0 - 5f64.sqrt());
    let resolution = f64::EPSILON.sqrt();
    let (mut low, mut high) = (low, high);
    let mut best = low + golden * (high - low);
    let (mut second, mut third) = (best, best);
    let mut at_best = objective(best);
    let (mut at_second, mut at_third) = (at_best, at_best);
    let (mut step, mut step_before_last) = (0.0f64, 0.0f64);
    let third_of_tolerance = tolerance / 3.0;
    loop {
        let middle = 0.5 * (low + high);
        let smallest = resolution * best.abs() + third_of_tolerance;
        let twice = 2.0 * smallest;
        if (best - middle).abs() <= twice - 0.5 * (high - low) {
            return best;
        }
        let (mut numerator, mut denominator, mut reference) = (0.0, 0.0, 0.0);
        if step_before_last.abs() > smallest {
            let r = (best - second) * (at_best - at_third);
            let q = (best - third) * (at_best - at_second);
            numerator = (best - third) * q - (best - second) * r;
            denominator = 2.0 * (q - r);
            if denominator > 0.0 {
                numerator = -numerator;
            } else {
                denominator = -denominator;
            }
            reference = step_before_last;
            step_before_last = step;
        }
        let parabola_refused = numerator.abs() >= (0.5 * denominator * reference).abs()
            || numerator <= denominator * (low - best)
            || numerator >= denominator * (high - best);
        if parabola_refused {
            step_before_last = if best < middle {
                high - best
            } else {
                low - best
            };
            step = golden * step_before_last;
        } else {
            step = numerator / denominator;
            let trial = best + step;
            if trial - low < twice || high - trial < twice {
                step = if best >= middle { -smallest } else { smallest };
            }
        }
        let trial = if step.abs() >= smallest {
            best + step
        } else if step > 0.0 {
            best + smallest
        } else {
            best - smallest
        };
        let at_trial = objective(trial);
        if at_trial <= at_best {
            if trial < best {
                high = best;
            } else {
                low = best;
            }
            (third, at_third) = (second, at_second);
            (second, at_second) = (best, at_best);
            (best, at_best) = (trial, at_trial);
        } else {
            if trial < best {
                low = trial;
            } else {
                high = trial;
            }
            if at_trial <= at_second || second == best {
                (third, at_third) = (second, at_second);
                (second, at_second) = (trial, at_trial);
            } else if at_trial <= at_third || third == best || third == second {
                (third, at_third) = (trial, at_trial);
            }
        }
    }
}

/// A root of `function` in [`low`, `high`], whose values there have opposite signs; bisection safeguarded by the Illinois secant rule.
pub(crate) fn root(
    (mut low, mut at_low): (f64, f64),
    (mut high, mut at_high): (f64, f64),
    tolerance: f64,
    function: impl Fn(f64) -> f64,
) -> f64 {
    let mut side = 0;
    for iteration in 0..200 {
        if (high - low).abs() <= tolerance {
            break;
        }
        // A plain bisection now and then guards against a secant that creeps.
        let secant = (low * at_high - high * at_low) / (at_high - at_low);
        let bisect = iteration % 4 == 3 || !secant.is_finite();
        let trial = if bisect { 0.5 * (low + high) } else { secant };
        let value = function(trial);
        if value == 0.0 {
            return trial;
        }
        if (value > 0.0) == (at_high > 0.0) {
            (high, at_high) = (trial, value);
            if side == 1 {
                at_low *= 0.5;
            }
            side = 1;
        } else {
            (low, at_low) = (trial, value);
            if side == -1 {
                at_high *= 0.5;
            }
            side = -1;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_minimum_and_the_root_of_known_curves() {
        let found = minimum(0.0, 4.0, 1e-9, |x| (x - 1.25).powi(2) + 0.1 * x);
        assert!((found - 1.2).abs() < 1e-7);
        let cubic = |x: f64| x * x * x - 2.0;
        let found = root((0.0, cubic(0.0)), (3.0, cubic(3.0)), 1e-13, cubic);
        assert!((found - 2f64.cbrt()).abs() < 1e-12);
    }
}
