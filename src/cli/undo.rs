//! `qmigrate undo`: takes back the last fix, or the named one.

use std::io;
use std::io::Write;

use anyhow::Result;

use crate::apply;
use crate::apply::UndoStatus;
use crate::apply::Undone;
use crate::cli::args::UndoArgs;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::report::count;
use crate::report::escape;
use crate::report::relative;
use crate::store::journal::Journal;
use crate::store::journal::Listing;

/// Takes a fix back, or lists what can be taken back.
pub(crate) fn undo(session: &Session, args: &UndoArgs) -> Result<Exit> {
    let config = session.config()?;
    let journal = Journal::at(&config.root)?;
    if args.list {
        let listing = journal.list()?;
        output::print(|out| write_list(out, &listing))?;
        return Ok(Exit::Success);
    }
    let undone = apply::undo(&journal, args.id.as_deref())?;
    for damaged in &undone.damaged {
        session.warn(&format!("the later fix {} is passed over: {}", damaged.id, damaged.reason));
    }
    output::print(|out| write(out, &undone, session))?;
    let is_whole = undone.files.iter().all(|file| file.reason.is_none());
    Ok(if is_whole { Exit::Success } else { Exit::Incomplete })
}

fn write_list(out: &mut dyn Write, listing: &Listing) -> io::Result<()> {
    if listing.entries.is_empty() && listing.damaged.is_empty() {
        return writeln!(out, "Nothing to undo.");
    }
    for entry in &listing.entries {
        let undone = if entry.undone { ", taken back" } else { "" };
        writeln!(out, "{}  {}{undone}", entry.id, count(entry.files.len(), "file"))?;
    }
    for damaged in &listing.damaged {
        writeln!(out, "{}  damaged: {}", escape(&damaged.id), escape(&damaged.reason))?;
    }
    Ok(())
}

fn write(out: &mut dyn Write, undone: &Undone, session: &Session) -> io::Result<()> {
    let restored = undone.files.iter().filter(|file| file.status == UndoStatus::Restored).count();
    if !session.quiet {
        writeln!(out, "Took back {}: {} restored.", undone.id, count(restored, "file"))?;
    }
    for file in &undone.files {
        let path = relative(&file.path, &session.cwd);
        match &file.reason {
            Some(reason) => writeln!(out, "  {}: {}", escape(&path), escape(reason))?,
            None if session.verbose => {
                writeln!(out, "  {}: {}", escape(&path), file.status.name())?;
            }
            None => {}
        }
    }
    Ok(())
}
