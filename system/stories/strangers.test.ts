/** The phone and its certificate before strangers: OpenSC as it is packaged, openssl and certtool, none of which knows us. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type CertificateView, certificateInSim, pemOf } from '@mobile-jpki/jpki-ui/domain'
import { attach } from '@mobile-jpki/vpcd'
import { type Island, islandTools, openIsland, openScOn, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { needs } from '../../test/needs.ts'
import { download } from '../demo/download.ts'
import { hanako } from '../town/people.ts'
import { jpki, run } from './stage/process.ts'
import { cardIn, openTown, personAt, pin, revoke, rowsOf, type StoryTown } from './stage/town.ts'

let town: StoryTown
let phone: CertificateView
const file = (name: string) => join(town.data, 'strangers', name)
const trust = (name: string) => file(`trust/${name}`)

before(async () => {
  town = await openTown()
  await mkdir(file(''), { recursive: true })
  await download(personAt(town))
  const found = await certificateInSim(town.device)
  assert.ok(found)
  phone = found
  await writeFile(file('phone.pem'), pemOf(found.der))
})
after(() => town[Symbol.asyncDispose]())

/** Not waited for in one piece: what the stranger asks may be answered by this very process. */
async function ask(program: string, ...args: readonly string[]) {
  const { ended, said } = run(program, args)
  const { status } = await ended
  return { status, text: `${said.out}${said.err}` }
}

async function exportTrust() {
  const { ended, said } = jpki('trust', 'export', file('trust'), '--data', town.data)
  assert.equal((await ended).status, 0, said.err)
}

const askCrl = (certificate = file('phone.pem')) =>
  ask(
    'openssl',
    ...['verify', '-crl_check', '-CAfile', trust('auth-ca.pem'), '-CRLfile', trust('auth.crl.pem'), certificate],
  )

async function askOcsp() {
  const url = (await readFile(trust('auth.ocsp-url'), 'utf8')).trim()
  const issuer = ['-issuer', trust('auth-ca.pem'), '-CAfile', trust('auth-ca.pem')]
  return ask('openssl', 'ocsp', ...issuer, '-cert', file('phone.pem'), '-url', url)
}

