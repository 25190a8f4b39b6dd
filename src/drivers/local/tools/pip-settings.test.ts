/** What the host's owner told pip reaches us and uv. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configuredIndexes } from "./index-configuration.ts";
import { parsePipFile, readPipSettings } from "./pip-settings.ts";
import { uvVariables } from "./uv-settings.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "bindery-pip-"));
});
afterEach(() => rm(home, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(home, path, ".."), { recursive: true });
  await writeFile(join(home, path), text);
}

describe("what the host's owner told pip", () => {
  test("is read from the sections that matter, with continued lines, without comments", () => {
    const text = [
      "[global]",
      "# index-url = https://commented.example/",
      "index_url = https://index.example/simple/",
      "extra-index-url =",
      "    https://one.example/",
      "    https://two.example/",
      "[freeze]",
      "index-url = https://not-this.example/",
      "[install]",
      "trusted-host: index.example",
    ].join("\n");
    expect(Object.fromEntries(parsePipFile(text))).toEqual({
      "index-url": "https://index.example/simple/",
      "extra-index-url": "https://one.example/ https://two.example/",
      "trusted-host": "index.example",
    });
  });

  test("is overridden by variables, and the user's file by the one that is named", async () => {
    await write(
      ".config/pip/pip.conf",
      "[global]\nindex-url = https://user.example/\nproxy = p:1\n",
    );
    await write("named.conf", "[global]\nindex-url = https://named.example/\n");
    const env = { HOME: home, PIP_CONFIG_FILE: join(home, "named.conf"), PIP_PROXY: "q:2" };
    const settings = await readPipSettings(env);
    expect(settings.get("index-url")).toBe("https://named.example/");
    expect(settings.get("proxy")).toBe("q:2");
  });
});

describe("uv", () => {
  const env = () => ({
    HOME: home,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: "https://me:word@index.example/simple/",
    PIP_EXTRA_INDEX_URL: "https://one.example/ https://two.example/",
    PIP_FIND_LINKS: "/wheels",
    PIP_PROXY: "http://proxy.example:3128",
    PIP_CERT: "/certificates.pem",
    PIP_TRUSTED_HOST: "index.example",
  });

  test("follows pip's index, proxy and certificates", async () => {
    expect(await uvVariables(env())).toEqual({
      UV_DEFAULT_INDEX: "https://me:word@index.example/simple/",
      UV_INDEX: "https://one.example/ https://two.example/",
      UV_INDEX_STRATEGY: "unsafe-best-match",
      UV_FIND_LINKS: "/wheels",
      UV_INSECURE_HOST: "index.example",
      SSL_CERT_FILE: "/certificates.pem",
      HTTP_PROXY: "http://proxy.example:3128",
      HTTPS_PROXY: "http://proxy.example:3128",
    });
  });

  test("keeps what it was told itself", async () => {
    const told = { UV_DEFAULT_INDEX: "https://uv.example/", https_proxy: "http://other.example" };
    const variables = await uvVariables({ ...env(), ...told });
    expect(Object.keys(variables).sort()).toEqual([
      "HTTP_PROXY",
      "SSL_CERT_FILE",
      "UV_INSECURE_HOST",
    ]);
    await write(".config/uv/uv.toml", "");
    expect(await uvVariables(env())).not.toHaveProperty("UV_DEFAULT_INDEX");
  });

  test("is told nothing where pip was told nothing", async () => {
    expect(await uvVariables({ HOME: home, PIP_CONFIG_FILE: "/dev/null" })).toEqual({});
  });
});

test("indexes for a machine without pip come from uv's and pip's settings, local wheels first", async () => {
  const indexes = await configuredIndexes({
    HOME: home,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_FIND_LINKS: "/wheels https://links.example/",
    PIP_INDEX_URL: "https://pip.example/simple",
    UV_DEFAULT_INDEX: "https://uv.example/simple",
  });
  expect(indexes).toEqual([
    { kind: "directory", path: "/wheels" },
    { kind: "simple", url: new URL("https://uv.example/simple") },
    { kind: "simple", url: new URL("https://pip.example/simple") },
  ]);
});
