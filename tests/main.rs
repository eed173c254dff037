//! Integration tests, one binary.

mod layers;
mod run_store;
mod support;
