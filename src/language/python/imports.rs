//! Edits of import statements: names go, names come, and comments stay.

use crate::language::ImportChange;
use crate::language::NewImport;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::Member;
use crate::outline::Outline;
use crate::source::SourceFile;
use crate::source::Span;

/// Where a statement stands among its neighbours.
struct Place<'a> {
    /// The white space before it, where nothing else stands before it on its line.
    indent: Option<&'a str>,
    /// The text after it on its last line.
    after: &'a str,
    /// The end of its last line.
    line_end: u32,
}

impl Place<'_> {
    /// Whether it has its lines for itself, but for a comment.
    fn own_lines(&self) -> bool {
        self.indent.is_some() && (self.after.trim().is_empty() || self.after.trim_start().starts_with('#'))
    }
}

/// The edits that perform a change.
pub(super) fn edit(source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)> {
    let Some(import) = outline.imports.get(change.import as usize) else { return Vec::new() };
    let place = place(source, import.span);
    let all_go = !import.members.is_empty()
        && change.remove.len() == import.members.len()
        && change.extend.is_empty()
        && import.form != ImportForm::Star;
    let statement = source.slice(import.span);
    let mut edits = Vec::new();
    edits.extend(declare(outline, import, change));
    let (first, others) = by_module(&change.add);
    let (text, beside) = match (all_go, first) {
        (true, None) => {
            edits.extend(delete(source, import.span, &place, change.keeps_block));
            return edits;
        }
        (true, Some((module, names))) => (replace(statement, import, &module, &names), others),
        (false, first) => (rewrite(source, import, change), first.into_iter().chain(others).collect()),
    };
    let lines = beside.iter().map(|(module, names)| format!("from {module} import {}", names.join(", ")));
    if place.own_lines() {
        if text != statement {
            edits.push((import.span, text));
        }
        let newline = source.newline();
        let indent = place.indent.unwrap_or_default();
        let added: String = lines.map(|line| format!("{newline}{indent}{line}")).collect();
        if !added.is_empty() {
            edits.push((Span::at(place.line_end), added));
        }
    } else {
        let text = std::iter::once(text).chain(lines).collect::<Vec<_>>().join("; ");
        edits.push((import.span, text));
    }
    edits
}

/// Declares new names `global` where the statement declares the old ones so.
fn declare(outline: &Outline, import: &Import, change: &ImportChange) -> Option<(Span, String)> {
    let added = change.add.iter().map(|new| new.alias.as_ref().unwrap_or(&new.name));
    let extended = change.extend.iter().map(|(name, alias)| alias.as_ref().unwrap_or(name));
    let names: Vec<&str> = added.chain(extended).map(String::as_str).collect();
    let names = names.join(", ");
    let declares = |member: &&Member| member.declared.is_some();
    let gone = change.remove.iter().filter_map(|&index| import.members.get(index as usize));
    // A name that something else binds here stays declared.
    let unshared = gone.filter(|member| {
        let name = member.bound(import.form);
        outline.bindings.iter().filter(|binding| binding.scope == 0 && *binding.name == *name).count() == 1
    });
    if names.is_empty() {
        return None;
    }
    if let Some(member) = unshared.clone().find(declares) {
        return Some((member.declared?, names));
    }
    let declared = import.members.iter().find(declares)?.declared?;
    Some((Span::at(declared.end), format!(", {names}")))
}

type Group = (String, Vec<String>);

/// Groups new imports by module, in order.
fn by_module(add: &[NewImport]) -> (Option<Group>, Vec<Group>) {
    let mut groups: Vec<Group> = Vec::new();
    for import in add {
        let name = with_alias(&import.name, import.alias.as_deref());
        match groups.iter_mut().find(|(module, _)| *module == import.module) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => groups.push((import.module.clone(), vec![name])),
        }
    }
    for (_, names) in &mut groups {
        names.sort();
    }
    let mut groups = groups.into_iter();
    (groups.next(), groups.collect())
}

