#!/usr/bin/env python3
"""samband tally, charter diff and rules explain against a node: a made-up federation of three organisations, one meeting, three
questions.

    cli_tally_test.py SAMBAND"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

SAMBAND = sys.argv[1]
ROOT = pathlib.Path(tempfile.mkdtemp(prefix='sb-tally-'))
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith('SAMBAND')}
CHARTER = '''
charter: {slug: prove, name: Prøverådet}
partners:
  - {id: kommune, name: kommunene, name-en: the municipalities}
  - {id: lege, name: legene}
organisations:
  - {id: by, name: By kommune, partner: kommune}
  - {id: bygd, name: Bygd kommune, partner: kommune}
  - {id: legelaget, name: Legelaget, partner: lege}
witnesses: {more-than: 1/2}
appointers:
  - {id: by, name: By kommune, host: by}
  - {id: bygd, name: Bygd kommune, host: bygd}
  - {id: legelaget, name: Legelaget, host: legelaget}
offices:
  - {id: secretariat, name: sekretariatet, appointed-by: by}
bodies:
  - id: raad
    name: Rådet
    short-name: RÅD
    minutes: referat
    seats:
      - {id: by-1, title: "Ordfører, By", partner: kommune, voting: true, appointer: by}
      - {id: by-2, title: "Varaordfører, By", partner: kommune, voting: true, appointer: by}
      - {id: bygd-1, title: "Ordfører, Bygd", partner: kommune, voting: true, appointer: bygd}
      - {id: bygd-2, title: "Varaordfører, Bygd", partner: kommune, voting: true, appointer: bygd}
      - {id: lege-1, title: Kommuneoverlege, partner: lege, voting: true, appointer: legelaget, deputy: true}
    quorum: {rule: "each partner in (kommune, lege): present >= 1/2 of seats", cite: § 3}
    pass: {rule: "for > 1/2 of cast", cite: § 4}
    first-numbers: [{year: 2022, number: 1}]
'''
CASE = '''
  - report: {{case: {0}, body: raad, kind: decision, title: Sak {0}, from: Sekretariatet, text: Oppdiktet., clauses: [Rådet vedtar {0}.]}}'''
SCRIPT = '''
rehearsal: {title: Opptelling (oppdiktet), charter: charter.yaml, made-up: true, start: 2022-02-01 09:00}
steps:
  - appoint: {body: raad, from: 2022-01-01, until: 2023-12-31}
''' + ''.join(CASE.format(c) for c in ('delt', 'enig', 'aapen')) + '''
  - at: 2022-02-24 10:00
  - call: {meeting: mars, body: raad, date: 2022-03-10, start: 12:00, end: 14:00, form: physical, place: Rådhuset, agenda: [delt, enig, aapen]}
  - papers: {meeting: mars, source: email}
  - at: 2022-03-10 12:00
  - open-meeting: mars
  - arrive: [by-1, by-2, bygd-1, lege-1]
  - absent: [bygd-2]
  - chair: {seat: by-1, basis: chosen}
  - open: {case: delt, mode: vote}
  - vote: {case: delt, for: [by-1, bygd-1, lege-1], against: [by-2]}
  - close: delt
  - open: {case: enig, mode: consensus}
  - close: enig
  - open: {case: aapen, mode: vote}
  - vote: {case: aapen, for: [by-1], against: [by-2]}
'''


def run(*words, code=0, as_json=True):
    args = [SAMBAND, '--home', ROOT / 'fed/home', '--node', ROOT / 'fed/nodes/by', '--federation', ROOT / 'fed/federation.samband']
    got = subprocess.run([*args, *(['--json'] if as_json else []), *words], capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert got.returncode == code, (words, got)
    return json.loads(got.stdout) if as_json and code == 0 else got.stdout


def tell():
    size = run('node', 'status')['size']
    divided = run('tally', '01/22', '--what-if')
    assert divided['as_is']['outcome'] == 'adopted' and divided['what_if'] is None, divided
    assert [c['have'] for c in divided['as_is']['pass']['comparisons']] == [3]
    assert divided['votes']['seats'] == 1 and divided['departures']['first'][0][0]['among'] == ['lege-1']
    text = run('opptelling', 'raad:01/22', as_json=False)
    assert 'Avgjort: vedtatt' in text and '3 (minst 3) ja' in text and 'kommunene' in text, text

    other = run('tally', '01/22', '--rule', 'against = 0 and for >= 1 else no_consensus', '--what-if')
    assert other['what_if']['outcome'] == 'no_consensus' and other['votes']['first'][0][0]['among'] == ['by-2']
    other = run('tally', '01/22', '--attend', 'lege-1=borte')
    assert other['what_if']['outcome'] == 'not_quorate' and 'arrivals' not in other, other
    other = run('tally', '01/22', '--attend', 'bygd-2=vara', '--vote', 'bygd-2=mot', '--what-if')
    assert other['what_if']['outcome'] == 'adopted' and other['votes']['seats'] == 1, other

    agreed = run('tally', '02/22', '--what-if')
    assert agreed['as_is']['outcome'] == 'adopted' and agreed['votes'] is None, agreed
    agreed = run('tally', '02/22', '--vote', 'by-1=mot', '--rule', 'for >= 4/5 of present')
    assert agreed['what_if']['outcome'] == 'fallen' and agreed['what_if']['pass']['counts'][0]['for'] == 3, agreed
    assert 'regnet som for' in run('tally', '02/22', '--vote', 'by-1=mot', as_json=False)

    being = run('tally', '03/22', '--what-if')
    assert being['as_is']['outcome'] == 'fallen' and being['votes']['seats'] == 1, being
    assert {tuple(w[0]['among']) for w in being['votes']['first']} == {('bygd-1', 'lege-1'), ('by-2',)}, being['votes']
    run('tally', '09/22', code=1)

    new = ROOT / 'new.yaml'
    new.write_text(CHARTER.replace('for > 1/2 of cast', 'for >= 1/2 of present').replace('rehearsal: true', ''))
    answer = run('charter', 'diff', new)
    assert answer['bodies'][0]['pass']['verdict'] == 'differs' and answer['bodies'][0]['quorum']['verdict'] == 'same', answer
    assert [s['field'] for s in answer['structure']] == ['øvelse'], answer['structure']
    other = run('tally', '03/22', '--rules-of', new)
    assert other['as_is']['outcome'] == 'fallen' and other['what_if']['pass']['comparisons'][0]['needed'] == 2, other
    assert run('rules', 'explain')['bodies'][0]['body'] == 'raad'
    assert run('node', 'status')['size'] == size, 'something was entered in the log'


def main():
    (ROOT / 'charter.yaml').write_text(CHARTER)
    (ROOT / 'script.yaml').write_text(SCRIPT)
    pids = []
    try:
        got = subprocess.run([SAMBAND, 'rehearse', ROOT / 'script.yaml', '--dir', ROOT / 'fed', '--keep'], capture_output=True, text=True,
                             timeout=100, env=ENVIRONMENT)
        running = ROOT / 'fed/running'
        pids = [int(line.split()[1]) for line in running.read_text().splitlines()] if running.exists() else []
        assert got.returncode == 0, got
        tell()
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        shutil.rmtree(ROOT, ignore_errors=True)


main()
