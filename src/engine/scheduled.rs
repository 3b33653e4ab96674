//! What is left to do, in batches.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::find;
use crate::find::Matcher;
use crate::finding::Scan;
use crate::gather::Imports;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::PatchTarget;
use crate::plan::Planner;
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
        let run = Run::new(config, rules, options, true)?;
        let mut gathered = run.gather(progress)?;
        let judged = run.judge(&mut gathered);
        let problems = std::mem::take(&mut gathered.problems);
        let project = &gathered.project;
        let resolver = Resolver::new(project);
        let matcher = Matcher::new(&run.rules);
        let planner = Planner::new(&resolver, &matcher, &config.context, &judged.candidates, &judged.standings, true);
        let (mut scan, _) = run.report(&gathered, &judged, Some(&planner));
        scan.problems = problems;
        let imports = Imports::read(project, config, run.threads());
        let patches = patches(&resolver, &matcher, &run.watches);
        let facts = Facts {
            project,
            findings: &scan.findings,
            imports: &imports,
            migrated: &judged.migrated,
            patches: &patches,
        };
        let schedule = schedule::schedule(&facts, &config.batch);
        Ok((scan, schedule))
    })
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
