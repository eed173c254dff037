//! Footprints: what regulators and pathways do to the genes below them, each with a signed weight.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::{Interner, Table};
use super::{KnowledgeError, PackVersion, Symbol};

/// One regulator or pathway.
#[derive(Debug, Clone, PartialEq)]
pub struct Footprint {
    /// Its name, which is its identifier too.
    pub name: String,
    /// Target gene or `GENE_RESIDUE` of a site, and the weight: positive where the target rises with the activity.
    pub targets: Vec<(Symbol, f64)>,
}

/// The footprints of one pack, sorted by name.
#[derive(Debug)]
pub struct Footprints {
    source: Arc<PackVersion>,
    footprints: Vec<Footprint>,
}

impl Footprints {
    /// Reads a table whose first three columns are the regulator (or pathway), the target and the signed weight; the header may
    /// call them what it likes and further columns are ignored.
    pub(super) fn parse(table: &Table, source: Arc<PackVersion>) -> Result<Self, KnowledgeError> {
        let mut symbols = Interner::default();
        let mut found: BTreeMap<&str, Vec<(Symbol, f64)>> = BTreeMap::new();
        for (number, line) in table.lines().skip(1) {
            let mut fields = line.split('\t');
            let (Some(name), Some(target), Some(weight)) =
                (fields.next(), fields.next(), fields.next())
            else {
                return Err(table.malformed(
                    number,
                    "expected a regulator, a target and a weight".to_owned(),
                    "separate the columns by tabs",
                ));
            };
            let weight = match weight.trim().parse::<f64>() {
                Ok(weight) if weight.is_finite() && !target.is_empty() && !name.is_empty() => {
                    weight
                }
                _ => {
                    return Err(table.malformed(
                        number,
                        format!(
                            "expected a regulator, a target and a number, found `{name}`, `{target}`, `{weight}`"
                        ),
                        "give every target a signed weight, 1 and -1 where only the direction is known",
                    ));
                }
            };
            found
                .entry(name)
                .or_default()
                .push((symbols.symbol(target), weight));
        }
        Ok(Self {
            source,
            footprints: found
                .into_iter()
                .map(|(name, targets)| Footprint {
                    name: name.to_owned(),
                    targets,
                })
                .collect(),
        })
    }

    /// The pack they come from.
    pub fn source(&self) -> &Arc<PackVersion> {
        &self.source
    }

    /// The footprints, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Footprint> {
        self.footprints.iter()
    }
}
