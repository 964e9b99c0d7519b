/** Load files as a real card takes them: bytecode, packages that lean on others, ciphered, of any announced hash, all in one process. GPCS v2.3.1 §9.3, §C.2, §C.6. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  cipherDataBlock,
  componentsOf,
  cutBlocks,
  GetStatus,
  InstallCombinedFirst,
  InstallCombinedLast,
  InstallForLoad,
  Load,
  LoadFile,
  makeToken,
  PutKey,
  sha256,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { concat, writeLength } from '@mobile-jpki/tlv'
import { bytecode } from '../surroundings/bytecode.ts'
import { createDomain, installCounter, loadBlocks, remove } from '../test/commands.ts'
import {
  bytes,
  counterScript,
  domainAid,
  freshSim,
  Host,
  instanceAid,
  issuerKeys,
  moduleAid,
  newKeys,
  packageAid,
  program,
  raw,
} from '../test/host.ts'
import { opened } from '../test/refusals-channel.ts'

const announce = (hash: Uint8Array | undefined, loadFile: Uint8Array = packageAid): CommandApdu =>
  InstallForLoad.toApdu({ data: { loadFile, ...(hash && { hash }) } })

const blocksOf = (file: LoadFile): CommandApdu[] => {
  const blocks = cutBlocks(LoadFile.encode(file), 223)
  return blocks.map((data, p2) => Load.toApdu({ p1: p2 === blocks.length - 1 ? 'last' : 'more', p2, data }))
}

async function load(host: Host, first: CommandApdu, blocks: readonly CommandApdu[]): Promise<CommandApdu> {
  await host.ok(first)
  for (const block of blocks.slice(0, -1)) await host.ok(block)
  return blocks.at(-1) ?? first
}

describe('a load file of bytecode', () => {
  const plain = (dataBlock: Uint8Array) => ({ dapBlocks: [], dataBlock, ciphered: false })

  it('is kept with its modules, its memory and its version; an installation from it is refused with the reason', async () => {
    const host = await opened()
    const dataBlock = bytecode()
    await host.ok(await load(host, announce(sha256(dataBlock)), blocksOf(plain(dataBlock))))
    const list = GetStatus.toApdu({ p1: 'loadFilesAndModules', p2: 'first', data: { aid: packageAid } })
    const [entry] = GetStatus.fromResponse(await host.send(list))
    assert.deepEqual(
      entry?.modules.map((each) => each.toHex()),
      [moduleAid.toHex()],
    )
    assert.equal(entry?.loadFileVersion?.toHex(), '0100')
    await host.refused(installCounter(), 'install.bytecode')
    await host.ok(remove(packageAid))
    await host.refused(list, 'status.none')
  })

  it('leans on packages of the card in its version of Java Card, or on loaded ones, which then stay', async () => {
    const library = bytes('A0000000620399')
    const user = bytecode('0102', { further: [library] })
    for (const [javaCard, framework, taken] of [
      ['3.0.4', '0105', true],
      ['3.0.4', '0106', false],
      ['2.2.1', '0102', true],
      ['2.2.1', '0103', false],
      ['3.1', '0108', true],
      ['3.0.4', '0200', false],
    ] as const) {
      const host = await opened(freshSim({ profile: { javaCard } }))
      const last = await load(host, announce(undefined), blocksOf(plain(bytecode(framework))))
      if (taken) await host.ok(last)
      else await host.refused(last, 'load.import')
    }
    const host = await opened()
    await host.refused(await load(host, announce(undefined), blocksOf(plain(user))), 'load.import')
    const base = bytecode('0105', { aid: library, module: bytes('A000000062039901') })
    await host.ok(await load(host, announce(undefined, library), blocksOf(plain(base))))
    await host.ok(await load(host, announce(undefined), blocksOf(plain(user))))
    await host.refused(remove(library), 'delete.related')
    await host.ok(remove(packageAid))
    await host.ok(remove(library))
  })

  it('is damaged by any change of its structure', async () => {
    const dataBlock = bytecode()
    for (const at of [3, 20, 40, dataBlock.length - 10]) {
      const host = await opened()
      const changed = dataBlock.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x41
      await host.send(await load(host, announce(undefined), blocksOf(plain(changed))))
      assert.match(host.card.lastRefusal()?.rule ?? 'accepted', /^load\.(structure|import|aid)$/, `octet ${at}`)
    }
  })
})

describe('the hash of a load file', () => {
  it('may be SHA-1, SHA-256, SHA-384 or SHA-512', async () => {
    const dataBlock = program(counterScript)
    for (const algorithm of ['sha1', 'sha256', 'sha384', 'sha512']) {
      const hash = new Uint8Array(createHash(algorithm).update(dataBlock).digest())
      const host = await opened()
      await host.ok(await load(host, announce(hash), loadBlocks(dataBlock)))
    }
    const host = await opened()
    await host.refused(await load(host, announce(new Uint8Array(16)), loadBlocks(dataBlock)), 'load.hash')
  })
})

describe('a ciphered load file', () => {
  const dataBlock = program(counterScript)
  const put = (host: Host, type: 'AES' | 'DES', key: Uint8Array) => {
    assert.ok(host.session)
    const keys = [wrapKey(host.session, type, key)]
    return host.ok(PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: false }, data: { keyVersion: 0x75, keys } }))
  }
  for (const [type, length, icv] of [
    ['AES', 16, undefined],
    ['AES', 32, bytes('0102030405060708090A0B0C0D0E0F10')],
    ['DES', 16, undefined],
    ['DES', 16, bytes('0102030405060708')],
  ] as const)
    it(`is read under a ${type} key of ${length} octets${icv ? ' with its own vector' : ''}; the hash is of the clear one`, async () => {
      const host = await opened()
      const key = new Uint8Array(32)
        .fill(7)
        .map((octet, at) => octet + at)
        .slice(0, length)
      await put(host, type, key)
      const ciphered = (under: Uint8Array) =>
        blocksOf({
          dapBlocks: [],
          dataBlock: cipherDataBlock({ type, key: under }, dataBlock, icv),
          ciphered: true,
          ...(icv && { icv }),
        })
      const wrong = key.map((octet) => octet ^ 0xf0)
      await host.send(await load(host, announce(sha256(dataBlock)), ciphered(wrong)))
      assert.match(host.card.lastRefusal()?.rule ?? 'accepted', /^load\.(decipher|hash)$/)
      await host.ok(await load(host, announce(sha256(dataBlock)), ciphered(key)))
      await host.ok(installCounter())
    })

  it('goes to a security domain that has the privilege and the key, or to one below it', async () => {
    const host = await opened()
    await host.ok(createDomain(domainAid, { privileges: ['authorizedManagement'] }))
    const provider = new Host(host.card)
    await provider.open(domainAid, issuerKeys)
    await put(provider, 'AES', newKeys.enc)
    const file = {
      dapBlocks: [],
      dataBlock: cipherDataBlock({ type: 'AES', key: newKeys.enc }, dataBlock),
      ciphered: true,
    }
    await provider.refused(await load(provider, announce(undefined), blocksOf(file)), 'load.ciphered')
  })
})

describe('load, install and make selectable in one process', () => {
  const dataBlock = program(counterScript)
  const first = InstallCombinedFirst.toApdu({ data: { loadFile: packageAid, hash: sha256(dataBlock) } })
  const last = (loadFile: Uint8Array = packageAid) =>
    InstallCombinedLast.toApdu({ data: { loadFile, module: moduleAid, instance: instanceAid, privileges: [] } })

  it('leaves nothing before its last command, and all of it behind it', async () => {
    const host = await opened()
    await host.ok(await load(host, first, loadBlocks(dataBlock)))
    await host.refused(remove(packageAid), 'delete.not-found')
    await host.ok(last())
    assert.equal((await new Host(host.card).select(instanceAid)).sw, 0x9000)
    assert.equal(await raw(host.card, '8010000000'), '019000')
  })

  it('is in order, complete and of one load file', async () => {
    const host = await opened()
    await host.refused(last(), 'load.not-announced')
    await host.ok(first)
    await host.refused(last(), 'load.not-announced')
    const block = await load(host, first, loadBlocks(dataBlock))
    await host.ok(block)
    await host.refused(block, 'load.not-announced')
    await host.ok(await load(host, first, loadBlocks(dataBlock)))
    await host.refused(last(bytes('A00000006203FF')), 'install.no-load-file')
    await host.refused(last(), 'load.not-announced')
  })

  it('needs one token for both of its INSTALL commands where it is delegated', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const host = await opened()
    const keys = [{ components: componentsOf(publicKey), checkValue: new Uint8Array() }]
    await host.ok(PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: false }, data: { keyVersion: 0x70, keys } }))
    await host.ok(createDomain(domainAid, { privileges: ['delegatedManagement'] }))
    const provider = new Host(host.card)
    await provider.open(domainAid, issuerKeys)
    const withToken = (apdu: CommandApdu, token: Uint8Array): CommandApdu => ({
      ...apdu,
      data: concat(apdu.data.subarray(0, -1), writeLength(token.length), token),
    })
    await provider.ok(await load(provider, first, loadBlocks(dataBlock)))
    await provider.refused(withToken(last(), makeToken(privateKey, last())), 'privilege.token')
    await provider.ok(await load(provider, first, loadBlocks(dataBlock)))
    await provider.ok(withToken(last(), makeToken(privateKey, last(), first)))
    assert.equal((await new Host(host.card).select(instanceAid)).sw, 0x9000)
  })
})
