/** A connection with a token as SoftHSM2 is not: with few sessions, and with a count of wrong PINs. What is not overridden is SoftHSM2. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import type { Handle, PKCS11 } from 'pkcs11js'
import { connect } from '../pkcs11/connection.ts'
import { loadModule, type Module } from '../pkcs11/module.ts'
import { type SoftToken, skipWithoutSoftToken, softToken, userPin } from '../soft-token.ts'

describe('a connection with a token', { skip: skipWithoutSoftToken }, () => {
  let soft: SoftToken
  let module: Module
  before(async () => {
    soft = await softToken()
    await soft.add('few')
    module = await loadModule(soft.module)
  })
  after(async () => {
    module.release()
    await soft[Symbol.asyncDispose]()
  })
  let refused = new Set<string>()
  beforeEach(() => {
    refused = new Set()
  })

  const withOthers = (overridden: Partial<PKCS11>): Module => ({
    ...module,
    functions: new Proxy(module.functions, {
      get: (functions, name: keyof PKCS11) => {
        const own = functions[name]
        return overridden[name] ?? (typeof own === 'function' ? own.bind(functions) : own)
      },
    }),
  })
  const opening = (of: Module, pin = userPin) =>
    connect({ module: of, label: 'few', sessions: 4, pin: async () => pin, refused })

  it('that has fewer sessions than were asked for lets the others wait, and serves all', async () => {
    let open = 0
    const connection = await opening(
      withOthers({
        C_OpenSession: (...args: Parameters<PKCS11['C_OpenSession']>) => {
          if (open === 3) throw new module.names.Pkcs11Error('CKR_SESSION_COUNT:177')
          open += 1
          return module.functions.C_OpenSession(...args)
        },
      }),
    )
    let [lent, most] = [0, 0]
    const work = async (session: Handle) => {
      lent += 1
      most = Math.max(most, lent)
      await new Promise((resolve) => setImmediate(resolve))
      lent -= 1
      return session.toString('hex')
    }
    const served = await Promise.all(Array.from({ length: 20 }, () => connection.lend(work)))
    assert.deepEqual([served.length, most, new Set(served).size], [20, 2, 2])
    await connection.close()
  })

  it('gives a session to the next one after work that failed', async () => {
    const connection = await opening(module)
    const failing = () =>
      connection.lend(async () => Promise.reject(new module.names.Pkcs11Error('CKR_DATA_INVALID:32')))
    await Promise.all(Array.from({ length: 10 }, () => assert.rejects(failing(), /CKR_DATA_INVALID/)))
    assert.equal(await connection.lend(async () => 'served'), 'served')
    await connection.close()
  })

  const flagged = (flag: number) =>
    withOthers({
      C_GetTokenInfo: (slot: Handle) => {
        const info = module.functions.C_GetTokenInfo(slot)
        return { ...info, flags: info.flags | flag }
      },
    })

  it('says that one try is left, or that the PIN is blocked, where the token says so', async () => {
    const { CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED } = module.names
    for (const [flag, code, triesLeft] of [
      [CKF_USER_PIN_FINAL_TRY, 'token.pin-wrong', 1],
      [CKF_USER_PIN_LOCKED, 'token.pin-blocked', undefined],
    ] as const) {
      refused = new Set()
      await assert.rejects(
        opening(flagged(flag), '0000-wrong'),
        (error) => error instanceof Refusal && error.code === code && error.triesLeft === triesLeft,
      )
    }
  })

  it('asks the token once for each wrong PIN', async () => {
    let asked = 0
    const counting = withOthers({
      C_Login: (...args: Parameters<PKCS11['C_Login']>) => {
        asked += 1
        module.functions.C_Login(...args)
      },
    })
    for (let tries = 0; tries < 3; tries++)
      await assert.rejects(opening(counting, '0000-wrong'), (error) => error instanceof Refusal)
    assert.equal(asked, 1)
  })

  it('refuses two tokens of one label', async () => {
    const twice = withOthers({
      C_GetSlotList: (present?: boolean) => module.functions.C_GetSlotList(present).flatMap((slot) => [slot, slot]),
    })
    await assert.rejects(opening(twice), (error) => error instanceof Refusal && /Two tokens/.test(error.message))
  })
})
