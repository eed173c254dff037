//! Running one step: the tool on its inputs, with whatever goes wrong brought into one form.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde_json::Value;

use super::PlannedStep;
use crate::dataset::{Dataset, Feature};
use crate::tool::{Abundance, CatalogEntry, TablesOfP, ToolError, ToolInput, ToolOutput};

/// A matrix of the dataset as tools take it: the named assay, or the main one, without the members of its rows, which stay
/// with the dataset. None where there is no such assay.
pub fn dataset_matrix(dataset: &Dataset, assay: Option<&str>) -> Option<Abundance> {
    let assay = match assay {
        Some(name) => dataset.assays.get(name)?,
        None => dataset.assay(),
    };
    Some(Abundance {
        level: assay.level,
        quantity: assay.quantity,
        features: Arc::new(
            assay
                .features
                .iter()
                .map(|f| Feature {
                    members: Vec::new(),
                    ..f.clone()
                })
                .collect(),
        ),
        samples: Arc::new(dataset.samples.ids.clone()),
        values: assay.values.clone(),
    })
}

/// Runs the tool of a step. A panic becomes [`ToolError::Internal`], and so does an output that the manifest does not
/// declare.
pub(super) fn run_tool(
    step: &PlannedStep,
    entry: &CatalogEntry,
    input: &ToolInput<'_>,
) -> Result<ToolOutput, ToolError> {
    let params = Value::Object(step.params.clone());
    let output = caught(step, || entry.tool.run_json(input, &params))?;
    for (port, artifact) in &output.artifacts {
        let declared = entry.spec.produces.get(port);
        if declared.is_none_or(|d| d.kind != artifact.kind()) {
            return Err(ToolError::Internal {
                reason: format!(
                    "`{}` gave the output `{port}`, which its manifest does not declare so",
                    step.tool
                ),
            });
        }
    }
    Ok(output)
}

/// The p-values alone of a step's `tables`; none where the tool has to be run for them.
pub(super) fn p_values_of_tool(
    step: &PlannedStep,
    entry: &CatalogEntry,
    input: &ToolInput<'_>,
    tables: &[&str],
) -> Result<Option<TablesOfP>, ToolError> {
    let params = Value::Object(step.params.clone());
    caught(step, || entry.tool.p_values_json(input, &params, tables))
}

/// What the tool of a step gives, a panic of it as an error.
fn caught<T>(
    step: &PlannedStep,
    call: impl FnOnce() -> Result<T, ToolError>,
) -> Result<T, ToolError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        Err(ToolError::Internal {
            reason: format!("`{}` panicked: {}", step.tool, panic_text(panic.as_ref())),
        })
    })
}

pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// What a step is told when an output it takes was not made.
pub(super) fn absent_input(port: &str, source: &super::Source) -> ToolError {
    ToolError::NotApplicable {
        needs: format!("`{source}` on input `{port}`"),
        found: "that the earlier step did not give it".to_owned(),
    }
}
