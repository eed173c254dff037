//! A prompt as its file has it.

use serde::Deserialize;

use super::PromptError;

/// Front matter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    role: String,
    version: u32,
    max_prompt_tokens: usize,
    max_reply_tokens: usize,
    #[serde(default)]
    schema: Option<String>,
}

/// A prompt file, taken apart; its texts are not rendered yet.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptFile {
    /// The role it is for, the name of its folder.
    pub role: String,
    /// Raised whenever its wording changes.
    pub version: u32,
    /// Tokens of the rendered prompt at most.
    pub max_prompt_tokens: usize,
    /// Tokens of the reply at most.
    pub max_reply_tokens: usize,
    /// JSON Schema of the reply, as a template; none where prose is asked for.
    pub schema: Option<String>,
    /// Standing instructions, as a template.
    pub system: String,
    /// The question, as a template.
    pub user: String,
}

/// Takes the text of `path` apart.
///
/// # Errors
/// The front matter or a part is missing or malformed, or the role is not the folder's.
pub fn parse(path: &str, text: &str) -> Result<PromptFile, PromptError> {
    let malformed = |reason: String| PromptError::Malformed {
        path: path.to_owned(),
        reason,
    };
    let rest = text
        .strip_prefix("---\n")
        .ok_or_else(|| malformed("does not begin with a line `---`".to_owned()))?;
    let (head, body) = rest
        .split_once("\n---\n")
        .ok_or_else(|| malformed("its front matter does not end with a line `---`".to_owned()))?;
    let head: Head = serde_yaml::from_str(head).map_err(|e| malformed(e.to_string()))?;
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    if head.role != folder {
        return Err(malformed(format!(
            "says it is for `{}` and stands in the folder `{folder}`",
            head.role
        )));
    }
    let (system, user) = body
        .trim_start()
        .strip_prefix("[system]\n")
        .and_then(|parts| parts.split_once("\n[user]\n"))
        .ok_or_else(|| {
            malformed("has no part `[system]` followed by a part `[user]`".to_owned())
        })?;
    Ok(PromptFile {
        role: head.role,
        version: head.version,
        max_prompt_tokens: head.max_prompt_tokens,
        max_reply_tokens: head.max_reply_tokens,
        schema: head.schema,
        system: system.trim().to_owned(),
        user: user.trim().to_owned(),
    })
}
