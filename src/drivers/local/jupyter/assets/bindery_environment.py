"""The server that a repository brings: whatever Jupyter its environment has, told what BinderHub tells."""
import os
import sys

from bindery_imports import NodeHidden, postpone_rfc3987_syntax


def serve(settings, here):
    main = _find_main()
    if main is None:
        sys.exit(
            "The repository's environment has no Jupyter server: add jupyterlab or notebook to "
            "what it installs."
        )
    _make_extension_known(settings, here)
    if _version("rfc3987_syntax") is not None:
        postpone_rfc3987_syntax()
    with NodeHidden():
        application = main()
    arguments = _arguments(settings, application)
    application.launch_instance(argv=arguments)


def _find_main():
    """JupyterLab 3 or later when there is one, the classic notebook otherwise."""

    def lab():
        from jupyterlab.labapp import LabApp

        return LabApp

    def notebook():
        try:
            from notebook.notebookapp import NotebookApp

            return NotebookApp
        except ImportError:
            from notebook.app import JupyterNotebookApp

            return JupyterNotebookApp

    def server():
        from jupyter_server.serverapp import ServerApp

        return ServerApp

    lab_version = _version("jupyterlab")
    if lab_version is not None and lab_version >= 3:
        return lab
    if _version("notebook") is not None:
        return notebook
    if _version("jupyter_server") is not None:
        return server
    return None


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


def _arguments(settings, application):
    paths = settings["paths"]
    options = {
        "base_url": settings["baseUrl"],
        "token": settings["token"],
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
    options.update(_listening(paths["socket"], application))
    arguments = [
        "--KernelManager.transport=ipc",
        "--MappingKernelManager.cull_idle_timeout=%d" % settings["kernelIdleSeconds"],
        "--NotebookApp.notebook_dir=" + paths["home"],
        "--ServerApp.root_dir=" + paths["home"],
        "--IdentityProvider.token=" + settings["token"],
    ]
    for name, value in options.items():
        arguments.append("--NotebookApp.%s=%s" % (name, value))
        arguments.append("--ServerApp.%s=%s" % (name, value))
    return arguments


def _listening(socket_path, application):
    """On the socket itself, or through a forwarder where the server cannot (Notebook before 6.1)."""
    server_class = getattr(application, "serverapp_class", application)
    if server_class.class_traits().get("sock") is not None:
        return {"sock": socket_path, "sock_mode": "0666"}
    from bindery_forwarder import forward_to_free_port

    return {"ip": "127.0.0.1", "port": str(forward_to_free_port(socket_path))}
