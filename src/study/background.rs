//! What a simulated proteome looks like where nothing is planted: abundances, variances, missing values and correlation,
//! by default or learned from a real table.

use std::collections::{BTreeMap, BTreeSet};

use proteus_stats::correlation::row_correlations;
use proteus_stats::descriptive::{mean, median, standard_deviation};
use proteus_stats::linear_model::{fit, residuals};
use proteus_stats::matrix::Matrix;
use proteus_stats::normalisation::{Normalisation, normalise};
use proteus_stats::random_draws::RandomDraws;
use proteus_stats::variance_prior::{PriorOptions, squeeze_variance};

use super::StudyError;
use crate::dataset::{Dataset, Role};
use crate::knowledge::Packs;

/// Proteins of the default background.
pub const PROTEINS: usize = 2000;
/// Proteins a table needs to be learned from.
const FEWEST_PROTEINS: usize = 100;
/// Genes whose contaminants can be planted; every background holds them if it can.
pub(super) const PANELS: [(&str, &[&str]); 3] = [
    (
        "keratin",
        &[
            "KRT1", "KRT2", "KRT5", "KRT9", "KRT10", "KRT14", "KRT16", "DSP", "JUP",
        ],
    ),
    (
        "blood",
        &[
            "HBA1", "HBB", "HBD", "CA1", "CA2", "PRDX2", "BLVRB", "SLC4A1", "SPTA1", "ANK1",
        ],
    ),
    (
        "muscle",
        &[
            "MYH1", "MYH2", "MYH7", "MYL1", "MYL2", "ACTA1", "CKM", "TNNT1", "TNNT3", "MB", "PYGM",
        ],
    ),
];
/// Sizes of the gene sets that make modules.
const MODULE: std::ops::RangeInclusive<usize> = 6..=60;
/// Genes of a module that no set names.
const UNNAMED_MODULE: usize = 25;
/// Pairs that correlations are learned from, at most.
const PAIRS: usize = 4000;

/// Chance that a value is missing: `at_random` for every cell, else a logistic curve that is one half at `midpoint`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missingness {
    /// log2 abundance at which half of the values are missing.
    pub midpoint: f64,
    /// log2 abundance over which the odds change by a factor of e.
    pub width: f64,
    /// Share missing whatever the abundance.
    pub at_random: f64,
}

impl Missingness {
    /// Chance that this log2 abundance is not measured.
    pub fn chance(&self, abundance: f64) -> f64 {
        let by_intensity = 1.0 / (1.0 + ((abundance - self.midpoint) / self.width).exp());
        self.at_random + (1.0 - self.at_random) * by_intensity
    }
}

/// What a simulated proteome looks like before anything is planted.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    /// Where it comes from, in words.
    pub source: String,
    /// Scientific name of the organism.
    pub organism: String,
    /// Gene symbols (or ids where there are none), distinct.
    pub genes: Vec<String>,
    /// Mean log2 abundance per gene.
    pub abundance: Vec<f64>,
    /// Module per gene.
    pub module: Vec<usize>,
    /// Scale of the variances between samples of an arm: scaled inverse chi-squared.
    pub prior_variance: f64,
    /// Its degrees of freedom.
    pub prior_df: f64,
    /// Correlation of two proteins of a module, beyond that of any two.
    pub module_correlation: f64,
    /// Correlation of any two proteins.
    pub global_correlation: f64,
    /// Standard deviation of what is loaded per sample, log2.
    pub loading: f64,
    /// What is missing.
    pub missing: Missingness,
}

impl Background {
    /// The default: the genes with most known partners (the ones every deep proteome holds) and the contaminant panels.
    pub fn usual(packs: &Packs, proteins: usize) -> Result<Self, StudyError> {
        let network = packs.interactions()?;
        let mut ranked: Vec<(usize, &str)> = network
            .genes()
            .map(|g| (network.degree(g), g.as_ref()))
            .collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let mut genes: BTreeSet<String> = PANELS
            .iter()
            .flat_map(|(_, panel)| panel.iter().map(|g| (*g).to_owned()))
            .collect();
        for (_, gene) in ranked {
            if genes.len() >= proteins {
                break;
            }
            genes.insert(gene.to_owned());
        }
        let genes: Vec<String> = genes.into_iter().collect();
        let mut draws = RandomDraws::new(0, "default abundances");
        let abundance = genes.iter().map(|_| 25.5 + 2.2 * draws.normal()).collect();
        let module = modules(&genes, packs)?;
        Ok(Self {
            source: format!("defaults, {} proteins", genes.len()),
            organism: "Homo sapiens".to_owned(),
            genes,
            abundance,
            module,
            prior_variance: 0.35 * 0.35,
            prior_df: 4.0,
            module_correlation: 0.3,
            global_correlation: 0.1,
            loading: 0.2,
            missing: Missingness {
                midpoint: 21.5,
                width: 0.8,
                at_random: 0.005,
            },
        })
    }

