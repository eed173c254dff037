//! The chance baseline: what random hypotheses of the same kind come to in the second study.
//!
//! In a cohort where many proteins change, a random protein is replicated often too. Every random list holds one random
//! hypothesis for each tested one: the same archetype, table and direction, as many claims, each about a subject that is
//! near the claimed one in abundance and missing values (sets: in size), and named by none of the hypotheses.

use std::collections::{BTreeMap, BTreeSet};

use proteus_stats::multiplicity::{Adjustment, adjust};
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::judge::{Judged, Place, Table};
use crate::dataset::Assay;
use crate::discovery::{ChanceBaseline, Direction, ReplicationGrade};

/// Random lists.
const DRAWS: usize = 1_000;
/// Nearest subjects a random one is drawn from.
const NEAREST: usize = 50;
/// Subjects needed for a draw to mean anything.
const ENOUGH: usize = 5;

/// The baseline of what was judged; none where nothing was tested or nothing is left to draw from.
pub(super) fn baseline(
    judged: &Judged,
    assay: &Assay,
    sizes: &BTreeMap<usize, BTreeMap<usize, f64>>,
    level: f64,
    seed: u64,
) -> Option<ChanceBaseline> {
    let tested: Vec<&Vec<Place>> = judged.places.iter().flatten().collect();
    if tested.is_empty() {
        return None;
    }
    let named: BTreeSet<(usize, usize)> = tested
        .iter()
        .flat_map(|places| places.iter().map(|p| (p.table, p.row)))
        .collect();
    let likeness: Vec<Likeness> = judged
        .tables
        .iter()
        .enumerate()
        .map(|(t, table)| Likeness::new(table, assay, sizes.get(&t)))
        .collect();
    // The p-values near each claim, in its direction.
    let mut near: Vec<Vec<Vec<f64>>> = Vec::with_capacity(tested.len());
    for places in &tested {
        let mut of_claims = Vec::with_capacity(places.len());
        for place in places.iter() {
            let table = &judged.tables[place.table];
            let rows = likeness[place.table].nearest(place.row, |row| {
                !named.contains(&(place.table, row))
                    && !table.one_sided(row, place.direction).0.is_nan()
            });
            if rows.len() < ENOUGH {
                return None;
            }
            of_claims.push(p_values(table, &rows, place.direction));
        }
        near.push(of_claims);
    }
    let mut replicated: Vec<usize> = Vec::with_capacity(DRAWS);
    for draw in 0..DRAWS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed_of(seed, draw));
        let p: Vec<f64> = near
            .iter()
            .map(|claims| {
                claims
                    .iter()
                    .filter_map(|p| p.choose(&mut rng).copied())
                    .fold(0.0, f64::max)
            })
            .collect();
        let holm = adjust(&p, Adjustment::Holm);
        replicated.push(holm.iter().filter(|p| **p <= level).count());
    }
    let observed = judged
        .hypotheses
        .iter()
        .filter(|h| h.grade == ReplicationGrade::Replicated)
        .count();
    let as_many = replicated.iter().filter(|n| **n >= observed).count();
    replicated.sort_unstable();
    let share = |n: usize| n as f64 / tested.len() as f64;
    let quantile = |q: f64| share(replicated[((DRAWS - 1) as f64 * q).round() as usize]);
    let total: usize = replicated.iter().sum();
    Some(ChanceBaseline {
        draws: DRAWS,
        mean_share: share(total) / DRAWS as f64,
        interval: [quantile(0.05), quantile(0.95)],
        observed_share: share(observed),
        p: (1 + as_many) as f64 / (1 + DRAWS) as f64,
        matched_on: "archetype, number of claims and direction; proteins on abundance and missing values in the second study, sets on the number of measured members".to_owned(),
    })
}

fn p_values(table: &Table, rows: &[usize], direction: Direction) -> Vec<f64> {
    rows.iter()
        .map(|&row| table.one_sided(row, direction).0)
        .collect()
}

fn seed_of(seed: u64, draw: usize) -> u64 {
    let hash = blake3::hash(format!("chance baseline {seed} {draw}").as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// Where every row of a table stands, in ranks from 0 to 1 on each axis of likeness.
struct Likeness {
    axes: Vec<Vec<f64>>,
    rows: usize,
}

impl Likeness {
    fn new(table: &Table, assay: &Assay, sizes: Option<&BTreeMap<usize, f64>>) -> Self {
        let rows = table.answered.rows.len();
        if let Some(sizes) = sizes {
            let size: Vec<f64> = (0..rows)
                .map(|row| sizes.get(&row).copied().unwrap_or(0.0))
                .collect();
            return Self {
                axes: vec![ranks(&size)],
                rows,
            };
        }
        let place: BTreeMap<&str, usize> = assay
            .features
            .iter()
            .enumerate()
            .map(|(i, f)| (f.id.as_str(), i))
            .collect();
        let (mut abundance, mut missing) = (Vec::new(), Vec::new());
        for row in &table.answered.rows {
            let values: Vec<f64> = place
                .get(row.subject.as_str())
                .map(|&i| {
                    let row = assay.values.row(i).iter().copied();
                    row.filter(|v| !v.is_nan()).collect()
                })
                .unwrap_or_default();
            abundance.push(values.iter().sum::<f64>() / values.len().max(1) as f64);
            missing.push(1.0 - values.len() as f64 / assay.values.cols().max(1) as f64);
        }
        Self {
            axes: vec![ranks(&abundance), ranks(&missing)],
            rows,
        }
    }

    /// The rows nearest to one, among those that fit.
    fn nearest(&self, row: usize, fits: impl Fn(usize) -> bool) -> Vec<usize> {
        let distance = |other: usize| -> f64 {
            self.axes
                .iter()
                .map(|axis| (axis[row] - axis[other]).abs())
                .sum()
        };
        let mut others: Vec<usize> = (0..self.rows).filter(|&r| r != row && fits(r)).collect();
        others.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)).then_with(|| a.cmp(&b)));
        others.truncate(NEAREST);
        others
    }
}

/// Mid-ranks scaled to 0 … 1.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && values[order[end]] == values[order[start]] {
            end += 1;
        }
        let middle = (start + end - 1) as f64 / 2.0 / (values.len().max(2) - 1) as f64;
        for &i in &order[start..end] {
            ranks[i] = middle;
        }
        start = end;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::ranks;

    #[test]
    fn ties_share_their_middle_rank() {
        assert_eq!(
            ranks(&[3.0, 1.0, 1.0, 2.0, 5.0]),
            [0.75, 0.125, 0.125, 0.5, 1.0]
        );
        assert_eq!(ranks(&[4.0]), [0.0]);
    }
}
