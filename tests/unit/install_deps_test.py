#!/usr/bin/env python3
"""deploy/install-deps in a made-up machine: which packages, as whom, and when nothing is to do."""
import os
import stat
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../deploy/install-deps')
PROGRAMS = {
    'dpkg-query': 'for last; do :; done\nsed -n "s/^$last /installed /p" "$FAKE/installed" | grep . || exit 1\n',
    'dpkg': 'exec /usr/bin/dpkg "$@"\n',
    'apt-get': 'echo "apt-get $*" >> "$FAKE/log"\n',
    'sudo': 'echo "sudo" >> "$FAKE/log"\nexec "$@"\n',
    'id': 'echo "$FAKE_UID"\n',
}


class InstallDeps(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.fake = self.scratch.name
        for name, body in PROGRAMS.items():
            self.program(name, body)
        for name in ('bash', 'sed', 'head', 'grep', 'cat', 'env'):
            os.symlink(f'/usr/bin/{name}', os.path.join(self.fake, name))
        self.installed = {name: '1.0' for name in self.names('--test')}
        self.installed['libsodium-dev'] = '1.0.18-1+deb12u1'

    def program(self, name, body):
        path = os.path.join(self.fake, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write('#!/bin/bash\n' + body)
        os.chmod(path, stat.S_IRWXU)

    def run_script(self, *options, uid=0):
        with open(os.path.join(self.fake, 'installed'), 'w', encoding='utf-8') as f:
            f.writelines(f'{n} {v}\n' for n, v in getattr(self, 'installed', {}).items())
        log = os.path.join(self.fake, 'log')
        open(log, 'w', encoding='utf-8').close()
        run = subprocess.run(['/bin/bash', SCRIPT, *options], capture_output=True, text=True,
                             env={'PATH': self.fake, 'FAKE': self.fake, 'FAKE_UID': str(uid)})
        with open(log, encoding='utf-8') as f:
            return run.returncode, f.read().splitlines(), run.stdout + run.stderr

    def names(self, *options):
        status, _, out = self.run_script('--list', *options)
        self.assertEqual(status, 0, out)
        return [line.split()[1] for line in out.splitlines()]

    def test_nothing_to_do(self):
        for uid in (0, 1000):
            status, log, out = self.run_script('--test', uid=uid)
            self.assertEqual((status, log), (0, []), out)

    def test_installs_only_what_is_missing(self):
        del self.installed['cmake'], self.installed['clang-format']
        status, log, out = self.run_script('--test')
        self.assertEqual(status, 0, out)
        self.assertEqual(len(log), 2)
        self.assertIn('apt-get update', log[0])
        self.assertTrue(log[1].endswith('--no-install-recommends cmake clang-format'), log[1])
        self.assertEqual(self.run_script()[1][1].split()[-1], 'cmake')  # without --test

    def test_sudo_only_when_not_root(self):
        del self.installed['cmake']
        self.assertNotIn('sudo', self.run_script(uid=0)[1])
        self.assertEqual(self.run_script(uid=1000)[1].count('sudo'), 2)

    def test_no_sudo_says_what_to_do(self):
        del self.installed['cmake']
        os.unlink(os.path.join(self.fake, 'sudo'))
        status, log, out = self.run_script(uid=1000)
        self.assertEqual((status, log), (1, []))
        self.assertIn('apt-get install --no-install-recommends cmake', out)

    def test_an_old_libsodium_is_as_good_as_missing(self):
        self.installed['libsodium-dev'] = '1.0.18-1'
        self.assertTrue(self.run_script()[1][1].endswith(' libsodium-dev'))

    def test_a_failed_installation_is_a_failure(self):
        del self.installed['cmake']
        self.program('apt-get', '[ "$1" = update ]\n')
        self.assertNotEqual(self.run_script()[0], 0)

    def test_unknown_options_are_refused(self):
        self.assertEqual(self.run_script('--tset')[0], 2)


if __name__ == '__main__':
    if not os.path.exists('/usr/bin/dpkg'):
        print('skipped: this machine has no dpkg')
        sys.exit(77)
    unittest.main()
