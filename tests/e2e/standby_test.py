#!/usr/bin/env python3
"""The broker's disk and one node's are lost; a standby rebuilds the log from the nodes alone and takes
over by consent; what waited in the outboxes becomes final; the old broker's backup signs nothing.

    standby_test.py BIN_DIR

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

BIN = pathlib.Path(sys.argv[1])
ROOT = pathlib.Path(tempfile.mkdtemp(prefix='sb-standby-'))
ORGS = ['unn', 'kommune', 'lege', 'bruker']
CHARTER = '''
charter: {slug: prove, name: Prøvefellesskapet, source: oppdiktet}
partners:
  - {id: unn, name: UNN}
organisations:
  - {id: unn, name: UNN, partner: unn}
  - {id: kommune, name: kommunen, partner: unn}
  - {id: lege, name: legene, partner: unn}
  - {id: bruker, name: brukerne, partner: unn}
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
children = {}


def fail(what, result=None):
    print('FEIL:', what)
    if result is not None:
        print('kommando:', ' '.join(map(str, result.args)))
        print('kode:', result.returncode, '\nut:', result.stdout, '\nfeil:', result.stderr)
    for log in sorted(ROOT.glob('*.log')):
        print('---', log.name, '\n', log.read_text()[-1500:])
    sys.exit(1)


def samband(*words, who=None, node=None, code=0, says=None):
    args = [BIN / 'samband', '--passphrase-file', ROOT / 'pass', '--home', ROOT / ('home-' + (who or 'x'))]
    if node:
        args += ['--node', ROOT / node]
    if who:
        args += ['--key', ROOT / 'keys' / (who + '.key')]
    environment = {k: v for k, v in os.environ.items() if not k.startswith('SAMBAND')}
    result = subprocess.run(args + list(words), capture_output=True, text=True, timeout=90, env=environment)
    if code is not None and result.returncode != code:
        fail('kode %d ventet' % code, result)
    if says is not None and not re.search(says, result.stdout + result.stderr):
        fail('«%s» ventet' % says, result)
    return result


def status(name):
    verb = ['broker', 'status', ROOT / name] if name not in ORGS else ['node', 'status', ROOT / name]
    result = samband('--json', *verb, code=None)
    return json.loads(result.stdout) if result.returncode == 0 else {}


def until(what, seconds, holds):
    stop = time.time() + seconds
    while not holds():
        if time.time() > stop:
            fail('%s: det skjedde ikke innen %d s: %s' % (what, seconds, [status(n) for n in children]))
        time.sleep(0.2)


def start(name, *options):
    program = 'node' if name in ORGS else 'broker'
    with open(ROOT / (name + '.log'), 'ab') as log:
        child = subprocess.Popen([BIN / 'samband', program, 'run', ROOT / name, *options],
                                 stdout=subprocess.PIPE, stderr=log)
    children[name] = child
    ready, _, _ = select.select([child.stdout], [], [], 30)
    if not ready or b'klar' not in child.stdout.readline():
        fail('%s ble ikke klar' % name)


def stop(name, number=signal.SIGTERM):
    child = children.pop(name)
    child.send_signal(number)
    child.wait(20)


def address():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return 'tcp://127.0.0.1:%d' % s.getsockname()[1]


def found():
    (ROOT / 'pass').write_text('prøve æøå\n')
    os.chmod(ROOT / 'pass', 0o600)
    (ROOT / 'charter.yaml').write_text(CHARTER)
    keys, broker, federation = ROOT / 'keys', address(), ROOT / 'federation.samband'
    samband('broker', 'init', ROOT / 'broker', '--listen', broker, '--cards', keys)
    for org in ORGS:
        samband('node', 'init', ROOT / org, '--organisation', org, '--keys', keys, '--broker', broker,
                '--rehearsal-cost')
    samband('charter', 'compile', ROOT / 'charter.yaml', '--cards', keys, '--out', federation, who='unn-authority')
    samband('broker', 'join', ROOT / 'broker', '--federation', federation)
    for org in ORGS:
        samband('node', 'join', ROOT / org, '--federation', federation)
    for name in ['broker'] + ORGS:
        start(name)
    for org in ORGS:
        samband('charter', 'accept', who=org + '-authority', node=org)
    for who in ['sekretær', 'u1']:
        samband('key', 'new', keys / (who + '.key'), '--rehearsal-cost')
    appoint = ['member', 'appoint', '--name', 'Noen', '--from', '2026-01-01']
    samband('--wait', 'final', *appoint, '--office', 'secretariat', '--device', keys / 'sekretær.key',
            who='unn-authority', node='unn')


def standby(name):
    """A standby's directory; its address is in the card."""
    here = address()
    samband('broker', 'init', ROOT / name, '--standby', '--id', name, '--listen', here, '--cards', ROOT / 'keys',
            code=2, says='--address')
    samband('megler', 'lag', ROOT / name, '--standby', '--id', name, '--listen', here, '--address', here,
            '--cards', ROOT / 'keys', says='kort, kan deles fritt')


