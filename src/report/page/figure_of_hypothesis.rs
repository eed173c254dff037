//! The one figure of a hypothesis card: the measured values by group, against a variable, or the members of a set.

use crate::dataset::Variable;
use crate::discovery::{Hypothesis, Objective, Target};
use crate::report::figures::{ScatterPoint, SetDot, SetPlot, StripGroup, scatter, set_dots, strip};
use crate::report::{FeatureValues, ReportModel};

/// Members of a set that are drawn at most.
const MOST_MEMBERS: usize = 10;

/// Draws what a hypothesis rests on; none where there is nothing to draw.
pub(super) fn draw(model: &ReportModel, hypothesis: &Hypothesis) -> Option<String> {
    let finding = model.findings.get(&hypothesis.findings.first()?.0)?;
    let objective = model.objective(&hypothesis.objective.0)?;
    let chain = model.values_behind(&finding.evidence.step, &finding.evidence.key);
    match chain.first() {
        Some(values) => by_sample(model, objective, values, &finding.subject.symbol),
        None => members(model, hypothesis, finding),
    }
}

fn by_sample(
    model: &ReportModel,
    objective: &Objective,
    values: &FeatureValues,
    name: &str,
) -> Option<String> {
    let samples = &model.dataset.samples;
    let measure = model.measure(Some(objective));
    let title = format!("{name} by sample");
    match &objective.target {
        Target::Contrast { contrast } => {
            let contrast = model.contrast(contrast)?;
            let variable = samples.variables.get(&contrast.variable)?;
            let arms = [&contrast.reference, &contrast.target];
            let groups = arms.map(|arm| {
                let levels: Vec<&str> = arm.levels.iter().map(String::as_str).collect();
                group(model, variable, &levels, &arm.label, values)
            });
            Some(strip(&groups, measure.value, &title))
        }
        Target::Levels { variable } | Target::Course { variable } | Target::Trend { variable } => {
            let variable = samples.variables.get(variable)?;
            let levels = variable.levels().iter();
            let groups: Vec<StripGroup> = levels
                .map(|level| group(model, variable, &[level], level, values))
                .collect();
            Some(strip(&groups, measure.value, &title))
        }
        Target::Continuous { variable } => {
            let numbers = samples.variables.get(variable)?.numbers()?;
            let points = values.samples.iter().zip(&values.values);
            let points: Vec<ScatterPoint> = points
                .filter_map(|(sample, value)| {
                    let at = samples.ids.iter().position(|id| id == sample)?;
                    Some(ScatterPoint {
                        x: numbers.get(at).copied().flatten()?,
                        y: *value,
                        group: String::new(),
                        label: String::new(),
                    })
                })
                .collect();
            Some(scatter(&points, variable, measure.value, &title))
        }
        Target::Partner { .. } | Target::Structure => None,
    }
}

fn group(
    model: &ReportModel,
    variable: &Variable,
    levels: &[&str],
    label: &str,
    values: &FeatureValues,
) -> StripGroup {
    let ids = &model.dataset.samples.ids;
    let measured = values.samples.iter().zip(&values.values);
    StripGroup {
        name: label.to_owned(),
        values: measured
            .filter(|(sample, _)| {
                let at = ids.iter().position(|id| id == *sample);
                let level = at.and_then(|at| variable.group_of(at));
                level.is_some_and(|level| levels.contains(&level))
            })
            .map(|(sample, value)| (sample.clone(), *value))
            .collect(),
    }
}

/// The leading members of a set with their own log2 fold changes.
fn members(
    model: &ReportModel,
    hypothesis: &Hypothesis,
    finding: &crate::discovery::Finding,
) -> Option<String> {
    let (table, row) = model.evidence_row(finding)?;
    let leading = table.cell(row, "leading");
    let genes: Vec<&str> = leading
        .split(';')
        .map(str::trim)
        .filter(|g| !g.is_empty())
        .collect();
    let columns = ["gene", "logFC", "adj.P.Val"];
    let (step, name) = model
        .tables_with(&columns)
        .ok()?
        .into_iter()
        .find(|(step, _)| {
            let objective = model.objective_of_step(step);
            objective.is_some_and(|o| o.id == hypothesis.objective)
        })?;
    let differential = model.table(&step, &name).ok()?;
    let dots: Vec<SetDot> = genes
        .iter()
        .filter_map(|gene| {
            let row = differential.find("gene", gene)?;
            Some(SetDot {
                name: (*gene).to_owned(),
                effect: differential.number(row, "logFC"),
                low: differential.number(row, "CI.L"),
                high: differential.number(row, "CI.R"),
                size: 20.0,
                q: differential.number(row, "adj.P.Val"),
            })
        })
        .take(MOST_MEMBERS)
        .collect();
    let title = format!("Leading members of {}", finding.subject.symbol);
    let plot = SetPlot {
        width: 320.0,
        alpha: 0.05,
        effect_title: model
            .measure(model.objective(&hypothesis.objective.0))
            .difference,
        note: "leading members · grey: adjusted p > 0.05",
        title: &title,
    };
    (!dots.is_empty()).then(|| set_dots(&dots, &plot))
}
