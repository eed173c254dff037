//! The five axes of a hypothesis as a radar: one spoke per axis from 1 at the inner ring to 5 at the outer.

use std::f64::consts::TAU;

use super::svg::{Anchor, Svg, colour};

/// Best score of an axis.
const BEST: f64 = 5.0;
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 196.0;
const RADIUS: f64 = 66.0;
const CENTRE: (f64, f64) = (160.0, 100.0);

/// One axis.
#[derive(Debug, Clone)]
pub struct RadarAxis {
    /// Its name.
    pub name: &'static str,
    /// The score that rules give it, 1 to 5; none where it was not assessed.
    pub rule: Option<u8>,
    /// What judges say, 1 to 5 each.
    pub judged: Vec<f64>,
}

/// Draws scores of rules as a filled shape and scores of judges as open rings. An axis that was not assessed has no corner.
pub fn radar(axes: &[RadarAxis], title: &str) -> String {
    let mut svg = Svg::new(WIDTH, HEIGHT, title);
    let count = axes.len().max(1) as f64;
    let direction = |k: usize| {
        let angle = TAU * (k as f64 / count) - TAU / 4.0;
        (angle.cos(), angle.sin())
    };
    let place = |k: usize, score: f64| {
        let (x, y) = direction(k);
        let reach = RADIUS * score / BEST;
        (CENTRE.0 + x * reach, CENTRE.1 + y * reach)
    };
    for ring in 1..=BEST as usize {
        let mut outline: Vec<(f64, f64)> = (0..axes.len()).map(|k| place(k, ring as f64)).collect();
        outline.extend(outline.first().copied());
        svg.polyline(&outline, colour::FAINT, 1.0);
    }
    for k in 0..axes.len() {
        svg.line(CENTRE, place(k, BEST), colour::FAINT, "");
    }
    let corners: Vec<(f64, f64)> = (axes.iter().enumerate())
        .filter_map(|(k, axis)| Some(place(k, f64::from(axis.rule?))))
        .collect();
    svg.polygon(&corners, colour::BLUE);
    for (k, axis) in axes.iter().enumerate() {
        if let Some(rule) = axis.rule {
            let tip = format!("{}, by rules: {rule} of 5", axis.name);
            svg.disc(place(k, f64::from(rule)), 3.2, colour::BLUE, &tip);
        }
        for judged in axis.judged.iter().filter(|j| j.is_finite()) {
            let tip = format!("{}, judged: {judged:.1} of 5", axis.name);
            svg.ring(
                place(k, judged.clamp(1.0, BEST)),
                5.0,
                colour::VERMILION,
                &tip,
            );
        }
        let (x, y) = direction(k);
        let at = (
            CENTRE.0 + x * (RADIUS + 10.0),
            CENTRE.1 + y * (RADIUS + 12.0) + 3.5,
        );
        let anchor = match x {
            x if x > 0.3 => Anchor::Start,
            x if x < -0.3 => Anchor::End,
            _ => Anchor::Middle,
        };
        let score = axis.rule.map_or("–".to_owned(), |rule| rule.to_string());
        svg.text(at, 10.5, anchor, &format!("{} {score}", axis.name));
    }
    if axes.iter().any(|axis| !axis.judged.is_empty()) {
        let note = "filled: by rules · ring: judged by a model";
        svg.text((CENTRE.0, HEIGHT - 4.0), 9.5, Anchor::Middle, note);
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_without_a_score_has_no_corner() {
        let axis = |name, rule| RadarAxis {
            name,
            rule,
            judged: Vec::new(),
        };
        let axes = [
            axis("reliability", Some(5)),
            axis("coherence", Some(1)),
            axis("alignment", None),
        ];
        let svg = radar(&axes, "<b>");
        assert!(svg.contains("alignment –") && svg.contains("reliability 5"));
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(!svg.contains("<b>") && !svg.contains("judged"));
    }
}
