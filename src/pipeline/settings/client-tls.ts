import type { ClientTls } from "../../base/net/client-tls.ts";
import { loadTlsMaterial } from "./tls-material.ts";
import type { ClientTlsConfig } from "./tls.ts";

/** What a client needs to speak TLS, whatever `insecure` says; rejects with "tls-material" when a file cannot be read. */
export async function loadClientTls(config: ClientTlsConfig): Promise<ClientTls> {
  const { clientCa: _ofServers, ...material } = await loadTlsMaterial(config);
  return {
    ...material,
    systemCa: config.include_system_ca_certs_pool,
    skipVerify: config.insecure_skip_verify,
    ...(config.server_name_override === "" ? {} : { serverName: config.server_name_override }),
  };
}
