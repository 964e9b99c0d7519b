/** ./jpki ca crl: revocation lists, published and fetched. */
import { publishLists } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { writeOne } from '../../ca/files.ts'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, flag, value } from '../../command.ts'
import { columns } from '../../width.ts'

export default command({
  summary: 'publish revocation lists: those that are due, or one anew, and fetch it',
  description:
    'Without --authority those that do not say yet what they should; with it another list of that CA, or of one municipality of it.',
  options: {
    authority: value(
      'NAME',
      'sign or auth: a list anew',
      z.enum(['sign', 'auth'], { error: 'write sign or auth' }).optional(),
    ),
    generation: value('N', 'of the CA; the one that issues now if not said', z.coerce.number().int().min(1).optional()),
    municipality: value(
      'CODE',
      'the list of one municipality',
      z
        .string()
        .regex(/^\d{5}$/, 'write five digits')
        .optional(),
    ),
    out: value('FILE', 'with --authority: write the list there; - for standard output', z.string().min(1).optional()),
    der: flag('with --out: in DER instead of PEM'),
    ...reachOptions,
  },
  run: async ({ authority, generation, municipality, out, der, json, ...reach }) => {
    if (authority === undefined && (generation ?? municipality ?? out) !== undefined)
      throw new Refusal('request.malformed', '--authority is missing: which list is meant?')
    const asked = {
      ...(authority !== undefined && { authority }),
      ...(generation !== undefined && { generation }),
      ...(municipality !== undefined && { partition: municipality }),
    }
    const { lists } = await asOperator(reach, (peer) => call(peer, publishLists, asked))
    const [list] = lists
    if (out !== undefined && list !== undefined)
      await writeOne(out, { der: await fetched(list.url), label: 'X509 CRL' }, der)
    if (out === '-') return 0
    if (json) sayJson({ lists })
    else if (lists.length === 0) say(['Every list says what it should.'])
    else
      say(
        columns([
          ['LIST', 'MUNICIPALITY', 'NUMBER', 'OF', 'AT'],
          ...lists.map((one) => [
            `${one.authority}-${one.generation}`,
            one.partition ?? 'all',
            String(one.number),
            timeOf(one.thisUpdate),
            one.url,
          ]),
        ]),
      )
    return 0
  },
})

async function fetched(url: string): Promise<Uint8Array> {
  const reply = await fetch(url).catch((error: unknown) => {
    throw new Refusal('peer.unreachable', `Nothing answers at ${url}.`, { whose: 'jpki-system', cause: error })
  })
  if (!reply.ok)
    throw new Refusal('peer.failed', `${url} answered with status ${reply.status}.`, { whose: 'jpki-system' })
  return new Uint8Array(await reply.arrayBuffer())
}
