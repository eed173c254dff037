//! Whether genes are mutated more often in one arm than in the other.

use proteus_stats::hypothesis_tests::fisher_exact;
use proteus_stats::multiplicity::benjamini_hochberg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Contrast, ModelFrame, Term};
use crate::tool::{TableBuilder, Tool, ToolError, ToolInput, ToolOutput};
use crate::tools::partner::{is_presence, presence_by_gene};

/// Parameters of [`MutationFrequency`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The contrast, `variable:target-reference`; a positive effect is more often mutated in the target.
    pub contrast: String,
    /// Samples of both arms together that must carry a mutation, and samples that must not, at least.
    #[schemars(range(min = 1))]
    pub min_carriers: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            contrast: String::new(),
            min_carriers: 4,
        }
    }
}

/// Samples of an arm with and without a mutation.
type Arm = (u64, u64);

/// The tool.
pub struct MutationFrequency;

impl Tool for MutationFrequency {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        if !is_presence(matrix) {
            return Err(ToolError::NotApplicable {
                needs: "a table of presence and absence, 1 and 0".to_owned(),
                found: "other values".to_owned(),
            });
        }
        let genes = presence_by_gene(matrix);
        let contrast = Contrast::parse(&params.contrast, input.samples)?;
        let term = Term::Contrast(contrast);
        let frame = ModelFrame::build(input.samples, &genes.samples, &term, &[], None)?;
        let (reference, target) = frame.arm_positions();
        let count = |gene: usize, arm: &[usize]| -> Arm {
            let values = arm
                .iter()
                .map(|&k| genes.values.get(gene, frame.columns[k]));
            values
                .filter(|v| !v.is_nan())
                .fold((0, 0), |(with, without), v| {
                    if v > 0.5 {
                        (with + 1, without)
                    } else {
                        (with, without + 1)
                    }
                })
        };
        let needed = params.min_carriers.max(1) as u64;
        let counts: Vec<(usize, Arm, Arm)> = (0..genes.features.len())
            .map(|gene| (gene, count(gene, &reference), count(gene, &target)))
            .filter(|(_, r, t)| r.0 + t.0 >= needed && r.1 + t.1 >= needed)
            .collect();
        let share = |(with, without): Arm| with as f64 / (with + without) as f64;
        let p: Vec<f64> = counts
            .iter()
            .map(|(_, r, t)| fisher_exact([[t.0, t.1], [r.0, r.1]]).p)
            .collect();
        let number = |of: &dyn Fn(Arm, Arm) -> f64| -> Vec<f64> {
            counts.iter().map(|&(_, r, t)| of(r, t)).collect()
        };
        let whole = |of: &dyn Fn(Arm, Arm) -> u64| -> Vec<usize> {
            counts.iter().map(|&(_, r, t)| of(r, t) as usize).collect()
        };
        let log_odds = |r: Arm, t: Arm| {
            let half = |n: u64| n as f64 + 0.5;
            (half(t.0) / half(t.1) / (half(r.0) / half(r.1))).ln()
        };
        let table = TableBuilder::new()
            .features(counts.iter().map(|c| &genes.features[c.0]))
            .number("effect", &number(&|r, t| share(t) - share(r)))
            .number("log_odds_ratio", &number(&log_odds))
            .number("P.Value", &p)
            .number("adj.P.Val", &benjamini_hochberg(&p))
            .count("mutated_reference", &whole(&|r, _| r.0))
            .count("n_reference", &whole(&|r, _| r.0 + r.1))
            .count("mutated_target", &whole(&|_, t| t.0))
            .count("n_target", &whole(&|_, t| t.0 + t.1))
            .build()?;
        Ok(ToolOutput::new()
            .with_fact("tested", p.len())
            .with_fact("genes", genes.features.len())
            .with_table("frequencies", table))
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        reason = "a failing test should stop where it fails"
    )]

    use serde_json::json;

    use super::*;
    use crate::dataset::Role;
    use crate::tool::frame::{numbers, texts};
    use crate::tools::fixture::{abundance, run, sheet, table};

    #[test]
    fn carriers_are_counted_by_arm_and_rare_genes_left_out() {
        let y = abundance(&[
            ("TP53", &[1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, f64::NAN]),
            ("RARE", &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        ]);
        let samples = sheet(9, &[("arm", Role::Condition, "t t t t c c c c c")]);
        let params = json!({"contrast": "arm:t-c", "min_carriers": 2});
        let output = run(&MutationFrequency, y, &samples, params).unwrap();
        let found = table(&output, "frequencies");
        assert_eq!(texts(found, "gene").unwrap(), ["TP53"]);
        assert_eq!(numbers(found, "effect").unwrap(), [1.0]);
        assert_eq!(numbers(found, "n_reference").unwrap(), [4.0]);
        // Two of the 70 ways to place four carriers among eight samples are as extreme.
        assert!((numbers(found, "P.Value").unwrap()[0] - 2.0 / 70.0).abs() < 1e-12);
    }

    #[test]
    fn abundances_are_refused() {
        let y = abundance(&[("A", &[1.0, 2.0])]);
        let samples = sheet(2, &[("arm", Role::Condition, "t c")]);
        let error = run(
            &MutationFrequency,
            y,
            &samples,
            json!({"contrast": "arm:t-c"}),
        );
        assert!(
            error
                .unwrap_err()
                .to_string()
                .contains("presence and absence")
        );
    }
}
