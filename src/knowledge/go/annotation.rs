//! The annotation of genes with GO terms.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use super::graph::{GoGraph, GoTerm, Ontology};
use crate::knowledge::table::Table;
use crate::knowledge::{GeneSet, GeneSets, KnowledgeError, PackVersion, Symbol};

/// The term for protein-containing complexes, the root of the catalogue of complexes.
const COMPLEX: &str = "GO:0032991";

/// Which annotations count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EvidenceFilter {
    /// All, inferred electronically or not, except `ND` (no data), which only says that nothing is known.
    #[default]
    All,
    /// Those a curator has seen: all but `IEA` and `ND`.
    Curated,
    /// Those made from an experiment on the gene's own product: `EXP`, `IDA`, `IPI`, `IMP`, `IGI`, `IEP` and their
    /// high-throughput forms.
    Experimental,
}

impl EvidenceFilter {
    /// Whether an annotation with this evidence code counts.
    pub fn accepts(self, code: &str) -> bool {
        const EXPERIMENTS: [&str; 11] = [
            "EXP", "IDA", "IPI", "IMP", "IGI", "IEP", "HTP", "HDA", "HMP", "HGI", "HEP",
        ];
        match self {
            Self::All => code != "ND",
            Self::Curated => code != "ND" && code != "IEA",
            Self::Experimental => EXPERIMENTS.contains(&code),
        }
    }
}

/// The Gene Ontology with the annotation of one organism's genes.
#[derive(Debug)]
pub struct Go {
    graph: GoGraph,
    source: Arc<PackVersion>,
    genes: Vec<Annotated>,
    /// Genes per term, all evidence, propagated.
    counts: OnceLock<Vec<usize>>,
}

/// A gene and its direct annotations.
#[derive(Debug)]
struct Annotated {
    symbol: Symbol,
    direct: Vec<(u32, Arc<str>)>,
}

impl Go {
    pub(in crate::knowledge) fn parse(
        terms: &Table,
        parents: &Table,
        annotations: &Table,
        source: Arc<PackVersion>,
    ) -> Result<Self, KnowledgeError> {
        let graph = GoGraph::parse(terms, parents)?;
        let mut by_symbol: HashMap<&str, Vec<(u32, Arc<str>)>> = HashMap::new();
        let mut codes: BTreeMap<&str, Arc<str>> = BTreeMap::new();
        for row in annotations.rows(["symbol", "go_id", "evidence"])? {
            let (number, [symbol, term, code]) = row?;
            let Some(term) = graph.position(term) else {
                let problem = format!("`{term}` is not among the terms");
                return Err(annotations.malformed(
                    number,
                    problem,
                    "list every term in the file of terms",
                ));
            };
            let code = codes.entry(code).or_insert_with(|| Arc::from(code)).clone();
            by_symbol.entry(symbol).or_default().push((term, code));
        }
        let mut genes: Vec<Annotated> = by_symbol
            .into_iter()
            .map(|(symbol, mut direct)| {
                direct.sort_unstable();
                Annotated {
                    symbol: Symbol::from(symbol),
                    direct,
                }
            })
            .collect();
        genes.sort_unstable_by(|a, b| a.symbol.cmp(&b.symbol));
        Ok(Self {
            graph,
            source,
            genes,
            counts: OnceLock::new(),
        })
    }

    /// The graph of terms.
    pub fn graph(&self) -> &GoGraph {
        &self.graph
    }

    /// The pack it comes from.
    pub fn source(&self) -> &Arc<PackVersion> {
        &self.source
    }

    /// The direct annotations of a gene with their evidence codes, sorted by term; none for an unknown gene.
    pub fn direct(&self, symbol: &str) -> impl Iterator<Item = (&GoTerm, &str)> {
        let found = self
            .genes
            .binary_search_by(|gene| (*gene.symbol).cmp(symbol))
            .ok();
        let direct = found.map(|index| &self.genes[index].direct);
        direct
            .into_iter()
            .flatten()
            .map(|(term, code)| (&self.graph.terms()[*term as usize], &**code))
    }

    /// The terms of one ontology as gene sets, annotations propagated along is-a and part-of. Terms without a gene
    /// are left out.
    pub fn gene_sets(&self, ontology: Ontology, evidence: EvidenceFilter) -> GeneSets {
        self.sets(ontology.collection(), evidence, |_, term| {
            term.ontology == ontology
        })
    }

    /// The protein complexes: terms below GO:0032991 along is-a, annotations propagated, the root itself left out.
    pub fn complexes(&self, evidence: EvidenceFilter) -> GeneSets {
        let is_complex = self.graph.kinds_of(COMPLEX);
        self.sets("go-complexes", evidence, |index, _| is_complex[index])
    }

    /// Information content of a term in nats: minus the logarithm of the share of the ontology's annotated genes
    /// that belong to it. 0 for a root, larger for more specific terms; `None` for an unknown term or one without
    /// genes. Resnik 1995, doi:10.48550/arXiv.cmp-lg/9511007.
    pub fn information_content(&self, id: &str) -> Option<f64> {
        let term = self.graph.position(id)?;
        let root = self
            .graph
            .ancestors_of(term)
            .iter()
            .copied()
            .find(|above| self.graph.ancestors_of(*above).is_empty());
        let counts = self.counts.get_or_init(|| {
            self.propagate(EvidenceFilter::All)
                .iter()
                .map(Vec::len)
                .collect()
        });
        let all = counts[root.unwrap_or(term) as usize] as f64;
        let here = counts[term as usize] as f64;
        (here > 0.0).then(|| (all / here).ln())
    }

    fn sets(
        &self,
        name: &str,
        evidence: EvidenceFilter,
        keep: impl Fn(usize, &GoTerm) -> bool,
    ) -> GeneSets {
        let members = self.propagate(evidence);
        let terms = self.graph.terms().iter().zip(members).enumerate();
        let sets =
            terms
                .filter(|(index, (term, _))| keep(*index, term))
                .map(|(_, (term, members))| GeneSet {
                    id: term.id.clone(),
                    name: term.name.clone(),
                    source: self.source.clone(),
                    members: members
                        .into_iter()
                        .map(|gene| self.genes[gene as usize].symbol.clone())
                        .collect(),
                });
        GeneSets::new(name, self.source.clone(), sets.collect())
    }

    /// For each term the positions of its genes, ascending.
    fn propagate(&self, evidence: EvidenceFilter) -> Vec<Vec<u32>> {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); self.graph.terms().len()];
        // The last gene that each term was given to: one pass per gene, with nothing to clear.
        let mut last = vec![u32::MAX; members.len()];
        for (position, gene) in (0u32..).zip(&self.genes) {
            for (term, code) in &gene.direct {
                // A term that was reached has passed the gene on to all its ancestors.
                if !evidence.accepts(code) || last[*term as usize] == position {
                    continue;
                }
                for reached in std::iter::once(term).chain(self.graph.ancestors_of(*term)) {
                    if last[*reached as usize] != position {
                        last[*reached as usize] = position;
                        members[*reached as usize].push(position);
                    }
                }
            }
        }
        members
    }
}
