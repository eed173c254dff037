//! Detection and reading of every format from its own sample file.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::super::assemble::{self, TableOverrides};
use super::super::grid::Grid;
use super::super::text::TextFile;
use super::super::{Assay, FeatureLevel, Quantity, Scale};
use super::{FORMATS, Format, detect};

fn grid(text: &str) -> Grid {
    Grid::parse(&TextFile::from_bytes(text.as_bytes(), "sample").unwrap()).unwrap()
}

fn named(name: &str) -> &'static dyn Format {
    *FORMATS.iter().find(|f| f.name() == name).unwrap()
}

fn assay(name: &str) -> Assay {
    let format = named(name);
    let raw = format.read(&grid(format.sample()), None).unwrap();
    let all: Vec<usize> = (0..raw.columns.len()).collect();
    assemble::assemble(&raw, "sample", name, &all, None, &TableOverrides::default())
        .unwrap()
        .assay
}

#[test]
fn every_sample_is_detected_as_its_own_format_and_no_other() {
    for format in FORMATS {
        let grid = grid(format.sample());
        let (found, evidence) = detect(&grid).unwrap();
        assert_eq!(found.name(), format.name());
        assert!(!evidence.because.is_empty());
        for other in FORMATS.iter().filter(|o| o.name() != format.name()) {
            // A plain table is any table; it must yield to every producer's own headers.
            let yields = other.detect(&grid).is_none_or(|e| e.score < evidence.score);
            assert!(
                yields,
                "the sample of {} is claimed by {}",
                format.name(),
                other.name()
            );
        }
    }
}

#[test]
fn level_quantity_and_scale_are_as_declared() {
    use FeatureLevel::{Gene, Peptide, Precursor, ProteinGroup, Site};
    use Quantity::{Intensity, LfqIntensity, Other, Ratio, ReporterIntensity};
    use Scale::{Linear, Log2};
    // Format, level, quantity, scale, features, samples.
    let facts = [
        (
            "maxquant_protein_groups",
            ProteinGroup,
            LfqIntensity,
            Linear,
            3,
            4,
        ),
        ("maxquant_peptides", Peptide, Intensity, Linear, 3, 4),
        (
            "maxquant_modified_peptides",
            Peptide,
            Intensity,
            Linear,
            3,
            4,
        ),
        ("maxquant_sites", Site, Intensity, Linear, 2, 4),
        ("diann_pg_matrix", ProteinGroup, LfqIntensity, Linear, 3, 4),
        ("diann_pr_matrix", Precursor, LfqIntensity, Linear, 3, 4),
        ("diann_gene_matrix", Gene, LfqIntensity, Linear, 3, 4),
        (
            "fragpipe_combined_protein",
            ProteinGroup,
            LfqIntensity,
            Linear,
            2,
            4,
        ),
        (
            "fragpipe_combined_peptide",
            Peptide,
            LfqIntensity,
            Linear,
            2,
            4,
        ),
        ("fragpipe_combined_ion", Precursor, Intensity, Linear, 2, 4),
        ("fragpipe_combined_site", Site, LfqIntensity, Linear, 2, 4),
        ("fragpipe_tmt_report", Gene, ReporterIntensity, Log2, 3, 4),
        ("alphadia_matrix", Precursor, LfqIntensity, Linear, 3, 4),
        ("sage_lfq", Precursor, Intensity, Linear, 3, 4),
        (
            "spectronaut_pivot",
            ProteinGroup,
            LfqIntensity,
            Linear,
            3,
            4,
        ),
        (
            "proteome_discoverer",
            ProteinGroup,
            ReporterIntensity,
            Linear,
            3,
            4,
        ),
        ("peaks", ProteinGroup, Intensity, Linear, 2, 4),
        ("mztab", ProteinGroup, Intensity, Linear, 2, 4),
        ("gct", ProteinGroup, Ratio, Log2, 3, 4),
        ("linkedomics_cct", Gene, Ratio, Log2, 3, 4),
        ("diann_report", ProteinGroup, LfqIntensity, Linear, 3, 4),
        ("maxquant_evidence", Precursor, Intensity, Linear, 3, 4),
        (
            "spectronaut_report",
            ProteinGroup,
            LfqIntensity,
            Linear,
            3,
            4,
        ),
        ("msstats", Precursor, Intensity, Linear, 3, 4),
        ("skyline_report", Precursor, Intensity, Linear, 3, 4),
        ("openswath", Precursor, Intensity, Linear, 3, 4),
        ("olink_wide", ProteinGroup, Quantity::Npx, Log2, 3, 4),
        ("progenesis", ProteinGroup, LfqIntensity, Linear, 3, 4),
        ("olink_npx", ProteinGroup, Quantity::Npx, Log2, 3, 4),
        (
            "somascan_adat",
            FeatureLevel::Marker,
            Quantity::Rfu,
            Linear,
            4,
            4,
        ),
        (
            "somascan_table",
            FeatureLevel::Marker,
            Quantity::Rfu,
            Linear,
            4,
            4,
        ),
        (
            "cell_table",
            FeatureLevel::Marker,
            Quantity::MarkerSignal,
            Scale::Asinh { cofactor: 5.0 },
            5,
            4,
        ),
        ("proteus_table", ProteinGroup, Other, Log2, 2, 4),
        ("plain_wide", ProteinGroup, Other, Log2, 3, 4),
        ("plain_long", ProteinGroup, Intensity, Linear, 3, 4),
    ];
    for format in FORMATS {
        let known = facts.iter().find(|f| f.0 == format.name());
        assert!(known.is_some(), "no facts of {}", format.name());
    }
    for (name, level, quantity, scale, features, samples) in facts {
        let a = assay(name);
        let found = (
            a.level,
            a.quantity,
            a.source_scale,
            a.n_features(),
            a.n_samples(),
        );
        assert_eq!(found, (level, quantity, scale, features, samples), "{name}");
    }
}

