import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { checkHealthCheck, healthCheckConfig, type HealthCheckConfig } from "./config.ts";
import { createHealthCheck } from "./health-check.ts";

/** An HTTP endpoint that says whether the service runs. */
export const healthCheckFactory: AnyFactory = defineFactory<HealthCheckConfig>({
  kind: "extension",
  type: "health_check",
  summary: "Answers over HTTP whether the service runs, for load balancers and Kubernetes probes.",
  config: healthCheckConfig,
  check: checkHealthCheck,
  stability: "beta",
  create: createHealthCheck,
});
