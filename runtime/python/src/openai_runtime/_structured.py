"""Structured answers: the SDK's own `parse`, asked again with what was wrong; every attempt is validated."""

from __future__ import annotations

import json
from typing import Any, List, Type, TypeVar

T = TypeVar("T")


def parse_structured(
    client: Any, *, model: str, messages: List[Any], response_format: Type[T], attempts: int = 2, **arguments: Any
) -> T:
    """Returns an answer as a `response_format` (a pydantic model); raises the last attempt's error."""
    conversation = list(messages)
    completions = client.chat.completions
    parse = completions.parse if hasattr(completions, "parse") else client.beta.chat.completions.parse
    for attempt in range(1, attempts + 1):
        try:
            answer = parse(model=model, messages=conversation, response_format=response_format, **arguments)
            message = answer.choices[0].message
            if message.parsed is not None:
                result: T = message.parsed
                return result
            raise ValueError(message.refusal or "the answer is empty")
        except (ValueError, json.JSONDecodeError) as error:
            # pydantic's ValidationError is a ValueError.
            if attempt == attempts:
                raise
            note = f"Your answer did not fit the schema. Answer again.\n{error}"
            conversation = [*conversation, {"role": "user", "content": note}]
    raise ValueError("attempts must be at least 1")
