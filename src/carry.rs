//! Carries a change of one text over to another version of it.

use similar::Algorithm;
use similar::DiffOp;

/// Returns `other` with the change that leads from `before` to `after`; `None` where `other` differs from `before` in the
/// lines that change, or right beside them.
pub fn carry(before: &[u8], after: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (before, after, other) = (lines(before), lines(after), lines(other));
    let places = places(&before, &other);
    let place = |line: usize| places.get(line).copied().flatten();
    let mut carried = Vec::new();
    let mut done = 0;
    for operation in similar::capture_diff_slices(Algorithm::Myers, &before, &after) {
        let DiffOp::Equal { .. } = operation else {
            let (old, new) = (operation.old_range(), operation.new_range());
            // Every line that goes, and the neighbours of what comes, must stand in `other` too, in one piece.
            let first = old.start.saturating_sub(1);
            let last = old.end.min(before.len().saturating_sub(1));
            let start = if old.start == 0 { 0 } else { place(first)? + 1 };
            let whole = (first..=last).filter(|line| *line < before.len());
            let mut stretch = whole.map(place);
            let mut expected = stretch.next().unwrap_or(Some(0))?;
            if old.start == 0 && expected != 0 {
                return None;
            }
            for found in stretch {
                expected += 1;
                if found? != expected {
                    return None;
                }
            }
            if old.end >= before.len() && start + old.len() != other.len() {
                return None;
            }
            carried.extend(other.get(done..start)?.iter().copied().flatten().copied());
            carried.extend(after.get(new)?.iter().copied().flatten().copied());
            done = start + old.len();
            continue;
        };
    }
    carried.extend(other.get(done..)?.iter().copied().flatten().copied());
    Some(carried)
}

/// For each line of `before`, where it stands in `other`.
fn places(before: &[&[u8]], other: &[&[u8]]) -> Vec<Option<usize>> {
    let mut places = vec![None; before.len()];
    for operation in similar::capture_diff_slices(Algorithm::Myers, before, other) {
        if let DiffOp::Equal { old_index, new_index, len } = operation {
            for offset in 0..len {
                if let Some(place) = places.get_mut(old_index + offset) {
                    *place = Some(new_index + offset);
                }
            }
        }
    }
    places
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines are single letters.
    fn check(before: &str, after: &str, other: &str, carried: Option<&str>) {
        let text = |letters: &str| letters.chars().map(|letter| format!("{letter}\n")).collect::<String>();
        let found = carry(text(before).as_bytes(), text(after).as_bytes(), text(other).as_bytes());
        assert_eq!(found, carried.map(|carried| text(carried).into_bytes()), "{before} → {after}, {other}");
    }

    #[test]
    fn a_change_is_carried_over_where_its_lines_and_neighbours_are_the_same() {
        check("abcde", "abXde", "abcde", Some("abXde"));
        check("abcde", "abXde", "1abcde2", Some("1abXde2"));
        check("abcdefg", "aXcdeYg", "abc1defg", Some("aXc1deYg"));
        check("abc", "Xabc", "abc1", Some("Xabc1"));
        check("abc", "abcX", "1abc", Some("1abcX"));
        check("abc", "", "abc", Some(""));
        check("", "a", "", Some("a"));
    }

    #[test]
    fn a_change_is_not_carried_over_where_something_else_changed_there() {
        check("abcde", "abXde", "ab1de", None);
        check("abcde", "abXde", "ab1cde", None);
        check("abcde", "abXde", "abc1de", None);
        check("abc", "Xabc", "1abc", None);
        check("abc", "abcX", "abc1", None);
        check("abcde", "abXcde", "ab1cde", None);
    }

    #[test]
    fn a_last_line_without_an_end_is_a_line() {
        assert_eq!(carry(b"a\nb", b"a\nc", b"a\nb"), Some(b"a\nc".to_vec()));
        assert_eq!(carry(b"a\nb", b"a\nc", b"a\nb\n"), None);
    }
}
