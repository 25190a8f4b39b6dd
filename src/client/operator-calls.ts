/** What operators see and do, through the API. */
import type { Incident } from "#core/incident/incident.ts";
import type { AuditRecord, OperatorCommand } from "#core/operations/command.ts";
import type { NodeStatus, OperatorStatus } from "#core/operations/status.ts";
import type { Transport } from "./transport.ts";

export interface IncidentsView {
  readonly atMs: number;
  /** Newest first. */
  readonly incidents: readonly Incident[];
}

export interface NodesView {
  readonly atMs: number;
  readonly nodes: readonly NodeStatus[];
}

export interface AuditView {
  readonly atMs: number;
  /** Newest first. */
  readonly records: readonly AuditRecord[];
}

export interface CommandRequest {
  readonly command: OperatorCommand;
  /** Why, for the audit. */
  readonly evidence?: string;
  /** Who, for the audit. */
  readonly person?: string;
  /** Given by the machine: the id of its incident, or empty for none. */
  readonly incident?: string;
}

export interface DoneView {
  readonly message: string;
}

export interface OperatorCalls {
  operatorStatus(): Promise<OperatorStatus>;
  listNodes(): Promise<NodesView>;
  listIncidents(): Promise<IncidentsView>;
  getIncident(id: string): Promise<Incident>;
  readAudit(limit?: number): Promise<AuditView>;
  /** What was refused or failed is thrown: command-refused, command-failed. */
  giveCommand(request: CommandRequest): Promise<DoneView>;
}

export function operatorCalls(transport: Transport): OperatorCalls {
  const path = "/api/v1/operator";
  return {
    operatorStatus: async () => await transport.json<OperatorStatus>({ path: `${path}/status` }),
    listNodes: async () => await transport.json<NodesView>({ path: `${path}/nodes` }),
    listIncidents: async () => await transport.json<IncidentsView>({ path: `${path}/incidents` }),
    getIncident: async (id) =>
      await transport.json<Incident>({ path: `${path}/incidents/${encodeURIComponent(id)}` }),
    readAudit: async (limit) => {
      const query = limit === undefined ? "" : `?limit=${limit}`;
      return await transport.json<AuditView>({ path: `${path}/audit${query}` });
    },
    giveCommand: async (body) =>
      await transport.json<DoneView>({ method: "POST", path: `${path}/commands`, body }),
  };
}
