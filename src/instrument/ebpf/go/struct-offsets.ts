/**
 * Where fields stand in structs of the standard library. They are public fields, in an order that no release has changed; go-offsets.test.ts
 * asks the compiler. Word for word `struct offsets` of bpf/go.bpf.c.
 */
export const structOffsets = {
  "net/http.Request.URL": 16,
  "net/http.Request.ProtoMajor": 40,
  "net/http.Request.ProtoMinor": 48,
  "net/http.Request.Host": 128,
  "net/http.Request.RemoteAddr": 176,
  "net/http.Request.TLS": 208,
  "net/url.URL.Scheme": 0,
  "net/url.URL.Host": 40,
  "net/url.URL.Path": 56,
  "net/url.URL.RawQuery": 96,
  "net/http.Response.StatusCode": 16,
  "database/sql.Stmt.query": 8,
} as const;

/** Go's minor versions for which the offsets and the functions were tried. */
export const verifiedVersions = { oldest: 19, newest: 26 } as const;

/** The value of map "processes". */
export function offsetBytes(): Buffer {
  const offsets = Object.values(structOffsets);
  const bytes = Buffer.alloc(offsets.length * 4);
  offsets.forEach((offset, index) => bytes.writeUInt32LE(offset, index * 4));
  return bytes;
}