    /// Learned from the main assay of `dataset`: abundances as observed, the variance prior of the residuals within groups,
    /// what is missing by mean abundance, correlation within and between modules, and loading.
    ///
    /// Means of proteins with missing values are those of the observed values, so rare proteins come out slightly too
    /// abundant, and a little less is missing than in the table.
    pub fn learned(dataset: &Dataset, packs: &Packs) -> Result<Self, StudyError> {
        let assay = dataset.assay();
        let unusable = |reason: String| StudyError::Background {
            dataset: dataset.name.clone(),
            reason,
            proteins: FEWEST_PROTEINS,
        };
        let rows = best_rows(assay.features.iter().enumerate().map(|(i, f)| {
            let name = f.symbol.clone().unwrap_or_else(|| f.id.clone());
            (i, name, assay.values.observed_in_row(i))
        }));
        if rows.len() < FEWEST_PROTEINS || assay.n_samples() < 4 {
            return Err(unusable(format!(
                "{} proteins with two or more values in {} samples",
                rows.len(),
                assay.n_samples()
            )));
        }
        let indices: Vec<usize> = rows.iter().map(|(_, i)| *i).collect();
        let raw = assay.values.select_rows(&indices);
        let genes: Vec<String> = rows.into_iter().map(|(gene, _)| gene).collect();
        let centred =
            normalise(&raw, Normalisation::Median).map_err(|e| unusable(e.to_string()))?;
        let medians: Vec<f64> = (0..raw.cols()).map(|j| median(&raw.column(j))).collect();
        let abundance: Vec<f64> = (0..centred.rows()).map(|i| mean(centred.row(i))).collect();
        let design = group_means(dataset);
        let fitted = fit(&centred, &design).map_err(|e| unusable(e.to_string()))?;
        let left = residuals(&centred, &design, &fitted);
        let df: Vec<f64> = (0..left.rows())
            .map(|i| (left.observed_in_row(i) as f64 - design.cols() as f64).max(0.0))
            .collect();
        let variance: Vec<f64> = (0..left.rows())
            .map(|i| {
                let squares: f64 = left
                    .row(i)
                    .iter()
                    .filter(|r| !r.is_nan())
                    .map(|r| r * r)
                    .sum();
                if df[i] > 0.0 {
                    squares / df[i]
                } else {
                    f64::NAN
                }
            })
            .collect();
        let known: Vec<usize> = (0..variance.len()).filter(|&i| variance[i] > 0.0).collect();
        let prior = squeeze_variance(
            &known.iter().map(|&i| variance[i]).collect::<Vec<_>>(),
            &known.iter().map(|&i| df[i]).collect::<Vec<_>>(),
            None,
            PriorOptions::default(),
        )
        .map_err(|e| unusable(e.to_string()))?;
        let module = modules(&genes, packs)?;
        let (module_correlation, global_correlation) = correlations(&left, &module);
        Ok(Self {
            source: format!(
                "learned from `{}`, {} proteins in {} samples",
                dataset.name,
                genes.len(),
                assay.n_samples()
            ),
            organism: dataset.organism().unwrap_or("Homo sapiens").to_owned(),
            missing: missingness(&centred, &abundance),
            genes,
            abundance,
            module,
            prior_variance: prior.prior_variance.first().copied().unwrap_or(0.1),
            prior_df: prior
                .prior_df
                .first()
                .copied()
                .unwrap_or(4.0)
                .clamp(1.5, 50.0),
            module_correlation,
            global_correlation,
            loading: standard_deviation(&medians).min(2.0),
        })
    }
}

/// For each name the row with most values, names sorted; rows with fewer than two values are left out.
fn best_rows(rows: impl Iterator<Item = (usize, String, usize)>) -> Vec<(String, usize)> {
    let mut best: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (row, name, observed) in rows.filter(|(_, name, n)| *n >= 2 && !name.is_empty()) {
        let held = best.entry(name).or_insert((row, observed));
        if observed > held.1 {
            *held = (row, observed);
        }
    }
    best.into_iter()
        .map(|(name, (row, _))| (name, row))
        .collect()
}

/// One column per level of the first condition; one of ones where there is none or where it leaves too little.
fn group_means(dataset: &Dataset) -> Matrix {
    let n = dataset.samples.len();
    let condition = dataset.samples.with_role(Role::Condition).find(|v| {
        let levels = v.levels().len();
        levels > 1 && n >= levels + 2 && v.observed() == n
    });
    match condition {
        Some(v) => Matrix::from_fn(n, v.levels().len(), |i, k| {
            f64::from(u8::from(v.group_of(i) == Some(v.levels()[k].as_str())))
        }),
        None => Matrix::filled(n, 1, 1.0),
    }
}

