#!/usr/bin/env python3
"""samband rules, as others use it: pipes, exit codes, and what it says of the real charter.

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
    wrong('$.seats[0].partner', 'null', lambda d: d['seats'][0].update(partner=3))
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


def explain():
    charter = os.path.join(ROOT, 'deploy/federations/troms-og-ofoten.yaml')
    text = run('rules', 'explain', charter).stdout
    for words in ['UNN 6, kommunene 13', 'kommunene: 12 av 24 plasser', 'én plass er nok', 'UNN: 4 av 6 plasser',
                  'UNN 3, kommunene 3, fastlegene 1, brukerne 1', '10→5', 'lest som alle fire gruppene']:
        assert words in text, words
    english = run('--lang', 'en', 'rules', 'explain', charter).stdout
    assert 'one seat is enough' in english and 'What the bylaws leave open' in english
    bodies = {b['body']: b for b in json.loads(run('--json', 'rules', 'explain', charter).stdout)['bodies']}
    assert len(bodies) == 2
    for body in bodies.values():
        rule = body['pass']
        for block in rule['block_alone']:
            assert block['whole'] and (block['least'] == 1) == block['single'], block
        assert int(rule['blocking']['kinds']) == len(rule['blocking']['first']) > 0
    run('--home', tempfile.gettempdir() + '/nowhere', 'rules', 'explain', code=1)


files()
errors()
lines()
explain()
