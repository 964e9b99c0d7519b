/** ./jpki ceremony run: does what was approved, once. */
import { type CeremonyRecord, grouped, readPapers, runCeremony, writeRecord } from '@mobile-jpki/jpki-system/ceremony'
import { command, flag, table } from '../../command.ts'
import { at, placeOptions, say } from './place.ts'

export default command({
  summary: 'run a ceremony that enough officers approved; again after an interruption, and it goes on',
  options: { ...placeOptions, json: flag('the record, as JSON') },
  operands: ['FILE'],
  run: async ({ json, ...place }, [file = '']) => {
    const { ceremony, approvals } = await readPapers(file)
    const signatures = approvals.map(({ signature }) => signature)
    const record = await at(place, (world) => runCeremony(world, ceremony, signatures, { actor: 'operator' }))
    const written = await writeRecord(file, record)
    return say(json, record, [...table(rowsOf(record)), ...table(written.map((path) => [path, '']))])
  },
})

const rowsOf = ({ finishedAt, approvals, generations }: CeremonyRecord): readonly (readonly [string, string])[] => [
  ['finished at', finishedAt],
  ...approvals.map(
    ({ of, officer }) =>
      ['approved by', `${officer}, officer ${of === 'record' ? 'of record' : 'from now on'}`] as const,
  ),
  ...generations.flatMap(
    ({ authority, generation, key, keyIdentifier, fingerprint, notAfter }) =>
      [
        [
          `${authority}-${generation}`,
          `${key.kind} in ${key.provider === 'files' ? 'the keyring' : `the token ${key.token.label}`}, good until ${notAfter}`,
        ],
        ['key identifier', grouped(keyIdentifier)],
        ['SHA-256 of the certificate', grouped(fingerprint)],
      ] as const,
  ),
]
