/** Where submodules come from, and where they may not. */
import { describe, expect, it } from "vitest";
import { gitUrlText, submoduleUrl } from "./submodule-url.ts";

function address(base: string, url: string): string {
  const outcome = submoduleUrl(base, url);
  return outcome.kind === "network" || outcome.kind === "file" ? gitUrlText(outcome) : outcome.kind;
}

describe("submoduleUrl", () => {
  it.each([
    ["https://x.org/a/b.git", "../c.git", "https://x.org/a/c.git"],
    ["https://x.org/a/b.git/", "../c.git/", "https://x.org/a/c.git"],
    ["https://x.org/a/b", "../../d/c", "https://x.org/d/c"],
    ["https://x.org/a/b", "./c", "https://x.org/a/b/c"],
    ["https://x.org/a/b", "../../../../etc", "invalid"],
    ["git@x.org:a/b.git", "../c.git", "git@x.org:a/c.git"],
    ["git@x.org:b.git", "../c.git", "git@x.org:c.git"],
    ["https://x.org/a/b", "https://y.org/c", "https://y.org/c"],
    ["https://x.org/a/b", "git@y.org:c", "git@y.org:c"],
    ["https://x.org/a/b", "file:///etc", "invalid"],
    ["https://x.org/a/b", "/etc", "invalid"],
    ["https://x.org/a/b", "ext::sh -c id", "invalid"],
    ["https://x.org/a/b", "-oProxyCommand=x", "invalid"],
    ["https://x.org/a/b", "https://u:p@y.org/c", "credentials"],
    ["file:///srv/a", "../b", "file:///srv/b"],
    ["file:///srv/a", "/srv/c", "file:///srv/c"],
    ["file:///srv/a", "https://y.org/c", "https://y.org/c"],
  ])("of %s with %s is %s", (base, url, expected) => {
    expect(address(base, url)).toBe(expected);
  });
});
