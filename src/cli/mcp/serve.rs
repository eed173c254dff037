//! The subcommand: what is served, until the client hangs up.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use rmcp::ServiceExt;
use rmcp::transport::io::stdio_pipes;

use super::calls::Engine;
use super::fence::Fence;
use super::server::Server;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;
use crate::cli::settings::Settings;

/// Arguments of `proteus mcp`.
#[derive(Debug, Args)]
pub(crate) struct McpArgs {
    /// Folder that datasets may be read from, with all below it
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// Parent folder of the runs [default: proteus-runs below the root]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Serves until standard input ends. Runs at work are then cancelled, which leaves them resumable.
pub(crate) fn run(args: &McpArgs, settings: &Settings) -> Result<Exit, Failure> {
    let fence = Fence::around(&args.root, args.out.as_deref())?;
    if !settings.quiet {
        output::note(&format!(
            "serving MCP on standard input and output: datasets below `{}`, runs in `{}`",
            fence.root().display(),
            fence.out().display()
        ));
        if std::io::stdin().is_terminal() {
            output::note(
                "hint: an MCP client starts this command and speaks to it; Ctrl-C ends it",
            );
        }
    }
    let server = Server::new(Engine::new(settings.clone(), fence)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::from_error(Exit::Bug, &error))?;
    // Dropping the runtime afterwards waits for the work that was cancelled.
    runtime.block_on(async {
        let serving = server
            .serve(stdio_pipes())
            .await
            .map_err(|error| no_client(&error))?;
        serving
            .waiting()
            .await
            .map_err(|error| Failure::from_error(Exit::Bug, &error))
    })?;
    Ok(Exit::Done)
}

/// The client spoke something else, or hung up before it said what it is.
fn no_client(error: &dyn std::error::Error) -> Failure {
    Failure::bad_input(
        format!("no MCP client on standard input: {error}"),
        "let an MCP client start `proteus mcp`; README.md shows how one is told to",
    )
}
