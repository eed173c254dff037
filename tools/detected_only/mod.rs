//! Features detected in one arm of a contrast and hardly or not at all in the other: what no fold change can show.

use std::sync::Arc;

use polars::prelude::DataFrame;
use proteus_stats::descriptive::{median, quantile};
use proteus_stats::detection_switches::{SwitchCount, SwitchRule, detection_switches};
use proteus_stats::hypothesis_tests::{fisher_exact, rank_sum};
use proteus_stats::multiplicity::benjamini_hochberg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Contrast, ModelFrame, Term};
use crate::tool::{
    Abundance, Check, PValues, Subjects, TableBuilder, TablesOfP, Tool, ToolError, ToolInput,
    ToolOutput, Verdict,
};
use crate::tools::quality_control::short_p;

/// Parameters of [`DetectedOnly`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The contrast, `variable:target-reference`.
    pub contrast: Option<String>,
    /// Fraction of an arm's samples in which a feature must be detected to count as present there, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_present_fraction: f64,
    /// Fraction of the other arm's samples in which it may be detected and still count as absent there, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_absent_fraction: f64,
    /// Features are tested only where the most uneven split of their detections over the arms would give a p-value of
    /// this or less; who is detected where plays no part in it.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_attainable_p: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            contrast: None,
            min_present_fraction: 0.6,
            max_absent_fraction: 0.1,
            max_attainable_p: 0.1,
        }
    }
}

/// The tool.
pub struct DetectedOnly;

impl Tool for DetectedOnly {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let arms = arms(input, params)?;
        Ok(detection(matrix, arms, params, input.seed)?)
    }

    fn p_values(
        &self,
        input: &ToolInput<'_>,
        params: &Params,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        if tables != [DETECTION] {
            return Ok(None);
        }
        let matrix = input.matrix("matrix")?;
        let mut arms = arms(input, params)?;
        let (rows, _) = rows(matrix, &mut arms, params);
        let (n, m) = (arms.reference.len(), arms.target.len());
        let mut p = vec![f64::NAN; matrix.features.len()];
        let mut effect = p.clone();
        for row in rows {
            p[row.feature] = row.p();
            effect[row.feature] = row.effect(n, m);
        }
        let found = PValues {
            subjects: Subjects::Features(Arc::clone(&matrix.features)),
            p,
            effect,
        };
        Ok(Some(TablesOfP::from([(DETECTION.to_owned(), found)])))
    }
}

/// The tables' names.
const DETECTION: &str = "detection";
const PANELS: &str = "panels";

/// The columns of the two arms.
fn arms(input: &ToolInput<'_>, params: &Params) -> Result<Arms, ToolError> {
    check(params)?;
    let matrix = input.matrix("matrix")?;
    let spec = params
        .contrast
        .as_deref()
        .ok_or_else(|| ToolError::InvalidParams {
            reason: "`contrast` is missing: give `variable:target-reference`".to_owned(),
        })?;
    let contrast = Contrast::parse(spec, input.samples)?;
    let frame = ModelFrame::build(
        input.samples,
        &matrix.samples,
        &Term::Contrast(contrast),
        &[],
        None,
    )?;
    let (reference, target) = frame.arm_positions();
    let columns = |positions: Vec<usize>| -> Vec<usize> {
        positions.into_iter().map(|k| frame.columns[k]).collect()
    };
    let arms = Arms::new(columns(reference), columns(target));
    if arms.reference.len().min(arms.target.len()) < 2 {
        return Err(ToolError::TooFewObservations {
            what: format!("samples in each arm of `{spec}`"),
            needed: 2,
            found: arms.reference.len().min(arms.target.len()),
        });
    }
    Ok(arms)
}

