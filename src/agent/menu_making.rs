//! Making the menu: the strata of every plan, their members listed by a replay on a decoy, so that not even their
//! number is read off a label-dependent result.

use std::collections::BTreeMap;
use std::sync::Arc;

use proteus_stats::detection_switches::ALL_SPLITS;

use crate::dataset::{Dataset, ModelFrame, Term};
use crate::discovery::{Archetype, EntityKind, Objective};
use crate::run::journal::FrozenStratum;
use crate::tool::{Abundance, Artifact, NullScheme, ToolOutput};
use crate::workflow::{Plan, Replayer, Source};

use super::answers;
use super::decoys::{Places, Task, decoy_seed};
use super::error::AgentError;
use super::menu::{Stratum, index};
use super::propose::Focus;
use super::pursuit::Pursuit;
use super::scheme::Scheme;
use super::session::Resources;
use super::wording::Comparison;

/// An objective with a frozen plan whose label-blind steps have run.
pub struct Prepared {
    /// The objective.
    pub objective: Objective,
    /// What is tested.
    pub term: Option<Term>,
    /// What is compared, in words.
    pub comparison: Comparison,
    /// The frozen plan.
    pub plan: Arc<Plan>,
    /// Outputs of its label-blind steps.
    pub blind: BTreeMap<String, Arc<ToolOutput>>,
    /// The matrix its label-reading steps will see, and where it comes from.
    pub tested: Option<(Source, Arc<Abundance>)>,
    /// The model over that matrix.
    pub frame: Option<ModelFrame>,
}

/// The menu and the decoy tasks that serve it. Where a question in words names proteins or sets (`focus`), they alone are
/// members.
pub fn make(
    prepared: &[Prepared],
    dataset: &Dataset,
    resources: &Resources,
    focus: &Focus,
    seed: u64,
) -> Result<(Vec<Stratum>, Vec<Task>), AgentError> {
    let making = Making {
        dataset,
        resources,
        focus,
        seed,
    };
    let mut menu: Vec<Stratum> = Vec::new();
    let mut tasks: Vec<Task> = Vec::new();
    for (p, objective) in prepared.iter().enumerate() {
        making.add(p, objective, &mut menu, &mut tasks)?;
    }
    let chains = super::chains::strata(&menu, dataset);
    menu.extend(chains);
    Ok((menu, tasks))
}

/// What the strata of objectives are made with.
pub struct Making<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// Tools and packs.
    pub resources: &'a Resources,
    /// What a question limits the tests to.
    pub focus: &'a Focus,
    /// The run's seed.
    pub seed: u64,
}

