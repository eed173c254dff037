//! mzTab 1.0: the proteins of a file with their abundances, or its peptides where only those have any. Assays come before
//! study variables, which are averages; the study variable of an assay becomes its condition. `null` means not measured.

use std::collections::BTreeMap;

use super::super::grid::Grid;
use super::super::label::run_name;
use super::super::sections::Preamble;
use super::super::sheet::Sheet;
use super::super::{DatasetError, Feature, FeatureLevel, Problem, Quantity, Severity};
use super::accession::{count, flag_of, is_set, organism_in, split_ids, text};
use super::peptides::{assign, listed};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct MzTab;

impl Format for MzTab {
    fn name(&self) -> &'static str {
        "mztab"
    }

    fn title(&self) -> &'static str {
        "mzTab"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let about = About::of(grid)?;
        (!about.quantities(grid).is_empty()).then(|| {
            Evidence::certain(
                "its lines begin with `MTD`, `PRH` and `PRT`, or `PEH` and `PEP`, and there are columns of abundances",
            )
        })
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let wanted = "`protein_abundance_assay[1]` or `peptide_abundance_assay[1]`";
        let about = About::of(grid).ok_or_else(|| DatasetError::UnknownFormat {
            file: grid.file.clone(),
            found: "an mzTab file begins with lines `MTD`".to_string(),
            hint: "keep the metadata section of the file".to_string(),
        })?;
        let choice = choose(grid, about.quantities(grid), declared, wanted)?;
        let level = if about.peptides {
            FeatureLevel::Precursor
        } else {
            FeatureLevel::ProteinGroup
        };
        let id = grid
            .find(&[if about.peptides {
                "sequence"
            } else {
                "accession"
            }])
            .unwrap_or(0);
        let accession = grid.find(&["accession"]);
        let members = grid.find(&["ambiguity_members"]);
        let description = grid.find(&["description"]);
        let species = grid.find(&["species"]);
        let peptides = grid.find(&["num_peptides_distinct_ms_run[1]"]);
        let charge = grid.find(&["charge"]);
        let modifications = grid.find(&["modifications"]);
        let kind = grid.find(&["opt_global_result_type"]);
        let decoy = grid.header.iter().position(|h| {
            let h = h.to_lowercase();
            h.starts_with("opt_") && h.contains("decoy")
        });
        let rows = (0..grid.n_rows()).map(|i| {
            let mut accessions = text(grid, i, accession)
                .map(|p| split_ids(&p))
                .unwrap_or_default();
            for other in text(grid, i, members).unwrap_or_default().split([',', ';']) {
                for other in split_ids(other) {
                    if !accessions.contains(&other) {
                        accessions.push(other);
                    }
                }
            }
            let mut feature = if about.peptides {
                listed(
                    grid.cell(i, id),
                    text(grid, i, modifications),
                    count(grid, i, charge),
                )
            } else {
                Feature {
                    id: accessions.first().cloned().unwrap_or_default(),
                    peptides: count(grid, i, peptides),
                    ..Feature::default()
                }
            };
            let marked = flag_of(accessions.first().map_or("", String::as_str));
            let flag = match decoy {
                Some(j) if is_set(grid.cell(i, j)) => RowFlag::Decoy,
                _ => marked,
            };
            feature.accessions = accessions;
            assign(&mut feature, usize::MAX);
            feature.description = text(grid, i, description);
            feature.row = grid.line(i);
            (feature, flag)
        });
        let Measured {
            name,
            quantity,
            columns,
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, level, quantity, &columns)?
            .with_features(&grid.header[id], rows);
        table.ids_are_groups = !about.peptides;
        table.organism = organism_in(grid, &[species, description, accession]);
        table.inferences.extend(choice.inference);
        if name == ASSAYS {
            table.sheet = about.sheet(grid, &columns);
        } else {
            table.problems.push(
                Problem::new(
                    Severity::Warn,
                    "averages",
                    "its abundances are those of study variables, which are averages over assays: there are no replicates to compare",
                    "export the abundances of the assays",
                )
                .in_file(grid.file.clone()),
            );
        }
        // Groups are listed again member by member, without numbers of their own.
        let kept: Vec<usize> = (0..grid.n_rows())
            .filter(|&i| kind.is_none_or(|j| grid.cell(i, j) != "protein_details"))
            .collect();
        table = table.select_rows(&kept);
        if about.peptides {
            table = table.merge_repeated(&grid.file, "peptide ion");
        }
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.mzTab")
    }
}

const ASSAYS: &str = "abundance_assay";
const STUDY_VARIABLES: &str = "abundance_study_variable";

