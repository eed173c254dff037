//! From judged strata to what a run publishes: hypotheses in rank order, the findings behind them, the calibration.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use polars::prelude::DataFrame;
use proteus_stats::error_rate::{SUPPORTED_LEVEL, audit_verdict, stratum_q};

use crate::config::Config;
use crate::dataset::{Dataset, DatasetProfile};
use crate::discovery::{
    Archetype, AuditReport, Calibration, DecoyAudit, EntityKind, EvidenceGraph, Finding, Grade,
    Hypothesis, ObjectiveStatus, Papers, ScoreHistogram, StratumRecord, Verdict,
};
use crate::knowledge::{GeneSets, Packs};
use crate::run::RunView;

use super::align::context_words;
use super::answers::evidence_score;
use super::attack::contamination::{Contaminants, Outcome};
use super::attack::multiverse::{Family, Ground, Multiverse};
use super::attack::rows::attack_rows;
use super::compose::{Setting, compose};
use super::counting::{BIN_WIDTH, DecoyCounts, histogram};
use super::draft::{Draft, Judged, draft};
use super::error::AgentError;
use super::examine::{Examined, Examiner};
use super::fates::{self, DraftFate};
use super::grade::{Grounds, grade};
use super::menu::{Stratum, index};
use super::menu_making::answered_of;
use super::own_gene::{OwnGene, own_genes};
use super::power::detectable;
use super::pursuit::Pursuit;
use super::score::{Background, PapersSay, score};
use super::select::{Weighed, fold, rank};
use super::session::Resources;
use super::standing::{size, standing};
use super::steering::FollowUp;
use super::verdicts::{StratumVerdict, replays};
use super::{interpret, wording};

/// Everything the last states of the loop work on.
pub struct Results<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// The run, for what is no longer in memory.
    pub run: &'a RunView,
    /// Its profile.
    pub profile: &'a DatasetProfile,
    /// Content, tools, packs.
    pub resources: &'a Resources,
    /// Settings.
    pub config: &'a Config,
    /// Objectives with their results.
    pub pursuits: &'a [Pursuit],
    /// The menu.
    pub menu: &'a [Stratum],
    /// Error rates per stratum.
    pub verdicts: &'a [StratumVerdict],
    /// The run whose results led to this one.
    pub follow_up: Option<&'a FollowUp>,
    /// Decoys per stratum.
    pub counts: &'a [Option<DecoyCounts>],
    /// The tools' own p per stratum in menu order.
    pub analytic: &'a [Vec<f64>],
    /// Checks.
    pub audit: &'a AuditReport,
    /// `supported` claims per decoy run.
    pub audited: &'a [usize],
    /// Strata charged.
    pub charged: usize,
}

/// What is published.
pub struct Written {
    /// Hypotheses in rank order, not yet scored on the five axes.
    pub hypotheses: Vec<Hypothesis>,
    /// What scoring needs beside the record, by the id of the hypothesis.
    known: BTreeMap<String, Known>,
    /// Findings they rest on.
    pub findings: Vec<Finding>,
    /// How the error rate was measured.
    pub calibration: Calibration,
    /// What every test could have seen, by place of the objective and archetype.
    pub power: Vec<(usize, Archetype, DataFrame)>,
    /// Tests run in attacks.
    pub attacks: Vec<Family>,
    /// Every draft and what became of it.
    pub drafts: Vec<DraftFate>,
}

/// What scoring needs beside the record of a hypothesis.
#[derive(Debug, Clone, Copy)]
struct Known {
    packs_silent: Option<&'static str>,
    prior: f64,
}

impl Written {
    /// Scores every hypothesis by its record, the packs and what papers say of it. Neither grades nor order go by scores.
    pub fn score(&mut self, papers: Option<&Papers>) {
        for hypothesis in &mut self.hypotheses {
            let Some(known) = self.known.get(&hypothesis.id) else {
                continue;
            };
            let background = Background {
                packs_silent: known.packs_silent,
                prior: known.prior,
                papers: PapersSay::of(papers, &hypothesis.id),
            };
            hypothesis.scores = score(hypothesis, background);
        }
    }
}

