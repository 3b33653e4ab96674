//! Statements that bind names: imports, assignments, deletions, patterns.

use ruff_python_ast as ast;
use ruff_python_ast::Expr;

use crate::outline::Binding;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::Member;
use crate::outline::ReferenceId;
use crate::outline::Role;

use super::chain::Chain;
use super::flow::Flow;
use super::flow::Found;
use super::scopes::ScopeKind;
use super::scopes::source_of;

impl<'a> Flow<'a> {
    pub(super) fn import_stmt(&mut self, stmt: &'a ast::StmtImport) {
        self.import(&stmt.names, stmt.range, String::new(), ImportForm::Module);
    }

    pub(super) fn import_from(&mut self, stmt: &'a ast::StmtImportFrom) {
        let mut module = ".".repeat(stmt.level as usize);
        module.push_str(stmt.module.as_ref().map_or("", |module| module.as_str()));
        let star = stmt.names.first().is_some_and(|alias| alias.name.as_str() == "*");
        let form = if star { ImportForm::Star } else { ImportForm::From };
        self.import(&stmt.names, stmt.range, module, form);
    }

    fn import(&mut self, names: &'a [ast::Alias], range: ruff_text_size::TextRange, module: String, form: ImportForm) {
        let id = u32::try_from(self.outline.imports.len()).unwrap_or(u32::MAX);
        let scope = self.scope();
        let declared = |alias: &'a ast::Alias| {
            let bound = alias
                .asname
                .as_ref()
                .map_or_else(|| alias.name.as_str().split('.').next().unwrap_or_default(), |asname| asname.as_str());
            self.tables.globals.get(&(scope, bound)).map(|&range| Self::span(range))
        };
        let member = |alias: &'a ast::Alias| Member {
            declared: declared(alias),
            span: Self::span(alias.range),
            name: alias.name.as_str().into(),
            alias: alias.asname.as_ref().map(|asname| asname.as_str().into()),
            binding: self.tables.at.get(&alias.range.start().to_u32()).copied().unwrap_or(0),
            reads: 0,
            path: None,
            module: None,
            typing_reads: 0,
        };
        let members = names.iter().map(member).collect();
        let import = Import {
            span: Self::span(range),
            scope,
            module: module.into(),
            form,
            members,
            typing: self.typing,
            external: false,
            unconditional: self.is_unconditional(),
            block: self.block.0,
            block_length: self.block.1,
            obstacle: None,
        };
        self.outline.imports.push(import);
        for (index, alias) in names.iter().enumerate() {
            let offset = alias.range.start().to_u32();
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let kind = if form == ImportForm::Star { BindingKind::Star(id) } else { BindingKind::Import(id, index) };
            self.set_kind(offset, kind);
            self.bind(offset);
        }
    }

    pub(super) fn assign_stmt(&mut self, assign: &'a ast::StmtAssign) {
        let mut targets = assign.targets.iter();
        if let Some(first) = targets.next() {
            self.assigned(first, &assign.value);
        }
        for target in targets {
            self.copy_kind(assign.targets.first(), target);
        }
        self.read_public(assign);
        for target in &assign.targets {
            self.store(target);
        }
    }

    /// In `a = b = value`, `b` is what `a` is.
    fn copy_kind(&mut self, from: Option<&Expr>, to: &Expr) {
        let offset = |expr: &Expr| expr.as_name_expr().map(|name| name.range.start().to_u32());
        let (Some(from), Some(to)) = (from.and_then(offset), offset(to)) else { return };
        let kind = self.tables.at.get(&from).and_then(|&id| self.tables.bindings.get(id as usize));
        if let Some(kind) = kind.map(|binding| binding.kind.clone()) {
            self.set_kind(to, kind);
        }
    }

    /// Evaluates a value that is assigned, and learns what it makes of the target's names.
    pub(super) fn assigned(&mut self, target: &'a Expr, value: &'a Expr) {
        match (target, value) {
            (Expr::Name(name), _) => {
                let offset = name.range.start().to_u32();
                if self.tables.at.contains_key(&offset) {
                    if let Some(kind) = self.alias(value) {
                        self.set_kind(offset, kind);
                    }
                } else {
                    self.value(value);
                }
            }
            (
                Expr::Tuple(ast::ExprTuple { elts: targets, .. }) | Expr::List(ast::ExprList { elts: targets, .. }),
                Expr::Tuple(ast::ExprTuple { elts: values, .. }) | Expr::List(ast::ExprList { elts: values, .. }),
            ) if targets.len() == values.len() && !targets.iter().chain(values).any(Expr::is_starred_expr) => {
                for (target, value) in targets.iter().zip(values) {
                    self.assigned(target, value);
                }
            }
            _ => self.value(value),
        }
    }

    /// Evaluates a value that a name is bound to; gives the binding's kind where it can be followed.
    pub(super) fn alias(&mut self, value: &'a Expr) -> Option<BindingKind> {
        let mut references = Vec::new();
        let mut or_value = false;
        let dynamic = self.alias_parts(value, &mut references, &mut or_value);
        if let Some(dynamic) = dynamic {
            return Some(dynamic);
        }
        (!references.is_empty()).then_some(BindingKind::Alias { references, or_value })
    }

    fn alias_parts(
        &mut self,
        value: &'a Expr,
        references: &mut Vec<ReferenceId>,
        or_value: &mut bool,
    ) -> Option<BindingKind> {
        match value {
            Expr::Name(_) | Expr::Attribute(_) => {
                // What a class body binds is an attribute, which others read on any object.
                let in_class = self.scope_kind() == Some(ScopeKind::Class);
                let role = if in_class { Role::Value } else { Role::Aliased };
                match self.chain(value, role) {
                    Chain::Reference(id) => references.push(id),
                    Chain::Other => *or_value = true,
                }
            }
            Expr::If(conditional) => self.conditional(conditional, |flow, outcome| {
                *or_value |= flow.alias_parts(outcome, references, or_value).is_some();
            }),
            Expr::BoolOp(operation) => self.short_circuit(operation, |flow, outcome| {
                *or_value |= flow.alias_parts(outcome, references, or_value).is_some();
            }),
            Expr::Named(named) => {
                self.assigned(&named.target, &named.value);
                self.store(&named.target);
                *or_value = true;
            }
            Expr::NoneLiteral(_) => {}
            Expr::Call(call) if super::scopes::is_dynamic(call, &self.tables.lookups) => {
                let before = self.outline.dynamic.len();
                self.value(value);
                if self.outline.dynamic.len() > before {
                    return self.last_dynamic();
                }
                *or_value = true;
            }
            other => {
                self.value(other);
                *or_value = true;
            }
        }
        None
    }

    fn last_dynamic(&self) -> Option<BindingKind> {
        let last = self.outline.dynamic.len().checked_sub(1)?;
        Some(BindingKind::Dynamic(u32::try_from(last).ok()?))
    }

    /// Performs the bindings of an assignment's target.
    pub(super) fn store(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => self.bind(name.range.start().to_u32()),
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for element in elts {
                    self.store(element);
                }
            }
            Expr::Starred(starred) => self.store(&starred.value),
            Expr::Attribute(attribute) => {
                if matches!(attribute.attr.as_str(), "__dict__" | "__init__" | "__new__" | "__class__") {
                    self.may_lose_anything(&attribute.value);
                }
                if let Expr::Name(object) = &*attribute.value
                    && self.is_receiver(object.id.as_str())
                {
                    self.receiver_attribute(attribute.attr.as_str());
                    if source_of(self.watch, object.id.as_str(), attribute.attr.as_str()).is_some() {
                        self.bind(attribute.attr.range.start().to_u32());
                    }
                    return;
                }
                self.chain_or_value(target, Role::Store);
            }
            other => self.value(other),
        }
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => {
                // What is not bound cannot be deleted.
                if let Found::Bound(roots) = self.lookup(name.id.as_str()) {
                    self.counts(&roots);
                }
                self.bind(name.range.start().to_u32());
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for element in elts {
                    self.delete(element);
                }
            }
            Expr::Attribute(attribute) => {
                self.outline.deleted.insert(attribute.attr.as_str().into());
                self.bind(attribute.attr.range.start().to_u32());
                self.value(&attribute.value);
            }
            other => {
                if let Expr::Subscript(subscript) = other
                    && let Some(object) = self.dictionary_owner(&subscript.value)
                {
                    match &*subscript.slice {
                        Expr::StringLiteral(key) => _ = self.outline.deleted.insert(key.value.to_str().into()),
                        _ => self.may_lose_anything(object),
                    }
                }
                self.value(other);
            }
        }
    }

    pub(super) fn pattern(&mut self, pattern: &'a ast::Pattern) {
        match pattern {
            ast::Pattern::MatchValue(value) => self.test(&value.value),
            ast::Pattern::MatchSingleton(_) => {}
            ast::Pattern::MatchSequence(sequence) => {
                sequence.patterns.iter().for_each(|pattern| self.pattern(pattern));
            }
            ast::Pattern::MatchMapping(mapping) => {
                mapping.keys.iter().for_each(|key| self.test(key));
                mapping.patterns.iter().for_each(|pattern| self.pattern(pattern));
                mapping.rest.iter().for_each(|rest| self.bind(rest.range.start().to_u32()));
            }
            ast::Pattern::MatchClass(class) => {
                self.test(&class.cls);
                class.arguments.patterns.iter().for_each(|pattern| self.pattern(pattern));
                class.arguments.keywords.iter().for_each(|keyword| self.pattern(&keyword.pattern));
            }
            ast::Pattern::MatchStar(star) => {
                star.name.iter().for_each(|name| self.bind(name.range.start().to_u32()));
            }
            ast::Pattern::MatchAs(capture) => {
                capture.pattern.iter().for_each(|pattern| self.pattern(pattern));
                capture.name.iter().for_each(|name| self.bind(name.range.start().to_u32()));
            }
            ast::Pattern::MatchOr(or) => or.patterns.iter().for_each(|pattern| self.pattern(pattern)),
        }
    }

    /// Learns `__all__` where it is a plain list of texts.
    fn read_public(&mut self, assign: &ast::StmtAssign) {
        let [Expr::Name(name)] = &*assign.targets else { return };
        if name.id.as_str() != "__all__" || self.frames.len() != 1 {
            return;
        }
        let public = self.outline.public.get_or_insert_default();
        collect_texts(&assign.value, public);
    }

    /// Learns `__all__ += […]`.
    pub(super) fn read_extension(&mut self, assign: &ast::StmtAugAssign) {
        if self.frames.len() == 1 && matches!(&*assign.target, Expr::Name(name) if name.id.as_str() == "__all__") {
            self.extend_public(&assign.value);
        }
    }

    /// Learns what `__all__.append(…)` and `__all__.extend(…)` add.
    pub(super) fn extend_public(&mut self, value: &Expr) {
        collect_texts(value, self.outline.public.get_or_insert_default());
    }

    /// Notes that a name is read. What has read it may run before the import itself has been seen.
    pub(super) fn counts(&mut self, roots: &[BindingId]) {
        for &root in roots {
            if let Some(Binding { kind: BindingKind::Import(..), .. }) = self.tables.bindings.get(root as usize) {
                *self.reads.entry(root).or_default() += 1;
            }
        }
    }

    /// Tells the imports how often their names are read.
    pub(super) fn settle_reads(&mut self) {
        for (binding, reads) in std::mem::take(&mut self.reads) {
            if let Some(&Binding { kind: BindingKind::Import(import, member), .. }) =
                self.tables.bindings.get(binding as usize)
                && let Some(import) = self.outline.imports.get_mut(import as usize)
                && let Some(member) = import.members.get_mut(member as usize)
            {
                member.reads += reads;
            }
        }
    }
}

fn collect_texts(value: &Expr, texts: &mut std::collections::BTreeSet<Box<str>>) {
    match value {
        Expr::StringLiteral(text) => {
            texts.insert(text.value.to_str().into());
        }
        Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) => {
            for element in elts {
                collect_texts(element, texts);
            }
        }
        Expr::BinOp(operation) => {
            collect_texts(&operation.left, texts);
            collect_texts(&operation.right, texts);
        }
        Expr::Starred(starred) => collect_texts(&starred.value, texts),
        _ => {}
    }
}
