//! What the factory's functions take and give.

use std::collections::BTreeSet;

use syn::Attribute;
use syn::FnArg;
use syn::GenericParam;
use syn::Pat;
use syn::Type;
use syn::Visibility;

use crate::outline::DefinitionKind;
use crate::outline::Parameter;
use crate::outline::Reach;
use crate::outline::Returned;
use crate::outline::Signature;

use super::paths::stripped;
use super::scopes::plain;
use super::text::Edge;
use super::walk::Walk;

/// Attributes that leave a function as it is.
const PLAIN: [&str; 13] = [
    "doc",
    "inline",
    "must_use",
    "allow",
    "expect",
    "warn",
    "deny",
    "forbid",
    "deprecated",
    "cold",
    "track_caller",
    "instrument",
    "non_exhaustive",
];

impl Walk<'_> {
    /// Reads the signature of a function that somebody may ask about.
    pub(super) fn read_signature(
        &mut self,
        signature: &syn::Signature,
        visibility: &Visibility,
        attributes: &[Attribute],
    ) {
        let offset = self.at(signature.ident.span(), Edge::Start);
        let Some(&definition) = self.functions.get(&offset) else { return };
        let is_plain = |attribute: &Attribute| {
            attribute.path().segments.last().is_some_and(|segment| PLAIN.iter().any(|plain| segment.ident == plain))
        };
        let is_unsafe = matches!(signature.safety, syn::Safety::Unsafe(_));
        if !attributes.iter().all(is_plain) || is_unsafe {
            return;
        }
        self.open_generics(&signature.generics);
        let read = self.signature(signature, visibility);
        self.close();
        if let Some(definition) = self.outline.definitions.get_mut(definition as usize) {
            definition.kind = DefinitionKind::Function(Some(Box::new(read)));
        }
    }

    fn signature(&mut self, signature: &syn::Signature, visibility: &Visibility) -> Signature {
        let generics: BTreeSet<String> = signature
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
                _ => None,
            })
            .collect();
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        let parameters = parameters.map(|typed| {
            let text = self.type_text(&typed.ty);
            let is_open = matches!(stripped(&typed.ty), Type::ImplTrait(_)) || generics.contains(&text);
            let name = match &*typed.pat {
                Pat::Ident(ident) => plain(&ident.ident.to_string()),
                _ => String::new(),
            };
            Parameter {
                name: name.into(),
                optional: text.starts_with("Option<"),
                kind: (!is_open).then(|| text.into()),
            }
        });
        let parameters: Vec<Parameter> = parameters.collect();
        let returns = match &signature.output {
            syn::ReturnType::Default => Returned { text: "()".into(), reference: None },
            syn::ReturnType::Type(_, ty) => {
                Returned { text: self.type_text(ty).into(), reference: self.kind_of_type(ty) }
            }
        };
        Signature {
            is_async: signature.asyncness.is_some(),
            positional_only: parameters,
            rest: signature.variadic.is_some(),
            returns: Some(returns),
            reach: match visibility {
                Visibility::Public(_) => Reach::Everywhere,
                Visibility::Restricted(inner) if !inner.path.is_ident("self") => Reach::Package,
                _ => Reach::Module,
            },
            ..Signature::default()
        }
    }

    /// A type as its text has it, without lifetimes and with white space only where it must be.
    pub(super) fn type_text(&self, ty: &Type) -> String {
        let text = self.source.slice(self.span_of(ty));
        tidy(text)
    }
}

/// A type's text without lifetimes and needless white space.
pub(super) fn tidy(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                while characters.next_if(|c| c.is_alphanumeric() || *c == '_').is_some() {}
                // `<'a, T>` is `<T>`.
                if told.ends_with('<') {
                    while characters.next_if(|c| *c == ',' || c.is_whitespace()).is_some() {}
                }
            }
            character if character.is_whitespace() => {
                let next = characters.peek().copied();
                let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                if joins(told.chars().next_back()) && joins(next) {
                    told.push(' ');
                }
            }
            character => told.push(character),
        }
    }
    told.replace("<>", "")
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn lifetimes_and_spaces_do_not_matter() {
        assert_eq!(tidy("&'a str"), "&str");
        assert_eq!(tidy("Option< & 'static str >"), "Option<&str>");
        assert_eq!(tidy("Cow<'_, str>"), "Cow<str>");
        assert_eq!(tidy("&mut  dyn Config"), "&mut dyn Config");
    }
}
