"""Budgets: which windows a call counts in, how much it may cost at most, and what it did cost."""

from __future__ import annotations

import datetime
import json
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ._config import Limits, QuotaConfig
from ._prices import PriceTable
from ._usage import image_kind
from .types import Claim, Usage

# What an answer may be long if the request does not say; above the published limits of current models.
MOST_OUTPUT = 131_072
# A picture given by its address can be larger than the request shows.
PICTURE = 20_000
MOST_IMAGES = 10
OUTPUT_KEYS = ("max_completion_tokens", "max_output_tokens", "max_tokens")


def windows(now: float, zone: datetime.tzinfo) -> Tuple[str, str]:
    """Returns the names of the hour and the day of a time."""
    moment = datetime.datetime.fromtimestamp(now, zone)
    return moment.strftime("%Y-%m-%dT%H%z"), moment.strftime("%Y-%m-%d")


def window_end(window: str, zone: datetime.tzinfo) -> float:
    """Returns the time at which a window named by `claims` ends."""
    name = window.split(":", 2)[2]
    if "T" in name:
        return datetime.datetime.strptime(name, "%Y-%m-%dT%H%z").timestamp() + 3600.0
    day = datetime.date.fromisoformat(name) + datetime.timedelta(days=1)
    return datetime.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def claims(
    config: QuotaConfig,
    zone: datetime.tzinfo,
    workspace: Optional[str],
    cost_nano: int,
    now: float,
    least: Optional[int] = None,
) -> List[Claim]:
    """Returns what a call must be granted."""
    hour, day = windows(now, zone)
    out: List[Claim] = []
    scoped: List[Tuple[str, Optional[Limits]]] = [("all", config.limits)]
    if workspace is not None:
        scoped.append((f"workspace:{workspace}", config.workspace_limits.get(workspace)))
    for scope, limits in scoped:
        if not limits:
            continue
        if limits.hourly_requests is not None:
            out.append(Claim(scope, f"requests:hour:{hour}", limits.hourly_requests, 1, "hourly_limit"))
        if limits.daily_requests is not None:
            out.append(Claim(scope, f"requests:day:{day}", limits.daily_requests, 1, "daily_limit"))
        if limits.daily_cost_nano is not None:
            out.append(Claim(scope, f"cost:day:{day}", limits.daily_cost_nano, cost_nano, "budget_exceeded", least))
    return out


def settled(granted: Iterable[Claim], cost_nano: int, sent: bool) -> Dict[Tuple[str, str], int]:
    """Returns what each claim comes to once the call is over."""
    return {
        (claim.scope, claim.window): cost_nano if claim.window.startswith("cost:") else int(sent) for claim in granted
    }


def most_cost(
    table: PriceTable, provider: str, model: Optional[str], body: bytes, endpoint: str
) -> Tuple[Optional[int], bool]:
    """Returns the most that a call can cost in nano-dollars, and whether the request itself bounds it.

    The amount is `None` where the price is not known. A token is at least one byte, so the request's length is a
    bound for the tokens in it; a request without a limit of its own may be answered at the model's full length.
    """
    if model is None or not table.knows(model, provider):
        return None, True
    request = _decoded(body)
    if endpoint == "/audio/speech":
        text = request.get("input")
        usage = Usage(chars=len(text) if isinstance(text, str) else len(body))
        return _nano(table, model, usage, None, provider), True
    kinds = table.image_kinds(model, provider) if endpoint.startswith("/images/") else []
    if kinds:
        # The fields of an upload are not read; none may ask for more images than this.
        pieces = _whole(request.get("n"), 1) if request else MOST_IMAGES
        asked_for = [image_kind(request.get("size"), request.get("quality"))] if request else kinds
        by_kind = [_nano(table, model, Usage(images=pieces, image_kind=kind), None, provider) for kind in asked_for]
        return max((cost for cost in by_kind if cost is not None), default=None), True
    bounded = True
    if endpoint in ("/embeddings", "/moderations"):
        usage = Usage(input=len(body), output=0)
    else:
        pictures = body.count(b'"image_url"') + body.count(b'"input_image"') + body.count(b'"file_id"')
        answers = max(_whole(request.get("n"), 1), _whole(request.get("best_of"), 1), 1)
        asked = next((_whole(request[key], 0) for key in OUTPUT_KEYS if request.get(key) is not None), None)
        bounded = asked is not None
        longest = asked if asked is not None else table.longest(model, provider) or MOST_OUTPUT
        usage = Usage(input=len(body) + pictures * PICTURE, output=longest * answers)
    tiers = {None, "priority"} if request.get("service_tier") in ("priority", "auto") else {None}
    costs = [_nano(table, model, usage, name, provider) for name in tiers]
    return max((cost for cost in costs if cost is not None), default=None), bounded


def _nano(table: PriceTable, model: str, usage: Usage, tier: Optional[str], provider: str) -> Optional[int]:
    cost = table.cost(model, usage, tier, provider=provider)
    return None if cost is None else cost.nano


def _decoded(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
