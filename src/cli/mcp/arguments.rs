//! What the tools take, as types. Their JSON Schemas are what a client shows its model, so the comments on fields are part of
//! the interface.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::cli::failure::Failure;
use crate::config::DecoyBudget;

/// Hypotheses of a summary, where none are asked for.
pub(super) const FIRST: usize = 10;
/// Rows of each table of an analysis, where none are asked for.
pub(super) const ROWS: usize = 20;
/// Most rows of each table of an analysis.
pub(super) const MOST_ROWS: usize = 500;

/// A dataset below the served folder.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct DatasetChoice {
    /// Table, folder of tables, or folder with dataset.yaml; relative to the served folder, without `..`
    pub path: PathBuf,
    /// Sample sheet (CSV, TSV, workbook, SDRF), in place of the one found beside the table or declared
    #[serde(default)]
    pub samples: Option<PathBuf>,
    /// What columns of the sample sheet are, by column: condition, covariate, batch, plex, run_order, subject, replicate,
    /// technical_replicate, time, event, identifier or ignored. Default: inferred, and told by `inspect`
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
}

/// Arguments of `inspect`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct InspectArguments {
    #[serde(flatten)]
    pub dataset: DatasetChoice,
}

/// What a dataset is asked.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Asking {
    #[serde(flatten)]
    pub dataset: DatasetChoice,
    /// Ask only this, in words: name variables, groups, proteins, pathways. Default: all that the dataset allows
    #[serde(default)]
    pub question: Option<String>,
    /// One comparison, written `variable:target-reference`, for example `condition:treated-control`. Default: proposed from
    /// the samples
    #[serde(default)]
    pub contrast: Option<String>,
    /// Objectives pursued at most. Default: 12
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub max_objectives: Option<usize>,
    /// Whether knowledge packs (gene sets, complexes, interactions) are read. Default: true
    #[serde(default)]
    pub packs: Option<bool>,
}

/// Arguments of `plan`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct PlanArguments {
    #[serde(flatten)]
    pub asking: Asking,
}

/// Arguments of `run`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RunArguments {
    #[serde(flatten)]
    pub asking: Asking,
    /// Decoys per stratum of tests: `adaptive`, `full`, or a number from 1. The smallest q-value that can be shown is about
    /// strata / decoys. Default: adaptive
    #[serde(default)]
    pub decoys: Option<DecoyBudget>,
    /// Seed of everything random. Default: 1
    #[serde(default)]
    pub seed: Option<u64>,
    /// Whether genes, proteins and sets go by codes in all that is computed with and told. Default: false
    #[serde(default)]
    pub blind: Option<bool>,
}

/// A run, by name.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RunChoice {
    /// Name of the run, as `runs` lists it. Default: the newest
    #[serde(default)]
    pub run: Option<String>,
}

/// Arguments of `resume`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ResumeArguments {
    #[serde(flatten)]
    pub choice: RunChoice,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Form {
    /// Verdict on the data, counts by grade, and the first hypotheses with grade, q, effect and sentence
    #[default]
    Summary,
    /// The whole report as one JSON object; long, unless `first` is given
    Json,
    /// The whole report as Markdown; long
    Md,
}

/// Arguments of `report`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ReportArguments {
    #[serde(flatten)]
    pub choice: RunChoice,
    /// The form. Default: summary
    #[serde(default)]
    pub format: Form,
    /// Only the first so many hypotheses, by rank; for `summary` and `json`. Default: 10 for `summary`, all for `json`
    #[serde(default)]
    pub first: Option<usize>,
}

/// Arguments of `explain` and `why`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct HypothesisArguments {
    #[serde(flatten)]
    pub choice: RunChoice,
    /// Rank or id of the hypothesis, such as `7`, `H7` or `H-7816e804`
    pub hypothesis: String,
}

/// Arguments of `why_not`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct WhyNotArguments {
    #[serde(flatten)]
    pub choice: RunChoice,
    /// Gene symbol, accession, or name or id of a set
    pub entity: String,
    /// Only comparisons whose name holds this text. Default: all
    #[serde(default)]
    pub contrast: Option<String>,
}

