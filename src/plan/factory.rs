//! Whether a call may become a call of the factory.

use crate::edit::Applicability;
use crate::language;
use crate::layout::FileId;
use crate::outline::Call;
use crate::outline::DefinitionKind;
use crate::outline::Parameter;
use crate::outline::Places;
use crate::outline::Reach;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Signature;
use crate::project::Factory;
use crate::resolve::Entity;
use crate::resolve::Generic;
use crate::resolve::Resolver;
use crate::rule::Replacement;
use crate::symbol;

/// What the factory says to a call.
#[derive(Debug)]
pub(super) struct Verdict {
    /// How far the call may be trusted to work.
    pub(super) applicability: Applicability,
    /// Whether the function takes the context.
    pub(super) takes_context: bool,
    /// Whether the function insists on the context.
    pub(super) needs_context: bool,
    /// Why a look is needed.
    pub(super) note: Option<String>,
    /// Where the context goes, in a language that knows arguments by their places.
    pub(super) place: Option<Place>,
}

/// A parameter that is known by its place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its index.
    pub(super) index: usize,
    /// It; `None` where the function takes anything.
    pub(super) parameter: Option<Parameter>,
}

impl Verdict {
    /// What is assumed where there is no factory yet.
    pub(super) fn assumed() -> Self {
        Self { applicability: Applicability::Safe, takes_context: true, needs_context: false, note: None, place: None }
    }

    fn unreadable(function: &str, why: &str) -> Self {
        Self {
            applicability: Applicability::Unsafe,
            takes_context: true,
            needs_context: false,
            note: Some(format!("the signature of `{function}` cannot be read: {why}")),
            place: None,
        }
    }
}

/// Asks the factory's file whether `function` can be called like this.
pub(super) fn ask(
    resolver: &Resolver<'_>,
    (factory, file): (&Factory, FileId),
    replacement: &Replacement,
    (from, reference, call, symbol): (FileId, &Reference, &Call, &str),
    argument: &str,
    request: &str,
) -> Result<Verdict, String> {
    let module = &factory.module;
    let function = replacement.function.as_str();
    let found = resolver.export(file, function);
    let found: Vec<_> = found.into_iter().filter(|r| !r.typing && r.entity != Entity::Unbound).collect();
    if found.is_empty() {
        return Err(format!("`{module}` has no `{function}`"));
    }
    if let Some(origin) = missing_behind(resolver, file, function) {
        return Err(format!("`{module}` takes `{function}` from `{origin}`, which has none"));
    }
    let mut verdict: Option<Verdict> = None;
    for resolved in found {
        let next = match resolved.entity {
            Entity::Definition(file, id) => {
                let outline = resolver.project().outline(file);
                if outline.is_some_and(|outline| !outline.is_sound()) {
                    verdict = Some(Verdict::unreadable(function, "its file does not parse"));
                    continue;
                }
                match outline.and_then(|o| o.definitions.get(id as usize)).map(|definition| &definition.kind) {
                    Some(DefinitionKind::Function(Some(signature))) => {
                        let asked = Asked { resolver, from, factory: file, replacement, reference, symbol, request };
                        match &call.detail().places {
                            Some(places) => asked.by_place(signature, (call, places), argument)?,
                            None => check(signature, function, call, argument)?,
                        }
                    }
                    Some(DefinitionKind::Function(None)) => Verdict::unreadable(function, "it is decorated"),
                    _ => Verdict::unreadable(function, "it is not a function"),
                }
            }
            Entity::Nothing => return Err(format!("`{function}` of `{module}` may be `None`")),
            Entity::External(name) => Verdict::unreadable(function, &format!("it is `{name}`")),
            _ => Verdict::unreadable(function, "it is assigned"),
        };
        verdict = Some(match verdict {
            Some(before) if before.applicability == Applicability::Unsafe => before,
            _ => next,
        });
    }
    verdict.ok_or_else(|| format!("`{module}` has no `{function}`"))
}

