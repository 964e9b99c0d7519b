/**
 * No private key, PIN, password or access code in any database file, log or trace: known ones are planted, and every octet that
 * the town writes is searched for them, as it stands and in whatever can be decoded from it. Only the key files of keyrings and
 * chips are passed over, and the mailbox, which is the person's.
 */
import assert from 'node:assert/strict'
import { createHash, createPrivateKey } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { cardClient, parseAccessCode, RsaCrt } from '@mobile-jpki/jpki'
import { applicationState, apply, begin, certificateInSim, deviceAt, follow } from '@mobile-jpki/jpki-ui/domain'
import { parseCertificate } from '@mobile-jpki/pkix'
import { useAsCard, useOverNet } from '../demo/use.ts'
import { memoryOf, openSimIn } from '../town/cards/sims.ts'
import { freePortBase } from '../town/layout.ts'
import { hanako } from '../town/people.ts'
import { jpki, jpkiUp, type TownProcess } from './stage/process.ts'
import { found, isText, utf16 } from './stage/search.ts'
import { cardIn, codeMailsIn, keysOfSim, temporaryFolder } from './stage/town.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Nothing innocent looks like these; a PIN of four digits must stand alone to be one. */
const planted = {
  PIN: '4649',
  'wrong PIN': '7391',
  password: 'kaki-no-tane-2016',
  'wrong password': 'kaki-no-mi-2016',
  'sign password': hanako.card.signPassword,
}
const secrets = new Map<string, Uint8Array>(Object.entries(planted).map(([name, text]) => [name, utf8(text)]))

const clean = new Set<string>()
const passedOver = /(?:\/master\.key|\.chip-key|^mailbox\/.*\.eml)$/

async function foundIn(directory: string, sought: ReadonlyMap<string, Uint8Array> = secrets) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const all: string[] = []
  for (const file of files) {
    const name = relative(directory, file)
    if (passedOver.test(name)) continue
    const octets = await readFile(file)
    // A file that did not change from one stage to the next is searched once for the same secrets.
    const mark = `${createHash('sha256').update(octets).digest('hex')} ${sought.size}`
    if (clean.has(mark)) continue
    const here = found(octets, sought)
    if (here.size === 0) clean.add(mark)
    for (const secret of here) all.push(`${secret} in ${name}`)
  }
  assert.ok(files.length > 20)
  return all
}

let folder: string
let town: TownProcess
const at = (name: string) => join(folder, name)

