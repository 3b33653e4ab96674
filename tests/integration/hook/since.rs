//! `scan --since`: only what a commit does not have.

use super::Guarded;
use super::module;

#[test]
fn what_a_commit_has_is_not_reported() {
    let guarded = Guarded::without_hook();
    guarded.qmigrate(&["scan", "--since", "HEAD"]).passes();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.write("app/old.py", module(&[("old", "timeout=1"), ("old", "timeout=1")]));
    let said = guarded.qmigrate(&["scan", "--since", "HEAD"]);
    said.refuses(&["app/llm.py:5", "app/old.py:9"]);
    let json = guarded.qmigrate(&["scan", "--since", "HEAD", "--format", "json"]).text;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["new"], 2);
    assert_eq!(json["summary"]["baselined"], 1);
    assert_eq!(json["findings"].as_array().unwrap().len(), 2);
    guarded.repository.commit();
    guarded.qmigrate(&["scan", "--since", "HEAD"]).passes();
    guarded.qmigrate(&["scan", "--since", "HEAD~1"]).refuses(&["app/llm.py:5", "app/old.py:9"]);
}

#[test]
fn what_moved_is_not_reported_unless_it_stayed_too() {
    let guarded = Guarded::without_hook();
    guarded.done(&["mv", "app/old.py", "app/moved.py"]);
    guarded.qmigrate(&["scan", "--since", "HEAD"]).passes();
    guarded.qmigrate(&["scan", "--since", "HEAD", "app/moved.py"]).passes();
    guarded.done(&["reset", "--quiet", "--hard"]);
    guarded.write("lib/moved.py", module(&[("old", "timeout=1")]));
    guarded.qmigrate(&["scan", "--since", "HEAD", "lib"]).refuses(&["lib/moved.py:5"]);
}

#[test]
fn a_name_that_came_to_mean_the_client_is_reported_where_it_is_used() {
    let guarded = Guarded::without_hook();
    guarded.write("app/clients.py", "from app.fake import LLM\n");
    guarded.write("app/fake.py", "class LLM:\n    pass\n");
    guarded.write("app/use.py", "from app.clients import LLM\n\nclient = LLM()\n");
    guarded.repository.commit();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.qmigrate(&["scan", "--since", "HEAD"]).refuses(&["app/use.py:3"]);
}

#[test]
fn a_commit_that_does_not_exist_is_an_error() {
    let guarded = Guarded::without_hook();
    for name in ["nowhere", "-x", "", "HEAD:app"] {
        let said = guarded.qmigrate(&["scan", &format!("--since={name}")]);
        assert_eq!(said.code, 2, "{name}: {}", said.text);
    }
    guarded.qmigrate(&["scan", "--since=nowhere"]).says("no commit is called `nowhere`");
}
