//! Which names files hand on that mean what rules name.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Outline;
use crate::project::Project;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::symbol;

/// Names by the files that hand them on.
pub type Handed = BTreeMap<PathBuf, BTreeSet<String>>;

/// The names under which the files reported on hand on what rules name.
pub(super) fn on(resolver: &Resolver<'_>, rules: &[Rule]) -> Handed {
    let project = resolver.project();
    let mut handed = Handed::new();
    for (id, file, outline) in project.outlines().filter(|(_, file, _)| file.reported && !file.exempt) {
        for name in names(outline, file.language, rules) {
            if resolver.export(id, &name).iter().any(|resolved| matters(project, &resolved.entity)) {
                handed.entry(file.path.to_path_buf()).or_default().insert(name);
            }
        }
    }
    handed
}

fn matters(project: &Project, entity: &Entity) -> bool {
    matches!(entity, Entity::External(full) if project.symbols.contains(&**full))
}

/// The names that a file may hand on.
fn names(outline: &Outline, language: LanguageId, rules: &[Rule]) -> BTreeSet<String> {
    let is_handed = |binding: &BindingId| {
        let kind = outline.bindings.get(*binding as usize).map(|binding| &binding.kind);
        !matches!(kind, None | Some(BindingKind::Value | BindingKind::Definition(_)))
    };
    let mut names = BTreeSet::new();
    for (name, bindings) in &outline.exports {
        if &**name == "*" {
            let matchers = rules.iter().filter_map(|rule| rule.languages.get(&language));
            let symbols = matchers.flat_map(|matchers| &matchers.construct).flat_map(|construct| &construct.symbols);
            names.extend(symbols.map(|symbol| symbol::tail(language, symbol).to_owned()));
        } else if bindings.iter().any(is_handed) {
            names.insert(name.to_string());
        }
    }
    names
}
