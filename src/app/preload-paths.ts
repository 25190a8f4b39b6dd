/** The biggest files of JupyterLab's page, so that a launch page fetches them while it waits. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

const ENTRY = /^(?:main|jlab_core)\.([0-9a-f]+)\.js$/;

/** Addresses as the page itself asks for them; `serverDirectory` is the shared server's environment. */
export async function preloadPaths(serverDirectory: string): Promise<readonly string[]> {
  const names = await readdir(join(serverDirectory, "share/jupyter/lab/static"));
  return names.flatMap((name) => {
    const [, hash] = ENTRY.exec(name) ?? [];
    const address = `/static-server/${basename(serverDirectory)}/lab/${name}?v=${hash}`;
    return hash === undefined ? [] : [address];
  });
}
