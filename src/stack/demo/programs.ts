import path from "node:path";
import type { RunningProcess } from "../../instrument/process.ts";
import { tenantHeader } from "../../telemetry/tenant.ts";
import type { Environment } from "./toolchains.ts";

/** One program of the demo as it is to be started. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Environment;
}

/** Starts a program under the instrument launcher; `output` takes what the program prints. */
export type InstrumentProgram = (
  program: Program,
  output: (chunk: Uint8Array) => void,
) => RunningProcess | Promise<RunningProcess>;

/** Where everything listens. */
export interface Ports {
  readonly storefront: number;
  readonly reviews: number;
  readonly inventory: number;
  readonly payments: number;
  readonly database: number;
}

/** Ports that are taken when they are free; a busy one makes way for the next free one. */
export const wantedPorts: Ports = {
  storefront: 8080,
  reviews: 8081,
  inventory: 8082,
  payments: 8083,
  database: 15_432,
};

export interface Places {
  /** The repository's demo/. */
  readonly demo: string;
  /** Everything the demo writes, apart from the storefront's node_modules. */
  readonly data: string;
  readonly ports: Ports;
  readonly environment: Environment;
}

function address(port: number): string {
  return `http://127.0.0.1:${port}`;
}

export function storefrontProgram({ demo, ports, environment }: Places): Program {
  return {
    name: "storefront",
    command: process.execPath,
    args: ["src/server.js"],
    workingDirectory: path.join(demo, "storefront"),
    environment: {
      ...environment,
      PORT: String(ports.storefront),
      REVIEWS_URL: address(ports.reviews),
      INVENTORY_URL: address(ports.inventory),
      PAYMENTS_URL: address(ports.payments),
    },
  };
}

export function reviewsProgram(places: Places, interpreter: string): Program {
  return {
    name: "reviews",
    command: interpreter,
    args: ["app.py"],
    workingDirectory: path.join(places.demo, "reviews"),
    environment: {
      ...places.environment,
      PORT: String(places.ports.reviews),
      INVENTORY_URL: address(places.ports.inventory),
      REVIEWS_DB: path.join(places.data, "reviews.sqlite"),
      // The demo's folder stays as it was checked out.
      PYTHONDONTWRITEBYTECODE: "1",
    },
  };
}

export function inventoryProgram(places: Places, executable: string, databaseUrl: string): Program {
  return {
    name: "inventory",
    command: executable,
    args: [],
    workingDirectory: path.join(places.demo, "inventory"),
    environment: {
      ...places.environment,
      PORT: String(places.ports.inventory),
      DATABASE_URL: databaseUrl,
    },
  };
}

export function paymentsProgram({ demo, ports, environment }: Places): Program {
  return {
    name: "payments",
    command: process.execPath,
    args: ["server.mjs"],
    workingDirectory: path.join(demo, "payments"),
    environment: { ...environment, PORT: String(ports.payments) },
  };
}

export function databaseProgram({ demo, data, ports, environment }: Places): Program {
  const args = ["--data", path.join(data, "database"), "--cache", path.join(data, "cache")];
  return {
    name: "database",
    command: process.execPath,
    args: ["start.mjs", ...args, "--port", String(ports.database), "--until-stdin-ends"],
    workingDirectory: path.join(demo, "database"),
    environment,
  };
}

export function loadProgram({ demo, ports, environment }: Places): Program {
  return {
    name: "load",
    command: process.execPath,
    args: ["load.mjs"],
    workingDirectory: path.join(demo, "load"),
    environment: { ...environment, STOREFRONT_URL: address(ports.storefront) },
  };
}

/**
 * The user's environment for the demo's programs: without what npm tells its scripts, which would lead another npm to the wrong folder, and
 * without settings that would send the demo's telemetry elsewhere or under one name.
 */
export function programEnvironment(environment: Environment, tenant = ""): Environment {
  const foreign = [
    /^npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)|^INIT_CWD$|^(HOST|PORT)$/,
    /^OTEL_(SERVICE_NAME|RESOURCE_ATTRIBUTES|EXPORTER_.*|(TRACES|METRICS|LOGS)_EXPORTER|SDK_DISABLED|CONFIG_FILE)$/,
  ];
  const kept = Object.entries(environment).filter(([name]) => !foreign.some((pattern) => pattern.test(name)));
  const attributes = "service.version=1.4.0,deployment.environment.name=demo";
  return {
    ...Object.fromEntries(kept),
    OTEL_RESOURCE_ATTRIBUTES: attributes,
    ...(tenant === "" ? {} : { OTEL_EXPORTER_OTLP_HEADERS: `${tenantHeader}=${tenant}` }),
  };
}