/// The metadata section.
struct About<'a> {
    peptides: bool,
    values: BTreeMap<&'a str, &'a str>,
}

impl<'a> About<'a> {
    fn of(grid: &'a Grid) -> Option<Self> {
        let Preamble::MzTab { peptides, metadata } = &grid.preamble else {
            return None;
        };
        Some(Self {
            peptides: *peptides,
            values: metadata
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect(),
        })
    }

    fn value(&self, key: &str) -> Option<&'a str> {
        self.values.get(key).copied().filter(|v| *v != "null")
    }

    /// Assays, then study variables.
    fn quantities(&self, grid: &Grid) -> Vec<Measured> {
        let quantity = self.quantity();
        let part = if self.peptides { "peptide" } else { "protein" };
        [ASSAYS, STUDY_VARIABLES]
            .into_iter()
            .map(|name| Measured {
                name,
                quantity,
                columns: grid
                    .header
                    .iter()
                    .enumerate()
                    .filter_map(|(j, header)| {
                        let n = header
                            .strip_prefix(&format!("{part}_{name}["))?
                            .strip_suffix(']')?;
                        Some((j, self.label(name, n)))
                    })
                    .collect(),
            })
            .filter(|m| !m.columns.is_empty())
            .collect()
    }

    /// What is measured, from the method and the unit the file names.
    fn quantity(&self) -> Quantity {
        let unit = if self.peptides {
            "peptide-quantification_unit"
        } else {
            "protein-quantification_unit"
        };
        let said = format!(
            "{} {}",
            self.value(unit).unwrap_or_default(),
            self.value("quantification_method").unwrap_or_default()
        )
        .to_lowercase();
        let has = |words: &[&str]| words.iter().any(|w| said.contains(w));
        if has(&["ratio"]) {
            Quantity::Ratio
        } else if has(&["tmt", "itraq", "isobaric", "reporter"]) {
            Quantity::ReporterIntensity
        } else if has(&["spectral count", "empai", "nsaf"]) {
            Quantity::Counts
        } else if has(&["lfq", "normalized", "normalised"]) {
            Quantity::LfqIntensity
        } else {
            Quantity::Intensity
        }
    }

    /// The sample of a column: its run (and reagent, where assays share a run), or the description of the study variable.
    fn label(&self, name: &str, n: &str) -> String {
        if name == STUDY_VARIABLES {
            let described = self.value(&format!("study_variable[{n}]-description"));
            return described.map_or_else(|| format!("study variable {n}"), str::to_string);
        }
        let run_of = |n: &str| {
            let run = self.value(&format!("assay[{n}]-ms_run_ref"))?;
            let location = self.value(&format!("{run}-location"))?;
            Some(run_name(location).to_string()).filter(|r| !r.is_empty())
        };
        let Some(run) = run_of(n) else {
            return format!("assay {n}");
        };
        let shared = self
            .values
            .keys()
            .filter_map(|k| k.strip_prefix("assay[")?.strip_suffix("]-ms_run_ref"))
            .filter(|other| run_of(other).as_deref() == Some(run.as_str()))
            .count();
        if shared < 2 {
            return run;
        }
        let reagent = self
            .value(&format!("assay[{n}]-quantification_reagent"))
            .and_then(|r| r.split(',').nth(2))
            .map_or(n, str::trim);
        format!("{run} {reagent}")
    }

    /// The study variables of the assays as conditions, where there are several.
    fn sheet(&self, grid: &Grid, columns: &[(usize, String)]) -> Option<Sheet> {
        let mut rows = Vec::with_capacity(columns.len());
        for (j, label) in columns {
            let n = grid.header[*j].rsplit_once('[')?.1.trim_end_matches(']');
            let assay = format!("assay[{n}]");
            let described: Vec<&str> = self
                .values
                .iter()
                .filter(|(k, v)| {
                    k.starts_with("study_variable[")
                        && k.ends_with("]-assay_refs")
                        && v.split([',', '|']).any(|a| a.trim() == assay)
                })
                .filter_map(|(k, _)| {
                    let variable = k.strip_suffix("-assay_refs")?;
                    Some(
                        self.value(&format!("{variable}-description"))
                            .unwrap_or(variable),
                    )
                })
                .collect();
            rows.push(vec![label.clone(), described.join(" / ")]);
        }
        let several = rows.iter().any(|r| r[1] != rows[0][1]);
        several.then(|| Sheet {
            file: grid.file.clone(),
            header: vec!["sample".to_string(), "condition".to_string()],
            lines: vec![1; rows.len()],
            rows,
            inferences: Vec::new(),
            problems: Vec::new(),
        })
    }
}
