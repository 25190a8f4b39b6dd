/** Frames are told apart in any pieces, without being read. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameScanner } from "./websocket-frames.ts";

interface Frame {
  readonly opcode: number;
  readonly length: number;
  readonly isMasked: boolean;
}

function encode({ opcode, length, isMasked }: Frame): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const header =
    length < 126
      ? Buffer.from([0x80 | opcode, mask | length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, mask | 126, length >> 8, length & 255])
        : Buffer.concat([
            Buffer.from([0x80 | opcode, mask | 127, 0, 0, 0, 0]),
            Buffer.from([length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]),
          ]);
  // Payload and mask look like headers on purpose.
  return Buffer.concat([header, Buffer.alloc(isMasked ? 4 : 0, 0x81), Buffer.alloc(length, 0x81)]);
}

const frames = fc.array(
  fc.record({
    opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
    length: fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000)),
    isMasked: fc.boolean(),
  }),
  { maxLength: 8 },
);

test("data frames are seen wherever the chunks are cut, and control frames are not", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 5_000 })), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(encode));
      const scanner = new FrameScanner();
      let hasData = false;
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const end = at + (cuts[turn % (cuts.length || 1)] ?? 1_000);
        if (scanner.scan(bytes.subarray(at, end))) hasData = true;
        at = end;
      }
      expect(hasData).toBe(sent.some((frame) => frame.opcode < 8));
    }),
    { numRuns: 300 },
  );
});

test("each chunk is judged by itself: a ping behind data is no activity", () => {
  const scanner = new FrameScanner();
  expect(scanner.scan(encode({ opcode: 1, length: 5, isMasked: true }))).toBe(true);
  expect(scanner.scan(encode({ opcode: 9, length: 0, isMasked: true }))).toBe(false);
  expect(scanner.scan(encode({ opcode: 10, length: 4, isMasked: false }))).toBe(false);
  expect(scanner.scan(encode({ opcode: 2, length: 0, isMasked: false }))).toBe(true);
});

test("a long message counts as long as it comes", () => {
  const scanner = new FrameScanner();
  const bytes = encode({ opcode: 2, length: 70_000, isMasked: false });
  expect(scanner.scan(bytes.subarray(0, 30_000))).toBe(true);
  expect(scanner.scan(bytes.subarray(30_000, 60_000))).toBe(true);
  expect(scanner.scan(bytes.subarray(60_000))).toBe(true);
  expect(scanner.scan(encode({ opcode: 9, length: 3, isMasked: false }))).toBe(false);
});
