"""What commands write: killed at each change of the disk, and with the power cut at each sync.

power_files_test.py PROGRAMS [--all] [init | export | backup]…

Rows 5 and 8 of tests/FAULTS.md. Each command is recorded (record.c), then run anew for each of its
changes and killed just before it: what lies there then is old or new, secrets lie in no other file
than their own, files are 0600 where they must be, and the same command again works (or says what to do).
Then every planned outcome of a power cut (replay.c) is looked at: each file old or new, whole, and new
when the command had said that it was done. Without --all of long commands every n-th change is taken.
"""
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))
from federation import CHARTER, Federation, address  # noqa: E402
from shim import preload  # noqa: E402

HEAD = struct.Struct('<IIQQIIII')
MARK = 13
ALL = '--all' in sys.argv
PARTS = [a for a in sys.argv[2:] if a != '--all'] or ['init', 'export', 'backup']
TEMPORARY = re.compile(r'\.[A-Za-z0-9]{6}$')
outcomes = kills = 0


def say(words):
    print(words, flush=True)


class Scene:
    """A folder that commands are tried in again and again."""

    def __init__(self, f, folder, part):
        self.f, self.folder, self.part = f, folder, part
        self.tests = f.bin.parent / 'tests'
        self.before, self.into = f.root / 'before', f.root / 'into'
        self.journal = f.root / 'journal'
        self.whole_keys = set()  # the bytes of those that were opened

    def run(self, words, **record):
        env = {k: v for k, v in os.environ.items() if not k.startswith('SAMBAND')}
        env |= preload(self.tests / 'record.so', SB_RECORD_ROOT=self.folder,
                       **{'SB_RECORD_' + k.upper(): v for k, v in record.items()})
        args = [self.f.bin / 'samband', '--passphrase-file', self.f.root / 'pass', *words]
        return subprocess.run(args, capture_output=True, text=True, env=env, timeout=60)

    def restart(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self.before, self.folder)

    def record(self, words):
        """Once, as it is meant to be. How many changes there were."""
        shutil.rmtree(self.before, ignore_errors=True)
        shutil.copytree(self.folder, self.before)
        self.journal.unlink(missing_ok=True)
        result = self.run(words, file=self.journal)
        if result.returncode != 0:
            self.f.fail('skulle gå', result)
        with open(self.journal, 'ab') as out:
            out.write(HEAD.pack(MARK, 0, 0, 0, 0, 0, 4, 0) + b'done')
        out = subprocess.run([self.tests / 'power_replay', '--changes', self.journal],
                             capture_output=True, text=True, check=True)
        return int(out.stdout)

    def cuts(self, name, each=4, random=4):
        global outcomes
        self.into.mkdir(exist_ok=True)
        out = subprocess.run([self.tests / 'power_replay', self.journal, self.before, self.into, str(each),
                              str(random)], capture_output=True, text=True)
        if out.returncode != 0:
            self.f.fail('%s: strømbrudd: %s%s' % (name, out.stdout, out.stderr))
        outcomes += int(out.stdout)
        return int(out.stdout)

    def modes(self, name):
        """Keys and stores are for their owner alone; no secret under another name than its own."""
        for path in self.folder.rglob('*'):
            if not path.is_file():
                continue
            is_secret = path.name.split('.')[-1] == 'key' or '.key.' in path.name or path.suffix == '.mdb'
            if is_secret and path.stat().st_mode & 0o077:
                self.f.fail('%s: %s er åpen for andre: %o' % (name, path, path.stat().st_mode))
            if '.key.' in path.name and path.stat().st_size:
                self.f.fail('%s: %s ble liggende' % (name, path))
            if path.name.endswith('.key') and path.read_bytes() not in self.whole_keys:
                if self.run(['key', 'show', path]).returncode != 0:
                    self.f.fail('%s: %s er ikke en hel nøkkel' % (name, path))
                self.whole_keys.add(path.read_bytes())

    def try_it(self, name, words, again_says=None, most=8, check=None, keep_new=False):
        """again_says: what the command may say instead when it had done its work already."""
        global kills
        changes = self.record(words)
        if keep_new and self.part not in PARTS:
            return
        keep = self.f.root / 'keep'
        shutil.rmtree(keep, ignore_errors=True)
        shutil.copytree(self.folder, keep)
        step = 1 if ALL or changes <= most else (changes + most - 1) // most
        tried = sorted(set(range(1, changes + 1, step)) | {changes})
        for at in tried:
            self.restart()
            result = self.run(words, kill=at)
            if result.returncode != -9:
                self.f.fail('%s: skulle dø ved endring %d av %d' % (name, at, changes), result)
            kills += 1
            self.modes('%s, drept ved %d' % (name, at))
            if check:
                check(at, False)
            again = self.run(words)
            if again.returncode != 0 and not (again_says and re.search(again_says, again.stderr)):
                self.f.fail('%s: drept ved %d av %d, og den samme igjen gikk ikke' % (name, at, changes), again)
            self.modes('%s, igjen etter %d' % (name, at))
            if check:
                check(at, True)
        cuts = self.cuts(name)
        shutil.rmtree(self.folder)
        shutil.copytree(keep if keep_new else self.before, self.folder)
        say('%-28s %4d endringer, drept ved %3d av dem, %5d utfall av strømbrudd' %
            (name, changes, len(tried), cuts))


