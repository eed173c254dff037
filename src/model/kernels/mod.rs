//! Products of quantised weights with activations, on the processor.
//!
//! Weights are kept once, in the bits of their file, with eight rows interleaved so that one vector instruction works on
//! eight outputs and nothing is summed across lanes ([`tiles`]). Activations are quantised to eight bits, as the formats'
//! reference implementation does ([`activations`]). Every kernel is written once over [`lanes::Lanes`]; AVX2 is picked
//! at run time, so a build for any x86-64 machine is as fast as one made on it.

pub(crate) mod activations;
pub(crate) mod elementwise;
pub(crate) mod float;
pub(crate) mod half_float;
pub(crate) mod lanes;
pub(crate) mod matrix;
pub(crate) mod pool;
pub(crate) mod q4;
pub(crate) mod q4_k;
pub(crate) mod q6_k;
pub(crate) mod q8_0;
pub(crate) mod tiles;

pub use matrix::{Format, Matrix};
pub use pool::Threads;

#[cfg(test)]
mod tests;
