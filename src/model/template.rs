//! Chat templates: a conversation to the text that a model was trained to continue.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, context};
use serde::Serialize;

use crate::error::ModelError;
use crate::tokenizer::Tokenizer;

/// ChatML, for files that carry no template of their own.
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Standing instructions.
    System,
    /// Who asks.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ChatMessage {
    /// Who says it.
    pub role: Role,
    /// What is said; special tokens in it stay text.
    pub content: String,
}

impl ChatMessage {
    /// A message.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
        }
    }
}

/// A model's chat template.
pub struct ChatTemplate {
    environment: Environment<'static>,
    own: bool,
}

impl ChatTemplate {
    /// The template in a file, or ChatML where it carries none.
    ///
    /// # Errors
    /// If the template cannot be parsed.
    pub fn new(source: Option<&str>) -> Result<Self, ModelError> {
        let mut environment = Environment::new();
        // What transformers sets for every template.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        environment.set_syntax(syntax.map_err(|error| ModelError::Template {
            reason: error.to_string(),
        })?);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function(
            "raise_exception",
            |message: String| -> Result<String, minijinja::Error> {
                Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
            },
        );
        let added = environment.add_template_owned("chat", source.unwrap_or(CHATML).to_owned());
        added.map_err(|error| ModelError::Template {
            reason: error.to_string(),
        })?;
        Ok(Self {
            environment,
            own: source.is_some(),
        })
    }

    /// Whether the file carried it.
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Tokens of a conversation; with `reply`, ready for the model's next turn. Names of special tokens inside of messages are encoded as
    /// ordinary text, so that nothing in a table can end a turn or begin one.
    ///
    /// # Errors
    /// If the template refuses the conversation.
    pub fn encode(
        &self,
        tokenizer: &Tokenizer,
        messages: &[ChatMessage],
        reply: bool,
    ) -> Result<Vec<u32>, ModelError> {
        let guard = guard(messages)?;
        let guarded: Vec<ChatMessage> = messages
            .iter()
            .map(|message| {
                ChatMessage::new(message.role, guarded(tokenizer, &message.content, guard))
            })
            .collect();
        let text = self.render(tokenizer, &guarded, reply)?;
        let mut ids = tokenizer.encode_guarded(&text, Some(guard))?;
        // A template that writes the first token itself does not get a second one.
        if let Some(begin) = tokenizer.begin().filter(|begin| ids.first() != Some(begin)) {
            ids.insert(0, begin);
        }
        Ok(ids)
    }

    fn render(
        &self,
        tokenizer: &Tokenizer,
        messages: &[ChatMessage],
        reply: bool,
    ) -> Result<String, ModelError> {
        let failed = |error: minijinja::Error| ModelError::Template {
            reason: error
                .detail()
                .map_or_else(|| error.to_string(), str::to_owned),
        };
        let template = self.environment.get_template("chat").map_err(failed)?;
        let rendered = template.render(context! {
            messages => Serde(messages),
            add_generation_prompt => reply,
            bos_token => tokenizer.begin_text(),
            eos_token => tokenizer.end_text(),
            // Qwen 3 and its kin: reply without a chain of thought.
            enable_thinking => false,
        });
        rendered.map_err(failed)
    }
}

/// A character for private use that no message has.
fn guard(messages: &[ChatMessage]) -> Result<char, ModelError> {
    let mut candidates = '\u{e000}'..='\u{f8ff}';
    let free = candidates.find(|guard| {
        !messages
            .iter()
            .any(|message| message.content.contains(*guard))
    });
    free.ok_or_else(|| ModelError::Template {
        reason: "the messages use every character for private use".to_owned(),
    })
}

/// `text` with `guard` inside of everything that is the name of a special token, so that it is none any more.
fn guarded(tokenizer: &Tokenizer, text: &str, guard: char) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        out.push(character);
        if tokenizer.special_at(&text[at..]).is_some() {
            out.push(guard);
        }
    }
    out
}
