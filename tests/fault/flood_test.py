#!/usr/bin/env python3
"""Floods (rows 38 and 41 of tests/FAULTS.md): one organisation's key, a member on the local socket, and
strangers without a key send all they can; the others' entries get their receipts all the same.

    flood_test.py BIN_DIR HOSTILE [--all]        --all: every kind of frame on its own, too

Judged by progress (every honest entry gets its receipt, connections and descriptors stay bounded); times are
said, and gated generously. Exit 0 when all went as said."""
import os
import pathlib
import re
import resource
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import BEGAN, ORGS, Federation, address, case, seen  # noqa: E402

HOSTILE = sys.argv[2]
HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
ALL = '--all' in sys.argv
IDLE = 10000
HONEST = 3  # entries while a flood goes on
FACTOR, GRACE_S = 25, 10


def honest(f, node, count=HONEST):
    """Entries by another organisation's member, one after the other, each with its receipt: seconds each."""
    began = time.time()
    for i in range(count):
        f.number += 1
        result = f.samband('--wait', 'receipt', '--timeout', '60', *case('Ærlig %d' % f.number), who='sekretær',
                           node=node, code=None)
        if result.returncode != 0:
            f.fail('ærlig innsending %d fikk ingen kvittering' % f.number, result)
    return (time.time() - began) / count


def status_of(f, name, what):
    text = pathlib.Path('/proc/%d/status' % f.children[name].pid).read_text()
    return int(re.search(what + r':\s+(\d+)', text).group(1)) // 1024


def descriptors(f, name):
    return len(os.listdir('/proc/%d/fd' % f.children[name].pid))


def cpu(f, name):
    fields = pathlib.Path('/proc/%d/stat' % f.children[name].pid).read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def start_flood(f, *words):
    child = subprocess.Popen([HOSTILE, 'flood', *map(str, words)], stdout=subprocess.PIPE, text=True)
    if child.stdout.readline().strip() != 'ready':
        f.fail('flom: %s' % (words,))
    time.sleep(0.3)
    return child


def end_flood(child):
    return tuple(map(int, re.match(r'sent (\d+) received (\d+)', child.communicate(timeout=60)[0]).groups()))


def judge(f, row, what, took, usual, alive):
    if took > usual * FACTOR + GRACE_S:
        f.fail('rad %s, %s: %.2f s hver, %.2f s ellers' % (row, what, took, usual))
    for name in alive:
        if f.children[name].poll() is not None:
            f.fail('rad %s, %s: %s er borte' % (row, what, name))


# ---- 38 ----

def flood_of_frames(f, usual, target, node):
    """One organisation's key at a broker's or node's port."""
    endpoint, pk = f.listens[target], f.pks[target]
    kinds = ['mixed', 'valid', 'huge'] if target == 'broker' else ['mixed']
    if ALL:
        kinds += ['submit', 'pull', 'blob', 'hello', 'garbage', 'promise', 'witness']
    for kind in kinds:
        child = start_flood(f, endpoint, kind, 2, 4, pk, f.root / 'kommune' / 'curve.key',
                            'federation=' + f.federation_id, 'key=%s' % (f.root / 'keys' / 'flom.key'),
                            'pass=%s' % (f.root / 'pass'), 'seq=%d' % f.next_seq)
        took = honest(f, node)
        sent, received = end_flood(child)
        f.next_seq += 100000
        judge(f, 38, kind, took, usual, f.children)
        seen(38, '%s hos %s: %d rammer sendt av én nøkkel over 4 forbindelser, %d svar; ærlig innsending %.2f s (ellers %.2f)'
             ', minne %d MiB' % (kind, target, sent, received, took, usual, status_of(f, target, 'VmRSS')))


def flood_of_connections(f, usual):
    """The same key with ever more connections: it holds few places."""
    child = start_flood(f, f.listens['broker'], 'hello', 4, 64, f.pks['broker'], f.root / 'kommune' / 'curve.key',
                        'federation=' + f.federation_id)
    took = honest(f, 'lege', 3)
    fds = descriptors(f, 'broker')
    sent, _ = end_flood(child)
    judge(f, 38, 'forbindelser', took, usual, f.children)
    if fds > 200:
        f.fail('rad 38: megleren har %d deskriptorer' % fds)
    seen(38, '64 forbindelser med én nøkkel: %d rammer, megleren holder %d deskriptorer, ærlig innsending %.2f s' %
         (sent, fds, took))


def flood_of_a_member(f, usual):
    """Somebody on the local socket."""
    path = 'ipc://%s' % (f.root / 'lege' / 'run' / 'node.sock')
    for kind in ['mixed', 'valid'] + (['query', 'submit', 'blob', 'garbage'] if ALL else []):
        child = start_flood(f, path, kind, 2, 4, 'federation=' + f.federation_id)
        took = honest(f, 'lege', 3)
        sent, received = end_flood(child)
        judge(f, 38, kind, took, usual, f.children)
        seen(38, '%s på den lokale socketen: %d rammer, %d svar; et annet medlems innsending %.2f s' %
             (kind, sent, received, took))


# ---- 41 ----

GREETING = bytes([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]) + b'CURVE'.ljust(20, b'\0') + bytes(32)


