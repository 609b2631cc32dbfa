import { expect, test } from "vitest";
import { exposureProblem } from "./exposure.ts";

const open = { insecureBind: false, basicAuthFile: "", bearerTokenFile: "" };

test.each(["localhost:4319", "LOCALHOST:4319", "127.0.0.1:0", "127.8.9.1:4319", "[::1]:4319"])(
  "%s is this machine's own",
  (http) => {
    expect(exposureProblem({ ...open, http })).toBeUndefined();
  },
);

test.each([
  "0.0.0.0:4319",
  ":4319",
  "[::]:4319",
  "192.168.1.5:4319",
  "myhost:4319",
  "localhost.example.com:4319",
  "127.0.0.1.nip.io:4319",
])("%s needs authentication or the explicit flag", (http) => {
  expect(exposureProblem({ ...open, http })).toBe(
    `cannot serve UI and API at "${http}": others could read your telemetry; ` +
      "add --basic-auth FILE or --bearer-token FILE, or --insecure-bind if the network is yours alone",
  );
  expect(exposureProblem({ ...open, http, basicAuthFile: "/etc/htpasswd" })).toBeUndefined();
  expect(exposureProblem({ ...open, http, bearerTokenFile: "/etc/tokens" })).toBeUndefined();
  expect(exposureProblem({ ...open, http, insecureBind: true })).toBeUndefined();
});
