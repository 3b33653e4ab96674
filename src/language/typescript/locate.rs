//! Where an import leads: oxc's resolver, over the files that a run knows.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use oxc_resolver::FileMetadata;
use oxc_resolver::FileSystem;
use oxc_resolver::Resolution;
use oxc_resolver::ResolveError;
use oxc_resolver::ResolveOptions;
use oxc_resolver::ResolverGeneric;
use oxc_resolver::TsconfigDiscovery;
use rustc_hash::FxHashMap;

use crate::layout::Layout;
use crate::layout::Places;
use crate::layout::TextSource;
use crate::source::LanguageId;

use super::places;

/// Finds the file that a request means.
pub(super) fn locate(from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
    if is_foreign(request) {
        return None;
    }
    if request.starts_with('.') {
        // Most requests are plain, and need no settings.
        let path = places::normal(&from.parent()?.join(request));
        if let Some(file) = plain(&path, request.ends_with('/') || request.ends_with('.'), layout) {
            return Some(file);
        }
    }
    let modules = layout.keep(LanguageId::Typescript, || Modules::new(layout))?;
    modules.resolve(from, request, layout)
}

/// A file that a request means without any guess.
pub(super) struct Exact {
    pub(super) file: PathBuf,
    /// Whether it is asked for by the name of a workspace's package.
    pub(super) is_package: bool,
}

/// Finds the file that a request would mean if it were written: what a package does not export is not found.
pub(super) fn exactly(from: &Path, request: &str, layout: &Layout) -> Option<Exact> {
    if is_foreign(request) {
        return None;
    }
    layout.keep(LanguageId::Typescript, || Modules::new(layout))?.exactly(from, request, layout)
}

/// The name and the folder of the workspace's package that a file belongs to.
pub(super) fn package_of(file: &Path, layout: &Layout) -> Option<(String, PathBuf)> {
    let modules = layout.keep(LanguageId::Typescript, || Modules::new(layout))?;
    let above = modules.packages.iter().filter(|(_, folder)| file.starts_with(folder));
    let (name, folder) = above.max_by_key(|(_, folder)| folder.as_os_str().len())?;
    Some((name.clone(), folder.clone()))
}

/// The folder of the workspace's package with a name.
pub(super) fn package_named(name: &str, layout: &Layout) -> Option<PathBuf> {
    layout.keep(LanguageId::Typescript, || Modules::new(layout))?.packages.get(name).cloned()
}

/// Whether a request is for a part of the platform, or lies elsewhere.
pub(super) fn is_foreign(request: &str) -> bool {
    request.is_empty()
        || ["node:", "bun:", "http:", "https:", "data:", "virtual:", "npm:", "jsr:"]
            .iter()
            .any(|scheme| request.starts_with(scheme))
}

