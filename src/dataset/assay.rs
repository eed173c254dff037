//! One table of measurements: features × samples on a log2-like scale, with what is known of each feature.

use std::borrow::Cow;
use std::path::PathBuf;

use proteus_stats::matrix::Matrix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One measured table over the samples of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assay {
    /// Name within the dataset, for example `proteins`.
    pub name: String,
    /// The input format it was read as, for example `maxquant_protein_groups`.
    pub format: String,
    /// What one row is.
    pub level: FeatureLevel,
    /// What one cell measures.
    pub quantity: Quantity,
    /// The scale of the numbers in the file; [`Assay::values`] is always log2-like.
    pub source_scale: Scale,
    /// One entry per row of [`Assay::values`], ids unique.
    pub features: Vec<Feature>,
    /// Features × samples: log2 (or log2 ratio, arsinh for cytometry, 0 and 1 for mutations), NaN where nothing was measured; columns in
    /// the order of the dataset's sample ids.
    pub values: Matrix,
    /// The header of each sample's column in the file, in the order of the sample ids.
    pub columns: Vec<String>,
    /// The file it was read from, relative to the dataset's folder.
    pub file: PathBuf,
    /// Rows that were read and left out, counted by reason.
    pub removed: Removed,
    /// Scientific name of the organism, where it could be told.
    pub organism: Option<String>,
    /// How it was made from another assay; none for a table as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_up: Option<RolledUp>,
}

/// How an assay of proteins was made from one of peptides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolledUp {
    /// Name of the assay of peptides; [`Feature::members`] are ids of its features.
    pub from: String,
    /// The method.
    pub method: RollUpMethod,
}

/// How the abundance of a protein is computed from those of its peptides; see [`proteus_stats::roll_up`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RollUpMethod {
    /// Least squares on the median peptide ratios of all pairs of samples.
    MaxLfq,
    /// Tukey's median polish, within each plex where there are several.
    MedianPolish,
    /// Sum of the peptides that were measured in the sample.
    Sum,
    /// Mean of the three most abundant peptides.
    Top3,
}

impl RollUpMethod {
    /// What the method is called in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::MaxLfq => "MaxLFQ",
            Self::MedianPolish => "median polish",
            Self::Sum => "sum",
            Self::Top3 => "mean of the three most abundant peptides",
        }
    }
}

impl Assay {
    /// Number of features.
    pub fn n_features(&self) -> usize {
        self.values.rows()
    }

    /// Number of samples.
    pub fn n_samples(&self) -> usize {
        self.values.cols()
    }

    /// Row of the feature with this id.
    pub fn feature_index(&self, id: &str) -> Option<usize> {
        self.features.iter().position(|f| f.id == id)
    }

    /// The assay with only the given samples (columns), in the given order.
    pub fn select_samples(&self, keep: &[usize]) -> Self {
        Self {
            values: self.values.select_columns(keep),
            columns: keep.iter().map(|&j| self.columns[j].clone()).collect(),
            ..self.clone()
        }
    }

    /// The assay with only the given features (rows), in the given order.
    pub fn select_features(&self, keep: &[usize]) -> Self {
        Self {
            values: self.values.select_rows(keep),
            features: keep.iter().map(|&i| self.features[i].clone()).collect(),
            columns: self.columns.clone(),
            name: self.name.clone(),
            format: self.format.clone(),
            file: self.file.clone(),
            organism: self.organism.clone(),
            rolled_up: self.rolled_up.clone(),
            ..*self
        }
    }
}

/// One row of an assay: a protein group, a gene, a peptide …
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Stable id, unique in the assay: the first majority accession, or the gene where the table has no accession.
    pub id: String,
    /// All accessions of the group, the leading one first.
    pub accessions: Vec<String>,
    /// The gene symbol shown to people.
    pub symbol: Option<String>,
    /// All gene symbols of the group.
    pub symbols: Vec<String>,
    /// Protein name or description.
    pub description: Option<String>,
    /// Peptides assigned to the group (razor and unique), where the table says.
    pub peptides: Option<u32>,
    /// Peptides found in no other group, where the table says.
    pub unique_peptides: Option<u32>,
    /// The peptide, where the row is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peptidoform: Option<Peptidoform>,
    /// The modified residue, where the row is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<ModifiedSite>,
    /// The cells it was measured on, where the row is a cell population or a marker within one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<CellPopulation>,
    /// Ids of the peptides a protein was rolled up from, in the order of their assay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// 1-based line in the file (the header is line 1); 0 where the row was made from several.
    pub row: usize,
}

impl Feature {
    /// What to call the feature in a sentence: the gene symbol, or the id where there is none; with the residue for a
    /// modified site and the id for a peptide, which are not the gene; with its cells for a marker in a population.
    pub fn label(&self) -> Cow<'_, str> {
        if let Some(population) = &self.population {
            let cells = format!("{} cells", population.name);
            return Cow::Owned(match &population.marker {
                Some(marker) => format!("{marker} in {cells}"),
                None => cells,
            });
        }
        let Some(symbol) = self.symbol.as_deref() else {
            return Cow::Borrowed(&self.id);
        };
        match (&self.site, &self.peptidoform) {
            (Some(site), _) if !site.residue.is_empty() => {
                Cow::Owned(format!("{symbol} {}", site.residue))
            }
            (Some(_), _) | (None, Some(_)) => Cow::Owned(format!("{symbol} {}", self.id)),
            (None, None) => Cow::Borrowed(symbol),
        }
    }
}

