//! Classes: whether their objects always have an attribute, and who may see them before they do.

use std::borrow::Cow;

use oxc_ast::ast::ArrowFunctionExpression;
use oxc_ast::ast::AssignmentExpression;
use oxc_ast::ast::AssignmentTarget;
use oxc_ast::ast::CallExpression;
use oxc_ast::ast::Class;
use oxc_ast::ast::ClassElement;
use oxc_ast::ast::Expression;
use oxc_ast::ast::Function;
use oxc_ast::ast::MethodDefinition;
use oxc_ast::ast::MethodDefinitionKind;
use oxc_ast::ast::PropertyDefinition;
use oxc_ast::ast::PropertyKey;
use oxc_ast::ast::ThisExpression;
use oxc_ast::ast::ThrowStatement;
use oxc_ast_visit::Visit;
use oxc_ast_visit::walk;
use oxc_span::GetSpan;
use oxc_syntax::scope::ScopeFlags;

use crate::language::sets::SetId;
use crate::outline::Attribute;
use crate::outline::Base;
use crate::outline::BindingId;
use crate::outline::Definition;
use crate::outline::DefinitionId;
use crate::outline::DefinitionKind;
use crate::outline::Init;
use crate::outline::Role;

use super::chain;
use super::chain::Root;
use super::flow::Flow;
use super::flow::Frame;
use super::flow::This;

/// Classes of the language and of Node that show their objects to nobody while they make them.
const PLAIN_BASES: [&str; 17] = [
    "Object",
    "Error",
    "TypeError",
    "RangeError",
    "Array",
    "Map",
    "Set",
    "Promise",
    "EventTarget",
    "EventEmitter",
    "HTMLElement",
    "Component",
    "PureComponent",
    "React.Component",
    "React.PureComponent",
    "Readable",
    "Transform",
];

/// What is known of the construction of an object while it runs.
#[derive(Clone, Debug)]
pub(super) struct InitTrack {
    pub(super) class: DefinitionId,
    pub(super) has_base: bool,
    /// Up to where `this` is not there yet: the end of the last `super(…)`.
    since: u32,
    /// How many functions run while the object is made by the class's own code.
    depth: usize,
    /// Methods and accessors: reading one may run code that sees the object.
    methods: Vec<Box<str>>,
    leaks: bool,
    creates: bool,
    set: Vec<bool>,
    leaked: Vec<bool>,
}

impl InitTrack {
    /// Whether a base may not have made the object yet, in a statement that starts here.
    pub(super) fn is_before(&self, statement: u32) -> bool {
        statement < self.since
    }

    /// Whether the code that makes the object runs now, with this many functions around.
    pub(super) fn is_running(&self, frames: usize) -> bool {
        frames == self.depth
    }
}

