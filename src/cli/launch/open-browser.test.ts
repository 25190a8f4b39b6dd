/** Opening a browser, with a stand-in for the opener. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { openBrowser } from "./open-browser.ts";

const place = mkdtempSync(join(tmpdir(), "bindery-browser-"));
const seen = join(place, "seen");
writeFileSync(
  join(place, "xdg-open"),
  `#!/bin/sh\nprintf '%s|' "$#" "$@" > ${seen}.new && mv ${seen}.new ${seen}\n`,
);
chmodSync(join(place, "xdg-open"), 0o755);
vi.stubEnv("PATH", `${place}:/usr/bin:/bin`);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

const url = "http://127.0.0.1:1/user/x/lab?token=a&b='$(touch%20owned)";
const screen = { DISPLAY: ":0" };

test("without a screen, without a terminal, or with another kind of address nothing is opened", async () => {
  expect(await openBrowser({ url, environment: {}, isTerminal: true })).toBe(false);
  expect(await openBrowser({ url, environment: screen, isTerminal: false })).toBe(false);
  const file = { url: "file:///etc/passwd", environment: screen, isTerminal: true };
  expect(await openBrowser(file)).toBe(false);
  expect(existsSync(seen)).toBe(false);
});

test("the address reaches the browser as one word that no shell has read", async () => {
  expect(await openBrowser({ url, environment: screen, isTerminal: true })).toBe(true);
  await vi.waitFor(() => expect(readFileSync(seen, "utf8")).toBe(`1|${url}|`));
});

test("a machine without any opener is no reason to fail", async () => {
  vi.stubEnv("PATH", join(place, "nothing"));
  expect(await openBrowser({ url, environment: screen, isTerminal: true })).toBe(false);
});
