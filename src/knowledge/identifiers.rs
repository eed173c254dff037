//! Identifiers of genes and proteins, brought to one gene each.
//!
//! Rules, in this order: a list (`P1;P2`) takes the first entry that maps; of a FASTA header the accession counts,
//! then the symbol after `GN=`; wrappers (`sp|P04637|P53_HUMAN`, `UniProtKB:`), isoform suffixes (`-2`) and versions
//! (`.3`) are removed; an accession shared by several genes (twins that encode the same protein) goes to the gene with
//! the lowest Entrez number; a current symbol wins over an old one; an old symbol that only gained a number (`GARS`,
//! now `GARS1`) goes to the numbered gene; any other alias of several genes maps to none and is counted as ambiguous.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::table::Table;
use super::{KnowledgeError, PackVersion, Symbol};

/// A gene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gene {
    /// HGNC symbol.
    pub symbol: Symbol,
    /// NCBI Gene number.
    pub entrez: u32,
    /// Name for people.
    pub name: String,
}

/// What an identifier was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// UniProt accession.
    Uniprot,
    /// RefSeq protein.
    Refseq,
    /// Ensembl gene.
    Ensembl,
    /// NCBI Gene number.
    Entrez,
    /// Current symbol.
    Symbol,
    /// Old symbol or alias.
    Alias,
}

/// The gene an identifier stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping<'a> {
    /// The gene.
    pub gene: &'a Gene,
    /// What the identifier was recognised as.
    pub kind: IdentifierKind,
    /// How many genes it could have meant; more than 1 for an accession that twin genes share.
    pub candidates: usize,
}

/// How many of a table's identifiers map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingRate {
    /// Identifiers looked up.
    pub total: usize,
    /// Those that map to a gene.
    pub mapped: usize,
    /// Those that map, by what they were recognised as.
    pub by_kind: BTreeMap<IdentifierKind, usize>,
    /// Those left unmapped because they are an alias of several genes.
    pub ambiguous: usize,
    /// The first few that do not map.
    pub unmapped_examples: Vec<String>,
}

impl MappingRate {
    /// Share that maps, from 0 to 1; 0 of none.
    pub fn fraction(&self) -> f64 {
        if self.total == 0 {
            0.0
        } else {
            self.mapped as f64 / self.total as f64
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    gene: u32,
    candidates: u32,
}

/// Identifiers of the genes of one organism.
#[derive(Debug)]
pub struct IdentifierMap {
    organism: String,
    source: Arc<PackVersion>,
    genes: Vec<Gene>,
    /// Old symbols and aliases of each gene, as the pack writes them, parted by semicolons.
    aliases: Vec<String>,
    uniprot: HashMap<String, Entry>,
    refseq: HashMap<String, Entry>,
    ensembl: HashMap<String, Entry>,
    entrez: HashMap<u32, u32>,
    symbol: HashMap<String, Entry>,
    /// Aliases to which the gene's symbol only adds a number.
    numbered: HashMap<String, Entry>,
    alias: HashMap<String, Entry>,
}

enum Outcome<'a> {
    Mapped(Mapping<'a>),
    Ambiguous,
    Unknown,
}

impl IdentifierMap {
    pub(super) fn parse(
        table: &Table,
        organism: &str,
        source: Arc<PackVersion>,
    ) -> Result<Self, KnowledgeError> {
        const COLUMNS: [&str; 8] = [
            "entrez",
            "symbol",
            "name",
            "gene_type",
            "uniprot",
            "ensembl",
            "alias",
            "refseq_protein",
        ];
        let mut rows = Vec::new();
        for row in table.rows(COLUMNS)? {
            let (number, fields) = row?;
            let entrez: u32 = fields[0].parse().map_err(|_| {
                let problem = format!(
                    "expected an NCBI Gene number in column `entrez`, found `{}`",
                    fields[0]
                );
                table.malformed(number, problem, "write digits only")
            })?;
            rows.push((entrez, fields));
        }
        rows.sort_unstable_by_key(|(entrez, _)| *entrez);
        let mut map = Self {
            organism: organism.to_owned(),
            source,
            genes: Vec::with_capacity(rows.len()),
            aliases: Vec::with_capacity(rows.len()),
            uniprot: HashMap::with_capacity(2 * rows.len()),
            refseq: HashMap::with_capacity(4 * rows.len()),
            ensembl: HashMap::with_capacity(2 * rows.len()),
            entrez: HashMap::with_capacity(rows.len()),
            symbol: HashMap::with_capacity(rows.len()),
            numbered: HashMap::new(),
            alias: HashMap::with_capacity(3 * rows.len()),
        };
        for (gene, (entrez, [_, symbol, name, _, uniprot, ensembl, alias, refseq])) in
            (0u32..).zip(rows)
        {
            map.genes.push(Gene {
                symbol: Symbol::from(symbol),
                entrez,
                name: name.to_owned(),
            });
            map.aliases.push(alias.to_owned());
            map.entrez.insert(entrez, gene);
            enter(&mut map.uniprot, uniprot, gene);
            enter(&mut map.refseq, refseq, gene);
            enter(&mut map.ensembl, ensembl, gene);
            let (symbol, alias) = (symbol.to_uppercase(), alias.to_uppercase());
            let stem = symbol.trim_end_matches(|c: char| c.is_ascii_digit());
            if stem != symbol && alias.split(';').any(|old| old == stem) {
                enter(&mut map.numbered, stem, gene);
            }
            enter(&mut map.symbol, &symbol, gene);
            enter(&mut map.alias, &alias, gene);
        }
        Ok(map)
    }

    /// The organism whose genes these are.
    pub fn organism(&self) -> &str {
        &self.organism
    }

    /// The pack it comes from.
    pub fn source(&self) -> &Arc<PackVersion> {
        &self.source
    }

    /// The genes, by Entrez number.
    pub fn genes(&self) -> &[Gene] {
        &self.genes
    }

    /// Old symbols and aliases of the gene at a place of [`genes`](Self::genes), as the pack writes them.
    pub fn aliases(&self, place: usize) -> impl Iterator<Item = &str> {
        let all = self.aliases.get(place).map_or("", String::as_str);
        all.split(';')
            .map(str::trim)
            .filter(|alias| !alias.is_empty())
    }

    /// The gene that `identifier` stands for, by the rules at the head of this module.
    pub fn map(&self, identifier: &str) -> Option<Mapping<'_>> {
        match self.outcome(identifier) {
            Outcome::Mapped(mapping) => Some(mapping),
            Outcome::Ambiguous | Outcome::Unknown => None,
        }
    }

    /// The genes of many identifiers, in their order, and how many map.
    pub fn map_all<S: AsRef<str>>(
        &self,
        identifiers: &[S],
    ) -> (Vec<Option<Mapping<'_>>>, MappingRate) {
        const EXAMPLES: usize = 5;
        let mut rate = MappingRate {
            total: identifiers.len(),
            ..MappingRate::default()
        };
        let mut mappings = Vec::with_capacity(identifiers.len());
        for identifier in identifiers {
            let outcome = self.outcome(identifier.as_ref());
            if let Outcome::Mapped(mapping) = outcome {
                rate.mapped += 1;
                *rate.by_kind.entry(mapping.kind).or_default() += 1;
                mappings.push(Some(mapping));
                continue;
            }
            rate.ambiguous += usize::from(matches!(outcome, Outcome::Ambiguous));
            if rate.unmapped_examples.len() < EXAMPLES {
                rate.unmapped_examples.push(identifier.as_ref().to_owned());
            }
            mappings.push(None);
        }
        (mappings, rate)
    }

    fn outcome(&self, identifier: &str) -> Outcome<'_> {
        let mut ambiguous = false;
        for entry in identifier.split(';') {
            let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>');
            let entry = entry.trim_matches(quotes);
            // The words of a header are no identifiers, but for its first and its gene.
            let mut words = entry.split_whitespace();
            let first = words.next().unwrap_or_default();
            let gene = words.find_map(|word| word.strip_prefix("GN="));
            for part in first.split(['|', ':']).chain(gene) {
                match self.lookup(part) {
                    Outcome::Mapped(mapping) => return Outcome::Mapped(mapping),
                    Outcome::Ambiguous => ambiguous = true,
                    Outcome::Unknown => {}
                }
            }
        }
        if ambiguous {
            Outcome::Ambiguous
        } else {
            Outcome::Unknown
        }
    }

