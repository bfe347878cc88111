#!/usr/bin/env python3
"""Every step of the language (alt.yaml) is played; then each expectation is asked wrongly, and must not hold.

    rehearse_alt_test.py SAMBAND"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

SAMBAND = sys.argv[1]
HERE = pathlib.Path(__file__).parent
ROOT = pathlib.Path(tempfile.mkdtemp(prefix='sb-alt-'))
WRONG = {
    '{case: valg, elected: 1}': 'elected 1, fikk 2',
    '{case: valg, round: 1}': 'round 1, fikk 2',
    '{case: valg, votes-for: {1: 2}}': 'votes-for 1 2, fikk 1',
    '{case: budsjett, recorded: [by-2]}': 'recorded by-2, fikk by-2, bygd-2',
    '{case: budsjett, confirmed: [by-2]}': 'confirmed by-2, fikk bygd-2',
    '{case: budsjett, conditions: open}': 'conditions open, fikk met',
    '{case: budsjett, in-force: false}': 'in-force false, fikk true',
    '{case: budsjett, disputes: none}': 'disputes none, fikk closed',
    '{case: bytt, earlier: []}': 'earlier , fikk 1',
    '{case: utvalg, earlier: []}': 'fikk ikke drøftet før',
    '{office: leader, holder: by-1}': 'holder by-1, fikk bygd-1',
    '{body: fsu, dissolved: false}': 'dissolved false, fikk true',
    '{body: fsu, exists: false}': 'exists false, fikk true',
    '{body: fsu, filled: {lege: 0/1}}': 'filled lege 0/1, fikk 1/1',
    '{charter: 1}': 'charter 1, fikk',
    '{meeting: mars, requests: 0}': 'requests 0, fikk 1',
}


def rehearse(*words):
    return subprocess.run([SAMBAND, 'rehearse', *map(str, words)], capture_output=True, text=True, timeout=250)


def expect_wrongly():
    for wrong, says in WRONG.items():
        script = ROOT / 'galt.yaml'
        script.write_text('rehearsal: {title: Galt, charter: %s, start: 2022-07-01 09:00}\nsteps:\n  - expect: %s\n'
                          % (HERE / 'parts/raad.yaml', wrong))
        result = rehearse('--join', ROOT / 'fed', script)
        if result.returncode != 1 or says not in result.stderr:
            sys.exit('%s: kode %d\n%s' % (wrong, result.returncode, result.stderr))


def main():
    result = rehearse(HERE / 'alt.yaml', '--dir', ROOT / 'fed', '--keep')
    running = ROOT / 'fed/running'
    try:
        if result.returncode != 0:
            sys.exit(result.stdout[-3000:] + result.stderr)
        expect_wrongly()
    finally:
        if running.exists():
            for line in running.read_text().split('\n'):
                if ' ' in line:
                    os.kill(int(line.split()[1]), signal.SIGKILL)
        shutil.rmtree(ROOT, ignore_errors=True)


main()
