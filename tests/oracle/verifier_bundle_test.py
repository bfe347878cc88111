#!/usr/bin/env python3
"""Both verifiers on the same bundles: the same summary of good ones, and neither lets a spoiled one through.

    verifier_bundle_test.py SAMBAND-AUDIT [--tests PROGRAM…] [--rehearse SAMBAND SCRIPT…] [--some N] [--flips N] [--flip-with SAMBAND-AUDIT] [--seed N]

The bundles are made of the histories in the C tests of the ledger (bundle_maker.py; `--some`: about so many of them), or
written by `samband rehearse`. In each, `--flips` random bits are turned, one at a time; the largest is also spoiled in
every way of `spoilings`. Exit 3 with what differs.
"""

import argparse
import base64
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import bundle_maker  # noqa: E402
import replay  # noqa: E402
from verifier import audit, decision, note  # noqa: E402
from verifier.__main__ import failure_json, summary  # noqa: E402
from verifier.refused import Refused  # noqa: E402


def c_says(program: str, bundle: Path) -> tuple[int, dict]:
    done = subprocess.run([program, "--json", str(bundle)], capture_output=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}


def first(bundle: Path, pattern: str) -> Path | None:
    return next(iter(sorted(p for p in bundle.glob(pattern) if p.is_file())), None)


KINDS = ["federation.samband", "checkpoint", "policy", "erased", "checkpoints/*/*", "tile/entries/000*", "tile/entries/*.p/*",
         "tile/0/*", "tile/0/*.p/*", "tile/1/*.p/*", "blobs/*"]
STRANGERS = ["note.txt", "checkpoint.2", "policy.2", "checkpoint.3", "checkpoints/1/1", "checkpoints/2/1", "tile/0/999",
             "tile/0/000.p/1", "tile/9/000", "tile/entries/999", "blobs/" + "0" * 64, "blobs/x", ".hidden"]


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def link(path: Path) -> None:
    """Out of the bundle."""
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/null")


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def swap_leaves(bundle: Path) -> None:
    """The first two leaves that may stand in either order, by their form."""
    path = first(bundle, "tile/entries/000*") or first(bundle, "tile/entries/*.p/*")
    assert path is not None
    data, leaves, at = path.read_bytes(), [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at:at + 2], "big")
        leaves.append(data[at:end])
        at = end
    leaves[-1], leaves[-2] = leaves[-2], leaves[-1]
    path.write_bytes(b"".join(leaves))


def later(bundle: Path) -> None:
    """The last leaf a millisecond later: its bytes are signed, its time isn't."""
    path = first(bundle, "tile/entries/*.p/*") or first(bundle, "tile/entries/*")
    assert path is not None
    data, at = bytearray(path.read_bytes()), 0
    while at + 2 + int.from_bytes(data[at:at + 2], "big") < len(data):
        at += 2 + int.from_bytes(data[at:at + 2], "big")
    data[at + 2:at + 10] = (int.from_bytes(data[at + 2:at + 10], "big") + 1).to_bytes(8, "big")
    path.write_bytes(bytes(data))


def twice(bundle: Path) -> None:
    """The last cosignature again under another name, with that name's key id."""
    path = bundle / "checkpoint"
    text = path.read_text()
    line = note.parse_note(text.encode()).lines[-1]
    vkeys = [words[2] for words in map(str.split, (bundle / "policy").read_text().splitlines()) if words[0] == "witness"]
    pk = next(base64.b64decode(v.split("+", 2)[2])[1:] for v in vkeys if v.startswith(line.name + "+"))
    data = note.key_id("elsewhere", note.TYPE_COSIGNATURE, pk) + line.signature
    path.write_text(f"{text}\u2014 elsewhere {base64.b64encode(data).decode()}\n")


def earlier_head(bundle: Path) -> None:
    sealed = sorted((p for p in bundle.glob("checkpoints/*/*") if p.is_file()), key=lambda p: int(p.name.split(".")[0]))
    shutil.copy(sealed[0], bundle / "checkpoint")


def spoilings(bundle: Path) -> dict[str, Callable[[Path], None]]:
    """What is done to a copy of the bundle; nothing of it may pass."""
    todo: dict[str, Callable[[Path], None]] = {}
    for pattern in KINDS:
        path = first(bundle, pattern)
        if path is None:
            continue
        where = path.relative_to(bundle)
        todo[f"without {where}"] = lambda b, w=where: (b / w).unlink()
        todo[f"link {where}"] = lambda b, w=where: link(b / w)
        todo[f"pipe {where}"] = lambda b, w=where: pipe(b / w)
        todo[f"longer {where}"] = lambda b, w=where: longer(b / w)
        if path.stat().st_size > 0:
            todo[f"shorter {where}"] = lambda b, w=where: shorter(b / w)
            todo[f"empty {where}"] = lambda b, w=where: empty(b / w)
    for name in STRANGERS:
        if not (bundle / name).exists():
            todo[f"stranger {name}"] = lambda b, n=name: ((b / n).parent.mkdir(parents=True, exist_ok=True),
                                                          (b / n).write_bytes(b"x"))
    todo.update({"link README.txt": lambda b: link(b / "README.txt"), "pipe README.txt": lambda b: pipe(b / "README.txt"),
                 "leaves swapped": swap_leaves, "a leaf later": later, "a cosignature twice": twice,
                 "an earlier head": earlier_head})
    return todo


