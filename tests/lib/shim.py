"""The environment of a process whose disk fails: tests/fault/shim.c, preloaded.

    env = Shim(library).env(f.root / 'broker', 'kill@7')
    f.spawn('broker', env=env)
"""
import pathlib


class Shim:
    def __init__(self, library):
        self.library = pathlib.Path(library).resolve()

    def env(self, folder, fault=None, sleep_ms=None, armed=None, log=None):
        """As in shim.c's own words. Nothing is freed by a process that is killed, so leaks aren't told."""
        out = {'LD_PRELOAD': str(self.library), 'SHIM_DIR': str(folder),
               'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}
        for name, value in [('SHIM_FAULT', fault), ('SHIM_SLEEP_MS', sleep_ms), ('SHIM_ARMED', armed),
                            ('SHIM_LOG', log)]:
            if value is not None:
                out[name] = str(value)
        return out


def operations(log):
    """What SHIM_LOG holds: (number, kind, file, milliseconds) of each operation."""
    if not log.exists():
        return []
    rows = [line.split() for line in log.read_text().splitlines()]
    return [(int(n), kind, name, int(ms)) for n, kind, name, ms in rows]
