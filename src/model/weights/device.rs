//! Weights as candle's tensors, for devices.

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Tensor};

use super::gguf::GgufFile;
use super::names::in_checkpoint;
use super::safetensors::Checkpoint;
use super::source::{Keep, WeightSource};
use crate::error::ModelError;

/// A source whose tensors go to a device, under the names that GGUF gives them.
pub(crate) trait DeviceSource: WeightSource {
    /// Rows of a matrix.
    fn rows(&self, name: &str) -> Result<usize, ModelError>;
    /// A matrix, in the blocks of its file where it has them.
    fn matmul(&self, name: &str, device: &Device) -> Result<QMatMul, ModelError>;
    /// A vector in single precision.
    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor, ModelError> {
        Ok(Tensor::new(self.vector(name)?, device)?)
    }
}

impl DeviceSource for GgufFile {
    fn rows(&self, name: &str) -> Result<usize, ModelError> {
        Ok(self.shape(name)?.dims2()?.0)
    }

    fn matmul(&self, name: &str, device: &Device) -> Result<QMatMul, ModelError> {
        Ok(QMatMul::from_arc(Arc::new(self.blocks(name, device)?))?)
    }
}

impl DeviceSource for Checkpoint {
    fn rows(&self, name: &str) -> Result<usize, ModelError> {
        Ok(self.shape(&in_checkpoint(name).unwrap_or_else(|| name.to_owned()))?[0])
    }

    fn matmul(&self, name: &str, device: &Device) -> Result<QMatMul, ModelError> {
        let (shape, values) =
            self.single(&in_checkpoint(name).unwrap_or_else(|| name.to_owned()))?;
        let columns = shape.last().copied().unwrap_or(0);
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu)?;
        if self.keep() == Keep::Q8_0 && columns.is_multiple_of(GgmlDType::Q8_0.block_size()) {
            return Ok(QMatMul::from_qtensor(QTensor::quantize_onto(
                &tensor,
                GgmlDType::Q8_0,
                device,
            )?)?);
        }
        Ok(QMatMul::Tensor(tensor.to_device(device)?))
    }
}
