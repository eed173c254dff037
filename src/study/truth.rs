//! Whether a hypothesis is true, said by code from the answer key.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proteus_stats::random_draws::RandomDraws;

use super::key::{AnswerKey, Association, Measured, PlantRecord};
use super::plant::PlantKind;
use super::simulate::CONDITION;
use crate::discovery::{Archetype, Claim, Direction, EntityKind, Hypothesis};
use crate::knowledge::Packs;

/// Random draws that a set's true effect is compared with.
const DRAWS: usize = 1000;
/// Share of draws that may lie as far out.
const TAIL: f64 = 0.01;
/// Collections in which a set is looked up by its identifier.
const COLLECTIONS: [&str; 7] = [
    "hallmark",
    "reactome",
    "wikipathways",
    "go-bp",
    "go-mf",
    "go-cc",
    "go-complexes",
];

/// The object of a claim: a variable, or a contrast of two of its levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// The variable.
    pub variable: &'a str,
    /// Target and reference joined by a hyphen, where the object is a contrast.
    pub arms: Option<&'a str>,
}

impl<'a> Object<'a> {
    /// Reads `variable:target-reference` or `variable`.
    pub fn parse(id: &'a str) -> Self {
        match id.split_once(':') {
            Some((variable, arms)) => Self {
                variable,
                arms: Some(arms),
            },
            None => Self {
                variable: id,
                arms: None,
            },
        }
    }

    /// The sign with which a difference between two levels of `variable` (target first) counts here: 1 for the same
    /// comparison or that of the target with all others, −1 where they are turned round, none for another comparison.
    /// Levels may hold hyphens. Where one side has no levels, only the variable counts.
    pub fn sign(&self, variable: &str, levels: Option<(&str, &str)>) -> Option<f64> {
        if self.variable != variable {
            return None;
        }
        let (Some(arms), Some((high, low))) = (self.arms, levels) else {
            return Some(1.0);
        };
        let is = |target: &str, reference: &str| {
            arms.strip_prefix(target)
                .and_then(|rest| rest.strip_prefix('-'))
                == Some(reference)
        };
        if is(high, low) || is(high, "other") {
            Some(1.0)
        } else if is(low, high) || is(low, "other") {
            Some(-1.0)
        } else {
            None
        }
    }
}

/// The two levels of an association.
fn levels(association: &Association) -> Option<(&str, &str)> {
    association
        .levels
        .as_ref()
        .map(|[high, low]| (high.as_str(), low.as_str()))
}

/// Whether `value` goes this way and farther than all but few random draws of its kind.
fn is_extreme(
    value: f64,
    direction: Direction,
    stream: &str,
    mut draw: impl FnMut(&mut RandomDraws) -> f64,
) -> bool {
    let sign = match direction {
        Direction::Higher => 1.0,
        Direction::Lower => -1.0,
        Direction::Undirected => value.signum(),
    };
    if value * sign <= 0.0 {
        return false;
    }
    let mut draws = RandomDraws::new(0, stream);
    let as_far = (0..DRAWS)
        .filter(|_| draw(&mut draws) * sign >= value * sign)
        .count();
    as_far as f64 <= TAIL * DRAWS as f64
}

/// Effects of all genes over one object, by place.
type Effects = Vec<f64>;

/// Judges hypotheses about one simulated dataset.
pub struct Judge<'a> {
    key: &'a AnswerKey,
    genes: &'a [String],
    packs: &'a Packs,
    effects: RefCell<BTreeMap<String, Effects>>,
}

impl<'a> Judge<'a> {
    /// A judge with the answer key, the measured genes and the packs that sets come from.
    pub fn new(key: &'a AnswerKey, genes: &'a [String], packs: &'a Packs) -> Self {
        Self {
            key,
            genes,
            packs,
            effects: RefCell::new(BTreeMap::new()),
        }
    }

    /// Whether every claim of the hypothesis is true.
    pub fn is_true(&self, hypothesis: &Hypothesis) -> bool {
        !hypothesis.claims.is_empty()
            && hypothesis
                .claims
                .iter()
                .all(|claim| self.claim(hypothesis.archetype, claim))
    }

    /// Whether one claim is true.
    pub fn claim(&self, archetype: Archetype, claim: &Claim) -> bool {
        let subject = &claim.subject;
        self.holds(
            archetype,
            subject.kind,
            &subject.id,
            &subject.symbol,
            &claim.object.id,
            claim.direction,
        )
    }

