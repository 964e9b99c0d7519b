/** ./jpki ca issue: certificates for a person who is in the register. */
import { issueCertificates } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { fourItemsIn, requestIn } from '../../ca/files.ts'
import { serialNumberFrom } from '../../ca/find.ts'
import { issuedOptions, tellIssued } from '../../ca/issued.ts'
import { once, onceOption } from '../../ca/once.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, value } from '../../command.ts'

const file = z.string().min(1).optional()

export default command({
  summary: 'issue to an enrolled person from certification requests (PKCS #10)',
  description:
    "CARD is the serial number of the auth certificate in the person's card. --sign alone renews the sign certificate; --auth renews the card, and supersedes what was in it and the phone's. Without --out the certificates go to standard output, in PEM.",
  options: {
    sign: value('FILE', 'request of a sign key', file),
    auth: value('FILE', 'request of an auth key', file),
    items: value(
      'FILE',
      'name, address, birthDate, gender as JSON; those of the last sign certificate if not said',
      file,
    ),
    once: onceOption,
    ...issuedOptions,
    ...reachOptions,
  },
  operands: ['CARD'],
  run: async ({ sign, auth, items, once: key, out, der, json, ...reach }, [card = '']) => {
    if (sign === undefined && auth === undefined)
      throw new Refusal('request.malformed', 'Neither --sign nor --auth names a request.')
    const asked = {
      card: serialNumberFrom(card),
      ...(sign !== undefined && { signRequest: await requestIn(sign) }),
      ...(auth !== undefined && { authRequest: await requestIn(auth) }),
      ...(items !== undefined && { fourItems: await fourItemsIn(items) }),
    }
    const issued = await asOperator(reach, (peer) =>
      once(key, (idempotencyKey) => call(peer, issueCertificates, asked, { idempotencyKey })),
    )
    await tellIssued(issued, { out, der, json })
    return 0
  },
})
