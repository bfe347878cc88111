#!/usr/bin/env python3
"""A rehearsal of seven organisations: its bundle, written again as the history grows, damaged and made
whole; its newest head against an earlier audit; the proof of each decision, alone and bent; RSS.

    bundle_test.py SAMBAND SAMBAND-AUDIT
"""
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

SCRIPT = 'tests/e2e/ssu-2022-01-20.yaml'
PROOF_BYTES_MAX = 8000


def run(*args, code=0, says=None):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True)
    if done.returncode != code or (says is not None and says not in done.stdout + done.stderr):
        sys.exit(f'{" ".join(map(str, args))}: {done.returncode} (wanted {code}, {says})\n'
                 f'{done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done.stdout


def read(*parts):
    with open(os.path.join(*parts), 'rb') as file:
        return file.read()


def write(data, *parts):
    os.makedirs(os.path.dirname(os.path.join(*parts)), exist_ok=True)
    with open(os.path.join(*parts), 'wb') as file:
        file.write(data)


def files(bundle):
    return {os.path.relpath(os.path.join(at, name), bundle): read(at, name)
            for at, _, names in os.walk(bundle) for name in names}


def same_files(a, b):
    """Byte for byte, but that the head may have been cosigned once more in between."""
    differ = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
    assert differ in ([], ['checkpoint']), differ


def stop(directory):
    with open(os.path.join(directory, 'running')) as file:
        for line in file:
            os.kill(int(line.split()[1]), 15)


class Rehearsal:
    def __init__(self, samband, audit, root):
        self.samband, self.audit, self.root = samband, audit, root
        self.fed = os.path.join(root, 'fed')

    def cli(self, *args, node='unn', **wanted):
        return run(self.samband, '--node', os.path.join(self.fed, 'nodes', node), '--home',
                   os.path.join(self.root, 'home-' + node), '--federation',
                   os.path.join(self.fed, 'federation.samband'), *args, **wanted)

    def export(self, bundle, **wanted):
        return json.loads(self.cli('--json', 'export', 'bundle', bundle, **wanted) or '{}')

    def accepted(self, *args):
        return json.loads(run(self.audit, '--json', *args))

    def grow(self, count):
        for number in range(count):
            self.cli('--key', os.path.join(self.fed, 'people', 'office-secretariat.key'), '--passphrase-file',
                     os.path.join(self.fed, 'passphrase'), '--wait', 'final', 'case', 'report', '--body', 'ssu',
                     '--kind', 'information', '--title', f'Sak {number}')


def check_growing(r):
    """The same directory again: what was there is kept, and it is the bundle that a new one would be."""
    one, two = os.path.join(r.root, 'one'), os.path.join(r.root, 'two')
    first = r.export(one)
    before = os.path.join(r.root, 'checkpoint-before')
    write(read(one, 'checkpoint'), before)
    report = r.accepted(one)
    assert report['final'] and report['size'] == first['size'] and first['kept'] == 0, (report, first)
    again = r.export(one)
    assert again['kept'] == first['size'] // 256 * 256 and again['blobs'] == 0, again
    r.grow(60)
    grown = r.export(one)
    assert grown['size'] > first['size'] and grown['size'] // 256 > first['size'] // 256, grown
    report = r.accepted('--from', before, one)
    assert report['from_size'] == first['size'] and report['results_since'] == 0, report
    r.export(two)
    same_files(files(one), files(two))
    run(r.audit, '--from', os.path.join(two, 'checkpoint'), os.path.join(one), says='0 nye oppføringer')
    return one, grown


def check_damaged(r, bundle, whole):
    """Wrong, missing and left-over files: never accepted, and right again after the next export."""
    good = files(bundle)
    blob = next(name for name in sorted(good) if name.startswith('blobs/'))
    sealed = next(name for name in sorted(good) if name.startswith('checkpoints/'))
    damages = [
        ('tile/entries/000', lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]),
        ('tile/0/000', lambda data: data[:-1]),
        ('tile/0/001.p/7', lambda data: b'left over'),
        ('checkpoint', lambda data: b''),
        ('checkpoint.2', lambda data: good['checkpoint']),
        ('checkpoint.aB3dE6', lambda data: b'killed while writing'),
        ('policy.2', lambda data: good['policy']),
        (sealed, lambda data: data[:-2] + b'\n'),
        (blob, lambda data: None),
        ('erased', lambda data: b'x'),
    ]
    for name, damage in damages:
        data = damage(good.get(name, b''))
        if data is None:
            os.unlink(os.path.join(bundle, name))
        else:
            write(data, bundle, name)
        run(r.audit, bundle, code=3)
        r.export(bundle)
        same_files(files(bundle), good)
    write(b'mine', bundle, 'notat.txt')
    run(r.audit, bundle, code=3, says='notat.txt')
    os.unlink(os.path.join(bundle, 'notat.txt'))
    other = os.path.join(r.root, 'other')
    write(b'x', other, 'fil')
    r.export(other, code=1)
    write(b'x', other, 'federation.samband')
    r.export(other, code=1)
    assert r.accepted(bundle)['size'] == whole['size']


def check_proofs(r, bundle):
    policy, proof = os.path.join(r.root, 'policy'), os.path.join(r.root, 'proof')
    write(r.cli('log', 'policy').encode(), policy)
    assert read(policy) == read(bundle, 'policy')
    decided = [c['number'] for c in r.accepted(bundle)['cases'] if c['outcome'] == 'adopted']
    assert len(decided) >= 4, decided
    for number in decided:
        r.cli('decision', 'export', number, '--out', proof)
        size = os.path.getsize(proof)
        assert size < PROOF_BYTES_MAX, (number, size)
        judged = json.loads(run(r.audit, '--json', 'decision', proof, '--policy', policy))
        shown = r.accepted('--decision', number, bundle)['decision']
        assert judged['verdict'] == 'final' and judged['outcome'] == 'adopted', judged
        assert judged['result_index'] == shown['result_index'] and shown['final'], (judged, shown)
        assert judged['certificate_sha256'] == shown['certificate_sha256']
    data = bytearray(read(proof))
    chance = random.Random(4)
    for _ in range(60):
        at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        data[at] ^= bit
        write(data, proof)
        done = subprocess.run([r.audit, '--json', 'decision', proof, '--policy', policy], capture_output=True)
        # a witness's line can be lost to a flip, as long as the others make a quorum
        if done.returncode != 3 and json.loads(done.stdout)['confirmed'] != 6:
            sys.exit(f'bit {bit} of byte {at}: {done.returncode} {done.stdout}')
        data[at] ^= bit
    write(data, proof)
    run(r.audit, 'decision', proof, '--policy', policy, '--lang', 'en', says="It doesn't show that the bylaws")
    write(read(policy).replace(b'QUORUM 5', b'QUORUM 8'), policy)
    run(r.audit, 'decision', proof, '--policy', policy, code=3)
    r.cli('decision', 'export', '99/22', code=1)


def main():
    samband, audit = (os.path.abspath(path) for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix='samband-bundle-') as root:
        r = Rehearsal(samband, audit, root)
        run(samband, 'rehearse', '--keep', '--dir', r.fed, SCRIPT)
        try:
            bundle, whole = check_growing(r)
            check_damaged(r, bundle, whole)
            check_proofs(r, bundle)
        finally:
            stop(r.fed)
        time.sleep(0.5)  # the processes end by themselves
    print('ok, at most', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, 'MiB in one process')


if __name__ == '__main__':
    main()
