"""A warm server becomes a person's: their variables, and their notebook's kernel at once."""
import hmac
import json
import os

from tornado import web
from tornado.ioloop import IOLoop

# Notebooks whose kernel was started beforehand: once, even when a claim is repeated.
_started = set()


class ClaimHandler(web.RequestHandler):
    """`POST` with the driver's secret as a bearer. May be repeated."""

    def initialize(self, secret, given, log):
        self.secret = secret
        self.given = given
        self.server_log = log

    def check_xsrf_cookie(self):
        """The secret is proof enough; no browser sends it by itself."""

    def post(self):
        expected = "Bearer " + self.secret
        actual = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(actual.encode(), expected.encode()):
            raise web.HTTPError(403)
        try:
            session = read_session_file(self.given)
        except (OSError, ValueError) as error:
            self.server_log.error("session.json cannot be read: %s", error)
            self.set_status(409)
            self.finish({"kind": "no-session"})
            return
        os.environ.update(session["variables"])
        self.finish({"kind": "claimed"})
        start_wanted_kernel_soon(self.settings, self.given, self.server_log)


def read_session_file(given):
    with open(os.path.join(given, "session.json"), encoding="utf-8") as file:
        session = json.load(file)
    variables = session.get("variables", {})
    if not all(isinstance(value, str) for value in variables.values()):
        raise ValueError("a variable is not a text")
    return {"variables": variables, "kernelForPath": session.get("kernelForPath")}


def start_wanted_kernel_soon(settings, given, log):
    """The page attaches to the kernel that already runs for its notebook."""

    async def start():
        try:
            path = read_session_file(given)["kernelForPath"]
            if path and path not in _started:
                _started.add(path)
                await _start_kernel(settings, path.strip("/"))
                log.info("kernel started beforehand for %s", path)
        except FileNotFoundError:
            return
        except Exception as error:  # The page starts the kernel itself when this did not work.
            log.info("no kernel was started beforehand: %s", error)

    IOLoop.current().add_callback(start)


async def _start_kernel(settings, path):
    sessions = settings["session_manager"]
    if await _settled(sessions.session_exists(path=path)):
        return
    await _settled(
        sessions.create_session(
            path=path,
            name=os.path.basename(path),
            type="notebook",
            kernel_name=_kernel_name(settings, path),
        )
    )


def _kernel_name(settings, path):
    """The kernel that the notebook names, where the environment has it; None for the default."""
    root = settings.get("server_root_dir", ".")
    with open(os.path.join(os.path.expanduser(root), path), encoding="utf-8") as file:
        name = json.load(file).get("metadata", {}).get("kernelspec", {}).get("name")
    return name if name in settings["kernel_spec_manager"].find_kernel_specs() else None


async def _settled(value):
    return await value if hasattr(value, "__await__") else value
