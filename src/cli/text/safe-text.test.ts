/** What a repository may do to a terminal: colour its own text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeLine, safeText } from "./safe-text.ts";

const ESC = "\u001b";

describe("a line of a repository's log on a screen", () => {
  it.each<[string, string, string]>([
    ["plain text", "naïve 漢字 🎈", "naïve 漢字 🎈"],
    ["colours", `${ESC}[1;31mred${ESC}[0m`, `${ESC}[1;31mred${ESC}[0m${ESC}[0m`],
    ["a moved cursor", `a${ESC}[2Ab${ESC}[2Kc`, "abc"],
    ["a window title", `a${ESC}]0;owned\u0007b`, "ab"],
    ["a link", `${ESC}]8;;https://evil.example${ESC}\\text${ESC}]8;;${ESC}\\`, "text"],
    ["an answerback request", `a${ESC}[cb${ESC}Zc`, "abc"],
    ["a device control string", `a${ESC}P$q"p${ESC}\\b`, "ab"],
    ["one-byte control sequences", "a\u009b2Jb\u009d0;x\u009cc", "abc"],
    ["a bell, a backspace, a null", "a\u0007\u0008\u0000b", "ab"],
    ["text that runs backwards", "a\u202eb", "ab"],
    ["a sequence without an end", `a${ESC}[`, "a"],
    ["an escape without anything", `a${ESC}`, "a"],
    ["a progress bar that was written over", "10%\r50%\r100%", "100%"],
    ["a line end of another system", "done\r", "done"],
    ["a tab", "a\tb", "a    b"],
  ])("%s", (_what, line, shown) => {
    expect(safeLine(line, { colours: true })).toBe(shown);
  });

  it("has no colours where they are not wanted", () => {
    expect(safeLine(`${ESC}[31mred${ESC}[0m`, { colours: false })).toBe("red");
  });

  it("never holds a control character but those of colours, whatever came", () => {
    const nasty = fc.string({
      unit: fc.constantFrom(ESC, "[", "]", "P", "2", ";", "m", "J", "\u0007", "\\", "\u009b", "a"),
      maxLength: 40,
    });
    fc.assert(
      fc.property(nasty, (text) => {
        const shown = safeText(text, { colours: true });
        const [first = "", ...rest] = shown.split(ESC);
        const plain = first + rest.map((part) => part.replace(/^\[[0-9;:]*m/, "")).join("");
        expect(plain).not.toMatch(/\p{Cc}/u);
        expect(rest.every((part) => /^\[[0-9;:]*m/.test(part))).toBe(true);
      }),
    );
  });
});
