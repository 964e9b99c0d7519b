/** ./jpki ca revoke: one certificate goes, or is put on hold. */
import { RevocationReason, revokeCertificate } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { authorityOption, oneBySerialNumber } from '../../ca/find.ts'
import { once, onceOption } from '../../ca/once.ts'
import { kindOf, say, sayJson, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, value } from '../../command.ts'

const reasons = RevocationReason.options.join(', ')

export default command({
  summary: 'revoke a certificate, or put it on hold with the reason certificateHold',
  description: `Reasons: ${reasons}. A hold is never released. With a card's auth certificate goes the phone's.`,
  options: {
    reason: value(
      'REASON',
      'why; one of RFC 5280',
      z.enum(RevocationReason.options, { error: `write one of ${reasons}` }),
    ),
    authority: authorityOption,
    once: onceOption,
    ...reachOptions,
  },
  operands: ['SERIAL'],
  run: async ({ reason, authority, once: key, json, ...reach }, [given = '']) => {
    const { certificate, revokedAt } = await asOperator(reach, async (peer) => {
      const found = await oneBySerialNumber(peer, given, authority)
      const { serialNumber } = found
      const revocation = { authority: found.authority, serialNumber, reason }
      const reply = await once(key, (idempotencyKey) => call(peer, revokeCertificate, revocation, { idempotencyKey }))
      return { certificate: found, revokedAt: new Date(reply.revokedAt) }
    })
    const { serialNumber } = certificate
    if (json) sayJson({ authority: certificate.authority, serialNumber, reason, revokedAt })
    else
      say([
        `${serialNumber} (${kindOf(certificate)}) is ${reason === 'certificateHold' ? 'on hold' : 'revoked'} since ${timeOf(revokedAt)}: ${reason}.`,
      ])
    return 0
  },
})
