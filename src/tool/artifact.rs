//! What flows between steps: abundance matrices and tables.

use std::sync::Arc;

use polars::prelude::DataFrame;
use proteus_stats::Matrix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Feature, FeatureLevel, Quantity};

/// A log2 abundance matrix with the identity of its rows and columns.
#[derive(Debug, Clone)]
pub struct Abundance {
    /// What a row is.
    pub level: FeatureLevel,
    /// What was measured.
    pub quantity: Quantity,
    /// One per row.
    pub features: Arc<Vec<Feature>>,
    /// Sample identifiers, one per column.
    pub samples: Arc<Vec<String>>,
    /// log2 values, features × samples, NaN where missing.
    pub values: Matrix,
}

impl Abundance {
    /// The same rows and columns with other values of the same shape.
    pub fn with_values(&self, values: Matrix) -> Self {
        Self {
            values,
            ..self.clone()
        }
    }

    /// Only the given rows, in the given order.
    pub fn select_features(&self, rows: &[usize]) -> Self {
        Self {
            features: Arc::new(rows.iter().map(|&i| self.features[i].clone()).collect()),
            values: self.values.select_rows(rows),
            ..self.clone()
        }
    }

    /// Only the given columns, in the given order.
    pub fn select_samples(&self, columns: &[usize]) -> Self {
        Self {
            samples: Arc::new(columns.iter().map(|&j| self.samples[j].clone()).collect()),
            values: self.values.select_columns(columns),
            ..self.clone()
        }
    }
}

/// One output of a step.
#[derive(Debug, Clone)]
pub enum Artifact {
    /// Features × samples.
    Matrix(Arc<Abundance>),
    /// Any other table.
    Table(Arc<DataFrame>),
}

impl Artifact {
    /// Which of the two it is.
    pub fn kind(&self) -> ArtifactKind {
        match self {
            Self::Matrix(_) => ArtifactKind::Matrix,
            Self::Table(_) => ArtifactKind::Table,
        }
    }
}

/// The type of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    /// Features × samples, log2.
    Matrix,
    /// A table with named columns.
    Table,
}
