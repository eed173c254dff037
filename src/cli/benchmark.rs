//! `proteus benchmark`: how often the engine is right, over experiments with a known answer, nulls and real datasets.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::failure::{Exit, Failure};
use super::output;
use super::run::DecoyFlag;
use super::settings::Settings;
use super::text_table::TextTable;
use crate::config::DecoyBudget;
use crate::discovery::Archetype;
use crate::study::benchmark::{
    Benchmark, Scenario, Share, Summary, TasksSummary, Told, real_datasets, scenarios, score_tasks,
    summarise,
};
use crate::study::{Background, PROTEINS, StudyError};

/// Arguments of `proteus benchmark`.
#[derive(Debug, Args)]
pub(super) struct BenchmarkArgs {
    /// Scenario, or the beginning of the names of several; may be given more than once [default: all]
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Seeds of each simulated scenario and null copy; real datasets are run once
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
    /// Minutes after which no new run is begun; what was run is kept, and the same command goes on
    #[arg(long, value_name = "MINUTES")]
    budget: Option<u64>,
    /// Folder of the journal
    #[arg(long, value_name = "DIR", default_value = "proteus-benchmark")]
    out: PathBuf,
    /// Folder of folders of real datasets; may be given more than once [default: datasets]
    #[arg(long, value_name = "DIR")]
    data: Vec<PathBuf>,
    /// Decoys per stratum of tests: adaptive, full or a number [default: adaptive]
    #[arg(long, value_name = "BUDGET")]
    decoys: Option<DecoyFlag>,
    /// Proteins of simulated experiments
    #[arg(long, value_name = "N", default_value_t = 1500, value_parser = clap::value_parser!(u64).range(300..=20_000))]
    proteins: u64,
    /// Runs at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,
    /// List the scenarios and stop
    #[arg(long)]
    list: bool,
    /// Score discovery tasks on general tables (CSV with metadata, laid out like DiscoveryBench) instead
    #[arg(long, value_name = "DIR", conflicts_with_all = ["only", "budget", "data", "list", "decoys", "proteins"])]
    discoverybench: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: &BenchmarkArgs, settings: &Settings) -> Result<Exit, Failure> {
    if let Some(folder) = &args.discoverybench {
        let summary = score_tasks(folder, &settings.resources(true)?)?;
        if args.json {
            output::json(&summary)?;
        } else {
            output::text(&tasks_text(&summary))?;
        }
        return Ok(Exit::Done);
    }
    let chosen = chosen(args)?;
    if args.list {
        let mut table = TextTable::new(&[("scenario", 40), ("what", 90)]);
        for scenario in &chosen {
            table.row(vec![scenario.name.clone(), scenario.settings()]);
        }
        output::text(&table.render())?;
        return Ok(Exit::Done);
    }
    let resources = || {
        settings
            .resources(true)
            .map_err(|failure| StudyError::Resources {
                reason: failure.to_string(),
            })
    };
    let quiet = settings.quiet;
    let told = |told: Told<'_>| {
        if !quiet {
            output::note(&progress(told));
        }
    };
    let packs = settings.packs()?;
    let runtime = settings.runtime()?;
    let benchmark = Benchmark {
        scenarios: chosen.clone(),
        seeds: args.seeds,
        budget: args.budget.map(|m| Duration::from_secs(60 * m)),
        jobs: usize::try_from(args.jobs).unwrap_or(1),
        decoys: args.decoys.map_or(DecoyBudget::Adaptive, |flag| flag.0),
        out: args.out.clone(),
        background: Background::usual(&packs, usize::try_from(args.proteins).unwrap_or(PROTEINS))?,
        resources: &resources,
        runtime: &runtime,
        told: &told,
    };
    let ended = benchmark.run()?;
    let summary = summarise(&chosen, &ended.records, ended.undone);
    if args.json {
        output::json(&summary)?;
    } else {
        output::text(&text(&summary))?;
    }
    Ok(if ended.undone > 0 {
        Exit::Stopped
    } else {
        Exit::Done
    })
}

