//! The report of a replication: what a second cohort says of each frozen hypothesis, and what chance would.

use serde::Serialize;

use super::listing::{Cell, Listing};
use crate::discovery::{
    Archetype, Estimate, ReplicatedClaim, ReplicatedHypothesis, Replication, ReplicationGrade,
};
use crate::report::figures::{ScatterPoint, scatter};
use crate::report::text::{
    NAME, SENTENCE, count, decimal, probability, sentence, signed, thousands, tidy,
};

/// Claims listed at most.
const CLAIMS: usize = 400;
/// Digits shown of a hash.
const SHOWN_OF_HASH: usize = 16;

/// The page.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct ReplicationPage {
    title: String,
    facts: Vec<String>,
    found: Vec<String>,
    chance: Vec<String>,
    overview: Listing,
    claims: Listing,
    targets: Listing,
    figure: Option<String>,
    notes: Vec<String>,
    methods: Vec<String>,
    files: Listing,
}

/// Puts the page together, with the figure of effects in both studies.
pub(in crate::report) fn replication_page(
    replication: &Replication,
) -> (ReplicationPage, Option<(String, String)>) {
    let figure = effects(replication);
    let page = ReplicationPage {
        title: format!(
            "Replication of {} in {}",
            tidy(&replication.first.dataset, NAME),
            tidy(&replication.second.dataset, NAME)
        ),
        facts: facts(replication),
        found: found(replication),
        chance: chance(replication),
        overview: overview(replication),
        claims: claims(replication),
        targets: targets(replication),
        figure: figure.as_ref().map(|(name, _)| name.clone()),
        notes: replication.notes.iter().map(|n| sentence(n)).collect(),
        methods: methods(replication),
        files: files(replication),
    };
    (page, figure)
}

/// How many hypotheses have each grade, the best first.
pub(in crate::report) fn counts(replication: &Replication) -> Vec<(ReplicationGrade, usize)> {
    ReplicationGrade::ALL
        .into_iter()
        .map(|grade| {
            let of_grade = |h: &&ReplicatedHypothesis| h.grade == grade;
            (
                grade,
                replication.hypotheses.iter().filter(of_grade).count(),
            )
        })
        .collect()
}

/// The class that colours a grade.
fn class(grade: ReplicationGrade) -> &'static str {
    match grade {
        ReplicationGrade::Replicated => "supported",
        ReplicationGrade::Contradicted => "contradicted",
        ReplicationGrade::NotReplicated => "suggestive",
        ReplicationGrade::NotTestable => "exploratory",
    }
}

fn facts(replication: &Replication) -> Vec<String> {
    let study = |study: &crate::discovery::Study, name: &str| {
        let organism = study
            .organism
            .as_deref()
            .map_or_else(String::new, |o| format!(", {o}"));
        format!(
            "{name}: {}, {}{organism}",
            study.dataset,
            count(study.samples, "sample", "samples")
        )
    };
    vec![
        study(&replication.first, "first study"),
        study(&replication.second, "second study"),
        count(
            replication.hypotheses.len(),
            "frozen hypothesis",
            "frozen hypotheses",
        ),
    ]
}

fn found(replication: &Replication) -> Vec<String> {
    let words: Vec<String> = counts(replication)
        .into_iter()
        .map(|(grade, n)| format!("{n} {}", grade.word()))
        .collect();
    let mut lines = vec![format!("{}.", words.join(", "))];
    let silent = replication
        .hypotheses
        .iter()
        .filter(|h| h.grade == ReplicationGrade::NotReplicated)
        .filter(|h| h.power.is_some_and(|p| p >= 0.8))
        .count();
    if silent > 0 {
        lines.push(format!(
            "{} had a chance of 0.8 or more to be seen and {} not.",
            count(
                silent,
                "hypothesis that was not replicated",
                "of those not replicated"
            ),
            if silent == 1 { "was" } else { "were" }
        ));
    }
    lines
}

/// The chance baseline in words.
pub(in crate::report) fn chance(replication: &Replication) -> Vec<String> {
    let Some(baseline) = &replication.baseline else {
        return vec!["No chance baseline: nothing was tested, or nothing is left to draw random hypotheses from.".to_owned()];
    };
    vec![
        format!(
            "{:.0} % of {} replicated; of random hypotheses of the same kind {:.1} % are (5 % to 95 % of {} lists: {:.1} % to {:.1} %; p {}).",
            100.0 * baseline.observed_share,
            count(replication.tested, "tested hypothesis", "tested hypotheses"),
            100.0 * baseline.mean_share,
            thousands(baseline.draws),
            100.0 * baseline.interval[0],
            100.0 * baseline.interval[1],
            probability(baseline.p),
        ),
        format!("Matched on {}.", baseline.matched_on),
    ]
}

fn overview(replication: &Replication) -> Listing {
    let mut listing = Listing::new(
        "Frozen hypotheses in the order of the first study",
        &[
            ("rank", true),
            ("hypothesis", false),
            ("first", false),
            ("second", false),
            ("effect, first", true),
            ("effect, second", true),
            ("95 % interval", false),
            ("one-sided p", true),
            ("Holm p", true),
            ("Holm p, opposite", true),
            ("power", true),
            ("why", false),
            ("frozen as", false),
        ],
    );
    for h in &replication.hypotheses {
        listing.rows.push(vec![
            Cell::count(h.rank),
            Cell::prose(tidy(&h.statement, SENTENCE)),
            Cell::text(h.first_grade.word()).class(h.first_grade.word()),
            Cell::text(h.grade.word()).class(class(h.grade)),
            Cell::number(h.first_effect.value, signed(h.first_effect.value)),
            optional(h.effect.as_ref().map(|e| e.value), signed),
            Cell::text(h.effect.as_ref().map_or_else(String::new, interval)),
            optional(h.p, probability),
            optional(h.p_holm, probability),
            optional(h.p_holm_opposite, probability),
            optional(h.power, decimal),
            Cell::prose(sentence(&h.reason)),
            Cell::text(h.frozen.chars().take(SHOWN_OF_HASH).collect::<String>()),
        ]);
    }
    listing
}

