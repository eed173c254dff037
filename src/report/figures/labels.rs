//! Labels beside points: placed greedily, the most important first, left out where there is no room.

use super::axis::Frame;
use super::svg::{Anchor, Svg, colour, text_width};
use crate::report::text::tidy;

/// Longest label beside a point.
const LONGEST: usize = 16;
const SIZE: f64 = 10.5;

#[derive(Debug, Clone, Copy)]
struct Area {
    x: (f64, f64),
    y: (f64, f64),
}

impl Area {
    fn meets(&self, other: &Self) -> bool {
        self.x.0 < other.x.1 && other.x.0 < self.x.1 && self.y.0 < other.y.1 && other.y.0 < self.y.1
    }
}

/// Labels `points` in order; a label may cover neither another label nor a labelled point, nor leave the frame.
pub(super) fn place(svg: &mut Svg, frame: &Frame, points: &[((f64, f64), String)]) {
    let mut taken: Vec<Area> = points
        .iter()
        .map(|((x, y), _)| Area {
            x: (x - 3.5, x + 3.5),
            y: (y - 3.5, y + 3.5),
        })
        .collect();
    for ((x, y), name) in points {
        let name = shortened(name);
        let width = text_width(&name, SIZE);
        let candidates = [
            (x + 6.0, y + 3.5, Anchor::Start),
            (x - 6.0, y + 3.5, Anchor::End),
            (*x, y - 6.5, Anchor::Middle),
            (*x, y + 14.0, Anchor::Middle),
            (x + 6.0, y - 7.0, Anchor::Start),
            (x - 6.0, y - 7.0, Anchor::End),
            (x + 6.0, y + 13.0, Anchor::Start),
            (x - 6.0, y + 13.0, Anchor::End),
        ];
        let free = candidates.into_iter().find_map(|(tx, ty, anchor)| {
            let left = match anchor {
                Anchor::Start => tx,
                Anchor::Middle => tx - width / 2.0,
                Anchor::End => tx - width,
            };
            let area = Area {
                x: (left, left + width),
                y: (ty - SIZE * 0.8, ty + SIZE * 0.25),
            };
            let inside = area.x.0 >= frame.left
                && area.x.1 <= frame.right
                && area.y.0 >= frame.top
                && area.y.1 <= frame.bottom;
            (inside && !taken.iter().any(|t| t.meets(&area))).then_some((tx, ty, anchor, area))
        });
        if let Some((tx, ty, anchor, area)) = free {
            taken.push(area);
            svg.text((tx, ty), SIZE, anchor, &name);
        }
    }
}

/// A name short enough to stand beside a point.
pub(super) fn shortened(name: &str) -> String {
    cut(name, LONGEST)
}

/// A name of at most `longest` characters, the last one an ellipsis where some are missing.
pub(super) fn cut(name: &str, longest: usize) -> String {
    let name = tidy(name, 4 * longest);
    if name.chars().count() <= longest {
        return name;
    }
    let mut short: String = name.chars().take(longest - 1).collect();
    short.push('…');
    short
}

/// A key of colours along the top of a frame, from the left.
pub(super) fn key(svg: &mut Svg, frame: &Frame, entries: &[(&str, String)]) {
    let mut x = frame.left;
    let y = frame.top - 10.0;
    for (fill, name) in entries {
        let name = tidy(name, 28);
        let width = 16.0 + text_width(&name, SIZE) + 14.0;
        if x > frame.left && x + width > frame.right + 40.0 {
            svg.text((x, y), SIZE, Anchor::Start, "…");
            return;
        }
        svg.rect((x, y - 8.5), (10.0, 10.0), fill);
        svg.text((x + 14.0, y), SIZE, Anchor::Start, &name);
        x += width;
    }
}

/// The ink of guide lines.
pub(super) const GUIDE: &str = colour::INK;
