//! Names of files and folders made from the names of things.

use std::collections::BTreeSet;

use super::RunError;

/// Longest slug; whole paths must stay short on every system.
const MAX_LENGTH: usize = 64;

/// `text` as a file name: lower-case letters and digits, other runs of characters as one `-`; never empty.
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_LENGTH));
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if c == '_' || (!out.is_empty() && !out.ends_with('-')) {
            out.push(if c == '_' { '_' } else { '-' });
        }
        if out.len() == MAX_LENGTH {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() {
        "unnamed".to_owned()
    } else {
        out.to_owned()
    }
}

/// The slug of `text`, with `-2`, `-3` … when it is taken already; the result is added to `taken`.
pub fn unique_slug(text: &str, taken: &mut BTreeSet<String>) -> String {
    let base = slug(text);
    let mut candidate = base.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{base}-{number}");
        number += 1;
    }
    candidate
}

/// Refuses a name that could leave its folder or hide in it.
pub fn check_name(what: &'static str, name: &str) -> Result<(), RunError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && !name.starts_with('.') && name.len() <= 200 && name.chars().all(plain) {
        Ok(())
    } else {
        Err(RunError::Name {
            what,
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn readable_and_unique() {
        let mut taken = BTreeSet::new();
        assert_eq!(
            unique_slug("condition:Ubi4-Ctrl", &mut taken),
            "condition-ubi4-ctrl"
        );
        assert_eq!(
            unique_slug("condition: UBI4 Ctrl", &mut taken),
            "condition-ubi4-ctrl-2"
        );
        assert_eq!(slug("π"), "unnamed");
    }

    proptest! {
        #[test]
        fn a_slug_is_always_a_valid_name(text in ".{0,200}") {
            prop_assert!(check_name("step", &slug(&text)).is_ok());
        }

        #[test]
        fn no_name_leaves_its_folder(text in ".{0,40}") {
            if check_name("step", &text).is_ok() {
                prop_assert!(!text.contains(['/', '\\', ':']) && text != "..");
            }
        }
    }
}
