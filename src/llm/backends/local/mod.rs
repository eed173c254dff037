//! A checkpoint that runs in this process.

mod backend;
mod convert;
mod pacing;
#[cfg(test)]
mod tests;

pub use backend::{Local, LocalSettings};
