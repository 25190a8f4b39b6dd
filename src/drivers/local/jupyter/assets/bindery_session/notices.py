"""What the person must be told: read from a file that the session's driver writes."""
import json
import os

from tornado import web

try:
    from jupyter_server.base.handlers import APIHandler
except ImportError:
    from notebook.base.handlers import APIHandler


class NoticesHandler(APIHandler):
    """`GET` answers `{"notices": [{"id", "level", "message", "atMs"}]}`, oldest first."""

    def initialize(self, given):
        self.given = given

    def update_api_activity(self):
        """Asking for news is not work."""

    @web.authenticated
    def get(self):
        self.set_header("Cache-Control", "no-cache")
        self.finish(json.dumps({"notices": self._notices()}))

    def _notices(self):
        try:
            with open(os.path.join(self.given, "notices.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return []
