"""A TCP proxy between a node and its broker, for faults of the network.

    p = Proxy('tcp://127.0.0.1:7117')      # p.address is where it listens
    p.up = 'stall'                         # node -> broker: swallowed, the connection stands
    p.down = 'stall'                       # broker -> node; both: half open
    p.delay, p.jitter = 0.05, 0.1          # seconds, of each piece
    p.cut()                                # all connections are reset; what was under way is lost
    p.open = False                         # new ones are reset too, until True
    p.heal()                               # all as it was; what was stalled is cut, as TCP would in time

CURVE over TCP loses nothing in the middle of a connection and lets nobody change it: a network loses
by breaking connections and by silence, and that is all that is made here. Frames lost, doubled and
reordered are the simulator's.
"""
import asyncio
import random
import socket
import struct
import threading


class Proxy:
    def __init__(self, target, seed=1):
        host, port = target.removeprefix('tcp://').rsplit(':', 1)
        self.target = (host, int(port))
        self.random = random.Random(seed)
        self.open, self.up, self.down, self.delay, self.jitter = True, 'pass', 'pass', 0, 0
        self.sent_up = self.sent_down = self.accepted = 0
        self.writers = set()
        self.was_stalled = False
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self.run, args=(started,), daemon=True).start()
        started.wait()

    def run(self, started):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, '127.0.0.1', 0))
        self.address = 'tcp://127.0.0.1:%d' % server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    @staticmethod
    def reset(writer):
        sock = writer.get_extra_info('socket')
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        writer.transport.abort()

    async def serve(self, reader, writer):
        self.accepted += 1
        if not self.open:
            self.reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            self.reset(writer)
            return
        both = {writer, far_writer}
        self.writers |= both
        await asyncio.gather(self.pipe(reader, far_writer, 'up'), self.pipe(far_reader, writer, 'down'))
        self.writers -= both
        for one in both:
            self.reset(one)

    async def pipe(self, reader, writer, way):
        try:
            while data := await reader.read(65536):
                if self.delay or self.jitter:
                    await asyncio.sleep(self.delay + self.random.random() * self.jitter)
                if getattr(self, way) == 'stall':
                    continue
                writer.write(data)
                setattr(self, 'sent_' + way, getattr(self, 'sent_' + way) + len(data))
                await writer.drain()
            while getattr(self, way) == 'stall':  # its end isn't told either
                await asyncio.sleep(0.05)
            self.reset(writer)
        except (OSError, RuntimeError):
            self.reset(writer)

    def cut(self):
        done = threading.Event()

        def all_of_them():
            for writer in list(self.writers):
                self.reset(writer)
            done.set()
        self.loop.call_soon_threadsafe(all_of_them)
        done.wait()

    def stall(self, up=True, down=True):
        self.up, self.down = ('stall' if up else 'pass'), ('stall' if down else 'pass')
        self.was_stalled = True

    def heal(self):
        self.open, self.up, self.down, self.delay, self.jitter = True, 'pass', 'pass', 0, 0
        if self.was_stalled:
            self.cut()
        self.was_stalled = False
