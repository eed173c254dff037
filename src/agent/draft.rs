//! Drafting: which members of which strata become hypotheses, and which of them are told as one.
//!
//! Proteins of one stratum that move the same way and share a specific gene set are told as one panel; its p is the
//! largest of its members' (intersection–union), so every member carries the claim. What other objectives of the same
//! variable say about the same subject is attached, not told again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answers::Answered;
use super::attack::contamination::Contaminants;
use super::grade::SUPPORTED_DF;
use super::menu::{Stratum, index};
use super::network::{ENOUGH, Partners, partners};
use super::own_gene::{self, OwnGene};
use super::panels::{FEWEST, NamingSet, PanelSet, naming_sets, panels};
use super::pursuit::Pursuit;
use super::switches::{Switches, switch_panels};
use super::verdicts::StratumVerdict;
use crate::dataset::Molecule;
use crate::discovery::{Archetype, EntityKind};
use crate::knowledge::Packs;
use proteus_stats::error_rate::{SUGGESTIVE_LEVEL, SUPPORTED_LEVEL, stratum_q};

/// Proteins of one stratum that may be printed, about: q is recounted for these, so a protein must pass as one of so many.
pub(crate) const PRINTED: f64 = 40.0;
/// Single proteins drafted per stratum.
pub(crate) const SINGLES: usize = 12;
/// Known partners of a single protein that are named.
const PARTNERS: usize = 5;
/// Sets, components and other subjects drafted per stratum.
pub(crate) const OTHERS: usize = 10;
/// Rows of one further assay that are told beside a protein: its strongest sites.
const IN_OTHER_ASSAY: usize = 2;
/// Drafts of a stratum in which nothing reached the suggestive level: leads, not findings.
const LEADS: usize = 1;

/// A hypothesis in the making: rows of one stratum's answer table, the leading one first.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The stratum.
    pub stratum: usize,
    /// Rows of the stratum's answer table, leading row first; more than one = a panel.
    pub rows: Vec<usize>,
    /// The set that names a panel.
    pub panel: Option<PanelSet>,
    /// Rows of other strata that say the same of the same subject: (stratum, row).
    pub also: Vec<(usize, usize)>,
    /// Rows of known partners of a single protein that passed as well, strongest first.
    pub partners: Vec<usize>,
    /// What a panel of detection switches holds.
    pub switches: Option<Switches>,
    /// The largest q of its rows.
    pub q: f64,
}

impl Draft {
    /// A draft about one row.
    pub fn single(stratum: usize, row: usize, q: f64) -> Self {
        Self {
            stratum,
            rows: vec![row],
            panel: None,
            also: Vec::new(),
            partners: Vec::new(),
            switches: None,
            q,
        }
    }
}

/// Everything drafting needs to see of one stratum.
pub struct Judged<'a> {
    /// The stratum.
    pub stratum: &'a Stratum,
    /// Its place in the menu.
    pub place: usize,
    /// Its answers on the data.
    pub answered: &'a Answered,
    /// Its error rates, in menu order.
    pub verdict: &'a StratumVerdict,
    /// Per row of the answer table: the row of the near-duplicate that tells the same better, or its own.
    pub represented_by: Vec<usize>,
    /// Genes that themselves go along with what is tested, by upper-case symbol.
    pub own_genes: Arc<BTreeMap<String, OwnGene>>,
    /// How much each row stands out, its own gene speaking for it too.
    pub notable: Vec<f64>,
    /// What contamination panels explain.
    pub contaminants: Arc<Contaminants>,
}

impl<'a> Judged<'a> {
    /// A stratum with its answers and what its table says of near-duplicates.
    pub fn new(
        place: usize,
        stratum: &'a Stratum,
        answered: &'a Answered,
        verdict: &'a StratumVerdict,
        pursuit: &Pursuit,
        own_genes: Arc<BTreeMap<String, OwnGene>>,
        contaminants: Arc<Contaminants>,
    ) -> Self {
        let row_of: BTreeMap<&str, usize> = answered
            .rows
            .iter()
            .enumerate()
            .map(|(i, row)| (row.subject.as_str(), i))
            .collect();
        let represented_by = (0..answered.rows.len())
            .map(|i| {
                pursuit
                    .cell(answered, "representative", i)
                    .and_then(|id| row_of.get(id.as_str()).copied())
                    .unwrap_or(i)
            })
            .collect();
        let mut judged = Self {
            stratum,
            place,
            answered,
            verdict,
            represented_by,
            own_genes,
            notable: Vec::new(),
            contaminants,
        };
        judged.notable = (0..answered.rows.len())
            .map(|row| notable(&answered.rows[row]) * caused(judged.own_gene(row)))
            .collect();
        judged
    }

