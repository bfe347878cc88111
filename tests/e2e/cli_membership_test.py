#!/usr/bin/env python3
"""Who is in, and who confirms, changed with the command line and real daemons: a change taken back by
the organisations' signatures, another organisation that joins with a node of its own and counts, and
one that leaves.

    cli_membership_test.py BIN_DIR

Exit 0 when all went as said; prints the command that didn't, with its output."""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import oslo  # noqa: E402

BIN = pathlib.Path(sys.argv[1])
ROOT = pathlib.Path(tempfile.mkdtemp(prefix='sb-member-', dir='/tmp'))
KEYS = ROOT / 'keys'
TODAY = oslo.today()
ORGS = ['unn', 'kommune', 'bruker']
CHARTER = '''
charter: {slug: prove, name: Prøvefellesskapet, source: oppdiktet}
partners:
  - {id: unn, name: UNN}
  - {id: kommune, name: kommunene}
organisations:
  - {id: unn, name: UNN, partner: unn}
  - {id: kommune, name: kommunen, partner: kommune}
  - {id: bruker, name: brukerne, partner: kommune}
witnesses: {more-than: 1/2}
appointers:
  - {id: unn, name: UNN, host: unn}
  - {id: kommune, name: kommunen, host: kommune}
offices:
  - {id: secretariat, name: sekretariatet, appointed-by: unn, cite: § 1}
membership: {body: ssu, pass: for >= 1, cite: § 8}
bodies:
  - id: ssu
    name: Prøveutvalget
    short-name: SSU
    minutes: referat
    seats:
      - {id: unn-1, title: "Plass 1, UNN", partner: unn, voting: true, appointer: unn}
      - {id: kommune-1, title: "Plass 1, kommunen", partner: kommune, voting: true, appointer: kommune}
    pass: {rule: "for >= 1", cite: § 7}
'''
children = []


def fail(what, result=None):
    print('FEIL:', what)
    if result is not None:
        print('kommando:', ' '.join(map(str, result.args)))
        print('kode:', result.returncode, '\nut:', result.stdout, '\nfeil:', result.stderr)
    for log in sorted(ROOT.glob('*.log')):
        print('---', log.name, '\n', log.read_text()[-1500:])
    sys.exit(1)


def samband(*words, who=None, home=None, node='unn', code=0, says=None):
    args = [BIN / 'samband', '--passphrase-file', ROOT / 'pass', '--home', ROOT / ('home-' + (home or who or 'x'))]
    if node:
        args += ['--node', ROOT / node]
    if who:
        args += ['--key', KEYS / (who + '.key')]
    environment = {k: v for k, v in os.environ.items() if not k.startswith('SAMBAND')}
    result = subprocess.run(args + list(words), capture_output=True, text=True, timeout=90, env=environment)
    if result.returncode != code:
        fail('kode %d ventet' % code, result)
    if says is not None and not re.search(says, result.stdout + result.stderr):
        fail('«%s» ventet' % says, result)
    return result


def answer(*words, **more):
    return json.loads(samband('--json', *words, **more).stdout)


def settled(*words, says, **more):
    for _ in range(200):
        result = samband(*words, **more)
        if re.search(says, result.stdout):
            return
        time.sleep(0.1)
    fail('«%s» ventet' % says, result)


# the daemon looks at who is in now and then, not for each entry
def logged(name, pattern):
    for _ in range(200):
        if re.search(pattern, (ROOT / (name + '.log')).read_text()):
            return
        time.sleep(0.1)
    fail('%s.log: «%s» ventet' % (name, pattern))


def start(name):
    program = 'broker' if name == 'broker' else 'node'
    with open(ROOT / (name + '.log'), 'ab') as log:
        child = subprocess.Popen([BIN / 'samband', program, 'run', ROOT / name],
                                 stdout=subprocess.PIPE, stderr=log)
    children.append(child)
    ready, _, _ = select.select([child.stdout], [], [], 20)
    line = child.stdout.readline() if ready else b''
    if b'klar' not in line:
        fail('%s ble ikke klar: %r' % (name, line))


