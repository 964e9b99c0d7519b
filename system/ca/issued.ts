/** Certificates that were just issued: into files, or as PEM to standard output. */
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { flag, value } from '../command.ts'
import { columns } from '../width.ts'
import { pemOf, type Written, writeInto } from './files.ts'
import { dayOf, say, sayJson } from './print.ts'

export const issuedOptions = {
  out: value('DIR', 'write them there: sign, sign-ca, auth, auth-ca', z.string().min(1).optional()),
  der: flag('with --out: in DER instead of PEM'),
} as const

interface Issued {
  readonly signCertificate?: Uint8Array | undefined
  readonly signCaCertificate?: Uint8Array | undefined
  readonly authCertificate: Uint8Array
  readonly authCaCertificate: Uint8Array
}

const names = [
  ['sign', 'signCertificate'],
  ['sign-ca', 'signCaCertificate'],
  ['auth', 'authCertificate'],
  ['auth-ca', 'authCaCertificate'],
] as const

export async function tellIssued(
  issued: Issued,
  { out, der, json }: { readonly out?: string | undefined; readonly der: boolean; readonly json: boolean },
): Promise<void> {
  const all = names.flatMap(([name, field]): Written[] => {
    const octets = issued[field]
    return octets === undefined ? [] : [{ name, der: octets, label: 'CERTIFICATE' }]
  })
  const paths = out === undefined ? [] : await writeInto(out, all, der)
  if (json) return sayJson(Object.fromEntries(all.map((one, at) => [one.name, toldOf(one, paths[at])])))
  if (out === undefined) {
    process.stdout.write(all.map((one) => pemOf(one.der, one.label)).join(''))
    return
  }
  say(
    columns([
      ['FILE', 'SERIAL NUMBER', 'UNTIL'],
      ...all.map((one, at) => {
        const { serialNumber, notAfter } = toldOf(one, paths[at])
        return [paths[at] ?? '', serialNumber, dayOf(notAfter)]
      }),
    ]),
  )
}

function toldOf({ der }: Written, file: string | undefined) {
  const { serialNumber, validToDate } = new X509Certificate(der)
  return {
    serialNumber: serialNumber.toLowerCase(),
    notAfter: validToDate,
    pem: pemOf(der, 'CERTIFICATE'),
    ...(file && { file }),
  }
}
