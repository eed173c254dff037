//! The table of a variable with several levels: moderated F per feature.

use proteus_stats::multiplicity::benjamini_hochberg;

use super::{arranged, by_evidence};
use crate::dataset::SampleMetadata;
use crate::tool::{Abundance, TableBuilder, ToolError, ToolOutput};
use crate::tools::fitted_model::FittedModel;

/// The table's name.
pub(super) const TABLE: &str = "across_groups";

pub(super) fn tested(
    output: ToolOutput,
    matrix: &Abundance,
    model: &FittedModel,
    samples: &SampleMetadata,
    variable: &str,
) -> Result<ToolOutput, ToolError> {
    let moderated = &model.moderated;
    let columns = model.tested();
    let test = moderated.joint_test(&columns);
    let order = by_evidence(&test.ln_p, &test.f);
    let p: Vec<f64> = test.ln_p.iter().map(|l| l.exp()).collect();
    let q = benjamini_hochberg(&p);
    let levels = level_names(matrix, model, samples, variable);
    let extremes: Vec<Extremes> = (0..model.y.rows())
        .map(|i| Extremes::of(model, &columns, i))
        .collect();
    let named = |pick: &dyn Fn(&Extremes) -> Option<usize>| -> Vec<String> {
        order
            .iter()
            .map(|&i| {
                pick(&extremes[i])
                    .and_then(|level| levels.get(level))
                    .cloned()
                    .unwrap_or_default()
            })
            .collect()
    };
    let differences: Vec<f64> = extremes.iter().map(|e| e.difference).collect();
    let table = TableBuilder::new()
        .features(order.iter().map(|&i| &matrix.features[i]))
        .number("AveExpr", &arranged(&moderated.fit.ave_expr, &order))
        .number("F", &arranged(&test.f, &order))
        .number("P.Value", &arranged(&p, &order))
        .number("adj.P.Val", &arranged(&q, &order))
        .number("largest_difference", &arranged(&differences, &order))
        .text("highest_level", named(&|e| e.highest))
        .text("lowest_level", named(&|e| e.lowest))
        .number("df", &arranged(&moderated.fit.df_residual, &order))
        .count(
            "n",
            &order
                .iter()
                .map(|&i| model.y.observed_in_row(i))
                .collect::<Vec<_>>(),
        )
        .number(
            "fraction_missing",
            &order
                .iter()
                .map(|&i| 1.0 - model.y.observed_in_row(i) as f64 / model.y.cols().max(1) as f64)
                .collect::<Vec<_>>(),
        )
        .build()?;
    Ok(output
        .with_fact("levels", levels)
        .with_fact("tested", p.iter().filter(|p| !p.is_nan()).count())
        .with_fact(
            "significant_5_percent",
            q.iter().filter(|q| **q <= 0.05).count(),
        )
        .with_table(TABLE, table))
}

/// The largest difference between levels of every feature.
pub(super) fn largest_differences(model: &FittedModel, columns: &[usize]) -> Vec<f64> {
    (0..model.y.rows())
        .map(|i| Extremes::of(model, columns, i).difference)
        .collect()
}

/// Labels by group number of the frame.
fn level_names(
    matrix: &Abundance,
    model: &FittedModel,
    samples: &SampleMetadata,
    variable: &str,
) -> Vec<String> {
    let frame = &model.frame;
    let variable = samples.variables.get(variable);
    (0..=frame.tested_names.len())
        .map(|group| {
            let column = frame.groups.iter().position(|&g| g == group)?;
            let id = &matrix.samples[frame.columns[column]];
            let row = samples.ids.iter().position(|known| known == id)?;
            variable?.group_of(row).map(str::to_owned)
        })
        .map(Option::unwrap_or_default)
        .collect()
}

/// The levels with the highest and lowest adjusted mean of a feature.
struct Extremes {
    difference: f64,
    highest: Option<usize>,
    lowest: Option<usize>,
}

impl Extremes {
    /// The first level is where the coefficients of the others start from, so its own is 0.
    fn of(model: &FittedModel, columns: &[usize], feature: usize) -> Self {
        let coefficients = &model.moderated.fit.coefficients;
        let effects: Vec<f64> = std::iter::once(0.0)
            .chain(columns.iter().map(|&j| coefficients.get(feature, j)))
            .collect();
        if effects.iter().any(|e| e.is_nan()) {
            return Self {
                difference: f64::NAN,
                highest: None,
                lowest: None,
            };
        }
        let by_effect = |a: &usize, b: &usize| effects[*a].total_cmp(&effects[*b]);
        let highest = (0..effects.len()).max_by(by_effect);
        let lowest = (0..effects.len()).min_by(by_effect);
        let difference = highest
            .zip(lowest)
            .map_or(f64::NAN, |(h, l)| effects[h] - effects[l]);
        Self {
            difference,
            highest,
            lowest,
        }
    }
}
