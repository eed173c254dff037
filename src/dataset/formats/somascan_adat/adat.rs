//! The text of an ADAT file: what is known of the aptamers stands above the values, column by column, and what is known of
//! the samples to their left. Turned, it is a table of aptamers × samples.

use super::super::super::label::canonical;

/// An ADAT file taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Adat {
    /// Facts about the samples: name, then one cell per sample.
    pub facts: Vec<(String, Vec<String>)>,
    /// Names of the samples, in the order of the columns.
    pub samples: Vec<String>,
    /// Columns before the samples.
    pub described: usize,
    /// Name and kind of every buffer, calibrator and quality control.
    pub set_apart: Vec<(String, String)>,
    /// Line and cells of the first row that is too short, and the cells it should have.
    pub short: Option<(usize, usize, usize)>,
    /// Aptamers left out, by reason.
    pub left_out: Vec<(String, usize)>,
}

/// What the producer calls the rows that are samples.
const SAMPLE: &str = "sample";
/// Columns about the measurement, not the sample, by parts of their canonical names.
const TECHNICAL: [&str; 12] = [
    "normscale",
    "anmlfraction",
    "rowcheck",
    "barcode",
    "subarray",
    "plateposition",
    "slideid",
    "percentdilution",
    "samplematrix",
    "tubeuniqueid",
    "sampletype",
    "aliquotingnotes",
];

/// Whether a column describes the sample and not how it was measured.
pub(crate) fn is_fact(name: &str) -> bool {
    let name = canonical(name);
    !name.is_empty() && !TECHNICAL.iter().any(|t| name.contains(t))
}

/// Whether a row of this `SampleType` is a sample and no buffer, calibrator or quality control.
pub(crate) fn is_sample_type(kind: &str) -> bool {
    kind.is_empty() || canonical(kind) == SAMPLE
}

/// The table of aptamers × samples, tab-separated, with what stood beside it; none for any other text. Cells hold no tab.
pub(crate) fn turn(text: &str) -> Option<(String, Adat)> {
    if !text.lines().take(4).any(|l| {
        let mark = l.trim().trim_matches('"').to_lowercase();
        mark.starts_with("!checksum") || mark.starts_with("^header")
    }) {
        return None;
    }
    let mut lines = text.lines().enumerate();
    lines.find(|(_, l)| l.trim().trim_matches('"').starts_with("^TABLE_BEGIN"))?;
    let (numbers, rows): (Vec<usize>, Vec<Vec<&str>>) = lines
        .filter(|(_, l)| !l.trim().is_empty())
        .map(|(k, l)| (k + 1, l.split('\t').map(bare).collect()))
        .unzip();
    let label = rows.first()?.iter().position(|c| !c.is_empty())?;
    let at = rows.iter().position(|r| !r[0].is_empty())?;
    let (about_aptamers, below) = rows.split_at(at);
    let (header, body) = below.split_first()?;
    let width = rows.first()?.len();
    let cell = |row: &[&str], j: usize| row.get(j).copied().unwrap_or_default().replace('\t', " ");
    let named = |wanted: &str| {
        header
            .iter()
            .take(label)
            .position(|h| canonical(h) == wanted)
    };
    let kinds: Vec<String> = body
        .iter()
        .map(|row| named("sampletype").map_or_else(|| SAMPLE.to_string(), |j| cell(row, j)))
        .collect();
    let is_sample = |k: usize| is_sample_type(&kinds[k]);
    let names = names(body, label, header, &is_sample);
    let mut adat = Adat {
        described: about_aptamers.len(),
        short: body
            .iter()
            .zip(&numbers[at + 1..])
            .find(|(row, _)| row.len() < width)
            .map(|(row, line)| (*line, row.len(), width)),
        ..Adat::default()
    };
    let kept: Vec<usize> = (0..body.len()).filter(|&k| is_sample(k)).collect();
    for k in (0..body.len()).filter(|&k| !is_sample(k)) {
        adat.set_apart.push((names[k].clone(), kinds[k].clone()));
    }
    adat.samples = kept.iter().map(|&k| names[k].clone()).collect();
    for j in (0..label.min(header.len())).filter(|&j| is_fact(header[j])) {
        let cells = kept.iter().map(|&k| cell(&body[k], j)).collect();
        adat.facts.push((header[j].to_string(), cells));
    }
    let mut out = String::with_capacity(text.len());
    let titles: Vec<String> = about_aptamers.iter().map(|row| cell(row, label)).collect();
    out.push_str(
        &titles
            .iter()
            .chain(&adat.samples)
            .cloned()
            .collect::<Vec<_>>()
            .join("\t"),
    );
    out.push('\n');
    let row_of = |wanted: &str| {
        titles
            .iter()
            .position(|t| canonical(t) == wanted)
            .map(|k| &about_aptamers[k])
    };
    for j in label + 1..width {
        if let Some(reason) = not_a_protein(
            row_of("type").map(|r| cell(r, j)),
            row_of("organism").map(|r| cell(r, j)),
        ) {
            match adat.left_out.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, n)) => *n += 1,
                None => adat.left_out.push((reason, 1)),
            }
            continue;
        }
        let cells: Vec<String> = about_aptamers
            .iter()
            .map(|row| cell(row, j))
            .chain(kept.iter().map(|&k| cell(&body[k], j)))
            .collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    (!adat.samples.is_empty()).then_some((out, adat))
}

/// One name per row: the sample id where ids differ, else slide and subarray, which always do.
fn names(
    body: &[Vec<&str>],
    label: usize,
    header: &[&str],
    is_sample: &impl Fn(usize) -> bool,
) -> Vec<String> {
    let column = |wanted: &str| {
        header
            .iter()
            .take(label)
            .position(|h| canonical(h) == wanted)
    };
    let cells = |j: usize| -> Vec<&str> {
        body.iter()
            .map(|r| r.get(j).copied().unwrap_or(""))
            .collect()
    };
    if let Some(ids) = column("sampleid").map(cells) {
        let of_samples: Vec<&str> = (0..ids.len())
            .filter(|&k| is_sample(k))
            .map(|k| ids[k])
            .collect();
        let distinct: std::collections::HashSet<&&str> = of_samples.iter().collect();
        if distinct.len() == of_samples.len() && !distinct.contains(&"") {
            return ids.into_iter().map(str::to_string).collect();
        }
    }
    match (column("slideid").map(cells), column("subarray").map(cells)) {
        (Some(slides), Some(arrays)) => slides
            .iter()
            .zip(arrays)
            .map(|(slide, array)| format!("{slide}_{array}"))
            .collect(),
        _ => (1..=body.len()).map(|k| format!("row {k}")).collect(),
    }
}

/// Why an aptamer is no human protein, by its type and organism.
pub(crate) fn not_a_protein(kind: Option<String>, organism: Option<String>) -> Option<String> {
    match (kind.as_deref(), organism.as_deref()) {
        (Some(kind), _) if !kind.is_empty() && canonical(kind) != "protein" => {
            Some(kind.to_string())
        }
        (_, Some(of)) if !of.is_empty() && canonical(of) != "human" => {
            Some(format!("protein of {of}"))
        }
        _ => None,
    }
}

/// A cell without the quotation marks that spreadsheets add.
fn bare(cell: &str) -> &str {
    cell.trim().trim_matches('"').trim()
}
