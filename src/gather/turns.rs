//! Which threads may parse at the same time.

use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;

/// How many bytes of text are parsed at the same time; a larger text is parsed alone. A syntax tree and what is learned
/// from it take some fifteen times their text.
const LIMIT: usize = 1024 * 1024;

/// Lets threads parse as long as all texts that are parsed stay below the limit.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The bytes that are being parsed.
    taken: Mutex<usize>,
    returned: Condvar,
}

/// The right to parse a text, for as long as it is held.
#[derive(Debug)]
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    size: usize,
}

impl Turns {
    /// Waits until a text of this size may be parsed.
    pub(super) fn take(&self, size: usize) -> Turn<'_> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |taken: &mut usize| *taken > 0 && *taken + size > LIMIT;
        *self.returned.wait_while(taken, is_full).unwrap_or_else(PoisonError::into_inner) += size;
        Turn { turns: self, size }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.turns.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.size;
        self.turns.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_larger_than_the_limit_is_parsed_alone() {
        let turns = Turns::default();
        let turn = turns.take(2 * LIMIT);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| drop(turns.take(1)));
            drop(turn);
            assert!(other.join().is_ok());
        });
        drop(turns.take(LIMIT));
    }
}
