/** ./jpki audit verify: walks along the journal's chain and says what is wrong with it, if anything is. */
import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkpointsOf, sentenceOf, type Verdict, verify } from '@mobile-jpki/journal'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { command, table, value } from '../../command.ts'
import { inJournal, isThere, journalFolder, keyFile, name, placeOptions } from './place.ts'

const file = z
  .string()
  .transform((path) => resolve(path))
  .optional()

const number = new Intl.NumberFormat('en')
const millisecondsOfPatience = 2000

export default command({
  summary: 'verify the journal of the JPKI system; names what was removed, changed, reordered, cut off',
  description:
    'While the town runs or when it does not. Exit status 1 when something is wrong. A copy of the checkpoint file, kept elsewhere, shows too what whoever holds this machine cut off.',
  options: {
    ...placeOptions,
    checkpoints: value('FILE', "a checkpoint file; the one in the town's folder if not said", file),
    key: value('FILE', "the journal's public key, PEM; the one in the town's folder if not said", file),
  },
  run: async ({ json, checkpoints: given, key, ...place }) => {
    if (given !== undefined && !(await isThere(given)))
      throw new Refusal('reference.not-found', `There is no file ${given}.`)
    const publicKey = await publicKeyIn(key ?? keyFile(place))
    const checkpoints = given ?? checkpointsOf(journalFolder(place))
    const progress = json ? undefined : tellNowAndThen()
    const verdict = await inJournal(place, (db) =>
      verify({ db, name, publicKey, checkpoints, isCopy: given !== undefined, ...(progress && { progress }) }),
    )
    if (json) sayJson(forMachines(verdict))
    else say(forPeople(verdict))
    return verdict.findings.length === 0 ? 0 : 1
  },
})

async function publicKeyIn(path: string): Promise<Uint8Array> {
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Refusal('reference.not-found', `There is no public key of a journal at ${path}.`, { cause })
  })
  try {
    return new Uint8Array(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
  } catch (cause) {
    throw new Refusal('request.malformed', `${path}: not a public key in PEM.`, { cause })
  }
}

function tellNowAndThen(): (read: number, all: number) => void {
  let next = performance.now() + millisecondsOfPatience
  return (read, all) => {
    if (performance.now() < next) return
    next = performance.now() + millisecondsOfPatience
    process.stderr.write(`  ${number.format(read)} of ${number.format(all)} entries …\n`)
  }
}

const forMachines = ({ end, findings, ...verdict }: Verdict) => ({
  whole: findings.length === 0,
  ...verdict,
  end: { position: end.position, hash: end.hash.toHex() },
  findings: findings.map((finding) => ({ ...finding, sentence: sentenceOf(finding) })),
})

function forPeople({ entries, end, at, checkpoints, unsigned, waiting, findings, isGivenUp }: Verdict) {
  const rows = table([
    ['entries', number.format(entries)],
    ['the last one', at === undefined ? 'none' : timeOf(new Date(at))],
    ['hash of the end', end.hash.toHex()],
    ['checkpoints', number.format(checkpoints)],
    ['entries that none is signed for yet', number.format(unsigned)],
    ['entries that wait to be sealed', number.format(waiting)],
  ])
  if (findings.length === 0) return ['The journal of the JPKI system is whole.', ...rows]
  const more = isGivenUp ? ['And there is more: the rest was not read.'] : []
  return [
    'The journal of the JPKI system is NOT whole:',
    ...findings.map((one) => `  ${sentenceOf(one)}`),
    ...more,
    ...rows,
  ]
}
