/** Whatever a person signs with the My Number card: CMS SignedData (RFC 5652) around JSON, made and sent in one go. docs/protocols/application.md. */
import { DerError } from '@mobile-jpki/der'
import { type FourItems, readFourItems } from '@mobile-jpki/jpki'
import type { ParsedCertificate, ParsedSignedData } from '@mobile-jpki/pkix'
import { CmsError, verifySignedData } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { z } from 'zod'

/** A form older than this was kept by somebody. */
export const longestDelay = 10 * 60_000
/** A phone's clock may run ahead. */
const clockTolerance = 60_000

export async function openForm(octets: Uint8Array): Promise<ParsedSignedData> {
  try {
    return await verifySignedData(octets)
  } catch (error) {
    if (error instanceof CmsError) throw new Refusal('application.signature-invalid', error.message, { cause: error })
    if (error instanceof DerError)
      throw new Refusal('request.malformed', `application: ${error.message}`, { cause: error })
    throw error
  }
}

export function formIn<Form extends z.ZodType>({ content }: ParsedSignedData, schema: Form): z.output<Form> {
  const form = schema.safeParse(jsonIn(content))
  if (form.success) return form.data
  const [issue] = form.error.issues
  throw new Refusal('request.malformed', `application: ${issue?.path.join('.')}: ${issue?.message}`)
}

function jsonIn(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content))
  } catch {
    throw new Refusal('request.malformed', 'application: the form is not JSON in UTF-8.')
  }
}

export function checkFresh(now: Date, { madeAt }: { readonly madeAt: string }): void {
  const age = now.getTime() - Date.parse(madeAt)
  if (age > longestDelay || age < -clockTolerance)
    throw new Refusal('request.expired', `The application was made at ${madeAt}.`)
}

/** Who signed. By the auth key, or by anything else without the four items, it is nobody's form. */
export function signerIn(certificate: ParsedCertificate): FourItems {
  const items = itemsIn(certificate)
  if (items === undefined) throw new Refusal('application.wrong-signer', 'The certificate does not say who signs.')
  return items
}

function itemsIn(certificate: ParsedCertificate): FourItems | undefined {
  try {
    return readFourItems(certificate)
  } catch (error) {
    if (error instanceof DerError)
      throw new Refusal('request.malformed', `certificate: ${error.message}`, { cause: error })
    throw error
  }
}
