/** What an operator finds in the register: certificates by what is known of them, and one in full. */
import type { Entry } from '@mobile-jpki/journal'
import { Refusal } from '@mobile-jpki/refusal'
import type { ReplyOf, RequestOf } from '@mobile-jpki/service/endpoint'
import { certificateNamed } from '../domain/acts.ts'
import { type CertificateState, stateAt } from '../domain/life-cycle.ts'
import type { AuthorityName, CertificateKind, CertificateRecord, World } from '../domain/world.ts'
import type { CertificateSummary, describeCertificate, findCertificates } from './contract.ts'

/** The register's key. */
export type CertificatePlace = Pick<CertificateRecord, 'authority' | 'serialNumber'>

export interface Sought {
  readonly authority?: AuthorityName | undefined
  readonly serialNumber?: string | undefined
  readonly keyIdentifier?: string | undefined
  readonly person?: string | undefined
  readonly order?: string | undefined
  readonly state?: CertificateState | undefined
  readonly kind?: Exclude<CertificateKind, 'responder'> | undefined
}

export interface Search {
  /** By key, from the one that comes after `after`; none of responders. `next` is where the following page goes on, when there is one. */
  page(
    sought: Sought,
    page: { readonly after?: CertificatePlace | undefined; readonly atMost: number; readonly at: Date },
  ): Promise<{ readonly found: readonly CertificateRecord[]; readonly next?: CertificatePlace }>
}

const summaryOf = (record: CertificateRecord, at: Date): CertificateSummary => ({
  authority: record.authority,
  serialNumber: record.serialNumber,
  generation: record.generation,
  kind: record.kind as CertificateSummary['kind'],
  state: stateAt(record, at),
  ...(record.partition !== undefined && { partition: record.partition }),
  person: record.personId ?? '',
  keyIdentifier: record.keyIdentifier,
  notBefore: record.notBefore,
  notAfter: record.notAfter,
  ...(record.revocation !== undefined && { revocation: record.revocation }),
  ...(record.successor !== undefined && { successor: record.successor }),
})

/** What the journal says of one thing, the oldest first. */
export interface History {
  of(subject: string, atMost: number): Promise<readonly Entry[]>
}

const longestHistory = 200

export async function find(
  { search, now }: { readonly search: Search } & Pick<World, 'now'>,
  { after, atMost, ...sought }: RequestOf<typeof findCertificates>,
): Promise<ReplyOf<typeof findCertificates>> {
  const at = now()
  const { found, next } = await search.page(sought, {
    after: after === undefined ? undefined : placeIn(after),
    atMost,
    at,
  })
  return { certificates: found.map((one) => summaryOf(one, at)), ...(next && { next: certificateNamed(next) }) }
}

function placeIn(text: string): CertificatePlace {
  const [authority = '', serialNumber = ''] = text.split('/')
  return { authority: authority as AuthorityName, serialNumber }
}

export async function describe(
  { register, history, now }: { readonly history: History } & Pick<World, 'register' | 'now'>,
  { authority, serialNumber }: RequestOf<typeof describeCertificate>,
): Promise<ReplyOf<typeof describeCertificate>> {
  const at = now()
  const certificate = await register.certificates.find(authority, serialNumber)
  if (certificate?.personId === undefined)
    throw new Refusal('reference.not-found', `There is no ${authority} certificate by that serial number.`)
  const linked = await register.certificates.ofPerson(certificate.personId)
  const order = certificate.kind === 'phoneAuth' ? await register.orders.findByCertificate(serialNumber) : undefined
  return {
    certificate: summaryOf(certificate, at),
    der: certificate.der,
    linked: linked.filter((one) => one.serialNumber !== serialNumber).map((one) => summaryOf(one, at)),
    ...(order && {
      order: {
        orderId: order.orderId,
        iccid: order.iccid,
        ...(order.provenAt && { provenAt: order.provenAt }),
        ...(order.endedAt && { endedAt: order.endedAt }),
      },
    }),
    history: (await history.of(certificateNamed(certificate), longestHistory)).map(
      ({ at: when, actor, request, act, detail }) => ({
        at: new Date(when),
        actor,
        ...(request !== null && { request }),
        act,
        detail,
      }),
    ),
  }
}
