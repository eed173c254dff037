//! Each set against all genes.

use proteus_stats::descriptive::mean;
use proteus_stats::distributions::{normal_quantile_from_ln, student_t_two_sided_quantile};
use proteus_stats::enrichment::{
    CompetitiveShift, FeatureSets, competitive_shift, enrichment_score,
};
use proteus_stats::multiplicity::benjamini_hochberg;

use super::gene_statistics::GeneStatistics;
use crate::tool::ToolError;
use crate::tools::gene_sets::TestedSet;

/// The competitive test of one set.
pub(super) struct Shift {
    /// Position of the set.
    pub(super) set: usize,
    /// Members with a statistic.
    pub(super) size: usize,
    /// Mean log2 fold change of the members minus that of all genes.
    pub(super) effect: f64,
    /// Half of its 95 % interval.
    pub(super) half_width: f64,
    /// Normal deviate of the test.
    pub(super) z: f64,
    /// Mean correlation between the members.
    pub(super) correlation: f64,
    /// Two-sided p-value.
    pub(super) p: f64,
    /// Adjusted over all sets of the table.
    pub(super) q: f64,
    /// Members with a positive fold change.
    pub(super) members_up: usize,
    /// Members that carry the shift, the strongest first.
    pub(super) leading: Vec<usize>,
    /// p-value of the set without its strongest members; NaN where it was not looked at.
    pub(super) p_without_strongest: f64,
}

/// p-value up to which it is looked at whether a set's shift is that of a few members.
const CHECKED_UP_TO: f64 = 0.01;
/// Size from which the two strongest members are left out for that, below it one.
const TWO_STRONGEST: usize = 8;

/// The p-values and effects alone of [`shifts`], in the order of the sets; NaN for a set it leaves out.
pub(super) fn shift_p_values(
    sets: &[TestedSet],
    genes: &GeneStatistics,
) -> Result<(Vec<f64>, Vec<f64>), ToolError> {
    let members: Vec<Vec<usize>> = sets.iter().map(|s| s.members.clone()).collect();
    let members = FeatureSets::new(genes.genes.len(), members)?;
    let tests = competitive_shift(&genes.z, &members, &genes.residuals)?;
    let mean_change = mean(&genes.log2_fold_change);
    Ok(tests
        .iter()
        .enumerate()
        .map(|(set, test)| {
            if test.ln_p.is_finite() {
                let effect = effect(members.members(set), test, genes, mean_change);
                (ln_p(test, effect).exp(), effect)
            } else {
                (f64::NAN, f64::NAN)
            }
        })
        .unzip())
}

/// Mean log2 fold change of the members with one minus that of all genes.
fn effect(
    members: &[usize],
    test: &CompetitiveShift,
    genes: &GeneStatistics,
    mean_change: f64,
) -> f64 {
    let changes = members.iter().map(|&g| genes.log2_fold_change[g]);
    let sum: f64 = changes.filter(|c| !c.is_nan()).sum();
    sum / test.size as f64 - mean_change
}

/// A few wild fold changes can point the other way than the set as a whole: then there is no shift to speak of.
fn agrees(test: &CompetitiveShift, effect: f64) -> bool {
    effect * test.t > 0.0
}

fn ln_p(test: &CompetitiveShift, effect: f64) -> f64 {
    if agrees(test, effect) { test.ln_p } else { 0.0 }
}

