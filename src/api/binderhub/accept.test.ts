/** Which clients want an event stream. */
import { describe, expect, it } from "vitest";
import { acceptsEventStream } from "./accept.ts";

describe("Accept", () => {
  it.each([
    ["text/event-stream", true],
    ["text/event-stream, */*", true],
    ["*/*;q=0.1,TEXT/Event-Stream ; q=0.9", true],
    ["text/event-stream;q=0", false],
    ["text/event-stream;q=0.000, text/html", false],
    ["*/*", false],
    ["text/*", false],
    ["text/event-streams", false],
    ["", false],
    [undefined, false],
  ])("%s", (accept, isWanted) => {
    expect(acceptsEventStream(accept)).toBe(isWanted);
  });
});
