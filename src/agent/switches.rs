//! Panels of detection switches: proteins of one contrast that are detected in one arm and hardly in the other, told as one
//! claim about how many there are.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Judged};
use super::panels::{NamingSet, PanelSet, shared_sets};
use crate::discovery::Archetype;

/// Members a panel needs, and the most that are claims of their own; all stand in the step's table.
const MEMBERS: std::ops::RangeInclusive<usize> = 3..=50;
/// p up to which the number of switches says something.
const TOLD_UP_TO: f64 = 0.1;
/// Sets named that members share.
const SETS: usize = 3;

/// What a panel of switches holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Switches {
    /// The stratum of the single switches.
    pub stratum: usize,
    /// Rows of its answer table, those told first: members of the shared sets, then the clearest.
    pub rows: Vec<usize>,
    /// How many there are in all.
    pub count: usize,
    /// Specific sets that members share, with these members' rows.
    pub sets: Vec<(PanelSet, Vec<usize>)>,
}

/// A draft per contrast and direction that holds more switches than its samples' depth and chance give.
pub fn switch_panels(
    judged: &[Judged<'_>],
    row_q: &[Vec<f64>],
    naming: &[NamingSet<'_>],
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (g, panel) in judged.iter().enumerate() {
        if panel.stratum.archetype != Archetype::DetectionPanel {
            continue;
        }
        let singles = judged.iter().position(|other| {
            other.stratum.archetype == Archetype::DetectionSwitch
                && other.stratum.pursuit == panel.stratum.pursuit
                && other.stratum.step == panel.stratum.step
        });
        let Some(singles) = singles else { continue };
        for (row, answer) in panel.answered.rows.iter().enumerate() {
            // Fewer than expected is no panel, whatever its p.
            let up = panel.answered.rows[row].key.starts_with("target");
            if answer.p.is_nan() || answer.p > TOLD_UP_TO || (answer.effect > 0.0) != up {
                continue;
            }
            if let Some(switches) = switches(singles, &judged[singles], up, naming) {
                drafts.push(Draft {
                    switches: Some(switches),
                    ..Draft::single(g, row, row_q[g][row])
                });
            }
        }
    }
    drafts
}

fn switches(
    stratum: usize,
    judged: &Judged<'_>,
    up: bool,
    naming: &[NamingSet<'_>],
) -> Option<Switches> {
    let rows = &judged.answered.rows;
    // A feature that is no switch has p = 1; the table has the clearest first.
    let all: Vec<usize> = (0..rows.len())
        .filter(|&i| rows[i].p < 1.0 && (rows[i].effect > 0.0) == up)
        .collect();
    if all.len() < *MEMBERS.start() {
        return None;
    }
    let measured: BTreeSet<String> = rows.iter().map(|r| r.label.to_uppercase()).collect();
    let by_symbol: BTreeMap<String, usize> = all
        .iter()
        .rev()
        .map(|&i| (rows[i].label.to_uppercase(), i))
        .collect();
    let mut sets = shared_sets(&by_symbol, &measured, naming);
    sets.truncate(SETS);
    for (_, rows) in &mut sets {
        rows.sort_unstable();
    }
    let mut told: Vec<usize> = Vec::new();
    for row in sets
        .iter()
        .flat_map(|(_, m)| m.iter().copied())
        .chain(all.iter().copied())
    {
        if !told.contains(&row) {
            told.push(row);
        }
    }
    told.truncate(*MEMBERS.end());
    Some(Switches {
        stratum,
        rows: told,
        count: all.len(),
        sets,
    })
}
