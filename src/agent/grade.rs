//! Grades: from q-values and attacks to `supported`, `suggestive` or `exploratory`, with every reason written down.

use proteus_stats::error_rate::{SUGGESTIVE_LEVEL, SUPPORTED_LEVEL};

use crate::discovery::{Archetype, Flag, Grade, Robustness};

use super::menu::Stratum;

/// Residual degrees of freedom for `supported`.
pub const SUPPORTED_DF: usize = 4;
/// Residual degrees of freedom for any inference at all.
const ANY_DF: usize = 2;
/// Samples per arm below which a detection switch is at most suggestive.
const DETECTION_ARM: usize = 5;
/// Share of variations in which a claim must hold.
const HOLDS: f64 = 0.5;

/// Everything a grade depends on.
pub struct Grounds<'a> {
    /// The stratum.
    pub stratum: &'a Stratum,
    /// Fewest residual degrees of freedom of what the claim names: a row with missing values has fewer than a complete
    /// one. None where the question has no linear model.
    pub residual_df: Option<usize>,
    /// q over the menu.
    pub q: f64,
    /// Whether a check failed on the contrast or on the dataset.
    pub failed_check: Option<&'a str>,
    /// Whether the audit of the procedure lowered every grade.
    pub audit_lowered: bool,
    /// Variations of the analysis.
    pub robustness: &'a Robustness,
    /// Confounder adjustments that broke the claim, and how many were tried.
    pub confounders: (usize, usize),
    /// Cautions.
    pub flags: &'a [Flag],
}

/// The grade and why it is not higher; every attack can only lower it.
pub fn grade(grounds: &Grounds<'_>) -> (Grade, Vec<String>) {
    let mut reasons = Vec::new();
    if let Some(reason) = &grounds.stratum.off_menu {
        return (
            Grade::Exploratory,
            vec![format!("not on the menu: {reason}")],
        );
    }
    let mut grade = if grounds.q <= SUPPORTED_LEVEL {
        Grade::Supported
    } else if grounds.q <= SUGGESTIVE_LEVEL {
        Grade::Suggestive
    } else {
        Grade::Exploratory
    };
    reasons.push(format!(
        "q = {} over the whole menu",
        super::score::small(grounds.q)
    ));
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
    if let (Archetype::DetectionSwitch, Some((a, b))) =
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
    let robustness = grounds.robustness;
    if robustness.tried > 0 && (robustness.held as f64) < HOLDS * robustness.tried as f64 {
        grade = grade.lowered();
        reasons.push(format!(
            "held in only {} of {} variations",
            robustness.held, robustness.tried
        ));
    }
    let (broke, tried) = grounds.confounders;
    if tried > 0 && broke as f64 > (1.0 - HOLDS) * tried as f64 {
        grade = grade.lowered();
        reasons.push(format!(
            "lost in {broke} of {tried} adjustments for other variables"
        ));
    }
    if let Some((held, tried)) = robustness.leave_one_out
        && (held as f64) < HOLDS * tried as f64
    {
        grade = grade.lowered();
        reasons.push(format!(
            "rests on single samples: held in {held} of {tried} leave-one-out refits"
        ));
    }
    if let Some(flag) = grounds.flags.iter().find(|f| f.lowers_grade) {
        grade = grade.lowered();
        reasons.push(flag.text.clone());
    }
    (grade, reasons)
}

fn cap(grade: &mut Grade, at_most: Grade) {
    *grade = (*grade).max(at_most);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// A stratum of the moderated t-test whose complete rows have `df` residual degrees of freedom.
    fn stratum(df: usize) -> Stratum {
        let columns = serde_json::json!({"subject": "feature", "label": "gene", "effect": "logFC", "statistic": "t", "p": "P.Value", "q": "adj.P.Val"});
        serde_json::from_value(serde_json::json!({
            "id": "s", "pursuit": 0, "objective": "o", "archetype": "differential_protein", "step": "s", "tool": "t",
            "answer": {"archetype": "differential_protein", "subject": "protein", "relation": "differs_between",
                "object": "sample_group", "table": "differential", "columns": columns, "unit": "log2 fold change",
                "null": "labels", "pivotal": true, "null_words": "n"},
            "members": [], "decoys": "d", "null": "n", "relabellings": null, "rests_on_normality": true, "off_menu": null,
            "residual_df": df, "arm_sizes": [3, 3]
        }))
        .unwrap()
    }

    #[test]
    fn a_row_with_missing_values_is_graded_by_its_own_degrees_of_freedom() {
        let stratum = stratum(8);
        let robustness = Robustness::default();
        let graded = |residual_df| {
            grade(&Grounds {
                stratum: &stratum,
                residual_df: Some(residual_df),
                q: 0.001,
                failed_check: None,
                audit_lowered: false,
                robustness: &robustness,
                confounders: (0, 0),
                flags: &[],
            })
            .0
        };
        assert_eq!(graded(4), Grade::Supported);
        assert_eq!(graded(3), Grade::Suggestive);
        assert_eq!(graded(1), Grade::Exploratory);
    }
}
