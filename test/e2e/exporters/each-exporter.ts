import { describe, test } from "vitest";
import { install, programs, send, type Protocol } from "./programs.ts";

export interface Sent {
  readonly service: string;
  readonly protocol: Protocol;
  /** What the port is meant for. */
  readonly role: "grpc" | "http";
  readonly port: number;
  readonly compression: "none" | "gzip";
  readonly startUnixMs: number;
}

/** A test for each official exporter, protocol, port and compression, in which its program has sent what observed.ts says before `check` looks for it. */
export async function eachExporter(
  portOf: (role: Sent["role"]) => number,
  check: (sent: Sent) => Promise<void>,
): Promise<void> {
  const startUnixMs = Date.now() - 10_000;
  for (const program of programs) {
    const installed = await install(program);
    if ("missing" in installed) {
      const text = `the exporters of ${program.language} are not tested: ${installed.missing}`;
      if (process.env["CI"] === "true") throw new Error(text);
      console.log(text);
      continue;
    }
    const cases = program.protocols.flatMap((protocol) =>
      (["grpc", "http"] as const).flatMap((role) =>
        (["none", "gzip"] as const).map((compression) => ({ protocol, role, compression })),
      ),
    );
    describe(`${program.language} exporters`, () => {
      test.each(cases)(
        "$protocol to the $role port, compression $compression",
        async ({ protocol, role, compression }) => {
          const service = `${program.language}-${protocol.replace("/", "-")}-${role}-${compression}`;
          const port = portOf(role);
          await send(program, {
            folder: installed.folder,
            protocol,
            port,
            compression,
            service,
            startUnixMs,
          });
          await check({ service, protocol, role, port, compression, startUnixMs });
        },
      );
    });
  }
}