/// Tests every set; the most significant first, sets without a p-value left out.
pub(super) fn shifts(sets: &[TestedSet], genes: &GeneStatistics) -> Result<Vec<Shift>, ToolError> {
    let members: Vec<Vec<usize>> = sets.iter().map(|s| s.members.clone()).collect();
    let members = FeatureSets::new(genes.genes.len(), members)?;
    let tests = competitive_shift(&genes.z, &members, &genes.residuals)?;
    let mean_change = mean(&genes.log2_fold_change);
    let ranking = Ranking::new(&genes.z);
    let mut shifts: Vec<Shift> = tests
        .iter()
        .enumerate()
        .filter(|(_, test)| test.ln_p.is_finite())
        .map(|(set, test)| {
            let list = members.members(set);
            let changes = list
                .iter()
                .map(|&g| genes.log2_fold_change[g])
                .filter(|c| !c.is_nan());
            let effect = effect(list, test, genes, mean_change);
            let quantile = student_t_two_sided_quantile(0.05, test.df);
            let ln_p = ln_p(test, effect);
            Shift {
                set,
                size: test.size,
                effect,
                half_width: if agrees(test, effect) {
                    effect / test.t * quantile
                } else {
                    f64::NAN
                },
                z: -normal_quantile_from_ln(ln_p - std::f64::consts::LN_2) * effect.signum(),
                correlation: test.correlation,
                p: ln_p.exp(),
                q: f64::NAN,
                members_up: changes.filter(|c| *c > 0.0).count(),
                leading: ranking.leading(list, test.t),
                p_without_strongest: f64::NAN,
            }
        })
        .collect();
    check_without_strongest(&mut shifts, sets, genes)?;
    let q = benjamini_hochberg(&shifts.iter().map(|s| s.p).collect::<Vec<_>>());
    for (shift, q) in shifts.iter_mut().zip(q) {
        shift.q = q;
    }
    shifts.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.z.abs().total_cmp(&a.z.abs())));
    Ok(shifts)
}

/// Tests the sets that look shifted again without the members that lead them: 1 where what is left goes the other way.
fn check_without_strongest(
    shifts: &mut [Shift],
    sets: &[TestedSet],
    genes: &GeneStatistics,
) -> Result<(), ToolError> {
    let checked: Vec<usize> = (0..shifts.len())
        .filter(|&i| shifts[i].p <= CHECKED_UP_TO)
        .collect();
    let reduced = checked.iter().map(|&i| {
        let shift = &shifts[i];
        let strongest = if shift.size < TWO_STRONGEST { 1 } else { 2 };
        let strongest = &shift.leading[..strongest.min(shift.leading.len())];
        let mut members = sets[shift.set].members.clone();
        members.retain(|g| !strongest.contains(g));
        members
    });
    let reduced = FeatureSets::new(genes.genes.len(), reduced.collect())?;
    for (&i, test) in checked
        .iter()
        .zip(competitive_shift(&genes.z, &reduced, &genes.residuals)?)
    {
        let same_way = test.t * shifts[i].z > 0.0;
        shifts[i].p_without_strongest = if same_way { test.ln_p.exp() } else { 1.0 };
    }
    Ok(())
}

/// Genes from the highest statistic to the lowest.
struct Ranking<'a> {
    z: &'a [f64],
    statistics: Vec<f64>,
    gene_at: Vec<usize>,
    place_of: Vec<usize>,
}

impl<'a> Ranking<'a> {
    fn new(z: &'a [f64]) -> Self {
        let mut gene_at: Vec<usize> = (0..z.len()).filter(|&g| !z[g].is_nan()).collect();
        gene_at.sort_by(|&a, &b| z[b].total_cmp(&z[a]));
        let mut place_of = vec![usize::MAX; z.len()];
        for (place, &gene) in gene_at.iter().enumerate() {
            place_of[gene] = place;
        }
        Self {
            z,
            statistics: gene_at.iter().map(|&g| z[g]).collect(),
            gene_at,
            place_of,
        }
    }

    /// Members before the peak of the running sum (after its trough for a shift down). Where the running sum peaks on
    /// the other side, the members that changed in the direction of the shift.
    fn leading(&self, members: &[usize], t: f64) -> Vec<usize> {
        let mut places: Vec<usize> = members
            .iter()
            .map(|&g| self.place_of[g])
            .filter(|&p| p != usize::MAX)
            .collect();
        places.sort_unstable();
        let score = enrichment_score(&self.statistics, &places, 1.0);
        if score.es * t > 0.0 {
            return score
                .leading_edge
                .iter()
                .map(|&p| self.gene_at[p])
                .collect();
        }
        if t < 0.0 {
            places.reverse();
        }
        let genes = places.iter().map(|&p| self.gene_at[p]);
        genes.filter(|&g| self.z[g] * t > 0.0).collect()
    }
}
