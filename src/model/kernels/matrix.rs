//! A matrix of weights and its product with rows of activations.

use std::cell::OnceCell;

use super::activations::{Activations, BLOCK, SUPER_BLOCK};
use super::lanes::{Lanes, Portable};
use super::pool::Threads;
use super::tiles::{self, ROWS};
use super::{float, q4, q4_k, q6_k, q8_0};
use crate::error::ModelError;

/// Rows of activations that a kernel works on at once.
pub(crate) const TILE: usize = 16;

/// How weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Single precision.
    F32,
    /// Half precision.
    F16,
    /// Brain floating point.
    Bf16,
    /// Eight bits, one scale per 32 weights.
    Q8_0,
    /// Four bits, one scale per 32 weights.
    Q4_0,
    /// Four bits, one scale and one offset per 32 weights.
    Q4_1,
    /// Four bits, super-blocks of 256.
    Q4K,
    /// Six bits, super-blocks of 256.
    Q6K,
}

impl Format {
    /// Bytes of one weight, on average, as it is kept in memory.
    pub fn bytes_per_weight(self) -> f64 {
        match self {
            Self::F32 => 4.0,
            Self::F16 | Self::Bf16 => 2.0,
            Self::Q8_0 => tiles::q8_0::TILE_BYTES as f64 / (ROWS * tiles::q8_0::VALUES) as f64,
            Self::Q4_0 | Self::Q4_1 => {
                tiles::q4::TILE_BYTES as f64 / (ROWS * tiles::q4::VALUES) as f64
            }
            Self::Q4K => tiles::q4_k::TILE_BYTES as f64 / (ROWS * tiles::q4_k::VALUES) as f64,
            Self::Q6K => tiles::q6_k::TILE_BYTES as f64 / (ROWS * tiles::q6_k::VALUES) as f64,
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Q8_0 => "Q8_0",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q4K => "Q4_K",
            Self::Q6K => "Q6_K",
        })
    }
}

enum Data {
    Single(Vec<f32>),
    Half(Vec<u16>),
    Tiles(Vec<u8>),
}

/// A `rows × columns` matrix of weights; a product takes activations of `columns` to outputs of `rows`.
pub struct Matrix {
    rows: usize,
    columns: usize,
    format: Format,
    data: Data,
}

/// Activations of one or several positions, quantised at most once however many matrices they meet.
pub(crate) struct Input<'a> {
    x: &'a [f32],
    width: usize,
    blocks: OnceCell<Activations>,
    super_blocks: OnceCell<Activations>,
}

impl<'a> Input<'a> {
    /// Rows of `width` activations.
    pub(crate) fn new(x: &'a [f32], width: usize) -> Self {
        Self {
            x,
            width,
            blocks: OnceCell::new(),
            super_blocks: OnceCell::new(),
        }
    }

    fn rows(&self) -> usize {
        self.x.len() / self.width
    }

    fn quantised<L: Lanes>(&self, lanes: L, block: usize) -> &Activations {
        let cell = if block == BLOCK {
            &self.blocks
        } else {
            &self.super_blocks
        };
        cell.get_or_init(|| Activations::new(lanes, self.x, self.width, block))
    }
}

impl Matrix {
    /// Weights in single precision, row after row.
    ///
    /// # Errors
    /// If there are not `rows × columns` of them.
    pub fn from_f32(weights: Vec<f32>, rows: usize, columns: usize) -> Result<Self, ModelError> {
        check(weights.len(), rows * columns, "weights")?;
        Ok(Self {
            rows,
            columns,
            format: Format::F32,
            data: Data::Single(weights),
        })
    }

    /// Weights of 16 bits, row after row.
    ///
    /// # Errors
    /// If there are not `rows × columns` of them, or `format` is not one of 16 bits.
    pub fn from_half(
        bits: Vec<u16>,
        format: Format,
        rows: usize,
        columns: usize,
    ) -> Result<Self, ModelError> {
        check(bits.len(), rows * columns, "weights")?;
        if !matches!(format, Format::F16 | Format::Bf16) {
            return Err(ModelError::invalid(format!(
                "format `{format}` does not have 16 bits"
            )));
        }
        Ok(Self {
            rows,
            columns,
            format,
            data: Data::Half(bits),
        })
    }

