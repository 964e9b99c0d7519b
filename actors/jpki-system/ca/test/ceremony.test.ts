/** A ceremony: approved by m of n over one file, run once, refused whenever anything is not as it was approved. */
import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { after, beforeEach, describe, it } from 'node:test'
import { parseCertificate } from '@mobile-jpki/pkix'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Held } from '../../domain/acts.ts'
import { openAuthorities } from '../authorities.ts'
import { abandonCeremony, inWords, readPapers, runCeremony } from '../ceremony/index.ts'
import { newOfficer, officers, openRoom, operator, type Room } from './ceremony-room.ts'

const refuses =
  (code: RefusalCode, detail = /./) =>
  (error: unknown) =>
    error instanceof Refusal && error.code === code && detail.test(error.message)
const [hanako, taro, jiro] = officers

const rooms: Room[] = []
let room: Room
beforeEach(async () => {
  room = await openRoom()
  rooms.push(room)
})
after(() => Promise.all(rooms.map(({ close }) => close())))

const created = async () => room.run(await room.approved(await room.write(), hanako, taro))
const generations = async () =>
  (await room.world.register.generations.all()).map(({ name, generation }) => `${name}-${generation}`)

describe('a ceremony', () => {
  it('makes the CAs of both kinds of certificate, with which a CA that makes none itself starts', async () => {
    const byCeremony = { kind: 'p-256', made: 'by-ceremony' } as const
    await assert.rejects(openAuthorities(room.world, room.world.keys, byCeremony), refuses('key.not-found', /ceremony/))
    const record = await created()
    const { all } = await openAuthorities(room.world, room.world.keys, byCeremony)
    assert.deepEqual(
      all.map(({ keyIdentifier }) => keyIdentifier.toHex()).sort(),
      record.generations.map(({ keyIdentifier }) => keyIdentifier).sort(),
    )
    assert.deepEqual(
      record.approvals.map(({ officer }) => officer),
      ['hanako', 'taro'],
    )
  })

  it('is run once: a second time it tells what came of the first', async () => {
    const file = await room.approved(await room.write(), hanako, taro)
    const record = await room.run(file)
    assert.deepEqual(await room.run(file), record)
    assert.deepEqual(await generations(), ['auth-1', 'sign-1'])
  })

  it('is run once, also when two run it at the same moment', async () => {
    const file = await room.approved(await room.write(), hanako, taro)
    const [one, other] = await Promise.all([room.run(file), room.run(file)])
    assert.deepEqual(one, other)
    assert.deepEqual(await generations(), ['auth-1', 'sign-1'])
  })

  it('stands in the journal: begun, each key made, finished, by whom, under its digest', async () => {
    const noted: Parameters<Held['journal']['record']>[0][] = []
    const { register } = room.world
    const watched: typeof register.atomically = (work) =>
      register.atomically((held) => {
        const journal: Held['journal'] = {
          record: (act) => {
            noted.push(act)
            held.journal.record(act)
          },
        }
        return work({ ...held, journal })
      })
    const { ceremony, approvals } = await readPapers(await room.approved(await room.write(), hanako, taro))
    const signatures = approvals.map(({ signature }) => signature)
    const world = { ...room.world, register: { ...register, atomically: watched } }
    const { digest, generations } = await runCeremony(world, ceremony, signatures, operator)
    assert.deepEqual(
      noted.map(({ by, act, subject }) => `${by.actor} ${act} ${subject}`),
      [
        `operator ceremony.begun ${digest}`,
        'operator generation.made sign-1',
        'operator generation.made auth-1',
        `operator ceremony.finished ${digest}`,
      ],
    )
    const [, ...made] = noted
    for (const [at, { fingerprint }] of generations.entries())
      assert.deepEqual(made[at]?.detail, { ceremony: digest, certificate: fingerprint })
  })

  it('makes keys of the kind, and certificates of the years that were approved', async () => {
    const key = { authority: 'sign', kind: 'rsa-3072', years: 5 } as const
    const record = await room.run(await room.approved(await room.write({ key }), hanako, jiro))
    const [{ certificate } = assert.fail()] = await room.world.register.generations.all()
    const { publicKey, notBefore, notAfter } = parseCertificate(certificate)
    assert.equal(publicKey.length > 400, true)
    assert.equal(notAfter.getUTCFullYear() - notBefore.getUTCFullYear(), 5)
    assert.equal(record.generations[0]?.key.kind, 'rsa-3072')
  })

  it('is followed by another: the next generation, and three are at work together', async () => {
    await created()
    for (const generation of [2, 3]) {
      const key = { authority: 'sign', kind: 'p-256', years: 10 } as const
      const record = await room.run(await room.approved(await room.write({ key }), taro, jiro))
      assert.equal(record.act, 'rotate')
      assert.deepEqual(
        record.generations.map((one) => one.generation),
        [generation],
      )
    }
    const terms = { kind: 'p-256', made: 'by-ceremony' } as const
    const { current, all } = await openAuthorities(room.world, room.world.keys, terms)
    assert.deepEqual([current('sign').generation, current('auth').generation, all.length], [3, 1, 4])
  })

  it('makes keys that issue later, and are known at once to those who verify', async () => {
    await created()
    const issuesFrom = new Date(Date.now() + 86_400_000)
    const key = { authority: 'both', kind: 'p-256', years: 10, issuesFrom } as const
    const record = await room.run(await room.approved(await room.write({ key }), hanako, taro))
    assert.deepEqual(
      record.generations.map((one) => one.issuesFrom),
      [issuesFrom.toISOString(), issuesFrom.toISOString()],
    )
    let clock = new Date()
    const world = { ...room.world, now: () => clock }
    const terms = { kind: 'p-256', made: 'by-ceremony' } as const
    const { current, all } = await openAuthorities(world, room.world.keys, terms)
    assert.deepEqual([all.length, current('sign').generation], [4, 1])
    clock = issuesFrom
    assert.equal(current('sign').generation, 2)
    const fresh = await openRoom()
    rooms.push(fresh)
    await assert.rejects(fresh.write({ key }), refuses('request.malformed', /at once/))
  })

  it('is written for both CAs only when both are in the same state', async () => {
    const key = { authority: 'sign', kind: 'p-256', years: 10 } as const
    await room.run(await room.approved(await room.write({ key }), hanako, taro))
    await assert.rejects(room.write(), refuses('request.malformed', /a ceremony for each/))
    const other = { ...key, authority: 'auth' } as const
    await room.run(await room.approved(await room.write({ key: other }), hanako, taro))
    assert.equal((await readPapers(await room.write())).ceremony.document.act, 'rotate')
  })

  it('says in words what it will do', async () => {
    const { ceremony } = await readPapers(await room.write())
    const words = inWords(ceremony)
      .map(([name, text]) => `${name}: ${text}`)
      .join('\n')
    assert.match(words, /makes the first key of a CA/)
    assert.match(words, /approvals needed: 2 of 3/)
    for (const { name } of officers) assert.match(words, new RegExp(`officer: ${name} `))
  })
})