/// A peptide as it was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peptidoform {
    /// Amino acids, without modifications.
    pub sequence: String,
    /// Modifications in the producer's own words; none where the row stands for all forms of the sequence.
    pub modifications: Option<String>,
    /// Charge, where the row is one peptide ion.
    pub charge: Option<u32>,
    /// How many of the accessions, from the first, are the protein or the group of proteins that the producer assigned
    /// the peptide to; 0 where it assigned none and lists all proteins that hold the peptide.
    #[serde(default)]
    pub assigned: usize,
}

/// A modified residue of a protein.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModifiedSite {
    /// Residue and position in the leading protein, for example `S15`; several are joined by `_`.
    pub residue: String,
    /// The modification in the producer's own words, where the table says.
    pub modification: Option<String>,
    /// Probability that the modification sits on this residue and not on a neighbour.
    pub localisation: Option<f64>,
}

/// The cells that a row of a cytometry assay is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellPopulation {
    /// The population, called by its markers, for example `CD20+ IgM+`.
    pub name: String,
    /// The marker measured on these cells; none where the row is the abundance of the population itself.
    pub marker: Option<String>,
}

/// What one row of an assay is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FeatureLevel {
    /// A peptide ion: sequence, modifications, charge.
    Precursor,
    /// A peptide sequence, with or without its modifications, over all charges.
    Peptide,
    /// A group of proteins that the peptides cannot tell apart.
    ProteinGroup,
    /// All protein products of a gene.
    Gene,
    /// A modified residue.
    Site,
    /// An antibody or metal channel (cytometry, affinity panels).
    Marker,
    /// A transcript or gene measured as RNA.
    Transcript,
    /// A cell population: how many of a sample's cells belong to it.
    Population,
    /// A marker on the cells of one population.
    State,
}

impl FeatureLevel {
    /// What rows of this level are called.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Precursor => "precursors",
            Self::Peptide => "peptides",
            Self::ProteinGroup => "proteins",
            Self::Gene => "genes",
            Self::Site => "sites",
            Self::Marker => "markers",
            Self::Transcript => "transcripts",
            Self::Population => "populations",
            Self::State => "states",
        }
    }
}

/// What one cell of an assay measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Label-free intensity normalised between runs (MaxLFQ and relatives).
    LfqIntensity,
    /// Label-free intensity as summed.
    Intensity,
    /// Ratio to a reference channel or sample.
    Ratio,
    /// Isobaric reporter-ion intensity.
    ReporterIntensity,
    /// Normalised protein expression of a proximity extension assay.
    Npx,
    /// Relative fluorescence units.
    Rfu,
    /// Spectral, read or cell counts.
    Counts,
    /// Present (1) or absent (0), as for mutations.
    Binary,
    /// Copies of a gene in the genome, as log2 ratio to two or as calls from −2 to 2.
    CopyNumber,
    /// Signal of a marker on single cells: the median over the cells of a sample.
    MarkerSignal,
    /// Share of a sample's cells, as a log-ratio to the mean over the populations.
    CellShare,
    /// Not known.
    Other,
}

impl Quantity {
    /// Whether a cell tells how much of something there is, and not whether it is there or what the genome holds.
    pub fn is_abundance(self) -> bool {
        !matches!(self, Self::Binary | Self::CopyNumber)
    }
}

/// The scale of the numbers in a file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// As measured; zero means nothing was measured.
    Linear,
    /// Logarithm to base 2 (also log2 ratios).
    Log2,
    /// Natural logarithm.
    Ln,
    /// Logarithm to base 10.
    Log10,
    /// 0 or 1, kept as they are.
    Indicator,
    /// arsinh(x / cofactor).
    Asinh {
        /// The divisor before arsinh: 5 for mass cytometry, 150 for fluorescence.
        cofactor: f64,
    },
}

impl Scale {
    /// The value on the analysis scale: log2 for the first four (NaN for a linear value that is not positive), the
    /// value itself for indicators and arsinh data, which stay on their own scale.
    pub fn to_log2(self, value: f64) -> f64 {
        match self {
            Self::Linear if value > 0.0 => value.log2(),
            Self::Linear => f64::NAN,
            Self::Log2 | Self::Indicator | Self::Asinh { .. } => value,
            Self::Ln => value * std::f64::consts::LOG2_E,
            Self::Log10 => value * std::f64::consts::LOG2_10,
        }
    }
}

/// Rows of a table that were read and left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// Contaminants, by flag column or by accession prefix.
    pub contaminants: usize,
    /// Decoys (reversed sequences), by flag column or by accession prefix.
    pub decoys: usize,
    /// Protein groups known only from a modified peptide.
    pub only_by_site: usize,
    /// Modified sites whose residue is not certain enough.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlocalised: usize,
    /// Rows without an id.
    pub unnamed: usize,
    /// Rows without a single value in the samples of the design.
    pub never_observed: usize,
    /// Cells that held zero and are now missing.
    pub zeros: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Removed {
    /// Rows left out, whatever the reason (cells set to missing are not rows).
    pub fn rows(&self) -> usize {
        self.contaminants
            + self.decoys
            + self.only_by_site
            + self.unlocalised
            + self.unnamed
            + self.never_observed
    }
}
