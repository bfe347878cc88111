#!/usr/bin/env python3
"""House rules that the compiler can't check (DESIGN §9). One rule a test:

    tests/lint/lint.py RULE [--root DIR] [--build DIR] [--cc COMPILER]
    tests/lint/lint.py all

A violation is a line "file:line: what is wrong and why". Exit 0: clean, 1: violations, 77: can't be
checked here. selftest.py plants a violation for every rule and sees it found.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

SKIP = 77

# ---- who may include whom: folder -> other folders; a module's own folder always ----

PROTO = ['proto/']
MAY_INCLUDE = {
    'proto/': PROTO,
    'nodes/host/': PROTO,
    'nodes/store/': PROTO + ['nodes/host/'],
    'nodes/transport/': PROTO + ['nodes/host/'],
    'nodes/follower/': PROTO,  # pure
    'nodes/papers/': PROTO,  # pure
    'nodes/charter/': PROTO + ['nodes/host/'],
    'nodes/auditor/': PROTO + ['nodes/host/'],
    'nodes/web/': PROTO + ['nodes/host/'],
    'nodes/witness/': PROTO + ['nodes/host/', 'nodes/web/'],
    'nodes/noded/': PROTO + ['nodes/host/', 'nodes/store/', 'nodes/transport/', 'nodes/follower/',
                             'nodes/papers/', 'nodes/charter/'],
    'nodes/cli/': PROTO + ['nodes/host/', 'nodes/web/', 'nodes/store/', 'nodes/transport/', 'nodes/follower/',
                           'nodes/papers/', 'nodes/charter/'],
    'broker/sequencer/': PROTO,  # pure
    'broker/standby/': PROTO,  # pure
    'broker/brokerd/': PROTO + ['nodes/host/', 'nodes/store/', 'nodes/transport/',
                                'broker/sequencer/', 'broker/standby/'],
}

# ---- one owner per library header ----

PAYLOAD_USERS = ['proto/wire/', 'proto/ledger/', 'nodes/transport/', 'nodes/follower/', 'nodes/charter/',
                 'nodes/cli/', 'nodes/papers/', 'nodes/auditor/', 'broker/sequencer/',
                 'broker/standby/']
OWNERS = [
    (r'lmdb\.h', ['nodes/store/']),
    (r'zmq\.h', ['nodes/transport/']),
    (r'sodium(/.*)?\.h', ['proto/sign/', 'nodes/host/']),
    (r'nettle/.*', ['proto/base/hash.c']),
    (r'(.*/)?[a-z_]+\.pb-c\.h', ['proto/wire/', 'nodes/transport/']),
    (r'protobuf-c/.*', ['proto/wire/', 'nodes/transport/']),
    (r'proto/wire/payload\.h', PAYLOAD_USERS),
    (r'(jansson|yaml|utf8proc)\.h', ['nodes/host/']),
    (r'(microhttpd|cmark)\.h', ['nodes/web/']),
    (r'pthread\.h|threads\.h', ['nodes/host/', 'nodes/transport/']),
    (r'cmocka\.h', []),
]

# ---- what is pure, and what it therefore doesn't name ----

PURE = ['proto/', 'nodes/follower/', 'nodes/papers/', 'broker/sequencer/', 'broker/standby/']
PURE_HEADERS = {'assert.h', 'inttypes.h', 'limits.h', 'stdalign.h', 'stdarg.h', 'stdbool.h',
                'stddef.h', 'stdint.h', 'stdio.h', 'stdlib.h', 'string.h'}
FORBIDDEN = [
    ('a clock', r'(time|clock|clock_gettime|gettimeofday|timespec_get|localtime(_r)?|gmtime(_r)?|'
                r'mktime|strftime|sleep|usleep|nanosleep)\s*\('),
    ('randomness', r'(rand|srand|random|srandom|rand_r|drand48|getrandom|getentropy|arc4random\w*|'
                   r'randombytes\w*|crypto_\w*(?<!seed_)keypair|crypto_\w*keygen)\s*\('),
    ('the build\'s time', r'__(DATE|TIME|TIMESTAMP)__'),
    ('the environment', r'(getenv|secure_getenv|setenv|putenv|getpid|getuid|gethostname)\s*\('),
    ('the locale', r'(setlocale|newlocale|uselocale|localeconv|strcoll|strxfrm|toupper|tolower|'
                   r'isalpha|isalnum|isdigit|isspace|isupper|islower|isprint|ispunct|strcasecmp|'
                   r'strncasecmp|strerror)\s*\('),
    ('floating point', r'(float|double|strtod|strtof|atof)'),
    ('threads', r'(pthread_\w+|thrd_\w+|mtx_\w+|cnd_\w+|_Thread_local|thread_local|_Atomic|'
                r'atomic_\w+)'),
    ('files', r'(FILE|stdin|stdout|stderr)'),
    ('files', r'(fopen|freopen|fdopen|fread|fwrite|fprintf|vfprintf|fputs|fputc|puts|putchar|printf|'
              r'vprintf|perror|scanf|fscanf|open|openat|creat|read|write|pread|pwrite|lseek|close|'
              r'unlink|rename|mkdir|stat|fstat|mmap|fsync)\s*\('),
    ('sockets', r'(socket|bind|listen|accept|connect|send|recv|sendto|recvfrom|poll|select|'
                r'getaddrinfo)\s*\('),
    ('processes', r'(fork|execv\w*|execl\w*|system|popen|exit|_exit|signal|sigaction|kill)\s*\('),
]


class Tree:
    """The files under a root: those that git tracks, or all where git doesn't know."""

    def __init__(self, root, build=None, cc='cc'):
        self.root, self.build, self.cc = os.path.abspath(root), build, cc
        self.files = sorted(self._tracked() or self._walked())

    def _tracked(self):
        try:
            out = subprocess.run(['git', '-C', self.root, 'ls-files', '-z'], check=True,
                                 capture_output=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return None
        names = out.decode().split('\0')
        return [n for n in names if n and os.path.isfile(os.path.join(self.root, n))]

    def _walked(self):
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if not f.startswith(('build', '.', '__'))]
            found += [os.path.relpath(os.path.join(folder, n), self.root) for n in names]
        return found

    def code(self, *endings, tests=False):
        return [f for f in self.files if f.endswith(endings)
                and f.startswith(('proto/', 'nodes/', 'broker/') + (('tests/',) if tests else ()))]

    def text(self, name):
        with open(os.path.join(self.root, name), encoding='utf-8') as f:
            return f.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text, strings):
    """The same text, line for line, with comments (and strings) blanked out."""
    def one(match):
        token = match.group()
        if token[0] in '"\'' and not strings:
            return token
        return re.sub(r'[^\n]', ' ', token)
    return TOKEN.sub(one, text)


