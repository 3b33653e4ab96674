#![expect(clippy::disallowed_methods, reason = "git is started here")]
//! What git stores, through one `git cat-file --batch` for any number of objects.

use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use super::GitError;
use super::Repository;

/// Bytes of requests that may wait for their answers: less than any pipe holds, so that neither side waits for ever.
const MAX_WAITING: usize = 4096;

/// How git is asked for objects; it answers one by one, each with a write of its own or three.
const PLAIN: &[&str] = &["cat-file", "--batch"];

/// The same since git 2.36: it answers all together, when it is told to.
const BUFFERED: &[&str] = &["cat-file", "--batch-command", "--buffer"];

/// Bytes of objects that are kept without having been asked for beforehand.
const MAX_KEPT: usize = 64 * 1024 * 1024;

/// The name of an object: its hash in hexadecimal digits.
pub type ObjectId = Arc<str>;

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its name.
    pub id: ObjectId,
    /// What it holds.
    pub bytes: Arc<[u8]>,
}

/// A repository's objects. What was read once is kept, up to a limit.
#[derive(Debug)]
pub struct Objects {
    pipe: Mutex<Pipe>,
    known: Mutex<Known>,
}

/// What was read.
#[derive(Debug, Default)]
struct Known {
    objects: FxHashMap<Box<str>, Option<Object>>,
    bytes: usize,
}

impl Known {
    fn keep(&mut self, name: &str, object: Option<Object>) {
        self.bytes += object.as_ref().map_or(0, |object| object.bytes.len());
        self.objects.insert(name.into(), object);
    }
}

impl Repository {
    /// Opens the repository's objects: starts a process, which ends when the answer is dropped.
    ///
    /// # Errors
    ///
    /// When git cannot be run.
    pub fn objects(&self) -> Result<Objects, GitError> {
        let ends = Ends::open(self.root(), BUFFERED)?;
        let pipe = Pipe { root: self.root().to_path_buf(), ends, is_buffered: true, has_answered: false };
        Ok(Objects { pipe: Mutex::new(pipe), known: Mutex::default() })
    }
}

impl Objects {
    /// Returns the object that a name means: a hash, or a name such as `HEAD^{tree}` on one line.
    ///
    /// # Errors
    ///
    /// When git cannot be talked to.
    pub fn get(&self, name: &str) -> Result<Option<Object>, GitError> {
        if let Some(known) = self.known().objects.get(name) {
            return Ok(known.clone());
        }
        let mut pipe = self.pipe();
        // Somebody may have asked while we waited.
        if let Some(known) = self.known().objects.get(name) {
            return Ok(known.clone());
        }
        let mut found = None;
        pipe.ask(&[name], &mut |_, object| found = object)?;
        drop(pipe);
        let mut known = self.known();
        if known.bytes < MAX_KEPT {
            known.keep(name, found.clone());
        }
        Ok(found)
    }

    /// Reads objects that are asked for later, all at once.
    ///
    /// # Errors
    ///
    /// As for [`Objects::get`].
    pub fn fetch(&self, names: &[&str]) -> Result<(), GitError> {
        self.fetch_each(names, &mut |_, _| {})
    }

    /// The same; `arrived` is shown each that was not known as soon as it is there, by its place among the names.
    ///
    /// # Errors
    ///
    /// As for [`Objects::get`].
    pub fn fetch_each(&self, names: &[&str], arrived: &mut dyn FnMut(usize, &Object)) -> Result<(), GitError> {
        let mut pipe = self.pipe();
        let open: Vec<(usize, &str)> = {
            let known = self.known();
            let numbered = names.iter().copied().enumerate();
            numbered.filter(|(_, name)| !known.objects.contains_key(*name)).collect()
        };
        let mut open = open.into_iter().peekable();
        while open.peek().is_some() {
            let (mut places, mut waiting) = (Vec::new(), Vec::new());
            let mut length = 0;
            while let Some((place, name)) = open.next_if(|(_, name)| length == 0 || length + name.len() < MAX_WAITING) {
                length += name.len() + 1;
                places.push(place);
                waiting.push(name);
            }
            pipe.ask(&waiting, &mut |index, object| {
                if let (Some(place), Some(object)) = (places.get(index), &object) {
                    arrived(*place, object);
                }
                if let Some(name) = waiting.get(index) {
                    self.known().keep(name, object);
                }
            })?;
        }
        Ok(())
    }

