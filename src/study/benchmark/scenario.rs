//! The scenarios: what is run, under which name.

use std::path::{Path, PathBuf};

use super::super::StudyError;
use super::super::design::TwoArms;
use super::super::plant::{Plant, PlantKind};

/// Where the data of a scenario come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Simulated with plants; none make a null experiment.
    Simulated {
        /// Samples per arm.
        design: TwoArms,
        /// What is planted.
        plants: Vec<Plant>,
        /// Correlation within modules in place of the background's, where proteins shall move together more.
        module_correlation: Option<f64>,
    },
    /// A real dataset whose labels were exchanged between samples.
    Permuted(PathBuf),
    /// The largest group of a real dataset, split at random in two, evenly over batches.
    Split(PathBuf),
    /// A real dataset as it is.
    Real(PathBuf),
}

/// One scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Name, for `--only` and the table.
    pub name: String,
    /// Where its data come from.
    pub source: Source,
}

impl Scenario {
    /// Whether nothing is true in it.
    pub fn is_null(&self) -> bool {
        match &self.source {
            Source::Permuted(_) | Source::Split(_) => true,
            Source::Simulated { plants, .. } => plants.iter().all(|p| p.kind == PlantKind::Unequal),
            Source::Real(_) => false,
        }
    }

    /// What decides a result beside the seed, as it stands in the journal.
    pub fn settings(&self) -> String {
        match &self.source {
            Source::Simulated {
                design,
                plants,
                module_correlation,
            } => {
                let plants: Vec<String> = plants.iter().map(Plant::to_string).collect();
                let modules =
                    module_correlation.map_or_else(String::new, |r| format!(", modules {r}"));
                format!(
                    "{design}, {}{modules}",
                    if plants.is_empty() {
                        "null".to_owned()
                    } else {
                        plants.join(", ")
                    }
                )
            }
            Source::Permuted(path) => format!("labels of {} exchanged", folder_name(path)),
            Source::Split(path) => format!("one group of {} split", folder_name(path)),
            Source::Real(path) => folder_name(path),
        }
    }
}

fn folder_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// Every scenario, the most telling first: simulated ones, then those of the real datasets.
pub fn scenarios(datasets: &[PathBuf]) -> Vec<Scenario> {
    let mut all: Vec<Scenario> = SIMULATED
        .iter()
        .map(|&(name, design, plants, module_correlation)| Scenario {
            name: name.to_owned(),
            source: Source::Simulated {
                design: TwoArms {
                    control: design.0,
                    treated: design.1,
                },
                plants: plants
                    .iter()
                    .map(|&(kind, strength)| {
                        let usual = Plant::usual(kind);
                        if strength > 0.0 {
                            usual.strength(strength)
                        } else {
                            usual
                        }
                    })
                    .collect(),
                module_correlation,
            },
        })
        .collect();
    for (prefix, source) in [
        ("permuted", Source::Permuted as fn(PathBuf) -> Source),
        ("split", Source::Split),
        ("real", Source::Real),
    ] {
        all.extend(datasets.iter().map(|path| Scenario {
            name: format!("{prefix}-{}", folder_name(path)),
            source: source(path.clone()),
        }));
    }
    all
}

type Simulated = (
    &'static str,
    (usize, usize),
    &'static [(PlantKind, f64)],
    Option<f64>,
);

