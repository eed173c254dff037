//! What a fitted course looks like: where it is farthest from its start, and whether it comes back.

use crate::dataset::{SampleMetadata, Series};
use crate::tools::fitted_model::FittedModel;

/// Share of its largest change that a course must have lost at the end to be called transient.
const COME_BACK: f64 = 0.5;

/// The course of one feature.
pub(super) struct Shape {
    /// Fitted value where it is farthest from the first point, less that at the first point, log2; NaN where not estimable.
    pub(super) change: f64,
    /// The point where that is.
    pub(super) at: Option<String>,
    /// Fitted value at the last point less that at the first.
    pub(super) at_end: f64,
    /// `rises`, `falls`, `rises and returns`, `falls and returns`; empty where not estimable.
    pub(super) word: &'static str,
}

/// The course of every feature at the points of the series, from the tested coefficients alone: covariates shift a course, but
/// do not change its shape.
pub(super) fn shapes(
    model: &FittedModel,
    samples: &SampleMetadata,
    names: &[String],
    series: &Series,
) -> Vec<Shape> {
    // A sample of the model at each point gives the tested columns there.
    let frame = &model.frame;
    let row_at: Vec<Option<usize>> = series
        .points
        .iter()
        .map(|(at, _)| {
            frame.columns.iter().position(|&j| {
                let row = samples.ids.iter().position(|id| *id == names[j]);
                row.is_some_and(|row| series.positions[row] == Some(*at))
            })
        })
        .collect();
    let tested = model.tested();
    (0..model.y.rows())
        .map(|i| {
            let value = |row: usize| -> f64 {
                let terms = tested.iter().enumerate();
                terms
                    .map(|(k, &column)| {
                        model.moderated.fit.coefficients.get(i, column) * frame.tested.get(row, k)
                    })
                    .sum()
            };
            let course: Vec<(usize, f64)> = row_at
                .iter()
                .enumerate()
                .filter_map(|(point, row)| Some((point, value((*row)?))))
                .collect();
            Shape::of(&course, series)
        })
        .collect()
}

impl Shape {
    fn of(course: &[(usize, f64)], series: &Series) -> Self {
        let none = Self {
            change: f64::NAN,
            at: None,
            at_end: f64::NAN,
            word: "",
        };
        let (Some(first), Some(last)) = (course.first(), course.last()) else {
            return none;
        };
        let farthest = course
            .iter()
            .max_by(|a, b| (a.1 - first.1).abs().total_cmp(&(b.1 - first.1).abs()));
        let Some(farthest) = farthest.filter(|f| !(f.1 - first.1).is_nan()) else {
            return none;
        };
        let change = farthest.1 - first.1;
        let at_end = last.1 - first.1;
        let back = at_end * change.signum() < COME_BACK * change.abs();
        Self {
            change,
            at: Some(series.points[farthest.0].1.clone()),
            at_end,
            word: match (change >= 0.0, back) {
                (true, false) => "rises",
                (true, true) => "rises and returns",
                (false, false) => "falls",
                (false, true) => "falls and returns",
            },
        }
    }
}
