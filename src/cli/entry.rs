//! From arguments to an exit code.

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;

use super::args::{Cli, Command};
use super::failure::{Exit, Failure};
use super::settings::Settings;
use super::{
    benchmark, compare, convert, doctor, explain, inspect, knowledge, literature, plan, recurrence,
    replay, replicate, report, resume, review, run, runs, simulate, tools, why, workflow,
};

/// Where faults of Proteus are reported.
const ISSUES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// Runs the command line and gives the code the process ends with.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a reader that went away does not make them failures.
            let _ = error.print();
            let wrong = error.use_stderr();
            return ExitCode::from(if wrong { Exit::BadInput } else { Exit::Done }.code());
        }
    };
    announce_panics();
    let exit = match panic::catch_unwind(AssertUnwindSafe(|| dispatch(&cli))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            let _ = write!(io::stderr().lock(), "{failure}");
            failure.exit()
        }
        Err(_) => Exit::Bug,
    };
    ExitCode::from(exit.code())
}

fn dispatch(cli: &Cli) -> Result<Exit, Failure> {
    let settings = Settings::resolve(&cli.global)?;
    match &cli.command {
        Command::Run(args) => run::run(args, &settings),
        Command::Inspect(args) => inspect::run(args, &settings),
        Command::Convert(args) => convert::run(args),
        Command::Plan(args) => plan::run(args, &settings),
        Command::Report(args) => report::run(args, &settings),
        Command::Explain(args) => explain::run(args, &settings),
        Command::Why(args) => why::run(args),
        Command::WhyNot(args) => why::run_not(args, &settings),
        Command::Review(args) => review::run(args, &settings),
        Command::Compare(args) => compare::run(args, &settings),
        Command::Recurrence(args) => recurrence::run(args, &settings),
        Command::Replicate(args) => replicate::run(args, &settings),
        #[cfg(feature = "local")]
        Command::Model(args) => super::model::run(args, &settings),
        Command::Replay(args) => replay::run(args, &settings),
        Command::Resume(args) => resume::run(args, &settings),
        Command::Workflow(args) => workflow::run(args, &settings),
        Command::Runs(args) => runs::run(args, &settings),
        Command::Tools(args) => tools::run(args, &settings),
        Command::Knowledge(args) => knowledge::run(args, &settings),
        Command::Literature(args) => literature::run(args, &settings),
        Command::Simulate(args) => simulate::run(args, &settings),
        Command::Benchmark(args) => benchmark::run(args, &settings),
        Command::Doctor(args) => doctor::run(args, &settings),
        #[cfg(feature = "mcp")]
        Command::Mcp(args) => super::mcp::run(args, &settings),
    }
}

/// Replaces the text of a panic by what a user can do about it. Tools are caught and may panic often; once is enough.
fn announce_panics() {
    let told = AtomicBool::new(false);
    panic::set_hook(Box::new(move |info| {
        if crate::dataset::decoding() {
            return;
        }
        if told.swap(true, Ordering::Relaxed) {
            return;
        }
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" ({}:{})", l.file(), l.line()));
        let what = info.payload_as_str().unwrap_or("no message");
        let _ = writeln!(
            io::stderr().lock(),
            "error: a bug in Proteus {}: {what}{place}\nhint: report it at {ISSUES} with the command and this message",
            env!("CARGO_PKG_VERSION"),
        );
    }));
}
