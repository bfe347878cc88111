#!/usr/bin/env python3
"""Stores of real processes: damaged, checked, repaired and caught up; a node's disk lost and rebuilt from
the other nodes alone; a store copied while it is written; wrong modes. FAULTS.md rows 12, 47 and 49.

    store_test.py BIN_DIR HOSTILE

Exit 0 when all went as said; prints the command that didn't, with its output."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from federation import ORGS, Federation, address  # noqa: E402
from proxy import Proxy  # noqa: E402

HOSTILE = sys.argv[2]


def check(f, name, code=0, says=None):
    return f.samband('node' if name in ORGS else 'broker', 'check', f.root / name, code=code, says=says)


def flip(f, name, what, skip=0, wanted=None):
    """Flip a bit wherever these bytes stand in the store's file (older versions of pages lie about too)."""
    path = f.root / name / 'store' / 'data.mdb'
    data, at, count = bytearray(path.read_bytes()), 0, 0
    while (at := data.find(what, at)) >= 0:
        is_wanted = wanted is None or wanted(data, at)
        data[at + skip] ^= is_wanted
        at, count = at + 1, count + is_wanted
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


def grow(f, size):
    """More entries than a tile holds, and more than one batch of a fetch."""
    f.samband('key', 'new', f.root / 'keys' / 'mange.key', '--rehearsal-cost')
    f.samband('--wait', 'final', 'member', 'appoint', '--name', 'Noen', '--from', '2026-01-01', '--office',
              'secretariat', '--device', f.root / 'keys' / 'mange.key', who='unn-authority', node='unn')
    federation, seq = f.status('unn')['federation'], 1
    while (left := size - f.status('unn')['size']) > 0:
        subprocess.run([HOSTILE, 'flood', 'ipc://%s' % (f.root / 'unn' / 'run' / 'node.sock'), 'valid', '20', '1',
                        'federation=' + federation, 'key=%s' % (f.root / 'keys' / 'mange.key'),
                        'pass=%s' % (f.root / 'pass'), 'seq=%d' % seq, 'count=%d' % left], check=True,
                       stdout=subprocess.DEVNULL)
        f.until('utboksen er tom', 100, lambda: f.status('unn')['outbox'] == 0)
        seq += 100000
    f.until('alt er endelig', 100, f.all_final)
    print('%d oppføringer' % f.status('unn')['size'])


def in_leaf(data, at):
    """A title in an entry: a field's number stands before its length; in a row of the state a zero."""
    return data[at - 2] != 0


def damaged_while_running(f):
    """A bit flips in an old entry, under a full tile: the start doesn't see it. When another node asks for it, it
    is given to nobody; the node ends with code 3 and its index, the check says the same, repair mends it."""
    f.samband('node', 'repair', f.root / 'unn', code=1, says='i bruk av prosess')
    grow(f, 1600)
    f.stop('lege')
    if flip(f, 'lege', 'Sak nummer 0'.encode(), wanted=in_leaf) == 0:
        f.fail('entry not found in the file')
    f.start('lege')
    f.stop('broker', signal.SIGKILL)
    f.stop('bruker')
    want, config = f.status('unn'), f.root / 'bruker' / 'node.yaml'
    kept = config.read_text()
    address_of_lege = re.search(r"organisation: lege, address: '([^']+)'", kept).group(1)
    alone = kept[:kept.index("listen: '")] + "peers:\n  - {organisation: lege, address: '%s'}\n" % address_of_lege
    config.write_text(alone)
    shutil.rmtree(f.root / 'bruker' / 'store')
    f.start('bruker')
    if f.ended('lege', 60) != 3:
        f.fail('lege ended otherwise')
    words = (f.root / 'lege.log').read_text().splitlines()[-1]
    index = re.search(r'(?:entry|oppføring) (\d+)', words).group(1)
    print('lege:', words)
    print(f.samband('node', 'status', f.root / 'bruker').stdout)
    if f.status('bruker')['size'] > int(index):
        f.fail('bruker has the damaged entry')
    unit = (pathlib.Path(__file__).parents[2] / 'deploy' / 'systemd' / 'samband-node@.service').read_text()
    if not re.search('RestartPreventExitStatus=.*3', unit):
        f.fail('systemd would start it again and again')
    check(f, 'lege', 3, 'ppføring %s er ikke den som ble skrevet' % index)
    print(f.samband('node', 'repair', f.root / 'lege').stdout)
    check(f, 'lege')
    f.start('lege')
    f.until('lege har hentet resten', 100, lambda: f.status('lege').get('root') == want['root'])
    f.until('bruker har alt', 100, lambda: f.status('bruker').get('root') == want['root'])
    check(f, 'lege')
    f.stop('bruker')
    config.write_text(kept)
    f.start('bruker')
    f.start('broker')
    f.linked()  # a new head is confirmed at once; the same one not until half a minute is over
    if not f.report('Etter skaden', node='lege'):
        f.fail('ingen kvittering etter reparasjonen')
    f.until('alt er endelig', 100, f.all_final)


