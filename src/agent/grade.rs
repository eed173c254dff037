//! Grades: from q-values and attacks to `supported`, `suggestive` or `exploratory`, with every reason written down.

use proteus_stats::error_rate::{SUGGESTIVE_LEVEL, SUPPORTED_LEVEL};

use crate::discovery::{Archetype, AttackKind, Flag, Grade, Robustness};

use super::menu::Stratum;

/// Residual degrees of freedom for `supported`.
pub(crate) const SUPPORTED_DF: usize = 4;
/// Residual degrees of freedom for any inference at all.
pub(crate) const ANY_DF: usize = 2;
/// Samples per arm below which a detection switch is at most suggestive.
pub(crate) const DETECTION_ARM: usize = 5;
/// Share of variations in which a claim must hold.
pub(crate) const HOLDS: f64 = 0.5;
/// Power for the shrunken effect below which a claim that passed is more likely a lucky draw than a fair estimate.
const LEAST_POWER: f64 = 0.2;

/// What is said of every claim of a later generation. It lowers no grade: the price is in q.
const SPAWNED: &str = "asked after a look at earlier results, for a share of the menu that was set aside before there were any";

/// Everything a grade depends on.
pub struct Grounds<'a> {
    /// The stratum.
    pub stratum: &'a Stratum,
    /// Why the question itself was chosen with these data in view; none where it was asked before any result.
    pub after_results: Option<&'a str>,
    /// Generation of the objective: later ones were chosen after a look at the results of earlier ones.
    pub generation: usize,
    /// Fewest residual degrees of freedom of what the claim names: a row with missing values has fewer than a complete
    /// one. None where the question has no linear model.
    pub residual_df: Option<usize>,
    /// q over the menu.
    pub q: f64,
    /// Smallest q that the decoys can show.
    pub floor: f64,
    /// Whether a check failed on the contrast or on the dataset.
    pub failed_check: Option<&'a str>,
    /// Whether the audit of the procedure lowered every grade.
    pub audit_lowered: bool,
    /// Variations of the analysis.
    pub robustness: &'a Robustness,
    /// Confounder adjustments that broke the claim, and how many were tried.
    pub confounders: (usize, usize),
    /// Why another genotype of the same gene explains the claim.
    pub rival: Option<&'a str>,
    /// What contamination explains of the claim.
    pub contamination: Option<&'a str>,
    /// That random lists of genes move as far as the activity claimed.
    pub random_lists: Option<&'a str>,
    /// Why the variable looks computed from the proteins compared with it.
    pub circular: Option<&'a str>,
    /// Cautions.
    pub flags: &'a [Flag],
    /// A batch or run-order variable that goes along with the tested one so closely that neither can be told from the other.
    pub alias: Option<&'a str>,
    /// Chance that this design shows the effect to be expected; none where it is not known.
    pub power: Option<f64>,
}

/// A grade with what led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// The grade.
    pub grade: Grade,
    /// Why this and not a higher one.
    pub reasons: Vec<String>,
    /// The attacks that lowered it.
    pub lowered_by: Vec<AttackKind>,
}

/// The grade and why it is not higher; every attack can only lower it, by one step at most, but for activities that random lists
/// of genes have as well: a test over samples says nothing of the pathway then, however small its q.
pub fn grade(grounds: &Grounds<'_>) -> Graded {
    let mut reasons = Vec::new();
    if let Some(reason) = &grounds.stratum.off_menu {
        return Graded {
            grade: Grade::Exploratory,
            reasons: vec![format!("not on the menu: {reason}")],
            lowered_by: Vec::new(),
        };
    }
    let mut grade = if grounds.q <= SUPPORTED_LEVEL {
        Grade::Supported
    } else if grounds.q <= SUGGESTIVE_LEVEL {
        Grade::Suggestive
    } else {
        Grade::Exploratory
    };
    reasons.push(format!(
        "q {} over the whole menu",
        super::score::compared(grounds.q, grounds.floor)
    ));
    if grounds.generation > 0 {
        reasons.push(SPAWNED.to_owned());
    }
    if let Some(df) = grounds.residual_df {
        if df < ANY_DF {
            grade = Grade::Exploratory;
            reasons.push(format!(
                "{df} residual degrees of freedom allow no inference"
            ));
        } else if df < SUPPORTED_DF {
            cap(&mut grade, Grade::Suggestive);
            reasons.push(format!("only {df} residual degrees of freedom"));
        }
    }
    if let (Archetype::DetectionSwitch | Archetype::DetectionPanel, Some((a, b))) =
        (grounds.stratum.archetype, grounds.stratum.arm_sizes)
        && a.min(b) < DETECTION_ARM
    {
        cap(&mut grade, Grade::Suggestive);
        reasons.push(format!("detection in {a} v {b} samples"));
    }
    if let Some(check) = grounds.failed_check {
        grade = Grade::Exploratory;
        reasons.push(format!("failed check: {check}"));
    }
    if grounds.audit_lowered {
        grade = grade.lowered();
        reasons.push("the procedure found too much in its own decoys".to_owned());
    }
    if let Some(reason) = grounds.after_results {
        grade = Grade::Exploratory;
        reasons.push(format!("{reason}: a lead to be tested in other data"));
    }
    let attacks = attacks(grounds);
    for (_, reason) in &attacks {
        grade = grade.lowered();
        reasons.push(reason.clone());
    }
    let mut lowered_by: Vec<AttackKind> = attacks.into_iter().map(|(kind, _)| kind).collect();
    if let Some(reason) = grounds.random_lists {
        cap(&mut grade, Grade::Exploratory);
        reasons.push(reason.to_owned());
        lowered_by.push(AttackKind::RandomLists);
    }
    Graded {
        grade,
        reasons,
        lowered_by,
    }
}

