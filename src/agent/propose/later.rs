//! What may be asked after a look at the first results: a short list that is fixed before there are any, so that whatever is chosen
//! from it was paid for.

use std::collections::BTreeSet;

use super::restriction::{has_value, samples_within};
use super::weighing::{harmonic, learnable};
use super::wording::about_contrast;
use super::{Asked, alike, arms_of};
use crate::agent::pursuit::term_of;
use crate::dataset::{Dataset, ModelFrame, Role, Term, Variable};
use crate::discovery::{Objective, ObjectiveId, Target};

/// Objectives on the list at most: the longer it is, the smaller the share of each.
const LISTED: usize = 6;
/// Samples that both arms of a contrast must keep within one level of another variable.
const ARM_WITHIN: usize = 4;

/// What may be asked after the first results: objectives that found no place among those pursued, likeliest to find something first,
/// and the designed contrasts of those pursued asked within each level of another variable. Each kind has half of the list, or what
/// the other leaves of it. Nothing measured is read.
pub fn later_objectives(
    dataset: &Dataset,
    pursued: &[&Objective],
    left_out: &[Objective],
) -> Vec<Objective> {
    let known: BTreeSet<&ObjectiveId> = pursued.iter().map(|o| &o.id).collect();
    let mut left_out: Vec<Objective> = left_out
        .iter()
        .filter(|o| !known.contains(&o.id))
        .cloned()
        .collect();
    likeliest_first(&mut left_out);
    let mut within: Vec<Objective> = subgroups(dataset, pursued)
        .into_iter()
        .filter(|o| !known.contains(&o.id))
        .collect();
    likeliest_first(&mut within);
    let half = LISTED / 2;
    let subgroups = within
        .len()
        .min(half.max(LISTED.saturating_sub(left_out.len())));
    within.truncate(subgroups);
    left_out.truncate(LISTED - subgroups);
    left_out.extend(within);
    left_out
}

fn likeliest_first(objectives: &mut [Objective]) {
    objectives.sort_by(|a, b| {
        b.prior
            .total_cmp(&a.prior)
            .then_with(|| b.priority.total_cmp(&a.priority))
            .then_with(|| a.id.cmp(&b.id))
    });
}

/// The designed contrasts among `pursued`, each asked within every level of another variable in which enough samples of both arms
/// are left, and not nearly all.
fn subgroups(dataset: &Dataset, pursued: &[&Objective]) -> Vec<Objective> {
    let mut found: Vec<(Objective, [BTreeSet<usize>; 2])> = Vec::new();
    for parent in pursued {
        let Some(whole) = arms_of(parent, dataset).filter(|_| is_designed(parent, dataset)) else {
            continue;
        };
        for variable in dataset.samples.variables.values() {
            if !splits(variable, parent) {
                continue;
            }
            for level in variable.levels() {
                let Some(asked) = asked_within(parent, variable, level, dataset) else {
                    continue;
                };
                let Some(arms) = arms_of(&asked, dataset) else {
                    continue;
                };
                let few = arms.iter().any(|arm| arm.len() < ARM_WITHIN);
                let same = |a: &[BTreeSet<usize>; 2], b: &[BTreeSet<usize>; 2]| {
                    alike(&a[0], &b[0]) && alike(&a[1], &b[1])
                };
                if !few && !same(&arms, &whole) && !found.iter().any(|(_, f)| same(f, &arms)) {
                    found.push((asked, arms));
                }
            }
        }
    }
    found.into_iter().map(|(objective, _)| objective).collect()
}

/// Whether an objective is a contrast of the main assay that was asked for or that the experiment varied.
fn is_designed(objective: &Objective, dataset: &Dataset) -> bool {
    let Target::Contrast { contrast } = &objective.target else {
        return false;
    };
    let variable = contrast.split(':').next().unwrap_or_default();
    let varied = dataset.samples.variables.get(variable).map(|v| v.role) == Some(Role::Condition);
    let elsewhere = [&objective.assay, &objective.beyond, &objective.footprints];
    (varied || !dataset.design.contrasts.is_empty()) && elsewhere.iter().all(|o| o.is_none())
}

