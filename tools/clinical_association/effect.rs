//! From the fitted model to effect, interval and test of every feature.

use proteus_stats::descriptive::standard_deviation;

use crate::tools::fitted_model::FittedModel;

/// One entry per feature.
pub(super) struct Effects {
    /// Log2 units per standard deviation, or log2 difference between levels.
    pub(super) slope: Vec<f64>,
    /// Lower end of the 95 % interval.
    pub(super) low: Vec<f64>,
    /// Upper end of the 95 % interval.
    pub(super) high: Vec<f64>,
    /// Moderated t or F.
    pub(super) statistic: Vec<f64>,
    /// Natural logarithm of the two-sided p-value.
    pub(super) ln_p: Vec<f64>,
    /// Level with the highest mean; none for a continuous variable.
    pub(super) highest: Vec<Option<usize>>,
    /// Level with the lowest mean; none for a continuous variable.
    pub(super) lowest: Vec<Option<usize>>,
}

/// Effects of the tested columns.
pub(super) fn effects(model: &FittedModel) -> Effects {
    match &model.tested()[..] {
        &[column] => one_column(model, column),
        columns => several_columns(model, columns),
    }
}

/// Logarithms of the p-values and slopes alone.
pub(super) fn slopes(model: &FittedModel) -> (Vec<f64>, Vec<f64>) {
    match &model.tested()[..] {
        &[column] => {
            let unit = unit(model);
            let estimates = model.moderated.fit.coefficients.column(column);
            let slope = estimates.iter().map(|b| b * unit).collect();
            (model.moderated.ln_p(column), slope)
        }
        columns => {
            let effects = several_columns(model, columns);
            (effects.ln_p, effects.slope)
        }
    }
}

/// Slopes are given per standard deviation of the variable in the samples of the model.
fn unit(model: &FittedModel) -> f64 {
    if model.frame.groups.is_empty() {
        standard_deviation(&model.frame.tested.column(0))
    } else {
        1.0
    }
}

fn one_column(model: &FittedModel, column: usize) -> Effects {
    let categorical = !model.frame.groups.is_empty();
    let unit = unit(model);
    let test = model.moderated.test(column);
    let intervals = model.moderated.intervals(column, 0.95);
    let level = |effect: &f64, at_positive: usize, at_negative: usize| {
        (categorical && !effect.is_nan()).then_some(if *effect >= 0.0 {
            at_positive
        } else {
            at_negative
        })
    };
    Effects {
        slope: test.effect.iter().map(|b| b * unit).collect(),
        low: intervals.iter().map(|i| i.0 * unit).collect(),
        high: intervals.iter().map(|i| i.1 * unit).collect(),
        statistic: test.t,
        ln_p: test.ln_p,
        highest: test.effect.iter().map(|b| level(b, 1, 0)).collect(),
        lowest: test.effect.iter().map(|b| level(b, 0, 1)).collect(),
    }
}

fn several_columns(model: &FittedModel, columns: &[usize]) -> Effects {
    let test = model.moderated.joint_test(columns);
    let features = test.f.len();
    let coefficients = &model.moderated.fit.coefficients;
    let mut effects = Effects {
        slope: vec![f64::NAN; features],
        low: vec![f64::NAN; features],
        high: vec![f64::NAN; features],
        statistic: test.f,
        ln_p: test.ln_p,
        highest: vec![None; features],
        lowest: vec![None; features],
    };
    for i in 0..features {
        if effects.statistic[i].is_nan() {
            continue;
        }
        // The first level is what the others are measured from.
        let means = std::iter::once(0.0).chain(columns.iter().map(|&j| coefficients.get(i, j)));
        let (mut high, mut low) = ((0, f64::NEG_INFINITY), (0, f64::INFINITY));
        for (level, mean) in means.enumerate() {
            if mean > high.1 {
                high = (level, mean);
            }
            if mean < low.1 {
                low = (level, mean);
            }
        }
        let difference = high.1 - low.1;
        effects.slope[i] = if high.0 > low.0 {
            difference
        } else {
            -difference
        };
        effects.highest[i] = Some(high.0);
        effects.lowest[i] = Some(low.0);
    }
    effects
}
