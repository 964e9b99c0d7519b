/** Buttons, and links that look like them, of the design system: solid, outlined, text. */
import type { ReactNode } from 'react'
import { Spinner } from './spinner.tsx'

export type ButtonKind = 'solid' | 'outlined' | 'text'

const shapes: Readonly<Record<ButtonKind, string>> = {
  solid: 'bg-key text-on-key hover:bg-key-dark active:bg-key-darker',
  outlined: 'border border-key bg-surface text-key hover:bg-key-pale',
  text: 'text-key underline underline-offset-4 hover:decoration-2',
}
const frame =
  'inline-flex min-h-14 w-full items-center justify-center gap-2 rounded-8 px-4 py-2 text-center font-bold leading-snug'

interface ButtonProps {
  readonly kind?: ButtonKind
  readonly type?: 'button' | 'submit'
  /** Shows that it is under way; the button stays in the tab order and answers nothing meanwhile. */
  readonly busy?: string | false
  readonly onClick?: () => void
  readonly children: ReactNode
}

export function Button({ kind = 'solid', type = 'button', busy = false, onClick, children }: ButtonProps) {
  return (
    <button
      type={busy === false ? type : 'button'}
      aria-disabled={busy !== false}
      onClick={busy === false ? onClick : undefined}
      className={`${frame} ${shapes[kind]} aria-disabled:cursor-default aria-disabled:opacity-80`}
    >
      {busy === false ? (
        children
      ) : (
        <>
          <Spinner />
          <span role="status">{busy}</span>
        </>
      )}
    </button>
  )
}

export function LinkButton({
  kind = 'solid',
  href,
  download,
  children,
}: {
  kind?: ButtonKind
  href: string
  download?: string
  children: ReactNode
}) {
  return (
    <a href={href} download={download} className={`${frame} ${shapes[kind]}`}>
      {children}
    </a>
  )
}
