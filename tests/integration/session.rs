#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "tests may stop at the first surprise"
)]
//! A session that is told what changed says what a fresh scan says, whatever happened.

mod languages;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use qmigrate::config::Config;
use qmigrate::engine;
use qmigrate::engine::Mode;
use qmigrate::engine::Options;
use qmigrate::engine::session::Changes;
use qmigrate::engine::session::Reach;
use qmigrate::engine::session::Session;
use qmigrate::finding::Scan;
use qmigrate::report;
use qmigrate::rule;
use qmigrate::rule::Rule;
use qmigrate::schedule::Schedule;
use qmigrate::store::baseline;

use crate::support::FACTORY;
use crate::support::Project;

/// Texts that a file may hold: what it imports and what others may import from it.
const TEXTS: [&str; 13] = [
    "from openai import OpenAI\n\n\ndef connect(workspace_id):\n    return OpenAI(timeout=3)\n",
    "from openai import OpenAI as LLM\n",
    "from .clients import LLM\n\n\ndef run(workspace_id):\n    return LLM()\n",
    "from app.clients import *\n\nclient = LLM()\n",
    "import app.clients as clients\n\n\ndef run(workspace_id):\n    return clients.LLM(), clients.OpenAI()\n",
    "from utils.openai_client_factory import get_openai_client\n\n\ndef run(w):\n    return get_openai_client(workspace_id=w)\n",
    "class Base:\n    def __init__(self, workspace_id):\n        self.workspace_id = workspace_id\n",
    "from openai import OpenAI\n\nfrom app.base import Base\n\n\nclass Service(Base):\n    def run(self):\n        return OpenAI()\n",
    "def broken(:\n    OpenAI\n    import openai\n",
    "import openai\n\nopenai.api_key = 'x'\nprint(openai.OpenAI())  # qmigrate: ignore[direct-client] a reason\n",
    "from unittest.mock import patch\n\n\n@patch('app.a.OpenAI')\ndef test_it(client):\n    pass\n",
    "import openai\nfrom app.clients import LLM\n\nprint(openai)\n\n\ndef run(workspace_id):\n    return LLM()\n",
    "x = 1\n",
];

const NAMES: [&str; 9] = [
    "app/a.py",
    "app/b.py",
    "app/clients.py",
    "app/base.py",
    "app/sub/c.py",
    "lib/app/d.py",
    "tests/test_a.py",
    "openai/__init__.py",
    "top.py",
];

/// A generator of numbers that are the same in each run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

struct Pair {
    compared: usize,
    project: Project,
    session: Session,
    options: Options,
    numbers: Numbers,
}

fn rules(config: &Config) -> Vec<Rule> {
    rule::load::every(config).unwrap()
}

fn json(scan: &Scan, cwd: &Path) -> String {
    let mut out = Vec::new();
    report::json::write(&mut out, scan, cwd).unwrap();
    String::from_utf8(out).unwrap()
}

impl Pair {
    /// A project, and a session that has scanned it; `paths` are what is reported on.
    fn new(seed: u64, paths: &[&str]) -> Self {
        Self::of(Project::demo(), seed, paths)
    }

    fn of(project: Project, seed: u64, paths: &[&str]) -> Self {
        let cwd = project.path("");
        let cwd: PathBuf = cwd.components().collect();
        for path in paths {
            fs::create_dir_all(cwd.join(path)).unwrap();
        }
        let paths = paths.iter().map(|path| cwd.join(path)).collect();
        Self::with(project, seed, Options { cwd: cwd.clone(), paths, threads: 2, ..Options::default() })
    }

    fn with(project: Project, seed: u64, options: Options) -> Self {
        let config = Config::load(&options.cwd, None).unwrap();
        let session = Session::new(config.clone(), rules(&config), options.clone());
        let mut pair = Self { compared: 0, project, session, options, numbers: Numbers(seed) };
        pair.compare("at the start");
        pair
    }

