//! What a function takes, where it takes one object of options.

use std::collections::BTreeMap;

use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::FormalParameter;
use oxc_ast::ast::FormalParameters;
use oxc_ast::ast::TSSignature;
use oxc_ast::ast::TSType;
use oxc_ast::ast::TSTypeAnnotation;
use oxc_ast::ast::TSTypeName;

use crate::outline::Parameter;
use crate::outline::Signature;

use super::flow::Flow;
use super::survey::Shape;

/// The names that an object may have, and whether each may be left out.
#[derive(Default)]
struct Names {
    known: BTreeMap<Box<str>, bool>,
    /// Whether it may have others.
    others: bool,
}

impl<'a> Flow<'a, '_> {
    /// The signature of a function with these parameters.
    pub(super) fn signature_of(
        &self,
        parameters: &FormalParameters<'a>,
        is_async: bool,
        returns: Option<&TSTypeAnnotation<'a>>,
    ) -> Signature {
        let promises = returns.is_some_and(|returns| {
            matches!(&returns.type_annotation,
            TSType::TSTypeReference(reference) if name(&reference.type_name) == Some("Promise"))
        });
        let mut signature =
            Signature { is_async: is_async || promises, rest: parameters.rest.is_some(), ..Signature::default() };
        let mut items = parameters.items.iter();
        let Some(first) = items.next() else {
            signature.keywords = parameters.rest.is_some();
            return signature;
        };
        for other in items {
            let optional = other.optional || other.initializer.is_some();
            signature.positional_only.push(Parameter { name: label(other), optional, kind: None });
        }
        let names = self.names_of(first);
        let is_optional = first.optional || first.initializer.is_some();
        signature.keywords = names.others;
        signature.insists = !is_optional;
        for (name, optional) in names.known {
            signature.keyword_only.push(Parameter { name, optional, kind: None });
        }
        signature
    }

    fn names_of(&self, parameter: &FormalParameter<'a>) -> Names {
        let mut names = Names::default();
        if let Some(annotation) = &parameter.type_annotation {
            self.names_in(&annotation.type_annotation, &mut names, false, 0);
            return names;
        }
        match &parameter.pattern {
            BindingPattern::ObjectPattern(object) => {
                names.others = object.rest.is_some();
                for property in &object.properties {
                    match property.key.static_name() {
                        Some(name) => _ = names.known.insert(Box::from(&*name), true),
                        None => names.others = true,
                    }
                }
            }
            _ => names.others = true,
        }
        names
    }

    /// Adds the names of a type; `partial` says that all of them may be left out.
    fn names_in(&self, shape: &TSType<'a>, names: &mut Names, partial: bool, depth: u32) {
        if depth > 16 {
            names.others = true;
            return;
        }
        match shape {
            TSType::TSTypeLiteral(literal) => members(&literal.members, names, partial),
            TSType::TSParenthesizedType(inner) => self.names_in(&inner.type_annotation, names, partial, depth + 1),
            TSType::TSIntersectionType(intersection) => {
                for part in &intersection.types {
                    self.names_in(part, names, partial, depth + 1);
                }
            }
            TSType::TSTypeReference(reference) => {
                let arguments = reference.type_arguments.as_ref().map(|arguments| &arguments.params);
                let first = arguments.and_then(|arguments| arguments.first());
                match (name(&reference.type_name), first) {
                    (Some("Partial"), Some(inner)) => self.names_in(inner, names, true, depth + 1),
                    (Some("Readonly" | "Required"), Some(inner)) => self.names_in(inner, names, partial, depth + 1),
                    (Some(name), None) => match self.survey.shapes.get(name) {
                        Some(Shape::Alias(shape)) => self.names_in(shape, names, partial, depth + 1),
                        Some(Shape::Interface(interface)) => {
                            names.others |= !interface.extends.is_empty();
                            members(&interface.body.body, names, partial);
                        }
                        None => names.others = true,
                    },
                    _ => names.others = true,
                }
            }
            _ => names.others = true,
        }
    }
}

fn members(members: &[TSSignature<'_>], names: &mut Names, partial: bool) {
    for member in members {
        let (key, optional) = match member {
            TSSignature::TSPropertySignature(property) => (&property.key, property.optional),
            TSSignature::TSMethodSignature(method) => (&method.key, method.optional),
            _ => {
                names.others = true;
                continue;
            }
        };
        match key.static_name() {
            Some(name) => _ = names.known.insert(Box::from(&*name), optional || partial),
            None => names.others = true,
        }
    }
}

fn name<'t>(name: &'t TSTypeName<'_>) -> Option<&'t str> {
    match name {
        TSTypeName::IdentifierReference(identifier) => Some(identifier.name.as_str()),
        _ => None,
    }
}

fn label(parameter: &FormalParameter<'_>) -> Box<str> {
    match &parameter.pattern {
        BindingPattern::BindingIdentifier(identifier) => identifier.name.as_str().into(),
        _ => "the second parameter".into(),
    }
}
