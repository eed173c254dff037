//! The next experiment: how many samples would show the effect again, and by which assay.

use proteus_stats::distributions::normal_quantile;

use crate::dataset::Measure;
use crate::discovery::{Archetype, NextExperiment};

/// Two-sided level and power of the planned experiment.
const LEVEL: f64 = 0.05;
const POWER: f64 = 0.8;
/// Samples per arm at which presence in all of one and none of the other has p = 0.008 (Fisher's exact test).
const DETECTION_ARM: usize = 5;

/// What is known of the effect to be shown again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Estimate.
    pub value: f64,
    /// Its test statistic (t or z); NaN where the test has no direction.
    pub statistic: f64,
    /// Samples in the reference and target arm; none for a slope.
    pub arms: Option<(usize, usize)>,
    /// All samples.
    pub total: usize,
}

/// Effect to expect: the estimate shrunk for having been selected (positive-part James–Stein, factor 1 − 1/t²).
pub fn shrunk(effect: &Effect) -> Option<f64> {
    let t = effect.statistic;
    (t.is_finite() && t != 0.0 && effect.value.is_finite())
        .then(|| effect.value * (1.0 - 1.0 / (t * t)).max(0.0))
}

/// Standard deviation between samples of one arm, from the effect's standard error.
pub fn standard_deviation(effect: &Effect) -> Option<f64> {
    let (reference, target) = effect.arms?;
    if reference == 0 || target == 0 || effect.statistic == 0.0 || !effect.statistic.is_finite() {
        return None;
    }
    let standard_error = (effect.value / effect.statistic).abs();
    Some(standard_error / (1.0 / reference as f64 + 1.0 / target as f64).sqrt())
}

/// Samples per arm (for a slope: in all, halved) at 80 % power, two-sided 5 %, normal approximation plus one for the
/// estimated variance.
pub fn samples_per_arm(effect: &Effect) -> Option<usize> {
    let z = normal_quantile(1.0 - LEVEL / 2.0) + normal_quantile(POWER);
    let expected = shrunk(effect)?;
    let n = match effect.arms {
        Some(_) => {
            let ratio = standard_deviation(effect)? / expected;
            2.0 * (z * ratio).powi(2) + 1.0
        }
        None => {
            // A slope's t over n samples is a correlation r; Fisher's z gives n for it.
            let df = effect.total.saturating_sub(2) as f64;
            let t = effect.statistic.abs() * (1.0 - 1.0 / effect.statistic.powi(2)).max(0.0);
            let r = t / (t * t + df).sqrt();
            ((z / r.atanh()).powi(2) + 3.0) / 2.0
        }
    };
    (n.is_finite() && n < 1e6).then(|| (n.ceil() as usize).max(3))
}

/// The plan in words.
pub fn plan(
    archetype: Archetype,
    measure: Measure,
    subjects: &str,
    effect: &Effect,
    comparison: &str,
) -> NextExperiment {
    let detection = matches!(
        archetype,
        Archetype::DetectionSwitch | Archetype::DetectionPanel
    );
    let n = if detection {
        Some(DETECTION_ARM)
    } else {
        samples_per_arm(effect)
    };
    let assay = match archetype {
        Archetype::DifferentialProtein
        | Archetype::ProteinAssociation
        | Archetype::ProteinAcrossGroups
        | Archetype::TimeCourse
        | Archetype::DoseTrend => measure.again,
        // The limit of detection is set by a heavy peptide where there are peptides.
        Archetype::DetectionSwitch
        | Archetype::DetectionPanel
        | Archetype::PathwayShift
        | Archetype::ComplexShift
            if measure.again != Measure::default().again =>
        {
            measure.again
        }
        Archetype::DetectionSwitch | Archetype::DetectionPanel => {
            "targeted mass spectrometry (PRM) with a spiked heavy peptide to set the detection limit"
        }
        Archetype::PathwayShift | Archetype::ComplexShift | Archetype::OverRepresentation => {
            "targeted mass spectrometry (PRM) panel of the leading members"
        }
        Archetype::RegulatorActivity => {
            "a reporter of the pathway, or phosphorylation of its effectors by targeted mass spectrometry,"
        }
        Archetype::Chain => {
            "targeted mass spectrometry (PRM) of the protein and reverse-transcription PCR of its RNA in the same samples, with the first edge of the chain set by experiment"
        }
        Archetype::SiteBeyondProtein => {
            "targeted mass spectrometry (PRM) of the modified peptide and of unmodified peptides of the protein, both with heavy standards"
        }
        Archetype::ProteinBeyondRna => {
            "targeted mass spectrometry (PRM) of the protein and reverse-transcription PCR of its RNA in the same samples"
        }
        Archetype::MutationDifference => "targeted sequencing",
        Archetype::MutationEffect => {
            "targeted mass spectrometry (PRM) or an immunoassay in cells with and without the mutation introduced"
        }
        Archetype::CopyNumberEffect => {
            "targeted mass spectrometry (PRM) or an immunoassay in cells with the gene amplified or deleted"
        }
        Archetype::SubtypeAssociation | Archetype::ComponentAssociation => {
            "the same proteome assay in an independent cohort, grouped with the centres found here"
        }
    };
    let size = match n {
        Some(n) if detection => format!(
            "{n} independent samples per arm (the fewest at which an exact test of detection reaches p = 0.01)"
        ),
        Some(n) => format!(
            "{n} independent samples per arm (80 % power at the shrunken effect, two-sided 5 %)"
        ),
        None => {
            "a sample size set by a pilot, as no between-sample variance is known for this effect"
                .to_owned()
        }
    };
    NextExperiment {
        assay: assay.to_owned(),
        samples_per_arm: n,
        expected_effect: shrunk(effect).filter(|_| !detection),
        standard_deviation: standard_deviation(effect).filter(|_| !detection),
        text: format!("Measure {subjects} {comparison} by {assay}, with {size}."),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn sample_size_of_one_standard_deviation_is_the_textbook_seventeen() {
        // t large enough that shrinkage is negligible: delta = sd needs 2·(1.96 + 0.8416)² + 1 = 16.7 → 17 per arm.
        let effect = Effect {
            value: 1.0,
            statistic: 1.0 / (2.0_f64 / 1e6).sqrt(),
            arms: Some((1_000_000, 1_000_000)),
            total: 2_000_000,
        };
        assert!((standard_deviation(&effect).unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(samples_per_arm(&effect), Some(17));
    }

    #[test]
    fn an_effect_within_its_noise_is_shrunk_to_nothing() {
        let effect = Effect {
            value: 0.3,
            statistic: 0.9,
            arms: Some((5, 5)),
            total: 10,
        };
        assert_eq!(shrunk(&effect), Some(0.0));
        assert_eq!(samples_per_arm(&effect), None);
    }
}