    /// Whether one arm of the variable varies more: then where samples lie is not independent of it, which is what claims on
    /// structure say, though no mean differs.
    fn spreads_over(&self, variable: &str) -> bool {
        let unequal = |p: &PlantRecord| p.plant.kind == PlantKind::Unequal;
        variable == CONDITION && self.key.plants.iter().any(unequal)
    }

    /// Whether a subject of this kind truly goes this way over the object.
    pub fn holds(
        &self,
        archetype: Archetype,
        kind: EntityKind,
        id: &str,
        symbol: &str,
        object: &str,
        direction: Direction,
    ) -> bool {
        match kind {
            _ if archetype == Archetype::SiteBeyondProtein => {
                let gene = symbol.split(' ').next().unwrap_or(symbol);
                let names = [&[id, symbol][..], &[gene]];
                self.beyond_holds(
                    [Measured::Site, Measured::Protein],
                    names,
                    object,
                    direction,
                )
            }
            _ if archetype == Archetype::ProteinBeyondRna => {
                let kinds = [Measured::Protein, Measured::Transcript];
                self.beyond_holds(kinds, [&[id, symbol], &[symbol]], object, direction)
            }
            EntityKind::Regulator => self.footprint_holds(id, object, direction),
            EntityKind::Pathway | EntityKind::Complex
                if archetype != Archetype::OverRepresentation =>
            {
                self.set_holds(id, object, direction)
            }
            EntityKind::Subtype => {
                let variable = Object::parse(object).variable;
                self.key.structure.iter().any(|s| s.variable == variable)
                    || self.key.proteins_over(variable).next().is_some()
                    || self.spreads_over(variable)
            }
            EntityKind::Component => {
                let variable = Object::parse(object).variable;
                self.key.proteins_over(variable).next().is_some() || self.spreads_over(variable)
            }
            _ if kind == EntityKind::Module && archetype == Archetype::DetectionPanel => {
                self.switches_hold(object, direction)
            }
            EntityKind::Transcript => {
                self.feature_holds(Measured::Transcript, id, symbol, object, direction)
            }
            EntityKind::Site => self.feature_holds(Measured::Site, id, symbol, object, direction),
            _ => self.feature_holds(Measured::Protein, id, symbol, object, direction),
        }
    }

    /// Whether any protein is seen in one arm only, in this direction: a panel of detection claims more of them than run depth gives.
    fn switches_hold(&self, object: &str, direction: Direction) -> bool {
        let object = Object::parse(object);
        let switch = |a: &&Association| self.key.plants[a.plant].plant.kind == PlantKind::Switch;
        self.key
            .associations
            .iter()
            .filter(|a| a.variable == object.variable)
            .filter(switch)
            .any(|a| {
                let sign = object.sign(&a.variable, levels(a));
                sign.is_some_and(|sign| Direction::of(sign * a.effect) == direction)
            })
    }

    fn feature_holds(
        &self,
        kind: Measured,
        id: &str,
        symbol: &str,
        object: &str,
        direction: Direction,
    ) -> bool {
        let object = Object::parse(object);
        self.key
            .associations
            .iter()
            .filter(|a| a.kind == kind && a.variable == object.variable)
            .filter(|a| a.entity == id || a.entity == symbol)
            .any(|a| match object.sign(&a.variable, levels(a)) {
                Some(sign) => {
                    direction == Direction::Undirected
                        || Direction::of(sign * a.effect) == direction
                }
                None => direction == Direction::Undirected,
            })
    }

    /// What the first kind of feature does less what the second does, both in standard deviations within an arm.
    fn beyond_holds(
        &self,
        kinds: [Measured; 2],
        names: [&[&str]; 2],
        object: &str,
        direction: Direction,
    ) -> bool {
        let object = Object::parse(object);
        let effect = |side: usize| -> f64 {
            let of_side = |a: &&Association| {
                a.kind == kinds[side]
                    && a.variable == object.variable
                    && names[side].contains(&a.entity.as_str())
            };
            let signed = |a: &Association| Some(object.sign(&a.variable, levels(a))? * a.effect);
            let all = self.key.associations.iter().filter(of_side);
            all.filter_map(signed).sum()
        };
        let beyond = effect(0) - effect(1);
        beyond != 0.0 && (direction == Direction::Undirected || Direction::of(beyond) == direction)
    }

