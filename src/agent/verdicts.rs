//! From decoy counts to q-values of the whole menu, and the audit of the procedure on its own decoys.

use proteus_stats::error_rate::{
    self, Counting, ErrorRateError, SUGGESTIVE_LEVEL, SUPPORTED_LEVEL, Selection,
    Stratum as CountedStratum, across_strata, stratum_q,
};

use super::chains::largest;
use super::counting::DecoyCounts;
use super::menu::{self, Stratum};
use crate::discovery::Archetype;
use crate::tool::NullScheme;

/// Residual degrees of freedom below which the analytic p-value must agree as well.
const FEW_DF: usize = 10;

/// Error rates of the members of one stratum, in menu order.
#[derive(Debug, Clone)]
pub struct StratumVerdict {
    /// Decoy p.
    pub p_decoy: Vec<f64>,
    /// p used: the larger of decoy and analytic p where residual degrees of freedom are few.
    pub p: Vec<f64>,
    /// q within the stratum.
    pub q_stratum: Vec<f64>,
    /// q over the menu.
    pub q: Vec<f64>,
    /// What q within the stratum is multiplied by to hold over the menu: strata charged / (strata selected · its weight).
    pub factor: f64,
    /// Smallest q the decoys can show for this list; 0 where the test counts every split itself.
    pub floor: f64,
    /// Whether the stratum was selected.
    pub selected: bool,
    /// Whether it was given up for futility.
    pub futile: bool,
}

/// q-values of every stratum on the menu. `counts[g]` is none for strata off the menu or given up for futility;
/// `analytic[g]` holds the tool's own p in menu order.
pub fn judge(
    strata: &[Stratum],
    counts: &[Option<DecoyCounts>],
    futile: &[bool],
    analytic: &[Vec<f64>],
    charged: usize,
) -> Result<Vec<StratumVerdict>, ErrorRateError> {
    let mut p: Vec<(Vec<f64>, Vec<f64>)> = strata
        .iter()
        .enumerate()
        .map(|(g, stratum)| match &counts[g] {
            Some(counts) if !futile[g] => {
                let decoy = counts.p_values();
                let used = with_analytic(stratum, &decoy, &analytic[g]);
                (decoy, used)
            }
            None if stratum.off_menu.is_none()
                && stratum.null_scheme() == NullScheme::Enumerated =>
            {
                let known = |p: &f64| if p.is_nan() { 1.0 } else { *p };
                let p: Vec<f64> = analytic[g].iter().map(known).collect();
                (p.clone(), p)
            }
            _ => (
                vec![1.0; stratum.members.len()],
                vec![1.0; stratum.members.len()],
            ),
        })
        .collect();
    let edges: (Vec<Vec<f64>>, Vec<Vec<f64>>) = p.iter().cloned().unzip();
    for (g, stratum) in strata.iter().enumerate().filter(|(_, s)| s.is_chain()) {
        p[g] = (
            largest(stratum, &edges.0, &analytic[g]),
            largest(stratum, &edges.1, &analytic[g]),
        );
    }
    let q_within: Vec<Vec<f64>> = strata
        .iter()
        .zip(&p)
        .map(|(stratum, (_, used))| {
            if stratum.off_menu.is_some() {
                Vec::new()
            } else {
                stratum_q(used, stratum.members.len())
            }
        })
        .collect();
    let narrow = select(strata, &q_within, charged, SUPPORTED_LEVEL)?;
    // What can never be supported competes at the suggestive level alone, where everything is charged.
    let all_charged = menu::charged(strata, SUGGESTIVE_LEVEL);
    let wide = select(strata, &q_within, all_charged, SUGGESTIVE_LEVEL)?;
    Ok(strata
        .iter()
        .enumerate()
        .map(|(g, stratum)| {
            let m = stratum.members.len();
            let on_menu = stratum.off_menu.is_none();
            let (selection, charged) = if stratum.can_reach(SUPPORTED_LEVEL) {
                (&narrow, charged)
            } else {
                (&wide, all_charged)
            };
            let (p_decoy, used) = p[g].clone();
            let q = if on_menu {
                selection.q[g].clone()
            } else {
                vec![1.0; m]
            };
            let listed = q_within[g]
                .iter()
                .filter(|q| **q <= SUPPORTED_LEVEL)
                .count();
            let replays = replays(g, strata, counts);
            StratumVerdict {
                factor: selection.factor(stratum.weight()),
                floor: if counts[g].is_none() && on_menu && !futile[g] && !stratum.is_chain() {
                    0.0
                } else if on_menu {
                    let floor = error_rate::resolution_floor(
                        stratum.counting(),
                        m,
                        replays,
                        listed.max(1),
                        charged,
                        selection.selected_count.max(1),
                    );
                    (floor / stratum.weight()).min(1.0)
                } else {
                    1.0
                },
                p_decoy,
                p: used,
                q_stratum: if on_menu {
                    q_within[g].clone()
                } else {
                    vec![1.0; m]
                },
                q,
                selected: on_menu && selection.selected[g],
                futile: futile[g],
            }
        })
        .collect())
}

