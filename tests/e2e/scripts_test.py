#!/usr/bin/env python3
"""The written meetings, played one after the other in federations of real processes. Each federation's
history is worked out anew by an auditor and is what the nodes answer, and what the meetings are there
to show stands in their certificates.

    scripts_test.py SAMBAND SAMBAND-AUDIT year|change|borettslag|membership
"""
import difflib
import json
import os
import subprocess
import sys
import tempfile

SAMBAND, AUDIT = sys.argv[1:3]
CHARTER = 'deploy/federations/troms-og-ofoten.yaml'
GROUPS = {
    'year': ['ssu-2021-12-02', 'inhabil', 'fort-stemme', 'referat-endring', 'vilkar', 'fsu'],
    'change': ['vedtektsendring', 'fullmakt', 'valg'],
    'borettslag': ['borettslag'],
    'membership': ['medlemskap'],
}


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'{" ".join(words)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-2000:]}')
    return done.stdout


class Certificates:
    """Every certificate of the federation: its JSON and its text, by case title and round or vote."""

    def __init__(self, directory):
        self.all = []
        for name in sorted(os.listdir(directory)):
            path = os.path.join(directory, name)
            if name.endswith('.json'):
                with open(path, encoding='utf-8') as file, \
                        open(path[:-5] + '.txt', encoding='utf-8') as text:
                    self.all.append((json.load(file), text.read()))
        self.all.sort(key=lambda one: one[0]['question']['closed_index'])

    def of(self, title):
        found = [one for one in self.all if title in one[0]['case']['title']]
        assert found, title
        return found


def counts(certificate, partner):
    return next(c for c in certificate['counts'] if c['partner'] == partner)


def says(text, *parts):
    for part in parts:
        assert part in text, f'missing: {part}\n{text}'


def check_year(found):
    mandate, text = found.of('Oppfølging sak 9/21')[0]
    for partner, share in (('unn', (4, 6)), ('kommune', (6, 6)), ('fastlege', (2, 2)), ('bruker', (2, 2))):
        count = counts(mandate, partner)
        assert (count['present'], count['seats']) == share, count
    assert {'seat': 'fastlege-2', 'role': 'deputy', 'reason': 'deputy_beside',
            'cite': '§ 3 nr. 2'} in mandate['persons_not_counted'], mandate['persons_not_counted']
    says(text, 'Saken følger opp sak 9/21', 'Tekst ferdigstilt etter vedtaket, 3. desember 2021')

    lease, _ = found.of('Leie av lokaler')[0]
    by = {b['seat']: b['by'] for b in lease['ballots']}
    assert by['kommune-3'] == 'deputy' and 'fastlege-1' not in by and 'kommune-6' not in by, by
    assert lease['chair'] == 'unn-1' and counts(lease, 'fastlege')['present'] == 1

    goals, text = found.of('mål for responstid')[0]
    recorded = {b['seat']: b['confirmed'] for b in goals['ballots'] if b['recorded']}
    assert recorded == {'kommune-2': False, 'bruker-1': True}, recorded
    says(text, 'tvist reist', 'sendt videre')

    poll, beds = found.of('Felles senger')
    assert poll[0]['outcome'] == 'polled' and beds[0]['outcome'] == 'adopted'
    assert beds[0]['conditions'][0]['met'] and beds[0]['earlier']['difference'][0]['number'] == 1
    boat, text = found.of('ambulansebåt')[0]
    assert not boat['conditions'][0]['met'], 'it was met after the close'
    says(text, 'Karlsøy kommune: har ikke svart', 'Karlsøy kommune: undertegnet')

    founded, _ = found.of('Etablering av FSU')[0]
    assert [a['kind'] for a in founded['actions']] == ['body_create', 'body_mandate', 'appoint', 'appoint']
    met, _ = found.of('Felles forløp')[0]
    assert met['meeting']['body'] == 'fsu-hjerneslag' and met['charter_version'] > founded['charter_version']


def check_change(found):
    hurried, _ = found.of('hastesak')[0]
    assert hurried['outcome'] == 'fallen' and counts(hurried, None)['for'] == 15
    fell, (changed, text) = found.of('Endring av vedtektene')
    assert (fell[0]['outcome'], counts(fell[0], None)['present']) == ('fallen', 16)
    assert (changed['outcome'], counts(changed, None)['present']) == ('adopted', 15)
    assert counts(fell[0], None)['for'] == counts(changed, None)['for'] == 10
    action = changed['actions'][0]
    assert action['draft_sha256'] != action['discussed_sha256']
    assert changed['earlier']['wording_sha256'] != changed['wording_sha256']
    says(text, action['draft_sha256'], action['discussed_sha256'], '10 → 7')
    (pinned, _), (new, _) = found.of('Felles pilot')
    assert (pinned['charter_version'], pinned['outcome']) == (1, 'no_consensus')
    assert (new['charter_version'], new['outcome']) == (2, 'adopted')
    assert [d['kept'] for d in new['deadlines']] == [True, True], 'sent eight days before'

    goals, text = found.of('Felles mål for 2024')[0]
    says(text, 'Ordfører, Narvik kommune (pm-narvik): etter fullmakt (§ 3 nr. 1)')
    crisis, _ = found.of('Stengt akuttmottak')[0]
    assert [d['kind'] for d in crisis['deadlines']] == ['notice']

    first, (elected, _) = found.of('Valg av leder og nestleder i SSU (')
    assert (first[0]['outcome'], first[0]['round'], elected['elected']) == ('tied', 1, 2)
    assert {w['kind'] for w in elected['warnings']} == {'alternates', 'differs'}, elected['warnings']
    last = found.of('i SSU 2024')[-1][0]
    assert (last['outcome'], last['round'], last['tie']) == ('tied', 2, 'incumbents'), last


