#!/usr/bin/env python3
"""Each lint rule finds what it is for: a clean tree passes, each planted violation is named."""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = '#ifndef SB_X_H\n#define SB_X_H\n#include "proto/base/slice.h"\nvoid sb_x_do(sb_slice s);\n#endif\n'
CLEAN = {
    'proto/base/slice.h': '#ifndef SB_S_H\n#define SB_S_H\n#include <stddef.h>\n\n'
                          'typedef struct sb_slice {\n    size_t len;\n} sb_slice;\n\n#endif\n',
    'proto/base/errors.def': '/* base */\nSB_ERROR(SB_E_A, 101, 1, "å", "a")\n/* ledger: cases, more */\n'
                             'SB_ERROR(SB_E_B, 801, 3, "b", "b")\n',
    'proto/text/families.def': 'SB_FAMILY(CHOICE)\nSB_FAMILY(ENTRY)\n',
    'proto/text/words.def': 'SB_WORD(CHOICE, 1, "for", "for", "for")\nSB_WORD(ENTRY, 1, "genesis", "s", "g")\n',
    'proto/wire/types.def': 'SB_ENTRY_TYPE(GENESIS, 1, Genesis, genesis)\n',
    'proto/schema/a.proto': 'syntax = "proto3";\nenum Choice {\n  CHOICE_INVALID = 0;\n  CHOICE_FOR = 1;\n}\n'
                            'message A {\n  Choice c = 1;\n  repeated B b = 2;\n}\nmessage B {\n  uint32 n = 1;\n}\n',
    'proto/base/limits.h': '#ifndef SB_BASE_LIMITS_H\n#define SB_BASE_LIMITS_H\nenum {\n'
                           '    SB_A_MAX = 2 * 8,        /* of one a; SB_E_A */\n'
                           '    SB_B_MAX = SB_A_MAX + 1, /* of all; no error: the oldest waits */\n};\n#endif\n',
    'deploy/LIMITS.md': '| `SB_A_MAX` | 16 | Of one a | `SB_E_A` |\n'
                        '| `SB_B_MAX` | 17 | Of all | no error: the oldest waits |\n',
    'tests/unit/a_test.c': 'int most[] = {SB_A_MAX, SB_B_MAX};\n',
    'proto/x/x.h': HEADER,
    'proto/x/x.c': '#include "proto/x/x.h"\n\n#include <stdio.h>\n\n'
                   '/* time( and double in a comment, */\nstatic const char text[] = "and FILE in a string";\n\n'
                   'void sb_x_do(sb_slice s)\n{\n    char out[8];\n    snprintf(out, sizeof out, "%zu", s.len);\n'
                   '    (void)text;\n}\n',
    'nodes/store/s.c': '#include "nodes/host/h.h"\n#include "proto/x/x.h"\n\n#include <lmdb.h>\n#include <time.h>\n',
    'nodes/host/h.h': '#ifndef SB_H_H\n#define SB_H_H\n#include <sodium.h>\n#endif\n',
}


def plant(name, text, *, add=True):
    def change(root):
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'a' if add else 'w', encoding='utf-8') as f:
            f.write(text)
    return change


def include(name, what):
    return plant(name, f'#include {what}\n')


