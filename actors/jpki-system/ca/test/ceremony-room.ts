/** A room for ceremonies in tests: officers with keys, a folder for papers, a register and a place for keys. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Caller } from '@mobile-jpki/journal'
import {
  approve,
  type CeremonyText,
  draft,
  type OpenedForCeremony,
  openForCeremony,
  readPapers,
  runCeremony,
} from '../ceremony/index.ts'
import type { CaKeySettings } from '../keys.ts'

export const operator: Caller = { actor: 'operator' }

export interface TestOfficer {
  readonly name: string
  /** PEM. */
  readonly publicKey: string
  readonly privateKey: string
}

export function newOfficer(name: string, kind: 'p-256' | 'rsa' = 'p-256'): TestOfficer {
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const
  const encodings = { publicKeyEncoding, privateKeyEncoding }
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048, ...encodings })
      : generateKeyPairSync('ec', { namedCurve: 'P-256', ...encodings })
  return { name, ...pair }
}

export const officers = [newOfficer('hanako'), newOfficer('taro', 'rsa'), newOfficer('jiro')] as const

export const approvalBy = (by: readonly TestOfficer[], needed: number): CeremonyText['approval'] => ({
  needed,
  officers: by.map(({ name, publicKey }) => ({ name, publicKey })),
})

export const twoOfThree = approvalBy(officers, 2)

export interface Room {
  readonly directory: string
  readonly configuration: Parameters<typeof openForCeremony>[0]
  readonly world: OpenedForCeremony
  /** Writes the file of a ceremony and says where. */
  write(changed?: Partial<Parameters<typeof draft>[1]>, edit?: (text: CeremonyText) => object): Promise<string>
  approved(file: string, ...by: readonly TestOfficer[]): Promise<string>
  run(file: string): ReturnType<typeof runCeremony>
  close(): Promise<void>
}

const soon = () => new Date(Date.now() + 86_400_000)

/** P-256 unless said, which is made at once. In the folder of another room it is the same CA, configured anew. */
export async function openRoom(
  caKeys: Partial<CaKeySettings> = {},
  { databaseUrl, folder }: { readonly databaseUrl?: string; readonly folder?: string } = {},
): Promise<Room> {
  const directory = folder ?? (await mkdtemp(join(tmpdir(), 'jpki-ceremony-')))
  const configuration = {
    dataDirectory: join(directory, 'data'),
    ...(databaseUrl !== undefined && { databaseUrl }),
    caKeys: { provider: 'files', made: 'by-ceremony', ...caKeys } as CaKeySettings,
  }
  const world = await openForCeremony(configuration)
  return {
    directory,
    configuration,
    world,
    write: async (changed, edit = (text) => text) => {
      const key = { authority: 'both', kind: 'p-256', years: 10 } as const
      const text = await draft(world, { purpose: 'A test.', runBefore: soon(), key, approval: twoOfThree, ...changed })
      const file = join(directory, `${randomUUID()}.json`)
      await writeFile(file, `${JSON.stringify(edit(text), undefined, 2)}\n`)
      return file
    },
    approved: async (file, ...by) => {
      for (const { privateKey } of by) await approve(file, { pem: privateKey })
      return file
    },
    run: async (file) => {
      const { ceremony, approvals } = await readPapers(file)
      const signatures = approvals.map(({ signature }) => signature)
      return runCeremony(world, ceremony, signatures, operator)
    },
    close: async () => {
      await world.close()
      if (folder === undefined) await rm(directory, { recursive: true })
    },
  }
}
