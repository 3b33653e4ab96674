//! Classes and functions: signatures, and whether objects of a class always have an attribute.

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_python_ast::Stmt;
use ruff_text_size::TextRange;

use crate::language::Watch;
use crate::outline::Attribute;
use crate::outline::Base;
use crate::outline::Class;
use crate::outline::Definition;
use crate::outline::DefinitionId;
use crate::outline::DefinitionKind;
use crate::outline::Init;
use crate::outline::Parameter;
use crate::outline::Role;
use crate::outline::Signature;

use super::chain::Chain;
use super::chain::parts;
use super::flow::Flow;
use super::scopes::BASE_INIT;
use super::scopes::ScopeKind;
use super::scopes::UNBOUND;

/// Decorators that write an initialiser from annotated fields.
const DATACLASSES: [&str; 12] = [
    "dataclasses.dataclass",
    "pydantic.dataclasses.dataclass",
    "attr.s",
    "attr.attrs",
    "attr.define",
    "attr.mutable",
    "attr.frozen",
    "attr.dataclass",
    "attrs.define",
    "attrs.mutable",
    "attrs.frozen",
    "msgspec.Struct",
];

/// Bases whose initialiser sets annotated fields.
const FIELD_BASES: [&str; 6] = [
    "pydantic.BaseModel",
    "pydantic_settings.BaseSettings",
    "pydantic.BaseSettings",
    "sqlmodel.SQLModel",
    "typing.NamedTuple",
    "msgspec.Struct",
];

/// Bases without an initialiser of their own.
const PLAIN_BASES: [&str; 5] =
    ["abc.ABC", "typing.Generic", "typing.Protocol", "enum.Enum", "typing_extensions.Protocol"];

/// Decorators that leave it to the function to do its work.
const PLAIN_DECORATORS: [&str; 14] = [
    "abc.abstractmethod",
    "typing.override",
    "typing.no_type_check",
    "typing_extensions.override",
    "typing_extensions.deprecated",
    "warnings.deprecated",
    "pydantic.validate_call",
    "pydantic.validate_arguments",
    "beartype.beartype",
    "typeguard.typechecked",
    "injector.inject",
    "dependency_injector.wiring.inject",
    "deprecated.deprecated",
    "torch.no_grad",
];

/// What is known of an `__init__` while it runs.
#[derive(Debug)]
pub(super) struct InitTrack<'a> {
    class: DefinitionId,
    pub(super) receiver: &'a str,
    init: Init,
    sources: Vec<&'a str>,
    set: Vec<bool>,
    leaked: Vec<bool>,
    base_before: Vec<bool>,
}

impl<'a> InitTrack<'a> {
    pub(super) fn new(class: DefinitionId, receiver: &'a str, watch: &'a Watch) -> Self {
        let sources: Vec<&str> = attribute_sources(watch).collect();
        let count = sources.len();
        Self {
            class,
            receiver,
            init: Init { calls_base: true, ..Init::default() },
            sources,
            set: vec![true; count],
            leaked: vec![false; count],
            base_before: vec![false; count],
        }
    }
}

/// The configured sources that are attributes.
pub(super) fn attribute_sources(watch: &Watch) -> impl Iterator<Item = &str> {
    watch.sources.iter().map(String::as_str).filter(|source| source.contains('.'))
}

impl<'a> Flow<'a> {
    pub(super) fn define_function(&mut self, function: &ast::StmtFunctionDef) -> DefinitionId {
        let signature = function.decorator_list.is_empty().then(|| Box::new(signature(function)));
        let mut decorators = function.decorator_list.iter().map(|decorator| match &decorator.expression {
            Expr::Call(call) => self.imported_name(&call.func),
            other => self.imported_name(other),
        });
        if decorators.all(|name| name.is_some_and(|name| PLAIN_DECORATORS.contains(&name.as_str()))) {
            self.plain_inits.insert(function.name.range.start().to_u32());
        }
        self.define(function.name.as_str(), DefinitionKind::Function(signature))
    }

