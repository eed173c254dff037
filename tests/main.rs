//! Integration tests, one binary.

mod run_store;
