//! Which files that were not outlined must be, because of what they import.

use std::ffi::OsString;
use std::path::Path;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language;
use crate::language::PackedSketch;
use crate::language::hash_name;
use crate::language::hash_star;
use crate::layout::FileId;
use crate::outline::Availability;
use crate::outline::Base;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::DefinitionKind;
use crate::outline::Import;
use crate::outline::Role;
use crate::project::Project;
use crate::resolve::Entity;
use crate::resolve::Known;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::symbol;

/// Names that other files may import from a module, and that matter.
#[derive(Debug, Default)]
struct Exporter {
    names: FxHashSet<u32>,
    /// How many names it had when files were last asked for it.
    asked: usize,
    /// Whether some name does not stand in the text of whoever uses it as an attribute's last part.
    is_renamed: bool,
}

/// What is known so far of the modules that matter.
#[derive(Debug, Default)]
pub(super) struct Interest {
    exporters: FxHashMap<FileId, Exporter>,
    /// Classes whose objects carry the context, in a way that a subclass can undo.
    carriers: FxHashSet<(FileId, u32)>,
    /// Files whose exports were followed already.
    followed: FxHashSet<FileId>,
    /// Files that were outlined after others had been followed.
    late: Vec<FileId>,
    known: Known,
    /// Other names that modules are known by: hashes of names, and the files.
    aliases: FxHashSet<(u32, FileId)>,
    /// Modules that hand on all that others do: who, and whose.
    stars: FxHashSet<(FileId, FileId)>,
    /// Whether files are looked at only where names lead to them: then nobody leaves a sketch.
    is_lazy: bool,
}

impl Interest {
    /// Nothing is known yet.
    pub(super) fn new(is_lazy: bool) -> Self {
        Self { is_lazy, ..Self::default() }
    }

    /// The files that import something that matters, and have not been outlined.
    ///
    /// Follows what was outlined since the last call; where that leads nowhere, follows once more all that leans on it,
    /// since it may have given earlier files a meaning.
    pub(super) fn wanted(&mut self, project: &Project, rules: &[Rule]) -> Vec<FileId> {
        let wanted = self.follow(project, rules);
        if !wanted.is_empty() || self.late.is_empty() {
            return wanted;
        }
        for id in self.known.leaning_on(&self.late) {
            self.followed.remove(&id);
        }
        let wanted = self.follow(project, rules);
        self.late.clear();
        wanted
    }

    /// Forgets what was followed: the project has got further files.
    pub(super) fn start_again(&mut self) {
        self.followed.clear();
        self.late.clear();
        self.known = Known::default();
    }

    /// What was learned on the way.
    pub(super) fn take_known(&mut self) -> Known {
        std::mem::take(&mut self.known)
    }

    /// What tells of any file whether it imports something that matters.
    pub(super) fn into_index(self, project: &Project) -> Index {
        let all: FxHashSet<FileId> = self.exporters.keys().copied().collect();
        let (by_tail, packages) = self.places(project, &all);
        Index { exporters: self.exporters, by_tail: Tails::of(by_tail), packages }
    }

    /// Gives modules that import others with a star the names of those, whatever they are called there.
    fn hand_on(&mut self, project: &Project) {
        let default = hash_name(b"default");
        let brings_default = |id: FileId| {
            let language = project.file(id).and_then(|file| language::by_id(file.language));
            language.is_none_or(|language| language.is_starred("default"))
        };
        let mut changed = true;
        while changed {
            changed = false;
            for &(module, origin) in &self.stars {
                let Some(origin) = self.exporters.get(&origin) else { continue };
                let all = brings_default(module);
                let names: Vec<u32> = origin.names.iter().copied().filter(|&name| all || name != default).collect();
                let is_renamed = origin.is_renamed;
                if names.is_empty() {
                    continue;
                }
                let exporter = self.exporters.entry(module).or_default();
                let before = (exporter.names.len(), exporter.is_renamed);
                exporter.names.extend(names);
                exporter.is_renamed |= is_renamed;
                changed |= before != (exporter.names.len(), exporter.is_renamed);
            }
        }
    }