    fn define(&mut self, name: &str, kind: DefinitionKind) -> DefinitionId {
        let id = DefinitionId::try_from(self.outline.definitions.len()).unwrap_or(DefinitionId::MAX);
        let scope = self.scope();
        self.outline.definitions.push(Definition { name: name.into(), scope, kind });
        id
    }

    pub(super) fn define_class(&mut self, class: &'a ast::StmtClassDef) -> DefinitionId {
        let mut facts = Class::default();
        for decorator in &class.decorator_list {
            let (callee, call) = match &decorator.expression {
                Expr::Call(call) => (&*call.func, Some(call)),
                other => (other, None),
            };
            let name = self.imported_name(callee);
            if name.is_some_and(|name| DATACLASSES.contains(&name.as_str())) {
                facts.generated_init = !call.is_some_and(|call| has_false(call, "init"));
            }
        }
        let id = self.define(class.name.as_str(), DefinitionKind::Class(Box::default()));
        if let Some(arguments) = &class.arguments {
            for base in &arguments.args {
                let base = self.base(base, id);
                facts.bases.push(base);
            }
            for keyword in &arguments.keywords {
                self.value(&keyword.value);
            }
        }
        facts.generated_init |= facts.bases.contains(&Base::Fields);
        if let Some(definition) = self.outline.definitions.get_mut(id as usize) {
            definition.kind = DefinitionKind::Class(Box::new(facts));
        }
        id
    }

    fn base(&mut self, base: &'a Expr, class: DefinitionId) -> Base {
        let plain = match base {
            Expr::Subscript(subscript) => &*subscript.value,
            other => other,
        };
        let name = self.imported_name(plain);
        let kind = match (plain, name.as_deref()) {
            (_, Some(name)) if FIELD_BASES.contains(&name) => Some(Base::Fields),
            (_, Some(name)) if PLAIN_BASES.contains(&name) => Some(Base::Plain),
            (Expr::Name(name), _) if name.id.as_str() == "object" && self.is_free("object") => Some(Base::Plain),
            _ => None,
        };
        if let Expr::Subscript(subscript) = base {
            self.annotation(&subscript.slice);
        }
        let chain = if parts(plain).is_some() {
            self.chain(plain, Role::Base(class))
        } else {
            self.value(plain);
            Chain::Other
        };
        match (kind, chain) {
            (Some(kind), _) => kind,
            (None, Chain::Reference(id)) => Base::Reference(id),
            (None, _) => Base::Unknown,
        }
    }

    /// What the class body, which has just run, gives its objects.
    pub(super) fn finish_class(&mut self, id: DefinitionId, class: &ast::StmtClassDef) {
        let mut attributes: Vec<Attribute> = attribute_sources(self.watch).map(|_| Attribute::default()).collect();
        for (attribute, source) in attributes.iter_mut().zip(attribute_sources(self.watch)) {
            let Some((receiver, name)) = source.split_once('.') else { continue };
            let mut values = Vec::new();
            for stmt in &class.body {
                read_class_statement(stmt, name, receiver, attribute, &mut values);
            }
            let bound = self.pseudo(name).map(|set| self.sets.get(set));
            attribute.in_class = bound.is_some_and(|bound| bound.iter().all(|&b| values.contains(&self.offset(b))));
        }
        let init = self.own_init();
        if let OwnInit::Function(offset) = init {
            self.inits.insert(id, offset);
        }
        let intercepts = self.defines(&["__setattr__", "__getattribute__", "__delattr__"]);
        let creates = self.defines(&["__new__"]) && !class.body.iter().any(is_plain_new);
        let Some(definition) = self.outline.definitions.get_mut(id as usize) else { return };
        let DefinitionKind::Class(facts) = &mut definition.kind else { return };
        facts.attributes = attributes;
        facts.intercepts |= intercepts;
        facts.creates = creates;
        if init != OwnInit::None {
            // A decorator leaves an initialiser that is there already alone.
            facts.generated_init = facts.bases.contains(&Base::Fields);
            // Until it has run, and where it is not known, it does nothing that helps.
            facts.init = Some(Init { calls_base: false, leaks_before_base: true, leaks: true });
        }
    }

