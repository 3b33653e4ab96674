//! `use` statements: what each of their paths brings, and how some of them go.

use std::sync::Arc;

use proc_macro2::Ident;
use syn::ItemUse;
use syn::UseTree;

use crate::language::ImportChange;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::Role;
use crate::source::SourceFile;
use crate::source::Span;

use super::scopes::Space;
use super::scopes::plain;
use super::text::Edge;
use super::walk::Walk;

/// One path of a `use` tree.
struct Leaf {
    path: Vec<Ident>,
    alias: Option<Ident>,
    is_star: bool,
    span: Span,
}

impl Leaf {
    /// The name that it binds; `None` where it binds none.
    fn bound(&self) -> Option<String> {
        let ident = self.alias.as_ref().or(self.path.last())?;
        Some(plain(&ident.to_string())).filter(|name| name != "_")
    }
}

impl Walk<'_> {
    fn leaves(&self, tree: &UseTree, before: &[Ident], found: &mut Vec<Leaf>) {
        let span = |first: &Ident, last: &Ident| {
            Span::new(self.at(first.span(), Edge::Start), self.at(last.span(), Edge::End))
        };
        let mut path = before.to_vec();
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.clone());
                let from = found.len();
                self.leaves(&inner.tree, &path, found);
                // The path is part of a leaf, unless a group follows.
                if let Some(leaf) = found.get_mut(from).filter(|_| !holds_group(&inner.tree)) {
                    leaf.span.start = self.at(inner.ident.span(), Edge::Start);
                }
            }
            UseTree::Name(name) => {
                // `a::{self}` is `a`.
                if name.ident != "self" || path.is_empty() {
                    path.push(name.ident.clone());
                }
                found.push(Leaf { path, alias: None, is_star: false, span: span(&name.ident, &name.ident) });
            }
            UseTree::Rename(rename) => {
                if rename.ident != "self" || path.is_empty() {
                    path.push(rename.ident.clone());
                }
                let span = span(&rename.ident, &rename.rename);
                found.push(Leaf { path, alias: Some(rename.rename.clone()), is_star: false, span });
            }
            UseTree::Glob(glob) => {
                let star = glob.star_token.spans[0];
                let span = Span::new(self.at(star, Edge::Start), self.at(star, Edge::End));
                found.push(Leaf { path, alias: None, is_star: true, span });
            }
            UseTree::Group(group) => group.items.iter().for_each(|item| self.leaves(item, &path, found)),
        }
    }

    /// Makes the names known that a statement brings.
    pub(super) fn declare_use(&mut self, item: &ItemUse) {
        let mut leaves = Vec::new();
        self.leaves(&item.tree, &[], &mut leaves);
        let span = self.span_of(item);
        let id = self.next_import();
        self.outline.imports.push(self.import(span, ImportForm::Path));
        let mut members = Vec::new();
        for leaf in leaves.iter().filter(|leaf| !leaf.is_star) {
            let index = u32::try_from(members.len()).unwrap_or(u32::MAX);
            let kind = BindingKind::Import(id, index);
            let binding = match leaf.bound() {
                Some(name) => self.bind(&[Space::Types, Space::Values], &name, leaf.span.start, kind),
                None => self.binding("_", leaf.span.start, kind),
            };
            self.shown(binding, &item.vis);
            let name = leaf.path.last().map(|ident| plain(&ident.to_string())).unwrap_or_default();
            let alias = leaf.alias.as_ref().map(|alias| plain(&alias.to_string()).into());
            members.push(member(leaf.span, name, alias, binding));
        }
        if let Some(import) = self.outline.imports.get_mut(id as usize) {
            import.members = members;
        }
        for leaf in leaves.iter().filter(|leaf| leaf.is_star) {
            let star = self.next_import();
            let binding = self.bind_star(leaf.span.start, BindingKind::Star(star));
            self.shown(binding, &item.vis);
            let mut import = self.import(span, ImportForm::Star);
            import.members = vec![member(leaf.span, "*".to_owned(), None, binding)];
            self.outline.imports.push(import);
        }
        self.statements.insert(span.start, id);
    }

    fn next_import(&self) -> ImportId {
        ImportId::try_from(self.outline.imports.len()).unwrap_or(ImportId::MAX)
    }

    fn import(&self, span: Span, form: ImportForm) -> Import {
        Import {
            obstacle: None,
            span,
            scope: self.scope(),
            module: Arc::default(),
            form,
            members: Vec::new(),
            typing: false,
            external: false,
            unconditional: true,
            block: 0,
            block_length: 0,
        }
    }

    /// Tells what each path of a statement leads to, once all names of its region are known.
    pub(super) fn link(&mut self, item: &ItemUse) {
        let span = self.span_of(item);
        let Some(&first) = self.statements.get(&span.start) else { return };
        let mut leaves = Vec::new();
        self.leaves(&item.tree, &[], &mut leaves);
        let (mut index, mut star) = (0, first);
        for leaf in leaves {
            let (import, member) = if leaf.is_star {
                star += 1;
                (star, 0)
            } else {
                index += 1;
                (first, index - 1)
            };
            let parts: Vec<String> = leaf.path.iter().map(|ident| plain(&ident.to_string())).collect();
            let role = Role::Imported(import, member);
            let leading = item.leading_colon.is_some();
            self.definition_of_use = true;
            let path = self.path(&parts, leading, leaf.span, role, Some(import));
            self.definition_of_use = false;
            let module = self.request_behind(path);
            if let Some(member) = self.member(import, member) {
                member.path = path;
                member.module = module.map(Into::into);
            }
        }
    }

    fn member(&mut self, import: ImportId, member: u32) -> Option<&mut Member> {
        self.outline.imports.get_mut(import as usize)?.members.get_mut(member as usize)
    }
}

