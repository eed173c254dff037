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
        let mut assays = Vec::new();
        self.sources_of(step, dataset, &mut BTreeSet::new(), &mut assays);
        let levels = &entry.spec.levels;
        let assay = assays
            .into_iter()
            .find(|a| !levels.contains(&a.level) || !a.quantity.is_abundance())?;
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

    /// The assays a step is made from, over all steps before it.
    fn sources_of<'a>(
        &'a self,
        step: &'a Step,
        dataset: &'a DatasetProfile,
        seen: &mut BTreeSet<&'a str>,
        found: &mut Vec<&'a AssayProfile>,
    ) {
        if !seen.insert(&step.id) {
            return;
        }
        for source in step.inputs.values() {
            match source {
                Source::Dataset { assay: None } => found.extend(dataset.assays.first()),
                Source::Dataset { assay: Some(name) } => {
                    found.extend(dataset.assays.iter().find(|a| a.name == *name));
                }
                Source::Step { step, .. } => {
                    if let Some(before) = self.step(step) {
                        self.sources_of(before, dataset, seen, found);
                    }
                }
            }
        }
    }
}
