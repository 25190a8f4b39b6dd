/** Two sockets as one, at the pace of the slower side. */
import type { Socket } from "node:net";

export interface Splice {
  readonly person: Socket;
  readonly upstream: Socket;
  /** Sees every chunk before it is passed on. */
  readonly onChunk: (from: "person" | "upstream", chunk: Buffer) => void;
  /** Called once, when both are closed. */
  readonly onClosed: () => void;
}

/** Half-closed stays half-closed; when one side breaks, the other is closed after its last byte. */
export function splice({ person, upstream, onChunk, onClosed }: Splice): void {
  let open = 2;
  const oneClosed = (): void => {
    open -= 1;
    if (open === 0) onClosed();
  };
  carry(person, upstream, (chunk) => onChunk("person", chunk), oneClosed);
  carry(upstream, person, (chunk) => onChunk("upstream", chunk), oneClosed);
}

function carry(from: Socket, to: Socket, onChunk: (chunk: Buffer) => void, onClosed: () => void) {
  from.on("data", (chunk: Buffer) => {
    onChunk(chunk);
    if (!to.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
  // Said again by `close`; without a listener it would end the process.
  from.on("error", () => undefined);
  from.on("close", () => {
    to.destroySoon();
    onClosed();
  });
}
