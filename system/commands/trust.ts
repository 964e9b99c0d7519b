/** ./jpki trust export: CA certificates, current CRLs and OCSP URLs as files, for openssl, certtool and whoever else verifies. */
import { X509Certificate } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describeTrust } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { command, flag, table } from '../command.ts'
import { portsOf } from '../town/layout.ts'
import { dataOption } from '../town/options.ts'
import { runningTown } from '../town/running.ts'
import { startTown } from '../town/town.ts'
import { portBaseOption } from './up.ts'

const pemOfCrl = (der: Uint8Array): string =>
  `-----BEGIN X509 CRL-----\n${der.toBase64().replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END X509 CRL-----\n`

export default command({
  summary: 'write CA certificates, current CRLs and OCSP URLs into a folder',
  description: 'From the running town; where none runs over the data, one is started for as long as it takes.',
  options: { data: dataOption, 'port-base': portBaseOption, json: flag('tell what was written as JSON') },
  operands: ['DIR'],
  run: async ({ data, 'port-base': base, json }, [given = '']) => {
    const running = await runningTown(data)
    const own = running === undefined ? await startTown({ data, ports: await portsOf(data, base) }) : undefined
    const publication = (running ?? own?.places)?.publication ?? ''
    const directory = resolve(given)
    await mkdir(directory, { recursive: true })
    const written: (readonly [string, string])[] = []
    const write = async (name: string, content: string, what: string) => {
      await writeFile(join(directory, name), content)
      written.push([name, what])
    }
    try {
      const { authorities } = await call({ url: publication, actor: 'jpki-system', as: 'user' }, describeTrust, {})
      // A CA has a new key every four years under the same name (§3.1 of its profile): all generations stand in one file.
      for (const [name, generations = []] of Object.entries(Object.groupBy(authorities, ({ name }) => name))) {
        const certificates = generations.map(({ certificate }) => new X509Certificate(certificate).toString())
        await write(`${name}-ca.pem`, certificates.join(''), `CA certificates of the ${name} certificates`)
        const crls = await Promise.all(generations.map(async ({ crl }) => pemOfCrl(await fetched(crl))))
        await write(`${name}.crl.pem`, crls.join(''), 'their current revocation lists')
        const urls = [...new Set(generations.map(({ ocsp }) => ocsp))]
        await write(`${name}.ocsp-url`, `${urls.join('\n')}\n`, 'where the OCSP responder listens while the town runs')
      }
    } finally {
      await own?.close()
    }
    process.stdout.write(
      json
        ? `${JSON.stringify({ directory, files: Object.fromEntries(written) })}\n`
        : `${[directory, ...table(written)].join('\n')}\n`,
    )
    return 0
  },
})

async function fetched(url: string): Promise<Uint8Array> {
  const reply = await fetch(url)
  if (!reply.ok)
    throw new Refusal('peer.failed', `${url} answered with status ${reply.status}.`, { whose: 'jpki-system' })
  return new Uint8Array(await reply.arrayBuffer())
}
