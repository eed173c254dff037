//! How active regulators and pathways are in every sample, judged by the genes below them, without looking at sample labels.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::DataFrame;
use proteus_stats::Matrix;
use proteus_stats::descriptive::{mean, standard_deviation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Feature, FeatureLevel, Quantity};
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, TableBuilder, Tool, ToolError, ToolInput, ToolOutput};
use crate::tools::gene_level::{current_symbols, one_row_per_gene};

/// Parameters of [`FootprintActivity`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The pack of footprints.
    pub pack: String,
    /// Measured targets a regulator needs, at least.
    #[schemars(range(min = 2))]
    pub min_targets: usize,
    /// Whether each gene's mean over the samples is taken off first; without it the values must be changes already.
    pub centre: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            pack: "progeny".to_owned(),
            min_targets: 10,
            centre: true,
        }
    }
}

/// The tool.
pub struct FootprintActivity;

impl Tool for FootprintActivity {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let given = input.optional_table("targets");
        let names: Vec<String> = matrix
            .features
            .iter()
            .map(|f| f.label().into_owned())
            .collect();
        let genes = match given {
            Some(_) => names,
            None => current_symbols(&names, input.knowledge)?,
        };
        // Of several rows of a gene the one observed most often.
        let observed: Vec<Option<f64>> = (0..genes.len())
            .map(|i| match matrix.values.observed_in_row(i) {
                0 => None,
                n => Some(-(n as f64)),
            })
            .collect();
        let level = one_row_per_gene(&genes, &observed);
        let place: BTreeMap<&str, usize> = level
            .genes
            .iter()
            .enumerate()
            .map(|(k, gene)| (gene.as_str(), k))
            .collect();
        let targets = match given {
            Some(table) => of_table(table)?,
            None => of_pack(input, &params.pack)?,
        };
        let footprints: Vec<(String, Vec<(usize, f64)>)> = targets
            .into_iter()
            .map(|(name, list)| {
                let measured = list
                    .into_iter()
                    .filter_map(|(target, weight)| Some((*place.get(target.as_str())?, weight)));
                (name, measured.collect())
            })
            .filter(|(_, measured): &(String, Vec<_>)| measured.len() >= params.min_targets.max(2))
            .collect();
        if footprints.is_empty() {
            return Err(ToolError::NotApplicable {
                needs: format!(
                    "regulators with {} or more measured targets",
                    params.min_targets.max(2)
                ),
                found: format!("none among {} genes", level.genes.len()),
            });
        }
        let changes = changes(&matrix.values.select_rows(&level.rows), params.centre);
        let likeness = likeness(&matrix.samples, &changes)?;
        let table = TableBuilder::new()
            .text(
                "regulator",
                footprints.iter().map(|f| f.0.clone()).collect(),
            )
            .count(
                "targets",
                &footprints.iter().map(|f| f.1.len()).collect::<Vec<_>>(),
            )
            .build()?;
        Ok(ToolOutput::new()
            .with_fact("genes", level.genes.len())
            .with_fact("regulators", footprints.len())
            .with_matrix("matrix", activities(matrix, &changes, &footprints))
            .with_table("targets", table)
            .with_table("likeness", likeness))
    }
}

type Targets = Vec<(String, Vec<(String, f64)>)>;

/// Regulators of a table with columns `regulator`, `target` and `weight`, in order of first appearance.
fn of_table(table: &DataFrame) -> Result<Targets, ToolError> {
    let mut found: indexmap::IndexMap<String, Vec<(String, f64)>> = indexmap::IndexMap::new();
    let rows = texts(table, "regulator")?
        .into_iter()
        .zip(texts(table, "target")?)
        .zip(numbers(table, "weight")?);
    for ((regulator, target), weight) in rows.filter(|(_, weight)| weight.is_finite()) {
        found.entry(regulator).or_default().push((target, weight));
    }
    Ok(found.into_iter().collect())
}

