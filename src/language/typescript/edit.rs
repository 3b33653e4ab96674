//! Edits of imports: names go, names come, and everything else stays as it was written.

use oxc_allocator::Allocator;
use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::ImportDeclarationSpecifier;
use oxc_ast::ast::Statement;
use oxc_parser::Parser;
use oxc_span::GetSpan;
use oxc_span::SourceType;

use crate::language::ImportChange;
use crate::language::NewImport;
use crate::outline::Import;
use crate::outline::Member;
use crate::outline::Outline;
use crate::source::SourceFile;
use crate::source::Span;

/// How a statement brings its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `import …`
    Module,
    /// `const … = require(…)`, with its keyword.
    Require(&'static str),
    /// `const … = await import(…)`, with its keyword.
    Await(&'static str),
    /// `… = require(…)`, one of several in a declaration; or with `await import(…)`.
    Declarator { awaits: bool },
    /// `import(…).then(({ …`, up to the end of the pattern.
    Promise,
    /// On the spot, in an expression.
    Inline,
}

/// How a file writes its imports.
#[derive(Clone, Debug)]
struct Manner {
    form: Form,
    quote: char,
    semicolon: &'static str,
    /// Whether braces hug their names: `{a}`.
    tight: bool,
}

/// The edits that perform a change.
pub(super) fn edit(source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)> {
    let Some(import) = outline.imports.get(change.import as usize) else { return Vec::new() };
    let manner = manner(source, outline, import);
    if manner.form == Form::Inline {
        return beside_all(source, outline, change, &manner);
    }
    if manner.form == Form::Promise {
        return promise(source, import, change);
    }
    let all_go = change.remove.len() == import.members.len() && change.extend.is_empty() && !import.members.is_empty();
    let lines = lines(&change.add, &manner);
    let place = Place::of(source, import.span);
    let newline = source.newline();
    let mut edits = Vec::new();
    let rest = match (all_go, lines.split_first()) {
        (true, None) => {
            let is_one_of_many = matches!(manner.form, Form::Declarator { .. });
            let gone = if is_one_of_many {
                (with_comma(source, import.span), String::new())
            } else {
                place.deletion(source, import.span)
            };
            edits.push(gone);
            return edits;
        }
        (true, Some((first, others))) => {
            edits.push((import.span, first.clone()));
            others
        }
        (false, _) => {
            edits.extend(rewrite(source, import, change, &manner));
            &lines
        }
    };
    if matches!(manner.form, Form::Declarator { .. }) {
        let added: String = rest.iter().map(|line| format!(", {line}")).collect();
        edits.extend((!added.is_empty()).then(|| (Span::at(import.span.end), added)));
        return edits;
    }
    let added: String = rest.iter().map(|line| format!("{newline}{}{line}", place.indent)).collect();
    if !added.is_empty() {
        edits.push((Span::at(if place.is_alone { place.line_end } else { import.span.end }), added));
    }
    edits
}

/// A promise of the factory's module in the place of another's, where nothing else of that is taken.
fn promise(source: &SourceFile, import: &Import, change: &ImportChange) -> Vec<(Span, String)> {
    let text = source.slice(import.span);
    let ([new], true) = (change.add.as_slice(), change.remove.len() == import.members.len()) else {
        return Vec::new();
    };
    let quotes = || text.char_indices().filter(|(_, c)| matches!(c, '"' | '\'' | '`'));
    let (Some((open, _)), Some((close, _))) = (quotes().next(), quotes().nth(1)) else { return Vec::new() };
    let place = |at: usize| import.span.start + u32::try_from(at).unwrap_or(0);
    let names = import.members.iter().map(|member| member.span).reduce(|a, b| Span::new(a.start, b.end));
    let Some(names) = names else { return Vec::new() };
    let name = member(&new.name, new.alias.as_deref(), Form::Promise);
    vec![(Span::new(place(open + 1), place(close)), new.module.clone()), (names, name)]
}

/// One of several in a list, with the comma that goes with it.
fn with_comma(source: &SourceFile, span: Span) -> Span {
    let text = source.text();
    let after = text.get(span.end as usize..).unwrap_or_default();
    let length = |text: &str| u32::try_from(text.len()).unwrap_or(0);
    if let Some(rest) = after.trim_start().strip_prefix(',') {
        return Span::new(span.start, span.end + length(after) - length(rest.trim_start()));
    }
    let before = text.get(..span.start as usize).unwrap_or_default().trim_end();
    let start = before.strip_suffix(',').map_or(span.start, |rest| length(rest.trim_end()));
    Span::new(start, span.end)
}

/// Where a statement stands.
struct Place<'s> {
    indent: &'s str,
    /// Whether it has its lines for itself, but for comments after it.
    is_alone: bool,
    line_end: u32,
}

