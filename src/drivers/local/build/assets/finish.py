"""The end of a build, inside its sandbox: makes the kernel absolute, keeps the home's changes, reports.

Run by the system's interpreter, isolated: nothing that the build installed is imported.
"""

import json
import os
import re
import shutil
import stat
import sys

SKIPPED_IN_HOME = {".cache/pip", ".cache/uv", ".npm/_cacache", ".conda/pkgs"}
SERVER_CONFIG = "etc/jupyter/jupyter_server_config.d"


def main():
    sys.setrecursionlimit(20000)
    options = json.loads(sys.argv[1])
    environment = options["environment"]
    report = {
        "kernels": fix_kernels(environment),
        "packages": packages(environment),
        "r": r_packages(os.path.join(environment, "rlibs")),
        "npm": npm_packages(options["npm"]),
        "serverExtensions": server_extensions(environment),
        "hasHomeLayer": keep_home(options),
    }
    report["sizeBytes"] = size_of(environment)
    with open(options["report"], "x", encoding="utf-8") as file:
        json.dump(report, file)


def fix_kernels(environment):
    """Kernels that start whatever `python` comes first on PATH start this environment's."""
    root = os.path.join(environment, "share/jupyter/kernels")
    found = []
    for name in names_in(root):
        path = os.path.join(root, name, "kernel.json")
        try:
            with open(path, encoding="utf-8") as file:
                spec = json.load(file)
            if os.path.basename(spec["argv"][0]) in ("python", "python3"):
                spec["argv"][0] = absolute_python(environment, spec["argv"][0])
                write_anew(path, json.dumps(spec, indent=1))
            found.append(name)
        except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
            continue
    return found


def absolute_python(environment, program):
    if os.path.isabs(program) and not os.path.exists(program):
        return os.path.join(environment, "bin/python")
    return program if os.path.isabs(program) else os.path.join(environment, "bin/python")


def write_anew(path, text):
    """The file may be a hard link into the shared cache: it is replaced, never written."""
    half = path + ".new"
    with open(half, "x", encoding="utf-8") as file:
        file.write(text)
    os.replace(half, path)


def packages(environment):
    found = []
    by_conda = conda_files(environment)
    for site in site_packages(environment):
        for name in names_in(site):
            if name.endswith(".dist-info"):
                directory = os.path.join(site, name)
                one = package(directory)
                if one and os.path.relpath(os.path.join(directory, "METADATA"), environment) in by_conda:
                    one["origin"] = "conda"
                found.append(one)
    return sorted((one for one in found if one), key=lambda one: one["name"])


def conda_files(environment):
    """What belongs to conda packages; what pip has put over it since is pip's."""
    root = os.path.join(environment, "conda-meta")
    found = set()
    for name in names_in(root):
        try:
            with open(os.path.join(root, name), encoding="utf-8") as file:
                found.update(path for path in json.load(file)["files"] if path.endswith("/METADATA"))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def package(directory):
    name = version = None
    try:
        with open(os.path.join(directory, "METADATA"), encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.strip() == "":
                    break
                key, _, value = line.partition(":")
                if key == "Name":
                    name = value.strip()
                elif key == "Version":
                    version = value.strip()
    except OSError:
        return None
    if not name or not version:
        return None
    return {"name": name, "version": version, "origin": origin(directory)}


def origin(directory):
    try:
        with open(os.path.join(directory, "direct_url.json"), encoding="utf-8") as file:
            direct = json.load(file)
        url = str(direct["url"])
        commit = (direct.get("vcs_info") or {}).get("commit_id")
        return f"git+{url}@{commit}" if commit else url
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def server_extensions(environment):
    """Names of the configuration files that switch on extensions of the Jupyter server."""
    root = os.path.join(environment, SERVER_CONFIG)
    found = []
    for name in names_in(root):
        try:
            with open(os.path.join(root, name), encoding="utf-8") as file:
                switches = json.load(file)["ServerApp"]["jpserver_extensions"]
            found += [str(module) for module, is_on in switches.items() if is_on is True]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return sorted(found)


def r_packages(library):
    found = []
    for name in names_in(library):
        try:
            with open(os.path.join(library, name, "DESCRIPTION"), encoding="utf-8", errors="replace") as file:
                version = next(line.split(":", 1)[1] for line in file if line.startswith("Version:"))
        except (OSError, StopIteration):
            continue
        if re.fullmatch(r"[A-Za-z0-9.]+", name) and re.fullmatch(r"[0-9.-]+", version.strip()):
            found.append(f"{name}={version.strip()}")
    return found


def npm_packages(directory):
    """What npm notes of its own work."""
    if directory is None:
        return []
    try:
        path = os.path.join(directory, "node_modules/.package-lock.json")
        with open(path, encoding="utf-8") as file:
            packages = json.load(file)["packages"].items()
        rows = [
            (path.rpartition("node_modules/")[2], str(one["version"]), str(one.get("integrity", "")))
            for path, one in packages
            if "node_modules/" in path and "version" in one
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    return sorted({" ".join((f"{name}@{version}", digest)).strip() for name, version, digest in rows})


def site_packages(environment):
    lib = os.path.join(environment, "lib")
    return [
        os.path.join(lib, name, "site-packages")
        for name in names_in(lib)
        if name.startswith("python")
    ]


def names_in(directory):
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def keep_home(options):
    """Copies what the build changed or added in the home; notes what it removed."""
    if options["home"] is None:
        return False
    home, layer = options["home"], os.path.join(options["environment"], "home-layer")
    with open(options["homeBefore"], encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.split(" ", 3) for line in file.read().split("\0") if line]
    before = {path: (nanoseconds(ctime), nanoseconds(mtime), int(size)) for ctime, mtime, size, path in lines}
    seen = set()
    changed = False
    for path, entry in walk(home):
        seen.add(path)
        info = entry.stat(follow_symlinks=False)
        known = before.get(path)
        is_new = known is None
        if stat.S_ISDIR(info.st_mode):
            if is_new:
                make_directory(os.path.join(layer, path), info)
                changed = True
        elif is_new or is_changed(info, known):
            if stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode):
                os.makedirs(os.path.join(layer, os.path.dirname(path)), exist_ok=True)
                shutil.copy2(entry.path, os.path.join(layer, path), follow_symlinks=False)
                changed = True
    removed = sorted(path for path in before if path not in seen)
    if removed:
        with open(layer + "-removed", "x", encoding="utf-8", errors="surrogateescape") as file:
            file.write("".join(path + "\0" for path in removed))
    return changed or bool(removed)


def is_changed(info, known):
    """A further link from elsewhere (a pack that several checkouts share) is no change of ours."""
    ctime, mtime, size = known
    is_only_linked = info.st_nlink > 1 and info.st_mtime_ns == mtime and info.st_size == size
    return info.st_ctime_ns != ctime and not is_only_linked


def nanoseconds(text):
    """`find` prints seconds with a fraction of ten digits."""
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 1_000_000_000 + int((fraction + "0" * 9)[:9])


def make_directory(path, info):
    os.makedirs(path, exist_ok=True)
    os.chmod(path, stat.S_IMODE(info.st_mode) | 0o700)


def walk(root, prefix=""):
    try:
        entries = sorted(os.scandir(os.path.join(root, prefix)), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = os.path.join(prefix, entry.name)
        if path in SKIPPED_IN_HOME:
            continue
        yield path, entry
        if entry.is_dir(follow_symlinks=False):
            yield from walk(root, path)


def size_of(environment):
    total = 0
    for _, entry in walk(environment):
        info = entry.stat(follow_symlinks=False)
        total += info.st_blocks * 512
    return total


main()
