#!/usr/bin/env python3
"""The corpora: one file a target, tests/fuzz/corpus/TARGET.inputs, rising by name. Of each input
«LENGTH NAME\\n», so many bytes, «\\n».

    tests/fuzz/inputs.py list TARGET              names and lengths (TARGET: entry, or entry_fuzz)
    tests/fuzz/inputs.py show TARGET NAME         its bytes, on stdout
    tests/fuzz/inputs.py add TARGET FILE…         under the file's name
    tests/fuzz/inputs.py drop TARGET NAME…
    tests/fuzz/inputs.py unpack TARGET DIR        a file an input
    tests/fuzz/inputs.py pack TARGET DIR          the corpus is what lies there"""
import pathlib
import sys

CORPUS = pathlib.Path(__file__).resolve().parent / 'corpus'


def path(target):
    return CORPUS / (target.removesuffix('_fuzz') + '.inputs')


def read(target):
    """name -> bytes."""
    inputs, at = {}, 0
    data = path(target).read_bytes() if path(target).exists() else b''
    while at < len(data):
        end = data.index(b'\n', at)
        length, name = data[at:end].decode().split(' ', 1)
        at = end + 1 + int(length)
        if data[at:at + 1] != b'\n':
            raise ValueError('%s: %s is not %s bytes' % (path(target), name, length))
        inputs[name] = data[end + 1:at]
        at += 1
    return inputs


def write(target, inputs):
    CORPUS.mkdir(exist_ok=True)
    path(target).write_bytes(b''.join(b'%d %s\n%s\n' % (len(data), name.encode(), data)
                                      for name, data in sorted(inputs.items())))


def put(target, name, data):
    write(target, {**read(target), name: data})


def unpack(target, where):
    where.mkdir(parents=True, exist_ok=True)
    for name, data in read(target).items():
        (where / name).write_bytes(data)


def pack(target, where):
    write(target, {file.name: file.read_bytes() for file in where.iterdir()})


def main(verb, target, *rest):
    if verb == 'list' and not rest:
        for name, data in read(target).items():
            print(len(data), name)
    elif verb == 'show' and len(rest) == 1:
        sys.stdout.buffer.write(read(target)[rest[0]])
    elif verb == 'add' and rest:
        for file in map(pathlib.Path, rest):
            put(target, file.name, file.read_bytes())
    elif verb == 'drop' and rest:
        write(target, {name: data for name, data in read(target).items() if name not in rest})
    elif verb in ('unpack', 'pack') and len(rest) == 1:
        (unpack if verb == 'unpack' else pack)(target, pathlib.Path(rest[0]))
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main(*sys.argv[1:]) if len(sys.argv) > 3 or sys.argv[1:2] == ['list'] and len(sys.argv) == 3 else sys.exit(__doc__)
