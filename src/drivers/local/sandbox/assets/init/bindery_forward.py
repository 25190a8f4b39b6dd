"""The way out of a sandbox: a port on its loopback that leads to a UNIX socket."""

import _socket as socket

from bindery_loop import FAILED, HUNG_UP, READ, WRITE

CHUNK = 65536
CONNECTIONS_MAX = 256
LISTEN_BACKLOG = 64


class Forwarder:
    def __init__(self, loop, port, target):
        self.loop = loop
        self.target = target
        self.count = 0
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(LISTEN_BACKLOG)
        self.listener.setblocking(False)
        loop.watch(self.listener.fileno(), lambda _events: self.accept())

    def accept(self):
        try:
            near = socket.socket(fileno=self.listener._accept()[0])
        except OSError:
            return
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if self.count >= CONNECTIONS_MAX:
                raise OSError("too many connections")
            far.setblocking(False)
            far.connect(self.target)
        except OSError:
            near.close()
            far.close()
            return
        near.setblocking(False)
        self.count += 1
        self.watch(Connection(near, far))

    def watch(self, connection):
        for end in connection.sockets:

            def advance(events, end=end):
                self.advance(connection, end, events)

            self.loop.watch(end.fileno(), advance, connection.interest(end))

    def advance(self, connection, end, events):
        if connection.handle(end, events):
            self.watch(connection)
            return
        for each in connection.sockets:
            self.loop.forget(each.fileno())
        connection.close()
        self.count -= 1


class Pipe:
    """One direction of a connection: reads only when all that it read before is written."""

    def __init__(self, source, sink):
        self.source = source
        self.sink = sink
        self.buffer = b""
        self.ended = False
        self.shut = False

    def wants_read(self):
        return not self.ended and not self.buffer

    def wants_write(self):
        return bool(self.buffer)

    def read(self):
        self.buffer = self.source.recv(CHUNK)
        if not self.buffer:
            self.ended = True
        self.write()

    def write(self):
        if self.buffer:
            sent = self.sink.send(self.buffer)
            self.buffer = self.buffer[sent:]
        if self.ended and not self.buffer and not self.shut:
            self.shut = True
            self.sink.shutdown(socket.SHUT_WR)


class Connection:
    def __init__(self, near, far):
        self.sockets = (near, far)
        self.pipes = (Pipe(near, far), Pipe(far, near))

    def interest(self, end):
        events = 0
        for pipe in self.pipes:
            if pipe.source is end and pipe.wants_read():
                events |= READ
            if pipe.sink is end and pipe.wants_write():
                events |= WRITE
        return events

    def handle(self, end, events):
        """False when the connection is over."""
        try:
            for pipe in self.pipes:
                readable = events & (READ | HUNG_UP | FAILED)
                if pipe.source is end and readable and pipe.wants_read():
                    pipe.read()
                elif pipe.sink is end and pipe.wants_write():
                    pipe.write()
        except BlockingIOError:
            return True
        except OSError:
            return False
        if events & FAILED:
            return False
        return not all(pipe.shut for pipe in self.pipes)

    def close(self):
        for each in self.sockets:
            each.close()