/// Whether a contrast can be asked within the levels of a variable.
fn splits(variable: &Variable, contrast: &Objective) -> bool {
    let describes = matches!(
        variable.role,
        Role::Condition | Role::Clinical | Role::Covariate
    );
    let condition = format!("{}=", variable.name);
    describes
        && variable.is_categorical()
        && variable.derived_from.is_none()
        && !variable.name.contains('=')
        && !contrast.id.0.starts_with(&format!("{}:", variable.name))
        && !contrast.within.iter().any(|w| w.starts_with(&condition))
}

/// The contrast within one level, adjusted for what can still be adjusted for there; none where no model can be built.
fn asked_within(
    parent: &Objective,
    variable: &Variable,
    level: &str,
    dataset: &Dataset,
) -> Option<Objective> {
    let Ok((Some(term @ Term::Contrast(_)), _)) = term_of(parent, dataset) else {
        return None;
    };
    let Term::Contrast(contrast) = &term else {
        return None;
    };
    let mut within = parent.within.clone();
    within.push(format!("{}={level}", variable.name));
    let asked = Asked::main(dataset);
    let worded = about_contrast(asked.samples, asked.measure, contrast, within, false);
    let text = worded.text.trim_end_matches('?');
    let mut objective = Objective {
        id: ObjectiveId(format!("{} within {}={level}", parent.id, variable.name)),
        text: format!("{text}, among samples with {} = {level}?", variable.name),
        why: format!("`{}` within one group of `{}`", parent.id, variable.name),
        questions: parent.questions.clone(),
        parent: Some(parent.id.clone()),
        ..worded
    };
    objective.covariates.retain(|c| *c != variable.name);
    if objective.blocking.as_ref() == Some(&variable.name) {
        objective.blocking = None;
    }
    let ids: Vec<String> = samples_within(&dataset.samples, &objective.within)
        .into_iter()
        .map(|i| dataset.samples.ids[i].clone())
        .collect();
    let fits = |o: &Objective| {
        let block = o.blocking.as_deref();
        ModelFrame::build(&dataset.samples, &ids, &term, &o.covariates, block).is_ok()
    };
    if !fits(&objective) {
        objective.covariates.clear();
        objective.blocking = None;
    }
    fits(&objective).then_some(objective)
}

