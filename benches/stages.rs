#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "benchmarks may stop at the first surprise")]
//! The speed of the stages, on files and trees that are generated.
//!
//! `just bench` runs all, `just bench outline` some. Memory is counted: the columns `alloc` and `max alloc` are what a
//! stage asks for, which is what the goal for whole runs (`benches/tools.py`) hangs on.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use divan::AllocProfiler;
use divan::Bencher;
use divan::counter::BytesCount;
use divan::counter::ItemsCount;
use tempfile::TempDir;

use qmigrate::config::Config;
use qmigrate::engine;
use qmigrate::engine::Mode;
use qmigrate::engine::Options;
use qmigrate::gather;
use qmigrate::gather::Request;
use qmigrate::language;
use qmigrate::rule::Rule;
use qmigrate::rule::load::builtin;
use qmigrate::source::LanguageId;
use qmigrate::source::SourceFile;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// Of so many files of a tree, one constructs a client.
const SHARE: usize = 20;

fn main() {
    divan::main();
}

/// Parsing and lowering one file.
#[divan::bench(args = [10, 100, 1000])]
fn outline(bencher: Bencher<'_, '_>, services: usize) {
    let text = module(services);
    let python = language::by_id(LanguageId::Python).unwrap();
    let (_, watch) = gather::watches(&Config::defaults("/".into()), &rules()).into_iter().next().unwrap();
    let source = SourceFile::from_bytes("/app.py".into(), LanguageId::Python, text.clone().into_bytes());
    bencher.counter(BytesCount::of_str(&text)).bench(|| python.outline(black_box(&source), &watch));
}

/// Asking whether a file that has nothing to do with us can matter, and what it imports.
#[divan::bench(args = [10, 100, 1000])]
fn first_look(bencher: Bencher<'_, '_>, services: usize) {
    let text = stranger(services);
    let python = language::by_id(LanguageId::Python).unwrap();
    let (_, watch) = gather::watches(&Config::defaults("/".into()), &rules()).into_iter().next().unwrap();
    bencher.counter(BytesCount::of_str(&text)).bench(|| python.glance(black_box(text.as_bytes()), &watch));
}

/// Walking a tree, reading it, and outlining what matters.
#[divan::bench(args = [200, 2000], sample_count = 20)]
fn discover_and_look(bencher: Bencher<'_, '_>, files: usize) {
    let tree = tree(files);
    let config = Config::defaults(tree.path().to_path_buf());
    let rules = rules();
    let watches = gather::watches(&config, &rules);
    let paths = [tree.path().to_path_buf()];
    let request = Request {
        config: &config,
        rules: &rules,
        watches: &watches,
        paths: &paths,
        given: None,
        shelf: None,
        looks: None,
        whole: true,
        languages: &[],
        threads: 2,
        memory: None,
        shallow: gather::Near::default(),
        exports: &gather::Exports::Unasked,
        ahead: None,
    };
    bencher.counter(ItemsCount::new(files)).bench(|| gather::gather(&request, &|| {}).unwrap());
}

/// A whole scan: what stands above, and resolving, finding, judging, and each finding's own fix.
#[divan::bench(args = [200, 2000], sample_count = 20)]
fn scan(bencher: Bencher<'_, '_>, files: usize) {
    let tree = tree(files);
    let (config, options) = run(&tree);
    let rules = rules();
    bencher.counter(ItemsCount::new(files)).bench(|| engine::scan(&config, &rules, &options, &|| {}).unwrap());
}

/// The same, and the plan: what each file becomes, outlined again.
#[divan::bench(args = [200, 2000], sample_count = 20)]
fn plan(bencher: Bencher<'_, '_>, files: usize) {
    let tree = tree(files);
    let (config, options) = run(&tree);
    let rules = rules();
    let plan = || engine::fix(&config, &rules, &options, Mode::default(), None, &|| {}).unwrap();
    assert_eq!(plan().plan.changes.len(), files / SHARE, "the tree is not what it is meant to be");
    bencher.counter(ItemsCount::new(files)).bench(plan);
}

fn rules() -> Vec<Rule> {
    builtin().unwrap()
}

fn run(tree: &TempDir) -> (Config, Options) {
    let root = tree.path().to_path_buf();
    let options = Options { cwd: root.clone(), threads: 2, ..Options::default() };
    (Config::defaults(root), options)
}

/// A project with a factory, in which one of `SHARE` files constructs a client.
fn tree(files: usize) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = tree.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    };
    write("utils/__init__.py", "");
    write(
        "utils/openai_client_factory.py",
        "def get_openai_client(*, workspace_id=None, **options): ...\n\n\ndef get_async_openai_client(*, workspace_id=None, **options): ...\n",
    );
    for number in 0..files {
        let text = if number % SHARE == 0 { module(8) } else { stranger(8) };
        write(&format!("app/part{}/service{number}.py", number % 16), &text);
    }
    tree
}

/// A module of services, each with a client of its own.
fn module(services: usize) -> String {
    let mut text = String::from(
        "\"\"\"Services.\"\"\"\n\nimport logging\n\nfrom openai import AsyncOpenAI, OpenAI, RateLimitError\n\nlog = logging.getLogger(__name__)\n",
    );
    for number in 0..services {
        write!(
            text,
            r#"

class Service{number}:
    """Answers questions of kind {number}."""

    def __init__(self, workspace_id: str, limit: int = {number}) -> None:
        self.workspace_id = workspace_id
        self.limit = limit
        self.client = OpenAI(timeout=limit, max_retries=3)

    async def answer(self, questions: list[str]) -> dict[str, str]:
        client = AsyncOpenAI(timeout=self.limit)
        answers = {{}}
        for index, question in enumerate(questions):
            try:
                response = await client.responses.create(model="gpt-4o", input=f"{{index}}: {{question.strip()!r}}")
            except RateLimitError as error:
                log.warning("question %d: %s", index, error)
                continue
            answers[question] = response.output_text
        return {{key: value for key, value in answers.items() if len(value) > self.limit}}
"#
        )
        .unwrap();
    }
    text
}

/// A module like the above that has nothing to do with any rule.
fn stranger(services: usize) -> String {
    module(services).replace("OpenAI", "Vendor").replace("openai", "vendor.clients")
}
