//! Packs: what is bundled, in which version, and lazy access to it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::codes::{Codebook, NameKind};
use super::derived::Derived;
use super::table::Table;
use super::{
    Diseases, EvidenceFilter, Footprints, GeneSet, GeneSets, Go, IdentifierMap, Interactions,
    KnowledgeError, Ontology, Symbol,
};
use crate::content::Content;

const FOLDER: &str = "datasets/knowledge/";

/// Which pack a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackVersion {
    /// Name of the pack.
    pub pack: String,
    /// Its version, as its `pack.yaml` states it.
    pub version: String,
}

impl std::fmt::Display for PackVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.pack, self.version)
    }
}

/// What a pack holds, and with it the files it must name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackKind {
    /// The Gene Ontology: `terms`, `parents`, `annotations`.
    Ontology,
    /// Gene sets in GMT form: `sets`.
    GeneSets,
    /// Identifiers of genes and proteins: `genes`.
    Identifiers,
    /// Undirected associations between genes: `edges`.
    Interactions,
    /// Diseases and the genes linked to them: `terms`, `genes`.
    Diseases,
    /// Regulators or pathways and their targets with signed weights: `targets`.
    Footprints,
}

impl PackKind {
    /// The name used in `pack.yaml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ontology => "ontology",
            Self::GeneSets => "gene_sets",
            Self::Identifiers => "identifiers",
            Self::Interactions => "interactions",
            Self::Diseases => "diseases",
            Self::Footprints => "footprints",
        }
    }

    fn files(self) -> &'static [&'static str] {
        match self {
            Self::Ontology => &["annotations", "parents", "terms"],
            Self::GeneSets => &["sets"],
            Self::Identifiers => &["genes"],
            Self::Interactions => &["edges"],
            Self::Diseases => &["genes", "terms"],
            Self::Footprints => &["targets"],
        }
    }
}

/// The `pack.yaml` of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackInfo {
    /// Name, the same as its folder's.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Version as its source states it, else the commit it was taken from.
    pub version: String,
    /// Year of its content, or `unstated`.
    pub date: String,
    /// What it holds.
    pub kind: PackKind,
    /// Species of the genes.
    pub organism: String,
    /// Licence of the content.
    pub licence: String,
    /// Where it was taken from.
    pub source: String,
    /// How to cite it.
    pub citation: String,
    /// Its files by their part.
    pub files: BTreeMap<String, String>,
    /// Limits a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl PackInfo {
    /// The name and version that its facts carry.
    pub fn pack_version(&self) -> PackVersion {
        PackVersion {
            pack: self.name.clone(),
            version: self.version.clone(),
        }
    }

    fn path(&self, file: &str) -> String {
        format!("{FOLDER}{}/{file}", self.name)
    }
}

/// A collection of gene sets, by where it comes from.
#[derive(Debug, Clone, Copy)]
enum CollectionSource {
    GoTerms(Ontology),
    GoComplexes,
    Pack(usize),
}

/// The knowledge packs of the binary and of the `--content` folder; each is parsed on first use, once.
#[derive(Debug)]
pub struct Packs {
    content: Content,
    infos: Vec<PackInfo>,
    collections: BTreeMap<String, (CollectionSource, OnceLock<GeneSets>)>,
    footprints: BTreeMap<String, (usize, OnceLock<Footprints>)>,
    go: OnceLock<Go>,
    identifiers: OnceLock<IdentifierMap>,
    interactions: OnceLock<Interactions>,
    diseases: OnceLock<Diseases>,
    derived: Derived,
    under_codes: Option<UnderCodes>,
}

/// Packs that name genes and sets by codes, and what the codes stand for.
#[derive(Debug)]
struct UnderCodes {
    codes: Arc<Codebook>,
    named: Arc<Packs>,
}

/// What stands for the members of a set that were not measured, which no code names.
const NOT_MEASURED: &str = "not measured";