    fn follow(&mut self, project: &Project, rules: &[Rule]) -> Vec<FileId> {
        let mut outward = Vec::new();
        self.exporters(project, rules, &mut outward);
        self.hand_on(project);
        let grown = self.exporters.iter_mut().filter(|(_, exporter)| exporter.names.len() > exporter.asked);
        let grown: FxHashSet<FileId> = grown
            .map(|(&id, exporter)| {
                exporter.asked = exporter.names.len();
                id
            })
            .collect();
        if grown.is_empty() {
            outward.sort_unstable();
            outward.dedup();
            return outward;
        }
        let (by_tail, packages) = self.places(project, &grown);
        let index = Index { exporters: std::mem::take(&mut self.exporters), by_tail: Tails::of(by_tail), packages };
        let closed = (0..).zip(&project.files).filter(|(_, file)| file.outline.is_none());
        let wanted = closed.filter(|(_, file)| index.wants(&file.path, &file.sketch)).map(|(id, _)| id);
        let mut wanted: Vec<FileId> = wanted.chain(outward).collect();
        wanted.sort_unstable();
        wanted.dedup();
        self.exporters = index.exporters;
        wanted
    }

    /// The last parts of the names that some modules are known by, and the folders that they are the package of.
    fn places(&self, project: &Project, ids: &FxHashSet<FileId>) -> (ByTail, FxHashMap<OsString, Vec<FileId>>) {
        let mut by_tail = ByTail::default();
        let mut packages: FxHashMap<OsString, Vec<FileId>> = FxHashMap::default();
        for &id in ids {
            let Some(file) = project.file(id) else { continue };
            let Some(language) = language::by_id(file.language) else { continue };
            for name in language.module_tails(&file.path, &project.layout) {
                by_tail.entry(hash_name(name.as_bytes())).or_default().push(id);
            }
            for &(name, _) in self.aliases.iter().filter(|(_, file)| *file == id) {
                by_tail.entry(name).or_default().push(id);
            }
            if let Some(folder) = language.folder_of(&file.path) {
                packages.entry(folder.into_os_string()).or_default().push(id);
            }
        }
        (by_tail, packages)
    }
}

type ByTail = FxHashMap<u32, Vec<FileId>>;

/// Tells of a file whether it imports something that some modules hand on.
#[derive(Debug)]
pub(super) struct Index {
    exporters: FxHashMap<FileId, Exporter>,
    by_tail: Tails,
    /// Modules by the folder that they are the package of.
    packages: FxHashMap<OsString, Vec<FileId>>,
}

impl Index {
    /// Whether a file at a path imports something that matters. Errs towards `true`.
    pub(super) fn wants(&self, path: &Path, sketch: &PackedSketch) -> bool {
        let around = || {
            let ancestors = path.ancestors().skip(1);
            let ids = ancestors.filter_map(|folder| self.packages.get(folder.as_os_str())).flatten();
            ids.filter_map(|id| self.exporters.get(id)).collect::<Vec<_>>()
        };
        let is_near = !self.packages.is_empty() && sketch.statements().any(|(tail, _)| tail == 0);
        imports_any(sketch, &self.exporters, &self.by_tail, &if is_near { around() } else { Vec::new() })
    }
}

/// Modules by the last parts of their names, and a set of these that is quick to ask: most are not among them.
#[derive(Debug)]
struct Tails {
    modules: ByTail,
    bits: Vec<u64>,
}

impl Tails {
    fn of(modules: ByTail) -> Self {
        let mut bits = vec![0; 1024];
        for hash in modules.keys() {
            if let Some(word) = bits.get_mut((hash >> 6 & 1023) as usize) {
                *word |= 1 << (hash & 63);
            }
        }
        Self { modules, bits }
    }

    fn get(&self, hash: u32) -> &[FileId] {
        let may_be = self.bits.get((hash >> 6 & 1023) as usize).is_some_and(|word| word >> (hash & 63) & 1 == 1);
        let found = if may_be { self.modules.get(&hash) } else { None };
        found.map_or(&[], Vec::as_slice)
    }
}

fn imports_any(
    sketch: &PackedSketch,
    exporters: &FxHashMap<FileId, Exporter>,
    by_tail: &Tails,
    near: &[&Exporter],
) -> bool {
    let star = hash_star();
    let mut names = sketch.names();
    for (tail, count) in sketch.statements() {
        let Some((own, rest)) = names.split_at_checked(count as usize) else { return true };
        names = rest;
        let brings = |exporter: &Exporter| own.iter().any(|name| *name == star || exporter.names.contains(name));
        if by_tail.get(tail).iter().filter_map(|id| exporters.get(id)).any(brings) {
            return true;
        }
        if tail == 0 && near.iter().any(|exporter| brings(exporter)) {
            return true;
        }
        // The module itself: its names are read as attributes.
        for exporter in own.iter().flat_map(|name| by_tail.get(*name)).filter_map(|id| exporters.get(id)) {
            let read = |(object, name): (u32, u32)| own.contains(&object) && exporter.names.contains(&name);
            if exporter.is_renamed || sketch.attributes().any(read) {
                return true;
            }
        }
    }
    false
}

