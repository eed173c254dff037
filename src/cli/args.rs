//! The arguments, as clap reads them.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

#[cfg(feature = "local")]
use super::model;
use super::{
    benchmark, compare, convert, doctor, explain, inspect, knowledge, literature, plan, recurrence,
    replay, replicate, report, resume, review, run, runs, simulate, tools, why, workflow,
};

const AFTER_HELP: &str = "\
Examples:
  proteus run proteinGroups.txt --samples design.tsv
  proteus inspect my-experiment/        what was read, inferred and found doubtful
  proteus explain 1                     the first hypothesis, down to the cells of the table

Exit codes: 0 done (finding nothing is a result), 2 bad input or configuration, 3 a model or
service that was needed could not be asked, 4 stopped early with partial results kept, 70 a bug
in Proteus.";

/// Finds error-controlled hypotheses in a proteomics table; with no model and no network unless asked for.
#[derive(Debug, Parser)]
#[command(name = "proteus", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(super) struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Folder whose workflows/, reports/ and datasets/knowledge/ shadow those of the binary
    #[arg(long, global = true, value_name = "DIR")]
    pub content: Option<PathBuf>,
    /// Print results only: no progress, no notes
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show every step, also those taken from the cache
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Use at most N threads [default: as many as there are cores]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read a dataset and find hypotheses in it
    Run(Box<run::RunArgs>),
    /// Show what is read from a dataset, what is inferred and what is doubtful
    Inspect(inspect::InspectArgs),
    /// Write what any reader gives as Parquet, with its sample sheet and all that was inferred
    Convert(convert::ConvertArgs),
    /// Show the objectives and the graph of analyses for each, without running them
    Plan(plan::PlanArgs),
    /// Print or write the report of a run
    Report(report::ReportArgs),
    /// Follow a hypothesis down to the cells of the input table
    Explain(explain::ExplainArgs),
    /// Show why a hypothesis has its grade: every requirement, met or not
    Why(why::WhyArgs),
    /// Show what became of a protein or set: which test it failed, or why it was never asked
    WhyNot(why::WhyNotArgs),
    /// Score the hypotheses of a run: a review room in the browser, sheets, agreement
    Review(review::ReviewArgs),
    /// Set two runs side by side: settings, inputs, hypotheses, effects, and why they disagree
    Compare(compare::CompareArgs),
    /// Show which hypotheses come back over several runs on the same input: other seeds, other models
    Recurrence(recurrence::RecurrenceArgs),
    /// Test the hypotheses of a run in a second cohort
    Replicate(replicate::ReplicateArgs),
    /// Continue a run that was interrupted; of a finished one, take up what its reviewers propose, in runs beside it
    Resume(resume::ResumeArgs),
    /// Repeat a finished run from its record, with no model and no network, and compare it byte by byte
    Replay(replay::ReplayArgs),
    /// List, show, compare runs; clear the cache of what none of them needs
    Runs(runs::RunsArgs),
    /// List, show or run single analyses
    Tools(tools::ToolsArgs),
    /// List, show, check or run workflows
    Workflow(workflow::WorkflowArgs),
    /// List the knowledge packs
    Knowledge(knowledge::KnowledgeArgs),
    /// A store of abstracts of one's own: fill it, search it
    Literature(literature::LiteratureArgs),
    /// Write an experiment with planted biology and faults, and its answer key
    Simulate(simulate::SimulateArgs),
    /// Measure how often the engine is right: experiments with a known answer, nulls, real datasets
    Benchmark(benchmark::BenchmarkArgs),
    /// Local language models: what a file is, what it writes, a server for other programs
    #[cfg(feature = "local")]
    Model(model::ModelArgs),
    /// Check that this installation is complete
    Doctor(doctor::DoctorArgs),
    /// Serve the engine to an MCP client, over standard input and output
    #[cfg(feature = "mcp")]
    Mcp(super::mcp::McpArgs),
}

/// The command line as clap knows it, for documentation and its tests.
pub fn command() -> clap::Command {
    Cli::command()
}
