//! Dot plot of gene sets: effect with interval, dot size by set size, colour by evidence.

use super::axis::{Frame, Scale, range};
use super::labels::cut;
use super::svg::{Anchor, Svg, colour, text_width};
use crate::report::text::{probability, signed};

/// One set.
#[derive(Debug, Clone)]
pub struct SetDot {
    /// Its name.
    pub name: String,
    /// Effect.
    pub effect: f64,
    /// Lower end of its interval; NaN where there is none.
    pub low: f64,
    /// Upper end of its interval; NaN where there is none.
    pub high: f64,
    /// Members measured.
    pub size: f64,
    /// Adjusted p-value.
    pub q: f64,
}

/// How a dot plot is laid out.
#[derive(Debug, Clone)]
pub struct SetPlot<'a> {
    /// Width on the page.
    pub width: f64,
    /// Adjusted p up to which a dot is coloured: blue for lower, vermilion for higher.
    pub alpha: f64,
    /// Title of the x axis.
    pub effect_title: &'a str,
    /// What the dots mean.
    pub note: &'a str,
    /// What the figure shows.
    pub title: &'a str,
}

/// Draws sets from top to bottom in the given order.
pub fn set_dots(sets: &[SetDot], plot: &SetPlot<'_>) -> String {
    let sets: Vec<&SetDot> = sets.iter().filter(|s| s.effect.is_finite()).collect();
    let row = 19.0;
    // Names take up to four tenths of the width.
    let room = plot.width * 0.4;
    let longest = (room / text_width("x", 10.5)) as usize;
    let names: Vec<String> = sets.iter().map(|s| cut(&s.name, longest)).collect();
    let widest = names
        .iter()
        .map(|n| text_width(n, 10.5))
        .fold(40.0, f64::max);
    let frame = Frame {
        left: widest.min(room) + 14.0,
        right: plot.width - 14.0,
        top: 26.0,
        bottom: 34.0 + row * sets.len().max(1) as f64,
    };
    let mut svg = Svg::new(plot.width, frame.bottom + 40.0, plot.title);
    let ends = sets.iter().flat_map(|s| [s.effect, s.low, s.high, 0.0]);
    let (low, high) = range(ends);
    let pad = (high - low) * 0.05;
    let x = Scale::new(low - pad, high + pad, frame.left, frame.right);
    svg.line(
        (x.at(0.0), frame.top),
        (x.at(0.0), frame.bottom),
        colour::GREY,
        "2 3",
    );
    for (k, set) in sets.iter().enumerate() {
        let y = frame.top + 12.0 + row * k as f64;
        svg.line((frame.left, y), (frame.right, y), colour::FAINT, "");
        svg.text((frame.left - 8.0, y + 3.5), 10.5, Anchor::End, &names[k]);
        let fill = match set.effect {
            _ if set.q.is_nan() || set.q > plot.alpha => colour::GREY,
            e if e < 0.0 => colour::BLUE,
            _ => colour::VERMILION,
        };
        if set.low.is_finite() && set.high.is_finite() {
            svg.line((x.at(set.low), y), (x.at(set.high), y), fill, "");
        }
        let radius = (2.0 + set.size.max(0.0).sqrt() * 0.45).min(8.5);
        let tip = format!(
            "{}: {}, {} members, q {}",
            set.name,
            signed(set.effect),
            set.size,
            probability(set.q)
        );
        svg.disc((x.at(set.effect), y), radius, fill, &tip);
    }
    frame.x_axis(&mut svg, &x, plot.effect_title);
    svg.text((10.0, 14.0), 10.5, Anchor::Start, plot.note);
    svg.finish()
}
