//! The table of a contrast: moderated t per feature, target minus reference.

use proteus_stats::Matrix;
use proteus_stats::descriptive::mean;
use proteus_stats::moderated::LogOddsOptions;
use proteus_stats::multiplicity::benjamini_hochberg;
use proteus_stats::unequal_variance::pooled_variance_ratio;

use super::{arranged, by_evidence};
use crate::dataset::ModelFrame;
use crate::tool::{Abundance, Check, TableBuilder, ToolError, ToolOutput, Verdict};
use crate::tools::fitted_model::FittedModel;

/// The table's name.
pub(super) const TABLE: &str = "differential";

/// Per feature, in the order of the matrix.
#[derive(Default)]
struct Columns {
    effect: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    mean: Vec<f64>,
    t: Vec<f64>,
    ln_p: Vec<f64>,
    log_odds: Vec<f64>,
    standard_error: Vec<f64>,
    df: Vec<f64>,
}

pub(super) fn tested(
    output: ToolOutput,
    matrix: &Abundance,
    model: &FittedModel,
) -> Result<ToolOutput, ToolError> {
    let column = model.design.cols() - 1;
    let moderated = &model.moderated;
    let test = moderated.test(column);
    let (low, high) = moderated.intervals(column, 0.95).into_iter().unzip();
    let columns = Columns {
        low,
        high,
        mean: moderated.fit.ave_expr.clone(),
        log_odds: moderated.log_odds(column, LogOddsOptions::default()),
        df: moderated.fit.df_residual.clone(),
        effect: test.effect,
        t: test.t,
        ln_p: test.ln_p,
        standard_error: test.standard_error,
    };
    let spread = pooled_variance_ratio(&model.y, &model.frame.groups);
    let output = output
        .with_fact("variance_ratio", spread.ratio)
        .with_fact("descriptive", false);
    finished(output, matrix, &model.frame, &model.y, columns)
}

/// Differences of means without a test, for arms that leave no residual degrees of freedom.
pub(super) fn descriptive(matrix: &Abundance, frame: &ModelFrame) -> Result<ToolOutput, ToolError> {
    let y = matrix.values.select_columns(&frame.columns);
    let (reference, target) = frame.arm_positions();
    let rows = 0..y.rows();
    let arm = |i: usize, positions: &[usize]| {
        let values: Vec<f64> = positions.iter().map(|&j| y.get(i, j)).collect();
        mean(&values)
    };
    let unknown = vec![f64::NAN; y.rows()];
    let columns = Columns {
        effect: rows
            .clone()
            .map(|i| arm(i, &target) - arm(i, &reference))
            .collect(),
        mean: rows.map(|i| mean(y.row(i))).collect(),
        low: unknown.clone(),
        high: unknown.clone(),
        t: unknown.clone(),
        ln_p: unknown.clone(),
        log_odds: unknown.clone(),
        standard_error: unknown.clone(),
        df: vec![0.0; y.rows()],
    };
    let (n, m) = (reference.len(), target.len());
    let output = ToolOutput::new()
        .with_fact("samples", frame.columns.len())
        .with_fact("residual_df", 0)
        .with_fact("descriptive", true)
        .with_check(Check {
            code: "no_residual_df".to_owned(),
            verdict: Verdict::Fail,
            reason: format!(
                "{n} reference and {m} target samples leave no residual degrees of freedom for a model with {} coefficients",
                frame.nuisance_names.len() + frame.tested_names.len()
            ),
            fix: "measure at least 2, better 3, independent samples per arm, or adjust for fewer variables; until then only differences of means are given"
                .to_owned(),
            concerns: frame.tested_names.first().cloned(),
        });
    finished(output, matrix, frame, &y, columns)
}

fn finished(
    output: ToolOutput,
    matrix: &Abundance,
    frame: &ModelFrame,
    y: &Matrix,
    columns: Columns,
) -> Result<ToolOutput, ToolError> {
    let (reference, target) = frame.arm_positions();
    let seen = |i: usize, positions: &[usize]| {
        let row = y.row(i);
        positions.iter().filter(|&&j| !row[j].is_nan()).count()
    };
    let order = by_evidence(&columns.ln_p, &columns.effect);
    let p: Vec<f64> = columns.ln_p.iter().map(|l| l.exp()).collect();
    let q = benjamini_hochberg(&p);
    let n_reference: Vec<usize> = order.iter().map(|&i| seen(i, &reference)).collect();
    let n_target: Vec<usize> = order.iter().map(|&i| seen(i, &target)).collect();
    let in_arms = (reference.len() + target.len()).max(1) as f64;
    let missing: Vec<f64> = n_reference
        .iter()
        .zip(&n_target)
        .map(|(a, b)| 1.0 - (a + b) as f64 / in_arms)
        .collect();
    let table = TableBuilder::new()
        .features(order.iter().map(|&i| &matrix.features[i]))
        .number("logFC", &arranged(&columns.effect, &order))
        .number("CI.L", &arranged(&columns.low, &order))
        .number("CI.R", &arranged(&columns.high, &order))
        .number("AveExpr", &arranged(&columns.mean, &order))
        .number("t", &arranged(&columns.t, &order))
        .number("P.Value", &arranged(&p, &order))
        .number("adj.P.Val", &arranged(&q, &order))
        .number("B", &arranged(&columns.log_odds, &order))
        .number("se", &arranged(&columns.standard_error, &order))
        .number("df", &arranged(&columns.df, &order))
        .count("n_reference", &n_reference)
        .count("n_target", &n_target)
        .number("fraction_missing", &missing)
        .flag("imputed", &vec![false; order.len()])
        .build()?;
    Ok(output
        .with_fact("samples_reference", reference.len())
        .with_fact("samples_target", target.len())
        .with_fact("tested", p.iter().filter(|p| !p.is_nan()).count())
        .with_fact(
            "significant_5_percent",
            q.iter().filter(|q| **q <= 0.05).count(),
        )
        .with_table(TABLE, table))
}
