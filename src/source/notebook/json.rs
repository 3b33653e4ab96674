//! The shape of a notebook's JSON, as far as it matters here; what else there is, is passed over.
//!
//! Where a key stands twice, the last one counts, as in every program that reads notebooks.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

/// A notebook of any format: its cells, or sheets of them.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) cells: Option<Vec<Keyed<Cell<'a>>>>,
    pub(super) worksheets: Option<Vec<Keyed<Document<'a>>>>,
    pub(super) metadata: Option<&'a RawValue>,
}

/// A cell.
#[derive(Debug, Default)]
pub(super) struct Cell<'a> {
    pub(super) kind: Option<&'a RawValue>,
    /// `source`, or `input` before format 4.
    pub(super) source: Option<&'a RawValue>,
    /// Before format 4.
    pub(super) language: Option<&'a RawValue>,
    pub(super) metadata: Option<&'a RawValue>,
}

/// What a notebook says about its kernel; beside it may lie megabytes of the state of widgets.
#[derive(Debug, Default)]
pub(super) struct Metadata<'a> {
    pub(super) kernelspec: Option<&'a RawValue>,
    pub(super) language_info: Option<&'a RawValue>,
}

/// An object of which some keys are read.
#[derive(Debug, Default)]
pub(super) struct Keyed<T>(pub(super) T);

/// What reads some keys of an object.
trait Keys<'a>: Default {
    /// Takes the value of a key, or passes it over.
    fn take<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

impl<'a> Keys<'a> for Document<'a> {
    fn take<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "cells" => self.cells = map.next_value()?,
            "worksheets" => self.worksheets = map.next_value()?,
            "metadata" => self.metadata = map.next_value()?,
            _ => _ = map.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

impl<'a> Keys<'a> for Cell<'a> {
    fn take<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "cell_type" => self.kind = map.next_value()?,
            "source" | "input" => self.source = map.next_value()?,
            "language" => self.language = map.next_value()?,
            "metadata" => self.metadata = map.next_value()?,
            _ => _ = map.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

impl<'a> Keys<'a> for Metadata<'a> {
    fn take<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "kernelspec" => self.kernelspec = map.next_value()?,
            "language_info" => self.language_info = map.next_value()?,
            _ => _ = map.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

impl<'a, T: Keys<'a>> Deserialize<'a> for Keyed<T> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeysVisitor(PhantomData))
    }
}

struct KeysVisitor<T>(PhantomData<T>);

impl<'a, T: Keys<'a>> Visitor<'a> for KeysVisitor<T> {
    type Value = Keyed<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Keyed<T>, A::Error> {
        let mut keyed = T::default();
        while let Some(Key(key)) = map.next_key()? {
            keyed.take(&key, &mut map)?;
        }
        Ok(Keyed(keyed))
    }
}

/// A key, borrowed where it holds no escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Parses a notebook, and hands it on with the text that it borrows from; also one that holds `NaN` or `Infinity`, which
/// Jupyter writes and reads although JSON has neither.
pub(super) fn parse<T>(text: &str, read: impl Fn(&str, &Document<'_>) -> T) -> Result<T, serde_json::Error> {
    if let Ok(Keyed(document)) = serde_json::from_str::<Keyed<Document<'_>>>(text) {
        return Ok(read(text, &document));
    }
    // A zero as long as the word keeps every offset. Some stand in strings, whose text is never taken from here.
    let patched = text.replace("NaN", "0.0").replace("Infinity", "0.000000");
    let Keyed(document) = serde_json::from_str::<Keyed<Document<'_>>>(&patched)?;
    Ok(read(&patched, &document))
}