describe('a ceremony is not run', () => {
  it('with fewer approvals than are needed, and says who can still be asked', async () => {
    const file = await room.write()
    await assert.rejects(room.run(file), refuses('ceremony.not-approved', /0 of 2 .*hanako, taro, jiro/))
    await room.approved(file, hanako)
    await assert.rejects(room.run(file), refuses('ceremony.not-approved', /1 of 2 .*taro, jiro/))
    assert.deepEqual(await generations(), [])
  })

  it('on two approvals by one officer', async () => {
    const file = await room.approved(await room.write(), hanako)
    await writeFile(`${file}.again.sig`, await readFile(`${file}.hanako.sig`))
    await assert.rejects(room.run(file), refuses('ceremony.not-approved', /1 of 2/))
  })

  it('on the approval of a stranger, even beside enough of officers', async () => {
    const file = await room.approved(await room.write(), hanako, taro, newOfficer('mallory'))
    await assert.rejects(room.run(file), refuses('ceremony.approval-invalid', /1 of 3/))
  })

  it('when the file was changed after it was approved', async () => {
    const file = await room.approved(await room.write(), hanako, taro)
    await appendFile(file, '\n')
    await assert.rejects(room.run(file), refuses('ceremony.approval-invalid', /2 of 2/))
  })

  it('after the day until which it was to be run', async () => {
    const file = await room.approved(await room.write({ runBefore: new Date(Date.now() - 1) }), hanako, taro)
    await assert.rejects(room.run(file), refuses('request.expired'))
  })

  it('when the CA is configured to look for its keys elsewhere', async () => {
    const elsewhere = (text: object) => ({ ...text, key: { provider: 'pkcs11', token: 'jpki-ca', kind: 'p-256' } })
    const file = await room.approved(await room.write({}, elsewhere), hanako, taro)
    await assert.rejects(room.run(file), refuses('conditions.not-satisfied', /jpki-ca.*files/))
  })

  it('to create what is there already, or to follow what does not issue any more', async () => {
    const [late, follow] = [await room.approved(await room.write(), hanako, taro), await created()]
    await assert.rejects(room.run(late), refuses('conditions.not-satisfied', /follows none/))
    const [one, other] = [await room.write(), await room.write()]
    await room.run(await room.approved(one, hanako, taro))
    await assert.rejects(room.run(await room.approved(other, hanako, taro)), refuses('conditions.not-satisfied', /-2/))
    assert.equal(follow.generations.length, 2)
    assert.deepEqual(await generations(), ['auth-1', 'auth-2', 'sign-1', 'sign-2'])
  })

  it('over a key that no ceremony made', async () => {
    await room.world.keys.signer('ca-auth-1', 'p-256')
    const file = await room.approved(await room.write(), hanako, taro)
    await assert.rejects(room.run(file), refuses('key.already-there', /ca-auth-1/))
    assert.deepEqual(await room.world.register.ceremonies.all(), [])
  })
})

