"""Server extension: hands a warm server to a person, and tells the page what happened to it.

It runs in the shared server and in servers that repositories bring, back to Notebook 6.
"""
import os

_settings = None
_claim_secret = None


def configure(settings, claim_secret):
    """Called by the launcher before the server exists."""
    global _settings, _claim_secret
    _settings = settings
    _claim_secret = claim_secret


def _jupyter_server_extension_points():
    return [{"module": "bindery_session"}]


# The names of older servers.
_jupyter_server_extension_paths = _jupyter_server_extension_points


def _load_jupyter_server_extension(app):
    if _settings is None:
        # Somebody started another Jupyter server by hand, in a terminal of the session.
        return
    from . import claim, notices

    _restore_config_path()
    base_url = app.web_app.settings["base_url"].rstrip("/")
    given = _settings["paths"]["given"]
    app.web_app.add_handlers(
        ".*$",
        [
            (
                base_url + "/api/bindery/claim",
                claim.ClaimHandler,
                {"secret": _claim_secret, "given": given, "log": app.log},
            ),
            (
                base_url + "/api/bindery/notices",
                notices.create_handler(_api_handler_of(app), given),
            ),
        ],
    )
    if not _settings["isWarm"]:
        claim.start_wanted_kernel_soon(app.web_app.settings, given, app.log)


load_jupyter_server_extension = _load_jupyter_server_extension


def _api_handler_of(app):
    """Notebook 6 has classes of its own, and may have jupyter_server installed beside it."""
    if type(app).__module__.startswith("notebook."):
        from notebook.base.handlers import APIHandler
    else:
        from jupyter_server.base.handlers import APIHandler
    return APIHandler


def _restore_config_path():
    """What the launcher set so that this extension is found is not for kernels and terminals."""
    original = _settings.get("originalConfigPath")
    if original is not None:
        os.environ["JUPYTER_CONFIG_PATH"] = original
    else:
        os.environ.pop("JUPYTER_CONFIG_PATH", None)