#[test]
fn contaminants_decoys_and_site_only_groups_are_removed_and_counted() {
    let maxquant = assay("maxquant_protein_groups").removed;
    assert_eq!(
        (
            maxquant.contaminants,
            maxquant.decoys,
            maxquant.only_by_site,
            maxquant.zeros
        ),
        (1, 1, 1, 2)
    );
    let fragpipe = assay("fragpipe_combined_protein").removed;
    assert_eq!(
        (fragpipe.contaminants, fragpipe.decoys, fragpipe.zeros),
        (1, 1, 1)
    );
    assert_eq!(assay("diann_pg_matrix").removed.contaminants, 1);
    let evidence = assay("maxquant_evidence").removed;
    assert_eq!((evidence.contaminants, evidence.decoys), (1, 1));
}

#[test]
fn zeros_are_missing_and_values_are_log2() {
    let a = assay("maxquant_protein_groups");
    assert_eq!(a.features[2].id, "Q96S94");
    assert!(a.values.get(2, 0).is_nan());
    assert!((a.values.get(0, 0) - 1.0e6_f64.log2()).abs() < 1e-12);
    let zero_ratio = assay("linkedomics_cct");
    assert_eq!(zero_ratio.values.get(2, 2), 0.0);
}

#[test]
fn features_keep_accessions_symbols_peptides_and_lines() {
    let a = assay("maxquant_protein_groups");
    let p53 = &a.features[0];
    assert_eq!(
        (p53.id.as_str(), p53.symbol.as_deref(), p53.row),
        ("P04637", Some("TP53"), 2)
    );
    assert_eq!(p53.accessions, ["P04637", "P04637-2"]);
    assert_eq!((p53.peptides, p53.unique_peptides), (Some(6), Some(5)));
    assert_eq!(a.organism.as_deref(), Some("Homo sapiens"));
    let actin = &assay("fragpipe_combined_protein").features[1];
    assert_eq!(actin.accessions, ["P60709", "P63261"]);
}

#[test]
fn run_paths_become_run_names() {
    let format = named("diann_pg_matrix");
    let raw = format.read(&grid(format.sample()), None).unwrap();
    let labels: Vec<&str> = raw.columns.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["ctrl_1", "ctrl_2", "drug_1", "drug_2"]);
    assert_eq!(raw.columns[0].header, r"D:\runs\day 1\ctrl_1.raw");
}

