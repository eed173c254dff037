#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::PathBuf;

use proteus_stats::Matrix;

use super::{Question, QuestionError};
use crate::agent::propose::{Proposals, Scope, propose_within};
use crate::dataset::{
    Assay, Dataset, Feature, FeatureLevel, Quantity, Removed, Role, SampleMetadata, Scale, Variable,
};
use crate::discovery::{Asked, EntityKind, Meaning};
use crate::knowledge::Packs;

/// Forty tumours and normal tissues with a sheet as studies have them.
fn study() -> Dataset {
    const N: usize = 40;
    let mut samples = SampleMetadata::new((0..N).map(|i| format!("S{i}")).collect());
    let labels = |of: &dyn Fn(usize) -> &'static str| -> Vec<Option<String>> {
        (0..N).map(|i| Some(of(i).to_owned())).collect()
    };
    let mut add = |name: &str, role, of: &dyn Fn(usize) -> &'static str| {
        samples.insert(Variable::categorical(name, &labels(of), role));
    };
    add("Tumor_Normal", Role::Condition, &|i| {
        if i < 30 { "Tumor" } else { "Normal" }
    });
    add("MSI_status", Role::Clinical, &|i| {
        if i % 3 == 0 { "MSI-H" } else { "MSS" }
    });
    add("Histologic_type", Role::Clinical, &|i| {
        ["Endometrioid", "Serous", "Clear cell"][i % 3]
    });
    add("tumor_Stage-Pathological", Role::Clinical, &|i| {
        if i % 2 == 0 { "Stage I" } else { "Stage III" }
    });
    add("MLH1", Role::Clinical, &|i| {
        if i % 4 == 0 {
            "Loss of nuclear expression"
        } else {
            "Intact"
        }
    });
    add("TP53_mutation", Role::Clinical, &|i| {
        if i % 5 < 2 { "mutated" } else { "wildtype" }
    });
    add("plex", Role::Plex, &|i| if i % 2 == 0 { "1" } else { "2" });
    samples.insert(Variable::continuous(
        "Age",
        (0..N).map(|i| Some(40.0 + i as f64)).collect(),
        Role::Clinical,
    ));
    let symbols = ["TP53", "MLH1", "HLA-A", "SET", "REST", "CDK1"];
    let features = symbols.iter().enumerate().map(|(row, symbol)| Feature {
        id: format!("P{row:05}"),
        accessions: vec![format!("P{row:05}")],
        symbol: Some((*symbol).to_owned()),
        symbols: vec![(*symbol).to_owned()],
        row: row + 2,
        ..Feature::default()
    });
    let assay = Assay {
        name: "proteins".to_owned(),
        format: "plain_wide".to_owned(),
        level: FeatureLevel::ProteinGroup,
        quantity: Quantity::Ratio,
        source_scale: Scale::Log2,
        features: features.collect(),
        values: Matrix::filled(symbols.len(), N, 1.0),
        columns: samples.ids.clone(),
        file: PathBuf::from("table.tsv"),
        removed: Removed::default(),
        organism: None,
        rolled_up: None,
    };
    Dataset::in_memory("study", assay, samples)
}

fn ask(text: &str) -> Result<(Vec<String>, Asked, Proposals), QuestionError> {
    let mut dataset = study();
    let packs = Packs::none();
    let mut question = Question::understand(text, &dataset, &packs)?;
    let scope = Scope {
        question: Some(&mut question),
        packs: true,
        blind: false,
        fixed: false,
    };
    let proposals = propose_within(&mut dataset, 12, scope)?;
    let mut ids: Vec<String> = proposals
        .objectives
        .iter()
        .map(|o| o.id.0.clone())
        .collect();
    ids.sort();
    let asked = question.asked(proposals.left_out_by_question, None);
    Ok((ids, asked, proposals))
}

/// The objectives a question leaves.
fn objectives(text: &str) -> Vec<String> {
    ask(text).unwrap_or_else(|e| panic!("{text}: {e}")).0
}