impl<'s> Place<'s> {
    fn of(source: &'s SourceFile, span: Span) -> Self {
        let first = source.line_span(source.line(span.start));
        let last = source.line_span(source.line(span.end));
        let before = source.slice(Span::new(first.start, span.start)).trim_start_matches('\u{feff}');
        let after = source.slice(Span::new(span.end, last.end)).trim();
        let blank = before.chars().all(char::is_whitespace);
        let is_alone = blank && (after.is_empty() || after.starts_with("//"));
        Self { indent: if blank { before } else { "" }, is_alone, line_end: last.end }
    }

    /// Takes a statement away, with its line if nothing else stands there.
    fn deletion(&self, source: &SourceFile, span: Span) -> (Span, String) {
        let line = source.line(span.start);
        let start = source.line_span(line).start;
        let start = if start == 0 && source.text().starts_with('\u{feff}') { 3 } else { start };
        let after = source.slice(Span::new(span.end, self.line_end));
        if !self.is_alone || !after.trim().is_empty() {
            let spaces = after.len() - after.trim_start_matches([' ', '\t']).len();
            return (Span::new(span.start, span.end + u32::try_from(spaces).unwrap_or(0)), String::new());
        }
        let next = source.line_starts().get(source.line(span.end) as usize).copied();
        (Span::new(start, next.unwrap_or(self.line_end)), String::new())
    }
}

/// How an import is written, and others beside it.
fn manner(source: &SourceFile, outline: &Outline, import: &Import) -> Manner {
    let text = source.slice(import.span);
    let form = form(text);
    if form != Form::Inline {
        return Manner {
            form,
            quote: quote(text),
            semicolon: if text.trim_end().ends_with(';') { ";" } else { "" },
            tight: text.contains('{') && !text.contains("{ ") && !text.contains("{\n") && !text.contains("{\r"),
        };
    }
    // As the others are written, else as what stands here.
    let others = outline.imports.iter().filter(|other| other.scope == 0).map(|other| source.slice(other.span));
    let mut others = others.filter(|text| !matches!(self::form(text), Form::Inline | Form::Promise));
    let semicolon = if source.text().contains(";\n") || source.text().contains(";\r") { ";" } else { "" };
    match others.next() {
        Some(text) => Manner {
            form: match self::form(text) {
                Form::Module => Form::Module,
                _ => Form::Require("const"),
            },
            quote: quote(text),
            semicolon: if text.trim_end().ends_with(';') { ";" } else { "" },
            tight: false,
        },
        None => Manner {
            form: if is_common(source) { Form::Require("const") } else { Form::Module },
            quote: quote(text),
            semicolon,
            tight: false,
        },
    }
    .inline()
}

impl Manner {
    /// An import on the spot cannot be rewritten: what is added goes to the others.
    fn inline(self) -> Self {
        Self { form: Form::Inline, ..self }
    }
}

/// Whether a file uses `require`, and is no module.
fn is_common(source: &SourceFile) -> bool {
    let text = source.text();
    let is_module = text.lines().any(|line| {
        let line = line.trim_start();
        (line.starts_with("import ") || line.starts_with("export ")) && !line.starts_with("import x =")
    });
    !is_module && (text.contains("require(") || text.contains("module.exports"))
}

fn form(text: &str) -> Form {
    if let Some(rest) = text.strip_prefix("import") {
        return if rest.trim_start().starts_with('(') { Form::Promise } else { Form::Module };
    }
    for keyword in ["const", "let", "var"] {
        if text.strip_prefix(keyword).is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '{')) {
            let is_await = text.contains("await") && text.contains("import");
            return if is_await { Form::Await(keyword) } else { Form::Require(keyword) };
        }
    }
    match (text.find('='), text.find('(')) {
        (Some(equals), Some(open)) if equals < open => Form::Declarator {
            awaits: text.get(equals + 1..).is_some_and(|rest| rest.trim_start().starts_with("await")),
        },
        _ => Form::Inline,
    }
}

