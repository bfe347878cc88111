#!/usr/bin/env python3
"""No memory: while a daemon carries an entry, and while a key is unlocked.

    memory_test.py BIN_DIR SHIM

A daemon ends with 1 and says so, and goes on where it was when it starts again. `samband` says so too;
nothing of a key is left: no file, no core, also when it is killed in the middle of unlocking."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation, case  # noqa: E402
from shim import Shim  # noqa: E402

AT = (1, 3, 8, 21)


def daemon(f, shim, who):
    armed, ends = f.root / 'armed', 0
    for n in AT:  # of what is asked for from a submission on
        f.stop(who)
        child = f.start(who, env=shim.env(f.root / who, 'enomem:alloc@%d' % n, armed=armed))
        f.until('forbindelse', 30, lambda: f.status('unn')['broker']['connected'])
        armed.touch()
        for i in range(3):
            if child.poll() is None:
                f.submit('Uten minne %d %d' % (n, i), wait='none')
        if child.poll() is not None:
            if f.ended(who) != 1 or 'det er ikke mer ledig minne' not in f.last_words(who):
                f.fail('%s sluttet ikke med ord' % who)
            ends += 1
        armed.unlink()
        if who not in f.children:
            f.start(who)
    f.until('alt er endelig', 60, f.all_final)
    if ends < 3:
        f.fail('%s manglet minne bare %d ganger: prøven ser ikke nok' % (who, ends))
    return ends


def files(root):
    return {str(p) for p in root.rglob('*') if '/store/' not in str(p)} | \
        {str(p) for p in pathlib.Path('/tmp').glob('samband*')} | {p for p in os.listdir('.') if p.startswith('core')}


def resident_mib(child):
    """How much memory a child has touched; 0 when it has ended."""
    text = pathlib.Path('/proc/%d/status' % child.pid).read_text()
    return int(text.split('VmRSS:')[1].split()[0]) // 1024 if 'VmRSS:' in text else 0


def unlocking(f, shim):
    key = f.root / 'keys' / 'dyr.key'  # 256 MiB, as a member's
    f.samband('key', 'new', key)
    sealed = key.read_bytes()
    args, clean = f.command('--wait', 'none', *case('Ingen nøkkel'), who='dyr', node='unn')
    # every big piece of memory is refused from the first on
    before = files(f.root)
    env = {**clean, **shim.env(f.root / 'keys', 'enomem:anon@1+')}
    result = subprocess.run(args, capture_output=True, text=True, env=env, timeout=60)
    if result.returncode != 1 or 'ikke nok ledig minne til nøkkelfilen' not in result.stderr:
        f.fail('samband sa ikke at minnet tok slutt', result)
    # killed while it computes, as it has come ever further into those 256 MiB
    killed = 0
    for mib in (80, 110, 140, 170, 200, 230):
        child = subprocess.Popen(args, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while child.poll() is None and resident_mib(child) < mib:
            time.sleep(0.001)
        if child.poll() is None:
            proc = pathlib.Path('/proc/%d' % child.pid)
            limit = [line.split()[4] for line in (proc / 'limits').read_text().splitlines() if 'core file' in line]
            child.send_signal(signal.SIGQUIT)  # which would leave a core
            killed += child.wait(20) == -signal.SIGQUIT and limit == ['0']
        child.wait(20)
    left = files(f.root) - before
    if killed < 3 or {p for p in left if '/home-' not in p} or key.read_bytes() != sealed:
        f.fail('drept %d ganger; etterlatt: %s' % (killed, left))
    # a daemon's keys are locked in memory, and it leaves no core
    proc = pathlib.Path('/proc/%d' % f.children['unn'].pid)
    locked = int((proc / 'status').read_text().split('VmLck:')[1].split()[0])
    is_asan = b'__asan_init' in (f.bin / 'samband-node').read_bytes()  # its mlock does nothing
    if locked == 0 and not is_asan:
        f.fail('nodens nøkkel er ikke låst i minnet')
    return killed, locked


def main():
    shim = Shim(sys.argv[2])
    with Federation(sys.argv[1]) as f:
        f.found()
        f.until('alt er endelig', 30, f.all_final)
        ends = [daemon(f, shim, who) for who in ('broker', 'unn')]
        killed, locked = unlocking(f, shim)
        for name in list(f.children):
            f.stop(name)
    print('megleren sluttet %d ganger uten minne, noden %d; drept %d ganger under opplåsing; %d kB låst' %
          (*ends, killed, locked))


main()
