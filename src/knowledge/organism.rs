//! Which organism the identifiers of a table name.

use std::collections::BTreeMap;

/// What the identifiers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganismCall {
    /// Species name, such as `Homo sapiens`.
    pub organism: String,
    /// How many identifiers name it.
    pub votes: usize,
    /// How many identifiers name any organism.
    pub naming: usize,
    /// How many identifiers were looked at.
    pub total: usize,
}

impl OrganismCall {
    /// Whether at least half of the identifiers name an organism, and at least half of those this one.
    pub fn is_convincing(&self) -> bool {
        2 * self.naming >= self.total && 2 * self.votes >= self.naming
    }
}

/// UniProt's mnemonics of the species met in proteomics.
const MNEMONICS: [(&str, &str); 24] = [
    ("ARATH", "Arabidopsis thaliana"),
    ("BACSU", "Bacillus subtilis"),
    ("BOVIN", "Bos taurus"),
    ("CAEEL", "Caenorhabditis elegans"),
    ("CANLF", "Canis lupus familiaris"),
    ("CHICK", "Gallus gallus"),
    ("CHLRE", "Chlamydomonas reinhardtii"),
    ("DANRE", "Danio rerio"),
    ("DICDI", "Dictyostelium discoideum"),
    ("DROME", "Drosophila melanogaster"),
    ("ECOLI", "Escherichia coli"),
    ("HORSE", "Equus caballus"),
    ("HUMAN", "Homo sapiens"),
    ("MACMU", "Macaca mulatta"),
    ("MOUSE", "Mus musculus"),
    ("MYCTU", "Mycobacterium tuberculosis"),
    ("PIG", "Sus scrofa"),
    ("PLAF7", "Plasmodium falciparum"),
    ("RABIT", "Oryctolagus cuniculus"),
    ("RAT", "Rattus norvegicus"),
    ("SCHPO", "Schizosaccharomyces pombe"),
    ("SHEEP", "Ovis aries"),
    ("XENLA", "Xenopus laevis"),
    ("YEAST", "Saccharomyces cerevisiae"),
];

/// Ensembl's prefixes of genes and proteins; the human one has no species letters.
const ENSEMBL: [(&str, &str); 4] = [
    ("ENSMUS", "Mus musculus"),
    ("ENSRNO", "Rattus norvegicus"),
    ("ENSG0", "Homo sapiens"),
    ("ENSP0", "Homo sapiens"),
];

/// The organism that most identifiers name, if any does: by FASTA header (`OS=Homo sapiens`), UniProt entry name
/// (`P53_HUMAN`) or Ensembl prefix. Bare accessions and symbols name none. Ties go to the first by name.
///
/// A few spiked-in or contaminating proteins may be the only ones that name an organism: see
/// [`OrganismCall::is_convincing`].
pub fn detect_organism<S: AsRef<str>>(
    identifiers: impl IntoIterator<Item = S>,
) -> Option<OrganismCall> {
    let mut votes: BTreeMap<String, usize> = BTreeMap::new();
    let mut total = 0;
    for identifier in identifiers {
        total += 1;
        if let Some(organism) = named_organism(identifier.as_ref()) {
            *votes.entry(organism).or_default() += 1;
        }
    }
    let naming = votes.values().sum();
    let (organism, votes) = votes.into_iter().rev().max_by_key(|(_, votes)| *votes)?;
    Some(OrganismCall {
        organism,
        votes,
        naming,
        total,
    })
}

/// The organism that one identifier or FASTA header names.
pub fn named_organism(identifier: &str) -> Option<String> {
    if let Some((_, rest)) = identifier.split_once("OS=") {
        // The name ends at the next `XX=` field of the header, or at a strain in brackets.
        let words = rest
            .split_whitespace()
            .take_while(|word| !word.contains('=') && !word.starts_with('('));
        let name = words.take(2).collect::<Vec<_>>().join(" ");
        let name = name.split(';').next().unwrap_or_default();
        return (!name.is_empty()).then(|| name.to_owned());
    }
    let by_ensembl = ENSEMBL
        .iter()
        .find(|(prefix, _)| identifier.starts_with(prefix));
    if let Some((_, organism)) = by_ensembl {
        return Some((*organism).to_owned());
    }
    let mut parts = identifier.split(|c: char| !c.is_ascii_alphanumeric());
    parts.next()?;
    parts.find_map(|part| {
        MNEMONICS
            .binary_search_by(|(mnemonic, _)| (*mnemonic).cmp(part))
            .ok()
            .map(|found| MNEMONICS[found].1.to_owned())
    })
}
