import type { BuildInfo } from "./build-info.ts";
import { routerOffsets } from "./routers.ts";

/** Where fields stand in structs of the standard library, in the order of `struct offsets` of bpf/traced-process.h. */
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
  | "database/sql.Stmt.query"
  | "net/http.Request.RequestURI"
  | "net/http.Request.Header"
  | "net/http.response.wroteHeader"
  | "net/http.response.status"
  | "net/http.response.handlerDone"
  | "net/http.conn.curReq"
  | "runtime.g.m"
  | "runtime.m.curg"
  | "runtime.g.goid"
  | "runtime.g.parentGoid"
  | "runtime.m.p"
  | "runtime.p.goidcache";

/** How maps are laid out, as bpf/go-header.h numbers it: in buckets up to Go 1.23, in groups since. */
const mapLayouts = { buckets: 1, groups: 2 } as const;

/** Go's minor versions for which the offsets were asked of the compiler (layouts.test.ts) and the probes were tried. */
export const verifiedVersions: readonly number[] = [19, 20, 21, 22, 23, 24, 25, 26];

/** Whether the layouts of the runtime and of unexported types are known, so that what needs them can be read. */
export function layoutsKnown({ major, minor }: GoVersion): boolean {
  return major === 1 && verifiedVersions.includes(minor);
}

type GoVersion = Pick<BuildInfo, "major" | "minor" | "experiments">;

/**
 * Where google.golang.org/grpc has the context and the method of a server's stream (internal/transport, Stream), and whether its ServerStream only
 * points to that. Read in the sources of 1.40 to 1.83; later versions get those of the newest.
 */
function streamOffsets(version: string): { indirect: 0 | 1; context: number; method: number } {
  const minor = Number(/^v1\.(\d+)\./.exec(version)?.[1] ?? Infinity);
  if (minor < 69) return { indirect: 0, context: 32, method: 80 };
  if (minor < 77) return { indirect: 1, context: 8, method: 24 };
  return { indirect: 0, context: 0, method: 16 };
}

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
    "net/http.Request.RequestURI": 192,
    "net/http.Request.Header": 56,
    "net/http.response.wroteHeader": 40,
    "net/http.response.status": 120,
    "net/http.response.handlerDone": 160,
    // Used with Go 1.21 and newer: up to 1.19 an interface stands there.
    "net/http.conn.curReq": 112,
    "runtime.g.m": 48,
    "runtime.m.curg": minor >= 25 ? 184 : 192,
    "runtime.g.goid": minor === 23 || minor === 24 ? 160 : 152,
    "runtime.g.parentGoid": minor === 23 || minor === 24 || minor >= 26 ? 280 : 272,
    "runtime.m.p": minor === 25 ? 200 : 208,
    "runtime.p.goidcache": minor >= 23 && minor <= 25 ? 376 : 384,
  };
}

/** Exported or long unchanged: used for every version. */
const fieldsOfAllVersions = 13;

/** The fields by which a new goroutine is known before it is made; only where statements are watched. */
const fieldsOfStatements: ReadonlySet<string> = new Set<StructField>([
  "runtime.g.parentGoid",
  "runtime.m.p",
  "runtime.p.goidcache",
]);

/** What a program's code says beside its version (go-statements.ts, request-pattern.ts). */
export interface FoundInCode {
  readonly statements: { readonly lastNumber: bigint } | undefined;
  readonly requestPattern: number;
  /** Whether the goroutines of its connections are known from their beginnings. */
  readonly knowsConnections: boolean;
}

/** The value of map "processes", `struct offsets` of bpf/traced-process.h. */
export function offsetBytes(
  build: GoVersion & Pick<BuildInfo, "modules">,
  { statements, requestPattern, knowsConnections }: FoundInCode,
  wanted: { readonly propagates: boolean; readonly logs: boolean },
): Buffer {
  const known = layoutsKnown(build);
  const offsets = Object.entries(structOffsets(build.minor)).map(([field, offset], index) => {
    if (fieldsOfStatements.has(field) && statements === undefined) return 0;
    if (field === "net/http.conn.curReq" && !knowsConnections) return 0;
    return known || index < fieldsOfAllVersions ? offset : 0;
  });
  const groups = build.minor >= 24 && !build.experiments.includes("noswissmap");
  const stream = streamOffsets(build.modules.get("google.golang.org/grpc") ?? "");
  const lastNumber = statements?.lastNumber ?? 0n;
  const words = [
    ...offsets,
    known ? mapLayouts[groups ? "groups" : "buckets"] : 0,
    stream.indirect,
    stream.context,
    stream.method,
    // Whether a request has the header already can only be read where layouts are known.
    wanted.propagates && known ? 1 : 0,
    wanted.logs ? 1 : 0,
    requestPattern,
    Number(lastNumber & 0xffff_ffffn),
    Number(lastNumber >> 32n),
    ...routerOffsets(build),
  ];
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => bytes.writeUInt32LE(word, index * 4));
  return bytes;
}
