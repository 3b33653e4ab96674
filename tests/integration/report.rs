//! What people and programs read, on one scan that has a bit of everything.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use qmigrate::apply::FileOutcome;
use qmigrate::apply::FileStatus;
use qmigrate::edit::Applicability;
use qmigrate::edit::Edit;
use qmigrate::edit::Fix;
use qmigrate::finding::Finding;
use qmigrate::finding::Problem;
use qmigrate::finding::ProblemKind;
use qmigrate::finding::Scan;
use qmigrate::finding::Severity;
use qmigrate::finding::Standing;
use qmigrate::finding::Summary;
use qmigrate::report::Style;
use qmigrate::report::json;
use qmigrate::report::jsonl;
use qmigrate::report::text;
use qmigrate::source::LanguageId;
use qmigrate::source::Position;
use qmigrate::source::SourceFile;
use qmigrate::source::Span;

const LLM: &str = "\
from openai import AsyncOpenAI, OpenAI

client = OpenAI(api_key=key)


class Agent:
    def __init__(self, workspace_id: str) -> None:
        self.client = AsyncOpenAI(
            api_key=key,
            # longer than usual
            timeout=30,
        )
        self.other = OpenAI(base_url=\"https://api.mistral.ai/v1\")


class Mine(OpenAI): ...
";

/// A finding at the nth place of a text, of a rule that is an error.
fn finding(source: &SourceFile, text: &str, nth: usize, rule: &str, message: &str) -> Finding {
    let (start, _) = source.text().match_indices(text).nth(nth).unwrap_or_default();
    let start = u32::try_from(start).unwrap_or_default();
    let end = start + u32::try_from(text.len()).unwrap_or_default();
    Finding {
        rule: rule.into(),
        severity: Severity::Error,
        language: LanguageId::Python,
        path: source.path().into(),
        span: Span::new(start, end),
        start: source.position(start),
        end: source.position(end),
        cell: None,
        symbol: "openai.OpenAI".to_owned(),
        message: message.to_owned(),
        standing: Standing::New,
        fingerprint: format!("{start:016x}"),
        fix: None,
        held_back: None,
        note: None,
    }
}

fn fix(finding: &Finding, applicability: Applicability, function: &str) -> Fix {
    let span = Span::new(finding.span.start, finding.span.start + 6);
    let edit = Edit { path: Arc::clone(&finding.path), cell: None, span, text: function.to_owned() };
    Fix { applicability, title: format!("call `{function}`"), edits: vec![edit] }
}

fn source(path: &str, text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::from_bytes(path.into(), LanguageId::Python, text.as_bytes().to_vec()))
}

fn problem(path: &str, kind: ProblemKind, message: &str) -> Problem {
    let position = Position { line: 3, column: 8 };
    Problem { path: path.into(), position, kind, message: message.to_owned() }
}

fn scan() -> Scan {
    let direct = "OpenAI client constructed directly";
    let llm = source("/srv/app/llm.py", LLM);
    let evil = source("/srv/ev\x1b[31mil.py", "\"\x1b[2J\u{202e}\"; c = OpenAI()\n");
    let mut safe = finding(&llm, "OpenAI(api_key=key)", 0, "direct-client", direct);
    safe.fix = Some(fix(&safe, Applicability::Safe, "get_openai_client"));
    safe.note = Some("no `workspace_id` is in scope here, so none is passed".to_owned());
    let call =
        "AsyncOpenAI(\n            api_key=key,\n            # longer than usual\n            timeout=30,\n        )";
    let mut lines = finding(&llm, call, 0, "direct-client", direct);
    lines.fix = Some(fix(&lines, Applicability::Unsafe, "get_async_openai_client"));
    let other = "OpenAI(base_url=\"https://api.mistral.ai/v1\")";
    let mut other = finding(&llm, other, 0, "direct-client", direct);
    other.standing = Standing::Suppressed { reason: "not OpenAI's".to_owned() };
    let subclassed = "subclass of an OpenAI client";
    let mut subclass = finding(&llm, "OpenAI", 5, "client-subclass", subclassed);
    subclass.held_back = Some("a subclass has to be rewritten by hand".to_owned());
    let mut known = finding(&evil, "OpenAI()", 0, "direct-client", "at \x1b[2J\u{9b}\u{202e}");
    known.severity = Severity::Warning;
    known.held_back = Some("because\nof this".to_owned());
    let summary = Summary {
        files_scanned: 1_412,
        files_parsed: 31,
        files_with_findings: 2,
        findings: 5,
        fixable: 2,
        new: 4,
        suppressed: 1,
        migrated_sites: 44,
        by_rule: [("client-subclass".to_owned(), 1), ("direct-client".to_owned(), 4)].into(),
        ..Summary::default()
    };
    Scan {
        findings: vec![safe, lines, other, subclass, known],
        problems: vec![
            problem("/srv/app/broken.py", ProblemKind::Syntax, "expected `:`, found newline"),
            problem("/elsewhere/big.py", ProblemKind::TooLarge, "50 MB; 5 MB are read at most"),
        ],
        summary,
        warnings: Vec::new(),
        baseline: None,
        sources: [llm, evil].into_iter().map(|file| (file.path().into(), file)).collect(),
    }
}

