"""The data that passes between the parts, and the two small protocols that storage implements."""

from __future__ import annotations

import dataclasses
import datetime
import json
import marshal
import operator
from typing import Any, Dict, Iterable, List, Mapping, Optional, Protocol, Sequence, Tuple, Union

NANO = 1_000_000_000


@dataclasses.dataclass
class Usage:
    """What one answer says that it used. `None` means that the answer did not say."""

    input: Optional[int] = None
    cached: Optional[int] = None
    output: Optional[int] = None
    reasoning: Optional[int] = None
    audio: Optional[int] = None
    images: Optional[int] = None
    seconds: Optional[float] = None
    chars: Optional[int] = None
    # What images that are billed by the piece are like, such as "standard 1024x1024".
    image_kind: Optional[str] = None
    # The parts below are needed for the price only; `audio` above is their sum.
    audio_input: int = 0
    audio_cached: int = 0
    audio_output: int = 0
    image_input: int = 0
    image_output: int = 0
    cache_write: int = 0


@dataclasses.dataclass(frozen=True)
class Cost:
    """A price in whole nano-dollars, and the table that it comes from."""

    nano: int
    version: str

    @property
    def dollars(self) -> float:
        """Returns the amount in dollars, for display only."""
        return self.nano / NANO


@dataclasses.dataclass
class UsageEvent:
    """One row: one HTTP attempt (or one websocket answer)."""

    uid: str
    ts: float
    workspace: Optional[str] = None
    environment: Optional[str] = None
    operation: Optional[str] = None
    batch_id: Optional[str] = None
    ctx: Optional[Dict[str, Any]] = None
    method: str = ""
    endpoint: str = ""
    host: str = ""
    model: Optional[str] = None
    status: Optional[int] = None
    attempt: int = 1
    stream: bool = False
    error: Optional[str] = None
    request_id: Optional[str] = None
    object_id: Optional[str] = None
    input: Optional[int] = None
    cached: Optional[int] = None
    output: Optional[int] = None
    reasoning: Optional[int] = None
    audio: Optional[int] = None
    images: Optional[int] = None
    seconds: Optional[float] = None
    chars: Optional[int] = None
    tier: Optional[str] = None
    cost_nano: Optional[int] = None
    price_version: Optional[str] = None
    usage_source: Optional[str] = None
    dur_ms: Optional[float] = None
    ttfb_ms: Optional[float] = None

    def to_json(self) -> str:
        """Returns the row as one line of JSON, without what is unknown."""
        known = {name: value for name, value in self.__dict__.items() if value is not None}
        try:
            return json.dumps(known)
        except TypeError:
            return json.dumps(known, default=str)

    def to_record(self) -> bytes:
        """Returns the row as a journal keeps it, which takes a quarter of the time of JSON."""
        try:
            return marshal.dumps((_ALL_NAMES, _ALL(self)), RECORD_FORMAT)
        except ValueError:
            # A field holds something of a class of its own.
            return self.to_json().encode()

    def begun_record(self) -> bytes:
        """Returns what is worth knowing of a call that may never end, as a journal keeps it."""
        try:
            return marshal.dumps((_BEGUN_NAMES, _BEGUN(self)), RECORD_FORMAT)
        except ValueError:
            return json.dumps(dict(zip(BEGUN, _BEGUN(self))), default=str).encode()

    def storable(self) -> UsageEvent:
        """Returns the row with values that every store takes."""
        fields = dataclasses.fields(self)
        known = {field.name: storable(getattr(self, field.name), "str" in str(field.type)) for field in fields}
        # A context is stored as JSON in ASCII.
        return dataclasses.replace(self, **{**known, "ctx": self.ctx})

    @classmethod
    def from_record(cls, record: bytes) -> UsageEvent:
        """Returns the row that a journal keeps; fields that this version does not know are dropped."""
        if record[:1] == b"{":
            return cls.from_json(record)
        names, values = marshal.loads(record)
        known = {name: value for name, value in zip(names.split(), values) if name in COLUMN_SET}
        return cls(**known)

    @classmethod
    def from_json(cls, text: Union[str, bytes]) -> UsageEvent:
        """Returns the row of a line of JSON; fields that this version does not know are dropped."""
        data = json.loads(text)
        return cls(**{name: value for name, value in data.items() if name in COLUMN_SET})


def storable(value: Any, is_text: bool) -> Any:
    """Returns a value that every store takes: text is valid and without NUL, whole numbers have 64 bits."""
    if value is None or (not is_text and not isinstance(value, int)):
        return value
    if not is_text:
        return value if -(1 << 63) <= value < 1 << 63 else None
    text = value if isinstance(value, str) else repr(value)
    return text.encode("utf-8", "replace").decode().replace("\0", "")


COLUMNS: Tuple[str, ...] = tuple(field.name for field in dataclasses.fields(UsageEvent))
# What of a row is known before the call, and kept in case its process dies.
BEGUN = (
    "uid",
    "ts",
    "workspace",
    "environment",
    "operation",
    "batch_id",
    "method",
    "endpoint",
    "host",
    "model",
    "attempt",
    "stream",
)
COLUMN_SET = frozenset(COLUMNS)
# Every Python from 3.4 on reads this format of `marshal`.
RECORD_FORMAT = 4
_ALL, _ALL_NAMES = operator.attrgetter(*COLUMNS), " ".join(COLUMNS)
_BEGUN, _BEGUN_NAMES = operator.attrgetter(*BEGUN), " ".join(BEGUN)
GROUPS: Tuple[str, ...] = ("workspace", "model", "operation", "day", "endpoint", "environment", "batch_id", "status")


