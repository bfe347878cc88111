#!/usr/bin/env python3
"""samband rules, charter diff and tally without a node, as others use them: pipes, exit codes, and what they say of the
real charter.

    cli_rules_test.py SAMBAND ROOT"""
import json
import os
import subprocess
import sys
import tempfile

SAMBAND, ROOT = sys.argv[1:]
INPUT = {'seats': [{'id': 'a', 'partner': 'unn', 'filled': True}, {'id': 'b', 'partner': 'k'},
                   {'id': 'c', 'partner': None, 'filled': False}],
         'attendance': {'a': 'primary', 'b': 'deputy', 'c': 'primary'}, 'ballots': {'a': 'for', 'c': 'for'}}
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith('SAMBAND')}


def run(*words, stdin='', code=0):
    got = subprocess.run([SAMBAND, *words], input=stdin, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert got.returncode == code, (words, got)
    return got


def evaluate(rule, given, code=0):
    """The answer of a file, the same by a pipe."""
    with tempfile.NamedTemporaryFile('w', suffix='.json') as f:
        f.write(json.dumps(given, indent=1))
        f.flush()
        by_file = run('rules', 'eval', '--rule', rule, '--input', f.name, code=code)
        as_json = run('--json', 'regler', 'prøv', '--rule', rule, '--input', f.name, code=code)
    by_pipe = run('rules', 'eval', '--rule', rule, '--input', '-', stdin=json.dumps(given), code=code)
    if code == 0:
        assert by_file.stdout == by_pipe.stdout == as_json.stdout and by_file.stdout.count('\n') == 1
        return json.loads(by_file.stdout)
    answer = json.loads(by_pipe.stdout)
    assert sorted(answer) == ['error', 'message'] and by_file.stdout == '', (by_file, answer)
    assert answer['error'] == json.loads(as_json.stdout)['error']
    assert answer['message'] in by_pipe.stderr
    return by_file.stderr


def wrong(path, expected, change):
    given = json.loads(json.dumps(INPUT))
    change(given)
    said = evaluate('for >= 1', given, code=1)
    assert ': %s: ' % path in said and expected in said, (path, expected, said)


def files():
    got = evaluate('each partner in (unn, k): for >= 1/2 of cast', INPUT)
    assert got['outcome'] == 'pass' and got['ballots_not_counted'] == [{'seat': 'c', 'reason': 'vacant'}], got
    assert [(c['partner'], c['have'], c['of'], c['needed']) for c in got['comparisons']] == [('unn', 1, 1, 1), ('k', 0, 0, 0)]
    got = evaluate('vedtak for > 1/2 av avgitt og representert = 2', INPUT)
    assert got['rule'] == 'pass for > 1/2 of cast and present = 2' and got['outcome'] == 'pass', got
    assert evaluate('for >= 0', {'seats': [{'id': 'a'}], 'attendance': {'a': 'primary'}, 'objections': ['a']})['outcome'] == 'fail'
    assert evaluate('for >= 0', {'seats': [{'id': 'a'}], 'objections': ['a']})['outcome'] == 'pass'


def errors():
    wrong('$.seats', '[{', lambda d: d.update(seats={}))
    wrong('$.seats', '[{', lambda d: d.pop('seats'))
    wrong('$.seats[1]', '{"id"', lambda d: d['seats'].insert(1, 'a'))
    wrong('$.seats[0].id', '"…"', lambda d: d['seats'][0].update(id=''))
    wrong('$.seats[0].id', '"…"', lambda d: d['seats'][0].pop('id'))
    wrong('$.seats[2].id', '«a»', lambda d: d['seats'][2].update(id='a'))
    for partner in (3, '', 'U', 'å', 'a b', 'x' * 65):
        wrong('$.seats[0].partner', 'a-z 0-9 -', lambda d, p=partner: d['seats'][0].update(partner=p))
    wrong('$.seats[0].filled', 'true | false', lambda d: d['seats'][0].update(filled='true'))
    wrong('$.seats[0].voting', 'id | partner', lambda d: d['seats'][0].update(voting=True))
    wrong('$.votes', 'seats | attendance', lambda d: d.update(votes={}))
    wrong('$.attendance.x', '«x»', lambda d: d['attendance'].update(x='primary'))
    wrong('$.attendance.a', '"primary" |', lambda d: d['attendance'].update(a='present'))
    wrong('$.ballots.a', '"for" |', lambda d: d['ballots'].update(a=1))
    wrong('$.ballots', '{', lambda d: d.update(ballots=[]))
    wrong('$.objections', '[', lambda d: d.update(objections={}))
    wrong('$.objections[0]', '"…"', lambda d: d.update(objections=[1]))
    wrong('$.objections[0]', '«x»', lambda d: d.update(objections=['x']))
    wrong('$.objections[1]', '«a»', lambda d: d.update(objections=['a', 'a']))
    wrong('$.discussed', 'true | false', lambda d: d.update(discussed='yes'))
    assert '$: ' in evaluate('for >= 1', [], code=1)
    said = run('--lang', 'en', 'rules', 'eval', '--rule', 'for >=\n one', '--input', '/nowhere', code=2).stderr
    assert 'line 2, column 2' in said and 'whole number' in said, said
    run('rules', 'eval', '--rule', 'for >= 1', '--input', '/nowhere', code=1)
    run('rules', 'eval', '--rule', 'for >= 1', code=2)
    for rule, limit in (('for >= 1' + ' ' * 2000, '2000 byte'), ('for>0 and for>0 or ' * 90 + 'for>0', '256 sammenligninger'),
                        ('each partner in (%s): for > 0' % ','.join(['a'] * 257), 'partnere er nevnt')):
        said = run('rules', 'eval', '--rule', rule, '--input', '/nowhere', code=2).stderr
        assert limit in said, said


def grammar():
    """What the grammar leaves to the writer."""
    for text, canonical in (('for >= 1', 'pass for >= 1'), ('at least 2 partners: for >= 1', 'pass at least 2 partners: for >= 1'),
                            ('for>=1 after discussion in an earlier meeting', 'pass for >= 1, after discussion in an earlier meeting'),
                            ('for>=1, etter drøfting i et tidligere møte ellers ikke_konsensus',
                             'pass for >= 1, after discussion in an earlier meeting else no_consensus'),
                            ('for >= 1 else fallen', 'pass for >= 1 else fallen'), ('(((for>=1)))', 'pass for >= 1')):
        assert evaluate(text, INPUT)['rule'] == canonical, text


def lines():
    """Each line is answered before the next is sent; a bad one too; blank ones are passed over."""
    child = subprocess.Popen([SAMBAND, 'rules', 'eval', '--rule', 'for >= 1', '--input', '-'], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)

    def ask(text):
        child.stdin.write(text + '\n')
        child.stdin.flush()
        return json.loads(child.stdout.readline())
    assert ask(json.dumps(INPUT))['outcome'] == 'pass'
    assert ask('{"seats": [')['error'] == 'SB_E_DOC_JSON'
    assert ask('\n{"seats": []}')['outcome'] == 'fail'
    out, err = child.communicate(timeout=60)
    assert out == '' and child.returncode == 1 and '-:2' in err, (out, err, child.returncode)


CHARTER = os.path.join(ROOT, 'deploy/federations/troms-og-ofoten.yaml')
QUESTION = os.path.join(ROOT, 'deploy/examples/question-004.json')
PARTNERS = ['unn', 'kommune', 'fastlege', 'bruker']


def explain():
    text = run('rules', 'explain', CHARTER).stdout
    for words in ['UNN 6, kommunene 13', 'kommunene: 12 av 24 plasser', 'én plass er nok', 'UNN: 4 av 6 plasser',
                  'UNN 3, kommunene 3, fastlegene 1, brukerne 1', 'UNN – 10–9: 5, 8–7: 4', 'lest som alle fire gruppene',
                  'resten avstår, må minst så mange stemme for: 2 (UNN 1, kommunene 1)',
                  'Endring av vedtektene – vedtas i Strategisk samarbeidsutvalg', '11 av 16, uansett hvem',
                  'alene eller sammen: 6 av 16, uansett hvem', 'fastlegene: kan ikke, heller ikke alle samlet', '  Valg (§ 6)']:
        assert words in text, words
    english = run('--lang', 'en', 'rules', 'explain', CHARTER).stdout
    assert 'one seat is enough' in english and 'What the bylaws leave open' in english and 'the municipalities' in english
    answer = json.loads(run('--json', 'rules', 'explain', CHARTER).stdout)
    bodies = {b['body']: b for b in answer['bodies']}
    assert len(bodies) == 2
    for body in bodies.values():
        rule = body['pass']
        for block in rule['block_alone']:
            assert block['whole'] and (block['least'] == 1) == block['single'], block
        assert int(rule['blocking']['kinds']) == len(rule['blocking']['first']) > 0
    assert bodies['ssu']['pass']['least_for'] == 1 and bodies['pm']['pass']['least_for'] == 2
    change = answer['amendment']
    assert change['body'] == 'ssu' and change['pass']['least_for'] == 11, change
    assert {b['partner']: b['least'] for b in change['pass']['block_alone']} == {'unn': 6, 'kommune': 6, 'fastlege': None, 'bruker': None}
    run('--home', tempfile.gettempdir() + '/nowhere', 'rules', 'explain', code=1)


# ---- the same votes under several rules ----

def compare():
    def outcomes(name):
        words = ['--json', 'regler', 'sammenlign', '--input', os.path.join(ROOT, 'deploy/examples', name)]
        for n in (2, 3, 4):
            words += ['--name', '%d partnere' % n, '--rule', 'each partner in (%s): for > 1/2 of cast' % ', '.join(PARTNERS[:n])]
        columns = json.loads(run(*words).stdout)['columns']
        text = run(*words[1:]).stdout
        assert '4 partnere' in text and 'fastlege: for' in text, text
        assert [c['name'] for c in columns] == ['2 partnere', '3 partnere', '4 partnere']
        assert all(c['pass']['outcome'] == ('pass' if c['outcome'] == 'adopted' else 'fail') for c in columns)
        return [c['outcome'] for c in columns]
    assert outcomes('question-004.json') == ['adopted', 'fallen', 'fallen']
    assert outcomes('question-004-users.json') == ['adopted', 'adopted', 'fallen']
    text = run('rules', 'compare', '--input', QUESTION, '--rules-of', CHARTER, '--body', 'SSU', '--rule', 'quorum present > 15').stdout
    assert 'ikke konsensus' in text and 'fastlegene: til stede' in text and '16 (minst 16) ja' in text, text
    run('rules', 'compare', '--input', QUESTION, code=2)
    run('rules', 'compare', '--input', QUESTION, '--rules-of', CHARTER, code=2)
    said = run('rules', 'compare', '--input', QUESTION, '--rules-of', CHARTER, '--body', 'nei', code=1).stderr
    assert '«nei»' in said and 'pm, ssu' in said, said
    text = run('rules', 'compare', '--lang', 'en', '--input', QUESTION, '--rule', 'at least 2 partners: present >= 2',
               '--rule', 'for >= 1').stdout
    assert 'number of partners where it holds' in text and '(at least 2) yes' in text, text
    run('rules', 'compare', '--input', QUESTION, *['--rule', 'for >= 1'] * 9, code=2)


# ---- two charters ----

def changed(*changes):
    """The charter with texts replaced, as a file."""
    text = open(CHARTER).read()
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    f = tempfile.NamedTemporaryFile('w', suffix='.yaml')
    f.write(text)
    f.flush()
    return f


def diff(*changes):
    with changed(*changes) as f:
        return json.loads(run('--json', 'charter', 'diff', CHARTER, f.name).stdout), run('vedtekter', 'sammenlign', CHARTER, f.name).stdout


QUORUM = '"each partner in (unn, kommune, fastlege, bruker): present >= 1/2 of seats"'
MAJORITY = '"each partner in (unn, kommune): for > 1/2 of cast"'
CONSENSUS = '"against = 0 and for >= 1 else no_consensus"'


def charters():
    answer, text = diff()
    assert answer['same_meaning'] and answer['identical'] and 'Vedtektene er like.' in text

    answer, text = diff((CONSENSUS, '"for >= 1 and against < 1 else no_consensus"'), ('Driftsleder, UNN Harstad', 'Leder, UNN Harstad'))
    assert answer['same_meaning'] and not answer['identical'] and answer['structure'] == [], answer
    assert answer['bodies'][1]['pass']['verdict'] == 'reworded' and len(answer['wording']) == 1
    assert 'bare ordlyden er endret; betydningen er den samme' in text and 'Vedtektene betyr det samme' in text

    answer, text = diff(('møtene er i prinsippet åpne, cite: § 6 SSU', 'møtene er åpne, cite: § 6 SSU'))
    assert not answer['same_meaning'] and [s['new'] for s in answer['structure']] == ['«møtene er åpne»'], answer

    answer, text = diff((QUORUM, '"each partner in (unn, kommune): present >= 1/2 of seats and present >= 1/2 of seats"'),
                        (CONSENSUS, '"for >= 1 and against = 0"'), ('for >= 2/3 of present, after discussion in an earlier meeting', 'for >= 3/4 of present'),
                        ('least: 4, unit: working-day', 'least: 5, unit: working-day'))
    ssu = answer['bodies'][1]
    assert ssu['quorum']['verdict'] == 'differs' and ssu['quorum']['example']['new'] is True, ssu['quorum']
    assert ('Med 3 av 6 fra UNN, 3 av 6 fra kommunene, 2 av 2 fra fastlegene og ingen fra brukerne til stede er møtet beslutningsdyktig '
            'etter de nye vedtektene, men ikke etter de gamle.') in text, text
    assert ssu['pass']['failure_differs'] and 'heter det nå «ikke vedtatt»' in text
    change = answer['amendment']
    assert change['verdict'] == 'differs' and change['discussion_differs'], change
    assert sum(g['old']['present'] for g in change['example']['groups']) == 9, change['example']
    assert [s['old'] for s in answer['structure']] == ['4'] and not answer['same_meaning']
    assert 'SSU, frist «stille godkjenning av referat»: minst: 4 → 5' in text

    # one seat less: the same text, another outcome
    answer, text = diff(('      - {id: bruker-2, title: "Brukerrepresentant, Ungdomsrådet UNN", partner: bruker, voting: true, appointer: ungdomsradet, deputy: true, requirement: ungdom}\n', ''))
    quorum = answer['bodies'][1]['quorum']
    assert quorum['old'] == quorum['new'] and quorum['verdict'] == 'differs', quorum
    assert 'den slår annerledes ut fordi plassene er endret' in text and 'Regler med ny betydning: 0.' in text and 'medlemsplass bruker-2' in text

    answer, _ = diff((MAJORITY, '"each partner in (unn, kommune): (for > 1/2 of cast or for >= 1/1 of cast)"'))
    assert answer['bodies'][0]['pass']['verdict'] == 'differs'  # one partner silent, the other voting
    answer, _ = diff((CONSENSUS, '"against = 0 and for >= 1 and present >= 8 else no_consensus"'))
    assert answer['bodies'][1]['pass']['verdict'] == 'differs_without_quorum'
    run('charter', 'diff', CHARTER, '/nowhere', code=1)
    run('--home', '/nowhere', 'charter', 'diff', CHARTER, code=2)


# ---- what if ----

def what_if():
    quorum, two = 'quorum each partner: present >= 1/2 of seats', 'each partner in (unn, kommune): for > 1/2 of cast'
    base = ['tally', '--what-if', '--input', QUESTION, '--rule', quorum, '--rule', two]
    answer = json.loads(run('--json', *base).stdout)
    assert answer['as_is']['outcome'] == 'adopted' and answer['what_if'] is None and answer['arrivals'] is None
    assert answer['votes']['seats'] == 1 and answer['votes']['first'][0][0]['among'] == ['kommune-%d' % i for i in (1, 2, 3, 4)]
    assert answer['departures']['seats'] == 2 and [w[0]['partner'] for w in answer['departures']['first']] == ['fastlege', 'bruker']

    answer = json.loads(run('--json', *base, '--attend', 'bruker-1=borte', '--attend', 'bruker-2=inhabil', '--vote', 'unn-1=mot').stdout)
    assert answer['as_is']['outcome'] == 'adopted' and answer['what_if']['outcome'] == 'not_quorate'
    assert answer['arrivals']['seats'] == 1 and answer['arrivals']['first'][0][0]['among'] == ['bruker-1'] and answer['votes'] is None
    text = run(*base, '--vote', 'kommune-1=avstår', '--vote', 'kommune-2=mot').stdout
    assert 'hva om: kommune-1 avstår' in text and 'slik det er' in text and 'Utfallet blir «vedtatt» om én stemmer annerledes' in text, text

    text = run('opptelling', '--input', QUESTION, '--rules-of', CHARTER, '--body', 'ssu', '--rule', 'for >= 3/4 of present').stdout
    assert '11 (minst 12) nei' in text and 'ikke konsensus' in text and 'annerledes' not in text, text
    for words, code in ((['tally'], 2), (['tally', '04/22', '--input', QUESTION], 2), (['tally', '--input', QUESTION], 2),
                        (base + ['--vote', 'unn-9=for'], 2), (base + ['--vote', 'unn-1=kanskje'], 2), (base + ['--attend', 'unn-1'], 2)):
        run(*words, code=code)


files()
errors()
grammar()
lines()
explain()
compare()
charters()
what_if()
