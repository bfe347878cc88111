"""A federation of real processes for tests in Python: founded with four organisations and one body,
a secretary who can report cases, and every daemon a child that can be killed.

    with Federation(sys.argv[1]) as f:      # the folder of the programs
        f.found()                           # broker and nodes run; the secretary is appointed
        f.report('En sak', node='unn')      # a member's entry; True: it has its receipt
        f.stop('broker', signal.SIGKILL)
        f.start('broker', wrap=['ip', 'netns', 'exec', 'x'], env={'LD_PRELOAD': shim})
        f.until('alt er endelig', 60, lambda: f.status('unn')['state'] == 'final')

Whatever isn't as said ends the test with the command, its output and the daemons' logs. Folders
are f.root/<name>: 'broker' and the organisations 'unn', 'kommune', 'lege', 'bruker'; logs beside
them as <name>.log; keys in f.root/keys, all with the passphrase in f.root/pass.
"""
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ORGS = ['unn', 'kommune', 'lege', 'bruker']
CHARTER = '''
charter: {slug: prove, name: Prøvefellesskapet, source: oppdiktet}
partners:
  - {id: unn, name: UNN}
organisations:
%s
witnesses: {more-than: 2/3}
appointers:
  - {id: unn, name: UNN, host: unn}
offices:
  - {id: secretariat, name: sekretariatet, appointed-by: unn, cite: § 1}
bodies:
  - id: ssu
    name: Prøveutvalget
    short-name: SSU
    minutes: referat
    seats:
      - {id: unn-1, title: "Plass 1, UNN", partner: unn, voting: true, appointer: unn}
      - {id: unn-2, title: "Plass 2, UNN", partner: unn, voting: true, appointer: unn}
    quorum: {rule: "each partner in (unn): present >= 1/2 of seats", cite: § 6}
    pass: {rule: "against = 0 and for >= 1 else no_consensus", cite: § 7}
'''


BEGAN = time.time()


def seen(what, text):
    """What the test saw, and when. `what`: words, or a row of FAULTS.md."""
    print('%3d s  %s: %s' % (time.time() - BEGAN, 'rad %d' % what if isinstance(what, int) else what, text), flush=True)


def address(host='127.0.0.1'):
    """A free TCP address, below the ports that outgoing connections take: it is bound later."""
    while True:
        port = random.SystemRandom().randrange(12000, 30000)
        with socket.socket() as s:
            try:
                s.bind((host, port))
            except OSError:
                continue
        return 'tcp://%s:%d' % (host, port)


def case(title, *more, text='x'):
    """The words that report a case. Its text is an attachment; None: no text."""
    return ['case', 'report', '--body', 'ssu', '--title', title, '--kind', 'decision',
            *(['--text', text] if text else []), *more]


