//! `qmigrate hook install` and `uninstall`.

use std::env;
use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use anyhow::Result;

use crate::cli::args::InstallArgs;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;

use super::manager;
use super::manager::Manager;
use super::shim;

/// Writes the hooks, and keeps those that were there.
pub(crate) fn install(session: &Session, args: &InstallArgs) -> Result<Exit> {
    let repository = super::repository(session)?;
    let folder = repository.hooks()?;
    if !args.force {
        if let Some(scope) = repository.scope_of("core.hooksPath")?.filter(|scope| is_shared(scope)) {
            let message = format!("`core.hooksPath` is set in the {scope} configuration: `{}`", folder.display());
            let hint = "a hook there runs in every repository: `--force` installs it all the same";
            return Err(Hinted::new(message).hint(hint).into());
        }
        if let Some(manager) = manager::find(repository.root(), &folder) {
            output::print(|out| refer(out, &manager))?;
            return Ok(Exit::Success);
        }
    }
    let binary = env::current_exe().context("cannot tell where qmigrate lies")?;
    let text = shim::text(&binary, args.strict);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    // Nothing is written where one of two hooks cannot be.
    for hook in shim::HOOKS {
        check(&folder, hook)?;
    }
    for hook in shim::HOOKS {
        put(&folder, hook, &text).with_context(|| format!("cannot write `{}`", folder.join(hook).display()))?;
    }
    output::print(|out| tell(out, session, &folder))?;
    Ok(Exit::Success)
}

/// Takes the hooks out, and puts back those that were there before.
pub(crate) fn uninstall(session: &Session) -> Result<Exit> {
    let repository = super::repository(session)?;
    let folder = repository.hooks()?;
    let is_ours = |hook: &&&str| fs::read(folder.join(hook)).is_ok_and(|text| shim::is_ours(&text));
    for hook in shim::HOOKS {
        let path = folder.join(hook);
        if fs::read(&path).is_ok_and(|text| shim::was_ours(&text) && !shim::is_ours(&text)) {
            let message = format!("`{}` was changed since it was installed", path.display());
            return Err(Hinted::new(message).hint("take the lines of qmigrate out by hand").into());
        }
    }
    let ours: Vec<&&str> = shim::HOOKS.iter().filter(is_ours).collect();
    for hook in &ours {
        let (path, kept) = (folder.join(hook), folder.join(shim::kept(hook)));
        let undone = if is_there(&kept) { fs::rename(&kept, &path) } else { fs::remove_file(&path) };
        undone.with_context(|| format!("cannot take out `{}`", path.display()))?;
    }
    output::print(|out| match ours.as_slice() {
        [] => writeln!(out, "There is no hook of qmigrate in `{}`.", session.shorten(&folder.to_string_lossy())),
        _ => writeln!(out, "Took the hook out of `{}`.", session.shorten(&folder.to_string_lossy())),
    })?;
    Ok(Exit::Success)
}

fn is_shared(scope: &str) -> bool {
    matches!(scope, "global" | "system")
}

/// Refuses what cannot be put aside without losing something.
fn check(folder: &Path, hook: &str) -> Result<()> {
    let (path, kept) = (folder.join(hook), folder.join(shim::kept(hook)));
    let Ok(text) = fs::read(&path) else { return Ok(()) };
    if shim::was_ours(&text) && !shim::is_ours(&text) {
        let message = format!("`{}` is qmigrate's, and was changed since", path.display());
        return Err(Hinted::new(message).hint("keep what you added elsewhere, and remove the file").into());
    }
    if !shim::is_ours(&text) && is_there(&kept) {
        let message = format!("both `{}` and `{}` are there already", path.display(), kept.display());
        return Err(Hinted::new(message).hint("join them into one by hand").into());
    }
    Ok(())
}

fn put(folder: &Path, hook: &str, text: &[u8]) -> io::Result<()> {
    let (path, kept) = (folder.join(hook), folder.join(shim::kept(hook)));
    if is_there(&path) && !fs::read(&path).is_ok_and(|text| shim::is_ours(&text)) {
        fs::rename(&path, &kept)?;
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".qmigrate-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text)?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn refer(out: &mut dyn Write, manager: &Manager) -> io::Result<()> {
    let Manager { name, file, snippet } = manager;
    writeln!(out, "{name} manages the hooks here, so nothing was written. Add this to `{file}`:\n")?;
    for line in snippet.lines() {
        writeln!(out, "    {line}")?;
    }
    writeln!(out, "\n`--force` installs a hook all the same.")
}

fn tell(out: &mut dyn Write, session: &Session, folder: &Path) -> io::Result<()> {
    writeln!(out, "Installed the hook in `{}`.", session.shorten(&folder.to_string_lossy()))?;
    for hook in shim::HOOKS.iter().filter(|hook| is_there(&folder.join(shim::kept(hook)))) {
        writeln!(out, "The `{hook}` hook that was there runs first.")?;
    }
    writeln!(out, "New findings stop a commit from now on; `qmigrate hook uninstall` takes the hook out.")
}
