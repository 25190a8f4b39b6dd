"""Makes a conda environment, inside a sandbox, by the rattler library: solved, or exactly as a lock says.

Run by an interpreter from outside of it; no program of a package runs (link scripts neither). What it
says is for people; its last line is for the builder when it failed.
"""

import asyncio
import datetime
import json
import os
import re
import sys
import tempfile

DEFAULTS = ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"]
RETRIES_MAX = 3
FAILED = "bindery-failed "


class Failed(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def main():
    options = json.loads(sys.argv[1])
    if sys.version_info < (3, 10):
        fail("tool", f"Python 3.10 or later is needed, this is {sys.version.split()[0]}")
    sys.path.insert(0, options["rattler"])
    try:
        asyncio.run(make(options))
    except Failed as failed:
        fail(failed.kind, str(failed))
    end(0)


def fail(kind, message):
    print(FAILED + json.dumps({"kind": kind, "message": message}), flush=True)
    end(1)


def end(status):
    """At once: threads of the library may still call an interpreter that is being taken down, and abort it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def make(options):
    import rattler

    client = rattler.Client.default_client(max_retries=RETRIES_MAX)
    records, pip = await records_of(options, client)
    size = sum(record.size or 0 for record in records)
    print(f"Installing {len(records)} conda packages ({size / 1e6:.0f} MB)", flush=True)
    try:
        await rattler.install(
            records,
            options["environment"],
            cache_dir=options["cache"],
            platform=rattler.Subdir(options["platform"]),
            execute_link_scripts=False,
            show_progress=False,
            client=client,
            reporter=reporter(),
            # What runs in the environment later must not write into the cache.
            config=rattler.Config.from_toml("allow-hard-links = false"),
        )
    except Exception as error:
        raise explained(error) from error
    report = {"packages": [locked(record) for record in records], "pip": pip}
    with open(options["report"], "x", encoding="utf-8") as file:
        json.dump(report, file)


def reporter():
    import rattler

    class Told(rattler.InstallerReporter):
        def on_populate_cache_start(self, operation, package_name):
            print(f"  {package_name}", flush=True)
            return 0

    return Told()


async def records_of(options, client):
    if options["format"] == "environment":
        return await solved(options, client), []
    if options["format"] == "explicit":
        return [explicit(address) for address in options["addresses"]], []
    return from_lock(options)


async def solved(options, client):
    import rattler

    names = options["channels"] + [
        spec.split("::")[0] for spec in options["specs"] if "::" in spec
    ]
    channels = list(dict.fromkeys(one for name in names for one in (DEFAULTS if name == "defaults" else [name])))
    print(f"Solving with {', '.join(channels)}", flush=True)
    as_of = options["asOf"]
    day = None if as_of is None else datetime.datetime.fromisoformat(f"{as_of}T23:59:59+00:00")
    try:
        return await rattler.solve(
            [rattler.Channel(name) for name in channels],
            options["specs"],
            # Anew each time: what is kept of a sharded index cannot be asked for again everywhere.
            gateway=rattler.Gateway(cache_dir=tempfile.mkdtemp(), client=client),
            platforms=[rattler.Subdir(options["platform"]), rattler.Subdir("noarch")],
            virtual_packages=rattler.VirtualPackage.detect(),
            channel_priority=rattler.ChannelPriority.Flexible,
            exclude_newer=day,
            timestamp_policy="allow-missing",
        )
    except Exception as error:
        raise explained(error) from error


def from_lock(options):
    import rattler

    name = options["name"] or "default"
    try:
        lock = rattler.LockFile.from_path(options["lock"])
    except Exception as error:
        raise Failed("invalid", words(error)) from error
    environment = lock.environment(name)
    if environment is None:
        raise Failed("invalid", f"it has no environment {name!r}")
    platform = next((one for one in lock.platforms() if one.name == options["platform"]), None)
    records = None if platform is None else environment.conda_repodata_records_for_platform(platform)
    if not records:
        raise Failed("invalid", f"it holds no packages for {options['platform']}")
    return records, [pip_line(one) for one in environment.pypi_packages_for_platform(platform) or []]


def pip_line(package):
    location, sha256 = package.location, getattr(package.hashes, "sha256", None)
    if not re.match(r"https?://", location):
        return {"path": location}
    digest = "" if sha256 is None else f"#sha256={sha256.hex()}"
    return {"requirement": f"{package.name} @ {location.split('#')[0]}{digest}"}


def explicit(address):
    """A record from nothing but the address of a package; what is missing is read from the package itself."""
    import rattler

    url, _, digest = address.partition("#")
    digest = digest.removeprefix("sha256:")
    channel, subdir, file = url.rsplit("/", 2)
    match = re.fullmatch(r"(.+)-([^-]+)-([^-]+)(?:\.conda|\.tar\.bz2)", file)
    if match is None:
        raise Failed("invalid", f"{file} is not the name of a conda package")
    name, version, build = match.groups()
    number = re.search(r"(\d+)$", build)
    record = rattler.PackageRecord(
        name,
        version,
        rattler.BuildString(build),
        int(number[1]) if number else 0,
        subdir,
        sha256=bytes.fromhex(digest) if len(digest) == 64 else None,
        md5=bytes.fromhex(digest) if len(digest) == 32 else None,
    )
    return rattler.RepoDataRecord(record, file, url, channel)


def locked(record):
    digest = record.sha256 or record.md5
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "url": record.url,
        "digest": None if digest is None else ("sha256:" if record.sha256 else "") + digest.hex(),
    }


def explained(error):
    import rattler.exceptions as known

    said = words(error)
    if isinstance(error, known.SolverError):
        return Failed("unsolvable", said)
    if re.search(r"No space left", said):
        return Failed("disk", said)
    if re.search(r"(?:hash|sha256|md5|checksum) mismatch", said, re.I):
        return Failed("altered", said)
    if re.search(r"404|not found in the channel|No repodata", said, re.I):
        return Failed("absent", said)
    if re.search(r"error sending request|dns error|timed out|tls|certificate|status server error|connection", said, re.I):
        return Failed("unreachable", said)
    return Failed("other", said)


def words(error):
    said, seen = [], error
    while seen is not None:
        said.append(str(seen))
        seen = seen.__cause__
    return ": ".join(said)


main()
