#!/usr/bin/env python3
"""Stores of real processes: damaged, checked, repaired and caught up; a node's disk lost and rebuilt from
the other nodes alone; a store copied while it is written; wrong modes. FAULTS.md rows 12, 47 and 49.

    store_test.py BIN_DIR

Exit 0 when all went as said; prints the command that didn't, with its output."""
import json
import os
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import ORGS, Federation, address  # noqa: E402


def check(f, name, code=0, says=None):
    return f.samband('node' if name in ORGS else 'broker', 'check', f.root / name, code=code, says=says)


def flip(f, name, what, skip=0):
    """Flip a bit wherever these bytes stand in the store's file (older versions of pages lie about too)."""
    path = f.root / name / 'store' / 'data.mdb'
    data, at, count = bytearray(path.read_bytes()), 0, 0
    while (at := data.find(what, at)) >= 0:
        data[at + skip] ^= 1
        at, count = at + 1, count + 1
    path.write_bytes(bytes(data))
    return count


def listen(f):
    """Every node is reached by the others, so that they can do without a broker."""
    where = {org: address() for org in ORGS}
    for org in ORGS:
        lines = (f.root / org / 'node.yaml').read_text()
        peers = ''.join("  - {organisation: %s, address: '%s'}\n" % (o, where[o]) for o in ORGS if o != org)
        (f.root / org / 'node.yaml').write_text(lines + "listen: '%s'\npeers:\n%s" % (where[org], peers))


def damaged_leaf(f):
    """A bit flips in an entry at the edge: the check names it, the node doesn't start, repair keeps what is
    before it, and the node fetches the rest and confirms again."""
    f.stop('lege')
    if flip(f, 'lege', 'Sak nummer 2'.encode()) == 0:
        f.fail('entry not found in the file')
    shown = check(f, 'lege', 3, '(?s)Lageret er skadet.*er ikke den som ble skrevet.*samband node reparer').stdout
    print(shown)
    f.spawn('lege')
    if f.ended('lege') != 3:
        f.fail('a node with a damaged store started')
    f.samband('node', 'kontroller', f.root / 'lege', code=3)
    report = json.loads(f.samband('--json', 'node', 'check', f.root / 'lege', code=3).stdout)
    if report['sound'] or not 0 < report['good'] < report['leaves']:
        f.fail('report: %s' % report)
    before = f.samband('node', 'reparer', f.root / 'lege',
                       says='(?s)reparert og kontrollert.*hentes når tjenesten starter.*store.damaged-1').stdout
    print(before)
    check(f, 'lege')
    f.samband('node', 'repair', f.root / 'lege', says='ingenting å reparere')
    f.start('lege')
    f.until('lege har tatt igjen', 60, f.all_final)
    f.until('lege bekrefter igjen', 60, lambda: f.status('lege').get('cosigned_size', 0) > report['leaves'] - 4)
    if f.status('lege').get('restored'):
        f.fail('the record was whole, but the node holds back')
    check(f, 'lege')


def damaged_while_running(f):
    """An old entry is damaged under a running node: whoever it is served to doesn't get it, and the node ends
    by its index. (Under a full tile; a shorter log is hashed as a whole at the start.)"""
    f.samband('node', 'repair', f.root / 'unn', code=1, says='i bruk av prosess')


def lost_disk(f):
    """The broker is gone, and a node's store: it comes back from the other nodes, equal to the last bit."""
    f.stop('broker', signal.SIGKILL)
    f.stop('bruker', signal.SIGKILL)
    want = f.status('unn')
    shutil.rmtree(f.root / 'bruker' / 'store')
    f.start('bruker')
    f.until('bruker er bygd opp igjen', 60, lambda: f.status('bruker').get('size') == want['size'])
    got = f.status('bruker')
    for key in ('root', 'digest'):
        if got[key] != want[key]:
            f.fail('%s: %s, ventet %s' % (key, got[key], want[key]))
    f.until('vedleggene er hentet', 60, lambda: f.status('bruker').get('blobs_missing') == 0)
    check(f, 'bruker')
    f.start('broker')
    f.until('meglere og noder er enige', 60, f.all_final)
    if not f.report('Etter tapet', node='bruker'):
        f.fail('ingen kvittering etter oppbyggingen')
    f.until('alt er endelig', 60, f.all_final)
    f.until('bruker bekrefter igjen', 100, lambda: f.status('bruker').get('cosigned_size', 0) > want['size'])