fn of_pack(input: &ToolInput<'_>, pack: &str) -> Result<Targets, ToolError> {
    let footprints = input.knowledge.footprints(pack)?;
    // Packs are older than the symbols of today.
    let named: Vec<String> = footprints
        .iter()
        .flat_map(|f| f.targets.iter().map(|t| t.0.to_string()))
        .collect();
    let mut current = current_symbols(&named, input.knowledge)?.into_iter();
    Ok(footprints
        .iter()
        .map(|f| {
            let targets = f.targets.iter().zip(&mut current);
            let targets = targets.map(|((_, weight), gene)| (gene, *weight));
            (f.name.clone(), targets.collect())
        })
        .collect())
}

/// Values less the mean of their gene.
fn changes(values: &Matrix, centre: bool) -> Matrix {
    let means: Vec<f64> = (0..values.rows())
        .map(|i| if centre { mean(values.row(i)) } else { 0.0 })
        .collect();
    Matrix::from_fn(values.rows(), values.cols(), |i, j| {
        values.get(i, j) - means[i]
    })
}

/// How alike the changes of two samples are over all genes, each in units of its sample's spread: under weights drawn at random the
/// activities of the two samples correlate like this.
fn likeness(samples: &[String], changes: &Matrix) -> Result<DataFrame, ToolError> {
    let scaled: Vec<Vec<f64>> = (0..changes.cols())
        .map(|j| {
            let column = changes.column(j);
            let seen: Vec<f64> = column.iter().copied().filter(|v| !v.is_nan()).collect();
            let (centre, spread) = (mean(&seen), standard_deviation(&seen));
            column.iter().map(|v| (v - centre) / spread).collect()
        })
        .collect();
    let (mut one, mut other, mut correlations) = (Vec::new(), Vec::new(), Vec::new());
    for j in 1..scaled.len() {
        for k in 0..j {
            let products = scaled[k].iter().zip(&scaled[j]).map(|(a, b)| a * b);
            let (sum, shared) = products
                .filter(|product| !product.is_nan())
                .fold((0.0, 0), |(sum, shared), product| {
                    (sum + product, shared + 1)
                });
            one.push(samples[k].clone());
            other.push(samples[j].clone());
            correlations.push(match shared {
                0 | 1 => f64::NAN,
                shared => (sum / f64::from(shared - 1)).clamp(-1.0, 1.0),
            });
        }
    }
    Ok(TableBuilder::new()
        .text("sample", one)
        .text("other", other)
        .number("correlation", &correlations)
        .build()?)
}

