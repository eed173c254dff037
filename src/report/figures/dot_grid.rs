//! Rows × columns of dots: colour by direction where it is significant, size by weight.

use super::axis::Frame;
use super::labels::cut;
use super::svg::{Anchor, Svg, colour, text_width};
use crate::report::text::{probability, signed};

const WIDTH: f64 = 860.0;
const ROW: f64 = 18.0;
/// Width of a column, at least and at most.
const COLUMN: (f64, f64) = (14.0, 64.0);
/// Characters shown of the name of a column.
const LONGEST: usize = 24;

/// One dot.
#[derive(Debug, Clone)]
pub struct PlacedDot {
    /// Place of its row, from 0.
    pub row: usize,
    /// Place of its column, from 0.
    pub column: usize,
    /// Signed effect.
    pub value: f64,
    /// Its weight, 0 or more.
    pub size: f64,
    /// Adjusted p-value.
    pub q: f64,
}

/// What is drawn.
#[derive(Debug, Clone)]
pub struct DotGrid<'a> {
    /// Names of the rows, from the top.
    pub rows: &'a [String],
    /// Names of the columns, from the left.
    pub columns: &'a [String],
    /// The dots.
    pub dots: &'a [PlacedDot],
    /// Adjusted p up to which a dot is coloured: blue for lower, vermilion for higher.
    pub alpha: f64,
    /// What the dots mean.
    pub note: &'a str,
    /// What the figure shows.
    pub title: &'a str,
}

/// Radius of a dot of this size, where `largest` is the largest of all: areas are in proportion.
fn radius(size: f64, largest: f64) -> f64 {
    let share = (size.max(0.0) / largest.max(f64::MIN_POSITIVE)).sqrt();
    1.6 + 6.2 * share
}

/// Draws the grid, columns named below.
pub fn dot_grid(grid: &DotGrid<'_>) -> String {
    let room = WIDTH * 0.42;
    let longest = (room / text_width("x", 10.5)) as usize;
    let names: Vec<String> = grid.rows.iter().map(|name| cut(name, longest)).collect();
    let widths = names.iter().map(|name| text_width(name, 10.5));
    let left = widths.fold(40.0, f64::max).min(room) + 14.0;
    let count = grid.columns.len().max(1) as f64;
    let column = ((WIDTH - 14.0 - left) / count).clamp(COLUMN.0, COLUMN.1);
    let frame = Frame {
        left,
        right: left + column * count,
        top: 24.0,
        bottom: 24.0 + ROW * grid.rows.len().max(1) as f64,
    };
    let titles: Vec<String> = grid.columns.iter().map(|name| cut(name, LONGEST)).collect();
    let below = titles.iter().map(|title| text_width(title, 10.0));
    let height = frame.bottom + below.fold(20.0, f64::max) + 14.0;
    let note = text_width(grid.note, 10.5) + 16.0;
    let mut svg = Svg::new((frame.right + 14.0).max(note), height, grid.title);
    let y = |row: usize| frame.top + ROW * (row as f64 + 0.5);
    let x = |place: usize| frame.left + column * (place as f64 + 0.5);
    for (row, name) in names.iter().enumerate() {
        svg.line(
            (frame.left, y(row)),
            (frame.right, y(row)),
            colour::FAINT,
            "",
        );
        svg.text((frame.left - 8.0, y(row) + 3.5), 10.5, Anchor::End, name);
    }
    for (place, title) in titles.iter().enumerate() {
        svg.upright(
            (x(place) + 3.5, frame.bottom + 8.0),
            10.0,
            Anchor::End,
            title,
        );
    }
    let sizes = grid.dots.iter().map(|dot| dot.size);
    let largest = sizes.filter(|size| size.is_finite()).fold(0.0, f64::max);
    for dot in grid.dots.iter().filter(|dot| dot.value.is_finite()) {
        let tip = format!(
            "{}, {}: {}, q {}",
            grid.rows.get(dot.row).map_or("", String::as_str),
            grid.columns.get(dot.column).map_or("", String::as_str),
            signed(dot.value),
            probability(dot.q)
        );
        let at = (x(dot.column), y(dot.row));
        let radius = radius(dot.size, largest).min(column / 2.0);
        if dot.q <= grid.alpha {
            let fill = if dot.value < 0.0 {
                colour::BLUE
            } else {
                colour::VERMILION
            };
            svg.disc(at, radius, fill, &tip);
        } else {
            svg.ring(at, radius, colour::GREY, &tip);
        }
    }
    svg.text((10.0, 14.0), 10.5, Anchor::Start, grid.note);
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_significant_is_open_and_names_stay_texts() {
        let dot = |row, column, value, q| PlacedDot {
            row,
            column,
            value,
            size: 10.0,
            q,
        };
        let rows = ["<b>".to_owned(), "proteasome".to_owned()];
        let columns = ["A − B".to_owned(), "C − B".to_owned()];
        let dots = [
            dot(0, 0, 1.0, 0.01),
            dot(1, 0, -1.0, 0.01),
            dot(1, 1, 2.0, 0.2),
            dot(0, 1, f64::NAN, f64::NAN),
        ];
        let svg = dot_grid(&DotGrid {
            rows: &rows,
            columns: &columns,
            dots: &dots,
            alpha: 0.05,
            note: "n",
            title: "t",
        });
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg.matches("fill=\"none\"").count(), 1);
        assert!(svg.contains(colour::BLUE) && svg.contains(colour::VERMILION));
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("<b>") && !svg.contains("NaN"));
    }

    #[test]
    fn nothing_to_draw_is_still_a_figure() {
        let svg = dot_grid(&DotGrid {
            rows: &[],
            columns: &[],
            dots: &[],
            alpha: 0.05,
            note: "n",
            title: "t",
        });
        assert!(svg.starts_with("<svg") && !svg.contains("NaN"));
    }
}
