/** Requests that come in files, and certificates that go into them: PEM (RFC 7468) or DER. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FourItems, Municipality } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { readGiven } from './reach.ts'

export type PemLabel = 'CERTIFICATE' | 'X509 CRL'

export const pemOf = (der: Uint8Array, label: PemLabel): string =>
  `-----BEGIN ${label}-----\n${der.toBase64().replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`

const request = /-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s([A-Za-z0-9+/=\s]+)-----END \1?CERTIFICATE REQUEST-----/

/** PKCS #10, as `openssl req` writes it in either form. */
export async function requestIn(file: string): Promise<Uint8Array> {
  const octets = await readGiven(file)
  const [, , base64] = request.exec(octets.toString('latin1')) ?? []
  if (base64 !== undefined) return Uint8Array.fromBase64(base64.replaceAll(/\s/g, ''))
  if (octets[0] === 0x30) return new Uint8Array(octets)
  throw new Refusal(
    'request.malformed',
    `${file} holds no certification request (PKCS #10), neither in PEM nor in DER.`,
  )
}

const PersonFile = z.strictObject({ ...FourItems.shape, municipality: Municipality, cardExpires: z.iso.date() })
export type PersonFile = z.output<typeof PersonFile>

export const personIn = (file: string): Promise<PersonFile> => jsonIn(file, PersonFile)
export const fourItemsIn = (file: string): Promise<FourItems> => jsonIn(file, z.strictObject(FourItems.shape))

async function jsonIn<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const read = schema.safeParse(parsed(await readGiven(file)))
  if (read.success) return read.data
  const [issue] = read.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  throw new Refusal('request.malformed', `${file}: ${where}${issue?.message ?? 'not in its format'}`)
}

function parsed(octets: Buffer): unknown {
  try {
    return JSON.parse(octets.toString('utf8'))
  } catch {
    return undefined
  }
}

export interface Written {
  readonly name: string
  readonly der: Uint8Array
  readonly label: PemLabel
}

/** Each under its name in the folder; answers the paths. */
export async function writeInto(
  directory: string,
  all: readonly Written[],
  asDer: boolean,
): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true })
  return Promise.all(
    all.map(async ({ name, der, label }) => {
      const path = join(directory, `${name}.${asDer ? 'der' : 'pem'}`)
      await writeFile(path, asDer ? der : pemOf(der, label))
      return path
    }),
  )
}

/** To a file, or where `-` says so to standard output. */
export async function writeOne(path: string, { der, label }: Omit<Written, 'name'>, asDer: boolean): Promise<void> {
  const content = asDer ? der : pemOf(der, label)
  if (path === '-') process.stdout.write(content)
  else await writeFile(path, content)
}
