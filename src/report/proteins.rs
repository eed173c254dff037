//! The features a hypothesis speaks of: those its findings are about, and of a set those that lead it.

use super::ReportModel;
use crate::discovery::Hypothesis;

/// Leading members of a set that count as spoken of.
const LEADING: usize = 10;

/// A feature of a hypothesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedProtein {
    /// Its id in the tables.
    pub(super) feature: String,
    /// What people call it.
    pub(super) symbol: String,
}

/// The features of a hypothesis, each once, the leading one first.
pub(super) fn proteins_of(model: &ReportModel, hypothesis: &Hypothesis) -> Vec<NamedProtein> {
    let mut proteins: Vec<NamedProtein> = Vec::new();
    let mut add = |feature: &str, symbol: &str| {
        if !feature.is_empty() && proteins.iter().all(|p| p.feature != feature) {
            proteins.push(NamedProtein {
                feature: feature.to_owned(),
                symbol: symbol.to_owned(),
            });
        }
    };
    for finding in hypothesis
        .findings
        .iter()
        .filter_map(|id| model.findings.get(&id.0))
    {
        let evidence = &finding.evidence;
        if evidence.key_column == "feature" {
            add(&evidence.key, &finding.subject.symbol);
        } else if let Some((table, row)) = model.evidence_row(finding) {
            let leading = table.cell(row, "leading");
            let genes = leading.split(';').map(str::trim).filter(|g| !g.is_empty());
            for gene in genes.take(LEADING) {
                let feature = model.feature_of_gene(gene);
                add(feature.as_deref().unwrap_or_default(), gene);
            }
        }
    }
    proteins
}
