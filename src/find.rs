//! Rules against names: every place that a rule objects to.

mod patches;
mod told;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::candidate::Candidate;
use crate::candidate::Remedy;
use crate::layout::FileId;
use crate::outline::Call;
use crate::outline::DynamicTarget;
use crate::outline::ImportForm;
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::project::File;
use crate::resolve::Entity;
use crate::resolve::Resolved;
use crate::resolve::Resolver;
use crate::rule::Construct;
use crate::rule::Endpoint;
use crate::rule::ReportRole;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::source::Span;
use crate::symbol;

pub use patches::looked_up;
pub use patches::patched_attribute;
pub use patches::stale_patches;

/// Rules, arranged by the names they speak of.
#[derive(Debug)]
pub struct Matcher<'r> {
    rules: &'r [Rule],
    constructs: FxHashMap<(LanguageId, &'r str), (usize, &'r Construct)>,
    reports: FxHashMap<(LanguageId, ReportRole, &'r str), usize>,
    /// By what a pattern stands for everything below of: `openai.chat` for `openai.chat.*`.
    wholes: FxHashMap<(LanguageId, ReportRole, &'r str), usize>,
}

impl<'r> Matcher<'r> {
    /// Arranges rules.
    pub fn new(rules: &'r [Rule]) -> Self {
        let mut constructs = FxHashMap::default();
        let mut reports = FxHashMap::default();
        let mut wholes = FxHashMap::default();
        for (index, rule) in rules.iter().enumerate() {
            for (&language, matchers) in &rule.languages {
                for construct in &matchers.construct {
                    for symbol in &construct.symbols {
                        constructs.entry((language, symbol.as_str())).or_insert((index, construct));
                    }
                }
                for report in &matchers.report {
                    for symbol in &report.symbols {
                        match symbol::whole(language, symbol) {
                            Some(whole) => wholes.entry((language, report.role, whole)).or_insert(index),
                            None => reports.entry((language, report.role, symbol.as_str())).or_insert(index),
                        };
                    }
                }
            }
        }
        Self { rules, constructs, reports, wholes }
    }

    /// The rule for the construction of a symbol, and what it says of it.
    pub fn construct(&self, language: LanguageId, symbol: &str) -> Option<(usize, &'r Construct)> {
        let found = self.constructs.get(&(language, symbol)).copied();
        found.or_else(|| {
            let whole = symbol::whole_module(language, symbol)?;
            self.constructs.iter().find(|((l, known), _)| *l == language && **known == whole).map(|(_, &found)| found)
        })
    }

    /// The rule that reports a symbol in a role, by its full name or by a pattern such as `openai.chat.*`.
    fn report(&self, language: LanguageId, role: ReportRole, symbol: &str) -> Option<usize> {
        if let Some(&rule) = self.reports.get(&(language, role, symbol)) {
            return Some(rule);
        }
        let mut parent = symbol;
        while let Some((shorter, _)) = symbol::split(language, parent) {
            parent = shorter;
            if let Some(&rule) = self.wholes.get(&(language, role, parent)) {
                return Some(rule);
            }
        }
        None
    }

    /// The rule that reports some name of a module in a role; the first one, where there are several.
    fn any_below(&self, language: LanguageId, role: ReportRole, module: &str) -> Option<usize> {
        let is_below = |known: &str| symbol::parents(language, known).any(|parent| parent == module);
        let named = self.reports.iter().filter(|((_, _, known), _)| is_below(known));
        let wholes = self.wholes.iter().filter(|((_, _, known), _)| *known == module || is_below(known));
        let below = named.chain(wholes).filter(|((l, r, _), _)| *l == language && *r == role);
        below.map(|(_, &rule)| rule).min()
    }

    fn endpoint(&self, language: LanguageId, rule: usize) -> Option<&'r Endpoint> {
        self.rules.get(rule)?.languages.get(&language)?.endpoint.as_ref()
    }

    fn message(&self, rule: usize, symbol: &str) -> String {
        let summary = self.rules.get(rule).map_or("", |rule| rule.summary.as_str());
        format!("{summary}: `{symbol}`")
    }
}

/// Finds every place that a rule objects to, outside the factory and the SDK. Sorted by file, then position.
pub fn candidates(resolver: &Resolver<'_>, matcher: &Matcher<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (id, file, outline) in resolver.project().outlines() {
        if file.exempt {
            continue;
        }
        let finder = Finder { resolver, matcher, id, file, outline };
        let before = found.len();
        finder.references(&mut found);
        finder.dynamic(&mut found);
        finder.imports(&mut found);
        if let Some(new) = found.get_mut(before..) {
            new.sort_by_key(|candidate: &Candidate| (candidate.span, candidate.rule));
        }
        found.dedup_by(|a, b| (a.file, a.span, a.rule) == (b.file, b.span, b.rule));
    }
    found
}

