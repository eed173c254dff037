//! Adjusting p-values of one family for their number.
//!
//! Missing p-values (NaN) stay missing and do not count: n is the number of p-values that are there, unless a family
//! size is given. Values outside [0, 1] by rounding are clamped into it.

/// Which adjustment to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// False discovery rate under independence or positive dependence.
    BenjaminiHochberg,
    /// False discovery rate under any dependence.
    BenjaminiYekutieli,
    /// Family-wise error, step down.
    Holm,
    /// Family-wise error, step up (independence or positive dependence).
    Hochberg,
    /// Family-wise error, single step.
    Bonferroni,
}

/// Adjusted p-values in the order of the input: R `p.adjust`, to 1e-13.
pub fn adjust(p: &[f64], method: Adjustment) -> Vec<f64> {
    let n = p.iter().filter(|p| !p.is_nan()).count();
    adjust_in_family(p, method, n)
}

/// Benjamini–Hochberg adjusted p-values, min over i ≥ rank of p_(i)·n/i (doi:10.1111/j.2517-6161.1995.tb02031.x).
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    adjust(p, Adjustment::BenjaminiHochberg)
}

/// As [`adjust`] in a family of `family_size` tests of which only `p` are listed, the others counting as p = 1.
/// A `family_size` below the number of listed p-values is raised to it. Agrees with R `p.adjust(p, n = family_size)`.
pub fn adjust_in_family(p: &[f64], method: Adjustment, family_size: usize) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).filter(|&i| !p[i].is_nan()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let n = family_size.max(order.len()) as f64;
    let mut adjusted = vec![f64::NAN; p.len()];
    let clamped = |i: usize| p[i].clamp(0.0, 1.0);
    match method {
        Adjustment::Bonferroni => {
            for &i in &order {
                adjusted[i] = (n * clamped(i)).min(1.0);
            }
        }
        Adjustment::Holm => {
            let mut running = 0.0_f64;
            for (rank, &i) in order.iter().enumerate() {
                running = running.max((n - rank as f64) * clamped(i));
                adjusted[i] = running.min(1.0);
            }
        }
        Adjustment::BenjaminiHochberg | Adjustment::BenjaminiYekutieli | Adjustment::Hochberg => {
            let harmonic = match method {
                Adjustment::BenjaminiYekutieli => (1..=n as usize).map(|i| 1.0 / i as f64).sum(),
                _ => 1.0,
            };
            let mut running = 1.0_f64;
            for (rank, &i) in order.iter().enumerate().rev() {
                let factor = match method {
                    Adjustment::Hochberg => n - rank as f64,
                    _ => harmonic * n / (rank + 1) as f64,
                };
                running = running.min(factor * clamped(i));
                adjusted[i] = running;
            }
        }
    }
    adjusted
}

/// How the share of true nulls is estimated from the flat part of the p-value histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pi0Method {
    /// Smoothing spline with 3 degrees of freedom over pi0(λ), read at λ = 0.95.
    Smoother,
    /// The λ whose pi0 has the smallest bootstrap mean squared error, in closed form.
    Bootstrap,
}

/// Why pi0 was set to 1 instead of being estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pi0Fallback {
    /// The estimate was zero or negative.
    NotPositive,
    /// No p-value reaches the last λ, 0.95, so the histogram has no flat part to read.
    NoLargeP,
    /// There is no p-value at all.
    NoP,
}

/// Storey's q-values with the pi0 they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreyQ {
    /// Estimated share of true null hypotheses, in (0, 1].
    pub pi0: f64,
    /// Set when `pi0` is 1 because it could not be estimated; to be told to the reader.
    pub fallback: Option<Pi0Fallback>,
    /// q-values in the order of the input, NaN where p is.
    pub q: Vec<f64>,
}

/// Weight of each pi0(λ) in the smoother's answer (`reference/general/generate_multiplicity.R`): the spline's penalty
/// depends only on the 19 values of λ and the 3 degrees of freedom, so its value at λ = 0.95 is a fixed linear sum.
const SMOOTHER_WEIGHTS: [f64; 19] = [
    -0.0024825715888858453,
    -0.006518909506574094,
    -0.010526868230942845,
    -0.01442952517081677,
    -0.018066342179616265,
    -0.021162327312915223,
    -0.02329946314850242,
    -0.02389262740788105,
    -0.02217336361473099,
    -0.017186178676539,
    -0.007803486357818212,
    0.007233220941485174,
    0.029237055181259235,
    0.059454358367027095,
    0.09888798411117194,
    0.14805555241157153,
    0.20667501952807185,
    0.27327385717006225,
    0.3447246154841129,
];

/// q-values of Storey & Tibshirani (doi:10.1073/pnas.1530509100): pi0 times the Benjamini–Hochberg value, with λ from
/// 0.05 to 0.95 by 0.05. Agrees with Bioconductor `qvalue` (bootstrap 1e-12, smoother pi0 1e-6); where that package stops
/// with an error, pi0 is 1 and `fallback` says why. Not suited to filtered or discrete p-values.
pub fn storey_q(p: &[f64], method: Pi0Method) -> StoreyQ {
    let (pi0, fallback) = match estimate_pi0(p, method) {
        Ok(pi0) => (pi0, None),
        Err(reason) => (1.0, Some(reason)),
    };
    let q = benjamini_hochberg(p).into_iter().map(|q| pi0 * q).collect();
    StoreyQ { pi0, fallback, q }
}

