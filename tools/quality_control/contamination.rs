//! Panels of proteins that come with the sampling rather than with the sample.

use polars::prelude::DataFrame;
use proteus_stats::Matrix;
use proteus_stats::correlation::mean_row_correlation;
use proteus_stats::descriptive::{mean, median, quantile, standard_deviation};
use proteus_stats::hypothesis_tests::rank_sum;

use super::profile::robust_z;
use super::{Groups, listed, pass, short_p, warn};
use crate::knowledge::Packs;
use crate::tool::{Abundance, Check, FrameError, TableBuilder};

/// Fewest panel proteins, observed in at least half of the samples, for a score.
const ENOUGH_PROTEINS: usize = 3;
/// log2 units above the typical sample from which a panel matters.
const LARGE: f64 = 1.0;
/// Robust z from which a single sample stands out.
const OUTLYING_Z: f64 = 3.5;
/// Smallest scale of that z, log2.
const SMALLEST_SCALE: f64 = 0.25;
/// p from which a large difference between two groups is told.
const DIFFERS: f64 = 0.05;
/// Standard deviation of a score over samples, log2, from which its variation matters.
const VARIED: f64 = 0.5;
/// Mean correlation of a panel's proteins from which they vary as one, and by how much it must exceed that of proteins in
/// general.
const AS_ONE: (f64, f64) = (0.5, 0.3);
/// Rows that the correlation of proteins in general is taken from.
const GENERAL: usize = 80;

/// Share of the summed intensity, in nearly all samples, from which a panel is what was measured. Plasma has more of its
/// panel, muscle and red cells too; tissue that holds blood has less.
const OWN_SHARE: f64 = 0.2;
/// Share of the features, with half of the panel among them, from which the same holds.
const OWN_COUNT: f64 = 0.012;
/// log2 values above which numbers are intensities, which can be summed, and no ratios.
const INTENSITIES: f64 = 10.0;

/// Proteins that rise together when a sample is contaminated.
pub(super) struct Panel {
    /// Column of the sample table.
    pub column: &'static str,
    /// What it shows.
    name: &'static str,
    /// Gene symbols.
    genes: &'static [&'static str],
    /// How it is told that such material is what was measured, not what got into it.
    material: Material,
    fix: &'static str,
}

/// What makes a panel part of the samples themselves.
#[derive(Clone, Copy, PartialEq)]
enum Material {
    /// Nothing: there is no telling skin that was sampled from skin that was shed.
    Never,
    /// Its share of all that was measured.
    Share,
    /// Its share, or its place among the features where these are few, as in plasma.
    ShareOrCount,
}

/// Keratin and blood panels follow Geyer et al. 2019 (doi:10.15252/emmm.201910427) and the common contaminants of
/// Mellacheruvu et al. 2013 (doi:10.1038/nmeth.2557).
const PANELS: [Panel; 4] = [
    Panel {
        column: "keratin",
        name: "skin keratins",
        genes: &[
            "KRT1", "KRT2", "KRT5", "KRT6A", "KRT6B", "KRT9", "KRT10", "KRT14", "KRT16", "DCD",
            "HRNR", "FLG2", "DSP", "JUP",
        ],
        material: Material::Never,
        fix: "skin or hair got into these samples, or squamous tissue is part of them: read keratins and desmosomal proteins with care",
    },
    Panel {
        column: "red_blood_cells",
        name: "red blood cells (haemolysis)",
        genes: &[
            "HBA1", "HBA2", "HBB", "HBD", "HBG1", "CA1", "CA2", "PRDX2", "BLVRB", "SLC4A1",
            "EPB42", "SPTA1", "ANK1", "BPGM", "AHSP",
        ],
        material: Material::Share,
        fix: "blood content differs: read red-cell proteins with care, and adjust for this score where it is an accident of sampling",
    },
    Panel {
        column: "plasma",
        name: "blood plasma",
        genes: &[
            "ALB", "APOA1", "APOA2", "APOB", "TF", "SERPINA1", "HP", "HPX", "FGA", "FGB", "FGG",
            "C3", "A2M", "TTR", "ORM1", "AHSG", "GC", "ITIH1",
        ],
        material: Material::ShareOrCount,
        fix: "plasma content differs: read plasma proteins with care, and adjust for this score where it is an accident of sampling",
    },
    Panel {
        column: "muscle",
        name: "muscle",
        genes: &[
            "MYH1", "MYH2", "MYH7", "MYL1", "MYL2", "MYLPF", "ACTA1", "CKM", "TNNT1", "TNNT3",
            "TNNI2", "TNNC2", "TPM2", "MB", "PYGM", "ACTN3", "NEB",
        ],
        material: Material::Share,
        fix: "muscle came along with some samples, or differs between the tissues: read muscle proteins with care, and adjust for this score where it is an accident of sampling",
    },
];

