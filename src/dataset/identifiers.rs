//! Gene symbols for features, through the identifier map of the knowledge layer.

use std::collections::{BTreeMap, HashSet};

use crate::knowledge::{IdentifierKind, IdentifierMap};

use super::antibody::{self, Targets};
use super::{Assay, Dataset, Feature, FeatureLevel, Inference, Quantity};

/// An unnamed organism is taken for the map's when at least this fraction of the features maps exactly.
const ENOUGH_TO_TELL: f64 = 0.5;
/// Names of antibodies are looked up as such where at least this fraction of them names a gene.
const MOSTLY_ANTIBODIES: f64 = 0.5;
/// Features named that do not map.
const EXAMPLES: usize = 3;

impl Dataset {
    /// Brings the symbols of every assay to those of `map` (current symbols, from accessions where the table has none)
    /// and says how many map and by what. Where the organism is known to be another one, symbols stay as they are, and it
    /// is said how many are those of `map` but for case; where it is not known, it is taken for the map's if at least
    /// half of the features map exactly. Antibodies, whose names follow human genes in every organism, are looked up by
    /// the protein they bind.
    pub fn annotate(&mut self, map: &IdentifierMap) {
        let organism = self.organism().map(str::to_string);
        let mut inferences = Vec::new();
        for assay in self.assays.values_mut() {
            // Antigens have names of their own, which cytometrists know them by: CD45 is not called PTPRC.
            if matches!(assay.quantity, Quantity::MarkerSignal | Quantity::CellShare) {
                continue;
            }
            if is_of_antibodies(assay) {
                inferences.extend(annotate_antibodies(assay, map));
                continue;
            }
            match organism.as_deref() {
                Some(known) if known != map.organism() => {
                    inferences.extend(by_case(assay, known, map));
                }
                known => annotate_assay(assay, known.is_some(), map, &mut inferences),
            }
        }
        self.inferences.extend(inferences);
    }
}