fn with_alias(name: &str, alias: Option<&str>) -> String {
    match alias {
        Some(alias) if alias != name => format!("{name} as {alias}"),
        _ => name.to_owned(),
    }
}

fn place(source: &SourceFile, span: Span) -> Place<'_> {
    let first = source.line_span(source.line(span.start));
    let last = source.line_span(source.line(span.end));
    let before = source.slice(Span::new(first.start, span.start));
    let before = before.trim_start_matches('\u{feff}');
    let indent = before.chars().all(char::is_whitespace).then_some(before);
    Place { indent, after: source.slice(Span::new(span.end, last.end)), line_end: last.end }
}

/// Takes a statement away; its comments stay.
fn delete(source: &SourceFile, span: Span, place: &Place<'_>, keeps_block: bool) -> Option<(Span, String)> {
    let statement = source.slice(span);
    let comments = comments(statement);
    let newline = source.newline();
    if keeps_block {
        let indent = place.indent.unwrap_or_default();
        let kept: String = comments.iter().map(|comment| format!("{comment}{newline}{indent}")).collect();
        let kept = if place.indent.is_some() { kept } else { String::new() };
        return Some((span, format!("{kept}pass")));
    }
    if place.own_lines() {
        let first = source.line(span.start);
        let line = source.line_span(first);
        let trailing = place.after.trim();
        let indent = place.indent.unwrap_or_default();
        let all: Vec<&str> = comments.into_iter().chain(Some(trailing).filter(|t| !t.is_empty())).collect();
        let start = if line.start == 0 && source.text().starts_with('\u{feff}') { 3 } else { line.start };
        if all.is_empty() {
            let next = source.line_starts().get(source.line(span.end) as usize).copied();
            let end = next.unwrap_or(place.line_end);
            return Some((Span::new(start, end), String::new()));
        }
        let text = all.join(&format!("{newline}{indent}"));
        return Some((Span::new(start, place.line_end), format!("{indent}{text}")));
    }
    if let Some(rest) = place.after.trim_start().strip_prefix(';') {
        let skipped = place.after.len() - rest.len();
        let spaces = rest.len() - rest.trim_start().len();
        let end = span.end + u32::try_from(skipped + spaces).ok()?;
        if !rest.trim().is_empty() && !rest.trim_start().starts_with('#') {
            return Some((Span::new(span.start, end), String::new()));
        }
    }
    let line = source.line_span(source.line(span.start));
    let before = source.slice(Span::new(line.start, span.start));
    if let Some(kept) = before.trim_end().strip_suffix(';') {
        let start = line.start + u32::try_from(kept.len()).ok()?;
        return Some((Span::new(start, span.end), String::new()));
    }
    Some((span, "pass".to_owned()))
}

/// Writes another import in the place of a whole statement.
fn replace(statement: &str, import: &Import, module: &str, names: &[String]) -> String {
    let plain = || format!("from {module} import {}", names.join(", "));
    if import.form != ImportForm::From {
        return plain();
    }
    let base = import.span.start;
    let local = |offset: u32| offset.saturating_sub(base) as usize;
    let Some(first) = import.members.first() else { return plain() };
    let Some(head) = statement.get(..local(first.span.start)) else { return plain() };
    let Some(keyword) = head.rfind("import") else { return plain() };
    let Some(tail) = head.get(keyword..) else { return plain() };
    let mut text = format!("from {module} {tail}");
    let spans: Vec<Span> = import.members.iter().map(|member| member.span).collect();
    let mut pieces: Vec<Option<String>> = vec![None; spans.len()];
    for (index, name) in names.iter().enumerate() {
        let place = index.min(spans.len().saturating_sub(1));
        let Some(piece) = pieces.get_mut(place) else { continue };
        *piece = Some(piece.take().map_or_else(|| name.clone(), |before| format!("{before}, {name}")));
    }
    let gone: Vec<usize> =
        pieces.iter().enumerate().filter(|(_, piece)| piece.is_none()).map(|(index, _)| index).collect();
    let mut edits = removals(statement, base, &spans, &gone);
    for (span, piece) in spans.iter().zip(pieces) {
        if let Some(piece) = piece {
            edits.push((local(span.start)..local(span.end), piece));
        }
    }
    let body = apply(statement, edits);
    match body.get(head.len()..) {
        Some(rest) => text.push_str(rest),
        None => return plain(),
    }
    text
}

