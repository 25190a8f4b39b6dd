"""Server extension: hands a warm server to a person, and tells the page what happened to it."""

_secret = None
_given = None


def configure(secret, given):
    global _secret, _given
    _secret = secret
    _given = given


def _jupyter_server_extension_points():
    return [{"module": "bindery_session"}]


def _load_jupyter_server_extension(app):
    pass
