//! Copy numbers, antibodies and tables about features: what is measured beside proteins.

use super::super::{FeatureLevel, Quantity, open};
use super::super::{Inspection, ReadOptions};
use super::Experiment;

#[test]
fn copy_numbers_are_no_proteins() {
    let it = Experiment::new();
    // 600 genes on twelve segments per sample.
    let mut table = "idx\tS1\tS2\tS3\tS4\n".to_string();
    for gene in 0..600 {
        table.push_str(&format!("GENE{gene}"));
        for sample in 0..4 {
            let segment = (gene / 50 + 3 * sample) % 7;
            table.push_str(&format!(
                "\t{}",
                [0.0, -0.4, 0.02, 0.58, -1.1, 0.0, 0.3][segment]
            ));
        }
        table.push('\n');
    }
    let d = it.table(&table).unwrap();
    assert_eq!(d.assay().quantity, Quantity::CopyNumber);
    assert_eq!(d.assay().level, FeatureLevel::Gene);
    let seen = Inspection::of(&d);
    assert_eq!(seen.problems[0].rule, "not_analysed");
    assert!(d.inferences.iter().any(|i| i.value == "copy number"));
}

#[test]
fn antibodies_get_genes_and_residues() {
    let content = crate::content::Content::embedded();
    let packs = crate::knowledge::Packs::open(&content).unwrap();
    let it = Experiment::new();
    let names = [
        "ER-alpha",
        "ER-alpha_pS118",
        "HER2",
        "HER2_pY1248",
        "Akt_pS473",
        "PKC-delta_pS664",
        "GSK3-alpha-beta",
        "Cyclin_B1",
        "4E-BP1",
        "PDK1_pS241",
        "Claudin-7",
        "No_such_thing",
    ];
    let mut table = format!("sample\t{}\n", names.join("\t"));
    for sample in 0..4 {
        let cells: Vec<String> = (0..names.len())
            .map(|k| format!("{:.3}", ((k * 7 + sample * 3) % 11) as f64 / 4.0 - 1.0))
            .collect();
        table.push_str(&format!("T{sample}\t{}\n", cells.join("\t")));
    }
    it.write("arrays.tsv", table);
    let mut d = open(&it.path("arrays.tsv"), &ReadOptions::default()).unwrap();
    assert_eq!(d.assay().level, FeatureLevel::Marker);
    d.annotate(packs.identifiers().unwrap());
    let of = |name: &str| {
        let feature = d.assay().features.iter().find(|f| f.id == name).unwrap();
        let residue = feature.site.as_ref().map_or("", |s| s.residue.as_str());
        (feature.symbols.join("/"), residue.to_string())
    };
    let is = |genes: &str, residue: &str| (genes.to_string(), residue.to_string());
    assert_eq!(of("ER-alpha"), is("ESR1", ""));
    assert_eq!(of("HER2_pY1248"), is("ERBB2", "Y1248"));
    assert_eq!(of("Akt_pS473"), is("AKT1/AKT2/AKT3", "S473"));
    assert_eq!(of("PKC-delta_pS664"), is("PRKCD", "S664"));
    assert_eq!(of("GSK3-alpha-beta"), is("GSK3A/GSK3B", ""));
    assert_eq!(of("Cyclin_B1"), is("CCNB1", ""));
    assert_eq!(of("4E-BP1"), is("EIF4EBP1", ""));
    assert_eq!(of("PDK1_pS241"), is("PDPK1", "S241"));
    assert_eq!(of("Claudin-7"), is("CLDN7", ""));
    assert_eq!(of("No_such_thing"), is("", ""));
    let rate = d
        .inferences
        .iter()
        .find(|i| i.what.starts_with("gene symbols"))
        .unwrap();
    assert!(rate.value.contains("11 of 12 antibodies"), "{}", rate.value);
    assert!(rate.value.contains("`No_such_thing`"), "{}", rate.value);
}

#[test]
fn a_table_about_features_is_joined() {
    let it = Experiment::new();
    std::fs::remove_file(it.path("sheet.tsv")).unwrap();
    it.write(
        "table.tsv",
        "SampleId\tSampleType\tseq.10000.28\tseq.10001.7\tseq.10002.9\n\
         a\tSample\t500.1\t210.2\t99\nb\tSample\t510.1\t220.2\t98\nc\tSample\t490.1\t190.2\t97\nd\tBuffer\t9\t9\t9\n",
    );
    it.write(
        "analytes.tsv",
        "AptName\tSeqId\tSomaId\tTargetFullName\tUniProt\tEntrezGeneSymbol\tOrganism\tType\tDilution\n\
         seq.10000.28\t10000-28\tSL1\tBeta-crystallin B2\tP43320\tCRYBB2\tHuman\tProtein\t20\n\
         seq.10001.7\t10001-7\tSL2\tInterleukin-23\tP29460, Q9NPF7\tIL12B IL23A\tHuman\tProtein\t20\n\
         seq.10002.9\t10002-9\tSL3\tSpuriomer\tNA\tNA\tHuman\tSpuriomer\t20\n",
    );
    let d = it.open().unwrap();
    let features = &d.assay().features;
    assert_eq!(features.len(), 2);
    assert_eq!(features[0].accessions, ["P43320"]);
    assert_eq!(features[0].symbol.as_deref(), Some("CRYBB2"));
    assert_eq!(features[1].accessions, ["P29460", "Q9NPF7"]);
    assert_eq!(features[1].symbols, ["IL12B", "IL23A"]);
    let told = d
        .inferences
        .iter()
        .find(|i| i.what.starts_with("what the features"))
        .unwrap();
    assert!(told.value.contains("1 Spuriomer"), "{}", told.value);
    assert_eq!(d.samples.len(), 3);
}

#[test]
fn people_write_around_their_tables() {
    let it = Experiment::new();
    std::fs::remove_file(it.path("sheet.tsv")).unwrap();
    let body =
        "P04637;TP53;1,5;2,5;3,5;4,5\nP55072;VCP;10,5;11,5;12,5;13,5\nQ96S94;CCNL2;7,5;8,5;9,5;\n";
    let text = format!(
        "Core facility, project 7;;;;;\n;;;;;\n;;ctrl;;drug;\nAccession;Gene;1;2;1;2\n;;log2;log2;log2;log2\n{body}n.d., not detected;;;;;\n"
    );
    let d = it.table(&text).unwrap();
    assert_eq!(d.samples.ids, ["ctrl 1", "ctrl 2", "drug 1", "drug 2"]);
    assert_eq!(d.assay().n_features(), 3);
    assert_eq!(d.assay().values.row(0), [1.5, 2.5, 3.5, 4.5]);
    assert_eq!(d.assay().features[2].row, 8);
    let perseus = "A\tB\tC\tD\tGene names\tProtein IDs\tScore\n#!{Type}E\tE\tE\tE\tT\tT\tN\n\
        #!{C:Treatment}no\tno\tyes\tyes\t\t\t\n20.5\t21.5\t22.5\t23.5\tTP53\tP04637\t9\n\
        20.1\tNaN\t22.1\t23.1\tVCP\tP55072\t8\n25.1\t26.1\t27.1\t28.1\tCCNL2\tQ96S94\t7\n";
    let d = it.table(perseus).unwrap();
    assert_eq!(d.samples.ids, ["A", "B", "C", "D"]);
    assert_eq!(
        d.samples.variables["Treatment"].level_counts(),
        [("no".into(), 2), ("yes".into(), 2)]
    );
}