# rule, what to plant, what the violation must say
PLANTED = [
    ('includes', include('proto/x/x.c', '"nodes/host/h.h"'), 'proto/ must not include nodes/host/h.h'),
    ('includes', include('nodes/host/h.h', '"nodes/store/s.h"'), 'must not include nodes/store/s.h'),
    ('includes', include('nodes/auditor/a.c', '"nodes/store/s.h"'), 'must not include nodes/store/s.h'),
    ('includes', include('nodes/cli/a.c', '"nodes/noded/n.h"'), 'must not include nodes/noded/n.h'),
    ('includes', include('nodes/follower/a.c', '"nodes/host/h.h"'), 'must not include nodes/host/h.h'),
    ('includes', include('broker/brokerd/a.c', '"nodes/follower/f.h"'), 'must not include nodes/follower'),
    ('includes', include('nodes/store/s.c', '"broker/sequencer/s.h"'), 'must not include broker/'),
    ('includes', include('proto/x/x.c', '"x.h"'), 'includes start at the project root'),
    ('includes', include('proto/x/x.c', '"tests/lib/t.h"'), 'only tests include tests'),
    ('includes', include('nodes/unheard/u.c', '<stdio.h>'), 'has no line in MAY_INCLUDE'),
    ('owners', include('nodes/host/h.h', '<lmdb.h>'), 'lmdb.h belongs to nodes/store/'),
    ('owners', include('nodes/store/s.c', '<zmq.h>'), 'zmq.h belongs to'),
    ('owners', include('proto/x/x.c', '<sodium.h>'), 'sodium.h belongs to'),
    ('owners', include('proto/base/other.c', '<sodium/crypto_sign.h>'), 'belongs to'),
    ('owners', include('proto/base/other.c', '<nettle/sha2.h>'), 'belongs to'),
    ('owners', include('proto/x/x.c', '"entry.pb-c.h"'), 'entry.pb-c.h belongs to'),
    ('owners', include('proto/x/x.c', '"proto/wire/payload.h"'), 'payload.h belongs to'),
    ('owners', include('nodes/charter/a.c', '<yaml.h>'), 'yaml.h belongs to'),
    ('owners', include('nodes/charter/a.c', '<jansson.h>'), 'jansson.h belongs to'),
    ('owners', include('nodes/charter/a.c', '<utf8proc.h>'), 'utf8proc.h belongs to'),
    ('owners', include('nodes/follower/a.c', '<pthread.h>'), 'pthread.h belongs to'),
    *[('purity', plant(folder + 'x.c', f'static int planted(void)\n{{\n    {code}\n}}\n'), what)
      for folder in ('proto/x/', 'nodes/follower/', 'broker/sequencer/') for code, what in [
          ('return (int)time(NULL);', 'a clock'), ('clock_gettime(0, 0);', 'a clock'),
          ('return rand();', 'randomness'), ('randombytes_buf(p, 1);', 'randomness'),
          ('crypto_sign_keypair(a, b);', 'randomness'), ('getenv("HOME");', 'the environment'),
          ('setlocale(0, "");', 'the locale'), ('return isalpha(c);', 'the locale'),
          ('double d = 0;', 'floating point'), ('float f;', 'floating point'),
          ('pthread_t t;', 'threads'), ('FILE *f;', 'files'), ('fopen("a", "r");', 'files'),
          ('printf("a");', 'files'), ('read(0, b, 1);', 'files'), ('fputs("a", stderr);', 'files'),
          ('socket(1, 2, 3);', 'sockets'), ('exit(1);', 'processes'),
          ('snprintf(b, 2, "%p", p);', 'a format for pointers'),
          ('snprintf(b, 2, "%.2f", x);', 'a format for pointers'),
          ('return __TIME__[0];', 'the build\'s time')]],
    ('purity', include('proto/x/x.c', '<time.h>'), '<time.h> is not for a pure folder'),
    ('schema', plant('proto/schema/b.proto', 'message C {\n  optional uint32 a = 1;\n}\n'), 'not in this schema'),
    ('schema', plant('proto/schema/b.proto', 'message C {\n  map<string, string> a = 1;\n}\n'), 'not in this'),
    ('schema', plant('proto/schema/b.proto', 'message C {\n  double a = 1;\n}\n'), 'not in this schema'),
    ('schema', plant('proto/schema/b.proto', 'enum E {\n  E_FIRST = 0;\n}\n'), 'enum value 0'),
    ('schema', plant('proto/schema/b.proto', 'message C {\n  D d = 1;\n}\nmessage D {\n  repeated C c = 1;\n}\n'),
     'C contains itself'),
    ('headers', plant('proto/x/y.h', 'void sb_y(sb_slice s);\n'), 'proto/x/y.h:1: does not compile alone'),
    ('headers', plant('proto/x/y.h', 'enum { SB_Y };\n'), 'does not compile alone'),  # no guard
    ('headers', plant('nodes/host/y.h', '#ifndef Y\n#define Y\n#include <stddef.h>\n'
                      'static inline int sb_y(size_t n)\n{\n    return n;\n}\n#endif\n'), 'does not compile'),
    ('format', plant('proto/x/x.c', 'static   int bad ( void ){return 1;}\n'), 'proto/x/x.c:1: run clang-format'),
    ('errors', plant('proto/base/errors.def', 'SB_ERROR(SB_E_C, 801, 1, "c", "c")\n'), 'the number of SB_E_B'),
    ('errors', plant('proto/base/errors.def', 'SB_ERROR(SB_E_C, 102, 1, "c", "c")\n'), 'outside the range'),
    ('errors', plant('proto/base/errors.def', 'SB_ERROR(E_C, 802, 1, "c", "c")\n'), 'does not start with'),
    ('errors', plant('proto/base/errors.def', 'SB_ERROR(SB_E_C, 802, 0, "c", "c")\n'), 'has exit code 0'),
    ('errors', plant('proto/base/errors.def', 'SB_ERROR(SB_E_C,802,1, "c", "c")\n'), 'write SB_ERROR('),
    ('words', plant('proto/text/words.def', 'SB_WORD(CHOICE, 2, "against", "mot", "against")\n'), 'CHOICE is'),
    ('words', plant('proto/schema/c.proto', 'enum Choice {\n  CHOICE_INVALID = 0;\n  CHOICE_FOR = 2;\n}\n'),
     'CHOICE is'),
    ('limits', plant('proto/base/limits.h', '    SB_C_MAX = 3, /* of c */\n'), 'SB_C_MAX names no error'),
    ('limits', plant('proto/base/limits.h', '    SB_C_MAX = 3,\n'), 'SB_C_MAX has no comment'),
    ('limits', plant('proto/base/limits.h', '    SB_C_MAX = 3, /* of c; SB_E_NONE */\n'), 'there is no SB_E_NONE'),
    ('limits', plant('proto/base/limits.h', '    SB_C_MAX = 3, /* of c; SB_E_A */\n'), 'is missing from deploy/LIMITS.md'),
    ('limits', plant('deploy/LIMITS.md', '| `SB_A_MAX` | 17 | Of one a | `SB_E_A` |\n'), 'SB_A_MAX is 16'),
    ('limits', plant('deploy/LIMITS.md', '| `SB_A_MAX` | 16 | Of one a | `SB_E_B` |\n'), "doesn't name SB_E_A"),
    ('limits', plant('deploy/LIMITS.md', '| `SB_B_MAX` | 17 | Of all | `SB_E_A` |\n'), "doesn't say what happens"),
    ('limits', plant('deploy/LIMITS.md', '| `SB_C_MAX` | 3 | Of c | `SB_E_A` |\n'), 'SB_C_MAX is no bound'),
    ('limits', plant('tests/unit/a_test.c', 'int most[] = {SB_A_MAX};\n', add=False), 'SB_B_MAX: no test names it'),
    ('words', plant('proto/wire/types.def', 'SB_ENTRY_TYPE(TICK, 2, Tick, tick)\n'), 'ENTRY is'),
    ('functions', plant('proto/x/x.c', 'int sb_long(void)\n{\n' + '    ;\n' * 101 + '}\n'), 'a function of 102'),
]


