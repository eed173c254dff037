//! What lies beneath a protein: its peptides, precursors or modified sites with their values as read, where a table of them was
//! read too.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::columns::{Column, Columns, Packed};
use super::comparisons::Wanted;
use super::features::{FeatureSets, shown_id};
use crate::dataset::{AssayProfile, AssayRecord, FeatureLevel, Molecule, VALUE_PREFIX};
use crate::report::text::{NAME, tidy};
use crate::report::{ReportError, ReportModel, Table};

/// Characters that what lies beneath proteins may take on a page. Beyond that only the proteins that tables and hypotheses
/// name have it, as many as there is room for.
const ROOM: usize = 2_000_000;

/// The rows of one assay beneath the proteins of another.
#[derive(Debug, Serialize)]
pub(super) struct PartsView {
    /// The features they belong to.
    set: usize,
    /// The assay they were read in.
    name: String,
    /// What they are, plural.
    what: &'static str,
    /// What a value is, with its scale.
    unit: &'static str,
    /// The places of its samples among all samples.
    samples: Vec<usize>,
    /// What each row is called.
    ids: Vec<String>,
    /// The place of each row's protein in the set, ascending.
    owners: Column,
    /// Values, row by row.
    values: Packed,
    /// Whether all rows are here.
    whole: bool,
}

/// An assay with what is known of it.
#[derive(Clone, Copy)]
struct Known<'a> {
    profile: &'a AssayProfile,
    record: &'a AssayRecord,
}

/// Collects them; `wanted` are the features of each set that tables and hypotheses name.
///
/// # Errors
/// A table of the run cannot be read.
pub(super) fn parts(
    model: &ReportModel,
    sets: &FeatureSets,
    wanted: &Wanted,
    columns: &mut Columns,
) -> Result<Vec<PartsView>, ReportError> {
    let mut views = Vec::new();
    if model.leaves_out_samples() {
        return Ok(views);
    }
    let assays = model.dataset.profile.assays.iter().filter_map(|profile| {
        let record = model.dataset.named(&profile.name)?;
        Some(Known { profile, record })
    });
    let assays: Vec<Known<'_>> = assays.collect();
    let mut room = ROOM;
    let none = BTreeSet::new();
    for proteins in assays.iter().filter(|a| is_of_proteins(a.profile)) {
        let Some(set) = sets.known(&proteins.record.name) else {
            continue;
        };
        for beneath in assays.iter().filter(|a| is_beneath(a.profile)) {
            let pairs = pairs(model, *proteins, *beneath)?;
            let source = Source {
                model,
                table: model.assay_table(beneath.record)?,
                beneath: *beneath,
                set,
            };
            let first = wanted.get(&set).unwrap_or(&none);
            views.extend(source.view(sets, &pairs, first, &mut room, columns));
        }
    }
    Ok(views)
}

fn is_of_proteins(assay: &AssayProfile) -> bool {
    matches!(assay.level, FeatureLevel::ProteinGroup | FeatureLevel::Gene)
        && assay.molecule == Molecule::Protein
}

fn is_beneath(assay: &AssayProfile) -> bool {
    use FeatureLevel::{Peptide, Precursor, Site};
    matches!(assay.level, Peptide | Precursor | Site)
}

/// Which rows of the lower assay belong to which protein: those it was rolled up from, else those that share an accession,
/// else those of the same gene.
fn pairs(
    model: &ReportModel,
    proteins: Known<'_>,
    beneath: Known<'_>,
) -> Result<Vec<(String, usize)>, ReportError> {
    let lower = model.assay_table(beneath.record)?;
    let rows = lower.texts("feature").unwrap_or_default();
    let rolled_up = proteins.record.rolled_up.as_ref();
    if let Some(members) = &proteins.record.members
        && rolled_up.is_some_and(|r| r.from == beneath.record.name)
    {
        let table = model.assay_file(members)?;
        let places: HashMap<&str, usize> = rows
            .iter()
            .enumerate()
            .map(|(k, id)| (id.as_str(), k))
            .collect();
        let of = table.texts("feature").unwrap_or_default();
        let members = table.texts("member").unwrap_or_default();
        let pairs = of.into_iter().zip(members);
        return Ok(pairs
            .filter_map(|(protein, member)| Some((protein, *places.get(member.as_str())?)))
            .collect());
    }
    let upper = model.assay_table(proteins.record)?;
    let ids = upper.texts("feature").unwrap_or_default();
    let shared = |column: &str| -> Vec<(String, usize)> {
        let mut owners: HashMap<String, Vec<usize>> = HashMap::new();
        for (k, cell) in upper.texts(column).unwrap_or_default().iter().enumerate() {
            for name in names(cell) {
                owners.entry(name).or_default().push(k);
            }
        }
        let mut pairs = BTreeSet::new();
        for (row, cell) in lower.texts(column).unwrap_or_default().iter().enumerate() {
            for owner in names(cell)
                .iter()
                .filter_map(|name| owners.get(name))
                .flatten()
            {
                pairs.insert((*owner, row));
            }
        }
        pairs
            .into_iter()
            .map(|(owner, row)| (ids[owner].clone(), row))
            .collect()
    };
    let by_accession = shared("accessions");
    Ok(if by_accession.is_empty() {
        shared("gene")
    } else {
        by_accession
    })
}

