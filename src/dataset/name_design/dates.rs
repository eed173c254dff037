//! Dates in the names of samples or of the files they were measured in. A sheet seldom repeats them, and samples measured on
//! the same day share what that day did to them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::label::run_name;
use super::super::{Inference, Role, SampleMetadata, Variable};
use super::parts::is_date;
use super::{made, split};

/// Adds the dates in `names`, one per sample, as batches; none where a sample has no date, where days do not repeat, or
/// where a variable tells the same already. Full paths are understood.
pub(crate) fn add_dates(samples: &mut SampleMetadata, names: &[&str]) -> Option<Inference> {
    let date_of = |name: &&str| split(run_name(name)).into_iter().find(|part| is_date(part));
    let dates: Vec<Option<String>> = names.iter().map(date_of).collect();
    let days: BTreeSet<&String> = dates.iter().flatten().collect();
    if dates.contains(&None) || days.len() < 2 || 2 * days.len() > dates.len() {
        return None;
    }
    let told = |v: &Variable| match v.role {
        Role::Batch | Role::Plex => decides(v, &dates),
        Role::Condition => false,
        _ => decides(v, &dates) && v.levels().len() == days.len(),
    };
    if samples.variables.values().any(told) {
        return None;
    }
    let inference = Inference::new(
        "batches",
        format!("{} dates in the names of the runs", days.len()),
        format!(
            "names such as `{}` hold a date, and samples share it",
            names[0]
        ),
        "leave it out with `--ignore date`, or add a column `batch` to the sample sheet",
    );
    let name = if samples.variables.contains_key("date") {
        "date (from names)"
    } else {
        "date"
    };
    samples.insert(made(
        name,
        &dates,
        Role::Batch,
        "a date in the sample names",
    ));
    Some(inference)
}

/// Whether the level of a variable says the date of every sample.
fn decides(variable: &Variable, dates: &[Option<String>]) -> bool {
    let mut date_of: BTreeMap<&str, &Option<String>> = BTreeMap::new();
    (dates.iter().enumerate()).all(|(i, date)| {
        variable
            .group_of(i)
            .is_some_and(|level| *date_of.entry(level).or_insert(date) == date)
    })
}
