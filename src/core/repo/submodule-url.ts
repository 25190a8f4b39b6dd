/** The address of a submodule: relative ones begin at the repository that holds it. */
import { formatGitUrl, type GitUrl, parseGitUrl } from "./git-url.ts";

/**
 * `base` is the address of the repository whose `.gitmodules` says `url`; for a local one it is
 * `file://…`. A remote repository can never name a folder of this machine.
 */
export function submoduleUrl(base: string, url: string): GitUrl {
  const parent = parseGitUrl(base);
  const child = /^\.\.?\//.test(url) ? parseGitUrl(relativeTo(base, url)) : parseGitUrl(url);
  if (child.kind === "file" && parent.kind !== "file") {
    return { kind: "invalid", because: "a remote repository may not name a local one" };
  }
  if (child.kind === "invalid" && url.startsWith("/") && parent.kind === "file") {
    return { kind: "file", path: url };
  }
  return child;
}

/** What Git is given for it. */
export function gitUrlText(url: Extract<GitUrl, { kind: "network" | "file" }>): string {
  if (url.kind === "network") return formatGitUrl(url);
  return `file://${url.path.split("/").map(encodeURIComponent).join("/")}`;
}

/** As git-submodule does: each `../` takes one part off the base's path. */
function relativeTo(base: string, relative: string): string {
  let head = base.replace(/\/+$/, "");
  let rest = relative;
  for (;;) {
    if (rest.startsWith("./")) rest = rest.slice(2);
    else if (rest.startsWith("../")) {
      rest = rest.slice(3);
      const cut = Math.max(
        head.lastIndexOf("/"),
        head.indexOf("://") === -1 ? head.lastIndexOf(":") : -1,
      );
      // Never above the host: `https://host` has nothing to take off.
      if (cut <= head.indexOf("://") + 2) return "";
      head = head.slice(0, cut + (head[cut] === ":" ? 1 : 0));
    } else break;
  }
  const separator = head.endsWith(":") ? "" : "/";
  return `${head}${separator}${rest.replace(/\/+$/, "")}`;
}
