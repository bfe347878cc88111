#!/usr/bin/env python3
"""samband deadline explain as a secretary uses it: the deadlines of the real bylaws.

    cli_deadline_test.py SAMBAND ROOT

The figures are those of the minutes and papers of 2021 and 2022; what is worked out beside them
comes from Python's datetime, not from our calendar."""
import datetime
import json
import os
import subprocess
import sys
import tempfile

SAMBAND, ROOT = sys.argv[1:]
CHARTER = os.path.join(ROOT, 'deploy/federations/troms-og-ofoten.yaml')
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith('SAMBAND')}
DAY = datetime.timedelta(days=1)


def run(*words, code=0):
    home = os.path.join(tempfile.gettempdir(), 'sb-no-such-home')
    got = subprocess.run([SAMBAND, '--home', home, *words], capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert got.returncode == code, (words, got)
    return got.stdout if code == 0 else got.stderr


def text(*words, body='SSU', charter=CHARTER):
    return run('frist', 'forklar', '--body', body, '--charter', charter, *words)


def answer(*words, body='ssu', charter=CHARTER):
    got = json.loads(run('--json', 'deadline', 'explain', '--body', body, '--charter', charter, *words))
    assert got['body'] == body.lower(), got
    return got, {d['kind']: d for d in got['deadlines']}


def says(out, *lines):
    """These lines, one after another, blanks aside."""
    have = [' '.join(line.split()) for line in out.split('\n')]
    at = 0
    for line in lines:
        assert line in have[at:], (line, out)
        at = have.index(line, at) + 1


def contains(out, *lines):
    """These lines and no other between them."""
    have = [' '.join(line.split()) for line in out.split('\n')]
    wanted = list(lines)
    assert any(have[i:i + len(wanted)] == wanted for i in range(len(have))), (wanted, out)


def the_real_meetings():
    out = text('--meeting', '2022-01-20')
    says(out, 'Strategisk samarbeidsutvalg (SSU), møtet torsdag 20. januar 2022',
         'Sak meldt: minst 3 uker før møtet (§ 6 SSU nr. 6; bemerkes)',
         'For møtet 20.01.2022 må sakene være meldt senest 30.12.2021.',
         'torsdag 30.12.2021 3 uker: siste dag',
         'Sakspapirer sendt ut: 10–14 dager før møtet (§ 6 SSU nr. 7; bemerkes)',
         'For møtet 20.01.2022 må sakspapirene være sendt ut tidligst 06.01.2022 og senest 10.01.2022.',
         'dag 8–10 on. 12.01, ti. 11.01, ma. 10.01: siste dag',
         'dag 11–14 sø. 09.01, lø. 08.01, fr. 07.01, to. 06.01: første dag',
         'For at referatet skal være godkjent innen 27.01.2022, må utkastet sendes senest 20.01.2022.',
         'Etter møtet 20.01.2022 må referatet være tilgjengelig senest 27.01.2022.',
         'Vedtektene er uklare; lagt til grunn: et ekstraordinært møte kalles inn av lederen',
         'Er møtet 20.01.2022 ekstraordinært, må det være varslet senest 13.01.2022.',
         'Varselet kommer da i stedet for fristene for saker og sakspapirer.',
         'Ingenting kan vedtas i en sak som ikke er både meldt og sendt ut (§ 6 SSU nr. 9).')
    contains(out, 'torsdag 20.01.2022 utkastet sendt, teller ikke', 'fredag 21.01.2022 arbeidsdag 1',
             'lørdag 22.01.2022 teller ikke', 'søndag 23.01.2022 teller ikke', 'mandag 24.01.2022 arbeidsdag 2',
             'tirsdag 25.01.2022 arbeidsdag 3', 'onsdag 26.01.2022 arbeidsdag 4: siste dag for å be om endring',
             'torsdag 27.01.2022 godkjent fra kl. 00.00',
             'Det er innen 27.01.2022, da referatet må være tilgjengelig.')
    out = text('--meeting', '02.12.2021')
    says(out, 'For møtet 02.12.2021 må sakene være meldt senest 11.11.2021.',
         'For møtet 02.12.2021 må sakspapirene være sendt ut tidligst 18.11.2021 og senest 22.11.2021.')
    out = text('--meeting', '2022-01-20', '--draft-sent', '2022-01-21')
    says(out, 'Utkast sendt 21.01.2022: godkjent fra fredag 28.01.2022 kl. 00.00 når ingen har bedt om endring. '
         'Siste dag for å be om det er 27.01.2022.',
         'Det er for sent til å være godkjent innen 27.01.2022, da referatet må være tilgjengelig; utkastet '
         'offentliggjøres i så fall merket «ikke godkjent».')


def moments():
    """27.01.2022 00.00 in Oslo is 23:00 UTC the day before; in summer 22:00."""
    _, got = answer('--meeting', '2022-01-20', '--draft-sent', '2022-01-20')
    draft = got['minutes_silence']['draft']
    assert (draft['approved'], draft['last_request'], draft['approved_when_due']) == ('2022-01-27', '2022-01-26', True), draft
    utc = datetime.timezone.utc
    assert draft['approved_ms'] == datetime.datetime(2022, 1, 26, 23, tzinfo=utc).timestamp() * 1000
    assert got['papers_sent']['meeting']['from_ms'] == datetime.datetime(2022, 1, 5, 23, tzinfo=utc).timestamp() * 1000
    assert got['papers_sent']['meeting']['until_ms'] == datetime.datetime(2022, 1, 10, 23, tzinfo=utc).timestamp() * 1000
    _, got = answer('--draft-sent', '2022-06-30')
    assert got['minutes_silence']['draft']['approved'] == '2022-07-07'
    assert got['minutes_silence']['draft']['approved_ms'] == datetime.datetime(2022, 7, 6, 22, tzinfo=utc).timestamp() * 1000


def holidays():
    out = text('--draft-sent', '2022-04-12')
    contains(out, 'tirsdag 12.04.2022 utkastet sendt, teller ikke', 'onsdag 13.04.2022 arbeidsdag 1',
             'torsdag 14.04.2022 skjærtorsdag, teller ikke', 'fredag 15.04.2022 langfredag, teller ikke',
             'lørdag 16.04.2022 teller ikke', 'søndag 17.04.2022 første påskedag, teller ikke',
             'mandag 18.04.2022 andre påskedag, teller ikke', 'tirsdag 19.04.2022 arbeidsdag 2',
             'onsdag 20.04.2022 arbeidsdag 3', 'torsdag 21.04.2022 arbeidsdag 4: siste dag for å be om endring',
             'fredag 22.04.2022 godkjent fra kl. 00.00')
    assert 'Sak meldt' not in out, 'only what was asked about'
    contains(text('--draft-sent', '2025-04-30'), 'onsdag 30.04.2025 utkastet sendt, teller ikke',
             'torsdag 01.05.2025 1. mai, teller ikke', 'fredag 02.05.2025 arbeidsdag 1')
    contains(text('--draft-sent', '2022-05-16'), 'mandag 16.05.2022 utkastet sendt, teller ikke',
             'tirsdag 17.05.2022 17. mai, teller ikke', 'onsdag 18.05.2022 arbeidsdag 1')
    contains(text('--draft-sent', '2025-12-23'), 'onsdag 24.12.2025 arbeidsdag 1',
             'torsdag 25.12.2025 første juledag, teller ikke', 'fredag 26.12.2025 andre juledag, teller ikke',
             'lørdag 27.12.2025 teller ikke', 'søndag 28.12.2025 teller ikke', 'mandag 29.12.2025 arbeidsdag 2',
             'tirsdag 30.12.2025 arbeidsdag 3', 'onsdag 31.12.2025 arbeidsdag 4: siste dag for å be om endring',
             'torsdag 01.01.2026 godkjent fra kl. 00.00')
    says(text('--meeting', '2022-05-27'), 'Merk: 17.05.2022 er 17. mai. Fristen flyttes ikke av den grunn.')


def from_the_act():
    out = text('--reported', '2022-01-11', '--papers-sent', '07.01.2022')
    says(out, 'Sak meldt 11.01.2022: tidligste møte som holder fristen, er 01.02.2022.',
         'Sakspapirer sendt ut 07.01.2022: møtet må være mellom 17.01.2022 og 21.01.2022, begge dager medregnet.')
    contains(out, 'tirsdag 11.01.2022 3 uker: sak meldt', 'tirsdag 18.01.2022 2 uker', 'tirsdag 25.01.2022 1 uke',
             'tirsdag 01.02.2022 tidligste møte, teller ikke')
    assert 'For møtet' not in out, 'no meeting was asked about'
    out = text('--meeting', '2022-01-20', '--reported', '2022-01-11', '--papers-sent', '2022-01-05')
    says(out, 'For møtet 20.01.2022 er fristen ikke holdt: 12 dager for sent.',
         'For møtet 20.01.2022 er fristen ikke holdt: 1 dag for tidlig.')
    for reported, kept in (('2021-12-30', True), ('2021-12-31', False)):
        _, got = answer('--meeting', '2022-01-20', '--reported', reported)
        assert got['case_reported']['act']['kept'] is kept, got
    for sent, kept in (('2022-01-05', False), ('2022-01-06', True), ('2022-01-10', True), ('2022-01-11', False)):
        _, got = answer('--meeting', '2022-01-20', '--papers-sent', sent)
        assert got['papers_sent']['act']['kept'] is kept, got
    _, got = answer('--papers-sent', '2022-01-07')
    act = got['papers_sent']['act']
    assert (act['first_meeting'], act['last_meeting'], act['kept']) == ('2022-01-17', '2022-01-21', None), act
    assert [c['date'] for c in act['first_counting']] == ['2022-01-%02d' % d for d in range(17, 6, -1)]
    assert [c['date'] for c in act['last_counting']] == ['2022-01-%02d' % d for d in range(21, 6, -1)]
    got, kinds = answer('--on', '2022-01-27')
    assert got['meeting'] is None and len(kinds) == 5
    assert kinds['notice']['act']['first_meeting'] == '2022-02-03'
    assert kinds['minutes_ready']['act']['first_meeting'] == '2022-01-20'
    assert kinds['minutes_silence']['draft']['approved'] == '2022-02-03'


def meetings_over_two_years():
    """The two directions agree: the deadline of a meeting is the last act that it is the earliest meeting of."""
    day = datetime.date(2022, 1, 1)
    while day.year < 2024:
        _, got = answer('--meeting', day.isoformat())
        last = datetime.date.fromisoformat(got['case_reported']['meeting']['to'])
        assert last == day - 21 * DAY
        counting = got['papers_sent']['meeting']['counting']
        assert [c['date'] for c in counting] == [(day - i * DAY).isoformat() for i in range(15)]
        assert [c['weekday'] for c in counting] == [(day - i * DAY).isoweekday() for i in range(15)]
        _, act = answer('--reported', last.isoformat())
        assert act['case_reported']['act']['first_meeting'] == day.isoformat()
        day += 37 * DAY


def other_bodies():
    out = text('--meeting', '2022-04-28', body='Partnerskapsmøtet')
    says(out, 'Partnerskapsmøtet (PM), møtet torsdag 28. april 2022',
         'Sakspapirer sendt ut: 2–3 uker før møtet (§ 6 PM nr. 5; bemerkes)',
         'For møtet 28.04.2022 må sakspapirene være sendt ut tidligst 07.04.2022 og senest 14.04.2022.',
         'Merk: 14.04.2022 er skjærtorsdag. Fristen flyttes ikke av den grunn.',
         'Etter møtet 28.04.2022 må protokollen være tilgjengelig senest 05.05.2022.')
    assert 'taushet' not in out and 'Stille' not in out, 'no silent approval of a protokoll'
    says(text('--reported', '2022-01-11', body='pm'), 'Vedtektene har ingen slik frist for dette organet.')
    english = run('--lang', 'en', 'deadline', 'explain', '--body', 'SSU', '--charter', CHARTER, '--meeting', '2022-01-20')
    says(english, 'For the meeting on 2022-01-20 cases must be reported by 2021-12-30.',
         'Saturday 2022-01-22 does not count', 'Wednesday 2022-01-26 working day 4: the last day to ask for a change')


def a_charter_that_bars():
    with open(CHARTER) as f:
        yaml = f.read()
    was = '{kind: case-reported, least: 3, unit: week, effect: noted, cite: § 6 SSU nr. 6}'
    assert yaml.count(was) == 1
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as f:
        f.write(yaml.replace(was, '{kind: case-reported, least: 2, unit: working-day, effect: bars, cite: § 1}'))
        f.flush()
        out = text('--meeting', '2022-04-19', '--reported', '2022-04-15', charter=f.name)
    says(out, 'Sak meldt: minst 2 arbeidsdager før møtet (§ 1; stenger for vedtak)',
         'For møtet 19.04.2022 må sakene være meldt senest 12.04.2022.',
         'mandag 18.04.2022 andre påskedag, teller ikke', 'tirsdag 12.04.2022 arbeidsdag 2: siste dag',
         'Sak meldt 15.04.2022: tidligste møte som holder fristen, er 21.04.2022.',
         'fredag 15.04.2022 langfredag, teller ikke: sak meldt', 'torsdag 21.04.2022 tidligste møte, teller ikke',
         'For møtet 19.04.2022 er fristen ikke holdt: 3 dager for sent.')


def rules():
    out = run('frist', 'forklar', '--rule', '4 arbeidsdager etter', '--from', '2025-12-23')
    says(out, '4 arbeidsdager etter 23.12.2025 er onsdag 31.12.2025. Tiden er ute torsdag 01.01.2026 kl. 00.00.',
         'torsdag 25.12.2025 første juledag, teller ikke', 'onsdag 31.12.2025 arbeidsdag 4: siste dag')
    assert run('deadline', 'explain', '--rule', '3 weeks before', '--from', '20.01.2022').startswith(
        '3 uker før 20.01.2022 er torsdag 30.12.2021.\n')
    got = json.loads(run('--json', 'deadline', 'explain', '--rule', '2 days after', '--from', '2022-01-20'))
    assert got['to'] == '2022-01-22' and [c['number'] for c in got['counting']] == [None, 1, 2], got


def wrong():
    charter = ['--charter', CHARTER]
    for words, code, expected in [
            (['--body', 'SSU', '--meeting', '2022-02-30', *charter], 2, 'datoen 2022-02-30 finnes ikke'),
            (['--body', 'SSU', '--meeting', '29.02.2023', *charter], 2, 'datoen 29.02.2023 finnes ikke'),
            (['--body', 'SSU', '--meeting', '1850-01-01', *charter], 2, 'utenfor kalenderen'),
            (['--body', 'SSU', '--meeting', '1905-01-01', *charter], 2, 'fra 1910 til 2190'),
            (['--body', 'SSU', '--on', '2300-01-01', *charter], 2, 'utenfor kalenderen'),
            (['--body', 'SSU', '--meeting', 'i morgen', *charter], 2, '«i morgen» er ingen dato'),
            (['--body', 'SSU', '--reported', '2190-12-30', *charter], 1, 'kan ikke regnes ut'),
            (['--body', 'FSU', '--meeting', '2022-01-20', *charter], 1, 'ikke noe organ «FSU»; de har pm, ssu'),
            (['--body', 'SSU', *charter], 2, '--meeting, --reported'),
            (['--meeting', '2022-01-20', *charter], 2, '--body ORGAN'),
            (['--body', 'SSU', '--meeting', '2022-01-20'], 2, '--charter FIL'),
            (['--body', 'SSU', '--meeting', '2022-01-20', '--node', '/nowhere'], 4, 'ingen svarer på'),
            (['--body', 'SSU', '--meeting', '2022-01-20', '--charter', '/nowhere.yaml'], 1, '/nowhere.yaml'),
            (['--rule', '4 måneder etter', '--from', '2022-01-20'], 2, '«4 måneder etter» er ingen fristregel'),
            (['--rule', '4 dager etter'], 2, '--from DATO'),
            (['--from', '2022-01-20'], 2, '--rule REGEL'),
            (['--rule', '4 dager etter', '--from', '2022-01-20', '--body', 'SSU'], 2, '--body kan ikke brukes sammen med --rule'),
            (['--rule', '400 uker etter', '--from', '2022-01-20'], 1, '366 uker')]:
        said = run('frist', 'forklar', *words, code=code)
        assert said.startswith('samband: ') and expected in said, (words, said)
        failed = subprocess.run([SAMBAND, '--json', 'frist', 'forklar', *words], capture_output=True, text=True,
                                timeout=60, env=ENVIRONMENT)
        assert failed.returncode == code and json.loads(failed.stdout)['error'].startswith('SB_E_'), failed


the_real_meetings()
moments()
holidays()
from_the_act()
meetings_over_two_years()
other_bodies()
a_charter_that_bars()
rules()
wrong()
