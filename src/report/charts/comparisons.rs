//! The numbers of each comparison: one row per feature tested.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::columns::{Column, Columns, Packed};
use super::features::FeatureSets;
use super::matrices::Matrices;
use crate::discovery::Target;
use crate::report::page::{
    ResultKind, ResultTable, TOP_FEATURES, effect_title, heading_of, short_heading,
};
use crate::report::proteins::proteins_of;
use crate::report::text::{NAME, tidy};
use crate::report::{ReportError, ReportModel, Table};

/// Characters of base64 that the numbers of all comparisons may take on a page. Beyond that a comparison keeps only the
/// rows that tables and hypotheses name, and its static figures.
const ROOM: usize = 5_400_000;

/// Features of each set that tables and hypotheses name.
pub(super) type Wanted = BTreeMap<usize, BTreeSet<String>>;

/// One comparison.
#[derive(Debug, Serialize)]
pub(super) struct ComparisonView {
    /// The number its part of the page has.
    number: usize,
    /// What was asked.
    heading: String,
    /// The same as short as it can be said.
    short: String,
    /// The features its rows are.
    set: usize,
    /// The matrix it was made of.
    matrix: Option<usize>,
    /// The places of its rows in the set; none where they are 0, 1, 2, …
    rows: Option<Column>,
    /// Effect, where it has a sign.
    effect: Option<Column>,
    /// Half of the width of its 95 % interval.
    half: Option<Packed>,
    /// Mean over all samples.
    mean: Option<Packed>,
    /// −log10 p.
    p: Column,
    /// −log10 of the adjusted p.
    q: Column,
    /// What the effect is, with its unit.
    effect_title: String,
    /// What the mean is, with its unit.
    mean_title: String,
    /// Whether all rows are here.
    whole: bool,
    /// The variable that was compared.
    variable: Option<String>,
    /// Reference and target of a comparison of two groups.
    arms: Option<[ArmView; 2]>,
    /// Features that hypotheses speak of: place in the set, rank of the hypothesis.
    named: Vec<(u32, usize)>,
}

/// One side of a comparison.
#[derive(Debug, Serialize)]
struct ArmView {
    label: String,
    samples: Vec<usize>,
}

/// Collects them.
pub(super) fn comparisons(
    model: &ReportModel,
    tables: &[ResultTable],
    sets: &mut FeatureSets,
    matrices: &mut Matrices,
    columns: &mut Columns,
    wanted: &mut Wanted,
) -> Result<Vec<ComparisonView>, ReportError> {
    let features = tables.iter().filter(|t| t.kind == ResultKind::Features);
    let mut views = Vec::new();
    for of in features {
        let table = model.table(&of.step, &of.name)?;
        let source = Source {
            model,
            table: &table,
            of,
        };
        views.push(source.view(sets, matrices, columns, wanted));
    }
    Ok(views)
}

struct Source<'a> {
    model: &'a ReportModel,
    table: &'a Table,
    of: &'a ResultTable,
}