fn check(params: &Params) -> Result<(), ToolError> {
    for (name, value) in [
        ("min_present_fraction", params.min_present_fraction),
        ("max_absent_fraction", params.max_absent_fraction),
        ("max_attainable_p", params.max_attainable_p),
    ] {
        if !(0.0..=1.0).contains(&value) {
            return Err(ToolError::InvalidParams {
                reason: format!("`{name}` is `{value}`, expected 0 to 1"),
            });
        }
    }
    if params.max_absent_fraction >= params.min_present_fraction {
        return Err(ToolError::InvalidParams {
            reason: format!(
                "`max_absent_fraction` ({}) must be below `min_present_fraction` ({})",
                params.max_absent_fraction, params.min_present_fraction
            ),
        });
    }
    Ok(())
}

/// The columns of the two arms, and the p-values of every way detections can fall on them.
struct Arms {
    reference: Vec<usize>,
    target: Vec<usize>,
    p: Vec<Option<f64>>,
}

impl Arms {
    fn new(reference: Vec<usize>, target: Vec<usize>) -> Self {
        let splits = (reference.len() + 1) * (target.len() + 1);
        Self {
            reference,
            target,
            p: vec![None; splits],
        }
    }

    /// Two-sided Fisher p for `a` detections in the reference and `b` in the target; few splits occur, so each is
    /// computed once.
    fn p(&mut self, a: usize, b: usize) -> f64 {
        let (n, m) = (self.reference.len(), self.target.len());
        let slot = a * (m + 1) + b;
        *self.p[slot].get_or_insert_with(|| {
            fisher_exact([[a as u64, (n - a) as u64], [b as u64, (m - b) as u64]]).p
        })
    }

    /// Whether features detected in this many samples are tested: who is detected where plays no part.
    fn is_testable(&mut self, detected: usize, params: &Params) -> bool {
        self.attainable(detected) <= params.max_attainable_p + 1e-9
    }

    /// The smallest p any split of `detected` over the arms can have.
    fn attainable(&mut self, detected: usize) -> f64 {
        let (n, m) = (self.reference.len(), self.target.len());
        let most = detected.min(n);
        let least = detected.saturating_sub(m);
        self.p(most, detected - most)
            .min(self.p(least, detected - least))
    }
}

struct Row {
    feature: usize,
    reference: usize,
    target: usize,
    fisher: f64,
    switched: bool,
}

impl Row {
    /// Only a switch can be called one. Giving every other feature p = 1 keeps the p-values valid (they only grow), and
    /// keeps the set of tested features independent of the labels.
    fn p(&self) -> f64 {
        if self.switched { self.fisher } else { 1.0 }
    }

    /// Difference in detected share, target minus reference, of arms of `n` and `m` samples.
    fn effect(&self, n: usize, m: usize) -> f64 {
        self.target as f64 / m as f64 - self.reference as f64 / n as f64
    }
}

/// The testable features in the order of the matrix, and how many are not.
fn rows(matrix: &Abundance, arms: &mut Arms, params: &Params) -> (Vec<Row>, usize) {
    let (n, m) = (arms.reference.len(), arms.target.len());
    let seen = |row: &[f64], columns: &[usize]| {
        let found = columns.iter().filter(|&&j| !row[j].is_nan());
        found.count()
    };
    let mut untestable = 0;
    let mut rows = Vec::new();
    for i in 0..matrix.values.rows() {
        let row = matrix.values.row(i);
        let (a, b) = (seen(row, &arms.reference), seen(row, &arms.target));
        if !arms.is_testable(a + b, params) {
            untestable += 1;
            continue;
        }
        let (share_reference, share_target) = (a as f64 / n as f64, b as f64 / m as f64);
        let high = share_target.max(share_reference);
        let low = share_target.min(share_reference);
        rows.push(Row {
            feature: i,
            reference: a,
            target: b,
            switched: high >= params.min_present_fraction && low <= params.max_absent_fraction,
            fisher: arms.p(a, b),
        });
    }
    (rows, untestable)
}

