/** A ceremony: approved by m of n over one file, run once, refused whenever anything is not as it was approved. */
import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { after, beforeEach, describe, it } from 'node:test'
import { parseCertificate } from '@mobile-jpki/pkix'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { openAuthorities } from '../authorities.ts'
import { abandonCeremony, approve, draft, inWords, readPapers, runCeremony } from '../ceremony/index.ts'
import { approvalBy, newOfficer, officers, openRoom, operator, type Room, twoOfThree } from './ceremony-room.ts'

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

describe('the officers of record', () => {
  const others = [newOfficer('yoko'), newOfficer('kenji')] as const

  it('are those of the first ceremony: others cannot name themselves', async () => {
    await created()
    const key = { authority: 'sign', kind: 'p-256', years: 10 } as const
    const usurped = await room.write({ key, approval: approvalBy(others, 1) })
    await assert.rejects(
      room.run(await room.approved(usurped, ...others)),
      refuses('ceremony.not-approved', /of record/),
    )
    const weaker = await room.write({ key, approval: approvalBy(officers, 1) })
    await assert.rejects(room.run(await room.approved(weaker, hanako)), refuses('ceremony.not-approved', /of record/))
    assert.equal((await room.run(await room.approved(await room.write({ key }), hanako, taro))).act, 'rotate')
  })

  it('hand over to others, who show in the same ceremony that they have their keys', async () => {
    await created()
    const file = await room.write(
      { approval: approvalBy(others, 2) },
      ({ format, id, purpose, runBefore, approval }) => ({
        ...{ format, id, purpose, runBefore, act: 'officers', approval },
      }),
    )
    await room.approved(file, hanako, taro)
    await assert.rejects(room.run(file), refuses('ceremony.not-approved', /0 of 2 .*named in the file/))
    const record = await room.run(await room.approved(file, ...others))
    assert.deepEqual(
      record.approvals.map(({ of, officer }) => `${of} ${officer}`),
      ['record hanako', 'record taro', 'file yoko', 'file kenji'],
    )
    const next = await room.write({ approval: approvalBy(others, 2) })
    assert.equal((await room.run(await room.approved(next, ...others))).generations.length, 2)
    await assert.rejects(
      room.run(await room.approved(await room.write(), hanako, taro)),
      refuses('ceremony.not-approved'),
    )
  })

  it('are taken for the next file when nobody is named', async () => {
    await assert.rejects(draft(room.world, { purpose: 'x', runBefore: new Date() }), refuses('request.malformed'))
    await created()
    const { act, approval } = await draft(room.world, { purpose: 'x', runBefore: new Date() })
    assert.deepEqual([act, approval], ['officers', twoOfThree])
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

describe('an approval', () => {
  it('is refused over another file than the one that was read', async () => {
    const file = await room.write()
    const key = { pem: hanako.privateKey }
    await assert.rejects(approve(file, key, '00'.repeat(32)), refuses('ceremony.approval-invalid'))
    const { ceremony } = await readPapers(file)
    assert.equal((await approve(file, key, ceremony.digest)).officer, 'hanako')
  })
})
