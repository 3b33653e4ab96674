"""`python -m openai_runtime`: what is stored, as a report or live."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from typing import Any, Dict, List, Optional

import openai

from ._config import QuotaConfig
from ._report import as_json, as_table, dollars, since_of
from ._runtime import Runtime
from ._writer import journal_folder
from .errors import ConfigError
from .types import GROUPS, NANO


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs one command and returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.db:
        os.environ["QUOTA_DB"] = options.db
    try:
        since = since_of(options.since, time.time())
    except ValueError:
        print(f"error: --since {options.since!r} is neither like 24h or 7d, nor a day, nor `all`", file=sys.stderr)
        return 2
    try:
        config = QuotaConfig.from_env()
        if _is_missing(config.database):
            print(f"nothing is stored in {config.database}", file=sys.stderr)
            config = dataclasses.replace(config, database="memory:")
        runtime = Runtime(config)
    except (ConfigError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        runtime.writer.recover()
        command: Any = {"report": report, "top": top, "reconcile": reconcile}[options.command]
        return int(command(runtime, options, since))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        return 0
    except Exception as error:
        if options.command == "reconcile" and isinstance(error, openai.OpenAIError):
            print(f"error: the costs cannot be asked for: {error}", file=sys.stderr)
        else:
            print(f"error: {_plain(config.database)} cannot be read: {error}", file=sys.stderr)
        return 2
    finally:
        runtime.close()


def _is_missing(database: str) -> bool:
    """Returns whether a file is not there, nor a journal from which it would be made: looking must not make it."""
    if "://" in database or database == "memory:" or os.path.lexists(database):
        return False
    return not any(journal_folder(database).glob("*.journal"))


def _plain(database: str) -> str:
    # An address may hold a password.
    return database.partition("://")[0] + "://…" if "://" in database else database


def report(runtime: Runtime, options: argparse.Namespace, since: float) -> int:
    """Prints totals."""
    totals = runtime.sink.summarize(options.by, since)
    print(as_json(options.by, totals, since) if options.json else as_table(options.by, totals))
    return 0


def top(runtime: Runtime, options: argparse.Namespace, since: float) -> int:
    """Prints the dearest groups again and again; once with --once, with --json, or where nobody watches."""
    while True:
        totals = sorted(runtime.sink.summarize(options.by, since), key=lambda total: -total.cost_nano)[: options.rows]
        if options.json:
            print(as_json(options.by, totals, since), flush=True)
            return 0
        live = sys.stdout.isatty() and not options.once
        head = f"{time.strftime('%H:%M:%S')}  {runtime.config.database}  since {options.since}"
        windows: Any = getattr(runtime.budget, "windows", list)()
        budgets = [
            f"{scope} {window}: {_amounts(window, lim, spent, held)}"
            for scope, window, lim, spent, held in windows[-4:]
        ]
        print(
            ("\033[H\033[2J" if live else "") + "\n".join([head, *budgets, "", as_table(options.by, totals)]),
            flush=True,
        )
        if not live:
            return 0
        time.sleep(options.interval)


def _amounts(window: str, limit: int, spent: int, reserved: int) -> str:
    if window.startswith("cost:"):
        return f"${dollars(spent)} of ${dollars(limit)}, ${dollars(reserved)} reserved"
    return f"{spent} of {limit}, {reserved} reserved"


def reconcile(runtime: Runtime, options: argparse.Namespace, since: float) -> int:
    """Compares stored costs by day with those that the organisation's cost endpoint tells (needs an admin key)."""
    key = os.environ.get("OPENAI_ADMIN_KEY")
    if not key:
        print("error: OPENAI_ADMIN_KEY is not set", file=sys.stderr)
        return 2
    since = since or time.time() - 30 * 86400
    client = openai.OpenAI(api_key=key)
    billed: Dict[str, int] = {}
    page: Optional[str] = None
    while True:
        query = {"start_time": int(since), "bucket_width": "1d", "limit": 30, **({"page": page} if page else {})}
        answer: Any = client.get("/organization/costs", cast_to=object, options={"params": query})
        for bucket in answer.get("data", []):
            day = time.strftime("%Y-%m-%d", time.gmtime(bucket["start_time"]))
            for result in bucket.get("results", []):
                billed[day] = billed.get(day, 0) + round(float(result["amount"]["value"]) * NANO)
        page = answer.get("next_page")
        if not page:
            break
    stored = {total.key[0] or "": total.cost_nano for total in runtime.sink.summarize(["day"], since)}
    rows: List[Dict[str, Any]] = [
        {"day": day, "stored_nano": stored.get(day, 0), "billed_nano": billed.get(day, 0)}
        for day in sorted({*stored, *billed})
    ]
    if options.json:
        print(json.dumps({"schema": 1, "rows": rows}, indent=2))
    else:
        print(
            "\n".join(
                f"{row['day']}  stored ${dollars(int(row['stored_nano']))}  billed ${dollars(int(row['billed_nano']))}"
                for row in rows
            )
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m openai_runtime", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("report", "totals of what is stored"),
        ("top", "the dearest groups, live"),
        ("reconcile", "stored costs beside billed ones, by day"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--db", help="the store; default: QUOTA_DB, else the user's state folder")
        command.add_argument(
            "--since", default="30d" if name == "reconcile" else "24h", help="24h, 7d, 2026-01-31, or all"
        )
        command.add_argument("--json", action="store_true", help="one JSON object")
        command.add_argument(
            "--by",
            type=_groups,
            default=["workspace", "model", "operation"]
            if name == "top"
            else ["workspace", "model", "operation", "day"],
            help=f"columns to group by: {', '.join(GROUPS)}",
        )
        command.add_argument("--rows", type=int, default=20, help="how many groups `top` shows")
        command.add_argument("--interval", type=float, default=2.0, help="seconds between two looks of `top`")
        command.add_argument("--once", action="store_true", help="`top` looks once")
    return parser


def _groups(text: str) -> List[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not among {', '.join(GROUPS)}")
    return names