/// Drafts, attacks, grades, folds and ranks.
pub fn hypotheses(results: &Results<'_>) -> Result<Written, AgentError> {
    let packs = &results.resources.packs;
    let own_genes: Vec<Arc<BTreeMap<String, OwnGene>>> = results
        .pursuits
        .iter()
        .map(|pursuit| Arc::new(own_genes(pursuit, results.dataset, packs)))
        .collect();
    let contaminants: Vec<Arc<Contaminants>> = results
        .pursuits
        .iter()
        .map(|pursuit| Arc::new(Contaminants::of(pursuit)))
        .collect();
    let judged: Vec<Judged<'_>> = results
        .menu
        .iter()
        .zip(results.verdicts)
        .enumerate()
        .filter_map(|(place, (stratum, verdict))| {
            let answered = answered_of(stratum, results.pursuits)?;
            let pursuit = &results.pursuits[stratum.pursuit];
            let own = Arc::clone(&own_genes[stratum.pursuit]);
            let contaminants = Arc::clone(&contaminants[stratum.pursuit]);
            Some(Judged::new(
                place,
                stratum,
                answered,
                verdict,
                pursuit,
                own,
                contaminants,
            ))
        })
        .collect();
    let decoys: Vec<usize> = judged
        .iter()
        .map(|j| replays(j.place, results.menu, results.counts))
        .collect();
    let title = results.dataset.source.title.clone().unwrap_or_default();
    let labels: Vec<String> = results
        .pursuits
        .iter()
        .map(|p| p.objective.id.0.clone())
        .collect();
    let mut texts: Vec<&str> = vec![&title];
    texts.extend(labels.iter().map(String::as_str));
    let words = context_words(&texts);
    let setting = Setting {
        dataset: &results.dataset.name,
        packs,
        words: &words,
        pursuits: results.pursuits,
        judged: &judged,
        decoys: &decoys,
    };
    let verdict = audit_verdict(results.audited);
    let selected = results
        .menu
        .iter()
        .zip(results.verdicts)
        .filter(|(s, v)| v.selected && s.can_reach(SUPPORTED_LEVEL))
        .count();

    let drafts = draft(&judged, packs);
    let mut graph = EvidenceGraph::new();
    let multiverse = Multiverse::run(
        &Ground {
            dataset: results.dataset,
            run: results.run,
            profile: results.profile,
            catalog: &results.resources.catalog,
            packs,
            seed: results.config.seed,
        },
        &drafts,
        &judged,
        results.pursuits,
    )?;
    let attacks = multiverse.families();
    let tests = attacks.iter().map(|f| f.tests * f.repeats).sum();
    let examiner = Examiner::new(
        results.dataset,
        results.pursuits,
        results.audit,
        multiverse,
        &judged,
    );
    let measured = measured_genes(results.dataset, packs);
    let mut weighed = Vec::new();
    let mut examined: Vec<(Examined, usize)> = Vec::new();
    for draft in &drafts {
        let judgement = &judged[draft.stratum];
        let pursuit = &results.pursuits[judgement.stratum.pursuit];
        let mut record = compose(draft, draft.q, &setting, &mut graph)?;
        let found = examiner.examine(draft, judgement, pursuit, &record);
        record.robustness = found.robustness.clone();
        record.flags.clone_from(&found.flags);
        record.flags.extend(results.follow_up.map(FollowUp::flag));
        record.alternatives.clone_from(&found.alternatives);
        assign_grade(
            &mut record,
            judgement,
            pursuit,
            &found,
            results,
            verdict.lower_a_step,
        );
        weighed.push(Weighed {
            standing: standing(draft, judgement),
            size: size(draft, judgement, &judged, pursuit),
            priority: pursuit.objective.priority,
            asked_directly: asked_directly(&record, results.pursuits),
            theme: theme(&record, packs, &measured),
            target_samples: target_samples(pursuit, &judgement.stratum.objective.0),
            hypothesis: record,
        });
        examined.push((found, draft.stratum));
    }
    let by_id: BTreeMap<String, usize> = weighed
        .iter()
        .enumerate()
        .map(|(k, w)| (w.hypothesis.id.clone(), k))
        .collect();
    let statements: Vec<String> = weighed
        .iter()
        .map(|w| w.hypothesis.statement.clone())
        .collect();
    let kept = fold(weighed.clone());
    let mut hypotheses = rank(kept.clone(), results.config.max_hypotheses);
    let confounders: Vec<(usize, usize)> = examined.iter().map(|(e, _)| e.confounders).collect();
    let fates = fates::of_drafts(
        &drafts,
        &judged,
        &weighed,
        &confounders,
        &kept,
        &hypotheses,
        results.config.max_hypotheses,
    );

    let told = told_strata(&hypotheses, &drafts, &by_id, &statements);
    recount(&mut hypotheses, &judged, &drafts, &by_id, &told)?;
    let mut known = BTreeMap::new();
    for hypothesis in &mut hypotheses {
        let Some(&k) = by_id.get(&hypothesis.id) else {
            continue;
        };
        let (found, stratum) = &examined[k];
        let judgement = &judged[*stratum];
        let pursuit = &results.pursuits[judgement.stratum.pursuit];
        assign_grade(
            hypothesis,
            judgement,
            pursuit,
            found,
            results,
            verdict.lower_a_step,
        );
        hypothesis.check()?;
        let of_pursuit = Known {
            packs_silent: packs_silent(results.dataset, pursuit, packs),
            prior: pursuit.objective.prior,
        };
        known.insert(hypothesis.id.clone(), of_pursuit);
    }
    // The recount can lower a grade, so the order is made sure of once more: stable within a grade.
    hypotheses.sort_by_key(|h| h.grade);
    for (k, hypothesis) in hypotheses.iter_mut().enumerate() {
        hypothesis.rank = k + 1;
    }
    let named: BTreeSet<&str> = hypotheses
        .iter()
        .flat_map(|h| h.findings.iter().map(|f| f.0.as_str()))
        .collect();
    let findings = graph
        .findings()
        .iter()
        .filter(|f| named.contains(f.id.0.as_str()))
        .cloned()
        .collect();
    let mut calibration = calibration(results, selected, tests);
    let mut power = Vec::new();
    // What a chain could have seen, its edges could.
    for judgement in judged.iter().filter(|j| !j.stratum.is_chain()) {
        let pursuit = judgement.stratum.pursuit;
        if let Some((table, summary)) = detectable(judgement, &results.pursuits[pursuit])? {
            calibration.strata[judgement.place].detectable = Some(summary);
            power.push((pursuit, judgement.stratum.archetype, table));
        }
    }
    Ok(Written {
        calibration,
        power,
        attacks,
        hypotheses,
        known,
        findings,
        drafts: fates,
    })
}