/// Removes, extends and re-exports within a statement.
fn rewrite(source: &SourceFile, import: &Import, change: &ImportChange) -> String {
    let statement = source.slice(import.span);
    let base = import.span.start;
    let local = |offset: u32| offset.saturating_sub(base) as usize;
    let spans: Vec<Span> = import.members.iter().map(|member| member.span).collect();
    let mut gone: Vec<usize> = change.remove.iter().map(|&index| index as usize).collect();
    // Where no name stays, the last gives its place to what comes.
    let replaced = spans.last().filter(|_| gone.len() == spans.len() && !change.extend.is_empty()).copied();
    if replaced.is_some() {
        gone.retain(|index| index + 1 != spans.len());
    }
    let mut edits = removals(statement, base, &spans, &gone);
    for &index in &change.reexport {
        let Some(member) = import.members.get(index as usize) else { continue };
        if member.alias.is_none() && !member.name.contains('.') && import.form != ImportForm::Star {
            edits.push((local(member.span.end)..local(member.span.end), format!(" as {}", member.name)));
        }
    }
    if let Some(last) = spans.last()
        && !change.extend.is_empty()
    {
        let mut names: Vec<String> =
            change.extend.iter().map(|(name, alias)| with_alias(name, alias.as_deref())).collect();
        names.sort();
        if let Some(span) = replaced {
            edits.push((local(span.start)..local(span.end), names.join(", ")));
            return apply(statement, edits);
        }
        // A sorted list on one line stays sorted.
        let members: Vec<&str> = spans.iter().map(|span| source.slice(*span)).collect();
        if members.is_sorted() && !statement.contains(['\n', '\r']) {
            names.retain(|name| {
                let after = members.iter().zip(&spans).find(|(member, _)| **member > name.as_str());
                if let Some((_, span)) = after {
                    edits.push((local(span.start)..local(span.start), format!("{name}, ")));
                }
                after.is_none()
            });
        }
        if !names.is_empty() {
            edits.extend(extension(statement, local(last.start), local(last.end), &names, source.newline()));
        }
    }
    apply(statement, edits)
}

type Replacement = (std::ops::Range<usize>, String);

/// Adds names after the last member, in the manner of the statement.
fn extension(statement: &str, start: usize, end: usize, names: &[String], newline: &str) -> Vec<Replacement> {
    let inline = || vec![(end..end, format!(", {}", names.join(", ")))];
    let (Some(before), Some(after)) = (statement.get(..start), statement.get(end..)) else { return inline() };
    let line = before.rfind('\n').map(|at| at + 1);
    let indent = line.and_then(|at| before.get(at..)).filter(|indent| indent.chars().all(char::is_whitespace));
    let (Some(indent), true) = (indent, before.contains('(')) else { return inline() };
    let comma = after.trim_start().starts_with(',');
    let comma_end = if comma { after.find(',').map_or(0, |at| at + 1) } else { 0 };
    let rest = after.get(comma_end..).unwrap_or_default();
    let line_rest = rest.split(['\r', '\n']).next().unwrap_or_default();
    let comment = if line_rest.trim_start().starts_with('#') { line_rest.trim_end().len() } else { 0 };
    let at = end + comma_end + comment;
    let separator = if comma { "," } else { "" };
    let lines: Vec<String> = names.iter().map(|name| format!("{newline}{indent}{name}")).collect();
    let text = format!("{}{separator}", lines.join(","));
    if comma {
        return vec![(at..at, text)];
    }
    vec![(end..end, ",".to_owned()), (at..at, text)]
}

