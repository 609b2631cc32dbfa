import { entityRefSpec, resourceSpec, scopeSpec } from "../wire/common-spec.ts";
import type { Attributes } from "./attributes.ts";
import { defineFields } from "./fields.ts";
import { Message } from "./message.ts";
import type { MessageList } from "./message-list.ts";

export class EntityRef extends Message {
  declare schemaUrl: string;
  declare type: string;
  declare idKeys: readonly string[];
  declare descriptionKeys: readonly string[];
}
defineFields(EntityRef, entityRefSpec);

export class Resource extends Message {
  declare readonly attributes: Attributes;
  declare droppedAttributesCount: number;
  declare readonly entityRefs: MessageList<EntityRef>;
}
defineFields(Resource, resourceSpec, { entityRefs: EntityRef });

export class InstrumentationScope extends Message {
  declare name: string;
  declare version: string;
  declare readonly attributes: Attributes;
  declare droppedAttributesCount: number;
}
defineFields(InstrumentationScope, scopeSpec);
