//! The documents, held to the tree: what they name exists, what exists is named.

use crate::layers::TABLE;
use crate::support::{self, files_under, folders_in, read};

const MOST_LINES: usize = 800;

/// Subcommands that are there only with the feature of their name.
const OPTIONAL: [&str; 1] = ["mcp"];

/// Files for people, at the root.
const DOCUMENTS: [&str; 4] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
];

#[test]
fn no_file_of_code_is_over_long() {
    let mut long = Vec::new();
    for path in support::rust_files() {
        let lines = read(&path).lines().count();
        if lines > MOST_LINES {
            long.push(format!("{path}: {lines} lines, at most {MOST_LINES}"));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn architecture_shows_the_layer_table() {
    let text = read("ARCHITECTURE.md");
    let shown: Vec<(String, Vec<String>)> = text
        .lines()
        .skip_while(|line| !line.starts_with("| module |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let uses = cells[2]
                .split(", ")
                .filter(|u| *u != "–")
                .map(str::to_owned)
                .collect();
            (cells[0].to_owned(), uses)
        })
        .collect();
    let held: Vec<(String, Vec<String>)> = TABLE
        .iter()
        .map(|(name, uses)| {
            (
                (*name).to_owned(),
                uses.iter().map(|u| (*u).to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(
        shown, held,
        "the table of ARCHITECTURE.md against tests/layers.rs"
    );
}

#[test]
fn commands_in_the_documents_exist() {
    let command = proteus::cli::args::command();
    let mut unknown = Vec::new();
    for document in DOCUMENTS {
        for words in commands_of(&read(document)) {
            let name = words.first().map_or("", String::as_str);
            if OPTIONAL.contains(&name) && command.find_subcommand(name).is_none() {
                continue;
            }
            if let Err(problem) = follow(&command, &words) {
                unknown.push(format!(
                    "{document}: `proteus {}`: {problem}",
                    words.join(" ")
                ));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn every_subcommand_is_in_the_readme() {
    let readme = read("README.md");
    for sub in proteus::cli::args::command().get_subcommands() {
        let name = sub.get_name();
        assert!(
            readme.contains(&format!("proteus {name}")) || readme.contains(&format!("-- {name}")),
            "README.md does not mention `proteus {name}`"
        );
    }
}

#[test]
fn paths_in_the_documents_exist() {
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let text = read(document);
        for quoted in text.split('`').skip(1).step_by(2) {
            let quoted = quoted.trim_end_matches('/');
            let rooted = [
                "src/",
                "tools/",
                "workflows/",
                "reports/",
                "datasets/",
                "tests/",
                ".ci/",
            ]
            .iter()
            .any(|root| quoted.starts_with(root));
            let plain = !quoted.contains(['<', '*', ' ', '{', '…']);
            if rooted && plain && !support::root().join(quoted).exists() {
                missing.push(format!("{document}: `{quoted}`"));
            }
        }
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let local = !link.contains("://") && !link.starts_with('#');
            if local && !support::root().join(link).exists() {
                missing.push(format!("{document}: link to `{link}`"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_dataset_and_pack_is_in_the_table_of_datasets() {
    let text = read("datasets/README.md");
    let datasets = folders_in("datasets")
        .into_iter()
        .filter(|name| name != "knowledge");
    for name in datasets.chain(folders_in("datasets/knowledge")) {
        assert!(
            text.contains(&format!("| `{name}` |")),
            "datasets/README.md has no row for `{name}`"
        );
    }
}

#[test]
fn every_tool_folder_is_mounted() {
    let list = read("tools/mod.rs");
    for name in folders_in("tools") {
        assert!(
            list.contains(&format!("pub mod {name};")),
            "tools/mod.rs does not mount `{name}`"
        );
        assert!(
            list.contains(&format!("&{name}::")),
            "CATALOG does not list `{name}`"
        );
    }
}

#[test]
fn every_input_format_is_in_the_readme() {
    let readme = read("README.md");
    for format in proteus::dataset::input_formats() {
        assert!(
            readme.contains(format.name),
            "README.md does not list the format `{}`",
            format.name
        );
    }
}

#[test]
fn the_changelog_keeps_its_form() {
    let text = read("CHANGELOG.md");
    assert!(text.starts_with("# Changelog\n"), "first line");
    assert!(
        text.contains("\n## [Unreleased]\n"),
        "section for what is not released"
    );
    const KINDS: [&str; 6] = [
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    ];
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("### ") {
            assert!(KINDS.contains(&kind), "`{kind}` is no kind of change");
        }
        if let Some(title) = line.strip_prefix("## ") {
            let released = title.starts_with('[') && title.contains("] - 20");
            assert!(
                released || title == "[Unreleased]",
                "`{title}` is neither `[version] - date` nor `[Unreleased]`"
            );
        }
    }
}

#[test]
fn nothing_points_out_of_the_repository_or_waits_to_be_done() {
    // Spelled in halves, so that this file is not its own first finding.
    let forbidden = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimpl", "emented!("),
    ];
    let mut found = Vec::new();
    let texts = [
        "src",
        "tools",
        "tests",
        "workflows",
        "reports",
        "datasets",
        ".ci",
    ]
    .into_iter()
    .flat_map(files_under)
    .chain(DOCUMENTS.map(str::to_owned))
    .chain(
        [
            "Cargo.toml",
            "build.rs",
            "justfile",
            "CITATION.cff",
            "clippy.toml",
        ]
        .map(str::to_owned),
    );
    for path in texts {
        let known = [
            ".rs", ".md", ".yaml", ".toml", ".R", ".py", ".html", ".css", ".js", ".json", ".cff",
            "justfile", ".ci/run",
        ];
        if !known.iter().any(|ending| path.ends_with(ending)) {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate() {
            if let Some(word) = forbidden.iter().find(|word| line.contains(*word)) {
                found.push(format!("{path}:{}: `{word}`", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every `proteus …` in backticks or in a code block, and every `cargo run --release -- …`, as words.
fn commands_of(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let pieces: Vec<&str> = if in_block {
            vec![line.trim()]
        } else {
            line.split('`').skip(1).step_by(2).collect()
        };
        for piece in pieces {
            let command = piece.split(" #").next().unwrap_or_default();
            let words = command
                .strip_prefix("proteus ")
                .or_else(|| command.strip_prefix("cargo run --release -- "));
            if let Some(words) = words {
                commands.push(words.split_whitespace().map(str::to_owned).collect());
            }
        }
    }
    commands
}

/// Follows words through the subcommands; flags have to exist where they stand.
fn follow(command: &clap::Command, words: &[String]) -> Result<(), String> {
    let mut here = command;
    let mut flags: Vec<String> = long_flags(command);
    for (place, word) in words.iter().enumerate() {
        if let Some(flag) = word.strip_prefix("--") {
            let name = flag.split('=').next().unwrap_or(flag);
            if !flags.iter().any(|known| known == name) {
                return Err(format!("no flag `--{name}`"));
            }
        } else if let Some(sub) = here.find_subcommand(word) {
            here = sub;
            flags.extend(long_flags(sub));
        } else if place == 0 || (here.has_subcommands() && here.get_name() != "proteus") {
            return Err(format!("no subcommand `{word}`"));
        }
    }
    Ok(())
}

fn long_flags(command: &clap::Command) -> Vec<String> {
    let flags = command
        .get_arguments()
        .filter_map(|a| a.get_long().map(str::to_owned));
    flags
        .chain(["help".to_owned(), "version".to_owned()])
        .collect()
}