def watch(f, name, size):
    """What `node status` says in words while a node is built up anew: told how far it is, rising, to the end."""
    told, stop, has = [], time.time() + 100, 0
    while has < size:
        shown = f.samband('node', 'status', f.root / name, code=None).stdout
        told += re.findall(r'henter historien: har (\d+) av (\d+) oppføringer', shown)
        has = max([0] + [int(n) for n in re.findall(r'(?m)^(\d+) oppføringer', shown)])
        if time.time() > stop:
            f.fail('%s er ikke bygd opp igjen: %s' % (name, shown))
    print('%s, underveis: %s' % (name, ', '.join('%s av %s' % pair for pair in dict.fromkeys(told))))
    steps = [int(has) for has, _ in told]
    if not told or steps != sorted(steps) or any(int(of) < size for _, of in told):
        f.fail('progress: %s' % told)
    if 'henter historien' in f.samband('node', 'status', f.root / name).stdout:
        f.fail('it says that it fetches, and has all')


def over_slow_lines(config):
    """All that the node of this configuration dials is far away, and nobody dials it."""
    for at in re.findall(r"(?:broker|address): '([^']+)'", config):
        proxy = Proxy(at)
        proxy.delay = 0.2
        config = config.replace(at, proxy.address)
    return re.sub(r"(?m)^listen: .*$", "listen: '%s'" % address(), config)


def lost_disk(f):
    """A node's store is gone: it comes back from the broker; and, the broker gone too, from the other nodes alone,
    equal to the last bit. (Over slow lines, so that one can look meanwhile.)"""
    config = f.root / 'bruker' / 'node.yaml'
    kept = config.read_text()
    f.until('alt er endelig', 60, f.all_final)
    for is_alone in (False, True):
        f.stop('bruker', signal.SIGKILL)
        want = f.status('unn')
        if is_alone:
            f.stop('broker', signal.SIGKILL)
        shutil.rmtree(f.root / 'bruker' / 'store')
        config.write_text(over_slow_lines(kept))
        f.start('bruker')
        watch(f, 'bruker', want['size'])
        got = f.status('bruker')
        for key in ('root', 'digest'):
            if got[key] != want[key]:
                f.fail('%s: %s, ventet %s' % (key, got[key], want[key]))
        f.stop('bruker')
        config.write_text(kept)
        f.start('bruker')
        f.until('vedleggene er hentet', 60, lambda: f.status('bruker').get('blobs_missing') == 0)
        check(f, 'bruker')
        if not is_alone:
            f.linked()
            f.report('Mellom tapene')
            f.until('alt er endelig', 60, f.all_final)
    f.start('broker')
    f.linked()
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
    before = files_of(home)
    for path, wrong, mode, says in ((key, 0o644, 0o600, 'chmod 600'),
                                    (home, 0o777, 0o700, 'chmod go-w'),
                                    (home / 'store', 0o777, 0o700, 'chmod go-w')):
        os.chmod(path, wrong)
        print(f.samband('node', 'run', home, code=1, says=says).stderr.strip())
        f.samband('--lang', 'en', 'node', 'run', home, code=1, says=says)
        os.chmod(path, mode)
    if files_of(home) != before:
        f.fail('a refused start changed a file')
    f.start('kommune')
    if (home / 'run' / 'node.sock').stat().st_mode & 0o007:
        f.fail('others reach the socket')
    wrong_passphrase(f)


def files_of(*places):
    """The bytes and modes of all files of these folders."""
    return {path: (path.read_bytes(), path.stat().st_mode) for place in places for path in sorted(place.rglob('*'))
            if path.is_file() and not path.is_socket()}


def wrong_passphrase(f):
    """Of a member's key and of the secretary's own key file: named, code 1, nothing is sent and no file of the
    member's changes. Then with the right one the same entry gets its receipt."""
    f.until('alt er endelig', 60, f.all_final)
    size = f.status('unn')['size']
    right, before = f.root / 'pass', files_of(f.root / 'keys')
    kept = right.read_text()
    words = ['case', 'report', '--body', 'ssu', '--title', 'Feil passfrase', '--kind', 'decision', '--text', 'x']
    for wrong, says in (('noe annet\n', 'feil passfrase, eller nøkkelfilen er endret'),
                        (kept.upper(), 'feil passfrase'), ('\n', 'passfrasen er tom')):
        right.write_text(wrong)
        result = f.samband(*words, who='sekretær', node='unn', code=1, says=says)
        if result.stdout or 'ganger' in result.stderr:
            f.fail('noe annet ble sagt', result)
    f.samband('--lang', 'en', *words, who='sekretær', node='unn', code=1, says='passphrase is empty')
    right.write_text('noe annet\n')
    f.samband('--lang', 'en', *words, who='sekretær', node='unn', code=1, says='wrong passphrase')
    right.write_text(kept)
    key = f.root / 'keys' / 'sekretær.key'
    for path in (right, key):
        os.chmod(path, 0o644)
        print(f.samband(*words, who='sekretær', node='unn', code=1, says='chmod 600').stderr.strip())
        os.chmod(path, 0o600)
    if files_of(f.root / 'keys') != before:
        f.fail('a key file changed')
    now = f.status('unn')
    if now['size'] != size or now['outbox'] != 0:
        f.fail('something was sent: %s' % now)
    if not f.report('Riktig passfrase'):
        f.fail('no receipt with the right passphrase')


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