    /// Whether contamination explains what a row says of its protein.
    fn contaminated(&self, row: usize) -> bool {
        let row = &self.answered.rows[row];
        self.contaminants.explains(&row.subject, row.effect)
    }

    /// What is known of the gene of a row.
    pub fn own_gene(&self, row: usize) -> Option<&OwnGene> {
        self.own_genes
            .get(&self.answered.rows[row].label.to_uppercase())
    }

    /// Whether a row is told itself: no near-duplicate tells the same better, or that one did not come as far.
    fn speaks_for_itself(&self, row: usize, q: &[f64]) -> bool {
        let better = self.represented_by[row];
        let farther = |level: f64| q[row] <= level && q[better] > level;
        better == row || farther(SUPPORTED_LEVEL) || farther(SUGGESTIVE_LEVEL)
    }

    /// Per row of the answer table: whether it would keep q ≤ 0.05 if [`PRINTED`] as good were all that is printed.
    fn row_printable(&self) -> Vec<bool> {
        let position = index(&self.stratum.members);
        let family = self.stratum.members.len() as f64 * self.verdict.factor;
        let passes = |i: usize| self.verdict.p[i] * family <= SUPPORTED_LEVEL * PRINTED;
        self.answered
            .rows
            .iter()
            .map(|row| position.get(row.key.as_str()).is_some_and(|&i| passes(i)))
            .collect()
    }

    /// The gene of a row, as far as its label says: that of a site is `GENE residue`.
    pub fn gene(&self, row: usize) -> &str {
        let label = &self.answered.rows[row].label;
        if self.stratum.molecule.is_site() {
            label.split(' ').next().unwrap_or(label)
        } else {
            label
        }
    }

    /// p at which one more member of the stratum would be `supported`, given how many are.
    pub fn p_to_pass(&self) -> f64 {
        let passed = self.verdict.q.iter().filter(|q| **q <= SUPPORTED_LEVEL);
        let listed = passed.count().max(1) as f64;
        let family = self.stratum.members.len().max(1) as f64 * self.verdict.factor.max(1.0);
        (SUPPORTED_LEVEL * listed / family).min(1.0)
    }

    /// q of every row of the answer table.
    pub fn row_q(&self) -> Vec<f64> {
        let position = index(&self.stratum.members);
        self.answered
            .rows
            .iter()
            .map(|row| {
                position
                    .get(row.key.as_str())
                    .map_or(1.0, |&i| self.verdict.q[i])
            })
            .collect()
    }
}

