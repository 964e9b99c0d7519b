/** Who asks, for whom and for what: as it is signed. */
import { useId } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import type { Asked } from '../../domain/index.ts'

/** A service behind an OpenID provider stands first: that is where the person comes from. */
export function WhoAsks({
  question: { name, origin, requester, purpose, text },
  id,
}: {
  question: Asked
  id?: string
}) {
  const { t } = useSurroundings()
  const heading = useId()
  const isConfirm = purpose === 'confirm'
  return (
    <>
      <section id={id} className="flex flex-col gap-1 rounded-12 border-2 border-line px-5 py-4">
        <p className="text-[0.875rem] text-soft">{isConfirm ? t.login.confirmAsks : t.login.asks}</p>
        <p className="text-[1.75rem] leading-tight font-bold wrap-anywhere">{requester ?? name}</p>
        {requester !== undefined && <p>{isConfirm ? t.login.behindConfirm(name) : t.login.behind(name)}</p>}
        <p className="mt-2 text-[0.875rem] text-soft">{t.login.origin}</p>
        <p className="font-mono text-[1.0625rem] break-all">{origin}</p>
      </section>
      {text !== undefined && (
        <section aria-labelledby={heading} className="flex flex-col gap-2 rounded-12 border-2 border-key px-5 py-4">
          <h2 id={heading} className="text-[0.875rem] text-soft">
            {t.login.text}
          </h2>
          <p className="text-[1.125rem] font-bold whitespace-pre-wrap wrap-anywhere">{text}</p>
          <p className="text-[0.875rem] text-soft">{t.login.textHint}</p>
        </section>
      )}
    </>
  )
}
