//! Competitive shift of pathways and complexes between two arms.

mod gene_statistics;
mod shift;

use std::sync::Arc;

use polars::prelude::DataFrame;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::{
    PValues, Subjects, TableBuilder, TablesOfP, Tool, ToolError, ToolInput, ToolOutput,
};
use crate::tools::fitted_model::{Prior, Trend};
use crate::tools::gene_sets::{
    Collection, Competitor, SizeLimits, TestedSet, measured_sets, representatives, sets_of_table,
};
use gene_statistics::{GeneStatistics, gene_statistics};
use shift::{Shift, shift_p_values, shifts};

/// Tests pathways and complexes for a shift between two arms.
pub struct RankEnrichment;

/// Parameters of `rank_enrichment`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The comparison, `variable:target-reference`.
    pub contrast: String,
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// Variable that names pairs, subjects or other blocks.
    pub blocking: Option<String>,
    /// How the variance prior is estimated.
    pub prior: Prior,
    /// Whether the variance prior follows mean abundance.
    pub trend: Trend,
    /// Collections of pathways and processes; of near copies the set of the earlier collection is kept.
    pub collections: Vec<Collection>,
    /// Fewest measured genes of a pathway.
    pub min_size: usize,
    /// Most measured genes of a pathway.
    pub max_size: usize,
    /// Smallest share of a set's genes that must be measured.
    pub min_coverage: f64,
    /// Fewest measured subunits of a complex.
    pub min_complex_size: usize,
    /// Most measured subunits of a complex.
    pub max_complex_size: usize,
    /// Use only genes observed in every sample. By default so with fewer than 20 residual degrees of freedom, where decoys
    /// keep the correlation between features only for complete ones, unless fewer than 500 genes would be left.
    pub complete_only: Option<bool>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            contrast: String::new(),
            covariates: Vec::new(),
            blocking: None,
            prior: Prior::default(),
            trend: Trend::default(),
            collections: vec![
                Collection::Hallmark,
                Collection::Reactome,
                Collection::Wikipathways,
                Collection::GoProcess,
            ],
            min_size: 8,
            max_size: 200,
            min_coverage: 0.25,
            min_complex_size: 4,
            max_complex_size: 150,
            complete_only: None,
        }
    }
}

impl Tool for RankEnrichment {
    type Params = Params;
    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        params.check()?;
        let genes = gene_statistics(input, params, input.optional_table("sets").is_none())?;
        let pathways = params.pathways(input, &genes.genes)?;
        let complexes = params.complexes(input, &genes.genes)?;
        Ok(ToolOutput::new()
            .with_fact("genes", genes.genes.len())
            .with_fact("complete_only", genes.complete_only)
            .with_fact("pathways", pathways.len())
            .with_fact("complexes", complexes.len())
            .with_table(PATHWAYS, table(&pathways, &genes)?)
            .with_table(COMPLEXES, table(&complexes, &genes)?))
    }

    fn p_values(
        &self,
        input: &ToolInput<'_>,
        params: &Params,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        params.check()?;
        let genes = gene_statistics(input, params, input.optional_table("sets").is_none())?;
        let mut found = TablesOfP::new();
        for &table in tables {
            let sets = match table {
                PATHWAYS => params.pathways(input, &genes.genes)?,
                COMPLEXES => params.complexes(input, &genes.genes)?,
                _ => return Ok(None),
            };
            let (p, effect) = shift_p_values(&sets, &genes)?;
            let p_values = PValues {
                p,
                effect,
                subjects: Subjects::Named(names_of(&sets, input)?),
            };
            found.insert(table.to_owned(), p_values);
        }
        Ok(Some(found))
    }
}

/// The tables' names.
const PATHWAYS: &str = "pathways";
const COMPLEXES: &str = "complexes";

impl Params {
    fn check(&self) -> Result<(), ToolError> {
        if self.min_size > self.max_size || self.min_complex_size > self.max_complex_size {
            return Err(ToolError::InvalidParams {
                reason: format!(
                    "sizes from {} to {} and from {} to {}: the first must not exceed the second",
                    self.min_size, self.max_size, self.min_complex_size, self.max_complex_size
                ),
            });
        }
        Ok(())
    }

