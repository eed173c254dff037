//! A finished run, loaded: everything a report says comes from here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::single_samples::{ABOUT_SAMPLES, SampleNames};
use super::table::Table;
use super::{ReportError, text};
use crate::dataset::{AssayProfile, AssayRecord, Contrast, DatasetRecord, Measure, VALUE_PREFIX};
use crate::discovery::{
    Asked, AuditReport, Calibration, Finding, Hypothesis, Objective, Papers, Readings,
};
use crate::run::tables::read_parquet;
use crate::run::{Key, LedgerEntry, OutputKind, RunStatus, RunView, StepRecord};

/// A publication that describes a method.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Citation {
    /// Short citation.
    pub cite: String,
    /// DOI without resolver.
    pub doi: String,
}

/// How a reviewer would word a hypothesis: said by a person, not checked against the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewerWording {
    /// Id of the hypothesis.
    #[serde(skip)]
    pub hypothesis: String,
    /// Name of the reviewer.
    pub reviewer: String,
    /// The wording.
    pub text: String,
}

/// What the methods paragraph says of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodNote {
    /// Name of the tool.
    pub tool: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// Where the method is described.
    pub references: Vec<Citation>,
}

/// The values of one feature in one matrix of the run.
#[derive(Debug, Clone)]
pub struct FeatureValues {
    /// The step that wrote the matrix, or `dataset`.
    pub step: String,
    /// The port it was written on, or the assay.
    pub port: String,
    /// Sample ids.
    pub samples: Vec<String>,
    /// Values on the scale of the analysis, NaN where missing.
    pub values: Vec<f64>,
}

/// A finished run.
#[derive(Debug)]
pub struct ReportModel {
    run: RunView,
    /// Why the run ended early, where it did.
    pub stopped: Option<String>,
    /// What is known of the input.
    pub dataset: DatasetRecord,
    /// Checks before and after results were seen.
    pub audit: AuditReport,
    /// How the error rate was measured; absent where nothing could be tested.
    pub calibration: Option<Calibration>,
    /// Objectives in the order they were pursued.
    pub objectives: Vec<Objective>,
    /// Findings by id.
    pub findings: IndexMap<String, Finding>,
    /// Hypotheses in rank order.
    pub hypotheses: Vec<Hypothesis>,
    /// Steps by id, sorted.
    pub steps: IndexMap<String, StepRecord>,
    /// Every family of tests run.
    pub ledger: Vec<LedgerEntry>,
    /// What the tools of the run do and where that is described.
    pub methods: Vec<MethodNote>,
    /// The question in words, as it was understood.
    pub question: Option<Asked>,
    /// What models added; none in a run without.
    pub readings: Option<Readings>,
    /// What papers say; none in a run that looked none up.
    pub papers: Option<Papers>,
    /// How reviewers would word hypotheses, as handed in.
    pub wordings: Vec<ReviewerWording>,
    /// Whether knowledge packs were read.
    pub packs: bool,
    /// What the codes of a blind run stand for, where names are shown again.
    names: Option<Key>,
    /// Names of single samples, where the report leaves them out with their values.
    left_out: Option<SampleNames>,
    tables: Mutex<BTreeMap<String, Arc<Table>>>,
}

impl ReportModel {
    /// Loads a finished run.
    ///
    /// # Errors
    /// The folder is not a run, the run is not finished, or a file is missing or damaged.
    pub fn load(run: &Path) -> Result<Self, ReportError> {
        let run = RunView::open(run)?;
        let stopped = match run.status()? {
            RunStatus::Finished { .. } => None,
            RunStatus::Stopped { reason } => Some(reason),
            RunStatus::Unfinished { stage } => {
                let path = run.root().to_path_buf();
                return Err(ReportError::Unfinished { path, stage });
            }
        };
        let mut steps = IndexMap::new();
        for id in run.steps()? {
            let step = run.step(&id)?;
            steps.insert(id, step);
        }
        let mut hypotheses = run.hypotheses()?;
        hypotheses.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
        let findings = run.findings()?.into_iter();
        Ok(Self {
            dataset: run.read_yaml("dataset.yaml")?,
            audit: run
                .audit()?
                .unwrap_or_else(|| AuditReport::new(Vec::new(), &[])),
            calibration: run.calibration()?,
            objectives: run.objectives()?,
            findings: findings.map(|f| (f.id.0.clone(), f)).collect(),
            hypotheses,
            ledger: run.ledger()?,
            methods: Vec::new(),
            question: run.question()?,
            readings: run.readings()?,
            papers: run.papers()?,
            wordings: Vec::new(),
            packs: run.read_packs(),
            names: None,
            left_out: None,
            steps,
            stopped,
            run,
            tables: Mutex::default(),
        })
    }

