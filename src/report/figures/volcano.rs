//! Volcano plot: effect against evidence, significant points all drawn, the rest thinned.

use std::collections::BTreeSet;

use super::axis::{Frame, Scale, range};
use super::labels;
use super::svg::{Anchor, Svg, colour};
use crate::report::text::{probability, signed, thousands};

/// Points drawn at most of those that are not significant.
const MOST_GREY: usize = 2_500;
/// Significant points drawn one by one, with a tooltip; further ones are drawn without.
const MOST_TIPS: usize = 150;
/// Points that get a label at most.
const MOST_LABELS: usize = 14;

/// One feature.
#[derive(Debug, Clone)]
pub struct VolcanoPoint {
    /// Signed effect.
    pub effect: f64,
    /// p-value.
    pub p: f64,
    /// Adjusted p-value.
    pub q: f64,
    /// What people call the feature.
    pub label: String,
}

/// Draws effect against −log10 p. Points with `q ≤ alpha` are coloured by direction; the dashed line across is the
/// largest p among them, the dotted lines upright stand at ±1.
pub fn volcano(points: &[VolcanoPoint], alpha: f64, effect_title: &str, title: &str) -> String {
    let mut usable: Vec<&VolcanoPoint> = points
        .iter()
        .filter(|p| p.effect.is_finite() && p.p.is_finite())
        .collect();
    usable.sort_by(|a, b| {
        (a.p.total_cmp(&b.p))
            .then(b.effect.abs().total_cmp(&a.effect.abs()))
            .then_with(|| a.label.cmp(&b.label))
    });
    let height = |p: f64| -p.max(1e-300).log10();
    let frame = Frame {
        left: 56.0,
        right: 544.0,
        top: 30.0,
        bottom: 330.0,
    };
    let mut svg = Svg::new(560.0, 372.0, title);
    let (low, high) = range(usable.iter().map(|p| p.effect));
    let reach = low.abs().max(high.abs()).max(1.2) * 1.06;
    let x = Scale::new(-reach, reach, frame.left, frame.right);
    let (_, top) = range(usable.iter().map(|p| height(p.p)));
    let y = Scale::new(0.0, top.max(1.5) * 1.06, frame.bottom, frame.top);
    frame.y_axis(&mut svg, &y, "−log10 p");
    frame.x_axis(&mut svg, &x, effect_title);
    for guide in [-1.0, 1.0] {
        let at = x.at(guide);
        svg.line((at, frame.top), (at, frame.bottom), colour::GREY, "2 3");
    }
    let hits: Vec<&VolcanoPoint> = usable.iter().filter(|p| p.q <= alpha).copied().collect();
    if let Some(worst) = hits.last() {
        let at = y.at(height(worst.p));
        svg.line((frame.left, at), (frame.right, at), labels::GUIDE, "5 4");
    }
    let place = |p: &VolcanoPoint| (x.at(p.effect), y.at(height(p.p)));
    let rest: Vec<(f64, f64)> = usable
        .iter()
        .filter(|p| p.q.is_nan() || p.q > alpha)
        .map(|p| place(p))
        .collect();
    svg.dots(&thinned(&rest), 1.6, colour::GREY);
    let fill = |p: &VolcanoPoint| match p.effect {
        e if e < 0.0 => colour::BLUE,
        _ => colour::VERMILION,
    };
    for colour in [colour::BLUE, colour::VERMILION] {
        let further = hits.iter().skip(MOST_TIPS).filter(|p| fill(p) == colour);
        let further: Vec<(f64, f64)> = further.map(|p| place(p)).collect();
        svg.dots(&thinned(&further), 2.2, colour);
    }
    for point in hits.iter().take(MOST_TIPS) {
        let tip = format!(
            "{}: {}, p {}, q {}",
            point.label,
            signed(point.effect),
            probability(point.p),
            probability(point.q)
        );
        svg.disc(place(point), 2.6, fill(point), &tip);
    }
    let named = if hits.is_empty() { &usable } else { &hits };
    let named: Vec<((f64, f64), String)> = named
        .iter()
        .take(if hits.is_empty() { 4 } else { MOST_LABELS })
        .map(|p| (place(p), p.label.clone()))
        .collect();
    labels::place(&mut svg, &frame, &named);
    let up = hits.iter().filter(|p| p.effect > 0.0).count();
    let note = format!(
        "{} tested · higher {} · lower {} at adjusted p ≤ {alpha}",
        thousands(usable.len()),
        thousands(up),
        thousands(hits.len() - up)
    );
    svg.text((frame.left, 16.0), 11.0, Anchor::Start, &note);
    svg.finish()
}

/// At most [`MOST_GREY`] points: one per cell of the finest grid that is coarse enough.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut cell = 0.1;
    loop {
        let mut taken = BTreeSet::new();
        let kept: Vec<(f64, f64)> = points
            .iter()
            .filter(|(x, y)| taken.insert(((x / cell) as i64, (y / cell) as i64)))
            .copied()
            .collect();
        if kept.len() <= MOST_GREY {
            return kept;
        }
        cell *= 1.5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_table_stays_small_and_keeps_every_hit() {
        let points: Vec<VolcanoPoint> = (0..40_000)
            .map(|k| VolcanoPoint {
                effect: f64::from(k % 401 - 200) / 40.0,
                p: if k < 50 {
                    1e-9 / f64::from(k + 1)
                } else {
                    f64::from(k) / 40_000.0
                },
                q: if k < 50 { 1e-6 } else { 0.9 },
                label: format!("G{k}"),
            })
            .collect();
        let svg = volcano(&points, 0.05, "log2 fold change", "test");
        assert_eq!(svg.matches("<circle").count(), 50);
        assert!(svg.len() < 80_000, "{}", svg.len());
        assert_eq!(svg, volcano(&points, 0.05, "log2 fold change", "test"));
    }

    #[test]
    fn nothing_to_draw_is_still_a_figure() {
        let svg = volcano(&[], 0.05, "x", "<script>alert(1)</script>");
        assert!(svg.contains("0 tested") && !svg.contains("<script"));
    }
}
