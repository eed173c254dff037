//! Gene sets: the members of a pathway, process, place or complex, by gene symbol.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::table::{Interner, Table};
use super::{KnowledgeError, PackVersion, Symbol};

/// One gene set. Members are sorted and distinct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneSet {
    /// Identifier in its pack, such as `GO:0000502` or `R-HSA-164843`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The pack it comes from.
    pub source: Arc<PackVersion>,
    /// Symbols of the member genes.
    pub members: Vec<Symbol>,
}

/// A collection of gene sets, sorted by identifier.
#[derive(Debug)]
pub struct GeneSets {
    collection: String,
    source: Arc<PackVersion>,
    sets: Vec<GeneSet>,
    by_member: OnceLock<HashMap<Symbol, Vec<u32>>>,
    by_id: OnceLock<HashMap<String, u32>>,
}

/// The measured part of a gene set.
#[derive(Debug, Clone)]
pub struct MeasuredSet<'a> {
    /// The whole set.
    pub set: &'a GeneSet,
    /// Positions, in the measured symbols, of the members that were measured; ascending.
    pub indices: Vec<usize>,
}

impl GeneSets {
    /// A collection from its sets; sets without members are dropped.
    pub fn new(
        collection: impl Into<String>,
        source: Arc<PackVersion>,
        mut sets: Vec<GeneSet>,
    ) -> Self {
        sets.retain(|set| !set.members.is_empty());
        sets.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            collection: collection.into(),
            source,
            sets,
            by_member: OnceLock::new(),
            by_id: OnceLock::new(),
        }
    }

    /// The collection with sets and genes under other names, in the order it has; sets that `rename` gives nothing for are
    /// left out.
    pub(super) fn renamed(&self, rename: impl FnMut(&GeneSet) -> Option<GeneSet>) -> Self {
        Self {
            collection: self.collection.clone(),
            source: self.source.clone(),
            sets: self.sets.iter().filter_map(rename).collect(),
            by_member: OnceLock::new(),
            by_id: OnceLock::new(),
        }
    }

    /// Reads gene sets in GMT form from `bytes`, gzip'd or not: one set per line, name, identifier or remark, then
    /// the members, separated by tabs. The second field is taken for the identifier if it is distinct in every
    /// line and holds neither a space nor `://`; otherwise the name is the identifier.
    ///
    /// # Errors
    /// A line has no member field, two sets share an identifier, or the text cannot be decoded.
    pub fn from_gmt(
        collection: &str,
        file: &str,
        bytes: &[u8],
        source: PackVersion,
    ) -> Result<Self, KnowledgeError> {
        let table = Table::from_bytes(file, bytes)?;
        let source = Arc::new(source);
        let mut symbols = Interner::default();
        let mut lines = Vec::new();
        for (number, line) in table.lines() {
            let mut fields = line.split('\t');
            let (Some(name), Some(remark)) = (fields.next(), fields.next()) else {
                let problem =
                    "expected a name, a remark and members separated by tabs, found one field"
                        .to_owned();
                return Err(table.malformed(number, problem, "GMT holds one gene set per line"));
            };
            if name.trim().is_empty() {
                return Err(table.malformed(
                    number,
                    "the gene set has no name".to_owned(),
                    "name it in the first field",
                ));
            }
            let members: BTreeSet<Symbol> = fields
                .map(str::trim)
                .filter(|member| !member.is_empty())
                .map(|member| symbols.symbol(member))
                .collect();
            lines.push((number, name.trim(), remark.trim(), members));
        }
        let remarks: BTreeSet<&str> = lines.iter().map(|(_, _, remark, _)| *remark).collect();
        let remark_is_id = remarks.len() == lines.len()
            && remarks.iter().all(|remark| {
                !remark.is_empty() && !remark.contains("://") && !remark.contains(' ')
            });
        let mut seen = HashMap::new();
        let mut sets = Vec::with_capacity(lines.len());
        for (number, name, remark, members) in lines {
            let id = if remark_is_id { remark } else { name };
            if let Some(first) = seen.insert(id, number) {
                let problem = format!("the gene set `{id}` was given before, in line {first}");
                return Err(table.malformed(number, problem, "give every gene set its own name"));
            }
            sets.push(GeneSet {
                id: id.to_owned(),
                name: name.to_owned(),
                source: source.clone(),
                members: members.into_iter().collect(),
            });
        }
        Ok(Self::new(collection, source, sets))
    }

    /// Reads a user's GMT file. The collection is named after the file, and its version is the first 12 digits of
    /// the BLAKE3 hash of its bytes.
    ///
    /// # Errors
    /// The file cannot be read, or as [`GeneSets::from_gmt`].
    pub fn read_gmt(path: &Path) -> Result<Self, KnowledgeError> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| KnowledgeError::Unreadable {
            path: shown.clone(),
            source,
        })?;
        let name = path
            .file_name()
            .map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
        let name = name
            .trim_end_matches(".gz")
            .trim_end_matches(".gmt")
            .to_owned();
        let version = blake3::hash(&bytes).to_hex()[..12].to_owned();
        Self::from_gmt(
            &name,
            &shown,
            &bytes,
            PackVersion {
                pack: name.clone(),
                version,
            },
        )
    }

    /// Name of the collection, such as `go-bp` or `reactome`.
    pub fn collection(&self) -> &str {
        &self.collection
    }

    /// The pack the collection comes from.
    pub fn source(&self) -> &Arc<PackVersion> {
        &self.source
    }

    /// The sets, sorted by identifier; under codes, by the identifiers these stand for.
    pub fn sets(&self) -> &[GeneSet] {
        &self.sets
    }

    /// How many sets there are.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there is no set.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// The set with this identifier.
    pub fn get(&self, id: &str) -> Option<&GeneSet> {
        let by_id = self.by_id.get_or_init(|| {
            let places = (0u32..).zip(&self.sets);
            places.map(|(index, set)| (set.id.clone(), index)).collect()
        });
        by_id.get(id).map(|index| &self.sets[*index as usize])
    }

    /// The sets that hold `symbol`, sorted by identifier.
    pub fn containing(&self, symbol: &str) -> impl Iterator<Item = &GeneSet> {
        self.by_member()
            .get(symbol)
            .into_iter()
            .flatten()
            .map(|index| &self.sets[*index as usize])
    }

    /// The sets of which between `min` and `max` positions of `measured` are members, sorted by identifier.
    ///
    /// Symbols are compared letter for letter. A symbol that is measured more than once counts at each of its
    /// positions: give every gene once where genes are to be counted. An empty symbol is never a member.
    pub fn restrict<S: AsRef<str>>(
        &self,
        measured: &[S],
        min: usize,
        max: usize,
    ) -> Vec<MeasuredSet<'_>> {
        let by_member = self.by_member();
        let mut indices: Vec<Vec<usize>> = vec![Vec::new(); self.sets.len()];
        for (position, symbol) in measured.iter().enumerate() {
            for set in by_member.get(symbol.as_ref()).into_iter().flatten() {
                indices[*set as usize].push(position);
            }
        }
        let parts = self
            .sets
            .iter()
            .zip(indices)
            .map(|(set, indices)| MeasuredSet { set, indices });
        parts
            .filter(|part| (min..=max).contains(&part.indices.len()))
            .collect()
    }

    fn by_member(&self) -> &HashMap<Symbol, Vec<u32>> {
        self.by_member.get_or_init(|| {
            let mut by_member: HashMap<Symbol, Vec<u32>> = HashMap::new();
            for (index, set) in (0u32..).zip(&self.sets) {
                for member in &set.members {
                    by_member.entry(member.clone()).or_default().push(index);
                }
            }
            by_member
        })
    }
}
