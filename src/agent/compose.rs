//! From a draft to a full hypothesis record: claims, mechanism, effect at the false-coverage-corrected level, next
//! experiment, support. Grading and scoring come after.

use std::collections::BTreeSet;

use proteus_stats::distributions::student_t_two_sided_quantile;
use proteus_stats::error_rate::{SUPPORTED_LEVEL, interval_level};

use crate::dataset::Molecule;
use crate::discovery::{
    Archetype, AxisScore, Claim, Direction, Entity, EntityKind, ErrorRate, Estimate, EvidenceGraph,
    Finding, FiveAxes, Frozen, Grade, Hypothesis, InvalidNumber, MechanismEdge, NullModel, PValue,
    QValue, Relation, Robustness,
};
use crate::knowledge::Packs;

use super::answers::{AnswerRow, Answered, evidence_score};
use super::chains::along;
use super::draft::{Draft, Judged, is_set};
use super::experiment::{Effect, plan};
use super::menu::index;
use super::pursuit::Pursuit;
use super::switches::Switches;
use super::wording::{Comparison, Told, measured, name, null, refuter, signed, statement};

/// Leading members of a set that are named.
const LEADING: usize = 5;
/// Known edges shown in a mechanism path.
const EDGES: usize = 8;

/// What every record of a run shares.
pub struct Setting<'a> {
    /// Name of the dataset, for the context.
    pub dataset: &'a str,
    /// Packs, where they cover the organism.
    pub packs: &'a Packs,
    /// Words of the study's own description.
    pub words: &'a BTreeSet<String>,
    /// Objectives with their results.
    pub pursuits: &'a [Pursuit],
    /// Strata with their answers and error rates.
    pub judged: &'a [Judged<'a>],
    /// Decoys drawn per stratum.
    pub decoys: &'a [usize],
}

