"""Redis for the rows and budgets of many machines (extra `redis`). Each change of a budget is one script.

Rows lie in a sorted set by time; reports add them up here, so very large histories belong into PostgreSQL.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import time
from typing import Any, Iterable, List, Mapping, Sequence, Tuple, Union

from ._away import LONGEST, Away
from ._memory import COUNTED, summarized, without_repeats
from .types import Claim, Refusal, Reservation, Summary, UsageEvent

PREFIX = "openai_runtime:"
# How long a window's counts are kept after its last change; longer than any window.
KEEP = 3 * 86400

# KEYS: one hash a window. ARGV: uid, now, ttl, keep, then limit, amount, least (or -1) for each window.
# Reservations that are over their time count as spent in full.
RESERVE = """
local granted = {}
for place, key in ipairs(KEYS) do
  local base = 4 + (place - 1) * 3
  local limit, amount, least = tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2]), tonumber(ARGV[base + 3])
  local old = redis.call('ZRANGEBYSCORE', key .. ':open', '-inf', tonumber(ARGV[2]) - tonumber(ARGV[3]))
  for _, uid in ipairs(old) do
    local est = tonumber(redis.call('HGET', key .. ':est', uid) or '0')
    redis.call('HINCRBY', key, 'reserved', -est)
    redis.call('HINCRBY', key, 'spent', est)
    redis.call('HDEL', key .. ':est', uid)
    redis.call('ZREM', key .. ':open', uid)
  end
  local spent = tonumber(redis.call('HGET', key, 'spent') or '0')
  local reserved = tonumber(redis.call('HGET', key, 'reserved') or '0')
  if spent + reserved + amount <= limit then
    granted[place] = amount
  elseif least >= 0 and reserved == 0 and spent + least <= limit and spent < limit then
    granted[place] = limit - spent
  else
    return {0, place, string.format('%.0f', spent), string.format('%.0f', reserved)}
  end