def found():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        address = 'tcp://127.0.0.1:%d' % s.getsockname()[1]
    (ROOT / 'pass').write_text('prøve æøå\n')
    os.chmod(ROOT / 'pass', 0o600)
    (ROOT / 'charter.yaml').write_text(CHARTER)
    federation = ROOT / 'federation.samband'
    samband('broker', 'init', ROOT / 'broker', '--listen', address, '--cards', KEYS, node=None)
    for org in ORGS + ['ny']:
        samband('node', 'init', ROOT / org, '--organisation', org, '--keys', KEYS, '--broker', address,
                '--rehearsal-cost', node=None)
    samband('charter', 'check', ROOT / 'charter.yaml', node=None,
            says='(?s)minst 2 av 3 organisasjoner.*2 organisasjoner som er tause.*minst 1 lyve')
    samband('charter', 'compile', ROOT / 'charter.yaml', '--cards', KEYS, '--out', federation, node=None,
            who='unn-authority')
    samband('broker', 'join', ROOT / 'broker', '--federation', federation, node=None)
    for org in ORGS + ['ny']:
        samband('node', 'join', ROOT / org, '--federation', federation, node=None)
    for name in ['broker'] + ORGS:
        start(name)
    for org in ORGS:
        samband('charter', 'accept', who=org + '-authority', node=org)
    for who in ['s', 'u1', 'k1']:
        samband('key', 'new', KEYS / (who + '.key'), '--rehearsal-cost', node=None)
    appoint = ['member', 'appoint', '--name', 'Noen', '--from', TODAY]
    samband(*appoint, '--seat', 'kommune-1', '--device', KEYS / 'k1.key', who='kommune-authority', node='kommune')
    samband(*appoint, '--seat', 'unn-1', '--device', KEYS / 'u1.key', who='unn-authority')
    samband('--wait', 'final', *appoint, '--office', 'secretariat', '--device', KEYS / 's.key', who='unn-authority')


def case(title):
    one = answer('case', 'report', '--body', 'ssu', '--kind', 'decision', '--title', title, who='s')['case']
    samband('wording', 'propose', one, '--clause', title + '.', who='s')
    return one


def signs(title, home):
    """A home believes its node from the proofs alone: what it saw last may be long ago, or nothing."""
    samband('case', 'report', '--body', 'ssu', '--kind', 'information', '--title', title, who='s', home=home)


def decide(one, *until, says=None):
    """In a meeting of its own, by a vote; until it is in force."""
    samband('meeting', 'call', 'ssu', TODAY, '--start', '10:00', '--agenda', one, who='s')
    samband('meeting', 'papers', 'ssu', '--source', 'email', who='s')
    samband('meeting', 'open', 'ssu', TODAY, who='s')
    samband('meeting', 'chair', 'ssu', '--basis', 'chosen', '--seat', 'unn-1', who='s')
    samband('meeting', 'attend', 'ssu', '--arrived', 'unn-1,kommune-1', who='s')
    samband('question', 'open', one, '--mode', 'vote', who='s')
    samband('question', 'vote', one, 'for', who='u1')
    samband('question', 'vote', one, 'for', who='k1', node='kommune')
    samband('question', 'close', one, who='s')
    if until:
        settled(*until, says=says)
    samband('meeting', 'close', 'ssu', who='s')