def compare(program: str, name: str, bundle: Path) -> list[str]:
    """A good bundle: accepted by both, and every member that both state is the same."""
    code, theirs = c_says(program, bundle)
    verdict = audit.verify(bundle, remembers=True)
    ours = summary(verdict)
    if code != 0 or verdict.failure is not None:
        return [f"{name}: samband-audit exits {code} ({theirs.get('failure')}), Python: {verdict.failure}"]
    faults = [f"{name}: {key}: samband-audit {theirs[key]}, Python {ours[key]}"
              for key in sorted(set(ours) & set(theirs)) if ours[key] != theirs[key]]
    wanted = {"federation", "origin", "size", "root", "digest", "final", "final_size", "final_root", "cases", "terms"}
    return faults + [f"{name}: samband-audit says nothing of {key}" for key in sorted(wanted - set(theirs))]


def place(failure: dict) -> tuple[str, ...]:
    """Where the first fault is: the refusal, and the file or leaf that it names."""
    return (failure["code"], *failure["args"][:1])


def is_refused(program: str, name: str, bundle: Path) -> list[str]:
    with subprocess.Popen([program, "--json", str(bundle)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        failure = audit.verify(bundle, remembers=True).failure  # both at the same time
        said = running.communicate()[0]
    code, theirs = running.returncode, json.loads(said) if said else {}
    if code == 3 and failure is not None:
        theirs_at, ours_at = place(theirs["failure"]), place(failure_json(failure))
        return [] if theirs_at == ours_at else [f"{name}: samband-audit says {theirs_at}, Python {ours_at}"]
    return [f"{name}: samband-audit exits {code} ({theirs.get('verdict')}), Python: {failure}"]


def flip(program: str, name: str, bundle: Path, count: int, rnd: random.Random) -> list[str]:
    """One random bit at a time, of a random file but the README."""
    faults = []
    files = sorted(p for p in bundle.rglob("*") if p.is_file() and p.name != "README.txt" and p.stat().st_size > 0)
    for _ in range(count):
        path = rnd.choice(files)
        data = path.read_bytes()
        bit = rnd.randrange(8 * len(data))
        path.write_bytes(data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:])
        faults += is_refused(program, f"{name}: {path.relative_to(bundle)} bit {bit}", bundle)
        path.write_bytes(data)
    return faults


def spoil(program: str, name: str, bundle: Path) -> list[str]:
    faults = []
    for what, change in spoilings(bundle).items():
        with tempfile.TemporaryDirectory() as directory:
            copy = Path(directory) / "bundle"
            shutil.copytree(bundle, copy)
            change(copy)
            faults += is_refused(program, f"{name}: {what}", copy)
    return faults


def judge_both(program: str, name: str, directory: Path, proof: bytes, text: bytes) -> tuple[list[str], bool]:
    """Does a proof of one decision hold under a policy's text? By both alike."""
    (directory / "proof").write_bytes(proof)
    (directory / "policy").write_bytes(text)
    done = subprocess.run([program, "decision", directory / "proof", "--policy", directory / "policy", "--json"],
                          capture_output=True, check=False)
    theirs = json.loads(done.stdout) if done.stdout else {}
    try:
        ours = decision.verify(proof, decision.parse_policy(text))
    except Refused as refused:
        faults = [] if done.returncode == 3 else [f"{name}: exit {done.returncode} {theirs}, Python: {refused}"]
        return faults, False
    differs = [key for key, value in ours.items() if theirs.get(key) != value]
    return ([f"{name}: {done.returncode} {key}: {theirs.get(key)}, Python {ours[key]}" for key in differs]
            + ([f"{name}: exit {done.returncode}"] if done.returncode != 0 else [])), True


def flip_decision(program: str, name: str, directory: Path, proof: bytes, text: bytes, count: int,
                  rnd: random.Random) -> list[str]:
    faults, _ = judge_both(program, name, directory, proof, text)
    for _ in range(count):
        which = rnd.choice((proof, text))
        bit = rnd.randrange(8 * len(which))
        turned = which[:bit // 8] + bytes([which[bit // 8] ^ 1 << bit % 8]) + which[bit // 8 + 1:]
        bent = (turned, text) if which is proof else (proof, turned)
        faults += judge_both(program, f"{name} {'proof' if which is proof else 'policy'} bit {bit}", directory, *bent)[0]
    return faults


def kinds_of(bundle: Path) -> set[str]:
    """What is special about it, for the count at the end."""
    says = summary(audit.verify(bundle, remembers=True))
    found = {"several terms"} if len(says["terms"]) > 1 else set()
    found |= {"something erased"} if says["erased"] else set()
    found |= {"more than one file of leaves"} if says["size"] > 256 else set()
    found |= {"several notes of a head"} if (bundle / "checkpoint.2").exists() else set()
    found |= {"two policies"} if (bundle / "policy.2").exists() else set()
    found |= {"not all final"} if not says["final"] else set()
    groups = (bundle / "policy").read_text().count("\ngroup ")
    return found | ({"a tree of thresholds"} if groups > 1 else set())


class Run:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.rnd = args, random.Random(args.seed)
        self.faults: list[str] = []
        self.seen: collections.Counter = collections.Counter()
        # thousands of flips want a build without sanitizers, where there is one
        fast = args.flip_with
        self.flips_by = fast if fast and Path(fast).exists() else args.audit

    def bundle(self, name: str, path: Path) -> None:
        faults = compare(self.args.audit, name, path)
        if not faults:
            faults = flip(self.flips_by, name, path, self.args.flips, self.rnd)
            self.seen["flips"] += self.args.flips
            self.seen.update(["bundles", *sorted(kinds_of(path))])
        self.faults += faults

    def histories(self, directory: Path) -> None:
        found = []
        for program in self.args.tests:
            folder = directory / Path(program).name
            folder.mkdir()
            for trace in replay.trace_of(program, str(folder)):
                found += [(Path(program).name, history) for history in bundle_maker.histories(trace)]
        found = [(name, history) for name, history in found if bundle_maker.sizes(history)]
        some = self.rnd.sample(found, min(self.args.some, len(found)))
        some.sort(key=lambda f: len(f[1].leaves))
        for number, (name, history) in enumerate(some):
            path = directory / f"bundle-{number}"
            ends = bundle_maker.sizes(history)
            size = ends[-1] if self.rnd.random() < 0.7 else self.rnd.choice(ends)
            try:
                bundle_maker.make(path, history, size)
            except bundle_maker.Unfit as unfit:
                self.seen[f"unfit ({unfit})"] += 1
                continue
            except Refused as refused:
                self.faults.append(f"{name} {history.name}: Python refuses what the C took: {refused} {refused.__cause__}")
                continue
            self.bundle(f"{name} {history.name} at {size}", path)
            self.decision(f"{name} {history.name} at {size}", history, path, size)
            if number == len(some) - 1:
                self.faults += spoil(self.args.audit, name, path)
                self.seen["spoiled"] += len(spoilings(path))

    def decision(self, name: str, history: bundle_maker.History, path: Path, size: int) -> None:
        proof = bundle_maker.decision(history, path, size)
        if proof is None:
            return
        self.seen["proofs of one decision"] += 1
        text = (path / "policy").read_bytes()
        with tempfile.TemporaryDirectory() as directory:
            where = Path(directory)
            faults, holds = judge_both(self.args.audit, name, where, proof, text)
            self.seen["that hold"] += holds
            self.faults += faults + flip_decision(self.args.audit, name, where, proof, text, 3 * self.args.flips, self.rnd)

    def rehearse(self, directory: Path) -> None:
        samband, *scripts = self.args.rehearse
        for number, script in enumerate(scripts):
            path = directory / f"rehearsed-{number}"
            subprocess.run([samband, "rehearse", script, "--bundle", str(path)], check=True, stdout=subprocess.DEVNULL)
            self.bundle(Path(script).name, path)
            if number == 0:
                self.faults += spoil(self.args.audit, Path(script).name, path)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("audit")
    parser.add_argument("--tests", nargs="+", default=[])
    parser.add_argument("--rehearse", nargs="+", default=[])
    parser.add_argument("--some", type=int, default=40)
    parser.add_argument("--flips", type=int, default=5)
    parser.add_argument("--flip-with", help="another build of samband-audit, for the flips, if it is there")
    parser.add_argument("--seed", type=int, default=1)
    run = Run(parser.parse_args())
    with tempfile.TemporaryDirectory() as directory:
        if run.args.tests:
            run.histories(Path(directory))
        if run.args.rehearse:
            run.rehearse(Path(directory))
    print("\n".join(run.faults[:20]) or "both verifiers agree")
    print(", ".join(f"{count} {what}" for what, count in sorted(run.seen.items())))
    return 3 if run.faults or not run.seen["bundles"] else 0


if __name__ == "__main__":
    sys.exit(main())