/// Drafts of all strata, in the order of the strata.
pub fn draft(judged: &[Judged<'_>], packs: &Packs) -> Vec<Draft> {
    let row_q: Vec<Vec<f64>> = judged.iter().map(Judged::row_q).collect();
    let naming = naming_sets(packs);
    let mut drafts = switch_panels(judged, &row_q, &naming);
    let told_by_panels: BTreeSet<usize> = drafts
        .iter()
        .filter_map(|d| d.switches.as_ref().map(|s| s.stratum))
        .collect();
    for (g, stratum) in judged.iter().enumerate() {
        // Genotypes are edges of chains; that they differ is not told by itself.
        let genotype = !stratum.stratum.molecule.is_abundance();
        let untold = matches!(
            stratum.stratum.archetype,
            Archetype::OverRepresentation | Archetype::DetectionPanel
        );
        if untold || genotype {
            continue;
        }
        let mut listed = listed_rows(stratum, &row_q[g]);
        if stratum.stratum.archetype == Archetype::ProteinAcrossGroups {
            let told = told_by_contrasts(g, judged, &row_q);
            listed.retain(|&i| !told.contains(stratum.answered.rows[i].key.as_str()));
        }
        let proteins = matches!(
            stratum.stratum.archetype,
            Archetype::DifferentialProtein
                | Archetype::ProteinAssociation
                | Archetype::ProteinAcrossGroups
                | Archetype::TimeCourse
                | Archetype::DoseTrend
        );
        if proteins {
            drafts.extend(protein_drafts(
                g, stratum, &listed, &row_q[g], packs, &naming,
            ));
        } else {
            // What a panel tells is told again only where it stands on its own.
            let alone =
                |row: usize| !told_by_panels.contains(&g) || row_q[g][row] <= SUGGESTIVE_LEVEL;
            let own = listed
                .iter()
                .filter(|&&row| stratum.speaks_for_itself(row, &row_q[g]) && alone(row));
            drafts.extend(
                own.take(OTHERS)
                    .map(|&row| Draft::single(g, row, row_q[g][row])),
            );
        }
    }
    attach_siblings(&mut drafts, judged, &row_q);
    drafts
}

/// Rows at or below the suggestive level, best first; a lead or two where there is none.
fn listed_rows(judged: &Judged<'_>, q: &[f64]) -> Vec<usize> {
    let rows = &judged.answered.rows;
    let members = judged
        .stratum
        .limited
        .then(|| index(&judged.stratum.members));
    let asked = |i: usize| {
        members
            .as_ref()
            .is_none_or(|members| members.contains_key(rows[i].key.as_str()))
    };
    // A chain whose directions do not fit together is no lead.
    let broken = |i: usize| judged.stratum.is_chain() && rows[i].p >= 1.0;
    let mut tested: Vec<usize> = (0..rows.len())
        .filter(|&i| !rows[i].p.is_nan() && !broken(i) && asked(i))
        .collect();
    // What is equal by all numbers keeps the order of the table: names decide nothing.
    tested.sort_by(|&a, &b| {
        let key = |i: usize| (q[i], rows[i].p);
        let ((qa, pa), (qb, pb)) = (key(a), key(b));
        qa.total_cmp(&qb)
            .then_with(|| pa.total_cmp(&pb))
            .then_with(|| rows[b].effect.abs().total_cmp(&rows[a].effect.abs()))
    });
    // Among equals at the resolution floor the tool's own p decides.
    let supported = tested.iter().filter(|&&i| q[i] <= SUPPORTED_LEVEL).count();
    tested[..supported].sort_by(|&a, &b| rows[a].p.total_cmp(&rows[b].p));
    let listed: Vec<usize> = tested
        .iter()
        .copied()
        .filter(|&i| q[i] <= SUGGESTIVE_LEVEL)
        .collect();
    if listed.is_empty() {
        tested.into_iter().take(LEADS).collect()
    } else {
        listed
    }
}

fn protein_drafts(
    g: usize,
    judged: &Judged<'_>,
    listed: &[usize],
    q: &[f64],
    packs: &Packs,
    naming: &[NamingSet<'_>],
) -> Vec<Draft> {
    let rows = &judged.answered.rows;
    let directed = judged.stratum.archetype != Archetype::ProteinAcrossGroups;
    let printable = judged.row_printable();
    let supported: Vec<usize> = listed
        .iter()
        .copied()
        .filter(|&i| q[i] <= SUPPORTED_LEVEL && printable[i])
        .collect();
    let measured: BTreeSet<String> = (0..rows.len())
        .map(|i| judged.gene(i).to_uppercase())
        .collect();
    let mut drafts = Vec::new();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    if directed {
        // What contamination explains is told apart from what it does not, so that a few such proteins hold back no panel.
        for (up, contaminated) in [(true, false), (true, true), (false, false), (false, true)] {
            let side: Vec<usize> = supported
                .iter()
                .copied()
                .filter(|&i| (rows[i].effect > 0.0) == up)
                .filter(|&i| judged.contaminated(i) == contaminated)
                // One member that allows no `supported` would hold back the whole panel; it is told alone.
                .filter(|&i| rows[i].df.is_nan() || rows[i].df >= SUPPORTED_DF as f64)
                .collect();
            for panel in panels(&side, judged, &measured, naming) {
                told.extend(&panel.told);
                drafts.push(Draft {
                    stratum: g,
                    q: panel.named.iter().map(|&i| q[i]).fold(0.0, f64::max),
                    rows: panel.named,
                    panel: Some(panel.set),
                    also: Vec::new(),
                    partners: Vec::new(),
                    switches: None,
                });
            }
        }
    }
    let network = match packs.interactions() {
        Ok(interactions) => partners(
            &supported,
            |i| judged.gene(i).to_uppercase(),
            &measured,
            interactions,
        ),
        Err(_) => BTreeMap::new(),
    };
    let mut singles = if supported.is_empty() {
        listed.to_vec()
    } else {
        supported
    };
    singles.retain(|i| !told.contains(i));
    let worth = |i: &usize| judged.notable[*i] * shared(network.get(i));
    singles.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    drafts.extend(singles.iter().take(SINGLES).map(|&row| {
        Draft {
            partners: network
                .get(&row)
                .map(|p| p.rows.iter().copied().take(PARTNERS).collect())
                .unwrap_or_default(),
            ..Draft::single(g, row, q[row])
        }
    }));
    keep_what_passes(&mut drafts, judged, q);
    drafts
}

/// Leaves out of panels what does not hold q ≤ 0.05 once only what is drafted is printed: one such member would cost the whole panel
/// its grade. A panel that falls apart leaves single proteins.
fn keep_what_passes(drafts: &mut Vec<Draft>, judged: &Judged<'_>, q: &[f64]) {
    let position = index(&judged.stratum.members);
    let p = |row: usize| {
        let key = judged.answered.rows[row].key.as_str();
        position.get(key).map_or(1.0, |&i| judged.verdict.p[i])
    };
    loop {
        let printed: Vec<usize> = drafts.iter().flat_map(|d| d.rows.iter().copied()).collect();
        let of_printed: Vec<f64> = printed.iter().map(|&row| p(row)).collect();
        let recounted: BTreeMap<usize, f64> = printed
            .iter()
            .copied()
            .zip(stratum_q(&of_printed, judged.stratum.members.len()))
            .collect();
        let holds = |row: &usize| recounted[row] * judged.verdict.factor <= SUPPORTED_LEVEL;
        if drafts
            .iter()
            .filter(|d| d.panel.is_some())
            .all(|d| d.rows.iter().all(holds))
        {
            return;
        }
        let mut kept = Vec::with_capacity(drafts.len());
        for mut draft in std::mem::take(drafts) {
            if draft.panel.is_some() {
                draft.rows.retain(holds);
                draft.q = draft.rows.iter().map(|&i| q[i]).fold(0.0, f64::max);
            }
            if draft.panel.is_some() && draft.rows.len() < FEWEST {
                let alone = |&row: &usize| Draft::single(draft.stratum, row, q[row]);
                kept.extend(draft.rows.iter().map(alone));
            } else {
                kept.push(draft);
            }
        }
        *drafts = kept;
    }
}

/// What partners that moved too add to a protein: up to as much as it is worth alone.
fn shared(partners: Option<&Partners>) -> f64 {
    1.0 + partners.map_or(0.0, |p| p.surprise) / ENOUGH
}

/// What a gene that goes along with the tested variable adds to its protein: as much again.
fn caused(own: Option<&OwnGene>) -> f64 {
    1.0 + own.map_or(0.0, OwnGene::surprise) / own_gene::ENOUGH
}

/// How much a single protein stands out: effect size times evidence, |effect| · −log10 p (Xiao et al. 2014,
/// doi:10.1093/bioinformatics/btr671), so that a large sure change comes before a tiny one that is surer still. It orders
/// claims that passed; it is no part of their error rate. Without a direction the evidence alone counts.
fn notable(row: &super::answers::AnswerRow) -> f64 {
    let evidence = super::answers::evidence_score(row.p);
    if row.effect.is_nan() {
        evidence
    } else {
        row.effect.abs() * evidence
    }
}

/// The variable a stratum's objective is about.
fn variable(judged: &Judged<'_>) -> String {
    let objective = &judged.stratum.objective.0;
    objective.split(':').next().unwrap_or_default().to_owned()
}

/// Proteins that a contrast of the same variable supports: it says in which direction, so a test over all levels adds
/// nothing.
fn told_by_contrasts<'a>(
    g: usize,
    judged: &'a [Judged<'_>],
    row_q: &[Vec<f64>],
) -> BTreeSet<&'a str> {
    judged
        .iter()
        .zip(row_q)
        .filter(|(other, _)| {
            other.stratum.archetype == Archetype::DifferentialProtein
                && variable(other) == variable(&judged[g])
                && other.stratum.assay == judged[g].stratum.assay
        })
        .flat_map(|(other, q)| {
            let rows = other.answered.rows.iter().zip(q);
            rows.filter(|(_, q)| **q <= SUPPORTED_LEVEL)
                .map(|(row, _)| row.key.as_str())
        })
        .collect()
}