fn meanings(asked: &Asked, meaning: Meaning) -> Vec<&str> {
    let of = asked.understood.iter().filter(|u| u.meaning == meaning);
    of.map(|u| u.name.as_str()).collect()
}

#[test]
fn a_variable_is_named_as_people_name_it() {
    for text in [
        "Which proteins follow MSI status?",
        "which proteins differ with msi_status",
        "WHICH PROTEINS FOLLOW MSI STATUS",
        "MSI",
    ] {
        assert_eq!(objectives(text), ["MSI_status:MSI-H-MSS"], "{text}");
    }
    assert_eq!(
        objectives("How does histology show in the proteome?").len(),
        4
    );
    assert_eq!(objectives("what goes with age"), ["Age:slope"]);
    assert_eq!(
        objectives("Is there a difference between stages?"),
        ["tumor_Stage-Pathological:Stage III-Stage I"]
    );
    assert_eq!(
        objectives("proteins that depend on TP53 mutation"),
        ["TP53_mutation:mutated-wildtype"]
    );
}

#[test]
fn groups_choose_among_comparisons_and_make_those_that_nobody_proposed() {
    assert_eq!(
        objectives("tumor versus normal"),
        ["Tumor_Normal:Tumor-Normal"]
    );
    assert_eq!(
        objectives("cancer vs. healthy tissue"),
        ["Tumor_Normal:Tumor-Normal"]
    );
    assert_eq!(
        objectives("What is higher in serous tumours than in clear cell ones?"),
        ["Histologic_type:Serous-Clear cell"]
    );
    let of_one = objectives("What is special about Serous?");
    assert!(
        of_one
            .iter()
            .all(|id| id.starts_with("Histologic_type:Serous")),
        "{of_one:?}"
    );
    let (_, asked, proposals) = ask("MSI-H against MSS").unwrap();
    assert_eq!(
        meanings(&asked, Meaning::Level),
        ["MSI_status = MSI-H", "MSI_status = MSS"]
    );
    assert!(asked.objectives_left_out > 3);
    assert!(
        proposals
            .not_asked
            .iter()
            .any(|n| n.reason == "not what the question asks")
    );
}

#[test]
fn proteins_are_told_from_words_and_from_variables() {
    let (ids, asked, _) = ask("Is HLA-A lower in MSI-H?").unwrap();
    assert_eq!(ids, ["MSI_status:MSI-H-MSS"]);
    assert_eq!(asked.only, ["HLA-A"]);
    assert!(
        asked
            .left_out
            .iter()
            .any(|l| l.what == "lower" && l.reason.contains("both directions"))
    );
    // `set` and `rest` are words.
    let (_, asked, _) = ask("the rest of a set, by age").unwrap();
    assert!(asked.only.is_empty(), "{asked:?}");
    let (_, asked, _) = ask("Does SET rise with age?").unwrap();
    assert_eq!(asked.only, ["SET"]);
    let (_, asked, _) = ask("DOES THE REST RISE WITH AGE").unwrap();
    assert!(asked.only.is_empty(), "{asked:?}");
    // A protein beside a comparison, a variable by itself.
    let (ids, asked, _) = ask("Is MLH1 lower in MSI-H than MSS?").unwrap();
    assert_eq!(
        (ids.len(), asked.only.as_slice()),
        (1, ["MLH1".to_owned()].as_slice())
    );
    let (ids, asked, _) = ask("What follows MLH1?").unwrap();
    assert!(ids.iter().all(|id| id.starts_with("MLH1:")), "{ids:?}");
    assert!(asked.only.is_empty());
    assert!(asked.left_out.iter().any(|l| l.what == "MLH1"));
    // Accessions, and symbols with a number in any case.
    let (_, asked, _) = ask("does p00005 or cdk1 change with age?").unwrap();
    assert_eq!(asked.only, ["CDK1"]);
}