/// Simulated scenarios; a strength of 0 is the usual one. Strengths fall as samples rise, so that an oracle sees most.
const SIMULATED: [Simulated; 30] = [
    ("null-3v3", (3, 3), &[], None),
    ("null-6v6", (6, 6), &[], None),
    ("null-20v20", (20, 20), &[], None),
    ("null-correlated-3v3", (3, 3), &[], Some(0.7)),
    (
        "null-unequal-6v18",
        (6, 18),
        &[(PlantKind::Unequal, 2.0)],
        None,
    ),
    ("protein-3v3", (3, 3), &[(PlantKind::Protein, 9.0)], None),
    ("protein-6v6", (6, 6), &[(PlantKind::Protein, 5.0)], None),
    (
        "protein-20v20",
        (20, 20),
        &[(PlantKind::Protein, 2.2)],
        None,
    ),
    ("pathway-3v3", (3, 3), &[(PlantKind::Pathway, 3.0)], None),
    ("pathway-6v6", (6, 6), &[(PlantKind::Pathway, 2.0)], None),
    (
        "pathway-20v20",
        (20, 20),
        &[(PlantKind::Pathway, 1.2)],
        None,
    ),
    ("complex-6v6", (6, 6), &[(PlantKind::Complex, 2.5)], None),
    (
        "subtype-20v20",
        (20, 20),
        &[(PlantKind::Subtype, 2.5)],
        None,
    ),
    ("switch-6v6", (6, 6), &[(PlantKind::Switch, 0.0)], None),
    ("switch-20v20", (20, 20), &[(PlantKind::Switch, 0.0)], None),
    (
        "trait-20v20",
        (20, 20),
        &[(PlantKind::ModuleTrait, 0.8)],
        None,
    ),
    // Half of what is asked is null: the condition does something and the trait's module does not know of it.
    (
        "half-null-20v20",
        (20, 20),
        &[(PlantKind::Protein, 2.2), (PlantKind::ModuleTrait, 0.0)],
        None,
    ),
    (
        "unequal-6v18",
        (6, 18),
        &[(PlantKind::Unequal, 2.0), (PlantKind::Protein, 5.0)],
        None,
    ),
    (
        "mixed-6v6",
        (6, 6),
        &[
            (PlantKind::Protein, 5.0),
            (PlantKind::Pathway, 2.0),
            (PlantKind::Complex, 2.5),
        ],
        None,
    ),
    ("batch-6v6", (6, 6), &[(PlantKind::Batch, 0.0)], None),
    ("keratin-6v6", (6, 6), &[(PlantKind::Keratin, 0.0)], None),
    ("blood-6v6", (6, 6), &[(PlantKind::Blood, 0.0)], None),
    ("muscle-6v6", (6, 6), &[(PlantKind::Muscle, 0.0)], None),
    (
        "mislabelled-6v6",
        (6, 6),
        &[(PlantKind::Mislabelled, 0.0)],
        None,
    ),
    ("swapped-6v6", (6, 6), &[(PlantKind::Swapped, 0.0)], None),
    (
        "circular-20v20",
        (20, 20),
        &[(PlantKind::Circular, 0.0)],
        None,
    ),
    (
        "survival-20v20",
        (20, 20),
        &[(PlantKind::Survival, 0.0)],
        None,
    ),
    (
        "stoichiometry-6v6",
        (6, 6),
        &[(PlantKind::Stoichiometry, 0.0)],
        None,
    ),
    ("regulon-6v6", (6, 6), &[(PlantKind::Regulon, 0.0)], None),
    (
        "assays-6v6",
        (6, 6),
        &[(PlantKind::Kinase, 0.0), (PlantKind::Rna, 0.0)],
        None,
    ),
];

/// Folders of `parent` that may be datasets: those with files in them, by name.
pub fn real_datasets(parent: &Path) -> Result<Vec<PathBuf>, StudyError> {
    let entries =
        std::fs::read_dir(parent).map_err(|e| crate::run::RunError::reading(parent, e))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|e| crate::run::RunError::reading(parent, e))?
            .path();
        let name = folder_name(&path);
        // Packs of knowledge are no experiments.
        let knowledge = name == "knowledge" || name.starts_with("kb-");
        if path.is_dir() && !knowledge && !name.starts_with('.') {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct_and_nulls_are_known() {
        let all = scenarios(&[PathBuf::from("datasets/x")]);
        let names: BTreeSet<&str> = all.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
        let null = |name: &str| {
            all.iter()
                .find(|s| s.name == name)
                .is_some_and(Scenario::is_null)
        };
        assert!(
            null("null-3v3") && null("null-unequal-6v18") && null("permuted-x") && null("split-x")
        );
        assert!(
            !null("protein-3v3") && !null("real-x") && !null("unequal-6v18") && !null("batch-6v6")
        );
    }
}
