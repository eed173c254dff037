//! What the tools do: parse, hold paths to the fence, call what the subcommand calls.

use std::path::Path;
use std::sync::Arc;

use rmcp::model::JsonObject;
use serde_json::{Value, json};

use super::answer::Answer;
use super::arguments::{
    AnalysisArguments, Asking, DatasetChoice, FIRST, Form, HypothesisArguments, InspectArguments,
    MOST_ROWS, PlanArguments, ROWS, ReportArguments, RunsArguments, WhyNotArguments, parse,
};
use super::fence::Fence;
use super::offered::{self, Call, Offered};
use super::running;
use super::summary::Summary;
use super::watched::Watched;
use crate::agent::Request;
use crate::agent::retrace::{Retraced, why, why_not};
use crate::cli::failure::{Exit, Failure};
use crate::cli::input::DatasetArgs;
use crate::cli::settings::Settings;
use crate::cli::{explain, inspect, output, plan, report, runs, single, tools, why as told};
use crate::config::{Config, ConfigFile};
use crate::dataset::{Inspection, Role};
use crate::report::{json as report_json, markdown};
use crate::workflow::StepOutcome;

/// What every call works with.
pub(super) struct Engine {
    pub settings: Settings,
    pub fence: Fence,
    pub offered: Vec<Offered>,
}

