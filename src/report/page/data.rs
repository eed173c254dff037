//! Data quality, and how the input was understood.

use serde::Serialize;

use super::FigureShelf;
use super::listing::{Cell, Listing, file_of};
use crate::dataset::{Role, Severity, Variable};
use crate::report::components::Components;
use crate::report::figures::{SampleBar, ScatterPoint, sample_bars, scatter};
use crate::report::text::{NAME, count, decimal, tidy};
use crate::report::{ReportError, ReportModel};

/// Samples listed at most.
const MOST_SAMPLES: usize = 60;

const LEFT_OUT: &str = "Values and names of single samples are left out of this report.";

/// What the input looks like.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct DataSection {
    /// What is left out of the report; empty where nothing is.
    pub left_out: &'static str,
    pub figures: Vec<String>,
    pub removed: Vec<String>,
    pub assays: Listing,
    pub samples: Option<Listing>,
    pub contrasts: Listing,
    pub variables: Listing,
    pub inferences: Listing,
    pub problems: Listing,
    pub files: Listing,
}

/// Describes the input.
pub(super) fn data(
    model: &ReportModel,
    figures: &mut FigureShelf,
) -> Result<DataSection, ReportError> {
    let group = main_variable(model);
    let mut drawn = Vec::new();
    let left_out = model.leaves_out_samples();
    let drawn_by_sample = if left_out {
        &[][..]
    } else {
        &model.dataset.assays
    };
    for (k, assay) in drawn_by_sample.iter().enumerate() {
        let features = model
            .dataset
            .profile
            .assays
            .get(k)
            .map_or(0, |a| a.features);
        let observed = assay.observed.iter().enumerate();
        let bars: Vec<SampleBar> = observed
            .map(|(j, seen)| SampleBar {
                sample: model
                    .dataset
                    .samples
                    .ids
                    .get(j)
                    .cloned()
                    .unwrap_or_default(),
                group: group_label(group, j),
                fraction: 1.0 - *seen as f64 / features.max(1) as f64,
            })
            .collect();
        let title = format!("Missing values per sample in {}", assay.name);
        let svg = sample_bars(&bars, "missing, %", &title);
        drawn.push(figures.add(&format!("missing-{}", k + 1), svg));
    }
    drawn.extend(components(model, group, figures)?);
    Ok(DataSection {
        left_out: if left_out { LEFT_OUT } else { "" },
        figures: drawn,
        removed: removed(model),
        assays: assays(model),
        samples: samples(model)?,
        contrasts: contrasts(model),
        variables: variables(model),
        inferences: inferences(model),
        problems: problems(model),
        files: files(model),
    })
}

/// The variable samples are coloured by: that of the first contrast, else the first condition.
fn main_variable(model: &ReportModel) -> Option<&Variable> {
    let samples = &model.dataset.samples;
    let contrast = model.dataset.profile.contrasts.first();
    let of_contrast = contrast.and_then(|c| samples.variables.get(&c.variable));
    of_contrast.or_else(|| samples.with_role(Role::Condition).next())
}

fn group_label(variable: Option<&Variable>, sample: usize) -> String {
    let label = variable.and_then(|v| v.group_of(sample));
    label.unwrap_or_default().to_owned()
}

/// The first table of component scores as a scatter plot.
fn components(
    model: &ReportModel,
    group: Option<&Variable>,
    figures: &mut FigureShelf,
) -> Result<Option<String>, ReportError> {
    let Some(found) = Components::of(model)? else {
        return Ok(None);
    };
    let places = found.names.iter().zip(&found.samples).enumerate();
    let points: Vec<ScatterPoint> = places
        .map(|(row, (name, sample))| ScatterPoint {
            x: found.scores[0][row],
            y: found.scores[1][row],
            group: sample.map_or_else(String::new, |at| group_label(group, at)),
            label: name.clone(),
        })
        .collect();
    let svg = scatter(
        &points,
        &found.titles[0],
        &found.titles[1],
        "Principal components of the samples",
    );
    Ok(Some(figures.add("components", svg)))
}

