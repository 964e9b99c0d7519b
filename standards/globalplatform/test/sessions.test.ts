/** SCP02 and SCP03 against sessions recorded with real cards, from both sides. GPCS v2.3.1 annex E, Amendment D. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeCommandApdu, encodeResponseApdu, parseCommandApdu, parseResponseApdu } from '@mobile-jpki/iso7816'
import {
  acceptCommand,
  externalAuthenticate,
  initializeUpdate,
  isSecurityLevel,
  openHostSession,
  parseInitializeUpdateResponse,
  protectResponse,
  type SecureChannelSession,
  SessionState,
  unwrap,
  wrap,
} from '../index.ts'
import kaoh from './sessions-kaoh.json' with { type: 'json' }
import pysim from './sessions-pysim.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()

interface Recorded {
  readonly name: string
  readonly scp: string
  readonly keys: { readonly ENC: string; readonly MAC: string; readonly DEK: string }
  readonly invokingAid?: string | undefined
  readonly initUpdate: string
  readonly initUpdateResponse: string
  readonly securityLevel: string
  readonly extAuth: string
  readonly session?: { readonly SENC: string; readonly SMAC: string; readonly SRMAC: string; readonly SDEK?: string }
  readonly commands: readonly {
    readonly plain: string
    readonly wrapped: string
    readonly response?: string
    readonly responsePlain?: string
  }[]
}

function openHost(recorded: Recorded) {
  const level = Number.parseInt(recorded.securityLevel, 16)
  assert.ok(isSecurityLevel(level))
  return openHostSession({
    scp: recorded.scp === '02' ? { protocol: '02', i: 0x15 } : { protocol: '03', i: 0x70 },
    keys: keysOf(recorded),
    hostChallenge: parseCommandApdu(bytes(recorded.initUpdate)).data,
    initializeUpdateResponse: bytes(recorded.initUpdateResponse),
    securityLevel: level,
    ...(recorded.invokingAid === undefined ? {} : { aid: bytes(recorded.invokingAid) }),
  })
}

const keysOf = ({ keys }: Recorded) => ({ enc: bytes(keys.ENC), mac: bytes(keys.MAC), dek: bytes(keys.DEK) })

/** The card of a record whose AID is not known made its challenge at random, as far as we can tell: i=60. */
function openCard(recorded: Recorded) {
  const answer = parseInitializeUpdateResponse(bytes(recorded.initUpdateResponse))
  const i = recorded.invokingAid === undefined ? 0x60 : 0x70
  return initializeUpdate({
    scp: recorded.scp === '02' ? { protocol: '02', i: 0x15 } : { protocol: '03', i },
    keys: keysOf(recorded),
    keyVersion: answer.keyVersion,
    keyDiversificationData: answer.keyDiversificationData,
    sequenceCounter: answer.sequenceCounter,
    aid: bytes(recorded.invokingAid ?? 'A000000151000000'),
    hostChallenge: parseCommandApdu(bytes(recorded.initUpdate)).data,
    random: answer.cardChallenge,
  })
}

for (const { source, sessions } of [pysim, kaoh])
  describe(`a recorded session: ${source}`, () => {
    for (const recorded of sessions as readonly Recorded[]) {
      it(`${recorded.name}: the host sends the same`, () => {
        const { externalAuthenticate: opening, session } = openHost(recorded)
        assert.equal(hex(encodeCommandApdu(opening)), recorded.extAuth)
        if (recorded.session !== undefined) {
          assert.equal(hex(session.sEnc), recorded.session.SENC)
          assert.equal(hex(session.sMac), recorded.session.SMAC)
          assert.equal(hex(session.sRmac), recorded.session.SRMAC)
          if (recorded.session.SDEK !== undefined) assert.equal(hex(session.dek), recorded.session.SDEK)
        }
        let state = session
        for (const { plain, wrapped, response, responsePlain } of recorded.commands) {
          const sent = wrap(state, parseCommandApdu(bytes(plain)))
          assert.equal(hex(encodeCommandApdu(sent.apdu)), wrapped)
          state = laidBy(sent.next)
          if (response !== undefined) {
            const received = unwrap(state, parseResponseApdu(bytes(response)))
            assert.equal(hex(encodeResponseApdu(received.response)), responsePlain ?? response)
            state = received.next
          }
        }
      })

      it(`${recorded.name}: the card understands and answers the same`, () => {
        const { response: answer, next } = openCard(recorded)
        const { cardCryptogram } = parseInitializeUpdateResponse(answer)
        assert.deepEqual(
          cardCryptogram,
          parseInitializeUpdateResponse(bytes(recorded.initUpdateResponse)).cardCryptogram,
        )
        if (recorded.invokingAid !== undefined) assert.equal(hex(answer), recorded.initUpdateResponse)
        const opened = externalAuthenticate(next, parseCommandApdu(bytes(recorded.extAuth)))
        assert.ok(opened.accepted)
        let state: SecureChannelSession = opened.next
        for (const { plain, wrapped, response, responsePlain } of recorded.commands) {
          const heard = acceptCommand(state, parseCommandApdu(bytes(wrapped)))
          assert.ok(heard.accepted)
          assert.equal(hex(encodeCommandApdu(heard.apdu)), plain)
          state = laidBy(heard.next)
          if (response !== undefined) {
            const said = protectResponse(state, parseResponseApdu(bytes(responsePlain ?? response)))
            assert.equal(hex(encodeResponseApdu(said.response)), response)
            state = said.next
          }
        }
      })
    }
  })

/** A session survives being laid by between two messages. */
const laidBy = (session: SecureChannelSession) => {
  const restored = SessionState.decode(SessionState.encode(session))
  assert.deepEqual(restored, session)
  return restored
}
