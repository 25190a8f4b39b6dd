/** What the host's owner has configured about package indexes, as a sandbox can be given it. */
import { access, constants, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { HostEnvironment } from "../tools/run-program.ts";
import { uvVariables } from "../tools/uv-settings.ts";
import { INSIDE } from "./build-places.ts";

export interface HostIndex {
  /** For steps that run no code of a repository: may carry credentials. */
  readonly trustedVariables: Readonly<Record<string, string>>;
  /** The same without anything secret and without the host's own proxy. */
  readonly plainVariables: Readonly<Record<string, string>>;
  /** Shown at `INSIDE.index` by these names; may carry credentials. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Host paths that must be seen at the same place, read-only; nothing secret. */
  readonly shown: readonly string[];
  /** Never to be shown to anybody. */
  readonly secrets: readonly string[];
  /** Host names of the indexes. */
  readonly hosts: readonly string[];
}

const UV_VARIABLE =
  /^UV_(?:DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|INDEX_STRATEGY|INSECURE_HOST|NO_INDEX|NATIVE_TLS|SYSTEM_CERTS|HTTP_TIMEOUT|HTTP_CONNECT_TIMEOUT|HTTP_RETRIES|INDEX_[A-Z0-9_]+_(?:USERNAME|PASSWORD))$/;
const PROXY_VARIABLE = /^(?:HTTPS?|ALL|NO)_PROXY$/i;
const CERTIFICATE_VARIABLES = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
const SECRET_VARIABLE = /_(?:USERNAME|PASSWORD)$/;
/** Directories of the host that every sandbox shows anyway. */
const ALWAYS_SHOWN = ["/usr/", "/etc/ssl/certs", "/etc/pki/"];

/** Reads variables and files; `env` is the environment that Bindery was started with. */
export async function readHostIndex(env: HostEnvironment): Promise<HostIndex> {
  const given = pick({ ...env, ...(await uvVariables(env)) });
  const { links, shown } = await localLinks(given["UV_FIND_LINKS"]);
  const certificates = await Promise.all(
    CERTIFICATE_VARIABLES.map((name) => readable(given[name] ?? "")),
  );
  const variables = Object.fromEntries(
    Object.entries({ ...given, UV_FIND_LINKS: links }).filter(
      ([name, value]) =>
        value !== "" && !(CERTIFICATE_VARIABLES.includes(name) && !certificates.includes(value)),
    ),
  );
  const config = await firstText(configFiles(env));
  const netrc = await firstText([env["NETRC"] ?? join(env["HOME"] ?? "/nonexistent", ".netrc")]);
  const configIndexes = indexesOf(config);
  const urls = [...Object.values(variables).flatMap(urlsIn), ...configIndexes.all];
  return {
    trustedVariables: {
      ...variables,
      ...(config === null ? {} : { UV_CONFIG_FILE: `${INSIDE.index}/uv.toml` }),
      ...(netrc === null ? {} : { NETRC: `${INSIDE.index}/netrc` }),
    },
    plainVariables: { ...configIndexes.variables, ...withoutSecrets(variables) },
    files: [
      ...(config === null ? [] : [{ name: "uv.toml", text: config }]),
      ...(netrc === null ? [] : [{ name: "netrc", text: netrc }]),
    ],
    shown: [...shown, ...certificates.filter((path) => path !== "")].filter(
      (path) => !ALWAYS_SHOWN.some((root) => path.startsWith(root)),
    ),
    secrets: secretsOf(variables, urls, netrc),
    hosts: [...new Set(urls.map(hostOf).filter((host) => host !== null))],
  };
}

function pick(env: HostEnvironment): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const isWanted =
      UV_VARIABLE.test(name) || PROXY_VARIABLE.test(name) || CERTIFICATE_VARIABLES.includes(name);
    if (isWanted && value !== undefined && value !== "") found[name] = value;
  }
  return found;
}

