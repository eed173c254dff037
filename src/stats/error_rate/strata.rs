//! q-values within a stratum, and what is left of them when strata are selected.

use super::ErrorRateError;
use crate::multiplicity::{Adjustment, adjust_in_family, benjamini_hochberg};

/// q-values within one stratum: Benjamini–Hochberg over the whole menu, its unlisted members counting as p = 1.
///
/// With pooled decoy p this equals min over t ≤ S of (1 + D(t)) / ((B + 1/m)·R(t)), R(t) being the listed scores at or
/// above t. To recount after a list was shortened (cap, de-duplication), pass only the p-values that are printed: R then
/// counts the printed ones while the menu keeps its size. NaN counts as p = 1.
pub fn stratum_q(listed_p: &[f64], menu_size: usize) -> Vec<f64> {
    let p: Vec<f64> = listed_p
        .iter()
        .map(|p| if p.is_nan() { 1.0 } else { *p })
        .collect();
    adjust_in_family(&p, Adjustment::BenjaminiHochberg, menu_size)
}

/// One stratum as it enters the selection across strata.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    /// Prior weight, fixed before any result; mean 1 over the strata.
    pub weight: f64,
    /// q-values of its listed claims, from [`stratum_q`]; empty when nothing was listed.
    pub q: Vec<f64>,
}

impl Stratum {
    fn p(&self) -> f64 {
        self.q.iter().copied().fold(1.0, f64::min)
    }
}

/// Which strata were selected and what q their claims get.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Whether each stratum was selected.
    pub selected: Vec<bool>,
    /// |Sel|, the number of selected strata.
    pub selected_count: usize,
    /// G, the number of strata counted in advance.
    pub counted: usize,
    /// q_H of every claim, per stratum in input order: q·G/|Sel| (at most 1) in a selected stratum, else 1.
    pub q: Vec<Vec<f64>>,
}

/// Selection across strata (Benjamini & Bogomolov): P_g = min q of the stratum; the selected strata are those with
/// Benjamini–Hochberg of P_g / weight over `counted` strata at or below `level`.
///
/// `counted` is the number of strata journaled in advance, reserved slots included; slots never used count as P = 1.
pub fn across_strata(
    strata: &[Stratum],
    counted: usize,
    level: f64,
) -> Result<Selection, ErrorRateError> {
    if strata.len() > counted {
        return Err(ErrorRateError::MoreStrataThanCounted {
            found: strata.len(),
            counted,
        });
    }
    let mut weighted = vec![1.0; counted];
    for (index, stratum) in strata.iter().enumerate() {
        let weight = stratum.weight;
        if !(weight > 0.0 && weight.is_finite()) {
            return Err(ErrorRateError::BadWeight { index, weight });
        }
        weighted[index] = (stratum.p() / weight).min(1.0);
    }
    let selected: Vec<bool> = benjamini_hochberg(&weighted)
        .into_iter()
        .take(strata.len())
        .map(|q| q <= level)
        .collect();
    let selected_count = selected.iter().filter(|&&s| s).count();
    let factor = counted as f64 / selected_count as f64;
    let q = strata
        .iter()
        .zip(&selected)
        .map(|(stratum, &is_selected)| {
            let adjusted = |&q: &f64| {
                if is_selected {
                    (q * factor).min(1.0)
                } else {
                    1.0
                }
            };
            stratum.q.iter().map(adjusted).collect()
        })
        .collect();
    Ok(Selection {
        selected,
        selected_count,
        counted,
        q,
    })
}
