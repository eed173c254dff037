//! The mechanism of a hypothesis: what it says of its links in words, and their drawing.

use indexmap::IndexMap;

use crate::discovery::{Entity, EntityKind, Hypothesis, MechanismEdge, Relation};
use crate::report::figures::{Change, Link, Node, links};
use crate::report::text::{NAME, tidy};

/// Nodes drawn at most; a denser drawing cannot be read.
const MOST_NODES: usize = 14;

/// Known edges and those to a gene of its own, several of one kind in one line: members by their set, partners by whom they
/// stand beside.
pub(super) fn in_words(h: &Hypothesis) -> Vec<String> {
    let beside_findings =
        |edge: &&MechanismEdge| !edge.measured || edge.from.kind == EntityKind::Gene;
    let mut lines: IndexMap<(String, bool, Relation, String), Vec<String>> = IndexMap::new();
    for edge in h.mechanism.iter().filter(beside_findings) {
        let (from, to) = (tidy(&edge.from.symbol, NAME), tidy(&edge.to.symbol, NAME));
        let by_set = edge.relation == Relation::MemberOf;
        let (kept, listed) = if by_set { (to, from) } else { (from, to) };
        lines
            .entry((kept, by_set, edge.relation, tidy(&edge.source, NAME)))
            .or_default()
            .push(listed);
    }
    lines
        .into_iter()
        .map(|((kept, by_set, relation, source), listed)| {
            let several = joined(&listed);
            if !by_set {
                format!("{kept} {} {several} ({source})", relation.phrase())
            } else if listed.len() == 1 {
                format!("{several} {} {kept} ({source})", relation.phrase())
            } else {
                format!("{several} are members of {kept} ({source})")
            }
        })
        .collect()
}

/// "A", "A and B", "A, B and C".
fn joined(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// The links between what was measured and what is known; none where no two things are linked. A membership in the set that
/// all share is no link, and what is measured of groups of samples colours the node.
pub(super) fn drawn(h: &Hypothesis) -> Option<String> {
    let mut nodes: IndexMap<(EntityKind, String), Node> = IndexMap::new();
    let mut found: Vec<Link> = Vec::new();
    let mut at = |entity: &Entity| {
        let entry = nodes.entry((entity.kind, entity.id.clone()));
        let place = entry.index();
        entry.or_insert_with(|| Node {
            name: entity.symbol.clone(),
            change: Change::Unknown,
        });
        place
    };
    let to_samples = |edge: &MechanismEdge| edge.to.kind == EntityKind::SampleGroup;
    for edge in h
        .mechanism
        .iter()
        .filter(|e| e.relation != Relation::MemberOf)
    {
        let from = at(&edge.from);
        if !to_samples(edge) {
            found.push(Link {
                from,
                to: at(&edge.to),
                measured: edge.measured,
                tip: format!(
                    "{} {} {} ({})",
                    edge.from.symbol,
                    edge.relation.phrase(),
                    edge.to.symbol,
                    edge.source
                ),
            });
        }
    }
    for edge in h.mechanism.iter().filter(|e| to_samples(e)) {
        let node = nodes.get_mut(&(edge.from.kind, edge.from.id.clone()));
        if let Some(node) = node {
            node.change = change(edge.relation);
        }
    }
    found.retain(|link| link.from != link.to);
    if found.is_empty() || nodes.len() > MOST_NODES {
        return None;
    }
    let nodes: Vec<Node> = nodes.into_values().collect();
    Some(links(
        &nodes,
        &found,
        &format!("Links of hypothesis {}", h.rank),
    ))
}

fn change(relation: Relation) -> Change {
    match relation {
        Relation::HigherIn | Relation::HigherBeyond | Relation::RisesWith => Change::Up,
        Relation::LowerIn | Relation::LowerBeyond | Relation::FallsWith => Change::Down,
        _ => Change::Unknown,
    }
}