/// Why the packs, which are of human genes, say nothing here; none where they may.
fn packs_silent(dataset: &Dataset, pursuit: &Pursuit, packs: &Packs) -> Option<&'static str> {
    if packs.is_empty() {
        return Some("no knowledge pack is read in this run");
    }
    if packs.is_blind() {
        return Some("names are hidden in a blind run");
    }
    let human = |o: &str| o.eq_ignore_ascii_case("Homo sapiens") || o.eq_ignore_ascii_case("human");
    if !pursuit.measure.is_of_molecules() {
        return Some("the knowledge packs are about genes, not about cells and their markers");
    }
    (!dataset.organism().is_none_or(human)).then_some("no knowledge pack for this organism")
}

fn assign_grade(
    record: &mut Hypothesis,
    judged: &Judged<'_>,
    pursuit: &Pursuit,
    found: &Examined,
    results: &Results<'_>,
    audit_lowered: bool,
) {
    let failed = results
        .audit
        .checks
        .iter()
        .find(|c| {
            let concerned =
                |about| pursuit.is_concerned(Some(about)) || is_about_structure_and(record, about);
            c.verdict == Verdict::Fail && c.concerns.as_deref().is_none_or(concerned)
        })
        .map(|c| c.reason.as_str());
    let after_results = results.follow_up.map(FollowUp::reason);
    let graded = grade(&Grounds {
        stratum: judged.stratum,
        after_results: after_results.as_deref(),
        generation: pursuit.objective.generation,
        residual_df: found.residual_df,
        q: record.error_rate.q.get(),
        floor: record.error_rate.floor,
        failed_check: failed,
        audit_lowered,
        robustness: &found.robustness,
        confounders: found.confounders,
        rival: found.rival.as_deref(),
        contamination: match &found.contamination {
            Some(Outcome::Explained(what)) => Some(what),
            _ => None,
        },
        random_lists: match &found.random_lists {
            Some(Outcome::Explained(what)) => Some(what),
            _ => None,
        },
        circular: found.circular.as_deref(),
        flags: &found.flags,
        alias: found.alias.as_deref(),
        power: found.power,
    });
    record.grade = graded.grade;
    record.grade_reasons = graded.reasons;
    record.attacks = attack_rows(found, &graded.lowered_by);
}

