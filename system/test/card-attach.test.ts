/** ./jpki card attach: what it tells the person to type, typed. */
import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { islandTools, openIsland, openScOn, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { issuedCard, pins } from '../../actors/my-number-card/test/issued-card.ts'
import { needs } from '../../test/needs.ts'
import { parse } from '../command.ts'
import { attachUntil, type CardKind, cardAttach, cardKinds, sentencesOf } from '../commands/card.ts'

const skip = needs(...islandTools, 'pkcs15-tool', 'pkcs11-tool', 'openssl') || refusesIslands()

describe('a card in the reader', { skip, timeout: 60_000 }, () => {
  it('can be used by the very lines that the command prints, two cards at once, until it is taken out', async () => {
    await using island = await openIsland()
    const { run, folder } = island
    const stop = new AbortController()
    const said: Record<CardKind, string[]> = { 'my-number-card': [], phone: [] }
    const paths = { 'my-number-card': island.reader, phone: island.secondReader }
    const attachments = cardKinds.map((kind) =>
      attachUntil(stop.signal, kind, issuedCard().card, { path: paths[kind] }, (text) => said[kind].push(text)),
    )
    await island.cardPresent()

    const openSc = openScOn(island)
    const certificate = await openSc.readCertificate('auth')
    const message = 'ログインの要求'
    await writeFile(join(folder, 'message'), message)
    for (const kind of cardKinds) {
      const lines = sentencesOf({ state: 'attached' }, kind).filter((line) => line.startsWith('  '))
      assert.ok(lines.length > 1)
      for (const line of lines) {
        // The PIN is the only thing that the person types.
        const typed = /sign/.test(line) && /pkcs1[15]-/.test(line) ? `${line.trim()} --pin ${pins.auth}` : line.trim()
        const { status, stderr } = await run('sh', ['-c', `cd ${folder} && ${typed}`])
        assert.equal(status, 0, `${typed}: ${stderr}`)
      }
      const signature = new Uint8Array(await readFile(join(folder, 'signature')))
      assert.ok(await openSc.isSignatureOf(certificate, message, signature))
      await rm(join(folder, 'signature'))
    }

    stop.abort()
    await Promise.all(attachments)
    for (const kind of cardKinds) assert.equal(said[kind].at(-1), 'The card is out of the reader.')
    const { status } = await run('pkcs15-tool', ['--dump'])
    assert.notEqual(status, 0)
  })
})

describe('./jpki card attach', () => {
  const open = async () => ({ card: issuedCard().card, close: () => {} })
  const declared = cardAttach({ ofTown: open, inFile: open })

  it('reads the card and the address of the reader', () => {
    const { values } = parse(declared, ['--card', 'phone', '--vpcd', 'reader.example:35964'])
    assert.equal(values.card, 'phone')
    assert.deepEqual(values.vpcd, { host: 'reader.example', port: 35964 })
    assert.equal(parse(declared, ['--card', 'my-number-card']).values.vpcd, undefined)
  })

  it('refuses a card that does not exist and an address that is none', () => {
    for (const wrong of [
      ['--card', 'ic-card'],
      ['--card', 'phone', '--vpcd', 'reader'],
      ['--card', 'phone', '--vpcd', 'a:0'],
    ])
      assert.throws(() => parse(declared, wrong), { code: 'request.malformed' })
  })

  it('takes a card of the town or a SIM of its own, one of them', async () => {
    for (const wrong of [[], ['--card', 'phone', '--sim', 'a.nvm']])
      await assert.rejects(declared.run(parse(declared, wrong).values, []), { code: 'request.malformed' })
  })

  it('says what to install and start while nobody listens', () => {
    const lines = sentencesOf({ state: 'waiting', reason: 'reader.not-listening', retryInMs: 100 }, 'phone')
    assert.match(lines.join('\n'), /apt-get install .*vsmartcard-vpcd.*pcscd --foreground/)
  })
})
