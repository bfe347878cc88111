#!/usr/bin/env python3
"""golang.org/x/mod's note and tlog verify a bundle of ours: signatures, tiles, leaves and proofs.

Optional: skips (77) where there is no Go or no golang-golang-x-mod-dev (Debian).
usage: go_bundle_test.py SAMBAND SCRIPT
"""

import os
import shutil
import subprocess
import sys
import tempfile

GOPATH = "/usr/share/gocode"
HERE = os.path.dirname(os.path.abspath(__file__))


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def run(*command, **kwargs):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs)
    return done.returncode, done.stdout


def build(root):
    """The verifier, without any network: Debian's sources alone."""
    program = os.path.join(root, "verify")
    environment = dict(os.environ, GO111MODULE="off", GOPATH=GOPATH, GOFLAGS="", GOPROXY="off",
                       GOCACHE=os.path.join(root, "cache"), HOME=root)
    code, said = run("go", "build", "-o", program, os.path.join(HERE, "go", "verify.go"), env=environment)
    assert code == 0, said
    return program


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def main():
    samband, script = sys.argv[1:3]
    if shutil.which("go") is None:
        skip("there is no go")
    if not os.path.isdir(os.path.join(GOPATH, "src/golang.org/x/mod/sumdb/tlog")):
        skip("there is no golang-golang-x-mod-dev")
    with tempfile.TemporaryDirectory() as root:
        verify = build(root)
        bundle, proofs = os.path.join(root, "bundle"), os.path.join(root, "proofs")
        code, said = run(samband, "rehearse", script, "--bundle", bundle, "--proofs", proofs)
        assert code == 0, said
        files = [os.path.join(proofs, name) for name in sorted(os.listdir(proofs))]
        assert files, "no proof of a decision was written"
        code, said = run(verify, bundle, *files)
        assert code == 0, said
        print(said, end="")
        assert said.count(" holds\n") == len(files), said
        # and it does look: a leaf, a tile and a signature with one bit changed
        for name in ("tile/entries/000", "tile/0/000", "checkpoint"):
            path = os.path.join(bundle, name)
            at = os.path.getsize(path) - 20
            flip(path, at)
            code, said = run(verify, bundle)
            assert code == 1, f"{name}: a changed byte was not noticed: {said}"
            flip(path, at)
        code, said = run(verify, bundle)
        assert code == 0, said


main()