fn member(span: Span, name: String, alias: Option<Box<str>>, binding: u32) -> Member {
    Member {
        span,
        name: name.into(),
        alias: alias.map(Into::into),
        binding,
        declared: None,
        reads: 0,
        typing_reads: 0,
        path: None,
        module: None,
    }
}

fn holds_group(tree: &UseTree) -> bool {
    match tree {
        UseTree::Path(inner) => holds_group(&inner.tree),
        UseTree::Group(_) => true,
        _ => false,
    }
}

/// A tree as its text has it, for edits.
struct Branch {
    span: Span,
    /// What stands before a group's brace: `a::b::`.
    prefix: Span,
    /// The group's items; `None` for a leaf.
    items: Option<Vec<Branch>>,
    goes: bool,
}

/// The edits that perform a change.
pub(super) fn edit(source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)> {
    let Some(import) = outline.imports.get(change.import as usize) else { return Vec::new() };
    if change.remove.is_empty() {
        return Vec::new();
    }
    let Ok(item) = syn::parse_str::<ItemUse>(source.slice(import.span)) else { return Vec::new() };
    let gone: Vec<Span> =
        change.remove.iter().filter_map(|&index| Some(import.members.get(index as usize)?.span)).collect();
    let mut tree = branch(&item.tree, import.span.start);
    mark(&mut tree, &gone);
    if tree.goes {
        return vec![(whole(source, import.span), String::new())];
    }
    let mut edits = Vec::new();
    trim(source, &tree, &mut edits);
    edits
}

fn branch(tree: &UseTree, base: u32) -> Branch {
    let place = |span: proc_macro2::Span, edge: Edge| super::text::offset(base, span, edge);
    let leaf = |first: &Ident, last: &Ident| {
        let span = Span::new(place(first.span(), Edge::Start), place(last.span(), Edge::End));
        Branch { span, prefix: Span::at(span.start), items: None, goes: false }
    };
    match tree {
        UseTree::Path(inner) => {
            let mut inside = branch(&inner.tree, base);
            let start = place(inner.ident.span(), Edge::Start);
            inside.span.start = start;
            inside.prefix.start = start;
            inside
        }
        UseTree::Name(name) => leaf(&name.ident, &name.ident),
        UseTree::Rename(rename) => leaf(&rename.ident, &rename.rename),
        UseTree::Glob(glob) => {
            let star = glob.star_token.spans[0];
            let span = Span::new(place(star, Edge::Start), place(star, Edge::End));
            Branch { span, prefix: Span::at(span.start), items: None, goes: false }
        }
        UseTree::Group(group) => {
            let start = place(group.brace_token.span.open(), Edge::Start);
            let span = Span::new(start, place(group.brace_token.span.close(), Edge::End));
            let items = group.items.iter().map(|item| branch(item, base)).collect();
            Branch { span, prefix: Span::at(start), items: Some(items), goes: false }
        }
    }
}

/// Marks what goes: the leaves that are gone, and groups of which nothing is left.
fn mark(tree: &mut Branch, gone: &[Span]) {
    match &mut tree.items {
        Some(items) => {
            for item in items.iter_mut() {
                mark(item, gone);
            }
            tree.goes = !items.is_empty() && items.iter().all(|item| item.goes);
        }
        None => tree.goes = gone.iter().any(|span| span.end == tree.span.end),
    }
}

