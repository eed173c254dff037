//! Sheets of every layout and spelling: what is matched, what is refused, and what the message says.

use super::super::{Declared, ReadOptions, Role, Severity, draft_sheet, open};
use super::{Dataset, DatasetError, Experiment, SHEET, TABLE};

/// Opens a table with these columns and this sheet.
fn with(columns: &[&str], sheet: &str) -> Result<Dataset, DatasetError> {
    with_options(columns, sheet, Declared::default())
}

fn with_options(
    columns: &[&str],
    sheet: &str,
    declared: Declared,
) -> Result<Dataset, DatasetError> {
    let it = experiment(columns, sheet);
    let options = ReadOptions {
        samples: Some(it.path("other.tsv")),
        declared,
        ..ReadOptions::default()
    };
    open(&it.path("table.tsv"), &options)
}

fn experiment(columns: &[&str], sheet: &str) -> Experiment {
    let it = Experiment::new();
    let row = |id: &str, base: usize| {
        let cells: Vec<String> = (0..columns.len())
            .map(|k| format!("{}", (base + 7 * k) * 10_000))
            .collect();
        format!("{id}\t{}\n", cells.join("\t"))
    };
    let table = format!(
        "Protein\t{}\n{}{}{}",
        columns.join("\t"),
        row("P04637", 211),
        row("P55072", 1_009),
        row("Q96S94", 503)
    );
    it.write("table.tsv", table);
    it.write("other.tsv", sheet);
    it
}

fn groups(d: &Dataset, variable: &str) -> Vec<(String, String)> {
    let v = &d.samples.variables[variable];
    d.assay()
        .columns
        .iter()
        .enumerate()
        .map(|(i, c)| (c.clone(), v.group_of(i).unwrap_or("").to_string()))
        .collect()
}

fn text(error: &DatasetError) -> String {
    format!("{error} / {}", error.hint())
}

const SIX: [&str; 6] = ["Ctrl_1", "Ctrl_2", "Ctrl_3", "Drug_1", "Drug_2", "Drug_3"];

#[test]
fn a_near_miss_is_refused_with_the_row_and_the_nearest_column() {
    let error = with(
        &SIX,
        "sample\tcondition\nDrug_1\td\nDrug_2\td\nDrug_3\td\nCtrl_1\tc\nCtrl_2\tc\nCtrl_03\tc\n",
    )
    .unwrap_err();
    assert!(
        text(&error).contains("row 7 `Ctrl_03` is nearest to column `Ctrl_3`"),
        "{}",
        text(&error)
    );
    assert!(text(&error).contains("--write-sheet"), "{}", text(&error));
}

#[test]
fn a_sheet_that_is_given_takes_the_place_of_one_that_is_found() {
    let sheet =
        "sample\tcondition\nDrug_1\td\nDrug_2\td\nDrug_3\td\nCtrl_1\tc\nCtrl_2\tc\nCtrl_3\tc\n";
    let it = experiment(&SIX, sheet);
    it.write("design.tsv", sheet);
    let told = |samples: Option<&str>| {
        let options = ReadOptions {
            samples: samples.map(|name| it.path(name)),
            ..ReadOptions::default()
        };
        let d = open(&it.path("table.tsv"), &options).unwrap();
        let found = d.inferences.into_iter().find(|i| i.what == "sample sheet");
        found.map(|i| i.value)
    };
    assert_eq!(told(None).as_deref(), Some("`design.tsv`"));
    assert_eq!(told(Some("other.tsv")), None);
}

#[test]
fn leading_zeros_everywhere_are_a_way_of_writing() {
    let d = with(
        &SIX,
        "sample\tcondition\nCtrl_01\tc\nCtrl_02\tc\nCtrl_03\tc\nDrug_01\td\nDrug_02\td\nDrug_03\td\n",
    )
    .unwrap();
    assert_eq!(groups(&d, "condition")[2], ("Ctrl_3".into(), "c".into()));
    assert!(d.problems.iter().any(|p| p.rule == "sheet_matched_by_part"));
}

