#!/usr/bin/env python3
"""Repeats in the second verifier what the C tests of the ledger did to their test federations.

tests/lib/fed_trace.c writes down every leaf that a test offered to the C ledger, taken or refused, and the digest after
it, when SAMBAND_FED_TRACE names a folder. Here each leaf is offered to verifier.fold: it must be taken where the C took
it, with the same digest, and refused where the C refused it.

    replay.py TEST-PROGRAM…      runs them with a trace each and repeats it
    replay.py --trace FILE…      repeats traces that are there
"""

from __future__ import annotations

import argparse
import collections
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from verifier import fold, refused, wire  # noqa: E402

NEW, TAKE, CHECK, END, BLOB = range(5)
BROKEN_ROWS = "LEDGER_STATE"  # the test has damaged the C ledger's rows: nothing to repeat


def records(path: pathlib.Path, with_blobs: bool = False):
    """(op, federation, leaf, name of the refusal or "", size and digest after it)"""
    data, at = path.read_bytes(), 0
    while at < len(data):
        op, who, size = struct.unpack_from(">BQI", data, at)
        at += 13
        leaf, at = data[at:at + size], at + size
        size = struct.unpack_from(">I", data, at)[0]
        name, at = data[at + 4:at + 4 + size].decode(), at + 4 + size
        if op != BLOB or with_blobs:
            yield op, who, leaf, name.removeprefix("SB_E_"), struct.unpack_from(">I", data, at)[0], data[at + 4:at + 36]
        at += 36


class Replay:
    """One trace; `faults` are the disagreements, `counts` what there was."""

    def __init__(self, title: str, verbose: bool):
        self.title, self.verbose = title, verbose
        self.ledgers: dict[int, fold.Ledger | None] = {}
        self.leaves: dict[int, list[bytes]] = {}
        self.counts: collections.Counter = collections.Counter()
        self.names: collections.Counter = collections.Counter()  # (C's name, ours) where they differ
        self.faults: list[str] = []

    def run(self, path: pathlib.Path) -> None:
        for number, (op, who, data, name, size, digest) in enumerate(records(path)):
            if op == NEW:
                self.ledgers[who], self.leaves[who] = fold.Ledger(), []
            elif op == END:
                self.ledgers.pop(who, None)
                self.leaves.pop(who, None)
            elif name == BROKEN_ROWS:
                self.ledgers[who] = None
            elif self.ledgers.get(who) is not None:
                self.back_to(who, size - 1 if op == TAKE and not name else size)
                self.offer(number, who, op, data, name, digest)

    def back_to(self, who: int, size: int) -> None:
        """The test has gone back to an earlier size (a dropped suffix): fold it anew."""
        if self.ledgers[who].size > size:
            del self.leaves[who][size:]
            self.ledgers[who] = fold.Ledger()
            for index, data in enumerate(self.leaves[who]):
                self.ledgers[who].step(wire.open_leaf(index, data))

    def offer(self, number: int, who: int, op: int, data: bytes, name: str, digest: bytes) -> None:
        ledger, ours, trace = self.ledgers[who], "", ""
        type_name = "?"
        try:
            leaf = wire.open_leaf(ledger.size, data)
            type_name = leaf.type_name
            if op == TAKE:
                ledger.step(leaf)
                self.leaves[who].append(data)
            else:
                ledger.probe(leaf)
        except refused.Refused as e:
            ours = e.name
        except Exception as e:  # noqa: BLE001: a crash of ours is a fault, too
            ours, trace = f"{type(e).__name__}: {e}", traceback.format_exc(limit=-3)
        self.counts["taken" if not name else "refused"] += 1
        fault = ""
        if trace:
            fault = trace
        elif bool(name) != bool(ours):
            fault = f"C {name or 'takes it'}, here {ours or 'taken'}"
        elif not name and op == TAKE and ledger.digest != digest:
            fault = f"digest {digest.hex()[:16]} in C, {ledger.digest.hex()[:16]} here"
        elif name != ours:
            self.names[name, ours] += 1
        if fault:
            self.faults.append(f"{self.title}, record {number}, leaf {ledger.size} {type_name}: {fault}")
            if op == TAKE:
                self.ledgers[who] = None  # what follows says nothing


def trace_of(program: str, folder: str) -> list[pathlib.Path]:
    run = subprocess.run([program], env=os.environ | {"SAMBAND_FED_TRACE": folder}, capture_output=True, check=False)
    if run.returncode != 0:
        print(f"{program}: exit {run.returncode}; what it did is repeated all the same")
    return sorted(pathlib.Path(folder).glob("*.trace"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trace", action="store_true", help="the arguments are traces")
    parser.add_argument("--verbose", action="store_true", help="all faults, and refusals by other names")
    parser.add_argument("what", nargs="+")
    args = parser.parse_args()
    total: collections.Counter = collections.Counter()
    names: collections.Counter = collections.Counter()
    faults: list[str] = []
    for what in args.what:
        with tempfile.TemporaryDirectory() as folder:
            replay = Replay(pathlib.Path(what).name, args.verbose)
            for path in [pathlib.Path(what)] if args.trace else trace_of(what, folder):
                replay.run(path)
        if not replay.counts["taken"]:
            sys.exit(f"{what}: no leaf in its trace")
        total += replay.counts
        names += replay.names
        faults += replay.faults
        print(f"{replay.title}: {replay.counts['taken']} taken, {replay.counts['refused']} refused, "
              f"{len(replay.faults)} faults, {sum(replay.names.values())} by another name", flush=True)
    for line in faults if args.verbose else faults[:20]:
        print(line)
    if args.verbose:
        for (theirs, ours), count in names.most_common():
            print(f"  {count}: {theirs} in C, {ours} here")
    print(f"{total['taken']} taken, {total['refused']} refused, {len(faults)} faults, "
          f"{sum(names.values())} refused by another name")
    return 3 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
