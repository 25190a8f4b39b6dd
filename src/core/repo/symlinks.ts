/** Follows symbolic links inside a repository, to find those that lead out of it. */

const HOPS_MAX = 40;

export type LinkEnd =
  /** `path` may or may not exist. */
  | { readonly kind: "inside"; readonly path: string }
  | { readonly kind: "outside" }
  | { readonly kind: "loop" };

/**
 * The path of a link that leaves the tree, or null: such a link could show or change what is outside.
 * `links` maps each link's path to its target, for the whole checkout with its submodules.
 */
export function findEscapingLink(links: ReadonlyMap<string, string>): string | null {
  for (const path of links.keys()) {
    if (followLink(links, path).kind === "outside") return path;
  }
  return null;
}

/**
 * Where the path leads, as the kernel follows it: through other links, because `a/b/..` is elsewhere
 * when `a/b` is a link itself.
 */
export function followLink(links: ReadonlyMap<string, string>, path: string): LinkEnd {
  const at: string[] = [];
  // Parts still to walk, the next one last.
  const rest = path.split("/").reverse();
  let hops = 0;
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.length === 0) return { kind: "outside" };
      at.pop();
      continue;
    }
    at.push(part);
    const target = links.get(at.join("/"));
    if (target === undefined) continue;
    hops += 1;
    if (hops > HOPS_MAX) return { kind: "loop" };
    if (target.startsWith("/")) return { kind: "outside" };
    at.pop();
    rest.push(...target.split("/").reverse());
  }
  return { kind: "inside", path: at.join("/") };
}
