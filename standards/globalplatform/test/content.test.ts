/** Content management: INSTALL, LOAD, DELETE, tokens, receipts. GPCS v2.3.1 §11.2, §11.5, §11.6, §C. */
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { explain, explainResponse, parseCommandApdu } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  Confirmation,
  cutBlocks,
  Delete,
  globalPlatformCommands,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  InstallForPersonalization,
  InstallParameters,
  Load,
  LoadFile,
  makeReceipt,
  makeToken,
  type ReceiptContext,
  SecurityDomainParameters,
  StoreData,
  ToolkitParameters,
  tarInAid,
  tokenInput,
  UiccParameters,
  verifyReceipt,
  verifyToken,
} from '../index.ts'
import content from './content.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()
const base64url = (hexadecimal: string) => bytes(hexadecimal).toBase64({ alphabet: 'base64url', omitPadding: true })

describe(`commands recorded: ${content.transcripts.source}`, () => {
  const recorded = (start: string) => {
    const found = content.transcripts.cases.find(({ apdu }) => apdu === start)
    return { ...parseCommandApdu(bytes(start)), data: bytes(found?.data ?? '') }
  }

  it('INSTALL [for install] of a security domain', () => {
    const apdu = recorded('80E60C00')
    const params = InstallForInstall.fromApdu(apdu)
    assert.equal(params.p1, 'installAndMakeSelectable')
    assert.deepEqual(params.data.privileges, ['securityDomain'])
    assert.equal(hex(params.data.instance), 'D27600018502')
    const application = params.data.parameters?.application ?? new Uint8Array()
    assert.deepEqual(SecurityDomainParameters.decode(application), {
      secureChannelProtocols: [bytes('0300')],
      acceptsExtraditionHere: bytes('2020'),
      acceptsExtraditionAway: bytes('2020'),
    })
    assert.equal(hex(InstallForInstall.toApdu(params).data), hex(apdu.data))
  })

  it('are told in words, with the state of each entry', () => {
    const answer = bytes('E30E4F07D27600018501019F700207019000')
    const { text } = explainResponse(globalPlatformCommands, bytes('80F24002024F0000'), answer)
    assert.match(text, /state: 07, contactless activated/)
  })

  it('INSTALL [for personalization]', () => {
    const apdu = recorded('80E62000')
    const params = InstallForPersonalization.fromApdu(apdu)
    assert.equal(hex(params.data.application), 'D2760001850101')
    assert.equal(hex(InstallForPersonalization.toApdu(params).data), hex(apdu.data))
    const { name, text } = explain(globalPlatformCommands, bytes('80E620000D000007D2760001850101000000'))
    assert.equal(name, 'INSTALL [for personalization]')
    assert.equal(text, 'data: { application: D2760001850101 }')
  })
})

describe(`install parameters: ${content.installParameters.source}`, () => {
  const [system, , , securityDomain] = content.installParameters.cases
  it(system?.what ?? '', () => {
    const parameters = InstallParameters.decode(bytes(system?.value ?? ''))
    assert.equal(parameters.system?.nonVolatileMemory, 0x0100)
    assert.equal(parameters.system?.volatileMemory, 0x0100)
    assert.equal(hex(InstallParameters.encode(parameters)), system?.value)
  })
  it(securityDomain?.what ?? '', () => {
    const parameters = SecurityDomainParameters.decode(bytes(securityDomain?.value ?? ''))
    assert.deepEqual(parameters.secureChannelProtocols.map(hex), ['0215'])
    assert.equal(hex(SecurityDomainParameters.encode(parameters)), securityDomain?.value)
  })
})