fn quote(text: &str) -> char {
    text.chars().rev().find(|c| matches!(c, '"' | '\'' | '`')).filter(|quote| *quote != '`').unwrap_or('\'')
}

/// New imports, one a module.
fn lines(add: &[NewImport], manner: &Manner) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&NewImport>)> = Vec::new();
    for new in add {
        match groups.iter_mut().find(|(module, _)| *module == new.module) {
            Some((_, group)) => group.push(new),
            None => groups.push((&new.module, vec![new])),
        }
    }
    let line = |(module, mut group): (&str, Vec<&NewImport>)| {
        group.sort();
        group.dedup();
        let names: Vec<String> = group.iter().map(|new| member(&new.name, new.alias.as_deref(), manner.form)).collect();
        let names = names.join(", ");
        let names = if manner.tight { format!("{{{names}}}") } else { format!("{{ {names} }}") };
        let (quote, end) = (manner.quote, manner.semicolon);
        match manner.form {
            Form::Module | Form::Inline | Form::Promise => format!("import {names} from {quote}{module}{quote}{end}"),
            Form::Declarator { awaits: true } => format!("{names} = await import({quote}{module}{quote})"),
            Form::Declarator { awaits: false } => format!("{names} = require({quote}{module}{quote})"),
            Form::Require(keyword) => format!("{keyword} {names} = require({quote}{module}{quote}){end}"),
            Form::Await(keyword) => format!("{keyword} {names} = await import({quote}{module}{quote}){end}"),
        }
    };
    groups.into_iter().map(line).collect()
}

fn member(name: &str, alias: Option<&str>, form: Form) -> String {
    match (alias, form) {
        (Some(alias), Form::Module | Form::Inline) if alias != name => format!("{name} as {alias}"),
        (Some(alias), _) if alias != name => format!("{name}: {alias}"),
        _ => name.to_owned(),
    }
}

/// Adds imports below those that the file has.
fn beside_all(source: &SourceFile, outline: &Outline, change: &ImportChange, manner: &Manner) -> Vec<(Span, String)> {
    if change.add.is_empty() {
        return Vec::new();
    }
    let own = |import: &&Import| {
        import.scope == 0
            && import.unconditional
            && matches!(form(source.slice(import.span)), Form::Module | Form::Require(_) | Form::Await(_))
            && import.block == first_block(outline)
    };
    let last = outline.imports.iter().filter(own).max_by_key(|import| import.span.end);
    let common = last.map_or_else(|| is_common(source), |import| form(source.slice(import.span)) != Form::Module);
    let manner = Manner { form: if common { Form::Require("const") } else { Form::Module }, ..manner.clone() };
    let newline = source.newline();
    let Some(import) = last else {
        let text: String = lines(&change.add, &manner).iter().map(|line| format!("{line}{newline}")).collect();
        return vec![(Span::at(start(source)), text)];
    };
    let place = Place::of(source, import.span);
    let at = if place.is_alone { place.line_end } else { import.span.end };
    let lines = lines(&change.add, &manner);
    let text: String = lines.iter().map(|line| format!("{newline}{}{line}", place.indent)).collect();
    vec![(Span::at(at), text)]
}

/// The block of the module's own statements.
fn first_block(outline: &Outline) -> u32 {
    outline
        .imports
        .iter()
        .filter(|import| import.scope == 0 && import.unconditional && import.block_length == 0)
        .map(|import| import.block)
        .min()
        .unwrap_or(0)
}

/// Where the first statement may stand: after `#!`, leading comments, and directives.
fn start(source: &SourceFile) -> u32 {
    let allocator = Allocator::default();
    let cells = super::cells::read(source);
    let parsed = super::parse::parse(&allocator, source.path(), &cells.text);
    let directive = parsed.program.directives.last().map(|directive| directive.span.end);
    let hashbang = parsed.program.hashbang.as_ref().map(|hashbang| hashbang.span.end);
    if let Some(end) = directive.or(hashbang) {
        return source.line_starts().get(source.line(end) as usize).copied().unwrap_or(end);
    }
    parsed.program.body.first().map_or(0, |statement| source.line_span(source.line(statement.span().start)).start)
}

/// A name of a statement, and where it stands: with what follows it, if it is listed.
struct Listed {
    span: Span,
    is_default: bool,
}

