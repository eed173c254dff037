//! From a table as read to an assay: rows that are not features go (counted), ids become unique, numbers become log2.

use std::collections::HashMap;
use std::path::PathBuf;

use proteus_stats::matrix::Matrix;

use super::formats::{RawTable, RowFlag};
use super::manifest::RollUpChoice;
use super::scale;
use super::{
    Assay, DatasetError, Feature, FeatureLevel, Inference, Problem, Quantity, Removed, Scale,
    Severity,
};

/// What the owner of the data declared about a table, overriding what would be concluded.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TableOverrides {
    /// Name of the assay.
    pub assay: Option<String>,
    /// What one row is.
    pub level: Option<FeatureLevel>,
    /// What one cell measures.
    pub quantity: Option<Quantity>,
    /// The scale in the file.
    pub scale: Option<Scale>,
    /// How its peptides are rolled up to proteins.
    pub roll_up: Option<RollUpChoice>,
}

/// An assay with what was concluded on the way.
pub(crate) struct Assembled {
    /// The assay, its columns in the order of `keep`.
    pub assay: Assay,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// Builds the assay of the kept columns (positions in `table.columns`), each divided by its denominators where there are
/// any: the mean of their logarithms that were measured is subtracted, and where none was, there is no value.
pub(crate) fn assemble(
    table: &RawTable,
    file: &str,
    format: &str,
    keep: &[usize],
    denominators: Option<&[Vec<usize>]>,
    overrides: &TableOverrides,
) -> Result<Assembled, DatasetError> {
    let width = table.columns.len();
    let mut removed = Removed::default();
    let mut problems = table.problems.clone();
    let mut inferences = table.inferences.clone();

    let mut rows: Vec<usize> = Vec::with_capacity(table.features.len());
    for (i, flag) in table.flags.iter().enumerate() {
        match flag {
            RowFlag::Decoy => removed.decoys += 1,
            RowFlag::Contaminant => removed.contaminants += 1,
            RowFlag::OnlyBySite => removed.only_by_site += 1,
            RowFlag::Unlocalised => removed.unlocalised += 1,
            RowFlag::Keep if table.features[i].id.is_empty() => removed.unnamed += 1,
            RowFlag::Keep => rows.push(i),
        }
    }
    let cell = |i: usize, k: usize| table.values[i * width + keep[k]];

    let observed: Vec<f64> = rows
        .iter()
        .flat_map(|&i| (0..keep.len()).map(move |k| (i, k)))
        .map(|(i, k)| cell(i, k))
        .filter(|v| !v.is_nan())
        .collect();
    let quantity = overrides.quantity.unwrap_or(table.quantity);
    let evidence = scale::detect(&observed, quantity);
    // A table declared to say present or absent needs no scale: its zeros are absences.
    let says_presence =
        quantity == Quantity::Binary && observed.iter().all(|v| *v == 0.0 || *v == 1.0);
    let declared = (overrides.scale.or(table.scale)).or(says_presence.then_some(Scale::Indicator));
    let scale_used = declared.unwrap_or(evidence.scale);
    let zero_is_missing = match (overrides.scale, declared) {
        (_, Some(Scale::Linear)) => true,
        // A logarithm that the owner declared may be zero.
        (Some(_), _) => false,
        (None, Some(scale)) if scale != evidence.scale => false,
        _ => evidence.zero_is_missing,
    };
    if declared.is_none() {
        inferences.push(Inference::new(
            format!("scale of `{file}`"),
            format!("{scale_used:?}").to_lowercase(),
            evidence.because.clone(),
            "declare `scale:` of the table in `dataset.yaml`",
        ));
        if !evidence.certain {
            problems.push(
                Problem::new(
                    Severity::Warn,
                    "scale_uncertain",
                    format!(
                        "the scale was taken for {scale_used:?} from weak evidence: {}",
                        evidence.because
                    ),
                    "declare `scale:` of the table in `dataset.yaml`",
                )
                .in_file(file),
            );
        }
    }

    for (k, &column) in keep.iter().enumerate() {
        let empty = rows.iter().all(|&i| {
            let x = cell(i, k);
            x.is_nan() || (zero_is_missing && x == 0.0) || scale_used.to_log2(x).is_nan()
        });
        if empty && !rows.is_empty() {
            let held = || rows.iter().map(|&i| cell(i, k)).filter(|x| !x.is_nan());
            let below = held().filter(|x| *x < 0.0).count();
            let found = if below > 0 {
                format!(
                    " but {below} negative numbers, which intensities are not, and the table was taken for intensities"
                )
            } else if held().next().is_some() {
                " but zeros, which mean that nothing was measured".to_string()
            } else {
                String::new()
            };
            return Err(DatasetError::AllMissing {
                file: file.to_string(),
                column: table.columns[column].header.clone(),
                rows: rows.len(),
                found,
            });
        }
    }

    let log2 = |x: f64| {
        if zero_is_missing && x == 0.0 {
            f64::NAN
        } else {
            scale_used.to_log2(x)
        }
    };
    let denominator = |i: usize, k: usize| -> f64 {
        let Some(columns) = denominators.map(|d| &d[k]) else {
            return 0.0;
        };
        let measured: Vec<f64> = (columns.iter())
            .map(|c| log2(table.values[i * width + c]))
            .filter(|v| !v.is_nan())
            .collect();
        // The mean of none is no number, as it should be.
        measured.iter().sum::<f64>() / measured.len() as f64
    };
    let ids = unique_ids(table, &rows, file, &mut problems)?;
    let mut features: Vec<Feature> = Vec::with_capacity(rows.len());
    let mut values: Vec<f64> = Vec::with_capacity(rows.len() * keep.len());
    for (&i, id) in rows.iter().zip(ids) {
        let start = values.len();
        for k in 0..keep.len() {
            let x = cell(i, k);
            let missing = zero_is_missing && x == 0.0;
            removed.zeros += usize::from(missing);
            values.push(log2(x) - denominator(i, k));
        }
        if values[start..].iter().all(|v| v.is_nan()) {
            values.truncate(start);
            removed.never_observed += 1;
            continue;
        }
        features.push(Feature {
            id,
            ..table.features[i].clone()
        });
    }
    if features.is_empty() {
        return Err(DatasetError::Empty {
            file: file.to_string(),
            found: format!(
                "of {} rows none is left: {} contaminants, {} decoys, {} known only by site, {} without a certain residue, {} without an id, {} never observed",
                table.features.len(),
                removed.contaminants,
                removed.decoys,
                removed.only_by_site,
                removed.unlocalised,
                removed.unnamed,
                removed.never_observed
            ),
        });
    }
    note_removed(file, &removed, &mut inferences);
    let matrix =
        Matrix::new(features.len(), keep.len(), values).map_err(|e| DatasetError::Unreadable {
            file: file.to_string(),
            cause: e.to_string(),
        })?;
    let level = overrides.level.unwrap_or(table.level);
    let quantity = match denominators {
        Some(_) => Quantity::Ratio,
        None => overrides.quantity.unwrap_or(evidence.quantity),
    };
    Ok(Assembled {
        assay: Assay {
            name: overrides
                .assay
                .clone()
                .unwrap_or_else(|| level.plural().to_string()),
            format: format.to_string(),
            level,
            quantity,
            source_scale: scale_used,
            features,
            values: matrix,
            columns: keep
                .iter()
                .map(|&c| table.columns[c].header.clone())
                .collect(),
            file: PathBuf::from(file),
            removed,
            organism: table.organism.clone(),
            rolled_up: None,
        },
        inferences,
        problems,
    })
}

/// Ids of the kept rows. An id met twice is an error in a plain table; in a table of groups the later rows are called by
/// their whole group, and only if that is taken too it is an error.
fn unique_ids(
    table: &RawTable,
    rows: &[usize],
    file: &str,
    problems: &mut Vec<Problem>,
) -> Result<Vec<String>, DatasetError> {
    let mut seen: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    let mut ids = Vec::with_capacity(rows.len());
    let mut renamed = 0usize;
    let mut first_renamed: Option<(String, usize)> = None;
    for &i in rows {
        let feature = &table.features[i];
        let mut id = feature.id.clone();
        if table.ids_are_groups && seen.contains_key(&id) && feature.accessions.len() > 1 {
            id = feature.accessions.join(";");
            renamed += 1;
            first_renamed.get_or_insert_with(|| (feature.id.clone(), feature.row));
        }
        if let Some(&before) = seen.get(&id) {
            return Err(DatasetError::DuplicatedFeature {
                file: file.to_string(),
                column: table.id_column.clone(),
                id: id.chars().take(60).collect(),
                rows: format!("{before} and {}", feature.row),
            });
        }
        seen.insert(id.clone(), feature.row);
        ids.push(id);
    }
    if let Some((id, row)) = first_renamed {
        problems.push(
            Problem::new(
                Severity::Note,
                "duplicated_leading_accession",
                format!("{renamed} groups begin with the accession of an earlier group (first: `{id}`) and are called by all their accessions"),
                "nothing to do; the groups stay apart",
            )
            .in_file(file)
            .in_column(table.id_column.clone())
            .at_row(row),
        );
    }
    Ok(ids)
}

fn note_removed(file: &str, removed: &Removed, inferences: &mut Vec<Inference>) {
    let parts: Vec<String> = [
        (removed.contaminants, "contaminants"),
        (removed.decoys, "decoys"),
        (removed.only_by_site, "identified only by site"),
        (
            removed.unlocalised,
            "modified at a residue that is not certain",
        ),
        (removed.unnamed, "without an id"),
        (removed.never_observed, "without a value in these samples"),
    ]
    .iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| format!("{n} {what}"))
    .collect();
    if !parts.is_empty() {
        inferences.push(Inference::new(
            format!("rows of `{file}` left out"),
            parts.join(", "),
            "flag columns, accession prefixes (`CON__`, `Cont_`, `contam_`, `REV__`, `rev_`, `DECOY_`) and, for sites, localisation probabilities",
            "remove the flags, prefixes or probabilities of rows you want to keep",
        ));
    }
    if removed.zeros > 0 {
        inferences.push(Inference::new(
            format!("zeros of `{file}`"),
            format!("{} cells are missing, not zero", removed.zeros),
            "search engines write zero where nothing was measured",
            "declare `scale: log2` of the table in `dataset.yaml` if its zeros are measurements",
        ));
    }
}
