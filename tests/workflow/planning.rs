//! Templates become workflows, and tools that answer a question join them.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use proteus::content::Content;
use proteus::discovery::{EntityKind, Objective, Question, Relation, Target};
use proteus::tool::Catalog;
use proteus::tools::CATALOG;
use proteus::workflow::{
    Bindings, TargetKind, Templates, WorkflowTemplate, extend_with_answering_tools,
};

use super::fixture::{catalog, dataset};

const TEMPLATE: &str = r#"
name: toy
summary: A toy.
when: {target: contrast}
dataset: toy
steps:
  - id: centred
    tool: centre
    inputs: {matrix: dataset}
    why: to compare samples
  - id: difference
    tool: difference
    inputs: {matrix: centred.matrix}
    params: {contrast: $contrast, covariates: $covariates, within: $within, share: 0.5}
    why: it is the question
"#;

fn objective(covariates: &[&str], within: &[&str]) -> Objective {
    let owned = |list: &[&str]| list.iter().map(|c| (*c).to_owned()).collect();
    let target = Target::Contrast {
        contrast: "condition:B-A".to_owned(),
    };
    Objective {
        covariates: owned(covariates),
        within: owned(within),
        ..Objective::new("condition:B-A", target, Vec::new())
    }
}

#[test]
fn placeholders_take_the_objectives_values_and_absent_ones_go() {
    let template = WorkflowTemplate::parse("toy.yaml", TEMPLATE).unwrap();
    assert_eq!(template.when.target, TargetKind::Contrast);
    let objective = objective(&["age"], &["batch=one"]);
    let bindings = Bindings::of(&objective, &dataset().samples);
    assert_eq!(
        bindings.smallest_group,
        Some(1),
        "B holds one sample of batch one"
    );
    let workflow = template.instantiate(&objective.id, "scope", &bindings);
    let step = workflow.step("difference").unwrap();
    assert_eq!(step.params["contrast"], "condition:B-A");
    assert_eq!(step.params["covariates"], serde_json::json!(["age"]));
    assert_eq!(step.params["share"], 0.5);

    let plain = self::objective(&[], &[]);
    let bindings = Bindings::of(&plain, &dataset().samples);
    let workflow = template.instantiate(&plain.id, "scope", &bindings);
    let step = workflow.step("difference").unwrap();
    assert!(!step.params.contains_key("covariates") && !step.params.contains_key("within"));
    assert!(workflow.check(&catalog(), &dataset().profile()).is_ok());
    let questions = template.questions(&catalog());
    assert_eq!(questions.len(), 1);
}

#[test]
fn a_template_with_an_unknown_key_is_refused() {
    let text = TEMPLATE.replace("why: it is", "because: it is");
    let error = WorkflowTemplate::parse("toy.yaml", &text)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`toy.yaml`") && error.contains("because"),
        "{error}"
    );
}

#[test]
fn a_tool_that_answers_joins_with_what_it_needs() {
    let question = |subject| Question {
        subject,
        relation: Relation::DiffersBetween,
        object: EntityKind::SampleGroup,
    };
    let template = WorkflowTemplate::parse("toy.yaml", TEMPLATE).unwrap();
    let objective = objective(&["age"], &[]);
    let bindings = Bindings::of(&objective, &dataset().samples);
    let full = template.instantiate(&objective.id, "scope", &bindings);
    let profile = dataset().profile();

    let extended = extend_with_answering_tools(
        &full,
        &[question(EntityKind::Protein), question(EntityKind::Pathway)],
        &bindings,
        &catalog(),
        &profile,
    );
    assert_eq!(extended.steps.len(), 3);
    let added = extended.step("above").unwrap();
    assert!(added.optional);
    assert_eq!(
        added.inputs["statistics"].to_string(),
        "difference.difference"
    );

    let mut bare = full.clone();
    bare.steps.pop();
    let extended = extend_with_answering_tools(
        &bare,
        &[question(EntityKind::Pathway)],
        &bindings,
        &catalog(),
        &profile,
    );
    let ids: Vec<&str> = extended.steps.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(
        ids,
        ["centred", "difference", "above"],
        "the table it needs is made first"
    );
    let step = extended.step("difference").unwrap();
    assert_eq!(step.params["contrast"], "condition:B-A");
    assert_eq!(step.inputs["matrix"].to_string(), "centred.matrix");

    let none = extend_with_answering_tools(
        &bare,
        &[question(EntityKind::Kinase)],
        &bindings,
        &catalog(),
        &profile,
    );
    assert_eq!(none, bare);
}

#[test]
fn peptides_are_refused_and_sites_lose_what_needs_genes() {
    use proteus::dataset::{FeatureLevel, Quantity};
    let template = WorkflowTemplate::parse("toy.yaml", TEMPLATE).unwrap();
    let objective = objective(&[], &[]);
    let bindings = Bindings::of(&objective, &dataset().samples);
    let workflow = template.instantiate(&objective.id, "scope", &bindings);
    let mut profile = dataset().profile();

    for level in [FeatureLevel::Peptide, FeatureLevel::Precursor] {
        profile.assays[0].level = level;
        let errors = workflow.check(&catalog(), &profile).unwrap_err();
        assert_eq!(errors.len(), 1, "the later step is not told again");
        let said = errors[0].to_string();
        assert!(
            said.contains(level.plural()) && said.contains("hint: give the table of proteins"),
            "{said}"
        );
    }
    profile.assays[0].level = FeatureLevel::Gene;
    profile.assays[0].quantity = Quantity::Binary;
    assert!(workflow.check(&catalog(), &profile).is_err());

    profile.assays[0].level = FeatureLevel::Site;
    profile.assays[0].quantity = Quantity::Intensity;
    assert!(workflow.check(&catalog(), &profile).is_ok());
    let real = Catalog::new(CATALOG).unwrap();
    let templates = Templates::load(&Content::embedded()).unwrap();
    let full = templates.get("two_group_comparison").unwrap().instantiate(
        &objective.id,
        "scope",
        &bindings,
    );
    let fitted = full.clone().fitted_to(&real, &profile);
    assert!(full.step("enrichment").is_some() && full.step("over_representation").is_some());
    assert!(fitted.step("enrichment").is_none() && fitted.step("over_representation").is_none());
    assert_eq!(fitted.steps.len() + 2, full.steps.len());
}
