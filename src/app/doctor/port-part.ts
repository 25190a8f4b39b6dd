/** Whether the gateway could listen where it should. */
import { describePortOwner, isFree } from "../port-owner.ts";
import { serverOf } from "../server-finder.ts";
import type { Examination, Finding } from "./finding.ts";

export async function examinePort({ config }: Examination): Promise<readonly Finding[]> {
  const { host, port, dataDir } = config;
  const part = "port";
  const name = `${host}:${port}`;
  if (port === 0) {
    return [{ part, state: "good", found: "0", meaning: "A free one is taken.", remedy: null }];
  }
  const server = await serverOf(dataDir);
  if (server.kind === "serving" && new URL(server.note.gatewayUrl).port === String(port)) {
    const meaning = "Bindery itself listens there.";
    return [{ part, state: "good", found: `${name} is in use`, meaning, remedy: null }];
  }
  if (await isFree(host, port)) {
    const meaning = "Bindery can listen there.";
    return [{ part, state: "good", found: `${name} is free`, meaning, remedy: null }];
  }
  return [
    {
      part,
      state: "limited",
      found: await describePortOwner(port, host),
      meaning: `Bindery cannot listen at ${name}.`,
      remedy: "Use another port with --port.",
    },
  ];
}
