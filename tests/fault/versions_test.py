#!/usr/bin/env python3
"""Programs of different versions beside each other, as real processes: row 48 of FAULTS.md.

    versions_test.py BIN_DIR NEWER_SHIM NEWER_FOUNDING

A newer version is today's program with newer_shim.c before it: another engine, fields and messages that nobody
knows. Both ends say so in words, nothing is lost, and it goes on when the versions fit. And a bundle of a newer
format, before samband-audit. Exit 0 when all went as said."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation  # noqa: E402

ENGINES = 'den som hilste, har motor 2, den som ble hilst på, har motor 1'
NOT_READ_THERE = 'den andre kan ikke lese det dette programmet sender'
NOT_READ_HERE = 'meldinger som dette programmet ikke kan lese'


def newer(how):
    return {'LD_PRELOAD': str(pathlib.Path(sys.argv[2]).resolve()), 'SB_NEWER': how,
            'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}


def says(f, name, pattern, seconds=30):
    """`node status` says so in words."""
    f.until('%s sier «%s»' % (name, pattern), seconds, lambda: re.search(
        pattern, f.samband('node', 'status', f.root / name, code=None).stdout))


def logged(f, name, code, since):
    """The daemon's log names this error."""
    f.until('%s.log: %s' % (name, code), 30, lambda: code in (f.root / (name + '.log')).read_text()[since:])
    line = [s for s in (f.root / (name + '.log')).read_text()[since:].splitlines() if code in s][-1]
    print('   %s: %s' % (name, line))


def length(f, name):
    return len((f.root / (name + '.log')).read_text())


def restart(f, name, how=None):
    f.stop(name)
    f.start(name, env=newer(how) if how else None)


def newer_node(f, how, here, there):
    """One node is newer: it and the broker say so, the others go on, and it when it is as they are."""
    print('node,', how)
    size, since = f.status('lege')['size'], length(f, 'broker')
    restart(f, 'lege', how)
    says(f, 'lege', here)
    logged(f, 'broker', there, since)
    f.report('Ved den nyere noden, %s' % how, node='lege', wait='none')
    if not f.report('Ved en annen node, %s' % how, node='unn', wait='final'):
        f.fail('the others stopped')
    if f.status('lege')['size'] != size or f.status('lege')['outbox'] != 1:
        f.fail('lege: %s' % f.status('lege'))
    restart(f, 'lege')
    f.until('alt er endelig', 60, f.all_final)


def newer_broker(f, how, here, there):
    """The broker is newer: every node says so and the broker too; what was entered waits, and gets there."""
    print('megler,', how)
    since = length(f, 'broker')
    size = f.status('unn')['size']
    restart(f, 'broker', how)
    f.report('Mens megleren er nyere, %s' % how, node='kommune', wait='none')
    for name in f.orgs:
        says(f, name, here)
    logged(f, 'broker', there, since)
    if {f.status(name)['size'] for name in f.orgs} != {size}:
        f.fail('something was taken')
    restart(f, 'broker')
    f.until('alt er endelig', 60, lambda: f.all_final() and f.status('kommune')['size'] > size)


def audit(f, bundle, code, pattern):
    result = subprocess.run([f.bin / 'samband-audit', bundle], capture_output=True, text=True, timeout=60)
    if result.returncode != code or not re.search(pattern, result.stdout + result.stderr):
        f.fail('samband-audit: kode %d og «%s» ventet' % (code, pattern), result)
    print('   ' + (result.stdout + result.stderr).strip().replace('\n', '\n   '))


def newer_bundle(f):
    """Entries of a newer version of the format; of a type that nobody knows; a file that nobody knows."""
    print('revisjonspakke')
    whole = f.root / 'pakke'
    f.samband('export', 'bundle', whole, node='unn', who='sekretær')
    audit(f, whole, 0, 'GODKJENT')
    entries = next((whole / 'tile' / 'entries').rglob('*.p/*')).relative_to(whole)
    data = (whole / entries).read_bytes()
    offsets, at = [], 0
    while at < len(data):  # u16 length, then u64 time, u8 version, u8 type
        offsets.append(at + 10)
        at += 2 + int.from_bytes(data[at:at + 2], 'big')
    for leaf, skip, value, pattern in ((0, 0, 2, 'nyere versjon av programmet'),
                                       (len(offsets) - 2, 0, 2, 'nyere versjon av programmet'),
                                       (len(offsets) - 2, 1, 200, 'nyere versjon av programmet')):
        copy = f.root / ('pakke-%d-%d' % (leaf, skip))
        shutil.copytree(whole, copy)
        changed = bytearray(data)
        changed[offsets[leaf] + skip] = value
        (copy / entries).write_bytes(changed)
        audit(f, copy, 3, pattern)
    copy = f.root / 'pakke-fil'
    shutil.copytree(whole, copy)
    (copy / 'format').write_text('2\n')
    audit(f, copy, 3, 'hører ikke hjemme')


def newer_federation(f):
    """A founding that names engine 2, well signed: refused when a node or broker would join it, and which engine it
    takes is said. Nothing is left behind."""
    print('grunnleggelse med motor 2')
    says, other = 'krever motor 2; dette programmet har motor 1', f.root / 'ny.samband'
    with open(other, 'wb') as out:
        subprocess.run([sys.argv[3], f.root / 'federation.samband', f.root / 'keys' / 'unn-authority.key',
                        f.root / 'pass'], stdout=out, check=True)
    for name, verb in (('unn', 'node'), ('broker', 'broker')):
        there = f.root / ('ny-' + name)
        shutil.copytree(f.root / name, there, ignore=shutil.ignore_patterns('store*', 'run', 'federation.samband'))
        print('   ' + f.samband(verb, 'join', there, '--federation', other, code=1, says=says).stderr.strip())
        f.samband('--lang', 'en', verb, 'join', there, '--federation', other, code=1, says='needs engine 2')
        if (there / 'federation.samband').exists():
            f.fail('the founding was kept')


def run(f):
    f.found()
    f.report('Før', wait='final')
    for step, *rest in ((newer_node, 'engine', ENGINES, 'SB_E_FRAME_ENGINE'), (newer_node, 'field:2', NOT_READ_THERE, 'SB_E_FRAME_NEWER'),
                        (newer_broker, 'field:3', NOT_READ_HERE, 'SB_E_FRAME_VERSION'),
                        (newer_node, 'body:2', NOT_READ_THERE, 'SB_E_FRAME_NEWER'),
                        (newer_broker, 'body:5', NOT_READ_HERE, 'SB_E_FRAME_VERSION'), (newer_bundle,), (newer_federation,)):
        start = time.time()
        step(f, *rest)
        print('%s: %.0f s' % (step.__name__, time.time() - start), flush=True)
    for name in list(f.children):
        f.stop(name)


os.umask(0o077)
with Federation(sys.argv[1]) as federation:
    run(federation)
print('ok')
