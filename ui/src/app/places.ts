import type { IconName } from "../design/icons.tsx";
import type { PageName } from "../url/pages.ts";

/** The pages of the navigation, in its order; `key` follows "g". */
export const places: readonly {
  readonly page: PageName;
  readonly name: string;
  readonly icon: IconName;
  readonly key: string;
}[] = [
  { page: "services", name: "Services", icon: "services", key: "s" },
  { page: "map", name: "Map", icon: "map", key: "p" },
  { page: "traces", name: "Traces", icon: "traces", key: "t" },
  { page: "logs", name: "Logs", icon: "logs", key: "l" },
  { page: "metrics", name: "Metrics", icon: "metrics", key: "m" },
  { page: "senders", name: "Senders", icon: "senders", key: "n" },
];