    /// Writes a file, as if it had been written a while ago: only then may a session believe that it has not changed.
    fn write(&self, name: &str, text: &str) {
        self.project.write(name, text);
        let file = fs::File::options().write(true).open(self.project.path(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_mins(1)).unwrap();
    }

    /// Tells the session which paths changed, and compares.
    fn tell(&mut self, paths: &[&str], what: &str) {
        let paths: BTreeSet<PathBuf> = paths.iter().map(|path| self.options.cwd.join(path)).collect();
        self.session.note(&Changes { paths, more: false });
        self.compare(what);
    }

    fn compare(&mut self, what: &str) {
        let config = Config::load(&self.options.cwd, None).unwrap();
        let fresh = engine::scan(&config, &rules(&config), &self.options, &|| ());
        let known = self.session.scan(&|| ());
        match (fresh, known) {
            (Ok(fresh), Ok(known)) => {
                assert_eq!(fresh.warnings, known.scan.warnings, "{what}");
                let (fresh, known) = (json(&fresh, &self.options.cwd), json(&known.scan, &self.options.cwd));
                assert!(fresh == known, "{what}\nfresh: {fresh}\nknown: {known}");
                self.compared += 1;
                if self.compared.is_multiple_of(3) {
                    self.compare_plans(&config, what);
                }
            }
            (Err(fresh), Err(known)) => assert_eq!(fresh.to_string(), known.to_string(), "{what}"),
            (fresh, known) => {
                panic!("{what}: fresh {:?}, known {:?}", fresh.err(), known.err());
            }
        }
    }

    fn compare_plans(&mut self, config: &Config, what: &str) {
        let json = |schedule: &Schedule| {
            let mut out = Vec::new();
            report::schedule::json(&mut out, schedule, &self.options.cwd).unwrap();
            String::from_utf8(out).unwrap()
        };
        let (_, fresh) = engine::schedule(config, &rules(config), &self.options, &|| ()).unwrap();
        let (fresh, known) = (json(&fresh), json(&self.session.schedule(&|| ()).unwrap()));
        assert!(fresh == known, "{what}\nfresh plan: {fresh}\nknown plan: {known}");
    }

    /// Does one thing that people do, and compares.
    fn step(&mut self) {
        let (name, other) = (self.numbers.pick(&NAMES), self.numbers.pick(&NAMES));
        let text = self.numbers.pick(&TEXTS);
        match self.numbers.below(14) {
            0..=5 => {
                self.write(name, text);
                self.tell(&[name], &format!("{name} written: {text}"));
            }
            6 | 7 => {
                let _ = fs::remove_file(self.project.path(name));
                self.tell(&[name], &format!("{name} removed"));
            }
            8 => {
                fs::create_dir_all(self.project.path(other).parent().unwrap()).unwrap();
                let _ = fs::rename(self.project.path(name), self.project.path(other));
                self.tell(&[name, other], &format!("{name} moved to {other}"));
            }
            9 => {
                let ignored = self.numbers.pick(&["", "a.py\n", "sub/\n", "app/clients.py\n"]);
                self.write(".gitignore", ignored);
                self.tell(&[".gitignore"], &format!("ignored: {ignored}"));
            }
            10 => {
                let factory = self.numbers.pick(&[FACTORY, "def get_openai_client(**kwargs):\n    ...\n", ""]);
                self.write("utils/openai_client_factory.py", factory);
                self.tell(&["utils/openai_client_factory.py"], &format!("the factory: {factory}"));
            }
            11 => {
                let roots = self.numbers.pick(&["", "[tool.setuptools.packages.find]\nwhere = [\"lib\"]\n"]);
                self.write("pyproject.toml", roots);
                self.tell(&["pyproject.toml"], &format!("the manifest: {roots}"));
            }
            12 => {
                let (from, to) = self.numbers.pick(&[("app/sub", "app/under"), ("app/under", "app/sub")]);
                let _ = fs::rename(self.project.path(from), self.project.path(to));
                self.tell(&[from, to], &format!("{from} moved to {to}"));
            }
            _ => {
                // More than anybody could tell of, as after a checkout.
                self.write(name, text);
                let _ = fs::remove_file(self.project.path(other));
                self.session.note(&Changes { paths: BTreeSet::new(), more: true });
                self.compare(&format!("{name} written and {other} removed, and nobody told"));
            }
        }
    }
}

#[test]
fn a_session_says_what_a_fresh_scan_says_whatever_happened() {
    for seed in [0x2545_F491, 0x9E37_79B9, 0xDEAD_BEEF] {
        let mut pair = Pair::new(seed, &[]);
        for _ in 0..60 {
            pair.step();
        }
    }
}

#[test]
fn a_session_over_one_folder_follows_imports_as_a_fresh_scan_does() {
    let mut pair = Pair::new(0x1234_5678, &["app"]);
    for _ in 0..60 {
        pair.step();
    }
}

#[test]
fn a_session_with_a_baseline_knows_what_is_new() {
    let pair = Pair::new(0x5EED, &[]);
    for (name, text) in [("app/a.py", TEXTS[0]), ("app/b.py", TEXTS[7]), ("lib/app/d.py", TEXTS[0])] {
        pair.write(name, text);
    }
    assert_eq!(pair.project.run("baseline").code, 0);
    let baseline = baseline::read(&pair.project.path(baseline::NAME)).unwrap().unwrap();
    let mut pair = Pair::with(pair.project, 0x5EED, Options { baseline: Some(baseline.tally), ..pair.options });
    let scan = pair.session.scan(&|| ()).unwrap().scan;
    assert_eq!((scan.summary.new, scan.summary.baselined > 2), (0, true));
    for _ in 0..40 {
        pair.step();
    }
}

#[test]
fn an_import_that_led_nowhere_leads_to_a_file_that_comes() {
    let mut pair = Pair::new(1, &[]);
    for (name, text) in [("app/a.py", TEXTS[11]), ("app/clients.py", TEXTS[1])] {
        pair.write(name, text);
        pair.tell(&[name], &format!("{name} is new"));
    }
}

#[test]
fn planning_a_fix_leaves_the_session_as_it_was() {
    let mut pair = Pair::new(0x0BAD_CAFE, &[]);
    pair.write("app/a.py", TEXTS[0]);
    pair.tell(&["app/a.py"], "a file is new");
    let scan = pair.session.scan(&|| ()).unwrap().scan;
    let wanted = scan.findings.iter().find(|finding| finding.path.ends_with("app/a.py")).unwrap();
    let fixing = pair.session.fix(Mode::default(), &BTreeSet::from([engine::place(wanted)]), &|| ()).unwrap();
    let changed: Vec<_> = fixing.plan.changes.iter().map(|change| change.path.clone()).collect();
    assert_eq!(changed, [pair.options.cwd.join("app/a.py")], "the other file's finding was not asked for");
    pair.compare("after planning");
    for _ in 0..10 {
        pair.step();
    }
}

#[test]
fn what_a_plan_reads_beyond_the_scan_is_not_read_again_either() {
    let mut pair = Pair::new(1, &["app"]);
    pair.write("lib/far.py", TEXTS[0]);
    pair.tell(&["lib/far.py"], "a file outside of what is scanned");
    let reads = |pair: &mut Pair| {
        let read = AtomicUsize::new(0);
        let count = || {
            read.fetch_add(1, Ordering::Relaxed);
        };
        pair.session.schedule(&count).unwrap();
        read.into_inner()
    };
    assert!(reads(&mut pair) > 1);
    assert_eq!(reads(&mut pair), 0, "nothing changed");
    pair.write("lib/far.py", TEXTS[7]);
    let paths = BTreeSet::from([pair.options.cwd.join("lib/far.py")]);
    pair.session.note(&Changes { paths, more: false });
    assert_eq!(reads(&mut pair), 1);
    let config = Config::load(&pair.options.cwd, None).unwrap();
    pair.compare_plans(&config, "after a save outside of what is scanned");
}

#[test]
fn only_what_changed_is_read_again() {
    let mut pair = Pair::new(1, &[]);
    let path = pair.options.cwd.join("app/llm.py");
    let read = AtomicUsize::new(0);
    let count = || {
        read.fetch_add(1, Ordering::Relaxed);
    };
    pair.session.scan(&count).unwrap();
    assert_eq!(read.load(Ordering::Relaxed), 0, "nothing changed");
    pair.write("app/llm.py", TEXTS[0]);
    let reach = pair.session.note(&Changes { paths: BTreeSet::from([path]), more: false });
    pair.session.scan(&count).unwrap();
    assert_eq!((reach, read.load(Ordering::Relaxed)), (Reach::Text, 1));
    let readme = pair.options.cwd.join("README.md");
    let reach = pair.session.note(&Changes { paths: BTreeSet::from([readme]), more: false });
    assert_eq!(reach, Reach::Nothing);
}
