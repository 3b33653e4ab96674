//! `scan --add-suppressions`.

use crate::support::Project;

const ADD: &str = "scan --add-suppressions --reason moves-later";

/// Checks what becomes of a file, that nothing new is left, that a second run changes nothing, and that it is undone.
fn check(before: &str, after: &str) {
    let project = Project::git();
    project.write("a.py", before);
    project.commit();
    let run = project.run(ADD);
    assert_eq!((run.code, project.read("a.py").as_str()), (0, after), "{}{}", run.out, run.err);
    let run = project.run("scan --fail-on info");
    assert_eq!(run.code, 0, "{}", run.out);
    project.commit();
    assert_eq!(project.run(ADD).out, "Nothing suppressed.\n");
    assert_eq!(project.read("a.py"), after);
    assert_eq!(project.run("undo").code, 0);
    assert_eq!(project.read("a.py"), before);
}

/// Checks that a file is left alone, and why.
fn refused(before: &str, why: &str) {
    let project = Project::git();
    project.write("a.py", before);
    project.commit();
    let run = project.run(ADD);
    assert_eq!((run.code, project.read("a.py").as_str()), (3, before), "{}{}", run.out, run.err);
    assert!(run.out.contains(why), "{}", run.out);
}

#[test]
fn a_comment_goes_to_the_end_of_the_construction() {
    check(
        "from openai import OpenAI\n\nclient = OpenAI()\n",
        "from openai import OpenAI\n\nclient = OpenAI()  # qmigrate: ignore[direct-client] moves-later\n",
    );
    check(
        "from openai import OpenAI\r\n\r\nclient = OpenAI(\r\n    timeout=3,\r\n)\r\n",
        "from openai import OpenAI\r\n\r\nclient = OpenAI(\r\n    timeout=3,\r\n)  # qmigrate: ignore[direct-client] moves-later\r\n",
    );
    check(
        "\u{feff}import openai; openai.OpenAI()",
        "\u{feff}import openai; openai.OpenAI()  # qmigrate: ignore[direct-client] moves-later",
    );
}

#[test]
fn findings_on_one_line_share_a_comment() {
    check(
        "import openai\n\nopenai.OpenAI(), openai.chat.completions.create()   \n",
        "import openai\n\nopenai.OpenAI(), openai.chat.completions.create()  # qmigrate: ignore[direct-client, module-client] moves-later\n",
    );
}

#[test]
fn a_comment_that_is_there_is_extended() {
    check(
        "import openai\n\n# qmigrate: ignore[direct-client] a test\nopenai.OpenAI(), openai.chat.completions.create()\n",
        "import openai\n\n# qmigrate: ignore[direct-client, module-client] a test; moves-later\nopenai.OpenAI(), openai.chat.completions.create()\n",
    );
}

#[test]
fn a_comment_without_a_reason_gets_one() {
    check(
        "from openai import OpenAI\n\nOpenAI()  # qmigrate: ignore[direct-client]\n",
        "from openai import OpenAI\n\nOpenAI()  # qmigrate: ignore[direct-client] moves-later\n",
    );
}

#[test]
fn other_comments_keep_their_line() {
    check(
        "from openai import OpenAI\n\n\ndef connect():\n    return OpenAI()  # noqa: X1\n",
        "from openai import OpenAI\n\n\ndef connect():\n    # qmigrate: ignore[direct-client] moves-later\n    return OpenAI()  # noqa: X1\n",
    );
}

#[test]
fn a_line_that_goes_on_gets_its_comment_elsewhere() {
    check(
        "from openai import OpenAI\n\nx = OpenAI() \\\n    or 1\n",
        "from openai import OpenAI\n\n# qmigrate: ignore[direct-client] moves-later\nx = OpenAI() \\\n    or 1\n",
    );
    check(
        "from openai import OpenAI\n\nx = f\"\"\"{\n    OpenAI()\n}\"\"\"\n",
        "from openai import OpenAI\n\n# qmigrate: ignore[direct-client] moves-later\nx = f\"\"\"{\n    OpenAI()\n}\"\"\"\n",
    );
    check(
        "from openai import OpenAI\n\nx = (OpenAI(), \"\"\"\n# \"\"\")\n",
        "from openai import OpenAI\n\n# qmigrate: ignore[direct-client] moves-later\nx = (OpenAI(), \"\"\"\n# \"\"\")\n",
    );
}