def copied_live(f):
    """cp while it is written: the check says that it is whole, or that it isn't; a backup always is."""
    sound = 0
    for i in range(4):
        copy = f.root / ('copy-%d' % i)
        copy.mkdir()
        f.report('Mens det kopieres %d' % i, wait='none')
        (copy / 'store').mkdir()
        with open(f.root / 'unn' / 'store' / 'data.mdb', 'rb') as src, open(copy / 'store' / 'data.mdb', 'wb') as dst:
            while part := src.read(4096):
                dst.write(part)
                time.sleep(0.002)
        code = f.samband('node', 'check', copy, code=None).returncode
        if code not in (0, 3):
            f.fail('check of a copy: %d' % code)
        sound += code == 0
    print('cp of a live store, 4 times: %d whole, %d not' % (sound, 4 - sound))
    f.samband('node', 'backup', f.root / 'unn', f.root / 'backup', says='laget og kontrollert')
    f.samband('node', 'check', f.root / 'backup')


def modes(f):
    """A key that others can read, a directory that others can write to: refused, with what to type."""
    f.stop('kommune')
    key, home = f.root / 'kommune' / 'witness.key', f.root / 'kommune'
    os.chmod(key, 0o644)
    f.samband('node', 'run', home, code=1, says='chmod 600')
    os.chmod(key, 0o600)
    os.chmod(home, 0o777)
    f.samband('node', 'run', home, code=1, says='chmod go-w')
    os.chmod(home, 0o700)
    os.chmod(home / 'store', 0o777)
    f.samband('node', 'run', home, code=1, says='chmod go-w')
    os.chmod(home / 'store', 0o700)
    f.start('kommune')
    if (home / 'run' / 'node.sock').stat().st_mode & 0o007:
        f.fail('others reach the socket')
    (f.root / 'wrong').write_text('noe annet\n')
    os.chmod(f.root / 'wrong', 0o600)
    f.samband('--passphrase-file', f.root / 'wrong', 'case', 'report', '--body', 'ssu', '--title', 'x', '--kind',
              'decision', '--text', 'x', who='sekretær', node='unn', code=None, says='to ganger|én gang|feil passfrase')


def another_store(f):
    """Of a broker in a node's place, of another federation."""
    f.stop('kommune')
    store, kept = f.root / 'kommune' / 'store', f.root / 'kommune-store'
    store.rename(kept)
    store.mkdir(mode=0o700)
    shutil.copy(f.root / 'broker' / 'store' / 'data.mdb', store)
    f.samband('node', 'run', f.root / 'kommune', code=1, says='slaget «broker»')
    f.samband('node', 'check', f.root / 'kommune', code=1, says='slaget «broker»')
    shutil.rmtree(store)
    kept.rename(store)
    f.start('kommune')


def run(f):
    f.found(start=False)
    listen(f)
    f.begin()
    for i in range(4):
        f.report('Sak nummer %d' % i)
    f.until('alt er endelig', 60, f.all_final)
    for name in ORGS + ['broker']:
        check(f, name, says='Lageret er helt')
    for step in (damaged_leaf, damaged_while_running, lost_disk, copied_live, modes, another_store):
        start = time.time()
        step(f)
        print('%s: %.0f s' % (step.__name__, time.time() - start), flush=True)
    for name in list(f.children):
        f.stop(name)


with Federation(sys.argv[1]) as federation:
    run(federation)
print('ok')