/// Takes members out of a list, each with one comma; comments beside them stay.
fn removals(statement: &str, base: u32, spans: &[Span], gone: &[usize]) -> Vec<Replacement> {
    let local = |offset: u32| offset.saturating_sub(base) as usize;
    let mut edits = Vec::new();
    for &index in gone {
        let Some(span) = spans.get(index) else { continue };
        let (start, end) = (local(span.start), local(span.end));
        let next = spans.get(index + 1).map(|next| local(next.start));
        let after = statement.get(end..next.unwrap_or(statement.len())).unwrap_or_default();
        let same_line = |at: usize| after.get(..at).is_some_and(|text| !text.contains('\n'));
        let comment = after.find('#').filter(|&at| next.is_some() || same_line(at));
        if let Some(at) = comment {
            edits.push((start..end + at, String::new()));
            continue;
        }
        if let Some(next) = next {
            edits.push((start..next, String::new()));
            continue;
        }
        // The last one: take what stands between it and the last that stays.
        let kept = (0..index).rev().find(|before| !gone.contains(before));
        let kept_end = kept.and_then(|kept| spans.get(kept)).map_or(start, |span| local(span.end));
        let between = statement.get(kept_end..start).unwrap_or_default();
        let comma = after.find(',').filter(|&at| after.get(..at).is_some_and(|text| text.trim().is_empty()));
        if between.contains('#') {
            let from = between.rfind('\n').map_or(start, |at| {
                let at = kept_end + at;
                if statement.get(..at).is_some_and(|text| text.ends_with('\r')) { at - 1 } else { at }
            });
            edits.push((from..end + comma.map_or(0, |at| at + 1), String::new()));
        } else {
            edits.push((kept_end..end, String::new()));
        }
    }
    edits
}

/// Applies replacements; where they overlap, their union goes.
fn apply(statement: &str, mut edits: Vec<Replacement>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut text = String::with_capacity(statement.len() + 32);
    let mut done = 0;
    for (range, replacement) in edits {
        text.push_str(statement.get(done..range.start.max(done)).unwrap_or_default());
        text.push_str(&replacement);
        done = done.max(range.end);
    }
    text.push_str(statement.get(done..).unwrap_or_default());
    text
}

