#!/usr/bin/env python3
"""The corpus of entry_fuzz from the golden entries: one file per entry type."""
import pathlib

root = pathlib.Path(__file__).resolve().parents[2]
for line in (root / "tests/unit/golden/entries.hex").read_text().splitlines():
    name, text = line.split()
    (root / "tests/fuzz/corpus/entry" / name).write_bytes(bytes.fromhex(text))
