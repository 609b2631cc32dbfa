/** All components, in alphabetical order within their kind. Adding one is its folder and one line here. */
import type { AnyFactory } from "../pipeline/component.ts";
import type { TelemetryWriter } from "../storage/store.ts";
import type { SenderRegistry } from "../pipeline/senders/sender-registry.ts";
import { forwardConnectorFactory } from "./connectors/forward/factory.ts";
import { clickhouseExporterFactory } from "./exporters/clickhouse/factory.ts";
import { createWriters } from "./exporters/clickhouse/writers.ts";
import { debugFactory } from "./exporters/debug/factory.ts";
import { nopExporterFactory } from "./exporters/nop/factory.ts";
import { otlpGrpcFactory } from "./exporters/otlp_grpc/factory.ts";
import { otlpHttpFactory } from "./exporters/otlp_http/factory.ts";
import { basicAuthFactory } from "./extensions/basicauth/factory.ts";
import { bearerTokenAuthFactory } from "./extensions/bearertokenauth/factory.ts";
import { fileStorageFactory } from "./extensions/file_storage/factory.ts";
import { healthCheckFactory } from "./extensions/health_check/factory.ts";
import { attributesFactory } from "./processors/attributes/factory.ts";
import { batchFactory } from "./processors/batch/factory.ts";
import { memoryLimiterFactory } from "./processors/memory_limiter/factory.ts";
import { resourceFactory } from "./processors/resource/factory.ts";
import { ebpfReceiverFactory } from "./receivers/ebpf/factory.ts";
import { nopReceiverFactory } from "./receivers/nop/factory.ts";
import { otlpReceiverFactory } from "./receivers/otlp/factory.ts";
import type { OtlpReceiverFactoryOptions } from "./receivers/otlp/factory.ts";

/** What components need of the program around them. */
export interface ComponentEnvironment {
  /** Where receivers remember who sends. */
  readonly senders: SenderRegistry;
  /** How the otlp receiver treats addresses and origins; absent: as the Collector. */
  readonly otlp?: Omit<OtlpReceiverFactoryOptions, "senders">;
  /** The store that this program keeps, for the clickhouse exporter, and the server it is in ('': the embedded engine). */
  readonly store?: TelemetryWriter;
  readonly storeEndpoint?: string;
  /** Where segments for other ClickHouse servers lie; default ".otelier". */
  readonly dataDir?: string;
}

export function componentFactories(environment: ComponentEnvironment): readonly AnyFactory[] {
  const writerFor = createWriters({ ...environment, dataDir: environment.dataDir ?? ".otelier" });
  return [
    ebpfReceiverFactory,
    nopReceiverFactory,
    otlpReceiverFactory({ senders: environment.senders, ...environment.otlp }),
    attributesFactory,
    batchFactory,
    memoryLimiterFactory,
    resourceFactory,
    clickhouseExporterFactory({ writerFor }),
    debugFactory,
    nopExporterFactory,
    otlpGrpcFactory,
    otlpHttpFactory,
    forwardConnectorFactory,
    basicAuthFactory,
    bearerTokenAuthFactory,
    fileStorageFactory,
    healthCheckFactory,
  ];
}