/// The module of the project that a function is imported from, where that module does not bind it.
fn missing_behind(resolver: &Resolver<'_>, file: FileId, function: &str) -> Option<String> {
    let outline = resolver.project().outline(file)?;
    let bindings = outline.exports.get(function)?;
    bindings.iter().find_map(|&binding| {
        let (import, member) = outline.member(binding)?;
        let import = outline.imports.get(import as usize)?;
        let member = import.members.get(member as usize)?;
        // Outlines keep every name that is a function's of the factory, however it is bound.
        if import.module.is_empty() || *member.name != *function {
            return None;
        }
        let origin = resolver.file(&resolver.request(file, &import.module))?;
        let exports = &resolver.project().outline(origin)?.exports;
        (!exports.contains_key(function) && !exports.contains_key("*")).then(|| import.module.to_string())
    })
}

fn check(signature: &Signature, function: &str, call: &Call, argument: &str) -> Result<Verdict, String> {
    if signature.is_async {
        return Err(format!("`{function}` is asynchronous, so a call gives no client until it is awaited"));
    }
    let by_name = || signature.regular.iter().chain(&signature.keyword_only);
    let takes = |name: &str| signature.keywords || by_name().any(|parameter| *parameter.name == *name);
    if let Some(refused) = call.keywords.iter().find(|keyword| !takes(keyword)) {
        return Err(format!("`{function}` does not take `{refused}`"));
    }
    if call.double_starred && !signature.keywords {
        return Err(format!("`{function}` may not take all that is spread into the call here"));
    }
    if call.positional > 0 || call.starred {
        return Err("positional arguments would reach other parameters of the factory".to_owned());
    }
    let given = |parameter: &Parameter| {
        parameter.optional
            || call.double_starred
            || *parameter.name == *argument
            || call.keywords.iter().any(|keyword| **keyword == *parameter.name)
    };
    if let Some(missing) = signature.positional_only.iter().find(|parameter| !parameter.optional) {
        return Err(format!("`{function}` needs `{}` by position", missing.name));
    }
    if let Some(missing) = by_name().find(|parameter| !given(parameter)) {
        return Err(format!("`{function}` needs `{}`, which is not given here", missing.name));
    }
    let has_context = call.keywords.iter().any(|keyword| **keyword == *argument);
    let has_none = signature.insists && call.keywords.is_empty() && !call.double_starred;
    let needs_context =
        has_none || !has_context && by_name().any(|parameter| *parameter.name == *argument && !parameter.optional);
    Ok(Verdict {
        applicability: Applicability::Safe,
        takes_context: takes(argument) && !has_context,
        needs_context,
        note: None,
        place: None,
    })
}

/// A function of the factory, asked on behalf of a call.
struct Asked<'a> {
    resolver: &'a Resolver<'a>,
    /// The file of the call.
    from: FileId,
    /// The file of the function.
    factory: FileId,
    replacement: &'a Replacement,
    /// What is called now.
    reference: &'a Reference,
    symbol: &'a str,
    /// How the call's file asks for the factory's module.
    request: &'a str,
}