/// The name of a run: that of its folder.
pub(super) fn named(folder: &Path) -> String {
    folder
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

impl Engine {
    /// Serves what the fence lets in.
    ///
    /// # Errors
    /// The catalogue does not parse.
    pub(super) fn new(settings: Settings, fence: Fence) -> Result<Self, Failure> {
        let offered = offered::all(&settings.catalog()?);
        Ok(Self {
            settings,
            fence,
            offered,
        })
    }

    /// The tool of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Offered> {
        self.offered
            .iter()
            .find(|offered| offered.tool.name == name)
    }

    /// Tells whoever started the server.
    pub(super) fn note(&self, text: &str) {
        if !self.settings.quiet {
            output::note(text);
        }
    }

    /// Carries out a call.
    ///
    /// # Errors
    /// As the subcommand of its name; a path leads outside; an argument is wrong; it was cancelled.
    pub(super) fn answer(
        &self,
        offered: &Offered,
        given: JsonObject,
        watched: &Arc<Watched>,
    ) -> Result<Answer, Failure> {
        let (tool, schema) = (
            offered.tool.name.as_ref(),
            offered.tool.input_schema.as_ref(),
        );
        match &offered.call {
            Call::Inspect => self.inspect(parse(tool, schema, given)?),
            Call::Plan => self.plan(parse(tool, schema, given)?),
            Call::Run => running::start(self, parse(tool, schema, given)?, watched),
            Call::Resume => running::resume(self, parse(tool, schema, given)?, watched),
            Call::Report => self.report(parse(tool, schema, given)?),
            Call::Explain => self.explain(parse(tool, schema, given)?),
            Call::Why => self.why(parse(tool, schema, given)?),
            Call::WhyNot => self.why_not(parse(tool, schema, given)?),
            Call::Runs => {
                let RunsArguments {} = parse(tool, schema, given)?;
                self.runs()
            }
            Call::Analysis(name) => self.analysis(name, parse(tool, schema, given)?),
        }
    }

    /// A dataset as the reader takes it, its paths below the served folder.
    fn dataset(
        &self,
        choice: &DatasetChoice,
        contrast: Option<&String>,
    ) -> Result<DatasetArgs, Failure> {
        let role = |(column, role): (&String, &String)| -> Result<(String, Role), Failure> {
            let known = role.parse().map_err(|error: String| {
                Failure::bad_input(
                    format!("`{role}` is no role of the column `{column}`: {error}"),
                    "`inspect` shows the roles that were inferred",
                )
            })?;
            Ok((column.clone(), known))
        };
        Ok(DatasetArgs {
            path: self.fence.dataset(&choice.path)?,
            samples: match &choice.samples {
                Some(samples) => Some(self.fence.file(samples)?),
                None => None,
            },
            contrasts: contrast.cloned().into_iter().collect(),
            roles: choice.roles.iter().map(role).collect::<Result<_, _>>()?,
            ignore: Vec::new(),
            keep_controls: false,
            technical_replicates: None,
            plex_reference: None,
        })
    }

    /// What a run or a plan is asked.
    ///
    /// # Errors
    /// A path leads outside, or a role is none.
    pub(super) fn request(&self, asking: &Asking) -> Result<Request, Failure> {
        let input = self.dataset(&asking.dataset, asking.contrast.as_ref())?;
        let config = Config::resolve(ConfigFile {
            contrasts: Some(input.contrasts.clone()),
            max_objectives: asking.max_objectives,
            question: asking.question.clone(),
            packs: asking.packs,
            ..ConfigFile::default()
        });
        Ok(Request {
            declared: input.declared(),
            samples: input.samples,
            ..Request::new(input.path, config)
        })
    }

    fn inspect(&self, arguments: InspectArguments) -> Result<Answer, Failure> {
        let dataset = self
            .dataset(&arguments.dataset, None)?
            .open(&self.settings)?;
        let seen = Inspection::of(&dataset);
        Answer::new(&seen, &inspect::in_words(&seen))
    }

    fn plan(&self, arguments: PlanArguments) -> Result<Answer, Failure> {
        let plans = plan::plans(&self.request(&arguments.asking)?, &self.settings)?;
        Answer::new(&plans, &plan::in_words(&plans))
    }

    fn report(&self, arguments: ReportArguments) -> Result<Answer, Failure> {
        let folder = self.fence.run(arguments.choice.run.as_deref())?;
        let model = report::load(&folder, &self.settings)?;
        match arguments.format {
            Form::Summary => {
                let first = arguments.first.unwrap_or(FIRST);
                let summary = Summary::of(&named(&folder), &model, first);
                Answer::new(&summary, &summary.in_words(&model, first))
            }
            Form::Json => {
                let mut whole: Value = serde_json::from_str(&report_json(&model)?)?;
                if let Some(Value::Array(hypotheses)) = whole.get_mut("hypotheses") {
                    hypotheses.truncate(arguments.first.unwrap_or(usize::MAX));
                }
                let text = whole.to_string();
                Answer::new(&whole, &text)
            }
            Form::Md => {
                let text = markdown(&model, &self.settings.content)?;
                Answer::new(&json!({"run": named(&folder), "markdown": text}), &text)
            }
        }
    }

    fn explain(&self, arguments: HypothesisArguments) -> Result<Answer, Failure> {
        let folder = self.fence.run(arguments.choice.run.as_deref())?;
        let model = report::load(&folder, &self.settings)?;
        let text = explain::in_words(&model, &arguments.hypothesis)?;
        let lines: Vec<&str> = text.lines().collect();
        Answer::new(&json!({"run": named(&folder), "chain": lines}), &text)
    }

    fn why(&self, arguments: HypothesisArguments) -> Result<Answer, Failure> {
        let folder = self.fence.run(arguments.choice.run.as_deref())?;
        let found = why(&Retraced::open(&folder)?, &arguments.hypothesis)?;
        Answer::new(&found, &told::requirements(&found))
    }

    fn why_not(&self, arguments: WhyNotArguments) -> Result<Answer, Failure> {
        let folder = self.fence.run(arguments.choice.run.as_deref())?;
        let catalog = self.settings.catalog()?;
        let only = arguments.contrast.as_deref();
        let found = why_not(&Retraced::open(&folder)?, &arguments.entity, only, &catalog)?;
        Answer::new(&found, &told::account(&found))
    }

    fn runs(&self) -> Result<Answer, Failure> {
        let found = runs::under(self.fence.out())?;
        let value = json!({"runs": found});
        let text = match found.is_empty() {
            true => "no run yet\n".to_owned(),
            false => runs::in_words(found),
        };
        Answer::new(&value, &text)
    }

    fn analysis(&self, name: &str, arguments: AnalysisArguments) -> Result<Answer, Failure> {
        let rows = arguments.rows.unwrap_or(ROWS);
        if !(1..=MOST_ROWS).contains(&rows) {
            return Err(Failure::bad_input(
                format!("`rows` is {rows}"),
                format!(
                    "give a number from 1 to {MOST_ROWS}; `proteus tools run --tables DIR` writes whole tables"
                ),
            ));
        }
        if arguments.variable.is_some() && arguments.contrast.is_some() {
            return Err(Failure::bad_input(
                "`contrast` and `variable` are both given",
                "give the one that the analysis is to test",
            ));
        }
        let input = self.dataset(&arguments.dataset, arguments.contrast.as_ref())?;
        let variable = arguments.variable.as_deref();
        let (execution, step) =
            tools::executed(name, &input, arguments.params, variable, &self.settings)?;
        match execution.outcomes.get(&step) {
            Some(StepOutcome::Done { output, .. }) => Answer::new(
                &single::value(output, rows),
                &single::in_words(&step, output, rows),
            ),
            Some(StepOutcome::Failed { error }) => Err(error.clone().into()),
            Some(StepOutcome::Skipped { because }) => {
                let earlier = execution
                    .failures()
                    .into_iter()
                    .find(|(step, _)| step == because);
                Err(Failure::Told {
                    exit: Exit::BadInput,
                    message: format!("`{name}` was not run, because `{because}` gave nothing"),
                    causes: earlier
                        .map(|(_, error)| error.to_string())
                        .into_iter()
                        .collect(),
                    hint: Some("`inspect` tells what is doubtful in the dataset".to_owned()),
                })
            }
            None => Err(Failure::bad_input(
                format!("`{name}` is not part of its own workflow"),
                "report this with the arguments",
            )),
        }
    }
}
