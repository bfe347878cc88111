#!/usr/bin/env python3
"""A broker that is stopped (SIGSTOP), replaced, and resumed; and a node whose log has to go back in that
handover, killed at each write of it, and with a full disk in the middle of it.

    handover_test.py BIN_DIR SHIM

The old broker signed an entry that one node alone confirmed. The standby takes over without it. The old
one, resumed, ends by itself and says why; nobody has evidence of two histories; the entry comes back
from its outbox, once."""
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation  # noqa: E402
from shim import Shim  # noqa: E402

OTHERS = ['kommune', 'lege', 'bruker']


def send(f, names, number):
    for name in names:
        f.children[name].send_signal(number)


def stopped_for_a_while(f):
    """A node that stands still in the middle of things catches up."""
    send(f, ['lege'], signal.SIGSTOP)
    f.submit('Mens lege står stille', 'unn', code=0)
    f.until('endelig uten lege', 30, lambda: f.all_final(['unn', 'kommune', 'bruker']))
    send(f, ['lege'], signal.SIGCONT)
    f.until('alt er endelig', 30, f.all_final)


def only_one_confirms(f):
    """The log has an entry, at unn and the broker, that unn alone confirmed; then the broker stands still."""
    send(f, OTHERS, signal.SIGSTOP)
    size = f.status('unn')['size']
    f.submit('Kuttet', 'unn', code=0)
    f.until('unn har bekreftet den', 20, lambda: f.status('unn')['cosigned_size'] > size)
    send(f, ['broker'], signal.SIGSTOP)
    send(f, OTHERS, signal.SIGCONT)
    f.until('noden sier at megleren er borte', 40, lambda: not f.status('unn')['broker']['connected'])
    return f.status('unn')['size']


def rewound(f, shim, old_size):
    """unn dies at every write and sync of its going back, one after the other; then its disk is full."""
    armed, deaths, n = f.root / 'armed', 0, 1
    while True:
        armed.touch()
        child = f.spawn('unn', env=shim.env(f.root / 'unn', 'kill@%d' % n, armed=armed))
        f.ready('unn')
        try:
            f.until('unn dør eller går tilbake', 30, lambda: child.poll() is not None or
                    f.status('unn').get('term') == 2)
        finally:
            armed.unlink()
        if child.poll() is None:
            break
        if f.ended('unn') != -signal.SIGKILL:
            f.fail('unn sluttet ikke som den skulle')
        deaths += 1
        n += 1
        if n == 10:  # the cut must fit now: on a full disk
            armed.touch()
            f.start('unn', env=shim.env(f.root / 'unn', 'enospc:write@1+', armed=armed))
            f.until('disken er full', 30, lambda: f.status('unn').get('disk_full_since_ms', 0) > 0)
            if f.status('unn')['term'] != 1:
                f.fail('disken var ikke full mens loggen gikk tilbake')
            armed.unlink()
            break
    if deaths < 4:
        f.fail('unn døde bare %d ganger' % deaths)
    print('unn døde %d ganger på vei tilbake fra %d oppføringer' % (deaths, old_size))


def main():
    shim = Shim(sys.argv[2])
    with Federation(sys.argv[1]) as f:
        f.found()
        f.until('alt er endelig', 30, f.all_final)
        stopped_for_a_while(f)
        old_size = only_one_confirms(f)
        f.stop('unn')  # the others hand over without it
        f.standby('reserve')
        f.start('reserve', '--standby', '--take-over')
        f.consent('reserve', OTHERS)
        f.until('reserven overtar', 60, lambda: f.status('reserve').get('mode') == 'broker')
        f.until('de andre er i termin 2', 60, lambda: all(f.status(o)['term'] == 2 for o in OTHERS))
        f.samband('node', 'join', f.root / 'unn', '--federation', f.root / 'federation.samband', '--card',
                  f.root / 'keys' / 'broker-reserve.card')
        rewound(f, shim, old_size)
        f.until('alle er i termin 2, og alt er endelig', 60,
                lambda: f.all_final() and all(f.status(o)['term'] == 2 for o in f.orgs))
        # the old one again: what it has to say, nobody hears
        before = {org: f.status(org)['root'] for org in f.orgs}
        send(f, ['broker'], signal.SIGCONT)
        if f.ended('broker', 60) != 2:
            f.fail('den gamle megleren sluttet ikke med 2')
        if 'denne megleren er avløst' not in f.last_words('broker'):
            f.fail('den gamle megleren sa ikke hvorfor')
        f.submit('Etterpå', 'unn', code=0)
        f.until('alt er endelig', 60, f.all_final)
        for org in f.orgs:
            status = f.status(org)
            if status['evidence'] or status['state'] != 'final' or status['diverged'] is not None:
                f.fail('%s har sett to historier: %s' % (org, status))
        seen = {(f.status(o)['root'], f.status(o)['digest']) for o in f.orgs}
        cases = f.titles('lege')
        if len(seen) != 1 or cases.count('Kuttet') != 1 or cases.count('Etterpå') != 1:
            f.fail('ikke én historie: %s %s %s' % (seen, cases, before))
        for name in list(f.children):
            f.stop(name)
    print('ok')


main()
