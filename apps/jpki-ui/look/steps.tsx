/** How far something is: steps in words, and a bar. */
import { useSurroundings } from '../app/surroundings.ts'
import { Icon } from './icons.tsx'
import { Spinner } from './notice.tsx'

export interface Step {
  /** The numbers that the ministry's paper gives to it. */
  readonly marks: string
  readonly text: string
}

export function Bar({ label, part }: { label: string; part: number }) {
  const percent = Math.round(Math.min(Math.max(part, 0), 1) * 100)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-3 overflow-hidden rounded-full bg-line"
    >
      <div className="h-full rounded-full bg-key transition-[width] duration-300" style={{ width: `${percent}%` }} />
    </div>
  )
}

export function Steps({ steps, now, still }: { steps: readonly Step[]; now: number; still?: boolean }) {
  const { t } = useSurroundings()
  return (
    <ol className="flex flex-col">
      {steps.map(({ marks, text }, place) => {
        const state = place < now ? 'done' : place === now ? 'now' : 'later'
        return (
          <li
            key={text}
            aria-current={state === 'now' ? 'step' : undefined}
            className={`flex items-center gap-3 border-b border-line py-2.5 last:border-b-0 ${
              state === 'later' ? 'text-quiet' : ''
            } ${state === 'now' ? 'font-bold' : ''}`}
          >
            <span
              className={`grid size-7 shrink-0 place-items-center rounded-full ${
                state === 'done' ? 'bg-good text-on-key' : state === 'now' ? 'text-key' : 'border-2 border-line'
              }`}
            >
              {state === 'done' && <Icon name="check" className="size-5" />}
              {state === 'now' &&
                (still ? <span className="size-3 rounded-full bg-key" /> : <Spinner className="size-6" />)}
            </span>
            <span className="grow">{text}</span>
            <span aria-hidden="true" className="text-[0.875rem] font-normal text-quiet">
              {marks}
            </span>
            <span className="sr-only">{t.download.stepState[state]}</span>
          </li>
        )
      })}
    </ol>
  )
}