/// Modules: for each gene the smallest complex or pathway that most of a handful of measured genes share; what no set
/// names is dealt out in modules of equal size.
fn modules(genes: &[String], packs: &Packs) -> Result<Vec<usize>, StudyError> {
    let mut module: Vec<Option<usize>> = vec![None; genes.len()];
    let mut next = 0;
    for collection in ["go-complexes", "reactome"] {
        let mut sets = packs
            .gene_sets(collection)?
            .restrict(genes, *MODULE.start(), *MODULE.end());
        sets.sort_by_key(|s| (s.indices.len(), s.set.id.clone()));
        for set in sets {
            let free: Vec<usize> = set
                .indices
                .iter()
                .copied()
                .filter(|&i| module[i].is_none())
                .collect();
            if free.len() >= *MODULE.start() {
                for i in free {
                    module[i] = Some(next);
                }
                next += 1;
            }
        }
    }
    let mut left: Vec<usize> = (0..genes.len()).filter(|&i| module[i].is_none()).collect();
    RandomDraws::new(0, "unnamed modules").shuffle(&mut left);
    for chunk in left.chunks(UNNAMED_MODULE) {
        for &i in chunk {
            module[i] = Some(next);
        }
        next += 1;
    }
    Ok(module.into_iter().map(|m| m.unwrap_or(0)).collect())
}

/// Mean correlation of residuals within modules beyond that between them, and that between them, over complete features.
fn correlations(residuals: &Matrix, module: &[usize]) -> (f64, f64) {
    let complete: Vec<usize> = (0..residuals.rows())
        .filter(|&i| residuals.observed_in_row(i) == residuals.cols())
        .take(1500)
        .collect();
    if complete.len() < 50 {
        return (0.3, 0.1);
    }
    let r = row_correlations(&residuals.select_rows(&complete));
    let mut draws = RandomDraws::new(0, "pairs");
    let (mut within, mut between) = (Vec::new(), Vec::new());
    for a in 0..complete.len() {
        for b in a + 1..complete.len() {
            if module[complete[a]] == module[complete[b]] && r.get(a, b).is_finite() {
                within.push(r.get(a, b));
            }
        }
    }
    while between.len() < PAIRS {
        let (a, b) = (draws.below(complete.len()), draws.below(complete.len()));
        if module[complete[a]] != module[complete[b]] && r.get(a, b).is_finite() {
            between.push(r.get(a, b));
        }
    }
    let global = mean(&between).clamp(0.0, 0.5);
    let beyond = if within.is_empty() {
        0.3
    } else {
        (mean(&within) - global).clamp(0.0, 0.8)
    };
    (beyond.min(0.95 - global), global)
}

/// The curve of what is missing: logits of the missing share in twenty bins of equal size by mean abundance, by least
/// squares with the weights of a binomial share; the share missing of the most abundant tenth is taken for missing at random.
fn missingness(y: &Matrix, abundance: &[f64]) -> Missingness {
    let share = |rows: &[usize]| {
        let cells = (rows.len() * y.cols()).max(1) as f64;
        let observed: usize = rows.iter().map(|&i| y.observed_in_row(i)).sum();
        1.0 - observed as f64 / cells
    };
    let mut order: Vec<usize> = (0..y.rows()).collect();
    order.sort_by(|&a, &b| abundance[a].total_cmp(&abundance[b]).then(a.cmp(&b)));
    let at_random = share(&order[order.len() - order.len().div_ceil(10)..]).min(0.3);
    let bins: Vec<[f64; 3]> = order
        .chunks(order.len().div_ceil(20).max(1))
        .map(|rows| {
            let centre = mean(&rows.iter().map(|&i| abundance[i]).collect::<Vec<_>>());
            let p = ((share(rows) - at_random) / (1.0 - at_random)).clamp(0.002, 0.98);
            let weight = rows.len() as f64 * p * (1.0 - p);
            [centre, (p / (1.0 - p)).ln(), weight]
        })
        .collect();
    let total: f64 = bins.iter().map(|[_, _, w]| w).sum();
    let weighted =
        |of: &dyn Fn(&[f64; 3]) -> f64| bins.iter().map(|b| b[2] * of(b)).sum::<f64>() / total;
    let (mx, ml) = (weighted(&|b| b[0]), weighted(&|b| b[1]));
    let sxx = weighted(&|b| (b[0] - mx).powi(2));
    let sxl = weighted(&|b| (b[0] - mx) * (b[1] - ml));
    let slope = (sxl / sxx).min(-0.05);
    Missingness {
        midpoint: mx - ml / slope,
        width: -1.0 / slope,
        at_random,
    }
}
