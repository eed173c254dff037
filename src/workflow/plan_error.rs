//! What can be wrong with a workflow, found before anything runs. Each names the step and how to mend it.

/// One fault of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Nothing to do.
    #[error("the workflow has no steps\nhint: list at least one under `steps`")]
    Empty,
    /// An id that cannot name a step.
    #[error(
        "`{step}` cannot name a step\nhint: use lower-case letters, digits and `_`; `dataset` is taken"
    )]
    StepName {
        /// The id.
        step: String,
    },
    /// Two steps of one id.
    #[error("two steps are named `{step}`\nhint: give each its own id")]
    DuplicateStep {
        /// The id.
        step: String,
    },
    /// No such tool.
    #[error("step `{step}`: no tool `{tool}`{}", did_you_mean(nearest))]
    UnknownTool {
        /// The step.
        step: String,
        /// The tool asked for.
        tool: String,
        /// The tool most like it.
        nearest: Option<String>,
    },
    /// The tool has no such input.
    #[error(
        "step `{step}`: `{tool}` has no input `{port}`; it has {}",
        list(known)
    )]
    UnknownPort {
        /// The step.
        step: String,
        /// Its tool.
        tool: String,
        /// The port asked for.
        port: String,
        /// The ports there are.
        known: Vec<String>,
    },
    /// A needed input is not connected.
    #[error(
        "step `{step}`: input `{port}` of `{tool}` is not connected: {description}\nhint: add `{port}: <step>.<output>` under `inputs`"
    )]
    MissingInput {
        /// The step.
        step: String,
        /// Its tool.
        tool: String,
        /// The port.
        port: String,
        /// What it expects.
        description: String,
    },
    /// The source is no step and no assay.
    #[error(
        "step `{step}`: input `{port}` comes from `{source_name}`, which does not exist{}",
        did_you_mean(nearest)
    )]
    UnknownSource {
        /// The step.
        step: String,
        /// The port.
        port: String,
        /// The step or assay asked for.
        source_name: String,
        /// What is most like it.
        nearest: Option<String>,
    },
    /// The source step has no such output.
    #[error(
        "step `{step}`: input `{port}` comes from `{source_name}`, but that step's outputs are {}",
        list(known)
    )]
    UnknownOutput {
        /// The step.
        step: String,
        /// The port.
        port: String,
        /// The output asked for.
        source_name: String,
        /// The outputs there are.
        known: Vec<String>,
    },
    /// A table where a matrix is needed, or the other way round.
    #[error("step `{step}`: input `{port}` needs a {needs}, and `{source_name}` is a {found}")]
    WrongKind {
        /// The step.
        step: String,
        /// The port.
        port: String,
        /// The output it is connected to.
        source_name: String,
        /// What is needed.
        needs: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// Rows that the tool cannot work on.
    #[error(
        "step `{step}`: `{tool}` works on {}, and the rows of `{assay}` are {found}\nhint: give the table of proteins of the same search, or declare `level:` of the table in `dataset.yaml` if its rows are something else",
        needs.join(", ")
    )]
    WrongLevel {
        /// The step.
        step: String,
        /// Its tool.
        tool: String,
        /// The assay its inputs come from.
        assay: String,
        /// What the rows are.
        found: &'static str,
        /// What they may be.
        needs: Vec<&'static str>,
    },
    /// A table without the needed columns.
    #[error(
        "step `{step}`: input `{port}` needs the columns {}, which `{source_name}` does not have; it has {}",
        list(missing),
        list(found)
    )]
    MissingColumns {
        /// The step.
        step: String,
        /// The port.
        port: String,
        /// The table it is connected to.
        source_name: String,
        /// Needed and not there.
        missing: Vec<String>,
        /// What is there.
        found: Vec<String>,
    },
    /// The tool has no such parameter.
    #[error(
        "step `{step}`: `{tool}` has no parameter `{param}`{}",
        did_you_mean(nearest)
    )]
    UnknownParam {
        /// The step.
        step: String,
        /// Its tool.
        tool: String,
        /// The parameter.
        param: String,
        /// The parameter most like it.
        nearest: Option<String>,
    },
    /// A parameter of the wrong type or out of range.
    #[error(
        "step `{step}`: parameter `{param}` of `{tool}`: {reason}\nhint: `proteus tools show {tool}` lists its parameters"
    )]
    InvalidParam {
        /// The step.
        step: String,
        /// Its tool.
        tool: String,
        /// The parameter, as a path.
        param: String,
        /// What the schema says.
        reason: String,
    },
    /// A placeholder that nothing fills.
    #[error(
        "step `{step}`: parameter `{param}` holds the placeholder `{placeholder}`, which nothing fills\nhint: placeholders are {}",
        list(known)
    )]
    UnresolvedPlaceholder {
        /// The step.
        step: String,
        /// The parameter.
        param: String,
        /// The placeholder.
        placeholder: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A variable that the sample sheet does not have.
    #[error(
        "step `{step}`: parameter `{param}` names `{variable}`, which is no variable of these samples{}",
        did_you_mean(nearest)
    )]
    UnknownVariable {
        /// The step.
        step: String,
        /// The parameter.
        param: String,
        /// The variable.
        variable: String,
        /// The variable most like it.
        nearest: Option<String>,
    },
    /// A contrast that these samples do not have.
    #[error("step `{step}`: parameter `{param}`: {reason}\nhint: {hint}")]
    UnknownContrast {
        /// The step.
        step: String,
        /// The parameter.
        param: String,
        /// What was looked for and found.
        reason: String,
        /// What to write instead.
        hint: String,
    },
    /// A condition on a level that no sample has.
    #[error(
        "step `{step}`: parameter `{param}`: `{variable}` has no level `{level}`; it has {}",
        list(known)
    )]
    UnknownLevel {
        /// The step.
        step: String,
        /// The parameter.
        param: String,
        /// The variable.
        variable: String,
        /// The level.
        level: String,
        /// The levels there are.
        known: Vec<String>,
    },
    /// Steps that wait for each other.
    #[error(
        "the steps {} wait for each other\nhint: one of them must take another input",
        list(steps)
    )]
    Cycle {
        /// The steps.
        steps: Vec<String>,
    },
}

