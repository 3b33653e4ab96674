//! The look at a notebook: its language is known, and its code seen, once it is taken apart.

use std::path::Path;

use crate::finding::Problem;
use crate::finding::ProblemKind;
use crate::language::PackedSketch;
use crate::project::File;
use crate::project::Project;
use crate::source::LanguageId;
use crate::source::MAX_BYTES;
use crate::source::Position;
use crate::source::SourceFile;
use crate::source::is_notebook;

use super::Depth;
use super::Looked;
use super::Reader;
use super::too_large;

/// A notebook larger than this many bytes is a problem, however little code it holds.
const MAX_WITH_OUTPUTS: usize = 1024 * 1024 * 1024;

/// The code of a file, and its language: of a notebook, what its cells hold.
pub(super) fn code(path: &Path, language: LanguageId, text: Vec<u8>) -> (LanguageId, Vec<u8>) {
    if !is_notebook(path) {
        return (language, text);
    }
    let source = SourceFile::from_bytes(path.to_path_buf(), language, text);
    (source.language(), source.text().as_bytes().to_vec())
}

impl Reader<'_> {
    /// Looks at a notebook. Only the size of its code counts: outputs may be large, and nobody parses them.
    pub(super) fn look_at_notebook(
        &self,
        project: &Project,
        file: &File,
        depth: Depth,
        buffer: &mut Vec<u8>,
    ) -> Looked {
        let fail = |kind: ProblemKind, message: String| {
            let position = Position { line: 1, column: 1 };
            Looked::Failed(Box::new(Problem { path: file.path.to_path_buf(), position, kind, message }))
        };
        match self.read(&file.path, buffer) {
            Ok(size) => buffer.truncate(size),
            Err(error) => return fail(ProblemKind::Unreadable, error.to_string()),
        }
        if buffer.len() > MAX_WITH_OUTPUTS {
            return fail(ProblemKind::TooLarge, too_large(std::mem::take(buffer).len()));
        }
        let source = SourceFile::from_bytes(file.path.to_path_buf(), file.language, std::mem::take(buffer));
        let foreign = source.notebook().filter(|notebook| notebook.language.is_none());
        if let Some(notebook) = foreign {
            return Looked::Foreign(notebook.skipped);
        }
        let languages = self.request.languages;
        if !languages.is_empty() && !languages.contains(&source.language()) {
            return Looked::Sketched(PackedSketch::default());
        }
        let Some((language, watch)) = self.language(source.language()) else {
            let cells = source.notebook().map_or(0, |notebook| notebook.cells.len());
            return Looked::Foreign(u32::try_from(cells).unwrap_or(u32::MAX));
        };
        let has_literal = |text: &str| watch.packages.iter().any(|package| text.contains(package.as_str()));
        let glance = match source.damage() {
            // Its code cannot be told from the rest.
            Some(_) if !has_literal(source.text()) => return Looked::Sketched(PackedSketch::default()),
            Some(_) => None,
            None => Some(language.glance(source.text().as_bytes(), watch)),
        };
        if let Some(glance) = glance {
            if depth == Depth::Glance && !glance.matters {
                return Looked::Sketched(PackedSketch::from(&glance.sketch));
            }
            if u64::try_from(source.text().len()).unwrap_or(u64::MAX) > MAX_BYTES {
                return fail(ProblemKind::TooLarge, too_large(source.text().len()));
            }
        }
        self.outline(project, source, (language, watch), depth)
    }
}