impl Source<'_> {
    fn view(
        &self,
        sets: &mut FeatureSets,
        matrices: &mut Matrices,
        columns: &mut Columns,
        named_anywhere: &mut Wanted,
    ) -> ComparisonView {
        let model = self.model;
        let objective = model.objective_of_step(&self.of.step);
        let measure = model.measure(objective);
        let assay = objective.and_then(|o| o.assay.clone());
        let main = || model.dataset.profile.main_assay().map(|a| a.name.clone());
        let set = sets.of_assay(&assay.or_else(main).unwrap_or_default());
        let features = self.table.texts("feature").unwrap_or_default();
        let symbols = self.table.texts("gene").unwrap_or_default();
        let named: Vec<(String, usize)> = self.named();
        let wanted = self.wanted(&features, &named);
        let of_set = named_anywhere.entry(set).or_default();
        of_set.extend(wanted.iter().cloned());

        // Three numbers of four bytes and two of two; four characters for three bytes.
        let cost = (features.len() * 16).div_ceil(3) * 4;
        let whole = columns.size() + cost <= ROOM;
        let rows: Vec<usize> = (0..features.len())
            .filter(|&row| whole || wanted.contains(&features[row]))
            .collect();
        let places: Vec<u32> = rows
            .iter()
            .map(|&row| {
                let symbol = symbols.get(row).map_or("", String::as_str);
                sets.place(model, set, &features[row], symbol)
            })
            .collect();
        let numbers = |name: &str| -> Option<Vec<f64>> {
            let all = self.table.numbers(name)?;
            Some(rows.iter().map(|&row| all[row]).collect())
        };
        let evidence = |name: &str| -> Vec<f64> {
            let p = numbers(name).unwrap_or_else(|| vec![f64::NAN; rows.len()]);
            p.into_iter().map(|p| -p.log10()).collect()
        };
        let effect = ["logFC", "slope"].into_iter().find_map(numbers);
        let high = numbers("CI.R");
        let half = effect.as_ref().zip(high).map(|(effect, high)| {
            let pairs = effect.iter().zip(high);
            pairs
                .map(|(effect, high)| high - effect)
                .collect::<Vec<f64>>()
        });
        let mean = numbers("AveExpr");
        let contrast = match objective.map(|o| &o.target) {
            Some(Target::Contrast { contrast }) => model.contrast(contrast),
            _ => None,
        };
        let samples = &model.dataset.samples;
        let heading = self.shown(&heading_of(model, &self.of.step), 2 * NAME);
        ComparisonView {
            number: self.of.number,
            short: self.shown(&short_heading(model, &self.of.step), 2 * NAME),
            heading,
            set,
            matrix: matrices.behind(model, &self.of.step, set, measure.value, wanted.into_iter()),
            rows: FeatureSets::column(&places, columns),
            effect: effect.map(|v| columns.floats(&v)),
            half: half.map(|v| columns.packed(&v)),
            mean: mean.map(|v| columns.packed(&v)),
            p: columns.floats(&evidence("P.Value")),
            q: columns.floats(&evidence("adj.P.Val")),
            effect_title: measure.told(effect_title(self.table)),
            mean_title: format!("mean {}", measure.value),
            whole,
            variable: match objective.map(|o| &o.target) {
                Some(Target::Contrast { .. }) => contrast.as_ref().map(|c| c.variable.clone()),
                Some(
                    Target::Levels { variable }
                    | Target::Course { variable }
                    | Target::Trend { variable }
                    | Target::Continuous { variable },
                ) => Some(variable.clone()),
                _ => None,
            },
            arms: contrast.map(|c| {
                let (reference, target) = if model.leaves_out_samples() {
                    Default::default()
                } else {
                    c.sample_indices(samples)
                };
                [
                    ArmView {
                        label: tidy(&c.reference.label, NAME),
                        samples: reference,
                    },
                    ArmView {
                        label: tidy(&c.target.label, NAME),
                        samples: target,
                    },
                ]
            }),
            named: named
                .iter()
                .filter_map(|(feature, rank)| Some((sets.find(set, feature)?, *rank)))
                .collect(),
        }
    }

    /// Features that the hypotheses of this comparison's question speak of, with the rank of the first that does.
    fn named(&self) -> Vec<(String, usize)> {
        let objective = self.model.objective_of_step(&self.of.step);
        let mut seen = BTreeSet::new();
        let mut named = Vec::new();
        for h in &self.model.hypotheses {
            if objective.is_some_and(|o| o.id == h.objective) {
                for protein in proteins_of(self.model, h) {
                    if seen.insert(protein.feature.clone()) {
                        named.push((protein.feature, h.rank));
                    }
                }
            }
        }
        named
    }

    /// What is kept where there is no room for all: the rows of the table on the page, and what hypotheses speak of.
    fn wanted(&self, features: &[String], named: &[(String, usize)]) -> BTreeSet<String> {
        let p = self.table.numbers("P.Value").unwrap_or_default();
        let mut rows: Vec<usize> = (0..features.len().min(p.len())).collect();
        rows.retain(|&row| !p[row].is_nan());
        rows.sort_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
        let top = rows
            .iter()
            .take(TOP_FEATURES)
            .map(|&row| features[row].clone());
        top.chain(named.iter().map(|(feature, _)| feature.clone()))
            .collect()
    }

    fn shown(&self, text: &str, limit: usize) -> String {
        tidy(&self.model.shown(text, str::to_owned), limit)
    }
}