#[test]
fn a_cell_of_a_notebook_takes_comments_too() {
    let notebook = |last: &str| {
        format!(
            "{{\"cells\": [{{\"cell_type\": \"code\", \"source\": [\"%pip list\\n\", \"import openai\"], \"metadata\": {{}}, \
             \"outputs\": [], \"execution_count\": null}}, {{\"cell_type\": \"code\", \"source\": [\"openai.OpenAI(){last}\"], \
             \"metadata\": {{}}, \"outputs\": [], \"execution_count\": null}}], \"metadata\": {{}}, \"nbformat\": 4, \
             \"nbformat_minor\": 5}}\n"
        )
    };
    let project = Project::git();
    project.write("a.ipynb", &notebook(""));
    project.commit();
    let run = project.run(ADD);
    let after = notebook("  # qmigrate: ignore[direct-client] moves-later");
    assert_eq!((run.code, project.read("a.ipynb")), (0, after), "{}{}", run.out, run.err);
    assert_eq!(project.run("scan").code, 0);
}

#[test]
fn where_no_comment_fits_the_finding_is_named() {
    refused(
        "from openai import OpenAI\n\nx = \"\"\"\n\"\"\"; y = OpenAI() or \\\n    1\n",
        "a.py:4:10: direct-client: there is no place for a comment",
    );
    refused("from openai import OpenAI\nOpenAI()\ndef (:\n", "the file has problems and is not edited");
}

#[test]
fn what_git_does_not_know_is_left_alone() {
    let project = Project::demo();
    let text = format!("{}\n# more\n", project.read("app/llm.py"));
    project.write("app/llm.py", &text);
    let run = project.run(ADD);
    assert_eq!((run.code, project.read("app/llm.py")), (3, text), "{}", run.err);
    assert!(run.out.contains("app/llm.py: has uncommitted changes"), "{}", run.out);
}

#[test]
fn what_the_baseline_knows_needs_no_comment() {
    let project = Project::demo();
    assert_eq!(project.run("baseline").code, 0);
    assert_eq!(project.run(ADD).out, "Nothing suppressed.\n");
    assert_eq!(project.run("scan --no-baseline --add-suppressions --reason x").code, 0);
    assert!(project.read("app/llm.py").contains("ignore[direct-client] x"));
}

#[test]
fn a_reason_is_one_line_and_is_given() {
    let project = Project::demo();
    project.refuses("scan --add-suppressions", "--reason");
    project.refuses("scan --reason x", "--add-suppressions");
    project.refuses("scan --add-suppressions --reason x --format json", "writes comments, and no report");
    let mut command = project.command();
    let run = project.finish(command.args(["scan", "--add-suppressions", "--reason", "a\nb"]), "");
    assert_eq!(run.code, 2, "{}", run.out);
    let mut command = project.command();
    let run = project.finish(command.args(["scan", "--add-suppressions", "--reason", " "]), "");
    assert_eq!(run.code, 2, "{}", run.out);
}

#[test]
fn a_reason_is_written_in_the_files_encoding_or_not_at_all() {
    let project = Project::git();
    project.write("a.py", "# coding: latin-1\nfrom openai import OpenAI\nOpenAI()\n");
    project.commit();
    let mut command = project.command();
    let run = project.finish(command.args(["scan", "--add-suppressions", "--reason", "später"]), "");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("cannot be written in the file's encoding"), "{}", run.out);
    assert_eq!(project.run(ADD).code, 0);
}
