//! Finding the features of one study in another: by identifier, by a shared accession, by gene symbol.

use std::collections::{BTreeMap, HashMap};

use proteus_stats::Matrix;

use crate::dataset::{Assay, AssayRecord, DatasetRecord, FeatureLevel, VALUE_PREFIX};
use crate::discovery::IdentifierCounts;
use crate::knowledge::IdentifierMap;
use crate::run::tables::read_parquet;
use crate::run::{RunError, RunView};
use crate::tool::FrameError;
use crate::tool::frame::{numbers, texts};

/// A feature by everything it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedFeature {
    /// Its id.
    pub id: String,
    /// All accessions of the group.
    pub accessions: Vec<String>,
    /// Its gene symbols, the one shown to people first.
    pub symbols: Vec<String>,
}

/// A file of a run that cannot be read, or is not as it was written.
#[derive(Debug, thiserror::Error)]
pub enum MainAssayError {
    /// It cannot be read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// It lacks a column.
    #[error("a table of the run is not as it was written: {0}")]
    Frame(#[from] FrameError),
}

/// How a feature was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoundBy {
    /// The same identifier.
    Id,
    /// A shared accession.
    Accession,
    /// The same gene symbol.
    Symbol,
    /// The same symbol in another organism.
    OrthologousSymbol,
}

impl FoundBy {
    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Id => "same identifier",
            Self::Accession => "shared accession",
            Self::Symbol => "same gene symbol",
            Self::OrthologousSymbol => {
                "same gene symbol in another organism, standing in for the ortholog"
            }
        }
    }
}

/// The features of the second study, by everything they are called.
pub(super) struct FeatureIndex<'a> {
    by_id: HashMap<String, Vec<usize>>,
    by_accession: HashMap<String, Vec<usize>>,
    by_symbol: HashMap<String, Vec<usize>>,
    /// Per feature: missing values and minus mean abundance, which decide among several.
    order: Vec<(usize, f64)>,
    identifiers: Option<&'a IdentifierMap>,
    same_organism: bool,
}

impl<'a> FeatureIndex<'a> {
    /// Indexes features with their values (features × samples, NaN where missing). `identifiers` bring old symbols up to
    /// date, where they are of this organism.
    pub(super) fn new(
        features: &[NamedFeature],
        values: &Matrix,
        identifiers: Option<&'a IdentifierMap>,
        same_organism: bool,
    ) -> Self {
        let mut index = Self {
            by_id: HashMap::new(),
            by_accession: HashMap::new(),
            by_symbol: HashMap::new(),
            order: Vec::with_capacity(features.len()),
            identifiers,
            same_organism,
        };
        for (i, feature) in features.iter().enumerate() {
            let observed: Vec<f64> = values
                .row(i)
                .iter()
                .copied()
                .filter(|v| !v.is_nan())
                .collect();
            let mean = observed.iter().sum::<f64>() / observed.len().max(1) as f64;
            index.order.push((values.cols() - observed.len(), -mean));
            index.by_id.entry(feature.id.clone()).or_default().push(i);
            let mut accessions: Vec<String> = feature
                .accessions
                .iter()
                .chain([&feature.id])
                .map(|a| without_isoform(a))
                .collect();
            accessions.sort();
            accessions.dedup();
            for accession in accessions {
                index.by_accession.entry(accession).or_default().push(i);
            }
            for symbol in &feature.symbols {
                let rows = index
                    .by_symbol
                    .entry(current_symbol(symbol, identifiers))
                    .or_default();
                if !rows.contains(&i) {
                    rows.push(i);
                }
            }
        }
        index
    }

    /// The feature that stands for one of the first study: among several the one with the fewest missing values, then the
    /// most abundant, so that no tested label has a say.
    pub(super) fn find(&self, feature: &NamedFeature) -> Option<(usize, FoundBy)> {
        if self.same_organism {
            if let Some(i) = self.best(self.by_id.get(&feature.id)) {
                return Some((i, FoundBy::Id));
            }
            for accession in feature.accessions.iter().chain([&feature.id]) {
                let rows = self.by_accession.get(&without_isoform(accession));
                if let Some(i) = self.best(rows) {
                    return Some((i, FoundBy::Accession));
                }
            }
        }
        let symbol = feature.symbols.first()?;
        let rows = self
            .by_symbol
            .get(&current_symbol(symbol, self.identifiers));
        let found = if self.same_organism {
            FoundBy::Symbol
        } else {
            FoundBy::OrthologousSymbol
        };
        self.best(rows).map(|i| (i, found))
    }