def taken_back():
    one = case('Strengere bekreftelse')
    (ROOT / 'alle.yaml').write_text('witnesses: {groups: [{name: alle, threshold: all, members: [unn, kommune, bruker]}]}\n')
    (ROOT / 'feil.yaml').write_text('witnesses: {groups: [{name: alle, threshold: all, members: [unn, mars]}]}\n')
    samband('witnessing', 'propose', '--case', one, '--file', ROOT / 'feil.yaml', who='s', code=1, says='linje 1.*mars')
    samband('bekreftelse', 'foreslå', '--case', one, '--file', ROOT / 'alle.yaml', who='s',
            says='(?s)1 organisasjon som er taus.*Det er foreslått hvem som bekrefter')
    samband('condition', 'set', one, '--moment', 'before-effect', '--kind', 'consented', '--parties', 'kommune',
            '--cite', '§ 8', who='s')
    samband('membership', 'sign', '--out', ROOT / 'tidlig', who='unn-authority', code=1, says='ingen vedtatt endring')
    decide(one)
    samband('witnessing', 'show', says='(?s)minst 2 av 3.*venter på vilkår.*bestemmer hvem som bekrefter')
    samband('status', says='En endring i sak .*venter på vilkår')
    for org in ['unn', 'kommune']:
        samband('medlemskap', 'signér', '--out', ROOT / (org + '.underskrift'), who=org + '-authority', node=org,
                says='Underskriften er laget')
    samband('membership', 'sign', '--out', ROOT / 'av-s', who='s', code=1)
    samband('membership', 'withdraw', '--statement', ROOT / 'unn.underskrift', who='s', code=1, says='det trengs 2')
    bent = (ROOT / 'unn.underskrift').read_text()
    (ROOT / 'bøyd').write_text(re.sub('action: (.)', lambda m: 'action: ' + ('1' if m[1] == '0' else '0'), bent))
    samband('membership', 'withdraw', '--statement', ROOT / 'kommune.underskrift', '--statement', ROOT / 'bøyd', who='s',
            code=1, says='et annet tiltak')
    samband('medlemskap', 'trekk', '--statement', ROOT / 'unn.underskrift', '--statement', ROOT / 'kommune.underskrift',
            who='s', says='Endringen er trukket tilbake')
    samband('action', 'list', one, says='(?s)falt bort.*trukket tilbake av organisasjonene')
    if 'venter' in samband('witnessing', 'show').stdout:
        fail('endringen venter ennå')


def joined():
    one = case('Ny blir med')
    samband('organisation', 'add', '--case', one, '--card', KEYS / 'ny.card', '--name', 'Den nye', '--partner', 'mars',
            who='s', code=1)
    samband('organisasjon', 'legg-til', '--case', one, '--card', KEYS / 'ny.card', '--name', 'Den nye', '--partner',
            'kommune', who='s', says='Det er foreslått at organisasjonen blir med')
    decide(one, 'organisation', 'list', says=r'ny +Den nye +kommune +med\n?$')
    settled('witnessing', 'show', says='minst 3 av 4')
    start('ny')
    settled('status', node='ny', says='(?i)bekreftet')
    samband('--wait', 'final', 'case', 'report', '--body', 'ssu', '--kind', 'information', '--title', 'Etter', who='s')
    settled('--json', 'status', node='ny', says='"blocked":null')


def left():
    one = case('Brukerne går ut')
    samband('organisation', 'remove', 'unn', '--case', one, who='s', code=1, says='secretariat')
    samband('organisasjon', 'ta-ut', 'bruker', '--case', one, who='s', says='går ut')
    decide(one, 'organisation', 'list', says=r'bruker +brukerne +kommune +ute')
    settled('witnessing', 'show', says='minst 2 av 3')
    samband('--wait', 'final', 'case', 'report', '--body', 'ssu', '--kind', 'information', '--title', 'Til slutt', who='s')

    # what it gets of it ends with the decision: it is told where it stands
    settled('status', node='bruker', says='ORGANISASJONEN (GÅR UT|ER UTE)')
    standing = answer('status', node='bruker')['standing']
    if standing['index'] > answer('status', node='bruker')['size'] or standing['state'] not in ['leaving', 'out']:
        fail('bruker: %r' % standing)
    if answer('status')['standing'] is not None:
        fail('unn går ikke ut')
    logged('bruker', 'the organisation (leaves|is out)')


def main():
    try:
        found()
        signs('Først', 'sover')
        taken_back()
        joined()
        signs('Midt i', 'midt')
        left()
        for home in ['sover', 'midt', 'ny']:
            signs('Sist', home)
    finally:
        for child in children:
            child.send_signal(signal.SIGTERM)
        for child in children:
            child.wait(timeout=20)
    shutil.rmtree(ROOT)
    print('alt gikk som ventet')


if __name__ == '__main__':
    main()
