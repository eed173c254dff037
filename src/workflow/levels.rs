//! Whether a step may work on what the rows of the dataset are: a peptide is no protein, a site is no gene.

use std::collections::BTreeSet;

use super::{PlanError, Source, Step, Workflow};
use crate::dataset::{AssayProfile, DatasetProfile, Quantity};
use crate::tool::{Catalog, CatalogEntry};

impl Workflow {
    /// The workflow without the optional steps whose tools cannot work on the rows of the dataset or are withheld, and
    /// without the optional steps that take their outputs.
    pub fn fitted_to(mut self, catalog: &Catalog, dataset: &DatasetProfile) -> Self {
        loop {
            let misfit = self.steps.iter().position(|step| {
                let unsuited = || {
                    let entry = catalog.get(&step.tool)?;
                    self.level_error(step, entry, dataset)
                };
                let cut_off = step.inputs.values().any(|source| match source {
                    Source::Step { step, .. } => self.step(step).is_none(),
                    Source::Dataset { .. } => false,
                });
                let withheld = catalog.withholds(&step.tool);
                step.optional && (cut_off || withheld || unsuited().is_some())
            });
            match misfit {
                Some(at) => self.steps.remove(at),
                None => return self,
            };
        }
    }

    /// The fault of a step whose tool cannot work on the rows that reach it.
    pub(super) fn level_error(
        &self,
        step: &Step,
        entry: &CatalogEntry,
        dataset: &DatasetProfile,
    ) -> Option<PlanError> {
        let levels = &entry.spec.levels;
        let assay = step.inputs.iter().find_map(|(port, source)| {
            let port = entry.spec.consumes.get(port);
            // What a partner may be is said by its port, not by the levels of what is asked about.
            if port.is_some_and(|p| p.partner) {
                return None;
            }
            let presence = port.is_some_and(|p| p.presence);
            self.assays_of(source, dataset)
                .into_iter()
                .find(|a| !levels.contains(&a.level) || (!a.quantity.is_abundance() && !presence))
        })?;
        Some(PlanError::WrongLevel {
            step: step.id.clone(),
            tool: step.tool.clone(),
            assay: assay.name.clone(),
            found: match assay.quantity {
                Quantity::Binary => "presence and absence",
                Quantity::CopyNumber => "copy numbers",
                _ => assay.level.plural(),
            },
            needs: levels.iter().map(|l| l.plural()).collect(),
        })
    }

    /// The assays a source is made from, over all steps before it.
    fn assays_of<'a>(&self, source: &Source, dataset: &'a DatasetProfile) -> Vec<&'a AssayProfile> {
        let mut found = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&Source> = vec![source];
        while let Some(source) = open.pop() {
            match source {
                Source::Dataset { assay: None } => found.extend(dataset.main_assay()),
                Source::Dataset { assay: Some(name) } => {
                    found.extend(dataset.assays.iter().find(|a| a.name == *name));
                }
                Source::Step { step, .. } => {
                    if seen.insert(step)
                        && let Some(before) = self.step(step)
                    {
                        open.extend(before.inputs.values());
                    }
                }
            }
        }
        found
    }
}
