#!/usr/bin/env python3
"""Power cuts of real daemons: the broker, a node and a standby are recorded from their first start: the
founding, entries with texts, cosigning, and a handover that takes leaves back at the node. Every planned
outcome of a cut is opened: as after one of the commits, none older than what was promised.

    power_daemons_test.py PROGRAMS [EACH [RANDOM]]

Row 5 of tests/FAULTS.md."""
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation, case  # noqa: E402
from shim import preload  # noqa: E402

HEAD, MARK = struct.Struct('<IIQQIIII'), 13
RECORDED = ['broker', 'unn', 'reserve']


def say(words):
    print(words, flush=True)


class Recorded(Federation):
    """Starts these daemons under record.so; each has a journal beside its folder."""

    def spawn(self, name, *options, wrap=(), env=None):
        if name in RECORDED:
            env = {**(env or {}), **preload(self.bin.parent / 'tests' / 'record.so', SB_RECORD_ROOT=self.root / name,
                                            SB_RECORD_FILE=self.root / (name + '.journal'))}
            base = self.root / (name + '.before')
            if not base.exists():
                shutil.copytree(self.root / name, base, ignore=shutil.ignore_patterns('*.sock'))
        return super().spawn(name, *options, wrap=wrap, env=env)

    def promise(self, name):
        """A member has its receipt: so many leaves can never be lost there."""
        text = b'size %d' % self.status(name)['size']
        with open(self.root / (name + '.journal'), 'ab') as out:
            out.write(HEAD.pack(MARK, 0, 0, 0, 0, 0, len(text), 0) + text)


def story(f):
    f.found()
    f.until('alt er endelig', 60, f.all_final)
    for i in range(3):
        if not f.report('Sak %d' % i, f.orgs[i]):
            f.fail('ikke tatt imot')
        f.promise('broker')
    f.until('alt er endelig', 60, f.all_final)
    f.stop('unn', signal.SIGKILL)
    f.start('unn')
    # one of four sees an entry that never becomes final, and a new broker takes over without it
    f.standby('reserve')
    for name in f.orgs[1:]:
        f.children[name].send_signal(signal.SIGSTOP)
    f.samband('--wait', 'receipt', '--timeout', '5', *case('Kuttes'), who='sekretær', node='unn', code=None)
    f.promise('broker')
    f.stop('broker', signal.SIGKILL)
    for name in f.orgs[1:]:
        f.children[name].send_signal(signal.SIGCONT)
    f.start('reserve', '--standby', '--take-over')
    card = f.root / 'keys' / 'broker-reserve.card'
    for org in f.orgs[1:]:
        f.samband('node', 'consent', f.root / org, '--card', card, '--term', '2', who=org + '-authority', node=org)
    f.until('reserven overtar', 60, lambda: f.status('reserve').get('mode') == 'broker')
    f.samband('node', 'consent', f.root / 'unn', '--card', card, '--term', '2', who='unn-authority', node='unn',
              code=None)
    f.until('alt er endelig i termin 2', 90, lambda: f.all_final() and f.status('unn')['term'] == 2)
    f.promise('unn')
    f.promise('reserve')
    f.samband('case', 'list', node='lege', says='Kuttes')
    for name in list(f.children):
        f.stop(name)


def judge(f, name, each, random):
    tests, kind = f.bin.parent / 'tests', 'node' if name in f.orgs else 'broker'
    result = subprocess.run([tests / 'power_store_replay', f.root / (name + '.journal'), f.root / (name + '.before'),
                             f.root / 'into', 'store', kind, each, random], capture_output=True, text=True)
    say('%s:\n%s' % (name, result.stdout.strip()))
    if result.returncode != 0:
        f.fail(name + result.stderr, result)
    return sum(int(n) for n in re.findall(r'(?m)^(\d+) outcomes', result.stdout))


with Recorded(sys.argv[1], root=None) as federation:
    story(federation)
    back = 'a new term: back to' in (federation.root / 'unn.log').read_text()
    outcomes = sum(judge(federation, name, *(sys.argv[2:4] or ['1', '1'])) for name in RECORDED)
    say('unn gikk tilbake: %s; %d utfall av strømbrudd' % (back, outcomes))
    if not back:
        federation.fail('ingenting ble tatt tilbake')
print('ok')
