import type { FieldSpec, MessageSpec } from "../wire/field.ts";
import { keyValueSpec, anyValueSpec } from "../wire/common-spec.ts";
import type { Scalar } from "../wire/scalar.ts";
import { Attributes, ValueMessage, type AnyValue } from "./attributes.ts";
import { Message, MessageNode, type MessageClass } from "./message.ts";
import { MessageList } from "./message-list.ts";

type AnyMessageClass = MessageClass<Message>;

/**
 * Gives a class of messages its properties, one a field of the table, by the field's name; `children` names the classes of
 * fields that hold messages. The class declares their types with `declare`. Scalars and single messages can be assigned,
 * undefined removes them; lists and attributes are changed in place.
 */
export function defineFields(
  target: AnyMessageClass,
  spec: MessageSpec,
  children: Readonly<Record<string, AnyMessageClass>> = {},
): void {
  Object.defineProperty(target.prototype, "spec", { value: spec });
  for (const field of spec.fields) {
    Object.defineProperty(target.prototype, field.name, propertyOf(spec, field, children[field.name]));
  }
}

function propertyOf(
  spec: MessageSpec,
  field: FieldSpec,
  child: AnyMessageClass | undefined,
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
      return this.node.readField(field);
    },
    set(this: Message, value: Scalar | readonly Scalar[] | undefined): void {
      this.node.assignField(field, value);
    },
  };
}

function attributesProperty(field: FieldSpec): PropertyDescriptor {
  return {
    get(this: Message): Attributes {
      const known = this.node.cell(field.slot);
      if (known instanceof Attributes) return known;
      const made = new Attributes(this.node, field);
      this.node.keep(field.slot, made);
      return made;
    },
  };
}

function listProperty(field: FieldSpec, child: AnyMessageClass): PropertyDescriptor {
  return {
    get(this: Message): MessageList<Message> {
      const known = this.node.cell(field.slot);
      if (known instanceof MessageList) return known as MessageList<Message>;
      const made = new MessageList(this.node, field, child);
      this.node.keep(field.slot, made);
      return made;
    },
  };
}

/** The child in a field, made when missing: an empty one that is written only when it changes. */
function openChild(owner: MessageNode, field: FieldSpec, child: AnyMessageClass): Message {
  const known = owner.cell(field.slot);
  if (known instanceof Message) return known;
  const { spec } = child.prototype;
  const range = known === null ? undefined : owner.submessageRange(field);
  const node = range === undefined ? new MessageNode(spec, owner) : new MessageNode(spec, owner, ...range);
  const made = new child(node);
  owner.keep(field.slot, made);
  return made;
}

function messageProperty(field: FieldSpec, child: AnyMessageClass): PropertyDescriptor {
  return {
    get(this: Message): Message | undefined {
      if (field.oneof && !(this.node.cell(field.slot) instanceof Message)) {
        if (this.node.cell(field.slot) === null || this.node.find(field) === -1) return undefined;
      }
      return openChild(this.node, field, child);
    },
    set(this: Message, value: Message | undefined): void {
      const free = value?.node.owner === undefined || this.node.cell(field.slot) === value;
      this.node.assignField(field, free || value === undefined ? value : new child(value.node.copy()));
    },
  };
}

function valueProperty(field: FieldSpec): PropertyDescriptor {
  return {
    get(this: Message): AnyValue {
      return (openChild(this.node, field, ValueMessage) as ValueMessage).value;
    },
    set(this: Message, value: AnyValue): void {
      (openChild(this.node, field, ValueMessage) as ValueMessage).value = value;
    },
  };
}