/// The comments inside a statement.
fn comments(statement: &str) -> Vec<&str> {
    statement.lines().filter_map(|line| Some(line.get(line.find('#')?..)?.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::language::Watch;
    use crate::language::python::Python;
    use crate::source::LanguageId;

    /// Applies a change to the first import of a text.
    #[expect(clippy::needless_pass_by_value, reason = "each is made where it is given")]
    fn check(before: &str, change: ImportChange, after: &str) {
        let source = SourceFile::from_bytes("a.py".into(), LanguageId::Python, before.as_bytes().to_vec());
        let outline = Python.outline(&source, &Watch::default());
        let edits = edit(&source, &outline, &change);
        let spliced = crate::edit::splice(source.bytes(), edits.iter().map(|(span, text)| (*span, text.as_str())));
        let text = spliced.map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(text.as_deref(), Some(after));
    }

    fn new(name: &str) -> NewImport {
        NewImport { module: "f".into(), name: name.into(), alias: None }
    }

    fn remove(members: &[u32], add: &[&str]) -> ImportChange {
        ImportChange { remove: members.to_vec(), add: add.iter().map(|name| new(name)).collect(), ..Default::default() }
    }

    #[test]
    fn a_statement_is_replaced_in_its_own_manner() {
        check("from openai import OpenAI  # c\n", remove(&[0], &["g"]), "from f import g  # c\n");
        check("import openai as o\n", remove(&[0], &["g", "h"]), "from f import g, h\n");
        check(
            "from openai import (\n    A,  # a\n    B,  # b\n)\n",
            remove(&[0, 1], &["g"]),
            "from f import (\n    g,  # a\n    # b\n)\n",
        );
        check("from openai \\\n    import A, B\n", remove(&[0, 1], &["g", "h"]), "from f import g, h\n");
    }

    #[test]
    fn names_leave_a_list_and_comments_stay() {
        check("from o import A, B\n", remove(&[0], &["g"]), "from o import B\nfrom f import g\n");
        check("from o import A, B\n", remove(&[1], &[]), "from o import A\n");
        check("from o import A, B, C\n", remove(&[1, 2], &[]), "from o import A\n");
        check("from o import (\n    A,\n    B,\n)\n", remove(&[1], &[]), "from o import (\n    A,\n)\n");
        check("from o import (\n    A,  # a\n    B,\n)\n", remove(&[1], &[]), "from o import (\n    A,  # a\n)\n");
        check("from o import (\n    A,  # a\n    B,\n)\n", remove(&[0], &[]), "from o import (\n    # a\n    B,\n)\n");
        check("from o import A, \\\n    B\n", remove(&[1], &[]), "from o import A\n");
    }

    #[test]
    fn a_deleted_statement_leaves_its_comments_and_its_neighbours() {
        check("from o import A\nx = 1\n", remove(&[0], &[]), "x = 1\n");
        check("from o import A  # why\nx = 1\n", remove(&[0], &[]), "# why\nx = 1\n");
        check("import os; from o import A; x = 1\n", remove(&[0], &[]), "from o import A; x = 1\n");
        let kept = ImportChange { keeps_block: true, ..remove(&[0], &[]) };
        check("try:\n    import o\nexcept E:\n    pass\n", kept, "try:\n    pass\nexcept E:\n    pass\n");
    }

    #[test]
    fn comment_lines_between_names_stay() {
        check(
            "from o import (\n    A,\n    # b\n    B,\n    # c\n    C,\n    # d\n)\n",
            remove(&[0, 1], &[]),
            "from o import (\n    # b\n    # c\n    C,\n    # d\n)\n",
        );
    }

    #[test]
    fn a_global_statement_declares_the_new_name() {
        check(
            "def f():\n    global A\n    from o import A\n",
            remove(&[0], &["g"]),
            "def f():\n    global g\n    from f import g\n",
        );
        let shared = "def f():\n    global A, x\n    from o import A\n    A = 3\n";
        check(shared, remove(&[0], &["g"]), "def f():\n    global A, g, x\n    from f import g\n    A = 3\n");
    }

    #[test]
    fn imports_are_added_beside_a_statement() {
        check("import o; x = o.A()\n", remove(&[], &["g"]), "import o; from f import g; x = o.A()\n");
        check("if x: import o\n", remove(&[], &["g"]), "if x: import o; from f import g\n");
        check("import o  # c\r\nx = 1\r\n", remove(&[], &["g"]), "import o  # c\r\nfrom f import g\r\nx = 1\r\n");
        check("import o", remove(&[], &["g"]), "import o\nfrom f import g");
    }

    #[test]
    fn a_statement_is_extended_in_its_own_manner() {
        let extend = || ImportChange { extend: vec![("h".into(), None)], ..Default::default() };
        check("from f import g\n", extend(), "from f import g, h\n");
        check("from f import (g)\n", extend(), "from f import (g, h)\n");
        check("from f import (\n    g,  # c\n)\n", extend(), "from f import (\n    g,  # c\n    h,\n)\n");
        check("from f import (\n    g  # c\n)\n", extend(), "from f import (\n    g,  # c\n    h\n)\n");
        let instead = |before: &str, remove: &[u32], after: &str| {
            check(before, ImportChange { remove: remove.to_vec(), ..extend() }, after);
        };
        instead("from f import A\n", &[0], "from f import h\n");
        instead("from f import A as B, C\n", &[0, 1], "from f import h\n");
        instead(
            "from f import (\n    A,  # a\n    B,  # b\n)\n",
            &[0, 1],
            "from f import (\n    # a\n    h,  # b\n)\n",
        );
        let reexport = ImportChange { reexport: vec![0], ..Default::default() };
        check("from o import A\n", reexport, "from o import A as A\n");
    }
}
