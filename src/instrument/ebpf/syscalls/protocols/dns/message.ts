/** What a DNS message asks (RFC 1035, section 4.1), and how it ended. */
export interface DnsMessage {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly name: string;
  readonly type: string;
  readonly code: number;
}

const headBytes = 12;
const maxNameBytes = 255;
const internet = 1;
/** By their numbers (IANA, "DNS Parameters"). */
const types: ReadonlyMap<number, string> = new Map([
  [1, "A"],
  [2, "NS"],
  [5, "CNAME"],
  [6, "SOA"],
  [12, "PTR"],
  [15, "MX"],
  [16, "TXT"],
  [28, "AAAA"],
  [33, "SRV"],
  [35, "NAPTR"],
  [43, "DS"],
  [48, "DNSKEY"],
  [64, "SVCB"],
  [65, "HTTPS"],
  [255, "ANY"],
  [257, "CAA"],
]);

/** The message in `bytes`, which may be cut behind its question; undefined for anything but a question of the internet, or its answer. */
export function readDns(bytes: Buffer, size: number): DnsMessage | undefined {
  if (bytes.length < headBytes + 5) return undefined;
  const flags = bytes.readUInt16BE(2);
  const isAnswer = (flags & 0x8000) !== 0;
  // Standard queries (opcode 0, the reserved bit 0) with one question.
  if ((flags & 0x7840) !== 0 || bytes.readUInt16BE(4) !== 1) return undefined;
  const [answers, authorities, additional] = [6, 8, 10].map((at) => bytes.readUInt16BE(at));
  if (!isAnswer && (answers !== 0 || authorities !== 0 || additional! > 2)) return undefined;
  const named = nameAt(bytes, headBytes);
  if (named === undefined || named.end + 4 > bytes.length) return undefined;
  const end = named.end + 4;
  if (bytes.readUInt16BE(named.end + 2) !== internet) return undefined;
  // A question is nothing but its question, and what an additional record says of the asker.
  if (!isAnswer && additional === 0 && end !== size) return undefined;
  const type = bytes.readUInt16BE(named.end);
  const code = flags & 15;
  return {
    id: bytes.readUInt16BE(0),
    isAnswer,
    name: named.name,
    type: types.get(type) ?? `TYPE${type}`,
    code,
  };
}

/** A name without compression, which has no place in a first name. */
function nameAt(bytes: Buffer, start: number): { readonly name: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    const length = bytes[at++];
    if (length === undefined || length > 63 || at + length > bytes.length) return undefined;
    if (length === 0) break;
    const label = bytes.toString("latin1", at, at + length);
    if (!/^[!-~]+$/.test(label)) return undefined;
    labels.push(label);
    at += length;
    if (at - start > maxNameBytes) return undefined;
  }
  return { name: labels.length === 0 ? "." : labels.join("."), end: at };
}