impl Making<'_> {
    /// Adds the strata of one objective, the `p`-th pursued, to a menu, and its decoy tasks to those of the run.
    ///
    /// # Errors
    /// An answer cannot be read.
    pub fn add(
        &self,
        p: usize,
        objective: &Prepared,
        menu: &mut Vec<Stratum>,
        tasks: &mut Vec<Task>,
    ) -> Result<(), AgentError> {
        let Self {
            dataset,
            resources,
            focus,
            seed,
        } = *self;
        let replayer = Arc::new(Replayer::new(
            Arc::clone(&objective.plan),
            Arc::clone(&resources.catalog),
            Arc::clone(&resources.packs),
            dataset,
            &objective.blind,
        ));
        for null in [
            NullScheme::Labels,
            NullScheme::Detection,
            NullScheme::OutsideVariable,
            NullScheme::Partner,
            NullScheme::Enumerated,
        ] {
            let strata = strata_of(p, objective, null, resources, dataset);
            if strata.is_empty() {
                continue;
            }
            let steps: Vec<&str> = strata.iter().map(|s| s.step.as_str()).collect();
            let (tested, scheme) = if null == NullScheme::Partner {
                partner_scheme(objective, &steps, resources, dataset)
            } else {
                let tested = super::planning::tested_matrix(
                    &objective.plan,
                    &steps,
                    dataset,
                    &objective.blind,
                );
                let scheme = scheme(
                    objective,
                    null,
                    tested.as_ref().map(|(_, m)| m.as_ref()),
                    dataset,
                );
                (tested, scheme)
            };
            let mut task = Task {
                pursuit: p,
                null,
                scheme,
                replayer: Arc::clone(&replayer),
                matrix: tested.clone(),
                strata: Vec::new(),
                places: Places::default(),
                name: format!("{}.{}", objective.plan.scope, null_name(null)),
            };
            let listed = task
                .scheme
                .is_valid()
                .then(|| task.replay(dataset, decoy_seed(seed, &task.name, usize::MAX), &steps))
                .flatten();
            for mut stratum in strata {
                stratum.decoys = task.scheme.words();
                stratum.relabellings = task.scheme.relabellings();
                stratum.rests_on_normality = task.scheme.rests_on_normality();
                if null == NullScheme::Enumerated {
                    stratum.smallest_p = task
                        .scheme
                        .relabellings()
                        .map_or(1.0, |splits| 1.0 / splits.min(ALL_SPLITS as f64));
                }
                match (
                    &task.scheme,
                    listed.as_ref().and_then(|o| o.get(&stratum.step)),
                ) {
                    (Scheme::None { reason }, _) => stratum.off_menu = Some(reason.clone()),
                    (_, None) => {
                        stratum.off_menu =
                            Some("the plan could not be replayed on a decoy".to_owned())
                    }
                    (_, Some(output)) => {
                        stratum.members = answers::scores(&stratum.answer, output)?
                            .into_iter()
                            .map(|(key, _)| key)
                            .collect();
                        keep_to(focus, &mut stratum);
                        if stratum.members.is_empty() {
                            stratum.off_menu = Some(if stratum.limited {
                                "nothing that the question names can be tested here".to_owned()
                            } else {
                                "nothing to test".to_owned()
                            });
                        }
                    }
                }
                if stratum.off_menu.is_none() && null != NullScheme::Enumerated {
                    task.strata.push(menu.len());
                }
                menu.push(stratum);
            }
            if !task.strata.is_empty() {
                tasks.push(task);
            }
        }
        Ok(())
    }

    /// The strata of a spawned objective, which share among them what it has of the strata charged: all that are on the menu equally,
    /// so that nothing of it depends on a result.
    ///
    /// # Errors
    /// An answer cannot be read.
    pub fn spawn(
        &self,
        p: usize,
        objective: &Prepared,
        share: f64,
        menu: &mut Vec<Stratum>,
        tasks: &mut Vec<Task>,
    ) -> Result<(), AgentError> {
        let first = menu.len();
        self.add(p, objective, menu, tasks)?;
        let own = &mut menu[first..];
        let on_menu = own.iter().filter(|s| s.off_menu.is_none()).count().max(1);
        for stratum in own {
            stratum.share = Some(share / on_menu as f64);
        }
        Ok(())
    }
}

/// The members that a question names, where it names any of their kind.
fn keep_to(focus: &Focus, stratum: &mut Stratum) {
    let named = match stratum.answer.subject {
        EntityKind::Protein => &focus.proteins,
        EntityKind::Pathway | EntityKind::Complex => &focus.sets,
        _ => return,
    };
    if !named.is_empty() {
        stratum.limited = true;
        stratum.members.retain(|key| named.contains(key));
    }
}

fn null_name(null: NullScheme) -> &'static str {
    match null {
        NullScheme::Labels => "labels",
        NullScheme::Detection => "detection",
        NullScheme::OutsideVariable => "outside",
        NullScheme::Partner => "partner",
        NullScheme::Enumerated => "enumerated",
        NullScheme::Descriptive => "descriptive",
    }
}