/// Removes, extends and re-types within a statement.
fn rewrite(source: &SourceFile, import: &Import, change: &ImportChange, manner: &Manner) -> Vec<(Span, String)> {
    let statement = source.slice(import.span);
    let base = import.span.start;
    let Some(listed) = listed(statement, manner.form) else { return Vec::new() };
    if let [whole, namespace] = listed.as_slice()
        && namespace.is_default
    {
        return beside_namespace(base, (whole.span, namespace.span), change);
    }
    let open = statement.find('{').filter(|_| listed.iter().any(|item| !item.is_default) || statement.contains('{'));
    let absolute = |span: Span| Span::new(base + span.start, base + span.end);
    let gone = |index: usize| change.remove.iter().any(|&removed| removed as usize == index);
    let mut edits = Vec::new();
    let named: Vec<usize> =
        (0..listed.len()).filter(|&index| listed.get(index).is_some_and(|item| !item.is_default)).collect();
    let default = (0..listed.len()).find(|&index| listed.get(index).is_some_and(|item| item.is_default));
    let named_stay: Vec<usize> = named.iter().copied().filter(|&index| !gone(index)).collect();
    let default_goes = default.is_some_and(gone);
    let item = |index: usize| listed.get(index).map_or(Span::default(), |item| item.span);
    let extends = !change.extend.is_empty();
    let names: Vec<String> =
        change.extend.iter().map(|(name, alias)| member(name, alias.as_deref(), manner.form)).collect();
    if extends
        && default_goes
        && open.is_none()
        && let Some(index) = default
    {
        // `import D`: names come in its place.
        return vec![(absolute(item(index)), format!("{{ {} }}", names.join(", ")))];
    }
    if default_goes && let Some(index) = default {
        // `import D, { a }`: up to the brace.
        let end =
            open.and_then(|open| u32::try_from(open).ok()).or_else(|| named.first().map(|&next| item(next).start));
        edits.push((absolute(Span::new(item(index).start, end.unwrap_or(item(index).end))), String::new()));
    }
    // Where no name stays, the last gives its place to what comes.
    let replaced = named.last().copied().filter(|_| extends && named_stay.is_empty());
    if !named.is_empty()
        && named_stay.is_empty()
        && !extends
        && !default_goes
        && let Some(index) = default
    {
        // `import D, { a }`: from behind the default to behind the brace.
        let close = statement.rfind('}').and_then(|close| u32::try_from(close + 1).ok());
        edits.push((absolute(Span::new(item(index).end, close.unwrap_or(item(index).end))), String::new()));
    } else {
        let goes = |index: usize| gone(index) && replaced != Some(index);
        edits.extend(removals(statement, &named, &item, &goes).into_iter().map(|span| (absolute(span), String::new())));
    }
    if let Some(index) = replaced {
        edits.push((absolute(item(index)), names.join(", ")));
    } else if extends {
        edits.extend(
            extension(statement, &named, &item, default, &names, source.newline())
                .map(|(at, text)| (absolute(at), text)),
        );
    }
    if !change.typing.is_empty() && manner.form == Form::Module {
        let stays: Vec<usize> = (0..listed.len()).filter(|&index| !gone(index)).collect();
        let is_typing = |index: &usize| change.typing.iter().any(|&typed| typed as usize == *index);
        let both = !default_goes && default.is_some() && !named_stay.is_empty();
        if stays.iter().all(is_typing) && !both && !extends {
            edits.push((Span::at(base + 6), " type".to_owned()));
        } else {
            for index in named_stay.iter().filter(|index| is_typing(index)) {
                edits.push((Span::at(base + item(*index).start), "type ".to_owned()));
            }
        }
    }
    edits
}

/// `import D, * as a`: either may go, and what is left may be for types; both together may not.
fn beside_namespace(base: u32, (whole, namespace): (Span, Span), change: &ImportChange) -> Vec<(Span, String)> {
    let (gone, stays) = match change.remove.as_slice() {
        [0] => (Span::new(whole.start, namespace.start), 1),
        [1] => (Span::new(whole.end, namespace.end), 0),
        _ => return Vec::new(),
    };
    let typing = change.typing.contains(&stays).then(|| (Span::at(base + 6), " type".to_owned()));
    let gone = Span::new(base + gone.start, base + gone.end);
    typing.into_iter().chain([(gone, String::new())]).collect()
}

