import { OtelierError } from "../base/error.ts";
import type { BatchContext } from "./batch-context.ts";
import { MessageNode } from "./tree/message.ts";
import { LogsData } from "./tree/logs.ts";
import { MetricsData } from "./tree/metrics.ts";
import { TracesData } from "./tree/traces.ts";
import { countItems } from "./wire/count-items.ts";
import { MalformedWireError } from "./wire/malformed.ts";
import { rootSpecs } from "./wire/schema.ts";
import type { Signal } from "./wire/signal.ts";
import { splitItems } from "./wire/split-items.ts";
import { validateWire, type WireCheck } from "./wire/validate.ts";
import { Writer } from "./wire/writer.ts";

export { internalContext } from "./batch-context.ts";
export type { BatchContext, Protocol } from "./batch-context.ts";

type Tree = TracesData | MetricsData | LogsData;

const treeClasses = { traces: TracesData, metrics: MetricsData, logs: LogsData } as const;

/**
 * One unit of telemetry in the pipeline: an Export<Signal>ServiceRequest as protobuf bytes, and its context. Bytes are kept as
 * received and decoded only when somebody looks inside; a batch whose tree changed encodes again what changed.
 *
 * The bytes and the chunks are shared and must not be written to. A consumer that changes the tree works on its own `clone`
 * unless it owns the batch. Read next: tree/message.ts (how a tree is a view of bytes).
 */
export class Batch {
  readonly signal: Signal;
  readonly context: BatchContext;
  /** Empty when the tree was made by code. */
  private pieces: readonly Uint8Array[];
  private tree: Tree | undefined;
  /** The tree's revision that `pieces` holds. */
  private encodedRevision = 0;
  private items: number | undefined;
  /** The bytes are known to decode. */
  private valid = false;

  private constructor(
    signal: Signal,
    context: BatchContext,
    pieces: readonly Uint8Array[],
    tree?: Tree,
    items?: number,
  ) {
    this.signal = signal;
    this.context = context;
    this.pieces = pieces;
    this.tree = tree;
    this.items = items;
    // Whatever a given tree holds is not in `pieces` yet.
    if (tree !== undefined) this.encodedRevision = -1;
  }

  /**
   * A batch of one received message. The bytes are kept, not copied and not checked. `validItems` is what `validateWire`
   * said when it was asked already: saves doing it again.
   */
  static fromBytes(signal: Signal, bytes: Uint8Array, context: BatchContext, validItems?: number): Batch {
    const batch = new Batch(signal, context, [bytes], undefined, validItems);
    batch.valid = validItems !== undefined;
    return batch;
  }

  /** A batch of a tree made by code; the tree belongs to the batch afterwards. */
  static fromTree(signal: "traces", tree: TracesData, context: BatchContext): Batch;
  static fromTree(signal: "metrics", tree: MetricsData, context: BatchContext): Batch;
  static fromTree(signal: "logs", tree: LogsData, context: BatchContext): Batch;
  static fromTree(signal: Signal, tree: Tree, context: BatchContext): Batch {
    return new Batch(signal, context, [], tree);
  }

  /**
   * One batch of several of one signal, in order: protobuf merges messages by concatenation, so nothing is decoded or copied.
   * Keeps the first one's context. Throws RangeError for none, TypeError for mixed signals or tenants.
   */
  static concat(batches: readonly Batch[]): Batch {
    const [first] = batches;
    if (first === undefined) throw new RangeError("cannot concatenate no batches");
    if (batches.some((batch) => batch.signal !== first.signal)) {
      throw new TypeError("cannot concatenate batches of different signals");
    }
    if (batches.some((batch) => batch.context.tenant !== first.context.tenant)) {
      throw new TypeError("cannot concatenate batches of different tenants");
    }
    if (batches.length === 1) return first;
    let items: number | undefined = 0;
    for (const batch of batches)
      items = items === undefined || batch.items === undefined ? undefined : items + batch.items;
    const pieces = batches.flatMap((batch) => batch.chunks);
    const joined = new Batch(first.signal, first.context, pieces, undefined, items);
    joined.valid = batches.every((batch) => batch.valid);
    return joined;
  }

