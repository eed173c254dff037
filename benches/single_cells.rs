//! Rate and peak memory of reading single cells, as FCS files and as one table, beside the raw read of the table engine.
//!
//! `cargo bench -p proteus-discovery --bench single_cells`. Makes `SINGLE_CELLS` cells (2000000 if not set) of 20 samples and
//! 30 markers in the folder for temporary files, and removes them. Each reader runs in a process of its own, so that the
//! peaks do not mix. Reading ends with the assays: populations are found and medians taken. Nothing is asserted.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use polars_io::SerReader as _;
use polars_io::csv::read::CsvReadOptions;
use proteus::dataset::{ReadOptions, open};

const SAMPLES: usize = 20;
const MARKERS: usize = 30;
/// Kinds of cells; each carries a third of the markers that tell types.
const KINDS: usize = 12;

fn main() -> Result<()> {
    // `cargo bench` itself passes `--bench`.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    if let [reader, path] = args.as_slice() {
        return read(reader, Path::new(path));
    }
    let cells: usize = match std::env::var("SINGLE_CELLS") {
        Ok(text) => text.parse().context("SINGLE_CELLS is a number of cells")?,
        Err(_) => 2_000_000,
    };
    let folder = std::env::temp_dir().join(format!("single-cells-{}", std::process::id()));
    let fcs = folder.join("fcs");
    std::fs::create_dir_all(&fcs)?;
    let csv = folder.join("cells.csv");
    generate(&fcs, &csv, cells / SAMPLES)?;
    println!("{cells} cells of {SAMPLES} samples, {MARKERS} markers");
    let me = std::env::current_exe()?;
    for (reader, path) in [("fcs", &fcs), ("csv", &csv), ("polars", &csv)] {
        let status = Command::new(&me).arg(reader).arg(path).status()?;
        if !status.success() {
            println!("{reader}: did not finish ({status})");
        }
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Bytes of a file, or of the files in a folder.
fn size(path: &Path) -> Result<f64> {
    if path.is_file() {
        return Ok(std::fs::metadata(path)?.len() as f64);
    }
    let mut bytes = 0;
    for entry in std::fs::read_dir(path)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes as f64)
}

/// Reads once and prints rate and peak.
fn read(reader: &str, path: &Path) -> Result<()> {
    let megabytes = size(path)? / 1e6;
    let start = Instant::now();
    let shape = match reader {
        "fcs" | "csv" => {
            let dataset = open(path, &ReadOptions::default())?;
            let cells = dataset.cells.as_ref().context("no cells")?;
            format!(
                "{} cells, {} populations, {} states in {} samples",
                cells.cells,
                cells.populations.len(),
                dataset.assay().n_features(),
                dataset.samples.len()
            )
        }
        "polars" => {
            let frame = CsvReadOptions::default()
                .try_into_reader_with_file_path(Some(path.to_path_buf()))?
                .finish()?;
            format!("{} rows in {} columns", frame.height(), frame.width())
        }
        other => bail!("no reader `{other}`"),
    };
    let seconds = start.elapsed().as_secs_f64();
    let peak = peak_megabytes().map_or("unknown".to_string(), |m| format!("{m:.0} MB"));
    println!(
        "{reader:>8}: {megabytes:.0} MB, {:6.1} MB/s, {seconds:.1} s, peak memory {peak}; {shape}",
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

/// Writes one FCS file per sample and all cells as one table: the same cells in both.
fn generate(fcs: &Path, csv: &PathBuf, per_sample: usize) -> Result<()> {
    let names: Vec<String> = (0..MARKERS)
        .map(|m| {
            if m < 18 {
                format!("CD{}", m + 1)
            } else {
                format!("pS{}", m + 1)
            }
        })
        .collect();
    let mut table = BufWriter::with_capacity(1 << 20, std::fs::File::create(csv)?);
    writeln!(table, "sample,{}", names.join(","))?;
    let mut state = 1u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut line = String::new();
    for sample in 0..SAMPLES {
        let name = format!(
            "{}{}",
            if sample % 2 == 0 { "ref" } else { "stim" },
            sample / 2
        );
        let mut text = format!(
            "|$PAR|{MARKERS}|$TOT|{per_sample}|$DATATYPE|F|$BYTEORD|1,2,3,4|$MODE|L|$CYT|CyTOF|"
        );
        for (m, marker) in names.iter().enumerate() {
            let p = m + 1;
            text.push_str(&format!(
                "$P{p}N|{marker}|$P{p}S|{marker}|$P{p}B|32|$P{p}R|4096|$P{p}E|0,0|"
            ));
        }
        let begin = 58 + text.len();
        let end = begin + per_sample * MARKERS * 4 - 1;
        let mut file = BufWriter::with_capacity(
            1 << 20,
            std::fs::File::create(fcs.join(format!("{name}.fcs")))?,
        );
        write!(
            file,
            "FCS3.1    {:>8}{:>8}{begin:>8}{end:>8}{:>8}{:>8}{text}",
            58,
            begin - 1,
            0,
            0
        )?;
        for _ in 0..per_sample {
            let kind = (random() * random() * KINDS as f32) as usize;
            line.clear();
            line.push_str(&name);
            for m in 0..MARKERS {
                let carries = m < 18 && (m * 7 + kind * 5) % KINDS < KINDS / 3;
                let mean = match (carries, m) {
                    (true, _) => 4.0,
                    (false, 0..18) => 0.2,
                    _ => 1.0 + 0.1 * (sample % 2) as f32,
                };
                let signal = 5.0 * (mean + random() + random() - 1.0).sinh();
                file.write_all(&signal.to_le_bytes())?;
                line.push_str(&format!(",{signal}"));
            }
            writeln!(table, "{line}")?;
        }
        file.flush()?;
    }
    table.flush()?;
    Ok(())
}