/** Directories of wheels: those that are there are shown; the others would make uv fail. */
async function localLinks(value: string | undefined): Promise<{ links: string; shown: string[] }> {
  const links: string[] = [];
  const shown: string[] = [];
  for (const link of (value ?? "").split(/[\s,]+/)) {
    if (/^https?:/.test(link)) links.push(link);
    const path = link.replace(/^file:\/\//, "");
    if (!path.startsWith("/") || (await readable(path)) === "") continue;
    links.push(path);
    shown.push(path);
  }
  return { links: links.join(","), shown };
}

/** The path, or "" when it is not there or others may not read it. */
async function readable(path: string): Promise<string> {
  try {
    await access(path, constants.R_OK);
    const { mode } = await stat(path);
    return (mode & 0o004) === 0 ? "" : path;
  } catch {
    return "";
  }
}

function configFiles(env: HostEnvironment): readonly string[] {
  const home = env["HOME"] ?? "/nonexistent";
  return [
    ...(env["UV_CONFIG_FILE"] === undefined ? [] : [env["UV_CONFIG_FILE"]]),
    join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "uv/uv.toml"),
    "/etc/uv/uv.toml",
  ];
}

async function firstText(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => null);
    if (text !== null) return text;
  }
  return null;
}

/** The indexes of a uv.toml, for steps that cannot be shown the file because of what else is in it. */
function indexesOf(config: string | null): {
  readonly all: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
} {
  const table = parsed(config);
  const listed = Array.isArray(table["index"]) ? (table["index"] as unknown[]) : [];
  const indexes = listed.flatMap((index) => {
    const { url, default: isDefault } = (index ?? {}) as { url?: unknown; default?: unknown };
    return typeof url === "string" ? [{ url, isDefault: isDefault === true }] : [];
  });
  const main = indexes.find(({ isDefault }) => isDefault)?.url ?? table["index-url"];
  const extra = [
    ...indexes.filter(({ isDefault }) => !isDefault).map(({ url }) => url),
    ...(Array.isArray(table["extra-index-url"]) ? (table["extra-index-url"] as unknown[]) : []),
  ].filter((url) => typeof url === "string");
  return {
    all: [...(typeof main === "string" ? [main] : []), ...extra],
    variables: {
      ...(typeof main === "string" ? { UV_DEFAULT_INDEX: withoutUser(main) } : {}),
      ...(extra.length > 0 ? { UV_INDEX: extra.map(withoutUser).join(" ") } : {}),
    },
  };
}

function parsed(config: string | null): Readonly<Record<string, unknown>> {
  try {
    return config === null ? {} : parse(config);
  } catch {
    // uv says what is wrong with it when it is given the file.
    return {};
  }
}

/** Where a filter is the only way out, the host's own proxy is not. */
export function withoutProxies(
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => !PROXY_VARIABLE.test(name)),
  );
}

function withoutSecrets(variables: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(withoutProxies(variables)).filter(
    ([name]) => !SECRET_VARIABLE.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutUser(value)]));
}

/** Also in the middle of a list, and after uv's `name=`. */
function withoutUser(value: string): string {
  return value.replace(/(:\/\/)[^/\s,@]*@/g, "$1");
}

function urlsIn(value: string): string[] {
  return [...value.matchAll(/https?:\/\/[^\s,]+/g)].map(([url]) => url);
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}

function secretsOf(
  variables: Readonly<Record<string, string>>,
  urls: readonly string[],
  netrc: string | null,
): readonly string[] {
  const secrets = [
    ...Object.entries(variables)
      .filter(([name]) => name.endsWith("_PASSWORD"))
      .map(([, value]) => value),
    ...urls
      .filter((url) => URL.canParse(url))
      .flatMap((url) => {
        const { username, password } = new URL(url);
        const secret = password === "" ? username : password;
        return [secret, decodeURIComponent(secret)];
      }),
    ...[...(netrc ?? "").matchAll(/\bpassword\s+(\S+)/g)].map(([, secret]) => secret as string),
  ];
  return [...new Set(secrets.filter((secret) => secret.length >= 3))];
}
