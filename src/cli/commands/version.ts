/** `bindery version` */
import { binderyVersion } from "#app/version.ts";
import type { Run } from "../command.ts";

export const run: Run = ({ terminal }) => {
  const version = binderyVersion();
  const { arch, platform, versions } = process;
  if (terminal.isJson) terminal.json({ version, node: versions.node, platform, arch });
  else terminal.out(`bindery ${version} (Node ${versions.node}, ${platform} ${arch})`);
  return Promise.resolve("ok");
};
