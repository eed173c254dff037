//! A checkpoint that runs in this process.

mod backend;
mod convert;
#[cfg(test)]
mod tests;

pub use backend::{Local, LocalSettings};
