//! The table of a benchmark: per scenario and archetype how much was found, how much of it was false, and how much was
//! missed, each with its interval.

use std::collections::BTreeMap;

use proteus_stats::descriptive::{mean, quantile};
use proteus_stats::hypothesis_tests::clopper_pearson;
use proteus_stats::ranking::mean_interval;
use serde::Serialize;

use super::calibration::{Worth, worth};
use super::record::{PlantFound, Record, RunResult, Scored};
use super::scenario::{Scenario, Source};
use super::scoring::POWERED;
use crate::discovery::{Archetype, Grade, Verdict};

/// Level of every interval.
const LEVEL: f64 = 0.95;

/// A mean with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Mean.
    pub mean: f64,
    /// Lower end; absent for fewer than two runs.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// So many of so many, with the exact interval of the share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// Lower end of the share.
    pub low: f64,
    /// Upper end of the share.
    pub high: f64,
}

impl Share {
    /// `count` of `of`.
    pub(super) fn new(count: usize, of: usize) -> Self {
        let (count, of) = (count as u64, of as u64);
        let [low, high] = clopper_pearson(count, of, LEVEL);
        Self {
            count,
            of,
            low,
            high,
        }
    }

    /// The share; NaN of none.
    pub fn value(&self) -> f64 {
        self.count as f64 / self.of as f64
    }
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The scenario.
    pub scenario: String,
    /// The archetype; none for all together.
    pub archetype: Option<Archetype>,
    /// Runs that ended.
    pub runs: usize,
    /// Runs in which the engine failed.
    pub failed: usize,
    /// Hypotheses per run.
    pub hypotheses: f64,
    /// Supported hypotheses per run.
    pub supported: f64,
    /// Share of false among supported associations, mean over runs (0 where nothing is supported).
    pub false_share: Option<Interval>,
    /// Its 90th percentile over runs.
    pub false_share_p90: Option<f64>,
    /// Share of false among supported hypotheses, mean over runs: a panel is one hypothesis and several associations.
    pub false_hypotheses: Option<f64>,
    /// Plants that passed of those an oracle finds with power of at least 0.9.
    pub recall: Option<Share>,
    /// Of the same, those told in the list of hypotheses, which names only so many single proteins.
    pub told: Option<Share>,
    /// Planted truths of kinds that no tool answers yet.
    pub no_tool: usize,
    /// Runs with any false supported hypothesis, where no mean differs.
    pub any_supported: Option<Share>,
    /// Faults flagged.
    pub flagged: Option<Share>,
    /// Faults because of which nothing wrong is supported.
    pub not_published: Option<Share>,
    /// Mean area under the curve of evidence, true against false.
    pub auroc: Option<f64>,
}

/// One real dataset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RealRow {
    /// Folder name.
    pub dataset: String,
    /// Why it could not be run.
    pub failed: Option<String>,
    /// Verdict of the audit.
    pub verdict: Option<Verdict>,
    /// Hypotheses: all, supported, suggestive, exploratory.
    pub hypotheses: [usize; 4],
    /// Mean of the five rule scores: reliability, coherence, alignment, novelty, evaluability; none where not assessed.
    pub axes: [Option<f64>; 5],
    /// Published findings: how many are keyed, and how many stand among the first 5, 10 and 20 by evidence.
    pub published: [usize; 4],
}

/// A bar and whether it is met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What is asked.
    pub asked: String,
    /// What was measured.
    pub measured: String,
    /// Whether that is enough; none where too few runs can tell.
    pub met: Option<bool>,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Simulated and null scenarios.
    pub rows: Vec<Row>,
    /// Real datasets.
    pub real: Vec<RealRow>,
    /// What grades and scores are worth in planted experiments.
    pub worth: Vec<Worth>,
    /// Bars.
    pub bars: Vec<Bar>,
    /// Runs that the budget left undone.
    pub undone: usize,
}

/// Sums up the records of `scenarios`.
pub fn summarise(scenarios: &[Scenario], records: &[Record], undone: usize) -> Summary {
    let mut rows = Vec::new();
    let mut real = Vec::new();
    for scenario in scenarios {
        let of: Vec<&Record> = records
            .iter()
            .filter(|r| r.scenario == scenario.name)
            .collect();
        if of.is_empty() {
            continue;
        }
        if let Source::Real(path) = &scenario.source {
            let name = path
                .file_name()
                .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            real.extend(of.iter().map(|r| real_row(&name, r)));
            continue;
        }
        rows.extend(rows_of(scenario, &of));
    }
    let bars = bars(scenarios, records, &real);
    Summary {
        rows,
        real,
        worth: worth(scenarios, records),
        bars,
        undone,
    }
}

