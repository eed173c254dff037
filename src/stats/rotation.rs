//! Decoy data by effect-removed rotation: the tested effect is gone, everything else about the noise is kept.
//!
//! With tested columns X beside nuisance columns Z, the QR of [Z X] is [Q_Z Q_X Q_E] and d the residual degrees of freedom. Each row's
//! residual effects U = Q_Eᵀ y are spread over the residual *and* the tested directions by one random H with orthonormal columns for all
//! features: y* = Q_Z Q_Zᵀ y + [Q_X Q_E] H U √((r + d)/d). Correlation between features is kept, and the ordinary t of a
//! tested column is exactly t_d under Gaussian errors. The full model's residuals are used, not the null model's, so that a true effect does
//! not leak into the variance. After Langsrud 2005 (doi:10.1007/s11222-005-4789-5) and Wu et al. 2010 (doi:10.1093/bioinformatics/btq401).
//!
//! Missing values: rows are fitted on their observed cells, residuals at missing cells are drawn from N(0, s²_post), and the mask is applied
//! again. This assumes that a value is missing regardless of its size given the feature, and lowers correlation between features.
//! No independent implementation exists: tests check the distribution, the invariants and the absence of the effect.

mod haar;

use crate::Matrix;
use crate::linear_model::{
    BlockCorrelation, ErrorStructure, LinearModelError, fit_with, fitted_values, scale_blocks,
};
use crate::orthogonal::PivotedQr;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use haar::{NormalDraws, haar_rotate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Rows multiplied at a time, a constant so that the arithmetic does not depend on the number of threads.
const ROWS_PER_TASK: usize = 128;

/// What is held fixed, what is tested, and how errors depart from independence and equal variance.
#[derive(Debug, Clone, Copy)]
pub struct RotationModel<'a> {
    /// Samples × nuisance coefficients, intercept included; may have no column.
    pub nuisance: &'a Matrix,
    /// Samples × tested coefficients.
    pub tested: &'a Matrix,
    /// Standard deviation of each sample relative to the others, where groups differ in spread.
    pub sample_scale: Option<&'a [f64]>,
    /// Correlation within blocks, for repeated measures.
    pub blocks: Option<BlockCorrelation<'a>>,
}

/// Why data cannot be rotated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RotationError {
    /// The model does not describe the data.
    #[error(transparent)]
    Model(#[from] LinearModelError),
    /// Nuisance columns, tested columns or scales do not have one row per sample.
    #[error("{found} {what} for {samples} samples")]
    Samples {
        /// `nuisance rows`, `tested rows` or `sample scales`.
        what: &'static str,
        /// How many were given.
        found: usize,
        /// Columns of the data.
        samples: usize,
    },
    /// A sample scale is not a positive number.
    #[error("sample {sample} has scale `{scale}`, which is not a positive number")]
    Scale {
        /// Zero-based sample.
        sample: usize,
        /// The scale given.
        scale: f64,
    },
    /// The tested columns are linear combinations of the nuisance columns.
    #[error("the tested columns cannot be told apart from the nuisance columns")]
    Confounded,
    /// The model uses up all samples.
    #[error(
        "{samples} samples leave no residual degrees of freedom for a model of rank {rank}\nhint: rotation needs replicates"
    )]
    NoResidualDf {
        /// Columns of the data.
        samples: usize,
        /// Rank of nuisance and tested columns together.
        rank: usize,
    },
    /// A feature with missing cells has no usable posterior variance to fill them from.
    #[error(
        "feature {feature} has posterior variance `{variance}`; it is needed to fill its missing cells"
    )]
    Variance {
        /// Zero-based feature.
        feature: usize,
        /// What was given.
        variance: f64,
    },
}

/// Data prepared for rotation; draw any number of decoys from it.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The nuisance part of each row, NaN at missing cells; features × samples.
    nuisance_part: Matrix,
    /// Residual effects U, features × residual df.
    effects: Matrix,
    /// Tested and residual directions in sample space, (r + d) × samples.
    directions: Matrix,
}

