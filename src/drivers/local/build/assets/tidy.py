"""Drops unpacked packages from the shared cache that no environment has a link to any more, and what
conda packages came from channels that nobody has asked for a while (environments have copies of those).

uv unpacks a package again when it misses one. uv's cache has no documented layout: where it looks
different, nothing is dropped.
"""

import os
import shutil
import sys
import time

CONDA_UNUSED_MAX_S = 14 * 24 * 60 * 60


def main():
    cache, conda = sys.argv[1:]
    for name in names_in(conda):
        channels = os.path.join(conda, name)
        if time.time() - os.stat(channels).st_mtime > CONDA_UNUSED_MAX_S:
            shutil.rmtree(channels, ignore_errors=True)
    trash = os.path.join(cache, ".dropped")
    shutil.rmtree(trash, ignore_errors=True)
    os.makedirs(trash)
    root = os.path.join(cache, "archive-v0")
    dropped = 0
    for name in names_in(root):
        archive = os.path.join(root, name)
        if is_unused(archive):
            # Whole or not at all: uv must never see half of it.
            os.rename(archive, os.path.join(trash, name))
            dropped += 1
    shutil.rmtree(trash, ignore_errors=True)
    print(dropped)


def is_unused(archive):
    for name in names_in(archive):
        if name.endswith(".dist-info"):
            try:
                info = os.stat(os.path.join(archive, name, "WHEEL"), follow_symlinks=False)
            except OSError:
                return False
            return info.st_nlink == 1
    return False


def names_in(directory):
    try:
        return os.listdir(directory)
    except OSError:
        return []


main()