/// How much can be learnt of an objective, from the samples it is asked of alone.
pub fn learnable_of(objective: &Objective, dataset: &Dataset) -> f64 {
    let measured = |assay: Option<&str>| -> BTreeSet<usize> {
        let assay = dataset.assay_or_main(assay);
        assay.measured_samples().into_iter().collect()
    };
    let mut here: BTreeSet<usize> = samples_within(&dataset.samples, &objective.within)
        .into_iter()
        .collect();
    here.retain(|i| measured(objective.assay.as_deref()).contains(i));
    if let Some(other) = &objective.beyond {
        here.retain(|i| measured(Some(other)).contains(i));
    }
    let effective = match &objective.target {
        Target::Contrast { .. } => {
            let arms = arms_of(objective, dataset).unwrap_or_default();
            let count = |arm: &BTreeSet<usize>| arm.intersection(&here).count();
            harmonic(count(&arms[0]), count(&arms[1]))
        }
        Target::Levels { variable }
        | Target::Continuous { variable }
        | Target::Course { variable }
        | Target::Trend { variable } => {
            let variable = dataset.samples.variables.get(variable);
            let known = |i: &&usize| variable.is_some_and(|v| has_value(v, **i));
            here.iter().filter(known).count() as f64 / 2.0
        }
        Target::Partner { assay } => here.intersection(&measured(Some(assay))).count() as f64 / 2.0,
        Target::Structure => here.len() as f64 / 4.0,
    };
    learnable(effective)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::agent::propose::propose;
    use crate::dataset::{Assay, Feature, FeatureLevel, Quantity, Removed, SampleMetadata, Scale};
    use proteus_stats::Matrix;

    /// `arm` was varied, 8 v 8; `sex` has 5 + 5 and 3 + 3 samples of the arms, `site` splits them as `sex` does and `stage` has three
    /// groups of 5 or 6.
    fn study() -> Dataset {
        let ids: Vec<String> = (0..16).map(|i| format!("s{i}")).collect();
        let features: Vec<Feature> = (0..3)
            .map(|i| Feature {
                id: format!("P{i}"),
                ..Feature::default()
            })
            .collect();
        let main = Assay {
            name: "proteins".to_owned(),
            format: "plain_wide".to_owned(),
            level: FeatureLevel::Gene,
            quantity: Quantity::Ratio,
            source_scale: Scale::Log2,
            columns: vec![String::new(); 16],
            values: Matrix::filled(3, 16, 1.0),
            features,
            file: std::path::PathBuf::new(),
            removed: Removed::default(),
            organism: None,
            rolled_up: None,
        };
        let mut sheet = SampleMetadata::new(ids);
        let column = |of: &dyn Fn(usize) -> &'static str| -> Vec<Option<String>> {
            (0..16).map(|i| Some(of(i).to_owned())).collect()
        };
        let sex = |i: usize| if i % 8 < 5 { "female" } else { "male" };
        let arm = column(&|i| if i < 8 { "treated" } else { "control" });
        sheet.insert(Variable::categorical("arm", &arm, Role::Condition));
        sheet.insert(Variable::categorical("sex", &column(&sex), Role::Covariate));
        let site = column(&|i| if sex(i) == "male" { "north" } else { "south" });
        sheet.insert(Variable::categorical("site", &site, Role::Clinical));
        let stage = column(&|i| ["I", "II", "III"][i % 3]);
        sheet.insert(Variable::categorical("stage", &stage, Role::Clinical));
        let day = column(&|i| if i % 2 == 0 { "day 1" } else { "day 2" });
        sheet.insert(Variable::categorical("day", &day, Role::Batch));
        Dataset::in_memory("study", main, sheet)
    }

    #[test]
    fn contrasts_are_listed_within_groups_that_keep_enough_of_both_arms() {
        let dataset = study();
        let proposals = propose(&dataset, 12);
        let arm = proposals
            .objectives
            .iter()
            .find(|o| o.id.0.starts_with("arm:"))
            .unwrap();
        let within = subgroups(&dataset, &[arm]);
        let ids: Vec<&str> = within.iter().map(|o| o.id.0.as_str()).collect();
        // `site` = south holds the same samples, males and the stages have 3 of an arm, and `day` says nothing of the samples.
        assert_eq!(ids, ["arm:treated-control within sex=female"]);
        assert_eq!(within[0].within, ["sex=female"]);
        assert_eq!(within[0].parent.as_ref(), Some(&arm.id));
        assert_eq!(within[0].target, arm.target);
        assert!(
            within[0]
                .text
                .ends_with("in control (5), among samples with sex = female?"),
            "{}",
            within[0].text
        );
        // 5 v 5: 5/(5 + 8).
        assert!((learnable_of(&within[0], &dataset) - 5.0 / 13.0).abs() < 1e-12);
        assert!((learnable_of(arm, &dataset) - 0.5).abs() < 1e-12);
        assert!(subgroups(&dataset, &[&within[0]]).is_empty());
    }

    #[test]
    fn the_list_holds_what_the_limit_left_out_and_is_short() {
        let dataset = study();
        let all = propose(&dataset, 12);
        assert!(all.left_out.is_empty());
        let few = propose(&dataset, 1);
        let pursued: Vec<&Objective> = few.objectives.iter().collect();
        assert_eq!(pursued.len(), 1);
        assert_eq!(few.left_out.len(), all.objectives.len() - 1);
        let listed = later_objectives(&dataset, &pursued, &few.left_out);
        assert!(listed.len() <= LISTED);
        let (subgroups, left_out): (Vec<&Objective>, Vec<&Objective>) =
            listed.iter().partition(|o| o.parent.is_some());
        assert_eq!(subgroups.len(), 1);
        assert_eq!(left_out.len(), few.left_out.len().min(LISTED - 1));
        assert!(left_out.is_sorted_by(|a, b| a.prior >= b.prior));
        // What is pursued after all is not listed.
        let others: Vec<&Objective> = all.objectives.iter().collect();
        let rest = later_objectives(&dataset, &others, &few.left_out);
        assert!(rest.iter().all(|o| o.parent.is_some()), "{rest:?}");
    }
}
