/** Tables for settings and where they come from. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flagOf, parseSetting, readConfig, variableOf } from "./config.ts";
import {
  DEFAULTS,
  POLICY_MEANINGS,
  SERVER_SETTING_MEANINGS,
  type SettingName,
  type SettingValue,
} from "./settings.ts";

describe("parseSetting", () => {
  const good: [SettingName, SettingValue, SettingValue][] = [
    ["port", "8080", 8080],
    ["sessionIdleMs", "10min", 600_000],
    ["sessionIdleMs", "1.5 h", 5_400_000],
    ["sessionMemoryBytes", "2GiB", 2 * 1024 ** 3],
    ["sessionMemoryBytes", 1024, 1024],
    ["allowPrivateHosts", "false", false],
    ["sessionNetwork", "none", "none"],
  ];
  it.each(good)("%s takes %j", (name, raw, value) => {
    expect(parseSetting(name, raw)).toBe(value);
  });

  const bad: [SettingName, SettingValue][] = [
    ["port", "http"],
    ["port", "8080GiB"],
    ["sessionIdleMs", "2GiB"],
    ["sessionIdleMs", "-1"],
    ["allowPrivateHosts", "maybe"],
    ["sessionNetwork", "all"],
    ["isolation", "docker"],
  ];
  it.each(bad)("%s refuses %j and names itself", (name, raw) => {
    expect(() => parseSetting(name, raw)).toThrow(name);
  });
});

describe("readConfig", () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), "config-"));
    writeFileSync(
      join(dataDir, "bindery.toml"),
      'port = 1\nsessionsMax = 2\nsessionIdleMs = "5min"',
    );
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it("prefers flags to variables to the file to the defaults", () => {
    const config = readConfig({
      flags: { dataDir, port: "3" },
      environment: { BINDERY_PORT: "2", BINDERY_SESSIONS_MAX: "9" },
      configFile: null,
      uid: 1,
    });
    expect(config.port).toBe(3);
    expect(config.policy.sessionsMax).toBe(9);
    expect(config.policy.sessionIdleMs).toBe(300_000);
    expect(config.host).toBe("127.0.0.1");
  });

  it("refuses a setting that does not exist", () => {
    const path = join(dataDir, "other.toml");
    writeFileSync(path, "sesionsMax = 2");
    const read = () => readConfig({ flags: {}, environment: {}, configFile: path, uid: 1 });
    expect(read).toThrow("sesionsMax");
  });

  it("puts the data of root where the sandbox's user can reach it", () => {
    const base = { flags: {}, configFile: null };
    expect(readConfig({ ...base, environment: {}, uid: 0 }).dataDir).toBe("/var/lib/bindery");
    const environment = { XDG_DATA_HOME: "/data" };
    expect(readConfig({ ...base, environment, uid: 0 }).dataDir).toBe("/data/bindery");
  });

  it("names every setting as flag and variable, and says what it means", () => {
    expect(flagOf("sessionsMax")).toBe("--sessions-max");
    expect(variableOf("sessionsMax")).toBe("BINDERY_SESSIONS_MAX");
    const meanings = { ...SERVER_SETTING_MEANINGS, ...POLICY_MEANINGS };
    expect(Object.keys(meanings).sort()).toEqual(Object.keys(DEFAULTS).sort());
  });
});