#[test]
fn mangled_headers_read_as_the_originals() {
    let format = named("maxquant_protein_groups");
    let (head, body) = format.sample().split_once('\n').unwrap();
    let mangled: String = head
        .chars()
        .map(|c| if " +()/".contains(c) { '.' } else { c })
        .collect();
    let raw = format
        .read(&grid(&format!("{mangled}\n{body}")), None)
        .unwrap();
    assert_eq!(raw.columns.len(), 4);
    assert_eq!(raw.columns[0].label, "A_1");
    assert_eq!(raw.features[0].peptides, Some(6));
}

#[test]
fn samples_in_rows_are_turned() {
    let text = "sample,group,age,TP53,VCP,CCNL2,ACTB,UMOD\ns1,a,51,20.1,25.2,18.2,30.1,22.4\ns2,a,60,20.3,25.4,18.1,30.2,22.1\ns3,b,48,22.9,24.0,18.8,30.0,22.0\n";
    let raw = named("plain_wide").read(&grid(text), None).unwrap();
    assert_eq!((raw.features.len(), raw.columns.len()), (5, 3));
    assert_eq!(raw.features[0].symbol.as_deref(), Some("TP53"));
    let sheet = raw.sheet.unwrap();
    assert_eq!(sheet.header, ["sample", "group", "age"]);
}

/// A table under a corner `sample`, of so many samples, with these columns.
fn under_sample(headers: &[String], rows: usize) -> String {
    let mut text = format!("sample\t{}\n", headers.join("\t"));
    for i in 0..rows {
        let cells: Vec<String> = (0..headers.len())
            .map(|j| format!("{}.{}", (i * 7 + j * 3) % 5, i + j))
            .collect();
        text.push_str(&format!("A{i}FJ\t{}\n", cells.join("\t")));
    }
    text
}

#[test]
fn antibodies_and_micrornas_in_columns_are_features() {
    let names = [
        "A-Raf_pS299",
        "ACC1",
        "Akt_pT308",
        "p53",
        "HER2",
        "ER-alpha",
    ];
    let letters = ["", "q", "r", "s", "u", "v", "w", "x", "y", "z"];
    let antibodies: Vec<String> = (letters.iter())
        .flat_map(|l| names.iter().map(move |n| format!("{l}{n}")))
        .collect();
    let raw = |text: &str| named("plain_wide").read(&grid(text), None).unwrap();
    let panel = raw(&under_sample(&antibodies, 40));
    assert_eq!((panel.features.len(), panel.columns.len()), (60, 40));
    assert_eq!(panel.level, FeatureLevel::Marker);
    let mirnas: Vec<String> = (1..=60).map(|k| format!("hsa-mir-{k}")).collect();
    let small = raw(&under_sample(&mirnas, 30));
    assert_eq!((small.features.len(), small.columns.len()), (60, 30));
    assert_eq!(small.level, FeatureLevel::Transcript);
    // Numbered samples under the same corner are samples.
    let samples: Vec<String> = (1..=24).map(|k| format!("tumour_{k}")).collect();
    let upright = raw(&under_sample(&samples, 40));
    assert_eq!((upright.features.len(), upright.columns.len()), (40, 24));
}

#[test]
fn uncertain_sites_are_removed_and_the_probability_is_kept() {
    let a = assay("maxquant_sites");
    let r = a.removed;
    assert_eq!((r.unlocalised, r.contaminants, r.decoys), (1, 1, 1));
    assert_eq!(a.features[0].id, "P04637_S15");
    let site = a.features[0].site.as_ref().unwrap();
    assert_eq!(
        (site.residue.as_str(), site.localisation),
        ("S15", Some(0.998))
    );
    assert_eq!(site.modification.as_deref(), Some("Phospho (STY)"));
    assert_eq!(a.features[0].symbol.as_deref(), Some("TP53"));
    assert_eq!(a.values.get(0, 3), 3.0e6_f64.log2());
    let fragpipe = assay("fragpipe_combined_site");
    assert_eq!(fragpipe.removed.unlocalised, 1);
    assert_eq!(fragpipe.features[1].id, "P55072_S784");
}

