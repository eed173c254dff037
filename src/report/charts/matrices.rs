//! The values of samples: one matrix per set of values that was analysed, whole as long as there is room on the page.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Serialize;

use super::columns::{Column, Columns, Packed};
use super::features::FeatureSets;
use crate::report::{ReportError, ReportModel, Table};
use crate::run::OutputKind;

/// Characters of base64 that the values of samples may take on a page. Beyond that a matrix keeps only the rows that
/// tables and hypotheses name.
const ROOM: usize = 3_600_000;

/// A matrix that comparisons were made of.
#[derive(Debug, Serialize)]
pub(super) struct MatrixView {
    /// The features its rows are.
    set: usize,
    /// The places of its samples among all samples.
    samples: Vec<usize>,
    /// The places of its rows in the set; none where they are 0, 1, 2, …
    rows: Option<Column>,
    /// What a value is, with its scale.
    unit: &'static str,
    /// Values, row by row.
    values: Packed,
    /// Whether all rows are here.
    whole: bool,
}

/// Where a matrix stands in the run.
#[derive(Debug, Clone)]
struct Place {
    step: String,
    port: String,
    set: usize,
    unit: &'static str,
}

/// Matrices by the bytes of their files: what several comparisons share is read and kept once.
#[derive(Debug, Default)]
pub(super) struct Matrices {
    places: IndexMap<String, Place>,
    wanted: BTreeMap<usize, BTreeSet<String>>,
}

impl Matrices {
    /// Notes that a step's comparison was made of a matrix, and the features whose values it needs in any case; gives the
    /// place of the matrix.
    pub(super) fn behind(
        &mut self,
        model: &ReportModel,
        step: &str,
        set: usize,
        unit: &'static str,
        wanted: impl Iterator<Item = String>,
    ) -> Option<usize> {
        if model.leaves_out_samples() {
            return None;
        }
        let inputs = &model.steps.get(step)?.inputs;
        let input = inputs.get("matrix").or_else(|| inputs.values().next())?;
        let (before, port) = input.from.rsplit_once('.')?;
        let output = model.steps.get(before)?.outputs.get(port)?;
        if !matches!(output.kind, OutputKind::Matrix { .. }) {
            return None;
        }
        let hash = output.files.get(&format!("{port}.parquet"))?;
        let place = Place {
            step: before.to_owned(),
            port: port.to_owned(),
            set,
            unit,
        };
        let entry = self.places.entry(format!("{hash} {set}"));
        let at = entry.index();
        entry.or_insert(place);
        self.wanted.entry(at).or_default().extend(wanted);
        Some(at)
    }

    /// Reads them, as many whole as there is room for.
    pub(super) fn read(
        self,
        model: &ReportModel,
        sets: &mut FeatureSets,
        columns: &mut Columns,
    ) -> Result<Vec<MatrixView>, ReportError> {
        let mut room = ROOM;
        let mut views = Vec::new();
        let none = BTreeSet::new();
        for (at, place) in self.places.values().enumerate() {
            let table = model.table(&place.step, &place.port)?;
            let ids = model.dataset.samples.ids.iter().enumerate();
            let measured: Vec<(usize, &String)> =
                ids.filter(|(_, id)| table.is_numeric(id)).collect();
            let cost = (table.rows() * measured.len() * 2).div_ceil(3) * 4;
            let whole = cost <= room;
            if whole {
                room -= cost;
            }
            let wanted = self.wanted.get(&at).unwrap_or(&none);
            let features = table.texts("feature").unwrap_or_default();
            let rows: Vec<usize> = (0..table.rows())
                .filter(|&row| whole || features.get(row).is_some_and(|f| wanted.contains(f)))
                .collect();
            let symbols = table.texts("gene").unwrap_or_default();
            let places: Vec<u32> = rows
                .iter()
                .map(|&row| {
                    let text = |texts: &[String]| texts.get(row).cloned().unwrap_or_default();
                    sets.place(model, place.set, &text(&features), &text(&symbols))
                })
                .collect();
            views.push(MatrixView {
                set: place.set,
                samples: measured.iter().map(|(at, _)| *at).collect(),
                rows: FeatureSets::column(&places, columns),
                unit: place.unit,
                values: columns.packed(&flat(&table, &rows, &measured)),
                whole,
            });
        }
        Ok(views)
    }
}

/// Rows of a table, one after the other.
fn flat(table: &Table, rows: &[usize], samples: &[(usize, &String)]) -> Vec<f64> {
    let by_sample: Vec<Vec<f64>> = samples
        .iter()
        .map(|(_, id)| table.numbers(id).unwrap_or_default())
        .collect();
    let of_row = |row: usize| {
        let values = by_sample.iter().map(move |values| values.get(row));
        values.map(|value| value.copied().unwrap_or(f64::NAN))
    };
    rows.iter().flat_map(|&row| of_row(row)).collect()
}
