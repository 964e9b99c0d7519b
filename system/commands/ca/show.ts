/** ./jpki ca show: one certificate, what is linked with it, and what the journal says of it. */
import { X509Certificate } from 'node:crypto'
import { describeCertificate } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { writeOne } from '../../ca/files.ts'
import { authorityOption, oneBySerialNumber } from '../../ca/find.ts'
import { certificateTable, kindOf, say, sayJson, stateOf, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, flag, value } from '../../command.ts'
import { columns } from '../../width.ts'

export default command({
  summary: 'show a certificate: its state, what is linked with it, its order, its history',
  description: 'With --out the certificate itself goes into a file, or with - to standard output and nothing else.',
  options: {
    authority: authorityOption,
    out: value('FILE', 'write the certificate there; - for standard output', z.string().min(1).optional()),
    der: flag('in DER instead of PEM'),
    ...reachOptions,
  },
  operands: ['SERIAL'],
  run: async ({ authority, out, der, json, ...reach }, [given = '']) => {
    const shown = await asOperator(reach, async (peer) => {
      const { authority: found, serialNumber } = await oneBySerialNumber(peer, given, authority)
      return call(peer, describeCertificate, { authority: found, serialNumber })
    })
    if (out !== undefined) await writeOne(out, { der: shown.der, label: 'CERTIFICATE' }, der)
    if (out === '-') return 0
    if (json) sayJson(shown)
    else say(picture(shown))
    return 0
  },
})

function picture({ certificate, der, linked, order, history }: ReplyOf<typeof describeCertificate>): readonly string[] {
  const { subject, issuer, publicKey } = new X509Certificate(der)
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey
  const size = asymmetricKeyDetails?.modulusLength ?? asymmetricKeyDetails?.namedCurve ?? ''
  const { revocation } = certificate
  return [
    ...columns([
      ['serial number', certificate.serialNumber],
      ['kind', `${kindOf(certificate)}, issued by ${certificate.authority}-${certificate.generation}`],
      ['state', stateOf(certificate)],
      ...(revocation === undefined ? [] : [['revoked', `${timeOf(revocation.at)}, ${revocation.reason}`]]),
      ['valid', `${timeOf(certificate.notBefore)} to ${timeOf(certificate.notAfter)}`],
      ...(certificate.successor === undefined ? [] : [['successor', certificate.successor]]),
      ['subject', oneLine(subject)],
      ['issuer', oneLine(issuer)],
      ['key', `${asymmetricKeyType} ${size}, ${certificate.keyIdentifier}`],
      ['municipality', certificate.partition ?? ''],
      ['person', certificate.person],
      ...(order === undefined ? [] : [['order', `${order.orderId}, SIM ${order.iccid}, ${endOf(order)}`]]),
    ]),
    ...titled('Linked with it', linked.length === 0 ? [] : certificateTable(linked)),
    ...titled(
      'History',
      columns(
        history.map(({ at, actor, act, detail, request = '' }) => [
          timeOf(at),
          actor,
          act,
          detail === '{}' ? '' : detail,
          request,
        ]),
      ),
    ),
  ]
}

const oneLine = (name: string): string => name.split('\n').join(', ')

const endOf = ({ provenAt, endedAt }: { provenAt?: Date | undefined; endedAt?: Date | undefined }): string =>
  endedAt !== undefined ? `ended ${timeOf(endedAt)}` : provenAt !== undefined ? `delivered ${timeOf(provenAt)}` : 'open'

const titled = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
