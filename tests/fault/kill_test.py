#!/usr/bin/env python3
"""A daemon killed at its writes and syncs, one after the other, while members submit.

    kill_test.py BIN_DIR SHIM broker|node [FIRST LAST STEP]

At each of them the daemon dies once (SIGKILL; every fourth time in the middle of the write), is started
again, and dies at the next. Members submit meanwhile. In the end: what had a receipt stands in the log
at that index, what was taken by a node stands there too, nothing stands there twice, everything is
final, and all have one root and digest. Without FIRST LAST STEP a sample that fits in CI;
tests/fault/sweep runs them all."""
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation, case  # noqa: E402
from shim import Shim, operations  # noqa: E402

START = 4  # operations
SAMPLE = {'broker': (1, 33, 3), 'node': (1, 61, 5)}


class Members:
    """One secretary who submits case after case at a node, with an attachment each time."""

    def __init__(self, f, node):
        self.f, self.node, self.running, self.told, self.count = f, node, [], {}, 0
        self.attachment = f.root / 'vedlegg.txt'

    def submit(self):
        title = 'Sak %d' % self.count
        self.count += 1
        self.attachment.write_text('innhold i %s\n' % title * 20000)
        child = self.f.begun('--json', '--wait', 'receipt', '--timeout', '30',
                             *case(title, '--attach', self.attachment), who='sekretær', node=self.node)
        self.running.append((title, child))

    def gather(self, wait):
        """Who has heard: title -> index of the receipt, or the exit code when there was none."""
        still = []
        for title, child in self.running:
            if not wait and child.poll() is None:
                still.append((title, child))
                continue
            out, err = child.communicate(timeout=60)
            if child.returncode == 0:
                self.told[title] = ('receipt', json.loads(out)['index'])
            else:
                self.told[title] = ('code %d' % child.returncode, (out + err).strip())
        self.running = still


def die(f, shim, who, n, members):
    """One life, ended at its n-th operation: of those of a start the first few, then from a submission on."""
    what, armed = 'tear' if n % 4 == 3 else 'kill', f.root / 'armed'
    at_start = n <= START
    if at_start:
        armed.touch()
    members.submit()  # the broker is away: into the outbox, and told so; the node: when it is there
    child = f.spawn(who, env=shim.env(f.root / who, '%s@%d' % (what, n if at_start else n - START), armed=armed,
                                      log=f.root / 'ops'))
    f.ready(who, 20)
    if who != 'broker' and not at_start:  # each life hears some members to the end, others are under way when it ends
        members.gather(wait=True)
        members.submit()
    for _ in range(6):
        while child.poll() is None and not f.status('unn').get('broker', {}).get('connected'):
            time.sleep(0.02)
        armed.touch()
        if child.poll() is None and len(members.running) < 4:
            members.submit()  # waits for its receipt, from this broker or the next
        try:
            status = child.wait(3)
            break
        except subprocess.TimeoutExpired:
            members.gather(wait=False)
    else:
        f.fail('%s gjorde ikke %d operasjoner' % (who, n))
    armed.unlink()
    f.children.pop(who)
    if status != -signal.SIGKILL:
        f.fail('%s sluttet med %d ved operasjon %d' % (who, status, n))
    members.gather(wait=False)


def check(f, members):
    """What everybody was told is so, and there is one history."""
    leaves = f.leaves('lege')
    cases = json.loads(f.samband('--json', 'case', 'list', node='lege').stdout)
    index_of = {leaf['id']: leaf['index'] for leaf in leaves}
    if len(index_of) != len(leaves):
        f.fail('en oppføring står to ganger')
    place = {}
    for one in cases:
        if one['title'] in place:
            f.fail('%s står to ganger' % one['title'])
        place[one['title']] = index_of[one['id']]
    receipts = outbox = waited = lost = 0
    for title, (what, value) in members.told.items():
        if what == 'receipt' and place.get(title) != value:
            f.fail('%s: kvittering for %s, men står på %s' % (title, value, place.get(title)))
        taken = what == 'code 4' and 'SB_E_CLI_IN_OUTBOX' in value
        if taken and title not in place:
            f.fail('%s sto i utboksen, men er borte: %s' % (title, value))
        receipts += what == 'receipt'
        outbox += taken
        waited += what != 'receipt' and not taken and title in place
        lost += title not in place
    seen = {(s['root'], s['digest'], s['final_root']) for s in (f.status(org) for org in f.orgs)}
    if len(seen) != 1 or f.status('broker')['root'] != f.status('unn')['root']:
        f.fail('ikke én historie: %s' % seen)
    return receipts, outbox, waited, lost


def main():
    who = {'broker': 'broker', 'node': 'unn'}[sys.argv[3]]
    first, last, step = [int(a) for a in sys.argv[4:7]] if len(sys.argv) > 6 else SAMPLE[sys.argv[3]]
    shim = Shim(sys.argv[2])
    began = time.time()
    with Federation(sys.argv[1]) as f:
        f.found()
        members = Members(f, 'unn')
        f.until('alt er endelig', 30, f.all_final)
        f.stop(who)
        lives = 0
        for n in range(first, last + 1, step):
            die(f, shim, who, n, members)
            lives += 1
        f.start(who)
        members.gather(wait=True)
        f.until('alt er endelig', 60, f.all_final)
        receipts, outbox, waited, lost = check(f, members)
        at = [op[2] for op in operations(f.root / 'ops')]
        for name in list(f.children):
            f.stop(name)
        if receipts + outbox < lives / 2:
            f.fail('bare %d kvitteringer: prøven ser ikke nok: %s' % (receipts, members.told))
    print('%s: døde %d ganger (ved operasjon %d-%d), %d operasjoner i alt; %d kvitteringer og %d «lagt i utboksen», '
          'alle holder; %d kom inn uten at medlemmet hørte det, %d ble aldri tatt imot; %d s' %
          (who, lives, first, last, len(at), receipts, outbox, waited, lost, time.time() - began))


main()
