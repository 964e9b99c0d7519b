/** ./jpki ca enrol: a person comes into the register, with the keys of two requests. */
import { enrolByRequests } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { personIn, requestIn } from '../../ca/files.ts'
import { serialNumberFrom } from '../../ca/find.ts'
import { issuedOptions, tellIssued } from '../../ca/issued.ts'
import { once, onceOption } from '../../ca/once.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, value } from '../../command.ts'

const file = z.string().min(1)

export default command({
  summary: 'enrol a person from certification requests (PKCS #10) of the sign key and the auth key',
  description:
    'PERSON.json: name, address, birthDate, gender, municipality { code, prefecture, city }, cardExpires. Each request is signed by its own key; its subject is not followed. Without --out the certificates go to standard output, in PEM.',
  options: {
    sign: value('FILE', 'request of the sign key; none for a person under 15', file.optional()),
    auth: value('FILE', 'request of the auth key', file),
    renews: value('SERIAL', 'auth certificate of the card that is replaced', z.string().optional()),
    once: onceOption,
    ...issuedOptions,
    ...reachOptions,
  },
  operands: ['PERSON.json'],
  run: async ({ sign, auth, renews, once: key, out, der, json, ...reach }, [person = '']) => {
    const asked = {
      ...withItems(await personIn(person)),
      authRequest: await requestIn(auth),
      ...(sign !== undefined && { signRequest: await requestIn(sign) }),
      ...(renews !== undefined && { renews: serialNumberFrom(renews) }),
    }
    const issued = await asOperator(reach, (peer) =>
      once(key, (idempotencyKey) => call(peer, enrolByRequests, asked, { idempotencyKey })),
    )
    await tellIssued(issued, { out, der, json })
    return 0
  },
})

const withItems = ({ municipality, cardExpires, ...fourItems }: Awaited<ReturnType<typeof personIn>>) => ({
  fourItems,
  municipality,
  cardExpires,
})
