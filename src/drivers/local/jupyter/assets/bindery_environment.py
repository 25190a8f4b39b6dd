"""The server that a repository brings: whatever Jupyter its environment has, told what BinderHub tells."""
import os
import sys

from bindery_preparation import (
    NodeHidden,
    postpone_rfc3987_syntax,
    show_sockets_when_they_listen,
)


def serve(settings, here):
    find = _finder()
    if find is None:
        sys.exit(
            "The repository's environment has no Jupyter server: add jupyterlab or notebook to "
            "what it installs."
        )
    _make_extension_known(settings, here)
    if _version("rfc3987_syntax") is not None:
        postpone_rfc3987_syntax()
    show_sockets_when_they_listen()
    with NodeHidden():
        application = find()
    application.launch_instance(argv=_arguments(settings, here, application))


def _finder():
    """JupyterLab 3 or later when there is one, else the notebook, else the bare server."""
    if (_version("jupyterlab") or 0) >= 3:
        return _lab
    if _version("notebook") is not None:
        return _notebook
    if _version("jupyter_server") is not None:
        return _bare_server
    return None


def _lab():
    from jupyterlab.labapp import LabApp

    return LabApp


def _notebook():
    try:
        from notebook.notebookapp import NotebookApp

        return NotebookApp
    except ImportError:
        from notebook.app import JupyterNotebookApp

        return JupyterNotebookApp


def _bare_server():
    from jupyter_server.serverapp import ServerApp

    return ServerApp


def _version(package):
    """The major version, without importing the package; None when it is not installed."""
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:  # Python 3.7
        from pkg_resources import DistributionNotFound as PackageNotFoundError
        from pkg_resources import get_distribution

        def version(name):
            return get_distribution(name).version

    try:
        return int(version(package).split(".")[0])
    except PackageNotFoundError:
        return None


def _make_extension_known(settings, here):
    """Found like any extension; the variable is taken back as soon as the extension is loaded."""
    original = os.environ.get("JUPYTER_CONFIG_PATH")
    settings["originalConfigPath"] = original
    paths = [os.path.join(here, "etc", "jupyter")] + ([original] if original else [])
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(paths)


def _arguments(settings, here, application):
    """The flags of BinderHub, under the name that this application's server has for them."""
    server = getattr(application, "serverapp_class", application)
    home = settings["paths"]["home"]
    options = {
        "base_url": settings["baseUrl"],
        "trust_xheaders": "True",
        "open_browser": "False",
        "quit_button": "False",
        "allow_remote_access": "True",
        "allow_root": "True",
    }
    if settings["allowOrigin"] == "*":
        options["allow_origin_pat"] = ".*"
    elif settings["allowOrigin"]:
        options["allow_origin"] = settings["allowOrigin"]
    options.update(_listening(settings["paths"]["socket"], server))
    options["notebook_dir" if server.__name__ == "NotebookApp" else "root_dir"] = home
    token = "%s.token=%s" % (
        "IdentityProvider" if _has_identity_provider(server) else server.__name__,
        settings["token"],
    )
    return _page_arguments(here) + [
        "--" + token,
        "--KernelManager.transport=ipc",
        "--MappingKernelManager.cull_idle_timeout=%d" % settings["kernelIdleSeconds"],
    ] + ["--%s.%s=%s" % (server.__name__, name, value) for name, value in options.items()]


def _page_arguments(here):
    """Our part of the page, where a list can be given on the command line."""
    import traitlets

    if traitlets.version_info[0] < 5:
        return []
    extensions = os.path.join(here, "labextensions")
    return ["--LabServerApp.extra_labextensions_path=" + extensions]


def _has_identity_provider(server):
    return server.class_traits().get("identity_provider_class") is not None


def _listening(socket_path, server):
    """On the socket itself, or through a forwarder where the server cannot (Notebook before 6.1)."""
    if server.class_traits().get("sock") is not None:
        return {"sock": socket_path, "sock_mode": "0666"}
    from bindery_forwarder import forward_to_free_port

    return {"ip": "127.0.0.1", "port": str(forward_to_free_port(socket_path))}
