import { section } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

/** No options. */
export type NopReceiverConfig = object;

export const nopReceiverConfig: Section<NopReceiverConfig> = section<NopReceiverConfig>({});
