/** What goes to which stream, and when it has colours. */
import { describe, expect, it } from "vitest";
import { createTerminal, type Output } from "./terminal.ts";

function outputs(isTTY: boolean) {
  const written = { out: "", error: "" };
  const stream = (name: "out" | "error"): Output => ({
    isTTY,
    write: (text) => {
      written[name] += text;
    },
  });
  return { written, out: stream("out"), error: stream("error") };
}

describe("where a command writes", () => {
  it("results and notes go to different streams", () => {
    const { written, ...streams } = outputs(false);
    const terminal = createTerminal({ ...streams, environment: {}, isJson: false });
    terminal.out("result");
    terminal.note("note");
    expect(written).toEqual({ out: "result\n", error: "note\n" });
    expect(terminal.isLive).toBe(false);
  });

  it("with --json there are no notes, no colours and no moving pictures", () => {
    const { written, ...streams } = outputs(true);
    const terminal = createTerminal({ ...streams, environment: {}, isJson: true });
    terminal.note("note");
    terminal.json({ a: ["b\n"] });
    expect(written).toEqual({ out: '{"a":["b\\n"]}\n', error: "" });
    expect(terminal.isLive).toBe(false);
    expect(terminal.paintOut.red("x")).toBe("x");
  });

  it.each<[Record<string, string>, boolean, boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  ])("with %j on a screen: %s, colours: %s", (environment, isTTY, hasColours) => {
    const terminal = createTerminal({ ...outputs(isTTY), environment, isJson: false });
    expect(terminal.paintOut.red("x") !== "x").toBe(hasColours);
  });
});
