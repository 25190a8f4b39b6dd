/** `bindery open` as a person runs it: from a folder to a session, and the ways in which it ends. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Ran, run, type Started, start } from "../fixtures/command-line.ts";

let place = "";
const running: Started[] = [];
const flags = () => ["--data-dir", join(place, "data"), "--port=0", "--set=warmServersMax=0"];

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "bindery-open-"));
  // The sandbox's user walks through it.
  chmodSync(place, 0o755);
  mkdirSync(join(place, "plain"));
  writeFileSync(join(place, "plain/notes and plots.ipynb"), NOTEBOOK);
  mkdirSync(join(place, "unknown"));
  writeFileSync(join(place, "unknown/Dockerfile"), "FROM scratch\n");
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGINT");
    await ended;
  }
});
afterAll(async () => {
  await command("stop", "--all");
  rmSync(place, { recursive: true, force: true });
});

const NOTEBOOK = JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 });

/** In a process of its own, where the repositories lie. */
function begin(...words: readonly string[]): Started {
  const started = start(words, { environment: process.env, workingDirectory: place });
  running.push(started);
  return started;
}

async function command(...words: readonly string[]): Promise<Ran> {
  const all = [...words, "--data-dir", join(place, "data")];
  return await start(all, { environment: process.env, workingDirectory: place }).ended;
}

const ps = async () => await run(["ps", "--quiet", "--data-dir", join(place, "data")]);

describe("open", () => {
  it("makes a folder a session, which outlives the server until it is stopped", async () => {
    const first = begin("open", "./plain", "--path", "notes and plots.ipynb", ...flags());
    await first.until(/\/user\/\S+\n/);
    const [, serving = "", url = ""] =
      /^Bindery serves at (\S+)\n(\S+)\n$/.exec(first.text().out) ?? [];
    expect(url).toMatch(`${serving}user/`);
    expect(url).toMatch(/\/lab\/tree\/notes%20and%20plots\.ipynb\?token=[\w-]+$/);
    expect((await fetch(url)).status).toBe(200);
    const withoutToken = await fetch(url.replace(/\?.*/, ""), { redirect: "manual" });
    expect(withoutToken.status).not.toBe(200);

    const second = await command("open", "plain", "--notebook", "--json");
    expect(second.code).toBe(0);
    expect(second.json().at(-1)).toMatchObject({
      kind: "session",
      url: expect.stringMatching(/tree\?/),
    });
    const ids = (await ps()).out.trim().split("\n").sort();
    expect(ids).toHaveLength(2);

    first.child.kill("SIGINT");
    const ended = await first.ended;
    expect(ended.code).toBe(0);
    expect(ended.error).toMatch(
      /2 sessions live on: .*`bindery stop --all --data-dir \S+` ends them/,
    );
    expect((await ps()).code).toBe(3);

    const stopped = await command("stop", "--all");
    expect(stopped).toMatchObject({ code: 0, error: "" });
    expect(stopped.out.trim().split("\n").sort()).toEqual(ids);
    expect(await command("stop", "--all")).toMatchObject({ code: 0, error: "No sessions.\n" });
  });

  it("that started a server ends it when the launch fails, with the launch's exit", async () => {
    const { code, out, error } = await begin("open", "./unknown", ...flags()).ended;
    expect(code).toBe(1);
    expect(out).toMatch(/^Bindery serves at \S+\n$/);
    expect(error).toMatch(/✗ .*Dockerfile/);
    expect((await ps()).code).toBe(3);
  });

  it("interrupted while it launches cancels, stops, and ends with 130", async () => {
    writeFileSync(join(place, "plain/postBuild"), "#!/bin/sh\nsleep 600\n", { mode: 0o755 });
    const { until, child, ended } = begin("open", "./plain", ...flags());
    await until(/building/);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130 });
    rmSync(join(place, "plain/postBuild"));
    expect((await ps()).code).toBe(3);
  });

  it("says at once what is wrong with an address, and starts nothing", async () => {
    const { code, out, error } = await begin("open", "no repository", ...flags()).ended;
    expect([code, out]).toEqual([2, ""]);
    expect(error).toContain("no repository");
  });
});

describe("serve --open", () => {
  it("uses the server that another terminal runs already", async () => {
    const { until, text } = begin("serve", ...flags());
    await until(/Bindery serves at \S+\n/);
    const { code, out, error } = await begin("serve", "--open", "./unknown", ...flags()).ended;
    expect([code, out]).toEqual([1, text().out]);
    expect(error).toMatch(/✗ .*Dockerfile/);
    expect((await ps()).code).toBe(0);
  });

  it("goes on serving when the launch fails", async () => {
    const { until, child, ended } = begin("serve", "--open", "./unknown", ...flags());
    await until(/✗ .*Dockerfile/);
    expect((await ps()).code).toBe(0);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 0 });
  });
});
