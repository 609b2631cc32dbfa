/** Controls of the house: React Aria's behaviour, our look (controls.css). */
import { useState, type ReactElement, type ReactNode } from "react";
import {
  Button as AriaButton,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  ToggleButton,
  ToggleButtonGroup,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";
import { Icon, type IconName } from "./icons.tsx";

interface ButtonProps {
  readonly children?: ReactNode;
  readonly icon?: IconName;
  /** Spoken name, and the tooltip of a button that shows an icon only. */
  readonly label?: string;
  readonly kind?: "plain" | "quiet" | "primary";
  readonly onPress: () => void;
  readonly isDisabled?: boolean;
  readonly className?: string;
  readonly excludeFromTabOrder?: boolean;
}

export function Button(props: ButtonProps): ReactElement {
  const { children, icon, label, kind = "plain", onPress, isDisabled = false } = props;
  const iconOnly = children === undefined;
  const button = (
    <AriaButton
      className={`button button-${kind} ${iconOnly ? "button-icon" : ""} ${props.className ?? ""}`}
      onPress={onPress}
      isDisabled={isDisabled}
      {...(props.excludeFromTabOrder === true ? { excludeFromTabOrder: true } : {})}
      {...(label === undefined ? {} : { "aria-label": label })}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </AriaButton>
  );
  if (!iconOnly || label === undefined) return button;
  return (
    <TooltipTrigger delay={500} closeDelay={50}>
      {button}
      <Tooltip className="tooltip" offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

export interface Choice<T extends string> {
  readonly id: T;
  readonly name: string;
  /** A dot before the name: a CSS colour. */
  readonly colour?: string;
}

interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly Choice<T>[];
  readonly onChange: (value: T) => void;
}

// React Aria takes no empty key; "no choice" is "" in the address.
const emptyKey = "\u0000";

export function SelectField<T extends string>(props: SelectFieldProps<T>): ReactElement {
  const { label, value, choices, onChange } = props;
  return (
    <Select
      className="field"
      value={value === "" ? emptyKey : value}
      onChange={(key) => onChange((key === emptyKey ? "" : String(key)) as T)}
    >
      <Label className="field-label">{label}</Label>
      <AriaButton className="button button-plain select-button">
        <SelectValue className="select-value" />
        <Icon name="down" size={14} />
      </AriaButton>
      <Popover className="popover menu" offset={4}>
        <ListBox items={choices} className="menu-list">
          {(choice) => (
            <ListBoxItem
              id={choice.id === "" ? emptyKey : choice.id}
              textValue={choice.name}
              className="menu-item"
            >
              {choice.colour === undefined ? null : <Dot colour={choice.colour} />}
              <span className="ellipsis">{choice.name}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (Choice<T> & { readonly icon?: IconName })[];
  readonly onChange: (value: T) => void;
}

/** One of a few, all visible. */
export function Segments<T extends string>(props: SegmentsProps<T>): ReactElement {
  const { label, value, choices, onChange } = props;
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value === "" ? emptyKey : value]}
      onSelectionChange={(keys) => {
        const key = [...keys][0];
        if (key !== undefined) onChange((key === emptyKey ? "" : String(key)) as T);
      }}
    >
      {choices.map((choice) => (
        <ToggleButton
          key={choice.id}
          id={choice.id === "" ? emptyKey : choice.id}
          className="segment"
          {...(choice.icon === undefined ? {} : { "aria-label": choice.name })}
        >
          {choice.icon === undefined ? choice.name : <Icon name={choice.icon} size={14} />}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onCommit: (value: string) => void;
  /** Commits with every letter; else on Enter and blur. */
  readonly eager?: boolean;
  readonly className?: string;
  /** Marks the field that "/" focuses. */
  readonly isSearch?: boolean;
  readonly list?: readonly string[];
  /** Why the value cannot be used. */
  readonly problem?: string;
}

let fieldCount = 0;

interface Draft {
  readonly text: string;
  /** The value that the field was last given. */
  readonly value: string;
  /** What was handed over and has not come back as the value yet: the address follows a little behind fast typing. */
  readonly sent: readonly string[];
}

/** A value that comes back leaves what was typed since; any other (Back, a chip) replaces it. */
function followValue(draft: Draft, value: string): Draft {
  const at = draft.sent.indexOf(value);
  return at === -1
    ? { text: value, value, sent: [] }
    : { text: draft.text, value, sent: draft.sent.slice(at + 1) };
}

/** A text input that hands over its value when the person is done with it. */
export function TextField(props: TextFieldProps): ReactElement {
  const [id] = useState(() => `field-${++fieldCount}`);
  const [draft, setDraft] = useState<Draft>({ text: props.value, value: props.value, sent: [] });
  const { text } = draft;
  if (draft.value !== props.value) setDraft(followValue(draft, props.value));
  const commit = (value: string): void => {
    if (value === props.value) return;
    setDraft({ ...draft, text: value, sent: [...draft.sent, value] });
    props.onCommit(value);
  };
  return (
    <div className={`field ${props.className ?? ""}`}>
      <label className="field-label" htmlFor={id}>
        {props.label}
      </label>
      <input
        id={id}
        className="input"
        type="text"
        autoComplete="off"
        spellCheck={false}
        value={text}
        placeholder={props.placeholder}
        title={props.problem}
        aria-invalid={props.problem === undefined ? undefined : true}
        list={props.list === undefined ? undefined : `${id}-list`}
        data-search={props.isSearch === true ? "true" : undefined}
        onChange={(event) => {
          const value = event.target.value;
          if (props.eager === true) commit(value);
          else setDraft({ ...draft, text: value });
        }}
        onBlur={() => commit(text)}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit(text);
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {props.list === undefined ? null : (
        <datalist id={`${id}-list`}>
          {props.list.map((entry) => (
            <option key={entry} value={entry} />
          ))}
        </datalist>
      )}
    </div>
  );
}

export function Dot(props: { readonly colour: string }): ReactElement {
  return <span className="dot" style={{ background: props.colour }} aria-hidden="true" />;
}

/** Copies `text()`; the icon says that it did. */
export function CopyButton(props: {
  readonly label: string;
  readonly text: () => string;
  readonly children?: ReactNode;
  readonly kind?: "plain" | "quiet";
}): ReactElement {
  const [copied, setCopied] = useState(false);
  return (
    <Button
      kind={props.kind ?? "quiet"}
      icon={copied ? "check" : "copy"}
      label={copied ? "Copied" : props.label}
      onPress={() => {
        void navigator.clipboard.writeText(props.text()).then(() => {
          setCopied(true);
          setTimeout(() => setCopied(false), 1500);
        });
      }}
    >
      {props.children}
    </Button>
  );
}
