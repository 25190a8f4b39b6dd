"""Runs one command inside a sandbox: reaps, forwards signals, keeps the log small, opens the way out.

It runs once per session, beside the server: one thread, and of the standard library only what is
compiled in. `os`, `signal` and `socket` proper cost more to import than all else here together.
"""

import _signal as signal
import _socket as socket
import errno
import posix as os
import select
import sys

CHUNK = 65536
CONNECTIONS_MAX = 256
LISTEN_BACKLOG = 64


def main(arguments):
    options, command = parse(arguments)
    if options["start"]:
        command = [options["start"], *command]
        allow_execution(options["start"])
    wake_read, wake_write = os.pipe()
    for fd in (wake_read, wake_write):
        os.set_blocking(fd, False)
    pending = []
    for number in forwarded_signals():
        signal.signal(number, lambda received, _frame: pending.append(received))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    if options["alone"]:
        adopt_orphans()
    loop = Loop()
    log = None
    output_read = output_write = None
    if options["log_bytes"] is not None:
        output_read, output_write = os.pipe()
        log = Tee(options["log_bytes"], options["log_copy"])
    if options["forward"]:
        loop.listen(*options["forward"])
    hide()
    child = spawn(command, output_write)
    if output_write is not None:
        os.close(output_write)
        os.set_blocking(output_read, False)
        loop.watch_output(output_read, log)
    loop.watch(wake_read, lambda: drain(wake_read))

    status = None
    while status is None:
        loop.turn()
        while pending:
            send(child, pending.pop(0))
        status = reap(child)
    loop.finish_output()
    if options["alone"]:
        end_descendants()
    return status


def parse(arguments):
    options = {"forward": None, "log_bytes": None, "log_copy": None, "start": None, "alone": False}
    rest = list(arguments)
    while rest and rest[0] != "--":
        name = rest.pop(0)
        if name == "--alone":
            options["alone"] = True
        elif name == "--forward":
            options["forward"] = (int(rest.pop(0)), rest.pop(0))
        elif name == "--log-bytes":
            options["log_bytes"] = int(rest.pop(0))
        elif name == "--log-copy":
            options["log_copy"] = rest.pop(0)
        elif name == "--start":
            options["start"] = rest.pop(0)
        else:
            sys.exit(f"unknown option {name}")
    return options, rest[1:]


def allow_execution(path):
    """The script counts as executable whatever its mode says, as repo2docker has it."""
    try:
        os.chmod(path, os.stat(path).st_mode | 0o100)
    except OSError:
        pass


def forwarded_signals():
    kept = {signal.SIGCHLD, signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE}
    faults = {signal.SIGSEGV, signal.SIGFPE, signal.SIGILL, signal.SIGBUS, signal.SIGABRT}
    stops = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
    realtime = {number for number in signal.valid_signals() if number >= signal.SIGRTMIN}
    return signal.valid_signals() - kept - faults - stops - realtime


