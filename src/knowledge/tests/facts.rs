//! Facts a biologist can check by hand, and invariants.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::PACKS;
use crate::knowledge::{EvidenceFilter, GeneSet, IdentifierKind, Ontology, detect_organism};

fn symbol(identifier: &str) -> Option<String> {
    PACKS
        .identifiers()
        .unwrap()
        .map(identifier)
        .map(|mapping| mapping.gene.symbol.to_string())
}

#[test]
fn identifiers_map_in_all_their_forms() {
    for form in [
        "P04637",
        "p04637",
        "P04637-2",
        "sp|P04637|P53_HUMAN",
        ">sp|P04637-4|P53_HUMAN Cellular tumor antigen p53 OS=Homo sapiens",
        "UniProtKB:P04637",
        "NP_000537.3",
        "ENSG00000141510",
        "ENSG00000141510.18",
        "7157",
        "TP53",
        "Tp53",
        "p53",
        "Q99999999;P04637",
        "\"TP53\"",
    ] {
        assert_eq!(symbol(form).as_deref(), Some("TP53"), "{form}");
    }
    // Of a header the accession counts, then the gene; its other words do not, though `4` is a gene number.
    let header = ">tr|A0XYZ9|X_HUMAN Subunit 4 of AKT1 OS=Homo sapiens";
    assert_eq!(symbol(header), None);
    assert_eq!(
        symbol(&format!("{header} GN=MLH1 PE=1")).as_deref(),
        Some("MLH1")
    );
    // A symbol that has the shape of an accession, and one with a dash.
    assert_eq!(symbol("P2RY12").as_deref(), Some("P2RY12"));
    assert_eq!(symbol("HLA-A").as_deref(), Some("HLA-A"));
    // A current symbol wins over an alias of another gene.
    assert_eq!(symbol("GPI").as_deref(), Some("GPI"));
    for unknown in ["", "sp", "sp||", "YBR001C", "P12345X", "-1", "9-Sep", "🧬"] {
        assert_eq!(symbol(unknown), None, "{unknown}");
    }
}

#[test]
fn twins_and_aliases_are_told_apart() {
    let map = PACKS.identifiers().unwrap();
    // GAGE12F, GAGE12G, GAGE12I and GAGE7 encode the same protein.
    let twin = map.map("P0CL80").unwrap();
    assert_eq!(twin.candidates, 4);
    let lowest = map
        .genes()
        .iter()
        .filter(|gene| gene.symbol.starts_with("GAGE"))
        .find(|gene| gene.entrez == twin.gene.entrez);
    assert_eq!(lowest.unwrap().symbol, twin.gene.symbol);
    // `GARS` is an alias of GART too.
    assert_eq!(symbol("GARS").as_deref(), Some("GARS1"));
    // `AF` is an alias of several genes.
    let (mapped, rate) = map.map_all(&["AF", "PSMD4", "P55036", "nothing"]);
    assert_eq!(mapped.iter().flatten().count(), 2);
    assert_eq!((rate.mapped, rate.total, rate.ambiguous), (2, 4, 1));
    assert_eq!(rate.by_kind[&IdentifierKind::Symbol], 1);
    assert_eq!(rate.unmapped_examples, ["AF", "nothing"]);
    assert!((rate.fraction() - 0.5).abs() < f64::EPSILON);
}

#[test]
fn the_proteasome_is_a_complex_and_psmd4_is_in_it() {
    let complexes = PACKS.gene_sets("go-complexes").unwrap();
    let ids: BTreeSet<&str> = complexes
        .containing("PSMD4")
        .map(|set| set.id.as_str())
        .collect();
    assert!(ids.contains("GO:0000502"), "{ids:?}");
    assert!(
        complexes.get("GO:0032991").is_none(),
        "the root is no complex"
    );
    assert_eq!(complexes.get("GO:0000502").unwrap().source.pack, "go");
    let graph = PACKS.go().unwrap().graph();
    assert!(
        graph.is_above("GO:0032991", "GO:0000502") && !graph.is_above("GO:0000502", "GO:0032991")
    );
    let lid = graph.term("GO:0008541").unwrap();
    assert!(lid.name.contains("lid"));
    assert!(
        graph
            .ancestors("GO:0008541")
            .all(|above| above.ontology == Ontology::CellularComponent)
    );
}

#[test]
fn propagation_only_adds_and_curation_only_removes() {
    let go = PACKS.go().unwrap();
    let process = go.gene_sets(Ontology::BiologicalProcess, EvidenceFilter::All);
    let curated = go.gene_sets(Ontology::BiologicalProcess, EvidenceFilter::Curated);
    let experimental = go.gene_sets(Ontology::BiologicalProcess, EvidenceFilter::Experimental);
    for gene in ["PSMD4", "TP53", "MLH1", "VCP"] {
        let direct = go.direct(gene).filter(|(term, code)| {
            term.ontology == Ontology::BiologicalProcess && EvidenceFilter::All.accepts(code)
        });
        for (term, _) in direct {
            let holds = |id: &str| {
                process
                    .get(id)
                    .unwrap()
                    .members
                    .iter()
                    .any(|member| &**member == gene)
            };
            assert!(holds(&term.id), "{gene} {}", term.id);
            assert!(go.graph().ancestors(&term.id).all(|above| holds(&above.id)));
        }
    }
    let within = |small: &GeneSet, large: &GeneSet| {
        small
            .members
            .iter()
            .all(|gene| large.members.contains(gene))
    };
    assert!(
        curated
            .sets()
            .iter()
            .take(300)
            .all(|set| within(set, process.get(&set.id).unwrap()))
    );
    assert!(
        experimental
            .sets()
            .iter()
            .take(300)
            .all(|set| within(set, curated.get(&set.id).unwrap()))
    );
}

