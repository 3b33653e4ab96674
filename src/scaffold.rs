//! The factory that comes with the program: its files as they were when it was built.

/// The version of the factory: it comes with the program, and has the same.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The module that says what calls are for. It lies beside the factory's own.
const CONTEXT: &str = "ai_usage_context";

/// The package that does the work. Both modules import it by this name.
const PACKAGE: &str = "openai_runtime";

/// One file of the factory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// Where it belongs: from the folder that imports start from, with `/`.
    pub path: String,
    /// What it holds.
    pub text: &'static str,
}

/// The files of a factory in Python whose clients come from `module`, sorted by path.
pub fn python(module: &str) -> Vec<Piece> {
    let front = module.replace('.', "/");
    let context =
        front.rsplit_once('/').map_or_else(|| CONTEXT.to_owned(), |(folder, _)| format!("{folder}/{CONTEXT}"));
    let fronts = [(front, FACTORY_TEXT), (context, CONTEXT_TEXT)];
    let fronts = fronts.into_iter().map(|(path, text)| Piece { path: format!("{path}.py"), text });
    let package = FILES.iter().map(|&(name, text)| Piece { path: format!("{PACKAGE}/{name}"), text });
    let mut pieces: Vec<Piece> = fronts.chain(package).collect();
    pieces.sort();
    pieces
}

const FACTORY_TEXT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/runtime/python/scaffold/utils/openai_client_factory.py"));

const CONTEXT_TEXT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/runtime/python/scaffold/utils/ai_usage_context.py"));

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The package's files.
        const FILES: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/runtime/python/src/openai_runtime/", $name)),
        )),*];
    };
}

files! {
    "__init__.py",
    "__main__.py",
    "_alerts.py",
    "_away.py",
    "_batches.py",
    "_breaker.py",
    "_budget.py",
    "_client.py",
    "_config.py",
    "_context.py",
    "_dropped.py",
    "_gate.py",
    "_http.py",
    "_journal.py",
    "_limits.py",
    "_log.py",
    "_memory.py",
    "_mock.py",
    "_prices.py",
    "_prompts.py",
    "_queue.py",
    "_report.py",
    "_routes.py",
    "_runtime.py",
    "_seam.py",
    "_sqlite.py",
    "_sse.py",
    "_structured.py",
    "_tracker.py",
    "_usage.py",
    "_websocket.py",
    "_writer.py",
    "cli.py",
    "errors.py",
    "opentelemetry.py",
    "postgres.py",
    "prices.json",
    "prometheus.py",
    "py.typed",
    "redis.py",
    "testing.py",
    "types.py",
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(module: &str) -> Vec<String> {
        let pieces = python(module).into_iter().map(|piece| piece.path);
        pieces.filter(|path| !path.starts_with("openai_runtime/_")).collect()
    }

    #[test]
    fn the_two_modules_lie_where_the_configuration_says() {
        let paths_of_default = paths("utils.openai_client_factory");
        assert!(paths_of_default.contains(&"utils/openai_client_factory.py".to_owned()));
        assert!(paths_of_default.contains(&"utils/ai_usage_context.py".to_owned()));
        assert!(paths_of_default.contains(&"openai_runtime/prices.json".to_owned()));
        let flat = paths("clients");
        assert!(flat.contains(&"clients.py".to_owned()) && flat.contains(&"ai_usage_context.py".to_owned()));
    }
}