impl Interest {
    /// Adds the modules that hand on what rules name, and classes whose objects carry the context.
    fn exporters(&mut self, project: &Project, rules: &[Rule], outward: &mut Vec<FileId>) {
        let symbols = Symbols::new(rules);
        let resolver = Resolver::knowing(project, std::mem::take(&mut self.known));
        let exporters = &mut self.exporters;
        let mut asked: FxHashSet<(FileId, u32)> = FxHashSet::default();
        let carriers = &mut self.carriers;
        let is_first = self.followed.is_empty();
        for (id, file, outline) in project.outlines() {
            if !self.followed.insert(id) {
                continue;
            }
            if !is_first {
                self.late.push(id);
            }
            for (name, bindings) in outline.exports.iter().filter(|_| !self.is_lazy) {
                let leads = |import: &u32| outline.imports.get(*import as usize).is_some_and(|import| !import.external);
                let followed = bindings.iter().any(|&binding| {
                    match outline.bindings.get(binding as usize).map(|binding| &binding.kind) {
                        Some(BindingKind::Import(import, _) | BindingKind::Star(import)) => leads(import),
                        Some(
                            BindingKind::Alias { .. }
                            | BindingKind::Dynamic(_)
                            | BindingKind::Module(_)
                            | BindingKind::Inner(_),
                        ) => true,
                        _ => false,
                    }
                });
                if !followed {
                    continue;
                }
                if &**name == "*" {
                    star_exports(&resolver, id, bindings, &symbols, exporters);
                    let stars = bindings.iter().filter_map(|&binding| {
                        let BindingKind::Star(import) = outline.bindings.get(binding as usize)?.kind else {
                            return None;
                        };
                        resolver.file(&resolver.starred(id, outline.imports.get(import as usize)?))
                    });
                    self.stars.extend(stars.map(|origin| (id, origin)));
                    continue;
                }
                let resolved = resolver.export(id, name);
                for module in resolved.iter().filter_map(|resolved| resolver.file(&resolved.entity)) {
                    let tails = || {
                        let file = project.file(module)?;
                        Some(language::by_id(file.language)?.module_tails(&file.path, &project.layout))
                    };
                    let is_known = tails().unwrap_or_default().iter().any(|tail| **tail == **name);
                    if !is_known && self.aliases.insert((hash_name(name.as_bytes()), module)) {
                        // Whoever asks for it by this name was not looked for.
                        exporters.entry(module).or_default().asked = 0;
                    }
                }
                if resolved.iter().any(|r| matches!(&r.entity, Entity::External(full) if symbols.matter(full))) {
                    let exporter = exporters.entry(id).or_default();
                    exporter.names.insert(hash_name(name.as_bytes()));
                    exporter.is_renamed |= !symbols.tails.contains(&**name) && !symbols.packages.contains(&**name);
                }
            }
            inner_exports(&resolver, id, &symbols, exporters, &mut self.aliases);
            if file.exempt {
                continue;
            }
            for reference in &outline.references {
                let (Role::Called(call) | Role::HandedOver(call)) = &reference.role else { continue };
                let constructs = || {
                    let resolved = resolver.reference(id, reference);
                    resolved
                        .iter()
                        .any(|r| matches!(&r.entity, Entity::External(full) if symbols.constructs.contains(&**full)))
                };
                let layers = reference.roots.iter().flat_map(|&root| outline.layers(root));
                let stars = layers.filter_map(|root| match outline.bindings.get(root as usize)?.kind {
                    BindingKind::Star(import) => outline.imports.get(import as usize),
                    _ => None,
                });
                let stars: Vec<&Import> = stars.filter(|import| !import.external).collect();
                if !stars.is_empty() && constructs() {
                    // What a star import brings may take over from the class.
                    let starred = |star: &&Import| resolver.file(&resolver.starred(id, star));
                    let modules = stars.iter().filter_map(starred).inspect(|&module| resolver.asks(id, module));
                    outward.extend(modules.filter(|&module| project.outline(module).is_none()));
                }
                for availability in call.context.iter() {
                    match availability {
                        Availability::Member(class) | Availability::MemberOfBase(class)
                            if !asked.contains(&(id, *class)) && constructs() =>
                        {
                            asked.insert((id, *class));
                            if may_carry(&resolver, (id, *class), 0, outward) {
                                carriers.insert((id, *class));
                            }
                        }
                        Availability::Declared(class) if constructs() => {
                            let class = outline.references.get(*class as usize);
                            let modules = class.map_or_else(Vec::new, |class| resolver.modules_behind(id, class));
                            outward.extend(modules.into_iter().filter(|&module| project.outline(module).is_none()));
                        }
                        Availability::Imported(binding) if constructs() => {
                            outward.extend(unread_behind(&resolver, id, &[*binding]));
                        }
                        _ => {}
                    }
                }
            }
        }
        descend(&resolver, carriers);
        for &(id, class) in carriers.iter() {
            let name = project.outline(id).and_then(|o| o.definitions.get(class as usize)).map(|class| &class.name);
            if let Some(name) = name {
                let exporter = exporters.entry(id).or_default();
                exporter.names.insert(hash_name(name.as_bytes()));
                exporter.is_renamed = true;
            }
        }
        self.known = resolver.into_known();
    }
}