/// The matrix of the partner that the answering steps take, and how its samples trade places.
fn partner_scheme(
    objective: &Prepared,
    steps: &[&str],
    resources: &Resources,
    dataset: &Dataset,
) -> (Option<(Source, Arc<Abundance>)>, Scheme) {
    let none = |reason: String| (None, Scheme::None { reason });
    let mut sources: Vec<&Source> = Vec::new();
    for step in steps.iter().filter_map(|id| objective.plan.step(id)) {
        let Some(entry) = resources.catalog.get(&step.tool) else {
            continue;
        };
        let ports = entry.spec.consumes.iter().filter(|(_, port)| port.partner);
        for source in ports.filter_map(|(name, _)| step.inputs.get(name)) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    let [source @ Source::Step { step, port }] = sources.as_slice() else {
        return none("the partner is not one label-blind matrix".to_owned());
    };
    let made = objective
        .blind
        .get(step)
        .and_then(|o| o.artifacts.get(port));
    let Some(Artifact::Matrix(matrix)) = made else {
        return none("the partner's matrix was not made".to_owned());
    };
    let scheme = Scheme::for_partner(matrix, &dataset.samples, &objective.objective);
    (Some(((*source).clone(), Arc::clone(matrix))), scheme)
}

fn scheme(
    objective: &Prepared,
    null: NullScheme,
    matrix: Option<&Abundance>,
    dataset: &Dataset,
) -> Scheme {
    if null == NullScheme::OutsideVariable {
        return Scheme::for_outside_variable(&dataset.samples);
    }
    let nothing = || Scheme::None {
        reason: "no linear model over one label-blind matrix stands behind it".to_owned(),
    };
    let (Some(term), Some(matrix)) = (&objective.term, matrix) else {
        return nothing();
    };
    let objective = &objective.objective;
    let frame = ModelFrame::build(
        &dataset.samples,
        &matrix.samples,
        term,
        &objective.covariates,
        objective.blocking.as_deref(),
    );
    let frame = match frame {
        Ok(frame) => frame,
        Err(error) => {
            return Scheme::None {
                reason: error.to_string(),
            };
        }
    };
    match null {
        NullScheme::Detection => Scheme::for_detection(&frame, term, &dataset.samples, matrix),
        NullScheme::Enumerated => Scheme::for_enumeration(
            &frame,
            term,
            &dataset.samples,
            matrix,
            &objective.covariates,
        ),
        _ => Scheme::for_labels(&frame, term, &dataset.samples, matrix),
    }
}

fn strata_of(
    p: usize,
    objective: &Prepared,
    null: NullScheme,
    resources: &Resources,
    dataset: &Dataset,
) -> Vec<Stratum> {
    let assay = dataset.assay_or_main(objective.objective.assay.as_deref());
    let (molecule, measure) = (assay.molecule(), assay.measure());
    let mut strata = Vec::new();
    for step in &objective.plan.steps {
        let Some(entry) = resources.catalog.get(&step.tool) else {
            continue;
        };
        for answer in entry.spec.answers.iter().filter(|a| a.null == null) {
            if !objective.objective.questions.contains(&answer.question()) {
                continue;
            }
            let archetype = archetype_word(answer.archetype);
            strata.push(Stratum {
                id: format!(
                    "{} / {archetype} / {}",
                    objective.objective.question_id(),
                    assay.name
                ),
                pursuit: p,
                objective: objective.objective.id.clone(),
                question: objective.objective.question_id().to_owned(),
                archetype: answer.archetype,
                assay: assay.name.clone(),
                molecule,
                step: step.id.clone(),
                tool: step.tool.clone(),
                answer: answers::about(answer, molecule, measure),
                members: Vec::new(),
                edges: Vec::new(),
                share: None,
                decoys: String::new(),
                null: measure.told(&answer.null_words),
                relabellings: None,
                rests_on_normality: false,
                smallest_p: 0.0,
                limited: false,
                off_menu: None,
                residual_df: (null == NullScheme::Labels)
                    .then(|| objective.frame.as_ref().map(ModelFrame::residual_df))
                    .flatten(),
                arm_sizes: objective
                    .frame
                    .as_ref()
                    .filter(|f| !f.arms.is_empty())
                    .map(|f| {
                        let (reference, target) = f.arm_positions();
                        (reference.len(), target.len())
                    }),
            });
        }
    }
    strata
}

/// The archetype as it is written in identifiers.
pub fn archetype_word(archetype: Archetype) -> String {
    serde_json::to_value(archetype)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// A stratum as it is journaled.
pub fn frozen(stratum: &Stratum) -> FrozenStratum {
    FrozenStratum {
        objective: stratum.objective.clone(),
        archetype: stratum.archetype,
        step: stratum.step.clone(),
        members: stratum.members.len(),
    }
}

/// Members of strata that are off the menu, read off the data: they are described, never graded.
pub fn list_members_off_menu(menu: &mut [Stratum], pursuits: &[Pursuit], focus: &Focus) {
    for stratum in menu.iter_mut().filter(|s| s.off_menu.is_some()) {
        if let Some(answered) = answered_of(stratum, pursuits) {
            stratum.members = answered.rows.iter().map(|r| r.key.clone()).collect();
            keep_to(focus, stratum);
        }
    }
}

/// The answers of a stratum on the data.
pub fn answered_of<'p>(
    stratum: &Stratum,
    pursuits: &'p [Pursuit],
) -> Option<&'p answers::Answered> {
    pursuits[stratum.pursuit].answered.iter().find(|a| {
        a.step == stratum.step
            && a.answer.table == stratum.answer.table
            && a.answer.archetype == stratum.archetype
    })
}

/// The tool's own p of every member on the data, in menu order; NaN untested.
pub fn analytic(stratum: &Stratum, pursuits: &[Pursuit]) -> Vec<f64> {
    let position = index(&stratum.members);
    let mut p = vec![f64::NAN; stratum.members.len()];
    if let Some(answered) = answered_of(stratum, pursuits) {
        for row in &answered.rows {
            if let Some(&i) = position.get(row.key.as_str()) {
                p[i] = row.p;
            }
        }
    }
    p
}
