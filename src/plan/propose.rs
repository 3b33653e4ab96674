//! Whether a candidate can become a call of the factory.

use crate::candidate::Candidate;
use crate::edit::Applicability;
use crate::language;
use crate::language::FactoryPlace;
use crate::language::Language;
use crate::layout::FileId;
use crate::outline::Call;
use crate::outline::Held;
use crate::outline::ImportId;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::project::Factory;
use crate::rule::Replacement;
use crate::source::LanguageId;

use super::Planner;
use super::Proposal;
use super::context::Absence;
use super::factory;

impl<'a> Planner<'a> {
    pub(super) fn propose(
        &mut self,
        index: usize,
        candidate: &Candidate,
        reference_id: ReferenceId,
        replacement: &Replacement,
        assume: bool,
    ) -> Result<Proposal, String> {
        let missing = || "the place was not read".to_owned();
        let file = self.resolver.project().file(candidate.file).ok_or_else(missing)?;
        let outline = file.outline.as_ref().ok_or_else(missing)?;
        let reference = outline.references.get(reference_id as usize).ok_or_else(missing)?;
        let (Role::Called(call) | Role::HandedOver(call)) = &reference.role else { return Err(missing()) };
        let context = self.contexts.get(&file.language);
        let argument = context.map_or("", |context| context.argument.as_str());
        let asking = (reference, &**call, candidate.symbol.as_str());
        let verdict = self.ask_factory(candidate.file, replacement, asking, argument, assume)?;
        let imports = self.resolver.imports_behind(candidate.file, &reference.roots);
        let usable =
            |(import, _): &(ImportId, u32)| outline.imports.get(*import as usize).is_some_and(|import| !import.typing);
        let obstacle = imports.iter().find_map(|(import, _)| outline.imports.get(*import as usize)?.obstacle);
        if let Some(obstacle) = obstacle {
            return Err(format!("`{}` cannot be replaced here: {obstacle}", reference.name));
        }
        let by_path = language::by_id(file.language).is_some_and(Language::calls_by_path);
        if !by_path && !imports.iter().any(usable) {
            return Err(format!("`{}` does not come from an import of this file", reference.name));
        }
        let mut note = verdict.note;
        let mut source = None;
        let handed_over = matches!(reference.role, Role::HandedOver(_));
        if handed_over {
            if verdict.needs_context {
                return Err(format!("`{}` needs `{argument}`, which is not given here", replacement.function));
            }
        } else if verdict.takes_context
            && let Some(context) = context
            && !call.keywords.iter().any(|keyword| **keyword == *argument)
        {
            match self.classes.source(candidate.file, call, &context.sources) {
                Ok((found, declared)) => {
                    let index = context.sources.iter().position(|source| source == found);
                    let held = || index.and_then(|index| call.detail().held.get(index)).cloned().unwrap_or_default();
                    let held = declared.unwrap_or_else(held);
                    source = Some(pass(file.language, found, &held, verdict.place.as_ref())?);
                }
                Err(_) if verdict.place.is_some() && !verdict.needs_context => {
                    source = language::by_id(file.language).map(|language| language.nothing().to_owned());
                    note.get_or_insert(format!("no `{argument}` is passed: none is sure to be in scope here"));
                }
                Err(_) if verdict.needs_context => {
                    return Err(format!(
                        "`{}` needs `{argument}`, and nothing here is sure to hold it",
                        replacement.function
                    ));
                }
                Err(Absence::Perhaps(name)) => {
                    note.get_or_insert(format!("no `{argument}` is passed: `{name}` might not be set here"));
                }
                Err(Absence::Never) => {
                    note.get_or_insert(format!("no `{argument}` is passed: none is in scope here"));
                }
            }
        }
        Ok(Proposal {
            candidate: index,
            file: candidate.file,
            reference: reference_id,
            replacement: replacement.clone(),
            source,
            place: verdict.place.map(|place| place.index),
            applicability: verdict.applicability,
            note,
        })
    }