impl PlanError {
    /// The step it is about, of several the first; none where it is about the whole workflow.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Empty => None,
            Self::Cycle { steps } => steps.first().map(String::as_str),
            Self::StepName { step }
            | Self::DuplicateStep { step }
            | Self::UnknownTool { step, .. }
            | Self::UnknownPort { step, .. }
            | Self::MissingInput { step, .. }
            | Self::UnknownSource { step, .. }
            | Self::UnknownOutput { step, .. }
            | Self::WrongKind { step, .. }
            | Self::WrongLevel { step, .. }
            | Self::MissingColumns { step, .. }
            | Self::UnknownParam { step, .. }
            | Self::InvalidParam { step, .. }
            | Self::UnresolvedPlaceholder { step, .. }
            | Self::UnknownVariable { step, .. }
            | Self::UnknownContrast { step, .. }
            | Self::UnknownLevel { step, .. } => Some(step),
        }
    }

    /// Whether both say the same of the rows of an assay, whatever the step.
    pub(super) fn same_level(&self, other: &Self) -> bool {
        let said = |e: &Self| match e {
            Self::WrongLevel { assay, needs, .. } => Some((assay.clone(), needs.clone())),
            _ => None,
        };
        said(self).is_some() && said(self) == said(other)
    }
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map_or_else(String::new, |n| format!("\nhint: did you mean `{n}`?"))
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    quoted.join(", ")
}

/// The candidate most like `wanted`, if any is alike enough to suggest.
pub(super) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let wanted = wanted.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(&wanted, &c.to_lowercase()), c))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, c)| c.to_owned())
}