impl Packs {
    /// Reads the `pack.yaml` of every pack.
    ///
    /// # Errors
    /// A manifest is not valid, or names a file that is not there.
    pub fn open(content: &Content) -> Result<Self, KnowledgeError> {
        let mut infos = Vec::new();
        for path in content.list(FOLDER) {
            if let Some(folder) = path
                .strip_prefix(FOLDER)
                .and_then(|rest| rest.strip_suffix("/pack.yaml"))
            {
                let info = read_info(content, &path, folder).map_err(|e| e.of_pack(folder))?;
                infos.push(info);
            }
        }
        let mut collections = BTreeMap::new();
        let mut add =
            |name: &str, source| collections.insert(name.to_owned(), (source, OnceLock::new()));
        let mut footprints = BTreeMap::new();
        for (index, info) in infos.iter().enumerate() {
            match info.kind {
                PackKind::Footprints => {
                    footprints.insert(info.name.clone(), (index, OnceLock::new()));
                }
                PackKind::GeneSets => {
                    add(&info.name, CollectionSource::Pack(index));
                }
                PackKind::Ontology => {
                    for ontology in Ontology::ALL {
                        add(ontology.collection(), CollectionSource::GoTerms(ontology));
                    }
                    add("go-complexes", CollectionSource::GoComplexes);
                }
                PackKind::Identifiers | PackKind::Interactions | PackKind::Diseases => {}
            }
        }
        Ok(Self {
            content: content.clone(),
            infos,
            collections,
            footprints,
            ..Self::none()
        })
    }

    /// No packs: nothing is known but what a table says itself.
    pub fn none() -> Self {
        Self {
            content: Content::default(),
            infos: Vec::new(),
            collections: BTreeMap::new(),
            footprints: BTreeMap::new(),
            go: OnceLock::new(),
            identifiers: OnceLock::new(),
            interactions: OnceLock::new(),
            diseases: OnceLock::new(),
            derived: Derived::default(),
            under_codes: None,
        }
    }

    /// The same packs with genes and sets under `codes`: sets keep their order and their size, members without a code are
    /// only counted. Diseases and the ontology itself, which speak in names, are not to be had.
    pub fn under_codes(named: Arc<Self>, codes: Arc<Codebook>) -> Self {
        let collections = named.collections.iter();
        Self {
            infos: named.infos.clone(),
            collections: collections
                .map(|(name, (source, _))| (name.clone(), (*source, OnceLock::new())))
                .collect(),
            under_codes: Some(UnderCodes { codes, named }),
            ..Self::none()
        }
    }