/// Arguments of `runs`: none.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RunsArguments {}

/// Arguments of an analysis.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct AnalysisArguments {
    #[serde(flatten)]
    pub dataset: DatasetChoice,
    /// The comparison, written `variable:target-reference`; where the analysis takes one. Default: the first that fits
    #[serde(default)]
    pub contrast: Option<String>,
    /// The variable to test, where the analysis takes one and no comparison is given. Default: the first that fits
    #[serde(default)]
    pub variable: Option<String>,
    /// Parameters that differ from their defaults
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Rows of each table that are given, the first ones: from 1 to 500. Default: 20
    #[serde(default)]
    #[schemars(range(min = 1, max = 500))]
    pub rows: Option<usize>,
}

/// The JSON Schema of arguments, without references, refusing what is not in it.
pub(super) fn schema_of<T: JsonSchema>() -> JsonObject {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = match schema.to_value() {
        Value::Object(schema) => schema,
        // No type here has the schema `true`.
        _ => JsonObject::new(),
    };
    for field in ["title", "description"] {
        schema.remove(field);
    }
    schema
        .entry("properties")
        .or_insert_with(|| Value::Object(Map::new()));
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    schema
}

/// Puts the schema of an analysis' own parameters in place of that of `params`. What it refers to moves up to the root, where
/// its references look for it.
pub(super) fn with_params(mut schema: JsonObject, params: &Value) -> JsonObject {
    let mut params = params.clone();
    if let Some(fields) = params.as_object_mut() {
        for field in ["$schema", "title", "description"] {
            fields.remove(field);
        }
        if let Some(definitions) = fields.remove("$defs") {
            schema.insert("$defs".to_owned(), definitions);
        }
        fields.insert(
            "description".to_owned(),
            Value::from("Parameters that differ from their defaults"),
        );
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("params".to_owned(), params);
    }
    schema
}

/// Arguments as a client gave them.
///
/// # Errors
/// One is unknown, missing or of the wrong kind.
pub(super) fn parse<T: DeserializeOwned>(
    tool: &str,
    schema: &JsonObject,
    given: JsonObject,
) -> Result<T, Failure> {
    let known: Vec<&str> = match schema.get("properties") {
        Some(Value::Object(properties)) => properties.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let takes = || match known.is_empty() {
        true => format!("`{tool}` takes no arguments"),
        false => format!("`{tool}` takes {}", known.join(", ")),
    };
    if let Some(unknown) = given.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Failure::bad_input(
            format!("`{tool}` has no argument `{unknown}`"),
            takes(),
        ));
    }
    serde_json::from_value(Value::Object(given))
        .map_err(|error| Failure::bad_input(format!("arguments of `{tool}`: {error}"), takes()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_schema_lists_flattened_arguments_and_refuses_others() {
        let schema = schema_of::<RunArguments>();
        let properties = schema["properties"].as_object().unwrap();
        for name in [
            "path", "samples", "question", "contrast", "decoys", "seed", "blind", "packs",
        ] {
            assert!(properties.contains_key(name), "{name} in {schema:?}");
        }
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["required"], serde_json::json!(["path"]));
        let text = Value::Object(schema).to_string();
        assert!(!text.contains("$ref"), "{text}");
    }

    #[test]
    fn what_is_unknown_missing_or_of_another_kind_is_named() {
        let schema = schema_of::<HypothesisArguments>();
        let parsed = |given: Value| match given {
            Value::Object(given) => parse::<HypothesisArguments>("why", &schema, given),
            _ => panic!("no object"),
        };
        let said = |given| parsed(given).unwrap_err().to_string();
        assert!(
            said(serde_json::json!({"hypothesis": "1", "rnu": "x"})).contains("no argument `rnu`")
        );
        assert!(said(serde_json::json!({})).contains("missing field `hypothesis`"));
        assert!(said(serde_json::json!({"hypothesis": ["1"]})).contains("expected a string"));
        assert_eq!(
            parsed(serde_json::json!({"hypothesis": "1"}))
                .unwrap()
                .hypothesis,
            "1"
        );
    }
}
