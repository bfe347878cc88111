#!/usr/bin/env python3
"""The broker's disk and one node's are lost; a standby rebuilds the log from the nodes alone and takes
over by consent; what waited in the outboxes becomes final; the old broker's backup signs nothing.

    standby_test.py BIN_DIR

Exit 0 when all went as said; prints the command that didn't, with its output."""
import pathlib
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import ORGS, Federation, address  # noqa: E402


def run(f):
    f.found()
    f.samband('broker', 'backup', f.root / 'broker', f.root / 'backup',
            says='(?s)laget og kontrollert.*nøklene er ikke med')
    f.samband('broker', 'backup', f.root / 'broker', f.root / 'backup', code=1, says='ikke tom')
    before = f.status('unn')['final_size']

    # the broker's disk is gone; a case waits in the outbox
    f.stop('broker', signal.SIGKILL)
    shutil.rmtree(f.root / 'broker')
    f.samband('case', 'report', '--body', 'ssu', '--title', 'Mens megleren er borte', '--kind', 'decision', '--text', 'x',
            who='sekretær', node='unn', code=4)

    # a standby that has nothing, and consent from three of four
    f.samband('broker', 'init', f.root / 'reserve', '--standby', '--id', 'reserve', '--listen', address(),
              '--cards', f.root / 'keys', code=2, says='--address')
    f.standby('reserve')
    f.start('reserve', '--standby', '--take-over')
    f.samband('broker', 'status', f.root / 'reserve', says='reserve, følger termin')
    f.consent('reserve', ORGS[:2])
    f.until('to har lovet', 60, lambda: f.status('reserve').get('promised') == 2)
    f.samband('broker', 'status', f.root / 'reserve', says='(?s)ber om løfter for termin 2: 2 organisasjoner har lovet; det trengs 3.*'
              '  unn: har lovet.*  lege: noden er ikke tilkoblet; den finner reserven når organisasjonen samtykker')
    f.consent('reserve', ['lege'])
    f.until('reserven overtar', 60, lambda: f.status('reserve').get('mode') == 'broker')
    for org in ORGS[:3]:
        f.until('%s er i termin 2, og alt er endelig' % org, 60, lambda: f.status(org)['term'] == 2 and
              f.status(org)['state'] == 'final' and f.status(org)['outbox'] == 0)
    if f.status('unn')['final_size'] <= before:
        f.fail('det som ventet, ble ikke endelig')
    f.samband('case', 'list', node='lege', says='Mens megleren er borte')
    f.samband('broker', 'status', f.root / 'reserve', says='megler i termin 2')

    # it stops and starts as the broker it is now
    f.stop('reserve')
    f.start('reserve')
    f.until('reserven er megler igjen', 20, lambda: f.status('reserve').get('mode') == 'broker')

    # the backup goes into another standby: it signs nothing, and a directory in use is refused
    f.samband('broker', 'restore', f.root / 'backup', f.root / 'reserve', code=1, says='ikke tom')
    f.standby('tredje', join=False)
    f.samband('megler', 'gjenopprett', f.root / 'backup', f.root / 'tredje', says='(?s)lagt inn og kontrollert.*--standby')
    (f.root / 'tredje' / 'broker.yaml').write_text(
        (f.root / 'tredje' / 'broker.yaml').read_text().replace('standby: true\n', ''))
    f.samband('broker', 'run', f.root / 'tredje', code=2, says='gjenopprettet fra en sikkerhetskopi')
    f.start('tredje', '--standby')
    f.samband('broker', 'status', f.root / 'tredje', says='reserve, følger termin 1')
    for name in list(f.children):
        f.stop(name)


with Federation(sys.argv[1]) as federation:
    run(federation)
print('ok')
