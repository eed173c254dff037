//! What the run of the fixture concluded: objectives, audit, calibration, findings, hypotheses.

use proteus::discovery::{
    Archetype, Attack, AttackKind, AuditReport, AxisScore, Calibration, Check, Claim, DecoyAudit,
    Detectable, Direction, Entity, EntityKind, ErrorRate, Estimate, Evidence, Finding, FindingId,
    FiveAxes, Flag, Grade, Hypothesis, NextExperiment, Objective, ObjectiveId, ObjectiveStatus,
    PValue, QValue, Question, Relation, Robustness, RobustnessRow, SampleCounts, ScoreHistogram,
    StratumRecord, SupportReference, Target, Verdict,
};

use super::fixture::{CONTRAST, NAMED, OBJECTIVE, Row, Texts};

pub fn objectives() -> Vec<Objective> {
    let objective = |id: &str, text: &str, target: Target, status: ObjectiveStatus| Objective {
        id: ObjectiveId(id.to_owned()),
        text: text.to_owned(),
        questions: vec![Question {
            subject: EntityKind::Protein,
            relation: Relation::DiffersBetween,
            object: EntityKind::SampleGroup,
        }],
        target,
        assay: None,
        beyond: None,
        beside: None,
        footprints: None,
        why: "the condition has two levels with three samples each".to_owned(),
        covariates: Vec::new(),
        blocking: None,
        within: Vec::new(),
        priority: 0.8,
        prior: 0.5,
        generation: 0,
        parent: None,
        status,
    };
    let contrast = Target::Contrast {
        contrast: CONTRAST.to_owned(),
    };
    vec![
        objective(
            OBJECTIVE,
            "Which proteins and pathways differ between Ubi4 and Ctrl?",
            contrast,
            ObjectiveStatus::Answered {
                summary: "8 of 600 proteins differ".to_owned(),
            },
        ),
        objective(
            "structure",
            "Do the samples fall into groups nobody asked for?",
            Target::Structure,
            ObjectiveStatus::Retired {
                reason: "nine samples are too few to look for subtypes".to_owned(),
            },
        ),
    ]
}

pub fn audit() -> AuditReport {
    let check = |code: &str, verdict, reason: &str, fix: &str, concerns: Option<&str>| Check {
        code: code.to_owned(),
        verdict,
        reason: reason.to_owned(),
        fix: fix.to_owned(),
        concerns: concerns.map(str::to_owned),
    };
    AuditReport::new(
        vec![
            check(
                "few_replicates",
                Verdict::Warn,
                "three samples per group leave four residual degrees of freedom",
                "measure at least five per group",
                Some(CONTRAST),
            ),
            check(
                "batch",
                Verdict::Pass,
                "day is balanced over the groups",
                "",
                None,
            ),
        ],
        &[CONTRAST.to_owned()],
    )
}

pub fn calibration() -> Calibration {
    let stratum =
        |archetype, members: usize, selected, target: Vec<u64>, decoy: Vec<u64>| StratumRecord {
            id: format!("{OBJECTIVE} / {archetype:?} / proteins"),
            objective: ObjectiveId(OBJECTIVE.to_owned()),
            archetype,
            members,
            pooled: true,
            null: "the abundance of a protein is unrelated to Ubi4 v Ctrl".to_owned(),
            decoys: "effect-removed rotation of residuals".to_owned(),
            n_decoys: 400,
            relabellings: Some(20.0),
            stopped_for_futility: false,
            min_q: 0.0011,
            floor: 0.0011,
            selected,
            histogram: ScoreHistogram {
                bin_width: 0.25,
                target,
                decoy,
            },
            detectable: Some(Detectable {
                p: 0.0004,
                median: 1.7,
                unit: "log2 fold change".to_owned(),
                not_passed: members - 3,
                twofold_excluded: members / 4,
            }),
        };
    let decoy = |scale: f64| -> Vec<u64> {
        (0..16)
            .map(|k| (scale * 10f64.powf(-0.25 * f64::from(k))) as u64)
            .collect()
    };
    Calibration {
        strata: vec![
            stratum(
                Archetype::DifferentialProtein,
                600,
                true,
                vec![255, 148, 84, 49, 27, 13, 6, 4, 2, 1, 0, 1, 1, 2, 3, 4],
                decoy(105_000.0),
            ),
            stratum(
                Archetype::PathwayShift,
                40,
                true,
                vec![17, 10, 5, 3, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1],
                decoy(7_000.0),
            ),
        ],
        strata_charged: 5,
        strata_selected: 2,
        tests_run: 1_240,
        audit: DecoyAudit {
            supported_per_run: vec![0; 20],
            grades_lowered: false,
            summary: "Run on 20 datasets in which nothing is true, the whole procedure found a supported hypothesis in none."
                .to_owned(),
        },
        promises: vec![
            "On average at most 5 % of supported associations are false, if the named null holds."
                .to_owned(),
            "Nothing is promised about cause or mechanism.".to_owned(),
        ],
    }
}

