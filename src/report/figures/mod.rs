//! Figures as SVG text: equal data give equal bytes, colours hold for every kind of colour vision, texts are escaped.

mod axis;
mod bars;
mod dot_grid;
mod histogram;
mod labels;
mod links;
mod radar;
mod scatter;
mod set_dots;
mod strip;
mod svg;
mod variations;
mod volcano;

pub use bars::{SampleBar, sample_bars};
pub use dot_grid::{DotGrid, PlacedDot, dot_grid};
pub use histogram::{p_value_histogram, target_decoy_histogram};
pub use links::{Change, Link, Node, links};
pub use radar::{RadarAxis, radar};
pub use scatter::{ScatterPoint, scatter};
pub use set_dots::{SetDot, SetPlot, set_dots};
pub use strip::{StripGroup, strip};
pub use variations::{Variation, variations_plot};
pub use volcano::{VolcanoPoint, volcano};