    /// Competitive null of an activity: the weighted sum of its targets' true effects against as many random genes with the
    /// same weights.
    fn footprint_holds(&self, name: &str, object: &str, direction: Direction) -> bool {
        let packs = self.packs.footprint_packs();
        let all = packs
            .iter()
            .filter_map(|pack| self.packs.footprints(pack).ok());
        let Some(footprint) = all.flat_map(|f| f.iter()).find(|f| f.name == name) else {
            return false;
        };
        let effects = self.effects(object);
        let weight: BTreeMap<&str, f64> = footprint
            .targets
            .iter()
            .map(|(gene, weight)| (gene.as_ref(), *weight))
            .collect();
        let (places, weights): (Vec<usize>, Vec<f64>) = self
            .genes
            .iter()
            .enumerate()
            .filter_map(|(i, gene)| Some((i, *weight.get(gene.as_str())?)))
            .unzip();
        let sum = |of: &mut dyn FnMut(usize) -> usize| -> f64 {
            let terms = weights.iter().enumerate();
            terms.map(|(k, w)| w * effects[of(k)]).sum()
        };
        let true_sum = sum(&mut |k| places[k]);
        is_extreme(true_sum, direction, name, |draws| {
            sum(&mut |_| draws.below(effects.len()))
        })
    }

    /// Competitive null: the mean true effect of the measured members against random draws of as many genes.
    fn set_holds(&self, id: &str, object: &str, direction: Direction) -> bool {
        let Some(members) = self.members(id) else {
            return false;
        };
        let effects = self.effects(object);
        let of_members: f64 = members.iter().map(|&i| effects[i]).sum();
        is_extreme(of_members, direction, id, |draws| {
            let drawn = (0..members.len()).map(|_| effects[draws.below(effects.len())]);
            drawn.sum()
        })
    }

    /// Places of the measured members of a set.
    fn members(&self, id: &str) -> Option<Vec<usize>> {
        let set = COLLECTIONS
            .iter()
            .filter_map(|name| self.packs.gene_sets(name).ok())
            .find_map(|sets| sets.get(id))?;
        let members: BTreeSet<&str> = set.members.iter().map(AsRef::as_ref).collect();
        Some(
            (0..self.genes.len())
                .filter(|&i| members.contains(self.genes[i].as_str()))
                .collect(),
        )
    }

    fn effects(&self, object: &str) -> Effects {
        self.effects
            .borrow_mut()
            .entry(object.to_owned())
            .or_insert_with(|| {
                let parsed = Object::parse(object);
                let place: BTreeMap<&str, usize> = self
                    .genes
                    .iter()
                    .enumerate()
                    .map(|(i, g)| (g.as_str(), i))
                    .collect();
                let mut effects = vec![0.0; self.genes.len()];
                for a in self.key.proteins_over(parsed.variable) {
                    if let (Some(&i), Some(sign)) = (
                        place.get(a.entity.as_str()),
                        parsed.sign(&a.variable, levels(a)),
                    ) {
                        effects[i] += sign * a.effect;
                    }
                }
                effects
            })
            .clone()
    }

    /// Whether a set that a claim names tells of the planted set: it holds at least half of the shifted members.
    pub fn tells_of(&self, id: &str, shifted: &[String]) -> bool {
        let Some(members) = self.members(id) else {
            return false;
        };
        let held = members
            .iter()
            .filter(|&&i| shifted.contains(&self.genes[i]))
            .count();
        2 * held >= shifted.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchanged_contrast_turns_the_sign() {
        let sign = |id| Object::parse(id).sign("condition", Some(("treated", "control")));
        assert_eq!(sign("condition:treated-control"), Some(1.0));
        assert_eq!(sign("condition:control-treated"), Some(-1.0));
        assert_eq!(sign("condition:treated-other"), Some(1.0));
        assert_eq!(sign("condition:x-y"), None);
        assert_eq!(sign("batch:treated-control"), None);
        assert_eq!(sign("condition"), Some(1.0));
        let hyphens = Object::parse("MSI:MSI-H-MSS").sign("MSI", Some(("MSI-H", "MSS")));
        assert_eq!(hyphens, Some(1.0));
        assert_eq!(Object::parse("trait").sign("trait", None), Some(1.0));
    }
}
