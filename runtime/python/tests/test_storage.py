"""What is stored survives: SIGKILL, forks, exits without goodbye, and a store that is away for a while."""

from __future__ import annotations

import errno
import marshal
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest

from conftest import HELLO
from fake_openai import FakeOpenAI
from openai_runtime import (
    OpenAIQuotaTracker,
    QuotaConfig,
    SqliteSink,
    _journal,
    ai_usage_context,
    get_openai_client,
)
from openai_runtime._journal import Journal
from openai_runtime._runtime import Runtime
from openai_runtime.types import UsageEvent

WORKER = str(Path(__file__).with_name("worker.py"))
KILLS = int(os.environ.get("RUNTIME_TEST_KILLS", "2"))


def environment(database: Path, **more: str) -> Dict[str, str]:
    return {**os.environ, "QUOTA_DB": str(database), **more}


def rows(database: Path) -> List[UsageEvent]:
    """Recovers what dead processes left, as any next process does, and returns all rows."""
    runtime = Runtime(QuotaConfig(database=str(database)))
    runtime.writer.recover()
    found = list(runtime.sink.read())
    runtime.close()
    return found


def test_nothing_is_lost_at_sigkill(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = tmp_path / "usage.sqlite3"
    for kill in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, WORKER, "forever", fake.url, "4"], env=environment(database), stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(20 + 37 * kill):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    stored = rows(database)
    requests = len(fake.requests())
    # A call may have been noted and the process killed before the request left: one for each thread at most.
    print(f"\n{KILLS} kills: {requests} requests, {len(stored)} rows")
    assert requests <= len(stored) <= requests + 4 * KILLS
    ended = [row for row in stored if row.error is None]
    assert all(row.input == 11 for row in ended)
    assert len({row.uid for row in stored}) == len(stored)
    assert not list(Path(f"{database}-journals").glob("*.journal"))


