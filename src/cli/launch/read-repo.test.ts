/** Repositories as people type them, as a table. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readRepo } from "./read-repo.ts";

const place = mkdtempSync(join(tmpdir(), "bindery-read-repo-"));
mkdirSync(join(place, "examples/plots"), { recursive: true });
mkdirSync(join(place, "gh/owner/name"), { recursive: true });
afterAll(() => rmSync(place, { recursive: true }));
const where = { workingDirectory: place, home: "/home/ada" };

describe("a repository as a person types it", () => {
  it.each([
    [".", place],
    ["./examples", `${place}/examples`],
    ["examples/../examples/plots/", `${place}/examples/plots`],
    ["examples/plots", `${place}/examples/plots`],
    ["~/work", "/home/ada/work"],
    ["/srv/../srv/repo", "/srv/repo"],
    ["gh/owner/name", "gh/owner/name"],
    [" https://example.org/a.git ", "https://example.org/a.git"],
    ["git@example.org:a/b.git", "git@example.org:a/b.git"],
  ])("%j is %s", (typed, address) => {
    expect(readRepo(typed, where).address).toBe(address);
  });

  it("the address of a page names what to open", () => {
    const page = "https://github.com/owner/name/blob/main/nb/a.ipynb";
    expect(readRepo(page, where).path).toContain("a.ipynb");
  });

  it.each([
    ["", /nothing was given/],
    ["owner/name", /Did you mean "gh\/owner\/name"\?/],
    ["https://ada:secret@example.org/a.git", /user name, a password or a token/],
  ])("%j is refused", (typed, message) => {
    expect(() => readRepo(typed, where)).toThrow(message);
    expect(() => readRepo(typed, where)).not.toThrow(/secret/);
  });
});
