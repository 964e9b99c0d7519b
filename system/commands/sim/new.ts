/** ./jpki sim new: a SIM of a carrier's type, as files. */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SimType } from '@mobile-jpki/mno-tsm/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { type NamedSimType, simTypeNamed } from '../../carriers/carriers.ts'
import { openControllingAuthority } from '../../carriers/controlling-authority.ts'
import { iccidGiven, newIccid } from '../../carriers/iccid.ts'
import type { IssuerKeys } from '../../carriers/issuer-keys.ts'
import { makeSim } from '../../carriers/make-sim.ts'
import { masterKeysFor } from '../../carriers/master-keys.ts'
import { command, flag, table, value } from '../../command.ts'
import { jsonIn, placeFor, random, type SimFiles, writeSim } from '../../sim/files.ts'
import { defaultData } from '../../town/layout.ts'

const defaultFolder = join(defaultData, 'sims')

export default command({
  summary: 'make a SIM of a carrier, as files: memory, chip key, issuer keys',
  description:
    'Its issuer keys stand in a file that its owner alone can read; here they are told by key check values.\nMaster keys and controlling authority are made with the first SIM of a folder, and serve the next ones.',
  options: {
    profile: value('NAME', 'the SIM type: a name of ./jpki sim profiles, or a file of JSON', z.string()),
    data: value('DIR|FILE', 'the folder, or the memory file FILE.nvm', z.string().default(defaultFolder)),
    iccid: value('N', 'its number; one of the carrier is made if absent', z.string().optional()),
    json: flag('what was made, as JSON'),
  },
  run: async ({ profile, data, iccid: given, json }) => {
    const simType = profile.endsWith('.json') ? await simTypeIn(profile) : simTypeNamed(profile)
    const { type, carrier } = simType
    const iccid = given === undefined ? newIccid(carrier, random) : iccidGiven(given)
    const files = placeFor(data, iccid)
    const keys = await writeSim(files, async (nvm) => {
      const folder = dirname(files.memory)
      const authority = type.controllingAuthority
        ? await openControllingAuthority(join(folder, 'controlling-authority'), () => new Date())
        : undefined
      return makeSim(nvm, {
        iccid,
        simType,
        masterKey: await masterKeysFor(folder, simType.carrierId, type, random),
        controllingAuthority: await authority?.certify(iccid),
        random,
      })
    })
    process.stdout.write(
      json ? `${JSON.stringify(summaryOf(keys, files))}\n` : `${linesOf(simType, keys, files).join('\n')}\n`,
    )
    return 0
  },
})

/** An engineer's own type. */
async function simTypeIn(file: string): Promise<NamedSimType> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Refusal('reference.not-found', `There is no ${file}.`, { cause })
  })
  const read = SimType.safeParse(jsonIn(text))
  if (read.success)
    return {
      name: basename(file, '.json'),
      carrierId: basename(file, '.json'),
      type: read.data,
      carrier: { name: 'own', iccidPrefix: '898199', simTypes: {} },
    }
  const [issue] = read.error.issues
  throw new Refusal('request.malformed', `${file} is no SIM type: ${issue?.path.join('.')}: ${issue?.message}.`)
}

const checkValues = ({ enc, mac, dek }: IssuerKeys['keySets'][number]) => ({
  enc: enc.checkValue,
  mac: mac.checkValue,
  dek: dek.checkValue,
})

const airCheckValues = ({ keyVersion, kic, kid, dek }: NonNullable<IssuerKeys['overTheAirKeys']>) => ({
  keyVersion,
  checkValues: { kic: kic.checkValue, kid: kid.checkValue, dek: dek.checkValue },
})

const summaryOf = (keys: IssuerKeys, files: SimFiles) => ({
  iccid: keys.iccid,
  profile: keys.simType,
  files,
  keyDiversificationData: keys.keyDiversificationData,
  keySets: keys.keySets.map((set) => ({
    scp: set.scp,
    i: set.i,
    keyVersion: set.keyVersion,
    checkValues: checkValues(set),
  })),
  ...(keys.receiptKey && {
    receiptKey: { keyVersion: keys.receiptKey.keyVersion, checkValue: keys.receiptKey.checkValue },
  }),
  ...(keys.overTheAirKeys && { overTheAirKeys: airCheckValues(keys.overTheAirKeys) }),
  ...(keys.preSharedKey && {
    preSharedKey: { keyVersion: keys.preSharedKey.keyVersion, identity: keys.preSharedKey.identity },
  }),
})

function linesOf({ name, type, carrier }: NamedSimType, keys: IssuerKeys, files: SimFiles) {
  const { tokenKey, receiptKey, dapKey, overTheAirKeys: air, preSharedKey: shared } = keys
  const sets = keys.keySets.map((set): readonly [string, string] => {
    const { enc, mac, dek } = checkValues(set)
    return [`keys ${set.keyVersion}`, `SCP0${set.scp} i=${set.i}; check values: ENC ${enc}, MAC ${mac}, DEK ${dek}`]
  })
  const more: readonly (readonly [string, string] | undefined)[] = [
    air && [
      `keys ${air.keyVersion}`,
      `for short messages; check values: KIc ${air.kic.checkValue}, KID ${air.kid.checkValue}, DEK ${air.dek.checkValue}`,
    ],
    shared && [`keys ${shared.keyVersion}`, `for administration over HTTP, as ${shared.identity}`],
    tokenKey && [`key ${tokenKey.keyVersion}`, `verifies tokens of ${tokenKey.algorithm}`],
    receiptKey && [
      `key ${receiptKey.keyVersion}`,
      `makes receipts of ${receiptKey.algorithm}; check value ${receiptKey.checkValue}`,
    ],
    dapKey && [`key ${dapKey.keyVersion}`, `in ${dapKey.securityDomain}: verifies load files by ${dapKey.algorithm}`],
  ]
  return [
    `A SIM of ${carrier.name}, type ${name}: ${type.description}.`,
    ...table([
      ['ICCID', keys.iccid],
      ['memory', files.memory],
      ['chip key', `${files.chipKey}  (a chip has it inside)`],
      ['issuer keys', `${files.issuerKeys}  (secret)`],
      ...sets,
      ...more.filter((row) => row !== undefined),
    ]),
  ]
}
