//! How many features are detected in one arm and hardly in the other, against every other way to split the samples.
//!
//! Counted is the number of switches beyond what run depth alone gives. Under that rival a feature detected in r samples is
//! found in one set of r samples rather than another in proportion to the product of the samples' odds of detection (the
//! conditional Rasch model; Andersen 1970, doi:10.1111/j.2517-6161.1970.tb00842.x), so that deeply measured arms are
//! expected to hold more switches. The p-value is that of the permutation test: whole columns move between the arms, each with its
//! depth, and every split is counted where there are few. Agrees with a listing of every set and split of the samples in R to 1e-10
//! (`tools/detected_only/reference/panels.R`).

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Splits up to which all are counted; of more, a sample of this many.
pub const ALL_SPLITS: usize = 5_000;

/// What counts as a switch: shares of an arm's samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SwitchRule {
    /// Smallest share of the one arm in which the feature is detected.
    pub present: f64,
    /// Largest share of the other arm in which it is detected; below `present`.
    pub absent: f64,
}

impl SwitchRule {
    /// Whether `here` of `of` samples of the one arm and `there` of `other` of the other make a switch.
    fn holds(self, here: usize, of: usize, there: usize, other: usize) -> bool {
        here as f64 >= self.present * of as f64 && there as f64 <= self.absent * other as f64
    }

    /// Whether detection in `r` samples can be one.
    fn possible(self, r: usize, of: usize, other: usize) -> bool {
        (r.saturating_sub(other)..=r.min(of)).any(|here| self.holds(here, of, r - here, other))
    }
}

/// Switches in one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SwitchCount {
    /// Features detected in this arm and hardly in the other.
    pub observed: usize,
    /// Expected from the depth of the samples alone.
    pub expected: f64,
    /// (observed − expected) / √(expected + 1).
    pub statistic: f64,
    /// Share of splits whose statistic reaches this one, the given split among them.
    pub p: f64,
}

/// Both directions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Switches {
    /// Detected in the target arm.
    pub target: SwitchCount,
    /// Detected in the reference arm.
    pub reference: SwitchCount,
    /// Splits counted, the given one among them.
    pub splits: usize,
    /// Whether these are all there are.
    pub all_splits: bool,
}

/// Number of ways to take `k` of `n`, as far as `f64` can tell.
pub fn splits(n: usize, k: usize) -> f64 {
    (0..k.min(n - k))
        .fold(1.0, |ways, i| ways * (n - i) as f64 / (i + 1) as f64)
        .round()
}

/// Counts switches between the samples of `target` and the others.
///
/// `detected` holds for each feature whether it has a value in each sample; only features detected in a number of samples
/// that `testable` admits are counted, which looks at no label. `seed` serves only where splits are sampled. None when an arm
/// is empty.
pub fn detection_switches(
    detected: &[Vec<bool>],
    target: &[bool],
    rule: SwitchRule,
    testable: impl Fn(usize) -> bool,
    seed: u64,
) -> Option<Switches> {
    let n = target.len();
    let in_target = target.iter().filter(|&&t| t).count();
    if in_target == 0 || in_target == n {
        return None;
    }
    let sizes = [in_target, n - in_target];
    let possible =
        |r: usize| testable(r) && (0..2).any(|side| rule.possible(r, sizes[side], sizes[1 - side]));
    let columns = Columns::new(detected, n, rule, possible);
    let given = columns.count(target);
    let ways = splits(n, in_target);
    let all_splits = ways <= ALL_SPLITS as f64;
    let mut reached = [0_usize; 2];
    let mut counted = 0;
    let mut look = |split: &[bool]| {
        let found = columns.count(split);
        for (side, reached) in reached.iter_mut().enumerate() {
            // Equal splits differ in the last digits only.
            *reached += usize::from(found[side].2 >= given[side].2 - 1e-9);
        }
    };
    if all_splits {
        let mut split: Vec<bool> = (0..n).map(|j| j < in_target).collect();
        loop {
            look(&split);
            counted += 1;
            if !next_split(&mut split) {
                break;
            }
        }
    } else {
        look(target);
        counted += 1;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut split = target.to_vec();
        while counted < ALL_SPLITS {
            split.shuffle(&mut rng);
            look(&split);
            counted += 1;
        }
    }
    let side = |k: usize| SwitchCount {
        observed: given[k].0,
        expected: given[k].1,
        statistic: given[k].2,
        p: reached[k] as f64 / counted as f64,
    };
    Some(Switches {
        target: side(0),
        reference: side(1),
        splits: counted,
        all_splits,
    })
}