/// Decoys behind a stratum; of a chain those of its edge with the fewest.
pub fn replays(g: usize, strata: &[Stratum], counts: &[Option<DecoyCounts>]) -> usize {
    let own = |g: usize| counts[g].as_ref().map_or(0, DecoyCounts::replays);
    let edges = strata[g].edges.iter().map(|edge| own(edge.stratum));
    edges.min().unwrap_or_else(|| own(g))
}

/// `supported` members in decoy run `k` for each `k < runs`: the procedure applied to data in which nothing is true,
/// each run judged against the decoys of the others.
pub fn audit(
    strata: &[Stratum],
    counts: &[Option<DecoyCounts>],
    charged: usize,
    runs: usize,
) -> Result<Vec<usize>, ErrorRateError> {
    (0..runs)
        .map(|k| {
            let q_within: Vec<Vec<f64>> = strata
                .iter()
                .zip(counts)
                .map(|(stratum, counts)| match counts {
                    Some(counts) if stratum.off_menu.is_none() && counts.replays() > k => {
                        let analytic: Vec<f64> = counts
                            .kept_scores(k)
                            .iter()
                            .map(|s| 10_f64.powf(-f64::from(*s)))
                            .collect();
                        let p = with_analytic(stratum, &counts.p_values_of_decoy(k), &analytic);
                        let q = stratum_q(&p, stratum.members.len());
                        if error_rate::is_futile(&q) {
                            Vec::new()
                        } else {
                            q
                        }
                    }
                    _ => Vec::new(),
                })
                .collect();
            let selection = select(strata, &q_within, charged, SUPPORTED_LEVEL)?;
            Ok(selection
                .q
                .iter()
                .flatten()
                .filter(|q| **q <= SUPPORTED_LEVEL)
                .count())
        })
        .collect()
}

/// Selection across the strata that can come to `level`.
fn select(
    strata: &[Stratum],
    q_within: &[Vec<f64>],
    charged: usize,
    level: f64,
) -> Result<Selection, ErrorRateError> {
    let on_menu: Vec<usize> = (0..strata.len())
        .filter(|&g| strata[g].can_reach(level))
        .collect();
    let counted: Vec<CountedStratum> = on_menu
        .iter()
        .map(|&g| CountedStratum {
            weight: strata[g].weight(),
            q: q_within[g].clone(),
        })
        .collect();
    let narrow = across_strata(&counted, charged, level)?;
    let mut wide = Selection {
        selected: vec![false; strata.len()],
        q: strata.iter().map(|s| vec![1.0; s.members.len()]).collect(),
        ..narrow
    };
    for ((&g, selected), q) in on_menu.iter().zip(narrow.selected).zip(narrow.q) {
        wide.selected[g] = selected;
        wide.q[g] = q;
    }
    Ok(wide)
}

/// At few residual degrees of freedom rotation leaves the far tail mildly optimistic, so the analytic p must agree.
fn with_analytic(stratum: &Stratum, decoy: &[f64], analytic: &[f64]) -> Vec<f64> {
    let few = stratum.residual_df.is_some_and(|df| df < FEW_DF);
    // An exact p holds for every gene, pooled decoys only on average over genes with more and fewer carriers.
    let exact = stratum.archetype == Archetype::MutationDifference;
    let few = (few || exact) && stratum.counting() == Counting::Pooled;
    decoy
        .iter()
        .zip(analytic)
        .map(|(&d, &a)| if few && !a.is_nan() { d.max(a) } else { d })
        .collect()
}
