//! `proteus mcp`: the engine as a server of the Model Context Protocol, over standard input and output.
//!
//! Standard output belongs to the protocol; notes go to standard error. Every tool calls what the subcommand of its name
//! calls, so that checks, results and errors are those of the command line. `server` speaks the protocol (rmcp), `offered`
//! lists the tools, `arguments` are their inputs as types, `fence` keeps reading below one folder, `calls` and `running` do
//! the work, `watched` carries progress out and a cancellation in, `answer` makes results of it.
//!
//! Invariants: nothing outside the served folder and the folder of runs is read; no model is asked and nothing is sent;
//! names of a blind run are never shown; a failed, cancelled or panicking call ends that call alone.

mod answer;
mod arguments;
mod calls;
mod fence;
mod offered;
mod running;
mod serve;
mod server;
mod summary;
mod watched;

pub(super) use serve::{McpArgs, run};