def lint(rule, root, *more):
    run = subprocess.run([sys.executable, os.path.join(HERE, 'lint.py'), rule, '--root', root, *more],
                         capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def fresh(root):
    shutil.rmtree(root, ignore_errors=True)
    for name, text in CLEAN.items():
        plant(name, text)(root)


def check_symbols(root):
    """An archive that exports another name than sb_… is named."""
    bad = 0
    for name, violations in (('sb_fine', 0), ('helper', 1)):
        build = os.path.join(root, 'build')
        os.makedirs(build)
        with open(os.path.join(build, 'a.c'), 'w', encoding='utf-8') as f:
            f.write(f'int {name}(void);\nint {name}(void)\n{{\n    return 1;\n}}\n')
        subprocess.run(['cc', '-c', 'a.c', '-o', 'a.o'], cwd=build, check=True)
        subprocess.run(['ar', 'rc', 'libproto_a.a', 'a.o'], cwd=build, check=True)
        status, out = lint('symbols', root, '--build', build)
        if status != violations or ('helper is exported' in out) != bool(violations):
            print(f'symbols: {name}: {out}')
            bad += 1
        shutil.rmtree(build)
    return bad


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        root = os.path.join(scratch, 'tree')
        with open(os.path.join(HERE, '../../.clang-format'), encoding='utf-8') as f:
            CLEAN['.clang-format'] = f.read()
        fresh(root)
        for rule in sorted({rule for rule, _, _ in PLANTED}):
            status, out = lint(rule, root)
            if status not in (0, 77):
                print(f'{rule}: a clean tree is refused:\n{out}')
                bad += 1
        bad += check_symbols(root)
        for at, (rule, change, says) in enumerate(PLANTED):
            fresh(root)
            change(root)
            status, out = lint(rule, root)
            if status == 77:
                continue
            if says not in out or status != (0 if rule == 'functions' else 1):
                print(f'{rule}, nr. {at}: not found: {says}\n{out}')
                bad += 1
    print(f'{len(PLANTED) + 2} planted, {bad} not found')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
