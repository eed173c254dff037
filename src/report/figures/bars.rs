//! One bar per sample, in groups.

use super::axis::{Frame, Scale};
use super::labels;
use super::svg::{Anchor, Svg, colour};
use crate::report::text::tidy;

/// Samples that are named under their bar at most.
const MOST_NAMES: usize = 48;

/// One sample.
#[derive(Debug, Clone)]
pub struct SampleBar {
    /// Its name.
    pub sample: String,
    /// Its group; empty where there is none.
    pub group: String,
    /// Height, a fraction from 0 to 1.
    pub fraction: f64,
}

/// Draws a fraction per sample as per cent, in the given order, coloured by group.
pub fn sample_bars(bars: &[SampleBar], y_title: &str, title: &str) -> String {
    let mut groups: Vec<&str> = Vec::new();
    for bar in bars {
        if !bar.group.is_empty() && !groups.contains(&bar.group.as_str()) {
            groups.push(&bar.group);
        }
    }
    let last = colour::GROUPS.len() - 1;
    let fill = |group: &str| match groups.iter().position(|g| *g == group) {
        Some(k) => colour::GROUPS[k.min(last)],
        None => colour::GREY,
    };
    let named = bars.len() <= MOST_NAMES;
    let frame = Frame {
        left: 56.0,
        right: 514.0,
        top: 30.0,
        bottom: 190.0,
    };
    let below = if named { 86.0 } else { 40.0 };
    let mut svg = Svg::new(530.0, frame.bottom + below, title);
    let tallest = bars.iter().map(|b| b.fraction).fold(0.05, f64::max);
    let y = Scale::new(0.0, tallest * 105.0, frame.bottom, frame.top);
    frame.y_axis(&mut svg, &y, y_title);
    let width = (frame.right - frame.left) / bars.len().max(1) as f64;
    for (k, bar) in bars
        .iter()
        .enumerate()
        .filter(|(_, b)| b.fraction.is_finite())
    {
        let left = frame.left + k as f64 * width;
        let top = y.at(bar.fraction * 100.0);
        let gap = (width * 0.15).min(3.0);
        svg.rect(
            (left + gap / 2.0, top),
            (width - gap, frame.bottom - top),
            fill(&bar.group),
        );
        if named {
            let end = (left + width / 2.0 + 3.0, frame.bottom + 6.0);
            svg.upright(
                end,
                9.5,
                Anchor::End,
                &labels::shortened(&tidy(&bar.sample, 40)),
            );
        }
    }
    svg.line(
        (frame.left, frame.bottom),
        (frame.right, frame.bottom),
        colour::INK,
        "",
    );
    if !named {
        let middle = (frame.left + frame.right) / 2.0;
        let note = format!("{} samples, in the order of the table", bars.len());
        svg.text((middle, frame.bottom + 18.0), 11.0, Anchor::Middle, &note);
    }
    let key: Vec<(&str, String)> = groups.iter().map(|g| (fill(g), (*g).to_owned())).collect();
    labels::key(&mut svg, &frame, &key);
    svg.finish()
}
