//! Gene symbols for features, through the identifier map of the knowledge layer.

use crate::knowledge::{IdentifierKind, IdentifierMap};

use super::{Dataset, Feature, Inference, Quantity};

/// An unnamed organism is taken for the map's when at least this fraction of the features maps exactly.
const ENOUGH_TO_TELL: f64 = 0.5;

impl Dataset {
    /// Brings the symbols of every assay to those of `map` (current symbols, from accessions where the table has none)
    /// and says how many map. Nothing is done where the organism is known to be another one; where it is not known, it
    /// is taken for the map's if at least half of the features map exactly.
    pub fn annotate(&mut self, map: &IdentifierMap) {
        let organism = self.organism().map(str::to_string);
        if organism.as_deref().is_some_and(|o| o != map.organism()) {
            return;
        }
        let mut inferences = Vec::new();
        for assay in self.assays.values_mut() {
            // Antigens have names of their own, which cytometrists know them by: CD45 is not called PTPRC.
            if matches!(assay.quantity, Quantity::MarkerSignal | Quantity::CellShare) {
                continue;
            }
            let found: Vec<Option<(String, bool)>> =
                assay.features.iter().map(|f| symbol_of(f, map)).collect();
            let n = assay.features.len().max(1);
            let exact = found.iter().flatten().filter(|(_, exact)| *exact).count();
            if organism.is_none() {
                if (exact as f64) < ENOUGH_TO_TELL * n as f64 {
                    continue;
                }
                inferences.push(Inference::new(
                    format!("organism of `{}`", assay.name),
                    map.organism(),
                    format!("{exact} of {n} identifiers are current ones of this organism"),
                    "declare `organism:` in `dataset.yaml`",
                ));
                assay.organism = Some(map.organism().to_string());
            }
            let mapped = found.iter().flatten().count();
            for (feature, symbol) in assay.features.iter_mut().zip(found) {
                let Some((symbol, _)) = symbol else { continue };
                if !feature.symbols.contains(&symbol) {
                    feature.symbols.insert(0, symbol.clone());
                }
                feature.symbol = Some(symbol);
            }
            inferences.push(Inference::new(
                format!("gene symbols of `{}`", assay.name),
                format!(
                    "{mapped} of {n} features ({:.1} %) map to a gene",
                    100.0 * mapped as f64 / n as f64
                ),
                format!("symbols and accessions looked up in {}", map.source()),
                "correct the ids, or declare `organism:` in `dataset.yaml`",
            ));
        }
        self.inferences.extend(inferences);
    }
}

/// The current symbol of a feature and whether it was found by an accession or by a current symbol in its own spelling.
fn symbol_of(feature: &Feature, map: &IdentifierMap) -> Option<(String, bool)> {
    let own = feature.symbol.as_deref();
    if let Some(m) = own
        .and_then(|s| map.map(s))
        .filter(|m| m.kind == IdentifierKind::Symbol)
    {
        return Some((m.gene.symbol.to_string(), own == Some(&*m.gene.symbol)));
    }
    // The id of a peptide names residues such as `C5`, which are no genes.
    let id = feature.peptidoform.is_none().then_some(&feature.id);
    let by_accession = feature.accessions.iter().chain(id).find_map(|a| map.map(a));
    if let Some(m) = by_accession {
        let exact = !matches!(m.kind, IdentifierKind::Symbol | IdentifierKind::Alias)
            || *m.gene.symbol == *feature.id;
        return Some((m.gene.symbol.to_string(), exact));
    }
    own.and_then(|s| map.map(s))
        .map(|m| (m.gene.symbol.to_string(), false))
}