/// The file at a path, with or without its ending.
fn plain(path: &Path, is_folder: bool, layout: &Layout) -> Option<PathBuf> {
    if !is_folder {
        if layout.has_file(path) {
            return Some(path.to_path_buf());
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let swapped = places::sources(ending).iter().map(|source| path.with_extension(source));
        if let Some(file) = swapped
            .chain(places::SCRIPTS.iter().map(|ending| places::with_ending(path, ending)))
            .find(|file| layout.has_file(file))
        {
            return Some(file);
        }
    }
    if !layout.has_folder(path) {
        return None;
    }
    places::SCRIPTS.iter().map(|ending| path.join("index").with_extension(ending)).find(|file| layout.has_file(file))
}

/// The project's modules, as oxc's resolver sees them.
struct Modules {
    with_settings: ResolverGeneric<Files>,
    without: ResolverGeneric<Files>,
    /// Folders of the packages of the project's workspaces, by name.
    packages: Arc<FxHashMap<String, PathBuf>>,
}

impl Modules {
    fn new(layout: &Layout) -> Self {
        let packages = Arc::new(super::workspaces::packages(layout));
        let top = layout.top().to_path_buf();
        let files = Files { places: layout.places(), top, texts: layout.texts(), packages: Arc::clone(&packages) };
        let options = ResolveOptions {
            extensions: places::SCRIPTS
                .iter()
                .map(|ending| format!(".{ending}"))
                .chain([".vue".into(), ".svelte".into()])
                .collect(),
            extension_alias: ["js", "mjs", "cjs", "jsx"]
                .iter()
                .map(|ending| {
                    (format!(".{ending}"), places::sources(ending).iter().map(|source| format!(".{source}")).collect())
                })
                .collect(),
            condition_names: ["source", "development", "import", "require", "node", "default", "types"]
                .map(String::from)
                .to_vec(),
            main_fields: ["source", "module", "main", "types"].map(String::from).to_vec(),
            symlinks: false,
            node_path: false,
            ..ResolveOptions::default()
        };
        let with = ResolveOptions { tsconfig: Some(TsconfigDiscovery::Auto), ..options.clone() };
        let with_settings = ResolverGeneric::new_with_file_system(files, with);
        let without = with_settings.clone_with_options(options);
        Self { with_settings, without, packages }
    }

    /// What the resolver says; without settings, where these cannot be read.
    fn find(&self, from: &Path, request: &str) -> Result<Resolution, ResolveError> {
        match self.with_settings.resolve_file(from, request) {
            // Settings only add places to look at.
            Err(error) if !matches!(error, ResolveError::NotFound(_)) => self.without.resolve_file(from, request),
            found => found,
        }
    }

    fn resolve(&self, from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
        let found = self.find(from, request);
        if let Ok(found) = found {
            let path = self.real(found.path());
            return layout.has_file(&path).then_some(path);
        }
        self.unbuilt(request, layout)
    }

    fn exactly(&self, from: &Path, request: &str, layout: &Layout) -> Option<Exact> {
        let found = self.find(from, request);
        match found {
            Ok(found) => {
                let file = self.real(found.path());
                let own = self.packages.get(split(request).0).filter(|folder| from.starts_with(folder));
                let is_package = file != found.path() || own.is_some();
                layout.has_file(&file).then_some(Exact { file, is_package })
            }
            Err(ResolveError::PackagePathNotExported { .. }) => None,
            Err(_) => {
                // Where the manifest speaks of what is built, it also says which names lead there.
                let (name, inner) = split(request);
                let has_exports = || super::across::exports(self.packages.get(name)?, layout);
                if !inner.is_empty() && has_exports().is_none() {
                    return None;
                }
                Some(Exact { file: self.unbuilt(request, layout)?, is_package: true })
            }
        }
    }

    /// The path of a workspace's file that was found below `node_modules`.
    fn real(&self, path: &Path) -> PathBuf {
        real(path, &self.packages).unwrap_or_else(|| path.to_path_buf())
    }

    /// The source of a workspace's package whose manifest speaks of what is built from it.
    fn unbuilt(&self, request: &str, layout: &Layout) -> Option<PathBuf> {
        let (name, inner) = split(request);
        let folder = self.packages.get(name)?;
        let starts = [folder.join("src"), folder.clone(), folder.join("lib"), folder.join("source")];
        starts.iter().find_map(|start| plain(&places::normal(&start.join(inner)), inner.is_empty(), layout))
    }
}

/// Parts a request into a package's name and the rest.
pub(super) fn split(request: &str) -> (&str, &str) {
    let parts = if request.starts_with('@') { 2 } else { 1 };
    match request.match_indices('/').nth(parts - 1) {
        Some((at, _)) => (request.get(..at).unwrap_or(request), request.get(at + 1..).unwrap_or_default()),
        None => (request, ""),
    }
}

/// Where a path below `node_modules` lies in a workspace.
fn real(path: &Path, packages: &FxHashMap<String, PathBuf>) -> Option<PathBuf> {
    let text = path.to_str()?;
    let at = text.rfind("/node_modules/")? + "/node_modules/".len();
    let (name, inner) = split(text.get(at..)?);
    let folder = packages.get(name)?;
    // Joined with nothing, a path would end with a slash, and would be another to those who compare bytes.
    Some(if inner.is_empty() { folder.clone() } else { folder.join(inner) })
}

/// The files of a run, and the manifests and settings beside them.
struct Files {
    places: Places,
    top: PathBuf,
    texts: TextSource,
    packages: Arc<FxHashMap<String, PathBuf>>,
}

impl Files {
    /// The path that is meant: in a workspace, where it lies below `node_modules`.
    fn place(&self, path: &Path) -> Place {
        if !path.starts_with(&self.top) {
            return Place::Nowhere;
        }
        if !path.components().any(|part| part.as_os_str() == "node_modules") {
            return Place::Here(path.to_path_buf());
        }
        if let Some(path) = real(path, &self.packages) {
            return Place::Here(path);
        }
        // Settings that extend those of an installed package are read as if that one said nothing.
        let is_settings = path.extension().is_some_and(|ending| ending == "json")
            && path.file_name().is_some_and(|name| name != "package.json");
        if is_settings { Place::Settings } else { Place::Installed }
    }

    fn is_json(path: &Path) -> bool {
        path.extension().is_some_and(|ending| ending == "json")
    }

    fn text(&self, path: &Path) -> io::Result<String> {
        match self.place(path) {
            Place::Here(path) => self.texts.read(&path).ok_or_else(missing),
            Place::Settings => Ok("{}".to_owned()),
            Place::Installed | Place::Nowhere => Err(missing()),
        }
    }
}

enum Place {
    Here(PathBuf),
    /// The settings of an installed package.
    Settings,
    /// Another file of an installed package, or a folder.
    Installed,
    Nowhere,
}

/// Whether a folder holds packages; nothing is known of what lies in one that is installed.
fn is_shelf(folder: &Path) -> bool {
    let is_named = |folder: &Path| folder.file_name().is_some_and(|name| name == "node_modules");
    let is_scope = folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"@"));
    is_named(folder) || (is_scope && folder.parent().is_some_and(is_named))
}

fn missing() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

impl FileSystem for Files {
    fn new() -> Self {
        Self { places: Places::default(), top: PathBuf::new(), texts: TextSource::default(), packages: Arc::default() }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.text(path).map(String::into_bytes)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        self.text(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let (is_file, is_folder) = match self.place(path) {
            Place::Here(path) => {
                let is_folder = self.places.has_folder(&path);
                let is_file = self.places.has_file(&path)
                    || (!is_folder && Self::is_json(&path) && self.texts.read(&path).is_some());
                (is_file, is_folder)
            }
            Place::Settings => (true, false),
            Place::Installed => (false, is_shelf(path)),
            Place::Nowhere => (false, self.top.starts_with(path)),
        };
        if is_file || is_folder { Ok(FileMetadata::new(is_file, is_folder, false)) } else { Err(missing()) }
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.metadata(path)
    }

    fn read_link(&self, _: &Path) -> Result<PathBuf, ResolveError> {
        Err(ResolveError::from(missing()))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_path_buf())
    }
}