/// The scenarios asked for.
fn chosen(args: &BenchmarkArgs) -> Result<Vec<Scenario>, Failure> {
    let default = PathBuf::from("datasets");
    let mut parents = args.data.clone();
    if parents.is_empty() && default.is_dir() {
        parents.push(default);
    }
    let mut datasets = Vec::new();
    for parent in &parents {
        datasets.extend(real_datasets(parent)?);
    }
    let mut names = std::collections::BTreeSet::new();
    // The same dataset in two places is one.
    datasets.retain(|path| names.insert(path.file_name().map(std::ffi::OsStr::to_owned)));
    let all = scenarios(&datasets);
    if args.only.is_empty() {
        return Ok(all);
    }
    for name in &args.only {
        if !all.iter().any(|s| s.name.starts_with(name)) {
            let known: Vec<&str> = all.iter().map(|s| s.name.as_str()).collect();
            return Err(StudyError::UnknownScenario {
                name: name.clone(),
                known: known.join(", "),
            }
            .into());
        }
    }
    // A whole name means that scenario alone; else every name that begins so.
    let exact = |name: &str| all.iter().any(|s| s.name == name);
    let wanted = |s: &Scenario| {
        args.only
            .iter()
            .any(|name| s.name == *name || (!exact(name) && s.name.starts_with(name)))
    };
    Ok(all.iter().filter(|s| wanted(s)).cloned().collect())
}

fn progress(told: Told<'_>) -> String {
    let record = told.record;
    let came = match (&record.result, &record.failed) {
        (Some(result), _) => {
            let supported = result
                .hypotheses
                .iter()
                .filter(|h| h.grade == crate::discovery::Grade::Supported)
                .count();
            let wrong = result
                .hypotheses
                .iter()
                .filter(|h| h.statement.is_some())
                .count();
            format!(
                "{} hypotheses, {supported} supported, {wrong} of them false",
                result.hypotheses.len()
            )
        }
        (None, Some(reason)) => format!("not run: {reason}"),
        (None, None) => "nothing".to_owned(),
    };
    format!(
        "{} of {}: {} seed {}: {came} ({:.1} s)",
        told.place,
        told.of,
        record.scenario,
        record.seed,
        told.took.as_secs_f64()
    )
}

fn share(share: Option<Share>) -> String {
    share.map_or_else(String::new, |s| {
        format!(
            "{}/{} ({:.0}–{:.0} %)",
            s.count,
            s.of,
            100.0 * s.low,
            100.0 * s.high
        )
    })
}

fn archetype(archetype: Option<Archetype>) -> String {
    archetype
        .and_then(|a| serde_json::to_value(a).ok())
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_else(|| "all".to_owned())
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{v:.2}"))
}