impl<'a> Flow<'a, '_> {
    pub(super) fn define(&mut self, name: &str, kind: DefinitionKind) -> DefinitionId {
        let id = DefinitionId::try_from(self.outline.definitions.len()).unwrap_or(DefinitionId::MAX);
        let scope = u32::try_from(self.scope().index()).unwrap_or(0);
        self.outline.definitions.push(Definition { name: name.into(), scope, kind });
        id
    }

    /// Lowers a class, and runs its parts.
    pub(super) fn class(&mut self, class: &Class<'a>, given: Option<&str>) -> DefinitionId {
        let name = class.id.as_ref().map(|id| id.name.as_str()).or(given).unwrap_or("class");
        self.visit_decorators(&class.decorators);
        let id = self.define(name, DefinitionKind::Class(Box::default()));
        self.enter_scope(ScopeFlags::StrictMode, &class.scope_id);
        class.type_parameters.iter().for_each(|types| self.visit_ts_type_parameter_declaration(types));
        let mut facts = crate::outline::Class::default();
        if let Some(heritage) = &class.heritage {
            let base = self.base(&heritage.expression, id);
            facts.bases.push(base);
            heritage.type_arguments.iter().for_each(|types| self.visit_ts_type_parameter_instantiation(types));
        }
        self.visit_ts_class_implements_list(&class.implements);
        self.definition.push(name.into());
        let outer_init = self.init.take();
        let constructor = self.members(class, id);
        self.construct(class, constructor, id, &mut facts);
        self.init = outer_init;
        self.definition.pop();
        self.leave_scope();
        if let Some(definition) = self.outline.definitions.get_mut(id as usize) {
            definition.kind = DefinitionKind::Class(Box::new(facts));
        }
        id
    }

    fn base(&mut self, base: &Expression<'a>, class: DefinitionId) -> Base {
        let span = base.span();
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        let is_plain = PLAIN_BASES.contains(&text);
        if !matches!(chain::parts(base), Some((Root::Name(_) | Root::Request(..), _))) {
            self.value(base);
            return Base::Unknown;
        }
        match self.reference(base, Role::Base(class)) {
            // A name of the project's own means its own class.
            Some(id) if !is_plain || self.is_own(id) => Base::Reference(id),
            _ if is_plain => Base::Plain,
            _ => Base::Unknown,
        }
    }

    /// Whether a reference leads to a class of this file, or of a file beside it.
    fn is_own(&self, reference: u32) -> bool {
        let Some(reference) = self.outline.references.get(reference as usize) else { return false };
        reference.roots.iter().any(|&root| {
            match self.outline.bindings.get(root as usize).map(|binding| &binding.kind) {
                Some(crate::outline::BindingKind::Import(import, _)) => {
                    self.outline.imports.get(*import as usize).is_some_and(|import| import.module.starts_with('.'))
                }
                _ => true,
            }
        })
    }

    /// Runs all members but those that make an object; gives the constructor.
    fn members<'c>(&mut self, class: &'c Class<'a>, id: DefinitionId) -> Option<&'c MethodDefinition<'a>> {
        let mut constructor = None;
        for element in &class.body.body {
            match element {
                ClassElement::MethodDefinition(method) if method.kind == MethodDefinitionKind::Constructor => {
                    self.visit_decorators(&method.decorators);
                    if method.value.body.is_some() {
                        constructor = Some(&**method);
                    }
                }
                ClassElement::MethodDefinition(method) => self.method(method, id),
                ClassElement::PropertyDefinition(property) if property.r#static => {
                    self.visit_decorators(&property.decorators);
                    self.key(&property.key, property.computed);
                    self.property_types(property);
                    let frame = class_frame(class, This::Other);
                    if let Some(value) = &property.value {
                        // It runs with the class itself, but is `this` of nobody.
                        let frame = Frame { since: u32::MAX, ..frame };
                        self.in_function(frame, |flow| flow.value(value));
                    }
                }
                ClassElement::AccessorProperty(property) if property.r#static => {
                    property.value.iter().for_each(|value| self.value(value));
                }
                ClassElement::StaticBlock(block) => self.visit_static_block(block),
                // Decorators and computed names run with the class, and not for an object.
                ClassElement::PropertyDefinition(property) => {
                    self.visit_decorators(&property.decorators);
                    self.key(&property.key, property.computed);
                }
                ClassElement::AccessorProperty(property) => {
                    self.visit_decorators(&property.decorators);
                    self.key(&property.key, property.computed);
                }
                ClassElement::TSIndexSignature(_) => {}
            }
        }
        constructor
    }

    fn method(&mut self, method: &MethodDefinition<'a>, class: DefinitionId) {
        self.visit_decorators(&method.decorators);
        self.key(&method.key, method.computed);
        let name = key_name(&method.key);
        let this = if method.r#static || self.may_lose_this(method, &name) { This::Other } else { This::Object(class) };
        let name = match method.kind {
            MethodDefinitionKind::Get => Cow::Owned(format!("get {name}")),
            _ => name,
        };
        self.statement = Self::span(method.span);
        let end = method.value.body.as_ref().map_or(method.span.end, |body| body.span.start);
        self.statement.end = end;
        self.function_body(&method.value, this, Some(&name));
    }

    /// Whether a method may run without its object: somebody takes it from there, and so far it does well without.
    fn may_lose_this(&self, method: &MethodDefinition<'a>, name: &str) -> bool {
        let is_taken = self.survey.taken.get(name).is_some_and(|&times| times > 0);
        let body = method.value.body.as_ref().filter(|_| is_taken && method.kind == MethodDefinitionKind::Method);
        body.is_some_and(|body| {
            let mut uses = ThisUses(false);
            uses.visit_function_body(body);
            !uses.0
        })
    }

    fn key(&mut self, key: &PropertyKey<'a>, computed: bool) {
        if computed {
            self.visit_property_key(key);
        }
    }

    fn property_types(&mut self, property: &PropertyDefinition<'a>) {
        property.type_annotation.iter().for_each(|types| self.visit_ts_type_annotation(types));
        self.statement = Self::span(property.span);
    }

    /// Runs what makes an object: the fields, then the constructor.
    fn construct(
        &mut self,
        class: &Class<'a>,
        constructor: Option<&MethodDefinition<'a>>,
        id: DefinitionId,
        facts: &mut crate::outline::Class,
    ) {
        let sources: Vec<&str> = attribute_sources(self.watch).collect();
        let methods = class.body.body.iter().filter_map(|element| match element {
            ClassElement::MethodDefinition(method) if method.kind != MethodDefinitionKind::Constructor => {
                Some(Box::from(key_name(&method.key).as_ref()))
            }
            _ => None,
        });
        let depth = self.frames.len() + 1;
        let track = InitTrack {
            class: id,
            has_base: class.heritage.is_some(),
            since: 0,
            depth,
            methods: methods.collect(),
            leaks: false,
            creates: false,
            set: vec![true; sources.len()],
            leaked: vec![false; sources.len()],
        };
        self.init = Some(track);
        let frame = class_frame(class, This::Object(id));
        let mut fields = false;
        self.in_function(frame, |flow| {
            for element in &class.body.body {
                fields |= flow.field(element);
            }
            let Some(constructor) = constructor else { return };
            if let Some(init) = &mut flow.init {
                init.depth += 1;
                init.since = last_super(constructor);
            }
            flow.statement = Self::span(constructor.span);
            flow.constructor(&constructor.value, id);
        });
        let Some(init) = self.init.take() else { return };
        let has_own = constructor.is_some() || fields || init.leaks;
        // A field that is declared again without a value takes away what the base has set.
        facts.intercepts = class.heritage.is_some() && redeclares(class, &sources, &init.set);
        facts.creates = init.creates;
        if has_own {
            facts.init = Some(Init { calls_base: true, leaks_before_base: false, leaks: init.leaks });
        }
        facts.attributes = sources
            .iter()
            .enumerate()
            .map(|(index, source)| Attribute {
                in_class: has_getter(class, source),
                field: false,
                set_by_init: has_own && init.set.get(index).copied().unwrap_or(false),
                leaked_before: init.leaked.get(index).copied().unwrap_or(true),
                base_before: class.heritage.is_some(),
            })
            .collect();
        if constructor.is_none() {
            // What the fields have set was noted as they were run.
            for (attribute, index) in facts.attributes.iter_mut().zip(0..) {
                attribute.set_by_init = fields && field_sets(class, sources.get(index).copied().unwrap_or_default());
            }
        }
    }

    /// Runs a field's initialiser; gives whether there is one.
    fn field(&mut self, element: &ClassElement<'a>) -> bool {
        let (key, value) = match element {
            ClassElement::PropertyDefinition(property) if !property.r#static => {
                self.property_types(property);
                (&property.key, &property.value)
            }
            ClassElement::AccessorProperty(property) if !property.r#static => (&property.key, &property.value),
            _ => return false,
        };
        let Some(value) = value else { return false };
        let name = key_name(key);
        if chain::is_callable(value) {
            self.quietly(|flow| {
                if flow.named(&name, value).is_none() {
                    flow.value(value);
                }
            });
        } else {
            self.value(value);
        }
        self.set_attribute(&name);
        true
    }

    /// Runs something that mentions the object without showing it to anybody yet.
    fn quietly(&mut self, visit: impl FnOnce(&mut Self)) {
        let init = self.init.take();
        visit(self);
        self.init = init;
    }

    fn constructor(&mut self, function: &Function<'a>, class: DefinitionId) {
        let properties: Vec<Cow<'_, str>> = function
            .params
            .items
            .iter()
            .filter(|parameter| parameter.has_modifier())
            .filter_map(|parameter| parameter.pattern.get_identifier_name().map(|name| Cow::Owned(name.to_string())))
            .collect();
        let frame = Frame {
            scope: function.scope_id.get(),
            since: function.span.start,
            hoisted: false,
            this: This::Object(class),
        };
        self.definition.push("constructor".into());
        self.in_function(frame, |flow| {
            flow.enter_scope(ScopeFlags::Function, &function.scope_id);
            flow.visit_formal_parameters(&function.params);
            for name in &properties {
                flow.set_attribute(name);
            }
            function.body.iter().for_each(|body| flow.visit_function_body(body));
            flow.leave_init(false);
            flow.leave_scope();
        });
        self.definition.pop();
    }

    /// Notes that `this.name` has a value from here on.
    fn set_attribute(&mut self, name: &str) {
        let indices: Vec<usize> = attribute_sources(self.watch)
            .enumerate()
            .filter(|(_, source)| source.split_once('.').is_some_and(|(_, attribute)| attribute == name))
            .map(|(index, _)| index)
            .collect();
        for index in indices {
            if let Some(&slot) = self.attribute_slots.get(index) {
                let set = self.value_set();
                self.assign(slot, set);
            }
        }
    }

    /// The set of some value.
    fn value_set(&mut self) -> SetId {
        self.sets.single(BindingId::MAX)
    }

    /// `this.a.b`
    pub(super) fn read_this(&mut self, attributes: &[Cow<'_, str>], role: &Role) {
        let Some(init) = &self.init else { return };
        match attributes.first() {
            None => self.leak(),
            Some(first) => {
                let is_method = init.methods.iter().any(|method| **method == **first);
                let is_called = attributes.len() == 1 && matches!(role, Role::Called(_));
                if is_method || is_called {
                    self.leak();
                }
            }
        }
    }

    /// `this.name = …`
    pub(super) fn store_this(&mut self, name: &str) {
        if self.init.as_ref().is_some_and(|init| init.methods.iter().any(|method| **method == *name)) {
            self.leak();
        }
        if matches!(self.this(), This::Object(_)) {
            self.set_attribute(name);
        }
    }

    /// `this.method = this.method.bind(this)`, `this.handler = () => …`: nobody sees the object yet. Evaluates the value,
    /// and gives whether it was that.
    pub(super) fn binds_method(&mut self, assignment: &AssignmentExpression<'a>) -> bool {
        if self.init.is_none() {
            return false;
        }
        let on_this = match &assignment.left {
            AssignmentTarget::StaticMemberExpression(member) => matches!(member.object, Expression::ThisExpression(_)),
            _ => false,
        };
        let binds = match chain::plain(&assignment.right) {
            Expression::CallExpression(call) => {
                matches!(chain::parts(&call.callee), Some((Root::This, attributes)) if attributes.last().is_some_and(|last| last == "bind"))
            }
            value => chain::is_callable(value),
        };
        if on_this && binds {
            self.quietly(|flow| flow.value(&assignment.right));
        }
        on_this && binds
    }

    /// A function that mentions the object may hand it out.
    pub(super) fn leak_if_mentioned(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        let text = self.text.get(arrow.span.start as usize..arrow.span.end as usize).unwrap_or_default();
        if self.init.is_some() && text.contains("this") {
            self.leak();
        }
    }

    pub(super) fn leak(&mut self) {
        let unset: Vec<bool> =
            self.attribute_slots.iter().map(|&slot| self.sets.may_be_unbound(self.slot(slot))).collect();
        let Some(init) = &mut self.init else { return };
        init.leaks = true;
        for (leaked, unset) in init.leaked.iter_mut().zip(unset) {
            *leaked |= unset;
        }
    }

    /// Notes what a constructor has done when it is left; `gives` says that it gives back something of its own.
    pub(super) fn leave_init(&mut self, gives: bool) {
        let frames = self.frames.len();
        if !self.is_live() {
            return;
        }
        let unset: Vec<bool> =
            self.attribute_slots.iter().map(|&slot| self.sets.may_be_unbound(self.slot(slot))).collect();
        let Some(init) = self.init.as_mut().filter(|init| init.is_running(frames)) else { return };
        init.creates |= gives;
        for (set, unset) in init.set.iter_mut().zip(unset) {
            *set &= !unset;
        }
    }
}