    fn own_init(&self) -> OwnInit {
        match self.pseudo("__init__").map(|set| self.sets.get(set)) {
            None if self.defines(&["__init__"]) => OwnInit::Unknown,
            None | Some([UNBOUND]) => OwnInit::None,
            Some(&[only]) if self.plain_inits.contains(&self.offset(only)) => OwnInit::Function(self.offset(only)),
            Some(_) => OwnInit::Unknown,
        }
    }

    /// Whether the running class binds one of these names.
    fn defines(&self, names: &[&str]) -> bool {
        let table = self.frames.last().and_then(|frame| self.tables.scopes.get(frame.scope as usize));
        table.is_some_and(|table| names.iter().any(|name| table.names.contains_key(name)))
    }

    pub(super) fn is_receiver(&self, name: &str) -> bool {
        self.init.as_ref().is_some_and(|init| init.receiver == name)
    }

    /// Notes what reading `name.attribute…` in an initialiser may let others see.
    pub(super) fn watch_receiver(&mut self, name: &str, attributes: &[&str], role: &Role) {
        if !self.is_receiver(name) {
            return;
        }
        match attributes.first() {
            None => self.leak(),
            Some(attribute) => {
                if attributes.len() == 1 && matches!(role, Role::Called(_)) {
                    self.leak();
                }
                self.receiver_attribute(attribute);
            }
        }
    }

    /// Reading or setting an attribute that the class defines as a method or property runs or hands out code.
    pub(super) fn receiver_attribute(&mut self, attribute: &str) {
        if self.init.is_none() {
            return;
        }
        let Some(frame) = self.frames.iter().rev().find(|frame| {
            self.tables.scopes.get(frame.scope as usize).is_some_and(|table| table.kind == ScopeKind::Class)
        }) else {
            return;
        };
        let defined =
            self.tables.scopes.get(frame.scope as usize).is_some_and(|table| table.methods.contains(attribute));
        if defined {
            self.leak();
        }
    }

