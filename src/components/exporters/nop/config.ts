import { section } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

/** No options. */
export type NopExporterConfig = object;

export const nopExporterConfig: Section<NopExporterConfig> = section<NopExporterConfig>({});
