#!/usr/bin/env python3
"""Rows 18, 19 and 22 in network namespaces: broker and nodes each have a network of their own, joined by
veth pairs; links go down, routes swallow one direction, and the kernel loses packets where it can (tc
netem). Skipped where namespaces aren't permitted.

    netns_test.py BIN_DIR"""
import atexit
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import BEGAN, ORGS, Federation, seen  # noqa: E402

TAG = 'sb%d' % (os.getpid() % 100000)
BROKER = TAG + '-b'
NODE = {org: '%s-%d' % (TAG, i) for i, org in enumerate(ORGS)}
NET = {org: '10.199.%d.' % (i + 1) for i, org in enumerate(ORGS)}


def ip(*words, check=True):
    return subprocess.run(['ip', *words], check=check, capture_output=True, text=True)


def delete():
    for space in [BROKER, *NODE.values()]:
        ip('netns', 'del', space, check=False)


def make():
    atexit.register(delete)
    try:
        for space in [BROKER, *NODE.values()]:
            ip('netns', 'add', space)
            ip('-n', space, 'link', 'set', 'dev', 'lo', 'up')
        for org, space in NODE.items():
            here = 'v' + space[2:]
            ip('-n', BROKER, 'link', 'add', here, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
            for where, link, address in [(BROKER, here, NET[org] + '1/30'), (space, 'eth0', NET[org] + '2/30')]:
                ip('-n', where, 'addr', 'add', address, 'dev', link)
                ip('-n', where, 'link', 'set', 'dev', link, 'up')
    except (OSError, subprocess.CalledProcessError) as wrong:
        why = getattr(wrong, 'stderr', '') or str(wrong)
        if not any(word in why for word in ['not permitted', 'denied', 'Unknown device', 'not supported', 'No such file']):
            raise
        print('hoppet over: nettverksnavnerom er ikke tillatt her: %s' % why)
        sys.exit(77)


def link(org, state):
    ip('-n', NODE[org], 'link', 'set', 'dev', 'eth0', state)


def loss(org, percent):
    """False: this kernel has no netem."""
    tc = ['tc', '-n', NODE[org], 'qdisc', 'replace', 'dev', 'eth0', 'root', 'netem', 'loss', '%d%%' % percent]
    return subprocess.run(tc, capture_output=True).returncode == 0


def run(f):
    f.found(host='0.0.0.0', start=False)
    port = f.broker_address.rsplit(':', 1)[1]
    for org in ORGS:
        config = f.root / org / 'node.yaml'
        config.write_text(config.read_text().replace(f.broker_address, 'tcp://%s1:%s' % (NET[org], port)))
    plain = f.start
    f.start = lambda name, *options: plain(name, *options, wrap=['ip', 'netns', 'exec', NODE.get(name, BROKER)])
    f.begin()
    f.until('alt er endelig', 30, f.all_final)

    for org in ['lege', 'bruker']:
        link(org, 'down')
    final = f.status('unn')['final_size']
    f.report('Delt', 'unn')
    f.until('unn har ikke nok', 20, lambda: f.status('unn')['state'] == 'not_confirmed')
    f.report('I utboksen', 'lege', wait='none')
    if f.status('unn')['final_size'] > final + 2:
        f.fail('noe ble endelig med to av fire')
    for org in ['lege', 'bruker']:
        link(org, 'up')
    f.until('alt er endelig igjen', 60, f.all_final)
    seen(19, 'to lenker nede: not_confirmed; oppe igjen: alt endelig, også det som lå i utboksen')

    ip('-n', BROKER, 'route', 'add', 'blackhole', NET['kommune'] + '2/32')
    began = time.time()
    f.report('Svelget', 'kommune', wait='none')
    f.report('Uten kommunen', 'unn', wait='final')
    f.until('kommunen merker det', 60, lambda: not f.status('kommune')['broker']['connected'])
    noticed = time.time() - began
    ip('-n', BROKER, 'route', 'del', 'blackhole', NET['kommune'] + '2/32')
    f.until('alt er endelig igjen', 60, f.all_final)
    seen(22, 'ruten fra megleren svelger alt til kommunen: merket etter %.0f s, de andre fortsatte; alt endelig etterpå' % noticed)

    if all([loss(org, 30) for org in ORGS]):
        for i, org in enumerate(ORGS * 2):
            f.report('Tap %d' % i, org, wait='none')
        f.until('alt er endelig med 30 % tap', 120, f.all_final)
        seen(18, '30 % av pakkene tapt på alle lenker: alt endelig')
    else:
        seen(18, 'denne kjernen har ikke netem; tap av pakker er ikke prøvd (proxyen og simulatoren prøver tap)')
    for name in list(f.children):
        f.stop(name)


if __name__ == '__main__':
    make()
    with Federation(sys.argv[1]) as federation:
        run(federation)
    print('ok, %d s' % (time.time() - BEGAN))
