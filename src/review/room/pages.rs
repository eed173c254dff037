//! The templates of `reports/review/`, read once.

use serde_json::Value;
use tera::{Context, Tera};

use crate::content::Content;
use crate::review::ReviewError;

/// The folder of the templates.
const FOLDER: &str = "reports/review/";

/// Files that pages load, by name, with their kind.
const ASSETS: [(&str, &str); 3] = [
    ("room.css", "text/css; charset=utf-8"),
    ("room.js", "text/javascript; charset=utf-8"),
    ("icon.svg", "image/svg+xml"),
];

/// Templates and the files they load.
pub(super) struct Pages {
    engine: Tera,
    assets: Vec<(&'static str, &'static str, Vec<u8>)>,
}

impl Pages {
    /// Reads them all; everything is escaped.
    ///
    /// # Errors
    /// A file is missing or a template is broken.
    pub(super) fn load(content: &Content) -> Result<Self, ReviewError> {
        let mut engine = Tera::new();
        engine.autoescape_on([".html"]);
        engine.set_escape_fn(tera::escape_html);
        let mut sources = Vec::new();
        for path in content.list(FOLDER) {
            if let Some(name) = path.strip_prefix(FOLDER)
                && name.ends_with(".html")
            {
                sources.push((name.to_owned(), content.text(&path)?.into_owned()));
            }
        }
        engine
            .add_raw_templates(sources)
            .map_err(|e| broken("*.html", &e))?;
        let mut assets = Vec::new();
        for (name, kind) in ASSETS {
            let bytes = content.get(&format!("{FOLDER}{name}"))?.into_owned();
            assets.push((name, kind, bytes));
        }
        Ok(Self { engine, assets })
    }

    /// Renders a page.
    pub(super) fn render(&self, template: &str, view: &Value) -> Result<String, ReviewError> {
        let context = Context::from_serialize(view).map_err(|e| broken(template, &e))?;
        self.engine
            .render(template, &context)
            .map_err(|e| broken(template, &e))
    }

    /// A file that pages load, with its kind.
    pub(super) fn asset(&self, name: &str) -> Option<(&'static str, &[u8])> {
        let found = self.assets.iter().find(|(known, _, _)| *known == name);
        found.map(|(_, kind, bytes)| (*kind, bytes.as_slice()))
    }
}

fn broken(template: &str, error: &dyn std::error::Error) -> ReviewError {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    ReviewError::Template {
        template: format!("{FOLDER}{template}"),
        reason,
    }
}
