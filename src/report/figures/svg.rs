//! A deterministic SVG writer: a few shapes, coordinates to one decimal, every text escaped.

use std::fmt::Write as _;

use crate::report::text::{NAME, tidy};

/// Okabe–Ito colours, told apart with any kind of colour vision.
pub(super) mod colour {
    /// Blue: lower in the target.
    pub(crate) const BLUE: &str = "#0072B2";
    /// Vermilion: higher in the target.
    pub(crate) const VERMILION: &str = "#D55E00";
    /// What is not significant.
    pub(crate) const GREY: &str = "#A9AEB5";
    /// Axes and text.
    pub(crate) const INK: &str = "#2B3036";
    /// Guides.
    pub(crate) const FAINT: &str = "#DADDE1";
    /// Groups, in order.
    pub(crate) const GROUPS: [&str; 7] = [
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6B6B6B",
    ];
}

/// Where a text is anchored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A drawing in progress.
pub(super) struct Svg {
    width: f64,
    height: f64,
    title: String,
    body: String,
}

impl Svg {
    /// An empty drawing; `title` is read out by screen readers.
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        Self {
            width,
            height,
            title: escape(&tidy(title, 2 * NAME)),
            body: String::new(),
        }
    }

    fn add(&mut self, shape: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(shape);
        self.body.push('\n');
    }

    /// A straight line; `dash` as in SVG, empty for a full line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &str, dash: &str) {
        let dash = if dash.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{dash}\"")
        };
        self.add(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{stroke}\"{dash}/>",
            at(from.0),
            at(from.1),
            at(to.0),
            at(to.1)
        ));
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, corner: (f64, f64), size: (f64, f64), fill: &str) {
        self.add(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>",
            at(corner.0),
            at(corner.1),
            at(size.0.max(0.0)),
            at(size.1.max(0.0))
        ));
    }

    /// A disc with a tooltip.
    pub(super) fn disc(&mut self, centre: (f64, f64), radius: f64, fill: &str, tip: &str) {
        self.add(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\" fill-opacity=\"0.85\"><title>{}</title></circle>",
            at(centre.0),
            at(centre.1),
            at(radius),
            escape(&tidy(tip, 2 * NAME))
        ));
    }

    /// A circle with a tooltip.
    pub(super) fn ring(&mut self, centre: (f64, f64), radius: f64, stroke: &str, tip: &str) {
        self.add(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.6\"><title>{}</title></circle>",
            at(centre.0),
            at(centre.1),
            at(radius),
            escape(&tidy(tip, 2 * NAME))
        ));
    }

    /// A straight line with a tooltip.
    pub(super) fn strand(
        &mut self,
        from: (f64, f64),
        to: (f64, f64),
        stroke: &str,
        width: f64,
        tip: &str,
    ) {
        self.add(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{stroke}\" stroke-width=\"{}\"><title>{}</title></line>",
            at(from.0),
            at(from.1),
            at(to.0),
            at(to.1),
            at(width),
            escape(&tidy(tip, 4 * NAME))
        ));
    }

    /// A shape with a light filling.
    pub(super) fn polygon(&mut self, corners: &[(f64, f64)], fill: &str) {
        if corners.is_empty() {
            return;
        }
        let corners: Vec<String> = corners
            .iter()
            .map(|(x, y)| format!("{},{}", at(*x), at(*y)))
            .collect();
        self.add(format_args!(
            "<polygon points=\"{}\" fill=\"{fill}\" fill-opacity=\"0.18\" stroke=\"{fill}\" stroke-width=\"1.4\"/>",
            corners.join(" ")
        ));
    }

    /// Many dots of one size and colour, without tooltips.
    pub(super) fn dots(&mut self, centres: &[(f64, f64)], radius: f64, fill: &str) {
        if centres.is_empty() {
            return;
        }
        let mut path = String::new();
        for (x, y) in centres {
            let _ = write!(path, "M{} {}h0", at(*x), at(*y));
        }
        self.add(format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{fill}\" stroke-opacity=\"0.7\" stroke-width=\"{}\" stroke-linecap=\"round\"/>",
            at(2.0 * radius)
        ));
    }

    /// A broken line through the points.
    pub(super) fn polyline(&mut self, points: &[(f64, f64)], stroke: &str, width: f64) {
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{},{}", at(*x), at(*y)))
            .collect();
        self.add(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{}\"/>",
            points.join(" "),
            at(width)
        ));
    }

    /// A text, at most [`NAME`] characters of it.
    pub(super) fn text(&mut self, at_point: (f64, f64), size: f64, anchor: Anchor, text: &str) {
        self.add(format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\" fill=\"{}\">{}</text>",
            at(at_point.0),
            at(at_point.1),
            at(size),
            anchor.word(),
            colour::INK,
            escape(&tidy(text, NAME))
        ));
    }

    /// A text that reads upwards.
    pub(super) fn upright(&mut self, point: (f64, f64), size: f64, anchor: Anchor, text: &str) {
        let (x, y) = (at(point.0), at(point.1));
        self.add(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" text-anchor=\"{}\" fill=\"{}\" transform=\"rotate(-90 {x} {y})\">{}</text>",
            at(size),
            anchor.word(),
            colour::INK,
            escape(&tidy(text, NAME))
        ));
    }

    /// The finished drawing.
    pub(super) fn finish(self) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" font-family=\"system-ui, sans-serif\">\n<title>{}</title>\n{}</svg>\n",
            self.title,
            self.body,
            w = at(self.width),
            h = at(self.height),
        )
    }
}

/// A coordinate to one decimal, without a trailing `.0` and without `-0`.
fn at(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.is_finite() {
        (rounded + 0.0).to_string()
    } else {
        "0".to_owned()
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Roughly how wide a text is drawn.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|c| if c.is_ascii() { 0.56 } else { 0.9 })
        .sum();
    ems * size
}