/// The attacks that the claim did not stand, with the reason.
fn attacks(grounds: &Grounds<'_>) -> Vec<(AttackKind, String)> {
    let mut broke_it = Vec::new();
    let robustness = grounds.robustness;
    if robustness.tried > 0 && (robustness.held as f64) < HOLDS * robustness.tried as f64 {
        let (held, tried) = (robustness.held, robustness.tried);
        let reason = format!("held in only {held} of {tried} variations");
        broke_it.push((AttackKind::Multiverse, reason));
    }
    let (broke, tried) = grounds.confounders;
    if tried > 0 && broke as f64 > (1.0 - HOLDS) * tried as f64 {
        let reason = format!("lost in {broke} of {tried} adjustments for other variables");
        broke_it.push((AttackKind::Confounding, reason));
    } else if let Some(rival) = grounds.rival {
        broke_it.push((AttackKind::Confounding, rival.to_owned()));
    }
    if let Some(contamination) = grounds.contamination {
        let reason = format!("contamination explains it: {contamination}");
        broke_it.push((AttackKind::Contamination, reason));
    }
    if let Some(circular) = grounds.circular {
        broke_it.push((AttackKind::Circularity, circular.to_owned()));
    }
    if let Some((held, tried)) = robustness.leave_one_out
        && (held as f64) < HOLDS * tried as f64
    {
        let reason =
            format!("rests on single samples: held in {held} of {tried} leave-one-out refits");
        broke_it.push((AttackKind::Influence, reason));
    }
    if let Some(flag) = grounds.flags.iter().find(|f| f.lowers_grade) {
        broke_it.push((AttackKind::Measurement, flag.text.clone()));
    }
    if let Some(alias) = grounds.alias {
        let reason = format!("cannot be told from `{alias}`, which is not in the model");
        broke_it.push((AttackKind::Alternatives, reason));
    }
    if let Some(power) = grounds.power.filter(|p| *p < LEAST_POWER) {
        let reason = format!(
            "the design had {:.0} % power for the effect to be expected: it is likely overstated",
            power * 100.0
        );
        broke_it.push((AttackKind::Power, reason));
    }
    broke_it
}