/// How far a molecule is from the protein itself.
fn distance(molecule: Molecule) -> u8 {
    match molecule {
        Molecule::Protein => 0,
        Molecule::Transcript => 1,
        _ => 2,
    }
}

/// Rows of another assay's table about the same gene that moved the same way at the supported level, best first.
fn other_assay(
    judged: &Judged<'_>,
    gene: &str,
    lead: &super::answers::AnswerRow,
    q: &[f64],
) -> Vec<usize> {
    let rows = &judged.answered.rows;
    let mut found: Vec<usize> = (0..rows.len())
        .filter(|&i| {
            q[i] <= SUPPORTED_LEVEL
                && (rows[i].effect > 0.0) == (lead.effect > 0.0)
                && judged.gene(i) == gene
        })
        .collect();
    found.sort_by(|&a, &b| rows[a].p.total_cmp(&rows[b].p).then_with(|| a.cmp(&b)));
    found.truncate(IN_OTHER_ASSAY);
    found
}

/// Attaches to each draft what sibling strata (same archetype, same variable) say of its leading subject, the same way
/// and at the supported level; drafts of one subject are then told once, by the stratum where it is strongest.
fn attach_siblings(drafts: &mut Vec<Draft>, judged: &[Judged<'_>], row_q: &[Vec<f64>]) {
    let mut absorbed: BTreeSet<usize> = BTreeSet::new();
    for draft in drafts.iter_mut() {
        let g = draft.stratum;
        let lead = &judged[g].answered.rows[draft.rows[0]];
        let mut also = Vec::new();
        for (h, other) in judged.iter().enumerate() {
            if h == g
                || other.stratum.is_chain()
                || other.stratum.archetype != judged[g].stratum.archetype
                || variable(other) != variable(&judged[g])
            {
                continue;
            }
            if other.stratum.assay != judged[g].stratum.assay {
                if other.stratum.question == judged[g].stratum.question {
                    also.extend(
                        other_assay(other, judged[g].gene(draft.rows[0]), lead, &row_q[h])
                            .into_iter()
                            .map(|row| (h, row)),
                    );
                }
                continue;
            }
            let found = other.answered.rows.iter().position(|r| r.key == lead.key);
            if let Some(row) = found.filter(|&i| {
                row_q[h][i] <= SUPPORTED_LEVEL
                    && (other.answered.rows[i].effect > 0.0) == (lead.effect > 0.0)
            }) {
                also.push((h, row));
            }
        }
        draft.also = also;
    }
    for d in 0..drafts.len() {
        for e in 0..drafts.len() {
            if d == e || absorbed.contains(&d) || absorbed.contains(&e) {
                continue;
            }
            let (a, b) = (&drafts[d], &drafts[e]);
            let same_subject = a.panel.is_none()
                && b.panel.is_none()
                && a.also
                    .iter()
                    .any(|&(h, row)| h == b.stratum && row == b.rows[0]);
            if same_subject {
                // Of one gene in two assays the protein is told, and what its RNA and sites do beside it.
                let p = |x: &Draft| {
                    let row = &judged[x.stratum].answered.rows[x.rows[0]];
                    (distance(judged[x.stratum].stratum.molecule), row.p)
                };
                if p(a) <= p(b) {
                    absorbed.insert(e);
                }
            }
        }
    }
    let mut position = 0;
    drafts.retain(|_| {
        position += 1;
        !absorbed.contains(&(position - 1))
    });
}

/// Whether a kind of subject is a set of proteins.
pub fn is_set(kind: EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::Pathway | EntityKind::Complex | EntityKind::Module
    )
}
