import type { Clock } from "../../base/clock.ts";
import { messageOf, OtelierError } from "../../base/error.ts";
import type { ServerTls } from "../../base/net/server-tls.ts";
import { loadTlsMaterial } from "./tls-material.ts";
import type { ServerTlsConfig } from "./tls.ts";

/** What a server needs to speak TLS; rejects with "tls-material" when a file cannot be read or certificate and key are not both there. */
export async function loadServerTls(config: ServerTlsConfig): Promise<ServerTls> {
  const material = await loadTlsMaterial(config);
  const { cert, key } = material;
  if (cert === undefined || key === undefined) {
    const message = "cannot serve TLS: tls needs cert_file and key_file (or cert_pem and key_pem)";
    throw new OtelierError(message, { code: "tls-material", outcome: "permanent" });
  }
  return { ...material, cert, key };
}

/** Reads the files again at every `reload_interval`; what cannot be read leaves the old certificate in place. Returns how to stop. */
export function watchServerTls(
  config: ServerTlsConfig,
  settings: {
    readonly clock: Clock;
    readonly log: { warn(message: string, fields: Readonly<Record<string, string>>): void };
  },
  onRenewed: (tls: ServerTls) => void,
): () => void {
  const everyMs = config.reload_interval ?? 0;
  if (everyMs <= 0) return () => undefined;
  const { clock, log } = settings;
  const reload = async (): Promise<void> => {
    try {
      onRenewed(await loadServerTls(config));
    } catch (error) {
      log.warn("the certificate could not be read again, the old one stays", { error: messageOf(error) });
    }
    cancel = clock.schedule(everyMs, () => void reload());
  };
  let cancel = clock.schedule(everyMs, () => void reload());
  return () => cancel();
}
