/** Event streams cut in every place. */
import { describe, expect, it } from "vitest";
import { readEvents } from "./event-stream.ts";

async function read(...chunks: (string | Uint8Array)[]) {
  const bytes = chunks.map((chunk) =>
    typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk,
  );
  const events = [];
  for await (const event of readEvents(
    (async function* () {
      yield* bytes;
    })(),
  ))
    events.push(event);
  return events;
}

describe("reading an event stream", () => {
  it.each([
    ["one event", ["id: 1\ndata: a\n\n"], [{ id: "1", data: "a" }]],
    ["cut anywhere", ["id", ": 1\nda", "ta: a\n", "\n"], [{ id: "1", data: "a" }]],
    [
      "two in one packet",
      ["data: a\n\ndata: b\n\n"],
      [
        { id: "", data: "a" },
        { id: "", data: "b" },
      ],
    ],
    [
      "an id that stays",
      ["id: 1\ndata: a\n\ndata: b\n\n"],
      [
        { id: "1", data: "a" },
        { id: "1", data: "b" },
      ],
    ],
    [
      "comments and other fields",
      [":keepalive\n\nretry: 10\n\ndata: a\n\n"],
      [{ id: "", data: "a" }],
    ],
    ["an id without data", ["id: 5\n\ndata: a\n\n"], [{ id: "5", data: "a" }]],
    ["lines of one event", ["data: a\ndata: b\n\n"], [{ id: "", data: "a\nb" }]],
    ["no blank before the value", ["data:a: b\n\n"], [{ id: "", data: "a: b" }]],
    ["a broken end", ["data: a\n\ndata: half"], [{ id: "", data: "a" }]],
  ])("%s", async (_, chunks, events) => {
    expect(await read(...chunks)).toEqual(events);
  });

  it("a letter may be cut in two", async () => {
    const [first, second] = [Uint8Array.of(0xc3), Uint8Array.of(0xa9)];
    expect(await read("data: ", first, second, "\n\n")).toEqual([{ id: "", data: "é" }]);
  });

  it("an event without an end is refused before it fills the memory", async () => {
    await expect(
      read("data: ", ...Array.from({ length: 5 }, () => "x".repeat(1 << 20))),
    ).rejects.toThrow("has no end");
  });
});