fn removed(model: &ReportModel) -> Vec<String> {
    let mut lines = Vec::new();
    for assay in &model.dataset.assays {
        let r = &assay.removed;
        let parts = [
            (r.contaminants, "contaminants"),
            (r.decoys, "decoys"),
            (r.only_by_site, "identified only by site"),
            (r.unlocalised, "modified at an uncertain residue"),
            (r.unnamed, "without an id"),
            (r.never_observed, "never observed"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        let mut line = format!("{}: ", tidy(&assay.name, NAME));
        line.push_str(&if parts.is_empty() {
            "no row was left out".to_owned()
        } else {
            format!("left out {}", parts.join(", "))
        });
        if r.zeros > 0 {
            line.push_str(&format!(
                "; {} read as missing",
                count(r.zeros, "zero", "zeros")
            ));
        }
        line.push('.');
        lines.push(line);
    }
    for sample in &model.dataset.samples.excluded {
        lines.push(format!(
            "Sample {} left out: {}.",
            tidy(&sample.id, NAME),
            tidy(&sample.reason, 2 * NAME)
        ));
    }
    lines
}

fn assays(model: &ReportModel) -> Listing {
    let headings = [
        ("assay", false),
        ("format", false),
        ("features", true),
        ("samples", true),
        ("missing, %", true),
        ("complete features", true),
        ("with gene symbol, %", true),
    ];
    let mut listing = Listing::new("Measured tables", &headings);
    for a in &model.dataset.profile.assays {
        listing.rows.push(vec![
            Cell::text(&a.name),
            Cell::text(&a.format),
            Cell::count(a.features),
            Cell::count(a.samples),
            Cell::number(a.fraction_missing, decimal(a.fraction_missing * 100.0)),
            Cell::count(a.complete_features),
            Cell::number(
                a.fraction_with_symbol,
                decimal(a.fraction_with_symbol * 100.0),
            ),
        ]);
    }
    listing
}

/// The first per-sample quality table.
fn samples(model: &ReportModel) -> Result<Option<Listing>, ReportError> {
    for column in ["fraction_missing", "identified"] {
        if let Some((step, name)) = model.tables_with(&["sample", column])?.first() {
            let table = model.table(step, name)?;
            let columns: Vec<(String, String)> = table
                .columns()
                .into_iter()
                .map(|c| (c.to_owned(), c.replace('_', " ")))
                .collect();
            let columns: Vec<(&str, &str)> = columns
                .iter()
                .map(|(c, h)| (c.as_str(), h.as_str()))
                .collect();
            let file = file_of(step, name);
            let caption = "Quality per sample";
            let listing = Listing::of_table(caption, &table, &columns, "", MOST_SAMPLES, &file);
            return Ok(Some(listing));
        }
    }
    Ok(None)
}

fn contrasts(model: &ReportModel) -> Listing {
    let headings = [
        ("comparison", false),
        ("target", false),
        ("reference", false),
        ("paired or blocked by", false),
        ("adjusted for", false),
        ("asked for by", false),
    ];
    let mut listing = Listing::new("Comparisons, target − reference", &headings);
    for c in &model.dataset.profile.contrasts {
        listing.rows.push(vec![
            Cell::text(c.title()),
            Cell::text(c.target.levels.join(", ")),
            Cell::text(c.reference.levels.join(", ")),
            Cell::text(c.blocking.join(", ")),
            Cell::text(c.covariates.join(", ")),
            Cell::text(if c.requested { "you" } else { "Proteus" }),
        ]);
    }
    listing
}

fn variables(model: &ReportModel) -> Listing {
    let headings = [
        ("variable", false),
        ("used as", false),
        ("values", false),
        ("why", false),
    ];
    let mut listing = Listing::new("Variables of the samples", &headings);
    for v in &model.dataset.profile.variables {
        let levels: Vec<String> = v
            .levels
            .iter()
            .take(8)
            .map(|(l, n)| format!("{l} ({n})"))
            .collect();
        let values = match (v.categorical, levels.is_empty()) {
            (true, false) if v.levels.len() > 8 => {
                format!("{}, … {} in all", levels.join(", "), v.levels.len())
            }
            (true, false) => levels.join(", "),
            (true, true) => format!("labels of {} samples", v.observed),
            (false, _) => format!("numbers of {} samples", v.observed),
        };
        listing.rows.push(vec![
            Cell::text(&v.name),
            Cell::text(role(v.role)),
            Cell::prose(tidy(&values, 3 * NAME)),
            Cell::prose(tidy(&v.reason, 3 * NAME)),
        ]);
    }
    listing
}

/// What a variable is used for, in words.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Condition => "condition",
        Role::Clinical => "clinical variable",
        Role::Covariate => "covariate",
        Role::Batch => "batch",
        Role::Plex => "plex",
        Role::RunOrder => "run order",
        Role::Subject => "subject",
        Role::Replicate => "replicate",
        Role::TechnicalReplicate => "technical replicate",
        Role::Time => "time",
        Role::Event => "event",
        Role::Identifier => "identifier",
        Role::Derived => "derived from the assay",
        Role::Ignored => "not used",
    }
}

fn inferences(model: &ReportModel) -> Listing {
    let headings = [
        ("about", false),
        ("taken to be", false),
        ("because", false),
        ("to change it", false),
    ];
    let mut listing = Listing::new("What was concluded rather than read", &headings);
    for i in &model.dataset.profile.inferences {
        listing.rows.push(vec![
            Cell::text(&i.what),
            Cell::prose(tidy(&i.value, 2 * NAME)),
            Cell::prose(&i.because),
            Cell::prose(&i.override_with),
        ]);
    }
    listing
}

fn problems(model: &ReportModel) -> Listing {
    let headings = [
        ("severity", false),
        ("where", false),
        ("found", false),
        ("fix", false),
    ];
    let mut listing = Listing::new("What is doubtful in the input and the design", &headings);
    let severity = |s: Severity| match s {
        Severity::Note => "note",
        Severity::Warn => "WARN",
        Severity::Fail => "FAIL",
    };
    for p in &model.dataset.profile.problems {
        let row = p.row.map(|row| format!("line {row}"));
        let place = [p.file.clone(), p.column.clone(), row, p.contrast.clone()];
        let place: Vec<String> = place.into_iter().flatten().collect();
        listing.rows.push(vec![
            Cell::text(severity(p.severity)),
            Cell::text(place.join(", ")),
            Cell::prose(&p.message),
            Cell::prose(&p.fix),
        ]);
    }
    for check in &model.dataset.checks {
        listing.rows.push(vec![
            Cell::text(severity(check.severity)),
            Cell::text(check.contrast.as_deref().unwrap_or("all comparisons")),
            Cell::prose(&check.message),
            Cell::prose(&check.fix),
        ]);
    }
    listing
}

fn files(model: &ReportModel) -> Listing {
    let headings = [
        ("file", false),
        ("read as", false),
        ("bytes", true),
        ("BLAKE3", false),
    ];
    let mut listing = Listing::new("Input files", &headings);
    for file in &model.dataset.source.files {
        listing.rows.push(vec![
            Cell::text(&file.name),
            Cell::text(&file.read_as),
            Cell::count(file.bytes as usize),
            Cell::text(&file.hash),
        ]);
    }
    listing
}
