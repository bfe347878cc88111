#!/usr/bin/env python3
"""Disks that don't confirm, can't be read, or are slow.

    sync_test.py BIN_DIR SHIM [MS]      MS: only the slow disk, so many ms a sync (a few minutes with 5000)

EIO from a sync ends the process at once, with words, and the next start verifies and goes on. When that
can't read either it stays stopped (exit 3: systemd leaves it alone). With a slow disk members wait,
nothing is lost, and no receipt is older than the sync that it stands on."""
import pathlib
import os
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation  # noqa: E402
from shim import Shim, operations  # noqa: E402

SLOW_MS = int(sys.argv[3]) if len(sys.argv) > 3 else 500
UNITS = pathlib.Path(__file__).resolve().parent.parent.parent / 'deploy' / 'systemd'


def ends(f, who, code, words):
    """It ends by itself, with this code and these last words, once."""
    if f.ended(who, 20) != code:
        f.fail('%s sluttet ikke med %d' % (who, code))
    if words not in f.last_words(who):
        f.fail('%s sa ikke «%s»' % (who, words))


def submit(f, title, wait='none'):
    return f.submit(title, wait=wait, text=None)


def count(f, title):
    return f.titles('lege').count(title)


def refused_sync(f, shim):
    """Row 10: once each for the data's sync (the first one is a start's, which settles what is there), the meta
    page's, and a write that comes back short."""
    for who in ('broker', 'unn'):
        f.stop(who)
        f.spawn(who, env=shim.env(f.root / who, 'eio:sync@1'))
        ends(f, who, 1, 'disken bekreftet ikke skrivingen')
        f.start(who)
        for fault in ('eio:sync@2', 'eio:meta@1', 'short:write@2'):
            title = '%s %s' % (who, fault)
            f.stop(who)
            log = f.root / 'ops'
            log.unlink(missing_ok=True)
            f.start(who, env=shim.env(f.root / who, fault, log=log))
            submit(f, title)
            ends(f, who, 1, 'disken bekreftet ikke skrivingen')
            after = [op for op in operations(log) if op[2] == 'data.mdb']
            kinds = [op[1] for op in after]
            if fault == 'eio:sync@2' and 'meta' in kinds:
                f.fail('etter en feilet sync ble det skrevet videre: %s' % kinds)
            f.start(who)
            f.until('alt er endelig', 60, f.all_final)
            if who == 'unn' and count(f, title) == 0:
                f.linked()
                submit(f, title, 'receipt')  # it had not been taken
                f.until('alt er endelig', 60, f.all_final)
            if count(f, title) != 1:
                f.fail('%s: %d ganger' % (title, count(f, title)))


def twice(f, shim):
    """Row 11: the write fails, then the reading; then a page that can't be read while it runs."""
    for who in ('broker', 'unn'):
        f.stop(who)
        f.start(who, env=shim.env(f.root / who, 'eio:sync@2'))
        submit(f, 'to feil, ' + who)
        ends(f, who, 1, 'disken bekreftet ikke skrivingen')
        f.spawn(who, env=shim.env(f.root / who, 'eio:read@1+'))
        ends(f, who, 3, 'kan ikke leses')
        # a full disk whose store can't be opened anew either: no third try
        armed = f.root / 'armed'
        f.start(who, env=shim.env(f.root / who, 'enospc:write@1+,eio:read@1+', armed=armed))
        armed.touch()
        submit(f, 'to feil til, ' + who)
        ends(f, who, 3, 'kan ikke leses')
        armed.unlink()
        f.start(who)
        f.until('alt er endelig', 60, f.all_final)
    for unit in UNITS.glob('*.service'):
        text = unit.read_text()
        if 'RestartPreventExitStatus=2 3' not in text or 'StartLimitBurst=' not in text:
            f.fail('%s ville startet den igjen og igjen' % unit.name)
    f.stop('bruker')  # its disk loses pages under it
    f.start('bruker')
    os.truncate(f.root / 'bruker' / 'store' / 'data.mdb', 16384)
    f.samband('log', 'show', node='bruker', code=None)
    ends(f, 'bruker', 3, 'databasen kan ikke leses')


def slow(f, shim):
    """Row 17, scaled to half a second a sync: a commit takes one."""
    f.stop('broker')
    log = f.root / 'slow'
    f.start('broker', env=shim.env(f.root / 'broker', sleep_ms=SLOW_MS, log=log))
    f.until('forbindelse', 30, lambda: f.status('unn')['broker']['connected'])
    began = time.monotonic() * 1000
    first = submit(f, 'Treg disk', 'receipt')
    if SLOW_MS > 2000 and first.returncode == 4:  # the member has stopped waiting; another node has it then
        f.until('den er ført inn', 60, lambda: count(f, 'Treg disk') == 1)
        first.returncode = 0
    heard = time.monotonic() * 1000
    synced = [ms for _, kind, _, ms in operations(log) if kind == 'meta' and ms >= began]
    if first.returncode != 0 or not synced or heard < synced[0] + SLOW_MS:
        f.fail('kvitteringen kom før disken var ferdig: %s %s' % (heard, synced), first)
    memory = resident(f)
    titles = ['Kø %d' % i for i in range(6)]
    waiting = [submit(f, title) for title in titles]
    told = ['utboks' in result.stdout for result in waiting]
    if told.count(True) < 4 or f.status('unn')['outbox'] < 4:
        f.fail('medlemmene fikk ikke høre at det venter: %s' % told, waiting[0])
    f.until('alt er endelig', 120 + SLOW_MS // 25, f.all_final)
    for title in titles:
        if count(f, title) != 1:
            f.fail('%s: %d ganger' % (title, count(f, title)))
    if resident(f) > memory + 64 * 1024:
        f.fail('megleren vokste fra %d til %d kB' % (memory, resident(f)))


def resident(f):
    status = pathlib.Path('/proc/%d/status' % f.children['broker'].pid).read_text()
    return int(status.split('VmRSS:')[1].split()[0])


def main():
    shim = Shim(sys.argv[2])
    with Federation(sys.argv[1]) as f:
        f.found()
        f.until('alt er endelig', 30, f.all_final)
        if len(sys.argv) > 3:
            slow(f, shim)
        else:
            refused_sync(f, shim)
            slow(f, shim)
            twice(f, shim)
        for name in list(f.children):
            f.stop(name)
    print('ok')


main()
