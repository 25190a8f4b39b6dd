"""Byte-compiles what an environment consists of; parses it, and never imports or runs it.

Packages that are unpacked in the shared cache are compiled there, once, so that later environments
get the result as hard links; this environment gets a copy. What is not found there is compiled in
place. uv's cache has no documented layout: where it looks different, everything is compiled in place.
"""

import importlib.util
import json
import os
import py_compile
import shutil
import sys


HALF = ".half-"


def main():
    options = json.loads(sys.argv[1])
    site = os.path.join(
        options["environment"], f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    )
    for name in names_in(site):
        # Of a run that was stopped.
        if name.startswith(HALF):
            os.remove(os.path.join(site, name))
    if options["cache"] is not None:
        for archive in archives_of(site, os.path.join(options["cache"], "archive-v0")):
            compile_archive(archive, site, options)
    compile_tree(site, site, site)


def archives_of(site, root):
    """The unpacked packages of the cache whose files are hard links of this environment's."""
    wanted = set()
    for name in names_in(site):
        if name.endswith(".dist-info"):
            try:
                info = os.stat(os.path.join(site, name, "WHEEL"), follow_symlinks=False)
                wanted.add((info.st_dev, info.st_ino))
            except OSError:
                continue
    for name in names_in(root):
        archive = os.path.join(root, name)
        for inner in names_in(archive):
            if not inner.endswith(".dist-info"):
                continue
            try:
                info = os.stat(os.path.join(archive, inner, "WHEEL"), follow_symlinks=False)
            except OSError:
                continue
            if (info.st_dev, info.st_ino) in wanted:
                yield archive
                break


def compile_archive(archive, site, options):
    tag = sys.implementation.cache_tag
    note = os.path.join(options["notes"], f"{os.path.basename(archive)}.{tag}")
    if not os.path.exists(note):
        compile_tree(archive, site, options["cache"])
        with open(note, "w", encoding="ascii"):
            pass
    for source in sources_in(archive):
        compiled = importlib.util.cache_from_source(source)
        path = os.path.join(site, os.path.relpath(compiled, archive))
        if os.path.exists(path) or not os.path.exists(compiled):
            continue
        # Only where the source is the very file that was compiled.
        twin = os.path.join(site, os.path.relpath(source, archive))
        if os.path.isfile(twin) and os.path.samefile(twin, source):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            half = path + ".half"
            shutil.copyfile(compiled, half)
            os.replace(half, path)


def compile_tree(root, seen_as, halves):
    """`seen_as` is where tracebacks will say that the files are.

    An installer may be copying `root` just now, and fails when a file that it has seen is gone: what is
    half written lies in `halves`, on the same file system, and moves to its place when it is whole.
    """
    half = os.path.join(halves, f"{HALF}{os.getpid()}-{os.urandom(4).hex()}.pyc")
    for source in sources_in(root):
        compiled = importlib.util.cache_from_source(source)
        if os.path.exists(compiled):
            continue
        shown = os.path.join(seen_as, os.path.relpath(source, root))
        try:
            py_compile.compile(source, cfile=half, dfile=shown, doraise=True, quiet=2)
            os.makedirs(os.path.dirname(compiled), exist_ok=True)
            os.replace(half, compiled)
        except (py_compile.PyCompileError, OSError, ValueError, RecursionError, SyntaxError):
            # Templates and tests of broken syntax: Python says so if anybody ever imports them.
            continue


def sources_in(root):
    for directory, names, files in os.walk(root):
        names[:] = [name for name in names if name != "__pycache__"]
        for name in files:
            if name.endswith(".py"):
                path = os.path.join(directory, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def names_in(directory):
    try:
        return os.listdir(directory)
    except OSError:
        return []


main()
