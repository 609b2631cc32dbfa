import type { Random } from "../../src/base/random.ts";
import type { Writer } from "../../src/telemetry/wire/writer.ts";
import { attribute, integer, message } from "./proto.ts";
import { services, type Service } from "./vocabulary.ts";

/** One running instance of a service; two a service. */
export interface Instance {
  readonly service: Service;
  readonly id: string;
  readonly host: string;
  readonly pid: bigint;
}

export function makeInstances(random: Random): readonly (readonly Instance[])[] {
  return services.map((service) =>
    Array.from({ length: 2 }, (_, index) => ({
      service,
      id: Buffer.from(random.bytes(16)).toString("hex"),
      host: `${service.name}-${Buffer.from(random.bytes(3)).toString("hex")}-${index}`,
      pid: BigInt(1 + integer(random, 400)),
    })),
  );
}

/** Writes a Resource with nine attributes in field 1. */
export function writeResource(writer: Writer, instance: Instance): void {
  message(writer, 1, () => {
    const { service } = instance;
    attribute(writer, 1, "service.name", service.name);
    attribute(writer, 1, "service.version", service.version);
    attribute(writer, 1, "service.namespace", "shop");
    attribute(writer, 1, "service.instance.id", instance.id);
    attribute(writer, 1, "deployment.environment.name", "production");
    attribute(writer, 1, "host.name", instance.host);
    attribute(writer, 1, "process.pid", instance.pid);
    attribute(writer, 1, "telemetry.sdk.language", service.language);
    attribute(writer, 1, "telemetry.sdk.version", "1.30.1");
  });
}
