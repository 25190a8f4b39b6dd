/** Whether a package index or a proxy is configured here: that it is, never what it is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { configuredIndexes } from "#drivers/local/tools/index-configuration.ts";
import type { Environment } from "../config.ts";
import type { Examination, Finding } from "./finding.ts";

const PROXIES = [
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "ALL_PROXY",
  "all_proxy",
];

export async function examineIndexes({ environment }: Examination): Promise<readonly Finding[]> {
  const indexes = await configuredIndexes(environment);
  const hasUvFile = uvFiles(environment).some((file) => existsSync(file));
  const found = [
    ...(indexes.length === 0 ? [] : [`${indexes.length} for pip or uv`]),
    ...(hasUvFile ? ["a configuration file of uv"] : []),
  ];
  const proxies = PROXIES.filter((name) => (environment[name] ?? "") !== "");
  return [
    {
      part: "package index",
      state: "good",
      found: found.length === 0 ? "none configured" : found.join(", "),
      meaning:
        found.length === 0
          ? "Builds install from the public index."
          : "Builds install from there; sessions and logs never see the addresses.",
      remedy: null,
    },
    {
      part: "proxy",
      state: "good",
      found: proxies.length === 0 ? "none configured" : proxies.join(", "),
      meaning:
        proxies.length === 0
          ? "The outside is reached directly."
          : "Builds and fetches go through it; sessions and logs never see its address.",
      remedy: null,
    },
  ];
}

function uvFiles(environment: Environment): readonly string[] {
  const home = environment["HOME"] ?? "/nonexistent";
  const configured = environment["UV_CONFIG_FILE"];
  return [
    ...(configured ? [configured] : []),
    join(environment["XDG_CONFIG_HOME"] || join(home, ".config"), "uv/uv.toml"),
    "/etc/uv/uv.toml",
  ];
}