#[test]
fn names_that_fit_two_columns_are_refused_with_both() {
    let error = with(
        &["A.1", "A_1", "B_1", "B_2"],
        "sample\tcondition\na 1\tx\nA_1b\tx\nB_1\ty\nB_2\ty\n",
    )
    .unwrap_err();
    let told = text(&error);
    assert!(
        told.contains("row 2 `a 1`") && told.contains("`A.1`") && told.contains("`A_1`"),
        "{told}"
    );
}

#[test]
fn numbers_do_not_run_together_and_signs_count() {
    let error = with(
        &["S11", "S12", "S21", "S22"],
        "sample\tcondition\nS1_1\tx\nS1_2\tx\nS2_1\ty\nS2_2\ty\n",
    );
    assert!(error.is_err());
    let d = with(
        &["cd4+_1", "cd4+_2", "cd4-_1", "cd4-_2"],
        "sample\tcondition\nCD4-_1\tneg\nCD4-_2\tneg\nCD4+_1\tpos\nCD4+_2\tpos\n",
    )
    .unwrap();
    assert_eq!(groups(&d, "condition")[0], ("cd4+_1".into(), "pos".into()));
}

#[test]
fn names_as_r_writes_them_are_matched() {
    let d = with(
        &[
            "X1.ctrl",
            "X2.ctrl",
            "MIAPACA...AG205.1",
            "MIAPACA...AG205.2",
        ],
        "sample\tcondition\n1-ctrl\tc\n2-ctrl\tc\nMIAPACA + AG205 1\tt\nMIAPACA + AG205 2\tt\n",
    )
    .unwrap();
    assert_eq!(groups(&d, "condition")[3].1, "t");
    assert_eq!(groups(&d, "condition")[0].1, "c");
}

#[test]
fn a_column_of_partners_is_not_taken_for_the_names() {
    let sheet = "sample\tcondition\tpaired_with\nCtrl_1\tc\tDrug_1\nCtrl_2\tc\tDrug_2\nCtrl_3\tc\tDrug_3\n\
        Drug_1\td\tCtrl_1\nDrug_2\td\tCtrl_2\nDrug_3\td\tCtrl_3\n";
    let d = with(&SIX, sheet).unwrap();
    assert_eq!(groups(&d, "condition")[0].1, "c");
    let error = with(
        &SIX,
        &sheet.replace("sample", "one").replace("paired_with", "two"),
    )
    .unwrap_err();
    assert!(
        text(&error).contains("`one`") && text(&error).contains("`two`"),
        "{}",
        text(&error)
    );
    let declared = Declared {
        roles: [("two".to_string(), Role::Identifier)].into(),
        ..Declared::default()
    };
    let d = with_options(
        &SIX,
        &sheet.replace("sample", "one").replace("paired_with", "two"),
        declared,
    )
    .unwrap();
    assert_eq!(groups(&d, "condition")[0].1, "d");
}

#[test]
fn repeated_rows_are_taken_once_and_told() {
    let it = Experiment::new();
    let d = it.sheet(format!("{SHEET}ctrl_1\tctrl\ta\n")).unwrap();
    let told = d
        .problems
        .iter()
        .find(|p| p.rule == "duplicated_rows")
        .unwrap();
    assert_eq!((told.severity, told.row), (Severity::Warn, Some(8)));
    assert!(told.message.contains("rows 2, 8"), "{}", told.message);
    let d = it.sheet(format!("{SHEET}CTRL_1\tctrl\ta\n")).unwrap();
    assert!(
        d.problems
            .iter()
            .any(|p| p.rule == "rows_differ_in_case_or_spaces" && p.row == Some(8))
    );
}

