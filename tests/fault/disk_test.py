#!/usr/bin/env python3
"""Full disks, on mounts of their own and by the shim, for the broker and for a node.

    disk_test.py BIN_DIR SHIM

Skipped (77) where nothing may be mounted. Each says that it is full in both languages, is the same
process all the time, serves reads, takes nothing, and goes on when there is room; a daemon that is
started on a full disk serves too. In the end everything is there once, and final everywhere."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
from federation import Federation  # noqa: E402
from shim import Shim  # noqa: E402

MOUNT_BYTES = 64 * 1024 * 1024


def own_mounts():
    """This process again, in a mount namespace of its own."""
    if os.environ.get('SB_OWN_MOUNTS'):
        return
    unshare = ['unshare', '-m'] if os.geteuid() == 0 else ['unshare', '-rm']
    may = subprocess.run(unshare + ['mount', '-t', 'tmpfs', 'none', '/mnt'], capture_output=True)
    if may.returncode != 0:
        print('hoppet over: her kan ingenting monteres:', may.stderr.decode().strip())
        sys.exit(77)
    os.environ['SB_OWN_MOUNTS'] = '1'
    os.execvp('unshare', unshare + [sys.executable] + sys.argv)


def move(f, name, to_own_disk):
    """The daemon's folder to a small disk of its own, or back; it is stopped meanwhile."""
    folder, copy = f.root / name, f.root / 'copy'
    f.stop(name)
    subprocess.run(['cp', '-a', folder, copy], check=True)
    if to_own_disk:
        shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=%d,mode=0700' % MOUNT_BYTES, 'none', folder], check=True)
        subprocess.run(['cp', '-a', '%s/.' % copy, folder], check=True)
        shutil.rmtree(copy)
    else:
        subprocess.run(['umount', folder], check=True)
        folder.rmdir()
        copy.rename(folder)
    f.start(name)
    f.linked()


def fill(folder):
    """Until not a byte goes in any more."""
    with open(folder / 'filler', 'ab', buffering=0) as out:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    out.write(b'\0' * size)
            except OSError:
                pass


def full(f, name):
    return f.status(name).get('disk_full_since_ms', 0) > 0


def say_so(f, name):
    verb = 'node' if name in f.orgs else 'broker'
    f.samband(verb, 'status', f.root / name, says='(?s)STANSET: disken er full.*Rydd plass')
    f.samband('--lang', 'en', verb, 'status', f.root / name, says='(?s)STOPPED: the disk is full.*Make room')


