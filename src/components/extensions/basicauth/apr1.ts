import { createHash } from "node:crypto";

const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Apache's MD5 password hash, "$apr1$salt$hash" (apr-util, crypto/apr_md5.c: MD5 over many rounds that mix password and salt). */
export function apr1(password: string, salt: string): string {
  const key = Buffer.from(password);
  const md5 = (...parts: (Buffer | string)[]): Buffer => {
    const hash = createHash("md5");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const inner = md5(key, salt, key);
  const mixed: (Buffer | string)[] = [key, "$apr1$", salt];
  for (let rest = key.length; rest > 0; rest -= 16) mixed.push(inner.subarray(0, Math.min(16, rest)));
  for (let rest = key.length; rest > 0; rest >>= 1) {
    mixed.push((rest & 1) === 1 ? Buffer.alloc(1) : key.subarray(0, 1));
  }
  let digest = md5(...mixed);
  for (let round = 0; round < 1000; round++) {
    const odd = (round & 1) === 1;
    const parts: (Buffer | string)[] = [odd ? key : digest];
    if (round % 3 !== 0) parts.push(salt);
    if (round % 7 !== 0) parts.push(key);
    parts.push(odd ? digest : key);
    digest = md5(...parts);
  }
  return `$apr1$${salt}$${encode(digest)}`;
}

/** Sixteen bytes in an order of their own, six bits a character, lowest first. */
function encode(digest: Buffer): string {
  const triples = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const;
  const at = (index: number): number => digest[index] ?? 0;
  const text = (value: number, length: number): string =>
    Array.from({ length }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join("");
  const body = triples.map(([high, middle, low]) => text((at(high) << 16) | (at(middle) << 8) | at(low), 4));
  return body.join("") + text(at(11), 2);
}
