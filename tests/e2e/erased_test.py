#!/usr/bin/env python3
"""An attachment is erased in a federation of eight processes: every node answers that it is gone and
exports a bundle without it, a bundle passes the audit, which lists it, and the minutes say so.

    erased_test.py SAMBAND SAMBAND-AUDIT
"""
import json
import os
import subprocess
import sys
import tempfile
import time

SCRIPT = 'tests/e2e/slettet.yaml'


def run(*args):
    done = subprocess.run(args, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'{" ".join(args)}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done.stdout


def stop(directory):
    with open(os.path.join(directory, 'running')) as file:
        for line in file:
            os.kill(int(line.split()[1]), 15)


def attachments(samband, node):
    """The case's attachments as this node tells them."""
    case = json.loads(run(samband, '--json', '--node', node, 'case', 'show', '01/23'))
    return case['attachments']


def blob_file(bundle, sha256):
    return os.path.join(bundle, 'blobs', sha256)


def check(samband, audit, root):
    directory, minutes = os.path.join(root, 'fed'), os.path.join(root, 'minutes')
    run(samband, 'rehearse', '--keep', '--dir', directory, '--minutes', minutes, SCRIPT)
    try:
        nodes = sorted(os.listdir(os.path.join(directory, 'nodes')))
        assert len(nodes) == 7, nodes
        erased = None
        for name in nodes:
            node = os.path.join(directory, 'nodes', name)
            first, second = attachments(samband, node)
            assert first.get('erased') is True and 'erased' not in second, (name, first, second)
            erased = first['sha256']
            bundle = os.path.join(root, name)
            run(samband, '--node', node, '--home', os.path.join(root, 'home-' + name),
                '--federation', os.path.join(directory, 'federation.samband'),
                'export', 'bundle', bundle)
            assert not os.path.exists(blob_file(bundle, erased)), name
            assert os.path.exists(blob_file(bundle, second['sha256'])), name
        report = json.loads(run(audit, '--json', os.path.join(root, nodes[0])))
        assert report['verdict'] == 'ok' and report['final'], report
        assert [one['sha256'] for one in report['erased']] == [erased], report['erased']
    finally:
        stop(directory)
    with open(os.path.join(minutes, 'referat-ssu-2023-01-24.md')) as file:
        text = file.read()
    assert '(slettet)' in text and 'Vaktliste' not in text


def main():
    samband, audit = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix='samband-erased-') as root:
        check(samband, audit, root)
        time.sleep(0.5)  # the processes end by themselves
    print('ok')


if __name__ == '__main__':
    main()