fn results<'r>(records: &[&'r Record]) -> Vec<&'r RunResult> {
    records.iter().filter_map(|r| r.result.as_ref()).collect()
}

fn rows_of(scenario: &Scenario, records: &[&Record]) -> Vec<Row> {
    let results = results(records);
    let failed = records.len() - results.len();
    let mut archetypes: Vec<Archetype> = results
        .iter()
        .flat_map(|r| r.hypotheses.iter().map(|h| h.archetype))
        .collect();
    archetypes.sort_unstable();
    archetypes.dedup();
    let mut rows = vec![row(scenario, &results, failed, None)];
    if archetypes.len() > 1 {
        rows.extend(
            archetypes
                .into_iter()
                .map(|a| row(scenario, &results, 0, Some(a))),
        );
    }
    rows
}

/// Supported hypotheses of a run.
fn supported(result: &RunResult, archetype: Option<Archetype>) -> impl Iterator<Item = &Scored> {
    result
        .hypotheses
        .iter()
        .filter(move |h| h.grade == Grade::Supported && archetype.is_none_or(|a| h.archetype == a))
}

/// Share of false ones among the supported associations of a run, which is what the engine promises to keep low.
fn false_share(result: &RunResult, archetype: Option<Archetype>) -> Option<f64> {
    let counted: Vec<(usize, usize)> = supported(result, archetype)
        .map(|h| h.associations)
        .collect::<Option<_>>()?;
    let (all, wrong) = counted
        .iter()
        .fold((0, 0), |(a, w), (all, wrong)| (a + all, w + wrong));
    Some(wrong as f64 / all.max(1) as f64)
}

/// The same of hypotheses, of which a panel is one however many associations it holds.
fn false_hypotheses(result: &RunResult, archetype: Option<Archetype>) -> Option<f64> {
    let truths: Vec<bool> = supported(result, archetype)
        .map(|h| h.truth)
        .collect::<Option<_>>()?;
    let wrong = truths.iter().filter(|t| !**t).count();
    Some(wrong as f64 / truths.len().max(1) as f64)
}

/// Whether a supported hypothesis of a run is not true. Where one arm varies more no mean differs, but that samples lie apart is
/// true.
fn false_supported(result: &RunResult, archetype: Option<Archetype>) -> bool {
    supported(result, archetype).any(|h| h.truth != Some(true))
}