/// The configured sources that are attributes.
pub(super) fn attribute_sources(watch: &crate::language::Watch) -> impl Iterator<Item = &str> {
    watch.sources.iter().map(String::as_str).filter(|source| source.contains('.'))
}

fn key_name<'e>(key: &'e PropertyKey<'_>) -> Cow<'e, str> {
    match key {
        PropertyKey::PrivateIdentifier(private) => Cow::Owned(format!("#{}", private.name)),
        other => other.static_name().unwrap_or_default(),
    }
}

/// Whether a class has a getter for a source's attribute, one that does not refuse.
fn has_getter(class: &Class<'_>, source: &str) -> bool {
    let Some((_, attribute)) = source.split_once('.') else { return false };
    class.body.body.iter().any(|element| match element {
        ClassElement::MethodDefinition(method) => {
            let is_it = method.kind == MethodDefinitionKind::Get && key_name(&method.key) == attribute;
            is_it && !method.r#static && !throws(&method.value)
        }
        _ => false,
    })
}

fn throws(function: &Function<'_>) -> bool {
    let mut throws = Throws(false);
    function.body.iter().for_each(|body| throws.visit_function_body(body));
    throws.0
}

fn class_frame(class: &Class<'_>, this: This) -> Frame {
    Frame { scope: None, since: class.span.start, hoisted: false, this }
}

