//! Relabelling the units of an experiment: how many ways there are, and drawing or listing them.
//!
//! A *unit* is what was assigned its label as a whole (patient, donor, cage, dish); all samples of a unit move together,
//! and labels move only between units of one *stratum* (batch, site). The identity is one of the relabellings and may be
//! drawn: leaving it out, or keeping only "balanced" ones, would bias the p-value.
//! Reference: Phipson & Smyth 2010 (doi:10.2202/1544-6115.1585).

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// The samples do not describe units that can be relabelled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelabellingError {
    /// One entry per sample is needed.
    #[error("{found} {what} for {expected} samples; hint: give one per sample")]
    WrongLength {
        /// Which argument.
        what: &'static str,
        /// Entries given.
        found: usize,
        /// Samples, counted from the units.
        expected: usize,
    },
    /// A unit whose samples differ in what should be constant within it.
    #[error(
        "unit `{unit}` has samples with {what} `{first}` and `{second}`; hint: when the {what} changes within a unit, the sample or the within-unit difference is what to relabel"
    )]
    NotConstant {
        /// The unit's number.
        unit: usize,
        /// Label or stratum.
        what: &'static str,
        /// Value of its first sample.
        first: usize,
        /// The value that differs.
        second: usize,
    },
}

/// Units with their labels and strata, and the samples that belong to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitLabels {
    /// For each sample, its place in `labels`.
    unit_of_sample: Vec<usize>,
    /// For each unit, its label.
    labels: Vec<usize>,
    /// The units of each stratum.
    strata: Vec<Vec<usize>>,
}

impl UnitLabels {
    /// Units from three numbers per sample: its unit, its label and its stratum. Label and stratum must be constant
    /// within a unit. For unit = sample pass `0..n`; for no strata pass zeros.
    pub fn new(
        units: &[usize],
        labels: &[usize],
        strata: &[usize],
    ) -> Result<Self, RelabellingError> {
        for (what, given) in [("labels", labels), ("strata", strata)] {
            if given.len() != units.len() {
                return Err(RelabellingError::WrongLength {
                    what,
                    found: given.len(),
                    expected: units.len(),
                });
            }
        }
        let mut place = BTreeMap::new();
        let mut unit_labels = Vec::new();
        let mut unit_strata = Vec::new();
        let mut unit_of_sample = Vec::with_capacity(units.len());
        for ((&unit, &label), &stratum) in units.iter().zip(labels).zip(strata) {
            let next = place.len();
            let at = *place.entry(unit).or_insert(next);
            if at == unit_labels.len() {
                unit_labels.push(label);
                unit_strata.push(stratum);
            }
            for (what, first, second) in [
                ("label", unit_labels[at], label),
                ("stratum", unit_strata[at], stratum),
            ] {
                if first != second {
                    return Err(RelabellingError::NotConstant {
                        unit,
                        what,
                        first,
                        second,
                    });
                }
            }
            unit_of_sample.push(at);
        }
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (unit, &stratum) in unit_strata.iter().enumerate() {
            members.entry(stratum).or_default().push(unit);
        }
        Ok(Self {
            unit_of_sample,
            labels: unit_labels,
            strata: members.into_values().collect(),
        })
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.labels.len()
    }

    /// Number of distinct relabellings: the product over strata of the multinomial coefficient of the label counts.
    /// Exact up to 2^53, then rounded, and `f64::MAX` at most.
    pub fn distinct(&self) -> f64 {
        let mut ways = 1.0_f64;
        for members in &self.strata {
            let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
            for &unit in members {
                *counts.entry(self.labels[unit]).or_default() += 1;
            }
            let mut placed = 0;
            for &count in counts.values() {
                ways *= binomial(placed + count, count);
                placed += count;
            }
        }
        ways.min(f64::MAX)
    }

