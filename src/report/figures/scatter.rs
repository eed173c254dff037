//! Scatter plot of samples, coloured by group.

use super::axis::{Frame, Scale, range};
use super::labels;
use super::svg::{Svg, colour};

/// Points that get a label at most; beyond that the plot would be text.
const MOST_LABELS: usize = 30;

/// One sample.
#[derive(Debug, Clone)]
pub struct ScatterPoint {
    /// Horizontal position.
    pub x: f64,
    /// Vertical position.
    pub y: f64,
    /// Its group; empty where there is none.
    pub group: String,
    /// Its name.
    pub label: String,
}

/// Draws samples by two numbers. Groups are coloured in order of first appearance; beyond seven they share a colour.
pub fn scatter(points: &[ScatterPoint], x_title: &str, y_title: &str, title: &str) -> String {
    let mut groups: Vec<&str> = Vec::new();
    for point in points {
        if !point.group.is_empty() && !groups.contains(&point.group.as_str()) {
            groups.push(&point.group);
        }
    }
    let last = colour::GROUPS.len() - 1;
    let fill = |group: &str| match groups.iter().position(|g| *g == group) {
        Some(k) => colour::GROUPS[k.min(last)],
        None => colour::GREY,
    };
    let frame = Frame {
        left: 56.0,
        right: 444.0,
        top: 30.0,
        bottom: 320.0,
    };
    let mut svg = Svg::new(460.0, 362.0, title);
    let padded = |(low, high): (f64, f64)| {
        let pad = ((high - low) * 0.08).max(1e-9);
        (low - pad, high + pad)
    };
    let (low, high) = padded(range(points.iter().map(|p| p.x)));
    let x = Scale::new(low, high, frame.left, frame.right);
    let (low, high) = padded(range(points.iter().map(|p| p.y)));
    let y = Scale::new(low, high, frame.bottom, frame.top);
    frame.y_axis(&mut svg, &y, y_title);
    frame.x_axis(&mut svg, &x, x_title);
    let drawn: Vec<&ScatterPoint> = points
        .iter()
        .filter(|p| p.x.is_finite() && p.y.is_finite())
        .collect();
    for point in &drawn {
        let tip = if point.group.is_empty() {
            point.label.clone()
        } else {
            format!("{} ({})", point.label, point.group)
        };
        svg.disc(
            (x.at(point.x), y.at(point.y)),
            4.2,
            fill(&point.group),
            &tip,
        );
    }
    if drawn.len() <= MOST_LABELS {
        let named = drawn.iter().filter(|p| !p.label.is_empty());
        let named: Vec<((f64, f64), String)> = named
            .map(|p| ((x.at(p.x), y.at(p.y)), p.label.clone()))
            .collect();
        labels::place(&mut svg, &frame, &named);
    }
    let key: Vec<(&str, String)> = groups.iter().map(|g| (fill(g), (*g).to_owned())).collect();
    labels::key(&mut svg, &frame, &key);
    svg.finish()
}
