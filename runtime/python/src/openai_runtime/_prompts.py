"""Prompts in files: rendered strictly, and known by the hash of their content."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import Path
from typing import Dict, FrozenSet, Mapping, Union

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


@dataclasses.dataclass(frozen=True)
class Prompt:
    """A text with `{{variables}}`."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """Returns the first twelve digits of the content's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def variables(self) -> FrozenSet[str]:
        """Returns the names of the variables."""
        return frozenset(_VARIABLE.findall(self.text))

    def render(self, **values: object) -> str:
        """Returns the text with its variables put in; a missing or unknown one is a `KeyError`.

        Values are put in as they are: what looks like a variable in a value stays text.
        """
        missing = self.variables - set(values)
        unknown = set(values) - self.variables
        if missing or unknown:
            raise KeyError(f"prompt {self.name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
        return _VARIABLE.sub(lambda found: str(values[found.group(1)]), self.text)

    def context(self) -> Mapping[str, str]:
        """Returns fields for `ai_usage_context`, so that rows say which prompt was used."""
        return {"prompt": self.name, "prompt_version": self.version}


class PromptManager:
    """Reads prompts from a folder: `summary` is `summary.txt` or `summary.md`; a changed file is read again."""

    def __init__(self, folder: Union[str, Path]) -> None:
        self._folder = Path(folder).resolve()
        self._known: Dict[Path, tuple[int, Prompt]] = {}

    def get(self, name: str) -> Prompt:
        """Returns a prompt by name."""
        for suffix in (".txt", ".md"):
            path = (self._folder / (name + suffix)).resolve()
            if self._folder in path.parents and path.is_file():
                return self._read(name, path)
        raise KeyError(f"no prompt {name!r} in {self._folder.name}")

    def _read(self, name: str, path: Path) -> Prompt:
        changed = path.stat().st_mtime_ns
        known = self._known.get(path)
        if known is None or known[0] != changed:
            known = (changed, Prompt(name, path.read_text(encoding="utf-8")))
            self._known[path] = known
        return known[1]
