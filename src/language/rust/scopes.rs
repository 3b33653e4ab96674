//! Which names a module, a block or a list of generics has, and what a path's first name means.
//!
//! Items are known in the whole of their block, before and after they stand. A module sees nothing of the one around it.

use rustc_hash::FxHashMap;
use syn::Item;
use syn::Visibility;
use syn::spanned::Spanned;

use crate::outline::Binding;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Class;
use crate::outline::Definition;
use crate::outline::DefinitionId;
use crate::outline::DefinitionKind;
use crate::outline::ImportId;
use crate::outline::Scope;
use crate::outline::ScopeId;

use super::paths;
use super::text::Edge;
use super::walk::Walk;

/// Crates that no rule is about, and primitive types.
const FOREIGN: [&str; 23] = [
    "std",
    "core",
    "alloc",
    "proc_macro",
    "test",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "bool",
    "char",
    "str",
    "_",
];

/// What a table of names belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableKind {
    Module,
    Block,
    Generics,
}

/// The names of a region.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) kind: TableKind,
    pub(super) scope: ScopeId,
    /// Types and modules.
    types: FxHashMap<Box<str>, Vec<BindingId>>,
    /// Functions, constants and statics.
    values: FxHashMap<Box<str>, Vec<BindingId>>,
    /// Star imports.
    stars: Vec<BindingId>,
}

/// Which names are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Types,
    Values,
}

