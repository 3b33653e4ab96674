"""Settings: from the environment, checked once, and never guessed."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import os
import re
import tempfile
import urllib.parse
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, TypeVar

from .errors import ConfigError
from .types import NANO

T = TypeVar("T")
ENVIRONMENTS = ("development", "testing", "staging", "production")
TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off", "")
_DISABLE = getattr(os.environ, "encodekey", str)("DISABLE_QUOTA_TRACKING")
SERVERS = ("redis://", "rediss://", "unix://", "postgres://", "postgresql://")
# A value in quotes, or up to a comment.
_DOTENV = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)"|(.*?))\s*(?:(?<=[\s'"])#.*)?""")


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a scope may use; `None` is no limit."""

    daily_cost_nano: Optional[int] = None
    hourly_requests: Optional[int] = None
    daily_requests: Optional[int] = None

    def __bool__(self) -> bool:
        return not (self.daily_cost_nano is None and self.hourly_requests is None and self.daily_requests is None)


@dataclasses.dataclass(frozen=True)
class QuotaConfig:
    """All settings. `QuotaConfig.from_env()` reads the variables named in the README."""

    mode: str = "observe"
    workspace_modes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    database: str = ""
    budget_url: Optional[str] = None
    durability: str = "process"
    stream_usage: str = "inject"
    pause_threshold: float = 0.8
    alert_thresholds: Tuple[float, ...] = (0.6, 0.8, 0.95)
    alert_horizon: float = 3600.0
    alert_webhook: Optional[str] = None
    log_interval: int = 100
    max_wait: float = 60.0
    prices: Optional[str] = None
    unknown_price: str = "allow"
    timezone: str = "UTC"
    store_error: str = "open"
    environment: Optional[str] = None
    service_mode: str = "REAL"
    mock_paths: Tuple[str, ...] = ()
    limits: Limits = Limits()
    workspace_limits: Mapping[str, Limits] = dataclasses.field(default_factory=dict)
    fallback_models: Mapping[str, str] = dataclasses.field(default_factory=dict)
    breaker_failures: int = 5
    breaker_seconds: float = 30.0
    reservation_ttl: float = 3600.0
    pause_backoff: float = 1.0

    def __post_init__(self) -> None:
        _one_of("QUOTA_MODE", self.mode, ("off", "observe", "enforce"))
        for mode in self.workspace_modes.values():
            _one_of("QUOTA_LIMITS mode", mode, ("off", "observe", "enforce"))
        _one_of("QUOTA_DURABILITY", self.durability, ("process", "power"))
        _one_of("QUOTA_STREAM_USAGE", self.stream_usage, ("inject", "asis"))
        _one_of("QUOTA_UNKNOWN_PRICE", self.unknown_price, ("allow", "refuse"))
        _one_of("QUOTA_STORE_ERROR", self.store_error, ("open", "closed"))
        _one_of("SERVICE_MODE", self.service_mode, ("MOCK", "REAL", "HYBRID"))
        if self.environment is not None:
            _one_of("ENVIRONMENT", self.environment, ENVIRONMENTS)
        _in_range("QUOTA_PAUSE_THRESHOLD", self.pause_threshold)
        for part in self.alert_thresholds:
            _in_range("QUOTA_ALERT_THRESHOLDS", part)
        for name, value in (
            ("QUOTA_LOG_INTERVAL", self.log_interval),
            ("QUOTA_MAX_WAIT_S", self.max_wait),
            ("QUOTA_BREAKER_FAILURES", self.breaker_failures),
            ("QUOTA_BREAKER_SECONDS", self.breaker_seconds),
            ("QUOTA_ALERT_HORIZON_S", self.alert_horizon),
            ("QUOTA_RESERVATION_TTL_S", self.reservation_ttl),
        ):
            if not 0 <= value < math.inf:
                raise ConfigError(f"{name}={value} must not be negative, and must be a number")
        if self.alert_webhook is not None:
            _web_address("QUOTA_ALERT_WEBHOOK", self.alert_webhook)
        if self.service_mode != "REAL" and self.environment == "production":
            raise ConfigError(f"SERVICE_MODE={self.service_mode} would answer from a mock in production")
        if self.service_mode == "HYBRID" and not self.mock_paths:
            raise ConfigError("SERVICE_MODE=HYBRID needs QUOTA_MOCK_PATHS, the endpoints to mock")
        zone(self.timezone)

    def mode_of(self, workspace: Optional[str]) -> str:
        """Returns the mode for a workspace."""
        return self.workspace_modes.get(workspace, self.mode) if workspace is not None else self.mode

    @classmethod
    def from_env(cls, environ: Optional[Mapping[str, str]] = None) -> QuotaConfig:
        """Returns the settings that the environment gives; raises `ConfigError` for a value that is wrong."""
        env: Dict[str, str] = dict(os.environ if environ is None else environ)
        dotenv = env.get("QUOTA_DOTENV", "").strip()
        if dotenv:
            for name, value in read_dotenv(Path(dotenv)).items():
                env.setdefault(name, value)
        get = _Reader(env)
        daily = get("DAILY_COST_LIMIT_OPENAI", dollars, None)
        limits = Limits(daily, get("HOURLY_RATE_LIMIT_OPENAI", _count, None), get("DAILY_REQUEST_LIMIT", _count, None))
        scoped = _workspaces(get("QUOTA_LIMITS", str, None))
        for name in ("COST_TRACKING_ENABLED", "DISABLE_QUOTA_TRACKING"):
            get(name, _truth, False)
        return cls(
            mode=_mode(env, bool(limits) or any(limit for limit, _ in scoped.values())),
            workspace_modes={name: mode for name, (_, mode) in scoped.items() if mode},
            database=get("QUOTA_DB", _store, None) or default_database(env),
            budget_url=get("QUOTA_BUDGET_URL", _store, None),
            durability=get("QUOTA_DURABILITY", str.lower, "process"),
            stream_usage=get("QUOTA_STREAM_USAGE", str.lower, "inject"),
            pause_threshold=get("QUOTA_PAUSE_THRESHOLD", float, 0.8),
            alert_thresholds=get("QUOTA_ALERT_THRESHOLDS", _parts, (0.6, 0.8, 0.95)),
            alert_horizon=get("QUOTA_ALERT_HORIZON_S", float, 3600.0),
            alert_webhook=get("QUOTA_ALERT_WEBHOOK", str, None),
            log_interval=get("QUOTA_LOG_INTERVAL", int, 100),
            max_wait=get("QUOTA_MAX_WAIT_S", float, 60.0),
            prices=get("QUOTA_PRICES", str, None),
            unknown_price=get("QUOTA_UNKNOWN_PRICE", str.lower, "allow"),
            timezone=get("QUOTA_WINDOW_TZ", str, "UTC"),
            store_error=get("QUOTA_STORE_ERROR", str.lower, "open"),
            environment=get("ENVIRONMENT", str.lower, None),
            service_mode=get("SERVICE_MODE", str.upper, "REAL"),
            mock_paths=get("QUOTA_MOCK_PATHS", _names, ()),
            limits=limits,
            workspace_limits={name: limit for name, (limit, _) in scoped.items()},
            fallback_models=get("QUOTA_FALLBACK_MODELS", _mapping, {}),
            breaker_failures=get("QUOTA_BREAKER_FAILURES", int, 5),
            breaker_seconds=get("QUOTA_BREAKER_SECONDS", float, 30.0),
            reservation_ttl=get("QUOTA_RESERVATION_TTL_S", float, 3600.0),
        )


class _Reader:
    """Reads one variable, and names it when its value is wrong."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env

    def __call__(self, name: str, parse: Callable[[str], T], default: Any) -> Any:
        text = self.env.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except (ValueError, ArithmeticError) as error:
            raise ConfigError(f"{name}={text!r} is not valid: {error}") from None