impl Rotation {
    /// Prepares `y` (log2, features × samples, NaN missing). `posterior_variance` per feature and `fill_seed` serve missing cells only.
    pub fn new(
        y: &Matrix,
        model: RotationModel<'_>,
        posterior_variance: &[f64],
        fill_seed: u64,
    ) -> Result<Self, RotationError> {
        let samples = y.cols();
        check(y, &model, posterior_variance)?;
        let whitening = Whitening::new(&model, samples);
        let nuisance_columns = model.nuisance.cols();
        let design = Matrix::from_fn(
            samples,
            nuisance_columns + model.tested.cols(),
            |i, j| match j.checked_sub(nuisance_columns) {
                None => model.nuisance.get(i, j),
                Some(j) => model.tested.get(i, j),
            },
        );
        let filled = fill_missing(y, &design, &model, posterior_variance, fill_seed)?;
        let mut whitened_design = design.transposed();
        for k in 0..whitened_design.rows() {
            whitening.whiten(whitened_design.row_mut(k));
        }
        let columns = whitened_design.values().to_vec();
        let qr = PivotedQr::of_columns(columns, samples, design.cols());
        let rank = qr.rank();
        let fixed = qr
            .independent()
            .iter()
            .filter(|&&j| j < nuisance_columns)
            .count();
        if rank == fixed {
            return Err(RotationError::Confounded);
        }
        if rank == samples {
            return Err(RotationError::NoResidualDf { samples, rank });
        }
        let q: Vec<f64> = (0..samples).flat_map(|k| qr.q_column(k)).collect();
        let q = Matrix::from_fn(samples, samples, |k, i| q[k * samples + i]);
        let whitened = whitening.whitened_rows(filled);
        let all_effects = product_transposed(&whitened, &q);
        let effects = all_effects.select_columns(&(rank..samples).collect::<Vec<_>>());
        let mut nuisance_part = Matrix::filled(y.rows(), samples, 0.0);
        nuisance_part
            .values_mut()
            .par_chunks_mut(samples)
            .enumerate()
            .for_each(|(i, row)| {
                for k in 0..fixed {
                    let effect = all_effects.get(i, k);
                    row.iter_mut()
                        .zip(q.row(k))
                        .for_each(|(cell, q)| *cell += effect * q);
                }
                whitening.colour(row);
                for (cell, value) in row.iter_mut().zip(y.row(i)) {
                    if value.is_nan() {
                        *cell = f64::NAN;
                    }
                }
            });
        let mut directions = q.select_rows(&(fixed..samples).collect::<Vec<_>>());
        for k in 0..directions.rows() {
            whitening.colour(directions.row_mut(k));
        }
        Ok(Self {
            nuisance_part,
            effects,
            directions,
        })
    }

    /// Residual degrees of freedom d of a complete row.
    pub fn residual_df(&self) -> usize {
        self.effects.cols()
    }

    /// One decoy of the data, same shape and missing cells; the same for the same seed whatever the number of threads.
    pub fn decoy(&self, seed: u64) -> Matrix {
        let (d, samples) = (self.effects.cols(), self.directions.cols());
        let mut turned = self.directions.values().to_vec();
        haar_rotate(
            &mut turned,
            samples,
            d,
            &mut ChaCha8Rng::seed_from_u64(seed),
        );
        let scale = (self.directions.rows() as f64 / d as f64).sqrt();
        let rhs = MatRef::from_row_major_slice(&turned[..d * samples], d, samples);
        let mut decoy = self.nuisance_part.clone();
        decoy
            .values_mut()
            .par_chunks_mut(ROWS_PER_TASK * samples)
            .zip(self.effects.values().par_chunks(ROWS_PER_TASK * d))
            .for_each(|(rows, effects)| {
                let count = rows.len() / samples;
                let lhs = MatRef::from_row_major_slice(effects, count, d);
                let target = MatMut::from_row_major_slice_mut(rows, count, samples);
                matmul(target, Accum::Add, lhs, rhs, scale, Par::Seq);
            });
        decoy
    }
}

fn check(y: &Matrix, model: &RotationModel<'_>, posterior: &[f64]) -> Result<(), RotationError> {
    let samples = y.cols();
    let lengths = [
        ("nuisance rows", model.nuisance.rows()),
        ("tested rows", model.tested.rows()),
        (
            "sample scales",
            model.sample_scale.map_or(samples, <[f64]>::len),
        ),
    ];
    for (what, found) in lengths {
        if found != samples {
            return Err(RotationError::Samples {
                what,
                found,
                samples,
            });
        }
    }
    for (sample, &scale) in model.sample_scale.unwrap_or_default().iter().enumerate() {
        if !(scale.is_finite() && scale > 0.0) {
            return Err(RotationError::Scale { sample, scale });
        }
    }
    for feature in 0..y.rows() {
        let observed = y.observed_in_row(feature);
        let variance = posterior.get(feature).copied().unwrap_or(f64::NAN);
        if observed > 0 && observed < samples && !(variance.is_finite() && variance >= 0.0) {
            return Err(RotationError::Variance { feature, variance });
        }
    }
    Ok(())
}

