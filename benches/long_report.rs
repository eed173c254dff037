//! Rate and peak memory of reading long reports, beside the raw read of the table engine.
//!
//! `cargo bench -p proteus-discovery --bench long_report [FORM]`. Makes reports in the form of DIA-NN 1.8, of MaxQuant's
//! evidence and of a plain long table, of `LONG_REPORT_MB` megabytes each (1000 if not set), in the folder for temporary
//! files, and removes them; the first one is read packed with gzip and with zstd too. Each reader runs in a process of its
//! own, so that the peaks do not mix. Rates count unpacked bytes; Proteus also hashes the file in the same pass. Nothing
//! is asserted.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use polars_io::SerReader as _;
use polars_io::csv::read::CsvReadOptions;
use proteus::dataset::{ReadOptions, open};

/// Runs of a report; a plain table has as many samples as its size needs, of so many features.
const RUNS: usize = 24;
const PLAIN_FEATURES: usize = 10_000;
const DIANN: &str = "File.Name\tRun\tProtein.Group\tProtein.Ids\tProtein.Names\tGenes\tPG.Quantity\tPG.Normalised\tPG.MaxLFQ\tGenes.Quantity\tGenes.Normalised\tGenes.MaxLFQ\tGenes.MaxLFQ.Unique\tModified.Sequence\tStripped.Sequence\tPrecursor.Id\tPrecursor.Charge\tQ.Value\tPEP\tGlobal.Q.Value\tProtein.Q.Value\tPG.Q.Value\tGlobal.PG.Q.Value\tGG.Q.Value\tTranslated.Q.Value\tProteotypic\tPrecursor.Quantity\tPrecursor.Normalised\tQuantity.Quality\tRT\tRT.Start\tRT.Stop\tiRT\tPredicted.RT\tPredicted.iRT\tFirst.Protein.Description\tLib.Q.Value\tLib.PG.Q.Value\tMs1.Profile.Corr\tMs1.Area\tMs1.Normalised\tNormalisation.Factor\tEvidence\tSpectrum.Similarity\tAveragine\tMass.Evidence\tCScore\tFragment.Quant.Raw\tFragment.Correlations\tMS2.Scan\tIM\tiIM";
const EVIDENCE: &str = "Sequence\tLength\tModifications\tModified sequence\tProteins\tLeading proteins\tLeading razor protein\tGene names\tProtein names\tType\tRaw file\tExperiment\tMS/MS m/z\tCharge\tm/z\tMass\tRetention time\tCalibrated retention time\tPEP\tMS/MS count\tScore\tDelta score\tIntensity\tReverse\tPotential contaminant\tid\tProtein group IDs\tPeptide ID\tMS/MS IDs\tBest MS/MS";
const PLAIN: &str = "sample_id\tcondition\treplicate\tdonor\tprotein\tgene\tintensity";

fn main() -> Result<()> {
    // `cargo bench` itself passes `--bench`.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    if let [reader, path, bytes] = args.as_slice() {
        return read(reader, Path::new(path), bytes.parse()?);
    }
    let wanted = |form: &str| args.first().is_none_or(|a| a == form);
    let megabytes: u64 = match std::env::var("LONG_REPORT_MB") {
        Ok(text) => text
            .parse()
            .context("LONG_REPORT_MB is a number of megabytes")?,
        Err(_) => 1000,
    };
    for form in ["diann", "evidence", "plain"] {
        if !wanted(form) {
            continue;
        }
        let path: PathBuf =
            std::env::temp_dir().join(format!("long-report-{}.tsv", std::process::id()));
        let rows = generate(form, &path, megabytes * 1_000_000)?;
        println!("{form}: {megabytes} MB, {rows} rows");
        let bytes = std::fs::metadata(&path)?.len();
        let ours = measured("proteus", &path, bytes)?;
        let theirs = measured("polars", &path, bytes)?;
        println!("   ratio: {:.2} of polars' rate", ours / theirs);
        if form == "diann" {
            for packing in ["gzip", "zstd"] {
                let packed = path.with_extension(packing);
                pack(packing, &path, &packed)?;
                let megabytes = std::fs::metadata(&packed)?.len() as f64 / 1e6;
                println!("{form}, {packing}: {megabytes:.0} MB packed");
                let ours = measured("proteus", &packed, bytes)?;
                let alone = measured(packing, &packed, bytes)?;
                println!(
                    "   ratio: {:.2} of the rate of unpacking alone",
                    ours / alone
                );
                std::fs::remove_file(&packed)?;
            }
        }
        std::fs::remove_file(&path)?;
    }
    Ok(())
}

