//! Copies of real datasets in which nothing is true.

use std::collections::BTreeMap;
use std::path::Path;

use proteus_stats::random_draws::RandomDraws;

use super::super::StudyError;
use crate::dataset::{Dataset, Role, Variable};
use crate::run::{atomic, tables};

/// Samples per arm of a split at most; more would take long and show no more.
const SPLIT_ARM: usize = 12;
/// Samples per arm of a split at least.
const FEWEST: usize = 3;

/// Writes the dataset as a folder.
pub(super) fn write(dataset: &Dataset, folder: &Path) -> Result<(), StudyError> {
    let converted = dataset.converted()?;
    atomic::write_folder(folder, |folder| {
        for (name, table) in &converted.tables {
            tables::write_parquet(&folder.join(name), table)?;
        }
        for (name, text) in &converted.texts {
            atomic::write_within(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    })?;
    Ok(())
}

/// What was measured together: the levels of batches and plexes of each sample.
fn batches(dataset: &Dataset) -> Vec<String> {
    let held: Vec<&Variable> = dataset
        .samples
        .variables
        .values()
        .filter(|v| matches!(v.role, Role::Batch | Role::Plex))
        .collect();
    (0..dataset.samples.len())
        .map(|i| {
            let levels: Vec<&str> = held.iter().map(|v| v.group_of(i).unwrap_or("")).collect();
            levels.join("\u{1f}")
        })
        .collect()
}

/// All that is known of the samples, but for how they were measured, moves between samples: within batches where every
/// batch has two or more, else between all. Rows move as a whole, so variables keep their relations to each other.
pub(super) fn permuted(dataset: &Dataset, seed: u64) -> Result<Dataset, StudyError> {
    let n = dataset.samples.len();
    let mut by_batch: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, batch) in batches(dataset).into_iter().enumerate() {
        by_batch.entry(batch).or_default().push(i);
    }
    let blocks: Vec<Vec<usize>> = if by_batch.values().all(|b| b.len() > 1) {
        by_batch.into_values().collect()
    } else {
        vec![(0..n).collect()]
    };
    let mut draws = RandomDraws::new(seed, &format!("labels of {}", dataset.name));
    let mut from: Vec<usize> = (0..n).collect();
    for block in blocks {
        let mut shuffled = block.clone();
        draws.shuffle(&mut shuffled);
        for (place, source) in block.into_iter().zip(shuffled) {
            from[place] = source;
        }
    }
    let mut copy = dataset.clone();
    let mut moved = 0;
    for variable in copy.samples.variables.values_mut() {
        let stays = matches!(
            variable.role,
            Role::Batch | Role::Plex | Role::RunOrder | Role::Identifier
        );
        if !stays {
            *variable = variable.subset(&from);
            moved += 1;
        }
    }
    if moved == 0 {
        return Err(StudyError::NoNull {
            dataset: dataset.name.clone(),
            reason: "it has no variable to exchange".to_owned(),
        });
    }
    copy.source.known_truth.clear();
    Ok(copy)
}

/// The largest group of the main condition, split at random in `a` and `b`, evenly over batches.
pub(super) fn split(dataset: &Dataset, seed: u64) -> Result<Dataset, StudyError> {
    let none = |reason: String| StudyError::NoNull {
        dataset: dataset.name.clone(),
        reason,
    };
    let grouping = dataset
        .samples
        .with_role(Role::Condition)
        .chain(dataset.samples.with_role(Role::Clinical))
        .find(|v| v.levels().len() > 1)
        .ok_or_else(|| none("it has no groups".to_owned()))?;
    let (level, size) = grouping
        .level_counts()
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
        .unwrap_or_default();
    // One sample per subject: two of one would not be independent.
    let mut seen = std::collections::BTreeSet::new();
    let subject = dataset.samples.with_role(Role::Subject).next();
    let members: Vec<usize> = grouping
        .samples_of(&level)
        .into_iter()
        .filter(|&i| match subject.and_then(|v| v.group_of(i)) {
            Some(who) => seen.insert(who.to_owned()),
            None => true,
        })
        .collect();
    if members.len() < 2 * FEWEST {
        return Err(none(format!(
            "its largest group `{level}` has {size} samples, {} are needed",
            2 * FEWEST
        )));
    }
    let mut draws = RandomDraws::new(seed, &format!("split of {}", dataset.name));
    let mut chosen = draws.choose(&members, 2 * SPLIT_ARM);
    let batch = batches(dataset);
    chosen.sort_by(|&a, &b| batch[a].cmp(&batch[b]));
    // Neighbours of one batch fall to different arms, whichever first.
    let mut arms: Vec<Option<String>> = Vec::new();
    for pair in chosen.chunks(2) {
        let first = draws.chance(0.5);
        for k in 0..pair.len() {
            arms.push(Some(if (k == 0) == first { "a" } else { "b" }.to_owned()));
        }
    }
    let mut copy = dataset.subset(&chosen);
    let mut condition = Variable::categorical("arm", &arms, Role::Condition);
    condition.reference_level = Some("a".to_owned());
    let kept = |v: &Variable| matches!(v.role, Role::Batch | Role::Plex | Role::RunOrder);
    copy.samples
        .variables
        .retain(|_, v| kept(v) && v.observed() > 0);
    copy.samples.insert(condition);
    copy.design = crate::dataset::Design::default();
    copy.source.known_truth.clear();
    Ok(copy)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;
    use crate::dataset::{self, ReadOptions};

    fn ubilength() -> Dataset {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/ubilength");
        dataset::open(&path, &ReadOptions::default()).unwrap()
    }

    #[test]
    fn exchanged_labels_keep_their_counts_and_leave_values_alone() {
        let dataset = ubilength();
        let copy = permuted(&dataset, 3).unwrap();
        let before = &dataset.samples.variables["condition"];
        let after = &copy.samples.variables["condition"];
        let mut counts = [before.level_counts(), after.level_counts()];
        for c in &mut counts {
            c.sort();
        }
        assert_eq!(counts[0], counts[1]);
        assert_ne!(before.codes().unwrap().len(), 0);
        let labels = |v: &Variable| {
            (0..v.len())
                .map(|i| v.group_of(i).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_ne!(labels(before), labels(after));
        assert_eq!(
            labels(after),
            labels(&permuted(&dataset, 3).unwrap().samples.variables["condition"])
        );
        assert_eq!(copy.samples.ids, dataset.samples.ids);
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy");
        write(&copy, &target).unwrap();
        let read = dataset::open(&target, &ReadOptions::default()).unwrap();
        assert_eq!(labels(&read.samples.variables["condition"]), labels(after));
    }

    #[test]
    fn a_group_too_small_to_split_is_refused() {
        let error = split(&ubilength(), 1).unwrap_err().to_string();
        assert!(error.contains("6 are needed"), "{error}");
    }
}