fn style() -> Style {
    Style { cwd: PathBuf::from("/srv"), root: PathBuf::from("/srv"), ..Style::default() }
}

fn text(scan: &Scan, style: &Style) -> String {
    written(|out| text::write(out, scan, style))
}

fn written(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    let done = write(&mut out);
    assert!(done.is_ok());
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn text_shows_frames_sums_and_what_to_do_next() {
    insta::assert_snapshot!(text(&scan(), &style()));
}

#[test]
fn verbose_text_shows_what_is_suppressed_too() {
    let mut scan = scan();
    scan.findings.drain(..2);
    insta::assert_snapshot!(text(&scan, &Style { verbose: true, ..style() }));
}

#[test]
fn colours_are_escapes_of_ours_and_nothing_else() {
    let colored = text(&scan(), &Style { color: true, ..style() });
    let plain = anstream::adapter::strip_str(&colored).to_string();
    assert_eq!(plain, text(&scan(), &style()));
    insta::assert_snapshot!(colored.replace('\x1b', "^"));
}

#[test]
fn quiet_text_is_findings_and_problems_alone() {
    let all = text(&scan(), &style());
    let quiet = text(&scan(), &Style { quiet: true, ..style() });
    assert!(all.starts_with(&quiet) && quiet.ends_with("at most\n\n"), "{quiet}");
}

#[test]
fn nothing_found_is_said_in_so_many_words() {
    let mut scan = Scan::default();
    scan.summary.files_scanned = 1;
    assert_eq!(text(&scan, &style()), "No findings in 1 file.\n");
    scan.summary.migrated_sites = 12;
    assert_eq!(text(&scan, &style()), "No findings in 1 file.\nAll 12 known sites go through the factory.\n");
}

#[test]
fn json_is_schema_1() {
    insta::assert_snapshot!(written(|out| json::write(out, &scan(), Path::new("/srv/app"))));
}

#[test]
fn json_of_a_fix_has_the_files_and_the_way_back() {
    let file = |name: &str, status, reason: Option<&str>| FileOutcome {
        path: Path::new("/srv").join(name),
        status,
        reason: reason.map(str::to_owned),
    };
    let files = [
        file("a.py", FileStatus::Changed, None),
        file("b.py", FileStatus::HeldBack, Some("has uncommitted changes")),
        file("c.py", FileStatus::Failed, Some("has changed since it was scanned")),
    ];
    let (scan, cwd) = (Scan::default(), Path::new("/srv"));
    let id = Some("20261121-231502-1");
    insta::assert_snapshot!(written(|out| json::write_fix(out, &scan, cwd, id, &files)));
}

#[test]
fn json_lines_are_objects_with_a_type() {
    insta::assert_snapshot!(written(|out| jsonl::write(out, &scan(), Path::new("/srv"))));
}

#[test]
fn json_holds_no_character_that_a_terminal_obeys() {
    let json = written(|out| json::write(out, &scan(), Path::new("/srv")));
    assert!(json.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'));
    let value: Result<serde_json::Value, _> = serde_json::from_str(&json);
    let path = value.as_ref().map(|value| &value["findings"][4]["path"]);
    assert_eq!(path.ok().and_then(|path| path.as_str()), Some("ev\x1b[31mil.py"));
}