    /// Lets the process end by itself: nothing is asked of it any more, and nobody waits for it.
    pub fn close(&self) {
        self.pipe().ends.leave();
    }

    /// Forgets what was read, if it is more than is kept without having been asked for.
    pub fn forget(&self) {
        let mut known = self.known();
        if known.bytes > MAX_KEPT {
            *known = Known::default();
        }
    }

    fn pipe(&self) -> MutexGuard<'_, Pipe> {
        self.pipe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The process, and how it is talked to.
#[derive(Debug)]
struct Pipe {
    root: PathBuf,
    ends: Ends,
    is_buffered: bool,
    has_answered: bool,
}

impl Pipe {
    /// Asks for objects, and hands over each with its place among the names.
    fn ask(&mut self, names: &[&str], take: &mut dyn FnMut(usize, Option<Object>)) -> Result<(), GitError> {
        let mut asked = self.try_ask(names, take);
        if asked.is_err() && self.is_buffered && !self.has_answered {
            // An older git refuses the command line, and is gone.
            self.is_buffered = false;
            self.ends = Ends::open(&self.root, PLAIN)?;
            asked = self.try_ask(names, take);
        }
        asked.map_err(|_| GitError::Output { command: "cat-file" })
    }

    fn try_ask(&mut self, names: &[&str], take: &mut dyn FnMut(usize, Option<Object>)) -> io::Result<()> {
        let mut request = Vec::new();
        for name in names {
            request.extend_from_slice(if self.is_buffered { b"contents " } else { b"" });
            request.extend_from_slice(name.as_bytes());
            request.push(b'\n');
        }
        request.extend_from_slice(if self.is_buffered { b"flush\n" } else { b"" });
        self.ends.write(&request)?;
        for place in 0..names.len() {
            let object = self.ends.answer()?;
            self.has_answered = true;
            take(place, object);
        }
        Ok(())
    }
}

/// A process and its two ends.
#[derive(Debug)]
struct Ends {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Whether nobody cares when the process ends.
    is_left: bool,
}

impl Ends {
    fn open(root: &Path, arguments: &[&str]) -> Result<Self, GitError> {
        let mut command = Command::new("git");
        command.current_dir(root).args(arguments);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = pipes.spawn().map_err(GitError::Start)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::Output { command: "cat-file" });
        };
        Ok(Self { child, input: Some(input), output: BufReader::with_capacity(64 * 1024, output), is_left: false })
    }

    fn leave(&mut self) {
        self.input = None;
        self.is_left = true;
    }

    fn write(&mut self, request: &[u8]) -> io::Result<()> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(request)?;
        input.flush()
    }

    /// Reads one answer: `HASH KIND SIZE`, a line end, so many bytes, and a line end; or a line that ends otherwise.
    fn answer(&mut self) -> io::Result<Option<Object>> {
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line);
        let mut words = line.split(' ');
        let header = (words.next(), words.next(), words.next().map(str::parse::<usize>), words.next());
        let (Some(id), Some("blob" | "tree" | "commit" | "tag"), Some(Ok(size)), None) = header else {
            return Ok(None);
        };
        let mut bytes = vec![0; size];
        self.output.read_exact(&mut bytes)?;
        let mut end = [0];
        self.output.read_exact(&mut end)?;
        Ok(Some(Object { id: id.into(), bytes: bytes.into() }))
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        // It ends when nobody can ask any more.
        self.input = None;
        if !self.is_left {
            let _ = self.child.wait();
        }
    }
}