#[test]
fn kinds_of_claim_leave_out_the_others() {
    let (_, _, proposals) = ask("Which pathways differ between tumor and normal?").unwrap();
    let kinds = proposals.objectives.iter().flat_map(|o| &o.questions);
    assert!(kinds.map(|q| q.subject).all(|k| k == EntityKind::Pathway));
    assert!(
        proposals.objectives[0]
            .text
            .starts_with("Which pathways are")
    );
    let (ids, _, _) = ask("Do the samples form subtypes?").unwrap();
    assert_eq!(ids, ["structure"]);
    let (_, asked, proposals) = ask("Which proteins are detected only in tumor?").unwrap();
    assert_eq!(asked.understood.len(), 3);
    let relations = proposals.objectives.iter().flat_map(|o| &o.questions);
    let detection = crate::discovery::Relation::DetectionDiffersBetween;
    assert!(relations.map(|q| q.relation).all(|r| r == detection));
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_can() {
    let error = ask("How is the weather in Paris?").unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, QuestionError::Nothing { .. }));
    assert!(
        text.contains("`MSI_status` (MSI-H, MSS)") && text.contains("`Age`"),
        "{text}"
    );
    assert!(matches!(ask("?!"), Err(QuestionError::Empty { .. })));
    let long = "age ".repeat(200);
    assert!(matches!(
        ask(&long),
        Err(QuestionError::TooLong { found: 800 })
    ));
    let plex = ask("Which proteins differ by plex?")
        .unwrap_err()
        .to_string();
    assert!(
        plex.contains("`plex`: tells how samples were processed"),
        "{plex}"
    );
}

#[test]
fn what_a_negation_excludes_is_not_asked() {
    let error = ask("What does not change with age?")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`not change with age`: negation is not understood"),
        "{error}"
    );
    let (ids, asked, _) = ask("What changes with age and not in normal tissue?").unwrap();
    assert_eq!(ids, ["Age:slope"]);
    assert!(
        asked
            .left_out
            .iter()
            .any(|l| l.what == "not in normal tissue"),
        "{asked:?}"
    );
}

#[test]
fn a_kind_of_claim_beside_an_unknown_word_is_no_question() {
    let error = ask("Which proteins rise with the dose?")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`dose`: names nothing in this dataset"),
        "{error}"
    );
    assert!(ask("Which proteins are changed?").is_ok());
    assert_eq!(
        objectives("Which pathways go with MSI status?"),
        ["MSI_status:MSI-H-MSS"]
    );
}

#[test]
fn hostile_text_is_inert() {
    for text in [
        "age\u{1b}[2J\u{202e}; DROP TABLE <script>alert(1)</script> {{ 7*7 }} $(rm -rf /)",
        "age\0\n\r\t../../etc/passwd %s %n",
        "\u{feff}age 🧬 \u{200b}",
    ] {
        let (ids, asked, _) = ask(text).unwrap();
        assert_eq!(ids, ["Age:slope"], "{text:?}");
        assert!(
            !asked
                .text
                .chars()
                .any(|c| c.is_control() || c == '\u{202e}'),
            "{:?}",
            asked.text
        );
    }
    for text in ["\u{0}", "—", "''''", "İSTANBUL ﬁﬀ ǅ", "ﬁ", "a\u{301}"] {
        assert!(ask(text).is_err(), "{text:?}");
    }
}

#[test]
fn without_packs_no_pathway_is_asked_about() {
    let mut dataset = study();
    let scope = Scope {
        question: None,
        packs: false,
        blind: false,
        fixed: false,
    };
    let proposals = propose_within(&mut dataset, 12, scope).unwrap();
    let kinds = proposals
        .objectives
        .iter()
        .flat_map(|o| &o.questions)
        .map(|q| q.subject);
    assert!(
        !kinds
            .into_iter()
            .any(|k| matches!(k, EntityKind::Pathway | EntityKind::Complex))
    );
    assert!(
        proposals
            .not_asked
            .iter()
            .any(|n| n.what == "pathways and complexes")
    );
}
