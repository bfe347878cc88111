"""The environment of a process with a library of tests/fault before its own.

Of one whose disk fails, shim.c:

    env = Shim(library).env(f.root / 'broker', 'kill@7')
    f.spawn('broker', env=env)
"""
import pathlib


def preload(library, **words):
    """With this library. Nothing is freed by a process that is killed, so leaks aren't told."""
    return {'LD_PRELOAD': str(library), 'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0',
            **{name: str(value) for name, value in words.items() if value is not None}}


class Shim:
    def __init__(self, library):
        self.library = pathlib.Path(library).resolve()

    def env(self, folder, fault=None, sleep_ms=None, armed=None, log=None):
        """As in shim.c's own words."""
        return preload(self.library, SHIM_DIR=folder, SHIM_FAULT=fault, SHIM_SLEEP_MS=sleep_ms, SHIM_ARMED=armed,
                       SHIM_LOG=log)


def operations(log):
    """What SHIM_LOG holds: (number, kind, file, milliseconds) of each operation."""
    if not log.exists():
        return []
    rows = [line.split() for line in log.read_text().splitlines()]
    return [(int(n), kind, name, int(ms)) for n, kind, name, ms in rows]
