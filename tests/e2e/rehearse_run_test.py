#!/usr/bin/env python3
"""samband rehearse as a person runs it: the example of REHEARSE.md, scripts that go wrong and what is
said of them, a federation that is kept and joined, and that no process is left behind.

    rehearse_run_test.py PATH-OF-SAMBAND [PATH-OF-A-NODE-WITH-A-CHANGED-RULE]
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SAMBAND = sys.argv.pop(1) if len(sys.argv) > 1 else 'samband'
CHANGED_NODE = sys.argv.pop(1) if len(sys.argv) > 1 else ''
DOCUMENT = 'nodes/cli/REHEARSE.md'


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def blocks():
    """The document's example script and its charter."""
    text = read(DOCUMENT)
    found = re.findall(r'```yaml\n(.*?)```', text, re.S)
    script = next(b for b in found if b.startswith('rehearsal:'))
    charter = next(b for b in found if b.startswith('charter:'))
    return script, charter


def processes(directory):
    """Ids of running processes whose command line names a path in the directory."""
    ids = []
    for entry in os.listdir('/proc'):
        if not entry.isdigit():
            continue
        try:
            with open(f'/proc/{entry}/cmdline', 'rb') as f:
                words = f.read().split(b'\0')
        except OSError:
            continue
        if words[0].rsplit(b'/', 1)[-1] in (b'samband-node', b'samband-broker') and any(
                w.startswith(directory.encode()) for w in words[1:]):
            ids.append(int(entry))
    return ids


