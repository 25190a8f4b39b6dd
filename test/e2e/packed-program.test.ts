/** The package as npm installs it elsewhere: it starts, looks at the machine, and serves. */
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packTree } from "../../tools/pack.ts";
import { start } from "../fixtures/command-line.ts";

const CHECKOUT = join(import.meta.dirname, "../..");
const run = promisify(execFile);
let place = "";
let environment: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "bindery-packed-"));
  // The sandbox's user walks through it to the data directory.
  chmodSync(place, 0o755);
  const node = join(CHECKOUT, `node_modules/node-linux-${process.arch}/bin`);
  environment = { ...process.env, PATH: `${node}:${process.env["PATH"]}`, NODE_OPTIONS: "" };
  packTree(CHECKOUT, join(place, "package"));
  const words = ["pack", join(place, "package"), "--pack-destination", place, "--loglevel=error"];
  execFileSync("npm", words, { env: environment, stdio: "ignore" });
  const [tarball = ""] = globSync("*.tgz", { cwd: place });
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await run("npm", ["install", ...flags, "--prefix", place, join(place, tarball)], {
    env: environment,
    cwd: place,
  });
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

test("npx runs it", async () => {
  const options = { env: environment, cwd: place };
  const { stdout } = await run("npx", ["--no-install", "bindery", "version", "--json"], options);
  expect(JSON.parse(stdout)).toMatchObject({ version: expect.any(String), platform: "linux" });
  expect(JSON.parse(stdout).node).toMatch(/^2[4-9]\./);
});

test("doctor finds that repositories can run here", async () => {
  const program = join(place, "node_modules/.bin/bindery");
  const words = ["doctor", "--json", "--data-dir", join(place, "data")];
  const { stdout } = await run(program, words, { env: environment, cwd: place });
  expect(JSON.parse(stdout)).toMatchObject({ canRun: true });
});

test("serve answers, and ends in order", async () => {
  const { until, text, child, ended } = start(
    ["serve", "--port", "0", "--data-dir", join(place, "data"), "--set", "warmServersMax=0"],
    { environment, workingDirectory: place, program: [join(place, "node_modules/.bin/bindery")] },
  );
  await until(/Bindery serves at/);
  const [url = ""] = /http:\S+/.exec(text().out) ?? [];
  const health = await fetch(new URL("health", url));
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({ ok: true });
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0, out: `Bindery serves at ${url}\n` });
});
