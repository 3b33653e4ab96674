#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! `git apply` of the patch gives byte for byte what the plan says.

use std::fs;
use std::os::unix::fs::symlink;

use qmigrate::apply;
use qmigrate::edit::Change;
use qmigrate::edit::Plan;
use qmigrate::report::Style;
use qmigrate::report::diff;

use crate::repository::Repository;

/// Files by name, before and after.
type Files<'a> = &'a [(&'a [u8], &'a [u8], &'a [u8])];

fn patch(plan: &Plan, repository: &Repository, style: &Style) -> Vec<u8> {
    let mut patch = Vec::new();
    diff::write(&mut patch, plan, &repository.root, style).unwrap();
    patch
}

fn plan(repository: &Repository, files: Files<'_>) -> Plan {
    let changes = files.iter().map(|(name, before, after)| Change {
        path: repository.path(name),
        before: before.to_vec(),
        after: after.to_vec(),
        unit: 0,
    });
    Plan { changes: changes.collect(), held: Vec::new() }
}

/// The lines of a patch that name files; git's own differ in nothing.
fn heads(patch: &[u8]) -> Vec<String> {
    let patch = String::from_utf8_lossy(patch);
    let mut heads: Vec<String> = Vec::new();
    let mut lines = patch.split('\n').peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("diff --git ") {
            continue;
        }
        heads.push(line.to_owned());
        lines.next_if(|line| line.starts_with("index "));
        heads.extend(lines.by_ref().take(2).map(str::to_owned));
    }
    heads.sort();
    heads
}

fn check_in(repository: &Repository, files: Files<'_>) {
    for (name, before, _) in files {
        repository.write(name, before);
    }
    repository.commit();
    let patch = patch(&plan(repository, files), repository, &Style::default());
    repository.git_with(&["apply", "-"], &patch);
    assert_eq!(heads(&patch), heads(&repository.git(&["diff", "--text", "--no-renames"])));
    for (name, _, after) in files {
        let found = repository.read(name);
        let patch = String::from_utf8_lossy(&patch);
        assert_eq!(found, *after, "{}\n{patch}", String::from_utf8_lossy(name));
    }
}

fn check(files: Files<'_>) {
    check_in(&Repository::new(), files);
}

#[test]
fn bytes_of_every_kind_survive() {
    check(&[
        (b"lf.py", b"a\nb\nc\n", b"a\nB\nc\n"),
        (b"crlf.py", b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
        (b"mixed.py", b"a\r\nb\nc\rd\r\r\n", b"a\r\nB\r\nc\rD\r\r\n"),
        (b"lone-cr.py", b"a\rb\rc", b"a\rB\rc"),
        (b"no-newline.py", b"a\nb", b"a\nB"),
        (b"newline-comes.py", b"a\nb", b"a\nb\n"),
        (b"newline-goes.py", b"a\nb\n", b"a\nb"),
        (b"cr-at-the-end.py", b"a\nb\r", b"a\nB\r"),
        (b"bom.py", b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfA\nb\n"),
        (b"latin-1.py", b"# caf\xe9\nb\n\xff", b"# caf\xe9s\nb\n\xff\xfe"),
        (b"nul.py", b"a\0b\nc\n", b"a\0B\nc\n"),
        (b"emptied.py", b"a\nb\n", b""),
        (b"filled.py", b"", b"a\nb\n"),
        (b"filled-without-newline.py", b"", b"a"),
        (b"blank.py", b"\n\n  \n\t\n\n", b"\n\n \n\t\n\n"),
        (b"form-feed.py", b"a\n\x0c\nb\n", b"a\n\x0c\nc\n"),
        (b"like-a-patch.py", b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n", b"--- a/x\n+++ b/y\n@@ -1 +1 @@\n"),
        (b"backslash.py", b"a\n\\ No newline at end of file\n", b"b\n\\ No newline at end of file\n"),
        (b"separators.py", "a\u{2028}b\u{85}c\nd\n".as_bytes(), "a\u{2028}B\u{85}c\nd\n".as_bytes()),
    ]);
}

#[test]
fn names_of_every_kind_survive() {
    let names: [&[u8]; 16] = [
        b"plain.py",
        b"with space.py",
        b" both ends ",
        b"tab\there.py",
        b"new\nline.py",
        b"return\r.py",
        b"\"quoted\".py",
        b"back\\slash.py",
        b"it's.py",
        "caf\u{e9} \u{65e5}\u{672c}.py".as_bytes(),
        b"latin-\xe9.py",
        b"-dash.py",
        b"b/a/b.py",
        b"deep er/than\xff/one.py",
        b"\x01\x1b[31m\x7f.py",
        b"a => b.py",
    ];
    let files: Vec<(&[u8], &[u8], &[u8])> = names.iter().map(|name| (*name, &b"a\nb\n"[..], &b"a\nc\n"[..])).collect();
    check(&files);
}

#[test]
fn changes_far_apart_and_close_together_survive() {
    let before: Vec<String> = (0..200).map(|line| format!("line {}\n", line % 7)).collect();
    for changed in [vec![0], vec![199], vec![0, 199], vec![50, 56], vec![50, 57], vec![50, 58, 90]] {
        let mut after = before.clone();
        for line in changed {
            after[line] = "new\nlines\n".to_owned();
        }
        check(&[(b"a.py", before.concat().as_bytes(), after.concat().as_bytes())]);
        check(&[(b"a.py", after.concat().as_bytes(), before.concat().as_bytes())]);
    }
}

#[test]
fn line_ends_that_git_translates_survive() {
    let repository = Repository::new();
    repository.write(".gitattributes", "*.py text eol=crlf\n");
    check_in(&repository, &[(b"a.py", b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nnew\r\nc\r\n")]);
}

/// Random pieces of the bytes that matter, with random pieces of them replaced.
#[test]
fn random_bytes_survive() {
    const PIECES: [&[u8]; 9] = [b"\n", b"\r\n", b"\r", b"a", b"b\n", b" ", b"\xe9", b"\n\n", b"import x\n"];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let mut owned = Vec::new();
    for file in 0..400 {
        let before: Vec<&[u8]> = (0..random(60)).map(|_| PIECES[random(PIECES.len())]).collect();
        let mut after = before.clone();
        for _ in 0..=random(3) {
            let at = random(after.len() + 1);
            let end = (at + random(3)).min(after.len());
            let piece = PIECES[random(PIECES.len())];
            after.splice(at..end, [piece]);
        }
        owned.push((format!("{file}.py").into_bytes(), before.concat(), after.concat()));
    }
    let files: Vec<(&[u8], &[u8], &[u8])> =
        owned.iter().map(|(name, before, after)| (&name[..], &before[..], &after[..])).collect();
    check(&files);
}

#[test]
fn links_are_followed_to_the_file() {
    let repository = Repository::new();
    repository.write("real/a.py", "a\n");
    repository.write("b.py", "b\n");
    symlink("real", repository.path("linked")).unwrap();
    symlink("b.py", repository.path("c.py")).unwrap();
    repository.commit();
    let plan = repository.plan(&[("linked/a.py", "A\n", 0), ("c.py", "B\n", 1)]);
    let plan = apply::resolve(plan, &repository.root);
    let patch = patch(&plan, &repository, &Style::default());
    repository.git_with(&["apply", "-"], &patch);
    assert_eq!(repository.read("real/a.py"), b"A\n");
    assert_eq!(repository.read("b.py"), b"B\n");
    assert!(fs::symlink_metadata(repository.path("c.py")).unwrap().is_symlink());
}

#[test]
fn on_a_terminal_nothing_is_raw() {
    let repository = Repository::new();
    let files: Files<'_> = &[(b"a\x1b[2J.py", b"\x1b[31m\ta\r\n\xe9", b"\x1b[32m\tb\r\n\xe9")];
    let style = Style { terminal: true, ..Style::default() };
    let shown = String::from_utf8(patch(&plan(&repository, files), &repository, &style)).unwrap();
    let expected = "\
diff --git \"a/a\\033[2J.py\" \"b/a\\033[2J.py\"
--- \"a/a\\033[2J.py\"
+++ \"b/a\\033[2J.py\"
@@ -1,2 +1,2 @@
-\\u{1b}[31m\ta\\r
+\\u{1b}[32m\tb\\r
 \u{fffd}
\\ No newline at end of file
";
    assert_eq!(shown, expected);
}

#[test]
fn empty_sides_are_placed_as_git_does() {
    let repository = Repository::new();
    let patch = |before: &[u8], after: &[u8]| {
        let files: Files<'_> = &[(b"a.py", before, after)];
        String::from_utf8(patch(&plan(&repository, files), &repository, &Style::default())).unwrap()
    };
    let head = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n";
    assert_eq!(patch(b"", b"a\nb\n"), format!("{head}@@ -0,0 +1,2 @@\n+a\n+b\n"));
    assert_eq!(patch(b"a\n", b""), format!("{head}@@ -1 +0,0 @@\n-a\n"));
}
