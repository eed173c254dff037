//! Gene sets and grids of results as a script reads them.

use serde::Serialize;

use crate::report::grids::Grid;
use crate::report::page::{ResultKind, ResultTable, SHIFT, top_sets};
use crate::report::text::{NAME, tidy};
use crate::report::{ReportError, ReportModel};

/// The best sets of one comparison.
#[derive(Debug, Serialize)]
pub(super) struct SetsView {
    /// The number its part of the page has among those of sets.
    number: usize,
    anchor: String,
    effect_title: &'static str,
    names: Vec<String>,
    /// Members, effect, ends of its interval and adjusted p of each set.
    numbers: Vec<(f64, f64, f64, f64, f64)>,
}

/// Describes the tables of sets that have effects.
pub(super) fn sets(
    model: &ReportModel,
    tables: &[ResultTable],
) -> Result<Vec<SetsView>, ReportError> {
    let mut views = Vec::new();
    for of in tables.iter().filter(|t| t.kind == ResultKind::Sets) {
        let sets = top_sets(model.table(&of.step, &of.name)?.as_ref());
        if sets.is_empty() {
            continue;
        }
        let shown = |name: &str| tidy(&model.shown(name, str::to_owned), NAME);
        views.push(SetsView {
            number: of.number,
            anchor: of.anchor(),
            effect_title: SHIFT,
            names: sets.iter().map(|set| shown(&set.name)).collect(),
            numbers: sets
                .iter()
                .map(|s| (s.size, s.effect, s.low, s.high, s.q))
                .collect(),
        });
    }
    Ok(views)
}

/// One grid; its drawing has the same place among the grids of the page.
#[derive(Debug, Serialize)]
pub(super) struct GridView {
    value_title: &'static str,
    size_title: &'static str,
    rows: Vec<String>,
    columns: Vec<String>,
    /// Per column the id of the part of the page that its table stands in.
    anchors: Vec<String>,
    /// Row, column, value, size, p and adjusted p of each dot.
    dots: Vec<(usize, usize, f64, f64, f64, f64)>,
}

/// Describes the grids.
pub(super) fn views(model: &ReportModel, grids: Vec<Grid>) -> Vec<GridView> {
    let shown = |text: &str| tidy(&model.shown(text, str::to_owned), NAME);
    let view = |grid: Grid| GridView {
        value_title: grid.value_title,
        size_title: grid.size_title,
        rows: grid.rows.iter().map(|name| shown(name)).collect(),
        columns: grid.columns.iter().map(|c| shown(&c.name)).collect(),
        anchors: grid.columns.into_iter().map(|c| c.anchor).collect(),
        dots: grid
            .dots
            .iter()
            .map(|d| (d.row, d.column, d.value, d.size, d.p, d.q))
            .collect(),
    };
    grids.into_iter().map(view).collect()
}
