//! Counts and distances as the independent reader finds them; information content to 1e-12.

use super::PACKS;
use crate::knowledge::{EvidenceFilter, GeneSets, Ontology};

const EXPECTED: &str = include_str!("../reference/expected.tsv");

/// The rows about `what`: of which item, and its value.
fn expected(what: &str) -> Vec<(&'static str, f64)> {
    let rows = EXPECTED
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let found: Vec<_> = rows
        .filter(|row| row[0] == what)
        .map(|row| (row[1], row[2].parse().unwrap()))
        .collect();
    assert!(!found.is_empty(), "no expected value for `{what}`");
    found
}

fn check(what: &str, found: impl Fn(&str) -> f64) {
    for (of, value) in expected(what) {
        let found = found(of);
        assert!(
            (found - value).abs() <= 1e-12 * value.abs().max(1.0),
            "{what} of {of}: {found}, expected {value}"
        );
    }
}

fn members(collections: &[GeneSets], id: &str) -> f64 {
    collections
        .iter()
        .find_map(|sets| sets.get(id))
        .map_or(0, |set| set.members.len()) as f64
}

#[test]
fn go_agrees() {
    let go = PACKS.go().unwrap();
    let all = Ontology::ALL.map(|ontology| go.gene_sets(ontology, EvidenceFilter::All));
    let curated = Ontology::ALL.map(|ontology| go.gene_sets(ontology, EvidenceFilter::Curated));
    check("go_genes", |id| members(&all, id));
    check("go_genes_curated", |id| members(&curated, id));
    check("go_depth", |id| f64::from(go.graph().depth(id).unwrap()));
    check("go_information", |id| go.information_content(id).unwrap());
    let complexes = PACKS.gene_sets("go-complexes").unwrap();
    check("complexes", |of| match of {
        "all" => complexes.len() as f64,
        gene => complexes.containing(gene).count() as f64,
    });
}

#[test]
fn interactions_agree() {
    let network = PACKS.interactions().unwrap();
    check("degree", |gene| network.degree(gene) as f64);
    check("edges", |_| network.edges().count() as f64);
    check("edge", |pair| {
        let (a, b) = pair.split_once(' ').unwrap();
        assert_eq!(network.edge(a, b), network.edge(b, a));
        f64::from(u8::from(network.edge(a, b).is_some()))
    });
}

#[test]
fn diseases_agree() {
    let diseases = PACKS.diseases().unwrap();
    check("disease_genes", |id| {
        diseases.get(id).unwrap().genes.len() as f64
    });
    check("disease_genes_below", |id| {
        diseases.genes_below(id).len() as f64
    });
    check("diseases", |gene| diseases.of_gene(gene).count() as f64);
}

#[test]
fn gene_set_files_agree() {
    check("gmt_sets", |pack| {
        PACKS.gene_sets(pack).unwrap().len() as f64
    });
    check("gmt_memberships", |pack| {
        PACKS
            .gene_sets(pack)
            .unwrap()
            .sets()
            .iter()
            .map(|set| set.members.len())
            .sum::<usize>() as f64
    });
}
