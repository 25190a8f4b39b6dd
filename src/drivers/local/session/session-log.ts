/** The end of a session's log. */
import { open } from "node:fs/promises";

const READ_BYTES_MAX = 16 * 1024 * 1024;

/** The last `bytesMax`, from the start of a character. */
export async function readLogEnd(path: string, bytesMax: number): Promise<string> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (file === null) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, Math.max(0, bytesMax), READ_BYTES_MAX);
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, size - length);
    return bytes.subarray(length < size ? firstCharacter(bytes) : 0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}

/** Behind the continuation bytes of a character that was cut. */
function firstCharacter(bytes: Uint8Array): number {
  let at = 0;
  while (at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}