#[test]
fn an_sdrf_is_read_with_its_factors_and_files() {
    let d = with(
        &["run_a", "run_b", "run_c", "run_d"],
        "source name\tcharacteristics[organism]\tcharacteristics[sex]\tcharacteristics[biological replicate]\tassay name\tcomment[data file]\tcomment[fraction identifier]\tfactor value[disease]\n\
         p1\tHomo sapiens\tmale\t1\tr1\trun_a.raw\t1\tnormal\n\
         p2\tHomo sapiens\tfemale\t2\tr2\trun_b.raw\t1\tnormal\n\
         p3\tHomo sapiens\tmale\t1\tr3\trun_c.raw\t1\tcarcinoma\n\
         p4\tHomo sapiens\tfemale\t2\tr4\trun_d.raw\t1\tcarcinoma\n",
    )
    .unwrap();
    assert_eq!(d.samples.variables["disease"].role, Role::Condition);
    assert_eq!(d.samples.variables["sex"].role, Role::Covariate);
    assert_eq!(d.design.proposed[0].id, "disease:carcinoma-normal");
    assert!(
        d.inferences
            .iter()
            .any(|i| i.value == "SDRF" && i.override_with.contains("--role"))
    );
}

#[test]
fn fractions_of_one_sample_are_one_row_of_an_sdrf() {
    let d = with(
        &["p1", "p2", "p3", "p4"],
        "source name\tcharacteristics[organism]\tcomment[data file]\tcomment[fraction identifier]\tfactor value[disease]\n\
         p1\thuman\ta1.raw\t1\tnormal\np1\thuman\ta2.raw\t2\tnormal\np2\thuman\tb1.raw\t1\tnormal\n\
         p3\thuman\tc1.raw\t1\tcarcinoma\np4\thuman\td1.raw\t1\tcarcinoma\n",
    )
    .unwrap();
    assert_eq!(d.samples.len(), 4);
    assert!(
        d.problems
            .iter()
            .any(|p| p.rule == "duplicated_rows" && p.severity == Severity::Note)
    );
}

#[test]
fn channels_of_an_annotation_find_the_numbered_columns_of_maxquant() {
    let columns: Vec<String> = ["A", "B"]
        .iter()
        .flat_map(|plex| (1..=4).map(move |k| format!("{k} {plex}")))
        .collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let sheet = "Run\tMixture\tChannel\tCondition\tBioReplicate\n\
        a.raw\tA\t126\tc\t1\na.raw\tA\t127N\tc\t2\na.raw\tA\t127C\tt\t3\na.raw\tA\t128N\tt\t4\n\
        b.raw\tB\t126\tt\t5\nb.raw\tB\t127N\tt\t6\nb.raw\tB\t127C\tc\t7\nb.raw\tB\t128N\tc\t8\n";
    let d = with(&columns, sheet).unwrap();
    let told = groups(&d, "Condition");
    assert_eq!(told[2], ("3 A".into(), "t".into()));
    assert_eq!(told[7], ("4 B".into(), "c".into()));
    assert_eq!(d.samples.variables["Mixture"].role, Role::Plex);
}

#[test]
fn roles_can_be_said_on_the_command_line() {
    let declared = Declared {
        roles: [("batch".to_string(), Role::Covariate)].into(),
        ..Declared::default()
    };
    let it = Experiment::new();
    let ask = |declared: Declared| {
        let options = ReadOptions {
            declared,
            ..ReadOptions::default()
        };
        open(it.folder.path(), &options)
    };
    let d = ask(declared).unwrap();
    assert_eq!(d.samples.variables["batch"].role, Role::Covariate);
    assert_ne!(
        d.content_hash,
        ask(Declared::default()).unwrap().content_hash
    );
    let wrong = Declared {
        roles: [("bach".to_string(), Role::Covariate)].into(),
        ..Declared::default()
    };
    let error = ask(wrong).unwrap_err();
    assert!(error.hint().contains("`batch`"), "{}", text(&error));
    assert_eq!("run-order".parse(), Ok(Role::RunOrder));
    assert!("bach".parse::<Role>().is_err());
}

