//! Proteome Discoverer text exports of proteins and of peptide groups: one column per file and channel, named
//! `Abundance: F1: 126, Control, WT`. What follows the file in the header (channel, sample type, study factors) becomes
//! facts about the sample. Empty means not measured.
//!
//! Quantity, the first that holds values: normalised abundances, abundances, scaled abundances. Ratios, group averages,
//! counts and CVs are no samples.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::sheet::Sheet;
use super::super::{DatasetError, Feature, FeatureLevel, Quantity, Scale};
use super::accession::{count, fasta, flag_of, is_set, organism_in, set_symbols, split_ids, text};
use super::peptides::{assign, listed, without_flanks};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct ProteomeDiscoverer;

/// What the columns of each quantity begin with, in canonical form, the preferred one first.
const QUANTITIES: [(&str, &[&str]); 3] = [
    (
        "Abundances (Normalized)",
        &["abundancesnormalized", "abundancenormalized"],
    ),
    ("Abundance", &["abundance", "abundances"]),
    (
        "Abundances (Scaled)",
        &["abundancesscaled", "abundancescaled"],
    ),
];

const WANTED: &str = "`Abundances (Normalized): F1: …` or `Abundance: F1: …`";

impl Format for ProteomeDiscoverer {
    fn name(&self) -> &'static str {
        "proteome_discoverer"
    }

    fn title(&self) -> &'static str {
        "Proteome Discoverer export"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let id = id_column(grid)?.1;
        let found = quantities(grid);
        let first = found.first()?;
        Some(Evidence::certain(format!(
            "it has the column `{}` and columns such as `{}`",
            grid.header[id], grid.header[first.columns[0].0]
        )))
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Some((level, id)) = id_column(grid) else {
            return Err(DatasetError::NoNumbers {
                file: grid.file.clone(),
                found: format!(
                    "no column `Accession` or `Annotated Sequence` among {}",
                    grid.header_excerpt()
                ),
            });
        };
        let choice = choose(grid, quantities(grid), declared, WANTED)?;
        let master = grid.find(&["Master Protein Accessions", "Protein Accessions"]);
        let others = grid.find(&["Protein Accessions"]);
        let modifications = grid.find(&["Modifications"]);
        let symbol = grid.find(&["Gene Symbol", "Gene Symbols", "Gene Name", "Gene"]);
        let description = grid.find(&["Description", "Master Protein Descriptions"]);
        let peptides = grid.find(&["# Peptides", "Number of Peptides"]);
        let unique = grid.find(&["# Unique Peptides", "Number of Unique Peptides"]);
        let contaminant = grid.find(&["Contaminant", "Contaminants"]);
        let decoy = grid.find(&["Decoy", "Is Decoy"]);
        let proteins = level == FeatureLevel::ProteinGroup;
        let rows = (0..grid.n_rows()).map(|i| {
            let cell = grid.cell(i, id);
            let mut feature = if proteins {
                let accessions = split_ids(cell);
                Feature {
                    id: accessions.first().cloned().unwrap_or_default(),
                    accessions,
                    peptides: count(grid, i, peptides),
                    unique_peptides: count(grid, i, unique),
                    ..Feature::default()
                }
            } else {
                let of = |column| {
                    text(grid, i, column)
                        .map(|p| split_ids(&p))
                        .unwrap_or_default()
                };
                let mut feature = listed(
                    &without_flanks(cell).to_ascii_uppercase(),
                    text(grid, i, modifications),
                    None,
                );
                feature.accessions = of(master);
                // Of several masters none is chosen.
                if feature.accessions.len() == 1 {
                    assign(&mut feature, 1);
                }
                for other in of(others) {
                    if !feature.accessions.contains(&other) {
                        feature.accessions.push(other);
                    }
                }
                feature
            };
            let said = text(grid, i, description)
                .map(|d| fasta(&d))
                .unwrap_or_default();
            feature.description = said.0;
            feature.row = grid.line(i);
            set_symbols(&mut feature, text(grid, i, symbol).or(said.1).as_deref());
            let set = |column: Option<usize>| column.is_some_and(|j| is_set(grid.cell(i, j)));
            let marked = flag_of(feature.accessions.first().map_or("", String::as_str));
            let flag = if set(decoy) {
                RowFlag::Decoy
            } else if set(contaminant) {
                RowFlag::Contaminant
            } else {
                marked
            };
            (feature, flag)
        });
        let Measured {
            name,
            mut quantity,
            columns,
        } = choice.measured;
        let labels: Vec<String> = columns.iter().map(|(_, l)| l.clone()).collect();
        let facts: Vec<Facts> = labels.iter().map(|l| Facts::of(l)).collect();
        let multiplexed = facts.iter().all(|f| f.channel.is_some());
        if multiplexed && quantity != Quantity::Ratio {
            quantity = Quantity::ReporterIntensity;
        }
        let mut table = RawTable::of_columns(grid, level, quantity, &columns)?
            .with_features(&grid.header[id], rows);
        if name.contains("Scaled") {
            // Percentages of the mean of the row.
            table.scale = Some(Scale::Linear);
        }
        table.ids_are_groups = proteins;
        table.organism = organism_in(
            grid,
            &[grid.find(&["Organism", "Species"]), description, others],
        );
        table.sheet = Some(sheet(grid, &labels, &facts, multiplexed));
        table.inferences.extend(choice.inference);
        if !proteins {
            table = table.merge_repeated(&grid.file, "peptide with these modifications");
        }
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// What a row is, and the column that names it.
fn id_column(grid: &Grid) -> Option<(FeatureLevel, usize)> {
    if let Some(j) = grid
        .find(&["Sequence"])
        .or(grid.find(&["Annotated Sequence"]))
    {
        // A table of PSMs has one row per spectrum.
        let spectra = grid.find(&["Spectrum File", "First Scan"]).is_some();
        return (!spectra).then_some((FeatureLevel::Peptide, j));
    }
    let j = grid.find(&[
        "Accession",
        "Master Protein Accessions",
        "Protein Accessions",
    ])?;
    Some((FeatureLevel::ProteinGroup, j))
}

