//! Rate and peak memory of reading a long report, beside the raw read of the table engine.
//!
//! `cargo bench -p proteus-discovery --bench long_report`. Makes a report in the form of DIA-NN 1.8, of `LONG_REPORT_MB`
//! megabytes (1000 if not set), in the folder for temporary files, and removes it. Each reader runs in a process of its
//! own, so that the peaks do not mix. Nothing is asserted.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use polars_io::SerReader as _;
use polars_io::csv::read::CsvReadOptions;
use proteus::dataset::{ReadOptions, open};

const RUNS: usize = 24;
const HEADER: &str = "File.Name\tRun\tProtein.Group\tProtein.Ids\tProtein.Names\tGenes\tPG.Quantity\tPG.Normalised\tPG.MaxLFQ\tGenes.Quantity\tGenes.Normalised\tGenes.MaxLFQ\tGenes.MaxLFQ.Unique\tModified.Sequence\tStripped.Sequence\tPrecursor.Id\tPrecursor.Charge\tQ.Value\tPEP\tGlobal.Q.Value\tProtein.Q.Value\tPG.Q.Value\tGlobal.PG.Q.Value\tGG.Q.Value\tTranslated.Q.Value\tProteotypic\tPrecursor.Quantity\tPrecursor.Normalised\tQuantity.Quality\tRT\tRT.Start\tRT.Stop\tiRT\tPredicted.RT\tPredicted.iRT\tFirst.Protein.Description\tLib.Q.Value\tLib.PG.Q.Value\tMs1.Profile.Corr\tMs1.Area\tMs1.Normalised\tNormalisation.Factor\tEvidence\tSpectrum.Similarity\tAveragine\tMass.Evidence\tCScore\tFragment.Quant.Raw\tFragment.Correlations\tMS2.Scan\tIM\tiIM";

fn main() -> Result<()> {
    // `cargo bench` itself passes `--bench`.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    if let [reader, path] = args.as_slice() {
        return read(reader, Path::new(path));
    }
    let megabytes: u64 = match std::env::var("LONG_REPORT_MB") {
        Ok(text) => text
            .parse()
            .context("LONG_REPORT_MB is a number of megabytes")?,
        Err(_) => 1000,
    };
    let path: PathBuf =
        std::env::temp_dir().join(format!("long-report-{}.tsv", std::process::id()));
    let rows = generate(&path, megabytes * 1_000_000)?;
    println!("a report of {megabytes} MB, {rows} rows, {RUNS} runs");
    let me = std::env::current_exe()?;
    for reader in ["proteus", "polars"] {
        let status = Command::new(&me).arg(reader).arg(&path).status()?;
        if !status.success() {
            println!("{reader}: did not finish ({status})");
        }
    }
    std::fs::remove_file(&path)?;
    Ok(())
}

/// Reads the file once and prints rate and peak.
fn read(reader: &str, path: &Path) -> Result<()> {
    let megabytes = std::fs::metadata(path)?.len() as f64 / 1e6;
    let start = Instant::now();
    let shape = match reader {
        "proteus" => {
            let dataset = open(path, &ReadOptions::default())?;
            let assay = &dataset.assays[0];
            format!(
                "{} features in {} samples",
                assay.n_features(),
                assay.n_samples()
            )
        }
        "polars" => {
            let frame = CsvReadOptions::default()
                .map_parse_options(|o| o.with_separator(b'\t'))
                .try_into_reader_with_file_path(Some(path.to_path_buf()))?
                .finish()?;
            format!("{} rows in {} columns", frame.height(), frame.width())
        }
        other => bail!("no reader `{other}`"),
    };
    let seconds = start.elapsed().as_secs_f64();
    let peak = peak_megabytes().map_or("unknown".to_string(), |m| format!("{m:.0} MB"));
    println!(
        "{reader:>8}: {:6.1} MB/s, {seconds:.1} s, peak memory {peak}; {shape}",
        megabytes / seconds
    );
    Ok(())
}

/// The most memory this process has held; none where the system does not tell.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1e3)
}

/// Writes rows until the file has its size: precursor by precursor, one row per run, as the producer does.
fn generate(path: &Path, bytes: u64) -> Result<usize> {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    writeln!(out, "{HEADER}")?;
    let (mut written, mut rows, mut precursor) = (HEADER.len() as u64 + 1, 0usize, 0usize);
    let mut state = 1u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 24) as f64
    };
    let mut line = String::new();
    while written < bytes {
        let protein = precursor / 12;
        let sequence: String = (0..14)
            .map(|k| {
                b"ACDEFGHIKLMNPQRSTVWY"[(precursor / 20usize.pow(k % 4) + k as usize) % 20] as char
            })
            .collect();
        let area = 1e4 * (1.0 + 400.0 * random());
        for run in 0..RUNS {
            if random() < 0.2 {
                continue;
            }
            let x = area * (0.8 + 0.4 * random());
            let group = 1e5 * (1 + protein % 97) as f64 * (1.0 + 0.01 * run as f64);
            let q = if random() < 0.02 {
                0.02
            } else {
                0.001 * random()
            };
            line.clear();
            write!(
                line,
                "D:\\data\\project\\2026\\run_{run:03}.raw\trun_{run:03}\tP{protein:05}\tP{protein:05}\tP{protein:05}_HUMAN\tGENE{protein}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{sequence}{precursor}\t{sequence}{precursor}\t{sequence}{precursor}2\t2\t{q:.6}\t0.003\t0.0002\t0.0008\t0.0008\t0.0001\t0.001\t0\t1\t{x:.1}\t{x:.1}\t0.81\t{:.3}\t{:.3}\t{:.3}\t55.97\t71.08\t71.08\t\t4.1e-05\t0.00013\t0.22\t{x:.1}\t{x:.1}\t1.15\t1.64\t0.65\t0.1\t0\t0.95",
                20.0 + 90.0 * random(),
                20.0,
                21.0
            )?;
            for list in 0..2 {
                line.push('\t');
                for _ in 0..10 {
                    if list == 0 {
                        write!(line, "{:.1};", x * random())?;
                    } else {
                        write!(line, "{:.6};", random())?;
                    }
                }
            }
            write!(line, "\t{}\t0\t1.05", 100_000 + rows)?;
            writeln!(out, "{line}")?;
            written += line.len() as u64 + 1;
            rows += 1;
        }
        precursor += 1;
    }
    out.flush()?;
    Ok(rows)
}
