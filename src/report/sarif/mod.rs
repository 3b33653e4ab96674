//! `--format sarif`: SARIF 2.1.0, for code scanning and whatever else reads it.

mod model;
mod uri;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::path::Path;

use crate::edit::Edit;
use crate::finding::Finding;
use crate::finding::Problem;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::rule::Rule;
use crate::source::SourceFile;

use super::Setting;
use super::harmless;
use super::message;
use super::numbers;
use super::remark;

use model::ArtifactChange;
use model::ArtifactLocation;
use model::Configuration;
use model::Content;
use model::Descriptor;
use model::Driver;
use model::FixObject;
use model::Help;
use model::Invocation;
use model::Location;
use model::Log;
use model::LogicalLocation;
use model::Message;
use model::Notification;
use model::PhysicalLocation;
use model::Properties;
use model::Reference;
use model::Region;
use model::Replacement;
use model::ResultObject;
use model::Run;
use model::Suppression;
use model::Tool;

/// What relative URIs are relative to.
const BASE: &str = "SRCROOT";

/// Writes every finding, whatever its standing: what is suppressed or in the baseline says so.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, setting: &Setting<'_>) -> io::Result<()> {
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [run(scan, setting)],
    };
    writeln!(out, "{}", harmless(&serde_json::to_string_pretty(&log)?))
}

fn run<'a>(scan: &'a Scan, setting: &Setting<'a>) -> Run<'a> {
    let version = env!("CARGO_PKG_VERSION");
    let rules = setting.rules.iter().map(descriptor).collect();
    let root = ArtifactLocation { uri: uri::folder(setting.base), uri_base_id: None };
    let numbered = scan.findings.iter().zip(numbers(&scan.findings));
    Run {
        tool: Tool { driver: Driver { name: env!("CARGO_PKG_NAME"), version, semantic_version: version, rules } },
        invocations: [invocation(scan, setting)],
        original_uri_base_ids: BTreeMap::from([(BASE, root)]),
        newline_sequences: ["\r\n", "\n", "\r"],
        column_kind: "unicodeCodePoints",
        results: numbered.map(|(finding, number)| result(finding, number, scan, setting)).collect(),
    }
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    let why = rule.why.trim();
    // The first paragraph says what is wrong.
    let first = why.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    Descriptor {
        id: &rule.id,
        short_description: text(&rule.summary),
        full_description: Message { text: Cow::Owned(first) },
        help: Help { text: why, markdown: why },
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
        Severity::Off => "none",
    }
}

fn text(text: &str) -> Message<'_> {
    Message { text: Cow::Borrowed(text) }
}

fn invocation<'a>(scan: &'a Scan, setting: &Setting<'_>) -> Invocation<'a> {
    let problems = scan.problems.iter().map(|problem| notification(problem, setting));
    let warnings = scan.warnings.iter().map(|warning| Notification {
        descriptor: None,
        level: "warning",
        message: text(warning),
        locations: Vec::new(),
    });
    Invocation {
        execution_successful: scan.problems.is_empty(),
        tool_execution_notifications: problems.chain(warnings).collect(),
    }
}

fn notification<'a>(problem: &'a Problem, setting: &Setting<'_>) -> Notification<'a> {
    let start = problem.position;
    let region =
        Region { start_line: start.line, start_column: start.column, end_line: start.line, end_column: start.column };
    Notification {
        descriptor: Some(Reference { id: problem.kind.name() }),
        level: "error",
        message: text(&problem.message),
        locations: vec![location(&problem.path, Some(region), setting)],
    }
}

fn location(path: &Path, region: Option<Region>, setting: &Setting<'_>) -> Location {
    let artifact_location = artifact(path, setting);
    Location { physical_location: PhysicalLocation { artifact_location, region }, logical_locations: Vec::new() }
}

fn artifact(path: &Path, setting: &Setting<'_>) -> ArtifactLocation {
    match uri::below(path, setting.base) {
        Some(uri) => ArtifactLocation { uri, uri_base_id: Some(BASE) },
        None => ArtifactLocation { uri: uri::absolute(path), uri_base_id: None },
    }
}

fn result<'a>(finding: &'a Finding, number: usize, scan: &'a Scan, setting: &Setting<'a>) -> ResultObject<'a> {
    let (start, end) = (finding.start, finding.end);
    let region =
        Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column };
    // A region within a cell is none in the file.
    let mut location = location(&finding.path, finding.cell.is_none().then_some(region), setting);
    location.logical_locations.extend(finding.cell.map(|cell| LogicalLocation { name: format!("cell {cell}") }));
    let shown = message(finding);
    let shown = remark(finding).map_or_else(|| shown.clone(), |remark| Cow::Owned(format!("{shown}\n{remark}")));
    let suppression = match &finding.standing {
        Standing::Suppressed { reason } => {
            Some(Suppression { kind: "inSource", status: "accepted", justification: reason })
        }
        Standing::New | Standing::Baselined => None,
    };
    ResultObject {
        rule_id: &finding.rule,
        rule_index: setting.rules.iter().position(|rule| rule.id == finding.rule),
        level: level(finding.severity),
        message: Message { text: shown },
        locations: [location],
        partial_fingerprints: BTreeMap::from([("qmigrate/v1", format!("{}:{number}", finding.fingerprint))]),
        baseline_state: scan.baseline.is_some().then_some(match finding.standing {
            Standing::Baselined => "unchanged",
            Standing::New | Standing::Suppressed { .. } => "new",
        }),
        suppressions: suppression.into_iter().collect(),
        fixes: fix(finding, scan, setting).into_iter().collect(),
        properties: Properties {
            symbol: &finding.symbol,
            held_back: finding.held_back.as_deref(),
            applicability: finding.fix.as_ref().map(|fix| fix.applicability),
        },
    }
}

/// The fix, file by file; none where a file's text is not known, or where it lies in a notebook.
fn fix<'a>(finding: &'a Finding, scan: &Scan, setting: &Setting<'_>) -> Option<FixObject<'a>> {
    let is_in_file = |edit: &Edit| edit.cell.is_none();
    let fix = finding.fix.as_ref().filter(|fix| fix.edits.iter().all(is_in_file))?;
    let mut files: BTreeMap<&Path, Vec<&Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(&edit.path).or_default().push(edit);
    }
    let mut changes = Vec::new();
    for (path, edits) in files {
        let source = scan.sources.get(path)?;
        let replacements = edits.into_iter().map(|edit| Replacement {
            deleted_region: region(source, edit),
            inserted_content: Content { text: &edit.text },
        });
        changes
            .push(ArtifactChange { artifact_location: artifact(path, setting), replacements: replacements.collect() });
    }
    Some(FixObject { description: text(&fix.title), artifact_changes: changes })
}

fn region(source: &SourceFile, edit: &Edit) -> Region {
    let (start, end) = (source.position(edit.span.start), source.position(edit.span.end));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}