struct Finder<'a> {
    resolver: &'a Resolver<'a>,
    matcher: &'a Matcher<'a>,
    id: FileId,
    file: &'a File,
    outline: &'a Outline,
}

/// What a callee may be.
struct Callee<'a> {
    rule: usize,
    symbol: String,
    constructs: Vec<&'a Construct>,
    dynamic: bool,
    typing: bool,
    foreign: bool,
}

impl Finder<'_> {
    fn references(&self, found: &mut Vec<Candidate>) {
        let language = self.file.language;
        for (id, reference) in (0..).zip(&self.outline.references) {
            let resolved = self.resolver.reference(self.id, reference);
            if !resolved.iter().any(|r| matches!(r.entity, Entity::External(_))) {
                continue;
            }
            let role = match &reference.role {
                Role::Called(call) | Role::HandedOver(call) => {
                    if let Some(callee) =
                        self.callee(&resolved).filter(|callee| !call.bare || is_function(language, callee))
                    {
                        let handed_over = matches!(reference.role, Role::HandedOver(_));
                        let span = if handed_over { reference.span } else { call.span };
                        let remedy = self.remedy(id, reference, call, &callee, handed_over);
                        found.push(self.candidate(callee.rule, span, reference, callee.symbol, remedy));
                        continue;
                    }
                    ReportRole::Call
                }
                Role::CalledInExpression(call) => {
                    if let Some(callee) = self.callee(&resolved) {
                        let why = "the class is chosen by an expression; call the factory in each branch";
                        let remedy = Remedy::Report(why.to_owned());
                        found.push(self.candidate(callee.rule, *call, reference, callee.symbol, remedy));
                        continue;
                    }
                    ReportRole::Call
                }
                Role::Base(_) => ReportRole::BaseClass,
                Role::Store => ReportRole::Assign,
                Role::Value => ReportRole::Value,
                Role::Annotation | Role::Test | Role::Aliased => ReportRole::Any,
                Role::Imported(..) | Role::Kind => continue,
            };
            let span = match &reference.role {
                Role::Called(call) => call.span,
                _ => reference.span,
            };
            for resolved in &resolved {
                let Entity::External(symbol) = &resolved.entity else { continue };
                let by_role = self.matcher.report(language, role, symbol);
                let any = || self.matcher.report(language, ReportRole::Any, symbol);
                // A name imported by itself was reported where it was imported, unless it is called.
                let imported = reference.attributes.is_empty() && role != ReportRole::Call;
                let (rule, role) = match by_role {
                    Some(rule) => (rule, role),
                    None => match any().filter(|_| !imported) {
                        Some(rule) => (rule, ReportRole::Any),
                        None => continue,
                    },
                };
                let remedy = Remedy::Report(self.reason(role, rule));
                found.push(self.candidate(rule, span, reference, symbol.to_string(), remedy));
                break;
            }
        }
    }

    fn reason(&self, role: ReportRole, rule: usize) -> String {
        let why = match role {
            ReportRole::BaseClass => "a subclass is written by hand; let it wrap a client of the factory instead",
            ReportRole::Value => "the class is passed on as a value, and what becomes of it cannot be seen",
            ReportRole::Dynamic => "a name looked up by a string is not rewritten; call the factory instead",
            ReportRole::Call | ReportRole::Assign | ReportRole::Any | ReportRole::StalePatch => {
                let id = self.matcher.rules.get(rule).map_or("", |rule| &rule.id);
                return format!("not rewritten automatically; `qmigrate rule explain {id}` says what to write instead");
            }
        };
        why.to_owned()
    }

    fn candidate(&self, rule: usize, span: Span, reference: &Reference, symbol: String, remedy: Remedy) -> Candidate {
        Candidate {
            rule,
            file: self.id,
            span,
            statement: reference.statement,
            definition: reference.definition.clone(),
            message: self.matcher.message(rule, &symbol),
            symbol,
            remedy,
        }
    }

    /// What a callee may be, if it may be a class that a rule constructs.
    fn callee(&self, resolved: &[Resolved]) -> Option<Callee<'_>> {
        let mut callee: Option<Callee<'_>> = None;
        let mut foreign = false;
        let runtime = resolved.iter().any(|r| !r.typing && self.construct(r).is_some());
        for resolved in resolved {
            if resolved.typing && runtime {
                continue;
            }
            let Entity::External(symbol) = &resolved.entity else {
                foreign |= !matches!(resolved.entity, Entity::Nothing | Entity::Unbound);
                continue;
            };
            let Some((rule, construct)) = self.construct(resolved) else {
                foreign = true;
                continue;
            };
            let callee = callee.get_or_insert_with(|| Callee {
                rule,
                symbol: symbol.to_string(),
                constructs: Vec::new(),
                dynamic: false,
                typing: false,
                foreign: false,
            });
            callee.dynamic |= resolved.dynamic;
            callee.typing |= resolved.typing;
            if !callee.constructs.iter().any(|known| known.replace == construct.replace) {
                callee.constructs.push(construct);
            }
        }
        let mut callee = callee?;
        callee.foreign = foreign;
        Some(callee)
    }

    fn construct(&self, resolved: &Resolved) -> Option<(usize, &Construct)> {
        let Entity::External(symbol) = &resolved.entity else { return None };
        self.matcher.construct(self.file.language, symbol)
    }

    fn remedy(&self, id: ReferenceId, reference: &Reference, call: &Call, callee: &Callee<'_>, handed: bool) -> Remedy {
        let report = |why: String| Remedy::Report(why);
        let name = &reference.name;
        if !self.outline.is_sound() {
            let why = self.outline.problems.first().map_or("", |problem| problem.message.as_str());
            return report(format!("this file is not edited: {why}"));
        }
        if callee.dynamic {
            return report(format!("`{name}` comes from a look-up by a string; import the factory instead"));
        }
        if callee.typing {
            return report(format!("`{name}` is imported for type checkers alone, so this call fails at run time"));
        }
        if callee.foreign || callee.constructs.len() > 1 {
            return report(format!("branches bind `{name}` to different things; call the factory in each branch"));
        }
        if let Some(obstacle) = call.obstacle {
            return report(obstacle.to_owned());
        }
        if let Some(host) = self.foreign_host(callee.rule, call) {
            return report(format!("this client talks to {host}, not to the vendor the factory is for"));
        }
        if let Some(class) = self.foreign_class(callee.rule, call) {
            return report(format!("this client is configured with {class}, not with the vendor's own"));
        }
        if !handed && (call.positional > 0 || call.starred) {
            return report("positional arguments would reach other parameters of the factory".to_owned());
        }
        let Some(construct) = callee.constructs.first() else {
            return report("no replacement is known".to_owned());
        };
        if let Some(why) = self.told_otherwise((callee.rule, construct), reference, call) {
            return report(why);
        }
        Remedy::Replace(id, construct.replace.clone())
    }

    /// The first host in a literal that is not the vendor's.
    fn foreign_host(&self, rule: usize, call: &Call) -> Option<String> {
        let endpoint = self.matcher.endpoint(self.file.language, rule)?;
        let texts =
            call.detail().literals.iter().filter(|(name, _)| **name == *endpoint.argument).map(|(_, text)| text);
        texts
            .filter_map(|text| host(text))
            .find(|host| {
                // Where the host is put together at run time, its literal end still tells whose it is.
                match host.rsplit_once('\u{fffd}') {
                    None => !endpoint.allows(host),
                    Some((_, "")) => false,
                    Some((_, tail)) => tail.starts_with('.') && !endpoint.allows(&format!("x{tail}")),
                }
            })
            .map(|host| format!("`{}`", host.replace('\u{fffd}', "…")))
    }

    /// The first class among what a call is told that is not the vendor's.
    fn foreign_class(&self, rule: usize, call: &Call) -> Option<String> {
        let endpoint = self.matcher.endpoint(self.file.language, rule)?;
        if endpoint.classes.is_empty() {
            return None;
        }
        let arguments = call.detail().places.iter().filter_map(|places| places.arguments.as_ref()).flatten();
        let kinds = arguments.filter_map(|argument| argument.kind);
        let mut classes = kinds.filter_map(|kind| self.outline.references.get(kind as usize));
        classes.find_map(|class| {
            let resolved = self.resolver.reference(self.id, class);
            let foreign = resolved.iter().any(|resolved| match &resolved.entity {
                // Whatever comes from packages that no rule names is an argument of another kind.
                Entity::External(full) => {
                    self.is_configuration(full) && !endpoint.classes.iter().any(|c| **c == **full)
                }
                Entity::Definition(..) => true,
                _ => false,
            });
            foreign.then(|| format!("`{}`", class.name))
        })
    }

    fn is_configuration(&self, full: &str) -> bool {
        let language = self.file.language;
        let package = symbol::package(language, full);
        self.resolver.project().packages(language).iter().any(|known| known == package)
    }

    fn dynamic(&self, found: &mut Vec<Candidate>) {
        let language = self.file.language;
        for dynamic in &self.outline.dynamic {
            for resolved in self.resolver.dynamic(self.id, &dynamic.target) {
                let Entity::External(symbol) = &resolved.entity else { continue };
                let rule = match &dynamic.target {
                    DynamicTarget::Attribute(..) => self.matcher.report(language, ReportRole::Dynamic, symbol),
                    DynamicTarget::Module(_) => self.matcher.any_below(language, ReportRole::Dynamic, symbol),
                };
                let Some(rule) = rule else { continue };
                found.push(Candidate {
                    rule,
                    file: self.id,
                    span: dynamic.span,
                    statement: dynamic.statement,
                    definition: dynamic.definition.clone(),
                    message: self.matcher.message(rule, symbol),
                    symbol: symbol.to_string(),
                    remedy: Remedy::Report(self.reason(ReportRole::Dynamic, rule)),
                });
                break;
            }
        }
    }

    /// What the path of an import's member leads to.
    fn path(&self, member: &Member) -> Entity {
        let path = member.path.and_then(|path| self.outline.references.get(path as usize));
        let resolved = path.map_or_else(Vec::new, |path| self.resolver.reference(self.id, path));
        resolved.into_iter().next().map_or(Entity::Other, |resolved| resolved.entity)
    }

    /// Imports of names that must not be used at all.
    fn imports(&self, found: &mut Vec<Candidate>) {
        let language = self.file.language;
        for import in &self.outline.imports {
            for member in &import.members {
                let symbol = match import.form {
                    ImportForm::Module => self.resolver.request(self.id, &member.name),
                    ImportForm::Path | ImportForm::Star if member.path.is_some() => self.path(member),
                    ImportForm::Path => continue,
                    ImportForm::Star => self.resolver.request(self.id, &import.module),
                    ImportForm::From => match self.resolver.request(self.id, &import.module) {
                        Entity::External(module) if matches!(&*member.name, Member::NAMESPACE | Member::WHOLE) => {
                            Entity::External(module)
                        }
                        Entity::External(module) => {
                            Entity::External(symbol::join(language, &module, &member.name).into())
                        }
                        other => other,
                    },
                };
                let Entity::External(symbol) = symbol else { continue };
                let Some(rule) = self.matcher.report(language, ReportRole::Any, &symbol) else { continue };
                let span = if matches!(import.form, ImportForm::Module | ImportForm::Path) {
                    member.span
                } else {
                    import.span
                };
                found.push(Candidate {
                    rule,
                    file: self.id,
                    span,
                    statement: import.span,
                    definition: Arc::default(),
                    message: self.matcher.message(rule, &symbol),
                    symbol: symbol.to_string(),
                    remedy: Remedy::Report(self.reason(ReportRole::Any, rule)),
                });
                break;
            }
        }
    }
}

/// Whether a callee is named as functions are, which are called and not constructed.
fn is_function(language: LanguageId, callee: &Callee<'_>) -> bool {
    let name = symbol::tail(language, &callee.symbol);
    name != "default" && name.starts_with(|c: char| c.is_lowercase())
}

/// The host that a URL names, in lower case; `None` where the text is no URL.
fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = match text.split_once("://") {
        Some((_, rest)) => rest,
        None if text.contains('.') && !text.starts_with(['/', '.']) && !text.contains(' ') => text,
        None => return None,
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.').to_lowercase();
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_read_from_a_url_as_a_browser_would() {
        assert_eq!(host("https://API.OpenAI.com:443/v1").as_deref(), Some("api.openai.com"));
        assert_eq!(host("https://api.openai.com@evil.example/v1").as_deref(), Some("evil.example"));
        assert_eq!(host("https://api.openai.com.evil.example").as_deref(), Some("api.openai.com.evil.example"));
        assert_eq!(host("http://[::1]:8000/v1").as_deref(), Some("::1"));
        assert_eq!(host("api.groq.com/openai").as_deref(), Some("api.groq.com"));
        assert_eq!(host("BASE_URL"), None);
        assert_eq!(host(""), None);
    }
}
