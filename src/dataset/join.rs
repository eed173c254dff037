//! Further tables on the samples of the main one: which column is which sample, and what did not match.

use super::formats::SampleColumn;
use super::label::canonical;
use super::matching;
use super::metadata::MatchedSheet;
use super::{Inference, Problem, SampleMetadata, Severity};

/// Names shown of a list.
const SHOWN: usize = 5;

/// For each sample, its column in another table: by the main sheet where there is one, else by name.
pub(crate) fn columns_of_samples(
    columns: &[SampleColumn],
    ids: &[String],
    matched: &[MatchedSheet],
) -> Vec<Option<usize>> {
    let by_name = |id: &String| {
        let exact = columns
            .iter()
            .position(|c| c.label == *id || c.header == *id);
        exact.or_else(|| {
            columns
                .iter()
                .position(|c| canonical(&c.label) == canonical(id))
        })
    };
    let direct: Vec<Option<usize>> = ids.iter().map(by_name).collect();
    if direct.iter().any(Option::is_some) {
        return direct;
    }
    let Some(main) = matched.first() else {
        return direct;
    };
    let Some(assignment) = matching::assign(&main.sheet, columns, None) else {
        return direct;
    };
    ids.iter()
        .map(|id| {
            let row = main.assignment.pairs.iter().map(|(r, _)| *r).find(|&r| {
                main.sheet.rows[r]
                    .iter()
                    .any(|cell| cell == id || canonical(cell) == canonical(id))
            })?;
            assignment
                .pairs
                .iter()
                .find(|(r, _)| *r == row)
                .map(|(_, c)| *c)
        })
        .collect()
}

/// How many columns of two tables bear the same sample name.
pub(crate) fn in_common(a: &[SampleColumn], b: &[SampleColumn]) -> usize {
    let names: std::collections::HashSet<String> = a.iter().map(|c| canonical(&c.label)).collect();
    b.iter()
        .filter(|c| names.contains(&canonical(&c.label)))
        .count()
}

/// What matched and what did not: samples without a column, columns of no sample.
pub(crate) fn report(
    file: &str,
    columns: &[SampleColumn],
    place: &[Option<usize>],
    samples: &SampleMetadata,
) -> (Inference, Vec<Problem>) {
    let n = samples.len();
    let without: Vec<&str> = place
        .iter()
        .zip(&samples.ids)
        .filter(|(p, _)| p.is_none())
        .map(|(_, id)| id.as_str())
        .collect();
    let excluded: Vec<String> = samples.excluded.iter().map(|e| canonical(&e.id)).collect();
    let (dropped, strangers): (Vec<&SampleColumn>, Vec<&SampleColumn>) = columns
        .iter()
        .enumerate()
        .filter(|(c, _)| !place.contains(&Some(*c)))
        .map(|(_, column)| column)
        .partition(|c| {
            excluded.contains(&canonical(&c.label)) || excluded.contains(&canonical(&c.header))
        });
    let mut value = format!("{} of {n} samples have a column", n - without.len());
    for (columns, of) in [
        (&dropped, "a sample that was left out"),
        (&strangers, "no sample"),
    ] {
        match columns.len() {
            0 => {}
            1 => value.push_str(&format!("; 1 column is of {of}")),
            n => value.push_str(&format!("; {n} columns are of {of}")),
        }
    }
    let said = Inference::new(
        format!("samples of `{file}`"),
        value,
        "columns and samples of the same name, or of the same row of the sample sheet",
        "use the same sample names in all tables, or list the tables you want under `tables:` in `dataset.yaml`",
    );
    let mut problems = Vec::new();
    if !without.is_empty() {
        problems.push(
            Problem::new(
                Severity::Note,
                "samples_without_column",
                format!(
                    "{} of {n} samples have no column: {}",
                    without.len(),
                    listed(&without)
                ),
                "add the columns, if the samples were measured",
            )
            .in_file(file),
        );
    }
    if !strangers.is_empty() {
        let names: Vec<&str> = strangers.iter().map(|c| c.label.as_str()).collect();
        problems.push(
            Problem::new(
                Severity::Note,
                "columns_without_sample",
                format!(
                    "{} of {} columns are of no sample and were left out: {}",
                    names.len(),
                    columns.len(),
                    listed(&names)
                ),
                "use the same sample names in all tables, if they are samples",
            )
            .in_file(file),
        );
    }
    (said, problems)
}

fn listed(names: &[&str]) -> String {
    let mut text: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    if names.len() > SHOWN {
        text.push(format!("and {} more", names.len() - SHOWN));
    }
    text.join(", ")
}
