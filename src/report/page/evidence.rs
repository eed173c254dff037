//! The evidence appendix: one entry per finding that a hypothesis rests on, with the row it stands in.

use indexmap::IndexMap;
use serde::Serialize;

use crate::discovery::{FindingId, Hypothesis};
use crate::report::ReportModel;
use crate::report::text::{NAME, probability, tidy};

/// Findings shown per hypothesis at most, the leading one first.
const MOST_PER_HYPOTHESIS: usize = 12;

/// A finding with its row.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct EvidenceEntry {
    /// Anchor.
    pub anchor: String,
    /// What was found, in words.
    pub finding: String,
    /// `p …, adjusted p …` in the table it comes from.
    pub test: String,
    /// The step that wrote the row.
    pub step: String,
    /// The tool with its version.
    pub tool: String,
    /// The table.
    pub table: String,
    /// `column = key`.
    pub key: String,
    /// Cells of the row; empty where the row is not there.
    pub cells: Vec<(String, String)>,
}

/// Which finding stands where in the appendix.
#[derive(Debug, Default)]
pub(super) struct EvidenceIndex {
    entries: IndexMap<String, EvidenceEntry>,
}

impl EvidenceIndex {
    /// Numbers the findings of all hypotheses in rank order.
    pub(super) fn of(model: &ReportModel) -> Self {
        Self::of_hypotheses(model, &model.hypotheses)
    }

    /// Numbers the findings of these hypotheses.
    pub(super) fn of_hypotheses(model: &ReportModel, hypotheses: &[Hypothesis]) -> Self {
        let mut index = Self::default();
        for hypothesis in hypotheses {
            for id in hypothesis.findings.iter().take(MOST_PER_HYPOTHESIS) {
                index.add(model, id);
            }
        }
        index
    }

    fn add(&mut self, model: &ReportModel, id: &FindingId) {
        if self.entries.contains_key(&id.0) {
            return;
        }
        let Some(finding) = model.findings.get(&id.0) else {
            return;
        };
        let evidence = &finding.evidence;
        let version = model.steps.get(&evidence.step).map(|s| s.version);
        let entry = EvidenceEntry {
            anchor: format!("ev-{}", self.entries.len() + 1),
            finding: format!(
                "{} {} {}",
                tidy(&finding.subject.symbol, NAME),
                finding.relation.phrase(),
                tidy(&finding.object.symbol, NAME)
            ),
            test: format!(
                "p {}, adjusted p {} over {} tests",
                probability(finding.p.get()),
                probability(finding.q.get()),
                crate::report::text::thousands(finding.family_size)
            ),
            step: evidence.step.clone(),
            tool: match version {
                Some(version) => format!("{} v{version}", evidence.tool),
                None => evidence.tool.clone(),
            },
            table: evidence.table.clone(),
            key: format!("{} = {}", evidence.key_column, tidy(&evidence.key, NAME)),
            cells: model
                .evidence_row(finding)
                .map(|(table, row)| table.row(row))
                .unwrap_or_default()
                .into_iter()
                .map(|(name, cell)| (tidy(&name, NAME), tidy(&cell, 2 * NAME)))
                .collect(),
        };
        self.entries.insert(id.0.clone(), entry);
    }

    /// The link to a finding's entry; empty where it has none.
    pub(super) fn href(&self, id: &FindingId) -> String {
        let entry = self.entries.get(&id.0);
        entry.map_or_else(String::new, |e| format!("#{}", e.anchor))
    }

    /// The entries, in order.
    pub(super) fn into_entries(self) -> Vec<EvidenceEntry> {
        self.entries.into_values().collect()
    }
}