    /// A nested function that mentions the object may hand it out.
    pub(super) fn leak_if_mentioned(&mut self, range: TextRange) {
        let Some(init) = &self.init else { return };
        let text = self.source.slice(Self::span(range));
        let receiver = init.receiver;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mentioned = text.match_indices(receiver).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + receiver.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        });
        if mentioned {
            self.leak();
        }
    }

    fn leak(&mut self) {
        let Some(mut init) = self.init.take() else { return };
        init.init.leaks = true;
        if self.pseudo(BASE_INIT).is_none_or(|set| self.sets.may_be_unbound(set)) {
            init.init.leaks_before_base = true;
        }
        for (source, leaked) in init.sources.iter().zip(&mut init.leaked) {
            *leaked |= self.pseudo(source).is_none_or(|set| self.sets.may_be_unbound(set));
        }
        self.init = Some(init);
    }

    /// `super().__init__(…)`, `super(C, self).__init__(…)`, `Base.__init__(self, …)`.
    pub(super) fn runs_base_init(&mut self, call: &'a ast::ExprCall) -> bool {
        let Some(init) = &self.init else { return false };
        let Expr::Attribute(method) = &*call.func else { return false };
        if method.attr.as_str() != "__init__" {
            return false;
        }
        let mut skip = 0;
        match &*method.value {
            Expr::Call(inner) if matches!(&*inner.func, Expr::Name(name) if name.id.as_str() == "super") => {}
            base if parts(base).is_some()
                && matches!(call.arguments.args.first(), Some(Expr::Name(name)) if name.id.as_str() == init.receiver) =>
            {
                skip = 1;
                self.chain(base, Role::Test);
            }
            _ => return false,
        }
        for argument in call.arguments.args.iter().skip(skip) {
            self.value(argument);
        }
        for keyword in &call.arguments.keywords {
            self.value(&keyword.value);
        }
        if let Some(mut init) = self.init.take() {
            for (source, before) in init.sources.iter().zip(&mut init.base_before) {
                *before |= self.pseudo(source).is_none_or(|set| self.sets.may_be_unbound(set));
            }
            self.init = Some(init);
        }
        self.base_has_run();
        true
    }

    /// Notes what an initialiser has done when it returns.
    pub(super) fn leave_init(&mut self) {
        if !self.is_live() || self.frames.last().is_none_or(|frame| frame.since.is_some()) {
            return;
        }
        let Some(mut init) = self.init.take() else { return };
        init.init.calls_base &= self.pseudo(BASE_INIT).is_some_and(|set| !self.sets.may_be_unbound(set));
        for (source, set) in init.sources.iter().zip(&mut init.set) {
            *set &= self.pseudo(source).is_some_and(|set| !self.sets.may_be_unbound(set));
        }
        self.init = Some(init);
    }

    pub(super) fn finish_init(&mut self) {
        let Some(init) = self.init.take() else { return };
        let Some(definition) = self.outline.definitions.get_mut(init.class as usize) else { return };
        let DefinitionKind::Class(class) = &mut definition.kind else { return };
        for (index, attribute) in class.attributes.iter_mut().enumerate() {
            attribute.set_by_init = init.set.get(index).copied().unwrap_or(false);
            attribute.leaked_before = init.leaked.get(index).copied().unwrap_or(true);
            attribute.base_before = init.base_before.get(index).copied().unwrap_or(true);
        }
        class.init = Some(init.init);
    }
}

/// The initialiser that a class body leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnInit {
    /// None of its own.
    None,
    /// The function whose name stands here.
    Function(u32),
    /// Perhaps one, or one that is not seen.
    Unknown,
}

/// Whether a statement is a `__new__` that makes the object, and calls nothing that could see it.
fn is_plain_new(stmt: &Stmt) -> bool {
    struct Calls(bool);
    impl<'a> ast::visitor::Visitor<'a> for Calls {
        fn visit_expr(&mut self, expr: &'a Expr) {
            if let Expr::Call(call) = expr {
                self.0 |= match &*call.func {
                    Expr::Name(name) => {
                        !matches!(name.id.as_str(), "super" | "isinstance" | "hasattr" | "len" | "type")
                    }
                    Expr::Attribute(attribute) => attribute.attr.as_str() != "__new__",
                    _ => true,
                };
            }
            ast::visitor::walk_expr(self, expr);
        }
    }
    let Stmt::FunctionDef(function) = stmt else { return false };
    let mut calls = Calls(false);
    ast::visitor::walk_body(&mut calls, &function.body);
    let only_static = function
        .decorator_list
        .iter()
        .all(|decorator| matches!(&decorator.expression, Expr::Name(name) if name.id.as_str() == "staticmethod"));
    function.name.as_str() == "__new__" && only_static && !calls.0
}

