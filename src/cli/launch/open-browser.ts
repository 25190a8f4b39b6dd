/** Opens an address in the person's browser where there is a screen; never a reason to fail. */
import { spawn } from "node:child_process";
import type { Environment } from "#app/config.ts";

export interface BrowserWish {
  readonly url: string;
  readonly environment: Environment;
  /** A person looks at this terminal. */
  readonly isTerminal: boolean;
}

const OPENERS: readonly (readonly [string, ...string[]])[] = [
  ["xdg-open"],
  ["gio", "open"],
  ["wslview"],
];

/** True when some program took the address; whether a window came up is out of our sight. */
export async function openBrowser({ url, environment, isTerminal }: BrowserWish): Promise<boolean> {
  const hasScreen = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].some(
    (name) => (environment[name] ?? "") !== "",
  );
  if (!isTerminal || !hasScreen || !/^https?:\/\//.test(url)) return false;
  for (const [program, ...args] of OPENERS) {
    if (await starts(program, [...args, url])) return true;
  }
  return false;
}

/** The address is an argument of its own: no shell sees it. */
function starts(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