#[test]
fn parts_of_a_site_by_multiplicity_add_up() {
    let format = named("maxquant_sites");
    // Without the whole (`Intensity A_1`), its parts are added to the same amount.
    let parts: String = format
        .sample()
        .replace("\tIntensity A_1\t", "\tx1\t")
        .replace("\tIntensity A_2\t", "\tx2\t")
        .replace("\tIntensity B_1\t", "\tx3\t")
        .replace("\tIntensity B_2\t", "\tx4\t");
    let whole = format.read(&grid(format.sample()), None).unwrap();
    let summed = format.read(&grid(&parts), None).unwrap();
    assert_eq!(whole.values, summed.values);
    let labels: Vec<&str> = summed.columns.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["A_1", "A_2", "B_1", "B_2"]);
}

#[test]
fn a_declared_quantity_is_read_where_it_is_there() {
    let format = named("fragpipe_combined_protein");
    let grid = grid(format.sample());
    let preferred = format.read(&grid, None).unwrap();
    assert_eq!(preferred.quantity, Quantity::LfqIntensity);
    assert_eq!(preferred.values[2], 1.9e9);
    let declared = format.read(&grid, Some(Quantity::Intensity)).unwrap();
    assert_eq!(declared.values[2], 2.0e9);
    let counts = format.read(&grid, Some(Quantity::Counts)).unwrap();
    assert_eq!(counts.values[2], 30.0);
    let absent = format.read(&grid, Some(Quantity::Npx)).unwrap();
    assert_eq!(absent.quantity, Quantity::LfqIntensity);
    let said = &preferred.inferences.last().unwrap().override_with;
    assert!(said.contains("`intensity`"), "{said}");
}

#[test]
fn ions_of_several_rows_are_added() {
    let a = assay("fragpipe_combined_ion");
    assert_eq!(a.features[1].id, "AGFAGDDAPR/2");
    assert_eq!(a.values.get(1, 0), 6.4e7_f64.log2());
    let ion = a.features[0].peptidoform.as_ref().unwrap();
    assert_eq!(
        (ion.sequence.as_str(), ion.charge),
        ("SVTCTYSPALNK", Some(2))
    );
    assert_eq!(a.features[1].accessions, ["P60709", "P63261"]);
}

#[test]
fn tmt_reports_of_every_level() {
    let format = named("fragpipe_tmt_report");
    let report = |rows: [&str; 3]| {
        let mut text = String::from(
            "Index\tGene\tProteinID\tPeptide\tSequenceWindow\tStart\tEnd\tMaxPepProb\tReferenceIntensity\tA\tB\tC\n",
        );
        for row in rows {
            text.push_str(&format!("{row}\tX\t1\t24\t1\t27.1\t26.1\t28.2\t27.3\n"));
        }
        let raw = format.read(&grid(&text), None).unwrap();
        assert_eq!(raw.columns.len(), 3);
        (raw.level, raw.flags)
    };
    use super::RowFlag::{Keep, Unlocalised};
    let single = report([
        "P04637_S15\tTP53\tP04637\tMEEPQSDPSVEPPLsQETFSDLWK",
        "P04637_T18\tTP53\tP04637\tMEEPQSDPSVEPPLSQEtFSDLWK",
        "P55072_S784\tVCP\tP55072\tGGsVYTEDNDDDLYG",
    ]);
    assert_eq!(single, (FeatureLevel::Site, vec![Keep; 3]));
    let multi = report([
        "P04637_1_24_3_2_S15T18\tTP53\tP04637\tMEEPQSDPSVEPPLsQEtFSDLWK",
        "P04637_1_24_3_0_0\tTP53\tP04637\tMEEPQSDPSVEPPLSQETFSDLWK",
        "P55072_782_796_2_1_S784\tVCP\tP55072\tGGsVYTEDNDDDLYG",
    ]);
    assert_eq!(multi, (FeatureLevel::Site, vec![Keep, Unlocalised, Keep]));
    let peptides = report([
        "P04637_SVTCTYSPALNK\tTP53\tP04637\tSVTCTYSPALNK",
        "P60709_AGFAGDDAPR\tACTB\tP60709\tAGFAGDDAPR",
        "P55072_LGDVISIQPCPDVK\tVCP\tP55072\tLGDVISIQPCPDVK",
    ]);
    assert_eq!(peptides.0, FeatureLevel::Peptide);
    let proteins = report([
        "P04637\tTP53\tP04637\t",
        "P60709\tACTB\tP60709\t",
        "P55072\tVCP\tP55072\t",
    ]);
    assert_eq!(proteins.0, FeatureLevel::ProteinGroup);
}