    /// Weights in the blocks of a GGUF file, row after row.
    ///
    /// # Errors
    /// If a row is no whole number of blocks, or the bytes are not those of `rows × columns` weights.
    pub fn from_blocks(
        bytes: &[u8],
        format: Format,
        rows: usize,
        columns: usize,
    ) -> Result<Self, ModelError> {
        type Pack = fn(&[&[u8]; ROWS], &mut Vec<u8>);
        let (values, block, tile, pack): (usize, usize, usize, Pack) = match format {
            Format::Q8_0 => {
                use tiles::q8_0::{BLOCK_BYTES, TILE_BYTES, VALUES, pack};
                (VALUES, BLOCK_BYTES, TILE_BYTES, pack)
            }
            Format::Q4_0 => {
                use tiles::q4::{BLOCK_BYTES_0, TILE_BYTES, VALUES, pack_0};
                (VALUES, BLOCK_BYTES_0, TILE_BYTES, pack_0)
            }
            Format::Q4_1 => {
                use tiles::q4::{BLOCK_BYTES_1, TILE_BYTES, VALUES, pack_1};
                (VALUES, BLOCK_BYTES_1, TILE_BYTES, pack_1)
            }
            Format::Q4K => {
                use tiles::q4_k::{BLOCK_BYTES, TILE_BYTES, VALUES, pack};
                (VALUES, BLOCK_BYTES, TILE_BYTES, pack)
            }
            Format::Q6K => {
                use tiles::q6_k::{BLOCK_BYTES, TILE_BYTES, VALUES, pack};
                (VALUES, BLOCK_BYTES, TILE_BYTES, pack)
            }
            Format::F32 | Format::F16 | Format::Bf16 => {
                return Err(ModelError::invalid(format!(
                    "format `{format}` has no blocks"
                )));
            }
        };
        if !columns.is_multiple_of(values) {
            return Err(ModelError::invalid(format!(
                "rows of {columns} weights are no whole blocks of {values}"
            )));
        }
        let row_bytes = columns / values * block;
        check(bytes.len(), rows * row_bytes, "bytes of weights")?;
        let groups = rows.div_ceil(ROWS);
        let mut data = Vec::with_capacity(groups * (columns / values) * tile);
        let nothing = vec![0u8; row_bytes];
        for group in 0..groups {
            let source: [&[u8]; ROWS] = std::array::from_fn(|r| {
                let row = group * ROWS + r;
                if row < rows {
                    &bytes[row * row_bytes..(row + 1) * row_bytes]
                } else {
                    nothing.as_slice()
                }
            });
            for b in 0..columns / values {
                pack(
                    &source.map(|row| &row[b * block..(b + 1) * block]),
                    &mut data,
                );
            }
        }
        Ok(Self {
            rows,
            columns,
            format,
            data: Data::Tiles(data),
        })
    }

