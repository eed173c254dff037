use super::*;

fn groups(names: &[&str]) -> (Vec<String>, Vec<(String, Role)>) {
    let names: Vec<String> = names.iter().map(|n| (*n).to_string()).collect();
    let design = infer(&names);
    let condition = design.variables.iter().find(|v| v.role == Role::Condition);
    (
        condition.map(|v| v.levels().to_vec()).unwrap_or_default(),
        design
            .variables
            .iter()
            .map(|v| (v.name.clone(), v.role))
            .collect(),
    )
}

#[test]
fn replicates_at_the_end() {
    assert_eq!(
        groups(&["Ubi4_1", "Ubi4_2", "Ctrl_1", "Ctrl_2"]).0,
        ["Ubi4", "Ctrl"]
    );
    assert_eq!(
        groups(&["control1", "control2", "K11_1", "K11_2"]).0,
        ["control", "K11"]
    );
    assert_eq!(
        groups(&["125amol_R1", "125amol_R2", "50amol_R1", "50amol_R2"]).0,
        ["50amol", "125amol"]
    );
    assert_eq!(groups(&["A-1", "A-2", "B-1", "B-2"]).0, ["A", "B"]);
    assert_eq!(
        groups(&["MIAPACA + AG205 1", "MIAPACA + AG205 2", "wt 1", "wt 2"]).0,
        ["MIAPACA + AG205", "wt"]
    );
    assert!(groups(&["S001", "S002", "S003"]).0.is_empty());
    assert_eq!(
        groups(&["Control (1)", "Control (2)", "IL-6 (1)", "IL-6 (2)"]).0,
        ["Control", "IL-6"]
    );
    assert_eq!(
        groups(&["A", "A.1", "A.2", "B", "B.1", "B.2"]).0,
        ["A", "B"]
    );
    assert_eq!(
        groups(&["MW01_0h_A", "MW02_0h_B", "MW03_24h_C", "MW04_24h_D"]).0,
        ["0h", "24h"]
    );
    assert_eq!(
        groups(&["MW01_0h_A", "MW02_0h_B", "MW03_24h_A", "MW04_24h_B"]).0,
        ["0h", "24h"]
    );
}

#[test]
fn what_all_names_share_is_no_part_of_a_time_or_a_dose() {
    let names = ["0s", "30s", "1m", "10m"].map(|t| [1, 2].map(|n| format!("Hep2_{t}_Run_Bio{n}")));
    let names: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    let (levels, variables) = groups(&names);
    assert_eq!(levels, ["0s", "30s", "1m", "10m"]);
    assert!(variables.contains(&("replicate".to_string(), Role::Replicate)));
    // Without a separator before the number of the replicate, or with parts that differ in number.
    assert_eq!(
        groups(&[
            "L 0s x1", "L 0s x2", "L 5s x1", "L 5s x2", "L 9s x1", "L 9s x2"
        ])
        .0,
        ["0s", "5s", "9s"]
    );
    assert_eq!(
        groups(&["L_1uM_a_x1", "L_1uM_a_x2", "L_5uM_a_x1", "L_5uM_a_x2"]).0,
        ["1uM", "5uM"]
    );
    assert_eq!(
        groups(&["L_wt_x1", "L_wt_x2", "L_kd_x1", "L_kd_x2"]).0,
        ["L_wt_x", "L_kd_x"]
    );
}

#[test]
fn wells_are_no_groups() {
    let names: Vec<String> = ["A1", "A2", "A10", "B3", "B4", "B12", "C5", "D6"]
        .iter()
        .enumerate()
        .map(|(k, well)| format!("Chip2_{}cells_{well}", if k < 4 { 1 } else { 11 }))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(groups(&names).0, ["1cells", "11cells"]);
}

#[test]
fn patients_in_names_are_subjects() {
    let (levels, variables) = groups(&[
        "Day0_P1", "Day0_P2", "Day0_P3", "Day7_P1", "Day7_P2", "Day7_P3",
    ]);
    assert_eq!(levels, ["Day0", "Day7"]);
    assert!(variables.contains(&("subject".to_string(), Role::Subject)));
}

#[test]
fn tumours_and_normals_are_paired() {
    let (levels, variables) = groups(&[
        "C3L-00606-N",
        "C3L-00606-T",
        "C3N-00242-N",
        "C3N-00242-T",
        "C3N-01179-T",
    ]);
    assert_eq!(levels, ["N", "T"]);
    assert!(variables.contains(&("subject".to_string(), Role::Subject)));
}

#[test]
fn dates_are_batches() {
    let names = [
        "HF_20210517_M200_Y800_DIA_2",
        "HF_20210517_M200_Y800_DIA_3",
        "HF_20210523_M300_Y700_DIA_1",
        "HF_20210523_M300_Y700_DIA_2",
    ];
    let (levels, variables) = groups(&names);
    assert_eq!(levels, ["M200_Y800", "M300_Y700"]);
    assert!(variables.contains(&("date".to_string(), Role::Batch)));
}

