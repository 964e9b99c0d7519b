/** Letters as they arrive: RFC 5322 and MIME as an independent server and parser read them, every kind in both languages. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type Mailing, mailBy } from '@mobile-jpki/sp-tsm/mail'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

const taken: string[] = []
const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData: (stream, _session, done) => {
    const chunks: Buffer[] = []
    stream
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        taken.push(Buffer.concat(chunks).toString('latin1'))
        done()
      })
  },
})
let port = 0
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
after(() => new Promise<void>((resolve) => server.close(() => resolve())))

const at = '2026-04-14T15:00:00.000Z'
const contents: { readonly [K in Mailing['kind']]: Extract<Mailing, { kind: K }>['content'] } = {
  accessCode: { expires: at },
  completed: {},
  failed: { code: 'sim.attestation-invalid' },
  expired: {},
  cancelled: { by: 'operator' },
  expiring: { days: 30, notAfter: at },
  pinReset: {},
  stopped: { at },
  resumed: { at },
  ended: { at },
  deleted: { at },
  bound: { model: 'Phone <2> & "more"' },
  bindAgain: { model: 'Phone 2' },
  applyAgain: { because: 'cardEnded' },
  numberChanged: { lastDigits: '5678' },
}
const code = '7QXK-1M4V-9ZTD-C0HR-5'
const mailingOf = (kind: Mailing['kind'], language: 'ja' | 'en'): Mailing =>
  ({ id: randomUUID(), to: 'hanako@mail.example', language, kind, content: contents[kind], code }) as Mailing
const mail = () => mailBy({ host: '127.0.0.1', port, from: 'JPKI <no-reply@sp-tsm.example>' })
const sent = async (mailing: Mailing): Promise<{ raw: string; parsed: ParsedMail }> => {
  await mail().send(mailing)
  const raw = taken.at(-1) ?? ''
  return { raw, parsed: await simpleParser(Buffer.from(raw, 'latin1')) }
}

describe('a letter', () => {
  for (const kind of Object.keys(contents) as Mailing['kind'][])
    for (const language of ['ja', 'en'] as const)
      it(`of the kind ${kind} is a message in text and HTML, in ${language}`, async () => {
        const mailing = mailingOf(kind, language)
        const { raw, parsed } = await sent(mailing)
        const { subject = '', text = '', html, headers } = parsed
        assert.equal(parsed.messageId, `<${mailing.id}@sp-tsm.example>`)
        assert.match(raw, /^Content-Type: multipart\/alternative;/m)
        assert.deepEqual([headers.get('content-language'), headers.get('auto-submitted')], [language, 'auto-generated'])
        assert.ok(parsed.date)
        assert.equal(/[ぁ-ん]/.test(subject + text), language === 'ja')
        assert.ok(typeof html === 'string' && html.includes(`lang="${language}"`))
        // RFC 5322 §2.1.1: no line of more than 998 octets; RFC 5321 §2.3.8: nothing but CRLF ends one.
        for (const line of raw.split('\r\n')) assert.ok(line.length <= 998 && !/[\r\n]/.test(line))
        assert.equal(text.includes(code), kind === 'accessCode')
      })
  it('says the same in HTML as in text, and nothing in it is taken for HTML', async () => {
    const { parsed } = await sent(mailingOf('bound', 'en'))
    const { text = '', html } = parsed
    assert.ok(text.includes('Phone: Phone <2> & "more"'))
    assert.ok(typeof html === 'string' && html.includes('Phone &lt;2&gt; &amp; &quot;more&quot;'))
  })
  it('with an access code says until when, in the time of Japan', async () => {
    const { parsed: ja } = await sent(mailingOf('accessCode', 'ja'))
    assert.match(ja.text ?? '', /アクセスコード: 7QXK-1M4V-9ZTD-C0HR-5\n有効期限: 2026年4月15日 0:00（日本時間）/)
    const { parsed: en } = await sent(mailingOf('accessCode', 'en'))
    assert.match(en.text ?? '', /Access code: 7QXK-1M4V-9ZTD-C0HR-5\nValid until: 15 April 2026 at 00:00 \(Japan\)/)
  })
  it('of a failure says its code, and what to do', async () => {
    const { parsed } = await sent(mailingOf('failed', 'en'))
    assert.match(
      parsed.text ?? '',
      /Reason: sim\.attestation-invalid\n\nThe SIM could not prove what it is\. Use a SIM of/,
    )
  })
  it('that is sent again is known as the same', async () => {
    const mailing = mailingOf('completed', 'ja')
    const [one, two] = [await sent(mailing), await sent(mailing)]
    assert.equal(one.parsed.messageId, two.parsed.messageId)
  })
})