fn estimate_pi0(p: &[f64], method: Pi0Method) -> Result<f64, Pi0Fallback> {
    let observed: Vec<f64> = p.iter().copied().filter(|p| !p.is_nan()).collect();
    if observed.is_empty() {
        return Err(Pi0Fallback::NoP);
    }
    let m = observed.len() as f64;
    let lambda: Vec<f64> = (0..19).map(|i| 0.05 + f64::from(i) * 0.05).collect();
    let above: Vec<f64> = lambda
        .iter()
        .map(|&l| observed.iter().filter(|&&p| p >= l).count() as f64)
        .collect();
    if above[18] == 0.0 {
        return Err(Pi0Fallback::NoLargeP);
    }
    let at_lambda: Vec<f64> = lambda
        .iter()
        .zip(&above)
        .map(|(&l, &w)| w / (m * (1.0 - l)))
        .collect();
    let pi0 = match method {
        Pi0Method::Smoother => at_lambda
            .iter()
            .zip(SMOOTHER_WEIGHTS)
            .map(|(x, w)| x * w)
            .sum(),
        Pi0Method::Bootstrap => {
            let low = crate::descriptive::quantile(&at_lambda, 0.1);
            let error = |i: usize| {
                let (w, l) = (above[i], lambda[i]);
                w / (m * m * (1.0 - l).powi(2)) * (1.0 - w / m) + (at_lambda[i] - low).powi(2)
            };
            let least = (0..19).map(error).fold(f64::INFINITY, f64::min);
            (0..19)
                .filter(|&i| error(i) == least)
                .map(|i| at_lambda[i])
                .fold(1.0, f64::min)
        }
    };
    if pi0 > 0.0 {
        Ok(f64::min(pi0, 1.0))
    } else {
        Err(Pi0Fallback::NotPositive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Table, assert_close};
    use proptest::prelude::*;

    const CASES: [&str; 3] = ["moderated", "mixture", "discrete"];

    #[test]
    fn adjustments_agree_with_p_adjust() {
        let table = Table::read("general/multiplicity.tsv");
        for case in CASES {
            let table = table.only("case", case);
            let p = table.numbers("p");
            for (method, column) in [
                (Adjustment::BenjaminiHochberg, "BH"),
                (Adjustment::BenjaminiYekutieli, "BY"),
                (Adjustment::Holm, "holm"),
                (Adjustment::Hochberg, "hochberg"),
                (Adjustment::Bonferroni, "bonferroni"),
            ] {
                let expected = table.numbers(column);
                assert_close(column, &adjust(&p, method), &expected, 1e-13, 0.0);
            }
        }
    }

    #[test]
    fn storey_agrees_with_qvalue() {
        let table = Table::read("general/multiplicity.tsv");
        for case in CASES {
            let table = table.only("case", case);
            let p = table.numbers("p");
            for (method, name, tolerance) in [
                (Pi0Method::Smoother, "smoother", 1e-6),
                (Pi0Method::Bootstrap, "bootstrap", 1e-12),
            ] {
                let storey = storey_q(&p, method);
                let pi0 = table.numbers(&format!("pi0_{name}"));
                assert_close(name, &[storey.pi0], &pi0[..1], tolerance, 0.0);
                let q = table.numbers(&format!("q_{name}"));
                assert_close(name, &storey.q, &q, tolerance, 0.0);
                assert_eq!(storey.fallback, None);
            }
        }
    }

    #[test]
    fn smoother_weights_are_those_of_the_reference() {
        let weights = Table::read("general/storey_smoother_weights.tsv").numbers("weight");
        assert_close("weights", &SMOOTHER_WEIGHTS, &weights, 0.0, 0.0);
    }

    #[test]
    fn storey_falls_back_when_the_histogram_has_no_flat_part() {
        let storey = storey_q(&[0.001, 0.01, 0.3, f64::NAN], Pi0Method::Bootstrap);
        assert_eq!(
            (storey.pi0, storey.fallback),
            (1.0, Some(Pi0Fallback::NoLargeP))
        );
        assert_eq!(
            storey_q(&[], Pi0Method::Smoother).fallback,
            Some(Pi0Fallback::NoP)
        );
    }

    #[test]
    fn unlisted_members_of_the_family_count_as_one() {
        let listed = [0.001, 0.02, 0.2];
        let mut whole = listed.to_vec();
        whole.resize(40, 1.0);
        for method in [
            Adjustment::BenjaminiHochberg,
            Adjustment::Holm,
            Adjustment::Bonferroni,
        ] {
            assert_eq!(
                adjust_in_family(&listed, method, 40),
                adjust(&whole, method)[..3]
            );
        }
    }

    proptest! {
        #[test]
        fn adjusted_values_never_fall_below_p_and_keep_its_order(p in prop::collection::vec(0.0..=1.0_f64, 1..60)) {
            for method in [
                Adjustment::BenjaminiHochberg,
                Adjustment::BenjaminiYekutieli,
                Adjustment::Holm,
                Adjustment::Hochberg,
                Adjustment::Bonferroni,
            ] {
                let q = adjust(&p, method);
                for i in 0..p.len() {
                    prop_assert!(q[i] >= p[i] && q[i] <= 1.0);
                    for j in 0..p.len() {
                        prop_assert!(p[i] > p[j] || q[i] <= q[j]);
                    }
                }
                let reversed: Vec<f64> = p.iter().rev().copied().collect();
                let mut back = adjust(&reversed, method);
                back.reverse();
                prop_assert_eq!(&back, &q);
            }
        }
    }
}
