#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::sync::Arc;

use super::*;
use crate::content::Content;
use crate::knowledge::table::Table;
use crate::knowledge::{PackVersion, Packs};

/// A map of genes that are not: number, symbol, name, aliases.
fn map(genes: &[(u32, &str, &str, &str)]) -> IdentifierMap {
    let mut text =
        "entrez\tsymbol\tname\tgene_type\tuniprot\tensembl\talias\trefseq_protein\n".to_owned();
    for (entrez, symbol, name, alias) in genes {
        text.push_str(&format!("{entrez}\t{symbol}\t{name}\tx\t\t\t{alias}\t\n"));
    }
    let table = Table::from_bytes("t", text.as_bytes()).unwrap();
    let version = PackVersion {
        pack: "t".to_owned(),
        version: "1".to_owned(),
    };
    IdentifierMap::parse(&table, "Homo sapiens", Arc::new(version)).unwrap()
}

#[test]
fn what_could_mean_something_else_is_left_out() {
    let map = map(&[
        (
            1,
            "ABC1",
            "alpha binding carrier 1",
            "ABCI;ALBICA;XYZ7;DEF2;SAME;TWO-3;AB;A1;FACT;FJHN;ABC1",
        ),
        (2, "DEF2", "delta factor 2", "SAME;TWO3;DEF2"),
        (3, "GHI3", "gamma hidden 3", "RPX1;GHI3"),
        (4, "JKL4", "kappa light 4", "RPX2;KAPP 9;<b>9;JKL4"),
        (5, "MNO5", "mu normal 5", "RPX3;MNO5"),
        (6, "PQR6", "twin protein", "FAM1;PQR6"),
        (7, "PQR7", "twin protein", "FAM2;PQR7"),
        (
            8,
            "PQR8",
            "chromosome 8 open reading frame 8",
            "FAM3;KIAX12;PQR8",
        ),
    ]);
    let synonyms = Synonyms::of(&map);
    // Its name; what abbreviates it; a number of no series. Not: a symbol and an alias of another gene, the same but for a
    // hyphen, what is too short, an English word, letters that say nothing of it.
    assert_eq!(
        synonyms.names("ABC1"),
        ["alpha binding carrier 1", "ABCI", "ALBICA", "XYZ7"]
    );
    assert_eq!(
        synonyms.names("abc1")[1],
        "ABC1",
        "its spelling is a name too"
    );
    assert_eq!(synonyms.names("DEF2"), ["delta factor 2"]);
    // A series over unrelated genes is none of names; one over kin is.
    assert_eq!(synonyms.names("GHI3"), ["gamma hidden 3"]);
    assert_eq!(synonyms.names("JKL4"), ["kappa light 4"]);
    assert_eq!(
        synonyms.names("PQR6"),
        ["FAM1"],
        "a name of two genes is of none"
    );
    assert_eq!(synonyms.names("PQR8"), ["FAM3", "KIAX12"]);
    assert!(synonyms.names("NOTHING").is_empty());
    assert!(synonyms.names("").is_empty());
}

#[test]
fn abbreviations_begin_at_a_word_and_know_roman_figures() {
    for (alias, name, symbol, expected) in [
        ("CAIX", "carbonic anhydrase 9", "CA9", true),
        ("CA-IX", "carbonic anhydrase 9", "CA9", true),
        ("CAXI", "carbonic anhydrase 9", "CA9", false),
        ("ARBON", "carbonic anhydrase 9", "CA9", false),
        ("P53", "tumor protein p53", "TP53", true),
        ("FJHN", "uromodulin", "UMOD", false),
        (
            "VEGF",
            "vascular endothelial growth factor A",
            "VEGFA",
            true,
        ),
    ] {
        assert_eq!(abbreviates(alias, name, symbol), expected, "{alias}");
    }
}

#[test]
fn names_of_the_bundled_map_are_those_of_papers() {
    let packs = Packs::open(&Content::embedded()).unwrap();
    let synonyms = Synonyms::of(packs.identifiers().unwrap());
    for (symbol, wanted) in [
        ("CA9", &["carbonic anhydrase 9", "CAIX"][..]),
        ("ERBB2", &["HER2"]),
        ("CD274", &["PD-L1", "PDL1"]),
        ("UMOD", &["uromodulin"]),
        ("TP53", &["tumor protein p53", "P53"]),
        ("CXCL8", &["IL8"]),
    ] {
        let names = synonyms.names(symbol);
        for name in wanted {
            assert!(
                names.iter().any(|n| n == name),
                "{symbol}: no {name} in {names:?}"
            );
        }
    }
    for (symbol, unwanted) in [
        ("CA9", &["MN", "CA9"][..]),
        // English words; a formula; loci of diseases; what other genes are called; a library of clones.
        ("SSRP1", &["FACT"]),
        ("C2", &["CO2"]),
        ("TNFSF10", &["TRAIL"]),
        ("AGER", &["RAGE"]),
        ("UMOD", &["FJHN", "ADTKD1", "THP"]),
        ("SQSTM1", &["p62", "p60", "ZIP3", "FTDALS3"]),
        ("GNPDA1", &["GPI"]),
        ("DDTL", &["DDT"]),
        ("ALB", &["HSA", "PRO0883"]),
    ] {
        let names = synonyms.names(symbol);
        for name in unwanted {
            assert!(
                !names.iter().any(|n| n == name),
                "{symbol}: {name} in {names:?}"
            );
        }
    }
}

#[test]
fn no_name_is_given_for_two_genes_of_the_bundled_map() {
    let packs = Packs::open(&Content::embedded()).unwrap();
    let map = packs.identifiers().unwrap();
    let synonyms = Synonyms::of(map);
    let mut owners: HashMap<String, &str> = HashMap::new();
    let genes = map.genes().iter();
    let symbols: HashMap<String, &str> = genes.map(|g| (plain(&g.symbol), &*g.symbol)).collect();
    let mut given = 0;
    for gene in map.genes() {
        let names = synonyms.names(&gene.symbol);
        assert!(names.len() <= MOST);
        for name in names {
            given += 1;
            let spelling = plain(&name);
            let named = symbols.get(&spelling).copied();
            assert!(
                named.is_none_or(|symbol| symbol == &*gene.symbol),
                "{}: {name} is {named:?}",
                gene.symbol
            );
            assert!(spelling.len() >= 3, "{}: {name}", gene.symbol);
            let owner = owners.entry(spelling).or_insert(&gene.symbol);
            assert_eq!(*owner, &*gene.symbol, "{name} is given for both");
        }
    }
    assert!(
        given > map.genes().len(),
        "{given} names of {} genes",
        map.genes().len()
    );
}
