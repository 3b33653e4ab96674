"""Totals for people: tables and JSON of what is stored."""

from __future__ import annotations

import datetime
import json
from typing import Any, Dict, List, Sequence

from .types import NANO, Summary

HEADS = ("requests", "errors", "input", "cached", "output", "cost $", "unpriced", "mean ms")


def dollars(nano: int) -> str:
    """Returns an amount exactly, without zeros at its end beyond the cents."""
    whole, rest = divmod(abs(nano), NANO)
    digits = f"{rest:09d}".rstrip("0").ljust(2, "0")
    return f"{'-' if nano < 0 else ''}{whole}.{digits}"


def as_json(by: Sequence[str], totals: Sequence[Summary], since: float) -> str:
    """Returns totals as one JSON object."""
    rows: List[Dict[str, Any]] = []
    for total in totals:
        rows.append(
            {
                **dict(zip(by, total.key)),
                "requests": total.requests,
                "errors": total.errors,
                "unpriced": total.unpriced,
                "input_tokens": total.input,
                "cached_tokens": total.cached,
                "output_tokens": total.output,
                "reasoning_tokens": total.reasoning,
                "cost_nano": total.cost_nano,
                "cost_dollars": dollars(total.cost_nano),
                "mean_ms": round(total.dur_ms / total.requests, 3) if total.requests else None,
            }
        )
    return json.dumps({"schema": 1, "by": list(by), "since": since, "rows": rows}, indent=2)


def as_table(by: Sequence[str], totals: Sequence[Summary]) -> str:
    """Returns totals as a table with a sum."""
    lines: List[List[str]] = [[*by, *HEADS]]
    lines += [_cells(total) for total in totals]
    if len(totals) > 1:
        lines.append(_cells(_sum(totals, len(by))))
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    out = []
    for line in lines:
        cells = [
            cell.ljust(width) if place < len(by) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths))
        ]
        out.append("  ".join(cells).rstrip())
    return "\n".join(out)


def _cells(total: Summary) -> List[str]:
    mean = f"{total.dur_ms / total.requests:.1f}" if total.requests else "-"
    counts = (total.requests, total.errors, total.input, total.cached, total.output)
    return [
        *(part or "-" for part in total.key),
        *map(str, counts),
        dollars(total.cost_nano),
        str(total.unpriced),
        mean,
    ]


def _sum(totals: Sequence[Summary], keys: int) -> Summary:
    out = Summary(("total", *[""] * (keys - 1)) if keys else ())
    for total in totals:
        for name in ("requests", "errors", "unpriced", "input", "cached", "output", "reasoning", "cost_nano", "dur_ms"):
            setattr(out, name, getattr(out, name) + getattr(total, name))
    return out


def since_of(text: str, now: float) -> float:
    """Returns a time from "24h", "7d", "all", or a day such as 2026-01-31 (UTC)."""
    if text == "all":
        return 0.0
    unit = {"m": 60.0, "h": 3600.0, "d": 86400.0}.get(text[-1:])
    if unit is not None and text[:-1].isdigit():
        return now - int(text[:-1]) * unit
    day = datetime.date.fromisoformat(text)
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp()
