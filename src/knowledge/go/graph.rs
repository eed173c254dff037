//! The directed acyclic graph of GO terms.

use std::collections::HashMap;

use crate::knowledge::KnowledgeError;
use crate::knowledge::table::Table;

/// The three ontologies of GO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ontology {
    /// Biological process.
    BiologicalProcess,
    /// Cellular component.
    CellularComponent,
    /// Molecular function.
    MolecularFunction,
}

impl Ontology {
    /// All three.
    pub const ALL: [Self; 3] = [
        Self::BiologicalProcess,
        Self::CellularComponent,
        Self::MolecularFunction,
    ];

    /// The name of its collection of gene sets.
    pub fn collection(self) -> &'static str {
        match self {
            Self::BiologicalProcess => "go-bp",
            Self::CellularComponent => "go-cc",
            Self::MolecularFunction => "go-mf",
        }
    }
}

/// How a term relates to the term above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoRelation {
    /// Every instance of the term is one of its parent.
    IsA,
    /// Every instance of the term is part of one of its parent.
    PartOf,
    /// The term regulates its parent, in whichever direction.
    Regulates,
    /// The term raises its parent.
    PositivelyRegulates,
    /// The term lowers its parent.
    NegativelyRegulates,
}

impl GoRelation {
    /// Whether a gene annotated to the term belongs to the parent too.
    pub fn passes_members(self) -> bool {
        matches!(self, Self::IsA | Self::PartOf)
    }
}

/// A GO term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoTerm {
    /// Identifier, such as `GO:0000502`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The ontology it belongs to.
    pub ontology: Ontology,
}

/// The terms of GO and the relations between them.
#[derive(Debug)]
pub struct GoGraph {
    terms: Vec<GoTerm>,
    index: HashMap<String, u32>,
    parents: Vec<Vec<(u32, GoRelation)>>,
    ancestors: Vec<Vec<u32>>,
    depth: Vec<u32>,
}

impl GoGraph {
    pub(super) fn parse(terms: &Table, parents: &Table) -> Result<Self, KnowledgeError> {
        let mut list = Vec::new();
        for row in terms.rows(["GOID", "ONTOLOGY", "TERM"])? {
            let (number, [id, ontology, name]) = row?;
            let ontology = match ontology {
                "BP" => Ontology::BiologicalProcess,
                "CC" => Ontology::CellularComponent,
                "MF" => Ontology::MolecularFunction,
                // The export closes the three ontologies under one artificial root.
                "universal" => continue,
                other => {
                    let problem =
                        format!("expected the ontology `BP`, `CC` or `MF`, found `{other}`");
                    return Err(terms.malformed(number, problem, "write one of the three"));
                }
            };
            list.push(GoTerm {
                id: id.to_owned(),
                name: name.to_owned(),
                ontology,
            });
        }
        list.sort_by(|a, b| a.id.cmp(&b.id));
        list.dedup_by(|a, b| a.id == b.id);
        let index: HashMap<String, u32> =
            list.iter().map(|term| term.id.clone()).zip(0..).collect();

        let mut above = vec![Vec::new(); list.len()];
        for row in parents.rows(["child", "parent", "rel"])? {
            let (number, [child, parent, relation]) = row?;
            let relation = match relation {
                "isa" => GoRelation::IsA,
                "part of" => GoRelation::PartOf,
                "regulates" => GoRelation::Regulates,
                "positively regulates" => GoRelation::PositivelyRegulates,
                "negatively regulates" => GoRelation::NegativelyRegulates,
                other => {
                    let problem =
                        format!("expected a relation such as `isa` or `part of`, found `{other}`");
                    return Err(parents.malformed(
                        number,
                        problem,
                        "see the documentation of `GoRelation`",
                    ));
                }
            };
            match (index.get(child), index.get(parent)) {
                (Some(&child), Some(&parent)) => above[child as usize].push((parent, relation)),
                // The artificial root.
                (Some(_), None) if parent == "all" => {}
                _ => {
                    let problem = format!("`{child}` or `{parent}` is not among the terms");
                    return Err(parents.malformed(
                        number,
                        problem,
                        "list every term in the file of terms",
                    ));
                }
            }
        }
        for list in &mut above {
            list.sort_unstable();
        }
        let order = parents_first(&above).map_err(|term| {
            let problem = format!("`{}` is above itself", list[term as usize].id);
            parents.malformed(1, problem, "the relations must form no circle")
        })?;
        let (ancestors, depth) = close(&above, &order);
        Ok(Self {
            terms: list,
            index,
            parents: above,
            ancestors,
            depth,
        })
    }

