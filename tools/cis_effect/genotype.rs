//! The partner of every row: a gene's mutations taken together, or the row of the same gene in the other assay.

use proteus_stats::Matrix;

use crate::dataset::FeatureLevel;
use crate::tool::Abundance;
use crate::tools::partner::{is_presence, partners, presence_by_gene, samples_in_both};

/// The partner's values in the samples of a matrix, row by row.
pub(super) struct Genotypes {
    /// Partner of each row of the matrix: its place among `values`.
    partner: Vec<Option<usize>>,
    /// Genes or rows × samples of the matrix; NaN where the sample or the value is missing.
    values: Matrix,
    /// Name of the gene of each row of `values`.
    genes: Vec<String>,
    /// log2 of 1 + present rows per sample; empty where the partner is no presence.
    burden: Vec<f64>,
    kind: &'static str,
}

impl Genotypes {
    pub(super) fn new(matrix: &Abundance, partner: &Abundance) -> Self {
        let binary = is_presence(partner);
        let whole = if binary {
            presence_by_gene(partner)
        } else {
            partner.clone()
        };
        let mut values = Matrix::filled(whole.features.len(), matrix.samples.len(), f64::NAN);
        for (at, from) in samples_in_both(matrix, &whole) {
            for i in 0..whole.features.len() {
                values.set(i, at, whole.values.get(i, from));
            }
        }
        let burden = if binary { burden(&values) } else { Vec::new() };
        let genes = whole
            .features
            .iter()
            .map(|f| f.symbol.clone().unwrap_or_else(|| f.id.clone()))
            .collect();
        Self {
            partner: partners(matrix, &whole),
            values,
            genes,
            burden,
            kind: match (binary, partner.level) {
                (true, _) => "mutation",
                (false, FeatureLevel::Transcript) => "RNA",
                (false, _) => "copy number",
            },
        }
    }

    pub(super) fn is_binary(&self) -> bool {
        !self.burden.is_empty()
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// Samples of the matrix that the partner knows anything of.
    pub(super) fn samples(&self) -> usize {
        (0..self.values.cols()).filter(|&j| self.knows(j)).count()
    }

    fn knows(&self, sample: usize) -> bool {
        (0..self.values.rows()).any(|i| !self.values.get(i, sample).is_nan())
    }

    /// Rows of the matrix whose partner varies enough over all samples to be tested. Samples only trade places on a decoy,
    /// so these are the same rows there.
    pub(super) fn testable(&self, carriers: usize) -> Vec<usize> {
        (0..self.partner.len())
            .filter(|&i| {
                let Some(partner) = self.partner[i] else {
                    return false;
                };
                let row = self.values.row(partner);
                let seen: Vec<f64> = row.iter().copied().filter(|v| !v.is_nan()).collect();
                if self.is_binary() {
                    let present = seen.iter().filter(|v| **v > 0.5).count();
                    present >= carriers && seen.len() - present >= carriers
                } else {
                    seen.len() >= 2 * carriers && seen.iter().any(|v| *v != seen[0])
                }
            })
            .collect()
    }

    /// The partners of the given rows.
    pub(super) fn rows(&self, rows: &[usize]) -> Matrix {
        Matrix::from_fn(rows.len(), self.values.cols(), |i, j| {
            self.partner[rows[i]].map_or(f64::NAN, |p| self.values.get(p, j))
        })
    }

    /// The design with the burden as a last column, where there is one to adjust for and it varies.
    pub(super) fn with_burden(&self, design: &Matrix, adjust: bool) -> Matrix {
        let known: Vec<f64> = self
            .burden
            .iter()
            .copied()
            .filter(|b| !b.is_nan())
            .collect();
        let varies = known.iter().any(|b| *b != known[0]);
        if !adjust || !varies {
            return design.clone();
        }
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        Matrix::from_fn(design.rows(), design.cols() + 1, |j, k| {
            if k < design.cols() {
                design.get(j, k)
            } else if self.burden[j].is_nan() {
                // No partner value in this sample, so no row is fitted on it.
                0.0
            } else {
                self.burden[j] - mean
            }
        })
    }

    /// Samples with a value of row `i` and of its partner, and how many of them carry it.
    pub(super) fn observed(&self, i: usize, y: &[f64]) -> (usize, usize) {
        let Some(partner) = self.partner[i] else {
            return (0, 0);
        };
        let seen = self.values.row(partner).iter().zip(y);
        let both: Vec<f64> = seen
            .filter(|(g, y)| !g.is_nan() && !y.is_nan())
            .map(|(g, _)| *g)
            .collect();
        (both.len(), both.iter().filter(|g| **g > 0.5).count())
    }

    /// "TP53 mutation", "ERBB2 copy number".
    pub(super) fn label(&self, i: usize) -> String {
        let gene = self.partner[i].map_or("", |p| self.genes[p].as_str());
        format!("{gene} {}", self.kind)
    }
}

/// log2 of 1 + the genes present in a sample; NaN for a sample of which nothing is known.
fn burden(values: &Matrix) -> Vec<f64> {
    (0..values.cols())
        .map(|j| {
            let column = (0..values.rows()).map(|i| values.get(i, j));
            let known: Vec<f64> = column.filter(|v| !v.is_nan()).collect();
            if known.is_empty() {
                f64::NAN
            } else {
                (1.0 + known.iter().sum::<f64>()).log2()
            }
        })
        .collect()
}