    /// Shows the names of a blind run again: every code that the report says is replaced by what it stands for.
    ///
    /// # Errors
    /// The run is not blind, or its key is gone.
    pub fn unblinded(mut self) -> Result<Self, ReportError> {
        let missing = |reason, hint| ReportError::NoKey {
            path: self.run.root().to_path_buf(),
            reason,
            hint,
        };
        if !self.run.is_blind() {
            return Err(missing(
                "the run is not blind",
                "leave out `--unblind`: the report names everything already",
            ));
        }
        match self.run.key()? {
            Some(key) => self.names = Some(key),
            None => {
                return Err(missing(
                    "its `codes.yaml` is not there",
                    "put the key of the run back into its folder, or make the run again",
                ));
            }
        }
        Ok(self)
    }

    /// Leaves values and names of single samples out of the report, for handing it on: nothing is drawn or listed by sample,
    /// tables of samples are not written, and names are taken out of texts. What is told of groups stays.
    ///
    /// # Errors
    /// There are more names of samples than can be looked for.
    pub fn without_values(mut self) -> Result<Self, ReportError> {
        let names = SampleNames::of(&self.dataset)?;
        let about_samples = |text: &mut String| {
            if names.named_in(text) {
                ABOUT_SAMPLES.clone_into(text);
            }
        };
        let unnamed = |text: &mut String| *text = names.left_out_of(text).into_owned();
        for check in &mut self.audit.checks {
            about_samples(&mut check.reason);
            about_samples(&mut check.fix);
        }
        for check in &mut self.dataset.checks {
            about_samples(&mut check.message);
        }
        for problem in &mut self.dataset.profile.problems {
            about_samples(&mut problem.message);
        }
        // Names go before a table or a drawing cuts what they stand in.
        for h in &mut self.hypotheses {
            h.robustness.breaking.iter_mut().for_each(unnamed);
            let rows = h.robustness.rows.iter_mut();
            rows.for_each(|row| unnamed(&mut row.choice));
            h.attacks.iter_mut().for_each(|a| unnamed(&mut a.outcome));
            h.flags.iter_mut().for_each(|flag| unnamed(&mut flag.text));
        }
        self.left_out = Some(names);
        Ok(self)
    }

    /// Whether values and names of single samples are left out.
    pub fn leaves_out_samples(&self) -> bool {
        self.left_out.is_some()
    }

    /// Whether the report says codes in place of names.
    pub fn names_hidden(&self) -> bool {
        self.run.is_blind() && self.names.is_none()
    }

