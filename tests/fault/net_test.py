#!/usr/bin/env python3
"""Faults of the network between real processes (rows 18-24 of tests/FAULTS.md): every node reaches the
broker through a proxy that delays, swallows and cuts.

    net_test.py BIN_DIR HOSTILE [SEED]

Exit 0 when all went as said; says what was seen, with figures; prints what didn't hold."""
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import oslo  # noqa: E402
from federation import BEGAN, ORGS, Federation, case, seen  # noqa: E402
from proxy import Proxy  # noqa: E402

HOSTILE = sys.argv[2]
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20261122
reported = []


def behind_proxies(f):
    """Each node reaches the broker through a proxy of its own."""
    proxies = {}
    for org in ORGS:
        proxies[org] = Proxy(f.broker_address, SEED)
        config = f.root / org / 'node.yaml'
        config.write_text(config.read_text().replace(f.broker_address, proxies[org].address))
    return proxies


def report(f, title, node, wait='none'):
    """A case of this title is handed in at the node; it must come, once. Each node has a secretary of
    its own: entries of one key that take different ways overtake each other, and are refused then."""
    f.samband('--wait', wait, *case(title, text=title), who='s-' + node, node=node, code=None)
    reported.append(title)


def whole(f, row, seconds=60):
    """Everything is final everywhere, and each case that was reported is there once."""
    began = time.time()
    f.until('rad %s: alt er endelig' % row, seconds, f.all_final)
    for node in ORGS:
        if sorted(f.titles(node)) != sorted(reported):
            f.fail('rad %s: %s har %s, ventet %s' % (row, node, sorted(f.titles(node)), sorted(reported)))
    heads = {(f.status(node)['root'], f.status(node)['digest']) for node in ORGS}
    if len(heads) != 1:
        f.fail('rad %s: nodene er uenige' % row)
    return time.time() - began


def flood(f, count):
    """So many valid entries, quickly, over an organisation's own key."""
    before = f.status('broker')['size']
    while (left := before + count - f.status('broker')['size']) > 0:
        subprocess.run([HOSTILE, 'flood', f.broker_address, 'valid', '20', '1', f.broker_pk,
                        f.root / 'kommune' / 'curve.key', 'federation=' + f.federation_id,
                        'key=%s' % (f.root / 'keys' / 'flom.key'), 'pass=%s' % (f.root / 'pass'),
                        'seq=%d' % f.next_seq, 'count=%d' % left], check=True, capture_output=True)
        f.next_seq += 100000
    return f.status('broker')['size'] - before


def memory(f, name):
    text = pathlib.Path('/proc/%d/status' % f.children[name].pid).read_text()
    return int(re.search(r'VmRSS:\s+(\d+)', text).group(1)) // 1024


# ---- the rows ----

def lossy(f, proxies, rng):
    """18: late and in bursts, and a connection cut every quarter of a second."""
    cuts = 0
    for p in proxies.values():
        p.delay, p.jitter = 0.005, 0.05
    children = []
    for i in range(12):
        node = rng.choice(ORGS)
        report(f, 'Tap %d' % i, node)
        for _ in range(2):
            proxies[rng.choice(ORGS)].cut()
            cuts += 1
            time.sleep(0.1)
    for p in proxies.values():
        p.heal()
    took = whole(f, 18)
    seen(18, '%d forbindelser kuttet midt i 12 innsendinger; alle 12 sakene er der én gang, endelig %.1f s etter' % (cuts, took))
    return children


