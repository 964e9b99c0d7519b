/** For what cannot be undone: the person says that it is meant. */
import { useId } from 'react'
import { Notice } from '../../look/notice.tsx'

interface AgreeProps {
  readonly warning: string
  readonly label: string
  readonly agreed: boolean
  readonly onAgree: (agreed: boolean) => void
  readonly problem?: string | undefined
}

export function Agree({ warning, label, agreed, onAgree, problem }: AgreeProps) {
  const id = useId()
  return (
    <>
      <Notice kind="care" title={warning} />
      <div className="flex flex-col gap-1.5">
        <label className="flex gap-3 py-2">
          <input
            type="checkbox"
            name="agree"
            checked={agreed}
            aria-invalid={problem !== undefined}
            aria-describedby={problem === undefined ? undefined : id}
            onChange={(event) => onAgree(event.target.checked)}
            className="mt-0.5 size-6 shrink-0 accent-key"
          />
          <span>{label}</span>
        </label>
        {problem !== undefined && (
          <p id={id} role="alert" className="text-[0.875rem] text-bad">
            {problem}
          </p>
        )}
      </div>
    </>
  )
}