#[test]
fn dates_in_the_names_of_runs_are_batches_beside_a_sheet() {
    let names = [
        "D:\\data\\20210517_QE_a1.raw",
        "D:\\data\\20210517_QE_a2.raw",
        "D:\\data\\20210523_QE_b1.raw",
        "D:\\data\\20210523_QE_b2.raw",
    ];
    let sheet = |labels: [&str; 4], role: Role| {
        let ids = ["a1", "a2", "b1", "b2"].map(str::to_string).to_vec();
        let mut samples = SampleMetadata::new(ids);
        let labels = labels.map(|l| Some(l.to_string()));
        samples.insert(Variable::categorical("told", &labels, role));
        samples
    };
    let dates = |mut samples: SampleMetadata, names: &[&str]| {
        add_dates(&mut samples, names)?;
        Some(samples.variables["date"].levels().to_vec())
    };
    let both = Some(vec!["20210517".to_string(), "20210523".to_string()]);
    assert_eq!(
        dates(sheet(["x", "y", "x", "y"], Role::Condition), &names),
        both
    );
    assert_eq!(
        dates(sheet(["x", "x", "y", "y"], Role::Condition), &names),
        both
    );
    assert_eq!(
        dates(sheet(["x", "x", "y", "y"], Role::Batch), &names),
        None
    );
    assert_eq!(
        dates(sheet(["x", "y", "x", "y"], Role::Batch), &names),
        both
    );
    let other = ["20210517_a", "20210517_b", "20210523_c", "20219923_d"];
    assert_eq!(
        dates(sheet(["x", "y", "x", "y"], Role::Condition), &other),
        None
    );
}

fn variable(design: &NameDesign, name: &str) -> Vec<String> {
    let found = design.variables.iter().find(|v| v.name == name);
    found.map(|v| v.levels().to_vec()).unwrap_or_default()
}

fn design(names: &str) -> NameDesign {
    infer(&names.split(' ').map(str::to_string).collect::<Vec<_>>())
}

#[test]
fn crossed_factors_are_variables_of_their_own() {
    let crossed = design("WT-0h-r1 WT-0h-r2 WT-2h-r1 WT-2h-r2 KO-0h-r1 KO-0h-r2 KO-2h-r1 KO-2h-r2");
    assert_eq!(variable(&crossed, "condition"), ["WT", "KO"]);
    assert_eq!(variable(&crossed, "time"), ["0h", "2h"]);
    let three = design(
        "WT_a_DMSO_1 WT_a_DMSO_2 WT_a_Drug_1 WT_a_Drug_2 KO_a_DMSO_1 KO_a_DMSO_2 KO_a_Drug_1 KO_a_Drug_2",
    );
    assert_eq!(variable(&three, "condition 2"), ["DMSO", "Drug"]);
    // One combination is missing: its groups are compared as they are.
    let open = design("WT-0h-r1 WT-0h-r2 WT-2h-r1 WT-2h-r2 KO-0h-r1 KO-0h-r2");
    assert_eq!(variable(&open, "condition"), ["WT_0h", "WT_2h", "KO_0h"]);
}

#[test]
fn letters_number_the_replicates_of_numbered_groups() {
    let lettered = design("1A 1B 1C 2A 2B 2C");
    assert_eq!(variable(&lettered, "condition"), ["1", "2"]);
    // `1H` begins a series nowhere, and a lone letter is no replicate.
    assert!(design("1A 1H 2A 2H").variables.is_empty());
    assert!(design("1A 2A 3A 4A").variables.is_empty());
}

#[test]
fn samples_of_numbered_individuals_are_not_groups() {
    let nested = design("ctrl1_T1 ctrl1_T2 ctrl2_T1 ctrl2_T2 trt1_T1 trt1_T2 trt2_T1 trt2_T2");
    assert_eq!(variable(&nested, "condition"), ["ctrl", "trt"]);
    assert_eq!(variable(&nested, "subject").len(), 4);
    let again =
        design("ctrl1_TR1 ctrl1_TR2 ctrl2_TR1 ctrl2_TR2 trt1_TR1 trt1_TR2 trt2_TR1 trt2_TR2");
    assert_eq!(variable(&again, "subject").len(), 4);
    let chains = design("K11_R1 K11_R2 K48_R1 K48_R2 M1_R1 M1_R2 M6_R1 M6_R2");
    assert_eq!(variable(&chains, "condition"), ["K11", "K48", "M1", "M6"]);
    let doses = design("A10_S1 A10_S2 A30_S1 A30_S2 B10_S1 B10_S2 B30_S1 B30_S2");
    assert!(variable(&doses, "subject").is_empty());
}
