//! Keys and values of what was read so far.

use std::sync::Arc;

use candle_core::Tensor;

use super::config::DecoderConfig;
use crate::error::ModelError;

/// Positions in one block.
pub(crate) const BLOCK: usize = 32;

/// Keys and values of [`BLOCK`] positions of one layer, head after head.
#[derive(Clone)]
pub(crate) struct KvBlock {
    /// `kv heads × BLOCK × head size`.
    pub keys: Vec<f32>,
    /// `kv heads × BLOCK × head size`.
    pub values: Vec<f32>,
}

/// Keys and values of the tokens read so far, in single precision.
///
/// Blocks are shared between clones and copied when one of them writes, so that a clone costs a few pointers per block and
/// a question can be continued in many ways.
#[derive(Clone)]
pub struct KvCache {
    layers: Vec<Vec<Arc<KvBlock>>>,
    tensors: Vec<TensorCache>,
    heads: usize,
    head_size: usize,
    len: usize,
}

/// Keys and values of one layer on a device, `kv heads × positions × head size`; there may be more positions than count.
#[derive(Clone, Default)]
pub(crate) struct TensorCache(Option<(Tensor, Tensor)>);

impl TensorCache {
    /// Puts keys and values after the first `seen` positions and gives all of them.
    pub(crate) fn append(
        &mut self,
        keys: Tensor,
        values: Tensor,
        seen: usize,
    ) -> Result<(Tensor, Tensor), ModelError> {
        let joined = match self.0.take().filter(|_| seen > 0) {
            Some((k, v)) => {
                let join =
                    |old: Tensor, new: &Tensor| Tensor::cat(&[&old.narrow(1, 0, seen)?, new], 1);
                (join(k, &keys)?, join(v, &values)?)
            }
            None => (keys, values),
        };
        self.0 = Some(joined.clone());
        Ok(joined)
    }
}

impl KvCache {
    /// Nothing read yet, by a model on the processor.
    pub(crate) fn new(config: &DecoderConfig) -> Self {
        let layers = vec![Vec::new(); config.layers];
        Self {
            layers,
            tensors: Vec::new(),
            heads: config.kv_heads,
            head_size: config.head_size,
            len: 0,
        }
    }

    /// Nothing read yet, by a model on a device.
    pub(crate) fn on_device(config: &DecoderConfig) -> Self {
        let tensors = vec![TensorCache::default(); config.layers];
        Self {
            layers: Vec::new(),
            tensors,
            heads: config.kv_heads,
            head_size: config.head_size,
            len: 0,
        }
    }

    /// Whether it belongs to a model on the processor.
    pub(crate) fn is_on_processor(&self) -> bool {
        self.tensors.is_empty()
    }

    /// Tokens read.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets everything after the first `len` tokens; nothing happens where there are fewer.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.len = len;
            for blocks in &mut self.layers {
                blocks.truncate(len.div_ceil(BLOCK));
            }
        }
    }

    /// Bytes of the keys and values of the tokens read, what is shared with other caches included.
    pub fn bytes(&self) -> usize {
        let layers = self.layers.len().max(self.tensors.len());
        2 * 4 * layers * self.heads * self.head_size * self.len
    }

    /// A layer on a device.
    pub(crate) fn tensors(&mut self, layer: usize) -> &mut TensorCache {
        &mut self.tensors[layer]
    }

    /// Blocks of a layer.
    pub(crate) fn layer(&self, layer: usize) -> &[Arc<KvBlock>] {
        &self.layers[layer]
    }

    /// Writes rows of keys and values (`kv heads × head size` each) after the tokens read, without counting them yet.
    pub(crate) fn write(&mut self, layer: usize, keys: &[f32], values: &[f32]) {
        let row = self.heads * self.head_size;
        let blocks = &mut self.layers[layer];
        for (i, (keys, values)) in keys
            .chunks_exact(row)
            .zip(values.chunks_exact(row))
            .enumerate()
        {
            let position = self.len + i;
            if position / BLOCK == blocks.len() {
                blocks.push(Arc::new(KvBlock {
                    keys: vec![0.0; row * BLOCK],
                    values: vec![0.0; row * BLOCK],
                }));
            }
            let block = Arc::make_mut(&mut blocks[position / BLOCK]);
            for head in 0..self.heads {
                let from = head * self.head_size..(head + 1) * self.head_size;
                let at = (head * BLOCK + position % BLOCK) * self.head_size;
                block.keys[at..at + self.head_size].copy_from_slice(&keys[from.clone()]);
                block.values[at..at + self.head_size].copy_from_slice(&values[from]);
            }
        }
    }

    /// Counts tokens whose keys and values all layers have written.
    pub(crate) fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }
}
