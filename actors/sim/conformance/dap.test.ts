/** A load file that somebody answers for: DAP verification by the domain it goes to, mandated for the whole card. GPCS v2.3.1 §9.2.1, §C.3. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  componentsOf,
  cutBlocks,
  type DapBlock,
  Load,
  LoadFile,
  makeDapBlock,
  type Privilege,
  sha256,
} from '@mobile-jpki/globalplatform'
import { announceLoad, createDomain, putPublic } from '../test/commands.ts'
import { bytes, counterScript, domainAid, Host, issuerAid, issuerKeys, program } from '../test/host.ts'
import { opened } from '../test/refusals-channel.ts'

const dataBlock = program(counterScript)
const hash = sha256(dataBlock)
const pairs = {
  'RSA-1024': generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'RSA-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
}
const elsewhere = bytes('A00000006203DE')

/** Sends all blocks but the last, which is given back. */
async function load(host: Host, dapBlocks: readonly DapBlock[], securityDomain?: Uint8Array) {
  await host.ok(announceLoad(dataBlock, securityDomain && { securityDomain }))
  const blocks = cutBlocks(LoadFile.encode({ dapBlocks, dataBlock, ciphered: false }), 223)
  const loads = blocks.map((data, p2) => Load.toApdu({ p1: p2 === blocks.length - 1 ? 'last' : 'more', p2, data }))
  for (const block of loads.slice(0, -1)) await host.ok(block)
  const last = loads.at(-1)
  assert.ok(last)
  return last
}

async function withVerifier({ publicKey }: { publicKey: KeyObject }, privileges: Privilege[]): Promise<Host> {
  const issuer = await opened()
  for (const domain of [domainAid, elsewhere])
    await issuer.ok(createDomain(domain, { privileges: domain === domainAid ? privileges : [] }))
  const verifier = new Host(issuer.card)
  await verifier.open(domainAid, issuerKeys)
  await verifier.ok(putPublic(0x73, componentsOf(publicKey)))
  await issuer.open(issuerAid, issuerKeys)
  return issuer
}

describe('a load file under DAP', () => {
  for (const [name, pair] of Object.entries(pairs))
    it(`is taken with the signature of who mandates it, and not otherwise: ${name}`, async () => {
      const issuer = await withVerifier(pair, ['dapVerification', 'mandatedDapVerification'])
      await issuer.refused(await load(issuer, []), 'load.dap')
      await issuer.refused(await load(issuer, [makeDapBlock(domainAid, pair.privateKey, sha256(hash))]), 'load.dap')
      await issuer.refused(await load(issuer, [makeDapBlock(elsewhere, pair.privateKey, hash)]), 'load.dap')
      await issuer.ok(await load(issuer, [makeDapBlock(domainAid, pair.privateKey, hash)], elsewhere))
    })

  it('needs one for the domain that verifies what goes to it, and for no other', async () => {
    const pair = pairs['P-256']
    const issuer = await withVerifier(pair, ['dapVerification'])
    await issuer.refused(await load(issuer, [], domainAid), 'load.dap')
    await issuer.ok(await load(issuer, [makeDapBlock(domainAid, pair.privateKey, hash)], domainAid))
    const other = await withVerifier(pair, ['dapVerification'])
    await other.ok(await load(other, [], elsewhere))
  })

  it('is not taken by the word of a domain that has the key but not the privilege', async () => {
    const pair = pairs['P-256']
    const issuer = await withVerifier(pair, [])
    await issuer.refused(await load(issuer, [makeDapBlock(domainAid, pair.privateKey, hash)], domainAid), 'load.dap')
  })
})
