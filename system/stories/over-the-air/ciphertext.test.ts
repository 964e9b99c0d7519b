/** What the carrier sees of SP-TSM's work in a SIM that is reached over its network: ciphertext. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import type { Trace, TraceEntry } from '@mobile-jpki/trace'
import { download } from '../../demo/download.ts'
import { freePortBase, layoutOf, portsFrom } from '../../town/layout.ts'
import { phoneOf } from '../../town/phones.ts'
import { startTown } from '../../town/town.ts'

/** Octets of a secret in a row by which it would be known. */
const telling = 16

const windows = (secret: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: Math.floor(secret.length / telling) }, (_, at) =>
    secret.subarray(at * telling, (at + 1) * telling),
  ).filter((window) => new Set(window).size > telling / 2)

/** Commands and responses of one SendScript, in the wire form of the message. */
function passed({ decoded }: TraceEntry): readonly Uint8Array[] {
  const { request, reply } = decoded as { request: { commands: string[] }; reply?: { responses?: string[] } }
  return [...request.commands, ...(reply?.responses ?? [])].map((octets) => Uint8Array.fromBase64(octets))
}

const onAir: ReadonlySet<string> = new Set(['submit_sm', 'deliver_sm', 'POST (SCP81)'])

for (const [simType, bearer, folder] of [
  ['c-uicc-2014', 'scp80', 'mno-tsm-c'],
  ['c-uicc-2017', 'scp81', 'mno-tsm-c'],
] as const)
  describe(`a download by ${bearer}, ${simType}`, () => {
    it('passes the carrier without certificate, PIN envelope, issuer envelope or load file in it', async () => {
      const data = await mkdtemp(join(tmpdir(), 'jpki-story-'))
      const entries: TraceEntry[] = []
      const trace: Trace = { record: (entry) => void entries.push(entry) }
      const ports = portsFrom(await freePortBase())
      const town = await startTown({ data, ports, trace, bearers: { 'carrier-c': bearer } })
      try {
        await using phone = await phoneOf(town, { simType })
        await download(phone.person)
        const certificate = await certificateInSim(phone.device)
        assert.ok(certificate)
        const { loadFile } = await buildLoadFile()
        // What the applet says of itself goes the other way, and is no secret.
        const envelopes = entries.flatMap(({ what, ok, decoded }) => {
          const { request, reply } = (ok && decoded ? decoded : {}) as { request?: unknown; reply?: unknown }
          return base64In(what === 'givePinEnvelope' ? request : what === 'collectPhoneCertificate' ? reply : undefined)
        })
        assert.ok(envelopes.length >= 2, 'the PIN envelope and the issuer envelope are known')
        const sought = { certificate: [certificate.der], 'load file': [loadFile], envelope: envelopes }
        const seen = {
          scripts: entries.filter(({ what, ok }) => ok && what === 'SendScript').flatMap(passed),
          air: entries.flatMap(({ what, raw }) => (onAir.has(what) && raw !== undefined ? [raw] : [])),
          files: await filesIn(layoutOf(data).of(folder)),
        }
        assert.ok(seen.scripts.length > 20 && seen.air.length > 1)
        const readable = Object.entries(seen).flatMap(([place, octets]) => {
          const all = Buffer.concat(octets)
          return Object.entries(sought).flatMap(([what, secrets]) =>
            secrets
              .flatMap(windows)
              .filter((one) => all.includes(one))
              .map((one) => `${what} in ${place}: ${one.toHex()}`),
          )
        })
        assert.deepEqual(readable, [])
      } finally {
        await town.close()
        await rm(data, { recursive: true })
      }
    })
  })

/** Long octets anywhere in a message. */
function base64In(message: unknown): readonly Uint8Array[] {
  const texts = (JSON.stringify(message) ?? '').match(/"[A-Za-z0-9+/]{64,}={0,2}"/g) ?? []
  return texts.map((text) => Uint8Array.fromBase64(text.slice(1, -1)))
}

async function filesIn(directory: string): Promise<readonly Buffer[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => readFile(join(parentPath, name))),
  )
}
