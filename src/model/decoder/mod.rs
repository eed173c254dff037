//! Decoders: tokens in, logits out.

pub(crate) mod attention;
pub mod config;
pub mod device;
pub mod kv;
pub(crate) mod layer;
pub mod rope;
pub mod transformer;

pub use config::{Architecture, DecoderConfig};
pub use device::DeviceTransformer;
pub use kv::KvCache;
pub use rope::{Rope, RopePairs};
pub use transformer::{Decoder, Transformer};
