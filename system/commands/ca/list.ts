/** ./jpki ca list: certificates by what is known of them. */
import { type CertificateSummary, findCertificates } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { authorityOption, serialNumberFrom } from '../../ca/find.ts'
import { certificateTable, say, sayJson } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, value } from '../../command.ts'

const states = ['reserved', 'pending', 'valid', 'held', 'revoked', 'expired'] as const
const kinds = ['sign', 'auth', 'phoneAuth'] as const
const oneOf = <const N extends string>(names: readonly N[]) =>
  z.enum(names as readonly [N, ...N[]], { error: `write one of ${names.join(', ')}` }).optional()

export default command({
  summary: 'list certificates by serial number, key, person, order, state or kind',
  description: 'In the order of the register: first those of sign, then those of auth, by serial number.',
  options: {
    serial: value('HEX', 'serial number, as openssl prints it too', z.string().optional()),
    'key-identifier': value('HEX', 'subjectKeyIdentifier', z.string().optional()),
    person: value('ID', 'as ./jpki ca show tells it', z.string().optional()),
    order: value('UUID', "an order of SP-TSM's", z.string().optional()),
    state: value('STATE', states.join(', '), oneOf(states)),
    kind: value('KIND', kinds.join(', '), oneOf(kinds)),
    authority: authorityOption,
    limit: value('N', 'at most so many', z.coerce.number().int().min(1).max(100_000).default(50)),
    ...reachOptions,
  },
  run: async ({ serial, 'key-identifier': key, person, order, state, kind, authority, limit, json, ...reach }) => {
    const sought = {
      ...(serial !== undefined && { serialNumber: serialNumberFrom(serial) }),
      ...(key !== undefined && { keyIdentifier: key.toLowerCase().replaceAll(':', '') }),
      ...(person !== undefined && { person }),
      ...(order !== undefined && { order }),
      ...(state !== undefined && { state }),
      ...(kind !== undefined && { kind }),
      ...(authority !== undefined && { authority }),
    }
    const found: CertificateSummary[] = []
    let after: string | undefined
    await asOperator(reach, async (peer) => {
      do {
        const atMost = Math.min(limit - found.length, 1000)
        const page = await call(peer, findCertificates, { ...sought, atMost, ...(after !== undefined && { after }) })
        found.push(...page.certificates)
        after = page.next
      } while (after !== undefined && found.length < limit)
    })
    if (json) sayJson({ certificates: found, more: after !== undefined })
    else if (found.length === 0) say(['No certificate is like that.'])
    else say([...certificateTable(found), ...(after === undefined ? [] : ['', 'There are more: --limit shows them.'])])
    return 0
  },
})
