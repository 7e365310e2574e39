//! Templates, and how what they are given is made harmless.

use aws_smithy_types::base64;
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, context};

use super::view::Report;
use crate::error::{Error, Kind, Result};
use crate::hash::Sha256;
use crate::output::TREE_STYLE;
use crate::output::text::{
    html as html_text, markdown as markdown_text, markdown_block, markdown_cell, markdown_code,
};

const TEMPLATES: [(&str, &str); 4] = [
    ("report.html", include_str!("templates/report.html")),
    ("finding.html", include_str!("templates/finding.html")),
    ("macros.html", include_str!("templates/macros.html")),
    ("report.md", include_str!("templates/report.md")),
];
const STYLE: &str = include_str!("templates/report.css");
const SCRIPT: &str = include_str!("templates/report.js");
/// What is written in Markdown is escaped for it.
const MARKDOWN: AutoEscape = AutoEscape::Custom("markdown");

/// The report's HTML.
pub fn html(report: &Report) -> Result<String> {
    let policy = format!(
        "default-src 'none'; style-src '{}' '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(TREE_STYLE),
        hash(SCRIPT)
    );
    let style = Value::from_safe_string(STYLE.to_owned());
    let script = Value::from_safe_string(SCRIPT.to_owned());
    render("report.html", context! { report, policy => Value::from_safe_string(policy), style, script })
}

/// The report's Markdown.
pub fn markdown(report: &Report) -> Result<String> {
    render("report.md", context! { report })
}

fn render(name: &'static str, values: Value) -> Result<String> {
    let failed = |error: minijinja::Error| Error::from(Kind::Encode(format!("{error:#}")));
    let environment = environment().map_err(failed)?;
    environment.get_template(name).and_then(|template| template.render(values)).map_err(failed)
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_auto_escape_callback(|name| match name.ends_with(".md") {
        true => MARKDOWN,
        false => AutoEscape::Html,
    });
    environment.set_formatter(write_harmless);
    environment.add_filter("code", |text: &str| Value::from_safe_string(markdown_code(text)));
    environment.add_filter("cell", |text: &str| Value::from_safe_string(markdown_cell(text)));
    // Only for what `attack::technique` made: letters that are plain in a link's destination.
    environment.add_filter("link", |url: &str| Value::from_safe_string(url.to_owned()));
    environment.add_filter("block", |lines: &str| Value::from_safe_string(markdown_block(lines)));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// Every value that a template writes comes by here.
fn write_harmless(out: &mut Output, state: &State, value: &Value) -> Result<(), minijinja::Error> {
    let written = match (value.as_str(), state.auto_escape()) {
        (Some(text), _) if value.is_safe() => out.write_str(text),
        (Some(text), MARKDOWN) => out.write_str(&markdown_text(text)),
        (Some(text), _) => out.write_str(&html_text(text)),
        (None, _) if value.kind() == ValueKind::Number => write!(out, "{value}"),
        (None, _) => {
            let problem = format!("a template writes a value of kind {}", value.kind());
            return Err(minijinja::Error::new(minijinja::ErrorKind::BadEscape, problem));
        }
    };
    Ok(written?)
}

/// What a Content-Security-Policy knows an inline style or script by.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64::encode(Sha256::of(text.as_bytes()).as_bytes()))
}
