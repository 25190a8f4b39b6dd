"""The shared server: JupyterLab and Notebook 7 with only what a session needs, started quickly."""
import os

from bindery_preparation import (
    NodeHidden,
    postpone_rfc3987_syntax,
    show_sockets_when_they_listen,
)


def serve(settings, here):
    postpone_rfc3987_syntax()
    show_sockets_when_they_listen()
    with NodeHidden():
        from jupyter_server.serverapp import ServerApp
        from traitlets.config import Config

        _ask_new_kernels_often()
        app = ServerApp.instance(config=Config(_configuration(settings, here)))
        # No search for server extensions: a repository that brings one gets its own server.
        app.initialize(argv=[], find_extensions=False)
    app.start()


def _ask_new_kernels_often():
    """A page may talk to a new kernel once a question to it was answered and its answer published.
    jupyter_server asks every 0.5 s and the first question is usually lost: that is the greater part
    of the time to the first result.
    """
    from jupyter_server.services.kernels.connection import channels
    from tornado.ioloop import IOLoop

    class OftenLoop:
        def __init__(self, loop):
            self._loop = loop

        def __getattr__(self, name):
            return getattr(self._loop, name)

        def call_later(self, delay, callback, *arguments, **options):
            return self._loop.call_later(min(delay, 0.05), callback, *arguments, **options)

    class OftenLoops:
        @staticmethod
        def current():
            return OftenLoop(IOLoop.current())

    channels.IOLoop = OftenLoops


def _configuration(settings, here):
    paths = settings["paths"]
    allow_origin = settings["allowOrigin"] or ""
    return {
        "ServerApp": {
            "sock": paths["socket"],
            # The gateway may be another user; the directory decides who reaches the socket.
            "sock_mode": "0666",
            "base_url": settings["baseUrl"],
            "default_url": "/lab",
            "root_dir": paths["home"],
            "open_browser": False,
            "quit_button": False,
            "trust_xheaders": True,
            "allow_remote_access": True,
            "allow_root": True,
            "allow_origin": "" if allow_origin == "*" else allow_origin,
            "allow_origin_pat": ".*" if allow_origin == "*" else "",
            "terminals_enabled": True,
            # Not a login shell: /etc/profile would take the environment off the PATH.
            "terminado_settings": {"shell_command": [os.environ.get("SHELL", "/bin/sh")]},
            "jpserver_extensions": {
                "jupyterlab": True,
                "notebook": True,
                "jupyter_server_terminals": True,
                "bindery_session": True,
            },
            "tornado_settings": {
                "page_config_data": {"buildAvailable": False, "buildCheck": False},
                **_one_address_for_all(settings["sharedAssets"]),
            },
        },
        "IdentityProvider": {"token": settings["token"]},
        # For JupyterLab and Notebook 7.
        "LabServerApp": {
            "extra_labextensions_path": [os.path.join(here, "labextensions")],
            "app_settings_dir": os.path.join(here, "settings"),
        },
        "LabApp": {
            "extension_manager": "readonly",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        },
        "KernelManager": {"transport": "ipc"},
        "KernelSpecManager": {"ensure_native_kernel": False},
        "MappingKernelManager": {
            "cull_idle_timeout": settings["kernelIdleSeconds"],
            "cull_interval": 60,
        },
        # Trust is for this session only: no key and no database in the person's home.
        "NotebookNotary": {"data_dir": paths["runtime"]},
    }


def _one_address_for_all(shared_assets):
    """A browser that has been in one session has the pages' own files for every other one."""
    if shared_assets is None:
        return {}

    def point_there(handler, page_config):
        page_config["fullStaticUrl"] = shared_assets + handler.name
        return page_config

    return {"page_config_hook": point_there}
