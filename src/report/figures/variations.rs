//! Specification curve: the effect of one claim under every other analysis that was tried, sorted.

use super::axis::{Frame, Scale, range};
use super::labels::{GUIDE, cut};
use super::svg::{Anchor, Svg, colour, text_width};
use crate::report::text::{probability, signed};

const WIDTH: f64 = 640.0;
const ROW: f64 = 16.0;
/// Characters shown of what was varied.
const LONGEST: usize = 44;

/// One other analysis.
#[derive(Debug, Clone)]
pub struct Variation {
    /// What was varied.
    pub choice: String,
    /// Effect under it; NaN where it could not be computed.
    pub effect: f64,
    /// p under it.
    pub p: f64,
    /// Whether the claim holds under it.
    pub held: bool,
}

/// Draws variations by effect, the smallest on top: filled where the claim holds, open where it does not. The dashed line
/// is the effect as reported, the dotted one is none.
pub fn variations_plot(rows: &[Variation], reported: f64, unit: &str, title: &str) -> String {
    let mut rows: Vec<&Variation> = rows.iter().filter(|r| r.effect.is_finite()).collect();
    rows.sort_by(|a, b| (a.effect.total_cmp(&b.effect)).then_with(|| a.choice.cmp(&b.choice)));
    let names: Vec<String> = rows.iter().map(|r| cut(&r.choice, LONGEST)).collect();
    let widths = names.iter().map(|name| text_width(name, 10.5));
    let frame = Frame {
        left: widths.fold(60.0, f64::max).min(WIDTH * 0.5) + 14.0,
        right: WIDTH - 64.0,
        top: 24.0,
        bottom: 32.0 + ROW * rows.len().max(1) as f64,
    };
    let mut svg = Svg::new(WIDTH, frame.bottom + 38.0, title);
    let (low, high) = range(rows.iter().map(|r| r.effect).chain([reported, 0.0]));
    let pad = ((high - low) * 0.05).max(1e-9);
    let x = Scale::new(low - pad, high + pad, frame.left, frame.right);
    let upright = |svg: &mut Svg, value: f64, stroke: &str, dash: &str| {
        let at = x.at(value);
        svg.line((at, frame.top), (at, frame.bottom), stroke, dash);
    };
    upright(&mut svg, 0.0, colour::GREY, "2 3");
    if reported.is_finite() {
        upright(&mut svg, reported, GUIDE, "5 4");
    }
    for (k, row) in rows.iter().enumerate() {
        let y = frame.top + 12.0 + ROW * k as f64;
        svg.line((frame.left, y), (frame.right, y), colour::FAINT, "");
        svg.text((frame.left - 8.0, y + 3.5), 10.5, Anchor::End, &names[k]);
        let p = format!("p {}", probability(row.p));
        svg.text((frame.right + 8.0, y + 3.5), 9.5, Anchor::Start, &p);
        let held = if row.held { "holds" } else { "does not hold" };
        let tip = format!("{}: {}, {p}, {held}", row.choice, signed(row.effect));
        let at = (x.at(row.effect), y);
        if row.held {
            svg.disc(at, 3.6, colour::BLUE, &tip);
        } else {
            svg.ring(at, 3.6, colour::VERMILION, &tip);
        }
    }
    frame.x_axis(&mut svg, &x, unit);
    let note = "filled: the claim holds · open: it does not · dashed: as reported";
    svg.text((10.0, 12.0), 10.5, Anchor::Start, note);
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_hold_is_open_and_what_has_no_effect_is_left_out() {
        let row = |choice: &str, effect, held| Variation {
            choice: choice.to_owned(),
            effect,
            p: 0.01,
            held,
        };
        let rows = [
            row("filter = none", 1.2, true),
            row("<i>", 0.1, false),
            row("prior = robust", f64::NAN, false),
        ];
        let svg = variations_plot(&rows, 1.0, "log2 fold change", "t");
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(svg.matches("fill=\"none\"").count(), 1);
        assert!(!svg.contains("robust") && !svg.contains("<i>") && !svg.contains("NaN"));
    }
}