fn detection(
    matrix: &Abundance,
    mut arms: Arms,
    params: &Params,
    seed: u64,
) -> Result<ToolOutput, crate::tool::FrameError> {
    let (n, m) = (arms.reference.len(), arms.target.len());
    let (rows, untestable) = rows(matrix, &mut arms, params);
    let p: Vec<f64> = rows.iter().map(Row::p).collect();
    let q = benjamini_hochberg(&p);
    let level: Vec<f64> = rows
        .iter()
        .map(|r| {
            let in_target = r.target as f64 / m as f64 >= r.reference as f64 / n as f64;
            let present = if in_target {
                &arms.target
            } else {
                &arms.reference
            };
            let row = matrix.values.row(r.feature);
            median(&present.iter().map(|&j| row[j]).collect::<Vec<f64>>())
        })
        .collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&x, &y| {
        let size = |r: &Row| r.effect(n, m).abs();
        p[x].total_cmp(&p[y])
            .then(size(&rows[y]).total_cmp(&size(&rows[x])))
            .then(level[y].total_cmp(&level[x]))
            .then(rows[x].feature.cmp(&rows[y].feature))
    });
    let limit = quantile(matrix.values.values(), 0.05);
    let text = |f: &dyn Fn(&Row) -> String| order.iter().map(|&k| f(&rows[k])).collect::<Vec<_>>();
    let number = |f: &dyn Fn(&Row) -> f64| order.iter().map(|&k| f(&rows[k])).collect::<Vec<_>>();
    let count = |f: &dyn Fn(&Row) -> usize| order.iter().map(|&k| f(&rows[k])).collect::<Vec<_>>();
    let table = TableBuilder::new()
        .text("feature", text(&|r| matrix.features[r.feature].id.clone()))
        .text(
            "gene",
            text(&|r| matrix.features[r.feature].label().into_owned()),
        )
        .count("detected_reference", &count(&|r| r.reference))
        .count("n_reference", &count(&|_| n))
        .count("detected_target", &count(&|r| r.target))
        .count("n_target", &count(&|_| m))
        .number("effect", &number(&|r| r.effect(n, m)))
        .number("statistic", &number(&|r| ln_odds_ratio(r, n, m)))
        .flag(
            "switch",
            &order.iter().map(|&k| rows[k].switched).collect::<Vec<_>>(),
        )
        .number("P.Fisher", &number(&|r| r.fisher))
        .number("P.Value", &order.iter().map(|&k| p[k]).collect::<Vec<_>>())
        .number(
            "adj.P.Val",
            &order.iter().map(|&k| q[k]).collect::<Vec<_>>(),
        )
        .number(
            "median_present",
            &order.iter().map(|&k| level[k]).collect::<Vec<_>>(),
        )
        .number(
            "above_limit",
            &order.iter().map(|&k| level[k] - limit).collect::<Vec<_>>(),
        )
        .build()?;
    let output = ToolOutput::new()
        .with_fact("tested", rows.len())
        .with_fact("untestable", untestable)
        .with_fact("switches", rows.iter().filter(|r| r.switched).count())
        .with_fact("smallest_attainable_p", arms.p(n, 0).min(arms.p(0, m)))
        .with_fact("detection_limit_log2", limit);
    let panels = panels(matrix, &mut arms, params, seed)?;
    Ok(with_depth(output, matrix, &arms)
        .with_table(DETECTION, table)
        .with_table(PANELS, panels))
}