impl Asked<'_> {
    /// Whether the function can be called with arguments that are known by their places.
    fn by_place(
        &self,
        signature: &Signature,
        (call, places): (&Call, &Places),
        argument: &str,
    ) -> Result<Verdict, String> {
        let function = self.replacement.function.as_str();
        if signature.is_async {
            return Err(format!("`{function}` is asynchronous, so a call gives no client yet"));
        }
        self.reaches(signature.reach)?;
        let all = signature.positional_only.iter().chain(&signature.regular);
        let parameters: Vec<&Parameter> = all.collect();
        let place = parameters.iter().position(|parameter| *parameter.name == *argument);
        let given = places.arguments.as_ref();
        let mut verdict = Verdict { takes_context: place.is_some(), ..Verdict::assumed() };
        if signature.rest {
            return Ok(Verdict { takes_context: true, ..verdict });
        }
        self.gives_the_same(signature, call)?;
        if let Some(index) = place {
            let parameter = parameters.get(index).map(|parameter| Parameter::clone(parameter));
            verdict.needs_context = parameter.as_ref().is_none_or(|parameter| !parameter.optional);
            verdict.place = Some(Place { index, parameter });
        }
        let Some(given) = given else {
            // Whoever is handed the function calls it with what the class took, and nothing else.
            verdict.needs_context = place.is_some();
            return Ok(verdict);
        };
        let others: Vec<&Parameter> =
            parameters.into_iter().enumerate().filter(|(index, _)| Some(*index) != place).map(|(_, p)| p).collect();
        if others.len() != given.len() {
            let (takes, gives) = (others.len(), given.len());
            return Err(format!(
                "`{function}` takes {takes} arguments besides `{argument}`, and {gives} are given here"
            ));
        }
        for (parameter, argument) in others.iter().zip(given) {
            let Some(wanted) = parameter.kind.as_deref() else { continue };
            match argument.kind {
                None => {
                    verdict.applicability = Applicability::Unsafe;
                    let note = format!("`{function}` takes a `{wanted}`, and what is given here cannot be seen");
                    verdict.note = Some(note);
                }
                Some(kind) if self.has_name(kind, wanted) => {}
                Some(_) => return Err(format!("`{function}` takes a `{wanted}`, and something else is given here")),
            }
        }
        Ok(verdict)
    }

    fn reaches(&self, reach: Reach) -> Result<(), String> {
        let function = self.replacement.function.as_str();
        let language = language::by_id(self.resolver.language(self.from));
        let is_outside = language.is_some_and(|language| language.is_outside(self.request));
        match reach {
            Reach::Module => Err(format!("`{function}` is private, and cannot be called from here")),
            Reach::Package if is_outside => Err(format!("`{function}` cannot be called from another package")),
            Reach::Package | Reach::Everywhere => Ok(()),
        }
    }

    /// Whether what the function gives has the class that the call constructs.
    fn gives_the_same(&self, signature: &Signature, call: &Call) -> Result<(), String> {
        let Some(returned) = &signature.returns else { return Ok(()) };
        let language = self.resolver.language(self.factory);
        let class = symbol::split(language, self.symbol).map_or(self.symbol, |(class, _)| class);
        let outline = self.resolver.project().outline(self.factory);
        let reference = returned.reference.and_then(|id| outline?.references.get(id as usize));
        let resolved = reference.map_or_else(Vec::new, |reference| self.resolver.reference(self.factory, reference));
        let same = |entity: &Entity| matches!(entity, Entity::External(full) if **full == *class);
        let (function, text) = (self.replacement.function.as_str(), &returned.text);
        if resolved.is_empty() || !resolved.iter().all(|resolved| same(&resolved.entity)) {
            return Err(format!("`{function}` gives `{text}`, not `{}`", symbol::tail(language, class)));
        }
        let told = resolved.iter().find_map(|resolved| resolved.told.as_ref()).map_or(&[][..], |told| told);
        self.is_told_the_same(signature, call, told)
    }

    /// Whether the class that the function gives is told what the call's is.
    fn is_told_the_same(&self, signature: &Signature, call: &Call, given: &[Generic]) -> Result<(), String> {
        let (function, text) = (&self.replacement.function, signature.returns.as_ref().map_or("", |given| &given.text));
        let implied =
            || self.replacement.classes.iter().map(|class| Generic::Class(Entity::External(class.as_str().into())));
        let mut wanted = self.resolver.told_to(self.from, self.reference, call);
        let is_implied = wanted.iter().all(Generic::is_open);
        if is_implied {
            wanted = implied().collect();
        }
        // Whoever leaves it open takes it from an argument, or from where the call stands.
        let takes_any = signature.positional_only.iter().chain(&signature.regular).any(|p| p.kind.is_none());
        for (wanted, given) in wanted.iter().zip(given).filter(|(wanted, _)| !wanted.is_open()) {
            match given {
                Generic::Class(_) if wanted == given => {}
                Generic::Class(_) => return Err(format!("`{function}` gives `{text}`, and another is made here")),
                _ if takes_any || call.detail().expected.is_some() => {}
                _ => return Err(format!("`{function}` gives `{text}`, and nothing here says which")),
            }
        }
        Ok(())
    }

    /// Whether the class of an argument has the name of a parameter's type.
    fn has_name(&self, kind: ReferenceId, wanted: &str) -> bool {
        let outline = self.resolver.project().outline(self.from);
        let Some(reference) = outline.and_then(|outline| outline.references.get(kind as usize)) else { return false };
        let language = self.resolver.language(self.from);
        self.resolver.reference(self.from, reference).iter().all(|resolved| match &resolved.entity {
            Entity::External(full) => symbol::tail(language, full) == symbol::tail(language, wanted),
            _ => *reference.name == *wanted,
        })
    }
}