def one_way(f, proxies):
    """19: what two of four send to the broker is swallowed, what it sends reaches them."""
    began = f.status('unn')['final_size']
    for org in ['lege', 'bruker']:
        proxies[org].stall(up=True, down=False)
    report(f, 'Enveis', 'unn', wait='receipt')
    f.until('lege har oppføringen', 20, lambda: f.status('lege')['size'] > began + 2)
    time.sleep(3)
    for org in ORGS:
        status = f.status(org)
        if status['state'] != 'not_confirmed' or status['final_size'] > began + 3:
            f.fail('rad 19: %s sier %s' % (org, status))
    f.samband('status', node='unn', says='(?s)ikke bekreftet')
    words = '(?s)ikke bekreftet ennå: 2 av 4 organisasjoner har bekreftet.*har ikke bekreftet: lege, bruker'
    f.until('rad 19: to av fire bekrefter', 20, lambda: re.search(words, f.samband('node', 'status', f.root / 'unn').stdout))
    proxies['kommune'].stall(up=True, down=True)  # and one of the others hears nothing at all
    f.samband('--wait', 'final', '--timeout', '3', *case('Alene'), who='s-kommune', node='kommune', code=4,
              says='lagt i utboksen')
    reported.append('Alene')
    f.samband('status', node='kommune', says='ikke bekreftet')
    for p in proxies.values():
        p.heal()
    took = whole(f, 19)
    seen(19, 'to av fire når ikke fram: alle fire viser not_confirmed, medlemmet «ikke bekreftet»; endelig %.1f s etter' % took)


def half_open(f, proxies):
    """22: nobody closes, nothing comes: the node says that the broker is gone, and sends again later."""
    proxies['bruker'].stall()
    began = time.time()
    report(f, 'Halvåpen', 'bruker')
    report(f, 'Mens bruker er borte', 'unn', wait='final')
    f.until('rad 22: brukers node har merket det', 90, lambda: not f.status('bruker')['broker']['connected'])
    noticed = time.time() - began
    if f.status('bruker')['outbox'] != 1:
        f.fail('rad 22: utboksen')
    f.samband('node', 'status', f.root / 'bruker', says='(?s)ingen forbindelse|ikke forbindelse|har ikke')
    proxies['bruker'].heal()
    took = whole(f, 22)
    seen(22, 'merket etter %.0f s (puls hvert 5. s, frist 15 s); oppføringen i utboksen kom fram %.1f s etter' % (noticed, took))


def slow(f, proxies):
    """21: a node that is stopped, and more than its credit written meanwhile."""
    before = memory(f, 'broker')
    f.children['lege'].send_signal(signal.SIGSTOP)
    count, peak = 0, before
    while count < 1300:
        count += flood(f, 325)
        peak = max(peak, memory(f, 'broker'))
    behind = f.status('broker')['size']
    f.children['lege'].send_signal(signal.SIGCONT)
    began = time.time()
    f.until('rad 21: lege har hentet resten', 60, lambda: f.status('lege').get('size', 0) >= behind)
    took = time.time() - began
    if peak - before > 400:
        f.fail('rad 21: meglerens minne vokste fra %d til %d MiB' % (before, peak))
    f.until('rad 21: alt er endelig', 60, f.all_final)
    seen(21, '%d blader skrevet mens noden sto (kreditt 1024); hentet på %.1f s; meglerens minne %d -> %d MiB' %
         (count, took, before, peak))


def away(f, proxies):
    """20: a node that was away while thousands of entries were written: stale, then by ranges."""
    f.stop('bruker', signal.SIGKILL)
    had = f.status('unn')['size']
    count = flood(f, 3000)
    proxies['bruker'].stall()
    f.start('bruker')
    status = f.status('bruker')
    if status['state'] != 'stale' or not status['stale'] or status['broker']['connected']:
        f.fail('rad 20: noden som har vært borte, sier %s' % status['state'])
    f.samband('status', node='bruker', says='(?i)utdatert|gammel|ingen.*bekreftet|ikke.*bekreftet|forbindelse')
    proxies['bruker'].heal()
    began = time.time()
    f.until('rad 20: bruker er med igjen', 120, f.all_final)
    seen(20, 'borte i %d blader (fra %d); sa «stale» uten megler; hentet og bekreftet på %.1f s' %
         (count, had, time.time() - began))


def in_random_order(f, proxies, rng):
    """23: every link is broken in its own way, in random order, and restored in another."""
    order = ORGS[:]
    for round_ in range(2):
        rng.shuffle(order)
        for org in order:
            p = proxies[org]
            kind = rng.choice(['up', 'down', 'both', 'cut', 'late'])
            if kind == 'cut':
                p.open = False
                p.cut()
            elif kind == 'late':
                p.delay = 0.3
            else:
                p.stall(up=kind != 'down', down=kind != 'up')
            report(f, 'Runde %d %s %s' % (round_, org, kind), rng.choice(ORGS))
        rng.shuffle(order)
        for org in order:
            proxies[org].heal()
            report(f, 'Runde %d etter %s' % (round_, org), org)
    took = whole(f, 23, 90)
    seen(23, 'frø %d: alle lenker brutt og gjenopprettet to ganger, 16 saker; endelig %.1f s etter' % (SEED, took))