class Federation:
    def __init__(self, programs, orgs=ORGS, root=None):
        self.bin = pathlib.Path(programs).resolve()
        self.root = pathlib.Path(root or tempfile.mkdtemp(prefix='sb-fed-'))
        self.orgs = list(orgs)
        self.children = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for child in self.children.values():
            child.kill()
            child.wait()
        if kind is None:
            shutil.rmtree(self.root)

    def fail(self, what, result=None):
        print('FEIL:', what)
        if result is not None:
            print('kommando:', ' '.join(map(str, result.args)))
            print('kode:', result.returncode, '\nut:', result.stdout, '\nfeil:', result.stderr)
        for log in sorted(self.root.glob('*.log')):
            print('---', log.name, '\n', log.read_text(errors='replace')[-1500:])
        sys.exit(1)

    # ---- the command line ----

    def command(self, *words, who=None, node=None):
        """A run of samband: its words and its environment."""
        args = [self.bin / 'samband', '--passphrase-file', self.root / 'pass', '--home',
                self.root / ('home-' + (who or 'x'))]
        if node:
            args += ['--node', self.root / node]
        if who:
            args += ['--key', self.root / 'keys' / (who + '.key')]
        return [*args, *words], {k: v for k, v in os.environ.items() if not k.startswith('SAMBAND')}

    def begun(self, *words, who=None, node=None):
        """Start it without waiting: the process."""
        args, env = self.command(*words, who=who, node=node)
        return subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)

    def samband(self, *words, who=None, node=None, code=0, says=None, timeout=90):
        """Run it. code None: any. says: a pattern that its output must have."""
        args, env = self.command(*words, who=who, node=node)
        result = subprocess.run(args, capture_output=True, text=True, timeout=timeout, env=env)
        if code is not None and result.returncode != code:
            self.fail('kode %d ventet' % code, result)
        if says is not None and not re.search(says, result.stdout + result.stderr):
            self.fail('«%s» ventet' % says, result)
        return result

    def status(self, name):
        """What `node status` or `broker status` says, as JSON; {} when it is down: at once, though the
        command itself would wait a while for the daemon to come."""
        verb = ['node', 'status'] if name in self.orgs else ['broker', 'status']
        asked, until = None, time.time() + 90
        while self.is_up(name) and time.time() < until:
            asked = asked or self.begun('--json', *verb, self.root / name)
            try:
                out, _ = asked.communicate(timeout=0.3)
                return json.loads(out) if asked.returncode == 0 else {}
            except subprocess.TimeoutExpired:
                pass
        if asked:
            asked.kill()
            asked.communicate()
        return {}

    def is_up(self, name):
        """The daemon was started and hasn't ended."""
        return name in self.children and self.children[name].poll() is None

    def until(self, what, seconds, holds):
        stop = time.time() + seconds
        while not holds():
            if time.time() > stop:
                self.fail('%s: det skjedde ikke innen %d s: %s' %
                          (what, seconds, [self.status(n) for n in self.children]))
            time.sleep(0.2)

    def report(self, title, node='unn', wait='receipt'):
        """The secretary reports a case at a node. True: it is in the log (or final)."""
        return self.submit(title, node, wait=wait).returncode == 0

    def submit(self, title, node='unn', *more, wait='receipt', text='x', code=None, says=None):
        """The same, held to an exit code and words: the process that ended."""
        return self.samband('--wait', wait, *case(title, *more, text=text), who='sekretær', node=node, code=code,
                            says=says)

    def titles(self, node):
        """Of the cases that a node has."""
        return [one['title'] for one in json.loads(self.samband('--json', 'case', 'list', node=node).stdout)]

    def leaves(self, node):
        """The log that a node has."""
        return json.loads(self.samband('--json', 'log', 'show', '--from', '0', '--count', '5000',
                                       node=node).stdout)['entries']

    def all_final(self, orgs=None):
        """Everything is final on these nodes, with one head."""
        sizes = set()
        for org in orgs or self.orgs:
            seen = self.status(org)
            if seen.get('state') != 'final' or seen.get('outbox') != 0:
                return False
            sizes.add(seen['size'])
        return len(sizes) == 1

    def linked(self, orgs=None):
        """Wait until these nodes have the broker (again): before that an entry goes to the outbox at once."""
        for org in orgs or self.orgs:
            self.until('%s har forbindelse' % org, 30, lambda: self.status(org).get('broker', {}).get('connected'))

    # ---- processes ----

    def spawn(self, name, *options, wrap=(), env=None):
        """Start a daemon without waiting for it. wrap: words before the command; env: more of it."""
        program = 'node' if name in self.orgs else 'broker'
        with open(self.root / (name + '.log'), 'ab') as log:
            child = subprocess.Popen([*wrap, self.bin / ('samband-' + program), self.root / name, *options],
                                     stdout=subprocess.PIPE, stderr=log, env={**os.environ, **(env or {})})
        self.children[name] = child
        return child

    def ready(self, name, seconds=30):
        """It has said that it is ready; False: it ended, or said nothing."""
        child = self.children[name]
        there, _, _ = select.select([child.stdout], [], [], seconds)
        return bool(there) and b'klar' in child.stdout.readline()

    def start(self, name, *options, wrap=(), env=None):
        child = self.spawn(name, *options, wrap=wrap, env=env)
        if not self.ready(name):
            self.fail('%s ble ikke klar' % name)
        return child

    def stop(self, name, number=signal.SIGTERM):
        """Its exit status; negative: the signal."""
        child = self.children.pop(name)
        child.send_signal(number)
        return child.wait(20)

    def has_ended(self, name, seconds=0):
        """Whether it has ended by itself within that time."""
        try:
            self.children[name].wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def ended(self, name, seconds=30):
        """Wait until it has ended by itself: its exit status."""
        child = self.children.pop(name)
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.children[name] = child
            self.fail('%s sluttet ikke' % name)

    def last_words(self, name):
        return (self.root / (name + '.log')).read_text().splitlines()[-1]

    def curve_pk(self, card):
        """The transport key on a card, as hexadecimal."""
        return re.search(r'curve[^:]*:\s*([0-9a-f]{64})', (self.root / 'keys' / card).read_text()).group(1)

    # ---- founding ----

    def found(self, host='127.0.0.1', start=True, charter=''):
        """Everything from keys to an appointed secretary. `charter` is added to the charter."""
        (self.root / 'pass').write_text('prøve æøå\n')
        os.chmod(self.root / 'pass', 0o600)
        lines = '\n'.join('  - {id: %s, name: %s, partner: unn}' % (o, o) for o in self.orgs)
        (self.root / 'charter.yaml').write_text(CHARTER % lines + charter)
        keys, broker, federation = self.root / 'keys', address(host), self.root / 'federation.samband'
        self.broker_address = broker
        self.samband('broker', 'init', self.root / 'broker', '--listen', broker, '--cards', keys)
        for org in self.orgs:
            self.samband('node', 'init', self.root / org, '--organisation', org, '--keys', keys, '--broker',
                         broker, '--rehearsal-cost')
        self.samband('charter', 'compile', self.root / 'charter.yaml', '--cards', keys, '--out', federation,
                     who='unn-authority')
        self.samband('broker', 'join', self.root / 'broker', '--federation', federation)
        for org in self.orgs:
            self.samband('node', 'join', self.root / org, '--federation', federation)
        if start:
            self.begin()

    def begin(self):
        """Start all, accept the charter, appoint the secretary, until that is final."""
        for name in ['broker'] + self.orgs:
            self.start(name)
        for org in self.orgs:  # a slow machine takes its time to put the founding entries in order
            self.until('%s har historien' % org, 60, lambda: self.status(org).get('size', 0) > 0)
        for org in self.orgs:
            self.samband('charter', 'accept', who=org + '-authority', node=org)
        self.samband('key', 'new', self.root / 'keys' / 'sekretær.key', '--rehearsal-cost')
        self.samband('--wait', 'final', 'member', 'appoint', '--name', 'Noen', '--from', '2026-01-01', '--office',
                     'secretariat', '--device', self.root / 'keys' / 'sekretær.key', who='unn-authority',
                     node='unn')

    def standby(self, name, join=True):
        """A standby's directory, joined to the federation; its address is in the card."""
        here = address()
        self.samband('megler', 'lag', self.root / name, '--standby', '--id', name, '--listen', here, '--address',
                     here, '--cards', self.root / 'keys', says='kort, kan deles fritt')
        if join:
            self.samband('broker', 'join', self.root / name, '--federation', self.root / 'federation.samband')

    def consent(self, name, orgs, term=2):
        """These organisations let the standby take over."""
        card = self.root / 'keys' / ('broker-%s.card' % name)
        for org in orgs:
            self.samband('node', 'consent', self.root / org, '--card', card, '--term', str(term),
                         who=org + '-authority', node=org)
