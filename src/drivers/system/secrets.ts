/** Ids and tokens from the machine's cryptographic source. */
import { randomBytes } from "node:crypto";
import type { Secrets } from "#ports/secrets.ts";

const SECRET_BYTES = 16;

export const systemSecrets: Secrets = {
  id: () => base36(randomBytes(SECRET_BYTES)),
  token: () => randomBytes(SECRET_BYTES + 8).toString("base64url"),
};

/** 128 bits in 25 lower-case letters and digits. */
function base36(bytes: Buffer): string {
  return BigInt(`0x${bytes.toString("hex")}`)
    .toString(36)
    .padStart(25, "0");
}
