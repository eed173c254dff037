//! Numbers with their meaning attached: probabilities that cannot leave [0, 1], effects with interval and unit.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// A number outside the range its type allows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{value}` is not a valid {what}: expected {expected}")]
pub struct InvalidNumber {
    /// What the number was meant to be.
    pub what: &'static str,
    /// The number.
    pub value: f64,
    /// The range it should lie in.
    pub expected: &'static str,
}

/// A p-value in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
pub struct PValue(f64);

/// A q-value (false discovery rate at which the item is still listed) in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
pub struct QValue(f64);

impl PValue {
    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The evidence score S = −log10 p; the smallest positive number stands in for p = 0.
    pub fn evidence_score(self) -> f64 {
        -self.0.max(f64::MIN_POSITIVE).log10()
    }
}

impl QValue {
    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for PValue {
    type Error = InvalidNumber;

    fn try_from(value: f64) -> Result<Self, InvalidNumber> {
        unit_interval("p-value", value).map(Self)
    }
}

impl TryFrom<f64> for QValue {
    type Error = InvalidNumber;

    fn try_from(value: f64) -> Result<Self, InvalidNumber> {
        unit_interval("q-value", value).map(Self)
    }
}

impl From<PValue> for f64 {
    fn from(p: PValue) -> f64 {
        p.0
    }
}

impl From<QValue> for f64 {
    fn from(q: QValue) -> f64 {
        q.0
    }
}

fn unit_interval(what: &'static str, value: f64) -> Result<f64, InvalidNumber> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(InvalidNumber {
            what,
            value,
            expected: "a number from 0 to 1",
        })
    }
}

/// Reads a number that may be NaN: JSON has none, so it is written as null there.
pub(crate) fn nan_if_null<'de, D: Deserializer<'de>>(source: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(source)?.unwrap_or(f64::NAN))
}

/// An effect with its confidence interval and unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// Point estimate, in `unit`; NaN where the test has no direction.
    #[serde(deserialize_with = "nan_if_null")]
    pub value: f64,
    /// Lower end of the interval; absent where the method gives none.
    pub low: Option<f64>,
    /// Upper end of the interval; absent where the method gives none.
    pub high: Option<f64>,
    /// Confidence level of the interval, for example 0.95.
    pub level: f64,
    /// Unit, for example `log2 fold change`.
    pub unit: String,
}

/// How many samples a finding rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SampleCounts {
    /// Samples with a value in the reference arm; absent where there are no two arms.
    pub reference: Option<usize>,
    /// Samples with a value in the target arm; absent where there are no two arms.
    pub target: Option<usize>,
    /// All samples with a value.
    pub total: usize,
}
