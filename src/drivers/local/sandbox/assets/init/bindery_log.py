"""The output of a session: its log and a copy of it, which never grow past a size."""

import posix as os

CHUNK = 65536


class Tee:
    """Output goes to our own output and to a copy; both are cut from the front at a size."""

    def __init__(self, size_max, copy):
        self.outputs = [Bounded(1, size_max)]
        if copy:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                self.outputs.append(Bounded(os.open(copy, flags | os.O_NONBLOCK, 0o644), size_max))
            except OSError:
                pass

    def write(self, data):
        for output in self.outputs:
            output.write(data)


class Bounded:
    def __init__(self, fd, size_max):
        self.fd = fd
        self.size_max = size_max

    def write(self, data):
        try:
            size = os.fstat(self.fd).st_size
            if size + len(data) > self.size_max:
                self.cut(size)
            os.write(self.fd, data)
        except OSError:
            # A full disk or a file that somebody took away: the server goes on without its log.
            pass

    def cut(self, size):
        """Keeps the second half, from a line's start."""
        kept = b""
        try:
            half = self.size_max // 2
            kept = os.pread(self.fd, half, max(0, size - half))
            kept = kept[kept.find(b"\n") + 1 :]
        except OSError:
            pass
        os.ftruncate(self.fd, 0)
        os.write(self.fd, b"[the beginning of this log was cut]\n" + kept)


class Output:
    """What the command prints, from a pipe to the log."""

    def __init__(self, loop, fd, log):
        self.loop = loop
        self.fd = fd
        self.log = log
        os.set_blocking(fd, False)
        loop.watch(fd, lambda _events: self.copy())

    def copy(self):
        """True when there was something."""
        try:
            data = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return False
        if data:
            self.log.write(data)
            return True
        self.loop.forget(self.fd)
        os.close(self.fd)
        self.fd = None
        return False

    def finish(self):
        """What the command said last; its own background children are not waited for."""
        for _ in range(64):
            if self.fd is None or not self.copy():
                return
