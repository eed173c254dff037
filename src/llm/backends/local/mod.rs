//! A checkpoint that runs in this process.

mod backend;
mod convert;

pub use backend::{Local, LocalSettings};