def _mode(env: Mapping[str, str], limited: bool) -> str:
    named = env.get("QUOTA_MODE", "").strip().lower()
    if named:
        return named
    tracking = env.get("COST_TRACKING_ENABLED", "").strip().lower()
    if tracking and tracking in FALSE:
        return "off"
    return "enforce" if limited else "observe"


def _workspaces(path: Optional[str]) -> Dict[str, Tuple[Limits, Optional[str]]]:
    if not path:
        return {}
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        return {name: _workspace(entry) for name, entry in data.items()}
    except (OSError, ValueError, AttributeError, ArithmeticError, TypeError) as error:
        raise ConfigError(f"QUOTA_LIMITS={path!r} cannot be used: {error}") from None


def _workspace(entry: Mapping[str, Any]) -> Tuple[Limits, Optional[str]]:
    known = {"daily_cost", "hourly_requests", "daily_requests", "mode"}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ValueError(f"unknown keys {', '.join(unknown)}")
    cost = entry.get("daily_cost")
    hourly, daily = entry.get("hourly_requests"), entry.get("daily_requests")
    limits = Limits(
        None if cost is None else dollars(str(cost)),
        None if hourly is None else _count(str(hourly)),
        None if daily is None else _count(str(daily)),
    )
    mode = entry.get("mode")
    return limits, None if mode is None else str(mode).lower()


