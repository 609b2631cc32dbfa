import { expect, test } from "vitest";
import { programEnvironment, storefrontProgram } from "./programs.ts";

test("the demo's programs get the user's environment without what would mislead them", () => {
  const environment = programEnvironment({
    PATH: "/bin",
    HTTPS_PROXY: "http://proxy:3128",
    OTELIER_CACHE: "/cache",
    npm_config_registry: "https://registry.example",
    npm_package_name: "otelier",
    npm_config_local_prefix: "/work/otelier",
    PORT: "3000",
    OTEL_SERVICE_NAME: "mine",
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://elsewhere.example",
    OTEL_SDK_DISABLED: "true",
  });
  expect(environment).toEqual({
    PATH: "/bin",
    HTTPS_PROXY: "http://proxy:3128",
    OTELIER_CACHE: "/cache",
    npm_config_registry: "https://registry.example",
    OTEL_RESOURCE_ATTRIBUTES: "service.version=1.4.0,deployment.environment.name=demo",
  });
});

test("the demo's programs name the tenant that they are given", () => {
  const variable = "OTEL_EXPORTER_OTLP_HEADERS";
  const given = { [variable]: "x-scope-orgid=mine" };
  expect(programEnvironment(given, "demo")[variable]).toBe("x-scope-orgid=demo");
  expect(programEnvironment(given)[variable]).toBeUndefined();
});

test("the storefront is told where the others listen", () => {
  const program = storefrontProgram({
    demo: "/repository/demo",
    data: "/data",
    ports: { storefront: 8090, reviews: 8091, inventory: 8092, payments: 8093, database: 8094 },
    environment: {},
  });
  expect(program.workingDirectory).toBe("/repository/demo/storefront");
  expect(program.environment).toEqual({
    PORT: "8090",
    REVIEWS_URL: "http://127.0.0.1:8091",
    INVENTORY_URL: "http://127.0.0.1:8092",
    PAYMENTS_URL: "http://127.0.0.1:8093",
  });
});
