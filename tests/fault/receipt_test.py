#!/usr/bin/env python3
"""Killed at the two worst moments: durable, and nobody told.

    receipt_test.py BIN_DIR

Row 3: the broker dies when an entry is durable and no receipt was sent; who submits it again gets the
receipt of that very place and time. Row 4: a node dies when its cosigning record is durable and the
cosignature not sent; started again it sends the same 64 bytes, and the SEAL has them."""
import base64
import json
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation, case  # noqa: E402

QUIET = {'ASAN_OPTIONS': 'detect_leaks=0'}


def submit(f, title):
    return f.begun('--json', '--wait', 'receipt', '--timeout', '40', *case(title), who='sekretær', node='unn')


def before_the_receipt(f):
    for i in range(3):
        f.stop('broker')
        f.start('broker', env={**QUIET, 'SB_FAULT': 'receipt:1'})
        f.until('forbindelse', 30, lambda: f.status('unn')['broker']['connected'])
        member = submit(f, 'Uten kvittering %d' % i)
        if f.ended('broker') != -signal.SIGKILL:
            f.fail('megleren døde ikke der den skulle')
        died_ms = time.time() * 1000
        if member.poll() is not None:
            f.fail('medlemmet fikk svar før megleren kunne gi det')
        time.sleep(1)
        f.start('broker')
        out, err = member.communicate(timeout=60)
        if member.returncode != 0:
            f.fail('ingen kvittering: %s%s' % (out, err))
        told = json.loads(out)
        f.until('alt er endelig', 30, f.all_final)
        there = [leaf for leaf in f.leaves('lege') if leaf['id'] == told['entry']]
        if len(there) != 1 or there[0]['index'] != told['index'] or there[0]['time_ms'] > died_ms:
            f.fail('ikke den opprinnelige plassen: %s %s, døde %d' % (told, there, died_ms))


def record(f, org):
    """What the node's record has on disk: (size, time, signature) of what it cosigned last."""
    words = (f.root / org / 'witness.key').read_text().split('public: ')[1].split()[0]
    pk, data = bytes.fromhex(words), (f.root / org / 'store' / 'data.mdb').read_bytes()
    found, at = [], data.find(pk)
    while at >= 0:
        row = data[at - 116:at]  # term u32, size u64, root, time u64, signature
        if row[:4] == b'\0\0\0\1' and row[4:8] == b'\0\0\0\0':
            found.append((int.from_bytes(row[4:12], 'big'), int.from_bytes(row[44:52], 'big'), row[52:]))
        at = data.find(pk, at + 1)
    return max(found)


def is_known(f, signature):
    """Another node has it: in a SEAL, or in a note (where 64 bytes stand behind 12 others)."""
    data = (f.root / 'kommune' / 'store' / 'data.mdb').read_bytes()
    return signature in data or base64.b64encode(signature[:63]) in data


def before_the_cosignature(f):
    f.stop('bruker')  # now it takes all of the other three
    for i in (2, 3):  # the first is for the head that is final already; mostly; then the entry's, and its SEAL's
        f.stop('unn')
        f.start('unn', env={**QUIET, 'SB_FAULT': 'cosign:%d' % i})
        f.until('forbindelse', 30, lambda: f.status('unn')['broker']['connected'])
        # whether it confirms that head again, or already had it, is for the broker's pace: more entries then
        members = [submit(f, 'Uten bekreftelse %d' % i)]
        while not f.has_ended('unn', 5) and len(members) < 5:
            members.append(submit(f, 'Uten bekreftelse %d, til' % i))
        if f.ended('unn') != -signal.SIGKILL:
            f.fail('noden døde ikke der den skulle')
        size, time_s, signature = record(f, 'unn')
        if is_known(f, signature):
            f.fail('bekreftelsen var alt sendt')
        time.sleep(1.5)  # a signature made now would have another time
        f.start('unn')
        for member in members:
            member.communicate(timeout=60)
        f.until('alt er endelig', 30, lambda: f.all_final(['unn', 'kommune', 'lege']))
        if not is_known(f, signature):
            f.fail('den bekreftelsen som var lagret (%d oppføringer, %d), kom ikke fram' % (size, time_s))
        if 'conflict' in (f.status('kommune')['state'], f.status('unn')['state']):
            f.fail('noden bekreftet to ting')


def main():
    with Federation(sys.argv[1]) as f:
        f.found()
        f.until('alt er endelig', 30, f.all_final)
        before_the_receipt(f)
        before_the_cosignature(f)
        for name in list(f.children):
            f.stop(name)
    print('ok')


main()
