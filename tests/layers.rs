//! The layer table, held: what each module of `src` may use, checked on the tokens of every file.
//!
//! An import is a path that begins with `crate::`, grouped imports included, or with the name of a member crate. Paths
//! that climb out of their layer through `super` are refused, as are `crate::*`, a renamed `crate` and `#[path]` outside
//! `src/lib.rs`, so that the table cannot be walked around. Test-only code may use every layer below its own.

mod walk;

use crate::support;
use walk::{MEMBERS, check_all, module_path};

/// Module → what it may use, bottom layer first; the order of `src/lib.rs`. ARCHITECTURE.md shows the same table.
pub const TABLE: [(&str, &[&str]); 19] = [
    ("content", &[]),
    ("prompt", &["content"]),
    ("stats", &[]),
    ("model", &[]),
    ("llm", &["model"]),
    ("literature", &[]),
    ("knowledge", &["content"]),
    ("dataset", &["stats", "knowledge"]),
    ("discovery", &[]),
    ("tool", &["dataset", "discovery", "stats", "knowledge"]),
    (
        "tools",
        &["tool", "dataset", "discovery", "stats", "knowledge"],
    ),
    ("run", &["dataset", "discovery"]),
    (
        "workflow",
        &[
            "content",
            "tool",
            "dataset",
            "discovery",
            "run",
            "stats",
            "knowledge",
        ],
    ),
    ("config", &["llm"]),
    (
        "agent",
        &[
            "workflow",
            "tool",
            "dataset",
            "discovery",
            "knowledge",
            "stats",
            "run",
            "config",
            "llm",
            "literature",
            "prompt",
        ],
    ),
    (
        "study",
        &[
            "agent",
            "run",
            "discovery",
            "dataset",
            "stats",
            "knowledge",
            "config",
            "workflow",
            "tool",
            "content",
        ],
    ),
    (
        "report",
        &["content", "run", "discovery", "dataset", "stats"],
    ),
    (
        "review",
        &["content", "run", "report", "discovery", "stats"],
    ),
    (
        "cli",
        &[
            "content",
            "stats",
            "knowledge",
            "dataset",
            "discovery",
            "tool",
            "tools",
            "run",
            "workflow",
            "config",
            "agent",
            "study",
            "report",
            "review",
            "model",
            "llm",
            "literature",
            "prompt",
        ],
    ),
];

#[test]
fn every_import_follows_the_layer_table() {
    let files: Vec<(String, Vec<String>, String)> = support::rust_files()
        .into_iter()
        .filter_map(|path| {
            let module = module_path(&path)?;
            let text = support::read(&path);
            Some((path, module, text))
        })
        .collect();
    let violations = check_all(&files);
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn lib_rs_lists_the_layers_in_the_order_of_the_table() {
    let text = support::read("src/lib.rs");
    let declared: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    // Members of the workspace are crates of their own.
    let layers = TABLE
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| MEMBERS.iter().all(|(_, member)| member != name));
    let known: Vec<&str> = layers.collect();
    assert_eq!(
        declared, known,
        "modules of src/lib.rs against the layer table"
    );
}

#[test]
fn a_layer_uses_only_layers_above_it_in_the_table() {
    for (place, (layer, uses)) in TABLE.iter().enumerate() {
        for used in *uses {
            let lower = TABLE[..place].iter().any(|(name, _)| name == used);
            assert!(
                lower,
                "`{layer}` may use `{used}`, which does not stand above it in the table"
            );
        }
    }
}

#[test]
fn statistics_see_no_table_library_and_nothing_of_ours() {
    let manifest = support::read("src/stats/Cargo.toml");
    for forbidden in ["polars", "proteus-discovery", "tokio"] {
        assert!(
            !manifest.contains(forbidden),
            "src/stats/Cargo.toml depends on `{forbidden}`"
        );
    }
}

#[test]
fn the_walk_sees_through_groups_nesting_and_super() {
    let cases = [
        (
            "dataset::a",
            "use crate::run::RunStore;",
            Some("`dataset` uses `run`"),
        ),
        (
            "dataset::a",
            "use crate::{knowledge::Packs, tool::{Tool, Catalog}};",
            Some("`dataset` uses `tool`"),
        ),
        (
            "dataset::a",
            "fn f() { let x = crate::agent::Session::new(); }",
            Some("`dataset` uses `agent`"),
        ),
        (
            "discovery",
            "use proteus_stats::Matrix;",
            Some("`discovery` uses `stats`"),
        ),
        (
            "dataset::a",
            "use super::super::run::RunStore;",
            Some("climbs out of `dataset` with `super`"),
        ),
        (
            "dataset",
            "mod b { use super::super::run::RunStore; }",
            Some("climbs out of `dataset` with `super`"),
        ),
        (
            "dataset::a",
            "use super::{super::{super::run::RunStore}};",
            Some("climbs out of `dataset` with `super`"),
        ),
        ("dataset::a", "use crate::*;", Some("imports everything")),
        (
            "dataset::a",
            "use crate as everything;",
            Some("renames `crate`"),
        ),
        (
            "dataset::a",
            "#[path = \"../run/mod.rs\"] mod b;",
            Some("`#[path]`"),
        ),
        (
            "dataset::a",
            "use crate::unheard_of::X;",
            Some("`unheard_of`, which is in no layer"),
        ),
        (
            "dataset::a::b",
            "use super::super::Dataset; use crate::knowledge::Packs;",
            None,
        ),
        (
            "dataset::a",
            "// crate::run\n/// [`crate::run`]\npub(crate) const X: &str = \"crate::run::RunStore\";",
            None,
        ),
        (
            "run",
            "#[cfg(test)] mod tests { use crate::tool::Tool; use super::*; }",
            None,
        ),
        (
            "run",
            "#[cfg(test)] mod tests { use crate::agent::Session; }",
            Some("`run` uses `agent`"),
        ),
    ];
    for (module, code, expected) in cases {
        let path = module.split("::").map(str::to_owned).collect();
        let found = check_all(&[("case.rs".to_owned(), path, code.to_owned())]);
        match expected {
            None => assert!(found.is_empty(), "{code}: {found:?}"),
            Some(text) => {
                assert!(
                    found
                        .iter()
                        .any(|v| v.contains(text) && v.contains("case.rs:1")),
                    "{code}: {found:?}"
                );
            }
        }
    }
}