describe('the phone in a PC/SC reader', {
  skip: needs(...islandTools, 'pkcs15-tool', 'pkcs11-tool', 'openssl') || refusesIslands(),
  timeout: 120_000,
}, () => {
  let island: Island
  before(async () => {
    island = await openIsland()
  })
  after(() => island.close())

  /** Unmodified OpenSC in its default configuration: finds the card, reads it, logs in, signs; openssl verifies. */
  async function isAcceptedByOpenSc() {
    await island.cardPresent()
    const openSc = openScOn(island)
    const dump = await openSc.dump()
    assert.match(dump, /PKCS#15 Card \[JPKI/)
    assert.match(dump, /Private RSA Key \[User Authentication Key\]/)
    assert.match(dump, /X\.509 Certificate \[User Authentication Certificate\]/)
    const certificate = await openSc.readCertificate('auth')
    assert.equal(certificate.trim(), pemOf(phone.der).trim(), 'the certificate is that of the download')
    for (const message of ['ログインの要求', 'もう一つ']) {
      const signature = await openSc.sign('auth', pin, message)
      assert.ok(await openSc.isSignatureOf(certificate, message, signature))
      assert.ok(!(await openSc.isSignatureOf(certificate, `${message}?`, signature)))
    }
  }

  /** The reader's socket, as a port of this machine. */
  async function readerPort() {
    const server = createServer((card) => {
      const reader = connect(island.reader)
      card.pipe(reader).pipe(card)
      card.on('error', () => reader.destroy()).on('close', () => reader.destroy())
      reader.on('error', () => card.destroy()).on('close', () => card.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
  }

  async function withAttached(work: () => Promise<void>) {
    const port = await readerPort()
    const attached = jpki('card', 'attach', '--card', 'phone', '--data', town.data, '--vpcd', port.address)
    try {
      assert.ok(await attached.line((line) => line.startsWith('The card is in ')), attached.said.err)
      await work()
    } finally {
      assert.equal((await attached.end('SIGINT')).status, 0, attached.said.err)
      port.close()
    }
    assert.match(attached.said.out, /The card is out of the reader/)
  }

  it('is a card to OpenSC, which reads, logs in and signs', async () => {
    const attachment = attach(cardIn(town, 'SIM1'), { path: island.reader })
    try {
      await isAcceptedByOpenSc()
    } finally {
      await attachment.detach()
    }
  })

  it('is attached by ./jpki card attach while its town runs', () => withAttached(isAcceptedByOpenSc))

  it('is attached by ./jpki card attach from what a stopped town left, by one process at a time', async () => {
    await town.stop()
    try {
      await withAttached(async () => {
        await isAcceptedByOpenSc()
        const second = jpki('card', 'attach', '--card', 'phone', '--data', town.data, '--vpcd', '127.0.0.1:9')
        assert.equal((await second.ended).status, 1)
        assert.match(second.said.err, /^error store\.busy: /)
      })
    } finally {
      await town.start()
    }
  })

  it('counts wrong PINs of OpenSC, and a right one sets the count back', async () => {
    const attachment = attach(cardIn(town, 'SIM1'), { path: island.reader })
    try {
      await island.cardPresent()
      await assert.rejects(openScOn(island).sign('auth', '0000', 'x'))
      assert.equal((await certificateInSim(town.device))?.triesLeft, 2)
      await openScOn(island).sign('auth', pin, 'x')
      assert.equal((await certificateInSim(town.device))?.triesLeft, 3)
    } finally {
      await attachment.detach()
    }
  })
})

describe('what ./jpki trust export writes', { skip: needs('openssl', 'certtool') }, () => {
  before(exportTrust)

  it('lets openssl accept the application, whose content is the form', async () => {
    const [{ application, form } = {}] = rowsOf(town, 'sp-tsm', 'SELECT application, form FROM sp_order')
    assert.ok(application instanceof Uint8Array)
    await writeFile(file('application.der'), application)
    const verify = ['cms', '-verify', '-inform', 'DER', '-in', file('application.der'), '-purpose', 'any']
    const accepted = await ask('openssl', ...verify, '-CAfile', trust('sign-ca.pem'), '-out', file('form.json'))
    assert.equal(accepted.status, 0, accepted.text)
    const signed = JSON.parse(await readFile(file('form.json'), 'utf8'))
    assert.deepEqual(signed, JSON.parse(String(form)))
    assert.deepEqual([signed.iccid, signed.mail], [hanako.sim.iccid, hanako.mail])

    const other = await ask('openssl', ...verify, '-CAfile', trust('auth-ca.pem'), '-out', file('form.json'))
    assert.notEqual(other.status, 0, 'the auth CA has nothing to do with it')
    const changed = application.slice()
    const at = Buffer.from(changed).indexOf(hanako.sim.iccid)
    changed[at] = (changed[at] ?? 0) ^ 1
    await writeFile(file('application.der'), changed)
    assert.notEqual((await ask('openssl', ...verify, '-CAfile', trust('sign-ca.pem'))).status, 0)
  })

  it('lets certtool read certificate and list, and verify the certificate', async () => {
    const read = await ask('certtool', '--certificate-info', '--infile', file('phone.pem'))
    assert.equal(read.status, 0, read.text)
    assert.match(read.text, /Digital signature/)
    const crl = await ask('certtool', '--crl-info', '--infile', trust('auth.crl.pem'))
    assert.equal(crl.status, 0, crl.text)
    const crlVerified = [
      '--verify-crl',
      '--load-ca-certificate',
      trust('auth-ca.pem'),
      '--infile',
      trust('auth.crl.pem'),
    ]
    const list = await ask('certtool', ...crlVerified)
    assert.match(list.text, /Verified\.|verified/i)
    assert.equal(list.status, 0, list.text)
    const path = ['--verify', '--load-ca-certificate', trust('auth-ca.pem'), '--infile', file('phone.pem')]
    const verified = await ask('certtool', ...path)
    assert.equal(verified.status, 0, verified.text)
  })

  it('lets openssl accept the phone by list and by OCSP until it is revoked, and refuse it by both from then on', async () => {
    const byList = await askCrl()
    assert.equal(byList.status, 0, byList.text)
    const byOcsp = await askOcsp()
    assert.match(byOcsp.text, /phone\.pem: good[\s\S]*Response verify OK/)

    await revoke(town, 'auth', phone.serialNumber, 'keyCompromise')

    const revokedByOcsp = await askOcsp()
    assert.match(revokedByOcsp.text, /phone\.pem: revoked[\s\S]*Reason: keyCompromise[\s\S]*Response verify OK/)
    await exportTrust()
    const revokedByList = await askCrl()
    assert.notEqual(revokedByList.status, 0)
    assert.match(revokedByList.text, /certificate revoked/)
    const { text } = await ask('certtool', '--crl-info', '--infile', trust('auth.crl.pem'))
    assert.match(text.toLowerCase(), new RegExp(phone.serialNumber))
  })
})
