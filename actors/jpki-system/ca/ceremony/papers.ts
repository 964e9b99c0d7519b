/** A ceremony's papers lie side by side: the file, `FILE.NAME.sig` of each who approved, and afterwards the record and the certificates. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { type Ceremony, readCeremony } from './document.ts'
import { isSignedBy, officerPrivateKeyOf, signedBy } from './officer-key.ts'
import type { CeremonyRecord } from './record.ts'

export interface Papers {
  readonly ceremony: Ceremony
  readonly approvals: readonly { readonly file: string; readonly signature: Uint8Array }[]
}

export async function readPapers(file: string): Promise<Papers> {
  const octets = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new Refusal('reference.not-found', `There is no file ${file}.`, { cause }) : cause
  })
  const beside = await readdir(dirname(file))
  const names = beside.filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith('.sig')).sort()
  return {
    ceremony: readCeremony(new Uint8Array(octets)),
    approvals: await Promise.all(
      names.map(async (name) => ({
        file: name,
        signature: new Uint8Array(await readFile(join(dirname(file), name))),
      })),
    ),
  }
}

/** Signs the octets of the file as they are; the answer is the name of the officer and of the approval's file. */
export async function approve(
  file: string,
  key: { readonly pem: string; readonly passphrase?: string | undefined },
  expectedDigest?: string,
): Promise<{ readonly officer: string; readonly file: string }> {
  const { ceremony } = await readPapers(file)
  if (expectedDigest !== undefined && ceremony.digest !== expectedDigest)
    throw new Refusal('ceremony.approval-invalid', `The file has the digest ${ceremony.digest}, not the one expected.`)
  const officerKey = officerPrivateKeyOf(key.pem, key.passphrase)
  const named = ceremony.document.approval.officers.find(
    ({ publicKey }) => publicKey.identifier === officerKey.identifier,
  )
  // An officer of record may approve successors, who alone are named in the file.
  const officer = named?.name ?? `key-${officerKey.identifier.slice(0, 16)}`
  const approval = `${file}.${officer}.sig`
  const signature = signedBy(officerKey, ceremony.octets)
  await writeFile(approval, signature)
  return { officer, file: approval }
}

/** Which of the officers in the file signed; undefined of a signature by nobody in it, or over another text. */
export const officerOf = ({ octets, document }: Ceremony, signature: Uint8Array): string | undefined =>
  document.approval.officers.find(({ publicKey }) => isSignedBy(publicKey, octets, signature))?.name

/** The same each time that it is written. */
export async function writeRecord(file: string, record: CeremonyRecord): Promise<readonly string[]> {
  const papers = [
    [`${file}.record.json`, `${JSON.stringify(record, undefined, 2)}\n`],
    ...record.generations.map((one) => [`${file}.${one.authority}-${one.generation}.pem`, one.certificate]),
  ] as const
  for (const [path = '', content = ''] of papers) await writeFile(path, content)
  return papers.map(([path = '']) => path)
}
