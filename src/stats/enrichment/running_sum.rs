//! Gene set enrichment by a running sum over a ranked list (Subramanian et al. 2005, doi:10.1073/pnas.0506580102).

use super::{EnrichmentError, FeatureSets};
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The enrichment score of one set with the members that carry it.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrichmentScore {
    /// Largest deviation of the running sum from zero, from −1 to 1; 0 when the two extremes cancel; NaN for an empty
    /// set or one that holds every feature.
    pub es: f64,
    /// Places in the ranked list of the members up to the peak (score above 0) or from the trough on (below 0, the last
    /// place first).
    pub leading_edge: Vec<usize>,
}

/// Enrichment score of the members at ascending `places` of the list `ranked`, which is in decreasing order.
///
/// The sum rises by |statistic|^`weight` (as a share of the members' total) at a member and falls by 1/(N − n) elsewhere;
/// weight 1 is usual, weight 0 counts members only. All-zero members rise equally. Agrees with fgsea `calcGseaStat`
/// to 1e-12, leading edge included.
pub fn enrichment_score(ranked: &[f64], places: &[usize], weight: f64) -> EnrichmentScore {
    let (es, edge) = extreme(ranked, places, weight);
    let leading_edge = match edge {
        Some(Edge::Peak(last)) => places[..=last].to_vec(),
        Some(Edge::Trough(first)) => places[first..].iter().rev().copied().collect(),
        None => Vec::new(),
    };
    EnrichmentScore { es, leading_edge }
}

enum Edge {
    Peak(usize),
    Trough(usize),
}

fn extreme(ranked: &[f64], places: &[usize], weight: f64) -> (f64, Option<Edge>) {
    let (total, n) = (ranked.len(), places.len());
    if n == 0 || n >= total {
        return (f64::NAN, None);
    }
    let rise = |place: usize| {
        let size = ranked[place].abs();
        if weight == 1.0 {
            size
        } else if weight == 0.0 {
            1.0
        } else {
            size.powf(weight)
        }
    };
    let sum: f64 = places.iter().map(|&p| rise(p)).sum();
    let share = |place: usize| {
        if sum > 0.0 {
            rise(place) / sum
        } else {
            1.0 / n as f64
        }
    };
    let fall = 1.0 / (total - n) as f64;
    let mut risen = 0.0;
    let (mut peak, mut at_peak) = (f64::NEG_INFINITY, 0);
    let (mut trough, mut at_trough) = (f64::INFINITY, 0);
    for (k, &place) in places.iter().enumerate() {
        let fallen = (place - k) as f64 * fall;
        if risen - fallen < trough {
            (trough, at_trough) = (risen - fallen, k);
        }
        risen += share(place);
        if risen - fallen > peak {
            (peak, at_peak) = (risen - fallen, k);
        }
    }
    if peak == -trough {
        (0.0, None)
    } else if peak > -trough {
        (peak, Some(Edge::Peak(at_peak)))
    } else {
        (trough, Some(Edge::Trough(at_trough)))
    }
}

/// One set of a preranked analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct PrerankedResult {
    /// Members with a statistic.
    pub size: usize,
    /// Enrichment score.
    pub es: f64,
    /// Score over the mean size of same-signed scores of random sets; NaN when there are none.
    pub nes: f64,
    /// (1 + same-signed random scores at least as extreme) / (1 + same-signed random scores).
    pub p: f64,
    /// Features of the leading edge, the most extreme first.
    pub leading_edge: Vec<usize>,
}

/// Preranked enrichment of every set against random sets of features of the same size.
///
/// `statistic` has one value per feature; NaN drops the feature from list and sets. Ties keep the features' order.
/// The p-value permutes features and so ignores their correlation: fit for ranking and description, not for a grade.
/// Same seed, same result, whatever the number of threads. NES within 0.05 and log10 p within Monte-Carlo error of
/// fgsea `fgseaSimple` at 10,000 permutations.
pub fn preranked(
    statistic: &[f64],
    sets: &FeatureSets,
    weight: f64,
    permutations: usize,
    seed: u64,
) -> Result<Vec<PrerankedResult>, EnrichmentError> {
    sets.check_length("statistics", statistic.len())?;
    let mut order: Vec<usize> = (0..statistic.len())
        .filter(|&f| !statistic[f].is_nan())
        .collect();
    if order.len() < 3 {
        return Err(EnrichmentError::TooFewFeatures { found: order.len() });
    }
    order.sort_by(|&a, &b| statistic[b].total_cmp(&statistic[a]));
    let ranked: Vec<f64> = order.iter().map(|&f| statistic[f]).collect();
    let mut place = vec![usize::MAX; statistic.len()];
    for (at, &feature) in order.iter().enumerate() {
        place[feature] = at;
    }
    let places: Vec<Vec<usize>> = sets
        .iter()
        .map(|members| {
            let mut places: Vec<usize> = members
                .iter()
                .map(|&f| place[f])
                .filter(|&p| p != usize::MAX)
                .collect();
            places.sort_unstable();
            places
        })
        .collect();
    let sizes: BTreeSet<usize> = places.iter().map(Vec::len).collect();
    let sizes: Vec<usize> = sizes
        .into_iter()
        .filter(|&n| n > 0 && n < ranked.len())
        .collect();
    let null = random_scores(&ranked, &sizes, weight, permutations, seed);
    Ok(places
        .iter()
        .map(|places| {
            let score = enrichment_score(&ranked, places, weight);
            let column = sizes.binary_search(&places.len()).ok();
            let (nes, p) = column.map_or((f64::NAN, f64::NAN), |c| {
                against_null(score.es, null.iter().map(|row| row[c]))
            });
            PrerankedResult {
                size: places.len(),
                es: score.es,
                nes,
                p,
                leading_edge: score.leading_edge.iter().map(|&at| order[at]).collect(),
            }
        })
        .collect())
}

/// For each permutation, the score of a random set of each size; the smaller sets are parts of the larger ones.
fn random_scores(
    ranked: &[f64],
    sizes: &[usize],
    weight: f64,
    permutations: usize,
    seed: u64,
) -> Vec<Vec<f64>> {
    let largest = sizes.last().copied().unwrap_or(0);
    (0..permutations)
        .into_par_iter()
        .map(|permutation| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(permutation as u64);
            let drawn = sample(&mut rng, ranked.len(), largest).into_vec();
            let score = |&n: &usize| {
                let mut places = drawn[..n].to_vec();
                places.sort_unstable();
                extreme(ranked, &places, weight).0
            };
            sizes.iter().map(score).collect()
        })
        .collect()
}

fn against_null(es: f64, null: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut same_sign, mut as_extreme, mut sum) = (0_usize, 0_usize, 0.0);
    for score in null {
        let same = if es > 0.0 { score >= 0.0 } else { score <= 0.0 };
        if same {
            same_sign += 1;
            sum += score.abs();
            as_extreme += usize::from(score.abs() >= es.abs());
        }
    }
    let nes = es / (sum / same_sign as f64);
    (nes, (1 + as_extreme) as f64 / (1 + same_sign) as f64)
}
