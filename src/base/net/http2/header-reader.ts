import { withoutPadding } from "./frame-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { defaultFrameBytes, ErrorCode, Flag, Http2Error, wrongSize } from "./protocol.ts";

/** A header block that has come whole. */
export interface CompleteHeaders {
  readonly stream: number;
  readonly endStream: boolean;
  readonly block: HeaderBlock;
}

/** Frames that one block may be cut into. */
const maxFrames = 64;
const priorityBytes = 5;
/** Longer blocks are not remembered. */
const rememberedBytes = 1024;

/** Joins HEADERS and what continues them, and reads the fields; all blocks of a connection in order, as HPACK needs them. */
export class HeaderReader {
  readonly #maxBytes: number;
  readonly #maxFields: number;
  readonly #decoder: HpackDecoder;
  /** The block before, for what is sent again: most clients say the same with each request. */
  #lastBytes: Buffer = Buffer.alloc(0);
  #lastLength = 0;
  #lastBlock: HeaderBlock | undefined;
  #lastChanges = 0;
  #open: { stream: number; endStream: boolean; pieces: Buffer[]; bytes: number } | undefined;

  constructor(maxBytes: number, maxFields: number, maxTableBytes?: number) {
    this.#decoder = new HpackDecoder(maxTableBytes);
    this.#maxBytes = maxBytes;
    this.#maxFields = maxFields;
  }

  /** The stream whose block is not complete: nothing else may come before the rest of it. */
  get openStream(): number | undefined {
    return this.#open?.stream;
  }

  /** Takes a HEADERS frame. */
  begin(flags: number, stream: number, padded: Buffer): CompleteHeaders | undefined {
    let payload = withoutPadding(flags, padded);
    if ((flags & Flag.priority) !== 0) {
      if (payload.length < priorityBytes) throw wrongSize("HEADERS");
      payload = payload.subarray(priorityBytes);
    }
    this.#open = { stream, endStream: (flags & Flag.endStream) !== 0, pieces: [], bytes: 0 };
    return this.goOn(flags, payload);
  }

  /** Takes a CONTINUATION frame; there must be an open block. */
  goOn(flags: number, payload: Buffer): CompleteHeaders | undefined {
    const open = this.#open!;
    open.bytes += payload.length;
    if (open.bytes > this.#maxBytes + defaultFrameBytes || open.pieces.length > maxFrames)
      throw new Http2Error(ErrorCode.enhanceYourCalm, "headers are too large");
    if ((flags & Flag.endHeaders) === 0) {
      open.pieces.push(Buffer.from(payload));
      return undefined;
    }
    this.#open = undefined;
    const bytes = open.pieces.length === 0 ? payload : Buffer.concat([...open.pieces, payload]);
    return { stream: open.stream, endStream: open.endStream, block: this.#read(bytes) };
  }

  #read(bytes: Buffer): HeaderBlock {
    const known = this.#lastBlock;
    if (
      known !== undefined &&
      this.#lastChanges === this.#decoder.tableChanges &&
      bytes.length === this.#lastLength &&
      bytes.compare(this.#lastBytes, 0, this.#lastLength) === 0
    ) {
      return known;
    }
    const block = new HeaderBlock(this.#maxBytes, this.#maxFields);
    const changes = this.#decoder.tableChanges;
    this.#decoder.decode(bytes, (name, value) => block.add(name, value));
    // A block that changed the table means something else, or changes it again, the next time.
    const isSame = changes === this.#decoder.tableChanges && bytes.length <= rememberedBytes;
    this.#lastBlock = isSame ? block : undefined;
    if (isSame) {
      if (this.#lastBytes.length === 0) this.#lastBytes = Buffer.alloc(rememberedBytes);
      this.#lastLength = bytes.copy(this.#lastBytes);
      this.#lastChanges = changes;
    }
    return block;
  }
}
