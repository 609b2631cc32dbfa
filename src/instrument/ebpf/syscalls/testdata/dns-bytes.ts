/** A question, or an answer without records. */
export function dnsMessage(
  id: number,
  name: string,
  type: number,
  { answer = false, code = 0 }: { readonly answer?: boolean; readonly code?: number } = {},
): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE((answer ? 0x8180 : 0x0100) | code, 2);
  head.writeUInt16BE(1, 4);
  const labels = name.split(".").map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  const kind = Buffer.from([0, type >> 8, type & 255, 0, 1]);
  return Buffer.concat([head, ...labels, kind]);
}
