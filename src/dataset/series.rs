//! Levels that are points of time or doses: where each lies, so that a course can be fitted over them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::label::words;
use super::typing::{self, seconds_in};
use super::{SampleMetadata, Variable, VariableValues};

/// Points needed to speak of a course.
const POINTS: usize = 4;

/// What the points of a series are.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKind {
    /// Points of time: a course of any shape is looked for.
    Time,
    /// Doses or amounts: a trend is looked for.
    Dose,
}

/// A variable as a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What its points are.
    pub kind: SeriesKind,
    /// Where each sample lies, log2(1 + x / smallest x above nought): short and long times, small and large doses, count alike.
    pub positions: Vec<Option<f64>>,
    /// Label of each distinct position, in order.
    pub points: Vec<(f64, String)>,
}

impl Series {
    /// The variable as a series; none where it has fewer than four points or its levels are neither times nor amounts.
    pub fn of(variable: &Variable) -> Option<Self> {
        let (kind, amounts) = match &variable.values {
            VariableValues::Categorical { levels, codes, .. } => {
                let (kind, of_level) = amounts(levels, &variable.name)?;
                let of_sample = codes.iter().map(|code| code.map(|c| of_level[c]));
                (kind, of_sample.collect::<Vec<_>>())
            }
            VariableValues::Continuous { values } => (named_kind(&variable.name)?, values.clone()),
        };
        let known = || amounts.iter().flatten().copied();
        if known().any(|x| x < 0.0 || !x.is_finite()) {
            return None;
        }
        let smallest = known().filter(|x| *x > 0.0).reduce(f64::min)?;
        let place = |x: f64| (1.0 + x / smallest).log2();
        let mut points: Vec<(f64, String)> = Vec::new();
        for (i, x) in amounts.iter().enumerate() {
            let Some(x) = x else { continue };
            let at = place(*x);
            if points.iter().all(|(known, _)| *known != at) {
                let label = variable
                    .group_of(i)
                    .map_or_else(|| x.to_string(), str::to_owned);
                points.push((at, label));
            }
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        (points.len() >= POINTS).then(|| Self {
            kind,
            positions: amounts.iter().map(|x| x.map(place)).collect(),
            points,
        })
    }

    /// As [`Series::of`] for the samples of a sheet, by name of the variable.
    pub fn in_sheet(samples: &SampleMetadata, variable: &str) -> Option<Self> {
        Self::of(samples.variables.get(variable)?)
    }
}

/// Amounts of the levels and what they are. Times may differ in unit; amounts may not.
fn amounts(levels: &[String], name: &str) -> Option<(SeriesKind, Vec<f64>)> {
    let read = typing::amounts(levels)?;
    let suffix = |unit: &str| {
        unit.rsplit('#')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let prefix = |unit: &str| unit.split('#').next().unwrap_or_default().to_owned();
    if read
        .iter()
        .any(|(_, unit)| prefix(unit) != prefix(&read[0].1))
    {
        return None;
    }
    let seconds: Option<Vec<f64>> = read
        .iter()
        .map(|(x, unit)| match (suffix(unit).as_str(), *x) {
            // Nought is nought in any unit.
            (_, 0.0) => Some(0.0),
            ("", x) => Some(x * seconds_before(&prefix(unit))?),
            (unit, x) => Some(x * seconds_in(unit)?),
        })
        .collect();
    if let Some(times) = seconds.filter(|t| t.iter().any(|x| *x > 0.0)) {
        return Some((SeriesKind::Time, times));
    }
    let with_unit: Vec<String> = read
        .iter()
        .filter(|(x, _)| *x != 0.0)
        .map(|(_, unit)| suffix(unit))
        .collect();
    let one_unit = with_unit.windows(2).all(|w| w[0] == w[1]);
    let kind = match with_unit.first().map(String::as_str) {
        // Bare numbers are a series only where the variable says so: they may number groups.
        Some("") | None => named_kind(name)?,
        Some(_) => SeriesKind::Dose,
    };
    one_unit.then(|| (kind, read.into_iter().map(|(x, _)| x).collect()))
}

/// Seconds in a unit of time that stands before its number (`day 7`, `d14`). A lone `s` or `m` numbers samples or mice.
fn seconds_before(prefix: &str) -> Option<f64> {
    let word = words(prefix).pop()?;
    seconds_in(&word).filter(|_| !matches!(word.as_str(), "s" | "m"))
}

/// What a variable's name says its numbers are.
fn named_kind(name: &str) -> Option<SeriesKind> {
    let said = words(name);
    let says = |known: &[&str]| said.iter().any(|w| known.contains(&w.as_str()));
    if says(&[
        "time",
        "timepoint",
        "hour",
        "hours",
        "minute",
        "minutes",
        "day",
        "days",
        "hpi",
    ]) {
        Some(SeriesKind::Time)
    } else if says(&["dose", "concentration", "conc", "amount"]) {
        Some(SeriesKind::Dose)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Role;

    fn series(name: &str, labels: &[&str]) -> Option<Series> {
        let labels: Vec<Option<String>> = labels
            .iter()
            .map(|l| (*l != "-").then(|| (*l).to_owned()))
            .collect();
        Series::of(&Variable::categorical(name, &labels, Role::Condition))
    }

    #[test]
    fn mixed_units_of_time_are_one_axis() {
        let found = series("condition", &["10m", "0s", "5s", "1m", "-", "30s", "0s"]);
        let found = found.expect("a series of times");
        assert_eq!(found.kind, SeriesKind::Time);
        let order: Vec<&str> = found.points.iter().map(|p| p.1.as_str()).collect();
        assert_eq!(order, ["0s", "5s", "30s", "1m", "10m"]);
        assert_eq!(found.positions[1], Some(0.0));
        assert_eq!(found.positions[2], Some(1.0));
        assert_eq!(found.positions[4], None);
    }

    #[test]
    fn what_all_levels_share_is_no_part_of_the_number() {
        let insulin = series(
            "condition",
            &[
                "Hep2_Ins_0s_Bio",
                "Hep2_Ins_30s_Bio",
                "Hep2_Ins_1m_Bio",
                "Hep2_Ins_10m_Bio",
            ],
        );
        let insulin = insulin.expect("a series of times");
        assert_eq!(insulin.kind, SeriesKind::Time);
        let places: Vec<f64> = insulin.points.iter().map(|p| p.0).collect();
        assert_eq!(places, [0.0, 1.0, 3_f64.log2(), 21_f64.log2()]);
        let days = series("condition", &["day_0", "day_1", "day_7", "day_14"]);
        assert_eq!(days.map(|s| s.kind), Some(SeriesKind::Time));
        let amounts = series("condition", &["5 amol", "10 amol", "50 amol", "100 amol"]);
        assert_eq!(amounts.map(|s| s.kind), Some(SeriesKind::Dose));
        let drug = series("arm", &["A_1uM_rep", "A_2uM_rep", "A_4uM_rep", "A_8uM_rep"]);
        assert_eq!(drug.map(|s| s.kind), Some(SeriesKind::Dose));
        assert!(series("arm", &["A_1_rep", "A_2_rep", "A_4_rep", "A_8_rep"]).is_none());
        assert!(series("mouse", &["m1", "m2", "m3", "m4"]).is_none());
    }

    #[test]
    fn amounts_of_one_unit_are_doses_and_numbered_groups_are_none() {
        let doses = series("condition", &["50amol", "125amol", "500amol", "5000amol"]);
        assert_eq!(doses.map(|s| s.kind), Some(SeriesKind::Dose));
        assert!(series("condition", &["1uM", "2uM", "3mM", "4mM"]).is_none());
        assert!(series("group", &["1", "2", "3", "4"]).is_none());
        assert!(series("cluster", &["c1", "c2", "c3", "c4"]).is_none());
        let named = series("dose", &["0", "1", "3", "10"]);
        assert_eq!(named.map(|s| s.kind), Some(SeriesKind::Dose));
        assert!(series("time", &["1", "2", "3"]).is_none());
    }
}
