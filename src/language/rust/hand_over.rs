//! How a value of the context is handed to the factory's function, so that types fit and nothing is moved that is needed.

use crate::outline::Held;
use crate::outline::Parameter;

use super::locals::is_copy;

/// The argument, or why there can be none.
pub(super) fn pass(source: &str, held: &Held, parameter: &Parameter) -> Result<String, String> {
    let name = &parameter.name;
    let Some(kind) = held.kind.as_deref() else {
        return Err(format!("the type of `{source}` cannot be seen here, so it is not handed to `{name}`"));
    };
    let fits = match parameter.kind.as_deref() {
        Some(wanted) => given(source, kind, held.spare, wanted),
        None => any(source, kind, held.spare),
    };
    fits.map_err(|why| match why {
        Why::Type => {
            let wanted = parameter.kind.as_deref().unwrap_or("another type");
            format!("`{source}` is a `{kind}`, and `{name}` takes `{wanted}`")
        }
        Why::Moved => format!("`{source}` would be moved into the factory, and may be needed later"),
    })
}

/// Why a value does not fit.
enum Why {
    Type,
    Moved,
}

/// The argument for a parameter of a type.
fn given(source: &str, kind: &str, spare: bool, wanted: &str) -> Result<String, Why> {
    if kind == wanted {
        return if is_copy(kind) || spare { Ok(source.to_owned()) } else { Err(Why::Moved) };
    }
    if let Some(inner) = wanted.strip_prefix("Option<").and_then(|wanted| wanted.strip_suffix('>')) {
        return given(source, kind, spare, inner).map(|text| format!("Some({text})"));
    }
    let Some(target) = wanted.strip_prefix('&').filter(|target| !target.starts_with("mut ")) else {
        return Err(Why::Type);
    };
    let is_text = target == "str"
        && matches!(kind, "String" | "Box<str>" | "Arc<str>" | "Rc<str>" | "Cow<str>" | "std::string::String");
    if kind == target || is_text {
        return Ok(format!("&{source}"));
    }
    let is_text = target == "str" && matches!(kind, "&String" | "&Box<str>" | "&Arc<str>" | "&Rc<str>" | "&Cow<str>");
    if is_text { Ok(source.to_owned()) } else { Err(Why::Type) }
}

/// The argument for a parameter that takes several types: texts by reference, all else as it is.
fn any(source: &str, kind: &str, spare: bool) -> Result<String, Why> {
    match kind {
        kind if is_copy(kind) || spare => Ok(source.to_owned()),
        "String" => Ok(format!("&{source}")),
        _ => Err(Why::Moved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, spare: bool, wanted: Option<&str>, expected: &str) {
        let held = Held { kind: Some(kind.into()), spare };
        let parameter = Parameter { name: "id".into(), optional: false, kind: wanted.map(Into::into) };
        let told = pass("w", &held, &parameter).unwrap_or_else(|why| why);
        assert_eq!(told, expected, "{kind} for {wanted:?}");
    }

    #[test]
    fn types_fit_or_the_reason_is_told() {
        check("&str", false, Some("&str"), "w");
        check("String", false, Some("&str"), "&w");
        check("String", true, Some("String"), "w");
        check("String", false, Some("String"), "`w` would be moved into the factory, and may be needed later");
        check("u64", false, Some("u64"), "w");
        check("Uuid", false, Some("&str"), "`w` is a `Uuid`, and `id` takes `&str`");
        check("&str", false, Some("Option<&str>"), "Some(w)");
        check("String", false, Some("Option<&str>"), "Some(&w)");
        check("String", false, None, "&w");
        check("&str", false, None, "w");
        check("&WorkspaceId", false, Some("&WorkspaceId"), "w");
        check("WorkspaceId", false, Some("&WorkspaceId"), "&w");
    }
}
