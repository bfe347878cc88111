#!/usr/bin/env python3
"""Another federation's store of format 1 in a node's place: the check says that it doesn't fit, not that it
is damaged; the node refuses it (exit 3) and leaves it byte for byte as it was.

    foreign_store_test.py BIN_DIR GOLDEN

Exit 0 when all went as said."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BIN, GOLDEN = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CHARTER = pathlib.Path(__file__).resolve().parents[2] / 'deploy/federations/made-up-english.yaml'


def run(program, *args, code=0):
    r = subprocess.run([BIN / program, *map(str, args)], capture_output=True, text=True, timeout=120)
    if r.returncode != code:
        sys.exit('%s %s: exit %d, not %d\n%s%s' % (program, args, r.returncode, code, r.stdout, r.stderr))
    return r.stdout + r.stderr


def main(root):
    (root / 'passphrase').write_text('en prøve\n')
    os.chmod(root / 'passphrase', 0o600)
    os.environ.update(SAMBAND_HOME=str(root / 'home'), SAMBAND_PASSPHRASE_FILE=str(root / 'passphrase'), SAMBAND_LANG='nb')
    for org in re.findall(r'- \{id: ([a-z-]+), name: [^}]*, partner: [a-z]+\}\n', CHARTER.read_text().split('witnesses')[0]):
        run('samband', 'node', 'init', root / org, '--organisation', org, '--keys', root / 'cards', '--rehearsal-cost')
    run('samband', 'broker', 'init', root / 'broker', '--listen', 'tcp://127.0.0.1:1', '--cards', root / 'cards')
    run('samband', 'charter', 'compile', CHARTER, '--cards', root / 'cards', '--key', root / 'cards/fell-board-authority.key',
        '--out', root / 'federation.samband')
    node = root / 'vale-board'
    run('samband', 'node', 'join', node, '--federation', root / 'federation.samband', '--broker', 'tcp://127.0.0.1:1')
    data = node / 'store/data.mdb'
    shutil.copy(GOLDEN, data)
    os.chmod(data, 0o600)
    said = run('samband', 'node', 'check', node, code=3)
    if 'Lageret passer ikke.' not in said or 'er skadet' in said:
        sys.exit('the check tells of damage:\n' + said)
    if 'hører til en annen føderasjon' not in run('samband-node', node, code=3):
        sys.exit('the node did not say why')
    if data.read_bytes() != GOLDEN.read_bytes():
        sys.exit('the refused store was changed')
    run('samband', 'node', 'repair', node, code=3)
    if data.read_bytes() != GOLDEN.read_bytes():
        sys.exit('repair changed a store that is not ours')


with tempfile.TemporaryDirectory(prefix='sb-foreign-') as where:
    main(pathlib.Path(where))