    fn ask_factory(
        &mut self,
        file: FileId,
        replacement: &Replacement,
        (reference, call, symbol): (&Reference, &Call, &str),
        argument: &str,
        assume: bool,
    ) -> Result<factory::Verdict, String> {
        let project = self.resolver.project();
        let missing = || "no factory is configured for this language".to_owned();
        let (place, factory) = self.factory(file, replacement).ok_or_else(missing)?;
        let module = place.module;
        let Some(factory_file) = factory.file else {
            if replacement.module.is_some() {
                let mut verdict = factory::Verdict::assumed();
                verdict.applicability = Applicability::Unsafe;
                verdict.note = Some(format!("`{module}` is not in this project, so its signature cannot be read"));
                return Ok(verdict);
            }
            if assume {
                return Ok(factory::Verdict::assumed());
            }
            self.without_factory += 1;
            return Err(format!("no factory `{module}` in this project; run `qmigrate init`"));
        };
        if factory.runs.contains(&file) {
            return Err(format!("`{module}` imports this module, so importing it here would be circular"));
        }
        let below = project.file(file).is_some_and(|file| file.path.starts_with(&factory.root));
        let by_path = project.file(file).and_then(|file| language::by_id(file.language));
        let by_path = by_path.is_some_and(Language::calls_by_path);
        let request = self.request_for(file, &place)?;
        if !by_path && !below && !self.imports_factory(file, factory_file) {
            let root = factory.root.strip_prefix(&project.root).unwrap_or(&factory.root);
            return Err(format!("`{module}` can only be imported below `{}`", root.display()));
        }
        let call = (file, reference, call, symbol);
        factory::ask(self.resolver, (factory, factory_file), replacement, call, argument, &request)
    }

    /// The factory that a replacement in a file leads to, and where it lies.
    pub(super) fn factory(&self, file: FileId, replacement: &Replacement) -> Option<(FactoryPlace<'a>, &'a Factory)> {
        let project = self.resolver.project();
        let from = project.file(file)?;
        let own = || project.factories.iter().find(|factory| factory.language == from.language);
        let module = match &replacement.module {
            Some(module) => module,
            None => &own()?.module,
        };
        let factory = project.factory(from.language, module, &from.path)?;
        let file = factory.file.and_then(|file| Some(&*project.file(file)?.path));
        Some((FactoryPlace { module: &factory.module, file, root: &factory.root }, factory))
    }

    /// How a file asks for the factory's module, or why it cannot.
    pub(super) fn request_for(&self, file: FileId, place: &FactoryPlace<'_>) -> Result<String, String> {
        let project = self.resolver.project();
        let known = project.file(file).and_then(|file| Some((language::by_id(file.language)?, &file.path)));
        let (language, path) = known.ok_or_else(|| "the file is unknown".to_owned())?;
        language.factory_request(path, place, &project.layout)
    }

    fn imports_factory(&self, file: FileId, factory: FileId) -> bool {
        let Some(outline) = self.resolver.project().outline(file) else { return false };
        outline.imports.iter().any(|import| {
            let mut requests = vec![import.module.to_string()];
            requests.extend(import.members.iter().map(|member| {
                if import.module.is_empty() {
                    member.name.to_string()
                } else {
                    format!("{}.{}", import.module, member.name)
                }
            }));
            let mut entities = requests.iter().filter(|r| !r.is_empty()).map(|r| self.resolver.request(file, r));
            entities.any(|entity| self.resolver.file(&entity) == Some(factory))
        })
    }
}

/// How a source of the context is handed to a parameter.
fn pass(language: LanguageId, source: &str, held: &Held, place: Option<&factory::Place>) -> Result<String, String> {
    let parameter = place.and_then(|place| place.parameter.as_ref());
    match (language::by_id(language), parameter) {
        (Some(language), Some(parameter)) => language.pass(source, held, parameter),
        _ => Ok(source.to_owned()),
    }
}