    fn best(&self, rows: Option<&Vec<usize>>) -> Option<usize> {
        rows?.iter().copied().min_by(|&a, &b| {
            let ((missing_a, mean_a), (missing_b, mean_b)) = (self.order[a], self.order[b]);
            missing_a
                .cmp(&missing_b)
                .then_with(|| mean_a.total_cmp(&mean_b))
                .then_with(|| a.cmp(&b))
        })
    }

    /// Pairs (row of the first study, row of the second), each row of the second used once, for the rows `of`.
    pub(super) fn pairs(&self, first: &[NamedFeature]) -> Vec<(usize, usize)> {
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        for (i, feature) in first.iter().enumerate() {
            if let Some((j, _)) = self.find(feature) {
                taken.entry(j).or_insert(i);
            }
        }
        taken.into_iter().map(|(j, i)| (i, j)).collect()
    }
}

/// The features of the assay that analyses work on by default.
pub(super) fn of_assay(assay: &Assay) -> Vec<NamedFeature> {
    assay
        .features
        .iter()
        .map(|f| NamedFeature {
            id: f.id.clone(),
            accessions: f.accessions.clone(),
            symbols: f
                .symbol
                .iter()
                .chain(f.symbols.iter().filter(|s| f.symbol.as_ref() != Some(*s)))
                .cloned()
                .collect(),
        })
        .collect()
}

/// The same and their values, read from a run folder.
pub(super) fn of_run(
    run: &RunView,
    dataset: &DatasetRecord,
) -> Result<(Vec<NamedFeature>, Matrix), MainAssayError> {
    let is_main = |record: &&AssayRecord| {
        dataset.profile.assays.iter().any(|a| {
            a.name == record.name
                && matches!(a.level, FeatureLevel::ProteinGroup | FeatureLevel::Gene)
        })
    };
    let record = dataset
        .assays
        .iter()
        .find(is_main)
        .or(dataset.assays.first());
    let Some(record) = record else {
        return Ok((Vec::new(), Matrix::filled(0, 0, f64::NAN)));
    };
    let table = read_parquet(&run.path(&record.table))?;
    let ids = texts(&table, "feature")?;
    let (genes, accessions) = (texts(&table, "gene")?, texts(&table, "accessions")?);
    let mut columns = Vec::with_capacity(dataset.samples.len());
    for sample in &dataset.samples.ids {
        let name = format!("{VALUE_PREFIX}{sample}");
        columns.push(match table.column(&name) {
            Ok(_) => numbers(&table, &name)?,
            Err(_) => vec![f64::NAN; ids.len()],
        });
    }
    let values = Matrix::from_fn(ids.len(), columns.len(), |i, j| columns[j][i]);
    let features = ids
        .into_iter()
        .zip(genes)
        .zip(accessions)
        .map(|((id, gene), accessions)| NamedFeature {
            id,
            accessions: accessions
                .split(';')
                .filter(|a| !a.is_empty())
                .map(str::to_owned)
                .collect(),
            symbols: (!gene.is_empty()).then_some(gene).into_iter().collect(),
        })
        .collect();
    Ok((features, values))
}

/// Counts one feature.
pub(super) fn count(counts: &mut IdentifierCounts, found: Option<FoundBy>) {
    match found {
        Some(FoundBy::Id) => counts.by_id += 1,
        Some(FoundBy::Accession) => counts.by_accession += 1,
        Some(FoundBy::Symbol) => counts.by_symbol += 1,
        Some(FoundBy::OrthologousSymbol) => counts.by_orthologous_symbol += 1,
        None => counts.not_found += 1,
    }
}

/// An accession without the number of its isoform: `P04637-2` is `P04637`.
fn without_isoform(accession: &str) -> String {
    match accession.rsplit_once('-') {
        Some((base, number))
            if base.len() >= 6
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit()) =>
        {
            base.to_owned()
        }
        _ => accession.to_owned(),
    }
}

/// A symbol in upper case, brought up to date where the pack knows it.
fn current_symbol(symbol: &str, identifiers: Option<&IdentifierMap>) -> String {
    identifiers
        .and_then(|map| map.map(symbol))
        .map_or_else(|| symbol.to_uppercase(), |m| m.gene.symbol.to_uppercase())
}