    /// The pathways to test over these genes.
    fn pathways(
        &self,
        input: &ToolInput<'_>,
        genes: &[String],
    ) -> Result<Arc<Vec<TestedSet>>, ToolError> {
        let limits = SizeLimits {
            min: self.min_size.max(2),
            max: self.max_size,
            coverage: self.min_coverage,
        };
        match input.optional_table("sets") {
            Some(table) => sets_of_table(table, genes, limits),
            None => measured_sets(input.knowledge, &self.collections, genes, limits),
        }
    }

    /// The complexes to test over these genes: none where the sets were given.
    fn complexes(
        &self,
        input: &ToolInput<'_>,
        genes: &[String],
    ) -> Result<Arc<Vec<TestedSet>>, ToolError> {
        let limits = SizeLimits {
            min: self.min_complex_size.max(2),
            max: self.max_complex_size,
            coverage: self.min_coverage,
        };
        match input.optional_table("sets") {
            Some(_) => Ok(Arc::default()),
            None => measured_sets(input.knowledge, &[Collection::GoComplexes], genes, limits),
        }
    }
}

/// The sets' ids, one list for all decoys: it depends on no measured value.
fn names_of(sets: &[TestedSet], input: &ToolInput<'_>) -> Result<Arc<Vec<String>>, ToolError> {
    let mut key = blake3::Hasher::new();
    key.update(b"names of sets");
    for set in sets {
        key.update(set.id.as_bytes());
        key.update(&[0]);
    }
    input.knowledge.kept(*key.finalize().as_bytes(), || {
        Ok(sets.iter().map(|set| set.id.clone()).collect())
    })
}

fn table(sets: &[TestedSet], genes: &GeneStatistics) -> Result<DataFrame, ToolError> {
    let shifts = shifts(sets, genes)?;
    let standing = standing_in(&shifts, genes.genes.len())?;
    let text = |get: fn(&TestedSet) -> &String| -> Vec<String> {
        shifts.iter().map(|s| get(&sets[s.set]).clone()).collect()
    };
    let number = |get: fn(&Shift) -> f64| -> Vec<f64> { shifts.iter().map(get).collect() };
    let count = |get: fn(&Shift) -> usize| -> Vec<usize> { shifts.iter().map(get).collect() };
    let names = |list: &[usize]| -> String {
        let names: Vec<&str> = list.iter().map(|&g| genes.genes[g].as_str()).collect();
        names.join(";")
    };
    let rows = shifts.len();
    Ok(TableBuilder::new()
        .text("set", text(|s| &s.id))
        .text("name", text(|s| &s.name))
        .text("collection", text(|s| &s.collection))
        .count("size", &count(|s| s.size))
        .number("effect", &number(|s| s.effect))
        .number("CI.L", &number(|s| s.effect - s.half_width))
        .number("CI.R", &number(|s| s.effect + s.half_width))
        .number("statistic", &number(|s| s.z))
        .number("correlation", &number(|s| s.correlation))
        .number("P.Value", &number(|s| s.p))
        .number("adj.P.Val", &number(|s| s.q))
        .count("members_up", &count(|s| s.members_up))
        .text(
            "leading",
            shifts.iter().map(|s| names(&s.leading)).collect(),
        )
        .number("P.without_strongest", &number(|s| s.p_without_strongest))
        .text(
            "representative",
            standing
                .iter()
                .map(|&r| sets[shifts[r].set].id.clone())
                .collect(),
        )
        .count("df", &vec![genes.residual_df; rows])
        .count("n_reference", &vec![genes.n_reference; rows])
        .count("n_target", &vec![genes.n_target; rows])
        .build()?)
}

/// p-value above which sets are not compared with each other: nobody reads them, and there are thousands.
const COMPARED_UP_TO: f64 = 0.1;

/// The row that stands for each row.
fn standing_in(shifts: &[Shift], genes: usize) -> Result<Vec<usize>, ToolError> {
    let compared = shifts.partition_point(|s| s.p <= COMPARED_UP_TO);
    let competitors: Vec<Competitor> = shifts[..compared]
        .iter()
        .map(|s| Competitor {
            p: s.p,
            size: s.size,
            genes: s.leading.clone(),
        })
        .collect();
    let mut standing = representatives(&competitors, genes)?;
    standing.extend(compared..shifts.len());
    Ok(standing)
}

#[cfg(test)]
mod tests;