/// Whether a claim relates the samples' structure to the variable (or a contrast of it) that a check is about: what a
/// confounded contrast cannot show, groups of samples that follow the same labels cannot show either.
fn is_about_structure_and(record: &Hypothesis, about: &str) -> bool {
    let variable = about.split(':').next().unwrap_or(about);
    is_about_structure(record) && record.claims.iter().any(|c| c.object.id == variable)
}

fn is_about_structure(record: &Hypothesis) -> bool {
    matches!(
        record.archetype,
        Archetype::ComponentAssociation | Archetype::SubtypeAssociation
    )
}

/// Whether a claim about the samples' structure concerns a variable that objectives of their own ask about.
fn asked_directly(record: &Hypothesis, pursuits: &[Pursuit]) -> bool {
    is_about_structure(record)
        && record.claims.iter().any(|claim| {
            pursuits
                .iter()
                .filter_map(|p| p.term.as_ref())
                .any(|term| term.variable() == claim.object.id)
        })
}

/// The measured genes of the sets that a hypothesis names. Those that were not measured have no code in a blind run, whose order must
/// be the same.
fn theme(record: &Hypothesis, packs: &Packs, measured: &BTreeSet<String>) -> BTreeSet<String> {
    let sets: Vec<&GeneSets> = packs
        .collections()
        .into_iter()
        .filter_map(|collection| packs.gene_sets(collection).ok())
        .collect();
    record
        .entities
        .iter()
        .filter(|e| matches!(e.kind, EntityKind::Pathway | EntityKind::Complex))
        .filter_map(|e| sets.iter().find_map(|sets| sets.get(&e.id)))
        .flat_map(|set| set.members.iter().map(|symbol| symbol.to_string()))
        .filter(|symbol| measured.contains(symbol))
        .collect()
}

/// The genes measured by any assay, by their current symbols.
fn measured_genes(dataset: &Dataset, packs: &Packs) -> BTreeSet<String> {
    let symbols: Vec<String> = std::iter::once(dataset.assay())
        .chain(dataset.further_assays())
        .flat_map(|assay| &assay.features)
        .filter_map(|feature| feature.symbol.clone())
        .collect();
    match packs.current_symbols(&symbols) {
        Ok(current) => current.into_iter().collect(),
        Err(_) => symbols.into_iter().collect(),
    }
}

fn target_samples(pursuit: &Pursuit, objective: &str) -> BTreeSet<String> {
    let (Some(frame), Some(matrix)) = (&pursuit.frame, &pursuit.matrix) else {
        return BTreeSet::from([objective.to_owned()]);
    };
    let (_, target) = frame.arm_positions();
    if target.is_empty() {
        return BTreeSet::from([objective.to_owned()]);
    }
    target
        .iter()
        .map(|&k| matrix.samples[frame.columns[k]].clone())
        .collect()
}

