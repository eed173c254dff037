//! The samples on the principal components of the data, as a step of the run found them.

use super::{ReportError, ReportModel};

/// The first table of component scores.
pub(super) struct Components {
    /// Per component its name and, where known, its share of the variance.
    pub(super) titles: Vec<String>,
    /// Per row the name of the sample.
    pub(super) names: Vec<String>,
    /// Per row the place of the sample among those of the dataset.
    pub(super) samples: Vec<Option<usize>>,
    /// Per component one number per row.
    pub(super) scores: Vec<Vec<f64>>,
}

impl Components {
    /// Reads it; none where the run has none.
    ///
    /// # Errors
    /// A table of the run cannot be read.
    pub(super) fn of(model: &ReportModel) -> Result<Option<Self>, ReportError> {
        let found = model.tables_with(&["sample", "PC1", "PC2"])?;
        let Some((step, name)) = found.first() else {
            return Ok(None);
        };
        let table = model.table(step, name)?;
        let share = |component: &str| {
            let variance = model.table(step, "variance").ok()?;
            let row = variance.find("component", component)?;
            Some(variance.number(row, "fraction")).filter(|f| f.is_finite())
        };
        let columns: Vec<String> = (1..)
            .map(|k| format!("PC{k}"))
            .take_while(|column| table.has(&[column]))
            .collect();
        let titles = columns.iter().map(|component| match share(component) {
            Some(fraction) => format!("{component} ({:.0} % of variance)", fraction * 100.0),
            None => component.clone(),
        });
        let ids = &model.dataset.samples.ids;
        let names = table.texts("sample").unwrap_or_default();
        Ok(Some(Self {
            titles: titles.collect(),
            samples: names
                .iter()
                .map(|name| ids.iter().position(|id| id == name))
                .collect(),
            scores: columns
                .iter()
                .map(|column| table.numbers(column).unwrap_or_default())
                .collect(),
            names,
        }))
    }
}
