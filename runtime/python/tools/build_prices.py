"""Builds `prices.json` from the price data that the `genai-prices` package publishes.

Run with a released version of that package installed: `python tools/build_prices.py`. Prices are whole
nano-dollars per million units, so no figure is rounded on the way. Entries that the source itself marks as
taken from a reseller are left out: an unknown price is better than a wrong one.
"""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

import litellm
from genai_prices import data_snapshot

TARGET = Path(__file__).parent.parent / "src" / "openai_runtime" / "prices.json"
NANO = Decimal(1_000_000_000)
FIELDS = {
    "input_mtok": "input",
    "cache_read_mtok": "cached",
    "cache_write_mtok": "cache_write",
    "output_mtok": "output",
    "input_audio_mtok": "audio_input",
    "cache_audio_read_mtok": "audio_cached",
    "output_audio_mtok": "audio_output",
    "input_image_mtok": "image_input",
    "cache_image_read_mtok": "image_cached",
    "output_image_mtok": "image_output",
    "input_mchars": "characters",
    "audio_hours": "audio_hour",
}
IGNORED = {"web_searches_kcount", "storage_searches_kcount", "input_audio_hours", "requests_kcount"}


def nano(value: Decimal) -> int:
    """Returns whole nano-dollars."""
    scaled = value * NANO
    if scaled != scaled.to_integral_value():
        raise SystemExit(f"price {value} is finer than a nano-dollar per million")
    return int(scaled)


def rates(prices: Any, seen: set[str]) -> dict[str, Any]:
    """Returns a price record: a number a unit, or a list of [above this many input tokens, number]."""
    out: dict[str, Any] = {}
    for name in sorted(vars(prices)):
        value = getattr(prices, name)
        if value is None or name.startswith("_") or name in IGNORED:
            continue
        unit = FIELDS.get(name)
        if unit is None:
            seen.add(name)
            continue
        if isinstance(value, Decimal):
            out[unit] = nano(value)
        else:
            steps = [[0, nano(value.base)], *([tier.start, nano(tier.price)] for tier in value.tiers)]
            out[unit] = steps
    return out


def names(clause: Any) -> list[dict[str, str]]:
    """Returns the ways a model's name is recognised."""
    if hasattr(clause, "or_"):
        return [found for part in clause.or_ for found in names(part)]
    for kind in ("equals", "starts_with", "regex", "contains"):
        if hasattr(clause, kind):
            return [{kind: getattr(clause, kind)}]
    raise SystemExit(f"unknown clause {clause!r}")


def since(constraint: Any) -> str | None:
    """Returns the day a price starts, if it has one."""
    day = getattr(constraint, "start_date", None)
    return day.isoformat() if day else None


def longest(info: Any) -> int | None:
    """Returns the most output tokens of a model; no price, but what a budget must keep for an answer."""
    published = litellm.model_cost
    sizes = [
        published[clause["equals"]].get("max_output_tokens")
        for clause in names(info.match)
        if clause.get("equals") in published
    ]
    return max((int(size) for size in sizes if size), default=None)


def pictures(name: str) -> dict[str, int]:
    """Returns nano-dollars an image by its kind. The source has rates a pixel, cut after four digits; OpenAI's own
    prices are whole tenths of a cent, to which they are brought back."""
    found: dict[str, int] = {}
    for key, entry in litellm.model_cost.items():
        quality, _, rest = key.rpartition(f"/{name}")[0].rpartition("/")
        size = re.fullmatch(r"(\d+)-x-(\d+)", rest)
        if key.startswith("azure/") or not key.endswith(f"/{name}") or size is None:
            continue
        wide, high = int(size[1]), int(size[2])
        exact = Decimal(str(entry["input_cost_per_pixel"])) * wide * high
        price = exact.quantize(Decimal("0.001"))
        if not price or abs(price - exact) / price > Decimal("0.005"):
            raise SystemExit(f"{key}: {exact} is not near a tenth of a cent")
        found[f"{quality or 'standard'} {wide}x{high}"] = int(price * NANO)
    return dict(sorted(found.items()))


def model(info: Any, seen: set[str]) -> dict[str, Any]:
    """Returns one model: its names, its prices by date, and its other tiers."""
    history = info.prices if isinstance(info.prices, list) else None
    steps = (
        [{"from": since(step.constraint), "rates": rates(step.prices, seen)} for step in history]
        if history
        else [{"from": None, "rates": rates(info.prices, seen)}]
    )
    tiers: dict[str, Any] = {}
    for variant in info.price_variants or []:
        tier = variant.when.get("service_tier") or variant.when.get("processing")
        if tier and tier != "default":
            tiers[tier] = rates(variant.prices, seen)
    out = {"id": info.id, "names": names(info.match), "prices": steps}
    if longest(info):
        out["longest"] = longest(info)
    if tiers:
        out["tiers"] = tiers
    return out


def laid_out(table: dict[str, Any], providers: dict[str, list[dict[str, Any]]]) -> str:
    """Returns the table as JSON with a line for each model, so that changes read well."""
    head = json.dumps(table, indent=1)[:-2]
    parts = []
    for name, models in providers.items():
        lines = ",\n".join("   " + json.dumps(made, separators=(",", ":")) for made in models)
        parts.append(f"  {json.dumps(name)}: [\n{lines}\n  ]")
    return head + ',\n "providers": {\n' + ",\n".join(parts) + "\n }\n}\n"


def main() -> None:
    """Writes the table."""
    version = metadata.version("genai-prices")
    seen: set[str] = set()
    providers: dict[str, list[dict[str, Any]]] = {}
    fallbacks: dict[str, list[str]] = {}
    latest = ""
    for provider in data_snapshot.get_snapshot().providers:
        if provider.id not in ("openai", "azure"):
            continue
        models = []
        for info in provider.models:
            comment = str(info.price_comments or "")
            latest = max([latest, *re.findall(r"verified on (\d{4}-\d{2}-\d{2})", comment)])
            reseller = "OpenRouter" in comment and "Verified against OpenAI" not in comment
            made = model(info, seen)
            empty = not any(step["rates"] for step in made["prices"])
            if reseller or empty or (provider.id == "azure" and not re.match(r"gpt|o\d|text-|tts|whisper", info.id)):
                continue
            models.append(made)
        if provider.id == "openai":
            models += [
                {
                    "id": name,
                    "names": [{"equals": name}],
                    "prices": [{"from": None, "rates": {"image": pictures(name)}}],
                }
                for name in ("dall-e-2", "dall-e-3")
            ]
        providers[provider.id] = models
        fallbacks[provider.id] = [name for name in provider.fallback_model_providers or [] if name == "openai"]
    table = {
        "version": f"genai-prices-{version}",
        "source": f"Python package genai-prices {version} (MIT), which cites developers.openai.com/api/docs/pricing",
        "built": datetime.date.today().isoformat(),
        "latest_check_named_by_source": latest,
        "longest": f"most output tokens, from the Python package litellm {metadata.version('litellm')} (MIT)",
        "image": "DALL-E by the piece, from the same package",
        "unit": "nano-dollars per 1,000,000 tokens or characters, per hour (audio_hour), or per image",
        "left_out": "reseller prices, fees for tool calls and storage",
        "fallbacks": fallbacks,
    }
    TARGET.write_text(laid_out(table, providers))
    print({name: len(models) for name, models in providers.items()}, "not used:", sorted(seen))


if __name__ == "__main__":
    main()