fn cap(grade: &mut Grade, at_most: Grade) {
    *grade = (*grade).max(at_most);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use serde_json::json;

    use super::*;

    fn stratum(archetype: &str, arms: (usize, usize)) -> Stratum {
        serde_json::from_value(json!({
            "id": "s", "pursuit": 0, "objective": "o", "archetype": archetype, "step": "s", "tool": "t",
            "answer": {
                "archetype": archetype, "subject": "protein", "relation": "differs_between",
                "object": "sample_group", "table": "t", "unit": "u", "null": "labels", "pivotal": true,
                "null_words": "{subject} {object}",
                "columns": {"subject": "a", "label": "b", "effect": "c", "statistic": "d", "p": "e", "q": "f"}
            },
            "members": [], "decoys": "", "null": "", "relabellings": null, "rests_on_normality": false,
            "off_menu": null, "residual_df": null, "arm_sizes": arms
        }))
        .unwrap()
    }

    fn graded(stratum: &Stratum, q: f64, change: impl Fn(&mut Grounds<'_>)) -> Graded {
        let robustness = Robustness::default();
        let mut grounds = Grounds {
            stratum,
            after_results: None,
            generation: 0,
            residual_df: Some(10),
            q,
            floor: 0.001,
            failed_check: None,
            audit_lowered: false,
            robustness: &robustness,
            confounders: (0, 0),
            rival: None,
            contamination: None,
            random_lists: None,
            circular: None,
            flags: &[],
            alias: None,
            power: None,
        };
        change(&mut grounds);
        grade(&grounds)
    }

    #[test]
    fn every_attack_that_is_not_stood_lowers_the_grade_by_a_step() {
        let stratum = stratum("differential_protein", (6, 6));
        assert_eq!(graded(&stratum, 0.01, |_| {}).grade, Grade::Supported);
        let alias = graded(&stratum, 0.01, |g| g.alias = Some("plate"));
        assert_eq!(alias.grade, Grade::Suggestive);
        assert_eq!(alias.lowered_by, [AttackKind::Alternatives]);
        let weak = graded(&stratum, 0.01, |g| g.power = Some(0.1));
        assert_eq!(weak.lowered_by, [AttackKind::Power]);
        let fair = graded(&stratum, 0.01, |g| g.power = Some(0.6));
        assert_eq!(
            (fair.grade, fair.lowered_by),
            (Grade::Supported, Vec::new())
        );
        let both = graded(&stratum, 0.01, |g| {
            g.confounders = (3, 4);
            g.power = Some(0.1);
        });
        assert_eq!(both.grade, Grade::Exploratory);
        assert_eq!(
            both.lowered_by,
            [AttackKind::Confounding, AttackKind::Power]
        );
        let skin = graded(&stratum, 0.01, |g| {
            g.contamination = Some("one of the skin keratins")
        });
        assert_eq!(skin.lowered_by, [AttackKind::Contamination]);
        let lists = graded(&stratum, 0.0001, |g| {
            g.random_lists = Some("random lists of genes often move as far")
        });
        assert_eq!(lists.grade, Grade::Exploratory);
        assert_eq!(lists.lowered_by, [AttackKind::RandomLists]);
        let index = graded(&stratum, 0.01, |g| {
            g.circular = Some("`index` is predicted")
        });
        assert_eq!(index.lowered_by, [AttackKind::Circularity]);
        let other = graded(&stratum, 0.01, |g| {
            g.rival = Some("its mutation explains it")
        });
        assert_eq!(other.grade, Grade::Suggestive);
        assert_eq!(other.lowered_by, [AttackKind::Confounding]);
        let later = graded(&stratum, 0.0001, |g| g.after_results = Some("asked later"));
        assert_eq!(later.grade, Grade::Exploratory);
        assert!(later.reasons[1].contains("a lead"), "{:?}", later.reasons);
        let spawned = graded(&stratum, 0.01, |g| g.generation = 1);
        assert_eq!(spawned.grade, Grade::Supported);
        assert!(
            spawned.reasons[1].contains("set aside before"),
            "{:?}",
            spawned.reasons
        );
        let half = graded(&stratum, 0.01, |g| g.confounders = (2, 4));
        assert_eq!(half.grade, Grade::Supported);
    }

    #[test]
    fn a_row_with_missing_values_is_graded_by_its_own_degrees_of_freedom() {
        let stratum = stratum("differential_protein", (3, 3));
        let of = |df| graded(&stratum, 0.001, |g| g.residual_df = Some(df)).grade;
        assert_eq!(of(4), Grade::Supported);
        assert_eq!(of(3), Grade::Suggestive);
        assert_eq!(of(1), Grade::Exploratory);
    }

    #[test]
    fn detection_in_few_samples_is_never_supported() {
        for archetype in ["detection_switch", "detection_panel"] {
            let few = stratum(archetype, (3, 3));
            assert_eq!(graded(&few, 0.01, |_| {}).grade, Grade::Suggestive);
            let enough = stratum(archetype, (5, 5));
            assert_eq!(graded(&enough, 0.01, |_| {}).grade, Grade::Supported);
        }
    }

    #[test]
    fn a_q_at_the_resolution_of_the_decoys_is_told_as_below_it() {
        let stratum = stratum("differential_protein", (6, 6));
        let reasons = graded(&stratum, 0.001, |_| {}).reasons;
        assert_eq!(reasons[0], "q < 0.001 over the whole menu");
        let reasons = graded(&stratum, 0.02, |_| {}).reasons;
        assert_eq!(reasons[0], "q = 0.020 over the whole menu");
    }
}
