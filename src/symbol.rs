//! How full names are written: `openai.OpenAI`, `openai#OpenAI`, `async_openai::Client`.
//!
//! Rules write them like this, and the resolver puts them together in the same way, so that the two can be compared.

use crate::source::LanguageId;

/// What stands between a module and a name in it.
pub fn joint(language: LanguageId) -> &'static str {
    match language {
        LanguageId::Python => ".",
        LanguageId::Typescript => "#",
        LanguageId::Rust => "::",
    }
}

/// The full name of what `object` holds under `name`.
///
/// A module of TypeScript is a path, and so parted from its names by `#`; what follows is parted by dots.
///
/// What a module of TypeScript exports by default holds, where it is not its own, what the module does: compilers and
/// Node take one for the other.
pub fn join(language: LanguageId, object: &str, name: &str) -> String {
    let object = match language {
        LanguageId::Typescript => object.strip_suffix("#default").unwrap_or(object),
        _ => object,
    };
    let joint = match language {
        LanguageId::Typescript if object.contains('#') => ".",
        _ => joint(language),
    };
    format!("{object}{joint}{name}")
}

/// Parts a full name into what holds its last name, and that name; `None` for a bare module or package.
pub fn split(language: LanguageId, full: &str) -> Option<(&str, &str)> {
    match language {
        LanguageId::Python => full.rsplit_once('.'),
        LanguageId::Rust => full.rsplit_once("::"),
        LanguageId::Typescript => {
            let (module, names) = full.split_once('#')?;
            match names.rfind('.') {
                Some(dot) => {
                    let at = module.len() + 1 + dot;
                    full.get(..at).zip(full.get(at + 1..))
                }
                None => Some((module, names)),
            }
        }
    }
}

/// What a module is where it is used as a value, if it can be: its default export.
pub fn whole_module(language: LanguageId, module: &str) -> Option<String> {
    (language == LanguageId::Typescript && !module.contains('#')).then(|| format!("{module}#default"))
}

/// The last name of a full name.
pub fn tail(language: LanguageId, full: &str) -> &str {
    split(language, full).map_or(full, |(_, name)| name)
}

/// The package that a full name lies in.
pub fn package(language: LanguageId, full: &str) -> &str {
    match language {
        LanguageId::Python => full.split('.').next().unwrap_or(full),
        LanguageId::Rust => full.split("::").next().unwrap_or(full),
        LanguageId::Typescript => {
            let module = full.split('#').next().unwrap_or(full);
            // `@scope/name/inner` is in `@scope/name`.
            let parts = if module.starts_with('@') { 2 } else { 1 };
            match module.match_indices('/').nth(parts - 1) {
                Some((at, _)) => module.get(..at).unwrap_or(module),
                None => module,
            }
        }
    }
}

/// A pattern's names: `openai.error` for `openai.error.*`; `None` for a symbol that is no pattern.
pub fn whole(language: LanguageId, symbol: &str) -> Option<&str> {
    let rest = symbol.strip_suffix('*')?;
    rest.strip_suffix(joint(language)).or_else(|| rest.strip_suffix('.'))
}

/// All that a full name lies in, from the nearest to the package.
pub fn parents(language: LanguageId, full: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(split(language, full).map(|(parent, _)| parent), move |name| {
        split(language, name).map(|(parent, _)| parent)
    })
}

/// Whether a module's name is `outer`, or lies within it: `a.b` in `a`.
pub fn is_within(language: LanguageId, module: &str, outer: &str) -> bool {
    let joint = if language == LanguageId::Typescript { "/" } else { joint(language) };
    module.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(joint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together_and_taken_apart_in_each_language() {
        let cases = [
            (LanguageId::Python, "openai.lib", "OpenAI", "openai.lib.OpenAI", "openai"),
            (LanguageId::Typescript, "@azure/openai/x", "OpenAI", "@azure/openai/x#OpenAI", "@azure/openai"),
            (LanguageId::Typescript, "openai#OpenAI", "Chat", "openai#OpenAI.Chat", "openai"),
            (LanguageId::Rust, "async_openai::Client", "new", "async_openai::Client::new", "async_openai"),
        ];
        for (language, object, name, full, package_name) in cases {
            assert_eq!(join(language, object, name), full);
            assert_eq!(split(language, full), Some((object, name)));
            assert_eq!(package(language, full), package_name);
        }
    }

    #[test]
    fn a_pattern_stands_for_everything_below_a_name() {
        assert_eq!(whole(LanguageId::Python, "openai.error.*"), Some("openai.error"));
        assert_eq!(whole(LanguageId::Typescript, "openai/beta#*"), Some("openai/beta"));
        assert_eq!(whole(LanguageId::Rust, "async_openai::*"), Some("async_openai"));
        assert_eq!(whole(LanguageId::Python, "openai.OpenAI"), None);
    }

    #[test]
    fn parents_lead_up_to_the_package() {
        let parents = parents(LanguageId::Typescript, "openai#OpenAI.Chat").collect::<Vec<_>>();
        assert_eq!(parents, ["openai#OpenAI", "openai"]);
    }
}