/// Runs a reader in a process of its own; its rate in MB/s, NaN where it did not finish.
fn measured(reader: &str, path: &Path, bytes: u64) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .arg(reader)
        .arg(path)
        .arg(bytes.to_string())
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let cause = String::from_utf8_lossy(&output.stderr);
        println!(
            "{reader:>8}: did not finish ({}): {}",
            output.status,
            cause.trim()
        );
        return Ok(f64::NAN);
    }
    println!("{}", said.trim_end());
    let rate = said.split_whitespace().nth(1);
    rate.and_then(|r| r.parse().ok())
        .context("the reader prints its rate")
}

/// Reads the file once and prints rate and peak.
fn read(reader: &str, path: &Path, bytes: u64) -> Result<()> {
    let start = Instant::now();
    let shape = match reader {
        "proteus" => {
            let dataset = open(path, &ReadOptions::default())?;
            let assay = &dataset.assays[0];
            format!(
                "{}: {} features in {} samples",
                assay.format,
                assay.n_features(),
                assay.n_samples()
            )
        }
        "polars" => {
            let frame = CsvReadOptions::default()
                .map_parse_options(|o| o.with_separator(b'\t'))
                .with_infer_schema_length(Some(10_000))
                .try_into_reader_with_file_path(Some(path.to_path_buf()))?
                .finish()?;
            format!("{} rows in {} columns", frame.height(), frame.width())
        }
        "gzip" => unpacked(flate2::read::MultiGzDecoder::new(File::open(path)?))?,
        "zstd" => unpacked(zstd::stream::read::Decoder::new(File::open(path)?)?)?,
        other => bail!("no reader `{other}`"),
    };
    let seconds = start.elapsed().as_secs_f64();
    let peak = peak_megabytes().map_or("unknown".to_string(), |m| format!("{m:.0} MB"));
    let processor = processor_seconds().map_or("unknown".to_string(), |s| format!("{s:.1} s"));
    println!(
        "{reader:>8}: {:6.1} MB/s, {seconds:.1} s ({processor} on all processors), peak memory {peak}; {shape}",
        bytes as f64 / 1e6 / seconds
    );
    Ok(())
}

fn unpacked(mut reader: impl std::io::Read) -> Result<String> {
    let mut block = vec![0; 1 << 18];
    let mut total = 0;
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(format!("{} MB unpacked", total / 1_000_000)),
            n => total += n,
        }
    }
}

/// Packs a file as its producer's users do: gzip at its usual level, zstd at its usual one.
fn pack(packing: &str, from: &Path, to: &Path) -> Result<()> {
    let target = BufWriter::new(File::create(to)?);
    if packing == "gzip" {
        let mut gzip = flate2::write::GzEncoder::new(target, flate2::Compression::default());
        std::io::copy(&mut File::open(from)?, &mut gzip)?;
        gzip.finish()?.flush()?;
    } else {
        zstd::stream::copy_encode(File::open(from)?, target, 3)?;
    }
    Ok(())
}

/// The time processors have worked for this process, on a system that counts in hundredths of a second.
fn processor_seconds() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/stat").ok()?;
    let behind_name = status.rsplit_once(')')?.1;
    let ticks = behind_name.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = ticks.map_while(|t| t.parse().ok()).collect();
    Some(ticks.iter().sum::<f64>() / 100.0)
}

/// The most memory this process has held; none where the system does not tell.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1e3)
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64
    }
}

/// Writes rows until the file has its size: precursor by precursor, one row per run, as the producers do; the plain table
/// sample by sample.
fn generate(form: &str, path: &Path, bytes: u64) -> Result<usize> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let header = match form {
        "diann" => DIANN,
        "evidence" => EVIDENCE,
        _ => PLAIN,
    };
    writeln!(out, "{header}")?;
    let mut random = Numbers(1);
    let (mut written, mut rows) = (header.len() as u64 + 1, 0usize);
    let mut line = String::new();
    let mut at = 0usize;
    while written < bytes {
        let (feature, run) = if form == "plain" {
            (at % PLAIN_FEATURES, at / PLAIN_FEATURES)
        } else {
            (at / RUNS, at % RUNS)
        };
        at += 1;
        if form != "plain" && random.next() < 0.2 {
            continue;
        }
        line.clear();
        match form {
            "diann" => diann_row(&mut line, &mut random, feature, run, rows)?,
            "evidence" => evidence_row(&mut line, &mut random, feature, run, rows)?,
            _ => plain_row(&mut line, &mut random, feature, run)?,
        }
        writeln!(out, "{line}")?;
        written += line.len() as u64 + 1;
        rows += 1;
    }
    out.flush()?;
    Ok(rows)
}