fn annotate_assay(
    assay: &mut Assay,
    organism_is_known: bool,
    map: &IdentifierMap,
    inferences: &mut Vec<Inference>,
) {
    let found: Vec<Option<Found>> = assay.features.iter().map(|f| symbol_of(f, map)).collect();
    let n = assay.features.len().max(1);
    let exact = found.iter().flatten().filter(|f| f.exact).count();
    if !organism_is_known {
        if (exact as f64) < ENOUGH_TO_TELL * n as f64 {
            return;
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
    let mut kinds: BTreeMap<IdentifierKind, usize> = BTreeMap::new();
    for f in found.iter().flatten() {
        *kinds.entry(f.kind).or_default() += 1;
    }
    let unmapped = assay
        .features
        .iter()
        .zip(&found)
        .filter(|(_, f)| f.is_none());
    let unmapped: Vec<String> = unmapped
        .take(EXAMPLES)
        .map(|(feature, _)| format!("`{}`", feature.id))
        .collect();
    let mut value = format!(
        "{mapped} of {n} features ({:.1} %) map to a gene: {}",
        100.0 * mapped as f64 / n as f64,
        in_words(&kinds)
    );
    if !unmapped.is_empty() {
        value.push_str(&format!("; not {}", unmapped.join(", ")));
        if n - mapped > unmapped.len() {
            value.push_str(&format!(" and {} more", n - mapped - unmapped.len()));
        }
    }
    for (feature, found) in assay.features.iter_mut().zip(found) {
        let Some(Found { symbol, .. }) = found else {
            continue;
        };
        if !feature.symbols.contains(&symbol) {
            feature.symbols.insert(0, symbol.clone());
        }
        feature.symbol = Some(symbol);
    }
    inferences.push(Inference::new(
        format!("gene symbols of `{}`", assay.name),
        value,
        format!("symbols and accessions looked up in {}", map.source()),
        "correct the ids, or declare `organism:` in `dataset.yaml`",
    ));
}

/// `12 by UniProt accession, 3 by earlier symbol or alias`.
fn in_words(kinds: &BTreeMap<IdentifierKind, usize>) -> String {
    let parts: Vec<String> = kinds
        .iter()
        .map(|(kind, n)| {
            let name = match kind {
                IdentifierKind::Uniprot => "UniProt accession, primary or secondary",
                IdentifierKind::Refseq => "RefSeq protein",
                IdentifierKind::Ensembl => "Ensembl gene",
                IdentifierKind::Entrez => "Entrez number",
                IdentifierKind::Symbol => "current symbol",
                IdentifierKind::Alias => "earlier symbol or alias",
            };
            format!("{n} by {name}")
        })
        .collect();
    if parts.is_empty() {
        "none".to_string()
    } else {
        parts.join(", ")
    }
}

/// For an organism without a map of its own: how many symbols are those of the map's genes but for case, which is what
/// gene sets are looked up by.
fn by_case(assay: &Assay, organism: &str, map: &IdentifierMap) -> Option<Inference> {
    let symbols: HashSet<String> = (map.genes().iter())
        .map(|g| g.symbol.to_string().to_uppercase())
        .collect();
    let named: Vec<&str> = (assay.features.iter())
        .filter_map(|f| f.symbol.as_deref())
        .collect();
    if named.is_empty() {
        return None;
    }
    let same = named
        .iter()
        .filter(|s| symbols.contains(&s.to_uppercase()))
        .count();
    Some(Inference::new(
        format!("gene symbols of `{}`", assay.name),
        format!(
            "{} of {} features have the table's own; {same} of them ({:.1} %) are {} symbols but for case",
            named.len(),
            assay.features.len(),
            100.0 * same as f64 / named.len() as f64,
            map.organism(),
        ),
        format!(
            "there is no identifier map of {organism}; gene sets are looked up by symbols that agree but for case, a makeshift for orthology that is sound among mammals and not beyond them",
        ),
        "declare `organism:` in `dataset.yaml` if it is another one",
    ))
}

/// Whether rows are antibodies that nothing but their name tells of.
fn is_of_antibodies(assay: &Assay) -> bool {
    assay.level == FeatureLevel::Marker
        && (assay.features.iter()).all(|f| f.accessions.is_empty() && f.symbol.is_none())
        && (assay.features.iter()).any(|f| antibody::is_of_a_modified_residue(&f.id))
}

fn annotate_antibodies(assay: &mut Assay, map: &IdentifierMap) -> Option<Inference> {
    let targets = Targets::new(map);
    let found: Vec<Vec<String>> = (assay.features.iter())
        .map(|f| targets.genes(&antibody::parse(&f.id).target))
        .collect();
    let n = assay.features.len().max(1);
    let mapped = found.iter().filter(|genes| !genes.is_empty()).count();
    if (mapped as f64) < MOSTLY_ANTIBODIES * n as f64 {
        return None;
    }
    let several = found.iter().filter(|genes| genes.len() > 1).count();
    let modified = (assay.features.iter()).filter(|f| f.site.is_some()).count();
    let unmapped: Vec<String> = (assay.features.iter().zip(&found))
        .filter(|(_, genes)| genes.is_empty())
        .map(|(f, _)| format!("`{}`", f.id))
        .collect();
    let mut value = format!(
        "{mapped} of {n} antibodies ({:.1} %) name a gene, {several} of them several; {modified} recognise a modified residue",
        100.0 * mapped as f64 / n as f64
    );
    if !unmapped.is_empty() {
        value.push_str(&format!("; not {}", unmapped.join(", ")));
    }
    for (feature, genes) in assay.features.iter_mut().zip(found) {
        feature.symbol = genes.first().cloned();
        feature.symbols = genes;
    }
    Some(Inference::new(
        format!("gene symbols of `{}`", assay.name),
        value,
        format!(
            "names of antibodies say the human protein they bind: established names, then symbols, aliases and names of genes in {}",
            map.source()
        ),
        "call the columns by gene symbols, with the residue as in `ERBB2_pY1248`",
    ))
}

/// A symbol and how it was found.
struct Found {
    symbol: String,
    kind: IdentifierKind,
    /// Whether it was found by an accession or by a current symbol in its own spelling.
    exact: bool,
}

fn symbol_of(feature: &Feature, map: &IdentifierMap) -> Option<Found> {
    let own = feature.symbol.as_deref();
    if let Some(m) = own
        .and_then(|s| map.map(s))
        .filter(|m| m.kind == IdentifierKind::Symbol)
    {
        return Some(Found {
            symbol: m.gene.symbol.to_string(),
            kind: m.kind,
            exact: own == Some(&*m.gene.symbol),
        });
    }
    // The id of a peptide names residues such as `C5`, which are no genes.
    let id = feature.peptidoform.is_none().then_some(&feature.id);
    let by_accession = feature.accessions.iter().chain(id).find_map(|a| map.map(a));
    let found = by_accession.or_else(|| own.and_then(|s| map.map(s)))?;
    let exact = by_accession.is_some_and(|m| {
        !matches!(m.kind, IdentifierKind::Symbol | IdentifierKind::Alias)
            || *m.gene.symbol == *feature.id
    });
    Some(Found {
        symbol: found.gene.symbol.to_string(),
        kind: found.kind,
        exact,
    })
}