  /** The whole message: joins chunks, or encodes a changed tree; remembered until the tree changes again. */
  get bytes(): Uint8Array {
    this.encode();
    const [only] = this.pieces;
    if (this.pieces.length === 1 && only !== undefined) return only;
    const joined = new Uint8Array(Buffer.concat(this.pieces));
    this.pieces = [joined];
    return joined;
  }

  /** The message in pieces, which joined are `bytes`. */
  get chunks(): readonly Uint8Array[] {
    this.encode();
    return this.pieces;
  }

  get sizeBytes(): number {
    let size = 0;
    for (const chunk of this.chunks) size += chunk.length;
    return size;
  }

  /** Spans, data points or log records. Counts what it can of malformed bytes; never throws. */
  get itemCount(): number {
    this.encode();
    // Chunks may cut a message anywhere (`split`), so only the joined bytes can be counted.
    this.items ??= countItems(this.signal, this.bytes);
    return this.items;
  }

  /** What `validateWire` says of the bytes, asked once; batches of valid batches are known to be valid. */
  check(): WireCheck {
    this.encode();
    if (this.valid && this.items !== undefined) return { ok: true, items: this.items };
    const check = validateWire(this.signal, this.bytes);
    if (check.ok) {
      this.valid = true;
      this.items = check.items;
    }
    return check;
  }

  /** The tree of a batch of traces, decoded once. Throws `OtelierError` "malformed-otlp" when it cannot be. */
  traces(): TracesData {
    return this.decode("traces") as TracesData;
  }

  /** The tree of a batch of metrics; see `traces`. */
  metrics(): MetricsData {
    return this.decode("metrics") as MetricsData;
  }

  /** The tree of a batch of logs; see `traces`. */
  logs(): LogsData {
    return this.decode("logs") as LogsData;
  }

  /** An independent batch for a consumer that changes the tree: shares the bytes, decodes for itself. With another context when one is given. */
  clone(context: BatchContext = this.context): Batch {
    const copy = new Batch(this.signal, context, this.chunks, undefined, this.items);
    copy.valid = this.valid;
    return copy;
  }

  /**
   * Batches of at most `maxItems` (at least 1) items each, in order, this batch itself when it is small enough. Whole
   * resource and scope entries move as they are; one is opened only where a batch ends inside it. Nothing is copied.
   */
  split(maxItems: number): Batch[] {
    if (!(maxItems >= 1)) throw new RangeError(`cannot split into batches of ${maxItems} items`);
    if (this.itemCount <= maxItems) return [this];
    try {
      return splitItems(this.signal, this.bytes, maxItems).map((piece) => {
        const part = new Batch(this.signal, this.context, piece.chunks, undefined, piece.items);
        part.valid = this.valid;
        return part;
      });
    } catch (error) {
      if (error instanceof MalformedWireError) throw malformed(this.signal, error.message, error.offset);
      throw error;
    }
  }

  private encode(): void {
    if (this.tree === undefined || this.tree.node.revision === this.encodedRevision) return;
    const { node } = this.tree;
    // An eighth more than was received has room for most changes.
    const writer = new Writer(1024 + Math.ceil((node.end - node.start) * 1.125));
    this.tree.node.writeContent(writer);
    this.pieces = [writer.bytes.subarray(0, writer.length)];
    this.encodedRevision = this.tree.node.revision;
    this.items = undefined;
  }

  private decode(signal: Signal): Tree {
    if (signal !== this.signal) throw malformed(signal, `the batch holds ${this.signal}`, 0);
    if (this.tree !== undefined) return this.tree;
    const bytes = this.bytes;
    const check = this.check();
    if (!check.ok) throw malformed(signal, check.message, check.offset);
    this.tree = new treeClasses[signal](
      new MessageNode(rootSpecs[signal], undefined, bytes, 0, bytes.length),
    );
    return this.tree;
  }
}

function malformed(signal: Signal, why: string, offset: number): OtelierError {
  return new OtelierError(`cannot decode ${signal}: ${why} at byte ${offset}`, {
    code: "malformed-otlp",
    outcome: "permanent",
  });
}