/// The switches of each direction counted together.
fn panels(
    matrix: &Abundance,
    arms: &mut Arms,
    params: &Params,
    seed: u64,
) -> Result<DataFrame, crate::tool::FrameError> {
    let (n, m) = (arms.reference.len(), arms.target.len());
    let columns: Vec<usize> = arms.reference.iter().chain(&arms.target).copied().collect();
    let in_target: Vec<bool> = (0..n + m).map(|k| k >= n).collect();
    let detected: Vec<Vec<bool>> = (0..matrix.values.rows())
        .map(|i| {
            let row = matrix.values.row(i);
            columns.iter().map(|&j| !row[j].is_nan()).collect()
        })
        .collect();
    let testable: Vec<bool> = (0..=n + m).map(|r| arms.is_testable(r, params)).collect();
    let rule = SwitchRule {
        present: params.min_present_fraction,
        absent: params.max_absent_fraction,
    };
    let found = detection_switches(&detected, &in_target, rule, |r| testable[r], seed);
    let sides: Vec<(&str, f64, SwitchCount)> = found
        .iter()
        .flat_map(|s| {
            [
                ("target_only", 1.0, s.target),
                ("reference_only", -1.0, s.reference),
            ]
        })
        .collect();
    let text = |f: fn(&str) -> String| sides.iter().map(|s| f(s.0)).collect::<Vec<_>>();
    let number = |f: &dyn Fn(f64, &SwitchCount) -> f64| -> Vec<f64> {
        sides.iter().map(|(_, sign, side)| f(*sign, side)).collect()
    };
    let p = number(&|_, s| s.p);
    let rows = sides.len();
    TableBuilder::new()
        .text("panel", text(str::to_owned))
        .text(
            "name",
            text(|id| {
                format!(
                    "proteins detected in the {} arm only",
                    id.trim_end_matches("_only")
                )
            }),
        )
        .count(
            "observed",
            &sides.iter().map(|s| s.2.observed).collect::<Vec<_>>(),
        )
        .number("expected", &number(&|_, s| s.expected))
        .number(
            "effect",
            &number(&|sign, s| sign * (s.observed as f64 - s.expected)),
        )
        .number("statistic", &number(&|sign, s| sign * s.statistic))
        .number("P.Value", &p)
        .number("adj.P.Val", &benjamini_hochberg(&p))
        .count("splits", &vec![found.map_or(0, |s| s.splits); rows])
        .flag(
            "all_splits",
            &vec![found.is_some_and(|s| s.all_splits); rows],
        )
        .count("n_reference", &vec![n; rows])
        .count("n_target", &vec![m; rows])
        .build()
}

/// Log odds ratio of detection, target over reference, half a count added to each cell.
fn ln_odds_ratio(row: &Row, n: usize, m: usize) -> f64 {
    let odds = |seen: usize, of: usize| (seen as f64 + 0.5) / ((of - seen) as f64 + 0.5);
    (odds(row.target, m) / odds(row.reference, n)).ln()
}

/// How deeply the arms were measured: the rival explanation of every switch.
fn with_depth(output: ToolOutput, matrix: &Abundance, arms: &Arms) -> ToolOutput {
    let depth = |columns: &[usize]| -> Vec<f64> {
        columns
            .iter()
            .map(|&j| {
                (0..matrix.values.rows())
                    .filter(|&i| !matrix.values.get(i, j).is_nan())
                    .count() as f64
            })
            .collect()
    };
    let (a, b) = (depth(&arms.reference), depth(&arms.target));
    let (reference, target) = (median(&a), median(&b));
    let p = rank_sum(&a, &b).map_or(1.0, |test| test.p);
    let ratio = target / reference.max(1.0);
    let output = output
        .with_fact("depth_reference", reference)
        .with_fact("depth_target", target)
        .with_fact("depth_p", p);
    if (0.8..=1.25).contains(&ratio) {
        return output;
    }
    output.with_check(Check {
        code: "depth_differs".to_owned(),
        verdict: Verdict::Warn,
        reason: format!(
            "samples of the target arm have a median of {target:.0} identifications, of the reference arm {reference:.0} (p = {})",
            short_p(p)
        ),
        fix: "a feature missing from the less deeply measured arm may have been there: check it by a targeted assay"
            .to_owned(),
        concerns: None,
    })
}

#[cfg(test)]
mod tests;
