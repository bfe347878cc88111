#!/usr/bin/env python3
"""One broker key on two machines, and last week's disk put back, of a broker and of a node: by restore and by
copying. Rows 45 and 46 of tests/FAULTS.md.

    operator_test.py PROGRAMS [two | broker | node]…       without: all of them, at the same time

No two histories become final, what was seen can be shown to others, and the documented way heals it."""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation, address, case  # noqa: E402


def copy(f, name, to):
    shutil.copytree(f.root / name, f.root / to, ignore=shutil.ignore_patterns('*.sock'))


def say(words):
    print(words, flush=True)


def peers(f):
    """Every node listens, and compares heads with all others."""
    at = {org: address() for org in f.orgs}
    for org in f.orgs:
        path = f.root / org / 'node.yaml'
        text = path.read_text() + "listen: '%s'\npeers:\n" % at[org]
        for other in f.orgs:
            if other != org:
                text += "  - organisation: '%s'\n    address: '%s'\n" % (other, at[other])
        path.write_text(text)


def dial(f, org, broker):
    path = f.root / org / 'node.yaml'
    path.write_text(re.sub(r'(?m)^broker:.*$', "broker: '%s'" % broker, path.read_text()))


def listen(f, name, where):
    path = f.root / name / 'broker.yaml'
    path.write_text(re.sub(r'(?m)^listen:.*$', "listen: '%s'" % where, path.read_text()))


def submit(f, title, node, code=None, who='sekretær'):
    result = f.samband('--wait', 'receipt', '--timeout', '5', *case(title), who=who, node=node, code=code)
    if result.returncode:
        say('«%s» ved %s: kode %d: %s' % (title, node, result.returncode, (result.stdout + result.stderr).strip()))
    return result.returncode == 0


def finals(f):
    return {org: (f.status(org) or {}).get('final_size') for org in f.orgs}


def evidence(f, org):
    """The files that a node has; each holds for anybody who knows the federation."""
    out = f.root / ('bevis-' + org)
    f.samband('node', 'evidence', f.root / org, '--out', out)
    files = sorted(out.glob('bevis-*')) if out.exists() else []
    for path in files:
        result = subprocess.run([f.bin / 'samband-audit', 'evidence', path], capture_output=True, text=True)
        if not re.search('bevist|bevis', result.stdout) or result.returncode not in (0, 3):
            f.fail('beviset holder ikke', result)
        f.said = result.stdout
    return files


def new_term(f, consents, term=2, name='reserve'):
    """The documented way: a standby takes over by consent."""
    f.standby(name)
    f.start(name, '--standby', '--take-over')
    f.consent(name, consents, term)
    f.until('reserven overtar', 60, lambda: f.status(name).get('mode') == 'broker')
    f.until('alt er endelig i termin %d' % term, 90, lambda: f.all_final() and
            all(f.status(org)['term'] == term for org in f.orgs))


def titles(f, node, wanted):
    listed = f.titles(node)
    for title in wanted:
        if listed.count(title) != 1:
            f.fail('«%s» skulle stå én gang: %s' % (title, listed))


# ---- 45 ----

def two(f):
    f.found(start=False)
    peers(f)
    f.begin()
    f.samband('key', 'new', f.root / 'keys' / 'to.key', '--rehearsal-cost')
    f.samband('--wait', 'final', 'member', 'appoint', '--name', 'En til', '--from', '2026-01-01', '--office',
              'secretariat', '--device', f.root / 'keys' / 'to.key', who='unn-authority', node='unn')
    f.until('alt er endelig', 60, f.all_final)
    # on one machine: the second finds the lock, whatever it is called
    result = subprocess.run([f.bin / 'samband-broker', f.root / 'broker'], capture_output=True, text=True, timeout=30)
    if result.returncode == 0 or 'i bruk av prosess' not in result.stderr:
        f.fail('to på én katalog', result)
    for name in ['broker'] + f.orgs:
        f.stop(name)
    copy(f, 'broker', 'broker2')
    other = address()
    listen(f, 'broker2', other)
    for org in f.orgs[2:]:
        dial(f, org, other)
    for name in ['broker', 'broker2']:
        f.start(name)
    for org in f.orgs:
        f.start(org)
    f.linked()
    size = f.status('unn')['final_size']
    wanted = ['Hos den ene', 'Hos den andre']
    if not submit(f, wanted[0], 'unn') or not submit(f, wanted[1], 'lege', who='to'):
        f.fail('begge meglerne skulle ta imot')
    f.until('alle har sett to historier', 60, lambda: all(f.status(org).get('state') == 'conflict'
                                                          for org in f.orgs))
    say('to meglere med én nøkkel: alle noder har sett det')
    proved = {org: len(evidence(f, org)) for org in f.orgs}
    say('bevis: %s\n%s' % (proved, f.said.strip()))
    if not all(proved.values()):
        f.fail('noen har ikke beviset')
    # nothing more is confirmed, whatever comes
    cosigned = {org: f.status(org)['cosigned_size'] for org in f.orgs}
    submit(f, 'Etter bruddet', 'kommune')
    time.sleep(3)
    if {org: f.status(org)['cosigned_size'] for org in f.orgs} != cosigned:
        f.fail('det ble bekreftet etter bruddet')
    if set(finals(f).values()) != {size}:
        f.fail('noe ble endelig: %d, %s' % (size, finals(f)))
    f.stop('broker')
    f.stop('broker2')
    new_term(f, f.orgs[:3])
    for org in f.orgs:
        titles(f, org, wanted + ['Etter bruddet'])
    say('termin 2: alt er endelig, og det som begge tok imot, står én gang')