/// The record of a draft, with `q` recounted for what is printed; grade, attacks and scores are filled in later.
pub fn compose(
    draft: &Draft,
    q: f64,
    setting: &Setting<'_>,
    graph: &mut EvidenceGraph,
) -> Result<Hypothesis, InvalidNumber> {
    let judged = &setting.judged[draft.stratum];
    let pursuit = &setting.pursuits[judged.stratum.pursuit];
    let answered = judged.answered;
    let lead = &answered.rows[draft.rows[0]];
    let object = pursuit.object();

    let mut findings: Vec<Finding> = Vec::new();
    let along = along(judged, lead, setting.judged);
    if judged.stratum.is_chain() {
        findings.extend(along.iter().filter_map(|(edge, row)| {
            let of = &setting.pursuits[edge.stratum.pursuit];
            edge.answered.finding(row, &of.objective.id, &of.object())
        }));
    } else {
        for &row in &draft.rows {
            findings.extend(answered.finding(&answered.rows[row], &pursuit.objective.id, &object));
        }
    }
    let told_findings = findings.len();
    let apart = both_changes(draft, judged, setting);
    for (other, row) in apart.iter().flatten() {
        let of = &setting.pursuits[other.stratum.pursuit];
        let row = &other.answered.rows[*row];
        findings.extend(other.answered.finding(row, &of.objective.id, &of.object()));
    }
    let members: Vec<&AnswerRow> = draft
        .switches
        .iter()
        .flat_map(|s| {
            s.rows
                .iter()
                .map(|&i| &setting.judged[s.stratum].answered.rows[i])
        })
        .collect();
    if let Some(switches) = &draft.switches {
        let table = setting.judged[switches.stratum].answered;
        let of_row = |row: &&AnswerRow| table.finding(row, &pursuit.objective.id, &object);
        findings.extend(members.iter().filter_map(of_row));
    }
    let claimed = findings.len();
    let mut also = Vec::new();
    for &(stratum, row) in &draft.also {
        let other = &setting.judged[stratum];
        let sibling = &setting.pursuits[other.stratum.pursuit];
        if let Some(finding) = other.answered.finding(
            &other.answered.rows[row],
            &sibling.objective.id,
            &sibling.object(),
        ) {
            also.push(if other.stratum.assay == judged.stratum.assay {
                sibling.object().symbol
            } else {
                in_other_assay(other, row)
            });
            findings.push(finding);
        }
    }
    let claims: Vec<Claim> = findings
        .iter()
        .take(if draft.switches.is_some() {
            claimed
        } else {
            told_findings
        })
        .map(|f| Claim {
            subject: f.subject.clone(),
            relation: f.relation,
            object: f.object.clone(),
            direction: direction_of(judged.stratum.archetype, f.effect.value),
            value: f.effect.value,
            unit: f.effect.unit.clone(),
            finding: f.id.clone(),
        })
        .collect();
    for finding in &findings {
        graph.add_finding(finding.clone());
    }

    let leading = leading_members(pursuit, answered, draft.rows[0]);
    // An activity is told of the regulator, whatever its targets were measured as.
    let molecule = match judged.stratum.archetype {
        Archetype::RegulatorActivity => Molecule::Protein,
        _ => judged.stratum.molecule,
    };
    let told = Told {
        archetype: judged.stratum.archetype,
        molecule,
        subjects: match &draft.switches {
            Some(_) => members.iter().map(|r| subject_name(&r.label)).collect(),
            None => draft
                .rows
                .iter()
                .map(|&i| subject_name(&answered.rows[i].label))
                .collect(),
        },
        panel: draft.panel.as_ref().map(|p| p.name.as_str()),
        effects: draft
            .rows
            .iter()
            .map(|&i| answered.rows[i].effect)
            .collect(),
        comparison: &pursuit.comparison,
        measure: pursuit.measure,
        leading: leading.clone(),
        also: also.clone(),
        detail: if judged.stratum.is_chain() {
            Some(chain_words(&along))
        } else if let Some(switches) = &draft.switches {
            Some(switch_detail(switches, pursuit, answered, draft.rows[0]))
        } else if let [Some(own), Some(counterpart)] = &apart {
            let effect = |(of, row): &(&Judged<'_>, usize)| signed(of.answered.rows[*row].effect);
            Some(format!(
                ": {} itself, {} its {}",
                effect(own),
                effect(counterpart),
                if counterpart.0.stratum.molecule == Molecule::Transcript {
                    "RNA"
                } else {
                    "protein"
                }
            ))
        } else {
            detail(pursuit, answered, draft.rows[0])
        },
    };
    let direction = direction_of(judged.stratum.archetype, lead.effect);
    let effect_now = Effect {
        value: lead.effect,
        statistic: if direction == Direction::Undirected {
            f64::NAN
        } else {
            lead.statistic
        },
        arms: lead.n.reference.zip(lead.n.target),
        total: lead.n.total,
    };
    let next = plan(
        judged.stratum.archetype,
        pursuit.measure,
        &measured(told.molecule, &told.subjects),
        &effect_now,
        &where_to_measure(&pursuit.comparison),
    );
    let refuted_by = refuter(&told, direction, next.samples_per_arm);
    let statement = statement(&told);
    let partners: Vec<Entity> = draft
        .partners
        .iter()
        .map(|&row| {
            let row = &answered.rows[row];
            Entity::new(answered.answer.subject, &row.subject, &row.label)
        })
        .collect();
    let mut mechanism = mechanism(
        draft,
        &findings,
        &partners,
        &leading,
        judged.stratum.archetype,
        setting.packs,
    );
    // In a blind run the column's name would tell which gene a code stands for.
    let own_genes = draft.rows.iter().filter(|_| !setting.packs.is_blind());
    for &row in own_genes {
        let label = &answered.rows[row].label;
        if let Some(own) = judged
            .own_gene(row)
            .filter(|_| !is_set(answered.answer.subject))
        {
            mechanism.push(MechanismEdge {
                from: Entity::new(EntityKind::Gene, label, label),
                relation: Relation::AssociatedWith,
                to: object.clone(),
                source: own.source.clone(),
                measured: true,
            });
        }
    }
    let mut symbols: Vec<String> = draft
        .rows
        .iter()
        .map(|&i| answered.rows[i].label.clone())
        .collect();
    if draft.switches.is_some() {
        symbols = members.iter().map(|r| r.label.clone()).collect();
    } else if is_set(answered.answer.subject) {
        symbols.clone_from(&leading);
    }
    let support = super::align::support(&symbols, setting.words, setting.packs);
    let member = index(&judged.stratum.members)
        .get(lead.key.as_str())
        .copied();
    let at = |values: &[f64]| member.map_or(1.0, |i| values[i]);
    let worst = |values: &[f64]| {
        let position = index(&judged.stratum.members);
        draft
            .rows
            .iter()
            .map(|&i| {
                position
                    .get(answered.rows[i].key.as_str())
                    .map_or(1.0, |&k| values[k])
            })
            .fold(0.0, f64::max)
    };
    let id = identity(judged.stratum.archetype, &pursuit.objective.id.0, &claims);
    Ok(Hypothesis {
        id,
        frozen: Some(Frozen::new(
            judged.stratum.archetype,
            &claims,
            NullModel::of(&pursuit.objective),
        )),
        rank: 0,
        statement,
        archetype: judged.stratum.archetype,
        objective: pursuit.objective.id.clone(),
        context: context(setting.dataset, pursuit),
        grade: Grade::Exploratory,
        grade_reasons: Vec::new(),
        error_rate: ErrorRate {
            null: null(
                &judged.stratum.null,
                &measured(told.molecule, &told.subjects),
                &object.symbol,
                &pursuit.objective.covariates,
                &strata_words(pursuit),
            ),
            decoys: judged.stratum.decoys.clone(),
            stratum: judged.stratum.id.clone(),
            stratum_size: judged.stratum.members.len(),
            p_decoy: PValue::try_from(at(&judged.verdict.p_decoy))?,
            p: PValue::try_from(worst(&judged.verdict.p))?,
            q_stratum: QValue::try_from(worst(&judged.verdict.q_stratum))?,
            q: QValue::try_from(q)?,
            floor: judged.verdict.floor,
            n_decoys: setting.decoys[draft.stratum],
        },
        evidence_score: draft
            .rows
            .iter()
            .map(|&i| evidence_score(answered.rows[i].p))
            .fold(f64::INFINITY, f64::min),
        direction,
        contrast: pursuit.contrast().map(|c| c.id.clone()),
        entities: entities(draft, &claims, &leading, &object),
        effect: corrected(lead, &answered.answer.unit, judged),
        n: lead.n,
        findings: findings.iter().map(|f| f.id.clone()).collect(),
        claims,
        mechanism,
        tests_considered: judged.stratum.members.len(),
        attacks: Vec::new(),
        robustness: Robustness::default(),
        flags: Vec::new(),
        alternatives: Vec::new(),
        refuted_by,
        next_experiment: next,
        support,
        scores: unscored(),
        absorbed: Vec::new(),
    })
}

/// Of what a row does beyond its counterpart: where the run measured its own change and that of the counterpart.
fn both_changes<'a>(
    draft: &Draft,
    judged: &Judged<'_>,
    setting: &Setting<'a>,
) -> [Option<(&'a Judged<'a>, usize)>; 2] {
    let counterpart = match judged.stratum.archetype {
        Archetype::SiteBeyondProtein => Molecule::Protein,
        Archetype::ProteinBeyondRna => Molecule::Transcript,
        _ => return [None, None],
    };
    let lead = draft.rows[0];
    let subject = &judged.answered.rows[lead].subject;
    let gene = judged.gene(lead);
    let contrasts = || {
        setting.judged.iter().filter(|other| {
            other.stratum.question == judged.stratum.question
                && other.stratum.archetype == Archetype::DifferentialProtein
        })
    };
    let own = contrasts()
        .filter(|other| other.stratum.assay == judged.stratum.assay)
        .find_map(|other| {
            let row = other
                .answered
                .rows
                .iter()
                .position(|r| r.subject == *subject)?;
            Some((other, row))
        });
    let counterpart = contrasts()
        .filter(|other| other.stratum.molecule == counterpart)
        .find_map(|other| {
            let row = (0..other.answered.rows.len()).find(|&i| other.gene(i) == gene)?;
            Some((other, row))
        });
    [own, counterpart]
}