pub fn findings(rows: &[Row], texts: &Texts) -> Vec<Finding> {
    let arm = || Entity::new(EntityKind::SampleGroup, CONTRAST, "Ubi4 than in Ctrl");
    let p = |p: f64| PValue::try_from(p).unwrap();
    let q = |q: f64| QValue::try_from(q).unwrap();
    let mut findings = Vec::new();
    for (i, (name, _)) in NAMED.iter().enumerate().filter(|(i, _)| *i != 6) {
        let row = &rows[i];
        let key = format!("P{:05}", 10_000 + i);
        let symbol = if i == 0 { texts.symbol.as_str() } else { name };
        findings.push(Finding {
            id: FindingId(format!("differential-1/differential/{key}")),
            objective: ObjectiveId(OBJECTIVE.to_owned()),
            subject: Entity::new(EntityKind::Protein, &key, symbol),
            relation: Relation::DiffersBetween.directed(row.effect),
            object: arm(),
            effect: Estimate {
                value: row.effect,
                low: Some(row.effect - 2.4 * row.se),
                high: Some(row.effect + 2.4 * row.se),
                level: 0.95,
                unit: "log2 fold change".to_owned(),
            },
            statistic: row.effect / row.se,
            p: p(row.p),
            q: q(row.q),
            n: SampleCounts {
                reference: Some(3),
                target: Some(3),
                total: 6,
            },
            family_size: 600,
            evidence: Evidence {
                step: "differential-1".to_owned(),
                tool: "differential_abundance".to_owned(),
                table: "differential".to_owned(),
                key_column: "feature".to_owned(),
                key,
            },
        });
    }
    let mut set = findings[0].clone();
    set.id = FindingId("pathways-1/pathways/GO:0000".to_owned());
    set.subject = Entity::new(EntityKind::Pathway, "GO:0000", &texts.set);
    set.effect.value = 1.9;
    set.effect.low = Some(1.4);
    set.effect.high = Some(2.4);
    set.effect.unit = "mean log2 fold change over all proteins".to_owned();
    set.evidence = Evidence {
        step: "pathways-1".to_owned(),
        tool: "rank_enrichment".to_owned(),
        table: "pathways".to_owned(),
        key_column: "set".to_owned(),
        key: "GO:0000".to_owned(),
    };
    findings.insert(3, set);
    findings
}

pub fn hypotheses(findings: &[Finding]) -> Vec<Hypothesis> {
    let made = findings.iter().enumerate();
    made.map(|(k, finding)| hypothesis(k, finding)).collect()
}