fn sequence(precursor: usize) -> String {
    (0..14)
        .map(|k| {
            b"ACDEFGHIKLMNPQRSTVWY"[(precursor / 20usize.pow(k % 4) + k as usize) % 20] as char
        })
        .collect()
}

fn diann_row(
    line: &mut String,
    random: &mut Numbers,
    precursor: usize,
    run: usize,
    row: usize,
) -> Result<()> {
    let (protein, sequence) = (precursor / 12, sequence(precursor));
    let x = 1e4 * (1 + precursor % 391) as f64 * (0.8 + 0.4 * random.next());
    let group = 1e5 * (1 + protein % 97) as f64 * (1.0 + 0.01 * run as f64);
    let q = if random.next() < 0.02 {
        0.02
    } else {
        0.001 * random.next()
    };
    write!(
        line,
        "D:\\data\\project\\2026\\run_{run:03}.raw\trun_{run:03}\tP{protein:05}\tP{protein:05}\tP{protein:05}_HUMAN\tGENE{protein}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{group:.0}\t{sequence}{precursor}\t{sequence}{precursor}\t{sequence}{precursor}2\t2\t{q:.6}\t0.003\t0.0002\t0.0008\t0.0008\t0.0001\t0.001\t0\t1\t{x:.1}\t{x:.1}\t0.81\t{:.3}\t{:.3}\t{:.3}\t55.97\t71.08\t71.08\t\t4.1e-05\t0.00013\t0.22\t{x:.1}\t{x:.1}\t1.15\t1.64\t0.65\t0.1\t0\t0.95",
        20.0 + 90.0 * random.next(),
        20.0,
        21.0
    )?;
    line.push('\t');
    for _ in 0..10 {
        write!(line, "{:.1};", x * random.next())?;
    }
    line.push('\t');
    for _ in 0..10 {
        write!(line, "{:.6};", random.next())?;
    }
    write!(line, "\t{}\t0\t1.05", 100_000 + row)?;
    Ok(())
}

fn evidence_row(
    line: &mut String,
    random: &mut Numbers,
    precursor: usize,
    run: usize,
    row: usize,
) -> Result<()> {
    let (protein, sequence) = (precursor / 12, sequence(precursor));
    let x = 1e6 * (1 + precursor % 391) as f64 * (0.8 + 0.4 * random.next());
    write!(
        line,
        "{sequence}{precursor}\t14\tUnmodified\t_{sequence}{precursor}_\tP{protein:05};Q{protein:05}\tP{protein:05}\tP{protein:05}\tGENE{protein}\tProtein number {protein}\tMULTI-MSMS\trun_{run:03}\tsample_{run:02}\t{:.5}\t2\t{:.5}\t{:.5}\t{:.3}\t{:.3}\t{:.6}\t1\t{:.2}\t{:.2}\t{x:.0}\t\t\t{row}\t{protein}\t{precursor}\t{row}\t{row}",
        500.0 + 300.0 * random.next(),
        500.0 + 300.0 * random.next(),
        1000.0 + 600.0 * random.next(),
        20.0 + 90.0 * random.next(),
        20.0 + 90.0 * random.next(),
        0.01 * random.next(),
        200.0 * random.next(),
        100.0 * random.next(),
    )?;
    Ok(())
}

fn plain_row(line: &mut String, random: &mut Numbers, feature: usize, run: usize) -> Result<()> {
    let x = 1e4 * (1 + feature % 391) as f64 * (0.8 + 0.4 * random.next());
    write!(
        line,
        "sample_{run:04}\t{}\t{}\tdonor_{}\tP{feature:06}\tGENE{feature}\t{x:.1}",
        ["control", "treated"][run % 2],
        1 + run / 2,
        run / 4,
    )?;
    Ok(())
}
