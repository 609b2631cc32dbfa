import type { FieldSpec, MessageSpec } from "../wire/field.ts";
import { keyValueSpec, anyValueSpec } from "../wire/common-spec.ts";
import type { Scalar } from "../wire/scalar.ts";
import { Attributes, ValueMessage, type AnyValue } from "./attributes.ts";
import { Message } from "./message.ts";
import { MessageList } from "./message-list.ts";

type MessageClass = new () => Message;

/**
 * Gives a class of messages its properties, one a field of the table, by the field's name; `children` names the classes of
 * fields that hold messages. The class declares their types with `declare`. Scalars and single messages can be assigned,
 * undefined removes them; lists and attributes are changed in place.
 */
export function defineFields(
  target: MessageClass,
  spec: MessageSpec,
  children: Readonly<Record<string, MessageClass>> = {},
): void {
  Object.defineProperty(target.prototype, "spec", { value: spec });
  for (const field of spec.fields) {
    Object.defineProperty(target.prototype, field.name, propertyOf(spec, field, children[field.name]));
  }
}

function propertyOf(
  spec: MessageSpec,
  field: FieldSpec,
  child: MessageClass | undefined,
): PropertyDescriptor {
  if (field.message === undefined) return scalarProperty(field);
  if (field.message === keyValueSpec) return attributesProperty(field);
  if (field.message === anyValueSpec) return valueProperty(field);
  if (child === undefined) throw new Error(`${spec.name}.${field.name} has no class`);
  return field.repeated ? listProperty(field, child) : messageProperty(field, child);
}

function scalarProperty(field: FieldSpec): PropertyDescriptor {
  return {
    get(this: Message): unknown {
      return this.readField(field);
    },
    set(this: Message, value: Scalar | readonly Scalar[] | undefined): void {
      this.assignField(field, value);
    },
  };
}

function attributesProperty(field: FieldSpec): PropertyDescriptor {
  return {
    get(this: Message): Attributes {
      const known = this.cell(field.slot);
      if (known instanceof Attributes) return known;
      const made = new Attributes(this, field);
      this.keep(field.slot, made);
      return made;
    },
  };
}

function listProperty(field: FieldSpec, child: MessageClass): PropertyDescriptor {
  return {
    get(this: Message): MessageList<Message> {
      const known = this.cell(field.slot);
      if (known instanceof MessageList) return known as MessageList<Message>;
      const made = new MessageList(this, field, child);
      this.keep(field.slot, made);
      return made;
    },
  };
}

/** The child in a field, made when missing: an empty one that is written only when it changes. */
function openChild(owner: Message, field: FieldSpec, child: MessageClass): Message {
  const known = owner.cell(field.slot);
  if (known instanceof Message) return known;
  const range = known === null ? undefined : owner.submessageRange(field);
  const made = new child().view(owner, ...(range ?? ([owner.source, 0, 0] as const)));
  owner.keep(field.slot, made);
  return made;
}

function messageProperty(field: FieldSpec, child: MessageClass): PropertyDescriptor {
  return {
    get(this: Message): Message | undefined {
      if (field.oneof && !(this.cell(field.slot) instanceof Message)) {
        if (this.cell(field.slot) === null || this.find(field) === -1) return undefined;
      }
      return openChild(this, field, child);
    },
    set(this: Message, value: Message | undefined): void {
      const free = value?.owner === undefined || this.cell(field.slot) === value;
      this.assignField(field, free ? value : value?.copyInto(new child()));
    },
  };
}

function valueProperty(field: FieldSpec): PropertyDescriptor {
  return {
    get(this: Message): AnyValue {
      return (openChild(this, field, ValueMessage) as ValueMessage).value;
    },
    set(this: Message, value: AnyValue): void {
      (openChild(this, field, ValueMessage) as ValueMessage).value = value;
    },
  };
}
