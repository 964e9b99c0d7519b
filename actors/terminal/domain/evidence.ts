/** Is the proof of a tap worth anything? For the terminal itself, and for the service behind it that gets the proof later. */
import { createHash, verify, X509Certificate } from 'node:crypto'
import {
  flawOfTerminalCertificate,
  openTerminalList,
  pinLessToSign,
  type TerminalAuthority,
  type TerminalFlaw,
  terminalCertificateIn,
  terminalToSign,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { type GoodHolder, type Holder, type Jpki, refusalOfLogin } from '@mobile-jpki/relying-party'
import type { Evidence } from '../contract.ts'

/** What is known of terminals: the CA that cards trust, and its list of those that are revoked. */
export interface TerminalTrust {
  readonly authorities: readonly TerminalAuthority[]
  /** The latest list, as it was published. Refuses where it cannot be had. */
  list(): Promise<Uint8Array>
}

export interface JudgeWorld {
  /** The library of relying parties: is a certificate good now? */
  readonly library: Pick<Jpki, 'judge'>
  /** Without it, no proof without PIN counts. */
  readonly terminals?: TerminalTrust
  readonly now: () => Date
}

export interface Judged {
  /** Of the person's certificate; another one after each renewal. */
  readonly serialNumber: string
  readonly holder: Holder
  /** Who said that the certificate is good, and when. */
  readonly status: GoodHolder['status']
}

/** Answers whose proof it is; every other outcome is a Refusal. Whether nonce and text are those that were asked is the caller's to compare. */
export type Judge = (evidence: Evidence) => Promise<Judged>

export const judgeOf =
  ({ library, terminals, now }: JudgeWorld): Judge =>
  async (evidence) => {
    const certificate = certificateIn(evidence.certificate)
    const statement = terminalToSign(evidence.statement)
    const signed = evidence.way === 'pin' ? statement : await withoutPin(evidence, sha256(statement), terminals, now())
    const key = certificate.publicKey
    if (key.asymmetricKeyType !== 'rsa' || !verify('sha256', signed, key, evidence.signature))
      throw new Refusal('possession.invalid', 'The signature is not by the key of the certificate.')
    const verdict = await library.judge(evidence.certificate)
    if (verdict.state !== 'good') throw refusalOfLogin(verdict)
    const { holder, status } = verdict
    return { serialNumber: holder.serialNumber, holder, status }
  }

const sha256 = (octets: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(octets).digest())

function certificateIn(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (error) {
    throw new Refusal('request.malformed', 'certificate: not in its format', { cause: error })
  }
}

const flaws = {
  format: 'The terminal’s certificate is not in its format.',
  authority: 'The terminal’s certificate is not by the terminal CA.',
  validity: 'The terminal’s certificate does not hold today.',
  role: 'The terminal’s certificate is not for PIN-less use.',
} as const satisfies Record<TerminalFlaw, string>

/** What the card signed, where the terminal that it names is to be believed. */
async function withoutPin(
  { terminalCertificate, statement }: Evidence,
  digest: Uint8Array,
  terminals: TerminalTrust | undefined,
  at: Date,
): Promise<Uint8Array> {
  if (terminals === undefined) throw new Refusal('not-supported', 'Nothing is believed without PIN here.')
  if (terminalCertificate === undefined) throw new Refusal('terminal.untrusted', flaws.format)
  const flaw = await flawOfTerminalCertificate(terminalCertificate, terminals.authorities, at)
  if (flaw !== undefined) throw new Refusal('terminal.untrusted', flaws[flaw])
  const named = terminalCertificateIn(terminalCertificate)
  if (named?.institution !== statement.institution || named.terminalId !== statement.terminalId)
    throw new Refusal('terminal.untrusted', 'The statement names another terminal than the certificate.')
  const list = await openTerminalList(await terminals.list(), terminals.authorities, at)
  if (typeof list === 'string')
    throw new Refusal('certificate.status-unknown', `The list of revoked terminals does not count (${list}).`, {
      whose: 'jpki-system',
    })
  const revoked = list.revoked.find(({ terminalId }) => terminalId === statement.terminalId)
  if (revoked !== undefined)
    throw new Refusal('terminal.revoked', `The terminal was revoked at ${revoked.at.toISOString()}.`)
  return pinLessToSign(sha256(terminalCertificate), digest)
}