def check_drafts():
    """The changed charters beside the script are today's charter but for what they change."""
    with open(CHARTER, encoding='utf-8') as file:
        base = file.read().split('charter:\n', 1)[1].splitlines()
    for name in ('vedtekter-drofting', 'vedtekter-vedtak'):
        with open(f'tests/e2e/parts/{name}.yaml', encoding='utf-8') as file:
            draft = file.read().split('charter:\n', 1)[1].splitlines()
        changed = [line for line in difflib.unified_diff(base, draft, lineterm='', n=0)
                   if line[:1] in '+-' and line[:3] not in ('+++', '---')]
        assert 4 <= len(changed) <= 7, f'{name}: copy {CHARTER} anew\n' + '\n'.join(changed)


def check_borettslag(found):
    elected, _ = found.of('Valg av styreleder')[0]
    assert (elected['outcome'], elected['elected']) == ('elected', 1), elected
    plot, text = found.of('Salg av tomt')[0]
    assert plot['chair'] == 'st-kom-1' and counts(plot, None)['for'] == 4 and plot['outcome'] == 'fallen'
    says(text, 'for >= 2/3 av besatt: 4 av 7, kreves minst 5 – ikke oppfylt', 'antall partnere der det holder: 3, kreves minst 2 – oppfylt', 'trukket', 'senest 03.03.2023')
    changed, text = found.of('Kortere vei')[0]
    assert changed['outcome'] == 'adopted' and changed['charter_version'] == 3, changed
    says(text, '4 → 6', 'Drøftet i et tidligere møte: 16. februar 2023, samme ordlyd.')


def check_membership(found):
    out, text = found.of('Havn kommune går ut')[0]
    assert [a['kind'] for a in out['actions']] == ['organisation_remove', 'witnessing'], out['actions']
    assert out['rules']['pass']['cite'] == '§ 8', out['rules']
    says(text, 'tar ut organisasjonen Havn kommune', 'andre = 3 av bygd, legelaget, grend')


def check_old_minutes(directory):
    """Minutes written after the bylaws were changed keep the deadlines of their meeting."""
    with open(f'{directory}/referat-styre-2023-03-09.md', encoding='utf-8') as file:
        says(file.read(), '| sakspapirer sendt ut | 01/23–03/23 | senest 03.03.2023 |')


def check_flipped(bundle):
    """One byte of the history changed: the auditor says so, and ends with 3."""
    with open(f'{bundle}/checkpoint', 'r+b') as file:
        data = bytearray(file.read())
        data[len(data) // 2] ^= 1
        file.seek(0)
        file.write(data)
    assert subprocess.run([AUDIT, bundle], capture_output=True, check=False).returncode == 3


def main(group):
    scripts = [f'tests/e2e/{name}.yaml' for name in GROUPS[group]]
    if group == 'change':
        check_drafts()
    with tempfile.TemporaryDirectory(prefix='sb-scripts-', dir='/tmp') as root:
        summary, bundle = f'{root}/summary.json', f'{root}/bundle'
        out = run(SAMBAND, 'rehearse', *scripts, '--dir', f'{root}/d', '--summary', summary, '--bundle',
                  bundle, '--certificates', f'{root}/certificates', '--minutes', f'{root}/minutes')
        print(out.splitlines()[-1])
        run(AUDIT, '--compare', summary, bundle)
        with open(summary, encoding='utf-8') as file:
            nodes = json.load(file)['nodes']
        assert len({(n['size'], n['root'], n['digest']) for n in nodes}) == 1, nodes
        found = Certificates(f'{root}/certificates')
        for certificate, text in found.all:
            assert certificate['rehearsal'] and text.startswith('ØVELSE\n')
        {'year': check_year, 'change': check_change, 'borettslag': check_borettslag,
         'membership': check_membership}[group](found)
        assert len(os.listdir(f'{root}/minutes')) >= len(scripts)
        if group == 'membership':  # its last head is confirmed by the new policy alone
            with open(f'{bundle}/policy', encoding='utf-8') as file:
                says(file.read(), 'group andre 3 bygd legelaget grend', 'quorum alle')
            assert not os.path.exists(f'{bundle}/policy.2')
        if group == 'borettslag':
            check_old_minutes(f'{root}/minutes')
            check_flipped(bundle)


if __name__ == '__main__':
    main(sys.argv[3])
