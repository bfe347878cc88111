"""The files of a bundle: PROTOCOL.md "Bundle". Reads one at a time and remembers which were asked for."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from . import merkle
from .refused import Refused

LEAF_BYTES_MAX = 65_535
ENTRIES_FILE_BYTES_MAX = merkle.TILE_WIDTH * (2 + LEAF_BYTES_MAX)
TILE_FILE_BYTES = merkle.TILE_WIDTH * 32
DEPTH_MAX = 16


class Bundle:
    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)
        self.asked: set[str] = set()

    def read(self, path: str, bytes_most: int) -> bytes:
        """A whole file, at most so large."""
        self.asked.add(path)
        full = self.directory / path
        try:
            status = os.lstat(full)
        except (FileNotFoundError, NotADirectoryError):
            raise Refused("AUDIT_MISSING", path) from None
        if not stat.S_ISREG(status.st_mode) or status.st_size > bytes_most:
            raise Refused("AUDIT_FILE", path)
        data = full.read_bytes()
        if len(data) > bytes_most:
            raise Refused("AUDIT_FILE", path)
        return data

    def has(self, path: str) -> bool:
        return (self.directory / path).exists()

    def names(self, folder: str) -> list[str]:
        """What stands in a folder, sorted; nothing when it isn't there."""
        try:
            return sorted(os.listdir(self.directory / folder))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def strangers(self) -> list[str]:
        """Everything but folders that nobody asked for, and but a README."""
        return [path for path in self._walk("", 0) if path not in self.asked and not self._is_readme(path)]

    def _is_readme(self, path: str) -> bool:
        return path == "README.txt" and stat.S_ISREG(os.lstat(self.directory / path).st_mode)

    def _walk(self, folder: str, depth: int) -> Iterator[str]:
        for name in self.names(folder):
            path = f"{folder}/{name}" if folder else name
            if depth < DEPTH_MAX and stat.S_ISDIR(os.lstat(self.directory / path).st_mode):
                yield from self._walk(path, depth + 1)
            else:
                yield path

    # ---- leaves and tiles ----

    def leaves(self, size: int) -> Iterator[tuple[int, str, bytes]]:
        """(index, path, leaf) of each leaf; a file's own faults come after its leaves."""
        for number in range((size + merkle.TILE_WIDTH - 1) // merkle.TILE_WIDTH):
            first = number * merkle.TILE_WIDTH
            width = min(merkle.TILE_WIDTH, size - first)
            path = merkle.tile_path("entries", number, width)
            data = self.read(path, ENTRIES_FILE_BYTES_MAX)
            at = count = 0
            while count < width and at < len(data):
                length = int.from_bytes(data[at:at + 2], "big")
                if at + 2 + length > len(data):
                    raise Refused("AUDIT_FILE", path)
                yield first + count, path, data[at + 2:at + 2 + length]
                at += 2 + length
                count += 1
            if at < len(data):
                raise Refused("AUDIT_FILE", path)
            if count < width:
                raise Refused("AUDIT_LEAF_COUNT", path, width, count)

    def compare_tile(self, level: int, index: int, width: int, hashes: bytes) -> None:
        """The stored tile is the one that the leaves give."""
        path = merkle.tile_path(str(level), index, width)
        data = self.read(path, TILE_FILE_BYTES)
        if len(data) != len(hashes):
            raise Refused("AUDIT_FILE", path)
        if data != hashes:
            wrong = next(i for i in range(width) if data[32 * i:32 * i + 32] != hashes[32 * i:32 * i + 32])
            raise Refused("AUDIT_TILE", path, wrong + 1)