describe('a ceremony that is under way', () => {
  const failing = (): Room['world'] => ({
    ...room.world,
    keys: { ...room.world.keys, describe: () => Promise.reject(new Refusal('token.failed')) },
  })
  const interrupted = async () => {
    const file = await room.approved(await room.write(), hanako, taro)
    const { ceremony, approvals } = await readPapers(file)
    const signatures = approvals.map(({ signature }) => signature)
    await assert.rejects(runCeremony(failing(), ceremony, signatures, operator), refuses('token.failed'))
    return { file, ceremony }
  }

  it('goes on where it was, also when its day is over and the approvals are lost', async () => {
    const { ceremony } = await interrupted()
    const key = await room.world.keys.find('ca-sign-1', 'p-256')
    const late = { ...room.world, now: () => new Date(Date.now() + 30 * 86_400_000) }
    await runCeremony(late, ceremony, [], operator)
    const [, sign] = await room.world.register.generations.all()
    assert.deepEqual(parseCertificate(sign?.certificate ?? new Uint8Array()).publicKey, key?.publicKey)
  })

  it('lets no other begin, until it is abandoned: then its keys are gone, and it for good', async () => {
    const { file, ceremony } = await interrupted()
    const other = await room.approved(await room.write(), hanako, taro)
    await assert.rejects(room.run(other), refuses('conditions.not-satisfied', /under way/))
    await abandonCeremony(room.world, ceremony, operator)
    await abandonCeremony(room.world, ceremony, operator)
    assert.equal(await room.world.keys.find('ca-sign-1', 'p-256'), undefined)
    await assert.rejects(room.run(file), refuses('conditions.not-satisfied', /abandoned/))
    await room.run(other)
    assert.deepEqual(await generations(), ['auth-1', 'sign-1'])
    await abandonCeremony(room.world, ceremony, operator)
    assert.notEqual(await room.world.keys.find('ca-sign-1', 'p-256'), undefined)
  })

  it('is not abandoned when it was never begun, or is finished', async () => {
    const file = await room.approved(await room.write(), hanako, taro)
    const { ceremony } = await readPapers(file)
    await assert.rejects(abandonCeremony(room.world, ceremony, operator), refuses('reference.not-found'))
    await room.run(file)
    await assert.rejects(
      abandonCeremony(room.world, ceremony, operator),
      refuses('conditions.not-satisfied', /finished/),
    )
    assert.notEqual(await room.world.keys.find('ca-sign-1', 'p-256'), undefined)
  })
})
