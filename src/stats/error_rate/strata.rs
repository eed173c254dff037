//! q-values within a stratum, and what is left of them when strata are selected.

use super::ErrorRateError;
use crate::multiplicity::{Adjustment, adjust_in_family};

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
    /// Its share of the strata counted in advance, fixed before any result: 1 for one that was on the menu, a part of the
    /// reserved slots for one that may be asked later.
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
    /// q_H of every claim, per stratum in input order: q · [`Selection::factor`] (at most 1) in a selected stratum, else 1.
    pub q: Vec<Vec<f64>>,
}

impl Selection {
    /// What q within a selected stratum of this weight is multiplied by to hold over the menu: G/(|Sel|·weight), never below 1.
    pub fn factor(&self, weight: f64) -> f64 {
        (self.counted as f64 / (self.selected_count.max(1) as f64 * weight)).max(1.0)
    }
}

/// Sums of weights that are meant to be equal may differ by so much.
const ROUNDING: f64 = 1e-9;

/// Selection across strata (Benjamini & Bogomolov): P_g = min q of the stratum; the selected strata are those with
/// Benjamini–Hochberg of P_g / weight over `counted` strata at or below `level`.
///
/// `counted` is the number of strata journaled in advance, reserved slots included; slots never used count as P = 1. The
/// weights may not add up to more, while the strata may be more than `counted`: the reserved slots can be shared out over many
/// strata that may be asked later, and of these only some have to be given here.
///
/// Why a choice made after a look costs nothing more: let every stratum that could ever be asked have a weight w_g fixed in advance,
/// Σ w_g ≤ G. Given the other strata, a selected one is tested at level·|Sel|·w_g/G, so that its expected share of false claims,
/// divided by |Sel|, is at most level·w_g/G; over all strata this adds up to at most `level` (Benjamini & Bogomolov 2014 with the
/// weights of Genovese, Roeder & Wasserman 2006, doi:10.1093/biomet/93.3.509). A stratum that is not asked counts as p = 1, which is
/// never smaller than the p it would have had, so whichever of them are asked, each term of the sum keeps its bound. As without
/// weights this rests on the dependence between strata that Benjamini–Hochberg allows.
pub fn across_strata(
    strata: &[Stratum],
    counted: usize,
    level: f64,
) -> Result<Selection, ErrorRateError> {
    let mut weights = 0.0;
    for (index, stratum) in strata.iter().enumerate() {
        let weight = stratum.weight;
        if !(weight > 0.0 && weight.is_finite()) {
            return Err(ErrorRateError::BadWeight { index, weight });
        }
        weights += weight;
    }
    if weights > counted as f64 + ROUNDING {
        return Err(ErrorRateError::MoreStrataThanCounted {
            found: weights.ceil() as usize,
            counted,
        });
    }
    let selected = selected(strata, counted, level);
    let mut selection = Selection {
        selected_count: selected.iter().filter(|&&s| s).count(),
        selected,
        counted,
        q: Vec::new(),
    };
    selection.q = strata
        .iter()
        .zip(&selection.selected)
        .map(|(stratum, &is_selected)| {
            let factor = selection.factor(stratum.weight);
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
    Ok(selection)
}

/// Benjamini–Hochberg of P_g / weight over `counted` slots: the k smallest, k the largest rank with P_(k)/w·counted/k ≤ `level`.
fn selected(strata: &[Stratum], counted: usize, level: f64) -> Vec<bool> {
    let weighted: Vec<f64> = strata
        .iter()
        .map(|stratum| (stratum.p() / stratum.weight).min(1.0))
        .collect();
    let mut order: Vec<usize> = (0..strata.len()).collect();
    order.sort_by(|&a, &b| weighted[a].total_cmp(&weighted[b]));
    let passes = |k: usize| weighted[order[k]] * counted as f64 / (k + 1) as f64 <= level;
    let count = (0..order.len())
        .rev()
        .find(|&k| passes(k))
        .map_or(0, |k| k + 1);
    let mut selected = vec![false; strata.len()];
    for &g in &order[..count] {
        selected[g] = true;
    }
    selected
}