/// The next way to place the `true`s, in order from all first to all last; false after the last one.
fn next_split(split: &mut [bool]) -> bool {
    let Some(from) = (0..split.len().saturating_sub(1)).rfind(|&i| split[i] && !split[i + 1])
    else {
        return false;
    };
    let moved = 1 + split[from + 1..].iter().filter(|&&s| s).count();
    split[from..].fill(false);
    split[from + 1..from + 1 + moved].fill(true);
    true
}

/// One bit per sample.
type Bits = Vec<u64>;

fn bits(samples: &[bool]) -> Bits {
    let word = |part: &[bool]| {
        let set = part.iter().enumerate().filter(|(_, s)| **s);
        set.fold(0_u64, |word, (k, _)| word | 1 << k)
    };
    samples.chunks(64).map(word).collect()
}

/// The testable features by pattern, and each sample's odds of detection.
struct Columns {
    /// Distinct patterns of detection, one bit per sample, with the samples in them and the number of features that show them.
    patterns: Vec<(Bits, usize, usize)>,
    /// Features detected in exactly r samples, for each r.
    with: Vec<usize>,
    /// Odds that a feature is detected in each sample.
    odds: Vec<f64>,
    rule: SwitchRule,
}

impl Columns {
    fn new(
        detected: &[Vec<bool>],
        n: usize,
        rule: SwitchRule,
        testable: impl Fn(usize) -> bool,
    ) -> Self {
        let mut patterns: BTreeMap<(Bits, usize), usize> = BTreeMap::new();
        let mut seen = vec![0_usize; n];
        let mut varied = 0_usize;
        let mut with = vec![0_usize; n + 1];
        for feature in detected {
            let found = feature.iter().filter(|&&f| f).count();
            if found > 0 && found < n {
                varied += 1;
                for (seen, &here) in seen.iter_mut().zip(feature) {
                    *seen += usize::from(here);
                }
            }
            if testable(found) {
                with[found] += 1;
                *patterns.entry((bits(feature), found)).or_default() += 1;
            }
        }
        let odds = |&seen: &usize| (seen as f64 + 0.5) / ((varied - seen) as f64 + 0.5);
        let odds: Vec<f64> = seen.iter().map(odds).collect();
        // Only ratios of odds matter; around 1 their products stay within range.
        let centre = (odds.iter().map(|o| o.ln()).sum::<f64>() / n as f64).exp();
        Self {
            patterns: patterns
                .into_iter()
                .map(|((bits, found), features)| (bits, found, features))
                .collect(),
            with,
            odds: odds.iter().map(|o| o / centre).collect(),
            rule,
        }
    }

    /// Observed and expected switches and their statistic, for the arm of `split` and for the other.
    fn count(&self, split: &[bool]) -> [(usize, f64, f64); 2] {
        let inside = split.iter().filter(|&&s| s).count();
        let sizes = [inside, split.len() - inside];
        let mut observed = [0_usize; 2];
        let arm = bits(split);
        for (pattern, all, features) in &self.patterns {
            let inside = pattern.iter().zip(&arm).map(|(p, s)| (p & s).count_ones());
            let a = inside.sum::<u32>() as usize;
            let found = [a, all - a];
            for (side, observed) in observed.iter_mut().enumerate() {
                if self
                    .rule
                    .holds(found[side], sizes[side], found[1 - side], sizes[1 - side])
                {
                    *observed += features;
                }
            }
        }
        let expected = self.expected(split, sizes);
        [0, 1].map(|side| {
            let (seen, due) = (observed[side], expected[side]);
            (seen, due, (seen as f64 - due) / (due + 1.0).sqrt())
        })
    }

    /// Switches to expect in each arm when only depth decides where a feature is detected.
    fn expected(&self, split: &[bool], sizes: [usize; 2]) -> [f64; 2] {
        let of = |arm: bool| {
            let odds = self.odds.iter().zip(split).filter(|(_, s)| **s == arm);
            symmetric_sums(odds.map(|(o, _)| *o))
        };
        let sums = [of(true), of(false)];
        let mut expected = [0.0; 2];
        for (r, &features) in self.with.iter().enumerate().filter(|(_, f)| **f > 0) {
            let mut all = 0.0;
            let mut switched = [0.0; 2];
            for a in r.saturating_sub(sizes[1])..=r.min(sizes[0]) {
                let found = [a, r - a];
                let chance = sums[0][a] * sums[1][r - a];
                all += chance;
                for (side, switched) in switched.iter_mut().enumerate() {
                    if self
                        .rule
                        .holds(found[side], sizes[side], found[1 - side], sizes[1 - side])
                    {
                        *switched += chance;
                    }
                }
            }
            for (expected, switched) in expected.iter_mut().zip(switched) {
                *expected += features as f64 * switched / all;
            }
        }
        expected
    }
}