/// Strata of which something is told: a claim printed, named beside another, or folded into one.
fn told_strata(
    hypotheses: &[Hypothesis],
    drafts: &[Draft],
    by_id: &BTreeMap<String, usize>,
    statements: &[String],
) -> BTreeSet<usize> {
    let printed = hypotheses.iter().filter_map(|h| by_id.get(&h.id));
    let folded: BTreeSet<&str> = hypotheses
        .iter()
        .flat_map(|h| h.absorbed.iter().map(String::as_str))
        .collect();
    let absorbed = (0..drafts.len()).filter(|&k| folded.contains(statements[k].as_str()));
    printed
        .copied()
        .chain(absorbed)
        .flat_map(|k| {
            let beside = drafts[k].also.iter().map(|(stratum, _)| *stratum);
            std::iter::once(drafts[k].stratum).chain(beside)
        })
        .collect()
}

/// q with R = the claims that are printed and Sel = the selected strata of which something is told: whatever was left out
/// after counting (caps, folding) no longer helps. Both can only raise q.
fn recount(
    hypotheses: &mut [Hypothesis],
    judged: &[Judged<'_>],
    drafts: &[Draft],
    by_id: &BTreeMap<String, usize>,
    told: &BTreeSet<usize>,
) -> Result<(), AgentError> {
    let selected = |g: &usize| judged[*g].verdict.selected;
    let in_all = (0..judged.len()).filter(selected).count();
    let left = told.iter().copied().filter(selected).count();
    let fewer = in_all as f64 / left.max(1) as f64;
    let mut printed: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut rows_of: Vec<(usize, Vec<usize>)> = Vec::with_capacity(hypotheses.len());
    for hypothesis in hypotheses.iter() {
        let Some(draft) = by_id.get(&hypothesis.id).map(|&k| &drafts[k]) else {
            rows_of.push((0, Vec::new()));
            continue;
        };
        let position = index(&judged[draft.stratum].stratum.members);
        let members: Vec<usize> = draft
            .rows
            .iter()
            .filter_map(|&row| {
                position
                    .get(judged[draft.stratum].answered.rows[row].key.as_str())
                    .copied()
            })
            .collect();
        printed.entry(draft.stratum).or_default().extend(&members);
        for &(stratum, row) in &draft.also {
            let position = index(&judged[stratum].stratum.members);
            if let Some(&i) = position.get(judged[stratum].answered.rows[row].key.as_str()) {
                printed.entry(stratum).or_default().insert(i);
            }
        }
        rows_of.push((draft.stratum, members));
    }
    let mut recounted: BTreeMap<(usize, usize), (f64, f64)> = BTreeMap::new();
    for (&stratum, members) in &printed {
        let judgement = &judged[stratum];
        let members: Vec<usize> = members.iter().copied().collect();
        let p: Vec<f64> = members.iter().map(|&i| judgement.verdict.p[i]).collect();
        let within = stratum_q(&p, judgement.stratum.members.len());
        for (&i, q) in members.iter().zip(within) {
            let over_menu = if judgement.verdict.selected {
                (q * judgement.verdict.factor * fewer).min(1.0)
            } else {
                1.0
            };
            recounted.insert((stratum, i), (q, over_menu));
        }
    }
    for (hypothesis, (stratum, members)) in hypotheses.iter_mut().zip(rows_of) {
        let worst = |pick: fn(&(f64, f64)) -> f64| {
            members
                .iter()
                .filter_map(|&i| recounted.get(&(stratum, i)))
                .map(pick)
                .fold(0.0, f64::max)
        };
        if members.is_empty() {
            continue;
        }
        hypothesis.error_rate.q_stratum = worst(|r| r.0).try_into()?;
        hypothesis.error_rate.q = worst(|r| r.1).try_into()?;
        let decoys = hypothesis.error_rate.n_decoys.max(1) as f64;
        let listed = printed.get(&stratum).map_or(1, BTreeSet::len) as f64;
        if judged[stratum].stratum.off_menu.is_none() && hypothesis.error_rate.n_decoys > 0 {
            let factor = judged[stratum].verdict.factor * fewer;
            hypothesis.error_rate.floor = (factor / (decoys * listed)).min(1.0);
        }
    }
    Ok(())
}

/// How an objective came out.
pub fn status(pursuit: &Pursuit, hypotheses: &[Hypothesis]) -> ObjectiveStatus {
    let count = |grade: Grade| {
        hypotheses
            .iter()
            .filter(|h| h.objective == pursuit.objective.id && h.grade == grade)
            .count()
    };
    interpret::status(pursuit, count(Grade::Supported), count(Grade::Suggestive))
}

fn calibration(results: &Results<'_>, selected: usize, attack_tests: usize) -> Calibration {
    let strata = results
        .menu
        .iter()
        .zip(results.verdicts)
        .enumerate()
        .map(|(g, (stratum, verdict))| {
            let target: Vec<f64> = results.analytic[g]
                .iter()
                .map(|&p| evidence_score(p))
                .collect();
            let counts = results.counts[g].as_ref();
            StratumRecord {
                id: stratum.id.clone(),
                objective: stratum.objective.clone(),
                archetype: stratum.archetype,
                members: stratum.members.len(),
                pooled: stratum.counting() == proteus_stats::error_rate::Counting::Pooled,
                null: wording::null(
                    &stratum.null,
                    "each member",
                    &stratum.objective.0,
                    &[],
                    "the samples compared",
                ),
                decoys: match &stratum.off_menu {
                    Some(reason) => format!("off the menu, never graded: {reason}"),
                    None => stratum.decoys.clone(),
                },
                n_decoys: counts.map_or(0, DecoyCounts::replays),
                relabellings: stratum.relabellings,
                stopped_for_futility: verdict.futile,
                min_q: verdict.q_stratum.iter().copied().fold(1.0, f64::min),
                floor: verdict.floor,
                selected: verdict.selected,
                histogram: ScoreHistogram {
                    bin_width: BIN_WIDTH,
                    target: histogram(&target),
                    decoy: counts.map(|c| c.histogram().to_vec()).unwrap_or_default(),
                },
                detectable: None,
            }
        })
        .collect();
    let tests: usize = results
        .pursuits
        .iter()
        .flat_map(|p| &p.answered)
        .map(|a| a.rows.iter().filter(|r| !r.p.is_nan()).count())
        .sum();
    let verdict = audit_verdict(results.audited);
    Calibration {
        strata,
        strata_charged: results.charged,
        strata_selected: selected,
        tests_run: tests + attack_tests,
        audit: DecoyAudit {
            supported_per_run: results.audited.to_vec(),
            grades_lowered: verdict.lower_a_step,
            summary: format!(
                "{} of {} decoy runs held a claim at q ≤ {SUPPORTED_LEVEL}{}",
                verdict.runs_with_supported,
                verdict.runs,
                if verdict.lower_a_step {
                    ": more than chance allows, so every grade was lowered a step"
                } else {
                    ", as chance allows"
                }
            ),
        },
        promises: promises(results.follow_up),
    }
}

fn promises(follow_up: Option<&FollowUp>) -> Vec<String> {
    let mut promises = [
        "On average at most 5 % of the associations graded `supported` are false, if the null named with each holds.",
        "A single run may hold more: the rate is an average over runs.",
        "Not covered: mechanism, cause, confounders that are not in the model, identification, other populations.",
        "Exchanged labels assume exchangeable samples within the named strata; rotations assume normal residuals of equal variance.",
        "What was not on the menu before the results were seen is `exploratory`, however small its p-value.",
    ]
    .map(str::to_owned)
    .to_vec();
    promises.extend(follow_up.map(|f| {
        format!(
            "This question was {}: its q-values are its own and hold for a question that was not, so everything is `exploratory`.",
            f.reason()
        )
    }));
    promises
}
