/** ./jpki ceremony new: the file that officers read and approve. */
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type CeremonyText, draft, inWords, readCeremony } from '@mobile-jpki/jpki-system/ceremony'
import { signerKinds } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { command, flag, table, value } from '../../command.ts'
import { at, placeOptions, say } from './place.ts'

const day = 86_400_000

export default command({
  summary: 'write the file of a ceremony, to be read and approved: CA keys made or followed by others',
  description:
    'An OFFICER is a public key in PEM (P-256 or RSA); its file name is the name. Where none is named, those of record are asked.\nThe register decides whether first keys are made or the next ones.',
  options: {
    purpose: value('TEXT', 'why, for those who approve', z.string().min(1)),
    authority: value(
      'WHICH',
      'sign, auth, both; none: only officers',
      z.enum(['sign', 'auth', 'both', 'none']).default('both'),
    ),
    kind: value(
      'KIND',
      `${signerKinds.join(', ')}; as the configuration says if absent`,
      z.enum(signerKinds).optional(),
    ),
    years: value('N', 'how long the CA certificate is good', z.coerce.number().int().min(1).max(30).default(10)),
    'issues-from': value(
      'TIME',
      'when keys that follow others begin to issue, as 2027-04-01T00:00:00Z; at once if absent',
      z.iso.datetime().optional(),
    ),
    needed: value('M', 'how many officers must approve', z.coerce.number().int().min(1).default(2)),
    days: value('N', 'within how many days it is to be run', z.coerce.number().int().min(1).max(365).default(14)),
    ...placeOptions,
    json: flag('the digest, as JSON'),
  },
  operands: ['FILE', '[OFFICER…]'],
  run: async (
    { purpose, authority, kind, years, 'issues-from': issuesFrom, needed, days, json, ...place },
    [file = '', ...officers],
  ) => {
    const text = await at(place, async (world) =>
      draft(world, {
        purpose,
        runBefore: new Date(Math.ceil((Date.now() + days * day) / 1000) * 1000),
        ...(authority !== 'none' && {
          key: {
            authority,
            kind: kind ?? world.kind,
            years,
            ...(issuesFrom !== undefined && { issuesFrom: new Date(issuesFrom) }),
          },
        }),
        ...(officers.length > 0 && { approval: { needed, officers: await Promise.all(officers.map(officerIn)) } }),
      }),
    )
    const content = `${JSON.stringify(text, undefined, 2)}\n`
    const ceremony = readCeremony(new TextEncoder().encode(content))
    await writeFile(file, content, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      const isThere = cause.code === 'EEXIST'
      throw isThere ? new Refusal('conditions.not-satisfied', `${file} is there already.`, { cause }) : cause
    })
    return say(json, { file, digest: ceremony.digest }, [
      file,
      ...table(inWords(ceremony)),
      '',
      `Each officer reads it and approves: ./jpki ceremony approve ${file} --key PRIVATE.pem`,
    ])
  },
})

async function officerIn(file: string): Promise<CeremonyText['approval']['officers'][number]> {
  const publicKey = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Refusal('key.not-found', `The public key ${file} cannot be read.`, { cause })
  })
  return { name: basename(file).replace(/(\.pub)?(\.pem)?$/, ''), publicKey }
}
