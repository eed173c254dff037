//! The command line, one file per subcommand.
//!
//! Results go to standard output and nothing else does; progress, warnings and errors go to standard error. An error is
//! `error:` and the value in backticks, then its causes, then `hint:` on a line of its own. Exit codes ([`Exit`]): 0 done
//! (finding nothing is a result), 2 bad input or configuration, 3 a model or service that was needed could not be asked, 4 stopped early with partial results kept, 70 a bug.
//!
//! Subcommands: `run`, `inspect`, `convert`, `plan`, `report`, `explain`, `why`, `why-not`, `review`, `compare`, `recurrence`, `replicate`, `replay`, `resume`,
//! `runs`, `tools`, `workflow`, `knowledge`, `literature`, `simulate`, `benchmark`, `model`, `doctor`, and with the feature of its name `mcp`. What they share: [`args`] (the arguments), [`entry`] (from arguments to an exit code), `settings`, `input`
//! (datasets), `single` (one workflow outside a run), `editing` and `approval` (what a person decides of a run), `encoder` (what puts papers in order), `progress`, `output`, `failure`.

pub mod args;
pub mod entry;

mod approval;
mod benchmark;
mod compare;
mod convert;
mod doctor;
mod editing;
mod encoder;
mod explain;
mod failure;
mod input;
mod inspect;
mod interrupt;
mod knowledge;
mod literature;
#[cfg(feature = "local")]
mod model;
#[cfg(feature = "mcp")]
mod mcp;
mod models;
mod output;
mod papers;
mod plan;
mod progress;
mod recurrence;
mod replay;
mod replicate;
mod report;
mod resume;
mod review;
mod run;
mod runs;
mod settings;
mod simulate;
mod single;
mod taking_up;
mod text_table;
mod tools;
mod why;
mod workflow;

pub use entry::main;
pub use failure::Exit;