fn hypothesis(k: usize, finding: &Finding) -> Hypothesis {
    let pathway = finding.subject.kind == EntityKind::Pathway;
    let archetype = if pathway {
        Archetype::PathwayShift
    } else {
        Archetype::DifferentialProtein
    };
    let q = [0.0011, 0.0011, 0.0042, 0.011, 0.038, 0.09, 0.19, 0.6][k];
    let grade = match q {
        q if q <= 0.05 => Grade::Supported,
        q if q <= 0.25 => Grade::Suggestive,
        _ => Grade::Exploratory,
    };
    let symbol = &finding.subject.symbol;
    let claim = Claim {
        subject: finding.subject.clone(),
        relation: finding.relation,
        object: finding.object.clone(),
        direction: Direction::of(finding.effect.value),
        value: finding.effect.value,
        unit: finding.effect.unit.clone(),
        finding: finding.id.clone(),
    };
    Hypothesis {
        id: format!("H{:08x}", 0x51ab_0000u32 + k as u32),
        frozen: None,
        rank: k + 1,
        statement: format!(
            "{symbol} is {} in pull-downs with chains of four ubiquitins than in the control.",
            if finding.effect.value < 0.0 {
                "less abundant"
            } else {
                "more abundant"
            }
        ),
        archetype,
        objective: finding.objective.clone(),
        context: "chains, assay proteins, three Ubi4 and three Ctrl samples".to_owned(),
        grade,
        grade_reasons: vec![
            format!("q {q} over the whole menu"),
            "no check failed".to_owned(),
        ],
        error_rate: ErrorRate {
            null: format!("{symbol} is unrelated to Ubi4 v Ctrl; no covariates"),
            decoys: "effect-removed rotation of residuals".to_owned(),
            stratum: format!("{OBJECTIVE} / {archetype:?} / proteins"),
            stratum_size: 600,
            p_decoy: finding.p,
            p: finding.p,
            q_stratum: QValue::try_from(q).unwrap(),
            q: QValue::try_from(q).unwrap(),
            floor: 0.0011,
            n_decoys: 400,
        },
        evidence_score: finding.p.evidence_score(),
        direction: Direction::of(finding.effect.value),
        contrast: Some(CONTRAST.to_owned()),
        entities: vec![finding.subject.clone(), finding.object.clone()],
        effect: Estimate {
            level: 0.996,
            ..finding.effect.clone()
        },
        n: finding.n,
        claims: vec![claim],
        findings: vec![finding.id.clone()],
        mechanism: Vec::new(),
        tests_considered: 600,
        attacks: vec![Attack {
            kind: AttackKind::Influence,
            outcome: "holds in 6 of 6 refits without one sample or donor".to_owned(),
            lowered: false,
        }],
        robustness: Robustness {
            held: 11 - k,
            tried: 12,
            breaking: Some("normalisation = quantile".to_owned()),
            leave_one_out: Some((6, 6)),
            rows: vec![
                RobustnessRow {
                    choice: "normalisation = none".to_owned(),
                    effect: finding.effect.value * 1.1,
                    p: 0.001,
                    held: true,
                },
                RobustnessRow {
                    choice: "normalisation = quantile".to_owned(),
                    effect: f64::NAN,
                    p: f64::NAN,
                    held: false,
                },
            ],
        },
        flags: if k == 2 {
            vec![Flag {
                code: "few_peptides".to_owned(),
                text: "Quantified from one peptide.".to_owned(),
                lowers_grade: false,
            }]
        } else {
            Vec::new()
        },
        alternatives: vec!["Bound to the beads rather than to the chains.".to_owned()],
        refuted_by: format!(
            "No enrichment of {symbol} in five further pull-downs with the same bait (95 % CI includes 0)."
        ),
        next_experiment: NextExperiment {
            assay: "western blot of the pull-down".to_owned(),
            samples_per_arm: Some(4),
            expected_effect: Some(finding.effect.value * 0.8),
            standard_deviation: Some(0.6),
            text: format!(
                "Western blot for {symbol} in fresh pull-downs with Ubi4 and empty beads."
            ),
        },
        support: vec![SupportReference {
            pack: "go 2024-06-17".to_owned(),
            entry: "GO:0043130".to_owned(),
            text: format!("{symbol} is annotated with ubiquitin binding"),
            supports: true,
        }],
        scores: FiveAxes {
            reliability: AxisScore::of(
                5 - k as i32 / 2,
                "q at the floor, holds in most variations",
            ),
            coherence: AxisScore::of(4, "known binding partner of the bait"),
            alignment: AxisScore::not_assessed("no pack speaks of this condition"),
            novelty: AxisScore::of(2, "the annotation is known"),
            evaluability: AxisScore::of(5, "an antibody exists and the effect is large"),
        },
        absorbed: Vec::new(),
    }
}
