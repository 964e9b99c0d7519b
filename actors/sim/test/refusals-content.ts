/** A way to each refusal of content management, of keys and of personalization. */
import {
  cutBlocks,
  InstallForInstall,
  InstallForLoad,
  Load,
  LoadFile,
  type Privilege,
  PutKey,
  sha256,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { decodeLoadFile, encodeLoadFile, encodeProgram } from '@mobile-jpki/javacard'
import { aids } from '../contract.ts'
import type { RuleId } from '../index.ts'
import { bytecode } from '../surroundings/bytecode.ts'
import {
  announceLoad,
  createDomain,
  extradite,
  installCounter,
  makeSelectable,
  personalize,
  putKeys,
  remove,
  removeKeys,
  setCardState,
  storeData,
  wholeLoad,
} from './commands.ts'
import {
  bytes,
  counterScript,
  domainAid,
  freshSim,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  moduleAid,
  newKeys,
  packageAid,
  program,
} from './host.ts'
import { opened, type Way, withProgram } from './refusals-channel.ts'

/** In a session with the issuer: what goes before must succeed, the last is refused. */
const issuer =
  (...commands: CommandApdu[]): Way =>
  async () => {
    const host = await opened()
    for (const command of commands.slice(0, -1)) await host.ok(command)
    await host.send(commands.at(-1) ?? makeSelectable())
    return host.card
  }

const withCounter =
  (...commands: CommandApdu[]): Way =>
  async () => {
    const host = await withProgram()
    for (const command of commands.slice(0, -1)) await host.ok(command)
    await host.send(commands.at(-1) ?? makeSelectable())
    return host.card
  }

/** In a session with a supplementary security domain, which works with the issuer's keys while it has none. */
const supplementary =
  (privileges: Privilege[], command: CommandApdu, ...before: CommandApdu[]): Way =>
  async () => {
    const host = await withProgram()
    for (const each of [createDomain(domainAid, { privileges }), ...before]) await host.ok(each)
    const own = new Host(host.card)
    await own.open(domainAid, issuerKeys)
    await own.send(command)
    return own.card
  }

const key =
  (make: (host: Host) => CommandApdu | Promise<CommandApdu>): Way =>
  async () => {
    const host = await opened()
    await host.send(await make(host))
    return host.card
  }
const sessionOf = ({ session }: Host) => {
  if (session === undefined) throw new Error('no session')
  return session
}

/** The load file as it is, in one stream of LOAD blocks. */
function stream(octets: Uint8Array, hash?: Uint8Array): CommandApdu[] {
  const blocks = cutBlocks(octets, 223)
  const last = blocks.length - 1
  return [
    InstallForLoad.toApdu({ data: { loadFile: packageAid, ...(hash && { hash }) } }),
    ...blocks.map((data, at) => Load.toApdu({ p1: at === last ? 'last' : 'more', p2: at, data })),
  ]
}
const file = { dapBlocks: [], dataBlock: program(counterScript), ciphered: false }
const answeredFor = { ...file, dapBlocks: [{ securityDomain: issuerAid, signature: bytes('AA') }] }
const withoutProgram = { ...decodeLoadFile(file.dataBlock), custom: [] }
const ofAnotherPackage = encodeProgram({
  packageAid: bytes('A00000006203FF'),
  version: { major: 1, minor: 0 },
  moduleAids: [moduleAid],
  script: counterScript,
})
const other = bytes('A00000006203FF')
const installFrom = (loadFile: Uint8Array, module: Uint8Array, privileges: Privilege[] = []) =>
  InstallForInstall.toApdu({ p1: 'installAndMakeSelectable', data: { loadFile, module, instance: other, privileges } })
const single = (blocks: Parameters<typeof PutKey.toApdu>[0]['data']['keys'], keyVersion = 0x41) =>
  PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: false }, data: { keyVersion, keys: blocks } })
const description = bytes('00B915 B709800188810110830131 B908820101840300000 0'.replaceAll(' ', ''))

