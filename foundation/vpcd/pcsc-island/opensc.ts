/** OpenSC as it is packaged, on an island: what a person would type, with its answer or its complaint. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Island } from './index.ts'

/** OpenSC's identifiers for what a JPKI card holds. */
export const objectIds = { auth: '01', sign: '02' } as const
export type ObjectUse = keyof typeof objectIds

export class OpenScError extends Error {
  override readonly name = 'OpenScError'
}

export interface OpenSc {
  /** `pkcs15-tool --dump` */
  dump(): Promise<string>
  /** PEM. The sign certificate needs its password. */
  readCertificate(use: ObjectUse, password?: string): Promise<string>
  /** `pkcs11-tool --sign`: the slot of the use, SHA-256 on the host. */
  sign(use: ObjectUse, pin: string, message: string): Promise<Uint8Array>
  /** `openssl dgst -verify` with the key of a certificate; another program than the one that signed. */
  isSignatureOf(certificate: string, message: string, signature: Uint8Array): Promise<boolean>
}

export function openScOn({ run, folder }: Island): OpenSc {
  // A home of its own: no configuration and no cache of the machine's user.
  const environment = { HOME: folder }
  const must = async (command: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = await run(command, args, { environment })
    if (status !== 0) throw new OpenScError(`${command} ${args[0]}: ${stderr.trim()}`)
    return stdout
  }
  const file = (name: string) => join(folder, name)

  return {
    dump: () => must('pkcs15-tool', '--dump'),
    readCertificate: (use, password) => {
      const id = objectIds[use]
      const login = password === undefined ? [] : ['--verify-pin', '--auth-id', id, '--pin', password]
      return must('pkcs15-tool', '--read-certificate', id, ...login)
    },
    sign: async (use, pin, message) => {
      await writeFile(file('message'), message)
      const slot = use === 'auth' ? '0' : '1'
      const what = [
        '--sign',
        '--id',
        objectIds[use],
        '-m',
        'SHA256-RSA-PKCS',
        '-i',
        file('message'),
        '-o',
        file('signature'),
      ]
      await must('pkcs11-tool', '--slot', slot, '--login', '--pin', pin, ...what)
      return new Uint8Array(await readFile(file('signature')))
    },
    isSignatureOf: async (certificate, message, signature) => {
      await writeFile(file('certificate.pem'), certificate)
      await writeFile(file('message'), message)
      await writeFile(file('signature'), signature)
      await writeFile(
        file('key.pem'),
        await must('openssl', 'x509', '-in', file('certificate.pem'), '-noout', '-pubkey'),
      )
      const arguments_ = [
        'dgst',
        '-sha256',
        '-verify',
        file('key.pem'),
        '-signature',
        file('signature'),
        file('message'),
      ]
      return (await run('openssl', arguments_)).status === 0
    },
  }
}