def lost_receipt(f, proxies):
    """24: a vote reaches the broker, its receipt doesn't come back, and it is sent again."""
    today = oslo.today()
    s = {'who': 'sekretær', 'node': 'unn'}
    one = json.loads(f.samband('--json', *case('Tapt kvittering'), **s).stdout)['case']
    reported.append('Tapt kvittering')
    f.samband('wording', 'propose', one, '--clause', 'Ja.', **s)
    f.samband('meeting', 'call', 'ssu', today, '--start', '10:00', '--agenda', one, **s)
    f.samband('meeting', 'papers', 'ssu', '--source', 'email', **s)
    f.samband('meeting', 'open', 'ssu', today, **s)
    f.samband('meeting', 'chair', 'ssu', '--basis', 'chosen', '--seat', 'unn-1', **s)
    f.samband('meeting', 'attend', 'ssu', '--arrived', 'unn-1,unn-2', **s)
    f.samband('question', 'open', one, '--mode', 'vote', **s)
    f.samband('status', node='kommune')
    f.until('kommune har spørsmålet', 20, lambda: f.all_final())
    before = f.status('broker')['size']
    proxies['kommune'].stall(up=False, down=True)
    f.samband('--wait', 'receipt', '--timeout', '2', 'question', 'vote', one, 'for', who='u1', node='kommune', code=4)
    f.until('rad 24: stemmen er hos megleren', 20, lambda: f.status('broker')['size'] > before)
    waiting = f.status('kommune')['outbox']
    proxies['kommune'].cut()
    for i in range(3):  # again, and again without its receipt
        time.sleep(0.3)
        proxies['kommune'].cut()
    proxies['kommune'].heal()
    f.until('rad 24: utboksen er tom', 60, lambda: f.status('kommune')['outbox'] == 0)
    f.samband('question', 'close', one, **s)
    shown = f.samband('question', 'show', one, node='unn').stdout
    f.samband('meeting', 'close', 'ssu', **s)
    whole(f, 24)
    if waiting != 1:
        f.fail('rad 24: utboksen hadde %s mens kvitteringen manglet' % waiting)
    if re.findall(r'(?m)^ +(unn-\d) +(\S+)', shown) != [('unn-1', 'for')] or 'vedtatt' not in shown:
        f.fail('rad 24: stemmetallet i\n' + shown)
    seen(24, 'stemmen var i loggen uten kvittering, ble sendt igjen: én stemme for')


def run(f):
    f.found(start=False)
    proxies = behind_proxies(f)
    f.begin()
    f.broker_pk = f.curve_pk('broker.card')
    f.federation_id = f.status('unn')['federation']
    f.next_seq = 1
    appoint = ['member', 'appoint', '--name', 'Noen', '--from', '2026-01-01']
    office = ['--office', 'secretariat']
    for key, place in [('flom', office), ('u1', ['--seat', 'unn-1']), ('u2', ['--seat', 'unn-2'])] + \
            [('s-' + org, office) for org in ORGS]:
        f.samband('key', 'new', f.root / 'keys' / (key + '.key'), '--rehearsal-cost')
        f.samband('--wait', 'receipt', *appoint, *place, '--device', f.root / 'keys' / (key + '.key'),
                  who='unn-authority', node='unn')
    rng = random.Random(SEED)
    lost_receipt(f, proxies)
    lossy(f, proxies, rng)
    one_way(f, proxies)
    in_random_order(f, proxies, rng)
    half_open(f, proxies)
    slow(f, proxies)
    away(f, proxies)
    for name in list(f.children):
        if f.stop(name) != 0:
            f.fail('%s sluttet ikke rent' % name)


if __name__ == '__main__':
    with Federation(sys.argv[1]) as federation:
        run(federation)
    print('ok, %d s' % (time.time() - BEGAN))