/// "; a chain of measured edges: its RNA (+0.92), then its protein (+1.20)".
fn chain_words(along: &[(&Judged<'_>, &AnswerRow)]) -> String {
    let edges: Vec<String> = along
        .iter()
        .map(|(edge, row)| {
            let effect = signed(row.effect);
            match (edge.stratum.archetype, edge.stratum.molecule) {
                (Archetype::CopyNumberEffect, _) => {
                    format!("which its protein follows ({effect} log2 per log2 copy)")
                }
                (_, Molecule::Transcript) => format!("its RNA ({effect})"),
                (Archetype::MutationEffect, _) => {
                    format!("which goes with its protein ({effect} log2 where mutated)")
                }
                (Archetype::MutationDifference, _) => {
                    format!("the share of samples with a mutation of it ({effect})")
                }
                (_, Molecule::CopyNumber) => format!("its copy number ({effect})"),
                _ => format!("its protein ({effect})"),
            }
        })
        .collect();
    format!("; a chain of measured edges: {}", edges.join(", then "))
}

/// What another assay says of the same gene: "its RNA (+0.81)", "phosphorylation of AKT1 S473 (+1.20)".
fn in_other_assay(other: &Judged<'_>, row: usize) -> String {
    let row = &other.answered.rows[row];
    let what = match other.stratum.molecule {
        Molecule::Transcript => "its RNA".to_owned(),
        molecule => measured(molecule, &[subject_name(&row.label)]),
    };
    format!("{what} ({})", signed(row.effect))
}

/// F tests and structure have no direction.
fn direction_of(archetype: Archetype, effect: f64) -> Direction {
    match archetype {
        Archetype::ProteinAcrossGroups | Archetype::TimeCourse | Archetype::SubtypeAssociation => {
            Direction::Undirected
        }
        _ => Direction::of(effect),
    }
}

fn subject_name(label: &str) -> String {
    label.split(';').next().unwrap_or(label).to_owned()
}

fn unscored() -> FiveAxes {
    let none = || AxisScore::not_assessed("not scored yet");
    FiveAxes {
        reliability: none(),
        coherence: none(),
        alignment: none(),
        novelty: none(),
        evaluability: none(),
    }
}

/// Identifier from what is claimed, so that equal claims of two runs have equal ids.
fn identity(archetype: Archetype, objective: &str, claims: &[Claim]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{archetype:?}|{objective}").as_bytes());
    for claim in claims {
        hasher.update(
            format!(
                "|{}|{:?}|{}|{:?}",
                claim.subject.id, claim.relation, claim.object.id, claim.direction
            )
            .as_bytes(),
        );
    }
    format!("H-{}", &hasher.finalize().to_hex()[..8])
}

fn context(dataset: &str, pursuit: &Pursuit) -> String {
    let base = format!("{dataset}, {}", pursuit.assay);
    let samples = pursuit.frame.as_ref().map(|f| f.columns.len());
    let within = if pursuit.objective.within.is_empty() {
        String::new()
    } else {
        format!(", within {}", pursuit.objective.within.join(" and "))
    };
    match samples {
        Some(n) => format!("{base}, {n} samples{within}"),
        None => format!("{base}{within}"),
    }
}

fn strata_words(pursuit: &Pursuit) -> String {
    match &pursuit.objective.blocking {
        Some(block) => format!("`{block}`"),
        None if pursuit.objective.within.is_empty() => "all samples compared".to_owned(),
        None => pursuit.objective.within.join(" and "),
    }
}

fn where_to_measure(comparison: &Comparison) -> String {
    match comparison {
        Comparison::Arms {
            variable,
            target,
            reference,
        } => format!("in {target} and {reference} ({variable})"),
        Comparison::Time { variable } => format!("at the points of {variable}"),
        Comparison::Levels { variable }
        | Comparison::Slope { variable }
        | Comparison::Dose { variable } => {
            format!("over the range of {variable}")
        }
        Comparison::Partner { .. } => {
            "in new samples with the genotype of the gene known".to_owned()
        }
        Comparison::Structure => "in new samples".to_owned(),
    }
}

/// Genes that lead a set's shift, as the table lists them.
fn leading_members(pursuit: &Pursuit, answered: &Answered, row: usize) -> Vec<String> {
    if !is_set(answered.answer.subject) {
        return Vec::new();
    }
    pursuit
        .cell(answered, "leading", row)
        .map(|cell| {
            cell.split(';')
                .filter(|g| !g.is_empty())
                .take(LEADING)
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default()
}

/// How many switches there are beside those named, in how many samples, and how many run depth alone would give.
fn switch_detail(
    switches: &Switches,
    pursuit: &Pursuit,
    answered: &Answered,
    row: usize,
) -> String {
    let lead = &answered.rows[row];
    let number = |name: &str| pursuit.number(answered, name, row).unwrap_or(f64::NAN);
    let shared: Vec<String> = switches
        .sets
        .iter()
        .map(|(set, rows)| format!("{} share “{}”", rows.len(), name(&set.name)))
        .collect();
    format!(
        " ({} proteins where run depth alone gives {:.1}; {} v {} samples{})",
        switches.count,
        number("expected"),
        lead.n.target.unwrap_or(0),
        lead.n.reference.unwrap_or(0),
        if shared.is_empty() {
            String::new()
        } else {
            format!("; {}", shared.join(", "))
        }
    )
}

/// Further facts of the leading row that the sentence needs.
fn detail(pursuit: &Pursuit, answered: &Answered, row: usize) -> Option<String> {
    match answered.answer.archetype {
        Archetype::ProteinAcrossGroups => {
            let high = pursuit.cell(answered, "highest_level", row)?;
            let low = pursuit.cell(answered, "lowest_level", row)?;
            Some(format!(": highest in {high}, lowest in {low}"))
        }
        Archetype::TimeCourse => {
            let shape = pursuit.cell(answered, "shape", row)?;
            let at = pursuit.cell(answered, "at", row)?;
            Some(format!(
                ": {shape}, {} {} from the start at {at}",
                signed(answered.rows[row].effect),
                pursuit.measure.scale
            ))
        }
        Archetype::MutationEffect => {
            let carriers = pursuit.number(answered, "n_carriers", row)?;
            let n = answered.rows[row].n.total;
            Some(format!("; {carriers:.0} of {n} samples carry a mutation"))
        }
        Archetype::DetectionSwitch => {
            let cell = |name: &str| pursuit.cell(answered, name, row);
            Some(format!(
                " ({} of {} v {} of {} samples)",
                cell("detected_target")?,
                cell("n_target")?,
                cell("detected_reference")?,
                cell("n_reference")?
            ))
        }
        Archetype::SubtypeAssociation | Archetype::ComponentAssociation => {
            let r = &answered.rows[row];
            Some(format!(
                " {} {} (effect {:.2})",
                if answered.answer.archetype == Archetype::SubtypeAssociation {
                    "in"
                } else {
                    "to"
                },
                r.object.clone().unwrap_or_default(),
                r.effect
            ))
        }
        _ => None,
    }
}

fn entities(draft: &Draft, claims: &[Claim], leading: &[String], object: &Entity) -> Vec<Entity> {
    let mut all: Vec<Entity> = claims.iter().map(|c| c.subject.clone()).collect();
    if let Some(panel) = &draft.panel {
        all.push(Entity::new(EntityKind::Pathway, &panel.id, &panel.name));
    }
    let shared = draft.switches.iter().flat_map(|s| &s.sets);
    all.extend(shared.map(|(set, _)| Entity::new(EntityKind::Pathway, &set.id, &set.name)));
    all.extend(
        leading
            .iter()
            .map(|g| Entity::new(EntityKind::Protein, g, g)),
    );
    all.extend(claims.iter().map(|c| c.object.clone()));
    if claims.is_empty() {
        all.push(object.clone());
    }
    let mut seen = BTreeSet::new();
    all.retain(|e| seen.insert((e.kind, e.id.clone())));
    all
}

/// Measured claims, then membership of a panel's or set's members, then known interactions among them and with partners
/// that passed as well.
fn mechanism(
    draft: &Draft,
    findings: &[Finding],
    partners: &[Entity],
    leading: &[String],
    archetype: Archetype,
    packs: &Packs,
) -> Vec<MechanismEdge> {
    let mut edges: Vec<MechanismEdge> = findings
        .iter()
        .map(|f| MechanismEdge {
            from: f.subject.clone(),
            relation: f.relation,
            to: f.object.clone(),
            source: f.id.0.clone(),
            measured: true,
        })
        .collect();
    let subjects: Vec<Entity> = findings
        .iter()
        .skip(usize::from(draft.switches.is_some()))
        .take(
            draft
                .rows
                .len()
                .max(draft.switches.as_ref().map_or(0, |s| s.rows.len())),
        )
        .map(|f| f.subject.clone())
        .collect();
    for (set, rows) in draft.switches.iter().flat_map(|s| &s.sets) {
        let entity = Entity::new(EntityKind::Pathway, &set.id, &set.name);
        let place = |row: &usize| draft.switches.as_ref()?.rows.iter().position(|r| r == row);
        let told = rows
            .iter()
            .filter_map(place)
            .filter_map(|k| subjects.get(k));
        edges.extend(told.map(|s| known(s, Relation::MemberOf, &entity, &set.pack)));
    }
    if let Some(panel) = &draft.panel {
        let set = Entity::new(EntityKind::Pathway, &panel.id, &panel.name);
        edges.extend(
            subjects
                .iter()
                .map(|s| known(s, Relation::MemberOf, &set, &panel.pack)),
        );
    }
    if matches!(archetype, Archetype::PathwayShift | Archetype::ComplexShift)
        && let Some(set) = subjects.first()
    {
        for gene in leading {
            let member = Entity::new(EntityKind::Protein, gene, gene);
            edges.push(known(
                &member,
                Relation::MemberOf,
                set,
                "the collection of the set",
            ));
        }
    }
    if let Ok(interactions) = packs.interactions() {
        let mut found = 0;
        for (i, a) in subjects.iter().enumerate() {
            for b in &subjects[i + 1..] {
                if let Some(pack) = interactions
                    .edge(&a.symbol, &b.symbol)
                    .filter(|_| found < EDGES)
                {
                    edges.push(known(a, Relation::InteractsWith, b, &pack.to_string()));
                    found += 1;
                }
            }
        }
        let pack = interactions.source().to_string();
        for (lead, partner) in subjects
            .iter()
            .take(1)
            .flat_map(|s| partners.iter().map(move |p| (s, p)))
        {
            edges.push(known(lead, Relation::InteractsWith, partner, &pack));
        }
    }
    edges
}

fn known(from: &Entity, relation: Relation, to: &Entity, pack: &str) -> MechanismEdge {
    MechanismEdge {
        from: from.clone(),
        relation,
        to: to.clone(),
        source: pack.to_owned(),
        measured: false,
    }
}

/// The effect with its interval widened to the false-coverage-corrected level 1 − 0.05·R/m.
fn corrected(lead: &super::answers::AnswerRow, unit: &str, judged: &Judged<'_>) -> Estimate {
    let reported = judged
        .verdict
        .q
        .iter()
        .filter(|q| **q <= SUPPORTED_LEVEL)
        .count()
        .max(1);
    let level = interval_level(reported, judged.stratum.members.len().max(1));
    let known = |x: f64| (!x.is_nan()).then_some(x);
    let half = (lead.high - lead.low) / 2.0;
    let error = (lead.effect / lead.statistic).abs();
    let scale = degrees_of_freedom(half / error).map_or(1.0, |df| {
        student_t_two_sided_quantile(1.0 - level, df) / student_t_two_sided_quantile(0.05, df)
    });
    let (low, high, level) = if scale.is_finite() && half.is_finite() {
        let middle = (lead.high + lead.low) / 2.0;
        (middle - half * scale, middle + half * scale, level)
    } else {
        (lead.low, lead.high, 0.95)
    };
    Estimate {
        value: if lead.effect.is_nan() {
            0.0
        } else {
            lead.effect
        },
        low: known(low),
        high: known(high),
        level,
        unit: unit.to_owned(),
    }
}

/// Degrees of freedom at which the two-sided 5 % point of t is `multiplier`, by bisection; none where there are none.
pub(crate) fn degrees_of_freedom(multiplier: f64) -> Option<f64> {
    if !multiplier.is_finite() || multiplier < 1.9599 {
        return None;
    }
    let (mut low, mut high) = (1.0_f64, 1e7_f64);
    for _ in 0..80 {
        let middle = (low * high).sqrt();
        if student_t_two_sided_quantile(0.05, middle) > multiplier {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some((low * high).sqrt())
}