def founding(f, scene):
    """From keys to a founded federation's files."""
    at, keys = scene.folder, scene.folder / 'keys'
    done = 'finnes fra før|er ikke tom'
    if 'init' in PARTS:
        scene.try_it('key new', ['key', 'new', at / 'en.key', '--rehearsal-cost'], done)
    if 'init' in PARTS:
        scene.try_it('key new, uten passfrase', ['key', 'new', at / 'en.key', '--role', 'witness'], done)
    scene.try_it('broker init', ['broker', 'init', at / 'broker', '--listen', f.broker_address, '--cards', keys],
                 done, keep_new=True)
    for i, org in enumerate(f.orgs):
        words = ['node', 'init', at / org, '--organisation', org, '--keys', keys, '--broker', f.broker_address,
                 '--rehearsal-cost']
        if i == 0:
            scene.try_it('node init', words, done, most=12, keep_new=True)
        elif scene.run(words).returncode != 0:
            f.fail('node init ' + org)
    federation = at / 'federation.samband'
    scene.try_it('charter compile', ['--key', keys / 'unn-authority.key', 'charter', 'compile',
                                     f.root / 'charter.yaml', '--cards', keys, '--out', federation], done,
                 keep_new=True)
    scene.try_it('broker join', ['broker', 'join', at / 'broker', '--federation', federation], keep_new=True)
    scene.try_it('node join', ['node', 'join', at / 'unn', '--federation', federation], keep_new=True)
    for org in f.orgs[1:]:
        if scene.run(['node', 'join', at / org, '--federation', federation]).returncode != 0:
            f.fail('node join ' + org)


def copies(f, scene):
    """backup and restore of a node's store; a half one is no backup."""
    at, copy = scene.folder, scene.folder / 'kopi'
    other, new = f.root / 'annen', at / 'ny'
    finished = f.root / 'keep' / 'ny' / 'store' / 'data.mdb'

    def half_is_none(kill, is_again):
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        shutil.copy(f.root / 'unn' / 'node.yaml', other)
        result = f.samband('node', 'restore', copy, other, code=None)
        whole = (copy / 'store').exists()
        if (result.returncode == 0) != whole:
            f.fail('en halv sikkerhetskopi ble tatt for en hel (drept ved %d)' % kill, result)
        if not whole and not re.search('ble ikke ferdig|ingen database', result.stderr):
            f.fail('det ble ikke sagt hva som er galt', result)

    def never_unmarked(kill, is_again):
        store = new / 'store' / 'data.mdb'
        if store.exists() and store.read_bytes() != finished.read_bytes():
            f.fail('drept ved %d: et lager som ikke er det gjenopprettede, eller uten merke' % kill)

    scene.try_it('node backup', ['node', 'backup', f.root / 'unn', copy], 'er ikke tom', check=half_is_none,
                 keep_new=True)
    new.mkdir()
    shutil.copy(f.root / 'unn' / 'node.yaml', new)
    scene.try_it('node restore', ['node', 'restore', copy, new], 'er ikke tom', check=never_unmarked)


def exports(f, scene):
    """A bundle, and the same some entries later: the auditor accepts the old or the new, or says that it
    isn't finished; the command again makes it whole."""
    bundle = scene.folder / 'pakke'
    words = ['--home', f.root / 'home-x', '--federation', f.root / 'federation.samband', '--node',
             f.root / 'unn', 'export', 'bundle', bundle]
    seen = {}

    def audited(kill, is_again):
        result = subprocess.run([f.bin / 'samband-audit', bundle], capture_output=True, text=True, timeout=60)
        word = 'godkjent' if result.returncode == 0 else 'avvist'
        seen[word] = seen.get(word, 0) + 1
        if is_again and word != 'godkjent' or result.returncode < 0:
            f.fail('revisjon etter drap ved %d' % kill, result)
        if word == 'avvist' and f.has_bundle:
            f.fail('drept ved %d: den gamle pakken er ikke hel lenger' % kill, result)

    f.has_bundle = False
    scene.try_it('export', words, check=audited, keep_new=True)
    f.has_bundle = True
    for i in range(3):
        f.report('Sak %d' % i)
    f.until('alt er endelig', 60, f.all_final)
    scene.try_it('export, mer', words, check=audited, keep_new=True)
    say('revisjonen: %s' % seen)


def main():
    with Federation(sys.argv[1]) as f:
        (f.root / 'pass').write_text('prøve æøå\n')
        os.chmod(f.root / 'pass', 0o600)
        lines = '\n'.join('  - {id: %s, name: %s, partner: unn}' % (o, o) for o in f.orgs)
        (f.root / 'charter.yaml').write_text(CHARTER % lines)
        f.broker_address = address()
        scenes = []
        for part in ['init', 'export', 'backup']:
            (f.root / part).mkdir()
            scenes.append(Scene(f, f.root / part, part))
        founding(f, scenes[0])
        for name in ['broker', 'keys', 'federation.samband'] + f.orgs:
            (f.root / name).symlink_to(f.root / 'init' / name)
        f.begin()
        f.until('alt er endelig', 60, f.all_final)
        if 'export' in PARTS:
            exports(f, scenes[1])
        f.stop('unn')
        if 'backup' in PARTS:
            copies(f, scenes[2])
        say('i alt: drept %d ganger, %d utfall av strømbrudd' % (kills, outcomes))


if __name__ == '__main__':
    main()
