/** Terminals at the running JPKI system: who may ask what, and what anybody may read. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { flawOfTerminalCertificate, openTerminalList, terminalRenewalToSign } from '@mobile-jpki/jpki'
import { call, type Peer } from '@mobile-jpki/service'
import * as contract from '../../contract.ts'
import { started } from '../../test/surroundings.ts'

describe('terminals at the running system', () => {
  let system: Awaited<ReturnType<typeof started>>
  let operator: Peer
  let terminal: Peer
  before(async () => {
    system = await started()
    operator = await system.as('operator')
    terminal = await system.as('terminal')
  })
  after(() => system.close())

  const published = () => call({ url: system.publicUrl(), actor: 'jpki-system' }, contract.describeTerminals, {})
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const enrolment = {
    terminalId: 'till-1',
    institution: 'shop',
    role: 'pinLess' as const,
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)),
  }
  const renew = async () => {
    const madeAt = new Date()
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
    const signature = new Uint8Array(sign('sha256', terminalRenewalToSign('till-1', madeAt), key))
    return call(terminal, contract.certifyTerminal, { terminalId: 'till-1', madeAt, signature })
  }

  it('are enrolled by the operator, certified by themselves, and believed under what anybody may read', async () => {
    const { state } = await call(operator, contract.enrolTerminal, enrolment)
    assert.equal(state, 'enrolled')
    const { certificate } = await renew()
    const { caIdentifier, publicKey: point, list } = await published()
    const authorities = [{ caIdentifier, point }]
    assert.equal(await flawOfTerminalCertificate(certificate, authorities, new Date()), undefined)
    const opened = await openTerminalList(list, authorities, new Date())
    assert.deepEqual(typeof opened === 'object' && opened.revoked, [])
  })

  it('keep their CA over a restart', async () => {
    const before = await published()
    await system.restart()
    operator = await system.as('operator')
    terminal = await system.as('terminal')
    assert.deepEqual((await published()).publicKey, before.publicKey)
    await renew()
  })

  it('are revoked by the operator, and refused from then on; the list says it, and the journal', async () => {
    const { state } = await call(operator, contract.revokeTerminal, { terminalId: 'till-1' })
    assert.equal(state, 'revoked')
    await assert.rejects(renew(), { code: 'terminal.revoked' })
    const { caIdentifier, publicKey: point, list } = await published()
    const opened = await openTerminalList(list, [{ caIdentifier, point }], new Date())
    assert.deepEqual(typeof opened === 'object' && opened.revoked.map((one) => one.terminalId), ['till-1'])
    const { terminals } = await call(operator, contract.listTerminals, {})
    assert.deepEqual(
      terminals.map((one) => [one.terminalId, one.state]),
      [['till-1', 'revoked']],
    )
  })

  it('are nobody else’s to enrol, revoke or ask for', async () => {
    const spTsm = await system.as('sp-tsm')
    for (const ask of [
      () => call(terminal, contract.enrolTerminal, enrolment),
      () => call(terminal, contract.revokeTerminal, { terminalId: 'till-1' }),
      () => call(spTsm, contract.listTerminals, {}),
      () =>
        call(operator, contract.certifyTerminal, {
          terminalId: 'a',
          madeAt: new Date(),
          signature: new Uint8Array(64),
        }),
    ])
      await assert.rejects(ask(), { code: 'caller.not-allowed' })
    const wrong = { ...enrolment, terminalId: 'Till 1' }
    await assert.rejects(call(operator, contract.enrolTerminal, wrong), { code: 'request.malformed' })
  })
})
