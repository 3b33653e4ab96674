//! A sketch in one piece of memory: there is one for nearly every file of a project.

use super::Sketch;

/// A [`Sketch`] that is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedSketch {
    /// Statements, names and attributes, one after the other.
    words: Box<[u32]>,
    /// How many words are statements; and where the attributes begin.
    parts: (u32, u32),
}

impl PackedSketch {
    /// Each statement: the hash of the module's last part, and how many names follow in [`PackedSketch::names`].
    pub fn statements(&self) -> impl Iterator<Item = (u32, u32)> {
        pairs(self.words.get(..self.parts.0 as usize).unwrap_or_default())
    }

    /// Hashes of the imported names, statement after statement.
    pub fn names(&self) -> &[u32] {
        self.words.get(self.parts.0 as usize..self.parts.1 as usize).unwrap_or_default()
    }

    /// Hashes of `a` and `B` for each `a.B` whose `B` is a watched class or package.
    pub fn attributes(&self) -> impl Iterator<Item = (u32, u32)> {
        pairs(self.words.get(self.parts.1 as usize..).unwrap_or_default())
    }
}

fn pairs(words: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    words.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
}

impl From<&Sketch> for PackedSketch {
    fn from(sketch: &Sketch) -> Self {
        let mut words =
            Vec::with_capacity(2 * sketch.statements.len() + sketch.names.len() + 2 * sketch.attributes.len());
        words.extend(sketch.statements.iter().flat_map(|&(tail, count)| [tail, count]));
        let names = words.len();
        words.extend_from_slice(&sketch.names);
        let attributes = words.len();
        words.extend(sketch.attributes.iter().flat_map(|&(object, name)| [object, name]));
        let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        Self { words: words.into_boxed_slice(), parts: (place(names), place(attributes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let sketch = Sketch { statements: vec![(1, 2), (3, 1)], names: vec![4, 5, 6], attributes: vec![(7, 8)] };
        let packed = PackedSketch::from(&sketch);
        assert_eq!(packed.statements().collect::<Vec<_>>(), sketch.statements);
        assert_eq!(packed.names(), sketch.names);
        assert_eq!(packed.attributes().collect::<Vec<_>>(), sketch.attributes);
        assert_eq!(PackedSketch::default().statements().count(), 0);
    }
}
