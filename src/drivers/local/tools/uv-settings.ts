/** Lets uv follow what the host's owner has told pip, unless uv has been told something itself. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { type PipSettings, readPipSettings, wordsOf } from "./pip-settings.ts";
import type { HostEnvironment } from "./run-program.ts";

/**
 * Variables to add to uv's environment. They may carry credentials: never to be logged, nor shown to
 * what a repository runs. uv reads its own files and variables, the usual proxy variables and
 * `SSL_CERT_FILE` itself, but nothing of pip.
 */
export async function uvVariables(env: HostEnvironment): Promise<Readonly<Record<string, string>>> {
  const pip = await readPipSettings(env);
  const translated = {
    ...((await isUvToldOfIndexes(env)) ? {} : indexVariables(pip)),
    ...set("SSL_CERT_FILE", pip.get("cert")),
    ...set("HTTPS_PROXY", pip.get("proxy")),
    ...set("HTTP_PROXY", pip.get("proxy")),
    ...set("UV_INSECURE_HOST", wordsOf(pip.get("trusted-host")).join(" ")),
  };
  const entries = Object.entries(translated).filter(([name]) => {
    return env[name] === undefined && env[name.toLowerCase()] === undefined;
  });
  return Object.fromEntries(entries);
}

function indexVariables(pip: PipSettings): Record<string, string> {
  const extra = wordsOf(pip.get("extra-index-url"));
  return {
    ...set("UV_DEFAULT_INDEX", pip.get("index-url")),
    ...set("UV_INDEX", extra.join(" ")),
    // pip takes the best version of all indexes; uv would stop at the first that has the package.
    ...(extra.length === 0 ? {} : { UV_INDEX_STRATEGY: "unsafe-best-match" }),
    ...set("UV_FIND_LINKS", wordsOf(pip.get("find-links")).join(",")),
    ...(pip.has("no-index") && pip.get("no-index") !== "0" ? { UV_NO_INDEX: "1" } : {}),
  };
}

function set(name: string, value: string | undefined): Record<string, string> {
  return value === undefined || value === "" ? {} : { [name]: value };
}

const INDEX_VARIABLES = [
  "UV_DEFAULT_INDEX",
  "UV_INDEX",
  "UV_INDEX_URL",
  "UV_EXTRA_INDEX_URL",
  "UV_FIND_LINKS",
  "UV_CONFIG_FILE",
];

async function isUvToldOfIndexes(env: HostEnvironment): Promise<boolean> {
  if (INDEX_VARIABLES.some((name) => (env[name] ?? "") !== "")) return true;
  const home = env["HOME"] ?? "/nonexistent";
  const files = [
    join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "uv/uv.toml"),
    "/etc/uv/uv.toml",
  ];
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