describe(`a load token: ${content.loadToken.source}`, () => {
  const vector = content.loadToken
  const key = createPublicKey({
    format: 'jwk',
    key: { kty: 'RSA', n: base64url(vector.rsa.n), e: base64url(vector.rsa.e) },
  })
  const command = (token: Uint8Array) =>
    InstallForLoad.toApdu({
      data: {
        loadFile: bytes(vector.loadFileAid),
        securityDomain: bytes(vector.securityDomainAid),
        hash: bytes(vector.loadFileDataBlockHash),
        token,
      },
    })

  it('signs the command without the token', () => {
    const { input, token } = tokenInput(command(bytes(vector.token)))
    assert.equal(hex(input), vector.dataToSign)
    assert.equal(hex(token), vector.token)
  })
  it('is accepted as it is, and not otherwise', () => {
    assert.ok(verifyToken(key, command(bytes(vector.token))))
    const changed = bytes(vector.token)
    changed[5] = (changed[5] ?? 0) ^ 1
    assert.ok(!verifyToken(key, command(changed)))
    assert.ok(!verifyToken(key, InstallForLoad.toApdu({ data: { loadFile: bytes(vector.loadFileAid) } })))
  })
})

describe(`token inputs: ${content.tokenInputs.source}`, () => {
  const [extradition, deletion] = content.tokenInputs.cases
  it('extradition', () => {
    const data = { securityDomain: bytes(extradition?.sd ?? ''), application: bytes(extradition?.app ?? '') }
    const { input } = tokenInput(InstallForExtradition.toApdu({ data: { ...data, token: bytes('AABB') } }))
    assert.equal(hex(input), extradition?.dataToSign)
  })
  it('deletion', () => {
    const aids = (deletion?.aids ?? []).map(bytes)
    const apdu = Delete.toApdu({ p2: 'objectAndRelated', data: { aids, token: bytes('AABB') } })
    assert.equal(hex(tokenInput(apdu).input), deletion?.dataToSign)
    assert.equal(hex(tokenInput(apdu).token), 'AABB')
  })
})

describe('tokens', () => {
  const pairs = {
    'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    'RSA-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  }
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (const [name, { privateKey, publicKey }] of Object.entries(pairs))
    it(`${name}: hold for the command they were made for`, () => {
      const data = { aids: [bytes('D276000185')] }
      const token = makeToken(privateKey, Delete.toApdu({ p2: 'object', data }))
      assert.ok(verifyToken(publicKey, Delete.toApdu({ p2: 'object', data: { ...data, token } })))
      assert.ok(!verifyToken(publicKey, Delete.toApdu({ p2: 'objectAndRelated', data: { ...data, token } })))
      assert.ok(!verifyToken(publicKey, Delete.toApdu({ p2: 'object', data: { aids: [bytes('D276000186')], token } })))
      assert.ok(!verifyToken(other.publicKey, Delete.toApdu({ p2: 'object', data: { ...data, token } })))
      const load = { loadFile: bytes('D276000185') }
      const long = makeToken(privateKey, InstallForLoad.toApdu({ data: load }))
      assert.ok(verifyToken(publicKey, InstallForLoad.toApdu({ data: { ...load, token: long } })))
    })
})

describe('a confirmation', () => {
  const aid = bytes('D276000185')
  const contexts: readonly ReceiptContext[] = [
    { of: 'load', loadFile: aid, securityDomain: bytes('A000000151000000') },
    { of: 'install', loadFile: aid, instance: aid },
    { of: 'delete', aid },
    { of: 'extradition', from: aid, application: aid, to: aid },
  ]
  const data = { counter: 7, cardUniqueData: bytes('4206123456') }
  const keys = [
    { type: 'AES', key: new Uint8Array(16).fill(7) },
    { type: 'DES', key: new Uint8Array(16).fill(7) },
  ] as const

  it('proves what was done, and nothing else', () => {
    for (const key of keys)
      for (const context of contexts) {
        const confirmation = { receipt: makeReceipt(key, data, context), data }
        const read = Confirmation.decode(Confirmation.encode(confirmation))
        assert.deepEqual(read, confirmation)
        for (const claimed of contexts) assert.equal(verifyReceipt(key, confirmation, claimed), claimed === context)
        assert.ok(!verifyReceipt(key, { ...confirmation, data: { ...data, counter: 8 } }, context))
      }
  })

  it('has the form of table 11-16', () => {
    const token = { identifier: bytes('01'), digest: new Uint8Array(32) }
    const confirmation = { receipt: new Uint8Array(16), data: { counter: 1, cardUniqueData: new Uint8Array(), token } }
    const wire = `3810${'00'.repeat(16)}02000100010120${'00'.repeat(32)}`
    assert.equal(hex(Confirmation.encode(confirmation)), wire)
    assert.deepEqual(Confirmation.decode(bytes(wire)), confirmation)
    assert.equal(Confirmation.decode(bytes('00')), undefined)
    assert.equal(hex(Confirmation.encode(undefined)), '00')
    for (const wrong of ['0000', '0101', '02FF', '0410020001'])
      assert.throws(() => Confirmation.decode(bytes(wrong)), TlvError)
  })
})