/// Whether a class, or one that it inherits from, sets the context in a way that a subclass can undo. Files of bases
/// that were not read yet are added to `outward`.
fn may_carry(resolver: &Resolver<'_>, (file, class): (FileId, u32), depth: u32, outward: &mut Vec<FileId>) -> bool {
    let outline = resolver.project().outline(file);
    let definition = outline.and_then(|outline| outline.definitions.get(class as usize));
    let Some(DefinitionKind::Class(class)) = definition.map(|definition| &definition.kind) else { return false };
    let mut carries = class.attributes.iter().any(|attribute| attribute.set_by_init || attribute.field);
    for base in class.bases.iter().filter(|_| depth < 32) {
        let Base::Reference(reference) = base else { continue };
        let Some(reference) = outline.and_then(|outline| outline.references.get(*reference as usize)) else { continue };
        outward.extend(unread_behind(resolver, file, &reference.roots));
        for resolved in resolver.reference(file, reference) {
            if let Entity::Definition(file, base) = resolved.entity {
                carries |= may_carry(resolver, (file, base), depth + 1, outward);
            }
        }
    }
    carries
}

/// The modules of the project that bindings are imported from, and that were not outlined, through re-exports too.
fn unread_behind(resolver: &Resolver<'_>, file: FileId, roots: &[BindingId]) -> Vec<FileId> {
    let mut unread = Vec::new();
    let mut seen = FxHashSet::default();
    let mut open: Vec<(FileId, Vec<BindingId>)> = vec![(file, roots.to_vec())];
    while let Some((file, roots)) = open.pop() {
        let Some(outline) = resolver.project().outline(file) else { continue };
        for (import, member) in resolver.imports_behind(file, &roots) {
            let Some(import) = outline.imports.get(import as usize) else { continue };
            let Some(member) = import.members.get(member as usize) else { continue };
            let request = if import.module.is_empty() { &member.name } else { &import.module };
            if member.path.is_some() {
                continue;
            }
            let Some(module) = resolver.file(&resolver.request(file, request)) else { continue };
            resolver.asks(file, module);
            if !seen.insert((module, member.name.clone())) {
                continue;
            }
            match resolver.project().outline(module) {
                None => unread.push(module),
                Some(target) => {
                    let bound = target.exports.get(&*member.name).or_else(|| target.exports.get("*"));
                    open.extend(bound.map(|bound| (module, bound.clone())));
                }
            }
        }
    }
    unread
}

