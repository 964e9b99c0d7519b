/** How long a revocation takes to be answered, and to be in the node's OCSP answers. */
import { revokeCertificate } from '@mobile-jpki/jpki-system/contract'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { call } from '@mobile-jpki/service'
import { type Spread, spreadOf } from '../figures.ts'
import { nodeOf } from '../validity/ocsp.ts'
import type { Filled } from './fill.ts'
import { type Place, peerOf } from './place.ts'

export interface RevocationFigures {
  /** Until the CA answered: the register, the stored answer and the municipality's list are then done. */
  readonly answered: Spread
  /** Behind that answer, until an OCSP client had "revoked" in hand: one request, since the first one already says so. */
  readonly seen: Spread
  /** Requests that still said "good" after the CA had answered. */
  readonly stale: number
}

const revocations = 50

export async function measureRevocation(place: Place, { issuer, asked }: Filled): Promise<RevocationFigures> {
  const node = await nodeOf(place)
  const municipality = await peerOf(place, 'municipality')
  const [answered, seen]: [number[], number[]] = [[], []]
  let stale = 0
  try {
    for (const serialNumber of asked.slice(0, revocations)) {
      const start = performance.now()
      await call(municipality, revokeCertificate, { authority: 'auth', serialNumber, reason: 'keyCompromise' })
      const replied = performance.now()
      for (;;) {
        const url = `http://127.0.0.1:${place.port}/ocsp/${ocspRequest(issuer.opened, serialNumber).toBase64()}`
        const der = new Uint8Array(await (await fetch(url)).arrayBuffer())
        const { status } = await verifyOcspResponse(der, { issuer: issuer.opened, serialNumber, at: new Date() })
        if (status === 'revoked') break
        stale += 1
      }
      answered.push(replied - start)
      seen.push(performance.now() - replied)
    }
    return { answered: spreadOf(answered), seen: spreadOf(seen), stale }
  } finally {
    await Promise.all([node.stop(), municipality.close()])
  }
}
