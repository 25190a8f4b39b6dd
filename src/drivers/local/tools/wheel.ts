/** Unpacks a wheel (a zip file) the way pip's `--target` does, for machines that have no pip. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { inflateRawSync } from "node:zlib";

interface ZipEntry {
  readonly name: string;
  readonly isExecutable: boolean;
  readonly isCompressed: boolean;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;

/** `directory` exists. Scripts go to `bin/`. Throws when the file is not a wheel that is understood. */
export async function installWheel(wheel: Buffer, directory: string): Promise<void> {
  for (const entry of entriesOf(wheel)) {
    if (entry.name.endsWith("/")) continue;
    const scripts = /^[^/]+\.data\/scripts\/(.+)$/.exec(entry.name);
    const path = normalize(scripts === null ? entry.name : `bin/${scripts[1] ?? ""}`);
    if (path.startsWith("..") || path.startsWith("/")) {
      throw new Error(`the wheel holds a file outside itself: ${entry.name}`);
    }
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    const mode = scripts !== null || entry.isExecutable ? 0o755 : 0o644;
    await writeFile(target, contentOf(wheel, entry), { mode });
  }
}

function entriesOf(zip: Buffer): readonly ZipEntry[] {
  let end = zip.length - END_BYTES;
  while (end >= 0 && zip.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw new Error("this is not a zip file");
  const count = zip.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (zip.readUInt32LE(at) !== CENTRAL_SIGNATURE) throw new Error("the zip file is damaged");
    const nameBytes = zip.readUInt16LE(at + 28);
    const method = zip.readUInt16LE(at + 10);
    if (method !== 0 && method !== 8) throw new Error(`unknown compression method ${method}`);
    const mode = zip.readUInt32LE(at + 38) >>> 16;
    entries.push({
      name: zip.toString("utf8", at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes),
      isExecutable: (mode & 0o111) !== 0,
      isCompressed: method === 8,
      compressedBytes: zip.readUInt32LE(at + 20),
      bytes: zip.readUInt32LE(at + 24),
      offset: zip.readUInt32LE(at + 42),
    });
    at += CENTRAL_BYTES + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

function contentOf(zip: Buffer, entry: ZipEntry): Buffer {
  const names = zip.readUInt16LE(entry.offset + 26) + zip.readUInt16LE(entry.offset + 28);
  const start = entry.offset + LOCAL_BYTES + names;
  const stored = zip.subarray(start, start + entry.compressedBytes);
  if (!entry.isCompressed) return stored;
  return inflateRawSync(stored, { maxOutputLength: entry.bytes });
}