/// The names in a cell, isoforms as their protein.
fn names(cell: &str) -> Vec<String> {
    let names = cell
        .split(';')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let plain = |name: &str| match name.rsplit_once('-') {
        Some((base, isoform)) if isoform.parse::<u16>().is_ok() => base.to_owned(),
        _ => name.to_owned(),
    };
    names.map(plain).collect()
}

struct Source<'a> {
    model: &'a ReportModel,
    table: Arc<Table>,
    beneath: Known<'a>,
    set: usize,
}

impl Source<'_> {
    fn view(
        &self,
        sets: &FeatureSets,
        pairs: &[(String, usize)],
        wanted: &BTreeSet<String>,
        room: &mut usize,
        columns: &mut Columns,
    ) -> Option<PartsView> {
        let mut known: Vec<(u32, usize, bool)> = pairs
            .iter()
            .filter_map(|(id, row)| Some((sets.find(self.set, id)?, *row, wanted.contains(id))))
            .collect();
        known.sort_unstable();
        known.dedup();
        let samples = self.model.dataset.samples.ids.iter().enumerate();
        let measured: Vec<(usize, String)> = samples
            .map(|(at, id)| (at, format!("{VALUE_PREFIX}{id}")))
            .filter(|(_, column)| self.table.is_numeric(column))
            .collect();
        if known.is_empty() || measured.is_empty() {
            return None;
        }
        let features = self.table.texts("feature")?;
        let called = |row: usize| shown_id(&self.model.shown(&features[row], str::to_owned));
        // A name with its quotes and comma, its owner and its values.
        let cost = |row: usize| called(row).len() + 3 + (4 + 2 * measured.len()).div_ceil(3) * 4;
        let all: usize = known.iter().map(|(_, row, _)| cost(*row)).sum();
        let whole = all <= *room;
        if whole {
            *room -= all;
        } else {
            known.retain(|(_, row, wanted)| {
                let fits = *wanted && cost(*row) <= *room;
                if fits {
                    *room -= cost(*row);
                }
                fits
            });
        }
        let values: Vec<Vec<f64>> = measured
            .iter()
            .map(|(_, column)| self.table.numbers(column).unwrap_or_default())
            .collect();
        let flat: Vec<f64> = known
            .iter()
            .flat_map(|(_, row, _)| values.iter().map(|of_sample| of_sample[*row]))
            .collect();
        let owners: Vec<u32> = known.iter().map(|(owner, ..)| *owner).collect();
        Some(PartsView {
            set: self.set,
            name: tidy(&self.beneath.record.name, NAME),
            what: self.beneath.profile.molecule.plural(),
            unit: self.beneath.profile.measure().value,
            samples: measured.iter().map(|(at, _)| *at).collect(),
            ids: known.iter().map(|(_, row, _)| called(*row)).collect(),
            owners: columns.places(&owners),
            values: columns.packed(&flat),
            whole,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isoforms_are_their_protein_and_other_hyphens_stay() {
        assert_eq!(names("P04637-2; Q9Y6K9"), ["P04637", "Q9Y6K9"]);
        assert_eq!(names("HLA-A;MT-ND1"), ["HLA-A", "MT-ND1"]);
        assert!(names(" ; ").is_empty());
    }
}
