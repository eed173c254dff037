//! What the tests that found nothing could have seen: the smallest effect each would have shown with 80 % power. Absence of a
//! finding says something only where that is small.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use proteus_stats::descriptive::median;
use proteus_stats::distributions::{normal_quantile, student_t_two_sided_quantile};
use proteus_stats::error_rate::SUPPORTED_LEVEL;

use super::draft::Judged;
use super::pursuit::Pursuit;
use crate::discovery::{Archetype, Detectable};
use crate::tool::{FrameError, TableBuilder};

/// Power asked for.
const POWER: f64 = 0.8;
/// A twofold change, log2.
const TWOFOLD: f64 = 1.0;

/// The detectable effect of every member of a stratum, and its summary over those that did not pass. None where the tool
/// gives no t statistic.
///
/// On residual plus prior degrees of freedom, with p what one more member needs to be `supported`; see [`multiple`].
pub fn detectable(
    judged: &Judged<'_>,
    pursuit: &Pursuit,
) -> Result<Option<(DataFrame, Detectable)>, FrameError> {
    let directed = matches!(
        judged.stratum.archetype,
        Archetype::DifferentialProtein | Archetype::ProteinAssociation
    );
    let one_column = pursuit.frame.as_ref().is_some_and(|f| f.tested.cols() == 1);
    if !directed || !one_column || judged.stratum.off_menu.is_some() {
        return Ok(None);
    }
    let rows = &judged.answered.rows;
    let prior_df = pursuit
        .fact_number(judged.answered, "prior_df")
        .unwrap_or(0.0);
    let threshold = judged.p_to_pass();
    let mut multiples: BTreeMap<u64, f64> = BTreeMap::new();
    let mut of_df = |df: f64| {
        *multiples
            .entry(df.to_bits())
            .or_insert_with(|| multiple(threshold, df))
    };
    let error: Vec<f64> = rows
        .iter()
        .map(|r| (r.effect / r.statistic).abs())
        .map(|e| if e.is_finite() { e } else { f64::NAN })
        .collect();
    let df: Vec<f64> = rows.iter().map(|r| r.df + prior_df).collect();
    let smallest: Vec<f64> = error
        .iter()
        .zip(&df)
        .map(|(e, &df)| if df > 0.0 { e * of_df(df) } else { f64::NAN })
        .collect();
    let q = judged.row_q();
    let null_result = |i: &usize| !smallest[*i].is_nan() && q[*i] > SUPPORTED_LEVEL;
    let not_passed: Vec<usize> = (0..rows.len()).filter(null_result).collect();
    let of_null: Vec<f64> = not_passed.iter().map(|&i| smallest[i]).collect();
    if of_null.is_empty() {
        return Ok(None);
    }
    let summary = Detectable {
        p: threshold,
        median: median(&of_null),
        unit: judged.answered.answer.unit.clone(),
        not_passed: of_null.len(),
        twofold_excluded: of_null.iter().filter(|e| **e <= TWOFOLD).count(),
    };
    let text = |get: fn(&super::answers::AnswerRow) -> &String| -> Vec<String> {
        rows.iter().map(|r| get(r).clone()).collect()
    };
    let number =
        |get: fn(&super::answers::AnswerRow) -> f64| -> Vec<f64> { rows.iter().map(get).collect() };
    let table = TableBuilder::new()
        .text("subject", text(|r| &r.subject))
        .text("label", text(|r| &r.label))
        .number("effect", &number(|r| r.effect))
        .number("standard_error", &error)
        .number("df", &df)
        .number("p", &number(|r| r.p))
        .number("q", &q)
        .number("detectable", &smallest)
        .flag(
            "passed",
            &q.iter().map(|q| *q <= SUPPORTED_LEVEL).collect::<Vec<_>>(),
        )
        .build()?;
    Ok(Some((table, summary)))
}

/// Standard errors that an effect must measure to be found with 80 % power by a two-sided t test at `p`: the noncentrality of t
/// by Johnson and Welch's approximation (doi:10.1093/biomet/31.3-4.362), t(1 − 1/(4 df)) + z(0.8) √(1 + t²/(2 df)). Within 1 % of
/// R's `pt(ncp = )` from 4 degrees of freedom on.
fn multiple(p: f64, df: f64) -> f64 {
    let critical = student_t_two_sided_quantile(p, df);
    critical * (1.0 - 0.25 / df)
        + normal_quantile(POWER) * (1.0 + critical * critical / (2.0 * df)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_to_be_found_agree_with_the_noncentral_t() {
        // R: uniroot(function(d) 1 - pt(qt(1 - p / 2, df), df, d) - 0.8, c(0.1, 60), tol = 1e-9)$root
        for (df, p, expected) in [
            (4.0, 0.05, 3.761_06),
            (4.0, 3e-5, 25.836_79),
            (10.0, 0.001, 5.666_085),
            (60.0, 3e-5, 5.407_636),
        ] {
            let found = multiple(p, df);
            assert!((found / expected - 1.0).abs() < 0.01, "{df} {p}: {found}");
        }
        assert!((multiple(0.05, 1e6) - 2.801_58).abs() < 1e-3);
    }
}