def spawn(command, output):
    child = os.fork()
    if child:
        return child
    try:
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            if int(number) < 32:
                signal.signal(number, signal.SIG_DFL)
        if output is not None:
            os.dup2(output, 1)
            os.dup2(output, 2)
        execute(command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(126 if error.errno == errno.EACCES else 127)
    finally:
        os._exit(127)


def execute(command):
    """Becomes the command, as a shell would find and run it."""
    name = command[0]
    search = os.environ.get(b"PATH", b"/usr/bin:/bin").decode(errors="surrogateescape").split(":")
    absent = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    for path in [name] if "/" in name else [f"{directory}/{name}" for directory in search]:
        try:
            os.execve(path, command, os.environ)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            os.execve("/bin/sh", ["sh", path, *command[1:]], os.environ)
    raise absent


PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36


def prctl(option, value):
    """By ctypes, without what it does beside at import."""
    try:
        import _ctypes

        address = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")
        _ctypes.call_function(address, (option, value, 0, 0, 0))
    except (ImportError, OSError, AttributeError):
        pass


def hide():
    """Not dumpable: other processes of this uid cannot open our memory or our descriptors."""
    prctl(PR_SET_DUMPABLE, 0)


def adopt_orphans():
    """Without a PID namespace: we end with our parent, and our descendants stay ours."""
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_descendants():
    """Kills generation after generation: orphans come to us."""
    own = f"/proc/self/task/{os.getpid()}/children"
    for _ in range(1000):
        try:
            with open(own, encoding="ascii") as file:
                children = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        if not children:
            return
        for pid in children:
            send(pid, signal.SIGKILL)
        for pid in children:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def reap(child):
    """The command's exit code once it has ended; buries the orphans that came to us."""
    status = None
    while True:
        try:
            pid, result = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == child:
            code = os.waitstatus_to_exitcode(result)
            status = code if code >= 0 else 128 - code


def drain(fd):
    try:
        while os.read(fd, 4096):
            pass
    except BlockingIOError:
        pass


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
                events |= select.EPOLLIN
            if pipe.sink is end and pipe.wants_write():
                events |= select.EPOLLOUT
        return events

    def handle(self, end, events):
        """False when the connection is over."""
        try:
            for pipe in self.pipes:
                readable = events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR)
                if pipe.source is end and readable and pipe.wants_read():
                    pipe.read()
                elif pipe.sink is end and pipe.wants_write():
                    pipe.write()
        except BlockingIOError:
            return True
        except OSError:
            return False
        if events & select.EPOLLERR:
            return False
        return not all(pipe.shut for pipe in self.pipes)

    def close(self):
        for each in self.sockets:
            each.close()


class Loop:
    def __init__(self):
        self.poll = select.epoll()
        self.callbacks = {}
        self.connections = {}
        self.polled = set()
        self.listener = None
        self.target = None
        self.output = None

    def watch(self, fd, callback):
        self.callbacks[fd] = callback
        self.poll.register(fd, select.EPOLLIN)

    def watch_output(self, fd, log):
        self.output = (fd, log)
        self.watch(fd, self.copy_output)

    def copy_output(self):
        fd, log = self.output
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return False
        if data:
            log.write(data)
            return True
        self.poll.unregister(fd)
        del self.callbacks[fd]
        return False

    def finish_output(self):
        """What the command said last; its own background children are not waited for."""
        if self.output and self.output[0] in self.callbacks:
            for _ in range(64):
                if not self.copy_output():
                    return

    def listen(self, port, target):
        self.target = target
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(LISTEN_BACKLOG)
        self.listener.setblocking(False)
        self.watch(self.listener.fileno(), self.accept)

    def accept(self):
        try:
            near = socket.socket(fileno=self.listener._accept()[0])
        except OSError:
            return
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if len(self.connections) >= 2 * CONNECTIONS_MAX:
                raise OSError("too many connections")
            far.setblocking(False)
            far.connect(self.target)
        except OSError:
            near.close()
            far.close()
            return
        near.setblocking(False)
        connection = Connection(near, far)
        for end in connection.sockets:
            self.connections[end.fileno()] = (connection, end)
            self.register(end.fileno(), connection.interest(end))

    def turn(self):
        for fd, events in self.poll.poll():
            if fd in self.callbacks:
                self.callbacks[fd]()
            elif fd in self.connections:
                self.advance(fd, events)

    def advance(self, fd, events):
        connection, end = self.connections[fd]
        alive = connection.handle(end, events)
        for each in connection.sockets:
            number = each.fileno()
            self.register(number, connection.interest(each) if alive else 0)
            if not alive:
                del self.connections[number]
        if not alive:
            connection.close()

    def register(self, fd, events):
        """An end that waits for the other is not polled: the kernel would report its hang-up forever."""
        if fd in self.polled:
            if events:
                self.poll.modify(fd, events)
            else:
                self.poll.unregister(fd)
                self.polled.discard(fd)
        elif events:
            self.poll.register(fd, events)
            self.polled.add(fd)
