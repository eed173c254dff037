//! The report as one JSON object, and its schema.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, transform::transform_subschemas};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ReportError, ReportModel, ReviewerWording, text};
use crate::discovery::{
    Asked, AuditReport, Calibration, Check, DecoyAudit, Evidence, Hypothesis, Objective, Papers,
    Readings, StratumRecord, Verdict,
};

/// Version of the JSON report.
pub const FORMAT: u32 = 1;

/// Longest text of the JSON report; longer ones are cut and say so.
const LONGEST: usize = 1_000;

/// The schema as it ships with the binary.
const SCHEMA: &str = include_str!("../../reports/schema/report.schema.json");

/// What `proteus report RUN --format json` prints. Numbers that are not finite are null.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Proteus report")]
pub struct ReportDocument {
    /// Version of this layout.
    pub format: u32,
    /// The dataset.
    pub dataset: DatasetSummary,
    /// The question in words and how it was understood; null where everything was asked.
    pub question: Option<Asked>,
    /// Whether proteins, genes and sets go by codes, as in the report of a blind run.
    pub names_hidden: bool,
    /// Whether knowledge packs were read.
    pub packs_read: bool,
    /// Whether values and names of single samples are left out, for handing the report on.
    pub samples_left_out: bool,
    /// Checks of the data and of results.
    pub audit: AuditSummary,
    /// How the error rate was measured; null where nothing could be tested.
    pub calibration: Option<CalibrationSummary>,
    /// What was asked, and what became of it.
    pub objectives: Vec<Objective>,
    /// Hypotheses in rank order.
    pub hypotheses: Vec<HypothesisEntry>,
    /// What models added: nothing above is theirs. Null in a run without models.
    pub models: Option<Readings>,
    /// What papers say of the hypotheses: two of their scores look at it, and nothing else. Null where none were looked up.
    pub papers: Option<Papers>,
}

/// The dataset in short.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DatasetSummary {
    /// Name.
    pub name: String,
    /// Title its owner gave it.
    pub title: Option<String>,
    /// Scientific name of the organism.
    pub organism: Option<String>,
    /// Licence of the data.
    pub licence: Option<String>,
    /// How to cite the data.
    pub citation: Option<String>,
    /// Number of samples.
    pub samples: usize,
    /// Features per assay.
    pub features: BTreeMap<String, usize>,
    /// Comparisons, as `variable:target-reference`.
    pub contrasts: Vec<String>,
    /// Input files with the BLAKE3 hash of their bytes.
    pub files: BTreeMap<String, String>,
}

/// Verdicts and warnings.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AuditSummary {
    /// Worst verdict on the dataset as a whole.
    pub verdict: Verdict,
    /// Worst verdict per contrast or variable, dataset-wide checks included.
    pub by_contrast: BTreeMap<String, Verdict>,
    /// Every check that warned or failed, one line each.
    pub warnings: Vec<String>,
    /// Every check that did not pass silently, worst first.
    pub checks: Vec<Check>,
}

/// How the error rate was measured.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationSummary {
    /// Strata counted in the correction.
    pub strata_charged: usize,
    /// Strata selected.
    pub strata_selected: usize,
    /// Tests of the target run in all.
    pub tests_run: usize,
    /// The whole procedure run where nothing is true.
    pub audit: DecoyAudit,
    /// What is promised and what is not.
    pub promises: Vec<String>,
    /// Every stratum with its score histograms.
    pub strata: Vec<StratumRecord>,
}

/// A hypothesis with its q-value and where its numbers stand.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HypothesisEntry {
    /// q over the whole menu.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub q: f64,
    /// Whether `q` is as small as the number of decoys can show: read it as "less than".
    pub q_at_floor: bool,
    /// Where the numbers stand, the leading finding first.
    pub evidence: Vec<Evidence>,
    /// How reviewers would word it: not checked against the evidence.
    pub wordings: Vec<ReviewerWording>,
    /// The whole record.
    #[serde(flatten)]
    pub record: Hypothesis,
}