/// The edits within a tree of which something stays.
fn trim(source: &SourceFile, tree: &Branch, edits: &mut Vec<(Span, String)>) {
    let Some(items) = &tree.items else { return };
    let kept: Vec<&Branch> = items.iter().filter(|item| !item.goes).collect();
    let group = Span::new(tree.prefix.end, tree.span.end);
    if let [only] = kept.as_slice()
        && items.len() > 1
        && !matches!(source.slice(only.span), "self" | "*")
        && !source.slice(only.span).starts_with("self ")
        && !has_comment(source.slice(group))
    {
        // One name needs no braces.
        edits.push((Span::new(group.start, only.span.start), String::new()));
        edits.push((Span::new(only.span.end, group.end), String::new()));
    } else {
        remove(source, items, edits);
    }
    for item in kept {
        trim(source, item, edits);
    }
}

/// Takes items out of a list, each with its comma.
fn remove(source: &SourceFile, items: &[Branch], edits: &mut Vec<(Span, String)>) {
    let mut start = 0;
    while let Some(first) = items.get(start) {
        if !first.goes {
            start += 1;
            continue;
        }
        let run: Vec<&Branch> = items.iter().skip(start).take_while(|item| item.goes).collect();
        let next = items.get(start + run.len());
        let previous = start.checked_sub(1).and_then(|index| items.get(index));
        start += run.len();
        let lines: Option<Vec<Span>> = run.iter().map(|item| own_lines(source, item.span)).collect();
        if let Some(lines) = lines {
            edits.extend(lines.into_iter().map(|line| (line, String::new())));
            continue;
        }
        let last = run.last().map_or(first.span.end, |item| item.span.end);
        let joined = match (previous, next) {
            (_, Some(next)) => Span::new(first.span.start, next.span.start),
            (Some(previous), None) => Span::new(previous.span.end, last),
            (None, None) => Span::new(first.span.start, last),
        };
        if has_comment(source.slice(joined)) {
            let alone = |item: &&Branch| {
                Span::new(item.span.start, after_comma(source, item.span.end).unwrap_or(item.span.end))
            };
            edits.extend(run.iter().map(|item| (alone(item), String::new())));
        } else {
            edits.push((joined, String::new()));
        }
    }
}

/// The lines of an item and its comma, where nothing else stands on them.
fn own_lines(source: &SourceFile, span: Span) -> Option<Span> {
    let end = after_comma(source, span.end)?;
    let line = source.line_span(source.line(span.start));
    let last = source.line_span(source.line(end));
    let before = source.slice(Span::new(line.start, span.start));
    let after = source.slice(Span::new(end, last.end));
    (before.trim().is_empty() && after.trim().is_empty()).then(|| Span::new(line.start, next_line(source, last.end)))
}

/// The end of the comma after an offset, if nothing but white space stands before it.
fn after_comma(source: &SourceFile, at: u32) -> Option<u32> {
    let rest = source.text().get(at as usize..)?;
    let spaces = rest.len() - rest.trim_start().len();
    rest.trim_start().starts_with(',').then(|| at + u32::try_from(spaces + 1).unwrap_or(1))
}

fn has_comment(text: &str) -> bool {
    text.contains("//") || text.contains("/*")
}

fn next_line(source: &SourceFile, line_end: u32) -> u32 {
    source.line_starts().get(source.line(line_end) as usize).copied().unwrap_or(line_end)
}

/// A statement with its lines, where it has them for itself, and one of the blank lines around it.
fn whole(source: &SourceFile, span: Span) -> Span {
    let number = source.line(span.start);
    let first = source.line_span(number);
    let last = source.line_span(source.line(span.end));
    let before = source.slice(Span::new(first.start, span.start));
    let after = source.slice(Span::new(span.end, last.end));
    if !before.trim_start_matches('\u{feff}').trim().is_empty() {
        let start = span.start - u32::try_from(before.len() - before.trim_end().len()).unwrap_or(0);
        return Span::new(if after.trim().is_empty() { start } else { span.start }, span.end);
    }
    if !after.trim().is_empty() {
        let spaces = u32::try_from(after.len() - after.trim_start().len()).unwrap_or(0);
        return Span::new(span.start, span.end + spaces);
    }
    let start = first.start + if before.starts_with('\u{feff}') { 3 } else { 0 };
    let end = next_line(source, last.end);
    let is_blank = |line: u32| source.slice(source.line_span(line)).trim_start_matches('\u{feff}').trim().is_empty();
    let following = source.line(end);
    let opens = |line: u32| source.slice(source.line_span(line)).trim_end().ends_with('{');
    let blank_before = number == 1 || is_blank(number - 1) || opens(number - 1);
    if blank_before && following > number && end > last.end && is_blank(following) {
        return Span::new(start, next_line(source, source.line_span(following).end));
    }
    Span::new(start, end)
}
