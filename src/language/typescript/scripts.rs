//! Scripts in the files of frameworks: everything else is blanked out, so that offsets stay.

use std::borrow::Cow;
use std::path::Path;

/// The text that is parsed: for `.vue`, `.svelte` and `.astro` the scripts alone, else all of it.
pub(super) fn script_text<'t>(path: &Path, text: &'t str) -> Cow<'t, str> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("vue" | "svelte") => Cow::Owned(blanked(text, &scripts(text))),
        Some("astro") => {
            let mut kept: Vec<_> = frontmatter(text).into_iter().collect();
            let after = kept.first().map_or(0, |range| range.end);
            kept.extend(scripts(text).into_iter().filter(|range| range.start >= after));
            Cow::Owned(blanked(text, &kept))
        }
        _ => Cow::Borrowed(text),
    }
}

type Range = std::ops::Range<usize>;

/// The bodies of `<script>` elements, outside comments.
fn scripts(text: &str) -> Vec<Range> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', bytes.get(at..).unwrap_or_default()).map(|open| at + open) {
        let rest = bytes.get(open..).unwrap_or_default();
        if rest.starts_with(b"<!--") {
            at = memchr::memmem::find(rest, b"-->").map_or(bytes.len(), |end| open + end + 3);
            continue;
        }
        let is_script = rest.get(..7).is_some_and(|tag| tag.eq_ignore_ascii_case(b"<script"))
            && rest.get(7).is_some_and(|after| after.is_ascii_whitespace() || *after == b'>');
        let body = is_script.then(|| tag_end(rest)).flatten().map(|end| open + end);
        let Some(body) = body else {
            at = open + 1;
            continue;
        };
        let end = script_end(bytes, body);
        let tag = text.get(open..body).unwrap_or_default();
        if is_script_tag(tag) {
            found.push(body..end);
        }
        at = end;
    }
    found
}

/// Where a tag's `>` ends, outside quotes.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (index, &byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(index + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn script_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let mut ends = memchr::memmem::find_iter(rest, b"</");
    let end = ends.find(|&end| rest.get(end + 2..end + 8).is_some_and(|name| name.eq_ignore_ascii_case(b"script")));
    end.map_or(bytes.len(), |end| from + end)
}

/// Whether a tag opens a script, and not a block of data.
fn is_script_tag(tag: &str) -> bool {
    !tag.contains("application/ld+json") && !tag.contains("application/json") && !tag.contains("text/template")
}

/// The code between the first two `---` lines of an Astro file.
fn frontmatter(text: &str) -> Option<Range> {
    let start = text.find("---")?;
    if !text.get(..start)?.trim_start_matches('\u{feff}').trim().is_empty() {
        return None;
    }
    let body = start + 3;
    let end = text.get(body..)?.find("\n---")?;
    Some(body..body + end)
}

/// The text with spaces for all bytes outside the ranges; line ends stay, and each range ends a statement.
fn blanked(text: &str, kept: &[Range]) -> String {
    let mut blanked = String::with_capacity(text.len());
    let blank = |from: usize, to: usize, blanked: &mut String| {
        for &byte in text.as_bytes().get(from..to).unwrap_or_default() {
            blanked.push(if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' });
        }
    };
    let mut done = 0;
    for range in kept {
        blank(done, range.start, &mut blanked);
        // What stood between two scripts must not join their statements.
        if done > 0 && range.start > done && blanked.ends_with(' ') {
            blanked.pop();
            blanked.push(';');
        }
        blanked.push_str(text.get(range.clone()).unwrap_or_default());
        done = range.end;
    }
    blank(done, text.len(), &mut blanked);
    blanked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_stay_and_offsets_hold() {
        let text = "<template>é {{ x }}</template>\n<!-- <script>no</script> -->\n<script setup lang=\"ts\">\nconst x = 1\n</script>\n";
        let kept = script_text(Path::new("a.vue"), text);
        assert_eq!(kept.len(), text.len());
        assert_eq!(kept.trim(), "const x = 1");
        assert_eq!(kept.find("const"), text.find("const"));
        let astro = "---\nconst y = 2\n---\n<p>{y}</p>\n<script>z()</script>";
        assert_eq!(script_text(Path::new("a.astro"), astro).split_whitespace().collect::<String>(), "consty=2;z()");
    }
}
