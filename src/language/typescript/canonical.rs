//! The ways in which a package is asked for.

/// Sites that serve packages, and what stands before the package in their addresses.
const SITES: [&str; 12] = [
    "esm.sh/",
    "cdn.esm.sh/",
    "cdn.jsdelivr.net/npm/",
    "esm.run/",
    "unpkg.com/",
    "cdn.skypack.dev/",
    "cdn.pika.dev/",
    "ga.jspm.io/npm:",
    "jspm.dev/npm:",
    "jspm.dev/",
    "deno.land/x/",
    "esm.town/npm/",
];

/// Files of a package that are the package itself.
const WHOLE: [&str; 9] =
    ["index", "mod", "index.js", "index.mjs", "index.cjs", "index.ts", "index.mts", "mod.ts", "+esm"];

/// The request as rules spell it: `openai` for `npm:openai@4`, `https://esm.sh/openai@4.20.1?x` and `openai/index.mjs`;
/// `None` where it is for none of `packages`.
pub(super) fn canonical(request: &str, packages: &[String]) -> Option<String> {
    // Most requests are told apart by this alone.
    if !packages.iter().any(|package| request.contains(package.as_str())) {
        return None;
    }
    let plain = plain(request)?;
    let plain = unscoped(request, plain);
    let package = packages.iter().filter(|package| starts_with(plain, package)).max_by_key(|package| package.len())?;
    let rest = plain.get(package.len()..)?;
    // `openai@4.20.1/index`
    let rest = match rest.strip_prefix('@') {
        Some(versioned) => versioned.find('/').and_then(|slash| versioned.get(slash..)).unwrap_or_default(),
        None => rest,
    };
    let inner = rest.trim_start_matches('/').trim_end_matches('/');
    if inner.is_empty() || WHOLE.contains(&inner) {
        return Some(package.clone());
    }
    let inner = [".mjs", ".cjs", ".js", ".ts"].iter().find_map(|end| inner.strip_suffix(end)).unwrap_or(inner);
    Some(format!("{package}/{inner}"))
}

/// The request without what names a registry or a site.
fn plain(request: &str) -> Option<&str> {
    let request = request.split(['?', '#']).next().unwrap_or_default();
    if let Some(rest) = ["npm:", "jsr:", "bun:"].iter().find_map(|scheme| request.strip_prefix(scheme)) {
        return Some(rest.trim_start_matches('/'));
    }
    let Some(address) = request.strip_prefix("https://").or_else(|| request.strip_prefix("http://")) else {
        return (!request.starts_with(['.', '/'])).then_some(request);
    };
    let rest = SITES.iter().find_map(|site| address.strip_prefix(site))?;
    // `esm.sh/v135/openai`, `esm.sh/*openai`, `cdn.skypack.dev/pin/openai`
    let rest = rest.trim_start_matches('*');
    let versioned = rest.split_once('/').filter(|(first, _)| {
        *first == "stable"
            || first
                .strip_prefix('v')
                .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    });
    Some(versioned.map_or(rest, |(_, rest)| rest))
}

/// In that registry every package has a scope: `jsr:@openai/openai` is `openai`.
fn unscoped<'r>(request: &str, plain: &'r str) -> &'r str {
    let scoped =
        plain.strip_prefix('@').filter(|_| request.starts_with("jsr:")).and_then(|plain| plain.split_once('/'));
    scoped.filter(|(scope, rest)| starts_with(rest, scope)).map_or(plain, |(_, rest)| rest)
}

fn starts_with(request: &str, package: &str) -> bool {
    request.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_package_is_the_package() {
        let packages = ["openai".to_owned(), "@acme/ai".to_owned()];
        for request in [
            "openai",
            "openai/index",
            "openai/index.mjs",
            "npm:openai",
            "npm:openai@4",
            "npm:openai@^4.0.0/index.js",
            "npm:/openai@4",
            "https://esm.sh/openai@4.20.1?x",
            "https://esm.sh/v135/openai@4",
            "https://deno.land/x/openai@v4.1.0/mod.ts",
            "https://cdn.jsdelivr.net/npm/openai@4/+esm",
            "https://unpkg.com/openai",
            "https://cdn.skypack.dev/openai",
            "https://ga.jspm.io/npm:openai@4.1.0/index.mjs",
            "https://esm.sh/openai/",
            "jsr:@openai/openai",
            "jsr:@openai/openai@^4.0.0",
        ] {
            assert_eq!(canonical(request, &packages).as_deref(), Some("openai"), "{request}");
        }
        for request in [
            "openai-edge",
            "@azure/openai",
            "./openai",
            "https://evil.example/openai",
            "https://esm.sh/openai-edge@1",
            "my-openai",
            "jsr:@acme/openai",
            "@openai/openai",
        ] {
            assert_eq!(canonical(request, &packages), None, "{request}");
        }
        assert_eq!(canonical("openai/resources/chat.mjs", &packages).as_deref(), Some("openai/resources/chat"));
        assert_eq!(canonical("@acme/ai/edge", &packages).as_deref(), Some("@acme/ai/edge"));
    }
}