class Rehearse(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='sb-reh-', dir='/tmp')
        self.script, self.charter = blocks()
        self.write('vedtekter.yaml', self.charter)

    def tearDown(self):
        for pid in processes(self.dir):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as f:
            f.write(text)
        return self.path(name)

    def run_it(self, *words):
        return subprocess.run([SAMBAND, 'rehearse', *words], capture_output=True, text=True,
                              timeout=200)

    def short(self, steps, start='2022-02-01 09:00'):
        """A script with an appointed council and these steps (YAML lines)."""
        head = (f'rehearsal:\n  title: Prøve\n  charter: vedtekter.yaml\n  start: {start}\nsteps:\n')
        return self.write('kort.yaml', head + ''.join(f'  - {s}\n' for s in steps))

    # ---- it works ----

    def test_the_documents_example(self):
        script = self.write('prove.yaml', self.script)
        ran = self.run_it(script, '--dir', self.path('d'), '--summary', self.path('summary.json'),
                          '--minutes', self.path('minutes'), '--certificates', self.path('certs'))
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        summary = json.loads(read(self.path('summary.json')))
        self.assertEqual([n['id'] for n in summary['nodes']], ['by', 'bygd', 'legelaget'])
        for key in ('size', 'root', 'digest'):
            self.assertEqual(len({n[key] for n in summary['nodes']}), 1)
        self.assertTrue(all(n['final'] for n in summary['nodes']))
        self.assertEqual(summary['cases'], [{'number': '01/22', 'body': 'raad',
                                             'title': 'Felles budsjett', 'outcome': 'adopted',
                                             'mode': 'consensus'}])
        self.assertEqual(sorted(os.listdir(self.path('minutes'))),
                         ['referat-raad-2022-03-10-sendt.md', 'referat-raad-2022-03-10.html',
                          'referat-raad-2022-03-10.md'])
        self.assertEqual(sorted(os.listdir(self.path('certs'))),
                         ['raad-01-22.json', 'raad-01-22.txt'])
        lines = [l for l in ran.stdout.splitlines() if not l.startswith('Øvelsen')]
        self.assertTrue(lines and all(l.startswith('[øvelse] ') for l in lines), ran.stdout)
        for held in ('budsjett: 01/22', 'mars: beslutningsdyktig, til stede: kommune 3/4, lege 1/1',
                     'mars uten lege-1: ikke beslutningsdyktig',
                     'budsjett: vedtatt, konsensus, endrede punkter: 2, for–mot: kommune 2–1, lege 1–0',
                     'mars: referatet er godkjent, godkjent dato 15.03.2022'):
            self.assertIn(f'Som ventet: {held}\n', ran.stdout)
        self.assertIn('Sak 01/22: vedtatt (avstemming etter innvending)\n', ran.stdout)
        self.assertEqual(processes(self.dir), [])

    def test_json_and_english(self):
        ran = self.run_it(self.short(['appoint: {body: raad}']), '--dir', self.path('d'), '--json',
                          '--lang', 'en')
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(len(json.loads(ran.stdout)['nodes']), 3)
        self.assertIn('[rehearsal] 2022-02-01 09:00', ran.stderr)
        self.assertNotIn('samband:', ran.stderr)  # nothing went wrong

    def test_a_vote_changed_in_the_script_changes_the_summary(self):
        changed = self.script.replace('for: [by-1, bygd-1, lege-1], against: [by-2]',
                                      'for: [by-1], against: [by-2, bygd-1, lege-1]')
        self.assertNotEqual(changed, self.script)
        changed = re.sub(r'  - expect: \{case: budsjett, outcome.*\n', '', changed)
        ran = self.run_it(self.write('prove.yaml', changed), '--dir', self.path('d'), '--summary',
                          self.path('s.json'))
        self.assertEqual(ran.returncode, 0, ran.stderr)
        summary = json.loads(read(self.path('s.json')))
        self.assertEqual(summary['cases'][0]['outcome'], 'fallen')

    def test_keep_and_join(self):
        first = self.short(['appoint: {body: raad}',
                            'report: {case: en, body: raad, kind: information, title: En}'])
        ran = self.run_it(first, '--dir', self.path('d'), '--keep')
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(len(processes(self.dir)), 4)
        # the names of the first script are known, and its processes can be killed by name
        second = self.short(['withdraw: en', 'kill: bygd', 'expect: {dead: [bygd]}', 'start: bygd',
                             'report: {case: to, body: raad, kind: information, title: To}'],
                            start='2022-02-02 09:00')
        ran = self.run_it(second, '--join', self.path('d'), '--summary', self.path('s.json'))
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertEqual(len(processes(self.dir)), 4)
        cases = json.loads(read(self.path('s.json')))['cases']
        self.assertEqual([c['title'] for c in cases], ['En', 'To'])
        again = self.run_it(second, '--join', self.path('d'))
        self.assertEqual(again.returncode, 1)
        self.assertIn('«to» er brukt før', again.stderr)

    def test_a_failed_rehearsal_is_kept_with_its_names(self):
        first = self.short(['appoint: {body: raad}',
                            'report: {case: en, body: raad, kind: information, title: En}',
                            'expect: {case: en, status: withdrawn}'])
        ran = self.run_it(first, '--dir', self.path('d'), '--keep')
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertEqual(len(processes(self.dir)), 4)
        self.assertIn(f'Prosessene går videre. Spill videre med --join {self.path("d")}', ran.stderr)
        self.assertIn(f'{self.path("d")}/running', ran.stderr)
        second = self.short(['withdraw: en', 'expect: {case: en, status: withdrawn}'],
                            start='2022-02-02 09:00')
        ran = self.run_it(second, '--join', self.path('d'))
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn('Som ventet: en: trukket\n', ran.stdout)

    # ---- a node that reads a rule differently (tests/e2e/changed_rule.c) ----

    def changed(self, *after_close, policy='1/2'):
        """Exactly half of the municipalities are there, which the changed node finds too few. Two of
        three organisations are enough to confirm."""
        self.write('vedtekter.yaml', self.charter.replace('more-than: 2/3',
                                                             f'more-than: {policy}'))
        script = self.short([
            'appoint: {body: raad}',
            'report: {case: en, body: raad, kind: decision, title: En, clauses: [Ja.]}',
            'call: {meeting: m, body: raad, date: 2022-02-01, start: "12:00", form: video, agenda: [en]}',
            'papers: m', 'open-meeting: m', 'arrive: [by-1, by-2, lege-1]',
            'chair: {seat: by-1, basis: chosen}', 'open: {case: en, mode: vote}',
            'vote: {case: en, for: [by-1, by-2]}', 'close: en', *after_close])
        return self.run_it(script, '--dir', self.path('d'), '--program',
                           f'legelaget={CHANGED_NODE}', '--summary', self.path('s.json'))

    @unittest.skipUnless(CHANGED_NODE, 'no such node was built')
    def test_a_changed_node_stops_and_the_others_go_on(self):
        ran = self.changed('expect: {node: legelaget, state: diverged}',
                           'expect: {case: en, outcome: adopted}', 'close-meeting: m')
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertRegex(ran.stdout, r'Noden har stanset: legelaget: .*oppføring \d+')
        nodes = {n['id']: n for n in json.loads(read(self.path('s.json')))['nodes']}
        self.assertTrue(nodes['by']['final'] and nodes['bygd']['final'])
        self.assertFalse(nodes['legelaget']['final'])
        self.assertLess(nodes['legelaget']['size'], nodes['by']['size'])

    @unittest.skipUnless(CHANGED_NODE, 'no such node was built')
    def test_a_changed_node_that_nobody_expects(self):
        ran = self.changed('close-meeting: m')
        self.assertEqual(ran.returncode, 3, ran.stdout + ran.stderr)
        self.assertIn('noden til legelaget har stanset', ran.stderr)

    @unittest.skipUnless(CHANGED_NODE, 'no such node was built')
    def test_without_enough_nodes_it_says_so_soon(self):
        began = time.monotonic()
        ran = self.changed(policy='2/3')
        self.assertEqual(ran.returncode, 4, ran.stdout + ran.stderr)
        self.assertIn('«open» kan ikke bli bekreftet nå', ran.stderr)  # quorum is counted there
        self.assertLess(time.monotonic() - began, 25)

    # ---- it goes wrong ----

    def fails(self, steps, words, code=1, where='linje 6'):
        ran = self.last = self.run_it(self.short(steps), '--dir', self.path('d'))
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        self.assertIn(words, ran.stderr)
        self.assertIn(f'kort.yaml, {where}', ran.stderr)
        self.assertEqual(processes(self.dir), [])

    def test_misspelt_before_anything_starts(self):
        self.fails(['apoint: {body: raad}'], 'mente du «appoint»?')
        self.assertFalse(os.path.exists(self.path('d')))

    def test_an_expectation_that_fails(self):
        self.fails(['appoint: {body: raad}',
                    'report: {case: en, body: raad, kind: information, title: En}',
                    'expect: {case: en, status: treated}'],
                   'ventet en: status treated, fikk reported (by)', where='linje 8')

    def test_a_refusal_that_does_not_come(self):
        self.fails(['appoint: {body: raad}',
                    'refused: {because: not-allowed, report: {case: en, body: raad, kind: '
                    'information, title: En}}'],
                   'skulle vært avvist (not-allowed), men ble godtatt', where='linje 7')

    def test_another_refusal_than_the_one_written(self):
        self.fails(['appoint: {body: raad}',
                    'refused: {because: no-chair, appoint: {seat: by-1, by: bygd}}'],
                   'ventet avvisning fordi no-chair, men fikk: oppnevninger til «by-1»',
                   where='linje 7')

    def test_a_step_that_is_refused(self):
        self.fails(['appoint: {body: raad}', 'appoint: {seat: by-1, by: bygd}'],
                   '«appoint» gikk ikke: oppnevninger til «by-1» må signeres av', where='linje 7')

    def test_somebody_without_a_key(self):
        self.fails(['report: {case: en, body: raad, kind: information, title: En, by: by-1}'],
                   'by-1 er ikke oppnevnt med nøkkel ennå')

    def test_nothing_can_be_final(self):
        self.fails(['kill: broker', 'appoint: {body: raad}'], 'kan ikke bli bekreftet nå', code=4,
                   where='linje 7')

    def test_the_signers_node_is_gone(self):
        self.write('vedtekter.yaml', self.charter.replace('more-than: 2/3', 'more-than: 1/2'))
        self.fails(['kill: by', 'report: {case: en, body: raad, kind: information, title: En}'],
                   '«report» gikk ikke: ingen svarer på', code=4, where='linje 7')
        self.assertIn('Loggene fra prosessene ligger i', self.last.stderr)
        self.assertNotIn('Prosessene går videre', self.last.stderr)  # not without --keep

    def test_nobody_is_there_to_ask(self):
        self.fails(['report: {case: en, body: raad, kind: information, title: En}', 'kill: nodes',
                    'expect: {case: en, status: reported}'], '«expect» gikk ikke: ingen node går',
                   code=4, where='linje 8')

    def test_what_was_sent_offline_comes_later(self):
        ran = self.run_it(self.short(['appoint: {body: raad}', 'kill: broker', 'offline: true\n'
                                      '    report: {case: en, body: raad, kind: information, title: '
                                      'En}', 'kill: all', 'start: all',
                                      'expect: {case: en, status: reported}']),
                          '--dir', self.path('d'))
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn('Lagt i utboksen', ran.stdout)

    def test_a_proposal_may_wait_in_the_outbox_behind_its_case(self):
        ran = self.run_it(self.short([
            'appoint: {body: raad}', 'kill: broker',
            'offline: true\n    report: {case: en, body: raad, kind: decision, title: En, '
            'clauses: [Ja., Og mer.]}',
            'start: broker',
            'call: {meeting: m, body: raad, date: 2022-02-01, start: 12:00, form: video, agenda: [en]}',
            'papers: m', 'open-meeting: m', 'arrive: {body: raad}',
            'chair: {seat: by-1, basis: chosen}', 'open: {case: en, mode: consensus}', 'close: en',
            'expect: {case: en, outcome: adopted, clauses: 2}']), '--dir', self.path('d'))
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_a_directory_that_is_in_use(self):
        os.mkdir(self.path('d'))
        self.write('d/noe', '')
        ran = self.run_it(self.short(['say: hei']), '--dir', self.path('d'))
        self.assertEqual(ran.returncode, 1)
        self.assertIn('er ikke tom', ran.stderr)
        ran = self.run_it(self.short(['say: hei']), '--join', self.path('d'))
        self.assertEqual(ran.returncode, 1)
        self.assertIn('ingen øvelse å spille videre i', ran.stderr)
        ran = self.run_it(self.short(['say: hei']), '--dir', self.path('d' * 120))
        self.assertEqual(ran.returncode, 1)
        self.assertIn('for lang for en socket', ran.stderr)

    def test_check_starts_nothing(self):
        ran = self.run_it(self.short(['appoint: {body: raad}']), '--check')
        self.assertEqual(ran.returncode, 0, ran.stderr)
        ran = self.run_it(self.short(['appoint: {seat: by-1, role: deputy}']), '--check')
        self.assertEqual(ran.returncode, 1)
        self.assertIn('kort.yaml, linje 6: «by-1» har ingen personlig vara', ran.stderr)
        for wrong in ('oslo=/bin/true', 'by', 'by-/bin/true'):
            ran = self.run_it(self.short(['say: hei']), '--check', '--program', wrong)
            self.assertEqual(ran.returncode, 2, wrong)
            self.assertIn('organisasjonene er: by, bygd, legelaget', ran.stderr)
        ran = self.run_it(self.short(['refused: {because: present, close: en}']), '--check')
        self.assertRegex(ran.stderr, 'linje 6: «present» .*de som ligner mest, er .*not-present')
        os.remove(self.path('vedtekter.yaml'))
        ran = self.run_it(self.short(['say: hei']), '--check')
        self.assertEqual(ran.returncode, 1)
        self.assertRegex(ran.stderr, r'kort\.yaml, linje 3: fant ikke vedtektene \S*vedtekter\.yaml;')
        ran = self.run_it(self.path('finnes-ikke.yaml'))
        self.assertEqual(ran.returncode, 1)
        ran = self.run_it()
        self.assertEqual(ran.returncode, 2)

    def test_no_process_survives_a_killed_rehearsal(self):
        script = self.short(['wait: 60000'])
        child = subprocess.Popen([SAMBAND, 'rehearse', script, '--dir', self.path('d')],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if len(processes(self.dir)) == 4 and os.path.exists(self.path('d', 'people')):
                break
            time.sleep(0.05)
        self.assertEqual(len(processes(self.dir)), 4)
        child.kill()
        child.wait()
        for _ in range(200):
            if not processes(self.dir):
                return
            time.sleep(0.05)
        self.fail('processes were left behind')


if __name__ == '__main__':
    unittest.main(verbosity=2)
