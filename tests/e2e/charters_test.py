#!/usr/bin/env python3
"""charters_test.py SAMBAND SAMBAND-AUDIT

Every charter in deploy/federations/ is checked and explained in both languages. The two that are not
Troms og Ofoten's play their meeting, and an auditor works it out anew from the bundle."""
import json
import pathlib
import subprocess
import sys
import tempfile

samband, audit = sys.argv[1:3]
folder = pathlib.Path('deploy/federations')
WARNINGS = {  # what the checker warns of; notes (a tie) aside
    'troms-og-ofoten': {'SB_E_CHARTER_NO_QUORUM', 'SB_E_RULE_SILENCE_PASSES'},
    'finnmark': set(),
    'made-up-english': set(),
}
SAID = {  # in the words of each language; the charter's own words in both
    'troms-og-ofoten': (['velger leder og nestleder', 'minst 8 møter i året', 'medlemmene oppnevnes for 4 år',
                         'ekstraordinære møter innkalles av leder'],
                        ['elects leder and nestleder', 'at least 8 meetings a year']),
    'finnmark': (['velger leder og nestleder', 'Finnmarkssykehuset 3 av 5, kommunene 3 av 5',
                  'et eneste forslag er valgt når ingen har innvendinger'],
                 ['a single proposal is elected when nobody objects']),
    'made-up-english': (['velger the convenor og the vice-convenor', 'hos minst 2 partnere', 'uten partner 1'],
                        ['elects the convenor and the vice-convenor', 'at most 3 rounds', 'for 18 months',
                         'every party must sign before it is in force', 'of no partner 1',
                         'half of the seats vote against it in the Shore Board']),
}


def run(*words, code=0):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f'{" ".join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}')
    return done.stdout


def check(name):
    path = str(folder / f'{name}.yaml')
    answer = json.loads(run(samband, '--json', 'charter', 'check', path))
    warned = {f['code'] for f in answer['findings'] if f['level'] != 'note'}
    assert warned == WARNINGS[name], warned
    bodies = json.loads(run(samband, '--json', 'rules', 'explain', path))['bodies']
    assert len(bodies) == answer['bodies'] and all(b['pass'] for b in bodies), name
    for lang, wanted in zip(('nb', 'en'), SAID[name]):
        text = run(samband, '--lang', lang, 'charter', 'check', path) + \
            run(samband, '--lang', lang, 'rules', 'explain', path)
        for words in wanted:
            if words not in text:
                sys.exit(f'{name}, {lang}: "{words}" is not said\n{text}')


def play(name, lang, wanted):
    with tempfile.TemporaryDirectory(prefix='samband-ch-') as temporary:
        bundle = f'{temporary}/bundle'
        text = run(samband, '--lang', lang, 'rehearse', f'tests/e2e/{name}.yaml', '--dir', f'{temporary}/d',
                   '--bundle', bundle, '--summary', f'{temporary}/summary.json')
        for words in wanted:
            assert words in text, (words, text)
        verdict = run(audit, bundle, '--compare', f'{temporary}/summary.json', '--lang', lang)
        assert ('GODKJENT' if lang == 'nb' else 'ACCEPTED') in verdict, verdict


names = sorted(p.stem for p in folder.glob('*.yaml'))
assert names == sorted(SAID), names
for one in names:
    check(one)
play('finnmark', 'nb', ['ikke konsensus', 'Som ventet: leader: k-alta'])
play('made-up-english', 'en', ['of no partner 1/1', 'not adopted', 'As expected: leader: rc-fell-1'])
print('ok')
