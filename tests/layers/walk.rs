//! The walk over the tokens of a file: which layers it names, and how.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use super::TABLE;

/// Member crates by the name code calls them, and the layer each is.
pub const MEMBERS: [(&str, &str); 4] = [
    ("proteus_stats", "stats"),
    ("proteus_model", "model"),
    ("proteus_llm", "llm"),
    ("proteus_literature", "literature"),
];

/// The module a file is, from the root of the crate; none for files of other crates.
pub fn module_path(path: &str) -> Option<Vec<String>> {
    let inside = match path.strip_prefix("src/") {
        Some("main.rs") => return Some(vec!["cli".to_owned(), "main".to_owned()]),
        Some("lib.rs") => return Some(Vec::new()),
        Some(rest)
            if MEMBERS
                .iter()
                .any(|(_, folder)| rest.split('/').next() == Some(folder)) =>
        {
            return None;
        }
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

/// Every import in these files (path, module, text) that the table does not allow.
pub fn check_all(files: &[(String, Vec<String>, String)]) -> Vec<String> {
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
