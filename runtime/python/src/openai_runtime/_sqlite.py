"""The default store: one SQLite file for the rows and the budgets of all processes of a machine."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any, Iterable, Iterator, List, Mapping, Sequence, Tuple, Union

from ._away import LONGEST, Away
from ._memory import COUNTED, without_repeats
from .types import COLUMNS, Claim, Refusal, Reservation, Summary, UsageEvent

SCHEMA = """
CREATE TABLE IF NOT EXISTS usage_event(
  uid TEXT PRIMARY KEY, object_id TEXT, ts REAL NOT NULL, workspace TEXT, environment TEXT, operation TEXT,
  batch_id TEXT, ctx TEXT, method TEXT, endpoint TEXT, host TEXT, model TEXT, status INTEGER, attempt INTEGER,
  stream INTEGER, error TEXT, request_id TEXT, input INTEGER, cached INTEGER, output INTEGER, reasoning INTEGER,
  audio INTEGER, images INTEGER, seconds REAL, chars INTEGER, tier TEXT, cost_nano INTEGER, price_version TEXT,
  usage_source TEXT, dur_ms REAL, ttfb_ms REAL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS usage_event_ts ON usage_event(ts);
CREATE INDEX IF NOT EXISTS usage_event_object ON usage_event(object_id) WHERE object_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS usage_context(
  uid TEXT PRIMARY KEY, ts REAL, workspace TEXT, operation TEXT, batch_id TEXT, item_count INTEGER, calls INTEGER,
  tokens INTEGER, cost_nano INTEGER, error TEXT, dur_ms REAL, ctx TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS budget(
  scope TEXT, "window" TEXT, lim INTEGER, spent INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(scope, "window")) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reservation(
  uid TEXT, scope TEXT, "window" TEXT, host TEXT, pid INTEGER, ts REAL, est INTEGER,
  PRIMARY KEY(uid, scope, "window")) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS largest(name TEXT PRIMARY KEY, amount INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pause(host TEXT PRIMARY KEY, until REAL) WITHOUT ROWID;
"""
INSERT = f"INSERT OR IGNORE INTO usage_event({','.join(COLUMNS)}) VALUES({','.join('?' * len(COLUMNS))})"
COUNTED_SQL = ",".join(f"'{source}'" for source in COUNTED)
# Connections from before a fork: using or closing one in a child could harm the parent's.
_LEFT: List[sqlite3.Connection] = []


def connect(path: str, power: bool = False, wait: float = LONGEST) -> sqlite3.Connection:
    """Opens the file, making its folder and tables where needed. No statement waits longer than `wait` for a lock."""
    Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, power, wait)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, power: bool, wait: float) -> None:
    _retrying(connection, "PRAGMA journal_mode=WAL", time.monotonic() + wait)
    connection.execute(f"PRAGMA synchronous={'FULL' if power else 'NORMAL'}")
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='pause'").fetchone():
        connection.executescript(SCHEMA)


def _retrying(connection: sqlite3.Connection, statement: str, deadline: float) -> None:
    # Turning WAL on takes an exclusive lock for which SQLite does not wait.
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commits at the end what has not been rolled back. After an error nothing is kept.

    SQLite may have seen to that itself, as on a full disk.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        if db.in_transaction:
            db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def row_of(event: UsageEvent) -> Tuple[Any, ...]:
    """Returns a row in the order of `COLUMNS`, its context as JSON."""
    from json import dumps

    values = [getattr(event, name) for name in COLUMNS]
    place = COLUMNS.index("ctx")
    values[place] = dumps(event.ctx, default=str) if event.ctx else None
    values[COLUMNS.index("stream")] = int(event.stream)
    return tuple(values)


def event_of(row: Sequence[Any]) -> UsageEvent:
    """Returns the event of a row in the order of `COLUMNS`."""
    from json import loads

    values = dict(zip(COLUMNS, row))
    if isinstance(values["ctx"], str):
        values["ctx"] = loads(values["ctx"])
    values["stream"] = bool(values["stream"])
    return UsageEvent(**values)


class _Connected:
    """A connection to the file, made when it is first asked for."""

    def __init__(self, path: str, power: bool = False, wait: float = LONGEST) -> None:
        self.path = path
        self._power = power
        self._wait = wait
        self._lock = threading.Lock()
        self._connection: Union[sqlite3.Connection, None] = None

    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self.path, self._power, self._wait)
        return self._connection

    def forked(self) -> None:
        """Forgets, in a child, the connection that belongs to the parent."""
        if self._connection is not None:
            _LEFT.append(self._connection)
        self._connection = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class SqliteSink(_Connected):
    """Stores rows in the file."""

    def write(self, events: Sequence[UsageEvent]) -> None:
        """Stores rows in one transaction."""
        with self._lock:
            db = self._db()
            with _transaction(db):
                counted = f"SELECT 1 FROM usage_event WHERE object_id=? AND uid<>? AND usage_source IN ({COUNTED_SQL})"
                for event in events:
                    uid = event.uid
                    without_repeats(event, lambda name, uid=uid: bool(db.execute(counted, (name, uid)).fetchone()))  # type: ignore[misc]
                    db.execute(INSERT, row_of(event))

    def write_context(self, row: Tuple[Any, ...]) -> None:
        """Stores what a closed context amounts to."""
        with self._lock:
            self._db().execute(f"INSERT OR IGNORE INTO usage_context VALUES({','.join('?' * 12)})", row)

    def read(self, since: float = 0.0) -> Iterator[UsageEvent]:
        """Returns stored rows, oldest first."""
        query = f"SELECT {','.join(COLUMNS)} FROM usage_event WHERE ts>=? ORDER BY ts, uid"
        with self._lock:
            rows = self._db().execute(query, (since,)).fetchall()
        return map(event_of, rows)

    def summarize(self, by: Sequence[str], since: float = 0.0) -> List[Summary]:
        """Returns totals by columns."""
        named = ["date(ts,'unixepoch')" if name == "day" else f"CAST({name} AS TEXT)" for name in by]
        places = ",".join(str(place + 1) for place in range(len(by)))
        query = (
            f"SELECT {','.join([*named, '']) if named else ''}"
            "COUNT(*), SUM(error IS NOT NULL), SUM(cost_nano IS NULL AND input IS NOT NULL), TOTAL(input),"
            " TOTAL(cached), TOTAL(output), TOTAL(reasoning), COALESCE(SUM(cost_nano),0), TOTAL(dur_ms)"
            f" FROM usage_event WHERE ts>=? {'GROUP BY ' + places + ' ORDER BY ' + places if by else ''}"
        )
        with self._lock:
            rows = self._db().execute(query, (since,)).fetchall()
        return [Summary.of_row(row, len(by)) for row in rows if row[len(by)]]


class SqliteBudget(_Connected):
    """Counts against limits in the file; each change is one immediate transaction."""

    def __init__(self, path: str, power: bool = False, ttl: float = 3600.0, wait: float = LONGEST) -> None:
        super().__init__(path, power, wait)
        self._ttl = ttl
        self._host = socket.gethostname()
        self._away = Away()

    def forked(self) -> None:
        """Forgets, in a child, what belongs to the parent."""
        super().forked()
        self._away.reset()

    @contextlib.contextmanager
    def _asked(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._away.watched():
            yield self._db()

    def reserve(self, uid: str, claims: Sequence[Claim], now: float) -> Union[Reservation, Refusal]:
        """Takes all claims or none."""
        with self._asked() as db, _transaction(db):
            result = self._take(db, uid, claims, now)
            if isinstance(result, Refusal):
                db.execute("ROLLBACK")
        return result

    def _take(
        self, db: sqlite3.Connection, uid: str, claims: Sequence[Claim], now: float
    ) -> Union[Refusal, Reservation]:
        granted: List[Claim] = []
        for claim in claims:
            found = db.execute(
                'SELECT spent, reserved FROM budget WHERE scope=? AND "window"=?', (claim.scope, claim.window)
            ).fetchone()
            spent, reserved = (int(found[0]), int(found[1])) if found else (0, 0)
            amount = claim.granted(spent, reserved)
            if amount is None:
                return Refusal(claim, spent, reserved)
            granted.append(dataclasses.replace(claim, amount=amount))
            db.execute(
                'INSERT INTO budget(scope,"window",lim,reserved) VALUES(?,?,?,?)'
                ' ON CONFLICT(scope,"window") DO UPDATE SET reserved=reserved+excluded.reserved, lim=excluded.lim',
                (claim.scope, claim.window, claim.limit, amount),
            )
            db.execute(
                "INSERT INTO reservation VALUES(?,?,?,?,?,?,?)",
                (uid, claim.scope, claim.window, self._host, os.getpid(), now, amount),
            )
        return Reservation(uid, tuple(granted))

    def settle(self, reservation: Reservation, amounts: Mapping[Tuple[str, str], int]) -> None:
        """Replaces what was reserved by what was spent."""
        with self._asked() as db, _transaction(db):
            for claim in reservation.claims:
                self._settle(db, reservation.uid, claim, amounts.get((claim.scope, claim.window), 0))

    def _settle(self, db: sqlite3.Connection, uid: str, claim: Claim, amount: int) -> None:
        gone = db.execute(
            'DELETE FROM reservation WHERE uid=? AND scope=? AND "window"=?', (uid, claim.scope, claim.window)
        ).rowcount
        # A reservation that has expired was counted as spent; what it really was is not added again.
        if gone:
            db.execute(
                'UPDATE budget SET reserved=reserved-?, spent=spent+? WHERE scope=? AND "window"=?',
                (claim.amount, amount, claim.scope, claim.window),
            )

    def expire(self, now: float) -> int:
        """Counts the reservations of dead processes, and of very old calls, as spent in full."""
        with self._asked() as db:
            rows = db.execute('SELECT uid,scope,"window",host,pid,ts,est FROM reservation').fetchall()
            dead = [row for row in rows if row[5] < now - self._ttl or (row[3] == self._host and not _alive(row[4]))]
            if not dead:
                return 0
            with _transaction(db):
                for uid, scope, window, _, _, _, amount in dead:
                    self._settle(db, uid, Claim(scope, window, 0, amount, ""), amount)
            return len(dead)

    def spent(self, scope: str, window: str) -> Tuple[int, int]:
        """Returns (spent, reserved) of a window."""
        query = 'SELECT spent, reserved FROM budget WHERE scope=? AND "window"=?'
        with self._asked() as db:
            found = db.execute(query, (scope, window)).fetchone()
        return (int(found[0]), int(found[1])) if found else (0, 0)

    def windows(self) -> Iterable[Tuple[str, str, int, int, int]]:
        """Returns all windows as (scope, window, limit, spent, reserved)."""
        with self._asked() as db:
            return db.execute('SELECT scope,"window",lim,spent,reserved FROM budget ORDER BY 1,2').fetchall()

    def largest(self, name: str, amount: int = 0) -> int:
        """Remembers the largest amount seen under a name, and returns it."""
        raised = "INSERT INTO largest VALUES(?,?) ON CONFLICT(name) DO UPDATE SET amount=max(amount,excluded.amount)"
        with self._asked() as db:
            if amount:
                db.execute(raised, (name, amount))
            found = db.execute("SELECT amount FROM largest WHERE name=?", (name,)).fetchone()
        return int(found[0]) if found else 0

    def pause(self, host: str, until: float) -> None:
        """Tells all processes of the machine to leave a host alone until a time."""
        with self._asked() as db:
            db.execute("INSERT OR REPLACE INTO pause VALUES(?,?)", (host, until))

    def paused_until(self, host: str) -> float:
        """Returns when a host's pause ends, or zero."""
        with self._asked() as db:
            found = db.execute("SELECT until FROM pause WHERE host=?", (host,)).fetchone()
        return float(found[0]) if found else 0.0


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