before(async () => {
  folder = await temporaryFolder()
  town = await jpkiUp(at('data'), '--port-base', String(await freePortBase()))
})
after(async () => {
  await town.end('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const now = () => new Date()

async function latestCode(): Promise<string> {
  const [code = ''] = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-./.exec((await codeMailsIn(town)).at(-1)?.text ?? '') ?? []
  return code
}

/** ② to ⑱ with a wrong word of each kind on the way; the folder as it was before the code was typed, and while the PIN is asked. */
async function downloadWithErrors() {
  const device = deviceAt(town.places.phone)
  const { PIN: pin, password, 'sign password': signPassword } = planted
  const applicant = { signPassword, mail: hanako.mail, password }
  const { orderId } = await apply(device, applicant, { now, newId: () => crypto.randomUUID() })
  while ((await applicationState(device, orderId)).state !== 'codeSent') await setTimeout(50)
  await cp(at('data'), at('before the code'), { recursive: true })
  const accessCode = await latestCode()
  secrets.set('access code', utf8(accessCode))
  secrets.set('access code without hyphens', utf8(accessCode.replaceAll('-', '')))
  secrets.set('octets of the access code', parseAccessCode(accessCode))
  await assert.rejects(begin(device, { accessCode, password: planted['wrong password'] }), { code: 'password.wrong' })
  const begun = await begin(device, { accessCode, password })
  secrets.set('session', utf8(begun.session))
  await follow(device, begun, {
    choosePin: async () => {
      await cp(at('data'), at('before the PIN'), { recursive: true })
      return pin
    },
    progress: () => undefined,
    pause: setTimeout,
    now,
  })
  const sim = cardIn(town, 'SIM1')
  await sim.reset()
  await cardClient.selectJpki(sim)
  assert.equal((await cardClient.verifyPin(sim, 'auth', planted['wrong PIN'])).outcome, 'wrong')
  await useAsCard(device, pin)
  await useOverNet(device, town.places.relyingParty, pin)
  return (await certificateInSim(device))?.der ?? new Uint8Array()
}

const unsigned = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`)
const octetsOf = (value: bigint): Uint8Array => Uint8Array.fromHex(value.toString(16).padStart(512, '0'))

function inverse(a: bigint, modulus: bigint): bigint {
  let [r, next, x, y] = [modulus, a % modulus, 0n, 1n]
  while (next !== 0n) {
    const quotient = r / next
    ;[r, next, x, y] = [next, r - quotient * next, y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

/** From the memories of the cards, where they belong. */
async function plantKeys(certificate: Uint8Array) {
  const sim = await openSimIn(at('data/cards'))
  const [name = ''] = sim.nvm.keys().filter((key) => key.endsWith('privateKey'))
  const key = RsaCrt.decode(sim.nvm.get(name) ?? new Uint8Array())
  sim.close()
  const [p, q] = [unsigned(key.p), unsigned(key.q)]
  const modulus = octetsOf(p * q).toHex()
  assert.ok(parseCertificate(certificate).publicKey.toHex().includes(modulus), 'it is the key of the certificate')
  for (const [part, octets] of Object.entries(key)) secrets.set(`${part} of the phone's key`, octets)
  secrets.set("private exponent of the phone's key", octetsOf(inverse(65537n, (p - 1n) * (q - 1n))))

  const card = await memoryOf(at(`data/cards/${hanako.id}`), hanako.card.serialNumber)
  for (const use of ['sign', 'auth']) {
    const pkcs8 = Buffer.from(card.get(`${use}.privateKey`) ?? new Uint8Array())
    const jwk = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
    for (const part of ['p', 'q', 'd'] as const)
      secrets.set(`${part} of the card's ${use} key`, Uint8Array.from(Buffer.from(jwk[part] ?? '', 'base64url')))
  }
  card.close()
}

describe('secrets', () => {
  it('stand nowhere while a download is under way, nor after it, nor in what was said', async () => {
    const demo = jpki('demo', '--data', town.data, '--pin', planted.PIN)
    assert.equal((await demo.ended).status, 0, demo.said.err)
    secrets.set("the demo's access code", utf8(await latestCode()))
    secrets.set("the demo's password", utf8('demo-password-2016'))
    const certificate = await downloadWithErrors()
    const { enc, mac, dek } = await keysOfSim(town)
    for (const [name, key] of Object.entries({ enc, mac, dek })) secrets.set(`${name} of the SIM`, key)
    assert.deepEqual(await town.end('SIGINT'), { status: 0, signal: null })
    await plantKeys(certificate)

    assert.ok(secrets.size > 20)
    for (const stage of ['before the code', 'before the PIN', 'data'])
      assert.deepEqual(await foundIn(at(stage)), [], stage)
    for (const { said } of [town, demo]) assert.deepEqual([...found(utf8(`${said.out}${said.err}`), secrets)], [])
  })

  it("stand in the person's mailbox: the codes, and nothing else", async () => {
    const mails = await readdir(at('data/mailbox'))
    const octets = await Promise.all(mails.map((name) => readFile(at(`data/mailbox/${name}`))))
    assert.deepEqual([...found(Buffer.concat(octets), secrets)].sort(), ['access code', "the demo's access code"])
  })

  it('would have been found in any form', async () => {
    const forms: Readonly<Record<string, (secret: Uint8Array) => Uint8Array>> = {
      raw: (secret) => secret,
      hexadecimal: (secret) => utf8(`{"raw":"0020008004${secret.toHex()}"}`),
      'upper-case hexadecimal': (secret) => utf8(`00200080 ${secret.toHex().toUpperCase()}`),
      'hexadecimal with spaces': (secret) =>
        utf8(`data ${Buffer.from(secret).toString('hex').match(/../g)?.join(' ')}`),
      'base 64': (secret) => utf8(`{"command":"${secret.toBase64()}"}`),
      'base 64 behind one octet': (secret) => utf8(Uint8Array.of(4, ...secret).toBase64()),
      'base 64 behind two octets': (secret) => utf8(Uint8Array.of(0x80, 4, ...secret).toBase64()),
      'base 64 of JSON': (secret) => utf8(utf8(JSON.stringify([...secret])).toBase64()),
      'UTF-16': (secret) => utf16(secret, 'le'),
      'UTF-16 with the high octet first': (secret) => utf16(secret, 'be'),
      'a list of numbers': (secret) => utf8(`{"octets":[0,32,${[...secret].join(',')}]}`),
      'JSON of octets': (secret) => utf8(`{"pin":${JSON.stringify(secret)}}`),
    }
    await mkdir(at('control'))
    for (const [name, secret] of secrets)
      for (const [form, write] of Object.entries(forms)) {
        if (form.startsWith('UTF-16') && !isText(secret)) continue
        const file = join(at('control'), 'file')
        await writeFile(file, Buffer.concat([Buffer.of(0xff, 0x00), write(secret), Buffer.of(0x00, 0xff)]))
        assert.ok(found(await readFile(file), new Map([[name, secret]])).has(name), `${name} as ${form}`)
      }
  })

  it('stand in no file as keys of others either: nothing but the key files holds a private key', async () => {
    const headers = new Map([
      ['PEM', utf8('PRIVATE KEY')],
      ['PKCS #8 of RSA', Uint8Array.fromHex('020100300d06092a864886f70d0101010500')],
      ['PKCS #8 of a curve', Uint8Array.fromHex('020100301306072a8648ce3d0201')],
      ['PKCS #1 version and exponent', Uint8Array.fromHex('020301000102820100')],
    ])
    assert.deepEqual(await foundIn(at('data'), headers), [])
  })
})
