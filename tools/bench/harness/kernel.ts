/** The first reply of a kernel: what a person waits for after the page. */
import { type RawData, WebSocket } from "ws";
import { ask } from "./ask.ts";

const REPLY_TIMEOUT_MS = 60_000;

/** Starts a kernel and runs one line in it. `base` is the server's address, with its base path. */
export async function firstKernelReply(base: string, token: string, code = "1 + 1"): Promise<void> {
  const started = await ask({
    url: `${base}api/kernels`,
    method: "POST",
    headers: { authorization: `token ${token}` },
    body: { name: "python3" },
  });
  if (started.status !== 201) throw new Error(`no kernel: ${started.status} ${started.text}`);
  const { id } = JSON.parse(started.text) as { readonly id: string };
  const address = `${base.replace(/^http/, "ws")}api/kernels/${id}/channels?token=${token}`;
  const socket = new WebSocket(address);
  try {
    await reply(socket, code);
  } finally {
    socket.terminate();
  }
}

function reply(socket: WebSocket, code: string): Promise<void> {
  const id = crypto.randomUUID();
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error("the kernel does not reply")),
      REPLY_TIMEOUT_MS,
    );
    const settle = (how: () => void) => {
      clearTimeout(limit);
      how();
    };
    socket.once("error", (error) => settle(() => reject(error)));
    socket.once("open", () => socket.send(executeRequest(id, code)));
    socket.on("message", (data) => {
      const message = JSON.parse(textOf(data)) as {
        readonly msg_type: string;
        readonly parent_header?: { readonly msg_id?: string };
        readonly content: { readonly status?: string };
      };
      const isReply = message.msg_type === "execute_reply" && message.parent_header?.msg_id === id;
      if (!isReply) return;
      if (message.content.status === "ok") settle(resolve);
      else settle(() => reject(new Error("the kernel replied with an error")));
    });
  });
}

/** Jupyter's messaging protocol 5.3, as JSON on the WebSocket. */
function executeRequest(id: string, code: string): string {
  const type = { msg_type: "execute_request", version: "5.3" };
  const header = { msg_id: id, session: id, username: "", ...type };
  const flags = { silent: false, store_history: false, allow_stdin: false, stop_on_error: true };
  const rest = { parent_header: {}, metadata: {}, channel: "shell" };
  return JSON.stringify({ header, content: { code, ...flags }, ...rest });
}

function textOf(data: RawData): string {
  const parts = Array.isArray(data) ? data : [data];
  return parts.map((part) => Buffer.from(part as Uint8Array).toString()).join("");
}