    /// The terms, sorted by identifier.
    pub fn terms(&self) -> &[GoTerm] {
        &self.terms
    }

    /// The term with this identifier.
    pub fn term(&self, id: &str) -> Option<&GoTerm> {
        self.position(id).map(|index| &self.terms[index as usize])
    }

    /// The terms directly above `id` and how it relates to them; none for an unknown term.
    pub fn parents(&self, id: &str) -> impl Iterator<Item = (&GoTerm, GoRelation)> {
        let above = self.position(id).map(|index| &self.parents[index as usize]);
        above
            .into_iter()
            .flatten()
            .map(|(parent, relation)| (&self.terms[*parent as usize], *relation))
    }

    /// The terms above `id` along is-a and part-of, itself not among them, sorted by identifier.
    pub fn ancestors(&self, id: &str) -> impl Iterator<Item = &GoTerm> {
        let above = self
            .position(id)
            .map(|index| &self.ancestors[index as usize]);
        above
            .into_iter()
            .flatten()
            .map(|ancestor| &self.terms[*ancestor as usize])
    }

    /// Whether `upper` is above `lower` along is-a and part-of.
    pub fn is_above(&self, upper: &str, lower: &str) -> bool {
        let (Some(upper), Some(lower)) = (self.position(upper), self.position(lower)) else {
            return false;
        };
        self.ancestors[lower as usize].binary_search(&upper).is_ok()
    }

    /// Steps on the longest way along is-a and part-of to the root, whose depth is 0.
    pub fn depth(&self, id: &str) -> Option<u32> {
        self.position(id).map(|index| self.depth[index as usize])
    }

    pub(super) fn position(&self, id: &str) -> Option<u32> {
        self.index.get(id).copied()
    }

    pub(super) fn ancestors_of(&self, index: u32) -> &[u32] {
        &self.ancestors[index as usize]
    }

    /// Whether each term is below `root` along is-a alone.
    pub(super) fn kinds_of(&self, root: &str) -> Vec<bool> {
        let mut below = vec![false; self.terms.len()];
        let Some(root) = self.position(root) else {
            return below;
        };
        let mut children = vec![Vec::new(); self.terms.len()];
        for (child, parents) in (0u32..).zip(&self.parents) {
            for (parent, relation) in parents {
                if *relation == GoRelation::IsA {
                    children[*parent as usize].push(child);
                }
            }
        }
        let mut open = children[root as usize].clone();
        while let Some(term) = open.pop() {
            if !below[term as usize] {
                below[term as usize] = true;
                open.extend(&children[term as usize]);
            }
        }
        below
    }
}

/// The terms, each after all its parents; the error is a term on a circle.
fn parents_first(parents: &[Vec<(u32, GoRelation)>]) -> Result<Vec<u32>, u32> {
    let mut children = vec![Vec::new(); parents.len()];
    let mut waiting: Vec<usize> = parents.iter().map(Vec::len).collect();
    for (child, above) in (0u32..).zip(parents) {
        for (parent, _) in above {
            children[*parent as usize].push(child);
        }
    }
    let mut order: Vec<u32> = (0u32..)
        .zip(&waiting)
        .filter(|(_, count)| **count == 0)
        .map(|(term, _)| term)
        .collect();
    let mut next = 0;
    while let Some(&term) = order.get(next) {
        next += 1;
        for &child in &children[term as usize] {
            waiting[child as usize] -= 1;
            if waiting[child as usize] == 0 {
                order.push(child);
            }
        }
    }
    match (0u32..).zip(&waiting).find(|(_, count)| **count > 0) {
        Some((term, _)) => Err(term),
        None => Ok(order),
    }
}

/// Ancestors (sorted, without the term) and longest distance to the root, along is-a and part-of.
fn close(parents: &[Vec<(u32, GoRelation)>], order: &[u32]) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut ancestors: Vec<Vec<u32>> = vec![Vec::new(); parents.len()];
    let mut depth = vec![0; parents.len()];
    for &term in order {
        let mut above = Vec::new();
        for (parent, relation) in &parents[term as usize] {
            if relation.passes_members() {
                above.push(*parent);
                above.extend_from_slice(&ancestors[*parent as usize]);
                depth[term as usize] = depth[term as usize].max(depth[*parent as usize] + 1);
            }
        }
        above.sort_unstable();
        above.dedup();
        ancestors[term as usize] = above;
    }
    (ancestors, depth)
}
