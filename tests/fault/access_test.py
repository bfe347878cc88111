#!/usr/bin/env python3
"""Who gets in (tests/FAULTS.md, "Access"): every socket that a broker, a standby and nodes listen on, as
the kernel lists them, is tried with an unknown key, without a key, in plain and with a known key; by
another user; by an organisation that was removed; and when the thread that checks keys dies.

    access_test.py BIN_DIR HOSTILE ZAP_SHIM

Exit 0 when all went as said; says what was seen."""
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import oslo  # noqa: E402
from federation import BEGAN, ORGS, Federation, address, case, seen  # noqa: E402
from shim import preload  # noqa: E402

HOSTILE, ZAP_SHIM = sys.argv[2], sys.argv[3]
MEMBERSHIP = 'membership: {body: ssu, pass: for >= 1, cite: § 8}\n'


def start_knock(*words):
    return subprocess.Popen([HOSTILE, 'knock', *map(str, words)], stdout=subprocess.PIPE, text=True)


def result(child):
    shaken, answered = re.match(r'shaken (\d+) answered (\d+)', child.communicate(timeout=30)[0]).groups()
    return int(shaken), int(answered)


def knock(*words):
    """(handshakes that succeeded, frames that came back)"""
    return result(start_knock(*words))


def sockets_of(pid):
    """What the process listens on: ('tcp', 'tcp://127.0.0.1:7117') or ('local', path)."""
    inodes = set()
    for fd in os.listdir('/proc/%d/fd' % pid):
        try:
            inodes.add(os.readlink('/proc/%d/fd/%s' % (pid, fd)))
        except FileNotFoundError:
            pass
    inodes = {i[8:-1] for i in inodes if i.startswith('socket:[')}
    out = []
    for table in ['tcp', 'tcp6', 'udp', 'udp6']:
        for line in pathlib.Path('/proc/net/' + table).read_text().splitlines()[1:]:
            word = line.split()
            if word[9] in inodes and (word[3] == '0A' or table.startswith('udp')):
                ip, port = word[1].split(':')
                host = '.'.join(str(b) for b in bytes.fromhex(ip)[::-1]) if table == 'tcp' else ip
                out.append((table, 'tcp://%s:%d' % (host, int(port, 16))))
    for line in pathlib.Path('/proc/net/unix').read_text().splitlines()[1:]:
        word = line.split()
        if word[6] in inodes and int(word[3], 16) & 0x10000:
            out.append(('local', word[7] if len(word) > 7 else '?'))
    return out


# ---- every socket ----

def try_tcp(f, endpoint, pk):
    known = f.root / 'lege' / 'curve.key'
    return {'ukjent nøkkel': start_knock(endpoint, 'curve', pk, 'new'),
             'ingen nøkkel (NULL)': start_knock(endpoint, 'null'),
             'PLAIN': start_knock(endpoint, 'plain'),
             'kjent nøkkel, feil tjenernøkkel': start_knock(endpoint, 'curve', '11' * 32, known),
             'kjent nøkkel': start_knock(endpoint, 'curve', pk, known)}


def judge_tcp(f, name, endpoint, tries):
    for what, child in tries.items():
        shaken, answered = result(child)
        gets_in = what == 'kjent nøkkel'
        if gets_in != (shaken > 0) or gets_in != (answered > 0):
            f.fail('%s %s, %s: %d håndtrykk, %d svar' % (name, endpoint, what, shaken, answered))
    seen('%s %s' % (name, endpoint), 'bare kjent nøkkel slipper inn')


def try_local(f, name, path):
    mode, above = os.stat(path).st_mode, os.stat(os.path.dirname(path)).st_mode
    if stat.S_IMODE(mode) != 0o660 or stat.S_IMODE(above) != 0o750:
        f.fail('%s: socket %o, katalog %o' % (name, stat.S_IMODE(mode), stat.S_IMODE(above)))
    if knock('ipc://' + path, 'null')[0] == 0:
        f.fail('%s: eieren slipper ikke inn' % name)
    os.chmod(f.root, 0o755)  # so that it is the socket's own directory that stops them
    for above in [pathlib.Path(path).parent.parent]:
        os.chmod(above, 0o755)
    code = ('import socket,sys\ns=socket.socket(socket.AF_UNIX)\n'
            'try: s.connect(sys.argv[1])\nexcept PermissionError: sys.exit(3)\n')
    other = subprocess.run(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', sys.executable,
                            '-c', code, path])
    os.chmod(pathlib.Path(path).parent.parent, 0o700)
    os.chmod(f.root, 0o700)
    if other.returncode != 3:
        f.fail('%s: en annen bruker fikk %d' % (name, other.returncode))
    seen('%s %s' % (name, os.path.basename(path)), '0660 i 0750; en annen bruker avvises av kjernen')


