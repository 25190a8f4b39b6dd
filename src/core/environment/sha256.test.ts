/** Our hash is the standard's: the vectors, and the platform's own for any text. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "./sha256.ts";

test("the digest is the one that everybody else computes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
    }),
  );
});

test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000_003])(
  "a text of %i bytes is padded right",
  (n) => {
    const text = "x".repeat(n);
    expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
  },
);
