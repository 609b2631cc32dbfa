/** Headers of POSIX tar (ustar, IEEE Std 1003.1 pax): 512 bytes before each file; sizes beyond 8 GiB in base 256, as GNU tar writes them. */
export const blockBytes = 512;

export interface TarHeader {
  /** "/"-separated, at most 255 bytes with a "/" to cut at. */
  readonly path: string;
  readonly sizeBytes: number;
}

const largestOctal = 0o77777777777;

/** Throws RangeError for a path that does not fit. */
export function printHeader({ path, sizeBytes }: TarHeader, timeSeconds: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const [prefix, name] = splitPath(path);
  header.write(name, 0, 100, "utf8");
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  if (sizeBytes <= largestOctal) header.write(`${octal(sizeBytes, 11)}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  header.write(`${octal(timeSeconds, 11)}\0`, 136);
  header.write("0", 156);
  header.write("ustar\u000000", 257, "latin1");
  header.write(prefix, 345, 155, "utf8");
  header.write(`${octal(checksum(header), 6)}\0 `, 148);
  return header;
}

/** The header, or undefined for the zeros that end an archive. Throws Error for anything else and for entries that are no files. */
export function parseHeader(header: Buffer): TarHeader | undefined {
  if (header.every((byte) => byte === 0)) return undefined;
  const stored = Number.parseInt(textAt(header, 148, 8).trim(), 8);
  if (stored !== checksum(header)) throw new Error("a header of the archive is damaged");
  const kind = textAt(header, 156, 1);
  if (kind !== "" && kind !== "0") throw new Error(`the archive holds an entry of kind "${kind}"`);
  const prefix = textAt(header, 345, 155);
  const name = textAt(header, 0, 100);
  const sizeBytes =
    header[124] === 0x80
      ? Number(header.readBigUInt64BE(128))
      : Number.parseInt(textAt(header, 124, 12).trim(), 8);
  if (!Number.isSafeInteger(sizeBytes)) throw new Error("a size in the archive is damaged");
  return { path: prefix === "" ? name : `${prefix}/${name}`, sizeBytes };
}

/** Zeros behind a file up to the next block. */
export function paddingOf(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

function splitPath(path: string): readonly [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ["", path];
  for (let cut = path.indexOf("/"); cut !== -1; cut = path.indexOf("/", cut + 1)) {
    const prefix = path.slice(0, cut);
    const name = path.slice(cut + 1);
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name];
  }
  throw new RangeError(`the path "${path}" is too long for a tar archive`);
}

function octal(value: number, digits: number): string {
  return Math.floor(value).toString(8).padStart(digits, "0");
}

/** Sum of all bytes, the checksum's own counted as blanks. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < blockBytes; at++) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0);
  return sum;
}

function textAt(header: Buffer, start: number, length: number): string {
  const end = header.indexOf(0, start);
  return header.toString("utf8", start, end === -1 || end > start + length ? start + length : end);
}