impl Walk<'_> {
    /// Opens a region with names of its own.
    pub(super) fn open(&mut self, kind: TableKind) -> ScopeId {
        let parent = self.tables.last().map(|table| table.scope);
        let scope = ScopeId::try_from(self.outline.scopes.len()).unwrap_or(ScopeId::MAX);
        self.outline.scopes.push(Scope { parent, is_class: false, watched: std::collections::BTreeSet::default() });
        self.open_as(kind, scope);
        scope
    }

    /// Opens the region of a scope that is known already.
    pub(super) fn open_as(&mut self, kind: TableKind, scope: ScopeId) {
        let (types, values, stars) = (FxHashMap::default(), FxHashMap::default(), Vec::new());
        self.tables.push(Table { kind, scope, types, values, stars });
    }

    pub(super) fn close(&mut self) {
        self.tables.pop();
    }

    pub(super) fn scope(&self) -> ScopeId {
        self.tables.last().map_or(0, |table| table.scope)
    }

    /// Makes a binding that nobody can look up by itself.
    pub(super) fn binding(&mut self, name: &str, offset: u32, kind: BindingKind) -> BindingId {
        let id = BindingId::try_from(self.outline.bindings.len()).unwrap_or(BindingId::MAX);
        let scope = self.scope();
        self.outline.bindings.push(Binding { name: name.into(), scope, offset, kind, typing: false });
        id
    }

    /// Makes a binding known by its name in the current region.
    pub(super) fn bind(&mut self, spaces: &[Space], name: &str, offset: u32, kind: BindingKind) -> BindingId {
        let id = self.binding(name, offset, kind);
        let Some(table) = self.tables.last_mut() else { return id };
        for space in spaces {
            let names = if *space == Space::Types { &mut table.types } else { &mut table.values };
            names.entry(name.into()).or_default().push(id);
        }
        id
    }

    /// Makes a star import known in the current region.
    pub(super) fn bind_star(&mut self, offset: u32, kind: BindingKind) -> BindingId {
        let id = self.binding("*", offset, kind);
        if let Some(table) = self.tables.last_mut() {
            table.stars.push(id);
        }
        id
    }

    /// Notes how far others see a binding.
    pub(super) fn shown(&mut self, binding: BindingId, visibility: &Visibility) {
        match visibility {
            Visibility::Public(_) => self.outline.offered.insert(binding),
            Visibility::Inherited => self.outline.private.insert(binding),
            Visibility::Restricted(_) => false,
        };
    }

    pub(super) fn define(&mut self, name: &str, kind: DefinitionKind) -> DefinitionId {
        let id = DefinitionId::try_from(self.outline.definitions.len()).unwrap_or(DefinitionId::MAX);
        let scope = self.scope();
        self.outline.definitions.push(Definition { name: name.into(), scope, kind });
        id
    }

    /// Makes the names of items known in the current region.
    pub(super) fn declare<'i>(&mut self, items: impl Iterator<Item = &'i Item> + Clone) {
        for item in items.clone() {
            self.declare_item(item);
        }
        for item in items {
            if let Item::Use(item) = item {
                self.link(item);
            }
        }
    }

    fn declare_item(&mut self, item: &Item) {
        match item {
            Item::Use(item) => self.declare_use(item),
            Item::ExternCrate(item) => {
                let name = item.ident.to_string();
                let request = if name == "self" { "crate".to_owned() } else { name.clone() };
                let bound = item.rename.as_ref().map_or(name, |(_, rename)| rename.to_string());
                let offset = self.at(item.ident.span(), Edge::Start);
                let binding = self.bind(&[Space::Types], &bound, offset, BindingKind::Module(request.into()));
                self.shown(binding, &item.vis);
            }
            Item::Mod(item) => {
                let name = plain(&item.ident.to_string());
                let offset = self.at(item.ident.span(), Edge::Start);
                let kind = if item.content.is_some() {
                    let parent = Some(self.scope());
                    let scope = ScopeId::try_from(self.outline.scopes.len()).unwrap_or(ScopeId::MAX);
                    self.outline.scopes.push(Scope {
                        parent,
                        is_class: false,
                        watched: std::collections::BTreeSet::default(),
                    });
                    self.inner.insert(offset, scope);
                    BindingKind::Inner(scope)
                } else {
                    BindingKind::Module(self.request_of(item, &name).into())
                };
                let binding = self.bind(&[Space::Types], &name, offset, kind);
                self.shown(binding, &item.vis);
            }
            Item::Type(item) => {
                let binding = self.bind_named(&[Space::Types], &item.ident, BindingKind::Value);
                self.aliases.insert(binding);
                self.shown(binding, &item.vis);
            }
            Item::Struct(item) => {
                let spaces: &[Space] = match item.fields {
                    syn::Fields::Named(_) => &[Space::Types],
                    _ => &[Space::Types, Space::Values],
                };
                self.class(spaces, &item.ident, &item.vis);
            }
            Item::Enum(item) => self.class(&[Space::Types], &item.ident, &item.vis),
            Item::Union(item) => self.class(&[Space::Types], &item.ident, &item.vis),
            Item::Impl(item) => self.associate(item),
            Item::Trait(item) => self.class(&[Space::Types], &item.ident, &item.vis),
            Item::TraitAlias(item) => self.class(&[Space::Types], &item.ident, &item.vis),
            Item::Fn(item) => self.function(&item.sig, &item.vis),
            Item::ForeignMod(item) => {
                for inner in &item.items {
                    if let syn::ForeignItem::Fn(function) = inner {
                        self.function(&function.sig, &function.vis);
                    }
                }
            }
            Item::Const(item) => self.constant(&item.ident, &item.vis, &item.expr),
            Item::Static(item) => self.constant(&item.ident, &item.vis, &item.expr),
            _ => {}
        }
    }

    fn bind_named(&mut self, spaces: &[Space], ident: &syn::Ident, kind: BindingKind) -> BindingId {
        let offset = self.at(ident.span(), Edge::Start);
        self.bind(spaces, &plain(&ident.to_string()), offset, kind)
    }

    /// Makes the types that an `impl` gives to a trait known, by the names of both.
    fn associate(&mut self, item: &syn::ItemImpl) {
        let by = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
        let Some((class, by)) = paths::type_name(&item.self_ty).zip(by) else { return };
        let first = paths::associated(&plain(&class), &plain(&by.ident.to_string()));
        for own in paths::types_of(item) {
            let offset = self.at(own.ident.span(), Edge::Start);
            let name = format!("{first}::{}", plain(&own.ident.to_string()));
            let binding = self.bind(&[Space::Types], &name, offset, BindingKind::Value);
            self.aliases.insert(binding);
            self.outline.private.insert(binding);
        }
    }

    fn class(&mut self, spaces: &[Space], ident: &syn::Ident, visibility: &Visibility) {
        let definition = self.define(&ident.to_string(), DefinitionKind::Class(Box::<Class>::default()));
        let binding = self.bind_named(spaces, ident, BindingKind::Definition(definition));
        self.shown(binding, visibility);
    }

    fn function(&mut self, signature: &syn::Signature, visibility: &Visibility) {
        let name = plain(&signature.ident.to_string());
        let kind = if self.watch.functions.contains(&name) {
            let definition = self.define(&name, DefinitionKind::Function(None));
            self.functions.insert(self.at(signature.ident.span(), Edge::Start), definition);
            BindingKind::Definition(definition)
        } else {
            BindingKind::Value
        };
        let binding = self.bind_named(&[Space::Values], &signature.ident, kind);
        self.shown(binding, visibility);
    }

    fn constant(&mut self, ident: &syn::Ident, visibility: &Visibility, value: &syn::Expr) {
        let text = match value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => BindingKind::Text(text.value().into()),
            _ => BindingKind::Value,
        };
        let binding = self.bind_named(&[Space::Values], ident, text);
        self.shown(binding, visibility);
    }

    /// The request for the file of `mod name;`.
    fn request_of(&self, item: &syn::ItemMod, name: &str) -> String {
        let path = item.attrs.iter().find_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        });
        let inside: Vec<&str> = self.modules.iter().map(String::as_str).collect();
        match path {
            Some(path) if inside.is_empty() => format!("path {path}"),
            Some(path) => format!("path {}/{path}", inside.join("/")),
            None => format!("mod {}", inside.into_iter().chain([name]).collect::<Vec<_>>().join("::")),
        }
    }

    /// Tells the outline what the names of the current module are.
    pub(super) fn export(&mut self) {
        let Some(table) = self.tables.last() else { return };
        let mut exports: std::collections::BTreeMap<Box<str>, Vec<BindingId>> = std::collections::BTreeMap::default();
        for (name, bindings) in table.types.iter().chain(&table.values) {
            let entry = exports.entry(name.clone()).or_default();
            entry.extend(bindings);
            entry.sort_unstable();
            entry.dedup();
        }
        if !table.stars.is_empty() {
            exports.insert("*".into(), table.stars.clone());
        }
        if table.scope == 0 {
            self.outline.exports = exports;
        } else {
            self.outline.inner.insert(table.scope, exports);
        }
    }

    /// What a name may mean here, without what the statement of the import `except` brings itself.
    pub(super) fn lookup(&mut self, space: Space, name: &str, except: Option<ImportId>) -> Vec<BindingId> {
        let mut layers: Vec<BindingId> = Vec::new();
        let mut is_open = true;
        for table in self.tables.iter().rev() {
            let names = if space == Space::Types { &table.types } else { &table.values };
            let own = names.get(name).into_iter().flatten().copied().filter(|id| !self.is_of(*id, except));
            let own: Vec<BindingId> = own.collect();
            if !own.is_empty() {
                if layers.is_empty() {
                    return own;
                }
                layers.extend(own);
                is_open = false;
                break;
            }
            layers.extend(table.stars.iter().filter(|id| !self.is_of(**id, except)));
            if table.kind == TableKind::Module {
                break;
            }
        }
        if is_open && space == Space::Types && !FOREIGN.contains(&name) && !name.is_empty() {
            let is_crate = name.starts_with(|c: char| c.is_lowercase() || c == '_')
                || self.watch.packages.iter().chain(&self.watch.aliases).any(|known| known == name);
            if is_crate {
                layers.push(self.module(name));
            }
        }
        match layers.as_slice() {
            [] | [_] => layers,
            _ => vec![self.first(layers)],
        }
    }

    /// Whether a binding comes from the same statement as an import.
    fn is_of(&self, binding: BindingId, import: Option<ImportId>) -> bool {
        let Some(import) = import else { return false };
        let own = match self.outline.bindings.get(binding as usize).map(|binding| &binding.kind) {
            Some(BindingKind::Import(own, _) | BindingKind::Star(own)) => *own,
            _ => return false,
        };
        let span = |id: ImportId| self.outline.imports.get(id as usize).map(|import| import.span);
        own == import || span(own) == span(import)
    }

    /// The binding of a module that nothing in the file names.
    pub(super) fn module(&mut self, request: &str) -> BindingId {
        if let Some(&known) = self.requests.get(request) {
            return known;
        }
        let id = self.binding(request, 0, BindingKind::Module(request.into()));
        self.requests.insert(request.into(), id);
        id
    }

    fn first(&mut self, layers: Vec<BindingId>) -> BindingId {
        if let Some(&known) = self.firsts.get(&layers) {
            return known;
        }
        let id = self.binding("", 0, BindingKind::First(layers.clone().into()));
        self.firsts.insert(layers, id);
        id
    }

    /// Makes the names of generic parameters known, in a region of their own.
    pub(super) fn open_generics(&mut self, generics: &syn::Generics) {
        self.open(TableKind::Generics);
        for parameter in &generics.params {
            match parameter {
                syn::GenericParam::Type(parameter) => {
                    self.bind_named(&[Space::Types], &parameter.ident, BindingKind::Value);
                }
                syn::GenericParam::Const(parameter) => {
                    self.bind_named(&[Space::Values], &parameter.ident, BindingKind::Value);
                }
                syn::GenericParam::Lifetime(_) => {}
            }
        }
    }

    /// How many modules inside of the file are open, and the scope of the one that many levels up; `None` for the file's.
    pub(super) fn module_above(&self, levels: usize) -> Option<ScopeId> {
        let modules: Vec<ScopeId> =
            self.tables.iter().filter(|table| table.kind == TableKind::Module).map(|table| table.scope).collect();
        let index = modules.len().checked_sub(levels + 1)?;
        modules.get(index).copied().filter(|&scope| scope != 0)
    }

    pub(super) fn span_of(&self, node: &impl Spanned) -> crate::source::Span {
        let span = node.span();
        crate::source::Span::new(self.at(span, Edge::Start), self.at(span, Edge::End))
    }
}

/// A name without `r#`.
pub(super) fn plain(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}
