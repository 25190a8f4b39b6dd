/** Reads server-sent events out of an answer, in the form of the WHATWG standard that we send. */

export interface StreamEvent {
  readonly id: string;
  readonly data: string;
}

/** Bytes without the end of an event; a stream that sends more is broken. */
const EVENT_MAX = 4 * 1_024 * 1_024;

/** Ends when the stream ends, also in the middle of an event; throws when the connection breaks. */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamEvent, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let id = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const data: string[] = [];
      for (const line of rest.slice(0, end).split("\n")) {
        const [, field, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (field === "id") id = value;
        if (field === "data") data.push(value);
      }
      rest = rest.slice(end + 2);
      if (data.length > 0) yield { id, data: data.join("\n") };
    }
    if (rest.length > EVENT_MAX) throw new Error("an event of the stream has no end");
  }
}
