//! Folders with `config.json` and one or several safetensors files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::gguf::{halves, singles};
use super::names::in_checkpoint;
use super::source::{Keep, WeightSource, quantised};
use crate::error::ModelError;
use crate::kernels::half_float::{from_bf16, from_f16};
use crate::kernels::{Format, Matrix};

/// Longest header that is read; real ones have some kB per layer.
const LONGEST_HEADER: u64 = 100_000_000;

/// An open checkpoint: its configuration, and its tensors on demand.
pub(crate) struct Checkpoint {
    folder: PathBuf,
    config: Value,
    tensors: BTreeMap<String, Place>,
    bytes: u64,
    keep: Keep,
}

/// Where a tensor lies.
struct Place {
    file: PathBuf,
    at: u64,
    entry: Entry,
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

impl Checkpoint {
    /// Reads the configuration and the headers of the files in `folder`: `model.safetensors`, or those that
    /// `model.safetensors.index.json` names.
    ///
    /// # Errors
    /// If one of them is missing or contradicts its own length.
    pub(crate) fn open(folder: &Path, keep: Keep) -> Result<Self, ModelError> {
        let config = read_json(&folder.join("config.json"))?;
        let index = folder.join("model.safetensors.index.json");
        let files: Vec<PathBuf> = if index.exists() {
            let index = read_json(&index)?;
            let names = index["weight_map"]
                .as_object()
                .into_iter()
                .flat_map(|map| map.values());
            let mut names: Vec<&str> = names.filter_map(Value::as_str).collect();
            names.sort_unstable();
            names.dedup();
            // A name is a file beside the index, not a path out of the folder.
            if let Some(path) = names.iter().find(|name| name.contains(['/', '\\'])) {
                return Err(ModelError::invalid(format!(
                    "the index names a path, `{path}`, where a file belongs"
                )));
            }
            names.into_iter().map(|name| folder.join(name)).collect()
        } else {
            vec![folder.join("model.safetensors")]
        };
        let mut tensors = BTreeMap::new();
        let mut bytes = 0;
        for file in files {
            bytes += read_header(&file, &mut tensors)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            config,
            tensors,
            bytes,
            keep,
        })
    }

    /// `config.json`
    pub(crate) fn config(&self) -> &Value {
        &self.config
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Number of weights, and the type that most of them have.
    pub(crate) fn weights(&self) -> (u64, String) {
        let mut types: BTreeMap<&str, u64> = BTreeMap::new();
        for place in self.tensors.values() {
            *types.entry(&place.entry.dtype).or_default() +=
                place.entry.shape.iter().product::<usize>() as u64;
        }
        let total = types.values().sum();
        let common = types
            .into_iter()
            .max_by_key(|(_, count)| *count)
            .map(|(name, _)| name.to_owned());
        (total, common.unwrap_or_default())
    }

    /// What to do with weights while they are read.
    pub(crate) fn keep(&self) -> Keep {
        self.keep
    }

    /// Shape of the tensor with the checkpoint's own `name`.
    pub(crate) fn shape(&self, name: &str) -> Result<&[usize], ModelError> {
        let missing = || ModelError::Missing {
            path: self.folder.clone(),
            name: name.to_owned(),
        };
        Ok(&self.tensors.get(name).ok_or_else(missing)?.entry.shape)
    }

    /// Type and bytes of the tensor with the checkpoint's own `name`.
    fn raw(&self, name: &str) -> Result<(&Entry, Vec<u8>), ModelError> {
        let missing = || ModelError::Missing {
            path: self.folder.clone(),
            name: name.to_owned(),
        };
        let place = self.tensors.get(name).ok_or_else(missing)?;
        let read = |source| ModelError::Read {
            path: place.file.clone(),
            source,
        };
        let [from, to] = place.entry.data_offsets;
        let mut bytes = vec![
            0u8;
            usize::try_from(to - from)
                .map_err(|_| ModelError::invalid("tensor too large"))?
        ];
        let mut file = File::open(&place.file).map_err(read)?;
        file.seek(SeekFrom::Start(place.at + from)).map_err(read)?;
        file.read_exact(&mut bytes).map_err(read)?;
        Ok((&place.entry, bytes))
    }

    /// Shape and values, in single precision, of the tensor with the checkpoint's own `name`.
    pub(crate) fn single(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), ModelError> {
        let (entry, bytes) = self.raw(name)?;
        let values = match entry.dtype.as_str() {
            "F32" => singles(&bytes),
            "F16" => halves(&bytes).map(from_f16).collect(),
            "BF16" => halves(&bytes).map(from_bf16).collect(),
            other => return Err(unsupported(other)),
        };
        Ok((entry.shape.clone(), values))
    }

    /// Whether there is a tensor with the checkpoint's own `name`.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }
}

impl WeightSource for Checkpoint {
    fn has(&self, name: &str) -> bool {
        in_checkpoint(name).is_some_and(|name| self.contains(&name))
    }

