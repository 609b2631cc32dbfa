/**
 * The contract between the engine and its components. A component is made by a factory from its checked configuration, started, fed
 * batches, and shut down. Factories are listed (components/index.ts), never self-registered.
 *
 * Start order: extensions, exporters, connectors and processors, receivers; shutdown is the reverse: receivers first, so that what is
 * inside still flows out.
 */
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Batch } from "../telemetry/batch.ts";
import type { Signal } from "../telemetry/signal.ts";
import type { WorkAttributes, WorkSpan } from "../telemetry/work-span.ts";
import type { ComponentId } from "./component-id.ts";
import type { ConfigNode } from "./settings/config-node.ts";
import type { Section } from "./settings/schema.ts";

/**
 * Takes batches. The promise is the answer: it resolves when the batch is taken (what that means is up to the last synchronous consumer) and
 * rejects with an OtelierError that is permanent or retryable; waiting is back-pressure.
 */
export interface Consumer {
  /** True when `consume` may change the batch it is given; the engine then gives it a copy of its own where others see the batch too. */
  readonly mutatesBatch: boolean;
  consume(batch: Batch): Promise<void>;
}

export interface Component {
  start(host: Host): Promise<void>;
  /** Flushes what it holds to its consumers, then releases all it has; called once, also after a failed start. */
  shutdown(): Promise<void>;
}

export interface Receiver extends Component {}
export interface Processor extends Component, Consumer {}
export interface Exporter extends Component, Consumer {}
/** A connector is the exporter of some pipelines and the receiver of others. */
export interface Connector extends Component, Consumer {}
/** Extensions that others look up by id implement the interface wanted, such as ServerAuthenticator. */
export interface Extension extends Component {
  /** Called once all pipelines run. */
  pipelinesReady?(): void;
  /** Called before the receivers stop. */
  pipelinesStopping?(): void;
}

/** What a component may ask of the running service. */
export interface Host {
  /** The started extension of this id, or undefined. */
  extension(id: ComponentId): Extension | undefined;
  /** Reports a failure that the component cannot recover from; the service stops with it. */
  fail(id: ComponentId, error: Error): void;
}

/** What every component is given beside its configuration. */
export interface ComponentSettings {
  readonly id: ComponentId;
  readonly kind: ComponentKind;
  readonly log: Log;
  readonly metrics: Meters;
  readonly clock: Clock;
  readonly random: Random;
  /** "otelier/0.1.0 (linux/x64)", for user-agent headers. */
  readonly userAgent: string;
  /** Begins own traces, where they are wanted. */
  readonly tracer?: Tracer;
}

/** Begins own traces; the few that it samples hang on `BatchContext.work`. */
export interface Tracer {
  start(name: string, attributes: WorkAttributes): WorkSpan | undefined;
}

export type ComponentKind = "receiver" | "processor" | "exporter" | "connector" | "extension";

/** Sentences, with values beside them; never one a telemetry item. warn: nothing lost; error: an operator must act. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Internal metrics, by the Collector's names ("otelcol_receiver_accepted_spans"). Asking twice for one name and labels gives the same one. */
export interface Meters {
  counter(name: string, labels: Labels, doc: string, unit?: string): Counter;
  /** A total that is kept elsewhere and only rises; `read` is called when somebody looks. */
  observedCounter(name: string, labels: Labels, doc: string, read: () => number, unit?: string): void;
  /** `read` is called when somebody looks. */
  gauge(name: string, labels: Labels, doc: string, read: () => number, unit?: string): void;
  histogram(name: string, labels: Labels, doc: string, bounds: readonly number[], unit?: string): Histogram;
}
export type Labels = Readonly<Record<string, string>>;
export interface Counter {
  add(amount: number): void;
  readonly value: number;
}
export interface Histogram {
  record(value: number): void;
}

export type Stability = "development" | "alpha" | "beta" | "stable" | "deprecated";

interface FactoryBase<C> {
  /** "otlp_grpc": the Collector's name, lower_snake_case. */
  readonly type: string;
  /** Older names that still work: used with a warning when deprecated, silently when an equal alias. */
  readonly aliases?: readonly { readonly name: string; readonly deprecated: boolean }[];
  /** One sentence for `components` and the reference page. */
  readonly summary: string;
  readonly config: Section<C>;
  /**
   * Problems that involve several options; made with `configProblem` from `node`, the section as written, and `path`, its name in messages
   * ("exporters::otlp_grpc").
   */
  readonly check?: (config: C, node: ConfigNode, path: string) => readonly Diagnostic[];
}

