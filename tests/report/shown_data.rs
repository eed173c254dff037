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

/// Numbers of 16 bits, NaN where missing.
fn unpacked(data: &Value, packed: &Value) -> Vec<f64> {
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
