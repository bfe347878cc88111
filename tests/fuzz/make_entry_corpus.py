#!/usr/bin/env python3
"""The corpus of entry_fuzz from the golden entries: one input an entry type."""
import pathlib
import sys

sys.dont_write_bytecode = True
import inputs  # noqa: E402

root = pathlib.Path(__file__).resolve().parents[2]
for line in (root / "tests/unit/golden/entries.hex").read_text().splitlines():
    name, text = line.split()
    inputs.put("entry", name, bytes.fromhex(text))