#[test]
fn zeros_and_ones_are_kept() {
    let text = "idx\tS1\tS2\tS3\nTP53_p.R175H\t0\t1\t0\nPTEN_p.R130G\t1\t0\t1\n";
    let raw = named("linkedomics_cct").read(&grid(text), None).unwrap();
    let made = assemble::assemble(
        &raw,
        "x",
        "linkedomics_cct",
        &[0, 1, 2],
        None,
        &TableOverrides::default(),
    );
    let a = made.unwrap().assay;
    assert_eq!(
        (a.quantity, a.source_scale),
        (Quantity::Binary, Scale::Indicator)
    );
    assert_eq!(a.values.row(0), [0.0, 1.0, 0.0]);
    assert_eq!(a.features[0].symbol.as_deref(), Some("TP53"));
}

#[test]
fn facts_of_a_table_become_its_sheet() {
    let sheet = |name: &str| {
        let format = named(name);
        format
            .read(&grid(format.sample()), None)
            .unwrap()
            .sheet
            .unwrap()
    };
    let pd = sheet("proteome_discoverer");
    assert_eq!(
        pd.header,
        ["sample", "plex", "channel", "sample type", "condition"]
    );
    assert_eq!(
        pd.rows[2],
        ["F1: 127C, Sample, KO", "F1", "127C", "Sample", "KO"]
    );
    let gct = sheet("gct");
    assert_eq!(gct.header, ["sample", "PAM50", "age"]);
    assert_eq!(gct.rows[3], ["S4", "LumA", "66"]);
    let mztab = sheet("mztab");
    assert_eq!(mztab.rows[1], ["ctrl_2", "control"]);
    assert_eq!(mztab.rows[2], ["drug_1", "drug"]);
}

#[test]
fn rows_keep_the_lines_of_the_file() {
    assert_eq!(assay("gct").features[0].row, 6);
    assert_eq!(assay("mztab").features[0].row, 22);
}

#[test]
fn members_of_a_group_are_one_row() {
    let peaks = assay("peaks");
    assert_eq!(peaks.features[1].accessions, ["P60709", "P63261"]);
    assert_eq!(peaks.removed.contaminants, 1);
    let mztab = assay("mztab");
    assert_eq!(mztab.features[1].accessions, ["P60709", "P63261"]);
    assert_eq!(mztab.removed.decoys, 1);
}

/// What people and programs do to a table on its way: R's names, quotes, Windows line ends, decimal commas.
#[test]
fn producers_tables_survive_the_way_to_us() {
    let facts = |text: &str, name: &str| {
        let grid = grid(text);
        let (format, _) = detect(&grid).unwrap();
        assert_eq!(format.name(), name, "{}", text.lines().next().unwrap());
        let raw = format.read(&grid, None).unwrap();
        let ids: Vec<String> = raw.features.iter().map(|f| f.id.clone()).collect();
        (raw.level, raw.quantity, raw.values.len(), ids, raw.flags)
    };
    for format in FORMATS {
        let name = format.name();
        let producers_own =
            !["plain_wide", "plain_long", "gct", "mztab", "somascan_adat"].contains(&name);
        let (head, body) = format.sample().split_once('\n').unwrap();
        if !producers_own || !head.contains('\t') {
            continue;
        }
        let original = facts(format.sample(), name);
        let same = |text: &str| assert_eq!(facts(text, name), original, "{name}");
        same(&format.sample().replace('\n', "\r\n"));
        let unquoted = format.sample().replace('"', "");
        let quoted: Vec<String> = unquoted
            .lines()
            .map(|l| {
                l.split('\t')
                    .map(|c| format!("\"{c}\""))
                    .collect::<Vec<_>>()
                    .join("\t")
            })
            .collect();
        same(&quoted.join("\n"));
        let mangled: Vec<String> = head
            .split('\t')
            .map(|h| {
                let bare = h.trim_matches('"');
                let dots: String = bare
                    .chars()
                    .map(|c| {
                        if c.is_alphanumeric() || c == '_' {
                            c
                        } else {
                            '.'
                        }
                    })
                    .collect();
                let letter = dots.starts_with(|c: char| c.is_alphabetic());
                if letter { dots } else { format!("X{dots}") }
            })
            .collect();
        // R leaves no sign of the folders and endings of run files.
        if !head.contains(['/', '\\']) {
            same(&format!("{}\n{body}", mangled.join("\t")));
        }
    }
}