fn optional(number: Option<f64>, show: fn(f64) -> String) -> Cell {
    number.map_or_else(|| Cell::text("–"), |n| Cell::number(n, show(n)))
}

fn interval(effect: &Estimate) -> String {
    match (effect.low, effect.high) {
        (Some(low), Some(high)) => format!("{} to {}", signed(low), signed(high)),
        _ => String::new(),
    }
}

fn claims(replication: &Replication) -> Listing {
    let mut listing = Listing::new(
        "Every claim and its test",
        &[
            ("rank", true),
            ("claim about", false),
            ("found as", false),
            ("how", false),
            ("effect, first", true),
            ("effect, second", true),
            ("95 % interval", false),
            ("samples", true),
            ("one-sided p", true),
            ("power", true),
            ("stands in", false),
        ],
    );
    let all: Vec<(usize, &ReplicatedClaim)> = replication
        .hypotheses
        .iter()
        .flat_map(|h| h.claims.iter().map(move |c| (h.rank, c)))
        .collect();
    for (rank, claim) in all.iter().take(CLAIMS) {
        listing.rows.push(vec![
            Cell::count(*rank),
            Cell::text(&claim.subject.symbol),
            Cell::text(claim.found_as.as_ref().map_or("–", |e| e.id.as_str())),
            Cell::prose(tidy(&claim.how, SENTENCE)),
            Cell::number(claim.first_effect, signed(claim.first_effect)),
            optional(claim.effect.as_ref().map(|e| e.value), signed),
            Cell::text(claim.effect.as_ref().map_or_else(String::new, interval)),
            claim
                .n
                .map_or_else(|| Cell::text("–"), |n| Cell::count(n.total)),
            optional(claim.p, probability),
            optional(claim.power, decimal),
            Cell::text(claim.evidence.as_deref().unwrap_or("")),
        ]);
    }
    if all.len() > CLAIMS {
        listing.note = format!("{} more, in report.json", all.len() - CLAIMS);
    }
    listing
}

fn targets(replication: &Replication) -> Listing {
    let mut listing = Listing::new(
        "What was compared, in either study",
        &[
            ("first study", false),
            ("second study", false),
            ("matched by", false),
            ("not as in the first study", false),
        ],
    );
    for target in &replication.targets {
        listing.rows.push(vec![
            Cell::text(&target.objective.0),
            Cell::text(target.second.as_deref().unwrap_or("–")),
            Cell::prose(tidy(&target.how, SENTENCE)),
            Cell::prose(tidy(&target.changes.join("; "), SENTENCE)),
        ]);
    }
    listing
}

fn methods(replication: &Replication) -> Vec<String> {
    let found = &replication.identifiers;
    let mut by: Vec<String> = [
        (found.by_id, "by identifier"),
        (found.by_accession, "by accession"),
        (found.by_symbol, "by gene symbol"),
        (
            found.by_orthologous_symbol,
            "by gene symbol in another organism",
        ),
        (found.not_found, "not found"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, how)| format!("{n} {how}"))
    .collect();
    if by.is_empty() {
        by.push("none looked for".to_owned());
    }
    vec![
        "Claims were frozen by hash before this cohort was read; the same analyses ran with the same parameters, but for what names samples.".to_owned(),
        format!("Proteins named by the claims: {}.", by.join(", ")),
        format!(
            "Each hypothesis is tested one-sided in the direction it claims; of several claims the largest p counts (intersection–union). Holm's correction over {} at {}. Replicated: significant in that direction; contradicted: significant in the other.",
            count(replication.tested, "tested hypothesis", "tested hypotheses"),
            replication.level
        ),
        "Power is that of a one-sided test at the Bonferroni level, for the first effect shrunk by 1 − 1/t² and the standard error met here.".to_owned(),
    ]
}

fn files(replication: &Replication) -> Listing {
    let mut listing = Listing::new(
        "Input files",
        &[("study", false), ("file", false), ("BLAKE3", false)],
    );
    for (name, study) in [
        ("first", &replication.first),
        ("second", &replication.second),
    ] {
        for (file, hash) in &study.files {
            listing.rows.push(vec![
                Cell::text(name),
                Cell::text(file),
                Cell::prose(hash.clone()),
            ]);
        }
    }
    listing
}

/// Effects of the tested claims about proteins in both studies.
fn effects(replication: &Replication) -> Option<(String, String)> {
    let points: Vec<ScatterPoint> = replication
        .hypotheses
        .iter()
        .filter(|h| {
            matches!(
                h.archetype,
                Archetype::DifferentialProtein | Archetype::ProteinAssociation
            )
        })
        .flat_map(|h| {
            h.claims.iter().filter_map(move |c| {
                let effect = c.effect.as_ref()?;
                Some(ScatterPoint {
                    label: c.subject.symbol.clone(),
                    x: c.first_effect,
                    y: effect.value,
                    group: h.grade.word().to_owned(),
                })
            })
        })
        .collect();
    (points.len() >= 3).then(|| {
        let svg = scatter(
            &points,
            "effect in the first study",
            "effect in the second study",
            "Effects of the tested claims in both studies",
        );
        ("effects".to_owned(), svg)
    })
}
