//! Outlines made as the texts arrive, while others still ask which files there are: they need nothing but their texts.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::thread;

use rustc_hash::FxHashMap;

use crate::language;
use crate::language::Language;
use crate::language::Watch;
use crate::outline::Outline;
use crate::source::LanguageId;
use crate::source::MAX_BYTES;
use crate::source::SourceFile;
use crate::source::is_notebook;

use super::STACK;
use super::turns::Turns;

/// Outlines files on threads of its own, which end when this is dropped.
#[derive(Debug)]
pub struct Ahead(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    watches: Arc<[(LanguageId, Watch)]>,
    turns: Turns,
    texts: Mutex<Texts>,
    /// Something was added, or is done.
    news: Condvar,
}

#[derive(Debug, Default)]
struct Texts {
    all: Vec<Text>,
    by_path: FxHashMap<Arc<Path>, Vec<usize>>,
    open: VecDeque<usize>,
    is_closed: bool,
}

#[derive(Debug)]
struct Text {
    path: Arc<Path>,
    language: LanguageId,
    bytes: Arc<[u8]>,
    stand: Stand,
}

/// How far an outline is.
#[derive(Debug)]
enum Stand {
    Open,
    UnderWay,
    Done(Box<Made>),
    /// It was taken, or there will be none.
    Gone,
}

/// An outline, with all requests, and its text.
pub(super) type Made = (Outline, SourceFile);

impl Ahead {
    /// Outlines with so many threads, for whoever looks for this.
    pub fn new(watches: Arc<[(LanguageId, Watch)]>, threads: usize) -> Self {
        let shared = Shared { watches, turns: Turns::default(), texts: Mutex::default(), news: Condvar::new() };
        let shared = Arc::new(shared);
        for _ in 0..threads {
            let own = Arc::clone(&shared);
            let work = move || own.work(&|| false);
            // Where there are no threads, whoever asks outlines.
            _ = thread::Builder::new().stack_size(STACK).spawn(work);
        }
        Self(shared)
    }

    /// Notes that a file's outline will be asked for.
    pub fn add(&self, path: &Path, bytes: &Arc<[u8]>) {
        let is_small = u64::try_from(bytes.len()).is_ok_and(|size| size <= MAX_BYTES);
        let language = language::by_path(path).filter(|_| is_small && !is_notebook(path));
        let Some(language) = language.map(Language::id) else { return };
        let mut texts = self.0.texts();
        if texts.find(path, bytes).is_none() {
            let (path, index): (Arc<Path>, _) = (path.into(), texts.all.len());
            texts.by_path.entry(Arc::clone(&path)).or_default().push(index);
            texts.all.push(Text { path, language, bytes: Arc::clone(bytes), stand: Stand::Open });
            texts.open.push_back(index);
            self.0.news.notify_one();
        }
    }

    /// Outlines on this thread too, until something is over; [`Ahead::wake`] makes it ask whether it is.
    pub fn work_until(&self, is_over: &dyn Fn() -> bool) {
        self.0.work(is_over);
    }

    /// Wakes whoever waits for more to outline.
    pub fn wake(&self) {
        // Whoever has just asked whether it is over holds the lock until he waits.
        drop(self.0.texts());
        self.0.news.notify_all();
    }

    /// The outline of a file that was noted, if the same is looked for; waits until it is made.
    pub(super) fn take(&self, path: &Path, bytes: &[u8], watch: &Watch) -> Option<Made> {
        let mut texts = self.0.texts();
        let index = texts.find(path, bytes)?;
        let own = self.0.watch(texts.all.get(index)?.language)?;
        // The project may have other names for packages, which was not known before.
        if own.aliases != watch.aliases {
            return None;
        }
        loop {
            let stand = &mut texts.all.get_mut(index)?.stand;
            match std::mem::replace(stand, Stand::Gone) {
                Stand::Gone => return None,
                Stand::Done(made) => return Some(*made),
                Stand::Open => {
                    *stand = Stand::Open;
                    texts.open.retain(|open| *open != index);
                    drop(texts);
                    self.0.outline(index);
                    texts = self.0.texts();
                }
                Stand::UnderWay => {
                    *stand = Stand::UnderWay;
                    match texts.open.pop_front() {
                        Some(other) => {
                            drop(texts);
                            self.0.outline(other);
                            texts = self.0.texts();
                        }
                        None => texts = self.0.news.wait(texts).unwrap_or_else(PoisonError::into_inner),
                    }
                }
            }
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        let mut texts = self.0.texts();
        texts.open.clear();
        texts.is_closed = true;
        self.0.news.notify_all();
    }
}

impl Shared {
    fn watch(&self, language: LanguageId) -> Option<&Watch> {
        self.watches.iter().find(|(id, _)| *id == language).map(|(_, watch)| watch)
    }

