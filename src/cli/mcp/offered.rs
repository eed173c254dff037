//! The tools: names, descriptions, input schemas and what each calls.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};

use super::arguments::{
    AnalysisArguments, HypothesisArguments, InspectArguments, PlanArguments, ReportArguments,
    ResumeArguments, RunArguments, RunsArguments, WhyNotArguments, schema_of, with_params,
};
use crate::tool::Catalog;

/// What a tool calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    Inspect,
    Plan,
    Run,
    Resume,
    Report,
    Explain,
    Why,
    WhyNot,
    Runs,
    /// The analysis of this name.
    Analysis(String),
}

impl Call {
    /// Whether it computes for long; such calls take turns, since each uses every core.
    pub(super) fn takes_turns(&self) -> bool {
        matches!(self, Self::Run | Self::Resume | Self::Analysis(_))
    }
}

/// A tool with what it calls.
#[derive(Debug, Clone)]
pub(super) struct Offered {
    pub call: Call,
    pub tool: Tool,
}

/// Every tool: the subcommands, then the analyses in the order of the catalogue.
pub(super) fn all(catalog: &Catalog) -> Vec<Offered> {
    let mut all = vec![
        reading(
            Call::Inspect,
            "inspect",
            "Read a dataset and tell what it holds: files, assays (features × samples, scale, fraction missing), variables \
             of the samples with their roles, proposed comparisons, what was inferred and how to overrule it, and what is \
             doubtful. Computes no statistics. Use it first.",
            schema_of::<InspectArguments>(),
        ),
        reading(
            Call::Plan,
            "plan",
            "Show what a run would ask of a dataset and the graph of analyses for each objective, without running them. With \
             `question`, what each word was taken for and what was left out.",
            schema_of::<PlanArguments>(),
        ),
        writing(
            Call::Run,
            "run",
            "Find hypotheses in a dataset with their error rates measured on decoys; writes a run folder and its report. Takes \
             seconds to minutes; tells progress per stage. Gives the same summary as `report`. Effects are log2 fold changes \
             (target − reference) unless a unit says otherwise; q is the false discovery rate over everything that was asked. \
             supported: q ≤ 0.05 and every check met; suggestive: q ≤ 0.25; exploratory: not error-controlled. Finding \
             nothing is a result. Cancelling leaves a run that `resume` continues.",
            schema_of::<RunArguments>(),
        ),
        writing(
            Call::Resume,
            "resume",
            "Continue a run that was cancelled or interrupted, to the same result as if it had not been.",
            schema_of::<ResumeArguments>(),
        ),
        reading(
            Call::Report,
            "report",
            "The result of a finished run: by default a summary with the verdict on the data and the first 10 hypotheses \
             (grade, q, effect with 95 % interval where there is one, sentence); or the whole report.",
            schema_of::<ReportArguments>(),
        ),
        reading(
            Call::Explain,
            "explain",
            "Follow a hypothesis down to the cells of the input table: claim, findings, the step and row of every number, the \
             measured values per sample.",
            schema_of::<HypothesisArguments>(),
        ),
        reading(
            Call::Why,
            "why",
            "Why a hypothesis has its grade: every requirement, met or not, with the numbers.",
            schema_of::<HypothesisArguments>(),
        ),
        reading(
            Call::WhyNot,
            "why_not",
            "What became of a protein, gene or set in a run: which test it failed and by which rule, or why it was never asked.",
            schema_of::<WhyNotArguments>(),
        ),
        reading(
            Call::Runs,
            "runs",
            "List the runs made so far, the newest last: name, dataset, state.",
            schema_of::<RunsArguments>(),
        ),
    ];
    let arguments = schema_of::<AnalysisArguments>();
    all.extend(catalog.iter().map(|entry| {
        let spec = &entry.spec;
        reading(
            Call::Analysis(spec.name.clone()),
            &format!("tool_{}", spec.name),
            &format!(
                "{} One analysis with the steps before it, outside a run: its p-values are not corrected for what else was \
                 asked, and no hypothesis follows from it.",
                spec.summary.trim()
            ),
            with_params(arguments.clone(), &entry.params_schema),
        )
    }));
    all
}

/// A tool that changes nothing.
fn reading(call: Call, name: &str, description: &str, schema: JsonObject) -> Offered {
    offered(
        call,
        name,
        description,
        schema,
        ToolAnnotations::new().read_only(true),
    )
}

/// A tool that adds a run folder, or to one.
fn writing(call: Call, name: &str, description: &str, schema: JsonObject) -> Offered {
    let adds = ToolAnnotations::new().read_only(false).destructive(false);
    offered(call, name, description, schema, adds)
}

fn offered(
    call: Call,
    name: &str,
    description: &str,
    schema: JsonObject,
    annotations: ToolAnnotations,
) -> Offered {
    let tool = Tool::new(name.to_owned(), description.to_owned(), Arc::new(schema))
        .with_annotations(annotations.open_world(false));
    Offered { call, tool }
}