# ---- 46 ----

def old_broker(f):
    """By copying the folder: nobody restored anything, so nothing marks it."""
    f.found(start=False)
    peers(f)
    f.begin()
    f.until('alt er endelig', 60, f.all_final)
    f.stop('broker')
    copy(f, 'broker', 'gammel')
    f.start('broker')
    f.linked()
    for i in range(3):
        if not submit(f, 'Etter kopien %d' % i, f.orgs[i]):
            f.fail('ikke tatt imot')
    f.until('alt er endelig', 60, f.all_final)
    final = f.status('unn')['final_size']
    f.stop('broker')
    shutil.rmtree(f.root / 'broker')
    copy(f, 'gammel', 'broker')
    child = f.spawn('broker')
    f.ready('broker')
    submit(f, 'Til den gamle', 'unn')
    f.until('det er sett', 60, lambda: child.poll() is not None)
    say('gammel megler: sluttet med %s; nodene: %s' % (child.poll(), {org: f.status(org)['state'] for org in f.orgs}))
    # it heard them before it ordered anything: no other history was begun
    if child.poll() != 3 or any(f.status(org)['state'] == 'conflict' or evidence(f, org) for org in f.orgs):
        f.fail('den gamle satte noe i rekkefølge')
    say((f.root / 'broker.log').read_text()[-600:])
    for org in f.orgs:
        if f.status(org)['final_size'] < final:
            f.fail('noe endelig er borte')
    f.children.pop('broker')
    new_term(f, f.orgs[:3])
    for org in f.orgs:
        titles(f, org, ['Etter kopien %d' % i for i in range(3)] + ['Til den gamle'])
    say('termin 2: alt er endelig')


def just_started(f):
    """What a node says that has heard from nobody yet: nothing that its next line contradicts."""
    f.stop('broker')
    for org in f.orgs:
        f.stop(org)
    f.start('lege')
    f.samband('node', 'status', f.root / 'lege',
              says='(?s)IKKE BEKREFTET PÅ NYTT.*siden noden startet.*sist bekreftet')
    # built up anew, from a broker that was started just now: the log itself shows what is final
    f.stop('lege')
    shutil.rmtree(f.root / 'lege' / 'store')
    f.start('broker')
    f.start('lege')
    f.until('lege har historien', 60, lambda: f.status('lege').get('size') == f.status('broker').get('size'))
    said = f.samband('node', 'status', f.root / 'lege', says=r'de første [1-9]\d* er bekreftet').stdout
    if 'har ikke bekreftet:' in said or 'vet ikke noden ennå' not in said:
        f.fail('ny node: ' + said)
    for org in f.orgs:
        if org != 'lege':
            f.start(org)


def old_node(f):
    f.found(start=False)
    peers(f)
    f.begin()
    f.until('alt er endelig', 60, f.all_final)
    f.samband('node', 'backup', f.root / 'lege', f.root / 'kopi')
    f.stop('lege')
    copy(f, 'lege', 'gammel')
    f.start('lege')
    for i in range(3):
        submit(f, 'Etter kopien %d' % i, 'unn', code=0)
    f.until('alt er endelig', 60, f.all_final)
    # the folder is copied back
    f.stop('lege')
    shutil.rmtree(f.root / 'lege')
    copy(f, 'gammel', 'lege')
    f.start('lege')
    f.until('lege har tatt igjen', 60, lambda: f.status('lege').get('state') == 'final' and
            f.status('lege')['size'] == f.status('unn')['size'])
    status = f.status('lege')
    say('gammel node, kopiert tilbake: restored %s, %s' % (status.get('restored'), status.get('block')))
    if not status.get('restored'):
        f.fail('noden merket ikke at dens egne bekreftelser er nyere enn den: %s' % json.dumps(status))
    f.until('loggen sier det', 10, lambda: 'older than what the organisation has confirmed' in
            (f.root / 'lege.log').read_text())
    submit(f, 'Etterpå', 'lege', code=0)
    f.until('alt er endelig', 60, f.all_final)
    # by restore
    f.stop('lege')
    shutil.rmtree(f.root / 'lege' / 'store')
    f.stop('broker')
    f.samband('node', 'restore', f.root / 'kopi', f.root / 'lege', says='bekrefter ingenting')
    f.start('lege')
    if not f.status('lege').get('restored'):
        f.fail('den gjenopprettede noden vet ikke at den er det')
    f.start('broker')
    f.until('alt er endelig', 60, f.all_final)
    just_started(f)
    f.until('alt er endelig', 60, f.all_final)
    submit(f, 'Til slutt', 'lege', code=0)
    f.until('alt er endelig', 60, f.all_final)
    for org in f.orgs:
        titles(f, org, ['Etter kopien %d' % i for i in range(3)] + ['Etterpå', 'Til slutt'])
    say('gammel node: alt er endelig')


PARTS = {'two': two, 'broker': old_broker, 'node': old_node}


def at_once(parts):
    """Each with a federation of its own, at the same time: they mostly wait. Whether one failed."""
    runs = [subprocess.Popen([sys.executable, __file__, sys.argv[1], part], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True) for part in parts]
    for run in runs:
        say(run.communicate()[0])
    return any(run.returncode != 0 for run in runs)


if len(sys.argv) != 3:
    sys.exit(at_once(sys.argv[2:] or PARTS))
begun = time.time()
with Federation(sys.argv[1]) as federation:
    PARTS[sys.argv[2]](federation)
    for name in list(federation.children):
        federation.stop(name, signal.SIGKILL)
say('%s: %.0f s' % (sys.argv[2], time.time() - begun))