/// The score of one panel in every sample.
pub(super) struct PanelScores {
    pub panel: &'static Panel,
    /// Rows of every panel protein.
    measured: Vec<usize>,
    /// Panel proteins the score rests on.
    proteins: Vec<String>,
    /// Mean correlation of their log2 ratios over samples; NaN for fewer than two.
    together: f64,
    /// The same for proteins in general.
    general: f64,
    /// Why the panel is part of the samples and no contamination, in words.
    own: Option<String>,
    /// Mean log2 ratio of the panel's proteins to their medians over samples, after the sample's typical ratio is taken
    /// out; NaN where too few are observed, and everywhere where the panel is what was sampled.
    pub scores: Vec<f64>,
}

/// Scores of every panel; `knowledge` says what its genes are called in the table.
pub(super) fn scores(matrix: &Abundance, knowledge: &Packs) -> Vec<PanelScores> {
    let y = &matrix.values;
    let samples = y.cols();
    let centres: Vec<f64> = (0..y.rows()).map(|i| median(y.row(i))).collect();
    let offsets: Vec<f64> = (0..samples)
        .map(|j| {
            let ratios: Vec<f64> = (0..y.rows()).map(|i| y.get(i, j) - centres[i]).collect();
            median(&ratios)
        })
        .collect();
    let ratios = |rows: &[usize]| {
        Matrix::from_fn(rows.len(), samples, |k, j| {
            y.get(rows[k], j) - centres[rows[k]] - offsets[j]
        })
    };
    let often_seen = |i: &usize| 2 * y.observed_in_row(*i) >= samples;
    let any: Vec<usize> = (0..y.rows()).filter(often_seen).collect();
    let step = (any.len() / GENERAL).max(1);
    let any: Vec<usize> = any.into_iter().step_by(step).collect();
    let general = mean_row_correlation(&ratios(&any));
    PANELS
        .iter()
        .map(|panel| {
            let genes: Vec<&str> = panel.genes.iter().map(|g| knowledge.called(g)).collect();
            let measured: Vec<usize> = (0..y.rows())
                .filter(|&i| {
                    matrix.features[i]
                        .symbol
                        .as_deref()
                        .is_some_and(|symbol| genes.iter().any(|g| g.eq_ignore_ascii_case(symbol)))
                })
                .collect();
            let own = own_material(panel, &measured, matrix);
            let rows: Vec<usize> = measured.iter().copied().filter(often_seen).collect();
            let scores = (0..samples)
                .map(|j| {
                    let ratios: Vec<f64> = rows
                        .iter()
                        .map(|&i| y.get(i, j) - centres[i] - offsets[j])
                        .filter(|r| !r.is_nan())
                        .collect();
                    if own.is_some() || ratios.len() < ENOUGH_PROTEINS {
                        f64::NAN
                    } else {
                        mean(&ratios)
                    }
                })
                .collect();
            PanelScores {
                panel,
                own,
                together: mean_row_correlation(&ratios(&rows)),
                general,
                measured,
                proteins: rows
                    .iter()
                    .map(|&i| matrix.features[i].label().into_owned())
                    .collect(),
                scores,
            }
        })
        .collect()
}

/// Why the samples are made of what a panel shows; none where they are not.
fn own_material(panel: &Panel, measured: &[usize], matrix: &Abundance) -> Option<String> {
    let y = &matrix.values;
    let every: Vec<f64> = (0..y.rows()).map(|i| median(y.row(i))).collect();
    if panel.material != Material::Never && median(&every) > INTENSITIES {
        let sum = |rows: &mut dyn Iterator<Item = usize>, j: usize| -> f64 {
            let seen = rows.map(|i| y.get(i, j)).filter(|x| !x.is_nan());
            seen.map(f64::exp2).sum()
        };
        let shares: Vec<f64> = (0..y.cols())
            .map(|j| sum(&mut measured.iter().copied(), j) / sum(&mut (0..y.rows()), j))
            .filter(|share| !share.is_nan())
            .collect();
        let (low, usual) = (quantile(&shares, 0.1), median(&shares));
        if low >= OWN_SHARE {
            return Some(format!(
                "make up {:.0} % of what was measured",
                100.0 * usual
            ));
        }
    }
    let share = measured.len() as f64 / y.rows().max(1) as f64;
    let counted = panel.material == Material::ShareOrCount
        && 2 * measured.len() >= panel.genes.len()
        && share >= OWN_COUNT;
    counted.then(|| format!("are {} of {} features", measured.len(), y.rows()))
}

