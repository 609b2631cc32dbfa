import type { WorkSpan } from "./work-span.ts";

export type Protocol = "grpc" | "grpc-web" | "http/protobuf" | "http/json" | "internal";

/** Where a batch came from; the same object may be shared by many batches. */
export interface BatchContext {
  /** '' when there is a single tenant. */
  readonly tenant: string;
  /** Address and port of the sender, "127.0.0.1:5123"; '' when unknown. */
  readonly peer: string;
  readonly protocol: Protocol;
  /** When the first byte was taken over, milliseconds since the epoch; 0 for telemetry that Otelier makes itself. */
  readonly receivedUnixMs: number;
  /** Request metadata under lower-case names, only when the receiver has `include_metadata`. */
  readonly metadata?: ReadonlyMap<string, readonly string[]>;
  /** The step of own work that the batch is in; only of batches that are sampled for own traces. */
  readonly work?: WorkSpan;
}

/** The context of telemetry that Otelier makes itself. */
export const internalContext: BatchContext = {
  tenant: "",
  peer: "",
  protocol: "internal",
  receivedUnixMs: 0,
};