def dollars(text: str) -> int:
    """Returns whole nano-dollars of an amount such as "12.50"."""
    from decimal import Decimal

    amount = Decimal(text.lstrip("$"))
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount must not be negative")
    return int(amount * NANO)


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError("a limit must not be negative")
    return value


def _parts(text: str) -> Tuple[float, ...]:
    return tuple(sorted(float(part) for part in text.split(",") if part.strip()))


def _names(text: str) -> Tuple[str, ...]:
    return tuple(part.strip().strip("/") for part in text.split(",") if part.strip())


def _mapping(text: str) -> Dict[str, str]:
    pairs = [part.split("=", 1) for part in text.split(",") if part.strip()]
    if any(len(pair) != 2 or not pair[0].strip() or not pair[1].strip() for pair in pairs):
        raise ValueError("write model=cheaper-model, separated by commas")
    return {name.strip(): value.strip() for name, value in pairs}


def _truth(text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise ValueError("it is neither true nor false")
    return text.lower() in TRUE


def _store(text: str) -> str:
    """Returns a server's URL as it is, and a file's path in full: the working folder may change."""
    if text in ("memory:", ":memory:"):
        return "memory:"
    if text.startswith(SERVERS):
        return text
    path = text[len("sqlite:///") :] if text.startswith("sqlite:///") else text
    if "://" in path:
        raise ValueError(f"write a path, memory:, or a URL that begins with {', '.join(SERVERS)}")
    return os.path.abspath(Path(path).expanduser())  # noqa: PTH100  (no link is to be followed)


def _in_range(name: str, part: float) -> None:
    if not 0 < part <= 1:
        raise ConfigError(f"{name}={part}: a threshold must lie above 0 and at most at 1")


def _web_address(name: str, text: str) -> None:
    try:
        parts = urllib.parse.urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname:
            return
    except ValueError:
        pass
    raise ConfigError(f"{name}={text!r} is no address that begins with http:// or https://")


def _one_of(name: str, value: str, allowed: Tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{name}={value!r} is not one of {', '.join(allowed)}")


def default_database(env: Mapping[str, str]) -> str:
    """Returns where rows go when nothing is said: the user's state folder, else the temporary one."""
    base = env.get("XDG_STATE_HOME") or str(Path(env.get("HOME") or "~").expanduser() / ".local" / "state")
    folder = Path(base) / "openai_runtime"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return str(folder / "usage.sqlite3")
    except OSError:
        pass
    uid = os.getuid() if hasattr(os, "getuid") else 0
    return str(Path(tempfile.gettempdir()) / f"openai_runtime-{uid}" / "usage.sqlite3")


def zone(name: str) -> datetime.tzinfo:
    """Returns a time zone by name."""
    if name.upper() in ("UTC", "Z"):
        return datetime.timezone.utc
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"QUOTA_WINDOW_TZ={name!r} is not a known time zone") from error


def read_dotenv(path: Path) -> Dict[str, str]:
    """Returns the variables of a `.env` file, which must be given by an absolute path."""
    if not path.is_absolute():
        raise ConfigError(f"QUOTA_DOTENV={str(path)!r} must be absolute: a relative one depends on the working folder")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"QUOTA_DOTENV={str(path)!r} cannot be read: {error}") from None
    values = {}
    for line in lines:
        name, equals, value = line.strip().partition("=")
        found = _DOTENV.fullmatch(value)
        if equals and found and not name.startswith("#"):
            values[name.removeprefix("export ").strip()] = next((part for part in found.groups() if part), "")
    return values


def base_url_alias(environ: Optional[Mapping[str, str]] = None) -> Optional[str]:
    """Returns `OPENAI_API_URL` where the SDK's own `OPENAI_BASE_URL` is absent, with a warning."""
    env = os.environ if environ is None else environ
    alias = env.get("OPENAI_API_URL")
    if not alias or env.get("OPENAI_BASE_URL"):
        return None
    warnings.warn("OPENAI_API_URL is read as OPENAI_BASE_URL, which is the SDK's name", stacklevel=3)
    return alias


def tracking_disabled() -> bool:
    """Returns whether `DISABLE_QUOTA_TRACKING` is set now; it is asked for every call."""
    # Nearly always it is not there at all, and what `os.environ` keeps inside says so at a tenth of the cost.
    kept = getattr(os.environ, "_data", None)
    if kept is not None and _DISABLE not in kept:
        return False
    return os.environ.get("DISABLE_QUOTA_TRACKING", "").lower() in TRUE