/// One row per measured protein of a panel that is no part of the samples themselves.
pub(super) fn members(panels: &[PanelScores], matrix: &Abundance) -> Result<DataFrame, FrameError> {
    let rows = || {
        panels
            .iter()
            .filter(|p| p.own.is_none())
            .flat_map(|p| p.measured.iter().map(move |&i| (p.panel, i)))
    };
    TableBuilder::new()
        .text("panel", rows().map(|(p, _)| p.column.to_owned()).collect())
        .text("name", rows().map(|(p, _)| p.name.to_owned()).collect())
        .text(
            "feature",
            rows().map(|(_, i)| matrix.features[i].id.clone()).collect(),
        )
        .build()
}

pub(super) fn checks(panels: &[PanelScores], matrix: &Abundance, groups: &Groups) -> Vec<Check> {
    panels
        .iter()
        .filter(|p| p.own.is_some() || p.scores.iter().any(|s| !s.is_nan()))
        .map(|p| check(p, matrix, groups))
        .collect()
}

fn check(found: &PanelScores, matrix: &Abundance, groups: &Groups) -> Check {
    let code = format!("contamination_{}", found.panel.column);
    let proteins: Vec<&str> = found.proteins.iter().map(String::as_str).collect();
    if let Some(own) = &found.own {
        return pass(
            &code,
            format!(
                "{} ({}) {own}: they are the material of the samples, not contamination",
                found.panel.name,
                listed(&proteins)
            ),
            None,
        );
    }
    let sides: Vec<(String, Vec<f64>)> = groups
        .sides()
        .into_iter()
        .map(|(label, columns)| {
            let values = columns
                .iter()
                .map(|&j| found.scores[j])
                .filter(|s| !s.is_nan())
                .collect();
            (label, values)
        })
        .collect();
    if let [(first, a), (second, b)] = sides.as_slice() {
        let difference = median(b) - median(a);
        let separated = a.len() > 1
            && b.len() > 1
            && (a.iter().all(|x| b.iter().all(|y| x < y))
                || a.iter().all(|x| b.iter().all(|y| x > y)));
        let p = rank_sum(a, b).map_or(1.0, |t| t.p);
        if difference.abs() >= LARGE && (separated || p <= DIFFERS) {
            return warn(
                &code,
                format!(
                    "{} ({}) are {:.1} log2 units {} in `{second}` than in `{first}` (p = {})",
                    found.panel.name,
                    listed(&proteins),
                    difference.abs(),
                    if difference > 0.0 { "higher" } else { "lower" },
                    short_p(p)
                ),
                found.panel.fix,
                groups.concerns.clone(),
            );
        }
    }
    let z = robust_z(&found.scores, SMALLEST_SCALE);
    let typical = median(&found.scores);
    let outlying: Vec<&str> = (0..found.scores.len())
        .filter(|&j| z[j] > OUTLYING_Z && found.scores[j] - typical > LARGE)
        .map(|j| matrix.samples[j].as_str())
        .collect();
    if outlying.is_empty() && varies_as_one(found) {
        let by_score = |a: &&usize, b: &&usize| found.scores[**a].total_cmp(&found.scores[**b]);
        let seen: Vec<usize> = (0..found.scores.len())
            .filter(|&j| !found.scores[j].is_nan())
            .collect();
        let named = |j: Option<&usize>| {
            j.map_or_else(String::new, |&j| {
                format!("{:+.1} log2 in `{}`", found.scores[j], matrix.samples[j])
            })
        };
        return warn(
            &code,
            format!(
                "{} ({}) vary as one over the samples (mean correlation {:.2}, {:.2} among proteins in general): from {} to {}",
                found.panel.name,
                listed(&proteins),
                found.together,
                found.general,
                named(seen.iter().min_by(by_score)),
                named(seen.iter().max_by(by_score))
            ),
            found.panel.fix,
            None,
        );
    }
    if outlying.is_empty() {
        pass(
            &code,
            format!(
                "{} ({}) do not stand out in any sample or group",
                found.panel.name,
                listed(&proteins)
            ),
            None,
        )
    } else {
        warn(
            &code,
            format!(
                "{} ({}) stand out in {}",
                found.panel.name,
                listed(&proteins),
                listed(&outlying)
            ),
            found.panel.fix,
            None,
        )
    }
}

/// Whether one cause moves the whole panel from sample to sample.
fn varies_as_one(found: &PanelScores) -> bool {
    let (least, beyond) = AS_ONE;
    standard_deviation(&found.scores) >= VARIED
        && found.together >= least
        && found.together >= found.general.max(0.0) + beyond
}
