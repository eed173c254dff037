//! What a readable report says, as plain values for the templates. Nothing here is escaped: the templates do that.

mod account;
mod card;
mod data;
mod evidence;
mod figure_of_hypothesis;
mod hypothesis;
mod listing;
mod mechanism;
mod papers;
mod reading;
mod replication;
mod results;
mod summary;

use indexmap::IndexMap;
use serde::Serialize;

use super::{ReportError, ReportModel};
pub(super) use account::stratum_heading;
use evidence::{EvidenceEntry, EvidenceIndex};
pub use hypothesis::HypothesisPage;
use listing::Listing;
pub(super) use listing::{heading_of, short_heading};
pub(super) use papers::{side, summary as papers_in_words};
pub(super) use replication::{chance, counts, replication_page};
pub(super) use results::{
    ALPHA, ResultKind, ResultTable, SHIFT, TOP_FEATURES, effect_title, result_tables, top_sets,
};

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Page {
    summary: summary::Summary,
    question: Option<account::QuestionView>,
    overview: Listing,
    cards: Vec<card::Card>,
    checks: Listing,
    verdicts: Vec<(String, &'static str)>,
    calibration: Option<account::CalibrationView>,
    data: data::DataSection,
    results: results::Results,
    objectives: Listing,
    not_assessed: Vec<String>,
    limits: Vec<String>,
    methods: Vec<account::MethodView>,
    parameters: Listing,
    versions: Listing,
    models: Option<reading::ModelsView>,
    looked_up: Option<papers::LookedUp>,
    evidence: Vec<EvidenceEntry>,
    source: SourceView,
}

/// What the owner of the data says of them.
#[derive(Debug, Clone, Serialize)]
struct SourceView {
    description: String,
    origin: String,
    licence: String,
    citation: String,
}

/// Figures by name, in the order they were drawn.
#[derive(Debug, Default)]
pub(super) struct FigureShelf {
    figures: IndexMap<String, String>,
}

impl FigureShelf {
    /// Keeps a figure and gives its name back.
    fn add(&mut self, name: &str, svg: String) -> String {
        self.figures.insert(name.to_owned(), svg);
        name.to_owned()
    }

    /// The figures by name.
    pub(super) fn into_figures(self) -> IndexMap<String, String> {
        self.figures
    }
}

/// Puts the report of a run together.
pub(super) fn page(model: &ReportModel) -> Result<(Page, FigureShelf), ReportError> {
    let mut figures = FigureShelf::default();
    let index = EvidenceIndex::of(model);
    let source = &model.dataset.source;
    let verdicts = model.audit.by_contrast.iter();
    let page = Page {
        summary: summary::summary(model),
        question: account::question(model),
        overview: summary::overview(model, &index),
        cards: card::cards(model, &index, &mut figures),
        checks: account::checks(model),
        verdicts: verdicts
            .map(|(contrast, verdict)| (contrast.clone(), account::word(*verdict)))
            .collect(),
        calibration: account::calibration(model, &mut figures),
        data: data::data(model, &mut figures)?,
        results: results::results(model, &mut figures)?,
        objectives: account::objectives(model),
        not_assessed: account::not_assessed(model),
        limits: account::limits(model),
        methods: account::methods(model),
        parameters: account::parameters(model),
        versions: account::versions(model),
        models: reading::models(model),
        looked_up: papers::looked_up(model),
        evidence: index.into_entries(),
        source: SourceView {
            description: source.description.clone().unwrap_or_default(),
            origin: source.origin.clone().unwrap_or_default(),
            licence: source.licence.clone().unwrap_or_default(),
            citation: source.citation.clone().unwrap_or_default(),
        },
    };
    Ok((page, figures))
}

/// The link to a stratum of the error-rate section; empty where the run has no such stratum.
pub(super) fn stratum_anchor(model: &ReportModel, stratum: &str) -> String {
    let strata = model.calibration.as_ref().map_or(&[][..], |c| &c.strata);
    let place = strata.iter().position(|s| s.id == stratum);
    place.map_or_else(String::new, |k| format!("#stratum-{}", k + 1))
}