/// Whether a class declares a source's attribute without a value, and its constructor does not set it.
fn redeclares(class: &Class<'_>, sources: &[&str], set: &[bool]) -> bool {
    class.body.body.iter().any(|element| {
        let ClassElement::PropertyDefinition(property) = element else { return false };
        let name = key_name(&property.key);
        let index =
            sources.iter().position(|source| source.split_once('.').is_some_and(|(_, attribute)| attribute == name));
        let is_bare = property.value.is_none() && !property.declare && !property.r#static;
        index.is_some_and(|index| is_bare && !set.get(index).copied().unwrap_or(false))
    })
}

fn field_sets(class: &Class<'_>, source: &str) -> bool {
    let Some((_, attribute)) = source.split_once('.') else { return false };
    class.body.body.iter().any(|element| match element {
        ClassElement::PropertyDefinition(property) => {
            !property.r#static && property.value.is_some() && key_name(&property.key) == attribute
        }
        ClassElement::AccessorProperty(property) => {
            !property.r#static && property.value.is_some() && key_name(&property.key) == attribute
        }
        _ => false,
    })
}

/// The end of the last `super(…)` in a constructor; 0 where there is none.
fn last_super(constructor: &MethodDefinition<'_>) -> u32 {
    let mut calls = Supers(0);
    constructor.value.body.iter().for_each(|body| calls.visit_function_body(body));
    calls.0
}

/// Whether code asks for its object.
struct ThisUses(bool);

impl<'a> Visit<'a> for ThisUses {
    fn visit_this_expression(&mut self, _: &ThisExpression) {
        self.0 = true;
    }

    fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}

    fn visit_class(&mut self, _: &Class<'a>) {}
}

/// Whether code throws something by itself.
struct Throws(bool);

impl<'a> Visit<'a> for Throws {
    fn visit_throw_statement(&mut self, _: &ThrowStatement<'a>) {
        self.0 = true;
    }

    fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}
}

struct Supers(u32);

impl<'a> Visit<'a> for Supers {
    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if matches!(it.callee, Expression::Super(_)) {
            self.0 = self.0.max(it.span.end);
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_class(&mut self, _: &Class<'a>) {}
}
