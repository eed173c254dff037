//! Weights from files: GGUF, and folders of safetensors.

pub(crate) mod device;
pub(crate) mod gguf;
pub(crate) mod names;
pub(crate) mod safetensors;
pub(crate) mod source;
