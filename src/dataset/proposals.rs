//! Comparisons proposed from the variables: each level against the reference, or against all others where there is none
//! and no two factors are crossed in the labels;
//! doses against the lowest and against the next lower; and how samples are blocked.

use std::collections::BTreeSet;

use super::checks;
use super::crossed_labels;
use super::manifest::Word;
use super::roles::reference_by_name;
use super::{
    Arm, Contrast, Dataset, Inference, Quantity, Role, SampleMetadata, Variable, VariableValues,
};

/// More levels than this are not compared one by one without a reference.
const MOST_LEVELS: usize = 12;
/// Arms of a clinical variable need as many samples.
const SMALLEST_CLINICAL_ARM: usize = 3;

/// Notes the reference level of every variable that has one, and says why.
pub(crate) fn set_references(
    samples: &mut SampleMetadata,
    declared: &std::collections::BTreeMap<String, Word>,
) -> Vec<Inference> {
    let mut inferences = Vec::new();
    for variable in samples.variables.values_mut() {
        if !matches!(
            variable.role,
            Role::Condition | Role::Clinical | Role::Covariate
        ) || !variable.is_categorical()
        {
            continue;
        }
        if let Some(level) = declared.get(&variable.name) {
            variable.reference_level = Some(level.0.clone());
            continue;
        }
        let by_name = reference_by_name(variable.levels());
        let by_order = || match &variable.values {
            VariableValues::Categorical {
                levels,
                ordered: true,
                ..
            } if variable.role == Role::Condition && super::typing::amounts(levels).is_some() => {
                Some((levels[0].clone(), "it is the lowest".to_string()))
            }
            _ => None,
        };
        if let Some((level, why)) = by_name.or_else(by_order) {
            if variable.role == Role::Condition {
                inferences.push(Inference::new(
                    format!("reference of `{}`", variable.name),
                    level.clone(),
                    why,
                    "declare `reference_levels:` in `dataset.yaml`, or ask with `--contrast variable:target-reference`",
                ));
            }
            variable.reference_level = Some(level);
        }
    }
    inferences
}

impl Dataset {
    /// A comparison that is asked for after opening, with the covariates, blocks and checks of one asked for before; the one
    /// that is there already, where there is.
    pub fn compare(
        &mut self,
        variable: impl Into<String>,
        target: Arm,
        reference: Arm,
    ) -> Contrast {
        let mut contrast = Contrast::new(variable, target, reference);
        if let Some(known) = self.design.find(&contrast.id) {
            return known.clone();
        }
        contrast.requested = true;
        contrast.covariates = crossed_with(&contrast, &self.samples);
        contrast.blocking = blocking(&contrast, &self.samples, self.assay().quantity);
        self.design
            .checks
            .extend(checks::check(&contrast, &self.samples));
        self.design.proposed.push(contrast.clone());
        contrast
    }
}

/// All proposed contrasts, conditions before clinical variables, larger arms first among the latter.
pub(crate) fn propose(samples: &SampleMetadata, quantity: Quantity) -> Vec<Contrast> {
    let mut out: Vec<Contrast> = Vec::new();
    for variable in samples.with_role(Role::Condition) {
        out.extend(within_blocks(variable, samples).unwrap_or_else(|| of_variable(variable, 1)));
    }
    let mut clinical: Vec<(usize, Contrast)> = Vec::new();
    for variable in samples.with_role(Role::Clinical) {
        for contrast in of_variable(variable, SMALLEST_CLINICAL_ARM) {
            let (reference, target) = contrast.sample_indices(samples);
            clinical.push((reference.len().min(target.len()), contrast));
        }
    }
    clinical.sort_by_key(|(smaller, _)| std::cmp::Reverse(*smaller));
    out.extend(clinical.into_iter().map(|(_, c)| c));
    for contrast in &mut out {
        contrast.covariates = crossed_with(contrast, samples);
        contrast.blocking = blocking(contrast, samples, quantity);
    }
    out
}

/// Other conditions of the experiment whose levels all occur in both arms: left out of the model, what they change would
/// count as noise, and as an effect where the arms hold them unequally.
pub(crate) fn crossed_with(contrast: &Contrast, samples: &SampleMetadata) -> Vec<String> {
    let is_condition =
        (samples.with_role(Role::Condition)).any(|variable| variable.name == contrast.variable);
    if !is_condition {
        return Vec::new();
    }
    let (reference, target) = contrast.sample_indices(samples);
    samples
        .with_role(Role::Condition)
        .filter(|other| other.name != contrast.variable && other.is_categorical())
        .filter(|other| {
            let levels = |arm: &[usize]| -> Option<BTreeSet<&str>> {
                arm.iter().map(|&i| other.group_of(i)).collect()
            };
            let of_target = levels(&target);
            of_target == levels(&reference) && of_target.is_some_and(|levels| levels.len() > 1)
        })
        .map(|other| other.name.clone())
        .collect()
}

