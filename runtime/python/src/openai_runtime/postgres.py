"""PostgreSQL for the rows and budgets of many machines (extra `postgres`: psycopg 3)."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import os
import socket
import threading
from typing import Any, Iterable, Iterator, List, Mapping, Sequence, Tuple, Union

from ._away import LONGEST, Away
from ._memory import COUNTED, without_repeats
from ._sqlite import event_of, row_of
from .types import COLUMNS, Claim, Refusal, Reservation, Summary, UsageEvent

# By name: a project's type checker need not know a library that the project does not use.
psycopg: Any = importlib.import_module("psycopg")

SCHEMA = """
CREATE TABLE IF NOT EXISTS usage_event(
  uid TEXT PRIMARY KEY, object_id TEXT, ts DOUBLE PRECISION NOT NULL, workspace TEXT, environment TEXT, operation TEXT,
  batch_id TEXT, ctx TEXT, method TEXT, endpoint TEXT, host TEXT, model TEXT, status INTEGER, attempt INTEGER,
  stream INTEGER, error TEXT, request_id TEXT, input BIGINT, cached BIGINT, output BIGINT, reasoning BIGINT,
  audio BIGINT, images BIGINT, seconds DOUBLE PRECISION, chars BIGINT, tier TEXT, cost_nano BIGINT,
  price_version TEXT, usage_source TEXT, dur_ms DOUBLE PRECISION, ttfb_ms DOUBLE PRECISION);
CREATE INDEX IF NOT EXISTS usage_event_ts ON usage_event(ts);
CREATE INDEX IF NOT EXISTS usage_event_object ON usage_event(object_id) WHERE object_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS budget(
  scope TEXT, "window" TEXT, lim BIGINT, spent BIGINT NOT NULL DEFAULT 0, reserved BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY(scope, "window"));
CREATE TABLE IF NOT EXISTS reservation(
  uid TEXT, scope TEXT, "window" TEXT, host TEXT, pid INTEGER, ts DOUBLE PRECISION, est BIGINT,
  PRIMARY KEY(uid, scope, "window"));
CREATE TABLE IF NOT EXISTS largest(name TEXT PRIMARY KEY, amount BIGINT);
CREATE TABLE IF NOT EXISTS pause(host TEXT PRIMARY KEY, until DOUBLE PRECISION);
"""
# Serialises the making of the tables: two processes that start together would trip over each other.
SCHEMA_LOCK = 7_331_902


class _Connected:
    """A connection that is opened when needed, again after a failure, and never carried over a fork."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._connection: Any = None
        self._left: List[Any] = []

    def forked(self) -> None:
        """Forgets, in a child, the connection that belongs to the parent."""
        self._left.append(self._connection)
        self._connection = None
        self._lock = threading.Lock()

    def _db(self) -> Any:
        if self._connection is None or self._connection.closed:
            # A server behind a broken line must not hold a call for the minutes that TCP tries again.
            known = importlib.import_module("psycopg.conninfo").conninfo_to_dict(self.url)
            waits = {"connect_timeout": int(LONGEST), "tcp_user_timeout": int(LONGEST * 1000)}
            unset: Any = {name: value for name, value in waits.items() if name not in known}
            self._connection = psycopg.connect(self.url, autocommit=True, **unset)
            with self._connection.transaction():
                self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
                self._connection.execute(SCHEMA)
        return self._connection

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class PostgresSink(_Connected):
    """Stores rows in a table."""

    def write(self, events: Sequence[UsageEvent]) -> None:
        """Stores rows in one transaction."""
        places = ",".join(["%s"] * len(COLUMNS))
        insert = f"INSERT INTO usage_event({','.join(COLUMNS)}) VALUES({places}) ON CONFLICT(uid) DO NOTHING"
        counted = "SELECT 1 FROM usage_event WHERE object_id=%s AND uid<>%s AND usage_source = ANY(%s)"
        with self._lock, self._db().transaction():
            db = self._db()
            for event in events:
                uid = event.uid
                without_repeats(
                    event,
                    lambda name, uid=uid: bool(db.execute(counted, (name, uid, list(COUNTED))).fetchone()),  # type: ignore[misc]
                )
                db.execute(insert.encode(), row_of(event))

    def read(self, since: float = 0.0) -> Iterable[UsageEvent]:
        """Returns stored rows, oldest first."""
        query = f"SELECT {','.join(COLUMNS)} FROM usage_event WHERE ts>=%s ORDER BY ts, uid"
        with self._lock:
            rows = self._db().execute(query.encode(), (since,)).fetchall()
        return map(event_of, rows)

    def summarize(self, by: Sequence[str], since: float = 0.0) -> List[Summary]:
        """Returns totals by columns."""
        day = "to_char(to_timestamp(ts) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
        named = [day if name == "day" else f"CAST({name} AS TEXT)" for name in by]
        places = ",".join(str(place + 1) for place in range(len(by)))
        query = (
            f"SELECT {','.join([*named, '']) if named else ''}"
            "COUNT(*), COUNT(error), COUNT(*) FILTER (WHERE cost_nano IS NULL AND input IS NOT NULL), SUM(input),"
            " SUM(cached), SUM(output), SUM(reasoning), SUM(cost_nano), SUM(dur_ms)"
            f" FROM usage_event WHERE ts>=%s {'GROUP BY ' + places + ' ORDER BY ' + places if by else ''}"
        )
        with self._lock:
            rows = self._db().execute(query.encode(), (since,)).fetchall()
        return [Summary.of_row(row, len(by)) for row in rows if row[len(by)]]


