//! Whether a call may become a call of the factory.

use crate::edit::Applicability;
use crate::layout::FileId;
use crate::outline::Call;
use crate::outline::DefinitionKind;
use crate::outline::Parameter;
use crate::outline::Signature;
use crate::project::Factory;
use crate::resolve::Entity;
use crate::resolve::Resolver;

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
}

impl Verdict {
    /// What is assumed where there is no factory yet.
    pub(super) fn assumed() -> Self {
        Self { applicability: Applicability::Safe, takes_context: true, needs_context: false, note: None }
    }

    fn unreadable(function: &str, why: &str) -> Self {
        Self {
            applicability: Applicability::Unsafe,
            takes_context: true,
            needs_context: false,
            note: Some(format!("the signature of `{function}` cannot be read: {why}")),
        }
    }
}

/// Asks the factory's file whether `function` can be called like this.
pub(super) fn ask(
    resolver: &Resolver<'_>,
    factory: &Factory,
    file: FileId,
    function: &str,
    call: &Call,
    argument: &str,
) -> Result<Verdict, String> {
    let module = &factory.module;
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
                match outline.and_then(|o| o.definitions.get(id as usize)).map(|definition| &definition.kind) {
                    Some(DefinitionKind::Function(Some(signature))) => check(signature, function, call, argument)?,
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
            || call.keywords.contains(&parameter.name)
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
    })
}
