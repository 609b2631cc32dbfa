/** The W3C header of the caller's span. */
export interface Traceparent {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly sampled: boolean;
}

/** The header's value; undefined when it is none (W3C Trace Context, 3.2). */
export function traceparentOf(value: string | undefined): Traceparent | undefined {
  const [, version, trace, span, flags, more] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(value ?? "") ?? [];
  if (trace === undefined || span === undefined || flags === undefined || version === "ff") return undefined;
  if (/^0+$/.test(trace) || /^0+$/.test(span) || (version === "00" && more !== undefined)) return undefined;
  return {
    traceId: Buffer.from(trace, "hex"),
    spanId: Buffer.from(span, "hex"),
    sampled: (Number.parseInt(flags, 16) & 1) === 1,
  };
}
