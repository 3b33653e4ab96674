//! What types are told in angle brackets: by a call's path, by an alias, by an annotation.

use syn::GenericArgument;
use syn::GenericParam;
use syn::PathArguments;
use syn::PathSegment;
use syn::Type;

use crate::outline::ReferenceId;
use crate::outline::Told;
use crate::outline::TypeArgument;

use super::paths::stripped;
use super::scopes::plain;
use super::walk::Walk;

/// The parameters of an alias: their names, and what stands for those that are left out.
#[derive(Default)]
pub(super) struct Parameters<'g>(Vec<(String, Option<&'g Type>)>);

impl<'g> Parameters<'g> {
    pub(super) fn of(generics: &'g syn::Generics) -> Self {
        let parameters = generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => {
                Some((plain(&parameter.ident.to_string()), parameter.default.as_ref().map(|(_, ty)| ty)))
            }
            GenericParam::Const(parameter) => Some((plain(&parameter.ident.to_string()), None)),
            GenericParam::Lifetime(_) => None,
        });
        Self(parameters.collect())
    }

    fn find(&self, ty: &Type) -> Option<(u32, Option<&'g Type>)> {
        let Type::Path(path) = ty else { return None };
        let name = plain(&path.path.get_ident().filter(|_| path.qself.is_none())?.to_string());
        let index = self.0.iter().position(|(own, _)| *own == name)?;
        Some((u32::try_from(index).ok()?, self.0.get(index)?.1))
    }
}

impl Walk<'_> {
    /// What a path in a type's place is told.
    pub(super) fn told_as_type(&mut self, path: &syn::Path, parameters: &Parameters<'_>) -> Told {
        let arguments = path.segments.last().map(|segment| self.told_by(segment, parameters)).unwrap_or_default();
        Told { arguments: arguments.into(), is_type: true }
    }

    /// What the path of a function tells the class that it belongs to; `None` where that is nothing.
    pub(super) fn told_as_callee(&mut self, callee: &syn::ExprPath) -> Option<Told> {
        if let Some(qself) = &callee.qself {
            let Type::Path(inner) = stripped(&qself.ty) else { return None };
            return Some(self.told_as_type(&inner.path, &Parameters::default()));
        }
        let class = callee.path.segments.iter().rev().nth(1)?;
        let arguments = self.told_by(class, &Parameters::default());
        (!arguments.is_empty()).then(|| Told { arguments: arguments.into(), is_type: false })
    }

    fn told_by(&mut self, segment: &PathSegment, parameters: &Parameters<'_>) -> Vec<TypeArgument> {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Vec::new() };
        let told = arguments.args.iter().filter_map(|argument| match argument {
            GenericArgument::Lifetime(_) => None,
            GenericArgument::Type(ty) => Some(self.type_argument(ty, parameters)),
            _ => Some(TypeArgument::Unseen),
        });
        told.collect()
    }

    fn type_argument(&mut self, ty: &Type, parameters: &Parameters<'_>) -> TypeArgument {
        let ty = stripped(ty);
        if let Some((index, default)) = parameters.find(ty) {
            let default = default.map(|default| Box::new(self.type_argument(default, &Parameters::default())));
            return TypeArgument::Parameter(index, default);
        }
        match ty {
            Type::Infer(_) => TypeArgument::Open,
            Type::Path(_) => self.kind_of_type(ty).map_or(TypeArgument::Unseen, TypeArgument::Class),
            _ => TypeArgument::Unseen,
        }
    }

    /// Notes what a reference's class is told.
    pub(super) fn tell(&mut self, reference: ReferenceId, told: Option<Told>) {
        if let Some(reference) = self.outline.references.get_mut(reference as usize) {
            reference.told = told.map(Box::new);
        }
    }
}