/// Modules inside of a file hand on names too: the file is known by what they are called.
fn inner_exports(
    resolver: &Resolver<'_>,
    id: FileId,
    symbols: &Symbols<'_>,
    exporters: &mut FxHashMap<FileId, Exporter>,
    aliases: &mut FxHashSet<(u32, FileId)>,
) {
    let Some(outline) = resolver.project().outline(id) else { return };
    let matters = |bindings: &[BindingId], name: &str| {
        let mut resolved = bindings.iter().flat_map(|&binding| resolver.bound(id, binding, name).to_vec());
        resolved.any(|r| matches!(&r.entity, Entity::External(full) if symbols.matter(full)))
    };
    for binding in &outline.bindings {
        let BindingKind::Inner(scope) = binding.kind else { continue };
        let Some(names) = outline.inner.get(&scope) else { continue };
        let mut handed: Vec<u32> = Vec::new();
        for (name, bindings) in names {
            if &**name == "*" {
                let starred = symbols.starred.iter().filter(|tail| matters(bindings, tail));
                handed.extend(starred.map(|tail| hash_name(tail.as_bytes())));
            } else if matters(bindings, name) {
                handed.push(hash_name(name.as_bytes()));
            }
        }
        if !handed.is_empty() {
            let exporter = exporters.entry(id).or_default();
            exporter.names.extend(handed);
            exporter.is_renamed = true;
            if aliases.insert((hash_name(binding.name.as_bytes()), id)) {
                exporter.asked = 0;
            }
        }
    }
}

/// `from x import *` at the end of a chain hands on all that `x` does.
fn star_exports(
    resolver: &Resolver<'_>,
    id: FileId,
    bindings: &[u32],
    symbols: &Symbols<'_>,
    exporters: &mut FxHashMap<FileId, Exporter>,
) {
    for tail in &symbols.starred {
        let resolved = bindings.iter().flat_map(|&binding| resolver.bound(id, binding, tail).to_vec());
        let mut resolved = resolved.filter(|r| matches!(&r.entity, Entity::External(full) if symbols.matter(full)));
        if resolved.next().is_some() {
            exporters.entry(id).or_default().names.insert(hash_name(tail.as_bytes()));
        }
    }
}

/// Adds the subclasses of classes, and theirs.
fn descend(resolver: &Resolver<'_>, carriers: &mut FxHashSet<(FileId, u32)>) {
    if carriers.is_empty() {
        return;
    }
    loop {
        let mut found = Vec::new();
        for (id, _, outline) in resolver.project().outlines() {
            for reference in &outline.references {
                let Role::Base(class) = reference.role else { continue };
                if carriers.contains(&(id, class)) {
                    continue;
                }
                let is_class = outline
                    .definitions
                    .get(class as usize)
                    .is_some_and(|definition| matches!(definition.kind, DefinitionKind::Class(_)));
                let inherits = resolver.reference(id, reference).iter().any(|resolved| match resolved.entity {
                    Entity::Definition(file, base) => carriers.contains(&(file, base)),
                    _ => false,
                });
                if is_class && inherits {
                    found.push((id, class));
                }
            }
        }
        if found.is_empty() {
            return;
        }
        carriers.extend(found);
    }
}

/// The names that rules speak of.
struct Symbols<'r> {
    constructs: FxHashSet<&'r str>,
    /// Symbols, and the modules and packages that they lie in.
    all: FxHashSet<&'r str>,
    /// Last parts of constructions' symbols.
    tails: FxHashSet<&'r str>,
    /// Names that a star import may bring: those, and the last parts of what they lie in.
    starred: FxHashSet<&'r str>,
    /// First parts of all symbols.
    packages: FxHashSet<&'r str>,
}

impl<'r> Symbols<'r> {
    fn new(rules: &'r [Rule]) -> Self {
        let mut symbols = Self {
            constructs: FxHashSet::default(),
            all: FxHashSet::default(),
            tails: FxHashSet::default(),
            starred: FxHashSet::default(),
            packages: FxHashSet::default(),
        };
        for (&id, matchers) in rules.iter().flat_map(|rule| &rule.languages) {
            for symbol in matchers.construct.iter().flat_map(|construct| &construct.symbols) {
                symbols.constructs.insert(symbol);
                symbols.tails.insert(symbol::tail(id, symbol));
                symbols.starred.insert(symbol::tail(id, symbol));
                symbols.starred.extend(symbol::parents(id, symbol).map(|parent| symbol::tail(id, parent)));
            }
            let reported = matchers.report.iter().flat_map(|report| &report.symbols);
            for symbol in matchers.construct.iter().flat_map(|construct| &construct.symbols).chain(reported) {
                let name = symbol::whole(id, symbol).unwrap_or(symbol);
                symbols.packages.insert(symbol::package(id, name));
                symbols.all.insert(name);
                symbols.all.extend(symbol::parents(id, name));
            }
        }
        symbols
    }

    fn matter(&self, full: &str) -> bool {
        self.all.contains(full)
    }
}
