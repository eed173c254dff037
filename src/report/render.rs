//! Renders the templates of `reports/`. Escaping is on in every template; figures are the only values passed through.

use std::io::Write;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use tera::{Context, EscapeFn, Tera};

use super::charts::chart_data;
use super::page::{FigureShelf, Page, page};
use super::text::{NAME, SENTENCE, tidy, tidy_all};
use super::{ReportError, ReportModel};
use crate::content::Content;

/// The library that draws the interactive figures; a script, not a template.
const LIBRARY: &str = "reports/html/library/echarts.js";

/// The report as one self-contained HTML page: styles, scripts, figures and their data are inside, nothing is loaded.
///
/// # Errors
/// A table of the run cannot be read, or a template does not render.
pub fn html(model: &ReportModel, content: &Content) -> Result<String, ReportError> {
    let (page, figures) = shown(model)?;
    html_of(model, page, &figures, content)
}

fn html_of(
    model: &ReportModel,
    page: Value,
    figures: &IndexMap<String, String>,
    content: &Content,
) -> Result<String, ReportError> {
    let library = content.text(LIBRARY)?;
    let passed = Passed {
        figures,
        data: &chart_data(model)?,
        library: &library,
    };
    render_value(
        page,
        &passed,
        content,
        "html/report.html",
        tera::escape_html,
    )
}

/// What passes into a template unescaped: made by this program, every text of the input inside it escaped already.
#[derive(Debug, Serialize)]
struct Passed<'a> {
    figures: &'a IndexMap<String, String>,
    data: &'a str,
    library: &'a str,
}

/// The page and its figures, with names in place of codes where they are shown again.
fn shown(model: &ReportModel) -> Result<(Value, IndexMap<String, String>), ReportError> {
    let (page, figures): (Page, FigureShelf) = page(model)?;
    let mut value = serde_json::to_value(&page)?;
    model.show_all(&mut value);
    let figures = figures.into_figures().into_iter();
    let figures = figures.map(|(name, svg)| {
        let svg = model.shown_drawing(svg, |name| escape_xml(&tidy(name, NAME)));
        (name, svg)
    });
    Ok((value, figures.collect()))
}

/// A text between the tags of a drawing.
fn escape_xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The report as Markdown; figures are linked as `figures/<name>.svg`.
///
/// # Errors
/// A table of the run cannot be read, or a template does not render.
pub fn markdown(model: &ReportModel, content: &Content) -> Result<String, ReportError> {
    let (page, _) = shown(model)?;
    markdown_of(page, content)
}

/// HTML, Markdown and figures of one run, put together once.
pub(super) fn everything(
    model: &ReportModel,
    content: &Content,
) -> Result<(String, String, IndexMap<String, String>), ReportError> {
    let (page, figures) = shown(model)?;
    let html = html_of(model, page.clone(), &figures, content)?;
    Ok((html, markdown_of(page, content)?, figures))
}

fn markdown_of(page: Value, content: &Content) -> Result<String, ReportError> {
    let none = Passed {
        figures: &IndexMap::new(),
        data: "",
        library: "",
    };
    let text = render_value(page, &none, content, "markdown/report.md", escape_markdown)?;
    Ok(squeezed(&text))
}

pub(super) fn render(
    page: &impl Serialize,
    figures: &IndexMap<String, String>,
    content: &Content,
    template: &str,
    escape: EscapeFn,
) -> Result<String, ReportError> {
    let passed = Passed {
        figures,
        data: "",
        library: "",
    };
    render_value(
        serde_json::to_value(page)?,
        &passed,
        content,
        template,
        escape,
    )
}

fn render_value(
    mut value: Value,
    passed: &Passed<'_>,
    content: &Content,
    template: &str,
    escape: EscapeFn,
) -> Result<String, ReportError> {
    let failed = |error: tera::Error| ReportError::Template {
        template: format!("reports/{template}"),
        reason: chain(&error),
    };
    let mut engine = Tera::new();
    engine.autoescape_on([".html", ".md", ".css", ".js"]);
    engine.set_escape_fn(escape);
    let folder = template.split('/').next().unwrap_or_default();
    let mut sources = Vec::new();
    let files = content.list(&format!("reports/{folder}/")).into_iter();
    for path in files.filter(|path| path != LIBRARY) {
        let name = path.trim_start_matches("reports/").to_owned();
        sources.push((name, content.text(&path)?.into_owned()));
    }
    engine.add_raw_templates(sources).map_err(failed)?;
    tidy_all(&mut value, SENTENCE);
    let mut context = Context::from_serialize(&value).map_err(failed)?;
    context.insert("figures", passed.figures);
    context.insert("chart_data", passed.data);
    context.insert("chart_library", passed.library);
    engine.render(template, &context).map_err(failed)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

/// Puts a backslash before everything that Markdown would read as markup, and breaks links.
pub(super) fn escape_markdown(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // A heading needs a space behind its signs; a link to an anchor has none.
            '#' if !matches!(rest.peek(), None | Some(' ' | '#')) => out.write_all(b"#")?,
            '<' => out.write_all(b"&lt;")?,
            '>' => out.write_all(b"&gt;")?,
            '&' => out.write_all(b"&amp;")?,
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                write!(out, "\\{c}")?;
            }
            '/' if before == ':' => out.write_all(b"\\/")?,
            '@' | '.' if before == 'w' || c == '@' => write!(out, "\\{c}")?,
            '\n' | '\r' => out.write_all(b" ")?,
            c => write!(out, "{c}")?,
        }
        before = c;
    }
    Ok(())
}

/// At most one empty line between blocks, none at the end of lines.
pub(super) fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            if !empty {
                out.push('\n');
            }
            empty = true;
        } else {
            out.push_str(line);
            out.push('\n');
            empty = false;
        }
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "writing to memory cannot fail")]
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        escape_markdown(text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn markup_is_inert() {
        assert_eq!(escaped("<b>*x*</b>"), "&lt;b&gt;\\*x\\*&lt;/b&gt;");
        assert_eq!(escaped("[a](http://b) | c"), "\\[a\\](http:\\//b) \\| c");
        assert_eq!(escaped("www.evil"), "www\\.evil");
        assert_eq!(escaped("q = 0.05"), "q = 0.05");
    }
}
