//! The layer table, held: what each module of `src` may use, checked on the tokens of every file.
//!
//! An import is a path that begins with `crate::`, grouped imports included, or with the name of a member crate. Paths
//! that climb out of their layer through `super` are refused, as are `crate::*`, a renamed `crate` and `#[path]` outside
//! `src/lib.rs`, so that the table cannot be walked around. Test-only code may use every layer below its own.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::support;

/// Module → what it may use, bottom layer first; the order of `src/lib.rs`. ARCHITECTURE.md shows the same table.
pub const TABLE: [(&str, &[&str]); 13] = [
    ("content", &[]),
    ("stats", &[]),
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
    ("config", &[]),
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
        ],
    ),
    (
        "report",
        &["content", "run", "discovery", "dataset", "stats"],
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
            "report",
        ],
    ),
];

/// Member crates by the name code calls them, and the layer each is.
const MEMBERS: [(&str, &str); 1] = [("proteus_stats", "stats")];

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
    // `stats` is a crate of its own.
    let layers = TABLE
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != "stats");
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

/// The module a file is, from the root of the crate; none for files of other crates.
fn module_path(path: &str) -> Option<Vec<String>> {
    let inside = match path.strip_prefix("src/") {
        Some("main.rs") => return Some(vec!["cli".to_owned(), "main".to_owned()]),
        Some("lib.rs") => return Some(Vec::new()),
        Some(rest) if rest.starts_with("stats/") => return None,
        Some(rest) => rest,
        None if path.starts_with("tools/") => path,
        None => return None,
    };
    let mut parts: Vec<String> = inside
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    Some(parts)
}

fn check_all(files: &[(String, Vec<String>, String)]) -> Vec<String> {
    let mut test_modules = BTreeSet::new();
    let mut streams = BTreeMap::new();
    for (path, module, text) in files {
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("`{path}`: {error}"));
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        find_test_modules(&tokens, module, &mut test_modules);
        streams.insert(path, (module, tokens));
    }
    let mut violations = Vec::new();
    for (path, (module, tokens)) in &streams {
        let is_test = (1..=module.len()).any(|n| test_modules.contains(&module[..n]));
        let mut walk = Walk {
            file: path,
            layer: module.first().map_or("", String::as_str),
            violations: &mut violations,
        };
        walk.tokens(tokens, module.len(), is_test);
    }
    violations
}

/// Adds the modules declared as `#[cfg(test)] mod name;`.
fn find_test_modules(tokens: &[TokenTree], module: &[String], found: &mut BTreeSet<Vec<String>>) {
    let mut test = false;
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                test |= is_test_attribute(&group.stream().to_string());
            }
            TokenTree::Ident(ident) if ident == "mod" => {
                if let (true, Some(TokenTree::Ident(name)), Some(end)) =
                    (test, tokens.get(i + 1), tokens.get(i + 2))
                    && is_punct(end, ';')
                {
                    found.insert(module.iter().cloned().chain([name.to_string()]).collect());
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => test = false,
            TokenTree::Punct(punct) if punct.as_char() == ';' => test = false,
            _ => {}
        }
    }
}

fn is_test_attribute(attribute: &str) -> bool {
    let attribute: String = attribute.split_whitespace().collect();
    attribute.starts_with("cfg(test") || attribute.starts_with("cfg(all(test")
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// Whether `::` stands at `i`.
fn is_path_separator(tokens: &[TokenTree], i: usize) -> bool {
    tokens.get(i).is_some_and(|t| is_punct(t, ':'))
        && tokens.get(i + 1).is_some_and(|t| is_punct(t, ':'))
}

struct Walk<'a> {
    file: &'a str,
    layer: &'a str,
    violations: &'a mut Vec<String>,
}

