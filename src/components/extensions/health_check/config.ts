import type { Diagnostic } from "../../../base/diagnostic.ts";
import { parseTcpAddress } from "../../../base/net/address.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { checkHttpServer, httpServerFields, type HttpServerConfig } from "../../../pipeline/settings/http.ts";
import { int, optionalSection, section, text } from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface ResponseBodyConfig {
  readonly healthy: string;
  readonly unhealthy: string;
}

interface CheckPipelineConfig {
  readonly interval: string;
  readonly exporter_failure_threshold: number;
}

export interface HealthCheckConfig extends HttpServerConfig {
  readonly path: string;
  readonly response_body: ResponseBodyConfig | undefined;
  readonly check_collector_pipeline: CheckPipelineConfig | undefined;
}

/** Options, defaults and texts of contrib extension/healthcheckextension. */
export const healthCheckConfig: Section<HealthCheckConfig> = section<HealthCheckConfig>({
  ...httpServerFields("localhost:13133"),
  path: text({ default: "/", doc: "path that is answered" }),
  response_body: optionalSection<ResponseBodyConfig>(
    {
      healthy: text({ default: "", doc: "body while the service runs" }),
      unhealthy: text({ default: "", doc: "body while it starts or stops" }),
    },
    { doc: "bodies to answer with instead of the JSON" },
  ),
  check_collector_pipeline: optionalSection<CheckPipelineConfig>(
    {
      interval: text({ default: "5m", doc: "time over which failures were to be counted" }),
      exporter_failure_threshold: int({ default: 5, doc: "failures that were to make it unhealthy" }),
    },
    {
      doc: "health by exporter failures",
      ignored: "it has never worked in the Collector either; watch otelcol_exporter_send_failed_*",
    },
  ),
});

export function checkHealthCheck(
  config: HealthCheckConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  const found = [...checkHttpServer(config, node, path)];
  const problem = (key: string, text: string): void => {
    found.push(configProblem({ code: "bad-health-check", node, path, key, text }));
  };
  if (config.endpoint === "") problem("endpoint", "bad config: endpoint must be specified");
  else if (config.transport !== "unix") {
    const address = parseTcpAddress(config.endpoint);
    if ("problem" in address) problem("endpoint", `invalid endpoint: ${address.problem}`);
  }
  if (!config.path.startsWith("/")) problem("path", "bad config: path must start with /");
  return found;
}
