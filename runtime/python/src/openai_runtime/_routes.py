"""What a request is, from its URL: the SDK method's name, the endpoint without ids, and whose server it is."""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import List, Optional, Tuple

# Path words of the API; whatever else stands in a path is an id.
WORDS = frozenset(
    [
        "accept",
        "activate",
        "admin_api_keys",
        "agents",
        "alpha",
        "api_keys",
        "archive",
        "artifacts",
        "assistants",
        "attach",
        "audio",
        "audio_speeches",
        "audio_transcriptions",
        "audit_logs",
        "automations",
        "batches",
        "calls",
        "cancel",
        "certificates",
        "characters",
        "chat",
        "chatkit",
        "checkpoints",
        "client_secrets",
        "code_interpreter_sessions",
        "compact",
        "complete",
        "completions",
        "containers",
        "content",
        "content_provenance_checks",
        "conversations",
        "costs",
        "credentials",
        "data_retention",
        "deactivate",
        "decisions",
        "edits",
        "embeddings",
        "environments",
        "evals",
        "events",
        "extensions",
        "external_keys",
        "external_storage",
        "federation_rules",
        "file_batches",
        "file_search_calls",
        "files",
        "fine_tuning",
        "fork",
        "generations",
        "graders",
        "groups",
        "hangup",
        "hosted_tool_permissions",
        "images",
        "input_items",
        "input_tokens",
        "invites",
        "invocations",
        "items",
        "jobs",
        "live",
        "messages",
        "model_permissions",
        "models",
        "moderations",
        "organization",
        "output_items",
        "parts",
        "pause",
        "permissions",
        "projects",
        "rate_limits",
        "realtime",
        "refer",
        "reject",
        "remix",
        "responses",
        "resume",
        "roles",
        "rotate_secret",
        "run",
        "runs",
        "safety",
        "alerts",
        "cases",
        "search",
        "service_accounts",
        "service_tier_settings",
        "sessions",
        "skills",
        "speech",
        "spend_alerts",
        "spend_limit",
        "steps",
        "subagents",
        "submit_tool_outputs",
        "templates",
        "test",
        "threads",
        "traces",
        "transcription_sessions",
        "transcriptions",
        "translations",
        "turns",
        "uploads",
        "usage",
        "users",
        "validate",
        "variations",
        "vaults",
        "vector_stores",
        "versions",
        "videos",
        "voice_consents",
        "voices",
        "web_search_calls",
        "webhook_endpoints",
        "webhook_event_types",
        "workload_identity_providers",
        "deployments",
        "extensions",
    ]
)
VERBS = {"GET": "retrieve", "POST": "update", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
# Paths whose last word says what is done, rather than what is made.
ACTIONS = frozenset(
    [
        "accept",
        "activate",
        "archive",
        "attach",
        "cancel",
        "compact",
        "complete",
        "deactivate",
        "fork",
        "hangup",
        "pause",
        "refer",
        "reject",
        "remix",
        "resume",
        "rotate_secret",
        "run",
        "search",
        "submit_tool_outputs",
        "test",
        "validate",
    ]
)
NAMED = {
    "images.generations.create": "images.generate",
    "images.edits.create": "images.edit",
    "images.variations.create": "images.create_variation",
    "organization.costs.list": "organization.costs",
}
# Endpoints whose POST makes something that is billed by itself; elsewhere usage belongs to an earlier row.
CREATES = frozenset(
    [
        "chat.completions.create",
        "completions.create",
        "responses.create",
        "responses.compact",
        "embeddings.create",
        "audio.transcriptions.create",
        "audio.translations.create",
        "audio.speech.create",
        "images.generate",
        "images.edit",
        "images.create_variation",
        "moderations.create",
        "threads.runs.create",
        "batches.create",
    ]
)


@dataclasses.dataclass(frozen=True)
class Route:
    """A request's kind."""

    method: str
    endpoint: str
    deployment: Optional[str] = None

    @property
    def creates(self) -> bool:
        """Returns whether usage in the answer is new, and not that of an object made before."""
        return self.method in CREATES


@functools.lru_cache(maxsize=2048)
def route(verb: str, path: str) -> Route:
    """Returns the kind of a request."""
    path = re.sub(r"^.*?/(?:openai/)?v1/|^/openai/|^/", "/", path, count=1)
    parts: List[str] = [part for part in path.split("/") if part]
    deployment = None
    if len(parts) >= 2 and parts[0] == "deployments":
        deployment, parts = parts[1], parts[2:]
    named = [_named(parts, place) for place in range(len(parts))]
    words = [word for word in named if word is not None]
    endpoint = "/" + "/".join(word or "{id}" for word in named)
    item = bool(named) and named[-1] is None
    method = ".".join([*words, _verb(verb, item, words)]) if words else verb.lower()
    if words and words[-1] in ACTIONS and not item:
        method = ".".join(words)
    return Route(NAMED.get(method, method), endpoint, deployment)


def _named(parts: List[str], place: int) -> Optional[str]:
    part = parts[place]
    if part not in WORDS or (place and parts[place - 1] == "models"):
        return None
    return part


def _verb(verb: str, item: bool, words: List[str]) -> str:
    if verb == "GET" and words and words[-1] == "content":
        return "retrieve"
    if item:
        return VERBS.get(verb, verb.lower())
    return {"GET": "list", "POST": "create"}.get(verb, VERBS.get(verb, verb.lower()))


@functools.lru_cache(maxsize=256)
def provider(host: str) -> str:
    """Returns whose prices a host has: openai, azure or bedrock."""
    if host.endswith((".azure.com", ".azure.us", ".azure.cn", ".azure-api.net", ".microsoft.com")):
        return "azure"
    return "bedrock" if host.endswith((".amazonaws.com", ".api.aws")) else "openai"


def azure_streams_usage(path: str, query: str) -> bool:
    """Returns whether an Azure API version knows `stream_options`; older ones refuse it."""
    if "/deployments/" not in path:
        return True
    found = re.search(r"api-version=(\d{4}-\d{2}-\d{2})", query)
    return found is not None and found.group(1) >= "2024-09-01"


def host_key(host: str, port: Optional[int]) -> str:
    """Returns a host with its port, where that is not the usual one."""
    return host if port in (None, 443, 80) else f"{host}:{port}"


def model_host(host: str, model: Optional[str]) -> Tuple[str, str]:
    """Returns the key of what is limited together at a server."""
    return host, model or ""
