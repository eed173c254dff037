//! What kind of molecule an assay measures: what its rows are called in a sentence, and whether they can be asked about
//! as abundances.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::label::words;
use super::{Assay, Dataset, FeatureLevel, Quantity};

/// What an assay measures, told by its rows, its cells and its name.
#[derive(
    Debug,
    Default,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Molecule {
    /// Proteins, by group, gene or antibody.
    #[default]
    Protein,
    /// Peptides or their ions.
    Peptide,
    /// Phosphorylated sites.
    Phosphosite,
    /// Acetylated sites.
    Acetylsite,
    /// Ubiquitylated sites (the diglycine remnant).
    Ubiquitylsite,
    /// Sites of another modification, or of one that nothing names.
    Site,
    /// Cytometry channels.
    Marker,
    /// Cell populations, by how many of a sample's cells belong to them.
    Population,
    /// Markers on the cells of one population.
    State,
    /// Transcripts.
    Transcript,
    /// Copies of genes, log2 ratio to two.
    CopyNumber,
    /// Mutations, present or absent.
    Mutation,
}

impl Molecule {
    /// What the rows are called, plural.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Protein => "proteins",
            Self::Peptide => "peptides",
            Self::Phosphosite => "phosphorylated sites",
            Self::Acetylsite => "acetylated sites",
            Self::Ubiquitylsite => "ubiquitylated sites",
            Self::Site => "modified sites",
            Self::Marker => "markers",
            Self::Population => "cell populations",
            Self::State => "markers on cell populations",
            Self::Transcript => "transcripts",
            Self::CopyNumber => "copy numbers",
            Self::Mutation => "mutations",
        }
    }

    /// What is asked of two groups.
    pub(super) fn question(self) -> &'static str {
        match self {
            Self::Peptide => "peptides are more or less abundant",
            Self::Phosphosite => "phosphorylated sites are more or less abundant",
            Self::Acetylsite => "acetylated sites are more or less abundant",
            Self::Ubiquitylsite => "ubiquitylated sites are more or less abundant",
            Self::Site => "modified sites are more or less abundant",
            Self::Marker | Self::State => "markers are higher or lower",
            Self::Population => "cell populations are more or less frequent",
            Self::Transcript => "transcripts are more or less abundant",
            Self::CopyNumber => "copy numbers are higher or lower",
            Self::Mutation => "mutations are more or less common",
            Self::Protein => "proteins are more or less abundant",
        }
    }

    /// What is measured of a row: "phosphorylation of X", "RNA of X"; none where the row itself is meant.
    pub fn of(self) -> Option<&'static str> {
        match self {
            Self::Protein | Self::Peptide | Self::Marker | Self::Population | Self::State => None,
            Self::Phosphosite => Some("phosphorylation"),
            Self::Acetylsite => Some("acetylation"),
            Self::Ubiquitylsite => Some("ubiquitylation"),
            Self::Site => Some("modification"),
            Self::Transcript => Some("RNA"),
            Self::CopyNumber => Some("copy number"),
            Self::Mutation => Some("mutation"),
        }
    }

    /// Whether a row is a modified residue of a protein.
    pub fn is_site(self) -> bool {
        matches!(
            self,
            Self::Phosphosite | Self::Acetylsite | Self::Ubiquitylsite | Self::Site
        )
    }

    /// Whether it was measured cell by cell.
    pub fn is_of_cells(self) -> bool {
        matches!(self, Self::Marker | Self::Population | Self::State)
    }

    /// Whether the cells are abundances, so that it can be asked where they are higher.
    pub fn is_abundance(self) -> bool {
        !matches!(self, Self::CopyNumber | Self::Mutation)
    }
}