def run():
    found()
    samband('broker', 'backup', ROOT / 'broker', ROOT / 'backup',
            says='(?s)laget og kontrollert.*nøklene er ikke med')
    samband('broker', 'backup', ROOT / 'broker', ROOT / 'backup', code=1, says='ikke tom')
    before = status('unn')['final_size']

    # the broker's disk is gone; a case waits in the outbox
    stop('broker', signal.SIGKILL)
    shutil.rmtree(ROOT / 'broker')
    samband('case', 'report', '--body', 'ssu', '--title', 'Mens megleren er borte', '--kind', 'decision', '--text', 'x',
            who='sekretær', node='unn', code=4)

    # a standby that has nothing, and consent from three of four
    standby('reserve')
    samband('broker', 'join', ROOT / 'reserve', '--federation', ROOT / 'federation.samband')
    start('reserve', '--standby', '--take-over')
    samband('broker', 'status', ROOT / 'reserve', says='reserve, følger termin')
    card = ROOT / 'keys' / 'broker-reserve.card'
    for org in ORGS[:2]:
        samband('node', 'consent', ROOT / org, '--card', card, '--term', '2', who=org + '-authority', node=org)
    until('to har lovet', 60, lambda: status('reserve').get('promised') == 2)
    samband('broker', 'status', ROOT / 'reserve', says='(?s)ber om løfter for termin 2: 2 organisasjoner har lovet; det trengs 3')
    samband('node', 'consent', ROOT / 'lege', '--card', card, '--term', '2', who='lege-authority', node='lege')
    until('reserven overtar', 60, lambda: status('reserve').get('mode') == 'broker')
    for org in ORGS[:3]:
        until('%s er i termin 2, og alt er endelig' % org, 60, lambda: status(org)['term'] == 2 and
              status(org)['state'] == 'final' and status(org)['outbox'] == 0)
    if status('unn')['final_size'] <= before:
        fail('det som ventet, ble ikke endelig')
    samband('case', 'list', node='lege', says='Mens megleren er borte')
    samband('broker', 'status', ROOT / 'reserve', says='megler i termin 2')

    # it stops and starts as the broker it is now
    stop('reserve')
    start('reserve')
    until('reserven er megler igjen', 20, lambda: status('reserve').get('mode') == 'broker')

    # the backup goes into another standby: it signs nothing, and a directory in use is refused
    samband('broker', 'restore', ROOT / 'backup', ROOT / 'reserve', code=1, says='ikke tom')
    standby('tredje')
    samband('megler', 'gjenopprett', ROOT / 'backup', ROOT / 'tredje', says='(?s)lagt inn og kontrollert.*--standby')
    (ROOT / 'tredje' / 'broker.yaml').write_text(
        (ROOT / 'tredje' / 'broker.yaml').read_text().replace('standby: true\n', ''))
    samband('broker', 'run', ROOT / 'tredje', code=2, says='gjenopprettet fra en sikkerhetskopi')
    start('tredje', '--standby')
    samband('broker', 'status', ROOT / 'tredje', says='reserve, følger termin 1')
    for name in list(children):
        stop(name)


try:
    run()
finally:
    for child in children.values():
        child.kill()
shutil.rmtree(ROOT)
print('ok')
