//! The scale of single-cell signals: arcsinh(x / cofactor), the cofactor 5 for the counts of mass cytometry and 150 for
//! fluorescence (Bendall et al. 2011, doi:10.1126/science.1198704), told from the names, the instrument and the numbers.

use super::super::Scale;
use super::{Instrument, RawCells};

/// Cofactor for ion counts.
const MASS: f64 = 5.0;
/// Cofactor for fluorescence.
const FLUORESCENCE: f64 = 150.0;
/// arcsinh and logarithms of cytometry signals stay below this.
const HIGHEST_TRANSFORMED: f32 = 12.0;
/// Signals below this are far from what ion counts can be.
const NEGATIVE: f32 = -50.0;
/// Signals above this are seen in fluorescence and hardly in ion counts.
const BRIGHT: f32 = 20_000.0;
/// Share of the signals that must lie beyond these: single ones do in any data.
const BEYOND: f64 = 0.001;
/// Share of the signals between −1 and 0 from which they were spread out.
const RANDOMISED: f64 = 0.1;
/// Cells of each sample looked at.
const LOOKED_AT: usize = 2_000;

/// How the signals are brought to the scale of the analysis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transform {
    /// The scale of the analysis.
    pub scale: Scale,
    /// What is done to a signal.
    pub step: Step,
    /// The evidence.
    pub because: String,
    /// Whether the evidence is good.
    pub certain: bool,
}

/// What is done to a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// arcsinh(x / cofactor).
    Asinh(f64),
    /// From the logarithm of a declared scale to log2.
    ToLog2(Scale),
    /// Nothing: it is transformed already.
    Stay,
}

impl Transform {
    /// The signal on the scale of the analysis; NaN stays NaN.
    pub fn apply(&self, x: f32) -> f32 {
        match self.step {
            Step::Asinh(cofactor) => (f64::from(x) / cofactor).asinh() as f32,
            Step::ToLog2(scale) => scale.to_log2(f64::from(x)) as f32,
            Step::Stay => x,
        }
    }
}

/// What the numbers look like.
struct Seen {
    low: f32,
    high: f32,
    integers: bool,
    /// Share below [`NEGATIVE`] or above [`BRIGHT`].
    beyond: f64,
    /// Share between −1 and 0.
    randomised: f64,
    zeros: f64,
}

/// Looks at the first cells of every sample, in the given channels.
fn look(raw: &RawCells, channels: &[usize]) -> Seen {
    let width = raw.channels.len();
    let mut seen = Seen {
        low: f32::INFINITY,
        high: f32::NEG_INFINITY,
        integers: true,
        beyond: 0.0,
        randomised: 0.0,
        zeros: 0.0,
    };
    let mut n = 0usize;
    let (mut beyond, mut randomised, mut zeros) = (0usize, 0usize, 0usize);
    for sample in &raw.samples {
        for cell in sample.values.chunks_exact(width).take(LOOKED_AT) {
            for x in channels.iter().map(|&c| cell[c]).filter(|x| x.is_finite()) {
                n += 1;
                seen.low = seen.low.min(x);
                seen.high = seen.high.max(x);
                seen.integers &= x.fract() == 0.0;
                beyond += usize::from(!(NEGATIVE..=BRIGHT).contains(&x));
                randomised += usize::from(x > -1.0 && x < 0.0);
                zeros += usize::from(x == 0.0);
            }
        }
    }
    let share = |k: usize| k as f64 / n.max(1) as f64;
    seen.beyond = share(beyond);
    seen.randomised = share(randomised);
    seen.zeros = share(zeros);
    seen
}

/// The transformation of these channels; what is declared goes first.
pub(crate) fn choose(
    raw: &RawCells,
    channels: &[usize],
    instrument: &Instrument,
    declared: (Option<f64>, Option<Scale>),
) -> Transform {
    let certain = |cofactor: f64, because: String| Transform {
        scale: Scale::Asinh { cofactor },
        step: Step::Asinh(cofactor),
        because,
        certain: true,
    };
    match declared {
        (Some(cofactor), _) => {
            return certain(cofactor, "`cofactor:` in `dataset.yaml`".to_string());
        }
        (None, Some(scale @ Scale::Asinh { .. })) => {
            return Transform {
                scale,
                step: Step::Stay,
                because: "`scale:` in `dataset.yaml` says that they are transformed".to_string(),
                certain: true,
            };
        }
        (None, Some(scale @ (Scale::Log2 | Scale::Ln | Scale::Log10))) => {
            return Transform {
                scale: Scale::Log2,
                step: Step::ToLog2(scale),
                because: "`scale:` in `dataset.yaml` says that they are logarithms".to_string(),
                certain: true,
            };
        }
        (None, Some(Scale::Linear | Scale::Indicator) | None) => {}
    }
    let seen = look(raw, channels);
    let range = format!("signals from {:.3} to {:.1}", seen.low, seen.high);
    let usual = match (&instrument.mass, &instrument.fluorescence) {
        (None, Some(_)) => FLUORESCENCE,
        _ => MASS,
    };
    let linear = matches!(declared.1, Some(Scale::Linear));
    if seen.high <= HIGHEST_TRANSFORMED && !seen.integers && !linear {
        return Transform {
            scale: Scale::Asinh { cofactor: usual },
            step: Step::Stay,
            because: format!("{range}: as arcsinh or a logarithm leaves them"),
            certain: instrument.mass.is_some() || instrument.fluorescence.is_some(),
        };
    }
    if let Some(words) = &instrument.mass {
        return certain(MASS, format!("{words}; {range}"));
    }
    if let Some(words) = &instrument.fluorescence {
        return certain(FLUORESCENCE, format!("{words}; {range}"));
    }
    if seen.randomised > RANDOMISED && seen.beyond < BEYOND {
        let share = 100.0 * seen.randomised;
        return certain(
            MASS,
            format!(
                "{range}, {share:.0} % of them between −1 and 0, as ion counts are spread out when they are exported"
            ),
        );
    }
    if seen.beyond >= BEYOND {
        let share = 100.0 * seen.beyond;
        let why = format!(
            "{share:.1} % of them below {NEGATIVE} or above {BRIGHT}, as fluorescence gives after compensation"
        );
        return certain(FLUORESCENCE, format!("{range}, {why}"));
    }
    if seen.integers && seen.zeros > 0.1 {
        let share = 100.0 * seen.zeros;
        return certain(
            MASS,
            format!("{range}, all whole and {share:.0} % of them 0: counts"),
        );
    }
    Transform {
        certain: false,
        ..certain(
            MASS,
            format!("{range}; nothing tells mass cytometry from fluorescence"),
        )
    }
}
