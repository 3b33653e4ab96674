//! Text that came from elsewhere, made harmless for Markdown as GitHub and GitLab read it.

use super::escape;

/// A longer text says nothing more to a person, and would fill the page by itself.
const MAX_CHARACTERS: usize = 500;

/// Shows a text as code, in which nothing is a link, a tag or a mention.
pub(super) fn code(text: &str) -> String {
    let text = bounded(&escape(text));
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // A space at both ends is taken off again, and keeps a backtick at an end from joining the fence.
    let padding = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// The same in a table, where `|` would end the cell even in code.
pub(super) fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Shows a message: what stands between backticks stays code, and the rest is plain text, whatever it looks like.
pub(super) fn prose(text: &str) -> String {
    let text = bounded(&escape(text));
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(&text);
    }
    let shown = parts.iter().enumerate();
    shown.map(|(index, part)| if index % 2 == 0 { plain(part) } else { code(part) }).collect()
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let ends_here = characters.peek().is_none_or(|next| next.is_whitespace());
        match character {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            // A mention, a reference or a link is made of these and what follows, escaped or not, unless something stands
            // between.
            '@' | '#' | '!' | '~' | '$' | '%' | ':' if !ends_here => {
                plain.push(character);
                plain.push_str("<!-- -->");
            }
            '.' if ends_with_www(&plain) => plain.push_str("<!-- -->."),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                plain.push('\\');
                plain.push(character);
            }
            _ => plain.push(character),
        }
    }
    plain
}

fn ends_with_www(text: &str) -> bool {
    text.get(text.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_a_fence_that_its_text_does_not_hold() {
        assert_eq!(code("a.py"), "`a.py`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\nb|c<d>"), "`a\\nb|c<d>`");
        assert_eq!(cell("a|b"), "`a\\|b`");
    }

    #[test]
    fn prose_keeps_code_and_nothing_else() {
        assert_eq!(prose("call `get_x` now"), "call `get_x` now");
        assert_eq!(prose("<b>[a](b) `c` *d*"), "&lt;b&gt;\\[a\\](b) `c` \\*d\\*");
        assert_eq!(prose("one ` alone"), "one \\` alone");
        assert_eq!(prose("@me #1 www.x"), "@<!-- -->me #<!-- -->1 www<!-- -->.x");
        assert_eq!(prose("http://x"), "http:<!-- -->//x");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(code(&"x".repeat(1000)).chars().count(), MAX_CHARACTERS + 3);
    }
}