    fn lookup(&self, identifier: &str) -> Outcome<'_> {
        // `sp` and `tr` are the databases of a FASTA header, and aliases of genes too.
        if identifier.is_empty()
            || matches!(
                identifier,
                "sp" | "tr" | "ref" | "gi" | "UniProtKB" | "HGNC"
            )
        {
            return Outcome::Unknown;
        }
        let upper = identifier.to_uppercase();
        let unversioned = strip_number(&upper, '.');
        let accession = strip_number(unversioned, '-');
        let found = self
            .uniprot
            .get(accession)
            .map(|entry| (*entry, IdentifierKind::Uniprot));
        let found = found.or_else(|| {
            self.refseq
                .get(unversioned)
                .map(|entry| (*entry, IdentifierKind::Refseq))
        });
        let found = found.or_else(|| {
            self.ensembl
                .get(unversioned)
                .map(|entry| (*entry, IdentifierKind::Ensembl))
        });
        let found = found.or_else(|| {
            self.symbol
                .get(&upper)
                .map(|entry| (*entry, IdentifierKind::Symbol))
        });
        let found = found.or_else(|| {
            let gene = *self.entrez.get(&identifier.parse().ok()?)?;
            Some((
                Entry {
                    gene,
                    candidates: 1,
                },
                IdentifierKind::Entrez,
            ))
        });
        let found = found.or_else(|| {
            let entry = self
                .numbered
                .get(&upper)
                .filter(|entry| entry.candidates == 1)?;
            Some((*entry, IdentifierKind::Alias))
        });
        let found = found.or_else(|| {
            self.alias
                .get(&upper)
                .map(|entry| (*entry, IdentifierKind::Alias))
        });
        match found {
            None => Outcome::Unknown,
            Some((entry, IdentifierKind::Alias)) if entry.candidates > 1 => Outcome::Ambiguous,
            Some((entry, kind)) => Outcome::Mapped(Mapping {
                gene: &self.genes[entry.gene as usize],
                kind,
                candidates: entry.candidates as usize,
            }),
        }
    }
}

/// Enters a semicolon list of identifiers; the gene entered first, which has the lower Entrez number, keeps its place.
fn enter(index: &mut HashMap<String, Entry>, list: &str, gene: u32) {
    for identifier in list.split(';').filter(|identifier| !identifier.is_empty()) {
        match index.get_mut(identifier) {
            Some(entry) if entry.gene != gene => entry.candidates += 1,
            Some(_) => {}
            None => {
                index.insert(
                    identifier.to_owned(),
                    Entry {
                        gene,
                        candidates: 1,
                    },
                );
            }
        }
    }
}

/// `text` without a last `mark` followed by digits, such as `-2` or `.1`.
fn strip_number(text: &str, mark: char) -> &str {
    match text.rsplit_once(mark) {
        Some((stem, number))
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            stem
        }
        _ => text,
    }
}
