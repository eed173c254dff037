//! GGUF files.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Content, TensorInfo, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Shape};

use super::source::{Keep, WeightSource, quantised};
use crate::error::ModelError;
use crate::kernels::half_float::{from_bf16, from_f16};
use crate::kernels::{Format, Matrix};

/// An open GGUF file: its keys, and its tensors on demand.
pub(crate) struct GgufFile {
    path: PathBuf,
    content: Content,
    reader: RefCell<BufReader<File>>,
    bytes: u64,
    keep: Keep,
}

impl GgufFile {
    /// Reads the keys of `path`.
    ///
    /// # Errors
    /// If it cannot be read, is no GGUF, or is one part of several.
    pub(crate) fn open(path: &Path, keep: Keep) -> Result<Self, ModelError> {
        let read = |source| ModelError::Read {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(read)?;
        let bytes = file.metadata().map_err(read)?.len();
        let mut reader = BufReader::new(file);
        let content = Content::read(&mut reader)?;
        if content
            .metadata
            .get("split.count")
            .is_some_and(|parts| integer(parts).is_some_and(|n| n > 1))
        {
            return Err(ModelError::Unsupported {
                what: "kind of GGUF",
                found: "one part of several".to_owned(),
                supported: "whole files; join the parts with llama.cpp's `gguf-split --merge`"
                    .to_owned(),
            });
        }
        Ok(Self {
            path: path.to_owned(),
            content,
            reader: RefCell::new(reader),
            bytes,
            keep,
        })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A key's value.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.content.metadata.get(key)
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> Result<&str, ModelError> {
        match self.get(key) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(self.missing(key)),
        }
    }

    /// A whole number.
    pub(crate) fn size(&self, key: &str) -> Result<usize, ModelError> {
        self.get(key)
            .and_then(integer)
            .ok_or_else(|| self.missing(key))
    }

    /// Number of weights, and the format that most of them have.
    pub(crate) fn weights(&self) -> (u64, String) {
        let mut formats: std::collections::BTreeMap<String, u64> =
            std::collections::BTreeMap::new();
        for tensor in self.content.tensor_infos.values() {
            let format = format!("{:?}", tensor.ggml_dtype);
            let format = format
                .strip_suffix('K')
                .map_or(format.clone(), |bits| format!("{bits}_K"));
            *formats.entry(format).or_default() += tensor.shape.elem_count() as u64;
        }
        let total = formats.values().sum();
        let format = formats
            .into_iter()
            .max_by_key(|(_, count)| *count)
            .map(|(format, _)| format);
        (total, format.unwrap_or_default())
    }

    pub(crate) fn missing(&self, name: &str) -> ModelError {
        ModelError::Missing {
            path: self.path.clone(),
            name: name.to_owned(),
        }
    }

    fn info(&self, name: &str) -> Result<&TensorInfo, ModelError> {
        self.content
            .tensor_infos
            .get(name)
            .ok_or_else(|| self.missing(name))
    }

    /// Rows and columns of a tensor.
    pub(crate) fn shape(&self, name: &str) -> Result<&Shape, ModelError> {
        Ok(&self.info(name)?.shape)
    }

    /// A tensor in the blocks of the file, on `device`.
    pub(crate) fn blocks(&self, name: &str, device: &Device) -> Result<QTensor, ModelError> {
        self.info(name)?;
        Ok(self
            .content
            .tensor(&mut *self.reader.borrow_mut(), name, device)?)
    }

    /// The bytes of a tensor as the file has them.
    fn raw(&self, info: &TensorInfo) -> Result<Vec<u8>, ModelError> {
        let read = |source| ModelError::Read {
            path: self.path.clone(),
            source,
        };
        let kind = info.ggml_dtype;
        let size = info.shape.elem_count() / kind.block_size() * kind.type_size();
        let at = self.content.tensor_data_offset + info.offset;
        if at.saturating_add(size as u64) > self.bytes {
            return Err(ModelError::invalid(format!(
                "`{}` is cut off; fetch it again",
                self.path.display()
            )));
        }
        let mut reader = self.reader.borrow_mut();
        reader.seek(SeekFrom::Start(at)).map_err(read)?;
        let mut bytes = vec![0u8; size];
        reader.read_exact(&mut bytes).map_err(read)?;
        Ok(bytes)
    }

    /// The values of a tensor in single precision.
    fn single(&self, name: &str, info: &TensorInfo) -> Result<Vec<f32>, ModelError> {
        match info.ggml_dtype {
            GgmlDType::F32 => Ok(singles(&self.raw(info)?)),
            GgmlDType::F16 => Ok(halves(&self.raw(info)?).map(from_f16).collect()),
            GgmlDType::BF16 => Ok(halves(&self.raw(info)?).map(from_bf16).collect()),
            _ => {
                let tensor = self.blocks(name, &Device::Cpu)?;
                Ok(tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1()?)
            }
        }
    }
}

impl WeightSource for GgufFile {
    fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    fn matrix(&self, name: &str) -> Result<Matrix, ModelError> {
        let info = self.info(name)?;
        let (rows, columns) = info.shape.dims2()?;
        let blocks = match info.ggml_dtype {
            GgmlDType::Q8_0 => Some(Format::Q8_0),
            GgmlDType::Q4_0 => Some(Format::Q4_0),
            GgmlDType::Q4_1 => Some(Format::Q4_1),
            GgmlDType::Q4K => Some(Format::Q4K),
            GgmlDType::Q6K => Some(Format::Q6K),
            _ => None,
        };
        if let Some(format) = blocks {
            return Matrix::from_blocks(&self.raw(info)?, format, rows, columns);
        }
        match (info.ggml_dtype, self.keep) {
            (GgmlDType::F32, Keep::AsStored) => {
                Matrix::from_f32(singles(&self.raw(info)?), rows, columns)
            }
            (GgmlDType::F16, Keep::AsStored) => Matrix::from_half(
                halves(&self.raw(info)?).collect(),
                Format::F16,
                rows,
                columns,
            ),
            (GgmlDType::BF16, Keep::AsStored) => Matrix::from_half(
                halves(&self.raw(info)?).collect(),
                Format::Bf16,
                rows,
                columns,
            ),
            // Other blocks have no kernel here; eight bits hold what they hold to within their own error.
            _ => quantised(self.single(name, info)?, rows, columns),
        }
    }

    fn vector(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        self.single(name, self.info(name)?)
    }
}

pub(crate) fn singles(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect()
}

pub(crate) fn halves(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|b| u16::from_le_bytes(*b))
}

/// A whole number of any width.
pub(crate) fn integer(value: &Value) -> Option<usize> {
    let value = match value {
        Value::U8(v) => u64::from(*v),
        Value::U16(v) => u64::from(*v),
        Value::U32(v) => u64::from(*v),
        Value::U64(v) => *v,
        Value::I8(v) => u64::try_from(*v).ok()?,
        Value::I16(v) => u64::try_from(*v).ok()?,
        Value::I32(v) => u64::try_from(*v).ok()?,
        Value::I64(v) => u64::try_from(*v).ok()?,
        _ => return None,
    };
    usize::try_from(value).ok()
}
