#!/usr/bin/env python3
"""Both verifiers on bundles of rehearsed meetings: the same summary of good ones, and neither lets a spoiled one through.

    verifier_bundle_test.py SAMBAND SAMBAND-AUDIT SCRIPT…
"""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from verifier import audit, note  # noqa: E402
from verifier.__main__ import summary  # noqa: E402


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
        todo[f"longer {where}"] = lambda b, w=where: longer(b / w)
        if path.stat().st_size > 0:
            todo[f"shorter {where}"] = lambda b, w=where: shorter(b / w)
            todo[f"empty {where}"] = lambda b, w=where: empty(b / w)
    for name in STRANGERS:
        if not (bundle / name).exists():
            todo[f"stranger {name}"] = lambda b, n=name: ((b / n).parent.mkdir(parents=True, exist_ok=True),
                                                          (b / n).write_bytes(b"x"))
    todo.update({"leaves swapped": swap_leaves, "a leaf later": later, "a cosignature twice": twice,
                 "an earlier head": earlier_head})
    return todo


def compare(program: str, script: str, bundle: Path) -> list[str]:
    faults = []
    code, theirs = c_says(program, bundle)
    verdict = audit.verify(bundle)
    ours = summary(verdict)
    if code != 0 or verdict.failure is not None:
        return [f"{script}: samband-audit exits {code} ({theirs.get('verdict')}), Python: {verdict.failure}"]
    for key in sorted(set(ours) & set(theirs)):
        if ours[key] != theirs[key]:
            faults.append(f"{script}: {key}: samband-audit {theirs[key]}, Python {ours[key]}")
    missing = {"federation", "origin", "size", "root", "digest", "final", "final_size", "final_root", "cases"} - set(theirs)
    return faults + [f"{script}: samband-audit says nothing of {key}" for key in sorted(missing)]


def spoil(program: str, bundle: Path) -> list[str]:
    faults = []
    for what, change in spoilings(bundle).items():
        with tempfile.TemporaryDirectory() as directory:
            copy = Path(directory) / "bundle"
            shutil.copytree(bundle, copy)
            change(copy)
            code, theirs = c_says(program, copy)
            failure = audit.verify(copy, remembers=True).failure
            if code not in (1, 3) or failure is None:
                faults.append(f"{what}: samband-audit exits {code} ({theirs.get('verdict')}), Python: {failure}")
    return faults


def main(arguments: list[str]) -> int:
    samband, program, *scripts = arguments
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        for number, script in enumerate(scripts):
            bundle = Path(directory) / str(number)
            subprocess.run([samband, "rehearse", script, "--bundle", str(bundle)], check=True, stdout=subprocess.DEVNULL)
            faults += compare(program, Path(script).name, bundle)
            if number == 0 and not faults:
                faults += spoil(program, bundle)
    print("\n".join(faults) or f"{len(scripts)} bundles: both verifiers agree")
    return 3 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