    /// A text of the run as the report shows it: with names in place of codes where they are shown again, in the form that
    /// `form` brings them into, and without names of samples where these are left out.
    pub fn shown<'t>(&self, text: &'t str, form: impl Fn(&str) -> String) -> Cow<'t, str> {
        let shown = self.revealed(text, form);
        match (&self.left_out, shown) {
            (None, shown) => shown,
            (Some(names), Cow::Borrowed(text)) => names.left_out_of(text),
            (Some(names), Cow::Owned(text)) => Cow::Owned(names.left_out_of(&text).into_owned()),
        }
    }

    /// A drawing as [`ReportModel::shown`] shows texts.
    pub(super) fn shown_drawing(&self, svg: String, form: impl Fn(&str) -> String) -> String {
        let shown = self.revealed(&svg, form);
        match &self.left_out {
            Some(names) => names.left_out_of_drawing(&shown),
            None => shown.into_owned(),
        }
    }

    fn revealed<'t>(&self, text: &'t str, form: impl Fn(&str) -> String) -> Cow<'t, str> {
        match &self.names {
            Some(key) => Cow::Owned(key.reveal_as(text, form)),
            None => Cow::Borrowed(text),
        }
    }

    /// Shows every text of a value as [`ReportModel::shown`] does, keys with names in place of codes.
    pub(super) fn show_all(&self, value: &mut Value) {
        if self.names.is_some() {
            self.reveal_all(value);
        }
        if let Some(names) = &self.left_out {
            names.leave_out(value);
        }
    }

    fn reveal_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.revealed(text, str::to_owned).into_owned(),
            Value::Array(items) => items.iter_mut().for_each(|item| self.reveal_all(item)),
            Value::Object(fields) => {
                for (key, mut field) in std::mem::take(fields) {
                    self.reveal_all(&mut field);
                    fields.insert(self.revealed(&key, str::to_owned).into_owned(), field);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// What the numbers of the assay that an objective is asked of are called; of the main assay where it names none.
    pub fn measure(&self, objective: Option<&Objective>) -> Measure {
        let assay = self.assay_of(objective);
        assay.map_or_else(Measure::default, AssayProfile::measure)
    }

    /// The assay that an objective is asked of; the main assay where it names none.
    pub(super) fn assay_of(&self, objective: Option<&Objective>) -> Option<&AssayProfile> {
        let profile = &self.dataset.profile;
        let named = objective.and_then(|o| o.assay.as_ref());
        let named = named.and_then(|name| profile.assays.iter().find(|a| a.name == *name));
        named.or_else(|| profile.main_assay())
    }

    /// The run folder.
    pub fn run(&self) -> &RunView {
        &self.run
    }

    /// Adds what is known of the tools from their manifests; tools that did not run are left out.
    pub fn with_methods(mut self, notes: Vec<MethodNote>) -> Self {
        let ran: BTreeSet<&str> = self.steps.values().map(|s| s.tool.as_str()).collect();
        let notes = notes.into_iter();
        self.methods = notes.filter(|n| ran.contains(n.tool.as_str())).collect();
        self
    }

    /// Adds how reviewers would word hypotheses, to stand beside our sentences.
    pub fn with_wordings(mut self, wordings: Vec<ReviewerWording>) -> Self {
        self.wordings = wordings;
        self
    }

    /// How reviewers would word a hypothesis.
    pub(super) fn wordings_of(&self, id: &str) -> impl Iterator<Item = &ReviewerWording> {
        self.wordings.iter().filter(move |w| w.hypothesis == id)
    }

    /// A table that a step wrote; read once.
    ///
    /// # Errors
    /// The file is missing or damaged.
    pub fn table(&self, step: &str, table: &str) -> Result<Arc<Table>, ReportError> {
        self.table_at(&format!("steps/{step}/{table}.parquet"))
    }

    /// The table of an assay as it was read.
    pub(super) fn assay_table(&self, assay: &AssayRecord) -> Result<Arc<Table>, ReportError> {
        self.assay_file(&assay.table)
    }

    /// A table of an assay by its file.
    pub(super) fn assay_file(&self, file: &str) -> Result<Arc<Table>, ReportError> {
        self.table_at(file)
    }

    fn table_at(&self, file: &str) -> Result<Arc<Table>, ReportError> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = tables.get(file) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(Table::from(read_parquet(&self.run.path(file))?));
        tables.insert(file.to_owned(), Arc::clone(&table));
        Ok(table)
    }

    /// Every table of every step as (step, name), in the order of the steps; matrices are left out, and so are tables of
    /// samples where values of single ones are.
    pub fn table_names(&self) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for (step, record) in &self.steps {
            for (port, output) in &record.outputs {
                let OutputKind::Table { columns } = &output.kind else {
                    continue;
                };
                let left_out = self.left_out.as_ref();
                if !left_out.is_some_and(|names| names.are_in(columns)) {
                    names.push((step.clone(), port.clone()));
                }
            }
        }
        names
    }

    /// Tables with all of these columns, as (step, name), sorted.
    ///
    /// # Errors
    /// A table cannot be read.
    pub fn tables_with(&self, columns: &[&str]) -> Result<Vec<(String, String)>, ReportError> {
        let mut found = Vec::new();
        for (step, name) in self.table_names() {
            if self.table(&step, &name)?.has(columns) {
                found.push((step, name));
            }
        }
        Ok(found)
    }

    /// The objective with this id.
    pub fn objective(&self, id: &str) -> Option<&Objective> {
        self.objectives.iter().find(|o| o.id.0 == id)
    }

    /// The objective a step serves.
    pub fn objective_of_step(&self, step: &str) -> Option<&Objective> {
        self.objective(&self.steps.get(step)?.objective.0)
    }

    /// The contrast with this id: one of the design, or read from the id.
    pub(super) fn contrast(&self, id: &str) -> Option<Contrast> {
        let known = self.dataset.profile.contrasts.iter().find(|c| c.id == id);
        known
            .cloned()
            .or_else(|| Contrast::parse(id, &self.dataset.samples).ok())
    }

    /// The hypothesis with this id, or with this rank (`3`, `#3`).
    ///
    /// # Errors
    /// There is none.
    pub fn hypothesis(&self, wanted: &str) -> Result<&Hypothesis, ReportError> {
        let rank = wanted.trim_start_matches('#').parse::<usize>().ok();
        let found = self.hypotheses.iter().find(|h| h.id == wanted);
        found
            .or_else(|| self.hypotheses.iter().find(|h| Some(h.rank) == rank))
            .ok_or_else(|| ReportError::UnknownHypothesis {
                wanted: wanted.to_owned(),
                found: text::count(self.hypotheses.len(), "hypothesis", "hypotheses"),
                example: self
                    .hypotheses
                    .first()
                    .map_or_else(|| "H1".to_owned(), |h| h.id.clone()),
            })
    }

    /// The row a finding stands in.
    pub fn evidence_row(&self, finding: &Finding) -> Option<(Arc<Table>, usize)> {
        let evidence = &finding.evidence;
        let table = self.table(&evidence.step, &evidence.table).ok()?;
        let row = table.find(&evidence.key_column, &evidence.key)?;
        Some((table, row))
    }

    /// The values of a feature in the matrices that led to `step`, the one it read first; matrices of the dataset last. None
    /// where values of single samples are left out.
    pub fn values_behind(&self, step: &str, feature: &str) -> Vec<FeatureValues> {
        let mut chain = Vec::new();
        if self.leaves_out_samples() {
            return chain;
        }
        let mut seen = BTreeSet::new();
        let mut waiting = vec![step.to_owned()];
        while let Some(step) = waiting.pop() {
            let Some(record) = self.steps.get(&step) else {
                continue;
            };
            for input in record.inputs.values() {
                let Some((before, port)) = input.from.rsplit_once('.') else {
                    continue;
                };
                let (before, port) = (before.to_owned(), port.to_owned());
                if self.steps.contains_key(&before) && seen.insert((before.clone(), port.clone())) {
                    let read = self.table(&before, &port).ok();
                    let values = read.and_then(|table| self.feature_values(&table, "", feature));
                    if let Some((samples, values)) = values {
                        chain.push(FeatureValues {
                            step: before.clone(),
                            port,
                            samples,
                            values,
                        });
                    }
                    waiting.push(before);
                }
            }
        }
        chain.extend(self.values_as_read(feature));
        chain
    }

    /// The values of a feature as they were read, per assay that has it.
    pub fn values_as_read(&self, feature: &str) -> Vec<FeatureValues> {
        let mut found = Vec::new();
        for assay in &self.dataset.assays {
            let table = self.table_at(&assay.table).ok();
            let values = table.and_then(|t| self.feature_values(&t, VALUE_PREFIX, feature));
            if let Some((samples, values)) = values {
                found.push(FeatureValues {
                    step: "dataset".to_owned(),
                    port: assay.name.clone(),
                    samples,
                    values,
                });
            }
        }
        found
    }

    /// The line of a feature in the file its assay was read from (the header is line 1).
    pub fn input_line(&self, feature: &str, assay: &str) -> Option<usize> {
        let table = self.table_at(&self.dataset.assay(assay)?.table).ok()?;
        let line = table.number(table.find("feature", feature)?, "line");
        (line >= 1.0).then_some(line as usize)
    }

    /// The peptides a protein was rolled up from, as they were read, with the line of each; empty where the assay is a
    /// table as read.
    pub fn peptides_of(
        &self,
        feature: &str,
        assay: &str,
    ) -> Vec<(String, Option<usize>, Vec<f64>)> {
        let read = || {
            let record = self.dataset.named(assay)?;
            let from = self.dataset.named(&record.rolled_up.as_ref()?.from)?;
            let pairs = self.table_at(record.members.as_ref()?).ok()?;
            let peptides = self.table_at(&from.table).ok()?;
            let (proteins, members) = (pairs.texts("feature")?, pairs.texts("member")?);
            let mine = proteins.iter().zip(members).filter(|(p, _)| *p == feature);
            let read = mine.map(|(_, peptide)| {
                let line = self.input_line(&peptide, &from.name);
                let values = self.feature_values(&peptides, VALUE_PREFIX, &peptide);
                (peptide, line, values.unwrap_or_default().1)
            });
            Some(read.collect())
        };
        read().unwrap_or_default()
    }

    /// The id of the first feature with this gene symbol.
    pub fn feature_of_gene(&self, gene: &str) -> Option<String> {
        self.dataset.assays.iter().find_map(|assay| {
            let table = self.table_at(&assay.table).ok()?;
            Some(table.cell(table.find("gene", gene)?, "feature"))
        })
    }

    fn feature_values(
        &self,
        table: &Table,
        prefix: &str,
        feature: &str,
    ) -> Option<(Vec<String>, Vec<f64>)> {
        let row = table.find("feature", feature)?;
        let mut samples = Vec::new();
        let mut values = Vec::new();
        for sample in &self.dataset.samples.ids {
            let column = format!("{prefix}{sample}");
            if table.is_numeric(&column) {
                values.push(table.number(row, &column));
                samples.push(sample.clone());
            }
        }
        (!samples.is_empty()).then_some((samples, values))
    }
}
