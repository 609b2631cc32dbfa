/**
 * The rejection threshold in a W3C tracestate, as 56 bits: member "ot=" of the list, its entry "th:" with up to 14 hex digits, padded with zeros on
 * the right (OpenTelemetry specification, trace/tracestate-probability-sampling.md). 0 when there is none: everything was kept.
 */
export function samplingThreshold(traceState: string): bigint {
  const match = /(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?=[;,\s]|$)/.exec(traceState);
  return match === null ? 0n : BigInt(`0x${(match[1] ?? "").padEnd(14, "0")}`);
}
