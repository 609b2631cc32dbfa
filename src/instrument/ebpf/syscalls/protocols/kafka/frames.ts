import type { Chunk } from "../../../chunks/chunk.ts";

/** A message behind its length, as far as its beginning was seen. */
export interface Frame {
  readonly bytes: Buffer;
  readonly startNs: bigint;
  /** Of its last byte. */
  readonly endNs: bigint;
  readonly thread: number;
}

const lengthBytes = 4;
const maxFrameBytes = 1 << 30;
/** Of each message. */
const maxKept = 4096;

/** Cuts what one side sends into messages with their length in front; what was not seen of a message is stepped over. */
export class Frames {
  /** True when it is not known where the next message begins. */
  lost = false;
  private readonly length = Buffer.alloc(lengthBytes);
  private filled = 0;
  private left = 0;
  private pieces: Buffer[] = [];
  private kept = 0;
  private goesOn = true;
  private startNs = 0n;

  /** Begins anew with the next chunk. */
  reset(): void {
    this.lost = false;
    this.filled = 0;
    this.left = 0;
  }

  push({ data, size, timeNs, thread }: Chunk, take: (frame: Frame) => void): void {
    let at = 0;
    while (at < size && !this.lost) {
      if (this.left === 0) {
        at = this.readLength(data, at, timeNs);
        continue;
      }
      const taken = Math.min(this.left, size - at);
      const seen = data.subarray(at, Math.min(at + taken, at + maxKept - this.kept));
      if (this.goesOn && seen.length > 0) {
        this.pieces.push(seen);
        this.kept += seen.length;
      }
      if (seen.length < taken) this.goesOn = false;
      at += taken;
      this.left -= taken;
      if (this.left > 0) continue;
      this.filled = 0;
      take({ bytes: Buffer.concat(this.pieces), startNs: this.startNs, endNs: timeNs, thread });
    }
  }

  private readLength(data: Buffer, at: number, timeNs: bigint): number {
    const taken = Math.min(lengthBytes - this.filled, data.length - at);
    // The length itself was not seen.
    if (taken <= 0) this.lost = true;
    else data.copy(this.length, this.filled, at, at + taken);
    if (this.filled === 0) this.startNs = timeNs;
    this.filled += Math.max(0, taken);
    if (this.filled < lengthBytes) return at + Math.max(0, taken);
    this.left = this.length.readInt32BE(0);
    this.pieces = [];
    this.kept = 0;
    this.goesOn = true;
    if (this.left <= 0 || this.left > maxFrameBytes) this.lost = true;
    return at + taken;
  }
}
