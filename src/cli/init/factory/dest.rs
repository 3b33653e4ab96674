//! The folder that a new factory is written to: one that imports start from.

use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;

use crate::cli::error::Hinted;
use crate::cli::init::layout;
use crate::cli::init::survey;
use crate::cli::session::Session;
use crate::config::Config;
use crate::report::relative;

/// The named folder, else the one that the configuration, the packaging or the packages themselves speak for.
pub(super) fn dest(session: &Session, config: &Config, named: Option<&Path>) -> Result<PathBuf> {
    if let Some(named) = named {
        return Ok(session.absolute(named));
    }
    let found: Vec<PathBuf> = match &config.roots {
        Some(roots) => roots.clone(),
        None => layout::roots(&config.root).iter().map(|folder| config.root.join(folder)).collect(),
    };
    match found.as_slice() {
        [folder] => Ok(folder.clone()),
        [] => Ok(survey::start(&config.root).unwrap_or_else(|| config.root.clone())),
        several => {
            let names: Vec<String> =
                several.iter().map(|folder| format!("`--dest {}`", relative(folder, &session.cwd))).collect();
            let error = Hinted::new("imports start at more than one folder");
            Err(error.hint(format!("say where the factory belongs: {}", names.join(" or "))).into())
        }
    }
}

/// The folder as the lock names it: from the project, with `/`.
pub(super) fn name(folder: &Path, config: &Config) -> Result<String> {
    let within = folder
        .strip_prefix(&config.root)
        .ok()
        .map(|within| within.components().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<&str>>>());
    match within {
        Some(Some(parts)) if parts.is_empty() => Ok(".".to_owned()),
        Some(Some(parts)) => Ok(parts.join("/")),
        Some(None) => Err(Hinted::new(format!("`{}` has a name that is not UTF-8", folder.display())).into()),
        None => Err(Hinted::new(format!("`{}` lies outside the project", folder.display())).into()),
    }
}
