"""What is done before Jupyter is imported, so that it starts quickly and is reached only when ready."""
import os
import socket
import sys
import types


class NodeHidden:
    """jupyterlab runs `node` when it is imported and node is on the PATH; nobody needs the result."""

    def __enter__(self):
        self.path = os.environ.get("PATH")
        os.environ["PATH"] = os.path.dirname(sys.executable)

    def __exit__(self, *_):
        if self.path is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = self.path


def postpone_rfc3987_syntax():
    """rfc3987_syntax compiles a grammar when imported (about a second); do it at the first use."""
    name = "rfc3987_syntax"
    if name in sys.modules:
        return

    def is_valid_syntax(*arguments, **options):
        if sys.modules.get(name) is lazy:
            del sys.modules[name]
        from rfc3987_syntax import is_valid_syntax as real

        return real(*arguments, **options)

    lazy = types.ModuleType(name)
    lazy.is_valid_syntax = is_valid_syntax
    sys.modules[name] = lazy


def show_sockets_when_they_listen():
    """Between bind and listen connections are refused: the socket gets its name after both."""
    import tornado.netutil

    tornado.netutil.bind_unix_socket = listen_at


def listen_at(path, mode=0o600, backlog=128):
    """A listening UNIX socket, not blocking, whose file appears when connections are accepted."""
    half = path + ".new"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.setblocking(False)
    if os.path.exists(half):
        os.unlink(half)
    listener.bind(half)
    os.chmod(half, mode)
    listener.listen(backlog)
    os.rename(half, path)
    return listener
