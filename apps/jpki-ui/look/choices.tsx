/** One of several, and on or off: in the design system's form, with what each choice means. */
import { Label, Radio, RadioGroup, Switch } from 'react-aria-components'

export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
  readonly text?: string
  /** Of a choice that is in another language than the screen. */
  readonly lang?: string
}

interface ChoicesProps<T extends string> {
  readonly label: string
  readonly choices: readonly Choice<T>[]
  readonly value: T
  readonly onValue: (value: T) => void
}

export function Choices<T extends string>({ label, choices, value, onValue }: ChoicesProps<T>) {
  return (
    <RadioGroup
      value={value}
      onChange={(chosen) => {
        const choice = choices.find((one) => one.value === chosen)
        if (choice !== undefined) onValue(choice.value)
      }}
      className="flex flex-col gap-2"
    >
      <Label className="font-bold">{label}</Label>
      {choices.map((choice) => (
        <Radio
          key={choice.value}
          value={choice.value}
          className="group flex min-h-14 cursor-pointer items-center gap-3 rounded-8 border border-edge px-4 py-3 hover:border-ink data-[focus-visible]:outline-4 data-[focus-visible]:outline-offset-2 data-[focus-visible]:outline-focus data-[selected]:border-2 data-[selected]:border-key data-[selected]:bg-key-pale"
        >
          <span
            aria-hidden="true"
            className="grid size-6 shrink-0 place-items-center rounded-full border-2 border-quiet group-data-[selected]:border-key"
          >
            <span className="size-3 rounded-full group-data-[selected]:bg-key" />
          </span>
          <span className="min-w-0" {...(choice.lang !== undefined && { lang: choice.lang })}>
            <span className="block">{choice.label}</span>
            {choice.text !== undefined && <span className="block text-[0.875rem] text-soft">{choice.text}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  )
}

interface ToggleProps {
  readonly label: string
  readonly state: string
  readonly on: boolean
  readonly disabled?: boolean
  readonly onToggle: (on: boolean) => void
}

export function Toggle({ label, state, on, disabled = false, onToggle }: ToggleProps) {
  return (
    <Switch
      isSelected={on}
      isDisabled={disabled}
      onChange={onToggle}
      className="group flex min-h-14 cursor-pointer items-center justify-between gap-4 rounded-8 border border-edge px-4 py-3 hover:border-ink data-[disabled]:cursor-default data-[focus-visible]:outline-4 data-[focus-visible]:outline-offset-2 data-[focus-visible]:outline-focus"
    >
      <span className="min-w-0">
        <span className="block font-bold">{label}</span>
        <span className="block text-[0.875rem] text-soft">{state}</span>
      </span>
      <span
        aria-hidden="true"
        className="flex h-8 w-14 shrink-0 items-center rounded-full border-2 border-quiet px-1 group-data-[selected]:justify-end group-data-[selected]:border-key group-data-[selected]:bg-key"
      >
        <span className="size-5 rounded-full bg-quiet group-data-[selected]:bg-on-key" />
      </span>
    </Switch>
  )
}
