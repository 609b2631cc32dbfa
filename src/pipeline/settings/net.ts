import type { ComponentId } from "./component-id.ts";
import { componentIdOption, duration, enumOf, list, section, text } from "./options.ts";
import type { Fields, ListOption } from "./schema.ts";

/** A listening address (core config/confignet, AddrConfig). */
export interface AddressConfig {
  /** "host:port", or the path of a socket with transport "unix". */
  readonly endpoint: string;
  readonly transport: Transport;
  readonly dialer: DialerConfig;
}

interface DialerConfig {
  readonly timeout: number;
}

const transports = ["tcp", "tcp4", "tcp6", "unix"] as const;
type Transport = (typeof transports)[number];

/** The options of a listening address with its default. */
export function addressFields(endpoint: string): Fields<AddressConfig> {
  return {
    endpoint: text({
      default: endpoint,
      doc: "address to listen on: host:port, or a path with transport unix",
    }),
    transport: enumOf(transports, {
      default: "tcp",
      doc: "kind of address",
      problem: (value) => `invalid transport type: "${value}"`,
    }),
    dialer: section<DialerConfig>(
      { timeout: duration({ default: "0s", doc: "unused by servers" }) },
      { doc: "how connections are opened", ignored: "a server opens no connections" },
    ),
  };
}

export interface MiddlewareConfig {
  readonly id: ComponentId | undefined;
}

/** `middlewares` of servers and clients (core config/configmiddleware). */
export const middlewaresOption: ListOption<readonly MiddlewareConfig[]> = list<MiddlewareConfig>(
  section<MiddlewareConfig>({
    id: componentIdOption({ doc: "id of the extension" }),
  }),
  { doc: "extensions that see each request", ignored: "no extension here is a middleware" },
);