def idle(at, count):
    """So many connections that say nothing, half a greeting, or a greeting and no more."""
    out = []
    for i in range(count):
        s = socket.socket(socket.AF_UNIX if isinstance(at, str) else socket.AF_INET)
        s.setblocking(False)
        try:
            s.connect(at)
        except BlockingIOError:
            pass
        except OSError:
            s.close()
            continue
        out.append(s)
        if i % 50 == 0:
            time.sleep(0.005)
    for i, s in enumerate(out):
        try:
            s.send([b'', GREETING[:11], GREETING][i % 3])
        except OSError:
            pass
    return out


def place(endpoint):
    host, port = endpoint.removeprefix('tcp://').split(':')
    return host, int(port)


def idle_connections(f, usual, name, at, count, node):
    before = descriptors(f, name)
    held = idle(at, count)
    peak = descriptors(f, name)
    took = honest(f, node, 3)
    peak = max(peak, descriptors(f, name))
    judge(f, 41, 'stille forbindelser', took, usual, f.children)
    f.until('rad 41: %s har sluppet dem' % name, 60, lambda: descriptors(f, name) <= before + 20)
    now = descriptors(f, name)
    for s in held:
        s.close()
    seen(41, '%d stille forbindelser til %s (%s): opptil %d deskriptorer, %d etterpå mens de ennå holdes; '
         'ærlig innsending %.2f s (ellers %.2f)' % (len(held), name, 'TCP' if isinstance(at, tuple) else 'lokalt', peak,
                                                   now, took, usual))


def handshakes(f, usual):
    """Connections opened and dropped as fast as can be, and whole handshakes with unknown keys."""
    stop, made = threading.Event(), [0]

    def knock():
        while not stop.is_set():
            try:
                with socket.create_connection(place(f.listens['broker']), 1) as s:
                    s.sendall(GREETING)
                    made[0] += 1
            except OSError:
                pass
    threads = [threading.Thread(target=knock, daemon=True) for _ in range(4)]
    for t in threads:
        t.start()
    child = start_flood(f, f.listens['broker'], 'hello', 4, 64, f.pks['broker'], 'new', 'federation=' + f.federation_id)
    took = honest(f, 'lege', 3)
    sent, received = end_flood(child)
    stop.set()
    for t in threads:
        t.join()
    judge(f, 41, 'håndtrykk', took, usual, f.children)
    if received != 0:
        f.fail('rad 41: en ukjent nøkkel fikk %d svar' % received)
    seen(41, '%d halve håndtrykk og 64 forbindelser med ukjent nøkkel: ærlig innsending %.2f s (ellers %.2f)' %
         (made[0], took, usual))


def few_descriptors(f, usual):
    """A broker that may have 128: the connections above half of that are cut, and nothing turns in circles."""
    f.stop('broker')
    f.start('broker', wrap=['prlimit', '--nofile=128:128'])
    f.linked()
    held = idle(place(f.listens['broker']), 400)
    began, spent = time.time(), cpu(f, 'broker')
    took = honest(f, 'lege', 3)
    time.sleep(2)
    share = (cpu(f, 'broker') - spent) / (time.time() - began)
    fds = descriptors(f, 'broker')
    for s in held:
        s.close()
    judge(f, 41, 'få deskriptorer', took, usual, f.children)
    if share > 0.6:
        f.fail('rad 41: megleren bruker %.0f %% av en kjerne' % (100 * share))
    seen(41, 'med 128 deskriptorer og 400 stille forbindelser: %d i bruk, %.0f %% av en kjerne, ærlig innsending %.2f s' %
         (fds, 100 * share, took))


def run(f):
    f.found(start=False)
    f.listens = {'broker': f.broker_address, 'unn': address()}
    for org in ORGS:
        config = f.root / org / 'node.yaml'
        text = config.read_text()
        text += 'listen: %s\n' % f.listens[org] if org in f.listens else \
            'peers:\n  - {organisation: unn, address: "%s"}\n' % f.listens['unn']
        config.write_text(text)
    f.begin()
    f.pks = {'broker': f.curve_pk('broker.card'), 'unn': f.curve_pk('unn.card')}
    f.federation_id = f.status('unn')['federation']
    f.number, f.next_seq = 0, 1
    f.samband('key', 'new', f.root / 'keys' / 'flom.key', '--rehearsal-cost')
    f.samband('--wait', 'final', 'member', 'appoint', '--name', 'Noen', '--from', '2026-01-01', '--office',
              'secretariat', '--device', f.root / 'keys' / 'flom.key', who='unn-authority', node='unn')
    usual = honest(f, 'lege', 10)
    flood_of_frames(f, usual, 'broker', 'lege')
    flood_of_frames(f, usual, 'unn', 'unn')
    flood_of_connections(f, usual)
    flood_of_a_member(f, usual)
    resource.setrlimit(resource.RLIMIT_NOFILE, (HARD, HARD))
    count = min(IDLE, HARD - 200)
    idle_connections(f, usual, 'broker', place(f.listens['broker']), count, 'lege')
    idle_connections(f, usual, 'unn', place(f.listens['unn']), count, 'unn')
    idle_connections(f, usual, 'lege', str(f.root / 'lege' / 'run' / 'node.sock'), min(count, 2000), 'lege')
    handshakes(f, usual)
    few_descriptors(f, usual)
    f.until('alt er endelig', 60, f.all_final)
    for name in list(f.children):
        if f.stop(name) != 0:
            f.fail('%s sluttet ikke rent' % name)


if __name__ == '__main__':
    with Federation(sys.argv[1]) as federation:
        run(federation)
    print('ok, %d s' % (time.time() - BEGAN))
