/** Finds frames in one direction of a WebSocket (RFC 6455, 5.2), looking only at their headers. */

/** Opcodes from here on are control frames: close, ping, pong. */
const FIRST_CONTROL_OPCODE = 8;

/** Keeps its place between chunks; payloads are skipped, whatever their length. */
export class FrameScanner {
  /** Payload bytes of the current frame that are still to come. */
  #payloadLeft = 0;
  /** Whether the current frame, or the one that began last, carries data. */
  #isData = false;
  /** Bytes of the current header seen so far. */
  #headerSeen = 0;
  #headerLength = 2;
  #lengthBytes = 0;
  #length = 0;

  /** True when a data frame (not ping, pong or close) begins in this chunk or goes on in it. */
  scan(chunk: Uint8Array): boolean {
    let hasData = this.#payloadLeft > 0 && this.#isData;
    let index = 0;
    while (index < chunk.length) {
      if (this.#payloadLeft > 0) {
        const skipped = Math.min(this.#payloadLeft, chunk.length - index);
        this.#payloadLeft -= skipped;
        index += skipped;
        continue;
      }
      this.#headerByte(chunk[index] as number);
      if (this.#headerSeen === 1 && this.#isData) hasData = true;
      index += 1;
      if (this.#headerSeen === this.#headerLength) this.#headerEnd();
    }
    return hasData;
  }

  #headerByte(byte: number): void {
    if (this.#headerSeen === 0) {
      this.#isData = (byte & 0x0f) < FIRST_CONTROL_OPCODE;
    } else if (this.#headerSeen === 1) {
      const isMasked = (byte & 0x80) !== 0;
      const length = byte & 0x7f;
      this.#lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
      this.#length = this.#lengthBytes === 0 ? length : 0;
      this.#headerLength = 2 + this.#lengthBytes + (isMasked ? 4 : 0);
    } else if (this.#headerSeen < 2 + this.#lengthBytes) {
      // Beyond 2^53 this is not exact any more; no such frame ever ends.
      this.#length = this.#length * 256 + byte;
    }
    this.#headerSeen += 1;
  }

  #headerEnd(): void {
    this.#payloadLeft = this.#length;
    this.#headerSeen = 0;
    this.#headerLength = 2;
    this.#lengthBytes = 0;
    this.#length = 0;
  }
}
