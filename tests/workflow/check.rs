//! The check finds every fault at once and says how to mend it.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use super::fixture::{STEPS, catalog, dataset, plan, workflow};

fn faults(steps: &str) -> String {
    let errors = workflow(steps)
        .check(&catalog(), &dataset().profile())
        .unwrap_err();
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn all_faults_are_told_at_once() {
    let steps = r#"
- {id: Centred, tool: centre, inputs: {matrix: dataset.protein}}
- {id: a, tool: diference, inputs: {matrix: dataset}}
- {id: b, tool: difference, inputs: {matrix: c.means, sets: dataset}, params: {contrast: "condition:B-C", covariates: [agee], within: ["batch=three", "sex=f"]}}
- {id: b, tool: difference, params: {contrast: $contrasts}}
- {id: c, tool: centre, inputs: {matrix: centred.matrix}, params: {offset: high, ofset: 1}}
- {id: d, tool: above, inputs: {statistics: c.means}}
- {id: e, tool: above, inputs: {statistics: c.table}}
- {id: f, tool: difference, inputs: {matrix: g.matrix}, params: {share: 2}}
- {id: g, tool: centre, inputs: {matrix: h.matrix}}
- {id: h, tool: centre, inputs: {matrix: g.matrix}}
- {id: i, tool: centre, inputs: {matrix: i.matrix}}
"#;
    insta::assert_snapshot!(faults(steps));
}

#[test]
fn an_empty_workflow_is_refused() {
    insta::assert_snapshot!(faults("[]"), @r"
    the workflow has no steps
    hint: list at least one under `steps`
    ");
}

#[test]
fn a_plan_is_ordered_tainted_and_complete() {
    let plan = plan(STEPS);
    let seen: Vec<(&str, bool, bool)> = plan
        .steps
        .iter()
        .map(|s| (s.id.as_str(), s.reads_labels, s.tainted))
        .collect();
    assert_eq!(
        seen,
        [
            ("centred", false, false),
            ("difference", true, true),
            ("above", false, true)
        ]
    );
    assert_eq!(plan.steps[1].params["share"], 0.5, "defaults are filled in");
    assert!(plan.depends_on("above", "centred") && !plan.depends_on("centred", "above"));
    let text = serde_yaml::to_string(plan.as_ref()).unwrap();
    let back: proteus::workflow::Plan = serde_yaml::from_str(&text).unwrap();
    assert_eq!(&back, plan.as_ref());
}

#[test]
fn a_plan_prints_as_a_tree() {
    let steps = r#"
- {id: centred, tool: centre, inputs: {matrix: dataset}}
- {id: difference, tool: difference, inputs: {matrix: centred.matrix}, params: {contrast: "condition:B-A", covariates: [age]}}
- {id: above, tool: above, inputs: {statistics: difference.difference}, optional: true}
- {id: again, tool: centre, inputs: {matrix: centred.matrix}}
- {id: other, tool: fault, inputs: {matrix: dataset}}
"#;
    insta::assert_snapshot!(plan(steps).to_string(), @r"
    toy for condition:B-A
    dataset
    ├─ centred = centre
    │  ├─ difference* (contrast: condition:B-A, covariates: age)
    │  │  └─ above*, may fail
    │  └─ again = centre
    └─ other = fault
    * depends on sample labels: replayed on every decoy
    ");
}