fn text(summary: &Summary) -> String {
    let mut out = String::new();
    if !summary.rows.is_empty() {
        let mut table = TextTable::new(&[
            ("scenario", 34),
            ("archetype", 24),
            ("runs", 6),
            ("hypotheses", 11),
            ("supported", 10),
            ("false share (95 %)", 26),
            ("p90", 6),
            ("of hypotheses", 14),
            ("recall, power ≥ 0.9", 24),
            ("told", 24),
            ("null runs with any", 22),
            ("flagged", 20),
            ("not published", 20),
            ("AUROC", 6),
            ("remark", 40),
        ]);
        for row in &summary.rows {
            let mut remarks = Vec::new();
            if row.failed > 0 {
                remarks.push(format!("{} runs failed", row.failed));
            }
            if row.no_tool > 0 && row.archetype.is_none() {
                remarks.push(format!("{} plants: no tool", row.no_tool));
            }
            table.row(vec![
                row.scenario.clone(),
                archetype(row.archetype),
                row.runs.to_string(),
                format!("{:.1}", row.hypotheses),
                format!("{:.1}", row.supported),
                row.false_share
                    .map_or_else(String::new, |i| match (i.low, i.high) {
                        (Some(low), Some(high)) => format!("{:.3} ({low:.3}–{high:.3})", i.mean),
                        _ => format!("{:.3}", i.mean),
                    }),
                number(row.false_share_p90),
                row.false_hypotheses
                    .map_or_else(String::new, |share| format!("{share:.3}")),
                share(row.recall),
                share(row.told),
                share(row.any_supported),
                share(row.flagged),
                share(row.not_published),
                number(row.auroc),
                remarks.join("; "),
            ]);
        }
        out.push_str(&table.render());
    }
    if !summary.real.is_empty() {
        out.push('\n');
        out.push_str(&real(summary));
    }
    if !summary.worth.is_empty() {
        let mut table = TextTable::new(&[("in planted experiments", 24), ("", 14), ("true", 26)]);
        for row in &summary.worth {
            let cells = [row.of.clone(), row.value.clone(), share(Some(row.right))];
            table.row(cells.to_vec());
        }
        out.push('\n');
        out.push_str(&table.render());
    }
    if !summary.bars.is_empty() {
        let mut table = TextTable::new(&[("bar", 90), ("measured", 50), ("met", 12)]);
        for bar in &summary.bars {
            let met = match bar.met {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "too few runs",
            };
            table.row(vec![
                bar.asked.clone(),
                bar.measured.clone(),
                met.to_owned(),
            ]);
        }
        out.push('\n');
        out.push_str(&table.render());
    }
    if summary.undone > 0 {
        out.push_str(&format!(
            "\n{} runs are left; the same command goes on with them\n",
            summary.undone
        ));
    }
    out
}

fn real(summary: &Summary) -> String {
    let mut table = TextTable::new(&[
        ("dataset", 32),
        ("audit", 6),
        ("hypotheses", 11),
        ("supported", 10),
        ("suggestive", 11),
        ("exploratory", 12),
        ("reliability", 12),
        ("coherence", 10),
        ("alignment", 10),
        ("novelty", 8),
        ("evaluability", 13),
        ("published in top 5, 10, 20", 28),
        ("remark", 60),
    ]);
    for row in &summary.real {
        let mut cells = vec![
            row.dataset.clone(),
            row.verdict
                .and_then(|v| serde_json::to_value(v).ok())
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default(),
        ];
        cells.extend(row.hypotheses.iter().map(ToString::to_string));
        cells.extend(row.axes.iter().map(|axis| number(*axis)));
        let [keyed, five, ten, twenty] = row.published;
        cells.push(if keyed == 0 {
            String::new()
        } else {
            format!("{five}, {ten}, {twenty} of {keyed}")
        });
        cells.push(row.failed.clone().unwrap_or_default());
        table.row(cells);
    }
    table.render()
}

fn tasks_text(summary: &TasksSummary) -> String {
    let mut table = TextTable::new(&[
        ("task", 50),
        ("target", 24),
        ("gold found", 11),
        ("direction", 10),
        ("columns found", 14),
        ("best rank", 10),
        ("remark", 60),
    ]);
    for row in &summary.rows {
        table.row(vec![
            row.task.clone(),
            row.target.clone(),
            format!("{}/{}", row.matched, row.gold),
            if row.direction[1] == 0 {
                String::new()
            } else {
                format!("{}/{}", row.direction[0], row.direction[1])
            },
            format!("{}/{}", row.tested[1], row.tested[0]),
            row.best_rank.map_or_else(String::new, |r| r.to_string()),
            row.failed.clone().unwrap_or_default(),
        ]);
    }
    let [gold, matched] = summary.variables;
    let [told, right] = summary.directions;
    format!(
        "{}\n{matched} of {gold} gold columns found; {right} of {told} directions right; {} queries name no column\n",
        table.render(),
        summary.without_gold
    )
}