/// Where every level was measured in one plex or batch only, the pairs of levels that share one: all other comparisons
/// are comparisons of plexes. None where levels span plexes or a reference was declared.
fn within_blocks(variable: &Variable, samples: &SampleMetadata) -> Option<Vec<Contrast>> {
    if variable.reference_level.is_some() || variable.levels().len() < 3 {
        return None;
    }
    let block_of = |block: &Variable, level: &String| -> Option<String> {
        let blocks: BTreeSet<&str> = variable
            .samples_of(level)
            .into_iter()
            .map(|i| block.group_of(i))
            .collect::<Option<_>>()?;
        let mut blocks = blocks.into_iter();
        blocks
            .next()
            .filter(|_| blocks.next().is_none())
            .map(str::to_string)
    };
    let mut blocks: Vec<&Variable> = samples.with_role(Role::Plex).collect();
    blocks.extend(samples.with_role(Role::Batch));
    blocks.into_iter().find_map(|block| {
        let homes: Vec<String> = variable
            .levels()
            .iter()
            .map(|level| block_of(block, level))
            .collect::<Option<_>>()?;
        let mut out = Vec::new();
        for (b, home) in homes.iter().enumerate() {
            for a in (0..b).filter(|&a| homes[a] == *home) {
                let (first, second) = (&variable.levels()[a], &variable.levels()[b]);
                let (target, reference) = towards_reference(first, second);
                out.push(Contrast::new(
                    variable.name.clone(),
                    Arm::one(target),
                    Arm::one(reference),
                ));
            }
        }
        let several = homes.iter().any(|h| *h != homes[0]);
        (several && !out.is_empty() && out.len() <= MOST_LEVELS).then_some(out)
    })
}

/// Target and reference of two levels: by name, else the one that the other extends (`NA` of `NA_T`), else the first.
pub(super) fn towards_reference<'a>(first: &'a str, second: &'a str) -> (&'a str, &'a str) {
    let named = reference_by_name(&[first.to_string(), second.to_string()]).map(|(level, _)| level);
    let first_is_reference = match named {
        Some(level) => level == first,
        None => !first.starts_with(second),
    };
    if first_is_reference {
        (second, first)
    } else {
        (first, second)
    }
}

fn of_variable(variable: &Variable, smallest: usize) -> Vec<Contrast> {
    let counts = variable.level_counts();
    let enough = |level: &str| counts.iter().any(|(l, n)| l == level && *n >= smallest);
    let levels: Vec<&String> = variable.levels().iter().filter(|l| enough(l)).collect();
    let contrast = |target: &str, reference: Arm| {
        Contrast::new(variable.name.clone(), Arm::one(target), reference)
    };
    let reference = variable.reference_level.as_deref().filter(|r| enough(r));
    if let Some(reference) = reference {
        let mut out: Vec<Contrast> = levels
            .iter()
            .filter(|l| l.as_str() != reference)
            .map(|l| contrast(l, Arm::one(reference)))
            .collect();
        let doses = matches!(
            variable.values,
            VariableValues::Categorical { ordered: true, .. }
        ) && levels.first().is_some_and(|l| l.as_str() == reference);
        if doses {
            out.extend(
                levels
                    .windows(2)
                    .skip(1)
                    .map(|w| contrast(w[1], Arm::one(w[0].as_str()))),
            );
        }
        return out;
    }
    if let Some(pairs) = crossed_labels::pairs(&levels).filter(|p| p.len() <= MOST_LEVELS) {
        return pairs
            .into_iter()
            .map(|(target, reference)| contrast(&target, Arm::one(reference)))
            .collect();
    }
    match levels[..] {
        [a, b] => vec![contrast(b, Arm::one(a.as_str()))],
        _ if levels.len() < 2 || levels.len() > MOST_LEVELS => Vec::new(),
        _ => levels
            .iter()
            .map(|level| {
                let others = variable
                    .levels()
                    .iter()
                    .filter(|l| l != level)
                    .cloned()
                    .collect();
                contrast(level, Arm::pooled("other", others))
            })
            .collect(),
    }
}

/// Subjects where enough of them span both arms; else batches or plexes that hold both arms, unless the values already
/// are ratios within the plex.
pub(crate) fn blocking(
    contrast: &Contrast,
    samples: &SampleMetadata,
    quantity: Quantity,
) -> Vec<String> {
    let (reference, target) = contrast.sample_indices(samples);
    let spanning = |variable: &Variable| {
        let of = |arm: &[usize]| -> std::collections::BTreeSet<usize> {
            let codes = variable.codes().unwrap_or_default();
            arm.iter()
                .filter_map(|&i| codes.get(i).copied().flatten())
                .collect()
        };
        of(&reference).intersection(&of(&target)).count()
    };
    let smaller = reference.len().min(target.len());
    if let Some(subject) = samples
        .with_role(Role::Subject)
        .find(|v| spanning(v) >= 3 && 2 * spanning(v) >= smaller)
    {
        return vec![subject.name.clone()];
    }
    if quantity == Quantity::Ratio {
        return Vec::new();
    }
    samples
        .variables
        .values()
        .filter(|v| matches!(v.role, Role::Batch | Role::Plex) && v.name != contrast.variable)
        .find(|v| {
            let used: std::collections::BTreeSet<Option<&str>> = reference
                .iter()
                .chain(&target)
                .map(|&i| v.group_of(i))
                .collect();
            let n = reference.len() + target.len();
            !used.contains(&None)
                && used.len() >= 2
                && spanning(v) == used.len()
                && 3 * used.len() <= n
        })
        .map(|v| vec![v.name.clone()])
        .unwrap_or_default()
}
