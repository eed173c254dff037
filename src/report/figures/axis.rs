//! Axes: a linear scale with round ticks, and the frame of a plot.

use super::svg::{Anchor, Svg, colour};

/// A linear map from data to the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Maps `low..high` to `from..to`; an empty or unusable range becomes one around `low`.
    pub(super) fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        let low = if low.is_finite() { low } else { 0.0 };
        let high = if high.is_finite() && high > low {
            high
        } else {
            low + 1.0
        };
        Self {
            low,
            high,
            from,
            to,
        }
    }

    /// Where a value lies on the page.
    pub(super) fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Round values within the range, about `wanted` of them.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<f64> {
        let rough = (self.high - self.low) / wanted.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(10.0 * power);
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|k| k as f64 * step).collect()
    }
}

/// The lowest and highest finite value; (0, 1) where there is none.
pub(super) fn range(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|v| v.is_finite());
    let found = finite.fold(None, |range: Option<(f64, f64)>, v| {
        Some(range.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
    });
    found.unwrap_or((0.0, 1.0))
}

/// A tick's label.
pub(super) fn label(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded.abs() >= 1e5 {
        format!("{rounded:e}")
    } else {
        (rounded + 0.0).to_string().replace('-', "−")
    }
}

/// The rectangle data are drawn in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// Draws the x axis: ticks, labels and a title below.
    pub(super) fn x_axis(&self, svg: &mut Svg, scale: &Scale, title: &str) {
        for tick in scale.ticks(6) {
            let x = scale.at(tick);
            svg.line((x, self.bottom), (x, self.bottom + 4.0), colour::INK, "");
            svg.text((x, self.bottom + 15.0), 10.5, Anchor::Middle, &label(tick));
        }
        self.x_title(svg, title);
    }

    /// Draws the x axis' line and title alone.
    pub(super) fn x_title(&self, svg: &mut Svg, title: &str) {
        svg.line(
            (self.left, self.bottom),
            (self.right, self.bottom),
            colour::INK,
            "",
        );
        let middle = (self.left + self.right) / 2.0;
        svg.text((middle, self.bottom + 31.0), 11.5, Anchor::Middle, title);
    }

    /// Draws the y axis: faint guides, labels and a title to the left.
    pub(super) fn y_axis(&self, svg: &mut Svg, scale: &Scale, title: &str) {
        let ticks = scale.ticks(5).into_iter();
        let ticks: Vec<(f64, String)> = ticks.map(|t| (t, label(t))).collect();
        self.y_ticks(svg, scale, &ticks, title);
    }

    /// Draws the y axis with given ticks.
    pub(super) fn y_ticks(
        &self,
        svg: &mut Svg,
        scale: &Scale,
        ticks: &[(f64, String)],
        title: &str,
    ) {
        for (tick, label) in ticks {
            let y = scale.at(*tick);
            svg.line((self.left, y), (self.right, y), colour::FAINT, "");
            svg.text((self.left - 6.0, y + 3.5), 10.5, Anchor::End, label);
        }
        let middle = (self.top + self.bottom) / 2.0;
        svg.upright((self.left - 38.0, middle), 11.5, Anchor::Middle, title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::new(-2.3, 4.1, 0.0, 100.0);
        assert_eq!(scale.ticks(6), vec![-2.0, 0.0, 2.0, 4.0]);
        assert_eq!(label(-2.0), "−2");
        assert_eq!(label(0.30000000000000004), "0.3");
    }

    #[test]
    fn a_single_value_still_has_an_axis() {
        let (low, high) = range([5.0, f64::NAN, 5.0]);
        assert!(Scale::new(low, high, 0.0, 10.0).at(5.0).is_finite());
        assert_eq!(range([f64::NAN]), (0.0, 1.0));
    }
}