    /// For each sample, the sample-independent place of the unit whose label (or any other unit-level value) it gets in
    /// the relabelling drawn with `seed`: units are shuffled within their strata.
    pub fn shuffled_units(&self, seed: u64) -> Vec<usize> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut source: Vec<usize> = (0..self.units()).collect();
        for members in &self.strata {
            let mut drawn = members.clone();
            drawn.shuffle(&mut rng);
            for (&unit, from) in members.iter().zip(drawn) {
                source[unit] = from;
            }
        }
        source
    }

    /// The labels of all samples in the relabelling drawn with `seed`; equal seeds give equal labels.
    pub fn shuffled(&self, seed: u64) -> Vec<usize> {
        let source = self.shuffled_units(seed);
        self.of_samples(|unit| self.labels[source[unit]])
    }

    /// For each sample the first sample of the unit it borrows from: any sample-level column that is constant within
    /// units (a continuous trait, a survival time with its event) is relabelled by reading it there.
    pub fn shuffled_sources(&self, seed: u64) -> Vec<usize> {
        let source = self.shuffled_units(seed);
        let mut first = vec![usize::MAX; self.units()];
        for (sample, &unit) in self.unit_of_sample.iter().enumerate().rev() {
            first[unit] = sample;
        }
        self.of_samples(|unit| first[source[unit]])
    }

    /// All distinct relabellings as labels per sample, in lexicographic order of the unit labels stratum by stratum;
    /// none when there are more than `limit`.
    pub fn all(&self, limit: usize) -> Option<Vec<Vec<usize>>> {
        if self.distinct() > limit as f64 {
            return None;
        }
        let mut found = vec![self.labels.clone()];
        for members in &self.strata {
            let mut arrangement: Vec<usize> = members.iter().map(|&u| self.labels[u]).collect();
            arrangement.sort_unstable();
            let mut extended = Vec::new();
            loop {
                for base in &found {
                    let mut labels = base.clone();
                    for (&unit, &label) in members.iter().zip(&arrangement) {
                        labels[unit] = label;
                    }
                    extended.push(labels);
                }
                if !next_arrangement(&mut arrangement) {
                    break;
                }
            }
            found = extended;
        }
        let of_samples = |labels: Vec<usize>| self.of_samples(|unit| labels[unit]);
        Some(found.into_iter().map(of_samples).collect())
    }

    fn of_samples(&self, value: impl Fn(usize) -> usize) -> Vec<usize> {
        self.unit_of_sample.iter().map(|&u| value(u)).collect()
    }
}

/// Number of sign patterns of `pairs` within-pair differences, 2^pairs, at most `f64::MAX`.
pub fn distinct_sign_flips(pairs: usize) -> f64 {
    2.0_f64
        .powi(i32::try_from(pairs).unwrap_or(i32::MAX))
        .min(f64::MAX)
}

/// One sign per pair, +1 or −1 with equal chance, drawn with `seed`; all +1 may come up.
pub fn sign_flips(pairs: usize, seed: u64) -> Vec<f64> {
    use rand::Rng;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..pairs)
        .map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 })
        .collect()
}

/// All sign patterns of `pairs` differences, the unflipped first; none when there are more than `limit`.
pub fn all_sign_flips(pairs: usize, limit: usize) -> Option<Vec<Vec<f64>>> {
    if distinct_sign_flips(pairs) > limit as f64 {
        return None;
    }
    let sign = |pattern: usize, pair: usize| if pattern >> pair & 1 == 0 { 1.0 } else { -1.0 };
    let patterns = 0..1_usize << pairs;
    Some(
        patterns
            .map(|p| (0..pairs).map(|i| sign(p, i)).collect())
            .collect(),
    )
}

fn binomial(n: usize, k: usize) -> f64 {
    let k = k.min(n - k);
    (1..=k).fold(1.0, |c, i| (c * (n - k + i) as f64 / i as f64).round())
}