def test_forks_lose_and_double_nothing(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = tmp_path / "usage.sqlite3"
    done = subprocess.run(
        [sys.executable, WORKER, "forks", fake.url, "4", "10"],
        env=environment(database),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    stored = rows(database)
    assert len(stored) == len(fake.requests()) == 51
    assert sum(row.workspace == "child" for row in stored) == 40


def test_a_stream_may_be_collected_anywhere(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = tmp_path / "usage.sqlite3"
    done = subprocess.run(
        [sys.executable, WORKER, "collects", fake.url], env=environment(database), capture_output=True, timeout=60
    )
    assert done.stdout == b"True\n", done.stderr.decode()
    assert sorted(row.error or "" for row in rows(database)) == ["", "abandoned"]


def test_a_forked_child_leaves_the_streams_of_its_parent(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = tmp_path / "usage.sqlite3"
    subprocess.run([sys.executable, WORKER, "inherits", fake.url], env=environment(database), check=True, timeout=60)
    assert [(row.error, row.input) for row in rows(database)] == [(None, 11)]


def test_rows_are_in_the_file_after_a_normal_exit(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = tmp_path / "usage.sqlite3"
    code = (
        "from worker import *\n"
        f"get_openai_client('w', api_key='k', base_url={fake.url!r}).chat.completions.create(**HELLO)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code], env=environment(database, PYTHONPATH=str(Path(WORKER).parent)), check=True
    )
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT COUNT(*) FROM usage_event").fetchone() == (1,)
    assert not list(Path(f"{database}-journals").glob("*.journal"))


def test_a_call_made_at_the_very_end_has_its_row(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = tmp_path / "usage.sqlite3"
    code = (
        "import atexit\n"
        "atexit.register(lambda: client.models.list())\n"
        "from worker import *\n"
        f"client = get_openai_client('w', api_key='k', base_url={fake.url!r})\n"
        "client.models.list()\n"
    )
    variables = environment(database, PYTHONPATH=str(Path(WORKER).parent))
    subprocess.run([sys.executable, "-c", code], env=variables, check=True)
    assert [row.error for row in rows(database)] == [None, None]


class Flaky(SqliteSink):
    """A store that is away until `away` is unset, and counts how often it was tried."""

    away = True
    tried = 0

    def write(self, events: Any) -> None:
        self.tried += 1
        if self.away:
            raise sqlite3.OperationalError("database is locked")
        super().write(events)


def test_a_store_that_comes_back_gets_everything(fake: FakeOpenAI, tmp_path: Path) -> None:
    sink = Flaky(str(tmp_path / "usage.sqlite3"))
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(), sink=sink)
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    with pytest.warns(match="cannot be stored"):
        client.models.list()
        assert not tracker.flush(0.2)
    sink.away = False
    assert tracker.flush(10)
    assert len(list(sink.read())) == 1
    tracker.runtime.close()


@pytest.mark.filterwarnings("error")
def test_warnings_that_are_errors_stop_nothing(fake: FakeOpenAI, tmp_path: Path) -> None:
    sink = Flaky(str(tmp_path / "usage.sqlite3"))
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(), sink=sink)
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    client.chat.completions.create(model="never-heard-of", messages=[{"role": "user", "content": "hi"}])
    assert not tracker.flush(0.2)
    sink.away = False
    assert tracker.flush(10)
    assert [(event.input, event.cost_nano) for event in sink.read()] == [(11, None)]
    assert tracker.health()["tracking_failures"] == {}
    tracker.runtime.close()


@pytest.mark.filterwarnings("ignore:usage rows cannot be stored")
def test_an_end_does_not_wait_for_a_store_that_is_away(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = str(tmp_path / "usage.sqlite3")
    sink = Flaky(database)
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(database=database), sink=sink)
    get_openai_client(tracker=tracker, api_key="k", base_url=fake.url).models.list()
    tracker.runtime.close()
    assert sink.tried <= 2
    later = OpenAIQuotaTracker.create(config=QuotaConfig(database=database))
    get_openai_client(tracker=later, api_key="k", base_url=fake.url).models.list()
    assert sum(summary.requests for summary in later.summarize()) == 2
    later.runtime.close()


def test_threads_share_one_tracker(fake: FakeOpenAI, tmp_path: Path) -> None:
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(database=str(tmp_path / "usage.sqlite3")))
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    threads = [
        threading.Thread(target=lambda: [client.chat.completions.create(**HELLO) for _ in range(20)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(total.requests for total in tracker.summarize()) == len(fake.requests()) == 160
    tracker.runtime.close()


def event(number: int) -> UsageEvent:
    return UsageEvent(uid=f"u{number}", ts=float(number), model="m")


def kill(journal: Journal) -> Path:
    """Leaves a journal as a dead process does."""
    journal.abandon()
    return journal.path


def note(journal: Journal, kind: str, number: int) -> None:
    made = event(number)
    getattr(journal, kind)(made.uid, made.begun_record() if kind == "began" else made.to_record())


def unstored(folder: Path) -> List[UsageEvent]:
    found = _journal.orphans(folder)
    events = _journal.unstored(found)
    for orphan in found:
        orphan.settle(False)
    return events


def test_a_journal_tells_what_began_and_what_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in range(3):
        note(journal, "began", number)
    note(journal, "ended", 1)
    kill(journal)
    assert [(row.uid, row.error) for row in unstored(tmp_path)] == [
        ("u1", None),
        ("u0", "process_died"),
        ("u2", "process_died"),
    ]


class Name(str):
    """A string that a compact record cannot hold."""


@pytest.mark.parametrize("workspace", ["plain", Name("odd"), "\ud800", None])
def test_a_record_holds_the_whole_row(workspace: Any) -> None:
    context = {"a": [1, 2.5, None, True, "ü"], "b": {"c": 10**30}}
    row = UsageEvent(uid="u", ts=1.5, workspace=workspace, ctx=context, stream=True, cost_nano=7, dur_ms=0.1)
    assert UsageEvent.from_record(row.to_record()) == row
    begun = UsageEvent.from_record(row.begun_record())
    assert (begun.uid, begun.workspace, begun.stream, begun.cost_nano) == ("u", workspace, True, None)


def test_a_record_of_another_version_is_read_as_far_as_it_is_known() -> None:
    record = marshal.dumps(("model uid colour ts", ("m", "u", "red", 1.0)), 4)
    assert UsageEvent.from_record(record) == UsageEvent(uid="u", ts=1.0, model="m")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_what_others_put_beside_our_journals_is_not_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    note(journal, "ended", 1)
    os.chown(kill(journal), 12345, 12345)
    assert unstored(tmp_path) == []


def test_a_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    note(journal, "ended", 1)
    assert unstored(tmp_path) == []
    kill(journal)
    assert len(unstored(tmp_path)) == 1


def test_what_is_stored_is_not_stored_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    note(journal, "ended", 1)
    journal.stored(journal.at)
    note(journal, "ended", 2)
    kill(journal)
    assert [row.uid for row in unstored(tmp_path)] == ["u2"]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no such call on this system")
def test_a_full_disk_ends_a_journal_and_not_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    journal = Journal(tmp_path)
    assert journal.path.stat().st_blocks * 512 >= _journal.FIRST_SIZE
    monkeypatch.setattr(os, "posix_fallocate", full)
    large = UsageEvent(uid="u1", ts=1.0, error="x" * _journal.FIRST_SIZE)
    with pytest.raises(OSError, match="No space"):
        journal.ended("u1", large.to_record())
    note(journal, "ended", 2)
    with pytest.raises(OSError, match="No space"):
        Journal(tmp_path)
    kill(journal)
    assert [row.uid for row in unstored(tmp_path)] == ["u2"]


def test_a_journal_is_tried_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "usage.sqlite3-journals").write_text("a file where the folder belongs")
    runtime = Runtime(QuotaConfig(database=str(tmp_path / "usage.sqlite3")))
    runtime.writer.began(event(1))
    assert runtime.writer.journal_error is not None
    (tmp_path / "usage.sqlite3-journals").unlink()
    runtime.writer.began(event(1))
    assert runtime.writer._journal is None
    monkeypatch.setattr(time, "monotonic", lambda later=time.monotonic() + 60: later)
    runtime.writer.began(event(1))
    assert runtime.writer.journal_error is None
    runtime.close()


@pytest.mark.parametrize("refusal", [errno.EOPNOTSUPP, errno.EINVAL])
def test_a_disk_that_takes_no_room_ahead_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(refusal, "not here")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    journal = Journal(tmp_path)
    assert journal.path.stat().st_size == _journal.FIRST_SIZE
    assert journal.path.stat().st_blocks * 512 >= _journal.FIRST_SIZE
    kill(journal)


def test_a_torn_record_ends_a_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    note(journal, "ended", 1)
    whole = journal.at
    note(journal, "ended", 2)
    path = kill(journal)
    with path.open("r+b") as file:
        file.seek(whole + 12)
        file.write(b"\0\0\0")
    assert [row.uid for row in unstored(tmp_path)] == ["u1"]


def test_a_busy_process_starts_further_journals(
    fake: FakeOpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_journal, "ROTATE", 4096)
    runtime = Runtime(QuotaConfig(database=str(tmp_path / "usage.sqlite3")))
    for number in range(200):
        made = UsageEvent(uid=f"u{number}", ts=1.0)
        runtime.writer.began(made)
        runtime.writer.put(made)
    runtime.writer.flush()
    left = list(Path(f"{tmp_path / 'usage.sqlite3'}-journals").glob("*.journal"))
    assert len(left) <= 2
    assert len(list(runtime.sink.read())) == 200
    runtime.close()
    assert not list(Path(f"{tmp_path / 'usage.sqlite3'}-journals").glob("*.journal"))


def test_a_sink_takes_a_row_once(make_sink: Callable[[], Any]) -> None:
    sink = make_sink()
    sink.write([event(1), event(2)])
    sink.write([event(2), event(3)])
    assert [row.uid for row in sink.read()] == ["u1", "u2", "u3"]
    assert [row.uid for row in sink.read(since=2.0)] == ["u2", "u3"]
    sink.close()


def test_a_row_that_no_store_takes_as_it_is_keeps_no_other_waiting(store: str) -> None:
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(database=store))
    workspaces: List[Any] = ["\ud800", "a\0b", 7, "plain"]
    for number, workspace in enumerate(workspaces):
        row = UsageEvent(uid=f"u{number}", ts=float(number), workspace=workspace, input=2 ** (16 * number + 16))
        with ai_usage_context(workspace, tracker=tracker):
            tracker.runtime.put(row, None)
            tracker.runtime.put(UsageEvent(uid=f"v{number}", ts=float(number)), tracker.current_context)
    assert tracker.flush()
    stored = [(row.workspace, row.input) for row in tracker.sink.read() if row.uid.startswith("u")]
    if store == "memory:":
        assert [name for name, _ in stored] == workspaces
    else:
        assert [str(name)[0] for name, _ in stored] in (["?", "a", "7", "p"], ["\ud800", "a", "7", "p"])
    assert tracker.health()["tracking_failures"] == {}
    tracker.runtime.close()


def test_a_sink_adds_up(make_sink: Callable[[], Any]) -> None:
    sink = make_sink()
    for number, (model, cost) in enumerate([("a", 5), ("a", None), ("b", 7)]):
        sink.write(
            [UsageEvent(uid=f"u{number}", ts=86400.0 * number, model=model, input=1, cost_nano=cost, ctx={"k": "v"})]
        )
    by_model = {total.key[0]: (total.requests, total.cost_nano, total.unpriced) for total in sink.summarize(["model"])}
    assert by_model == {"a": (2, 5, 1), "b": (1, 7, 0)}
    assert [total.key for total in sink.summarize(["day"])] == [("1970-01-01",), ("1970-01-02",), ("1970-01-03",)]
    assert [total.requests for total in sink.summarize([])] == [3]
    assert [row.ctx for row in sink.read()] == [{"k": "v"}] * 3
    sink.close()


def test_a_sink_counts_a_polled_object_once(make_sink: Callable[[], Any]) -> None:
    sink = make_sink()
    for number in range(2):
        sink.write(
            [
                UsageEvent(
                    uid=f"u{number}", ts=1.0 + number, object_id="resp_1", usage_source="poll", input=5, cost_nano=9
                )
            ]
        )
    assert [(row.input, row.usage_source) for row in sink.read()] == [(5, "poll"), (None, "repeat")]
    sink.close()