def every_socket(f, pks):
    tries = []
    for name, child in f.children.items():
        found = sockets_of(child.pid)
        if [kind for kind, _ in found if kind not in ('tcp', 'local')]:
            f.fail('%s lytter på %s' % (name, found))
        tcp = [at for kind, at in found if kind == 'tcp']
        local = [at for kind, at in found if kind == 'local']
        if len(local) != 1 or len(tcp) != (1 if name in f.listens else 0):
            f.fail('%s lytter på %s' % (name, found))
        tries += [(name, endpoint, try_tcp(f, endpoint, pks[name])) for endpoint in tcp]
        try_local(f, name, local[0])
    for one in tries:
        judge_tcp(f, *one)


def files(f):
    """Keys and stores are their owner's alone; an open key is refused."""
    for path in f.root.rglob('*'):
        mode = stat.S_IMODE(path.stat().st_mode)
        secret = path.suffix == '.key' or 'store' in path.parts or path.suffix == '.mdb'
        if secret and path.is_file() and mode != 0o600:
            f.fail('%s er %o' % (path, mode))
        if secret and path.is_dir() and mode != 0o700:
            f.fail('%s er %o' % (path, mode))
        if path.is_dir() and path.parent == f.root and path.name in ['broker', 'reserve'] + ORGS and mode & 0o077:
            f.fail('%s er %o' % (path, mode))
    f.stop('lege')
    for name in ['curve.key', 'witness.key']:
        os.chmod(f.root / 'lege' / name, 0o640)
        f.samband('node', 'run', f.root / 'lege', code=None, says='chmod 600|andre')
        os.chmod(f.root / 'lege' / name, 0o600)
    f.start('lege')
    seen('filer', 'nøkler og lagre 0600 i 0700; en nøkkelfil som andre kan lese, avvises')


# ---- under another's name ----

def other_name(f, pks):
    """With lege's keys: a Hello that says kommune, a confirmation in kommune's name, and kommune's place."""
    first = start_knock(f.broker_address, 'curve', pks['broker'], f.root / 'lege' / 'curve.key', 'navn')
    time.sleep(0.7)
    second = start_knock(f.broker_address, 'curve', pks['broker'], f.root / 'bruker' / 'curve.key', 'navn')
    first, second = result(first), result(second)
    if first[1] == 0 or second[1] != 0:
        f.fail('samme rutenavn: %s %s' % (first, second))
    seen('en annens rutenavn', 'den som har navnet, fikk %d svar; den som tok det samme, fikk ingen' % first[1])
    for name in ['kommune', 'bruker', 'reserve']:
        f.stop(name)
    f.samband('--wait', 'receipt', 'case', 'report', '--body', 'ssu', '--title', 'Under annet navn', '--kind',
              'decision', '--text', 'x', who='sekretær', node='unn')
    f.until('to har bekreftet', 20, lambda: f.status('unn')['confirmed'] == 2)
    time.sleep(1)
    before = f.status('broker')
    card = (f.root / 'keys' / 'kommune.card').read_text()
    claimed = re.search(r'witness[^:]*:\s*([0-9a-f]{64})', card).group(1)
    for name, endpoint in [('broker', f.broker_address), ('unn', f.listens['unn'])]:
        said = subprocess.run([HOSTILE, 'cosign', endpoint, pks[name], f.root / 'lege' / 'curve.key',
                               f.root / 'lege' / 'witness.key', claimed, before['origin'], str(before['head_size']),
                               before['root']], capture_output=True, text=True, timeout=30)
        if said.returncode != 0:
            f.fail('cosign', said)
    after, node = f.status('broker'), f.status('unn')
    if after['confirmed'] != 2 or node['confirmed'] != 2 or node['state'] != 'not_confirmed' or \
            after['final_size'] != before['final_size']:
        f.fail('under annet navn: %s %s' % (after, node))
    if 'kommune' not in str(node['unconfirmed']):
        f.fail('kommune står som bekreftet: %s' % node['unconfirmed'])
    for name in ['kommune', 'bruker']:
        f.start(name)
    f.until('alt er endelig', 30, f.all_final)
    seen('kjent nøkkel under annet navn',
         'Hello som «kommune» og en bekreftelse i kommunens navn, med leges nøkler: fortsatt 2 av 4, ikke bekreftet')


# ---- removed ----