describe('a load file', () => {
  const aLoadFile = fc.record(
    {
      dapBlocks: fc.array(
        fc.record(
          {
            securityDomain: fc.uint8Array({ minLength: 5, maxLength: 16 }),
            signature: fc.uint8Array({ maxLength: 128 }),
          },
          { noNullPrototype: true },
        ),
        { maxLength: 2 },
      ),
      dataBlock: fc.uint8Array({ minLength: 1, maxLength: 600 }),
      ciphered: fc.boolean(),
    },
    { noNullPrototype: true },
  )
  it('arrives as it was sent, block by block', () =>
    fc.assert(
      fc.property(aLoadFile, fc.integer({ min: 1, max: 247 }), (loadFile, size) => {
        const blocks = cutBlocks(LoadFile.encode(loadFile), size)
        const apdus = blocks.map((data, at) =>
          Load.toApdu({ p1: at === blocks.length - 1 ? 'last' : 'more', p2: at & 0xff, data }),
        )
        const arrived = apdus.map((apdu) => Load.fromApdu(apdu).data)
        assert.deepEqual(LoadFile.decode(Uint8Array.from(arrived.flatMap((block) => [...block]))), loadFile)
      }),
    ))
  it('is refused when it is something else', () => {
    for (const wrong of ['', 'E200', 'C40100C40100', 'C50100', 'C402AA'])
      assert.throws(() => LoadFile.decode(bytes(wrong)), TlvError)
  })
})

describe('STORE DATA', () => {
  for (const [octet, control] of [
    [0x88, { last: true, encryption: 'none', structure: 'dgi', answer: false }],
    [0x60, { last: false, encryption: 'encrypted', structure: 'none', answer: false }],
    [0x91, { last: true, encryption: 'none', structure: 'ber-tlv', answer: true }],
  ] as const)
    it(`P1 ${octet.toString(16)}`, () => {
      const apdu = StoreData.toApdu({ p1: control, p2: 0, data: bytes('00') })
      assert.equal(apdu.p1, octet)
      assert.deepEqual(StoreData.fromApdu(apdu).p1, control)
    })
})

describe('UICC system specific parameters', () => {
  const recorded = bytes('800D010014000202011E03D501030081180001000010A0000000871002FFFFFFFF8900000100010000')

  it('name the TAR and the minimum security level', () => {
    const { toolkit } = UiccParameters.decode(recorded)
    const said = {
      priority: 1,
      timers: 0,
      channels: 2,
      minimumSecurityLevel: 0x1e,
      tars: [bytes('D50103')],
      services: 0,
    }
    assert.deepEqual(toolkit, said)
    assert.deepEqual(ToolkitParameters.decode(ToolkitParameters.encode(said)), said)
    const none = { priority: 1, timers: 0, channels: 0, tars: [], services: 0 }
    assert.deepEqual(ToolkitParameters.decode(ToolkitParameters.encode(none)), none)
  })

  it('are refused where they are cut short', () => {
    const whole = ToolkitParameters.encode({
      priority: 1,
      timers: 0,
      channels: 2,
      tars: [bytes('D50103')],
      services: 0,
    })
    for (let length = 0; length < whole.length - 1; length++)
      assert.throws(() => ToolkitParameters.decode(whole.subarray(0, length)), TlvError)
  })

  it('leave the TAR to the AID where they name none', () => {
    assert.deepEqual(tarInAid(bytes('A0000000871002FFFFFFFF89B0001000')), bytes('B00010'))
    assert.equal(tarInAid(bytes('A000000151000000')), undefined)
  })
})
