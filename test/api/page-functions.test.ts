/** Functions of the pages that need no browser; the client has one of them too, and they agree. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sessionAddress } from "#client/session-address.ts";
import { WEB_DIRECTORY } from "../fixtures/api-under-test.ts";

const { sessionAddress: pageSessionAddress } = (await import(
  join(WEB_DIRECTORY, "session-address.js")
)) as { readonly sessionAddress: typeof sessionAddress };
const { safeForTerminal, plainText } = (await import(join(WEB_DIRECTORY, "launch-log.js"))) as {
  readonly safeForTerminal: (text: string) => string;
  readonly plainText: (text: string) => string;
};

const HOME = "https://binder.example/user/abc/";

describe.each([
  ["the client", sessionAddress],
  ["the page", pageSessionAddress],
])("the address of a session, by %s", (_, address) => {
  it.each([
    [null, `${HOME}?token=t`],
    ["", `${HOME}?token=t`],
    ["lab", `${HOME}lab?token=t`],
    ["/lab/tree/a%20b.ipynb", `${HOME}lab/tree/a%20b.ipynb?token=t`],
    [
      "git-pull?repo=https%3A%2F%2Fx&branch=main",
      `${HOME}git-pull?repo=https%3A%2F%2Fx&branch=main&token=t`,
    ],
    ["voila/render/x.ipynb#part", `${HOME}voila/render/x.ipynb?token=t#part`],
    ["proxy/8000/", `${HOME}proxy/8000/?token=t`],
    ["lab?token=mine", `${HOME}lab?token=t`],
    // What would lead out of the session leads to its start.
    ["//evil.example/", `${HOME}evil.example/?token=t`],
    ["\\\\evil.example/", `${HOME}evil.example/?token=t`],
    ["https://evil.example/", `${HOME}https://evil.example/?token=t`],
    ["javascript:alert(1)", `${HOME}javascript:alert(1)?token=t`],
    ["../other/", `${HOME}?token=t`],
    ["lab/../../../api/v1/sessions", `${HOME}?token=t`],
    ["%2e%2e/other/", `${HOME}?token=t`],
  ])("with %s", (urlPath, expected) => {
    const session = { origin: "https://binder.example", path: "/user/abc/", token: "t" };
    expect(address({ ...session, urlPath })).toBe(expected);
  });
});

describe("a log line", () => {
  it.each([
    ["colours stay", "\u001b[1;31mred\u001b[0m", "\u001b[1;31mred\u001b[0m", "red"],
    ["a title is not set", "\u001b]0;owned\u0007x", "x", "x"],
    ["a link is text", "\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\", "click", "click"],
    ["the clipboard is not written", "\u001b]52;c;b3duZWQ=\u0007x", "x", "x"],
    ["the cursor stays", "a\u001b[2J\u001b[1;1Hb\u001b[?25lc", "abc", "abc"],
    ["no answer is asked for", "\u001b[6n\u001b[c\u001bZx", "x", "x"],
    ["a device's string is dropped", "\u001bPq#0\u001b\\x", "x", "x"],
    ["a sequence without its end takes no later line with it", "\u001b]0;never ends", "", ""],
    ["bells and C1 controls are dropped", "a\u0007\u009b31mb\u0000", "a31mb", "a31mb"],
    ["tabs stay", "a\tb", "a\tb", "a\tb"],
  ])("%s", (_, text, safe, plain) => {
    expect(safeForTerminal(text)).toBe(safe);
    expect(plainText(text)).toBe(plain);
  });
});
