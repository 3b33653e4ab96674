//! Who imports whom among all files of a project, told without parsing them.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use crate::config::Config;
use crate::language;
use crate::layout::FileId;
use crate::project::Project;

use super::Memory;
use super::notebook;
use super::setup;

/// The imports of a project's files, both ways round. May hold more than there are.
#[derive(Debug, Default)]
pub struct Imports {
    /// For each file: the files that it imports, sorted.
    imports: Vec<Vec<FileId>>,
    /// For each file: the files that import it, sorted.
    importers: Vec<Vec<FileId>>,
}

impl Imports {
    /// Reads every file of a project again for its imports, save those whose imports `memory` knows. `threads` says how
    /// many at once.
    pub fn read(project: &Project, config: &Config, threads: usize, memory: Option<&Memory>) -> Self {
        let mut imports = memory.map(Memory::imports).unwrap_or_default();
        imports.resize(project.files.len(), None);
        let unknown: Vec<usize> =
            imports.iter().enumerate().filter(|(_, own)| own.is_none()).map(|(index, _)| index).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut found = Vec::new();
            let ground = setup::ground(config);
            loop {
                let Some(&index) = unknown.get(next.fetch_add(1, Ordering::Relaxed)) else { return found };
                let Some(file) = project.files.get(index) else { continue };
                let Ok(text) = fs::read(&file.path) else { continue };
                let (language, text) = notebook::code(&file.path, file.language, text);
                let Some(language) = language::by_id(language) else { continue };
                let candidates = language.outward(&file.path, &text, &ground);
                let own: BTreeSet<FileId> = candidates
                    .iter()
                    .filter_map(|path| project.layout.file(path))
                    .filter(|id| *id as usize != index)
                    .collect();
                found.push((index, own.into_iter().collect::<Vec<FileId>>()));
            }
        };
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads.clamp(1, unknown.len().max(1))).map(|_| scope.spawn(work)).collect();
            for (index, own) in handles.into_iter().flat_map(|handle| handle.join().unwrap_or_default()) {
                if let Some(place) = imports.get_mut(index) {
                    *place = Some(own);
                }
            }
        });
        if let Some(memory) = memory {
            memory.keep_imports(imports.clone());
        }
        Self::new(imports.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Takes for each file the files that it imports.
    pub fn new(imports: Vec<Vec<FileId>>) -> Self {
        let mut importers = vec![Vec::new(); imports.len()];
        for (from, targets) in (0..).zip(&imports) {
            for &target in targets {
                if let Some(place) = importers.get_mut(target as usize) {
                    place.push(from);
                }
            }
        }
        Self { imports, importers }
    }

    /// The files that a file imports.
    pub fn of(&self, file: FileId) -> &[FileId] {
        self.imports.get(file as usize).map_or(&[], Vec::as_slice)
    }

    /// The files that import a file.
    pub fn importers_of(&self, file: FileId) -> &[FileId] {
        self.importers.get(file as usize).map_or(&[], Vec::as_slice)
    }
}