#[test]
fn controls_are_set_apart_unless_kept() {
    let sheet =
        "sample\tcondition\nCtrl_1\tc\nCtrl_2\tc\nDrug_1\td\nDrug_2\td\nCtrl_3\tQC\nDrug_3\tpool\n";
    let d = with(&SIX, sheet).unwrap();
    assert_eq!((d.samples.len(), d.samples.excluded.len()), (4, 2));
    assert!(
        d.inferences
            .iter()
            .any(|i| i.override_with.contains("--keep-controls"))
    );
    let kept = Declared {
        keep_controls: true,
        ..Declared::default()
    };
    assert_eq!(with_options(&SIX, sheet, kept).unwrap().samples.len(), 6);
    let asked = "sample\tcondition\tisQC\nCtrl_1\tc\tFALSE\nCtrl_2\tc\tFALSE\nDrug_1\td\tFALSE\nDrug_2\td\tFALSE\nCtrl_3\t\tTRUE\n";
    assert_eq!(with(&SIX, asked).unwrap().samples.len(), 4);
    // Blank beads are the reference of a pull-down.
    let pulldown = "sample\tbait\nCtrl_1\tblank\nCtrl_2\tblank\nCtrl_3\tblank\nDrug_1\tb1\nDrug_2\tb1\nDrug_3\tb2\n";
    let d = with(&SIX, pulldown).unwrap();
    assert_eq!(d.samples.len(), 6);
    assert!(d.problems.iter().any(|p| p.rule == "may_be_a_control"));
}

#[test]
fn a_corrected_sheet_has_a_row_per_column_and_opens() {
    let sheet =
        "name\tcondition\nDrug_1\td\nDrug_2\td\nDrug_3\td\nCtrl_1\tc\nCtrl_03\tc\nother\tc\n";
    let it = experiment(&SIX, sheet);
    let options = ReadOptions {
        samples: Some(it.path("other.tsv")),
        ..ReadOptions::default()
    };
    assert!(open(&it.path("table.tsv"), &options).is_err());
    let draft = draft_sheet(&it.path("table.tsv"), &options).unwrap();
    assert_eq!(draft.header, ["sample", "name", "condition", "note"]);
    assert_eq!(draft.rows.len(), 6);
    assert_eq!(draft.rows[0], ["Ctrl_1", "Ctrl_1", "c", ""]);
    assert_eq!(draft.rows[1], ["Ctrl_2", "", "", "no row in the sheet"]);
    assert_eq!(draft.rows[2][..3], ["Ctrl_3", "Ctrl_03", "c"]);
    assert!(draft.rows[2][3].contains("row 6"), "{:?}", draft.rows[2]);
    assert_eq!(draft.without_column, ["`other` (row 7)"]);
    draft.write(&it.path("corrected.csv")).unwrap();
    let d = it.open_with("table.tsv", Some("corrected.csv")).unwrap();
    assert_eq!(d.samples.len(), 6);
    assert_eq!(d.samples.variables["note"].role, Role::Ignored);
    let error = draft.write(&it.path("no/such/folder.csv")).unwrap_err();
    assert!(matches!(error, DatasetError::Unwritable { .. }));
}

#[test]
fn without_a_sheet_the_draft_holds_what_the_names_say() {
    let it = Experiment::new();
    it.write("alone.tsv", TABLE);
    std::fs::remove_file(it.path("sheet.tsv")).unwrap();
    let draft = draft_sheet(&it.path("alone.tsv"), &ReadOptions::default()).unwrap();
    assert_eq!(draft.header, ["sample", "condition", "replicate"]);
    assert_eq!(draft.rows[4], ["drug_2", "drug", "2"]);
}

#[test]
fn survival_times_and_events_are_no_clinical_groups() {
    let rows: String = SIX
        .iter()
        .enumerate()
        .map(|(k, s)| format!("{s}\t{}\t{}\t{}\n", &s[..4], 100 + 37 * k, k % 2))
        .collect();
    let d = with(
        &SIX,
        &format!("sample\tcondition\tOS_days\tOS_status\n{rows}"),
    )
    .unwrap();
    assert_eq!(d.samples.variables["OS_days"].role, Role::Time);
    assert_eq!(d.samples.variables["OS_status"].role, Role::Event);
}