    fn texts(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Outlines whatever is added, until it is over.
    fn work(&self, is_over: &dyn Fn() -> bool) {
        let mut texts = self.texts();
        loop {
            if texts.is_closed || is_over() {
                return;
            } else if let Some(index) = texts.open.pop_front() {
                drop(texts);
                self.outline(index);
                texts = self.texts();
            } else {
                texts = self.news.wait(texts).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Outlines a text that is no longer open.
    fn outline(&self, index: usize) {
        let mut texts = self.texts();
        let Some(text) = texts.all.get_mut(index) else { return };
        text.stand = Stand::UnderWay;
        let (path, bytes, language) = (Arc::clone(&text.path), Arc::clone(&text.bytes), text.language);
        drop(texts);
        let mut end = End { shared: self, index, stand: Stand::Gone };
        let (Some(watch), Some(language)) = (self.watch(language), language::by_id(language)) else { return };
        let source = SourceFile::from_bytes(path.to_path_buf(), language.id(), bytes.to_vec());
        let _turn = self.turns.take(source.text().len());
        let outline = language::outline(language, &source, watch);
        end.stand = Stand::Done(Box::new((outline, source)));
    }
}

/// Tells how outlining ended, even if it ended badly: then whoever asks outlines again, and gets to see why.
struct End<'s> {
    shared: &'s Shared,
    index: usize,
    stand: Stand,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        let mut texts = self.shared.texts();
        if let Some(text) = texts.all.get_mut(self.index) {
            text.stand = std::mem::replace(&mut self.stand, Stand::Gone);
        }
        self.shared.news.notify_all();
    }
}

impl Texts {
    /// A text of which an outline is there, or will be.
    fn find(&self, path: &Path, bytes: &[u8]) -> Option<usize> {
        let known = self.by_path.get(path)?.iter().copied();
        let is_it = |text: &Text| !matches!(text.stand, Stand::Gone) && *text.bytes == *bytes;
        known.into_iter().find(|&index| self.all.get(index).is_some_and(is_it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(threads: usize) -> Ahead {
        let watches: Vec<_> = language::all().iter().map(|language| (language.id(), Watch::default())).collect();
        Ahead::new(watches.into(), threads)
    }

    fn take(ahead: &Ahead, path: &str, bytes: &[u8]) -> Option<usize> {
        ahead.take(Path::new(path), bytes, &Watch::default()).map(|(outline, _)| outline.imports.len())
    }

    #[test]
    fn each_text_is_outlined_once_whoever_does_it() {
        for threads in [0, 1, 3] {
            let ahead = ahead(threads);
            let texts: Vec<(String, Arc<[u8]>)> = (0..40)
                .map(|number| (format!("/p/{number}.py"), "import a\n".repeat(number).into_bytes().into()))
                .collect();
            for (path, bytes) in &texts {
                ahead.add(Path::new(path), bytes);
                ahead.add(Path::new(path), bytes);
            }
            for (number, (path, bytes)) in texts.iter().enumerate() {
                assert_eq!(take(&ahead, path, bytes), Some(number), "{threads} threads");
                assert_eq!(take(&ahead, path, bytes), None, "{threads} threads: it was taken");
            }
        }
    }

    #[test]
    fn other_texts_are_not_known() {
        let ahead = ahead(0);
        let (old, new): (Arc<[u8]>, Arc<[u8]>) = ((*b"import a\n").into(), (*b"import a\nimport b\n").into());
        ahead.add(Path::new("/p/a.py"), &old);
        ahead.add(Path::new("/p/a.ipynb"), &old);
        assert_eq!(take(&ahead, "/p/a.py", &new), None);
        assert_eq!(take(&ahead, "/p/b.py", &old), None);
        assert_eq!(take(&ahead, "/p/a.ipynb", &old), None, "reading a notebook tells its language");
        ahead.add(Path::new("/p/a.py"), &new);
        assert_eq!(take(&ahead, "/p/a.py", &new), Some(2));
        let watch = Watch { aliases: vec!["ai".to_owned()], ..Watch::default() };
        assert!(ahead.take(Path::new("/p/a.py"), &old, &watch).is_none(), "something else is looked for");
        assert_eq!(take(&ahead, "/p/a.py", &old), Some(1));
    }

    #[test]
    fn whoever_helps_is_told_when_it_is_over() {
        let ahead = ahead(0);
        let text: Arc<[u8]> = (*b"import a\n").into();
        let is_over = std::sync::atomic::AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| ahead.work_until(&|| is_over.load(std::sync::atomic::Ordering::Acquire)));
            ahead.add(Path::new("/p/a.py"), &text);
            assert_eq!(take(&ahead, "/p/a.py", &text), Some(1));
            is_over.store(true, std::sync::atomic::Ordering::Release);
            ahead.wake();
        });
    }
}