    /// Whether there is no pack.
    pub fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }

    /// Whether genes and sets go by codes.
    pub fn is_blind(&self) -> bool {
        self.under_codes.is_some()
    }

    /// What a gene is called in the tables that go with these packs: its symbol, or its code.
    pub fn called<'a>(&'a self, symbol: &'a str) -> &'a str {
        self.under_codes
            .as_ref()
            .and_then(|under| under.codes.code(NameKind::Gene, symbol))
            .unwrap_or(symbol)
    }

    /// The identifier that a set is ordered by: its own, or the one its code stands for, so that codes change no order.
    pub fn order_of_set<'a>(&'a self, id: &'a str) -> &'a str {
        self.under_codes
            .as_ref()
            .and_then(|under| under.codes.id(id))
            .unwrap_or(id)
    }

    /// The gene of each label: its current symbol where the label (symbol, old symbol or accession, in any case) is known,
    /// the label itself otherwise. Labels and symbols go by codes where genes do.
    ///
    /// # Errors
    /// The map of identifiers is missing or damaged.
    pub fn current_symbols(&self, labels: &[String]) -> Result<Vec<String>, KnowledgeError> {
        let Some(under) = &self.under_codes else {
            let (mapped, _) = self.identifiers()?.map_all(labels);
            let of_label = labels.iter().zip(mapped);
            return Ok(of_label
                .map(|(label, m)| m.map_or_else(|| label.clone(), |m| m.gene.symbol.to_string()))
                .collect());
        };
        let names: Vec<String> = labels
            .iter()
            .map(|label| under.codes.name(label).unwrap_or(label).to_owned())
            .collect();
        let symbols = under.named.current_symbols(&names)?;
        let of_label = labels.iter().zip(names.iter().zip(&symbols));
        Ok(of_label
            .map(|(label, (name, symbol))| {
                if name == symbol {
                    return label.clone();
                }
                let code = under.codes.code(NameKind::Gene, symbol);
                code.map_or_else(|| label.clone(), str::to_owned)
            })
            .collect())
    }

    /// Reads every pack, so that what is damaged is told before anything is computed.
    ///
    /// # Errors
    /// A pack is damaged, or one of a kind that runs need is missing; the error names the pack.
    pub fn read_all(&self) -> Result<(), KnowledgeError> {
        for info in &self.infos {
            let read = match info.kind {
                PackKind::Identifiers => self.identifiers().map(drop),
                PackKind::Interactions => self.interactions().map(drop),
                PackKind::Diseases => self.diseases().map(drop),
                PackKind::Ontology => self.go().map(drop),
                PackKind::GeneSets => self.gene_sets(&info.name).map(drop),
                PackKind::Footprints => self.footprints(&info.name).map(drop),
            };
            read.map_err(|error| error.of_pack(&info.name))?;
        }
        Ok(())
    }

    /// The packs, sorted by name.
    pub fn list(&self) -> &[PackInfo] {
        &self.infos
    }

    /// The names of the gene-set collections, sorted: `go-bp`, `go-cc`, `go-complexes`, `go-mf` and one for each
    /// pack of gene sets.
    pub fn collections(&self) -> Vec<&str> {
        self.collections.keys().map(String::as_str).collect()
    }

    /// A collection of gene sets. GO collections hold the propagated annotations of all evidence; for a choice of
    /// evidence use [`Go::gene_sets`].
    ///
    /// # Errors
    /// There is no such collection, or its pack is damaged.
    pub fn gene_sets(&self, name: &str) -> Result<&GeneSets, KnowledgeError> {
        if self.is_empty() {
            return Err(KnowledgeError::NoPacks);
        }
        let Some((source, cell)) = self.collections.get(name) else {
            return Err(no_such(name, &self.collections()));
        };
        if let Some(under) = &self.under_codes {
            return once(cell, || Ok(under.sets(under.named.gene_sets(name)?)));
        }
        once(cell, || match source {
            CollectionSource::GoTerms(ontology) => {
                Ok(self.go()?.gene_sets(*ontology, EvidenceFilter::All))
            }
            CollectionSource::GoComplexes => Ok(self.go()?.complexes(EvidenceFilter::All)),
            CollectionSource::Pack(index) => {
                let info = &self.infos[*index];
                let path = info.path(&info.files["sets"]);
                GeneSets::from_gmt(name, &path, &self.content.get(&path)?, info.pack_version())
            }
        })
    }

    /// The names of the packs of footprints, sorted.
    pub fn footprint_packs(&self) -> Vec<&str> {
        self.footprints.keys().map(String::as_str).collect()
    }

    /// The footprints of a pack.
    ///
    /// # Errors
    /// There is no such pack, or it is damaged.
    pub fn footprints(&self, name: &str) -> Result<&Footprints, KnowledgeError> {
        let Some((index, cell)) = self.footprints.get(name) else {
            return Err(no_such(name, &self.footprint_packs()));
        };
        once(cell, || {
            let info = &self.infos[*index];
            Footprints::parse(&self.table(info, "targets")?, Arc::new(info.pack_version()))
        })
    }

    /// The Gene Ontology and its annotation.
    ///
    /// # Errors
    /// The pack is missing or damaged.
    pub fn go(&self) -> Result<&Go, KnowledgeError> {
        self.not_hidden(PackKind::Ontology)?;
        once(&self.go, || {
            let info = self.only(PackKind::Ontology)?;
            let (terms, parents) = (self.table(info, "terms")?, self.table(info, "parents")?);
            Go::parse(
                &terms,
                &parents,
                &self.table(info, "annotations")?,
                Arc::new(info.pack_version()),
            )
        })
    }

    /// The map from identifiers to genes, always by their names.
    ///
    /// # Errors
    /// The pack is missing or damaged.
    pub fn identifiers(&self) -> Result<&IdentifierMap, KnowledgeError> {
        if let Some(under) = &self.under_codes {
            return under.named.identifiers();
        }
        once(&self.identifiers, || {
            let info = self.only(PackKind::Identifiers)?;
            IdentifierMap::parse(
                &self.table(info, "genes")?,
                &info.organism,
                Arc::new(info.pack_version()),
            )
        })
    }

    /// The interactions between genes.
    ///
    /// # Errors
    /// The pack is missing or damaged.
    pub fn interactions(&self) -> Result<&Interactions, KnowledgeError> {
        if let Some(under) = &self.under_codes {
            return once(&self.interactions, || {
                Ok(under.named.interactions()?.renamed(|gene| under.gene(gene)))
            });
        }
        once(&self.interactions, || {
            let info = self.only(PackKind::Interactions)?;
            Interactions::parse(&self.table(info, "edges")?, Arc::new(info.pack_version()))
        })
    }

    /// Diseases and the genes linked to them.
    ///
    /// # Errors
    /// The pack is missing or damaged.
    pub fn diseases(&self) -> Result<&Diseases, KnowledgeError> {
        self.not_hidden(PackKind::Diseases)?;
        once(&self.diseases, || {
            let info = self.only(PackKind::Diseases)?;
            let terms = self.table(info, "terms")?;
            Diseases::parse(
                &terms,
                &self.table(info, "genes")?,
                Arc::new(info.pack_version()),
            )
        })
    }

    /// The result of `make`, kept under `key` for as long as these packs are open: for what is drawn from the packs and
    /// the names of the measured genes again and again, as the sets a replayed analysis tests. `key` must stand for all
    /// that `make` reads but the packs, and for the type.
    ///
    /// # Errors
    /// Those of `make`, which are not kept.
    pub fn kept<T: Send + Sync + 'static, E>(
        &self,
        key: [u8; 32],
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        self.derived.get_or_make(key, make)
    }

    /// The packs by their names, and the codes, where genes and sets go by codes.
    pub(super) fn named(&self) -> Option<(&Self, &Codebook)> {
        self.under_codes
            .as_ref()
            .map(|under| (&*under.named, &*under.codes))
    }

    fn not_hidden(&self, kind: PackKind) -> Result<(), KnowledgeError> {
        if self.is_blind() && !self.is_empty() {
            return Err(KnowledgeError::Hidden { what: kind.name() });
        }
        Ok(())
    }

    fn only(&self, kind: PackKind) -> Result<&PackInfo, KnowledgeError> {
        if self.is_empty() {
            return Err(KnowledgeError::NoPacks);
        }
        let mut of_kind = self.infos.iter().filter(|info| info.kind == kind);
        match (of_kind.next(), of_kind.next()) {
            (Some(info), None) => Ok(info),
            (Some(first), Some(second)) => Err(KnowledgeError::TwoOfKind {
                kind: kind.name(),
                first: first.name.clone(),
                second: second.name.clone(),
            }),
            (None, _) => {
                let found = self
                    .infos
                    .iter()
                    .map(|info| format!("`{}`", info.name))
                    .collect::<Vec<_>>()
                    .join(", ");
                Err(KnowledgeError::NoSuchKind {
                    kind: kind.name(),
                    found,
                })
            }
        }
    }

    fn table(&self, info: &PackInfo, part: &str) -> Result<Table, KnowledgeError> {
        let path = info.path(&info.files[part]);
        Table::from_bytes(&path, &self.content.get(&path)?)
    }
}

