"""Prices: whole nano-dollars from a table with a source, or nothing."""

from __future__ import annotations

import datetime
import functools
import json
import re
import time
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Union

from .errors import ConfigError
from .types import Cost, Usage

BUILT_IN = Path(__file__).with_name("prices.json")
# The tier that an answer names, as the table names it. Azure and older answers say nothing: that is "default".
TIERS = {"default": None, "auto": None, "standard": None, "scale": "scale"}


class PriceTable:
    """Looks up what a call costs. A model or unit that the table does not know has no cost."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        try:
            self.version = str(data["version"])
            self.source = str(data.get("source", ""))
            self._providers: Dict[str, List[Dict[str, Any]]] = {k: list(v) for k, v in data["providers"].items()}
            self._fallbacks: Dict[str, List[str]] = dict(data.get("fallbacks") or {})
        except (KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"not a price table: {error!r}") from None
        self._found = functools.lru_cache(maxsize=512)(self._search)
        self._rates = functools.lru_cache(maxsize=512)(self._rates_of)

    @classmethod
    def load(cls, path: Union[str, Path, None] = None) -> PriceTable:
        """Returns the embedded table, or that of a file in the same format."""
        try:
            return cls(json.loads(Path(path or BUILT_IN).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot read the price table {str(path or BUILT_IN)!r}: {error}") from None

    def knows(self, model: Optional[str], provider: str = "openai") -> bool:
        """Returns whether the model has a price."""
        return model is not None and self._found(provider, model) is not None

    def longest(self, model: str, provider: str = "openai") -> Optional[int]:
        """Returns how many tokens the model puts out at most, where the table says it."""
        entry = self._found(provider, model)
        return entry.get("longest") if entry else None

    def image_kinds(self, model: str, provider: str = "openai") -> List[str]:
        """Returns the kinds of images that a model bills by the piece."""
        rates = self._rates_of(provider, model, None, int(time.time() // 86400))
        return list(rates.get("image", {})) if rates else []

    def cost(
        self,
        model: Optional[str],
        usage: Usage,
        tier: Optional[str] = None,
        ts: Optional[float] = None,
        provider: str = "openai",
    ) -> Optional[Cost]:
        """Returns the price of a usage, or `None` where any part of it has no known rate."""
        nano = self.nano(model, usage, tier, ts, provider)
        return None if nano is None else Cost(nano, self.version)

    def nano(
        self, model: Optional[str], usage: Usage, tier: Optional[str], ts: Optional[float], provider: str
    ) -> Optional[int]:
        """Returns the same in whole nano-dollars."""
        if model is None:
            return None
        rates = self._rates(provider, model, tier, int((ts or time.time()) // 86400))
        if rates is None:
            return None
        total = _total(rates, usage)
        return None if total is None else (total + 500_000) // 1_000_000

    def _rates_of(self, provider: str, model: str, tier: Optional[str], day: int) -> Optional[Dict[str, Any]]:
        entry = self._found(provider, model)
        return None if entry is None else _rates(entry, tier, _day(day))

    def _search(self, provider: str, model: str) -> Optional[Dict[str, Any]]:
        for name in [provider, *self._fallbacks.get(provider, [])]:
            models = self._providers.get(name, [])
            for exactly in (True, False):
                for entry in models:
                    if any(_matches(clause, model, exactly) for clause in entry["names"]):
                        return entry
        return None


def _matches(clause: Mapping[str, str], model: str, exactly: bool) -> bool:
    if exactly:
        return clause.get("equals") == model
    if "starts_with" in clause:
        return model.startswith(clause["starts_with"])
    if "regex" in clause:
        return re.search(clause["regex"], model) is not None
    return "contains" in clause and clause["contains"] in model


def _day(number: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=number)).isoformat()


def _rates(entry: Mapping[str, Any], tier: Optional[str], day: str) -> Optional[Dict[str, Any]]:
    rates: Dict[str, Any] = {}
    for step in entry["prices"]:
        if step["from"] is None or step["from"] <= day:
            rates = dict(step["rates"])
    name = TIERS.get(tier, tier) if tier is not None else None
    if name is None:
        return rates
    special = entry.get("tiers", {}).get(name)
    return None if special is None else {**rates, **special}


def _total(rates: Mapping[str, Any], usage: Usage) -> Optional[int]:
    """Returns nano-dollars times a million, so that nothing is rounded before the sum."""
    input_tokens = usage.input or 0
    cached = min(usage.cached or 0, input_tokens)
    audio_cached = min(usage.audio_cached, cached)
    audio_input = max(usage.audio_input - audio_cached, 0)
    plain_input = input_tokens - cached - usage.cache_write - audio_input - usage.image_input
    plain_output = (usage.output or 0) - usage.audio_output - usage.image_output
    if plain_input < 0 or plain_output < 0:
        return None
    total, counted = 0, False
    for amount, unit in (
        (plain_input, "input"),
        (plain_output, "output"),
        (cached - audio_cached, "cached"),
        (usage.cache_write, "cache_write"),
        (audio_input, "audio_input"),
        (audio_cached, "audio_cached"),
        (usage.audio_output, "audio_output"),
        (usage.image_input, "image_input"),
        (usage.image_output, "image_output"),
        (usage.chars, "characters"),
    ):
        if not amount:
            continue
        rate = _rate(rates, unit, input_tokens)
        if rate is None:
            return None
        total, counted = total + amount * rate, True
    if usage.images and usage.image_kind is not None:
        each = rates.get("image", {}).get(usage.image_kind)
        if each is None:
            return None
        total, counted = total + usage.images * int(each) * 1_000_000, True
    if usage.seconds:
        if "audio_hour" not in rates:
            return None
        total, counted = total + round(usage.seconds * 1000) * int(rates["audio_hour"]) * 1000 // 3600, True
    zero = usage.input == 0 or usage.output == 0
    return total if counted or zero else None


def _rate(rates: Mapping[str, Any], unit: str, input_tokens: int) -> Optional[int]:
    # Image output is billed at the output rate where a model only ever puts out images.
    value = rates.get(unit)
    if type(value) is int:
        return value
    if value is None and unit == "image_output":
        value = rates.get("output")
    # Where no discount is published, what was cached costs what any input costs.
    if value is None and unit in ("cached", "audio_cached"):
        value = rates.get("input" if unit == "cached" else "audio_input")
    if isinstance(value, list):
        return next(int(rate) for above, rate in reversed(value) if input_tokens > above or above == 0)
    return None if value is None else int(value)
