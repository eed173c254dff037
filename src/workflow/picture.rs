//! A picture of plans: one SVG with every graph, laid out by layers from the dataset down.

use std::fmt::Write as _;

use super::{Plan, Source};

const BOX: (f64, f64) = (168.0, 40.0);
const GAP: (f64, f64) = (22.0, 34.0);
const MARGIN: f64 = 24.0;
const TITLE: f64 = 52.0;
/// Characters of a line inside a box, and of a title.
const IN_BOX: usize = 24;
const IN_TITLE: usize = 110;
const WIDTH: f64 = 820.0;
const INK: &str = "#2B3036";
const EDGE: &str = "#8A9099";
const BLIND: &str = "#EAF2F8";
const READS_LABELS: &str = "#FBE9DD";

/// A place in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spot {
    x: f64,
    y: f64,
}

/// Every step under all that it takes input from: its layer is one more than the last of theirs. The first are the matrices
/// of the dataset that are read.
struct Layout<'p> {
    plan: &'p Plan,
    datasets: Vec<&'p Source>,
    spots: Vec<Spot>,
    height: f64,
    width: f64,
}

impl<'p> Layout<'p> {
    fn of(plan: &'p Plan) -> Self {
        let mut datasets: Vec<&Source> = Vec::new();
        for source in plan.steps.iter().flat_map(|s| s.inputs.values()) {
            if source.step().is_none() && !datasets.contains(&source) {
                datasets.push(source);
            }
        }
        let mut layers: Vec<usize> = vec![0; datasets.len()];
        for step in &plan.steps {
            // A plan holds every step after those it takes input from.
            let parents = step.inputs.values().filter_map(|source| {
                let place = match source.step() {
                    Some(id) => datasets.len() + plan.position(id)?,
                    None => datasets.iter().position(|d| *d == source)?,
                };
                layers.get(place).copied()
            });
            layers.push(parents.max().map_or(0, |layer| layer + 1));
        }
        let depth = layers.iter().max().map_or(0, |l| l + 1);
        let mut in_layer = vec![0_usize; depth];
        let mut columns = Vec::with_capacity(layers.len());
        for &layer in &layers {
            columns.push(in_layer[layer]);
            in_layer[layer] += 1;
        }
        let widest = in_layer.iter().max().map_or(1, |n| *n) as f64;
        let width = (widest * (BOX.0 + GAP.0) - GAP.0).max(WIDTH - 2.0 * MARGIN);
        let spots = layers.iter().zip(&columns).map(|(&layer, &column)| {
            let used = in_layer[layer] as f64 * (BOX.0 + GAP.0) - GAP.0;
            Spot {
                x: MARGIN + (width - used) / 2.0 + column as f64 * (BOX.0 + GAP.0),
                y: layer as f64 * (BOX.1 + GAP.1),
            }
        });
        Self {
            spots: spots.collect(),
            height: depth as f64 * (BOX.1 + GAP.1) - GAP.1,
            width: width + 2.0 * MARGIN,
            plan,
            datasets,
        }
    }

    fn spot(&self, source: &Source) -> Option<Spot> {
        let place = match source.step() {
            Some(id) => self.datasets.len() + self.plan.position(id)?,
            None => self.datasets.iter().position(|d| *d == source)?,
        };
        self.spots.get(place).copied()
    }

    fn draw(&self, out: &mut String, top: f64) {
        for (i, step) in self.plan.steps.iter().enumerate() {
            let to = self.spots[self.datasets.len() + i];
            for (port, source) in &step.inputs {
                let Some(from) = self.spot(source) else {
                    continue;
                };
                let (x1, y1) = (from.x + BOX.0 / 2.0, top + from.y + BOX.1);
                let (x2, y2) = (to.x + BOX.0 / 2.0, top + to.y);
                let bend = ((y2 - y1) / 2.0).max(8.0);
                let dash = if self.plan.can_do_without(step, port) {
                    " stroke-dasharray=\"4 3\""
                } else {
                    ""
                };
                let _ = writeln!(
                    out,
                    "<path d=\"M{x1:.1} {y1:.1}C{x1:.1} {:.1} {x2:.1} {:.1} {x2:.1} {:.1}\" fill=\"none\" stroke=\"{EDGE}\"{dash} marker-end=\"url(#tip)\"/>",
                    y1 + bend,
                    y2 - bend,
                    y2 - 3.0
                );
            }
        }
        for (source, spot) in self.datasets.iter().zip(&self.spots) {
            node(out, *spot, top, &source.to_string(), "", "#FFFFFF", false);
        }
        for (step, spot) in self
            .plan
            .steps
            .iter()
            .zip(&self.spots[self.datasets.len()..])
        {
            let fill = if step.tainted { READS_LABELS } else { BLIND };
            let tool = if step.tool == step.id { "" } else { &step.tool };
            node(out, *spot, top, &step.id, tool, fill, step.optional);
        }
    }
}

fn node(
    out: &mut String,
    spot: Spot,
    top: f64,
    name: &str,
    below: &str,
    fill: &str,
    optional: bool,
) {
    let (x, y) = (spot.x, top + spot.y);
    let dash = if optional {
        " stroke-dasharray=\"4 3\""
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{}\" height=\"{}\" rx=\"5\" fill=\"{fill}\" stroke=\"{INK}\"{dash}/>",
        BOX.0, BOX.1
    );
    let middle = x + BOX.0 / 2.0;
    let first = if below.is_empty() { 25.0 } else { 17.0 };
    text(
        out,
        middle,
        y + first,
        &short(name, IN_BOX),
        "middle",
        "600",
    );
    if !below.is_empty() {
        text(
            out,
            middle,
            y + 32.0,
            &short(below, IN_BOX),
            "middle",
            "400",
        );
    }
}

fn text(out: &mut String, x: f64, y: f64, words: &str, anchor: &str, weight: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-weight=\"{weight}\">{}</text>",
        escaped(words)
    );
}

/// One picture of several plans, each under its title; self-contained.
pub fn picture(plans: &[(&str, &Plan)]) -> String {
    let layouts: Vec<Layout<'_>> = plans.iter().map(|(_, plan)| Layout::of(plan)).collect();
    let width = layouts.iter().map(|l| l.width).fold(WIDTH, f64::max);
    let mut body = String::new();
    let mut top = MARGIN + 8.0;
    text(
        &mut body,
        MARGIN,
        top,
        "blue: reads no sample labels; orange: depends on labels, replayed on every decoy; dashed: may fail",
        "start",
        "400",
    );
    for ((title, plan), layout) in plans.iter().zip(&layouts) {
        top += TITLE;
        text(
            &mut body,
            MARGIN,
            top - 22.0,
            &short(title, IN_TITLE),
            "start",
            "600",
        );
        let id = short(&plan.objective.0, IN_TITLE);
        text(&mut body, MARGIN, top - 6.0, &id, "start", "400");
        top += 6.0;
        layout.draw(&mut body, top);
        top += layout.height;
    }
    let height = top + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"{INK}\" role=\"img\">\n<title>Graphs of analyses, one per objective</title>\n<defs><marker id=\"tip\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"{EDGE}\"/></marker></defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n{body}</svg>\n"
    )
}

fn short(text: &str, most: usize) -> String {
    let shown: String = text.chars().filter(|c| !c.is_control()).collect();
    if shown.chars().count() <= most {
        return shown;
    }
    let kept: String = shown.chars().take(most - 1).collect();
    format!("{kept}…")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