impl UnderCodes {
    fn gene(&self, symbol: &str) -> Option<Symbol> {
        self.codes.code(NameKind::Gene, symbol).map(Symbol::from)
    }

    fn sets(&self, sets: &GeneSets) -> GeneSets {
        let unmeasured = Symbol::from(NOT_MEASURED);
        sets.renamed(|set| {
            let code = self.codes.code(NameKind::Set, &set.id)?;
            let members = set.members.iter();
            Some(GeneSet {
                id: code.to_owned(),
                name: code.to_owned(),
                source: Arc::clone(&set.source),
                members: members
                    .map(|m| self.gene(m).unwrap_or_else(|| Arc::clone(&unmeasured)))
                    .collect(),
            })
        })
    }
}

fn read_info(content: &Content, path: &str, folder: &str) -> Result<PackInfo, KnowledgeError> {
    let manifest = |problem| KnowledgeError::Manifest {
        file: path.to_owned(),
        problem,
    };
    let info: PackInfo =
        serde_yaml::from_str(&content.text(path)?).map_err(|error| manifest(error.to_string()))?;
    if info.name != folder {
        return Err(manifest(format!(
            "the pack is named `{}` and its folder `{folder}`",
            info.name
        )));
    }
    let stated = [
        &info.title,
        &info.version,
        &info.licence,
        &info.source,
        &info.citation,
    ];
    if stated.iter().any(|text| text.trim().is_empty()) {
        return Err(manifest(
            "title, version, licence, source and citation must not be empty".to_owned(),
        ));
    }
    if !info.files.keys().eq(info.kind.files()) {
        let found = info
            .files
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        let expected = info.kind.files().join(", ");
        let kind = info.kind.name();
        return Err(manifest(format!(
            "a pack of kind `{kind}` names the files {expected}; found {found}"
        )));
    }
    if let Some(missing) = info
        .files
        .values()
        .find(|file| !content.contains(&info.path(file)))
    {
        return Err(manifest(format!(
            "its file `{missing}` is not in the folder"
        )));
    }
    Ok(info)
}

/// The value in `cell`, made on first use; a failure is not kept, so that it can be reported again.
fn once<T>(
    cell: &OnceLock<T>,
    make: impl FnOnce() -> Result<T, KnowledgeError>,
) -> Result<&T, KnowledgeError> {
    match cell.get() {
        Some(value) => Ok(value),
        None => {
            let value = make()?;
            Ok(cell.get_or_init(|| value))
        }
    }
}

/// That there is nothing of this name, with what there is.
fn no_such(name: &str, known: &[&str]) -> KnowledgeError {
    let found: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
    KnowledgeError::NoSuchCollection {
        name: name.to_owned(),
        found: found.join(", "),
    }
}
