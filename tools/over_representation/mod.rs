//! Over-representation of gene sets among changed proteins, against the proteins that were tested.

mod overlap;

use polars::prelude::DataFrame;
use proteus_stats::multiplicity::benjamini_hochberg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::frame::{numbers, texts};
use crate::tool::{TableBuilder, Tool, ToolError, ToolInput, ToolOutput};
use crate::tools::gene_level::{current_symbols, one_row_per_gene};
use crate::tools::gene_sets::{
    Collection, Competitor, SizeLimits, TestedSet, measured_sets, representatives, sets_of_table,
};
use overlap::{Overlap, Selection, test_overlap};

/// Tests selected genes for over-representation of gene sets.
pub struct OverRepresentation;

/// Which changes are selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher in the target.
    Up,
    /// Lower in the target.
    Down,
    /// Up and down tested apart; the better of the two is reported with its p-value doubled.
    Both,
    /// Up and down together.
    Any,
}

/// Parameters of `over_representation`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Collections of gene sets; of near copies the set of the earlier collection is kept.
    pub collections: Vec<Collection>,
    /// Adjusted p-value up to which a feature is selected.
    pub alpha: f64,
    /// Direction of the changes that are selected. Statistics without a fold change allow `any` only.
    pub direction: Direction,
    /// Fewest tested genes of a set.
    pub min_size: usize,
    /// Most tested genes of a set.
    pub max_size: usize,
    /// Smallest share of a set's genes that must be tested.
    pub min_coverage: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            collections: vec![
                Collection::Hallmark,
                Collection::GoComplexes,
                Collection::Reactome,
                Collection::Wikipathways,
                Collection::GoProcess,
            ],
            alpha: 0.05,
            direction: Direction::Both,
            min_size: 5,
            max_size: 200,
            min_coverage: 0.25,
        }
    }
}

/// Genes with their test, the most significant first.
struct TestedGenes {
    genes: Vec<String>,
    adjusted: Vec<f64>,
    effect: Option<Vec<f64>>,
}

impl Tool for OverRepresentation {
    type Params = Params;
    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        if !(0.0..1.0).contains(&params.alpha) || params.min_size > params.max_size {
            return Err(ToolError::InvalidParams {
                reason: format!(
                    "`alpha` is {} (from 0 to below 1), `min_size` {} and `max_size` {} (not below `min_size`)",
                    params.alpha, params.min_size, params.max_size
                ),
            });
        }
        let user_sets = input.optional_table("sets");
        let tested = tested_genes(input, user_sets.is_none())?;
        let limits = SizeLimits {
            min: params.min_size.max(1),
            max: params.max_size,
            coverage: params.min_coverage,
        };
        let sets = match user_sets {
            Some(table) => sets_of_table(table, &tested.genes, limits)?,
            None => measured_sets(input.knowledge, &params.collections, &tested.genes, limits)?,
        };
        let selections = selections(&tested, params)?;
        let selected: usize = selections.iter().map(|s| s.count).sum();
        let mut overlaps: Vec<Overlap> = sets
            .iter()
            .enumerate()
            .filter_map(|(i, set)| test_overlap(i, &set.members, &selections))
            .collect();
        let q = benjamini_hochberg(&overlaps.iter().map(|o| o.p).collect::<Vec<_>>());
        for (overlap, q) in overlaps.iter_mut().zip(q) {
            overlap.q = q;
        }
        overlaps.retain(|o| !o.shared.is_empty());
        overlaps.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.fold().total_cmp(&a.fold())));
        let table = table(&sets, &tested.genes, &overlaps)?;
        Ok(ToolOutput::new()
            .with_table("over_representation", table)
            .with_fact("background", tested.genes.len())
            .with_fact("selected", selected)
            .with_fact("sets_tested", sets.len()))
    }
}

