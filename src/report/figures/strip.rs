//! Strip plot: the measured values of one feature, sample by sample, in groups.

use super::axis::{Frame, Scale, range};
use super::labels;
use super::svg::{Anchor, Svg, colour};
use crate::report::text::decimal;

/// One group of samples.
#[derive(Debug, Clone)]
pub struct StripGroup {
    /// Its label.
    pub name: String,
    /// Sample and value; NaN where not measured.
    pub values: Vec<(String, f64)>,
}

/// Draws every value as a dot and each group's mean as a bar; samples without a value are counted below.
pub fn strip(groups: &[StripGroup], y_title: &str, title: &str) -> String {
    let shown = &groups[..groups.len().min(colour::GROUPS.len())];
    let lane = (232.0 / shown.len().max(1) as f64).clamp(34.0, 90.0);
    let frame = Frame {
        left: 52.0,
        right: 52.0 + lane * shown.len().max(1) as f64,
        top: 12.0,
        bottom: 158.0,
    };
    let mut svg = Svg::new(frame.right + 12.0, 206.0, title);
    let values = shown.iter().flat_map(|g| g.values.iter().map(|(_, v)| *v));
    let (low, high) = range(values);
    let pad = ((high - low) * 0.1).max(0.1);
    let y = Scale::new(low - pad, high + pad, frame.bottom, frame.top);
    frame.y_axis(&mut svg, &y, y_title);
    svg.line(
        (frame.left, frame.bottom),
        (frame.right, frame.bottom),
        colour::INK,
        "",
    );
    for (k, group) in shown.iter().enumerate() {
        let middle = frame.left + lane * (k as f64 + 0.5);
        let measured: Vec<&(String, f64)> =
            group.values.iter().filter(|(_, v)| v.is_finite()).collect();
        let spread = (lane * 0.6).min(4.0 * measured.len() as f64);
        for (i, (sample, value)) in measured.iter().enumerate() {
            // A fixed zigzag instead of random jitter: equal data, equal bytes.
            let share = (i as f64 * 0.618_034 + 0.5).fract() - 0.5;
            let tip = format!("{sample}: {}", decimal(*value));
            let centre = (middle + share * spread, y.at(*value));
            svg.disc(centre, 3.4, colour::GROUPS[k], &tip);
        }
        if !measured.is_empty() {
            let mean = measured.iter().map(|(_, v)| v).sum::<f64>() / measured.len() as f64;
            let reach = lane * 0.3;
            svg.polyline(
                &[(middle - reach, y.at(mean)), (middle + reach, y.at(mean))],
                colour::INK,
                1.6,
            );
        }
        let name = labels::shortened(&group.name);
        svg.text((middle, frame.bottom + 15.0), 10.5, Anchor::Middle, &name);
        let seen = format!("{} of {}", measured.len(), group.values.len());
        svg.text((middle, frame.bottom + 29.0), 9.5, Anchor::Middle, &seen);
    }
    svg.text(
        ((frame.left + frame.right) / 2.0, frame.bottom + 43.0),
        9.5,
        Anchor::Middle,
        "samples with a value",
    );
    svg.finish()
}