type SignalTable<F> = Partial<
  Readonly<Record<Signal, { readonly stability: Stability; readonly create: F }>>
>;

/** A receiver is created once for each id, with the consumers of all signals it is used for: one listener serves them all. */
export interface ReceiverFactory<C = unknown> extends FactoryBase<C> {
  readonly kind: "receiver";
  readonly signals: Partial<Readonly<Record<Signal, Stability>>>;
  readonly create: (
    settings: ComponentSettings,
    config: C,
    next: Partial<Readonly<Record<Signal, Consumer>>>,
  ) => Receiver;
}

/** A processor is created for each pipeline that lists it. */
export interface ProcessorFactory<C = unknown> extends FactoryBase<C> {
  readonly kind: "processor";
  /** It answers when it has taken a batch over, before what follows has it: what it holds is lost when the program is killed. */
  readonly answersEarly?: boolean;
  readonly signals: SignalTable<(settings: ComponentSettings, config: C, next: Consumer) => Processor>;
}

/** An exporter is created once for each id and signal and shared by the pipelines that list it. */
export interface ExporterFactory<C = unknown> extends FactoryBase<C> {
  readonly kind: "exporter";
  /** Its answer means that data survives a crash; whatever answers earlier in front of it is warned about. */
  readonly answersWhenSafe?: boolean;
  readonly signals: SignalTable<(settings: ComponentSettings, config: C) => Exporter>;
}

/** A connector is created for each id and pair of signals: `pairs` maps "traces->metrics" to its create. `next` fans out to all pipelines. */
interface ConnectorFactory<C = unknown> extends FactoryBase<C> {
  readonly kind: "connector";
  readonly pairs: Partial<
    Readonly<
      Record<
        `${Signal}->${Signal}`,
        {
          readonly stability: Stability;
          readonly create: (settings: ComponentSettings, config: C, next: Consumer) => Connector;
        }
      >
    >
  >;
}

interface ExtensionFactory<C = unknown> extends FactoryBase<C> {
  readonly kind: "extension";
  readonly stability: Stability;
  readonly create: (settings: ComponentSettings, config: C) => Extension;
}

export type Factory<C = unknown> =
  | ReceiverFactory<C>
  | ProcessorFactory<C>
  | ExporterFactory<C>
  | ConnectorFactory<C>
  | ExtensionFactory<C>;

/**
 * What the list of components holds: a factory whose configuration type is hidden, so that the engine can treat all alike.
 * `defineFactory` hides it; the section it was defined with guarantees that `create` gets what it decodes.
 */
export type AnyFactory = Factory<never>;

export function defineFactory<C>(factory: Factory<C>): AnyFactory {
  return factory as unknown as AnyFactory;
}

/** Implemented by extensions that check requests: basicauth, bearertokenauth. */
export interface ServerAuthenticator extends Extension {
  /** Resolves to what is known of the caller; rejects with code "unauthenticated" (permanent, gRPC status 16). Header names are lower case. */
  authenticate(headers: ReadonlyMap<string, readonly string[]>): Promise<{ readonly subject: string }>;
}

/** Implemented by extensions that sign outgoing requests. */
export interface ClientAuthenticator extends Extension {
  /** Headers to add to an outgoing request. */
  requestHeaders(): Promise<Readonly<Record<string, string>>>;
}

/** Implemented by extensions that keep state over a restart: file_storage. */
export interface StorageExtension extends Extension {
  /**
   * A directory of the one queue of this name, the same at every start, held until released. Rejects with "storage-in-use" when another
   * process has it, "storage-unusable" when it cannot be made.
   */
  openQueue(name: string): Promise<QueueStorage>;
}

export interface QueueStorage {
  readonly path: string;
  /** Whether what is accepted must survive a power cut, not only a killed process. */
  readonly fsync: boolean;
  /** 0: no limit. */
  readonly maxBytes: number;
  release(): void;
}
