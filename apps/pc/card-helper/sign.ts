/** The card in the reader signs what the person agreed to. The password goes to the card, once, and is kept nowhere. */
import { StatusWordError, SW } from '@mobile-jpki/iso7816'
import { cardClient } from '@mobile-jpki/jpki'
import { signFormOn } from '@mobile-jpki/jpki-ui/signed-form'
import type { CardReaders } from '@mobile-jpki/pcsc'
import { Refusal } from '@mobile-jpki/refusal'
import type { Requests } from './requests.ts'

export interface World {
  readonly readers: Pick<CardReaders, 'readers' | 'connect'>
  readonly requests: Requests
  readonly now: () => Date
}

export interface Agreed {
  readonly requestId: string
  readonly reader: string
  readonly signPassword: string
}

export async function sign({ readers, requests, now }: World, agreed: Agreed): Promise<void> {
  const { requestId, reader, signPassword } = agreed
  const { form } = requests.move(requestId, 'begin')
  try {
    // Exclusive, and reset when it is let go: nobody else signs under this password.
    await using card = await readers.connect(reader, 'exclusive')
    await card.reset()
    await selectSigningApplication(card, reader)
    const signed = await signFormOn(card, { ...form, madeAt: now().toISOString() }, signPassword)
    requests.move(requestId, 'sign', signed)
  } catch (error) {
    requests.move(requestId, 'fail')
    if (error instanceof StatusWordError) throw new Refusal('card.refused', error.message, { cause: error })
    throw error
  }
}

/** Before any password: another card would count it, or hear it. */
async function selectSigningApplication(card: cardClient.CardChannel, reader: string): Promise<void> {
  try {
    await cardClient.selectJpki(card)
    const { sign: present } = await cardClient.readCertificatesPresent(card)
    if (present) return
  } catch (error) {
    if (!(error instanceof StatusWordError)) throw error
    const isOther = [
      SW.fileOrApplicationNotFound,
      SW.functionNotSupported,
      SW.instructionNotSupported,
      SW.classNotSupported,
    ]
    if (!isOther.some((sw) => sw === error.sw)) throw error
    throw new Refusal('card.wrong-kind', `The card in ${reader} has no JPKI application.`, { cause: error })
  }
  throw new Refusal('card.wrong-kind', `The card in ${reader} holds no sign certificate.`)
}
