//! The `proteus` binary.
fn main() {}
