/** What a mail server answers: taken, refused for good, or perhaps later. RFC 5321 §4.2.1. The letters themselves: system/test/letters.test.ts. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, it } from 'node:test'
import type { Mailing } from '../../domain/world.ts'
import { type MailServer, openMailServer } from '../../test/mail-server.ts'
import { refusedWith } from '../../test/surroundings.ts'
import { mailBy } from '../smtp.ts'

let server: MailServer
before(async () => {
  server = await openMailServer()
})
after(() => server.close())

const mailing = (): Mailing => ({
  id: randomUUID(),
  to: 'hanako@mail.example',
  language: 'ja',
  kind: 'completed',
  content: {},
})
const at = (port: number) => mailBy({ host: '127.0.0.1', port, from: 'JPKI <no-reply@sp-tsm.example>' })

it('a letter is taken, refused for good by 5yz, and may be taken later after 4yz or when nobody answers', async () => {
  await at(server.port).send(mailing())
  assert.equal(server.mails.length, 1)
  server.rcpt = '550 no such user'
  await assert.rejects(at(server.port).send(mailing()), refusedWith('request.malformed'))
  server.rcpt = '451 try later'
  await assert.rejects(at(server.port).send(mailing()), refusedWith('peer.unreachable'))
  await assert.rejects(at(1).send(mailing()), refusedWith('peer.unreachable'))
})