impl Assay {
    /// What it measures.
    pub fn molecule(&self) -> Molecule {
        let said = words(&self.name);
        let says = |starts: &[&str]| said.iter().any(|w| starts.iter().any(|s| w.starts_with(s)));
        if self.quantity == Quantity::Binary {
            return Molecule::Mutation;
        }
        if self.quantity == Quantity::CopyNumber {
            return Molecule::CopyNumber;
        }
        match self.level {
            FeatureLevel::Precursor | FeatureLevel::Peptide => Molecule::Peptide,
            FeatureLevel::Marker => Molecule::Marker,
            FeatureLevel::Population => Molecule::Population,
            FeatureLevel::State => Molecule::State,
            FeatureLevel::Transcript => Molecule::Transcript,
            FeatureLevel::Site => {
                let modified = |word: &str| {
                    let of = |f: &super::Feature| {
                        let modification = f.site.as_ref()?.modification.as_ref()?;
                        Some(modification.to_lowercase().contains(word))
                    };
                    self.features.iter().find_map(of) == Some(true)
                };
                if says(&["phospho"]) || modified("phospho") || self.only_phosphorylatable() {
                    Molecule::Phosphosite
                } else if says(&["acetyl"]) || modified("acetyl") {
                    Molecule::Acetylsite
                } else if says(&["ubiq", "digly", "glygly", "kgg"]) || modified("glygly") {
                    Molecule::Ubiquitylsite
                } else {
                    Molecule::Site
                }
            }
            FeatureLevel::ProteinGroup | FeatureLevel::Gene => {
                if says(&["cna", "cnv", "copynumber", "gistic"])
                    || (says(&["copy"]) && says(&["number"]))
                {
                    Molecule::CopyNumber
                } else {
                    Molecule::Protein
                }
            }
        }
    }

    /// Whether every residue named is one that is phosphorylated: serine, threonine or tyrosine.
    fn only_phosphorylatable(&self) -> bool {
        let mut residues = self
            .features
            .iter()
            .filter_map(|f| f.site.as_ref()?.residue.chars().next())
            .peekable();
        residues.peek().is_some() && residues.all(|r| matches!(r, 'S' | 'T' | 'Y'))
    }

    /// Samples (positions in the dataset's ids) of which anything was measured.
    pub fn measured_samples(&self) -> Vec<usize> {
        (0..self.n_samples())
            .filter(|&j| (0..self.n_features()).any(|i| !self.values.get(i, j).is_nan()))
            .collect()
    }
}

impl Dataset {
    /// The assay of this name, or the main one.
    pub fn assay_or_main(&self, name: Option<&str>) -> &Assay {
        name.and_then(|name| self.assays.get(name))
            .unwrap_or_else(|| self.assay())
    }

    /// Assays beside the main one, in order.
    pub fn further_assays(&self) -> impl Iterator<Item = &Assay> {
        let main = &self.assay().name;
        self.assays.values().filter(move |a| a.name != *main)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Feature, ModifiedSite, Scale};
    use proteus_stats::Matrix;

    fn assay(name: &str, level: FeatureLevel, quantity: Quantity, residue: Option<&str>) -> Assay {
        let site = residue.map(|r| ModifiedSite {
            residue: r.to_owned(),
            ..ModifiedSite::default()
        });
        Assay {
            name: name.to_owned(),
            format: "plain_wide".to_owned(),
            level,
            quantity,
            source_scale: Scale::Log2,
            features: vec![Feature {
                id: "x".to_owned(),
                site,
                ..Feature::default()
            }],
            values: Matrix::filled(1, 2, f64::NAN),
            columns: vec![String::new(); 2],
            file: std::path::PathBuf::new(),
            removed: crate::dataset::Removed::default(),
            organism: None,
            rolled_up: None,
        }
    }

    #[test]
    fn names_rows_and_cells_tell_what_is_measured() {
        use FeatureLevel::{Gene, ProteinGroup, Site, Transcript};
        use Quantity::{Binary, Other, Ratio};
        let told =
            |name, level, quantity, residue| assay(name, level, quantity, residue).molecule();
        assert_eq!(told("proteomics", Gene, Ratio, None), Molecule::Protein);
        assert_eq!(told("CNA", Gene, Ratio, None), Molecule::CopyNumber);
        assert_eq!(told("somatic", Gene, Binary, None), Molecule::Mutation);
        assert_eq!(told("mrna", Transcript, Other, None), Molecule::Transcript);
        assert_eq!(told("groups", ProteinGroup, Ratio, None), Molecule::Protein);
        assert_eq!(
            told("acetylproteomics", Site, Ratio, Some("K12")),
            Molecule::Acetylsite
        );
        assert_eq!(
            told("sites", Site, Ratio, Some("S12")),
            Molecule::Phosphosite
        );
        assert_eq!(told("sites", Site, Ratio, Some("C12")), Molecule::Site);
    }

    #[test]
    fn a_sample_without_any_value_was_not_measured() {
        let mut measured = assay("a", FeatureLevel::Gene, Quantity::Ratio, None);
        measured.values.set(0, 1, 2.0);
        assert_eq!(measured.measured_samples(), [1]);
    }
}