    fn matrix(&self, name: &str) -> Result<Matrix, ModelError> {
        let name = in_checkpoint(name).unwrap_or_else(|| name.to_owned());
        if self.keep == Keep::Q8_0 {
            let (shape, values) = self.single(&name)?;
            let [rows, columns] = two(&name, &shape)?;
            return quantised(values, rows, columns);
        }
        let (entry, bytes) = self.raw(&name)?;
        let [rows, columns] = two(&name, &entry.shape)?;
        match entry.dtype.as_str() {
            "F32" => Matrix::from_f32(singles(&bytes), rows, columns),
            "F16" => Matrix::from_half(halves(&bytes).collect(), Format::F16, rows, columns),
            "BF16" => Matrix::from_half(halves(&bytes).collect(), Format::Bf16, rows, columns),
            other => Err(unsupported(other)),
        }
    }

    fn vector(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let name = in_checkpoint(name).unwrap_or_else(|| name.to_owned());
        Ok(self.single(&name)?.1)
    }
}

fn two(name: &str, shape: &[usize]) -> Result<[usize; 2], ModelError> {
    shape.try_into().map_err(|_| {
        ModelError::invalid(format!(
            "tensor `{name}` has shape {shape:?}, not a matrix's"
        ))
    })
}

fn unsupported(found: &str) -> ModelError {
    ModelError::Unsupported {
        what: "type of weights",
        found: found.to_owned(),
        supported: "F32, F16, BF16".to_owned(),
    }
}

/// Reads a JSON file.
pub(crate) fn read_json(path: &Path) -> Result<Value, ModelError> {
    let text = std::fs::read(path).map_err(|source| ModelError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text)
        .map_err(|error| ModelError::invalid(format!("`{}`: {error}", path.display())))
}

/// Adds the tensors of `file` to `tensors` and gives its length.
fn read_header(file: &Path, tensors: &mut BTreeMap<String, Place>) -> Result<u64, ModelError> {
    let read = |source| ModelError::Read {
        path: file.to_owned(),
        source,
    };
    let broken = |what: &str| {
        ModelError::invalid(format!(
            "`{}` is no safetensors file: {what}",
            file.display()
        ))
    };
    let mut reader = File::open(file).map_err(read)?;
    let length = reader.metadata().map_err(read)?.len();
    let mut header = [0u8; 8];
    reader.read_exact(&mut header).map_err(read)?;
    let header = u64::from_le_bytes(header);
    if header > LONGEST_HEADER || header + 8 > length {
        return Err(broken("its header is longer than it"));
    }
    let mut text = vec![0u8; header as usize];
    reader.read_exact(&mut text).map_err(read)?;
    let entries: BTreeMap<String, Value> =
        serde_json::from_slice(&text).map_err(|error| broken(&error.to_string()))?;
    for (name, entry) in entries
        .into_iter()
        .filter(|(name, _)| name != "__metadata__")
    {
        let entry: Entry =
            serde_json::from_value(entry).map_err(|error| broken(&error.to_string()))?;
        let [from, to] = entry.data_offsets;
        if from > to || 8 + header + to > length {
            return Err(broken("a tensor lies beyond its end; fetch it again"));
        }
        tensors.insert(
            name,
            Place {
                file: file.to_owned(),
                at: 8 + header,
                entry,
            },
        );
    }
    Ok(length)
}
