/** The four digits of the new certificate, chosen twice. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { isEasyPin } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Notice } from '../../look/notice.tsx'
import { PinPad } from '../../look/pin-pad.tsx'

export function ChoosePin({ onPin }: { onPin: (pin: string) => void }) {
  const { t } = useSurroundings()
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState<string>()
  const [differed, setDiffered] = useState(false)
  const type = (pin: string) => {
    setDiffered(false)
    if (second === undefined) return setFirst(pin)
    setSecond(pin)
    if (pin.length < 4) return
    if (pin === first) return onPin(pin)
    setFirst('')
    setSecond(undefined)
    setDiffered(true)
  }
  return (
    <form
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault()
        if (second === undefined && first.length === 4) setSecond('')
      }}
    >
      <p>{t.download.choosePinText}</p>
      {differed && (
        <div role="alert">
          <Notice kind="bad" title={t.download.pinDiffers} />
        </div>
      )}
      {second === undefined ? (
        <PinPad label={t.login.pin} pin={first} onPin={type} />
      ) : (
        <PinPad label={t.download.repeatPin} pin={second} onPin={type} />
      )}
      <div aria-live="polite" className="contents">
        {second === undefined && isEasyPin(first) && <Notice kind="care" title={t.download.pinEasy} />}
      </div>
      {second === undefined && first.length === 4 && <Button type="submit">{t.apply.next}</Button>}
    </form>
  )
}