class PostgresBudget(_Connected):
    """Counts against limits in rows that each change locks."""

    def __init__(self, url: str, ttl: float = 3600.0) -> None:
        super().__init__(url)
        self._ttl = ttl
        self._host = socket.gethostname()
        self._away = Away()

    def forked(self) -> None:
        """Forgets, in a child, what belongs to the parent."""
        super().forked()
        self._away.reset()

    @contextlib.contextmanager
    def _asked(self) -> Iterator[Any]:
        with self._lock, self._away.watched():
            yield self._db()

    def reserve(self, uid: str, claims: Sequence[Claim], now: float) -> Union[Reservation, Refusal]:
        """Takes all claims or none."""
        with self._asked() as db:
            try:
                with db.transaction():
                    return Reservation(uid, tuple(self._take(uid, claims, now)))
            except _Refused as refused:
                return refused.refusal

    def _take(self, uid: str, claims: Sequence[Claim], now: float) -> List[Claim]:
        db = self._db()
        granted: List[Claim] = []
        # The rows are locked in one order everywhere, so that two calls cannot wait for each other.
        for claim in sorted(claims, key=lambda claim: (claim.scope, claim.window)):
            key = (claim.scope, claim.window)
            db.execute(
                'INSERT INTO budget(scope,"window",lim) VALUES(%s,%s,%s) ON CONFLICT(scope,"window") DO NOTHING',
                (*key, claim.limit),
            )
            found = db.execute(
                'SELECT spent, reserved FROM budget WHERE scope=%s AND "window"=%s FOR UPDATE', key
            ).fetchone()
            spent, reserved = (int(found[0]), int(found[1])) if found else (0, 0)
            amount = claim.granted(spent, reserved)
            if amount is None:
                raise _Refused(Refusal(claim, spent, reserved))
            granted.append(dataclasses.replace(claim, amount=amount))
            db.execute(
                'UPDATE budget SET reserved=reserved+%s, lim=%s WHERE scope=%s AND "window"=%s',
                (amount, claim.limit, *key),
            )
            db.execute(
                "INSERT INTO reservation VALUES(%s,%s,%s,%s,%s,%s,%s)",
                (uid, *key, self._host, os.getpid(), now, amount),
            )
        return granted

    def settle(self, reservation: Reservation, amounts: Mapping[Tuple[str, str], int]) -> None:
        """Replaces what was reserved by what was spent."""
        with self._asked() as db, db.transaction():
            for claim in sorted(reservation.claims, key=lambda claim: (claim.scope, claim.window)):
                self._settle(reservation.uid, claim, amounts.get((claim.scope, claim.window), 0))

    def _settle(self, uid: str, claim: Claim, amount: int) -> None:
        db, key = self._db(), (claim.scope, claim.window)
        gone = db.execute('DELETE FROM reservation WHERE uid=%s AND scope=%s AND "window"=%s', (uid, *key)).rowcount
        if gone:
            db.execute(
                'UPDATE budget SET reserved=reserved-%s, spent=spent+%s WHERE scope=%s AND "window"=%s',
                (claim.amount, amount, *key),
            )

    def expire(self, now: float) -> int:
        """Counts the reservations of calls that must be over as spent in full."""
        with self._asked() as db, db.transaction():
            query = 'SELECT uid,scope,"window",est FROM reservation WHERE ts<%s ORDER BY scope,"window" FOR UPDATE'
            rows = db.execute(query, (now - self._ttl,)).fetchall()
            for uid, scope, window, amount in rows:
                self._settle(uid, Claim(scope, window, 0, amount, ""), amount)
            return len(rows)

    def spent(self, scope: str, window: str) -> Tuple[int, int]:
        """Returns (spent, reserved) of a window."""
        query = 'SELECT spent, reserved FROM budget WHERE scope=%s AND "window"=%s'
        with self._asked() as db:
            found = db.execute(query, (scope, window)).fetchone()
        return (int(found[0]), int(found[1])) if found else (0, 0)

    def largest(self, name: str, amount: int = 0) -> int:
        """Remembers the largest amount seen under a name, and returns it."""
        raised = (
            "INSERT INTO largest VALUES(%s,%s)"
            " ON CONFLICT(name) DO UPDATE SET amount=greatest(largest.amount,excluded.amount)"
        )
        with self._asked() as db:
            if amount:
                db.execute(raised, (name, amount))
            found = db.execute("SELECT amount FROM largest WHERE name=%s", (name,)).fetchone()
        return int(found[0]) if found else 0

    def pause(self, host: str, until: float) -> None:
        """Tells all processes to leave a host alone until a time."""
        upsert = "INSERT INTO pause VALUES(%s,%s) ON CONFLICT(host) DO UPDATE SET until=excluded.until"
        with self._asked() as db:
            db.execute(upsert, (host, until))

    def paused_until(self, host: str) -> float:
        """Returns when a host's pause ends, or zero."""
        with self._asked() as db:
            found = db.execute("SELECT until FROM pause WHERE host=%s", (host,)).fetchone()
        return float(found[0]) if found else 0.0


class _Refused(Exception):
    """Leaves a transaction without keeping what it has done."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__()
        self.refusal = refusal