end
local out = {1}
for place, key in ipairs(KEYS) do
  local amount = string.format('%.0f', granted[place])
  redis.call('HINCRBY', key, 'reserved', amount)
  redis.call('HSET', key .. ':est', ARGV[1], amount)
  redis.call('ZADD', key .. ':open', ARGV[2], ARGV[1])
  for _, name in ipairs({key, key .. ':est', key .. ':open'}) do redis.call('EXPIRE', name, ARGV[4]) end
  out[#out + 1] = amount
end
return out
"""
SETTLE = """
for place, key in ipairs(KEYS) do
  local est = redis.call('HGET', key .. ':est', ARGV[1])
  if est then
    redis.call('HDEL', key .. ':est', ARGV[1])
    redis.call('ZREM', key .. ':open', ARGV[1])
    redis.call('HINCRBY', key, 'reserved', '-' .. est)
    redis.call('HINCRBY', key, 'spent', ARGV[1 + place])
  end
end
"""


class _Connected:
    """A pool of connections; the client notices a fork by itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        # By name, for this module is called `redis` too.
        self._redis: Any = importlib.import_module("redis").Redis.from_url(
            url, decode_responses=True, socket_timeout=LONGEST, health_check_interval=30
        )

    def close(self) -> None:
        """Closes the connections."""
        self._redis.close()


class RedisSink(_Connected):
    """Stores rows in a sorted set and a hash."""

    def write(self, events: Sequence[UsageEvent]) -> None:
        """Stores rows; a row that is there stays as it is."""
        for event in events:
            if event.usage_source == "poll" and event.object_id:
                first = self._redis.hsetnx(PREFIX + "objects", event.object_id, event.uid)
                owner = event.uid if first else self._redis.hget(PREFIX + "objects", event.object_id)
                without_repeats(event, lambda _, mine=owner == event.uid: not mine)  # type: ignore[misc]
        pipe = self._redis.pipeline(transaction=True)
        for event in events:
            if event.object_id and event.usage_source in COUNTED:
                pipe.hsetnx(PREFIX + "objects", event.object_id, event.uid)
            pipe.hsetnx(PREFIX + "rows", event.uid, event.to_json())
            pipe.zadd(PREFIX + "times", {event.uid: event.ts}, nx=True)
        pipe.execute()

    def read(self, since: float = 0.0) -> Iterable[UsageEvent]:
        """Returns stored rows, oldest first."""
        uids = self._redis.zrangebyscore(PREFIX + "times", since, "+inf")
        for start in range(0, len(uids), 1000):
            for text in self._redis.hmget(PREFIX + "rows", uids[start : start + 1000]):
                if text is not None:
                    yield UsageEvent.from_json(text)

    def summarize(self, by: Sequence[str], since: float = 0.0) -> List[Summary]:
        """Returns totals by columns."""
        return summarized(self.read(since), by)


class RedisBudget(_Connected):
    """Counts against limits in hashes that only the scripts above change."""

    def __init__(self, url: str, ttl: float = 3600.0) -> None:
        super().__init__(url)
        self._ttl = ttl
        self._reserve = self._redis.register_script(RESERVE)
        self._settle = self._redis.register_script(SETTLE)
        self._away = Away()

    def forked(self) -> None:
        """Forgets, in a child, what belongs to the parent."""
        self._away.reset()

    def _key(self, scope: str, window: str) -> str:
        # One hash tag, so that a cluster keeps the windows together: a script may touch only one slot.
        return f"{{{PREFIX}budget}}:{json.dumps([scope, window])}"

    def reserve(self, uid: str, claims: Sequence[Claim], now: float) -> Union[Reservation, Refusal]:
        """Takes all claims or none."""
        keys = [self._key(claim.scope, claim.window) for claim in claims]
        amounts: List[Any] = []
        for claim in claims:
            amounts += [claim.limit, claim.amount, -1 if claim.least is None else claim.least]
        with self._away.watched():
            answer = self._reserve(keys=keys, args=[uid, now, self._ttl, KEEP, *amounts])
        if int(answer[0]) == 0:
            return Refusal(claims[int(answer[1]) - 1], int(answer[2]), int(answer[3]))
        granted = [dataclasses.replace(claim, amount=int(amount)) for claim, amount in zip(claims, answer[1:])]
        return Reservation(uid, tuple(granted))

    def settle(self, reservation: Reservation, amounts: Mapping[Tuple[str, str], int]) -> None:
        """Replaces what was reserved by what was spent."""
        keys = [self._key(claim.scope, claim.window) for claim in reservation.claims]
        spent = [amounts.get((claim.scope, claim.window), 0) for claim in reservation.claims]
        with self._away.watched():
            self._settle(keys=keys, args=[reservation.uid, *spent])

    def spent(self, scope: str, window: str) -> Tuple[int, int]:
        """Returns (spent, reserved) of a window."""
        with self._away.watched():
            spent, reserved = self._redis.hmget(self._key(scope, window), "spent", "reserved")
        return int(spent or 0), int(reserved or 0)

    def largest(self, name: str, amount: int = 0) -> int:
        """Remembers the largest amount seen under a name, and returns it."""
        with self._away.watched():
            if amount:
                self._redis.zadd(PREFIX + "largest", {name: amount}, gt=True)
            return int(self._redis.zscore(PREFIX + "largest", name) or 0)

    def pause(self, host: str, until: float) -> None:
        """Tells all processes to leave a host alone until a time."""
        left = int(max(until - time.time(), 0) * 1000) + 1
        with self._away.watched():
            self._redis.set(f"{PREFIX}pause:{host}", repr(until), px=left)

    def paused_until(self, host: str) -> float:
        """Returns when a host's pause ends, or zero."""
        with self._away.watched():
            return float(self._redis.get(f"{PREFIX}pause:{host}") or 0.0)
