/** JSON text that is not what was expected; `offset` counts bytes. Thrown inside this folder only. */
export class JsonTextError extends Error {
  override readonly name = "JsonTextError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** What `peek` returns when nothing is left. */
export const endOfText: number = -1;

const quote = 0x22;
const backslash = 0x5c;

/** Deepest nesting of values that are skipped because nobody knows them. */
const maxSkippedDepth = 512;

/**
 * Walks UTF-8 JSON byte by byte: no token objects, strings are ranges. After a method returns, `position` is past what it read.
 * Every method throws `JsonTextError` on text that is no JSON. Strings are not checked to be UTF-8.
 */
export class JsonCursor {
  readonly bytes: Uint8Array;
  position = 0;
  /** Set by `string`: the range between the quotes, and whether escapes are in it. */
  stringStart = 0;
  stringEnd = 0;
  escaped = false;
  private readonly buffer: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The first byte of the next token, which stays unread; `endOfText` at the end. */
  peek(): number {
    const { bytes } = this;
    let at = this.position;
    let byte = 0;
    while (at < bytes.length) {
      byte = bytes[at]!;
      if (byte > 0x20) break;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    this.position = at;
    return at < bytes.length ? byte : endOfText;
  }

  expect(byte: number): void {
    if (this.peek() !== byte) this.unexpected(`"${String.fromCharCode(byte)}"`);
    this.position++;
  }

  /** Reads `byte` when it is next. */
  accept(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  unexpected(wanted: string): never {
    const byte = this.peek();
    if (byte === endOfText)
      throw new JsonTextError(`expected ${wanted}, got the end of the text`, this.position);
    const got = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16)}`;
    throw new JsonTextError(`expected ${wanted}, got ${got}`, this.position);
  }

  /** Reads a string token and leaves its range in `stringStart`, `stringEnd`, `escaped`. */
  string(): void {
    if (this.peek() !== quote) this.unexpected("a string");
    const { bytes } = this;
    const start = this.position + 1;
    let at = start;
    this.escaped = false;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.stringStart = start;
        this.stringEnd = at;
        this.position = at + 1;
        return;
      }
      if (byte === backslash) {
        this.escaped = true;
        at = this.escapeEnd(at);
      } else if (byte < 0x20) throw new JsonTextError("a string holds a control character", at);
    }
    throw new JsonTextError("a string does not end", start - 1);
  }

  /** The offset of the last byte of the escape at `at`. */
  private escapeEnd(at: number): number {
    const kind = this.bytes[at + 1] ?? 0;
    const last = kind === 0x75 ? at + 5 : at + 1;
    const valid = kind === 0x75 ? isHex(this.bytes, at + 2) : simpleEscapes.includes(kind);
    if (!valid) throw new JsonTextError("a string holds an invalid escape", at);
    return last;
  }

  /** The text of the last string, escapes resolved. */
  text(): string {
    const raw = this.buffer.toString("utf8", this.stringStart, this.stringEnd);
    if (!this.escaped) return raw;
    const text: unknown = JSON.parse(`"${raw}"`);
    return typeof text === "string" ? text : raw;
  }

  /** Whether the last string is exactly these bytes, without escapes. */
  stringIs(expected: Uint8Array): boolean {
    const length = this.stringEnd - this.stringStart;
    if (length !== expected.length) return false;
    for (let index = 0; index < length; index++) {
      if (this.bytes[this.stringStart + index] !== expected[index]) return false;
    }
    return true;
  }

  /** Reads a number token and returns its text. */
  number(): string {
    this.peek();
    const start = this.position;
    const { bytes } = this;
    let at = start;
    while (at < bytes.length && isNumberByte(bytes[at]!)) at++;
    const text = this.buffer.toString("latin1", start, at);
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) this.unexpected("a number");
    this.position = at;
    return text;
  }

  /** Reads `word` ("true", "false", "null") when it is next. */
  word(word: string): boolean {
    if (this.peek() !== word.charCodeAt(0)) return false;
    const end = this.position + word.length;
    if (this.buffer.toString("latin1", this.position, end) !== word) this.unexpected(`"${word}"`);
    this.position = end;
    return true;
  }

  /** Skips one value of any kind, without recursion. */
  skip(): void {
    const closers: number[] = [];
    for (;;) {
      const byte = this.peek();
      if (byte === 0x7b || byte === 0x5b) {
        if (closers.length === maxSkippedDepth) {
          throw new JsonTextError(`values are nested deeper than ${maxSkippedDepth}`, this.position);
        }
        this.position++;
        const closer = byte + 2;
        if (!this.accept(closer)) {
          closers.push(closer);
          if (byte === 0x7b) this.key();
          continue;
        }
      } else if (byte === quote) this.string();
      else if (!this.word("true") && !this.word("false") && !this.word("null")) this.number();
      for (;;) {
        const closer = closers.at(-1);
        if (closer === undefined) return;
        if (this.accept(0x2c)) {
          if (closer === 0x7d) this.key();
          break;
        }
        this.expect(closer);
        closers.pop();
      }
    }
  }

  private key(): void {
    this.string();
    this.expect(0x3a);
  }
}

function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    (byte | 0x20) === 0x65
  );
}

/** What may follow a backslash, but for "u": "\"", "\\", "/", b, f, n, r, t. */
const simpleEscapes: readonly number[] = [quote, backslash, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74];

/** Whether four hex digits start at `at`. */
function isHex(bytes: Uint8Array, at: number): boolean {
  for (let index = at; index < at + 4; index++) {
    const byte = bytes[index] ?? 0;
    const letter = byte | 0x20;
    if (!((byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66))) return false;
  }
  return true;
}
