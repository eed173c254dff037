//! The ledger of a run: every family of tests, on the data, on decoys and in attacks, by round of proposing.

use std::collections::BTreeMap;

use crate::agent::attack::multiverse::Family;
use crate::agent::menu::Stratum;
use crate::agent::pursuit::Pursuit;
use crate::run::{LedgerEntry, Purpose};

/// Every family of tests run on the data and on decoys.
pub(super) fn entries(menu: &[Stratum], pursuits: &[Pursuit], drawn: &[usize]) -> Vec<LedgerEntry> {
    let mut families: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for (p, pursuit) in pursuits.iter().enumerate() {
        for answered in &pursuit.answered {
            let tests = answered.rows.iter().filter(|r| !r.p.is_nan()).count();
            // A chain reads the table of its last edge and tests nothing of its own.
            let family = format!("{}\u{1f}{}", answered.folder, answered.answer.table);
            let known = families.entry((p, family)).or_insert(0);
            *known = tests.max(*known);
        }
    }
    let mut entries: Vec<LedgerEntry> = families
        .into_iter()
        .map(|((p, name), tests)| {
            let (step, table) = name.split_once('\u{1f}').unwrap_or((name.as_str(), ""));
            LedgerEntry {
                objective: pursuits[p].objective.id.clone(),
                step: step.to_owned(),
                table: table.to_owned(),
                round: pursuits[p].objective.generation,
                purpose: Purpose::Discovery,
                repeats: 1,
                tests,
            }
        })
        .collect();
    for (stratum, &repeats) in menu.iter().zip(drawn).filter(|(_, repeats)| **repeats > 0) {
        entries.push(LedgerEntry {
            objective: stratum.objective.clone(),
            step: pursuits[stratum.pursuit].plan.folder(&stratum.step),
            table: stratum.answer.table.clone(),
            round: pursuits[stratum.pursuit].objective.generation,
            purpose: Purpose::Decoy,
            repeats,
            tests: stratum.members.len(),
        });
    }
    entries
}

/// The tests run in attacks: every table made under a variation of the analysis.
pub(super) fn attacks(families: &[Family], pursuits: &[Pursuit]) -> Vec<LedgerEntry> {
    families
        .iter()
        .map(|family| {
            let pursuit = &pursuits[family.pursuit];
            LedgerEntry {
                objective: pursuit.objective.id.clone(),
                step: pursuit.plan.folder(&family.step),
                table: family.table.clone(),
                round: pursuit.objective.generation,
                purpose: Purpose::Attack,
                repeats: family.repeats,
                tests: family.tests,
            }
        })
        .collect()
}
