/** Four digits, by the keys on the screen or by a keyboard. The screen's own keypad takes the place of the system's. */
import { useEffect, useId, useRef } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import { Icon } from './icons.tsx'

const length = 4
const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '', '0', 'erase'] as const

interface PinPadProps {
  readonly label: string
  readonly pin: string
  readonly onPin: (pin: string) => void
  readonly disabled?: boolean
  readonly problem?: string | undefined
  /** Read out with the label: what the PIN is asked for. */
  readonly describedBy?: string
}

export function PinPad({ label, pin, onPin, disabled = false, problem, describedBy }: PinPadProps) {
  const { t } = useSurroundings()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const change = (text: string) => {
    if (!disabled) onPin(text.normalize('NFKC').replaceAll(/\D/g, '').slice(0, length))
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question takes the focus
  useEffect(() => {
    input.current?.focus({ preventScroll: true })
  }, [label])
  return (
    <div className="flex flex-col items-center gap-4">
      <label htmlFor={id} className="font-bold">
        {label}
      </label>
      <div className="relative w-full max-w-62 rounded-12 focus-within:outline-4 focus-within:outline-offset-2 focus-within:outline-focus">
        <input
          ref={input}
          id={id}
          type="password"
          inputMode="none"
          autoComplete="off"
          pattern="\d{4}"
          maxLength={length}
          value={pin}
          readOnly={disabled}
          aria-invalid={problem !== undefined}
          aria-describedby={describedBy}
          onChange={(event) => change(event.target.value)}
          className="absolute inset-0 size-full cursor-default opacity-0"
        />
        <div aria-hidden="true" className="grid grid-cols-4 gap-2">
          {Array.from({ length }, (_, place) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a place is its index
              key={place}
              className={`grid aspect-square place-items-center rounded-12 border-2 bg-surface ${
                place === pin.length ? 'border-key' : 'border-edge'
              }`}
            >
              {place < pin.length && <span className="size-3.5 rounded-full bg-ink" />}
            </span>
          ))}
        </div>
      </div>
      {problem !== undefined && (
        <p role="alert" className="text-[0.875rem] text-bad">
          {problem}
        </p>
      )}
      <p aria-live="polite" className="sr-only">
        {t.pinPad.entered(pin.length)}
      </p>
      <div className="grid w-full max-w-72 grid-cols-3 gap-2.5">
        {keys.map((key) =>
          key === '' ? (
            <span key="gap" />
          ) : (
            <button
              key={key}
              type="button"
              aria-label={key === 'erase' ? t.pinPad.erase : key}
              aria-disabled={disabled}
              onClick={() => change(key === 'erase' ? pin.slice(0, -1) : pin + key)}
              className="grid h-13 place-items-center rounded-12 border border-line bg-surface text-[1.375rem] hover:bg-key-pale active:bg-key-light aria-disabled:text-quiet"
            >
              {key === 'erase' ? <Icon name="erase" /> : key}
            </button>
          ),
        )}
      </div>
    </div>
  )
}
