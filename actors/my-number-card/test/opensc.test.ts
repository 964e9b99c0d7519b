/** The card in a PC/SC reader, used by unmodified OpenSC through unmodified pcscd. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { cardClient } from '@mobile-jpki/jpki'
import { attach } from '@mobile-jpki/vpcd'
import { islandTools, OpenScError, openIsland, openScOn, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { needs } from '../../../test/needs.ts'
import { issuedCard, pins } from './issued-card.ts'

const skip = needs(...islandTools, 'pkcs15-tool', 'pkcs11-tool', 'openssl') || refusesIslands()
const complaint = (part: RegExp) => (error: unknown) => error instanceof OpenScError && part.test(error.message)

async function inReader() {
  const mine = issuedCard()
  const island = await openIsland()
  const attachment = attach(mine.card, { path: island.reader })
  await island.cardPresent()
  const leave = async () => {
    await attachment.detach()
    await island.close()
  }
  return { ...mine, island, openSc: openScOn(island), [Symbol.asyncDispose]: leave }
}

describe('unmodified OpenSC', { skip, timeout: 60_000 }, () => {
  it('lists the card, logs in, signs with both keys; openssl verifies', async () => {
    await using reader = await inReader()
    const { openSc, card } = reader

    const listing = await openSc.dump()
    for (const object of [
      /PIN \[User Authentication PIN\][^[]*\[[^[]*\[[^[]*Tries left\s+: 3/,
      /PIN \[Digital Signature PIN\][^[]*\[[^[]*\[[^[]*Tries left\s+: 5/,
      /Private RSA Key \[User Authentication Key\]/,
      /Private RSA Key \[Digital Signature Key\]/,
      /X.509 Certificate \[User Authentication Certificate\][^[]*\[[^[]*Encoded serial : 02 04 0132C349/,
    ])
      assert.match(listing, object)

    const message = 'サービスへのログイン'
    for (const use of ['auth', 'sign'] as const) {
      const certificate = await openSc.readCertificate(use, use === 'sign' ? pins.sign : undefined)
      const signature = await openSc.sign(use, pins[use], message)
      assert.ok(await openSc.isSignatureOf(certificate, message, signature))
      assert.ok(!(await openSc.isSignatureOf(certificate, `${message}?`, signature)))
      if (use === 'auth') {
        await cardClient.selectJpki(card)
        const der = new X509Certificate(certificate).raw
        assert.deepEqual(new Uint8Array(der), await cardClient.readCertificate(card, 'auth'))
      }
    }
  })

  it('says that a PIN is wrong, then locked, and still lists the card', async () => {
    await using reader = await inReader()
    const { openSc } = reader
    await assert.rejects(openSc.sign('auth', '0000', 'x'), complaint(/CKR_PIN_INCORRECT/))
    assert.match(await openSc.dump(), /Tries left\s+: 2/)
    await assert.rejects(openSc.sign('auth', '0000', 'x'), complaint(/CKR_PIN_INCORRECT/))
    await assert.rejects(openSc.sign('auth', '0000', 'x'), complaint(/CKR_PIN_(INCORRECT|LOCKED)/))
    await assert.rejects(openSc.sign('auth', pins.auth, 'x'), OpenScError)
    assert.match(await openSc.dump(), /Tries left\s+: 0/)
    await assert.rejects(openSc.readCertificate('sign'), OpenScError)
  })

  it('finds the card again after pcscd restarted', async () => {
    await using reader = await inReader()
    const { island, openSc } = reader
    await island.stopReader()
    await assert.rejects(openSc.dump(), OpenScError)
    await island.startReader()
    await island.cardPresent()
    assert.match(await openSc.dump(), /PKCS#15 Card \[JPKI\]/)
  })
})
