"""What the person must be told: read from a file that the session's driver writes."""
import json
import os

from tornado import web


def create_handler(base, given):
    """`base` is the server's own APIHandler: it knows who is a person with the token."""

    class NoticesHandler(base):
        """`GET` answers `{"notices": [{"id", "level", "message", "atMs"}]}`, oldest first."""

        def update_api_activity(self):
            """Asking for news is not work."""

        @web.authenticated
        def get(self):
            self.set_header("Cache-Control", "no-cache")
            self.finish(json.dumps({"notices": _read_notices(given)}))

    return NoticesHandler


def _read_notices(given):
    try:
        with open(os.path.join(given, "notices.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return []
