/** What doctor finds on a machine that lacks this or that. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import type { SettingName } from "./settings.ts";
import { examineMachine } from "./doctor.ts";
import { examineDataDir } from "./doctor/data-dir-part.ts";
import type { Examination } from "./doctor/finding.ts";
import { examineGit } from "./doctor/git-part.ts";
import { examineIndexes } from "./doctor/index-part.ts";
import { examineStorage } from "./doctor/machine-part.ts";
import { examinePort } from "./doctor/port-part.ts";
import { examineSandbox } from "./doctor/sandbox-part.ts";

let place = "";
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "bindery-doctor-test-"));
  chmodSync(place, 0o755);
});
afterAll(() => rmSync(place, { recursive: true }));

const PATH = "/usr/bin:/bin";

/** What one part is given. */
function examination(
  flags: Partial<Record<SettingName, string>> = {},
  environment: Readonly<Record<string, string>> = {},
): Examination {
  const variables = { PATH, HOME: place, ...environment };
  const config = readConfig({
    flags: { dataDir: join(place, "data"), port: "0", ...flags },
    environment: variables,
    configFile: null,
    uid: process.getuid?.() ?? 0,
  });
  return { config, environment: variables };
}

describe("doctor", () => {
  it("says of every part what was found, what it means and what to do, and leaves nothing behind", async () => {
    const { config, environment } = examination();
    const { findings } = await examineMachine(config, environment);
    const parts = findings.map((finding) => finding.part);
    for (const name of [
      ...["git", "git-lfs", "sandbox", "limits", "python", "uv", "jupyter server"],
      ...["package index", "proxy", "memory", "disk", "data directory", "port", "chromium"],
    ]) {
      expect(parts).toContain(name);
    }
    for (const { found, meaning } of findings) {
      expect(found).not.toBe("");
      expect(meaning).toMatch(/\.$/);
    }
    const helpless = findings.filter(({ state, remedy }) => state === "bad" && remedy === null);
    expect(helpless).toEqual([]);
    expect(existsSync(config.dataDir)).toBe(false);
  });

  it("without Git nothing can run, and what installs it is named", async () => {
    const [git, ...others] = await examineGit(examination({}, { PATH: join(place, "nothing") }));
    expect(git).toMatchObject({ state: "bad", found: "not installed" });
    expect(git?.remedy).toMatch(/git/);
    expect(others).toEqual([]);
  });

  it("a data directory that is a file, or where nobody else gets through, cannot be used", async () => {
    writeFileSync(join(place, "file"), "");
    const [file] = await examineDataDir(examination({ dataDir: join(place, "file") }));
    expect(file?.state).toBe("bad");
    mkdirSync(join(place, "closed"), { mode: 0o700 });
    const [closed] = await examineDataDir(examination({ dataDir: join(place, "closed/data") }));
    const isRoot = process.getuid?.() === 0;
    expect(closed?.state).toBe(isRoot ? "bad" : "good");
  });

  it("a disk is full that has less left than the limit", async () => {
    const [disk] = await examineStorage(examination({ freeDiskMinBytes: "1000000GiB" }));
    expect(disk?.state).toBe("bad");
    expect(disk?.meaning).toContain("1000000 GiB");
  });

  it("a port that is taken keeps nothing from running, and its owner is named", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const [finding] = await examinePort(examination({ port: String(port) }));
    server.close();
    expect(finding?.state).toBe("limited");
    expect(finding?.found).toContain(`(process ${process.pid})`);
  });

  it("--isolation none is allowed and called what it is", async () => {
    const [sandbox] = await examineSandbox(examination({ isolation: "none" }));
    expect(sandbox).toMatchObject({ state: "limited", found: "--isolation none" });
  });

  it("says that a proxy and an index are configured, and never which", async () => {
    const variables = {
      HTTPS_PROXY: "http://ada:secret@proxy.invalid:3128",
      PIP_INDEX_URL: "https://ada:secret@index.invalid/simple",
    };
    const [index, proxy] = await examineIndexes(examination({}, variables));
    expect(proxy?.found).toBe("HTTPS_PROXY");
    expect(index?.found).toBe("1 for pip or uv");
    expect(JSON.stringify([index, proxy])).not.toMatch(/secret|invalid|ada:/);
  });
});