fn quantities(grid: &Grid) -> Vec<Measured> {
    QUANTITIES
        .iter()
        .enumerate()
        .map(|(k, (name, prefixes))| Measured {
            name,
            quantity: match k {
                0 => Quantity::LfqIntensity,
                1 => Quantity::Intensity,
                _ => Quantity::Ratio,
            },
            columns: grid
                .header
                .iter()
                .enumerate()
                .filter_map(|(j, header)| {
                    let at = file_at(header)?;
                    let head = canonical(&header[..at]);
                    prefixes
                        .contains(&head.as_str())
                        .then(|| (j, header[at..].trim().to_string()))
                })
                .collect(),
        })
        .filter(|m| !m.columns.is_empty())
        .collect()
}

/// Where the file (`F1`, `F12`) begins in a header such as `Abundance: F1: Sample`.
fn file_at(header: &str) -> Option<usize> {
    let mut before = 'a';
    for (at, c) in header.char_indices() {
        let rest = &header[at..];
        let digits = rest[c.len_utf8()..]
            .chars()
            .take_while(char::is_ascii_digit)
            .count();
        if c == 'F' && !before.is_alphanumeric() && digits > 0 {
            let after = rest[1 + digits..].chars().next();
            if after.is_none_or(|a| !a.is_alphanumeric()) {
                return Some(at);
            }
        }
        before = c;
    }
    None
}

/// What a header says of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Facts {
    file: String,
    channel: Option<String>,
    kind: Option<String>,
    factors: Vec<String>,
}

