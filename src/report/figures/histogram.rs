//! Histograms: p-values of a table; evidence scores of the data beside those of decoys.

use super::axis::{Frame, Scale, label};
use super::labels;
use super::svg::{Anchor, Svg, colour};
use crate::discovery::ScoreHistogram;
use crate::report::text::thousands;

const P_BINS: usize = 20;

/// Draws p-values in 20 bins with the height that a table without any effect would have.
pub fn p_value_histogram(p: &[f64], title: &str) -> String {
    let mut counts = [0usize; P_BINS];
    for value in p.iter().filter(|p| p.is_finite()) {
        counts[((value * P_BINS as f64) as usize).min(P_BINS - 1)] += 1;
    }
    let total: usize = counts.iter().sum();
    let flat = total as f64 / P_BINS as f64;
    let frame = Frame {
        left: 56.0,
        right: 344.0,
        top: 30.0,
        bottom: 330.0,
    };
    let mut svg = Svg::new(360.0, 372.0, title);
    let tallest = counts.iter().copied().max().unwrap_or(0) as f64;
    let x = Scale::new(0.0, 1.0, frame.left, frame.right);
    let y = Scale::new(
        0.0,
        tallest.max(flat).max(1.0) * 1.06,
        frame.bottom,
        frame.top,
    );
    frame.y_axis(&mut svg, &y, "features");
    let width = (frame.right - frame.left) / P_BINS as f64;
    for (k, count) in counts.iter().enumerate() {
        let top = y.at(*count as f64);
        let corner = (frame.left + k as f64 * width + 0.5, top);
        let fill = if k == 0 {
            colour::VERMILION
        } else {
            colour::GREY
        };
        svg.rect(corner, (width - 1.0, frame.bottom - top), fill);
    }
    frame.x_axis(&mut svg, &x, "p-value");
    let level = y.at(flat);
    svg.line(
        (frame.left, level),
        (frame.right, level),
        labels::GUIDE,
        "5 4",
    );
    let note = format!("{} p-values · dashed: no effect at all", thousands(total));
    svg.text((frame.left, 16.0), 11.0, Anchor::Start, &note);
    svg.finish()
}

/// Draws how many members of a stratum reach each evidence score, in the data (bars) and per decoy (line), on a
/// log10(1 + count) scale; the dashed line is the score that one more test would have needed.
pub fn target_decoy_histogram(
    scores: &ScoreHistogram,
    n_decoys: usize,
    cut_off: Option<f64>,
    title: &str,
) -> String {
    let bins = scores.target.len().max(scores.decoy.len()).max(1);
    let share = |k: usize| {
        let decoys = scores.decoy.get(k).copied().unwrap_or(0) as f64;
        decoys / n_decoys.max(1) as f64
    };
    let count = |k: usize| scores.target.get(k).copied().unwrap_or(0) as f64;
    let height = |count: f64| (1.0 + count).log10();
    let tallest = (0..bins)
        .map(|k| count(k).max(share(k)))
        .fold(1.0, f64::max);
    let frame = Frame {
        left: 56.0,
        right: 404.0,
        top: 34.0,
        bottom: 190.0,
    };
    let mut svg = Svg::new(420.0, 232.0, title);
    let end = bins as f64 * scores.bin_width;
    let x = Scale::new(0.0, end, frame.left, frame.right);
    let y = Scale::new(0.0, height(tallest) * 1.05, frame.bottom, frame.top);
    let ticks: Vec<(f64, String)> = (0..9)
        .map(|power| {
            if power == 0 {
                0.0
            } else {
                10f64.powi(power - 1)
            }
        })
        .filter(|tick| *tick <= tallest * 1.1)
        .map(|tick| (height(tick), label(tick)))
        .collect();
    frame.y_ticks(&mut svg, &y, &ticks, "tests");
    let width = (frame.right - frame.left) / bins as f64;
    let mut outline = vec![(frame.left, frame.bottom)];
    for k in 0..bins {
        let left = frame.left + k as f64 * width;
        if count(k) > 0.0 {
            let top = y.at(height(count(k)));
            let size = ((width - 0.8).max(0.6), frame.bottom - top);
            svg.rect((left, top), size, colour::GROUPS[5]);
        }
        let level = y.at(height(share(k)));
        outline.push((left, level));
        outline.push((left + width, level));
    }
    outline.push((frame.right, frame.bottom));
    svg.polyline(&outline, colour::VERMILION, 1.6);
    if let Some(at) = cut_off.map(|score| x.at(score)) {
        let at = at.min(frame.right);
        svg.line((at, frame.top), (at, frame.bottom), labels::GUIDE, "5 4");
    }
    frame.x_axis(&mut svg, &x, "evidence score S = −log10 p");
    let key = [
        (colour::GROUPS[5], "your data".to_owned()),
        (colour::VERMILION, "one decoy, on average".to_owned()),
    ];
    labels::key(&mut svg, &frame, &key);
    if cut_off.is_some() {
        let note = "dashed: needed";
        svg.text((frame.right, frame.top + 10.0), 10.5, Anchor::End, note);
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_p_value_is_counted_once() {
        let svg = p_value_histogram(&[0.0, 0.03, 1.0, f64::NAN], "t");
        assert!(svg.contains("3 p-values"));
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn decoys_are_drawn_per_decoy() {
        let scores = ScoreHistogram {
            bin_width: 0.5,
            target: vec![100, 10, 1],
            decoy: vec![2_000, 200, 0],
        };
        let svg = target_decoy_histogram(&scores, 20, Some(0.9), "t");
        assert!(svg.contains("one decoy") && svg.contains("dashed: needed"));
        let none = ScoreHistogram {
            bin_width: 0.5,
            target: vec![],
            decoy: vec![],
        };
        assert!(!target_decoy_histogram(&none, 0, None, "t").contains("NaN"));
    }
}