def stays_full(f, name, seconds):
    """Whatever it asks the disk for: room is what a write has shown."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not full(f, name):
            f.fail('%s glemte at disken er full' % name)
        time.sleep(0.2)


def submit(f, title, node, *more, **wanted):
    """Without a text, which is an attachment: on a small disk none is taken."""
    return f.submit(title, node, *more, text=None, **wanted)


def everything_once(f, titles):
    f.until('alt er endelig', 60, f.all_final)
    for org in f.orgs:
        cases = f.titles(org)
        for title in titles:
            if cases.count(title) != 1:
                f.fail('%s: «%s» står %d ganger' % (org, title, cases.count(title)))


def broker_is_full(f):
    f.stop('lege')
    submit(f, 'Mens lege er borte', 'unn', code=0)
    f.until('endelig uten lege', 30, lambda: f.all_final(['unn', 'kommune', 'bruker']))
    fill(f.root / 'broker')
    submit(f, 'På full disk', 'unn', wait='none', code=0, says='utboks')
    f.until('megleren sier at disken er full', 20, lambda: full(f, 'broker'))
    say_so(f, 'broker')
    f.start('lege')  # what it lacks comes from the full broker
    f.until('lege har tatt igjen', 30, lambda: f.status('lege')['size'] == f.status('broker')['size'])
    pid = f.children['broker'].pid
    f.samband('case', 'list', node='kommune', says='Mens lege er borte')
    # it is started on the full disk
    if f.stop('broker') != 0:
        f.fail('megleren stanset ikke rent')
    f.start('broker')
    f.until('også etter en ny start', 30, lambda: full(f, 'broker'))
    say_so(f, 'broker')
    pid = f.children['broker'].pid
    os.remove(f.root / 'broker' / 'filler')
    everything_once(f, ['På full disk', 'Mens lege er borte'])
    f.until('megleren sier at det er plass', 20, lambda: not full(f, 'broker'))
    if f.children['broker'].pid != pid or f.children['broker'].poll() is not None:
        f.fail('megleren gikk ikke videre av seg selv')


def node_is_full(f):
    fill(f.root / 'unn')
    submit(f, 'Ikke tatt imot', 'unn', code=1, says='disken på nodens maskin er full')
    f.until('noden sier at disken er full', 20, lambda: full(f, 'unn'))
    say_so(f, 'unn')
    size = f.status('unn')['size']
    submit(f, 'Hos de andre', 'kommune', code=0)
    f.until('endelig hos de andre', 30, lambda: f.all_final(['kommune', 'lege', 'bruker']))
    f.samband('case', 'list', node='unn', says='På full disk')
    if f.status('unn')['size'] != size:
        f.fail('en full node tok imot noe')
    if f.stop('unn') != 0:
        f.fail('noden stanset ikke rent')
    f.start('unn')
    f.until('også etter en ny start', 30, lambda: full(f, 'unn'))
    pid = f.children['unn'].pid
    os.remove(f.root / 'unn' / 'filler')
    everything_once(f, ['Hos de andre'])
    f.until('noden sier at det er plass', 20, lambda: not full(f, 'unn'))
    if f.children['unn'].pid != pid or f.children['unn'].poll() is not None:
        f.fail('noden gikk ikke videre av seg selv')
    f.samband('case', 'list', node='lege', says='Hos de andre')


def refused_in_the_middle(f, shim):
    """There seems to be room, but the write is refused (a quota): of leaves, and of an attachment's parts."""
    armed, big = f.root / 'armed', f.root / 'stort.txt'
    big.write_text('et stort vedlegg\n' * 60000)
    for who in ('broker', 'kommune'):
        f.stop(who)
        f.start(who, env=shim.env(f.root / who, 'enospc:write@3+', armed=armed))
        pid = f.children[who].pid
        f.until('forbindelse igjen', 30, lambda: f.status('kommune')['broker']['connected'])
        armed.touch()
        refused = submit(f, 'Med vedlegg, ' + who, 'kommune', '--attach', big, wait='none')
        if who == 'kommune' and (refused.returncode != 1 or 'disken på nodens maskin er full' not in refused.stderr):
            f.fail('medlemmet fikk ikke vite det', refused)
        f.until('%s er full' % who, 20, lambda: full(f, who))
        stays_full(f, who, 8)
        say_so(f, who)
        armed.unlink()
        f.until('%s går videre' % who, 30, lambda: f.status(who) and not full(f, who))
        if who == 'kommune':
            submit(f, 'Med vedlegg, ' + who, 'kommune', '--attach', big, code=0)
        everything_once(f, ['Med vedlegg, ' + who])
        if f.children[who].pid != pid or f.children[who].poll() is not None:
            f.fail('%s er en annen prosess' % who)


def main():
    own_mounts()
    shim = Shim(sys.argv[2])
    with Federation(sys.argv[1]) as f:
        f.found()
        f.until('alt er endelig', 30, f.all_final)
        for name in ('broker', 'unn'):
            move(f, name, True)
        try:
            broker_is_full(f)
            node_is_full(f)
        finally:
            for name in ('broker', 'unn'):
                if sys.exc_info()[0] is None:
                    move(f, name, False)  # attachments want 256 MiB to be left free
                else:
                    subprocess.run(['umount', '-l', f.root / name], check=False)
        refused_in_the_middle(f, shim)
        for name in list(f.children):
            f.stop(name)
    print('ok')


main()
