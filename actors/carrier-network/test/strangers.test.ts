/** Strangers at the message centre: Kannel binds, submits and hears receipts; Wireshark reads our PDUs. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { cardMessage, encodePdu, SmsDeliver, UserData } from '@mobile-jpki/ota'
import { needs, pathOf } from '../../../test/needs.ts'
import { account, msisdn, openNetwork } from './network.ts'

const run = promisify(execFile)

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('Kannel', { skip: needs('kannel') }, () => {
  it('binds, submits a message for the SIM and is told that it was delivered', { timeout: 60_000 }, async () => {
    const network = await openNetwork()
    const directory = await mkdtemp(join(tmpdir(), 'jpki-kannel-'))
    const [admin, box, sendSms] = [await freePort(), await freePort(), await freePort()]
    const receipts: string[] = []
    const heard = Promise.withResolvers<void>()
    const listener = createServer((request, response) => {
      receipts.push(request.url ?? '')
      response.end('ok')
      heard.resolve()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => listener.once('listening', resolve))
    const file = join(directory, 'kannel.conf')
    await writeFile(file, configuration({ admin, box, sendSms, smpp: network.smpp.port, directory }))
    const programs = [spawn(pathOf('kannel') ?? '', [file], { stdio: 'ignore' })]
    try {
      await setTimeout(2_000)
      programs.push(
        spawn('smsbox', [file], { stdio: 'ignore', env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } }),
      )
      const phone = await network.attach()
      const received = phone.next()
      const back = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/receipt?state=%d`
      const query = new URLSearchParams({
        username: 'u',
        password: 'p',
        to: msisdn,
        from: account.address,
        coding: '1',
        'dlr-mask': '31',
        'dlr-url': back,
      })
      await submitted(`http://127.0.0.1:${sendSms}/cgi-bin/sendsms?${query}&udh=%02%70%00&text=%00%01%02`)
      const message = await received
      assert.ok(message)
      const { userData, originator } = SmsDeliver.decode(message.tpdu)
      assert.equal(originator.digits, account.address)
      assert.equal(UserData.encode(userData).toHex(), '027000000102')
      await phone.report(message.id)
      while (!receipts.includes('/receipt?state=1')) {
        await heard.promise
        await setTimeout(50)
      }
    } finally {
      for (const program of programs.toReversed()) program.kill('SIGKILL')
      listener.close()
      await network.close()
      await rm(directory, { recursive: true, force: true })
    }
  })
})

/** The smsbox needs a moment until the bearerbox listens. */
async function submitted(url: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const answer = await fetch(url).then(
      async (response) => ({ status: response.status, text: await response.text() }),
      () => undefined,
    )
    if (answer?.status === 202) return
    await setTimeout(250)
  }
  throw new Error('Kannel takes no message')
}

const configuration = (at: { admin: number; box: number; sendSms: number; smpp: number; directory: string }) => `
group = core
admin-port = ${at.admin}
admin-password = admin
smsbox-port = ${at.box}
store-type = file
store-location = ${at.directory}/kannel.store
log-file = ${at.directory}/kannel.log

group = smsc
smsc = smpp
smsc-id = network
host = 127.0.0.1
port = ${at.smpp}
transceiver-mode = true
smsc-username = ${account.systemId}
smsc-password = ${account.password}
system-type = ""
address-range = ""

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${at.sendSms}
log-file = ${at.directory}/smsbox.log

group = sendsms-user
username = u
password = p
max-messages = 1
`

describe('Wireshark', { skip: needs('tshark') }, () => {
  it('reads a submit_sm for a card as we mean it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'jpki-tshark-'))
    try {
      const pdu = encodePdu({
        ...cardMessage,
        name: 'submitSm',
        status: 'ok',
        sequence: 7,
        source: { ton: 0, npi: 1, digits: '1080' },
        destination: { ton: 2, npi: 1, digits: msisdn },
        registeredDelivery: 4,
        validityPeriod: '000000000006000R',
        shortMessage: Uint8Array.fromHex('027000000102'),
      })
      const hex = pdu.toHex().match(/../g)?.join(' ') ?? ''
      await writeFile(join(directory, 'pdu.txt'), `0000 ${hex}\n`)
      const capture = join(directory, 'pdu.pcap')
      await run('text2pcap', ['-T', '40000,2775', join(directory, 'pdu.txt'), capture])
      const fields = [
        'smpp.command_id',
        'smpp.sequence_number',
        'smpp.destination_addr',
        'smpp.esm.submit.features',
        'smpp.data_coding',
      ]
      const { stdout } = await run('tshark', [
        '-r',
        capture,
        '-T',
        'fields',
        '-E',
        'separator=|',
        ...fields.flatMap((field) => ['-e', field]),
      ])
      const [command, sequence, to, features, coding] = stdout.trim().split('|')
      assert.deepEqual([Number(command), Number(sequence), to], [4, 7, msisdn])
      assert.deepEqual([Number(features), Number(coding)], [1, 0xf6])
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