#[test]
fn decimal_commas_are_read_in_producers_tables() {
    for name in [
        "maxquant_peptides",
        "proteome_discoverer",
        "spectronaut_pivot",
        "diann_pr_matrix",
    ] {
        let format = named(name);
        let (head, body) = format.sample().split_once('\n').unwrap();
        let commas: Vec<String> = body
            .lines()
            .map(|line| {
                let cells = line.split('\t').map(|c| {
                    let bare = c.trim_matches('"');
                    match bare.parse::<f64>() {
                        Ok(_) if bare.contains('.') => c.replace('.', ","),
                        Ok(_) if bare.contains('e') => c.to_string(),
                        Ok(x) if x.abs() >= 1000.0 => format!("{bare},0"),
                        _ => c.to_string(),
                    }
                });
                cells.collect::<Vec<_>>().join("\t")
            })
            .collect();
        let text = format!("{head}\n{}\n", commas.join("\n"));
        let read = |text: &str| format.read(&grid(text), None).unwrap().values;
        let (a, b) = (read(&text), read(format.sample()));
        assert!(
            a.iter()
                .zip(&b)
                .all(|(x, y)| x == y || (x.is_nan() && y.is_nan())),
            "{name}"
        );
    }
}

#[test]
fn plain_tables_of_peptides_and_sites_are_no_proteins() {
    let level = |text: &str| {
        let raw = named("plain_wide").read(&grid(text), None).unwrap();
        (raw.level, raw.features[0].clone())
    };
    let (peptides, first) = level(
        "Protein\tPeptide\ts1\ts2\nP04637\tSVTCTYSPALNK\t20.1\t20.3\nP04637\tELNEALELK\t21.1\t21.2\nP55072\tLGDVISIQPCPDVK\t24.5\t24.1\n",
    );
    assert_eq!(peptides, FeatureLevel::Peptide);
    assert_eq!(
        (first.id.as_str(), first.accessions),
        ("SVTCTYSPALNK", vec!["P04637".to_string()])
    );
    let (sites, first) = level("site\ts1\ts2\nLARP7;256\t0.1\t-0.3\nSRSF10;131\t0.5\t1.2\n");
    assert_eq!(sites, FeatureLevel::Site);
    assert_eq!(first.site.unwrap().residue, "256");
    let (proteins, _) = level("Protein\ts1\ts2\nP04637\t20.1\t20.3\nP55072\t24.5\t24.1\n");
    assert_eq!(proteins, FeatureLevel::ProteinGroup);
}

#[test]
fn somascan_controls_are_set_apart_and_aptamers_without_a_human_protein_left_out() {
    let adat = named("somascan_adat");
    let raw = adat.read(&grid(adat.sample()), None).unwrap();
    let ids: Vec<&str> = raw.features.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["10000-28", "2789-26", "2994-71", "3034-1"]);
    assert_eq!(raw.features[2].accessions, ["P01215", "P01229"]);
    assert_eq!(raw.features[2].symbols, ["CGA", "LHB"]);
    assert_eq!(raw.values[..4], [476.5, 474.4, 415.6, 442.5]);
    let apart: Vec<&str> = raw.set_apart.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(apart, ["S200", "S201"]);
    let sheet = raw.sheet.unwrap();
    assert!(sheet.find("Sex").is_some() && sheet.find("HybControlNormScale").is_none());
    let left = raw
        .inferences
        .iter()
        .find(|i| i.what.starts_with("aptamers"))
        .unwrap();
    assert_eq!(
        left.value,
        "1 Hybridization Control Elution, 1 protein of Mouse"
    );
    let table = named("somascan_table");
    let turned = table.read(&grid(table.sample()), None).unwrap();
    assert_eq!(turned.values, raw.values);
    assert_eq!(turned.set_apart, raw.set_apart);
}
