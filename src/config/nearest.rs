//! The word that somebody most likely meant.

/// A word less alike than this is no help.
const ALIKE: f64 = 0.7;

/// Returns the candidate most like `word`, if any is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let mut best = None;
    for candidate in candidates {
        let candidate_word = plain(candidate);
        let alike = strsim::jaro_winkler(&word, &candidate_word)
            .max(strsim::jaro_winkler(&sorted(&word), &sorted(&candidate_word)));
        if alike > best.map_or(ALIKE, |(most, _)| most) {
            best = Some((alike, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Returns the question `did you mean …?`, or the list of what would be right.
pub fn advice<'a>(word: &str, kind: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match nearest(word, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("{kind}: {}", candidates.join(", ")),
    }
}

/// Case, and which dash joins two words, tell nothing about what was meant.
fn plain(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
}

/// Parts in the wrong order are a likely slip.
fn sorted(word: &str) -> String {
    let mut parts: Vec<&str> = word.split('-').collect();
    parts.sort_unstable();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_alike_word_wins_and_strangers_get_the_list() {
        let rules = ["direct-client", "client-subclass", "dynamic-client"];
        assert_eq!(nearest("Direct_Clients", rules), Some("direct-client"));
        assert_eq!(nearest("subclass-client", ["client-subclass"]), Some("client-subclass"));
        assert_eq!(advice("zzz", "known rules", ["a", "b"]), "known rules: a, b");
    }
}
