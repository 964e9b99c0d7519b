/** A text field with its label, hint and what is wrong with it; a secret one can be shown. */
import { type InputHTMLAttributes, type ReactNode, type Ref, useId, useState } from 'react'
import { useSurroundings } from '../app/surroundings.ts'

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value' | 'className'> {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string, input: HTMLInputElement) => void
  readonly hint?: string
  readonly problem?: string | undefined
  /** May be left empty. */
  readonly optional?: boolean
  readonly secret?: boolean
  readonly mono?: boolean
  readonly below?: ReactNode
  readonly ref?: Ref<HTMLInputElement>
}

export function Field({
  label,
  value,
  onValue,
  hint,
  problem,
  optional = false,
  secret = false,
  mono,
  below,
  ...rest
}: FieldProps) {
  const { t } = useSurroundings()
  const id = useId()
  const [shown, show] = useState(false)
  const described = [hint !== undefined && `${id}-hint`, problem !== undefined && `${id}-problem`].filter(Boolean)
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-bold">
        {label}
        {!optional && <span className="ml-2 text-[0.875rem] font-normal text-bad">{t.required}</span>}
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-[0.875rem] text-soft">
          {hint}
        </p>
      )}
      <div className="relative">
        <input
          {...rest}
          id={id}
          type={secret && !shown ? 'password' : (rest.type ?? 'text')}
          value={value}
          required={!optional}
          aria-invalid={problem !== undefined}
          aria-describedby={described.join(' ') || undefined}
          onChange={(event) => onValue(event.target.value, event.target)}
          className={`h-14 w-full rounded-8 border border-quiet bg-surface px-4 hover:border-ink aria-invalid:border-2 aria-invalid:border-bad ${
            mono ? 'font-mono tracking-wide' : ''
          } ${secret ? 'pr-24' : ''}`}
        />
        {secret && (
          <button
            type="button"
            aria-pressed={shown}
            aria-label={`${label}: ${shown ? t.hide : t.show}`}
            onClick={() => show(!shown)}
            className="absolute inset-y-1.5 right-1.5 rounded-8 bg-surface px-3 text-[0.875rem] text-key underline underline-offset-4"
          >
            {shown ? t.hide : t.show}
          </button>
        )}
      </div>
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert" className="text-[0.875rem] text-bad">
          {problem}
        </p>
      )}
      {below}
    </div>
  )
}
