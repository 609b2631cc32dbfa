import type { ExceptionGroup } from "../../../../src/api/explore/wire.ts";
import { addFilter, filterFor } from "../../url/attribute-filter.ts";
import type { TracesSearch } from "../../url/pages.ts";

/** The longest part of a message that has no number or id in it: what all of the group contain. */
function commonPart(message: string): string {
  return message
    .split("#")
    .map((part) => part.trim())
    .reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}

/** What finds the traces of a group, beside the attribute filters that there are. */
export function exceptionFilter(attr: readonly string[], group: ExceptionGroup): Partial<TracesSearch> {
  const shared = { tab: "traces", service: group.service, selStatus: "" } as const;
  if (group.type === "") return { ...shared, status: "Error", text: commonPart(group.message) };
  const byType = addFilter(attr, filterFor("event", "exception.type", group.type));
  const part = commonPart(group.message);
  return { ...shared, attr: part === "" ? byType : addFilter(byType, `event.exception.message~${part}`) };
}
