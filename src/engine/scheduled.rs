//! What is left to do, in batches.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::find;
use crate::find::Matcher;
use crate::finding::Scan;
use crate::gather::Gathered;
use crate::gather::Imports;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::PatchTarget;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::schedule;
use crate::schedule::Facts;
use crate::schedule::Schedule;
use crate::source::LanguageId;

use super::EngineError;
use super::Options;
use super::Run;
use super::on_large_stack;
use super::threads;

/// Scans the whole project, and puts what is left into batches. Of the files outside `options.paths` nothing is planned.
///
/// # Errors
///
/// As for [`super::scan`].
pub fn schedule(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Result<(Scan, Schedule), EngineError> {
    on_large_stack(|| {
        let (scan, schedule, _) = Run::new(config, rules, options, true)?.schedule(progress)?;
        Ok((scan, schedule))
    })
}

impl Run<'_> {
    /// Scans, and puts what is left into batches.
    pub(super) fn schedule(&self, progress: &(dyn Fn() + Sync)) -> Result<(Scan, Schedule, Gathered), EngineError> {
        let ((scan, schedule), gathered, _) = self.prepared(true, progress, |ready| {
            let (scan, _) = self.report(ready.gathered, ready.judged, Some(&ready.planner));
            let imports =
                Imports::read(&ready.gathered.project, self.config, threads(self.options.threads), self.memory);
            let patches = patches(ready.resolver, ready.matcher, &self.watches);
            let facts = Facts {
                project: &ready.gathered.project,
                findings: &scan.findings,
                imports: &imports,
                migrated: &ready.judged.migrated,
                patches: &patches,
            };
            let schedule = schedule::schedule(&facts, &self.config.batch);
            (scan, schedule)
        })?;
        Ok((scan, schedule, gathered))
    }
}

/// The patches of tests, by the file whose name they replace: those of the factory's functions, and those of classes
/// that rules replace.
fn patches(
    resolver: &Resolver<'_>,
    matcher: &Matcher<'_>,
    watches: &[(LanguageId, Watch)],
) -> BTreeMap<FileId, (usize, usize)> {
    let mut patches: BTreeMap<FileId, (usize, usize)> = BTreeMap::new();
    for (id, file, outline) in resolver.project().outlines() {
        let functions =
            watches.iter().find(|(language, _)| *language == file.language).map(|(_, watch)| &watch.functions);
        for patch in &outline.patches {
            let target = match &patch.target {
                PatchTarget::Path(path) => resolver.patched(id, path),
                PatchTarget::Attribute(object, name) => outline
                    .references
                    .get(*object as usize)
                    .map(|object| find::patched_attribute(resolver, id, object, name)),
                PatchTarget::Module(_) => None,
            };
            let Some((resolved, Some((owner, name)))) = target else { continue };
            let is_class = resolved.iter().any(|resolved| match &resolved.entity {
                Entity::External(symbol) => matcher.construct(file.language, symbol).is_some(),
                _ => false,
            });
            let place = patches.entry(owner).or_default();
            if is_class {
                place.1 += 1;
            } else if functions.is_some_and(|functions| functions.contains(&name)) {
                place.0 += 1;
            }
        }
    }
    patches
}