/// z of every footprint in every sample: the weighted sum of its targets' changes, each less the mean change of all genes in that
/// sample, over the spread of all genes there and the length of the weights. NaN where fewer than two targets are observed.
fn activities(
    matrix: &Abundance,
    changes: &Matrix,
    footprints: &[(String, Vec<(usize, f64)>)],
) -> Abundance {
    let samples: Vec<(f64, f64)> = (0..changes.cols())
        .map(|j| {
            let column: Vec<f64> = changes
                .column(j)
                .into_iter()
                .filter(|v| !v.is_nan())
                .collect();
            (mean(&column), standard_deviation(&column))
        })
        .collect();
    let values = Matrix::from_fn(footprints.len(), changes.cols(), |r, j| {
        let (centre, spread) = samples[j];
        let (mut sum, mut length, mut seen) = (0.0, 0.0, 0);
        for &(gene, weight) in &footprints[r].1 {
            let value = changes.get(gene, j);
            if !value.is_nan() {
                sum += weight * (value - centre);
                length += weight * weight;
                seen += 1;
            }
        }
        if seen < 2 {
            f64::NAN
        } else {
            sum / (spread * length.sqrt())
        }
    });
    let feature = |name: &String| Feature {
        id: name.clone(),
        symbol: Some(name.clone()),
        ..Feature::default()
    };
    Abundance {
        level: FeatureLevel::Gene,
        quantity: Quantity::Other,
        features: Arc::new(footprints.iter().map(|f| feature(&f.0)).collect()),
        samples: Arc::clone(&matrix.samples),
        values,
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
    use crate::tools::fixture::{abundance, matrix, run, sheet};

    #[test]
    fn the_bundled_footprints_see_an_activity_and_its_opposite() {
        // Targets of hypoxia move with the weights in the first two samples, against them in the last two.
        let packs = crate::knowledge::Packs::open(&crate::content::Content::embedded()).unwrap();
        let footprints = packs.footprints("progeny").unwrap();
        assert_eq!(footprints.iter().count(), 14);
        let hypoxia = footprints.iter().find(|f| f.name == "Hypoxia").unwrap();
        let others = footprints.iter().filter(|f| f.name != "Hypoxia");
        let mut rows: indexmap::IndexMap<String, Vec<f64>> = indexmap::IndexMap::new();
        for (gene, weight) in &hypoxia.targets {
            let shift = weight.signum();
            rows.insert(gene.to_string(), vec![shift, shift, -shift, -shift]);
        }
        for (k, (gene, _)) in others.flat_map(|f| &f.targets).enumerate() {
            let wave = |j: usize| 0.2 * ((7 * k + 3 * j) as f64).sin();
            rows.entry(gene.to_string())
                .or_insert_with(|| (0..4).map(wave).collect());
        }
        let rows: Vec<(&str, &[f64])> = rows
            .iter()
            .map(|(g, v)| (g.as_str(), v.as_slice()))
            .collect();
        let output = run(
            &FootprintActivity,
            abundance(&rows),
            &sheet(4, &[]),
            json!({}),
        )
        .unwrap();
        let found = matrix(&output, "matrix");
        let row = found
            .features
            .iter()
            .position(|f| f.id == "Hypoxia")
            .unwrap();
        assert!(found.values.get(row, 0) > 5.0 && found.values.get(row, 3) < -5.0);
        let largest = (0..found.values.rows())
            .max_by(|&a, &b| found.values.get(a, 0).total_cmp(&found.values.get(b, 0)));
        assert_eq!(largest, Some(row));
    }

    #[test]
    fn likeness_is_what_random_footprints_have_in_common() {
        // Two samples against two, most genes changed, noise on top; then footprints with genes and signs drawn at random.
        let mut state: u64 = 11;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
        };
        let genes = 800;
        let names: Vec<String> = (0..genes).map(|g| format!("G{g}")).collect();
        let values: Vec<[f64; 4]> = (0..genes)
            .map(|_| {
                let shift = draw();
                [
                    shift + 0.3 * draw(),
                    shift + 0.3 * draw(),
                    0.3 * draw(),
                    f64::from(u8::from(draw() > -0.4)).ln() + 0.3 * draw(),
                ]
            })
            .map(|v| v.map(|x| if x.is_finite() { x } else { f64::NAN }))
            .collect();
        let rows: Vec<(&str, &[f64])> = names
            .iter()
            .zip(&values)
            .map(|(n, v)| (n.as_str(), v.as_slice()))
            .collect();
        let y = abundance(&rows);
        let footprints: Vec<(String, Vec<(usize, f64)>)> = (0..3_000)
            .map(|r| {
                let targets = (0..40).map(|_| {
                    let gene = ((draw() + 0.5) * f64::from(genes)) as usize;
                    (gene, if draw() > 0.0 { 1.0 } else { -1.0 })
                });
                (format!("R{r}"), targets.collect())
            })
            .collect();
        let changes = changes(&y.values, true);
        let drawn = activities(&y, &changes, &footprints).values;
        let table = likeness(&y.samples, &changes).unwrap();
        let told = numbers(&table, "correlation").unwrap();
        let pairs = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];
        assert_eq!(told.len(), pairs.len());
        for (&(a, b), told) in pairs.iter().zip(&told) {
            let products: Vec<f64> = (0..drawn.rows())
                .map(|r| drawn.get(r, a) * drawn.get(r, b))
                .collect();
            // The standard error over 3,000 footprints is below 0.03.
            assert!((mean(&products) - told).abs() < 0.09, "{a} {b}: {told}");
        }
        assert!(told[0] > 0.5 && told[1] < -0.3, "{told:?}");
        let squares: Vec<f64> = (0..drawn.rows()).map(|r| drawn.get(r, 0).powi(2)).collect();
        assert!((mean(&squares) - 1.0).abs() < 0.1);
    }

    #[test]
    fn an_unknown_pack_is_told_with_those_there_are() {
        let y = abundance(&[("A", &[1.0, 2.0])]);
        let error = run(
            &FootprintActivity,
            y,
            &sheet(2, &[]),
            json!({"pack": "dorothea"}),
        );
        assert!(error.unwrap_err().to_string().contains("`progeny`"));
    }
}
