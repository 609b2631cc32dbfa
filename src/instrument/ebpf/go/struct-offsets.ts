/** Where fields stand in structs of the standard library, in the order of `struct offsets` of bpf/go.bpf.c. */
export type StructField =
  | "net/http.Request.URL"
  | "net/http.Request.ProtoMajor"
  | "net/http.Request.ProtoMinor"
  | "net/http.Request.Host"
  | "net/http.Request.RemoteAddr"
  | "net/http.Request.TLS"
  | "net/url.URL.Scheme"
  | "net/url.URL.Host"
  | "net/url.URL.Path"
  | "net/url.URL.RawQuery"
  | "net/http.Response.StatusCode"
  | "database/sql.Stmt.query";

/** Go's minor versions for which the offsets were asked of the compiler (struct-offsets.test.ts) and the probes were tried. */
export const verifiedVersions = { oldest: 19, newest: 26 } as const;

/** Bytes from the start of the struct in a program that Go 1.`minor` built, the same on x86-64 and arm64. Later versions get those of the newest. */
export function structOffsets(minor: number): Readonly<Record<StructField, number>> {
  return {
    "net/http.Request.URL": 16,
    "net/http.Request.ProtoMajor": 40,
    "net/http.Request.ProtoMinor": 48,
    "net/http.Request.Host": 128,
    "net/http.Request.RemoteAddr": 176,
    "net/http.Request.TLS": 208,
    "net/url.URL.Scheme": 0,
    "net/url.URL.Host": 40,
    "net/url.URL.Path": 56,
    // Go 1.26 moved RawPath behind it.
    "net/url.URL.RawQuery": minor >= 26 ? 88 : 96,
    "net/http.Response.StatusCode": 16,
    "database/sql.Stmt.query": 8,
  };
}

/** The value of map "processes". */
export function offsetBytes(minor: number): Buffer {
  const offsets = Object.values(structOffsets(minor));
  const bytes = Buffer.alloc(offsets.length * 4);
  offsets.forEach((offset, index) => bytes.writeUInt32LE(offset, index * 4));
  return bytes;
}