/// One row per gene with a p-value, its most significant feature, sorted by significance.
fn tested_genes(input: &ToolInput<'_>, known: bool) -> Result<TestedGenes, ToolError> {
    let table = input.table("statistics")?;
    let labels: Vec<String> = texts(table, "gene")?
        .into_iter()
        .zip(texts(table, "feature")?)
        .map(|(gene, feature)| if gene.is_empty() { feature } else { gene })
        .collect();
    let genes = if known {
        current_symbols(&labels, input.knowledge)?
    } else {
        labels
    };
    let p = numbers(table, "P.Value")?;
    let adjusted = numbers(table, "adj.P.Val")?;
    // The detection table has an `effect`, differential tables have `logFC`, association tables have `slope`.
    let effect = ["logFC", "effect", "slope"]
        .iter()
        .find(|name| table.column(name).is_ok())
        .map(|name| numbers(table, name))
        .transpose()?;
    let preference: Vec<Option<f64>> = p.iter().map(|p| p.is_finite().then_some(*p)).collect();
    let level = one_row_per_gene(&genes, &preference);
    let mut order: Vec<usize> = (0..level.rows.len()).collect();
    order.sort_by(|&a, &b| p[level.rows[a]].total_cmp(&p[level.rows[b]]));
    if order.len() < 10 {
        return Err(ToolError::TooFewObservations {
            what: "tested genes".to_owned(),
            needed: 10,
            found: order.len(),
        });
    }
    let at =
        |values: &[f64]| -> Vec<f64> { order.iter().map(|&g| values[level.rows[g]]).collect() };
    Ok(TestedGenes {
        genes: order.iter().map(|&g| level.genes[g].clone()).collect(),
        adjusted: at(&adjusted),
        effect: effect.as_deref().map(at),
    })
}

/// Which genes are selected, once per direction tested.
fn selections(tested: &TestedGenes, params: &Params) -> Result<Vec<Selection>, ToolError> {
    let genes = tested.genes.len();
    let significant = |i: usize| tested.adjusted[i] <= params.alpha;
    if params.direction == Direction::Any {
        return Ok(vec![Selection::new("any", genes, significant)]);
    }
    let Some(effect) = &tested.effect else {
        return Err(ToolError::InvalidParams {
            reason: "`direction` needs a column `logFC`, `effect` or `slope` in the statistics; without one use `any`"
                .to_owned(),
        });
    };
    let mut selections = Vec::new();
    if params.direction != Direction::Down {
        let up = |i| significant(i) && effect[i] > 0.0;
        selections.push(Selection::new("up", genes, up));
    }
    if params.direction != Direction::Up {
        let down = |i| significant(i) && effect[i] < 0.0;
        selections.push(Selection::new("down", genes, down));
    }
    Ok(selections)
}

fn table(
    sets: &[TestedSet],
    genes: &[String],
    overlaps: &[Overlap],
) -> Result<DataFrame, ToolError> {
    let competitors: Vec<Competitor> = overlaps
        .iter()
        .map(|o| Competitor {
            p: o.p,
            size: o.size,
            genes: o.shared.clone(),
        })
        .collect();
    let standing = representatives(&competitors, genes.len())?;
    let text =
        |get: &dyn Fn(&Overlap) -> String| -> Vec<String> { overlaps.iter().map(get).collect() };
    let counts = |get: fn(&Overlap) -> usize| -> Vec<usize> { overlaps.iter().map(get).collect() };
    let number = |get: fn(&Overlap) -> f64| -> Vec<f64> { overlaps.iter().map(get).collect() };
    Ok(TableBuilder::new()
        .text("set", text(&|o| sets[o.set].id.clone()))
        .text("name", text(&|o| sets[o.set].name.clone()))
        .text("collection", text(&|o| sets[o.set].collection.clone()))
        .text("direction", text(&|o| o.direction.to_owned()))
        .count("size", &counts(|o| o.size))
        .count("selected", &counts(|o| o.selected))
        .count("overlap", &counts(|o| o.shared.len()))
        .number("expected", &number(|o| o.expected))
        .number("fold", &number(Overlap::fold))
        .number("P.Value", &number(|o| o.p))
        .number("adj.P.Val", &number(|o| o.q))
        .text(
            "genes",
            text(&|o| {
                let names: Vec<&str> = o.shared.iter().map(|&g| genes[g].as_str()).collect();
                names.join(";")
            }),
        )
        .text(
            "representative",
            standing
                .into_iter()
                .map(|r| sets[overlaps[r].set].id.clone())
                .collect(),
        )
        .build()?)
}

#[cfg(test)]
mod tests;
