/** The command that installs a package of the distribution. */
import { existsSync } from "node:fs";

const MANAGERS = [
  ["/usr/bin/apt-get", "apt-get install"],
  ["/usr/bin/dnf", "dnf install"],
  ["/usr/bin/zypper", "zypper install"],
  ["/usr/bin/pacman", "pacman -S"],
  ["/sbin/apk", "apk add"],
] as const;

/** With `sudo` for who is not root. */
export function installHint(packages: string): string {
  const manager = MANAGERS.find(([path]) => existsSync(path))?.[1];
  if (manager === undefined) return `Install ${packages} with your package manager.`;
  return `${process.getuid?.() === 0 ? "" : "sudo "}${manager} ${packages}`;
}
