"""Notes in an environment's kernels what activating it would set: the variables of etc/conda/activate.d.

Run where code of packages may run, and only for conda environments.
"""

import json
import os
import subprocess
import sys

SCRIPT = 'for file in "$1"/etc/conda/activate.d/*.sh; do if [ -f "$file" ]; then . "$file"; fi; done >/dev/null; exec /usr/bin/env -0'
# What the shell itself changes, and what the session says.
OWN = {"_", "SHLVL", "PWD", "OLDPWD", "PATH", "HOME", "CONDA_PREFIX", "CONDA_SHLVL"}
VALUE_CHARACTERS_MAX = 10_000
TIMEOUT_S = 60


def main():
    (environment,) = sys.argv[1:]
    if not os.path.isdir(os.path.join(environment, "etc/conda/activate.d")):
        return
    before = {"PATH": f"{environment}/bin:/usr/bin:/bin", "HOME": "/tmp", "CONDA_PREFIX": environment}
    command = ["/bin/bash", "--noprofile", "--norc", "-c", SCRIPT, "bash", environment]
    said = subprocess.run(command, env=before, capture_output=True, timeout=TIMEOUT_S, check=False)
    pairs = [line.split("=", 1) for line in said.stdout.decode("utf-8", "replace").split("\0") if "=" in line]
    variables = {
        name: value
        for name, value in pairs
        if name not in OWN and len(value) <= VALUE_CHARACTERS_MAX and not name.startswith("BASH")
    }
    for name, value in sorted(variables.items()):
        print(f"  {name}={value[:200]}")
    root = os.path.join(environment, "share/jupyter/kernels")
    for kernel in os.listdir(root) if os.path.isdir(root) else []:
        note(os.path.join(root, kernel, "kernel.json"), variables)


def note(path, variables):
    try:
        with open(path, encoding="utf-8") as file:
            spec = json.load(file)
        spec["env"] = {**variables, **spec.get("env", {})}
    except (OSError, ValueError, TypeError, AttributeError):
        return
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(spec, file, indent=1)
    os.replace(path + ".new", path)


main()