/// Reads from a statement of a class body what it says of an attribute; adds where it gives it a value.
fn read_class_statement(stmt: &Stmt, name: &str, receiver: &str, attribute: &mut Attribute, values: &mut Vec<u32>) {
    match stmt {
        Stmt::Assign(assign) => {
            let targets = assign.targets.iter().filter_map(Expr::as_name_expr);
            let named = targets.filter(|target| target.id.as_str() == name);
            values.extend(named.map(|target| target.range.start().to_u32()));
        }
        Stmt::AnnAssign(assign) => {
            let Expr::Name(target) = &*assign.target else { return };
            if target.id.as_str() != name {
                return;
            }
            let is_init_only = mentions(&assign.annotation, "InitVar");
            let is_class_var = mentions(&assign.annotation, "ClassVar");
            match &assign.value {
                Some(value) => match field_call(value) {
                    Some(call) if has_false(call, "init") && !has_default(call) => {}
                    Some(_) => attribute.field = !is_init_only,
                    None => {
                        values.push(target.range.start().to_u32());
                        attribute.field = !is_init_only;
                    }
                },
                None => attribute.field = !is_init_only && !is_class_var,
            }
        }
        Stmt::FunctionDef(def) if def.name.as_str() == name => {
            let is_property = def.decorator_list.iter().any(|decorator| {
                let chain = parts(&decorator.expression);
                let tail = chain.map(|(name, attributes)| attributes.last().copied().unwrap_or(name));
                matches!(tail, Some("property" | "cached_property"))
            });
            // A property that calls the object's methods might come back to the call that reads it.
            let adds_to_it = def.decorator_list.iter().any(|decorator| {
                let chain = parts(&decorator.expression);
                chain
                    .is_some_and(|(object, attributes)| object == name && matches!(*attributes, ["setter" | "deleter"]))
            });
            if (is_property && !calls_receiver(&def.body, receiver)) || (adds_to_it && !values.is_empty()) {
                values.push(def.name.range.start().to_u32());
            }
        }
        _ => {}
    }
}

fn mentions(annotation: &Expr, name: &str) -> bool {
    match annotation {
        Expr::Name(found) => found.id.as_str() == name,
        Expr::Attribute(found) => found.attr.as_str() == name,
        Expr::Subscript(subscript) => mentions(&subscript.value, name),
        Expr::StringLiteral(text) => text.value.to_str().contains(name),
        _ => false,
    }
}

/// `field(…)`, `Field(…)`, `attr.ib(…)`: a field's description rather than a value.
fn field_call(value: &Expr) -> Option<&ast::ExprCall> {
    let Expr::Call(call) = value else { return None };
    let (name, attributes) = parts(&call.func)?;
    let tail = attributes.last().copied().unwrap_or(name);
    matches!(tail, "field" | "Field" | "ib" | "attrib" | "PrivateAttr").then_some(call)
}

fn has_false(call: &ast::ExprCall, name: &str) -> bool {
    let value = call.arguments.find_keyword(name).map(|keyword| &keyword.value);
    matches!(value, Some(Expr::BooleanLiteral(literal)) if !literal.value)
}

fn has_default(call: &ast::ExprCall) -> bool {
    ["default", "default_factory", "factory"].iter().any(|name| call.arguments.find_keyword(name).is_some())
}

/// Whether a body calls a method of the object, or hands the object to a call.
fn calls_receiver(body: &[Stmt], receiver: &str) -> bool {
    struct Calls<'r>(&'r str, bool);
    impl<'a> ast::visitor::Visitor<'a> for Calls<'_> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            if let Expr::Call(call) = expr {
                let is_receiver = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id.as_str() == self.0);
                let method =
                    parts(&call.func).is_some_and(|(name, attributes)| name == self.0 && !attributes.is_empty());
                if method || call.arguments.args.iter().any(is_receiver) {
                    self.1 = true;
                }
            }
            ast::visitor::walk_expr(self, expr);
        }
    }
    let mut calls = Calls(receiver, false);
    ast::visitor::walk_body(&mut calls, body);
    calls.1
}

fn signature(function: &ast::StmtFunctionDef) -> Signature {
    let parameters = &function.parameters;
    let read = |list: &[ast::ParameterWithDefault]| {
        let parameter = |parameter: &ast::ParameterWithDefault| Parameter {
            name: parameter.parameter.name.as_str().into(),
            optional: parameter.default.is_some(),
            kind: None,
        };
        list.iter().map(parameter).collect::<Vec<_>>()
    };
    Signature {
        is_async: function.is_async,
        positional_only: read(&parameters.posonlyargs),
        regular: read(&parameters.args),
        keyword_only: read(&parameters.kwonlyargs),
        rest: parameters.vararg.is_some(),
        keywords: parameters.kwarg.is_some(),
        ..Signature::default()
    }
}
