/** The CA keys that this process can speak for, found by what a CertID says of them (RFC 6960 §4.1.1). */
import { type ParsedCertificate, parseCertificate } from '@mobile-jpki/pkix'
import type { Generation, Generations } from '../../domain/world.ts'

export interface Issuer extends Generation {
  readonly opened: ParsedCertificate
}

export interface Issuers {
  all(): readonly Issuer[]
  /** The one that fits; a generation that was made meanwhile is found in the register. */
  find(fits: (issuer: Issuer) => boolean): Promise<Issuer | undefined>
  /** Reads the register again. */
  read(): Promise<void>
}

/** Anybody may ask for an issuer that nobody knows: the register is not read for each. */
const readAgainAfterMilliseconds = 500

export function issuersIn(generations: Pick<Generations, 'all'>, now: () => Date): Issuers {
  let known: readonly Issuer[] = []
  let readAt = Number.NEGATIVE_INFINITY

  /** Whoever asks while the register is being read waits for that. */
  let reading: Promise<void> | undefined
  const readOnce = async (): Promise<void> => {
    readAt = now().getTime()
    const present = await generations.all()
    if (present.length !== known.length)
      known = present.map((one) => ({ ...one, opened: parseCertificate(one.certificate) }))
  }
  const read = (): Promise<void> => {
    reading ??= readOnce().finally(() => {
      reading = undefined
    })
    return reading
  }
  const isTooSoon = () => reading === undefined && Math.abs(now().getTime() - readAt) < readAgainAfterMilliseconds

  return {
    all: () => known,
    read,
    find: async (fits) => {
      const found = known.find(fits)
      if (found !== undefined || isTooSoon()) return found
      await read()
      return known.find(fits)
    },
  }
}