    /// Outputs of a product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Inputs of a product.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How the weights are kept.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        match &self.data {
            Data::Single(data) => 4 * data.len(),
            Data::Half(data) => 2 * data.len(),
            Data::Tiles(data) => data.len(),
        }
    }

    /// One row in single precision; an embedding. `out` has `columns` values.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        let span = row * self.columns..(row + 1) * self.columns;
        match (&self.data, self.format) {
            (Data::Single(data), _) => out.copy_from_slice(&data[span]),
            (Data::Half(data), Format::F16) => float::widen_f16(&data[span], out),
            (Data::Half(data), _) => float::widen_bf16(&data[span], out),
            (Data::Tiles(data), format) => {
                let bytes = data.len() / self.rows.div_ceil(ROWS);
                let group = &data[row / ROWS * bytes..(row / ROWS + 1) * bytes];
                match format {
                    Format::Q4K => q4_k::dequantise(group, row % ROWS, out),
                    Format::Q6K => q6_k::dequantise(group, row % ROWS, out),
                    Format::Q4_0 | Format::Q4_1 => q4::dequantise(group, row % ROWS, out),
                    _ => q8_0::dequantise(group, row % ROWS, out),
                }
            }
        }
    }

    /// Products with every row of `input`: `out` is `input rows × rows`.
    pub(crate) fn product(&self, threads: &Threads, input: &Input<'_>, out: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(lanes) = pulp::x86::V3::try_new() {
            return self.product_with(lanes, threads, input, out);
        }
        self.product_with(Portable, threads, input, out);
    }

    /// The product with given instructions.
    pub(crate) fn product_with<L: Lanes + Sync>(
        &self,
        lanes: L,
        threads: &Threads,
        input: &Input<'_>,
        out: &mut [f32],
    ) {
        let count = input.rows();
        match &self.data {
            Data::Single(data) => {
                let columns = self.columns;
                transposed(out, count, self.rows, 1, |scratch| {
                    threads.fill(scratch, count, |first, out| {
                        lanes.run(
                            #[inline(always)]
                            || {
                                for (i, out) in out.chunks_exact_mut(count).enumerate() {
                                    let row =
                                        &data[(first + i) * columns..(first + i + 1) * columns];
                                    float::row_product(row, input.x, out);
                                }
                            },
                        );
                    });
                });
            }
            Data::Half(data) => {
                let columns = self.columns;
                let half = self.format == Format::F16;
                transposed(out, count, self.rows, 1, |scratch| {
                    threads.fill(scratch, count, |first, out| {
                        let mut wide = vec![0f32; columns];
                        lanes.run(
                            #[inline(always)]
                            || {
                                for (i, out) in out.chunks_exact_mut(count).enumerate() {
                                    let row =
                                        &data[(first + i) * columns..(first + i + 1) * columns];
                                    if half {
                                        float::widen_f16(row, &mut wide);
                                    } else {
                                        float::widen_bf16(row, &mut wide);
                                    }
                                    float::row_product(&wide, input.x, out);
                                }
                            },
                        );
                    });
                });
            }
            Data::Tiles(data) => {
                let k_quants = matches!(self.format, Format::Q4K | Format::Q6K);
                let block = if k_quants { SUPER_BLOCK } else { BLOCK };
                let x = input.quantised(lanes, block);
                let group_bytes = data.len() / self.rows.div_ceil(ROWS);
                transposed(out, count, self.rows, ROWS, |scratch| {
                    threads.fill(scratch, count * ROWS, |first, out| {
                        for (i, out) in out.chunks_exact_mut(count * ROWS).enumerate() {
                            let group =
                                &data[(first + i) * group_bytes..(first + i + 1) * group_bytes];
                            let (out, _) = out.as_chunks_mut::<ROWS>();
                            for (tile, out) in out.chunks_mut(TILE).enumerate() {
                                let (at, rows) = (tile * TILE, out.len());
                                match self.format {
                                    Format::Q4K => lanes.run(
                                        #[inline(always)]
                                        || q4_k::product(lanes, group, x, at, rows, out),
                                    ),
                                    Format::Q6K => lanes.run(
                                        #[inline(always)]
                                        || q6_k::product(lanes, group, x, at, rows, out),
                                    ),
                                    Format::Q4_0 | Format::Q4_1 => lanes.run(
                                        #[inline(always)]
                                        || q4::product(lanes, group, x, at, rows, out),
                                    ),
                                    _ => lanes.run(
                                        #[inline(always)]
                                        || q8_0::product(lanes, group, x, at, rows, out),
                                    ),
                                }
                            }
                        }
                    });
                });
            }
        }
    }
}

/// Has `work` fill groups of `unit` outputs, position after position within a group, and sorts them into rows.
fn transposed(
    out: &mut [f32],
    count: usize,
    rows: usize,
    unit: usize,
    work: impl FnOnce(&mut [f32]),
) {
    let groups = rows.div_ceil(unit);
    if count == 1 && groups * unit == rows {
        return work(out);
    }
    let mut scratch = vec![0f32; groups * unit * count];
    work(&mut scratch);
    for (m, out) in out.chunks_exact_mut(rows).enumerate() {
        for (g, out) in out.chunks_mut(unit).enumerate() {
            let at = (g * count + m) * unit;
            out.copy_from_slice(&scratch[at..at + out.len()]);
        }
    }
}

fn check(found: usize, wanted: usize, what: &str) -> Result<(), ModelError> {
    if found == wanted {
        Ok(())
    } else {
        Err(ModelError::invalid(format!(
            "{found} {what} where {wanted} belong"
        )))
    }
}
