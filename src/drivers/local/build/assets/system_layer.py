"""A layer of Debian packages over this machine's system: made ready for dpkg, and tidied after it.

Run in a sandbox as its user. In an overlay only what that user owns can be written, so that the
directories which packages and their scripts touch are made anew, empty, above the machine's own; what
dpkg rewrites is copied. Afterwards the empty ones go again.
"""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys

DPKG = "var/lib/dpkg"
# Directories that scripts and triggers write to, and how deep; those of the packages' own files come on top.
TREES = {"etc": 9, "var/lib": 2, "var/cache": 2, "var/log": 1, "opt": 1, "usr": 2, "usr/share/icons": 3,
         "usr/share/mime": 2, "usr/share/fonts": 3, "usr/share/glib-2.0": 2, "usr/share/info": 1}
# Below /usr/lib: per architecture.
TREES_OF_LIBRARIES = 2
SKIPPED = {"usr/local", "usr/share/doc", "usr/lib/node_modules", "var/lib/docker", "var/lib/containers"}
DPKG_FILES = ["status", "available", "diversions", "statoverride", "arch"]
# Of no use in a session, or different at every build.
DROPPED = ["var/log", "var/cache", "var/tmp", "var/lib/apt", DPKG + "/lock", DPKG + "/lock-frontend",
           DPKG + "/status-old", DPKG + "/available-old", DPKG + "/diversions-old", DPKG + "/statoverride-old",
           "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/subuid-", "etc/subgid-",
           "etc/shadow", "etc/gshadow", "etc/passwd", "etc/group"]
# Present in every layer, whatever is in them.
KEPT = ["usr", "etc", "var", "var/lib", "opt"]


def main():
    sys.setrecursionlimit(20000)
    os.umask(0o022)
    options = json.loads(sys.argv[1])
    answer = {"prepare": prepare, "tidy": tidy}[options["do"]](options)
    with open(options["report"], "w", encoding="utf-8") as file:
        json.dump(answer, file)


def prepare(options):
    layer, packages = options["layer"], options["packages"]
    for part in ["usr", "etc", "var", "opt"]:
        os.makedirs(os.path.join(layer, part), exist_ok=True)
        os.makedirs(os.path.join(options["work"], part), exist_ok=True)
    libraries = [f"usr/lib/{name}" for name in names_in("/usr/lib") if name.endswith("-linux-gnu")]
    for tree, depth in [*TREES.items(), *((each, TREES_OF_LIBRARIES) for each in libraries)]:
        copy_directories(tree, layer, depth)
    for directory in [DPKG + "/updates", "var/log"]:
        os.makedirs(os.path.join(layer, directory), exist_ok=True)
    for name in DPKG_FILES:
        copy_file(f"{DPKG}/{name}", layer)
    for directory in ["triggers", "alternatives"]:
        for name in names_in(f"/{DPKG}/{directory}"):
            copy_file(f"{DPKG}/{directory}/{name}", layer)
    for lock in ["lock", "lock-frontend", "triggers/Lock"]:
        open(os.path.join(layer, DPKG, lock), "w", encoding="utf-8").close()
    for log in ["dpkg.log", "alternatives.log", "fontconfig.log"]:
        open(os.path.join(layer, "var/log", log), "w", encoding="utf-8").close()
    return [facts_of(os.path.join(packages, name), layer) for name in sorted(os.listdir(packages))]


def facts_of(path, layer):
    """Name, version and digest; files of a version that is replaced become the layer's own."""
    shown = subprocess.run(
        ["/usr/bin/dpkg-deb", "--showformat=${Package}\\n${Version}\\n${Architecture}\\n", "--show", path],
        check=True, capture_output=True, encoding="utf-8",
    )
    name, version, architecture = shown.stdout.split("\n")[:3]
    copy_parents(path, layer)
    for listing in [f"{name}.list", f"{name}:{architecture}.list"]:
        try:
            with open(f"/{DPKG}/info/{listing}", encoding="utf-8") as file:
                paths = file.read().split("\n")
        except OSError:
            continue
        for ending in names_in(f"/{DPKG}/info"):
            if ending.startswith(listing[: -len("list")]):
                copy_file(f"{DPKG}/info/{ending}", layer)
        for each in paths:
            copy_file(resolved(each.lstrip("/")), layer)
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256") if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read())
    return {"name": name, "version": version, "architecture": architecture, "sha256": digest.hexdigest()}


def resolved(path):
    """/bin and its like are links into /usr."""
    parent, name = os.path.split(path)
    return os.path.join(os.path.realpath("/" + parent).lstrip("/"), name)


def copy_directories(tree, layer, depth):
    if tree in SKIPPED or not os.path.isdir("/" + tree):
        return
    os.makedirs(os.path.join(layer, tree), exist_ok=True)
    if depth == 0:
        return
    for entry in entries_in("/" + tree):
        if entry.is_dir(follow_symlinks=False):
            copy_directories(f"{tree}/{entry.name}", layer, depth - 1)


def copy_parents(path, layer):
    """Directories of the machine that the package's files lie in."""
    listed = subprocess.run(["/usr/bin/dpkg-deb", "--contents", path], check=True, capture_output=True)
    for line in listed.stdout.decode("utf-8", "replace").split("\n"):
        at = line.find(" ./")
        if line.startswith("d") and at > 0:
            name = resolved(line[at + 3 :].rstrip("/"))
            if name.split("/")[0] in ("usr", "etc", "var", "opt") and os.path.isdir("/" + name):
                os.makedirs(os.path.join(layer, name), exist_ok=True)


def copy_file(path, layer):
    target = os.path.join(layer, path)
    if path.split("/")[0] not in ("usr", "etc", "var", "opt") or os.path.lexists(target):
        return
    try:
        info = os.lstat("/" + path)
        if stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2("/" + path, target, follow_symlinks=False)
    except OSError:
        # Not there, or not for us to read: dpkg says so if it matters.
        return


def tidy(options):
    layer = options["layer"]
    for path in DROPPED:
        remove(os.path.join(layer, path))
    shutil.rmtree(options["work"], ignore_errors=True)
    drop_empty(layer, "")
    for part in KEPT:
        os.makedirs(os.path.join(layer, part), exist_ok=True)
    return {"sizeBytes": size_of(layer)}


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)


def drop_empty(layer, directory):
    """True when nothing is left of it that the machine does not have itself."""
    here = os.path.join(layer, directory)
    is_empty = True
    for entry in entries_in(here):
        path = os.path.join(directory, entry.name)
        is_directory = entry.is_dir(follow_symlinks=False)
        if not (is_directory and drop_empty(layer, path)):
            is_empty = False
    if is_empty and os.path.isdir("/" + directory):
        try:
            os.rmdir(here)
        except OSError:
            return False
        return True
    return False


def names_in(directory):
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def entries_in(directory):
    try:
        return sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        return []


def size_of(directory):
    total = 0
    for entry in entries_in(directory):
        total += entry.stat(follow_symlinks=False).st_blocks * 512
        if entry.is_dir(follow_symlinks=False):
            total += size_of(entry.path)
    return total


main()
