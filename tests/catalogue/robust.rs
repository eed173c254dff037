//! No tool panics, whatever small and gappy matrix it is given, and what it gives is what it declares.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use proteus::content::Content;
use proteus::dataset::{Feature, FeatureLevel, Quantity, Role, SampleMetadata, Variable};
use proteus::knowledge::Packs;
use proteus::tool::{
    Abundance, Artifact, ArtifactKind, CatalogEntry, Shared, ToolError, ToolInput,
};
use proteus_stats::Matrix;
use serde_json::{Map, Value};

use super::catalog;
use super::examples::undeclared;

/// Symbols that gene sets and contamination panels know.
const GENES: [&str; 8] = [
    "HBA1", "HBB", "CA1", "PSMD4", "PSMC2", "TP53", "ALB", "KRT1",
];

fn knowledge() -> &'static Packs {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    PACKS.get_or_init(|| match Packs::open(&Content::embedded()) {
        Ok(packs) => packs,
        Err(error) => panic!("{error}"),
    })
}

/// A cell: missing, or one of few values, so that ties and constant rows occur.
fn cell() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => Just(f64::NAN),
        1 => Just(20.0),
        3 => 15.0..30.0_f64,
    ]
}

fn study() -> impl Strategy<Value = (Abundance, SampleMetadata)> {
    (1..10_usize, 0..12_usize).prop_flat_map(|(samples, features)| {
        let label = prop_oneof![
            Just(None),
            Just(Some("a")),
            Just(Some("b")),
            Just(Some("c"))
        ];
        (
            proptest::collection::vec(cell(), samples * features),
            proptest::collection::vec(label.clone(), samples),
            proptest::collection::vec(label, samples),
            proptest::collection::vec(proptest::option::of(-1.0..1.0_f64), samples),
        )
            .prop_map(move |(cells, arm, batch, age)| {
                let ids: Vec<String> = (0..samples).map(|j| format!("s{j}")).collect();
                let mut sheet = SampleMetadata::new(ids.clone());
                let owned = |labels: Vec<Option<&str>>| -> Vec<Option<String>> {
                    labels.into_iter().map(|l| l.map(str::to_owned)).collect()
                };
                sheet.insert(Variable::categorical("arm", &owned(arm), Role::Condition));
                sheet.insert(Variable::categorical("plex", &owned(batch), Role::Plex));
                sheet.insert(Variable::continuous("age", age, Role::Clinical));
                let matrix = Abundance {
                    level: FeatureLevel::ProteinGroup,
                    quantity: Quantity::LfqIntensity,
                    features: Arc::new((0..features).map(feature).collect()),
                    samples: Arc::new(ids),
                    values: Matrix::from_fn(features, samples, |i, j| cells[i * samples + j]),
                };
                (matrix, sheet)
            })
    })
}

fn feature(i: usize) -> Feature {
    let symbol = GENES
        .get(i)
        .map_or_else(|| format!("GENE{i}"), |g| (*g).to_owned());
    Feature {
        id: format!("P{i}"),
        symbols: vec![symbol.clone()],
        symbol: Some(symbol),
        ..Feature::default()
    }
}

/// Parameter sets that ask each question the tool knows.
fn questions(entry: &CatalogEntry) -> Vec<Value> {
    let known = |key: &str| entry.params_schema["properties"].get(key).is_some();
    let mut sets = vec![Map::new()];
    for (key, value) in [
        ("contrast", "arm:b-a"),
        ("contrast", "arm:a-other"),
        ("levels", "arm"),
        ("variable", "arm"),
        ("variable", "age"),
    ] {
        if known(key) {
            let set = Map::from_iter([(key.to_owned(), Value::from(value))]);
            if known("blocking") {
                let mut blocked = set.clone();
                blocked.insert("blocking".to_owned(), Value::from("plex"));
                sets.push(blocked);
            }
            sets.push(set);
        }
    }
    sets.into_iter().map(Value::Object).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn small_and_gappy_input_is_survived((matrix, samples) in study()) {
        let ports = BTreeMap::from([("matrix".to_owned(), Artifact::Matrix(Arc::new(matrix)))]);
        let input = ToolInput { ports: &ports, samples: &samples, knowledge: knowledge(), shared: &Shared::default(), seed: 7 };
        for entry in catalog().iter() {
            let takes_it = entry.spec.consumes.iter().all(|(name, port)| {
                port.optional || (name == "matrix" && port.kind == ArtifactKind::Matrix)
            });
            if !takes_it {
                continue;
            }
            for params in questions(entry) {
                match entry.tool.run_json(&input, &params) {
                    Ok(output) => {
                        let problems = undeclared(&entry.spec, &output);
                        prop_assert!(problems.is_empty(), "{} {params}: {problems:?}", entry.spec.name);
                    }
                    Err(ToolError::Internal { reason }) => {
                        prop_assert!(false, "{} {params}: {reason}", entry.spec.name);
                    }
                    Err(_) => {}
                }
            }
        }
    }
}