fn name_of(archetype: Archetype) -> String {
    serde_json::to_value(archetype)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn row(
    scenario: &Scenario,
    results: &[&RunResult],
    failed: usize,
    archetype: Option<Archetype>,
) -> Row {
    let of = |r: &&RunResult, supported: bool| {
        r.hypotheses
            .iter()
            .filter(|h| archetype.is_none_or(|a| h.archetype == a))
            .filter(|h| !supported || h.grade == Grade::Supported)
            .count()
    };
    let per_run = |supported: bool| {
        mean(
            &results
                .iter()
                .map(|r| of(r, supported) as f64)
                .collect::<Vec<_>>(),
        )
    };
    let shares: Vec<f64> = results
        .iter()
        .filter_map(|r| false_share(r, archetype))
        .collect();
    let tells = |a: &str| archetype.is_none_or(|wanted| name_of(wanted) == a);
    let plants: Vec<&PlantFound> = results
        .iter()
        .flat_map(|r| &r.plants)
        .filter(|p| tells(&p.archetype))
        .collect();
    let powered: Vec<&PlantFound> = plants
        .iter()
        .filter(|p| p.power >= POWERED && p.archetype != "none")
        .copied()
        .collect();
    let of_powered = |counted: &dyn Fn(&PlantFound) -> bool| {
        let count = powered.iter().filter(|p| counted(p)).count();
        (!powered.is_empty()).then(|| Share::new(count, powered.len()))
    };
    let faults: Vec<(bool, bool)> = results
        .iter()
        .flat_map(|r| &r.faults)
        .map(|f| (f.flagged, f.published == 0))
        .collect();
    let auroc: Vec<f64> = results
        .iter()
        .flat_map(|r| &r.ranking)
        .filter(|r| archetype == Some(r.archetype))
        .filter_map(|r| r.auroc)
        .collect();
    let whole = archetype.is_none();
    let any = results
        .iter()
        .filter(|r| false_supported(r, archetype))
        .count();
    let interval = mean_interval(&shares, LEVEL);
    let of_hypotheses: Vec<f64> = results
        .iter()
        .filter_map(|r| false_hypotheses(r, archetype))
        .collect();
    Row {
        scenario: scenario.name.clone(),
        archetype,
        runs: results.len(),
        failed,
        hypotheses: per_run(false),
        supported: per_run(true),
        false_share: (!shares.is_empty()).then_some(Interval {
            mean: interval.mean,
            low: interval.interval.map(|i| i[0].max(0.0)),
            high: interval.interval.map(|i| i[1].min(1.0)),
        }),
        false_share_p90: (!shares.is_empty()).then(|| quantile(&shares, 0.9)),
        false_hypotheses: (!of_hypotheses.is_empty()).then(|| mean(&of_hypotheses)),
        recall: of_powered(&|p| p.passed),
        told: of_powered(&|p| p.found),
        no_tool: plants.iter().filter(|p| p.archetype == "none").count(),
        any_supported: scenario.is_null().then(|| Share::new(any, results.len())),
        flagged: (whole && !faults.is_empty())
            .then(|| Share::new(faults.iter().filter(|f| f.0).count(), faults.len())),
        not_published: (whole && !faults.is_empty())
            .then(|| Share::new(faults.iter().filter(|f| f.1).count(), faults.len())),
        auroc: (!auroc.is_empty()).then(|| mean(&auroc)),
    }
}

fn real_row(dataset: &str, record: &Record) -> RealRow {
    let none = RunResult::default();
    let result = record.result.as_ref().unwrap_or(&none);
    let count = |grade| {
        result
            .hypotheses
            .iter()
            .filter(|h| h.grade == grade)
            .count()
    };
    let mut axes = [None; 5];
    for (k, axis) in axes.iter_mut().enumerate() {
        let known: Vec<f64> = result
            .hypotheses
            .iter()
            .filter_map(|h| h.axes[k].map(f64::from))
            .collect();
        *axis = (!known.is_empty()).then(|| mean(&known));
    }
    let within = |top: usize| {
        result
            .published
            .iter()
            .filter(|p| p.rank.is_some_and(|r| r <= top))
            .count()
    };
    RealRow {
        dataset: dataset.to_owned(),
        failed: record.failed.clone(),
        verdict: result.verdict,
        hypotheses: [
            result.hypotheses.len(),
            count(Grade::Supported),
            count(Grade::Suggestive),
            count(Grade::Exploratory),
        ],
        axes,
        published: [result.published.len(), within(5), within(10), within(20)],
    }
}

/// Runs from which the mean false share is told from the bar.
const ENOUGH_RUNS: usize = 200;

fn bars(scenarios: &[Scenario], records: &[Record], real: &[RealRow]) -> Vec<Bar> {
    let of = |wanted: &dyn Fn(&Scenario) -> bool| -> BTreeMap<String, Vec<&RunResult>> {
        let mut by: BTreeMap<String, Vec<&RunResult>> = BTreeMap::new();
        for record in records {
            let known = scenarios.iter().find(|s| s.name == record.scenario);
            if let (true, Some(result)) = (known.is_some_and(wanted), &record.result) {
                by.entry(record.scenario.clone()).or_default().push(result);
            }
        }
        by
    };
    let mut bars = Vec::new();
    for (name, results) in of(&|s: &Scenario| s.is_null()) {
        let any = results.iter().filter(|r| false_supported(r, None)).count();
        let share = Share::new(any, results.len());
        // Nine of a hundred pass, as four of forty; a true rate of 5 % seldom gives more.
        bars.push(Bar {
            asked: format!("{name}: at most 9 % of runs hold a false supported hypothesis"),
            measured: format!(
                "{any} of {} ({:.1} % to {:.1} %)",
                results.len(),
                100.0 * share.low,
                100.0 * share.high
            ),
            met: (results.len() >= 40).then_some(share.value() <= 0.1),
        });
    }
    let planted = of(&|s: &Scenario| !s.is_null() && matches!(s.source, Source::Simulated { .. }));
    for (name, results) in &planted {
        let shares: Vec<f64> = results
            .iter()
            .filter_map(|r| false_share(r, None))
            .collect();
        let interval = mean_interval(&shares, LEVEL);
        let any = results
            .iter()
            .any(|r| r.hypotheses.iter().any(|h| h.grade == Grade::Supported));
        if let (true, Some([low, high])) = (any, interval.interval) {
            let fits = interval.mean <= 0.06 && low <= 0.05;
            bars.push(Bar {
                asked: format!(
                    "{name}: mean false share among supported associations at most 0.06, lower end at most 0.05"
                ),
                measured: format!(
                    "{:.3} ({:.3} to {high:.3}), {} runs",
                    interval.mean,
                    low.max(0.0),
                    shares.len()
                ),
                // Few runs can show that a bar is missed, not that it is met.
                met: if shares.len() >= ENOUGH_RUNS {
                    Some(fits)
                } else {
                    (low > 0.06).then_some(false)
                },
            });
        }
        let powered: Vec<bool> = results
            .iter()
            .flat_map(|r| &r.plants)
            .filter(|p| p.power >= POWERED && p.archetype != "none")
            .map(|p| p.passed)
            .collect();
        if !powered.is_empty() {
            let share = Share::new(powered.iter().filter(|f| **f).count(), powered.len());
            bars.push(Bar {
                asked: format!("{name}: at least 80 % of plants that an oracle finds"),
                measured: format!(
                    "{} of {} ({:.0} %)",
                    share.count,
                    share.of,
                    100.0 * share.value()
                ),
                met: Some(share.value() >= 0.8),
            });
        }
        let faults: Vec<bool> = results
            .iter()
            .flat_map(|r| &r.faults)
            .map(|f| f.flagged && f.published == 0)
            .collect();
        if !faults.is_empty() {
            let share = Share::new(faults.iter().filter(|f| **f).count(), faults.len());
            bars.push(Bar {
                asked: format!("{name}: at least 90 % flagged and not published"),
                measured: format!(
                    "{} of {} ({:.0} %)",
                    share.count,
                    share.of,
                    100.0 * share.value()
                ),
                met: Some(share.value() >= 0.9),
            });
        }
    }
    let keyed: usize = real.iter().map(|r| r.published[0]).sum();
    if keyed > 0 {
        let within = |k: usize| real.iter().map(|r| r.published[k]).sum::<usize>();
        bars.push(Bar {
            asked: "published findings among the first 5, 10 and 20 by evidence".to_owned(),
            measured: format!("{}, {} and {} of {keyed}", within(1), within(2), within(3)),
            met: None,
        });
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::super::record::{FaultFound, PlantFound};
    use super::*;
    use crate::study::{PlantKind, TwoArms};

    fn scenario(name: &str, plants: Vec<crate::study::Plant>) -> Scenario {
        Scenario {
            name: name.to_owned(),
            source: Source::Simulated {
                design: TwoArms {
                    control: 3,
                    treated: 3,
                },
                plants,
                module_correlation: None,
            },
        }
    }

    fn record(scenario: &str, seed: u64, truths: &[bool], found: bool) -> Record {
        let hypotheses = truths
            .iter()
            .map(|&truth| Scored {
                archetype: Archetype::DifferentialProtein,
                object: "condition".to_owned(),
                grade: Grade::Supported,
                q: 0.01,
                evidence: 5.0,
                truth: Some(truth),
                associations: Some((2, if truth { 1 } else { 2 })),
                axes: [None; 5],
                statement: None,
            })
            .collect();
        Record {
            program: "0".to_owned(),
            scenario: scenario.to_owned(),
            settings: String::new(),
            seed,
            failed: None,
            result: Some(RunResult {
                hypotheses,
                plants: vec![PlantFound {
                    kind: PlantKind::Protein,
                    archetype: "differential_protein".to_owned(),
                    entity: "A".to_owned(),
                    power: 0.95,
                    found,
                    passed: found,
                }],
                faults: vec![FaultFound {
                    kind: PlantKind::Batch,
                    flagged: found,
                    published: 0,
                }],
                ..RunResult::default()
            }),
        }
    }

    #[test]
    fn false_shares_are_means_over_runs_and_empty_runs_count_as_none_false() {
        let planted = scenario("p", vec![crate::study::Plant::usual(PlantKind::Protein)]);
        let null = scenario("n", Vec::new());
        let records = [
            record("p", 1, &[true, false], true),
            record("p", 2, &[], false),
            record("n", 1, &[false], true),
            record("n", 2, &[], true),
        ];
        let summary = summarise(&[planted, null], &records, 3);
        let row = &summary.rows[0];
        assert_eq!((row.runs, row.supported), (2, 1.0));
        // Three of four associations of the first run are false, one of its two hypotheses; the second run has none.
        assert_eq!(row.false_share.map(|i| i.mean), Some(0.375));
        assert_eq!(row.false_hypotheses, Some(0.25));
        assert_eq!(row.recall.map(|s| (s.count, s.of)), Some((1, 2)));
        assert_eq!(row.flagged.map(|s| (s.count, s.of)), Some((1, 2)));
        assert!(row.any_supported.is_none());
        let null = &summary.rows[1];
        assert_eq!(null.any_supported.map(|s| (s.count, s.of)), Some((1, 2)));
        assert_eq!(null.false_share.map(|i| i.mean), Some(0.5));
        assert_eq!(summary.undone, 3);
        let recall = summary.bars.iter().find(|b| b.asked.contains("oracle"));
        assert_eq!(recall.and_then(|b| b.met), Some(false));
    }
}
