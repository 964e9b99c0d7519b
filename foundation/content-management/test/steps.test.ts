import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  Confirmation,
  InstallForExtradition,
  LoadFile as LoadFileStream,
  makeReceipt,
  makeToken,
  type RegistryEntry,
  tokenInput,
  verifyReceipt,
  verifyToken,
} from '@mobile-jpki/globalplatform'
import { encodeProgram } from '@mobile-jpki/javacard'
import { concat } from '@mobile-jpki/tlv'
import {
  type CardContent,
  commandsOf,
  deleting,
  extraditing,
  installing,
  loading,
  missingSteps,
  readLoadFile,
  receiptContextOf,
  receiptsIn,
  type Step,
  withControl,
  withToken,
} from '../index.ts'

const aid = (last: number) => Uint8Array.of(0xd3, 0x92, 0xf0, 0x00, 0x26, last)
const [packageAid, module, instance, issuer, domain] = [aid(1), aid(2), aid(3), aid(4), aid(5)] as const
const version = { major: 1, minor: 2 }
const loadFile = readLoadFile(
  encodeProgram({ packageAid, version, moduleAids: [module], script: `(card) => ({ at: '${'x'.repeat(600)}' })` }),
)
const parameters = { application: new Uint8Array(), nonVolatileMemory: 0x1000 }
const wanted = { loadFile, codeSize: 0x2000, instance, parameters, dapBlocks: [], by: issuer, into: domain }
const names = (steps: readonly Step[]) => steps.flatMap(commandsOf).map(({ what }) => what)

const entry = (one: Partial<RegistryEntry>): RegistryEntry => ({
  aid: instance,
  lifeCycle: 0x07,
  modules: [],
  implicitSelection: [],
  ...one,
})
const holding = (found: { instance?: Uint8Array; version?: Uint8Array }): CardContent => ({
  application: () => (found.instance ? entry({ securityDomain: found.instance }) : undefined),
  loadFile: () => (found.version ? entry({ aid: packageAid, loadFileVersion: found.version }) : undefined),
})

describe('what an application lacks in a card', () => {
  const [load, install, give, remove] = [
    'INSTALL [for load]',
    'INSTALL [for install]',
    'INSTALL [for extradition]',
    'DELETE',
  ]
  const cases: readonly (readonly [string, CardContent | undefined, readonly (string | undefined)[]])[] = [
    ['everything, where nothing is known', undefined, [load, 'LOAD', 'LOAD', 'LOAD', 'LOAD', install, give]],
    ['nothing', holding({ instance: domain, version: loadFile.version }), []],
    ['its place', holding({ instance: issuer, version: loadFile.version }), [give]],
    ['its instance', holding({ version: loadFile.version }), [install, give]],
    [
      'the right version of its load file',
      holding({ instance: domain, version: Uint8Array.of(1, 1) }),
      [remove, remove, load, 'LOAD', 'LOAD', 'LOAD', 'LOAD', install, give],
    ],
  ]
  for (const [what, present, expected] of cases)
    it(what, () => {
      assert.deepEqual(names(missingSteps(wanted, 200, present)), expected)
    })

  it('no place, where its own security domain brings it', () => {
    assert.ok(!names(missingSteps({ ...wanted, by: domain }, 200)).includes('INSTALL [for extradition]'))
  })

  it('no octet of its load file, however it is cut', () => {
    for (const length of [100, 239, 2031]) {
      const { blocks } = loading({ ...wanted, securityDomain: issuer }, length)
      const stream = concat(...blocks.map(({ apdu }) => apdu.data))
      assert.deepEqual(LoadFileStream.decode(stream).dataBlock, loadFile.dataBlock)
      assert.deepEqual(
        blocks.map(({ apdu: { p1, p2 } }) => [p1, p2]),
        blocks.map((_, at) => [at === blocks.length - 1 ? 0x80 : 0x00, at]),
      )
    }
  })
})

describe('a token', () => {
  const control = Uint8Array.fromHex('450489811000930400000007')
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const steps = [loading({ ...wanted, securityDomain: domain }, 200), installing(wanted), deleting(instance)]

  for (const { command } of steps)
    it(`stands in ${command.what} with what it is for, and signs both`, () => {
      const controlled = withControl(command.apdu, control)
      assert.ok(controlled)
      const token = makeToken(privateKey, controlled)
      const { apdu } = withToken(command, { control, token })
      assert.deepEqual(tokenInput(apdu).token, token)
      assert.ok(verifyToken(publicKey, apdu))
      assert.ok(!verifyToken(publicKey, withToken(command, { control: control.toReversed(), token }).apdu))
    })

  it('is for no other command', () => {
    const { command } = extraditing(instance, domain)
    assert.equal(withControl(command.apdu, control), undefined)
    assert.throws(() => withToken(command, { control, token: control }), TypeError)
  })
})

describe('a receipt', () => {
  const key = { type: 'AES', key: new Uint8Array(16).fill(7) } as const
  const steps = [loading({ ...wanted, securityDomain: domain }, 200), installing(wanted), deleting(instance)]
  const data = { counter: 3, cardUniqueData: Uint8Array.of(1) }

  it('stands in the answer to the last command of its step, and covers what that was', () => {
    const answers = steps.flatMap((step) => {
      const context = receiptContextOf(step.command.apdu, domain)
      assert.ok(context)
      const given = Confirmation.encode({ receipt: makeReceipt(key, data, context), data })
      return [...step.blocks.map(() => new Uint8Array()), given]
    })
    const received = receiptsIn(steps, answers)
    assert.deepEqual(
      received.map(({ command }) => command),
      steps.map(({ command }) => command.apdu),
    )
    for (const { command, confirmation } of received) {
      const [context, read] = [receiptContextOf(command, domain), Confirmation.decode(confirmation)]
      assert.ok(context && read && verifyReceipt(key, read, context))
    }
  })

  it('is not given by a card that gives none', () => {
    const none = steps.flatMap(commandsOf).map(() => Uint8Array.of(0))
    assert.deepEqual(receiptsIn(steps, none), [])
  })

  it('covers an extradition as the registry had it before', () => {
    const apdu = InstallForExtradition.toApdu({ data: { securityDomain: domain, application: instance } })
    const context = { of: 'extradition', from: issuer, application: instance, to: domain } as const
    assert.deepEqual(receiptContextOf(apdu, issuer), context)
    assert.equal(receiptContextOf({ ...apdu, ins: 0xe2 }, issuer), undefined)
  })
})
