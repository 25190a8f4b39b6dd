/** The machine's own index settings, and what of them stays secret. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readHostIndex } from "./host-index.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "bindery-host-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(join(home, path, ".."), { recursive: true });
  writeFileSync(join(home, path), text, { mode: 0o644 });
  return join(home, path);
}

test("a host without settings gives none", async () => {
  const index = await readHostIndex({ HOME: home, PIP_CONFIG_FILE: "/dev/null", PATH: "/bin" });
  expect(index).toMatchObject({ plainVariables: {}, files: [], secrets: [], hosts: [] });
});

test("credentials go to trusted steps only, and all of them are known as secrets", async () => {
  const index = await readHostIndex({
    HOME: home,
    PIP_CONFIG_FILE: "/dev/null",
    UV_INDEX: "a=https://joe:s3cret%2Fa@one.example.org/simple https://two.example.org/simple",
    UV_INDEX_A_PASSWORD: "s3cret-b",
    UV_INDEX_A_USERNAME: "joe",
    HTTPS_PROXY: "http://joe:s3cret-c@proxy.example.org:3128",
    AWS_SECRET_ACCESS_KEY: "s3cret-d",
  });
  expect(index.trustedVariables["UV_INDEX"]).toContain("s3cret%2Fa");
  expect(index.trustedVariables["UV_INDEX_A_PASSWORD"]).toBe("s3cret-b");
  expect(index.plainVariables).toEqual({
    UV_INDEX: "a=https://one.example.org/simple https://two.example.org/simple",
  });
  expect(index.secrets).toEqual(
    expect.arrayContaining(["s3cret%2Fa", "s3cret/a", "s3cret-b", "s3cret-c"]),
  );
  expect(index.hosts).toEqual(expect.arrayContaining(["one.example.org", "two.example.org"]));
  expect(JSON.stringify(index)).not.toContain("s3cret-d");
});

test("pip's settings are followed where uv has none", async () => {
  const pip = write("pip.conf", "[global]\nindex-url = https://u:pw-pip@pip.example.org/simple\n");
  const index = await readHostIndex({ HOME: home, PIP_CONFIG_FILE: pip });
  expect(index.trustedVariables["UV_DEFAULT_INDEX"]).toBe(
    "https://u:pw-pip@pip.example.org/simple",
  );
  expect(index.plainVariables["UV_DEFAULT_INDEX"]).toBe("https://pip.example.org/simple");
  expect(index.secrets).toContain("pw-pip");
});

test("uv's own file is shown to trusted steps, and its indexes without credentials to the others", async () => {
  write(
    ".config/uv/uv.toml",
    '[[index]]\nurl = "https://u:pw-toml@toml.example.org/simple"\ndefault = true\n',
  );
  write(".netrc", "machine toml.example.org login u password pw-netrc\n");
  const index = await readHostIndex({ HOME: home, PIP_CONFIG_FILE: "/dev/null" });
  expect(index.files.map(({ name }) => name)).toEqual(["uv.toml", "netrc"]);
  expect(index.trustedVariables).toMatchObject({
    UV_CONFIG_FILE: "/srv/index/uv.toml",
    NETRC: "/srv/index/netrc",
  });
  expect(index.plainVariables).toEqual({ UV_DEFAULT_INDEX: "https://toml.example.org/simple" });
  expect(index.secrets).toEqual(expect.arrayContaining(["pw-toml", "pw-netrc"]));
});

test("directories of wheels are shown when they are there, and left out when not", async () => {
  mkdirSync(join(home, "wheels"), { mode: 0o755 });
  const index = await readHostIndex({
    HOME: home,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_FIND_LINKS: `${home}/wheels /nonexistent/wheels`,
  });
  expect(index.trustedVariables["UV_FIND_LINKS"]).toBe(`${home}/wheels`);
  expect(index.shown).toContain(`${home}/wheels`);
});