/// Turns errors of the model's structure into independent ones of equal variance, and back.
struct Whitening<'a> {
    scale: Option<&'a [f64]>,
    blocks: Option<BlockCorrelation<'a>>,
    all: Vec<usize>,
}

impl<'a> Whitening<'a> {
    fn new(model: &RotationModel<'a>, samples: usize) -> Self {
        Self {
            scale: model.sample_scale,
            blocks: model.blocks,
            all: (0..samples).collect(),
        }
    }

    fn whiten(&self, values: &mut [f64]) {
        if let Some(scale) = self.scale {
            values.iter_mut().zip(scale).for_each(|(v, s)| *v /= s);
        }
        self.scale_blocks(values, -0.5);
    }

    fn colour(&self, values: &mut [f64]) {
        self.scale_blocks(values, 0.5);
        if let Some(scale) = self.scale {
            values.iter_mut().zip(scale).for_each(|(v, s)| *v *= s);
        }
    }

    fn scale_blocks(&self, values: &mut [f64], power: f64) {
        if let Some(BlockCorrelation { block, correlation }) = self.blocks {
            scale_blocks(values, &self.all, block, |m| {
                let along = 1.0 + (m - 1.0) * correlation;
                (along.powf(power), (1.0 - correlation).powf(power))
            });
        }
    }

    fn whitened_rows(&self, mut y: Matrix) -> Matrix {
        if self.scale.is_some() || self.blocks.is_some() {
            let samples = y.cols();
            y.values_mut()
                .par_chunks_mut(samples)
                .for_each(|row| self.whiten(row));
        }
        y
    }
}

/// The data with missing cells at their fitted value plus a drawn residual; 0 for a feature never observed.
fn fill_missing(
    y: &Matrix,
    design: &Matrix,
    model: &RotationModel<'_>,
    posterior: &[f64],
    seed: u64,
) -> Result<Matrix, RotationError> {
    let incomplete: Vec<usize> = (0..y.rows())
        .filter(|&i| y.observed_in_row(i) < y.cols())
        .collect();
    let weights: Option<Vec<f64>> = model
        .sample_scale
        .map(|scale| scale.iter().map(|s| 1.0 / (s * s)).collect());
    let errors = ErrorStructure {
        weights: weights.as_deref(),
        blocks: model.blocks,
    };
    let rows = y.select_rows(&incomplete);
    let fit = fit_with(&rows, design, errors)?;
    let fitted = fitted_values(&fit, design);
    let mut filled = y.clone();
    for (k, &i) in incomplete.iter().enumerate() {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(i as u64);
        let mut normal = NormalDraws::new(rng);
        let observed = y.observed_in_row(i) > 0;
        for (j, cell) in filled.row_mut(i).iter_mut().enumerate() {
            if cell.is_nan() {
                let sd = posterior[i].sqrt() * model.sample_scale.map_or(1.0, |s| s[j]);
                *cell = if observed {
                    fitted.get(k, j) + sd * normal.draw()
                } else {
                    0.0
                };
            }
        }
    }
    Ok(filled)
}

/// A Bᵀ for row-major matrices with equally many columns.
fn product_transposed(a: &Matrix, b: &Matrix) -> Matrix {
    let (inner, columns) = (a.cols(), b.rows());
    let mut product = Matrix::filled(a.rows(), columns, 0.0);
    let rhs = MatRef::from_row_major_slice(b.values(), columns, inner).transpose();
    product
        .values_mut()
        .par_chunks_mut(ROWS_PER_TASK * columns)
        .zip(a.values().par_chunks(ROWS_PER_TASK * inner))
        .for_each(|(rows, left)| {
            let count = rows.len() / columns;
            let lhs = MatRef::from_row_major_slice(left, count, inner);
            let target = MatMut::from_row_major_slice_mut(rows, count, columns);
            matmul(target, Accum::Replace, lhs, rhs, 1.0, Par::Seq);
        });
    product
}

#[cfg(test)]
mod tests;
