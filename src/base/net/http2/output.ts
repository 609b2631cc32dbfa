import type { Socket } from "node:net";

/** Bytes that may wait in the socket before streams must. */
const fullBytes: number = 1024 * 1024;
/** Below this, one copy is cheaper than a write of many pieces. */
const joinedBytes: number = 16 * 1024;

/** Gathers what is sent within one turn of the event loop into one write. */
export class Output {
  readonly #socket: Socket;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;
  #ending = false;

  /** `onDrain` is called when there is room again after `isFull`. */
  constructor(socket: Socket, onDrain: () => void) {
    this.#socket = socket;
    socket.on("drain", onDrain);
  }

  get isFull(): boolean {
    return this.#bytes + this.#socket.writableLength >= fullBytes;
  }

  add(bytes: Uint8Array): void {
    if (this.#ending) return;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
  }

  flushSoon(): void {
    if (this.#scheduled || this.#pieces.length === 0) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Sends what there is, then closes our side. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#flush();
    this.#socket.end();
  }

  #flush(): void {
    const pieces = this.#pieces;
    const bytes = this.#bytes;
    if (pieces.length === 0) return;
    this.#pieces = [];
    this.#bytes = 0;
    if (!this.#socket.writable) return;
    if (pieces.length === 1) this.#socket.write(pieces[0]!);
    else if (bytes <= joinedBytes) this.#socket.write(Buffer.concat(pieces, bytes));
    else {
      this.#socket.cork();
      for (const piece of pieces) this.#socket.write(piece);
      this.#socket.uncork();
    }
  }
}