impl Facts {
    /// Reads `F1: 126, Control, WT, 2h`.
    fn of(label: &str) -> Self {
        let file: String = label
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let mut facts = Self {
            file: file.clone(),
            ..Self::default()
        };
        let rest = label[file.len()..].trim_start_matches([':', '.', ' ', '_']);
        let mangled = !rest.contains(',') && rest.contains("..");
        let parts: Vec<&str> = if mangled {
            rest.split("..").collect()
        } else {
            rest.split(',').collect()
        };
        // `n/a` stands for a study factor that was not set.
        let set = |p: &&str| !p.is_empty() && *p != "n/a" && *p != "n.a";
        for part in parts.into_iter().map(str::trim).filter(set) {
            if facts.channel.is_none() && facts.kind.is_none() && is_channel(part) {
                facts.channel = Some(part.to_string());
            } else if facts.kind.is_none() && is_kind(part) {
                facts.kind = Some(part.to_string());
            } else {
                facts.factors.push(part.to_string());
            }
        }
        facts
    }
}

/// Reporter channels of TMT, TMTpro and iTRAQ.
fn is_channel(part: &str) -> bool {
    let Some((number, letter)) = part.split_at_checked(3) else {
        return false;
    };
    let iso = matches!(number.parse::<u32>(), Ok(113..=121 | 126..=135));
    iso && matches!(letter, "" | "N" | "C" | "ND" | "CD")
}

fn is_kind(part: &str) -> bool {
    let known = [
        "sample",
        "control",
        "blank",
        "standard",
        "pooledsample",
        "notapplicable",
    ];
    known.contains(&canonical(part).as_str())
}

/// The facts as a sheet of the table's own; the sample type is the condition where no study factor was given.
fn sheet(grid: &Grid, labels: &[String], facts: &[Facts], multiplexed: bool) -> Sheet {
    let factors = facts.iter().map(|f| f.factors.len()).max().unwrap_or(0);
    let varies = |of: &dyn Fn(&Facts) -> String| facts.iter().any(|f| of(f) != of(&facts[0]));
    let kind = |f: &Facts| f.kind.clone().unwrap_or_default();
    let mut header = vec!["sample".to_string()];
    let mut columns: Vec<Vec<String>> = vec![labels.to_vec()];
    if multiplexed {
        header.extend(["plex".to_string(), "channel".to_string()]);
        columns.push(facts.iter().map(|f| f.file.clone()).collect());
        columns.push(
            facts
                .iter()
                .map(|f| f.channel.clone().unwrap_or_default())
                .collect(),
        );
    }
    if varies(&kind) {
        header.push(
            if factors == 0 {
                "condition"
            } else {
                "sample type"
            }
            .to_string(),
        );
        columns.push(facts.iter().map(kind).collect());
    }
    for k in 0..factors {
        header.push(if k == 0 {
            "condition".to_string()
        } else {
            format!("condition {}", k + 1)
        });
        columns.push(
            facts
                .iter()
                .map(|f| f.factors.get(k).cloned().unwrap_or_default())
                .collect(),
        );
    }
    Sheet {
        file: grid.file.clone(),
        header,
        rows: (0..labels.len())
            .map(|i| columns.iter().map(|c| c[i].clone()).collect())
            .collect(),
        lines: vec![1; labels.len()],
        inferences: Vec::new(),
        problems: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_file_channel_type_and_factors() {
        let lfq = Facts::of("F1: Sample, ConditionA");
        assert_eq!((lfq.file.as_str(), lfq.channel), ("F1", None));
        assert_eq!(lfq.factors, ["ConditionA"]);
        let tmt = Facts::of("F2: 127N, Control, WT, 2h");
        assert_eq!(tmt.channel.as_deref(), Some("127N"));
        assert_eq!(tmt.kind.as_deref(), Some("Control"));
        assert_eq!(tmt.factors, ["WT", "2h"]);
        assert_eq!(Facts::of("F10..131C..Sample..T3H").factors, ["T3H"]);
        assert!(
            is_channel("126")
                && is_channel("127C")
                && !is_channel("12")
                && !is_channel("1!\u{b9}7")
        );
        assert!(Facts::of("F1: Sample, n/a").factors.is_empty());
        assert_eq!(Facts::of("F1: Sample, NA").factors, ["NA"]);
        assert_eq!(file_at("Abundances (Normalized): F12: Sample"), Some(25));
        assert_eq!(file_at("Abundances (Grouped): FOXO1"), None);
    }
}
