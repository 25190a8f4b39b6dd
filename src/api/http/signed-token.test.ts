/** Tokens: what passes, and every forgery that does not. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSameSecret, signClaims, verifyClaims } from "./signed-token.ts";

const SECRET = "a secret";
const NOW_MS = 1_000_000;
const claims = { aud: "gh/owner/name", exp: 1_001, origin: "binder.example" };

/** Signs whatever it is given, as somebody with the secret and a bug would. */
function signed(header: unknown, payload: unknown, secret = SECRET): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

describe("a signed token", () => {
  it("gives back what was signed", () => {
    expect(verifyClaims(signClaims(claims, SECRET), SECRET, NOW_MS)).toEqual(claims);
  });

  it("is one that any library for JSON Web Tokens reads", () => {
    const known = { alg: "HS256", typ: "JWT" };
    expect(verifyClaims(signed(known, claims), SECRET, NOW_MS)).toEqual(claims);
  });

  it.each([
    ["another secret", signed({ alg: "HS256" }, claims, "another"), NOW_MS],
    ["the time is over", signClaims(claims, SECRET), 1_001_000],
    [
      "the algorithm is none",
      `${signed({ alg: "none" }, claims).split(".").slice(0, 2).join(".")}.`,
      NOW_MS,
    ],
    ["another algorithm is named", signed({ alg: "HS512" }, claims), NOW_MS],
    ["its payload was changed", signClaims(claims, SECRET).replace(/\.(.)/, ".A$1"), NOW_MS],
    ["it never expires", signed({ alg: "HS256" }, { aud: "x" }), NOW_MS],
    ["it expires as text", signed({ alg: "HS256" }, { aud: "x", exp: "2000" }), NOW_MS],
    ["its payload is a list", signed({ alg: "HS256" }, []), NOW_MS],
    ["there is a part too many", `${signClaims(claims, SECRET)}.x`, NOW_MS],
    ["it is empty", "", NOW_MS],
    ["it is very long", "a.".repeat(10_000), NOW_MS],
  ])("is none when %s", (_, token, nowMs) => {
    expect(verifyClaims(token, SECRET, nowMs)).toBeNull();
  });
});

describe("comparing secrets", () => {
  it.each([
    ["same", "same", true],
    ["same", "Same", false],
    ["short", "shorter", false],
    ["", "x", false],
  ])("%s and %s: %s", (given, expected, isSame) => {
    expect(isSameSecret(given, expected)).toBe(isSame);
  });
});