impl Walk<'_> {
    fn refuse(&mut self, at: &Ident, problem: &str) {
        let line = at.span().start().line;
        self.violations
            .push(format!("{}:{line}: {problem}", self.file));
    }

    /// Walks tokens of a module `depth` below the root of the crate.
    fn tokens(&mut self, tokens: &[TokenTree], depth: usize, in_test: bool) {
        let mut test_item = in_test;
        let mut i = 0;
        while let Some(token) = tokens.get(i) {
            match token {
                TokenTree::Ident(ident) if ident == "crate" => {
                    self.crate_path(tokens, i, test_item)
                }
                TokenTree::Ident(ident) if ident == "super" => {
                    i = self.super_path(tokens, i, depth);
                    continue;
                }
                TokenTree::Ident(ident) if ident == "mod" => {
                    if let (Some(TokenTree::Ident(_)), Some(TokenTree::Group(body))) =
                        (tokens.get(i + 1), tokens.get(i + 2))
                    {
                        let body: Vec<TokenTree> = body.stream().into_iter().collect();
                        self.tokens(&body, depth + 1, test_item);
                        test_item = in_test;
                        i += 3;
                        continue;
                    }
                }
                TokenTree::Ident(ident) => self.crate_name(ident, tokens, i, test_item),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    if group.delimiter() == Delimiter::Bracket {
                        test_item |= is_test_attribute(&group.stream().to_string());
                        if let Some(TokenTree::Ident(name)) = inner.first()
                            && name == "path"
                            && i > 0
                            && is_punct(&tokens[i - 1], '#')
                            && !self.layer.is_empty()
                        {
                            self.refuse(name, "`#[path]` is for src/lib.rs alone");
                        }
                    }
                    self.tokens(&inner, depth, test_item);
                    if group.delimiter() == Delimiter::Brace {
                        test_item = in_test;
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => test_item = in_test,
                _ => {}
            }
            i += 1;
        }
    }

    /// A path that begins with the name of a crate of ours.
    fn crate_name(&mut self, ident: &Ident, tokens: &[TokenTree], i: usize, in_test: bool) {
        let starts_path =
            is_path_separator(tokens, i + 1) && !(i > 1 && is_path_separator(tokens, i - 2));
        if let Some((_, layer)) = MEMBERS.iter().find(|(name, _)| ident == name) {
            self.import(ident, layer, in_test);
        } else if starts_path && ident == "proteus" && self.file != "src/main.rs" {
            self.refuse(ident, "names its own crate `proteus`: write `crate::`");
        }
    }

    fn crate_path(&mut self, tokens: &[TokenTree], i: usize, in_test: bool) {
        let TokenTree::Ident(root) = &tokens[i] else {
            return;
        };
        if matches!(tokens.get(i + 1), Some(TokenTree::Ident(word)) if word == "as") {
            self.refuse(root, "renames `crate`, which hides imports");
        }
        if !is_path_separator(tokens, i + 1) {
            return;
        }
        match tokens.get(i + 3) {
            Some(TokenTree::Ident(layer)) => self.import(layer, &layer.to_string(), in_test),
            Some(TokenTree::Group(group)) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let starts = (0..inner.len()).filter(|&k| k == 0 || is_punct(&inner[k - 1], ','));
                for k in starts {
                    match &inner[k] {
                        TokenTree::Ident(layer) => self.import(layer, &layer.to_string(), in_test),
                        _ => self.refuse(root, "imports everything from the root of the crate"),
                    }
                }
            }
            _ => self.refuse(root, "imports everything from the root of the crate"),
        }
    }

    /// A path that climbs with `super` from a module `depth` below the root; gives the place to go on from.
    fn super_path(&mut self, tokens: &[TokenTree], mut i: usize, depth: usize) -> usize {
        let TokenTree::Ident(first) = &tokens[i] else {
            return i + 1;
        };
        let mut left = depth;
        while matches!(tokens.get(i), Some(TokenTree::Ident(word)) if word == "super") {
            left = left.saturating_sub(1);
            if !is_path_separator(tokens, i + 1) {
                // `pub(super)` leads nowhere.
                return i + 1;
            }
            i += 3;
        }
        if left == 0 && !self.layer.is_empty() {
            let problem = format!(
                "climbs out of `{}` with `super`: write `crate::` so that the layer shows",
                self.layer
            );
            self.refuse(first, &problem);
        }
        if let Some(TokenTree::Group(group)) = tokens.get(i) {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            self.tokens(&inner, left, false);
            return i + 1;
        }
        i
    }

    fn import(&mut self, at: &Ident, used: &str, in_test: bool) {
        let Some(place) = TABLE.iter().position(|(name, _)| *name == self.layer) else {
            // src/lib.rs declares modules and holds nothing else.
            self.refuse(at, "the root of the crate imports nothing");
            return;
        };
        let Some(used_place) = TABLE.iter().position(|(name, _)| *name == used) else {
            self.refuse(
                at,
                &format!("`{}` uses `{used}`, which is in no layer", self.layer),
            );
            return;
        };
        let allowed =
            TABLE[place].1.contains(&used) || used == self.layer || (in_test && used_place < place);
        if !allowed {
            let may = TABLE[place].1.join(", ");
            let may = if may.is_empty() {
                "nothing of ours".to_owned()
            } else {
                may
            };
            self.refuse(
                at,
                &format!(
                    "`{}` uses `{used}`; the layer table lets it use {may}",
                    self.layer
                ),
            );
        }
    }
}
