/** The operator's door as the watch reaches it: the API, past the gateway, so that each is judged alone. */
import { createClient } from "#client/client.ts";
import { FailureError } from "#client/failure-error.ts";
import type { CommandOutcome } from "#core/operations/command.ts";
import type { OperatorDoor } from "#ports/operator.ts";
import { socketFetch } from "./socket-fetch.ts";

export function createWatchDoor(options: {
  readonly socketPath: string;
  readonly adminToken: string;
  /** After this time an answer is not waited for any more. */
  readonly timeoutMs: number;
}): OperatorDoor {
  const fetch = socketFetch(options.socketPath);
  const client = createClient({
    baseUrl: "http://control",
    token: options.adminToken,
    fetch: (address, init) =>
      fetch(address, { ...init, signal: AbortSignal.timeout(options.timeoutMs) }),
    wait: () => Promise.reject(new Error("the watch follows no launches")),
  });
  return {
    status: () => client.operatorStatus(),
    audit: async (limit) => (await client.readAudit(limit)).records,
    execute: async (command, actor, evidence): Promise<CommandOutcome> => {
      const by =
        actor.kind === "person" ? { person: actor.name } : { incident: actor.incident ?? "" };
      try {
        const { message } = await client.giveCommand({ command, evidence, ...by });
        return { kind: "done", message };
      } catch (error) {
        if (!(error instanceof FailureError)) throw error;
        const { code, message } = error.failure;
        const isRefused = code === "command-refused";
        return { kind: isRefused ? "refused" : "failed", because: message };
      }
    },
  };
}
