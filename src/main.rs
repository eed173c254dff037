//! The `proteus` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    proteus::cli::main(std::env::args_os())
}
