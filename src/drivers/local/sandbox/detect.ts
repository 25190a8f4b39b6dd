/** What this machine offers to sandboxes, told to a person: what was found, what it means, what to do. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findBubblewrap } from "./bubblewrap-probe.ts";
import type { Cgroups } from "./cgroups.ts";
import { findCgroups } from "./cgroups-probe.ts";
import { currentOwner, programPath } from "./owner.ts";

export interface SandboxFinding {
  readonly part: string;
  readonly state: "good" | "limited" | "bad";
  readonly found: string;
  readonly meaning: string;
  /** Null when there is nothing to do. */
  readonly remedy: string | null;
}

const INSTALL_BUBBLEWRAP =
  "apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora)";

/** Slow (it tries things out): for `bindery doctor` and for explaining a refusal. */
export function detectSandbox(options: {
  readonly dataDir: string;
  readonly sandboxUid: number;
  readonly bwrapPaths: readonly string[];
}): readonly SandboxFinding[] {
  return [
    ...describeBubblewrap(options),
    describeCgroups(findCgroups()),
    describeUser(options.sandboxUid),
    describePrograms(),
  ];
}

function describeBubblewrap(options: {
  readonly dataDir: string;
  readonly sandboxUid: number;
  readonly bwrapPaths: readonly string[];
}): SandboxFinding[] {
  const owner = currentOwner(options.sandboxUid);
  const scratch = join(options.dataDir, "tools");
  const { found, failures } = findBubblewrap(options.bwrapPaths, { owner, scratch });
  if (found === null) {
    const because = failures.map(({ path, because: reason }) => `${path}: ${reason}`).join("; ");
    return [
      {
        part: "sandbox",
        state: "bad",
        found: because || "no bubblewrap",
        meaning: "Code of repositories would not be contained, so Bindery does not run any.",
        remedy: remedyFor(because),
      },
    ];
  }
  return [
    {
      part: "sandbox",
      state: "good",
      found: `bubblewrap ${found.version} at ${found.path}`,
      meaning: found.disableUserns
        ? "Sessions and builds are contained."
        : "Sessions and builds are contained; only the system call filter keeps them from making namespaces.",
      remedy: null,
    },
    found.overlays
      ? {
          part: "overlays",
          state: "good",
          found: "overlay mounts work",
          meaning: "%pip install in a session works and goes away with it.",
          remedy: null,
        }
      : {
          part: "overlays",
          state: "limited",
          found: "overlay mounts do not work",
          meaning: "The environment is read-only in a session: %pip install needs --user.",
          remedy: "bubblewrap 0.11 or newer on Linux 5.11 or newer",
        },
  ];
}

/** The two common reasons have each their own way out. */
export function remedyFor(
  because: string,
  settings: UsernsSettings = readUsernsSettings(),
): string {
  if (because === "" || /ENOENT|no such file/i.test(because)) return INSTALL_BUBBLEWRAP;
  if (settings.appArmorRestricts && /uid map|RTM_NEWADDR|Permission denied/.test(because)) {
    return "AppArmor refuses user namespaces to programs without a profile: install the distribution's bubblewrap and its AppArmor profile (apt-get install bubblewrap apparmor-profiles), or run: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  }
  if (settings.unprivilegedClone === "0") return "sysctl -w kernel.unprivileged_userns_clone=1";
  if (settings.namespacesMax === "0") return "sysctl -w user.max_user_namespaces=10000";
  return "In a container: allow user namespaces and a new /proc (docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined), or run Bindery on the machine itself.";
}

export interface UsernsSettings {
  readonly appArmorRestricts: boolean;
  readonly unprivilegedClone: string | null;
  readonly namespacesMax: string | null;
}

function readUsernsSettings(): UsernsSettings {
  return {
    appArmorRestricts:
      readSetting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1",
    unprivilegedClone: readSetting("/proc/sys/kernel/unprivileged_userns_clone"),
    namespacesMax: readSetting("/proc/sys/user/max_user_namespaces"),
  };
}

function describeCgroups(cgroups: Cgroups): SandboxFinding {
  const part = "limits";
  const all = "Memory, processes and CPU of each session are limited as a whole.";
  switch (cgroups.kind) {
    case "v1":
      return { part, state: "good", found: "cgroup v1, writable", meaning: all, remedy: null };
    case "v2":
      return { part, state: "good", found: "cgroup v2, delegated", meaning: all, remedy: null };
    case "systemd":
      return {
        part,
        state: "good",
        found: cgroups.user ? "systemd of the user" : "systemd",
        meaning: all,
        remedy: null,
      };
    case "none":
      return {
        part,
        state: "limited",
        found: "no cgroup can be written",
        meaning:
          "Memory is limited for each process, not for a session as a whole; CPU is not limited.",
        remedy:
          "Run as root, as a systemd service with Delegate=yes, or in a login session of systemd.",
      };
  }
}

function describeUser(sandboxUid: number): SandboxFinding {
  const owner = currentOwner(sandboxUid);
  return owner.kind === "switch"
    ? {
        part: "sandbox user",
        state: "good",
        found: `root; sandboxes run as uid ${owner.uid}`,
        meaning: "Files of sessions and environments belong to that uid.",
        remedy: null,
      }
    : {
        part: "sandbox user",
        state: "good",
        found: `uid ${owner.uid}`,
        meaning: "Sandboxes run as you; inside they see nothing of your files.",
        remedy: null,
      };
}

function describePrograms(): SandboxFinding {
  const missing = ["setpriv", "prlimit", "python3"].filter(
    (name) => !existsSync(programPath(name)),
  );
  return missing.length === 0
    ? {
        part: "sandbox programs",
        state: "good",
        found: "setpriv, prlimit, python3",
        meaning: "What surrounds a session can run.",
        remedy: null,
      }
    : {
        part: "sandbox programs",
        state: "bad",
        found: `missing: ${missing.join(", ")}`,
        meaning: "Sessions cannot be started.",
        remedy: "apt-get install util-linux python3-minimal",
      };
}

function readSetting(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    // This kernel does not have the setting.
    return null;
  }
}
