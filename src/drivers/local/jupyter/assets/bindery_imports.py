"""Two things that JupyterLab does when it is imported, and that a session need not wait for."""
import os
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