#[test]
fn information_grows_downwards() {
    let go = PACKS.go().unwrap();
    for term in go.graph().terms().iter().step_by(97) {
        let Some(here) = go.information_content(&term.id) else {
            continue;
        };
        for above in go.graph().ancestors(&term.id) {
            assert!(
                go.information_content(&above.id).unwrap() <= here + 1e-12,
                "{} {}",
                term.id,
                above.id
            );
            assert!(go.graph().depth(&above.id) < go.graph().depth(&term.id));
        }
    }
    assert_eq!(go.information_content("GO:9999999"), None);
}

#[test]
fn sets_are_restricted_to_what_was_measured() {
    let sets = PACKS.gene_sets("hallmark").unwrap();
    let measured = ["LDHA", "", "CA9", "PGK1", "LDHA", "NOT_A_GENE"];
    let found = sets.restrict(&measured, 3, 10);
    let hypoxia = found
        .iter()
        .find(|part| part.set.id == "HALLMARK_HYPOXIA")
        .unwrap();
    assert!(
        hypoxia.indices.starts_with(&[0])
            && hypoxia.indices.contains(&3)
            && hypoxia.indices.contains(&4)
    );
    assert!(!hypoxia.indices.contains(&1) && !hypoxia.indices.contains(&5));
    assert!(sets.restrict(&measured, 5, 10).is_empty());
}

#[test]
fn reactome_sets_are_known_by_their_stable_identifier() {
    let sets = PACKS.gene_sets("reactome").unwrap();
    assert!(sets.sets().iter().all(|set| set.id.starts_with("R-HSA-")));
    assert_eq!(
        sets.get("R-HSA-164843").unwrap().name,
        "2-LTR circle formation"
    );
}

#[test]
fn collections_and_packs_are_listed() {
    let expected = [
        "go-bp",
        "go-cc",
        "go-complexes",
        "go-mf",
        "hallmark",
        "reactome",
        "wikipathways",
    ];
    assert_eq!(PACKS.collections(), expected);
    assert_eq!(PACKS.footprint_packs(), ["progeny"]);
    assert_eq!(PACKS.list().len(), 8);
    let error = PACKS.gene_sets("kegg").unwrap_err().to_string();
    assert!(
        error.contains("`kegg`") && error.contains("`reactome`"),
        "{error}"
    );
}

#[test]
fn diseases_have_names_and_parents() {
    let diseases = PACKS.diseases().unwrap();
    let disease = diseases.named("Endometrial Cancer").unwrap();
    assert_eq!(disease.id, "DOID:1380");
    assert!(
        disease
            .parents
            .iter()
            .any(|parent| diseases.get(parent).unwrap().name == "uterine cancer")
    );
    assert!(
        diseases
            .of_gene("MLH1")
            .any(|disease| disease.name.contains("colo"))
    );
}

#[test]
fn organisms_are_told_by_header_entry_name_and_ensembl_prefix() {
    let call = detect_organism([
        "sp|P04637|P53_HUMAN",
        "P53_MOUSE",
        ">sp|A|B OS=Homo sapiens OX=9606 GN=X",
        "Q1",
    ])
    .unwrap();
    assert_eq!(
        (call.organism.as_str(), call.votes, call.naming, call.total),
        ("Homo sapiens", 2, 3, 4)
    );
    let yeast =
        detect_organism([">sp|P1|X_YEAST Y OS=Saccharomyces cerevisiae (strain ATCC 204508) GN=Z"])
            .unwrap();
    assert_eq!(yeast.organism, "Saccharomyces cerevisiae");
    assert_eq!(
        detect_organism(["ENSMUSG00000000001.4"]).unwrap().organism,
        "Mus musculus"
    );
    let spiked = detect_organism(["P1|A_HUMAN", "P2", "P3"]).unwrap();
    assert!(yeast.is_convincing() && !spiked.is_convincing());
    assert_eq!(detect_organism(["P04637", "TP53", "HUMAN"]), None);
    assert_eq!(detect_organism(Vec::<String>::new()), None);
}

proptest! {
    #[test]
    fn no_identifier_panics(identifier in "\\PC{0,40}") {
        PACKS.identifiers().unwrap().map(&identifier);
        detect_organism([&identifier]);
    }

    #[test]
    fn any_isoform_is_its_protein(number in 1u32..40) {
        prop_assert_eq!(symbol(&format!("P55036-{number}")), Some("PSMD4".to_owned()));
    }
}