/// Elementary symmetric sums e_0, e_1 … of the values.
fn symmetric_sums(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums = vec![1.0];
    for value in values {
        sums.push(0.0);
        for k in (1..sums.len()).rev() {
            sums[k] += value * sums[k - 1];
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const RULE: SwitchRule = SwitchRule {
        present: 0.6,
        absent: 0.1,
    };

    /// Rows from strings of `1` and `.`.
    fn rows(patterns: &[(&str, usize)]) -> Vec<Vec<bool>> {
        let row = |p: &str| p.chars().map(|c| c == '1').collect::<Vec<bool>>();
        patterns
            .iter()
            .flat_map(|(p, n)| vec![row(p); *n])
            .collect()
    }

    fn arm(pattern: &str) -> Vec<bool> {
        pattern.chars().map(|c| c == '1').collect()
    }

    #[test]
    fn twenty_splits_of_three_and_three_give_a_twentieth() {
        let mut detected = rows(&[("...111", 9), ("111...", 1), ("1.1.1.", 2), ("111111", 50)]);
        for i in 0..6 {
            for j in i + 1..6 {
                detected.extend(vec![(0..6).map(|k| k == i || k == j).collect(); 4]);
            }
        }
        let found = detection_switches(&detected, &arm("...111"), RULE, |r| r == 3, 1).unwrap();
        assert_eq!((found.splits, found.all_splits), (20, true));
        assert_eq!((found.target.observed, found.reference.observed), (9, 1));
        // Both by listing all sets and splits in another program.
        assert_eq!((found.target.p, found.reference.p), (0.05, 0.15));
        assert!((found.target.expected - 1.103_986_612_499_805_7).abs() < 1e-12);
    }

    #[test]
    fn at_equal_depth_a_switch_is_one_of_all_patterns() {
        // Every sample holds three of the six; of the 20 patterns of three samples one is the switch.
        let detected = rows(&[("111...", 5), ("...111", 5)]);
        let found = detection_switches(&detected, &arm("111..."), RULE, |r| r == 3, 1).unwrap();
        assert!((found.target.expected - 10.0 / 20.0).abs() < 1e-12);
        // Without the two-of-three patterns the rule would also admit.
        let two = detection_switches(
            &rows(&[("11....", 15), ("....11", 15)]),
            &arm("111..."),
            RULE,
            |r| r == 2,
            1,
        );
        let two = two.unwrap();
        assert_eq!(two.target.observed, 15);
    }

    #[test]
    fn depth_alone_is_expected_and_is_no_finding() {
        // The target samples are simply deeper: every pattern of detection in proportion to depth.
        let patterns = [
            ("...111", 8),
            ("1..11.", 4),
            (".1.11.", 4),
            ("..111.", 4),
            ("1..1.1", 4),
            (".1.1.1", 4),
            ("..11.1", 4),
            ("1...11", 4),
            (".1..11", 4),
            ("..1.11", 4),
            ("11.1..", 2),
            ("1.11..", 2),
            (".111..", 2),
            ("11..1.", 2),
            ("1.1.1.", 2),
            (".11.1.", 2),
            ("11...1", 2),
            ("1.1..1", 2),
            (".11..1", 2),
            ("111...", 1),
        ];
        let found = detection_switches(&rows(&patterns), &arm("...111"), RULE, |_| true, 1);
        let found = found.unwrap();
        assert_eq!(found.target.observed, 8);
        assert!((found.target.expected - 9.313).abs() < 1e-3, "{found:?}");
        assert_eq!(found.target.p, 1.0);
    }

    #[test]
    fn many_splits_are_sampled_the_same_for_the_same_seed() {
        let pattern = format!("{}{}", ".".repeat(9), "1".repeat(9));
        let other = format!("{}{}", "1.".repeat(4), "1.".repeat(5));
        let detected = rows(&[(&pattern, 7), (&other, 9)]);
        let run =
            |seed| detection_switches(&detected, &arm(&pattern), RULE, |_| true, seed).unwrap();
        assert_eq!(run(3), run(3));
        assert!(!run(3).all_splits);
        assert_eq!(run(3).splits, ALL_SPLITS);
        assert!(run(3).target.p < 0.01, "{:?}", run(3));
        assert_eq!(splits(18, 9), 48_620.0);
    }

    #[test]
    fn an_empty_arm_has_nothing_to_compare() {
        assert_eq!(
            detection_switches(&rows(&[("11", 1)]), &arm("11"), RULE, |_| true, 1),
            None
        );
    }
}