def included(text):
    for number, line in enumerate(blank(text, strings=False).split('\n'), 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if match:
            yield number, match.group(1), match.group(2)


def folder_of(name, table):
    return next((f for f in sorted(table, key=len, reverse=True) if name.startswith(f)), None)


# ---- the rules: each yields violations ----

def includes(tree):
    for name in tree.code('.c', '.h', '.def'):
        folder = folder_of(name, MAY_INCLUDE)
        if folder is None:
            yield f'{name}:1: this folder has no line in MAY_INCLUDE of tests/lint/lint.py'
            continue
        own = os.path.dirname(name) + '/'
        for line, quote, path in included(tree.text(name)):
            if quote == '"' and '/' not in path and not path.endswith('.pb-c.h'):
                yield f'{name}:{line}: write "{own}{path}": includes start at the project root'
            if path.startswith('tests/'):
                yield f'{name}:{line}: {path}: only tests include tests'
            if path.startswith(('proto/', 'nodes/', 'broker/')) and not path.startswith(own) \
                    and not path.startswith(tuple(MAY_INCLUDE[folder])):
                yield f'{name}:{line}: {folder} must not include {path} (DESIGN §9)'


def owners(tree):
    for name in tree.code('.c', '.h', '.def'):
        for line, _, path in included(tree.text(name)):
            for pattern, folders in OWNERS:
                if re.fullmatch(pattern, path) and not name.startswith(tuple(folders)):
                    where = ', '.join(folders) or 'tests'
                    yield f'{name}:{line}: {path} belongs to {where}'


def purity(tree):
    pattern = [(what, re.compile(r'(?<![\w.>])' + names + ('' if names.endswith('(') else r'\b')))
               for what, names in FORBIDDEN]
    for name in tree.code('.c', '.h', '.def'):
        if not name.startswith(tuple(PURE)):
            continue
        text = tree.text(name)
        for number, line in enumerate(blank(text, strings=True).split('\n'), 1):
            for what, regex in pattern:
                match = regex.search(line)
                if match:
                    yield f'{name}:{number}: {match.group().strip()} is {what}; this folder is pure'
        for number, line in enumerate(blank(text, strings=False).split('\n'), 1):
            if re.search(r'"[^"]*%[-0-9.]*([pfFeEgGaA]|l[fFeEgG])', line):
                yield f'{name}:{number}: a format for pointers or floating point; this folder is pure'
        for line, quote, path in included(text):
            if quote == '<' and path not in PURE_HEADERS \
                    and not any(re.fullmatch(p, path) for p, _ in OWNERS):
                yield f'{name}:{line}: <{path}> is not for a pure folder'


def schema(tree):
    for name in tree.files:
        if not name.endswith('.proto'):
            continue
        uses, line_of, current = {}, {}, None
        for number, line in enumerate(blank(tree.text(name), strings=True).split('\n'), 1):
            if re.search(r'\b(optional|required|float|double|extend|extensions|Any)\b|\bmap\s*<', line):
                yield f'{name}:{number}: not in this schema: optional, floats, maps, extensions (§3)'
            match = re.match(r'\s*(message|enum)\s+(\w+)', line)
            if match:
                current = match.group(2)
                line_of[current], uses[current] = number, set()
            match = re.match(r'\s*(\w+)\s*=\s*0\s*;', line)
            if match and not match.group(1).endswith('_INVALID'):
                yield f'{name}:{number}: enum value 0 is the invalid one'
            match = re.match(r'\s*(?:repeated\s+)?([A-Z]\w*)\s+\w+\s*=\s*\d+', line)
            if match and current:
                uses[current].add(match.group(1))
        for start in uses:
            seen, todo = set(), list(uses[start])
            while todo:
                at = todo.pop()
                if at not in seen:
                    seen.add(at)
                    todo += uses.get(at, ())
            if start in seen:
                yield f'{name}:{line_of[start]}: {start} contains itself (§3: no recursion)'


def headers(tree):
    flags = ['-std=c11', '-D_GNU_SOURCE', '-fsyntax-only', '-Wall', '-Wextra', '-Wshadow', '-Wconversion',
             '-Wstrict-prototypes', '-Wformat=2', '-Wvla', '-Werror', '-I', tree.root]
    generated = tree.build and os.path.join(tree.build, 'proto/schema')
    if generated:
        if not os.path.exists(os.path.join(generated, 'entry.pb-c.h')):
            sys.exit(skip(f'{generated} holds no generated headers (SB_ONLY?)'))
        flags += ['-isystem', generated]
    with tempfile.TemporaryDirectory() as scratch:
        def compile_alone(name):
            source = os.path.join(scratch, name.replace('/', '_') + '.c')
            with open(source, 'w', encoding='utf-8') as f:
                f.write(f'#include "{name}"\n#include "{name}"\nextern int sb_lint_header;\n')
            run = subprocess.run([tree.cc, *flags, source], capture_output=True, text=True)
            first = next((l for l in run.stderr.split('\n') if 'error' in l), run.stderr[:200])
            return None if run.returncode == 0 else f'{name}:1: does not compile alone: {first}'
        with ThreadPoolExecutor(2) as pool:
            yield from filter(None, pool.map(compile_alone, tree.code('.h', tests=True)))


def format(tree):
    names = tree.code('.c', '.h', tests=True)
    if not shutil.which('clang-format'):
        sys.exit(skip('clang-format is not installed'))
    for at in range(0, len(names), 40):
        run = subprocess.run(['clang-format', '--dry-run', '-Werror', *names[at:at + 40]], cwd=tree.root,
                             capture_output=True, text=True)
        badly = dict.fromkeys(re.findall(r'^(\S+?):(?=\d+:\d+: error)', run.stderr, re.M))
        yield from (f'{name}:1: run clang-format -i' for name in badly)
        if run.returncode and not badly:
            yield f'.clang-format:1: {run.stderr[:300]}'


def symbols(tree):
    """What a library exports starts with sb_ (in the built archives)."""
    if not tree.build:
        sys.exit(skip('no build directory was given'))
    for folder, _, names in os.walk(tree.build):
        for name in names:
            if not re.fullmatch(r'lib(proto|nodes|broker)_\w+\.a', name) or name == 'libproto_schema.a':
                continue
            out = subprocess.run(['nm', '-g', '--defined-only', os.path.join(folder, name)],
                                 capture_output=True, text=True).stdout
            for match in re.finditer(r'^[0-9a-f]+ [A-TV-Z] (\w+)$', out, re.M):
                if not match.group(1).startswith(('sb_', 'SB_', '__')):
                    yield f'{name}:1: {match.group(1)} is exported: make it static or call it sb_…'


RANGES = {'base': (100, 199), 'wire': (200, 299), 'sign': (300, 399), 'merkle': (400, 499),
          'calendar': (500, 599), 'rules': (600, 699), 'ledger': ((700, 999), (2000, 2499)), 'host': (1000, 1099),
          'store': (1100, 1199), 'transport': (1200, 1299), 'follower': (1300, 1399),
          'sequencer': (1400, 1499), 'charter': (1500, 1599), 'papers': (1600, 1699),
          'cli': ((1700, 1799), (2500, 2699)), 'auditor': (1800, 1899), 'web': (1900, 1949),
          'witness': (1950, 1999)}


def errors(tree):
    """Every code stands in its module's section and has a number of its module's range."""
    name, section, seen = 'proto/base/errors.def', None, {}
    for number, line in enumerate(tree.text(name).split('\n'), 1):
        heading = re.match(r'/\* (\w+)\b[^,]*\*/$|/\* (\w+):', line)
        if heading and (heading.group(1) or heading.group(2)) in RANGES:
            section = heading.group(1) or heading.group(2)
        match = re.match(r'SB_ERROR\((\w+), (\d+), (\d+),', line)
        if line.startswith('SB_ERROR') and not match:
            yield f'{name}:{number}: write SB_ERROR(NAME, number, exit, "bokmål", "English")'
        if not match:
            continue
        code, value, status = match.group(1), int(match.group(2)), int(match.group(3))
        ranges = RANGES.get(section, (0, -1))
        ranges = ranges if isinstance(ranges[0], tuple) else (ranges,)
        if not any(low <= value <= high for low, high in ranges):
            yield f'{name}:{number}: {code} = {value} is outside the range of {section}'
        if not code.startswith('SB_E_'):
            yield f'{name}:{number}: {code} does not start with SB_E_'
        if not 1 <= status <= 4:
            yield f'{name}:{number}: {code} has exit code {status}; err.h has 1 to 4'
        if value in seen:
            yield f'{name}:{number}: {code} has the number of {seen[value]}'
        seen[value] = code


def words(tree):
    """proto/text/words.def has a line for each value of the schema's enums, each entry type and capability."""
    name = 'proto/text/words.def'
    have = {}
    for match in re.finditer(r'^SB_WORD\((\w+), (\d+), "(\w+)"', tree.text(name), re.M):
        have.setdefault(match.group(1), {})[int(match.group(2))] = match.group(3)
    want = {family: {} for family in re.findall(r'SB_FAMILY\((\w+)\)\n', tree.text('proto/text/families.def'))}
    for file in tree.files:
        if not file.startswith('proto/schema/') or not file.endswith('.proto'):
            continue
        for enum, body in re.findall(r'\benum (\w+) \{(.*?)\}', blank(tree.text(file), True), re.S):
            family = re.sub(r'(?<=[a-z])(?=[A-Z])', '_', enum).upper()
            if family in want:
                want[family] = {int(n): v.lower() for v, n in
                                re.findall(family + r'_(\w+) = ([1-9]\d*);', body)}
    want['ENTRY'] = {int(n): v.lower() for v, n in
                     re.findall(r'^SB_ENTRY_TYPE\((\w+), (\d+)', tree.text('proto/wire/types.def'), re.M)}
    if 'CAPABILITY' in want:
        bits = re.findall(r'SB_CAP_(\w+) = 1 << (\d+)', tree.text('proto/ledger/core.h'))
        want['CAPABILITY'] = {int(n): v.lower() for v, n in bits}
    for family in sorted(set(want) | set(have)):
        if want.get(family) != have.get(family):
            yield f'{name}:1: {family} is {have.get(family)}, the schema has {want.get(family)}'


BOUND = re.compile(r'^ *(?:#define )?(SB_\w+)(?: =)? (.+?),? */\* (.*) \*/$', re.M)


def bounds(text):
    """(line, name, value, what its comment says) of each bound of limits.h."""
    values = {}
    for m in BOUND.finditer(text):
        terms = re.sub(r'\(uint\d+_t\)|UINT\d+_C', '', m[2])
        terms = re.sub(r'SB_\w+', lambda n: str(values[n[0]]), terms)
        if re.fullmatch(r'[\d\s()*+-]+', terms):
            values[m[1]] = eval(terms)
            yield text.count('\n', 0, m.start(1)) + 1, m[1], values[m[1]], m[3]


def limits(tree):
    """Each bound of limits.h names its error or says why there is none, stands in deploy/LIMITS.md with
    both and its value, and is crossed by a test that names it."""
    name, page = 'proto/base/limits.h', 'deploy/LIMITS.md'
    if not os.path.exists(os.path.join(tree.root, name)):
        return
    text, told = tree.text(name), open(os.path.join(tree.root, page), encoding='utf-8').read()
    known = set(re.findall(r'SB_ERROR\((\w+)', open(os.path.join(tree.root, 'proto/base/errors.def'),
                                                    encoding='utf-8').read()))
    rows = {m[1]: m for m in re.finditer(r'^\| `(\w+)` \| ([\d,]+) \| .* \| (.*) \|$', told, re.M)}
    tested = set()
    for file in tree.files:
        if re.match(r'tests/(?!lint/).*\.(c|h|py)$', file):
            tested.update(re.findall(r'\bSB_[A-Z]\w+', tree.text(file)))
    seen = list(bounds(text))
    declared = re.findall(r'^ *(?:#define )?(SB_[A-Z]\w+)(?: =| \S)', blank(text, True), re.M)
    for bound in declared:
        if bound != 'SB_BASE_LIMITS_H' and bound not in {s[1] for s in seen}:
            yield f'{name}:1: {bound} has no comment with its error behind it, or no plain value'
    for line, bound, value, says in seen:
        where = f'{name}:{line}: {bound}'
        errors = re.findall(r'SB_E_\w+', says.split('no error: ')[0])
        for unknown in [e for e in errors if e not in known]:
            yield f'{where}: there is no {unknown}'
        reason = re.search(r'no error: (.+)$', says)
        if not errors and not reason:
            yield f'{where} names no error and doesn\'t say "no error: …"'
        if bound not in rows:
            yield f'{where} is missing from {page}'
            continue
        row = rows[bound]
        if int(row[2].replace(',', '')) != value:
            yield f'{where} is {value}; {page} says {row[2]}'
        for e in errors:
            if f'`{e}`' not in row[3]:
                yield f'{where}: {page} doesn\'t name {e}'
        if reason and not row[3].startswith('no error: '):
            yield f'{where}: {page} doesn\'t say what happens: {reason[1]}'
        if bound not in tested:
            yield f'{where}: no test names it'
    for bound in set(rows) - {s[1] for s in seen}:
        yield f'{page}:1: {bound} is no bound of {name}'


def functions(tree):
    """Only a warning: functions over 100 lines."""
    for name in tree.code('.c'):
        start = None
        for number, line in enumerate(tree.text(name).split('\n'), 1):
            if line == '{':
                start = number
            elif line == '}' and start:
                if number - start > 100:
                    print(f'{name}:{start}: warning: a function of {number - start} lines')
                start = None
    return iter(())


RULES = {f.__name__: f for f in (includes, owners, purity, schema, headers, format, symbols, errors,
                                 words, limits, functions)}


def skip(why):
    print(f'skipped: {why}')
    return SKIP


def main():
    parser = argparse.ArgumentParser(description='House rules that the compiler cannot check.')
    parser.add_argument('rule', choices=[*RULES, 'all'])
    parser.add_argument('--root', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
    parser.add_argument('--build', help='build directory, for generated headers and archives')
    parser.add_argument('--cc', default='cc')
    args = parser.parse_args()
    tree = Tree(args.root, args.build, args.cc)
    count = 0
    for rule in RULES if args.rule == 'all' else [args.rule]:
        if args.rule == 'all' and rule == 'symbols' and not args.build:
            continue
        for violation in RULES[rule](tree):
            print(violation)
            count += 1
    print(f'{args.rule}: {count} violations in {len(tree.files)} files')
    return 1 if count else 0


if __name__ == '__main__':
    sys.exit(main())
