/**
 * A terminal of the town: its key in a folder of its own, enrolled with the JPKI system by the operator, ready to read.
 *
 *     await using till = await openTerminal(around, { institution: 'mihon-pay', terminalId: 'till-1', role: 'pinLess' })
 *     await read(till.terminal, card, { text: '¥1,280', way: 'pin-less' })
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { TerminalRole } from '@mobile-jpki/jpki'
import { describeTerminals, enrolTerminal } from '@mobile-jpki/jpki-system/contract'
import { openKeyring, type ServiceCertificates } from '@mobile-jpki/keyring'
import type { Signer } from '@mobile-jpki/pkix/crypto'
import { jpki } from '@mobile-jpki/relying-party'
import { call, connectTo } from '@mobile-jpki/service'
import { judgeOf, publishedTrust, type Terminal, terminalKey } from '@mobile-jpki/terminal'
import type { Trace } from '@mobile-jpki/trace'
import type { Layout } from '../town/layout.ts'

export interface WantedTerminal {
  readonly institution: string
  readonly terminalId: string
  readonly role: TerminalRole
}

/** What a starter of the town's services has as well. */
export interface AroundTerminal {
  readonly layout: Layout
  readonly places: { readonly jpkiSystem: string; readonly publication: string }
  /** CA certificates (DER) of the JPKI system. */
  readonly authorities: { readonly auth: readonly Uint8Array[] }
  readonly identityOf: ServiceCertificates['identityOf']
  readonly trace: Trace
  readonly now: () => Date
}

export interface OpenTerminal extends AsyncDisposable {
  readonly terminal: Terminal
  close(): Promise<void>
}

/** Enrolled already, it is so once more: nothing changes. */
export async function openTerminal(around: AroundTerminal, wanted: WantedTerminal): Promise<OpenTerminal> {
  await enrol(around, wanted)
  return enrolledTerminal(around, wanted)
}

/** The terminal's own key, made when it is first asked for. */
export const signerOf = async (layout: Layout, terminalId: string): Promise<Signer> =>
  (await openKeyring(join(layout.of('terminals'), terminalId))).signer('terminal', 'p-256')

export const pointOf = (signer: Pick<Signer, 'publicKey'>): Uint8Array => signer.publicKey.slice(-65)

async function enrol({ layout, places, identityOf, trace }: AroundTerminal, wanted: WantedTerminal): Promise<void> {
  const tls = await identityOf('operator')
  const operator = connectTo({ url: places.jpkiSystem, actor: 'jpki-system', as: 'operator', tls, trace })
  try {
    await call(operator, enrolTerminal, { ...wanted, publicKey: pointOf(await signerOf(layout, wanted.terminalId)) })
  } finally {
    await operator.close()
  }
}

/** Of a terminal that was enrolled before. */
export async function enrolledTerminal(
  { layout, places, authorities, identityOf, trace, now }: AroundTerminal,
  { institution, terminalId }: Pick<WantedTerminal, 'institution' | 'terminalId'>,
): Promise<OpenTerminal> {
  const tls = await identityOf('terminal')
  const jpkiSystem = connectTo({ url: places.jpkiSystem, actor: 'jpki-system', as: 'terminal', tls, trace })
  const publication = { url: places.publication, actor: 'jpki-system', as: 'terminal', trace } as const
  try {
    const { caIdentifier, publicKey: point } = await call(publication, describeTerminals, {})
    const library = jpki({
      origin: new URL(places.publication).origin,
      name: institution,
      appUrl: places.publication,
      anchors: authorities.auth,
      actor: 'terminal',
      trace,
      now,
    })
    const terminals = publishedTrust(publication, [{ caIdentifier, point }], now)
    const key = terminalKey({ terminalId, signer: await signerOf(layout, terminalId), jpkiSystem, now })
    const close = () => jpkiSystem.close()
    return {
      terminal: {
        institution,
        terminalId,
        judge: judgeOf({ library, terminals, now }),
        random: (length) => new Uint8Array(randomBytes(length)),
        key,
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await jpkiSystem.close()
    throw error
  }
}
