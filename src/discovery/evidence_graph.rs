//! The evidence graph: entities joined by findings (measured) and by knowledge edges (from packs).

use indexmap::IndexMap;
use petgraph::Direction as EdgeDirection;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, EntityKind, Finding, Relation};

/// A relation taken from a knowledge pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnowledgeEdge {
    /// From.
    pub from: Entity,
    /// How.
    pub relation: Relation,
    /// To.
    pub to: Entity,
    /// Pack name and version.
    pub pack: String,
}

/// What an edge of the graph carries.
#[derive(Debug, Clone)]
pub enum Edge {
    /// Index into the findings.
    Measured(usize),
    /// Relation and pack.
    Known {
        /// How.
        relation: Relation,
        /// Pack name and version.
        pack: String,
    },
}

/// Findings and knowledge over one set of entities.
#[derive(Debug, Default)]
pub struct EvidenceGraph {
    graph: DiGraph<Entity, Edge>,
    nodes: IndexMap<(EntityKind, String), NodeIndex>,
    findings: Vec<Finding>,
    by_id: IndexMap<String, usize>,
}

impl EvidenceGraph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    fn node(&mut self, entity: &Entity) -> NodeIndex {
        let key = (entity.kind, entity.id.clone());
        if let Some(&node) = self.nodes.get(&key) {
            return node;
        }
        let node = self.graph.add_node(entity.clone());
        self.nodes.insert(key, node);
        node
    }

    /// Adds a finding as an edge; a finding with a known id replaces nothing and is ignored.
    pub fn add_finding(&mut self, finding: Finding) {
        if self.by_id.contains_key(&finding.id.0) {
            return;
        }
        let from = self.node(&finding.subject);
        let to = self.node(&finding.object);
        let index = self.findings.len();
        self.by_id.insert(finding.id.0.clone(), index);
        self.findings.push(finding);
        self.graph.add_edge(from, to, Edge::Measured(index));
    }

    /// Adds a knowledge edge once.
    pub fn add_knowledge(&mut self, edge: &KnowledgeEdge) {
        let from = self.node(&edge.from);
        let to = self.node(&edge.to);
        let present = self.graph.edges_connecting(from, to).any(
            |e| matches!(e.weight(), Edge::Known { relation, pack } if *relation == edge.relation && *pack == edge.pack),
        );
        if !present {
            self.graph.add_edge(
                from,
                to,
                Edge::Known {
                    relation: edge.relation,
                    pack: edge.pack.clone(),
                },
            );
        }
    }

    /// All findings in the order they were added.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The finding with this id.
    pub fn finding(&self, id: &str) -> Option<&Finding> {
        self.by_id.get(id).map(|&i| &self.findings[i])
    }

    /// Findings whose subject is this entity, in the order they were added.
    pub fn findings_about(&self, kind: EntityKind, id: &str) -> Vec<&Finding> {
        let Some(&node) = self.nodes.get(&(kind, id.to_owned())) else {
            return Vec::new();
        };
        let mut indices: Vec<usize> = self
            .graph
            .edges_directed(node, EdgeDirection::Outgoing)
            .filter_map(|e| match e.weight() {
                Edge::Measured(i) => Some(*i),
                Edge::Known { .. } => None,
            })
            .collect();
        indices.sort_unstable();
        indices.into_iter().map(|i| &self.findings[i]).collect()
    }

    /// Knowledge edges that leave this entity, sorted by target.
    pub fn knowledge_from(&self, kind: EntityKind, id: &str) -> Vec<KnowledgeEdge> {
        let Some(&node) = self.nodes.get(&(kind, id.to_owned())) else {
            return Vec::new();
        };
        let mut edges: Vec<KnowledgeEdge> = self
            .graph
            .edges_directed(node, EdgeDirection::Outgoing)
            .filter_map(|e| match e.weight() {
                Edge::Known { relation, pack } => Some(KnowledgeEdge {
                    from: self.graph[e.source()].clone(),
                    relation: *relation,
                    to: self.graph[e.target()].clone(),
                    pack: pack.clone(),
                }),
                Edge::Measured(_) => None,
            })
            .collect();
        edges.sort_by(|a, b| (&a.to, &a.pack).cmp(&(&b.to, &b.pack)));
        edges
    }
}
