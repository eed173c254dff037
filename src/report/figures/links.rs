//! The mechanism of a hypothesis as a small network: what was measured on a circle, what is known as lines between.

use std::f64::consts::TAU;

use super::labels::shortened;
use super::svg::{Anchor, Svg, colour};

/// Which way a node was found to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// More in the target, or rising.
    Up,
    /// Less in the target, or falling.
    Down,
    /// Neither, or not measured.
    Unknown,
}

/// Something that links join.
#[derive(Debug, Clone)]
pub struct Node {
    /// What people call it.
    pub name: String,
    /// Which way it changes.
    pub change: Change,
}

/// A link between two nodes, by their places.
#[derive(Debug, Clone)]
pub struct Link {
    /// From.
    pub from: usize,
    /// To.
    pub to: usize,
    /// Whether the link itself was measured in this run.
    pub measured: bool,
    /// What it says.
    pub tip: String,
}

const WIDTH: f64 = 320.0;
const RADIUS: f64 = 78.0;
const MIDDLE: (f64, f64) = (160.0, 112.0);

/// Draws nodes on a circle in the given order, known links thin and measured ones thick.
pub fn links(nodes: &[Node], links: &[Link], title: &str) -> String {
    let mut svg = Svg::new(WIDTH, 238.0, title);
    let count = nodes.len().max(1) as f64;
    let direction = |k: usize| {
        let angle = TAU * (k as f64 / count) - TAU / 4.0;
        (angle.cos(), angle.sin())
    };
    let place = |k: usize| {
        let (x, y) = direction(k);
        (MIDDLE.0 + RADIUS * x, MIDDLE.1 + RADIUS * y)
    };
    for link in links {
        let (stroke, width) = match link.measured {
            true => (colour::INK, 2.2),
            false => (colour::GREY, 1.0),
        };
        svg.strand(place(link.from), place(link.to), stroke, width, &link.tip);
    }
    for (k, node) in nodes.iter().enumerate() {
        let (fill, word) = match node.change {
            Change::Up => (colour::VERMILION, ", higher"),
            Change::Down => (colour::BLUE, ", lower"),
            Change::Unknown => (colour::GREY, ""),
        };
        svg.disc(place(k), 6.0, fill, &format!("{}{word}", node.name));
        let (x, y) = direction(k);
        let anchor = match x {
            x if x > 0.2 => Anchor::Start,
            x if x < -0.2 => Anchor::End,
            _ => Anchor::Middle,
        };
        let at = (
            MIDDLE.0 + (RADIUS + 11.0) * x,
            MIDDLE.1 + (RADIUS + 14.0) * y + 3.5,
        );
        svg.text(at, 10.5, anchor, &shortened(&node.name));
    }
    let note = match links.iter().any(|link| link.measured) {
        true => "thin: known link · thick: measured here",
        false => "lines: known links",
    };
    svg.text((MIDDLE.0, 226.0), 9.5, Anchor::Middle, note);
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_and_node_is_drawn_once() {
        let node = |name: &str, change| Node {
            name: name.to_owned(),
            change,
        };
        let nodes = [
            node("A", Change::Up),
            node("<b>", Change::Down),
            node("C", Change::Unknown),
        ];
        let link = |from, to, measured| Link {
            from,
            to,
            measured,
            tip: "interacts".to_owned(),
        };
        let svg = links(&nodes, &[link(0, 1, false), link(1, 2, true)], "t");
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg.matches("<line").count(), 2);
        assert!(!svg.contains("<b>") && svg.contains("measured here"));
    }
}
