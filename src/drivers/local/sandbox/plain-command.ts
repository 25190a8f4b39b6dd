/** A request without any sandbox: the same command with the paths of the host in place of those inside. */
import type { SandboxRequest } from "./request.ts";

/**
 * Rewrites what the request says of paths inside (`/srv/env`, `/home/jovyan` …) to the host's paths,
 * wherever they stand as a path: alone, in a list with colons, after `--option=`.
 */
export function onHost(request: SandboxRequest): SandboxRequest {
  const translate = pathTranslation(request);
  const { init } = request;
  return {
    ...request,
    binds: [],
    overlays: [],
    symlinks: [],
    network: { kind: "host" },
    workingDirectory: translate(request.workingDirectory),
    command: request.command.map(translate),
    variables: Object.fromEntries(
      Object.entries(request.variables).map(([name, value]) => [name, translate(value)]),
    ),
    ...(init === undefined
      ? {}
      : {
          init: {
            ...init,
            logCopy: init.logCopy === null ? null : translate(init.logCopy),
            startScript: init.startScript === null ? null : translate(init.startScript),
          },
        }),
  };
}

/** From a text with paths inside to the same text with paths of the host. */
export function pathTranslation(
  request: Pick<SandboxRequest, "binds" | "overlays" | "symlinks">,
): (text: string) => string {
  const places = new Map<string, string>([
    ...request.overlays.map(({ target, lower }) => [target, lower] as const),
    ...request.binds.map(({ target, source }) => [target, source] as const),
  ]);
  const links = new Map(request.symlinks.map(({ path, target }) => [path, target] as const));
  const names = [...places.keys(), ...links.keys()].sort((a, b) => b.length - a.length);
  if (names.length === 0) return (text) => text;
  const pattern = new RegExp(
    `(?<![^\\s:=,;'"(])(${names.map(escapeForPattern).join("|")})(?![^/\\s:=,;'")])`,
    "g",
  );
  const once = (text: string, depth: number): string =>
    text.replace(pattern, (name) => {
      const place = places.get(name);
      if (place !== undefined) return place;
      const link = links.get(name) ?? name;
      // A link leads to another place inside; two are enough for all that we make.
      return depth === 0 ? link : once(link, depth - 1);
    });
  return (text) => once(text, 2);
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