/// Steps to the next arrangement in lexicographic order; false at the last one.
fn next_arrangement(labels: &mut [usize]) -> bool {
    let Some(turn) = labels.windows(2).rposition(|w| w[0] < w[1]) else {
        return false;
    };
    if let Some(larger) = labels.iter().rposition(|&l| l > labels[turn]) {
        labels.swap(turn, larger);
    }
    labels[turn + 1..].reverse();
    true
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        reason = "a failing test should stop where it fails"
    )]

    use super::*;
    use proptest::prelude::*;

    fn two_groups(per_group: usize) -> UnitLabels {
        let n = 2 * per_group;
        let labels: Vec<usize> = (0..n).map(|i| i / per_group).collect();
        UnitLabels::new(&(0..n).collect::<Vec<_>>(), &labels, &vec![0; n]).unwrap()
    }

    #[test]
    fn relabellings_are_counted() {
        // choose(6, 3), choose(12, 6), choose(100, 50) in R.
        assert_eq!(two_groups(3).distinct(), 20.0);
        assert_eq!(two_groups(6).distinct(), 924.0);
        assert!((two_groups(50).distinct() / 1.0089134454556415e29 - 1.0).abs() < 1e-12);
        assert_eq!(two_groups(5000).distinct(), f64::MAX);
        // Two batches of 2 v 2 and three labels in the second: 6 × 4!/(2!·1!·1!) = 72.
        let units: Vec<usize> = (0..8).collect();
        let stratified =
            UnitLabels::new(&units, &[0, 0, 1, 1, 0, 0, 1, 2], &[0, 0, 0, 0, 1, 1, 1, 1]).unwrap();
        assert_eq!(stratified.distinct(), 72.0);
        let all = stratified.all(100).unwrap();
        assert_eq!(all.len(), 72);
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), 72);
        assert!(stratified.all(71).is_none());
    }

    #[test]
    fn samples_of_a_unit_move_together() {
        let units = [7, 7, 3, 3, 5, 5, 9];
        let design = UnitLabels::new(&units, &[0, 0, 1, 1, 0, 0, 1], &[0; 7]).unwrap();
        assert_eq!((design.units(), design.distinct()), (4, 6.0));
        for seed in 0..20 {
            let labels = design.shuffled(seed);
            let sources = design.shuffled_sources(seed);
            for pair in [0, 2, 4] {
                assert_eq!(labels[pair], labels[pair + 1]);
                assert_eq!(sources[pair], sources[pair + 1]);
            }
            let read: Vec<usize> = sources.iter().map(|&s| [0, 0, 1, 1, 0, 0, 1][s]).collect();
            assert_eq!(read, labels);
        }
        let broken = UnitLabels::new(&[1, 1], &[0, 1], &[0, 0]).unwrap_err();
        assert_eq!(
            broken.to_string(),
            "unit `1` has samples with label `0` and `1`; hint: when the label changes within a unit, the sample or the within-unit difference is what to relabel"
        );
    }

    #[test]
    fn sign_flips_are_counted_and_listed() {
        assert_eq!(distinct_sign_flips(9), 512.0);
        let all = all_sign_flips(3, 8).unwrap();
        assert_eq!(all.len(), 8);
        assert_eq!(all[0], [1.0, 1.0, 1.0]);
        assert!(all_sign_flips(4, 8).is_none());
        assert!(all_sign_flips(5000, 1 << 20).is_none());
        assert_eq!(sign_flips(50, 4), sign_flips(50, 4));
        assert_ne!(sign_flips(50, 4), sign_flips(50, 5));
    }

    #[test]
    fn every_relabelling_is_equally_likely() {
        let design = two_groups(2);
        let mut counts: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for seed in 0..6000 {
            *counts.entry(design.shuffled(seed)).or_default() += 1;
        }
        assert_eq!(counts.len(), 6);
        // Six standard deviations of a binomial with mean 1,000.
        assert!(counts.values().all(|&c| c.abs_diff(1000) < 173));
    }

    proptest! {
        #[test]
        fn shuffling_keeps_label_counts_within_strata(
            rows in prop::collection::vec((0_usize..3, 0_usize..3), 1..30), seed in any::<u64>(),
        ) {
            let units: Vec<usize> = (0..rows.len()).collect();
            let (labels, strata): (Vec<usize>, Vec<usize>) = rows.into_iter().unzip();
            let design = UnitLabels::new(&units, &labels, &strata).unwrap();
            let count = |labels: &[usize]| {
                let mut table: BTreeMap<(usize, usize), usize> = BTreeMap::new();
                for (&l, &s) in labels.iter().zip(&strata) {
                    *table.entry((s, l)).or_default() += 1;
                }
                table
            };
            let drawn = design.shuffled(seed);
            prop_assert_eq!(count(&drawn), count(&labels));
            prop_assert_eq!(drawn, design.shuffled(seed));
        }
    }
}