def removed(f, pks):
    """bruker leaves: its connections are cut at that index, and it gets in nowhere any more."""
    today, s = oslo.today(), {'who': 'sekretær', 'node': 'unn'}
    appoint = ['member', 'appoint', '--name', 'Noen', '--from', '2026-01-01']
    f.samband('key', 'new', f.root / 'keys' / 'u1.key', '--rehearsal-cost')
    f.samband('--wait', 'final', *appoint, '--seat', 'unn-1', '--device', f.root / 'keys' / 'u1.key',
              who='unn-authority', node='unn')
    key = f.root / 'bruker' / 'curve.key'
    inside = [('broker', f.broker_address), ('unn', f.listens['unn'])]
    for name, endpoint in inside:
        if knock(endpoint, 'curve', pks[name], key)[1] == 0:
            f.fail('bruker slapp ikke inn hos %s mens den var med' % name)
    one = json.loads(f.samband('--json', *case('Ut', text=None), **s).stdout)['case']
    f.samband('wording', 'propose', one, '--clause', 'Brukerne går ut.', **s)
    f.samband('organisation', 'remove', 'bruker', '--case', one, **s)
    f.samband('meeting', 'call', 'ssu', today, '--start', '10:00', '--agenda', one, **s)
    f.samband('meeting', 'papers', 'ssu', '--source', 'email', **s)
    f.samband('meeting', 'open', 'ssu', today, **s)
    f.samband('meeting', 'chair', 'ssu', '--basis', 'chosen', '--seat', 'unn-1', **s)
    f.samband('meeting', 'attend', 'ssu', '--arrived', 'unn-1', **s)
    f.samband('question', 'open', one, '--mode', 'vote', **s)
    f.samband('question', 'vote', one, 'for', who='u1', node='unn')
    f.samband('question', 'close', one, **s)
    f.until('bruker er ute', 30, lambda: re.search(
        r'bruker +bruker +\S+ +ute', f.samband('organisation', 'list', node='unn').stdout))
    f.until('brukers forbindelse er brutt', 5, lambda: not f.status('bruker')['broker']['connected'])
    f.until('… også hos unn', 5, lambda: f.status('bruker')['peers'] == 0)
    size = f.status('bruker')['size']
    for name, endpoint in inside:
        got = knock(endpoint, 'curve', pks[name], key)
        if got != (0, 0):
            f.fail('bruker slapp inn hos %s etter at den gikk ut: %s' % (name, got))
    f.submit('Etterpå', wait='final', code=0)
    if f.status('bruker')['size'] != size or f.status('bruker')['broker']['connected']:
        f.fail('bruker får fortsatt oppføringer')
    seen('fjernet organisasjon', 'forbindelsene til megleren og til unn brutt; fikk ingenting etter indeks %d' % (size - 1))


# ---- the key checker dies ----

def checker_dies(f):
    """Each kind of daemon ends by itself when the thread that checks keys is dead."""
    for name in ['broker', 'unn', 'reserve']:
        if name in f.children:
            f.stop(name)
        trigger = f.root / (name + '.dø')
        f.start(name, *(['--standby'] if name == 'reserve' else []), env=preload(ZAP_SHIM, ZAP_SHIM=trigger))
        time.sleep(0.5)
        if f.children[name].poll() is not None:
            f.fail('%s sluttet for tidlig' % name)
        trigger.write_text('')
        began = time.time()
        code = f.ended(name, 20)
        if code == 0 or 'nøkkelkontrollen har stanset' not in (f.root / (name + '.log')).read_text():
            f.fail('%s sluttet med %d' % (name, code))
        seen('nøkkelkontrollen dør hos %s' % name, 'prosessen slutter med kode %d etter %.1f s' %
             (code, time.time() - began))


def run(f):
    f.found(start=False, charter=MEMBERSHIP)
    f.listens = {'broker': f.broker_address, 'unn': address(), 'kommune': address()}
    for org in ORGS:
        config = f.root / org / 'node.yaml'
        text = config.read_text()
        if org in f.listens:
            text += 'listen: %s\n' % f.listens[org]
        text += 'peers:\n' + ''.join('  - {organisation: %s, address: "%s"}\n' % (to, f.listens[to])
                                     for to in ['unn', 'kommune'] if to != org)
        config.write_text(text)
    f.begin()
    f.standby('reserve')
    f.listens['reserve'] = re.search(r'tcp://[^\s"]+', (f.root / 'reserve' / 'broker.yaml').read_text()).group(0)
    f.start('reserve', '--standby')
    pks = {'broker': f.curve_pk('broker.card'), 'reserve': f.curve_pk('broker-reserve.card')}
    pks |= {org: f.curve_pk(org + '.card') for org in ORGS}
    every_socket(f, pks)
    files(f)
    other_name(f, pks)
    removed(f, pks)
    f.start('reserve', '--standby')
    checker_dies(f)


if __name__ == '__main__':
    with Federation(sys.argv[1]) as federation:
        run(federation)
    print('ok, %d s' % (time.time() - BEGAN))