/// The document of a run.
pub fn document(model: &ReportModel) -> ReportDocument {
    let profile = &model.dataset.profile;
    let source = &model.dataset.source;
    let assays = profile.assays.iter();
    let hypotheses = model.hypotheses.iter().map(|h| HypothesisEntry {
        q: h.error_rate.q.get(),
        q_at_floor: text::at_floor(h.error_rate.q.get(), h.error_rate.floor),
        evidence: h
            .findings
            .iter()
            .filter_map(|id| model.findings.get(&id.0))
            .map(|f| f.evidence.clone())
            .collect(),
        wordings: model.wordings_of(&h.id).cloned().collect(),
        record: h.clone(),
    });
    ReportDocument {
        format: FORMAT,
        dataset: DatasetSummary {
            name: profile.name.clone(),
            title: source.title.clone(),
            organism: profile.organism.clone(),
            licence: source.licence.clone(),
            citation: source.citation.clone(),
            samples: profile.samples,
            features: assays.map(|a| (a.name.clone(), a.features)).collect(),
            contrasts: profile.contrasts.iter().map(|c| c.title()).collect(),
            files: source
                .files
                .iter()
                .map(|f| {
                    (
                        model.shown(&f.name, str::to_owned).into_owned(),
                        f.hash.clone(),
                    )
                })
                .collect(),
        },
        question: model.question.clone(),
        names_hidden: model.names_hidden(),
        packs_read: model.packs,
        samples_left_out: model.leaves_out_samples(),
        audit: audit_summary(&model.audit),
        calibration: model.calibration.as_ref().map(calibration_summary),
        objectives: model.objectives.clone(),
        hypotheses: hypotheses.collect(),
        models: model.readings.clone(),
        papers: model.papers.clone(),
    }
}

fn audit_summary(audit: &AuditReport) -> AuditSummary {
    let loud = audit.checks.iter().filter(|c| c.verdict != Verdict::Pass);
    AuditSummary {
        verdict: audit.verdict,
        by_contrast: audit.by_contrast.clone(),
        warnings: loud
            .map(|c| {
                let about = c.concerns.as_deref().unwrap_or("the dataset");
                format!("{about}: {}", c.reason)
            })
            .collect(),
        checks: audit.checks.clone(),
    }
}

fn calibration_summary(calibration: &Calibration) -> CalibrationSummary {
    CalibrationSummary {
        strata_charged: calibration.strata_charged,
        strata_selected: calibration.strata_selected,
        tests_run: calibration.tests_run,
        audit: calibration.audit.clone(),
        promises: calibration.promises.clone(),
        strata: calibration.strata.clone(),
    }
}

/// The report as JSON text, with a final newline. Safe to paste into a script: `<`, `>` and `&` are escaped, hidden
/// characters are replaced and texts beyond 1,000 characters are cut visibly.
///
/// # Errors
/// The record cannot be expressed as JSON.
pub fn json(model: &ReportModel) -> Result<String, ReportError> {
    let mut value = serde_json::to_value(document(model))?;
    model.show_all(&mut value);
    text::tidy_all(&mut value, LONGEST);
    escaped(&value)
}

/// A value as indented JSON with a final newline, safe to paste into a script.
pub(super) fn escaped(value: &Value) -> Result<String, ReportError> {
    let mut out = inert(&serde_json::to_string_pretty(value)?);
    out.push('\n');
    Ok(out)
}

/// JSON without the characters that could end the script it stands in.
pub(super) fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            c => out.push(c),
        }
    }
    out
}

/// The JSON Schema of [`json`], as text.
pub fn json_schema() -> &'static str {
    SCHEMA
}

/// The JSON Schema made afresh from the types; [`json_schema`] is the committed copy.
pub fn current_schema() -> Value {
    schema_of::<ReportDocument>()
}

/// The JSON Schema of a type whose unbounded numbers may be null.
pub(super) fn schema_of<T: JsonSchema>() -> Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12()
        .with_transform(nullable_numbers)
        .into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// JSON has no infinity and no NaN, so that a number without bounds may also be null.
fn nullable_numbers(schema: &mut Schema) {
    let open = schema.get("minimum").is_none() && schema.get("maximum").is_none();
    if open && schema.get("type") == Some(&Value::from("number")) {
        schema.insert("type".to_owned(), serde_json::json!(["number", "null"]));
    }
    transform_subschemas(&mut nullable_numbers, schema);
}
