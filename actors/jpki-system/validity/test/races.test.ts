/**
 * Refreshing and revoking at the same time, in every order: what is stored in the end never says good of what is revoked. On both
 * databases, and with two refreshers as two nodes have them.
 */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { contractOf } from '@mobile-jpki/store/contract'
import fc from 'fast-check'
import type { CertificateRecord, CertificateStatus, ValidityRegister } from '../../domain/world.ts'
import { migrations, type Tables } from '../../store/index.ts'
import { validityRegisterIn } from '../../store/validity/index.ts'
import { enrolled, revoke, type Surroundings, surroundings } from '../../test/surroundings.ts'
import { refreshing } from '../ocsp/refresh.ts'

const lifeMilliseconds = 12 * 3_600_000

contractOf('stored answers', (open) => {
  let world: Surroundings
  let register: ValidityRegister
  before(async () => {
    const store = await open<Tables>(migrations)
    world = await surroundings({ store })
    register = validityRegisterIn(store)
  })
  after(() => world.close())

  /** A refresher that stops where it is told: between reading what is due, and keeping what it signed. */
  const stopping = (meanwhile: () => Promise<unknown>) => {
    const keep: ValidityRegister['keep'] = async (answers) => {
      await meanwhile()
      await register.keep(answers)
    }
    return refreshing({ ...refresherOf(), register: { ...register, keep } })
  }
  const refresherOf = () => ({
    ...world,
    ...world.validity,
    lifeMilliseconds,
    register,
    onFault: (error: unknown) => assert.ifError(error),
  })

  const storedFor = (certificate: CertificateRecord) =>
    register.stored.find(certificate.authority, Uint8Array.fromHex(certificate.serialNumber))
  const askedStatus = async ({ authority, generation, serialNumber }: CertificateRecord) => {
    const issuer = world.authorities.find(authority, generation).opened
    const { der } = await world.validity.answer(ocspRequest(issuer, serialNumber))
    const answer = await verifyOcspResponse(der, { issuer, serialNumber, at: world.now() })
    return answer.status === 'revoked' ? answer.reason : answer.status
  }
  const revokeSign = ({ serialNumber }: CertificateRecord, reason: 'keyCompromise' | 'certificateHold') =>
    revoke(world, { authority: 'sign', serialNumber, reason })

  it('hold the answer of a revocation that came while they were refreshed', async () => {
    const { sign } = await enrolled(world)
    await stopping(() => revokeSign(sign, 'keyCompromise'))()
    assert.equal((await storedFor(sign))?.revoked?.reason, 1)
    assert.equal(await askedStatus(sign), 'keyCompromise')
  })

  it('hold the answer of a revocation that came after a hold, while that was refreshed', async () => {
    const { sign } = await enrolled(world)
    await revokeSign(sign, 'certificateHold')
    world.at(new Date(world.now().getTime() + lifeMilliseconds / 2))
    await stopping(() => revokeSign(sign, 'keyCompromise'))()
    assert.equal(await askedStatus(sign), 'keyCompromise')
  })

  it('are there in the very moment in which a revocation is acknowledged, and verify', async () => {
    const { sign } = await enrolled(world)
    await refreshing(refresherOf())()
    const good = await storedFor(sign)
    await revokeSign(sign, 'keyCompromise')
    const stored = await storedFor(sign)
    assert.notDeepEqual(stored?.signature, good?.signature)
    assert.equal(await askedStatus(sign), 'keyCompromise')
  })

  it('fit no other status: the answer from before a change does not verify after it', async () => {
    const { sign } = await enrolled(world)
    await refreshing(refresherOf())()
    const before = (await world.register.statuses.of('sign', 1, [sign.serialNumber])).get(sign.serialNumber)
    const answer = await world.validity.presign(before as CertificateStatus)
    await revokeSign(sign, 'keyCompromise')
    assert.ok(before && answer)
    await register.keep([{ status: before, answer }])
    assert.equal(await askedStatus(sign), 'keyCompromise')
  })

  it('say what the register says, whatever happens at the same time', async () => {
    const act = fc.constantFrom('refresh', 'hold', 'revoke', 'ask')
    const acts = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(acts, async (parallel) => {
        const { sign } = await enrolled(world)
        const refresh = refreshing(refresherOf())
        const does = {
          refresh: () => refresh(),
          ask: () => askedStatus(sign),
          hold: () => revokeSign(sign, 'certificateHold').catch(refusedOnly),
          revoke: () => revokeSign(sign, 'keyCompromise').catch(refusedOnly),
        }
        await Promise.all(
          parallel.map(async (line) => {
            for (const one of line) await does[one]()
          }),
        )
        await refresh()
        const all = parallel.flat()
        const [record, said] = [
          await world.register.certificates.find('sign', sign.serialNumber),
          await askedStatus(sign),
        ]
        assert.equal(said, record?.revocation?.reason ?? 'good')
        if (all.includes('revoke') || all.includes('hold')) assert.notEqual(said, 'good')
        assert.equal((await storedFor(sign))?.revoked === undefined, said === 'good')
      }),
      { numRuns: 12 },
    )
  })
})

/** The second of two of the same kind is refused, and that is all that may happen to it. */
const refusedOnly = (error: unknown): void => {
  if (!(error instanceof Error && error.name === 'Refusal')) throw error
}
