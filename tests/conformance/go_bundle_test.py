#!/usr/bin/env python3
"""golang.org/x/mod's note and tlog verify a bundle of ours: signatures, tiles, leaves and proofs.

Optional: skips (77) where there is no Go or no golang-golang-x-mod-dev (Debian).
usage: go_bundle_test.py SAMBAND SCRIPT DECISION
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


def stop(directory):
    with open(os.path.join(directory, "running")) as file:
        for line in file:
            os.kill(int(line.split()[1]), 15)


def first_file(path):
    """Itself, or the first file below: a small log has partial tiles alone."""
    if os.path.isfile(path):
        return path
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)[0]


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def main():
    samband, script, decision = sys.argv[1:4]
    if shutil.which("go") is None:
        skip("there is no go")
    if not os.path.isdir(os.path.join(GOPATH, "src/golang.org/x/mod/sumdb/tlog")):
        skip("there is no golang-golang-x-mod-dev")
    with tempfile.TemporaryDirectory() as root:
        verify = build(root)
        directory, bundle, proof = (os.path.join(root, name) for name in ("fed", "bundle", "proof"))
        code, said = run(samband, "rehearse", script, "--keep", "--dir", directory, "--bundle", bundle)
        assert code == 0, said
        try:
            code, said = run(samband, "--node", os.path.join(directory, "nodes", "unn"), "--home", root, "--federation",
                             os.path.join(directory, "federation.samband"), "decision", "export", decision, "--out", proof)
        finally:
            stop(directory)
        assert code == 0, said
        code, said = run(verify, bundle, proof)
        assert code == 0, said
        print(said, end="")
        assert said.count(" holds\n") == 1, said
        # and it does look: a leaf, a tile and a signature with one bit changed
        for folder in ("tile/entries", "tile/0", "checkpoint"):
            path = first_file(os.path.join(bundle, folder))
            at = os.path.getsize(path) - 20
            flip(path, at)
            code, said = run(verify, bundle)
            assert code == 1, f"{folder}: a changed byte was not noticed: {said}"
            flip(path, at)
        code, said = run(verify, bundle)
        assert code == 0, said


main()
