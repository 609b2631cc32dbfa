import { checkMessage } from "./check-message.ts";
import { rootPlans } from "./check-plan.ts";
import { MalformedWireError } from "./malformed.ts";
import { itemsIfPlain } from "./plain-spelling.ts";
import type { Signal } from "./signal.ts";

/** Whether bytes are a valid request, and how many items it holds; or what is wrong at which byte. */
export type WireCheck =
  | { readonly ok: true; readonly items: number }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/**
 * Checks one Export request: every known message at every depth, wire types, lengths, nesting of values (`maxValueDepth`).
 * Unknown fields must only be well-formed; groups are refused. An id must be empty or
 * as long as the protocol says. UTF-8 is not checked, as the Collector does not (docs/adr/0008).
 * Makes no objects per field. Benchmark: bench/codec.ts.
 */
export function validateWire(signal: Signal, bytes: Uint8Array): WireCheck {
  const items = itemsIfPlain(signal, bytes);
  return items === undefined ? checkClosely(signal, bytes) : { ok: true, items };
}

/** The same, spelled for reading, at half the speed: what decides about all that is not spelled as exporters do, and says what is wrong. */
export function checkClosely(signal: Signal, bytes: Uint8Array): WireCheck {
  try {
    return { ok: true, items: checkMessage(rootPlans[signal], bytes, 0, bytes.length, 0) };
  } catch (error) {
    if (error instanceof MalformedWireError)
      return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
}
