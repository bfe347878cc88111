#!/usr/bin/env python3
"""`restore` where something lies already: its own last step is gone on with, nothing else is.

    restore_test.py BIN_DIR

A killed restore leaves the store in its place without the federation's file. What looks like it, and
is not marked, damaged or another copy's, must be refused, and no federation's file is put beside it."""
import os
import pathlib
import shutil
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation  # noqa: E402


TITLE = 'Sak som bøyes'.encode()


def bend(store):
    """A bit of the newest case's title, wherever it is written."""
    data = bytearray(store.read_bytes())
    at, bent = -1, 0
    while (at := data.find(TITLE, at + 1)) >= 0:
        data[at] ^= 1
        bent += 1
    store.write_bytes(data)
    return bent


def place(f, name, config, store):
    """A directory of its own with this store in it and no federation's file."""
    new = f.root / name
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    shutil.copy(config, new)
    if store is not None:
        shutil.copytree(store, new / 'store', ignore=shutil.ignore_patterns('*lock*'))
    return new


def attempt(f, verb, copy, new, code, says):
    f.samband(verb, 'restore', copy, new, code=code, says=says)
    if (new / 'federation.samband').exists() != (code == 0):
        f.fail('%s: føderasjonsfilen' % new.name)


def try_all(f, verb, daemon, copy, older, other):
    config = f.root / daemon / ('%s.yaml' % verb)
    whole = place(f, 'hel', config, None)
    attempt(f, verb, copy, whole, 0, None)
    # killed with only the federation's file to go
    attempt(f, verb, copy, place(f, 'sist', config, whole / 'store'), 0, None)
    attempt(f, verb, copy, place(f, 'umerket', config, copy / 'store'), 1, 'er ikke tom')
    attempt(f, verb, copy, place(f, 'annen', config, other), 1, 'er ikke tom')
    attempt(f, verb, older, place(f, 'nyere', config, whole / 'store'), 1, 'er ikke tom')
    bent = place(f, 'bøyd', config, whole / 'store')
    if bend(bent / 'store' / 'data.mdb') == 0:
        f.fail('ingenting å bøye')
    attempt(f, verb, copy, bent, 3, 'skadet')


GOLDEN = pathlib.Path(__file__).resolve().parent / 'golden'


def older(f):
    """A backup that an older version made is brought up where it is put, and stays what it is."""
    if struct.calcsize('P') != 8 or sys.byteorder != 'little' or os.sysconf('SC_PAGESIZE') != 4096:
        print('hoppet over: de gamle lagrene er fra en annen slags maskin')
        return
    config = f.root / 'unn' / 'node.yaml'
    for name in ('store-v1', 'store-v2'):
        copy = f.root / name
        shutil.copytree(GOLDEN / name, copy / 'store')
        shutil.copy(f.root / 'unn' / 'federation.samband', copy)
        before = (copy / 'store' / 'data.mdb').read_bytes()
        new = place(f, 'fra-' + name, config, None)
        attempt(f, 'node', copy, new, 0, 'oppføringer')
        # marked, whole, of today's format: else its own last step would be refused
        attempt(f, 'node', copy, place(f, 'sist', config, new / 'store'), 0, None)
        attempt(f, 'node', copy, place(f, 'umerket', config, GOLDEN / 'store-v3'), 1, 'er ikke tom')
        if (copy / 'store' / 'data.mdb').read_bytes() != before:
            f.fail('%s: kopien er endret' % name)


def main():
    with Federation(sys.argv[1]) as f:
        f.found()
        f.until('alt er endelig', 60, f.all_final)
        for verb, daemon in (('node', 'unn'), ('broker', 'broker')):
            f.samband(verb, 'backup', f.root / daemon, f.root / ('eldre-' + verb), code=0)
        f.report(TITLE.decode())
        f.until('alt er endelig', 60, f.all_final)
        for verb, daemon in (('node', 'unn'), ('broker', 'broker')):
            f.samband(verb, 'backup', f.root / daemon, f.root / ('kopi-' + verb), code=0)
        for name in list(f.children):
            f.stop(name)
        for verb, daemon, other in (('node', 'unn', 'lege'), ('broker', 'broker', 'broker')):
            try_all(f, verb, daemon, f.root / ('kopi-' + verb), f.root / ('eldre-' + verb),
                    f.root / other / 'store')
        older(f)
    print('ok')


main()
