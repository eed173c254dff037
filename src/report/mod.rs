//! Reports: reads a finished run from disk and says what was found, how sure that is and where every number stands.
//!
//! [`ReportModel`] is the loaded run. [`json`] gives the machine-readable report, [`markdown`] and [`html`] the readable
//! ones from the templates of `reports/`, [`explain`] the chain of one hypothesis down to cells of the input file,
//! [`write`] all of them as files. Figures are drawn by [`figures`].
//!
//! A report can be made without values and names of single samples ([`ReportModel::without_values`]), to be handed on.
//!
//! Invariants: equal runs give equal bytes (no clock, host, path or run id in a report); no text of the input reaches a
//! page unescaped; every number of a hypothesis links to the row it stands in.
//!
//! On disk, written by [`write`]: `report/index.html`, `report/report.md`, `report/report.json`, `report/figures/*.svg`,
//! `report/tables/*.tsv`.

mod bundle;
mod charts;
mod components;
mod document;
mod error;
mod explain;
mod export;
pub mod figures;
mod grids;
mod model;
mod page;
mod proteins;
mod render;
mod replication;
mod single_samples;
mod table;
pub mod text;

pub use bundle::write_bundle;
pub use document::{
    AuditSummary, CalibrationSummary, DatasetSummary, FORMAT, HypothesisEntry, ReportDocument,
    current_schema, document, json, json_schema,
};
pub use error::ReportError;
pub use explain::{explain, explain_evidence};
pub use export::{write, write_tables};
pub use model::{Citation, FeatureValues, MethodNote, ReportModel, ReviewerWording};
pub use page::HypothesisPage;
pub use render::{html, markdown};
pub use replication::{
    ReplicationDocument, current_replication_schema, replication_json, replication_schema,
    replication_text, write_replication,
};
pub use table::Table;