@dataclasses.dataclass
class Summary:
    """Totals of a group of rows."""

    key: Tuple[Optional[str], ...]
    requests: int = 0
    errors: int = 0
    unpriced: int = 0
    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    cost_nano: int = 0
    dur_ms: float = 0.0

    @classmethod
    def of_row(cls, row: Sequence[Any], keys: int) -> "Summary":
        """Returns the totals of a database row: the keys, then the fields in their order."""
        requests, errors, unpriced, read, cached, output, reasoning, cost = (
            int(value or 0) for value in row[keys : keys + 8]
        )
        total = cls(tuple(row[:keys]), requests, errors, unpriced, read, cached, output, reasoning, cost)
        total.dur_ms = float(row[keys + 8] or 0)
        return total


class Sink(Protocol):
    """Where rows go. `write` may be called twice with the same row; `uid` tells."""

    def write(self, events: Sequence[UsageEvent]) -> None:
        """Stores rows, all or none."""
        ...

    def read(self, since: float = 0.0) -> Iterable[UsageEvent]:
        """Returns stored rows, oldest first."""
        ...

    def summarize(self, by: Sequence[str], since: float = 0.0) -> List[Summary]:
        """Returns totals by columns (`GROUPS`)."""
        ...

    def close(self) -> None:
        """Gives back what is open."""
        ...


@dataclasses.dataclass(frozen=True)
class Claim:
    """What one call wants from one budget window: `amount` of at most `limit`.

    With `least`, where the amount does not fit and nobody else has anything reserved, the call may have all that is
    left instead, if that is at least this much. So nobody else spends from the window meanwhile.
    """

    scope: str
    window: str
    limit: int
    amount: int
    code: str
    least: Optional[int] = None

    def granted(self, spent: int, reserved: int) -> Optional[int]:
        """Returns what the claim gets from a window, or `None` if it does not fit."""
        if spent + reserved + self.amount <= self.limit:
            return self.amount
        if self.least is not None and reserved == 0 and spent + self.least <= self.limit and spent < self.limit:
            return self.limit - spent
        return None


@dataclasses.dataclass(frozen=True)
class Reservation:
    """What a call has been given; to be settled when its real amount is known."""

    uid: str
    claims: Tuple[Claim, ...]


@dataclasses.dataclass(frozen=True)
class Refusal:
    """The claim that did not fit, and how full its window is."""

    claim: Claim
    spent: int
    reserved: int

    @property
    def may_pass(self) -> bool:
        """Returns whether the claim may fit once the calls that are under way are settled."""
        least = self.claim.amount if self.claim.least is None else min(self.claim.least, self.claim.amount)
        cost = self.claim.code == "budget_exceeded"
        return cost and self.reserved > 0 and self.spent + least <= self.claim.limit and self.spent < self.claim.limit


class Budget(Protocol):
    """Counts against limits, atomically for all processes that share the store."""

    def reserve(self, uid: str, claims: Sequence[Claim], now: float) -> Union[Reservation, Refusal]:
        """Takes all claims or none."""
        ...

    def settle(self, reservation: Reservation, amounts: Mapping[Tuple[str, str], int]) -> None:
        """Replaces what was reserved in each (scope, window) by what was spent."""
        ...

    def spent(self, scope: str, window: str) -> Tuple[int, int]:
        """Returns (spent, reserved) of a window."""
        ...

    def largest(self, name: str, amount: int = 0) -> int:
        """Remembers the largest amount seen under a name, and returns it."""
        ...

    def pause(self, host: str, until: float) -> None:
        """Tells all processes to leave a host alone until a time; zero ends the pause."""
        ...

    def paused_until(self, host: str) -> float:
        """Returns when a host's pause ends, or zero."""
        ...

    def close(self) -> None:
        """Gives back what is open."""
        ...


@dataclasses.dataclass(frozen=True)
class QuotaStatus:
    """What a server's rate-limit headers say. A field is `None` where they do not say."""

    limit_requests: Optional[int] = None
    remaining_requests: Optional[int] = None
    reset_requests: Optional[datetime.timedelta] = None
    limit_tokens: Optional[int] = None
    remaining_tokens: Optional[int] = None
    reset_tokens: Optional[datetime.timedelta] = None
    retry_after: Optional[datetime.timedelta] = None
    at: float = 0.0


@dataclasses.dataclass(frozen=True)
class QuotaMetrics:
    """How much of each limit is used, as parts of one; the highest decides."""

    requests: Optional[float] = None
    tokens: Optional[float] = None
    daily_requests: Optional[float] = None
    hourly_requests: Optional[float] = None
    daily_cost: Optional[float] = None

    @property
    def highest(self) -> float:
        """Returns the largest known part, or zero."""
        parts = (self.requests, self.tokens, self.daily_requests, self.hourly_requests, self.daily_cost)
        return max((part for part in parts if part is not None), default=0.0)
