"""A crash journal in a memory-mapped file: what is in it survives the death of the process.

Two kinds of record: a call has begun, and a call has ended. The writer thread marks what the sink has stored. A
process that finds the journal of a dead one stores what is left in it; a row's `uid` keeps it from counting twice.
Files are locked by their owner for life, so that the living are left alone.
"""

from __future__ import annotations

import errno
import mmap
import os
import secrets
import struct
import zlib
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple

from .types import UsageEvent

try:
    import fcntl
except ImportError:  # No journal where files cannot be locked this way; `health()` says so.
    fcntl = None  # type: ignore[assignment]

MAGIC = b"OAIRUN01"
HEADER = 64
RECORD = struct.Struct("<IIc")
COMMITTED = struct.Struct("<Q")
BEGAN, ENDED = b"b", b"e"
FIRST_SIZE = 1 << 20
LARGEST = 256 << 20
# A busy process never empties its queue; from this size on it starts another file.
ROTATE = 8 << 20


class JournalFull(Exception):
    """The journal has reached its largest size, since nothing could be stored for long."""


class Journal:
    """The journal of this process. The caller holds a lock around every method."""

    def __init__(self, folder: Path, power: bool = False) -> None:
        if fcntl is None:
            raise OSError("no file locks on this system")
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.journal"
        self._power = power
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _lengthen(self._file, FIRST_SIZE)
            self._map = mmap.mmap(self._file, FIRST_SIZE)
        except BaseException:
            os.close(self._file)
            self.path.unlink(missing_ok=True)
            raise
        self._map[: len(MAGIC)] = MAGIC
        # Where the next record goes.
        self.at = HEADER
        self._open: Dict[str, bytes] = {}
        self._write_committed(HEADER)

    @property
    def open_calls(self) -> Dict[str, bytes]:
        """Returns the calls that have begun and not ended."""
        return self._open

    def began(self, uid: str, payload: bytes) -> None:
        """Notes that a call is about to be sent."""
        self._open[uid] = payload
        self._append(BEGAN, payload)

    def ended(self, uid: str, payload: bytes) -> None:
        """Notes a finished call."""
        self._open.pop(uid, None)
        self._append(ENDED, payload)

    def stored(self, position: int) -> None:
        """Notes that all records before a position are in the sink, and starts over when that is all."""
        self._write_committed(position)
        if position == self.at and self.at > FIRST_SIZE // 4:
            used, self.at = self.at, HEADER
            self._map[HEADER:used] = bytes(used - HEADER)
            self._write_committed(HEADER)
            for payload in self._open.values():
                self._append(BEGAN, payload)

    def close(self) -> None:
        """Gives the file back; removes it if nothing in it is still needed."""
        (committed,) = COMMITTED.unpack_from(self._map, len(MAGIC))
        done = committed == self.at and not self._open
        if done:
            self.path.unlink(missing_ok=True)
        self.abandon()

    def discard(self) -> None:
        """Removes the file: all that it holds is stored, or lies in the next one too."""
        self.path.unlink(missing_ok=True)
        self.abandon()

    def abandon(self) -> None:
        """Closes the file without a word, as a forked child must."""
        self._map.close()
        os.close(self._file)

    def _write_committed(self, position: int) -> None:
        COMMITTED.pack_into(self._map, len(MAGIC), position)

    def _append(self, kind: bytes, payload: bytes) -> None:
        end = self.at + RECORD.size + len(payload)
        if end + RECORD.size > len(self._map):
            self._grow(end + RECORD.size)
        start = self.at + RECORD.size
        self._map[start:end] = payload
        # The head is written last: a record without one was never written.
        RECORD.pack_into(self._map, self.at, len(payload), zlib.crc32(payload), kind)
        self.at = end
        if self._power:
            self._map.flush()

    def _grow(self, needed: int) -> None:
        size = len(self._map)
        while size < needed:
            size *= 2
        if size > LARGEST:
            raise JournalFull(f"the journal {self.path.name} is full")
        _lengthen(self._file, size)
        self._map.close()
        self._map = mmap.mmap(self._file, size)


def _lengthen(file: int, size: int) -> None:
    """Makes a file longer and takes the room on the disk: writing to a mapped page without room is a fatal signal."""
    try:
        os.posix_fallocate(file, 0, size)
    except (AttributeError, OSError) as error:
        if getattr(error, "errno", None) not in (None, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        at = os.fstat(file).st_size
        while at < size:
            at += os.pwrite(file, bytes(min(size - at, 1 << 20)), at)


def orphans(folder: Path) -> List[Orphan]:
    """Returns the journals of dead processes, locked. The caller stores `unstored` of them, then settles each."""
    found: List[Orphan] = []
    if fcntl is None or not folder.is_dir():
        return found
    for path in sorted(folder.glob("*.journal")):
        try:
            file = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        except OSError:
            continue
        try:
            # The folder may be a shared one, and what others put there is not ours to read.
            if os.fstat(file).st_uid != os.geteuid():
                raise OSError("not our file")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            continue
        orphan = Orphan(path, file)
        orphan.read()
        found.append(orphan)
    return found


def unstored(found: List[Orphan]) -> List[UsageEvent]:
    """Returns the rows to store: calls that ended, and those that nobody saw the end of."""
    finished = {uid for orphan in found for uid in orphan.finished}
    lost = {uid: event for orphan in found for uid, event in orphan.began.items() if uid not in finished}
    for event in lost.values():
        event.error = "process_died"
    return [event for orphan in found for event in orphan.ended] + list(lost.values())


class Orphan:
    """The journal of a dead process."""

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self.began: Dict[str, UsageEvent] = {}
        self.ended: List[UsageEvent] = []
        self.finished: Set[str] = set()
        self._file = file

    def settle(self, stored: bool) -> None:
        """Removes the journal if its rows are stored, and gives up its lock."""
        if stored:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def read(self) -> None:
        """Reads the records up to the first that is not whole."""
        with open(self._file, "rb", closefd=False) as source:
            data = source.read()
        if not data.startswith(MAGIC):
            return
        (committed,) = COMMITTED.unpack_from(data, len(MAGIC))
        at = HEADER
        while at + RECORD.size <= len(data):
            record = _record(data, at)
            if record is None:
                return
            kind, payload, end = record
            event = UsageEvent.from_record(payload)
            if kind == BEGAN:
                self.began[event.uid] = event
            else:
                self.finished.add(event.uid)
                if at >= committed:
                    self.ended.append(event)
            at = end


def _record(data: bytes, at: int) -> Optional[Tuple[bytes, bytes, int]]:
    size, check, kind = RECORD.unpack_from(data, at)
    start, end = at + RECORD.size, at + RECORD.size + size
    if size == 0 or end > len(data) or zlib.crc32(data[start:end]) != check:
        return None
    return kind, data[start:end], end
