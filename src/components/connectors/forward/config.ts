import { section } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

/** No options. */
export type ForwardConfig = object;

export const forwardConfig: Section<ForwardConfig> = section<ForwardConfig>({});
