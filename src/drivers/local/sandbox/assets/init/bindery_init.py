"""Runs one command inside a sandbox: reaps, forwards signals, keeps the log small, opens the way out.

It runs once per session, beside the server: one thread, and of the standard library only what is
compiled in. `os`, `signal` and `socket` proper cost more to import than all else here together.
"""

import _signal as signal
import errno
import posix as os
import sys

from bindery_loop import Loop


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
    output = output_write = None
    if options["log_bytes"] is not None:
        from bindery_log import Output, Tee

        output_read, output_write = os.pipe()
        output = Output(loop, output_read, Tee(options["log_bytes"], options["log_copy"]))
    if options["forward"]:
        from bindery_forward import Forwarder

        Forwarder(loop, *options["forward"])
    hide()
    child = spawn(command, output_write)
    if output_write is not None:
        os.close(output_write)
    loop.watch(wake_read, lambda _events: drain(wake_read))

    status = None
    while status is None:
        loop.turn()
        while pending:
            send(child, pending.pop(0))
        status = reap(child)
    if output is not None:
        output.finish()
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
