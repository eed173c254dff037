//! What a decoder is built from, whatever the file.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use crate::error::ModelError;
use crate::kernels::{Format, Matrix};

/// What to do with weights of 16 or 32 bits while they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Keep them as they are.
    #[default]
    AsStored,
    /// Quantise them to eight bits, 1.06 bytes per weight; rows that are no whole blocks of 32 stay in single precision.
    Q8_0,
}

/// A file or folder with named tensors, under the names that GGUF gives them.
pub(crate) trait WeightSource {
    /// Whether there is a tensor `name`.
    fn has(&self, name: &str) -> bool;
    /// A matrix, rows being outputs.
    fn matrix(&self, name: &str) -> Result<Matrix, ModelError>;
    /// A vector in single precision.
    fn vector(&self, name: &str) -> Result<Vec<f32>, ModelError>;
}

/// A matrix in eight bits where its rows are whole blocks, else as it is.
pub(crate) fn quantised(
    weights: Vec<f32>,
    rows: usize,
    columns: usize,
) -> Result<Matrix, ModelError> {
    if !columns.is_multiple_of(GgmlDType::Q8_0.block_size()) {
        return Matrix::from_f32(weights, rows, columns);
    }
    let tensor = Tensor::from_vec(weights, (rows, columns), &Device::Cpu)?;
    let blocks = QTensor::quantize(&tensor, GgmlDType::Q8_0)?;
    Matrix::from_blocks(&blocks.data()?, Format::Q8_0, rows, columns)
}
