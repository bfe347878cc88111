#!/usr/bin/env python3
"""The disks of the broker and of two of seven nodes are lost in the middle of a meeting. A new broker takes over
from the nodes; what was final stays, the decisions are those of the same meeting without any loss, both verifiers
accept the history, and one decision is proved by itself.

    lost_broker_test.py SAMBAND SAMBAND-AUDIT
"""
import json
import os
import subprocess
import sys
import tempfile

SCRIPT = 'tests/e2e/meglertap.yaml'
VERIFY = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'oracle', 'verify')


def run(*args, code=0):
    done = subprocess.run(args, capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f'{" ".join(args)}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done.stdout


def stop(directory):
    with open(os.path.join(directory, 'running')) as file:
        for line in file:
            os.kill(int(line.split()[1]), 15)


def read(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def flip(path, at):
    with open(path, 'r+b') as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def check_proof(samband, audit, root, directory, bundle):
    """One decision by itself: small, true, and no other."""
    proof = os.path.join(root, 'decision')
    run(samband, '--node', os.path.join(directory, 'nodes', 'unn'), '--home', os.path.join(root, 'home'),
        '--federation', os.path.join(directory, 'federation.samband'), 'decision', 'export', '01/22', '--out', proof)
    assert os.path.getsize(proof) < 8000, os.path.getsize(proof)
    policy = os.path.join(bundle, 'policy')
    said = run(audit, 'decision', proof, '--policy', policy)
    assert 'vedtatt' in said, said
    run(sys.executable, '-B', VERIFY, 'decision', proof, '--policy', policy)
    print(f'{os.path.getsize(proof)} bytes of proof:\n{said}')
    flip(proof, os.path.getsize(proof) // 3)
    run(audit, 'decision', proof, '--policy', policy, code=3)
    run(sys.executable, '-B', VERIFY, 'decision', proof, '--policy', policy, code=3)


def main():
    samband, audit = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix='sb-') as root:
        directory, bundle = os.path.join(root, 'fed'), os.path.join(root, 'bundle')
        lost, calm = os.path.join(root, 'lost.json'), os.path.join(root, 'calm.json')
        run(samband, 'rehearse', SCRIPT, '--keep', '--dir', directory, '--summary', lost, '--bundle', bundle)
        try:
            check_proof(samband, audit, root, directory, bundle)
        finally:
            stop(directory)
        run(samband, 'rehearse', SCRIPT, '--calm', '--summary', calm)
        assert read(lost)['cases'] == read(calm)['cases'], (read(lost)['cases'], read(calm)['cases'])
        run(audit, '--compare', lost, bundle)
        report = json.loads(run(audit, '--json', bundle))
        assert report['verdict'] == 'ok' and report['final'], report
        first, second = report['terms']
        assert first['term'] == 1 and second['term'] == 2, report['terms']
        assert second['handover']['promises'] == 5, second
        assert report['origin'].endswith('/2'), report['origin']
        other = json.loads(run(sys.executable, '-B', VERIFY, bundle, '--json'))
        for key in ('size', 'root', 'digest', 'final_size', 'cases'):
            assert other[key] == report[key], (key, other[key], report[key])
        # nothing final was lost: every node ends with the same history, all of it final
        nodes = read(lost)['nodes']
        assert len(nodes) == 7 and all(n['final'] and n['root'] == report['root'] for n in nodes), nodes


main()
