//! Fills the templates. Whatever a template shows is made harmless, unless it is the chart.

use std::io;

use minijinja::AutoEscape;
use minijinja::Environment;
use minijinja::HtmlEscape;
use minijinja::State;
use minijinja::Value as Shown;
use minijinja::escape_formatter;
use minijinja::value::ValueKind;
use serde_json::Value;

use crate::report::escape;
use crate::report::prose;

/// What the formatter knows Markdown by.
const MARKDOWN: &str = "markdown";

/// Returns the page in HTML.
pub(super) fn html(document: &Value, chart: Option<String>) -> io::Result<String> {
    let chart = chart.map(Shown::from_safe_string);
    render(include_str!("page.html"), AutoEscape::Html, &minijinja::context! { page => document, chart => chart })
}

/// Returns the page in Markdown.
pub(super) fn markdown(document: &Value) -> io::Result<String> {
    render(include_str!("page.md"), AutoEscape::Custom(MARKDOWN), &minijinja::context! { page => document })
}

fn render(template: &'static str, escaping: AutoEscape, shown: &Shown) -> io::Result<String> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| escaping);
    environment.set_formatter(write_harmless);
    environment.add_filter("told", |text: &str| Shown::from_safe_string(told(text)));
    environment.add_filter("code", |text: &str| Shown::from_safe_string(prose::cell(text)));
    environment
        .add_filter("count", |count: i64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" }));
    environment.add_filter("percent", |permille: u64| format!("{}.{} %", permille / 10, permille % 10));
    environment
        .add_filter("change", |count: i64| if count == 0 { "no change".to_owned() } else { format!("{count:+}") });
    environment.render_str(template, shown).map_err(io::Error::other)
}

/// A message in HTML, in which what stands between backticks is code.
fn told(text: &str) -> String {
    let text = escape(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return HtmlEscape(&text).to_string();
    }
    let shown = parts.iter().map(|part| HtmlEscape(part)).enumerate();
    shown.map(|(index, part)| if index % 2 == 0 { part.to_string() } else { format!("<code>{part}</code>") }).collect()
}

/// Writes a value so that nothing in it is obeyed: by the language of the page, or by whoever shows it.
fn write_harmless(
    out: &mut minijinja::Output<'_>,
    state: &State<'_, '_>,
    value: &Shown,
) -> Result<(), minijinja::Error> {
    let text = value.as_str().filter(|_| value.kind() == ValueKind::String && !value.is_safe());
    match (state.auto_escape(), text) {
        (AutoEscape::Custom(MARKDOWN), Some(text)) => {
            out.write_str(&prose::prose(text)).map_err(minijinja::Error::from)
        }
        (AutoEscape::Custom(MARKDOWN), None) => write!(out, "{value}").map_err(minijinja::Error::from),
        (_, Some(text)) => escape_formatter(out, state, &Shown::from(escape(text).as_ref())),
        (_, None) => escape_formatter(out, state, value),
    }
}