export const contentWays = {
  'privilege.content': supplementary([], announceLoad(program(counterScript))),
  'privilege.token': supplementary(['delegatedManagement'], announceLoad(program(counterScript))),
  'privilege.other-domain': supplementary(['authorizedManagement'], remove(instanceAid)),
  'privilege.card-lock': supplementary([], setCardState(0x7f)),
  'privilege.terminate': supplementary([], setCardState(0xff)),
  'privilege.grant': withCounter(installFrom(packageAid, moduleAid, ['securityDomain'])),

  'install.aid-in-use': withCounter(installCounter()),
  'install.no-domain': issuer(announceLoad(program(counterScript), { securityDomain: other })),
  'install.no-load-file': issuer(installCounter()),
  'install.no-module': withCounter(installFrom(packageAid, other)),
  'install.no-application': issuer(personalize(other)),
  'install.bytecode': issuer(
    ...stream(LoadFile.encode({ ...file, dataBlock: bytecode('0105') })),
    installFrom(packageAid, moduleAid),
  ),
  'install.state': withCounter(makeSelectable()),
  'install.refused': issuer(...wholeLoad(), installCounter('install', { application: bytes('FF') })),
  'install.scp': issuer(createDomain(domainAid, { options: { secureChannelProtocols: [bytes('0304')] } })),
  'install.extradition': issuer(createDomain(), extradite(issuerAid, domainAid)),

  'load.not-announced': issuer(Load.toApdu({ p1: 'last', p2: 0, data: bytes('C400') })),
  'load.order': issuer(announceLoad(file.dataBlock), Load.toApdu({ p1: 'more', p2: 1, data: bytes('C4') })),
  'load.block': issuer(...stream(bytes('C5020102'))),
  'load.hash': issuer(...stream(LoadFile.encode(file), new Uint8Array(32))),
  'load.structure': issuer(...stream(LoadFile.encode({ ...file, dataBlock: bytes('0100020102') }))),
  'load.program': issuer(...stream(LoadFile.encode({ ...file, dataBlock: encodeLoadFile(withoutProgram) }))),
  'load.aid': issuer(
    ...stream(
      LoadFile.encode({
        ...file,
        dataBlock: ofAnotherPackage,
      }),
    ),
  ),
  'load.no-hash': issuer(...stream(LoadFile.encode(answeredFor))),
  'load.import': issuer(...stream(LoadFile.encode({ ...file, dataBlock: bytecode('0109') }))),
  'load.ciphered': issuer(...stream(LoadFile.encode({ ...file, ciphered: true }))),
  'load.decipher': key(async (host) => {
    await host.ok(single([wrapKey(sessionOf(host), 'AES', newKeys.enc)], 0x75))
    const blocks = stream(LoadFile.encode({ ...file, dataBlock: bytes('AABB'), ciphered: true }))
    for (const block of blocks.slice(0, -1)) await host.ok(block)
    return blocks.at(-1) ?? makeSelectable()
  }),
  'load.dap': issuer(...stream(LoadFile.encode(answeredFor), sha256(file.dataBlock))),

  'delete.not-found': issuer(remove(other)),
  'delete.permanent': issuer(remove(bytes(aids.securityDomainPackage))),
  'delete.in-use': async () => {
    const host = await withProgram()
    await host.card.transmit(bytes('0070000001'))
    await new Host(host.card, 1).select(instanceAid)
    await host.send(remove(instanceAid))
    return host.card
  },
  'delete.related': withCounter(remove(packageAid)),
  'delete.last-keys': issuer(removeKeys(0x30)),

  'key.exists': key((host) => putKeys(sessionOf(host), newKeys, 0x30)),
  'key.no-such-version': key((host) => putKeys(sessionOf(host), newKeys, 0x31, 0x31)),
  'key.version': key((host) => putKeys(sessionOf(host), newKeys, 0x80)),
  'key.type': key(() => single([{ components: [{ type: 0x90, value: bytes('00') }], checkValue: new Uint8Array() }])),
  'key.check-value': key((host) => {
    return single([{ ...wrapKey(sessionOf(host), 'AES', newKeys.enc), checkValue: bytes('000000') }])
  }),

  'personalize.no-target': async () => {
    const card = freshSim({ casd: { privateKey: new Uint8Array(32).fill(1), certificate: bytes('7F2100') } })
    const host = await opened(card)
    await host.send(personalize(bytes(aids.casd)))
    return card
  },
  'personalize.order': issuer(storeData(bytes('4201AA'), { p2: 1, structure: 'ber-tlv' })),
  'personalize.format': issuer(storeData(bytes('5A01AA'), { structure: 'ber-tlv' })),
  'personalize.encryption': issuer(storeData(new Uint8Array([...description, ...bytes(`811310${'00'.repeat(16)}`)]))),
} as const satisfies Partial<Record<RuleId, Way>>
