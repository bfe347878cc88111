#!/usr/bin/env python3
"""Key files that ask for more than a machine has (row 42 of tests/FAULTS.md), given to the programs that
open key files: refused by the file's own numbers, at once and without the memory.

    hostile_key_test.py BIN_DIR        exit 0 when all went as said"""
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation  # noqa: E402

ASKS = {'mem': ['1099511627776', '1073741825', '18446744073709551615'], 'ops': ['17', '4294967296']}
SECONDS, MIB = 20, 600  # the sanitizer's own memory is in it; a sixteenth of what the least of them asks


def bent(text, line, value):
    out, count = re.subn(r'(?m)^%s: .*$' % line, '%s: %s' % (line, value), text)
    assert count == 1
    return out


def refused(f, what, words, says, code=1):
    began, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result = subprocess.run([str(w) for w in words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=120, env=dict(os.environ, SAMBAND_HOME=str(f.root / 'tom')))
    took, most = time.time() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    text = result.stdout + result.stderr
    if result.returncode != code or says not in text:
        f.fail('%s: %d %s' % (what, result.returncode, text))
    if took > SECONDS or most > MIB:
        f.fail('%s: %.1f s, %d MiB (before: %d)' % (what, took, most, before // 1024))
    return took, most


def main():
    with Federation(sys.argv[1]) as f:
        f.found(start=False)
        samband, most, slowest = f.bin / 'samband', 0, 0
        member = next(p for p in sorted((f.root / 'keys').glob('*.key')) if 'argon2id13' in p.read_text())
        good = member.read_text()
        for line, values in ASKS.items():
            for value in values:
                file = f.root / 'dyr.key'
                file.write_text(bent(good, line, value))
                file.chmod(0o600)
                for words in (['key', 'show', file], ['--passphrase-file', f.root / 'pass', 'key', 'show', file]):
                    took, used = refused(f, '%s %s' % (line, value), [samband, *words], 'krever for mye')
                    most, slowest = max(most, used), max(slowest, took)
        # a daemon's key, which has to be plain: a sealed one, that asks for a terabyte, in its place
        witness = f.root / 'unn' / 'witness.key'
        plain = witness.read_text()
        sealed = bent(bent(good, 'mem', ASKS['mem'][0]), 'role', 'witness')
        witness.write_text(re.sub(r'(?m)^public: .*$', re.search(r'(?m)^public: .*$', plain).group(0), sealed))
        took, used = refused(f, 'samband-node', [f.bin / 'samband-node', f.root / 'unn'], 'krever for mye')
        print('%d files refused, none took more than %.1f s or %d MiB' %
              (1 + 2 * sum(map(len, ASKS.values())), max(slowest, took), max(most, used)))


main()
