/** What a card says about itself: GET DATA, GET STATUS, SELECT, life cycles. GPCS v2.3.1 §5, §11.3, §11.4, §H. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCommandApdu, parseResponseApdu } from '@mobile-jpki/iso7816'
import { type Codec, listOf, TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  type ApplicationEvent,
  type ApplicationState,
  applicationStateAfter,
  applicationTransitions,
  CardCapabilities,
  type CardEvent,
  CardProductionLifeCycle,
  CardRecognitionData,
  type CardState,
  cardStateAfter,
  cardStates,
  cardTransitions,
  describeState,
  ExtendedCardResources,
  FileControlInformation,
  GetStatus,
  globalPlatformCommands,
  isLocked,
  KeyInformationTemplate,
  locked,
  Privileges,
  RegistryEntry,
  unlocked,
} from '../index.ts'
import cardData from './card-data.json' with { type: 'json' }
import kaoh from './sessions-kaoh.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()
const recordedValues = (start: string) =>
  cardData.getData.cases.filter(({ tag }) => tag.startsWith(start)).map(({ value }) => value)

describe(`GET DATA: ${cardData.getData.source}`, () => {
  const codecs: readonly [string, Codec<unknown>][] = [
    ['9F7F', CardProductionLifeCycle as Codec<unknown>],
    ['66 card', CardRecognitionData as Codec<unknown>],
    ['67', CardCapabilities as Codec<unknown>],
    ['FF21', ExtendedCardResources as Codec<unknown>],
    ['E0', KeyInformationTemplate as Codec<unknown>],
  ]
  for (const [start, codec] of codecs)
    for (const value of recordedValues(start))
      it(`${start}: ${value.slice(0, 24)}… is read and written alike`, () =>
        assert.equal(hex(codec.encode(codec.decode(bytes(value)))), value))

  it('names the secure channel protocols', () => {
    const protocols = recordedValues('66').map(
      (value) => CardRecognitionData.decode(bytes(value)).secureChannelProtocols,
    )
    assert.deepEqual(protocols, [
      [{ scp: 3, i: 0x70 }],
      [{ scp: 2, i: 0x55 }],
      [
        { scp: 3, i: 0x60 },
        { scp: 17, i: 0x0d86 },
      ],
    ])
    assert.equal(CardRecognitionData.decode(bytes(recordedValues('66')[0] ?? '')).version, '2.3')
  })

  it('lists the keys', () => {
    const [basic, extended] = recordedValues('E0').map((value) => KeyInformationTemplate.decode(bytes(value)))
    assert.deepEqual(basic?.[3], {
      keyIdentifier: 1,
      keyVersion: 0x70,
      components: [
        { type: 0xa1, length: 0x80 },
        { type: 0xa0, length: 3 },
      ],
    })
    assert.deepEqual(extended?.[3]?.usage, bytes('84'))
  })

  it('tells who made the chip', () => {
    const fields = cardData.getData.cases[0]?.fields ?? {}
    const production = CardProductionLifeCycle.decode(bytes(recordedValues('9F7F')[0] ?? ''))
    for (const [name, value] of Object.entries(fields))
      assert.equal(hex(production[name as keyof typeof production]), value)
  })

  it('tells the room left', () =>
    assert.deepEqual(ExtendedCardResources.decode(bytes(recordedValues('FF21')[0] ?? '')), {
      applications: 2,
      freeNonVolatileMemory: 93620,
      freeVolatileMemory: 2154,
    }))

  it('answers any octets with a value or a TlvError', () =>
    fc.assert(
      fc.property(fc.constantFrom(...codecs), fc.uint8Array({ maxLength: 60 }), ([, codec], random) => {
        try {
          codec.decode(random)
        } catch (error) {
          assert.ok(error instanceof TlvError)
        }
      }),
    ))
})

describe(`GET STATUS: ${cardData.getStatus.source}`, () => {
  for (const { what, value } of cardData.getStatus.cases)
    it(what, () => assert.equal(listOf(0xe3, RegistryEntry).decode(bytes(value)).length, 1))

  it('reads what a real eUICC answered', () => {
    const answers = kaoh.sessions.flatMap((session) => ('answers' in session ? (session.answers ?? []) : []))
    const counts = answers.map((answer) => GetStatus.fromResponse(parseResponseApdu(bytes(answer))).length)
    assert.deepEqual(counts, [8, 4, 1, 8])
    const [isd] = GetStatus.fromResponse(parseResponseApdu(bytes(answers[2] ?? '')))
    assert.equal(describeState('card', isd?.lifeCycle ?? 0), 'SECURED')
    assert.ok(isd?.privileges?.includes('authorizedManagement'))
  })

  it('writes its entries in the order of table 11-36', () => {
    const wire = '4F07A00000015153509F700101C503800000CE0201008408A000000151535041CC08A000000151000000'
    assert.equal(hex(RegistryEntry.encode(RegistryEntry.decode(bytes(wire)))), wire)
  })
})

describe('privileges', () => {
  it('of a recorded issuer security domain', () => {
    const set = Privileges.decode(bytes('9EFE80'))
    assert.equal(hex(Privileges.encode(set)), '9EFE80')
    assert.ok(set.includes('receiptGeneration') && set.includes('cardLock') && !set.includes('dapVerification'))
    assert.deepEqual(Privileges.decode(bytes('80')), ['securityDomain'])
    for (const wrong of ['', '8000', '000001']) assert.throws(() => Privileges.decode(bytes(wrong)), TlvError)
  })
})

describe('SELECT', () => {
  it('answers the file control information that every tool reads', () => {
    const wire = '6F108408A000000151000000A5049F6501FF'
    const fci = { aid: bytes('A000000151000000'), proprietary: { maximumDataLength: 255 } }
    assert.equal(hex(FileControlInformation.encode(fci)), wire)
    assert.deepEqual(FileControlInformation.decode(bytes(wire)), fci)
  })
})

describe('the declared commands', () => {
  it('do not overlap', () => {
    for (const wire of [
      '00A4040000',
      '8050000000',
      '80E6020001',
      '80E60C0001',
      '80E80000',
      '80E40080',
      '80D80081',
      '80E28800',
    ]) {
      const apdu = { ...parseCommandApdu(bytes(wire.slice(0, 8))), data: new Uint8Array() }
      assert.equal(globalPlatformCommands.filter((one) => one.matches(apdu)).length, 1, wire)
    }
  })
})

describe('the card life cycle', () => {
  const events: readonly CardEvent[] = ['initialize', 'secure', 'lock', 'unlock', 'terminate']
  for (const from of Object.keys(cardStates) as CardState[])
    for (const event of events) {
      const to = cardTransitions[from][event]
      it(`${from} ─${event}→ ${to ?? 'refused'}`, () => {
        assert.equal(cardStateAfter(event, from), to)
        assert.ok(from !== 'TERMINATED' || to === undefined)
      })
    }
})

describe('the life cycle of an application', () => {
  const events: readonly ApplicationEvent[] = ['makeSelectable', 'personalize']
  for (const from of ['INSTALLED', 'SELECTABLE', 'PERSONALIZED'] as readonly ApplicationState[])
    for (const event of events) {
      const to = applicationTransitions[from][event]
      it(`${from} ─${event}→ ${to ?? 'refused'}`, () => assert.equal(applicationStateAfter(event, from), to))
    }

  it('comes back from LOCKED as it was', () => {
    for (const state of [0x03, 0x07, 0x0f]) {
      assert.ok(isLocked(locked(state)) && !isLocked(state))
      assert.equal(unlocked(locked(state)), state)
    }
    assert.equal(describeState('securityDomain', 0x8f), 'PERSONALIZED, LOCKED')
    assert.equal(describeState('loadFile', 0x01), 'LOADED')
    assert.equal(describeState('application', 0x17), '17')
  })
})
