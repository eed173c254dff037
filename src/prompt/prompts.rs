//! Finding and rendering prompts.

use serde::Serialize;
use serde_json::Value;
use tera::{Context, Tera};

use super::{PromptError, PromptFile, parse};
use crate::content::Content;

/// Bytes of English text and names per token, on the safe side for the tokenizers in use.
const BYTES_PER_TOKEN: usize = 3;

/// The prompts of a program: those it carries, or those that shadow them.
#[derive(Debug, Clone, Default)]
pub struct Prompts {
    content: Content,
}

/// A prompt ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// `<role>/<task>`.
    pub name: String,
    /// Version of its wording.
    pub version: u32,
    /// Standing instructions.
    pub system: String,
    /// The question.
    pub user: String,
    /// JSON Schema of the reply; none where prose is asked for.
    pub schema: Option<Value>,
    /// Tokens that the prompt may have.
    pub max_prompt_tokens: usize,
    /// Tokens of the reply at most.
    pub max_reply_tokens: usize,
}

impl Prompts {
    /// The prompts of `content`.
    pub fn new(content: Content) -> Self {
        Self { content }
    }

    /// Their names, `<role>/<task>`, sorted.
    pub fn names(&self) -> Vec<String> {
        self.content
            .list("prompts/")
            .iter()
            .filter_map(|path| path.strip_prefix("prompts/")?.strip_suffix(".md"))
            .filter(|name| name.contains('/') && !name.contains("/_"))
            .map(str::to_owned)
            .collect()
    }

    /// The file of `name`.
    ///
    /// # Errors
    /// It is not there or malformed.
    pub fn file(&self, name: &str) -> Result<PromptFile, PromptError> {
        let path = format!("prompts/{name}.md");
        parse(&path, &self.content.text(&path)?)
    }

    /// Renders `name` over `facts`. A value that the template asks for and `facts` lacks is an error.
    ///
    /// # Errors
    /// It is not there, does not render, its schema is no JSON, or it is longer than its front matter allows.
    pub fn render(&self, name: &str, facts: &impl Serialize) -> Result<Rendered, PromptError> {
        let path = format!("prompts/{name}.md");
        let file = parse(&path, &self.content.text(&path)?)?;
        let failed = |reason: String| PromptError::Template {
            path: path.clone(),
            reason,
        };
        let context = Context::from_serialize(facts).map_err(|e| failed(chain(&e)))?;
        let mut engine = Tera::new();
        let mut parts = vec![("system", file.system.clone()), ("user", file.user.clone())];
        parts.extend(file.schema.clone().map(|schema| ("schema", schema)));
        // What several prompts of a role share: `prompts/<role>/_<part>.md`, included as `<part>`.
        let shared = format!("prompts/{}/_", file.role);
        for path in self.content.list(&shared) {
            let part = path.trim_start_matches(&shared).trim_end_matches(".md");
            let text = self.content.text(&path)?.into_owned();
            engine
                .add_raw_template(part, &text)
                .map_err(|e| failed(chain(&e)))?;
        }
        engine
            .add_raw_templates(parts)
            .map_err(|e| failed(chain(&e)))?;
        let render = |part: &str| engine.render(part, &context).map_err(|e| failed(chain(&e)));
        let (system, user) = (render("system")?, squeezed(&render("user")?));
        let schema = match &file.schema {
            Some(_) => {
                let text = render("schema")?;
                let value = serde_json::from_str(&text)
                    .map_err(|e| failed(format!("its schema is no JSON: {e}")))?;
                Some(value)
            }
            None => None,
        };
        let tokens = (system.len() + user.len()).div_ceil(BYTES_PER_TOKEN);
        if tokens > file.max_prompt_tokens {
            return Err(PromptError::TooLong {
                path,
                tokens,
                limit: file.max_prompt_tokens,
            });
        }
        Ok(Rendered {
            name: name.to_owned(),
            version: file.version,
            system,
            user,
            schema,
            max_prompt_tokens: file.max_prompt_tokens,
            max_reply_tokens: file.max_reply_tokens,
        })
    }

    /// Renders `name` over as many of `items` as fit, the first ones first; `facts` makes the context of so many. None where
    /// not even one fits.
    ///
    /// # Errors
    /// As [`Prompts::render`], but for the length.
    pub fn render_fitting<T, F: Serialize>(
        &self,
        name: &str,
        items: &[T],
        facts: impl Fn(&[T]) -> F,
    ) -> Result<Option<(Rendered, usize)>, PromptError> {
        for n in (1..=items.len()).rev() {
            match self.render(name, &facts(&items[..n])) {
                Ok(rendered) => return Ok(Some((rendered, n))),
                Err(PromptError::TooLong { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// Runs of blank lines, which templates leave behind, become one.
fn squeezed(text: &str) -> String {
    let mut out = String::new();
    let mut blank = false;
    for line in text.trim().lines() {
        let line = line.trim_end();
        if line.is_empty() {
            blank = true;
            continue;
        }
        if blank {
            out.push('\n');
            blank = false;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