/// Where the names of a statement stand in it, in order.
fn listed(statement: &str, form: Form) -> Option<Vec<Listed>> {
    let allocator = Allocator::default();
    let keyword = if matches!(form, Form::Declarator { .. }) { "let " } else { "" };
    let statement = format!("{keyword}{statement}");
    let parsed = Parser::new(&allocator, &statement, SourceType::ts()).parse();
    let ahead = u32::try_from(keyword.len()).unwrap_or(0);
    let span = |span: oxc_span::Span| Span::new(span.start - ahead, span.end - ahead);
    let mut found = Vec::new();
    match parsed.program.body.first()? {
        Statement::ImportDeclaration(import) => {
            for specifier in import.specifiers.iter().flatten() {
                let is_default = !matches!(specifier, ImportDeclarationSpecifier::ImportSpecifier(_));
                found.push(Listed { span: span(specifier.span()), is_default });
            }
        }
        Statement::VariableDeclaration(declaration) => match &declaration.declarations.first()?.id {
            BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    found.push(Listed { span: span(property.span), is_default: false });
                }
            }
            other => found.push(Listed { span: span(other.span()), is_default: true }),
        },
        Statement::TSImportEqualsDeclaration(import) => {
            found.push(Listed { span: span(import.id.span), is_default: true });
        }
        _ => return None,
    }
    Some(found)
}

/// The ranges to take out for names that go, each with one comma.
fn removals(statement: &str, named: &[usize], item: &dyn Fn(usize) -> Span, gone: &dyn Fn(usize) -> bool) -> Vec<Span> {
    let mut spans = Vec::new();
    for (position, &index) in named.iter().enumerate() {
        if !gone(index) {
            continue;
        }
        let span = item(index);
        if let Some(&next) = named.get(position + 1) {
            let between = statement.get(span.end as usize..item(next).start as usize).unwrap_or_default();
            // A comment beside the name stays, and so do line ends before what it speaks of.
            let end = if between.contains("//") || between.contains("/*") {
                span.end + u32::try_from(between.find(',').map_or(0, |comma| comma + 1)).unwrap_or(0)
            } else {
                item(next).start
            };
            spans.push(Span::new(span.start, end));
            continue;
        }
        let kept = named.get(..position).unwrap_or_default().iter().rev().find(|&&before| !gone(before));
        let start = kept.map_or(span.start, |&kept| item(kept).end);
        let between = statement.get(start as usize..span.start as usize).unwrap_or_default();
        if between.contains("//") || between.contains("/*") {
            // What is said of the name before stays, with the comma behind that.
            let after = statement.get(span.end as usize..).unwrap_or_default();
            let comma = after.len() - after.trim_start().strip_prefix(',').unwrap_or(after).len();
            spans.push(Span::new(span.start, span.end + u32::try_from(comma).unwrap_or(0)));
        } else {
            spans.push(Span::new(start, span.end));
        }
    }
    spans
}

/// Adds names to a statement.
fn extension(
    statement: &str,
    named: &[usize],
    item: &dyn Fn(usize) -> Span,
    default: Option<usize>,
    names: &[String],
    newline: &str,
) -> Option<(Span, String)> {
    let names_text = names.join(", ");
    if let Some(&last) = named.last() {
        let span = item(last);
        let before = statement.get(..span.start as usize)?;
        let line = before.rfind('\n').map(|at| at + 1);
        let indent = line.and_then(|at| before.get(at..)).filter(|indent| indent.chars().all(char::is_whitespace));
        let text = match indent {
            Some(indent) => names.iter().map(|name| format!(",{newline}{indent}{name}")).collect(),
            None => format!(", {names_text}"),
        };
        return Some((Span::at(span.end), text));
    }
    if let Some(open) = statement.find('{') {
        let at = u32::try_from(open + 1).ok()?;
        return Some((Span::at(at), format!(" {names_text} ")));
    }
    let default = item(default?);
    Some((Span::at(default.end), format!(", {{ {names_text} }}")))
}

/// Whether names can be added to a statement.
pub(super) fn is_extensible(import: &Import, text: &str) -> bool {
    let is_list = |member: &Member| !matches!(&*member.name, Member::NAMESPACE | Member::WHOLE);
    import.members.iter().all(is_list)
        && match form(text) {
            Form::Module => true,
            Form::Require(_) | Form::Await(_) | Form::Declarator { .. } => text.contains('{'),
            Form::Promise | Form::Inline => false,
        }
}
