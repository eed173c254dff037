//! Finding what a user names: a protein by accession or symbol, a set by id or name; near-misses are suggested.

use std::collections::BTreeSet;

use super::Retraced;
use crate::discovery::{Entity, EntityKind};
use crate::tool::frame::texts;

/// Likeness from which a name is suggested.
const ALIKE: f64 = 0.8;
/// Names suggested at most.
const SUGGESTED: usize = 5;
/// Things of one name that are followed at most.
const FOLLOWED: usize = 4;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The thing.
    pub entity: Entity,
    /// Whether it is a set of proteins.
    pub is_set: bool,
}

/// Nothing has the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "nothing measured or tested in this run is called `{wanted}`\nhint: {}",
    suggestion(nearest, *blind)
)]
pub struct UnknownEntity {
    /// What was asked for.
    pub wanted: String,
    /// The nearest names.
    pub nearest: Vec<String>,
    /// Whether the run hides names behind codes.
    pub blind: bool,
}

fn suggestion(nearest: &[String], blind: bool) -> String {
    if blind {
        "the run is blind: give a code from its report; `codes.yaml` in its folder says what each stands for".to_owned()
    } else if nearest.is_empty() {
        "give a gene symbol, an accession, or the name or id of a set".to_owned()
    } else {
        let quoted: Vec<String> = nearest.iter().map(|n| format!("`{n}`")).collect();
        format!("did you mean {}?", quoted.join(", "))
    }
}

/// Letters and digits in lower case.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Retraced {
    /// What `wanted` names: features whose id, accession or symbol it is, else sets whose id or name it is.
    pub fn find(&self, wanted: &str) -> Result<Vec<Found>, UnknownEntity> {
        let key = plain(wanted);
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut found: Vec<Found> = Vec::new();
        for assay in &self.dataset.assays {
            let Some(table) = self.file(&assay.table) else {
                continue;
            };
            let column = |name: &str| texts(&table, name).unwrap_or_default();
            let (ids, genes, accessions) =
                (column("feature"), column("gene"), column("accessions"));
            for (i, id) in ids.iter().enumerate() {
                let gene = genes.get(i).map_or("", String::as_str);
                let accession = accessions.get(i).map_or("", String::as_str);
                let is_it = plain(id) == key
                    || (!gene.is_empty() && gene.eq_ignore_ascii_case(wanted))
                    || accession.split(';').any(|a| a.eq_ignore_ascii_case(wanted));
                if is_it {
                    let symbol = if gene.is_empty() { id } else { gene };
                    let entity = Entity::new(EntityKind::Protein, id, symbol);
                    if !found.iter().any(|f| f.entity == entity) {
                        found.push(Found {
                            entity,
                            is_set: false,
                        });
                    }
                }
                names.insert(if gene.is_empty() {
                    id.clone()
                } else {
                    gene.to_owned()
                });
            }
        }
        if found.is_empty() {
            for (port, kind) in [
                ("pathways", EntityKind::Pathway),
                ("complexes", EntityKind::Complex),
            ] {
                for stratum in self.strata.iter().filter(|s| s.table == port) {
                    let Some(table) = self.table(&stratum.step, port) else {
                        continue;
                    };
                    let (Ok(ids), Ok(labels)) = (texts(&table, "set"), texts(&table, "name"))
                    else {
                        continue;
                    };
                    for (id, label) in ids.iter().zip(&labels) {
                        if plain(id) == key || plain(label) == key {
                            let entity = Entity::new(kind, id, label);
                            if !found.iter().any(|f| f.entity == entity) {
                                found.push(Found {
                                    entity,
                                    is_set: true,
                                });
                            }
                        }
                        names.insert(label.clone());
                    }
                }
            }
        }
        if found.is_empty() {
            return Err(UnknownEntity {
                wanted: wanted.to_owned(),
                nearest: nearest(wanted, &names),
                blind: self.run.is_blind(),
            });
        }
        found.truncate(FOLLOWED);
        Ok(found)
    }
}

fn nearest(wanted: &str, names: &BTreeSet<String>) -> Vec<String> {
    let key = wanted.to_lowercase();
    let mut alike: Vec<(f64, &String)> = names
        .iter()
        .map(|name| {
            let lower = name.to_lowercase();
            let inside = key.len() >= 4 && lower.contains(&key);
            let likeness = strsim::jaro_winkler(&key, &lower);
            (if inside { likeness.max(0.9) } else { likeness }, name)
        })
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    alike
        .into_iter()
        .take(SUGGESTED)
        .map(|(_, name)| name.clone())
        .collect()
}
