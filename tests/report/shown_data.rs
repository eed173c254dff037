//! The numbers behind the interactive figures: read back from the page, they are those of the run's tables.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proteus::content::Content;
use proteus::report::{ReportModel, html};
use serde_json::Value;

use super::fixture::{NAMED, Texts, finished_run};

/// The data that a page carries for its script.
pub fn data_of(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"chart-data\">").unwrap();
    let (text, _) = rest.split_once("</script>").unwrap();
    assert!(!text.contains('<') && !text.contains('>') && !text.contains('&'));
    serde_json::from_str(text).unwrap()
}

fn bytes(data: &Value, column: &Value) -> Vec<u8> {
    let at = column.as_u64().unwrap() as usize;
    STANDARD
        .decode(data["columns"][at].as_str().unwrap())
        .unwrap()
}

fn floats(data: &Value, column: &Value) -> Vec<f32> {
    let bytes = bytes(data, column);
    let quads = bytes.chunks_exact(4);
    quads
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

/// Whole numbers of 32 bits.
pub fn places(data: &Value, column: &Value) -> Vec<u32> {
    let bytes = bytes(data, column);
    let quads = bytes.chunks_exact(4);
    quads
        .map(|b| u32::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

/// Numbers of 16 bits, NaN where missing.
pub fn unpacked(data: &Value, packed: &Value) -> Vec<f64> {
    let low = packed["low"].as_f64().unwrap();
    let step = packed["step"].as_f64().unwrap();
    let pairs = bytes(data, &packed["steps"]);
    let steps = pairs
        .chunks_exact(2)
        .map(|b| i16::from_le_bytes([b[0], b[1]]));
    steps
        .map(|k| match k {
            i16::MIN => f64::NAN,
            k => low + (f64::from(k) + 32_767.0) * step,
        })
        .collect()
}

#[test]
fn the_data_of_the_page_are_those_of_the_tables() {
    let dir = tempfile::tempdir().unwrap();
    let model = ReportModel::load(&finished_run(dir.path(), &Texts::default())).unwrap();
    let data = data_of(&html(&model, &Content::embedded()).unwrap());

    let comparison = &data["comparisons"][0];
    let table = model.table("differential-1", "differential").unwrap();
    let same = |column: &Value, expected: Vec<f64>| {
        let found = floats(&data, column);
        assert_eq!(found.len(), table.rows());
        for (found, expected) in found.iter().zip(expected) {
            let both_missing = found.is_nan() && expected.is_nan();
            assert!(
                both_missing || *found == expected as f32,
                "{found} {expected}"
            );
        }
    };
    let numbers = |name: &str| table.numbers(name).unwrap();
    let evidence = |name: &str| numbers(name).into_iter().map(|p| -p.log10()).collect();
    same(&comparison["effect"], numbers("logFC"));
    assert_eq!(unpacked(&data, &comparison["mean"]), numbers("AveExpr"));
    same(&comparison["p"], evidence("P.Value"));
    same(&comparison["q"], evidence("adj.P.Val"));
    assert_eq!(
        comparison["rows"],
        Value::Null,
        "rows are in the order of the features"
    );
    let features = &data["features"][0];
    assert_eq!(features["ids"][1], "P10001");
    assert_eq!(features["symbols"][1], NAMED[1].0);
    assert_eq!(comparison["arms"][1]["label"], "Ubi4");
    assert_eq!(
        comparison["arms"][1]["samples"],
        serde_json::json!([3, 4, 5])
    );
    assert_eq!(comparison["named"][0], serde_json::json!([0, 1]));

    let matrix = &data["matrices"][0];
    let found = unpacked(&data, &matrix["values"]);
    let table = model.table("normalise-1", "matrix").unwrap();
    let ids = &model.dataset.samples.ids;
    assert_eq!(found.len(), table.rows() * ids.len());
    let step = matrix["values"]["step"].as_f64().unwrap();
    for (k, found) in found.iter().enumerate() {
        let expected = table.number(k / ids.len(), &ids[k % ids.len()]);
        let close = (found - expected).abs() <= 0.501 * step;
        assert!(
            close || (found.is_nan() && expected.is_nan()),
            "{found} {expected}"
        );
    }
}

#[test]
fn hostile_names_are_inert_in_the_data_too() {
    let dir = tempfile::tempdir().unwrap();
    let texts = Texts {
        symbol: "</script><script>alert(1)</script>\u{202e}&amp;".to_owned(),
        ..Texts::default()
    };
    let model = ReportModel::load(&finished_run(dir.path(), &texts)).unwrap();
    let data = data_of(&html(&model, &Content::embedded()).unwrap());
    let symbol = data["features"][0]["symbols"][0].as_str().unwrap();
    assert_eq!(symbol, "</script><script>alert(1)</script>\u{fffd}&amp;");

    let long = Texts {
        symbol: "=".repeat(10_000),
        ..Texts::default()
    };
    let model = ReportModel::load(&finished_run(dir.path(), &long)).unwrap();
    let data = data_of(&html(&model, &Content::embedded()).unwrap());
    let symbol = data["features"][0]["symbols"][0].as_str().unwrap();
    assert!(symbol.ends_with("… [10,000 characters]") && symbol.len() < 200);
}

#[test]
fn sets_stand_side_by_side_where_several_comparisons_tested_them() {
    let dir = tempfile::tempdir().unwrap();
    let run = finished_run(dir.path(), &Texts::default());
    let content = Content::embedded();
    let alone = data_of(&html(&ReportModel::load(&run).unwrap(), &content).unwrap());
    assert_eq!(
        alone["grids"],
        serde_json::json!([]),
        "one table is no grid"
    );
    assert_eq!(alone["sets"][0]["anchor"], "result-sets-1");
    assert_eq!(alone["sets"][0]["numbers"][0][0], 38.0, "members");

    // The same table as that of a second comparison.
    let (first, second) = (run.join("steps/pathways-1"), run.join("steps/pathways-2"));
    std::fs::create_dir(&second).unwrap();
    std::fs::copy(
        first.join("pathways.parquet"),
        second.join("pathways.parquet"),
    )
    .unwrap();
    let step = std::fs::read_to_string(first.join("step.yaml")).unwrap();
    std::fs::write(
        second.join("step.yaml"),
        step.replace("pathways-1", "pathways-2"),
    )
    .unwrap();
    let model = ReportModel::load(&run).unwrap();
    let page = html(&model, &content).unwrap();
    let data = data_of(&page);
    let grid = &data["grids"][0];
    let table = model.table("pathways-1", "pathways").unwrap();
    assert_eq!(grid["rows"].as_array().unwrap().len(), table.rows());
    assert_eq!(
        grid["columns"],
        serde_json::json!(["Ubi4-Ctrl", "Ubi4-Ctrl"])
    );
    assert_eq!(
        grid["anchors"],
        serde_json::json!(["result-sets-1", "result-sets-2"])
    );
    assert_eq!(grid["dots"].as_array().unwrap().len(), 2 * table.rows());
    for dot in grid["dots"].as_array().unwrap() {
        let name = grid["rows"][dot[0].as_u64().unwrap() as usize]
            .as_str()
            .unwrap();
        let row = table.find("name", name).unwrap();
        for (place, column) in [(2, "effect"), (3, "size"), (4, "P.Value"), (5, "adj.P.Val")] {
            assert_eq!(
                dot[place].as_f64().unwrap(),
                table.number(row, column),
                "{name}"
            );
        }
    }
    // The drawing stands where no script runs, with the same dots; what a dot leads to is there.
    let figure = page.split("data-grid=\"0\">").nth(1).unwrap();
    let figure = figure.split("</figure>").next().unwrap();
    assert_eq!(figure.matches("<circle").count(), 2 * table.rows());
    assert!(page.contains("id=\"result-sets-2\""));
}

#[test]
fn strata_hold_their_scores_and_the_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let model = ReportModel::load(&finished_run(dir.path(), &Texts::default())).unwrap();
    let page = html(&model, &Content::embedded()).unwrap();
    let data = data_of(&page);
    let strata = &model.calibration.as_ref().unwrap().strata;
    assert_eq!(data["strata"].as_array().unwrap().len(), strata.len());
    for (shown, stratum) in data["strata"].as_array().unwrap().iter().zip(strata) {
        assert_eq!(shown["target"], serde_json::json!(stratum.histogram.target));
        assert_eq!(shown["decoy"], serde_json::json!(stratum.histogram.decoy));
        assert_eq!(shown["n_decoys"], 400);
        // 0.0004 is the p that one more test would have needed.
        assert!((shown["cut_off"].as_f64().unwrap() - 3.39794).abs() < 1e-5);
        let anchor = shown["anchor"].as_str().unwrap();
        assert!(
            page.contains(&format!("<figure id=\"{anchor}\">")),
            "{anchor}"
        );
    }
    assert!(page.contains("dashed: needed"));
}
