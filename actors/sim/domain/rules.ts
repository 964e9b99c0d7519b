/**
 * Every refusal the card can give: its rule, the status word, the clause, and the reason in words. A refusal is thrown
 * as `CardRefusal` with the rule's name; one place turns it into its status word.
 */
import { ApduError, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'

interface Rule {
  readonly sw: number
  readonly clause: string
  readonly words: string
}
const rule = (sw: number, clause: string, words: string): Rule => ({ sw, clause, words })

// biome-ignore format: a table, one line each
export const rules = {
  'apdu.length': rule(SW.wrongLength, 'ISO/IEC 7816-3 §12.1.3', 'The lengths that the command announces are not those of its octets.'),
  'apdu.class': rule(SW.classNotSupported, 'GPCS §11.1.4', 'The selected application does not know this class.'),
  'apdu.instruction': rule(SW.instructionNotSupported, 'ISO/IEC 7816-4 §5.4.2', 'The selected application does not know this instruction.'),
  'apdu.parameters': rule(SW.wrongP1P2, 'ISO/IEC 7816-4 §5.4.3', 'P1 or P2 has a value that this command does not know.'),
  'apdu.data': rule(SW.wrongData, 'ISO/IEC 7816-4 §5.4.4', 'The data field does not follow the format of this command.'),
  'apdu.chaining': rule(SW.commandChainingNotSupported, 'ISO/IEC 7816-4 §5.3.3', 'Command chaining by the class octet is not supported.'),

  'channel.not-open': rule(SW.logicalChannelNotSupported, 'GPCS §6.3', 'The logical channel is not open, or the card does not have it.'),
  'channel.none-free': rule(SW.functionNotSupported, 'GPCS §11.7.2', 'All logical channels of the card are open.'),
  'channel.basic': rule(SW.functionNotSupported, 'GPCS §11.7.2', 'The basic channel cannot be closed.'),

  'select.not-found': rule(SW.fileOrApplicationNotFound, 'GPCS §6.4.1.1', 'No selectable application has this AID or begins with it.'),
  'select.contactless': rule(SW.fileOrApplicationNotFound, 'GPCS Amendment C', 'No application of this name is activated for the contactless interface.'),
  'contactless.none': rule(SW.conditionsOfUseNotSatisfied, 'GPCS Amendment C', 'This cannot be activated for the contactless interface: only an application that is selectable can.'),
  'file.not-found': rule(SW.fileOrApplicationNotFound, 'TS 102 221 §11.1.1', 'There is no such file where the path leads.'),
  'file.none': rule(SW.noCurrentEf, 'TS 102 221 §11.1.3, §11.1.5', 'No file is selected, only a directory.'),
  'file.access': rule(SW.securityStatusNotSatisfied, 'TS 102 221 §9.2', 'The access rule of the file, in EF.ARR, does not allow this to anybody.'),
  'file.kind': rule(SW.incompatibleWithFileStructure, 'TS 102 221 §11.1.3, §11.1.5', 'The current file has not the structure that this command reads.'),
  'file.record': rule(SW.recordNotFound, 'TS 102 221 §11.1.5', 'The file has no record of this number.'),
  'file.offset': rule(SW.wrongOffset, 'TS 102 221 §11.1.3', 'The offset lies behind the end of the file.'),
  'pin.none': rule(SW.referencedDataNotFound, 'TS 102 221 §11.1.9', 'The card has no PIN of this reference: PIN1 is the only one.'),
  'pin.disabled': rule(SW.referenceDataNotUsable, 'TS 102 221 §11.1.9', 'PIN1 is disabled: there is nothing to compare with, and nothing that it protects.'),
  'select.in-use': rule(SW.conditionsOfUseNotSatisfied, 'JCRE §4.3', 'The application is selected on another logical channel, and not made for two.'),
  'select.none': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §6.4', 'No application is selected on this logical channel.'),

  'access.none': rule(SW.referencedDataNotFound, 'SEAC §4.1.1, §5.1', 'There is no access rule of this reference.'),
  'access.no-next': rule(SW.referencedDataNotFound, 'SEAC §4.1.2', 'GET DATA [next] must follow a list that had more to say.'),
  'access.unsupported': rule(SW.incompatibleWithFileStructure, 'SEAC §5.1', 'The access rule application takes rules, deletes rules and renews its refresh tag, and nothing else.'),

  'program.selection': rule(SW.appletSelectFailed, 'JCRE §4.5', 'The application refused its selection.'),
  'program.failed': rule(SW.noPreciseDiagnosis, 'JCRE §3.3', 'The application ended in an error; the command is undone.'),
  'program.time': rule(SW.noPreciseDiagnosis, 'JCRE §3.3', 'The application ran too long and was cut; the command is undone.'),
  'program.own': rule(SW.noPreciseDiagnosis, 'the application', 'The application itself refused, by its own rules.'),

  'card.locked': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §5.1.1.4', 'The card is locked: its issuer security domain unlocks and reads, and the final application works.'),
  'card.terminated': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §5.1.1.5', 'The card is terminated: it only answers GET DATA.'),
  'card.memory': rule(SW.notEnoughMemory, 'GPCS §9.7', 'The card has not enough free memory for this.'),
  'memory.quota': rule(SW.notEnoughMemory, 'GPCS §9.7', 'The application or a security domain above it would hold more memory than its installation allows.'),
  'memory.volatile': rule(SW.notEnoughMemory, 'GPCS §9.7', 'The card has not enough free RAM for the transient data that this declares.'),
  'card.fault': rule(SW.noPreciseDiagnosis, 'ISO/IEC 7816-4 §5.6', 'Something went wrong inside the card; the command is undone.'),

  'channel.no-such-key': rule(SW.referencedDataNotFound, 'GPCS §E.5.1, Amendment D §7.1.1', 'The security domain has no secure channel key set of this version.'),
  'channel.exhausted': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §E.1.2.3', 'The sequence counter of this key set has reached its end.'),
  'channel.challenge': rule(SW.wrongData, 'Amendment D §7.1.1', 'The host challenge has not the length that the secure channel option asks for.'),
  'channel.level': rule(SW.wrongP1P2, 'Amendment D §7.1.2, GPCS §E.5.2', 'The secure channel option does not offer this security level.'),
  'channel.not-initialized': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §10.2.1', 'EXTERNAL AUTHENTICATE must follow INITIALIZE UPDATE at once.'),
  'channel.cryptogram': rule(SW.authenticationFailed, 'GPCS §10.2.1', 'The host cryptogram is wrong: the other side does not have the keys.'),
  'channel.mac': rule(SW.securityStatusNotSatisfied, 'GPCS §10.2.2', 'The command is not protected as the secure channel asks, or its C-MAC is wrong; the channel is closed.'),
  'channel.needed': rule(SW.securityStatusNotSatisfied, 'GPCS §10.4', 'This command needs a secure channel with a C-MAC.'),

  'privilege.content': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.1.3', 'This security domain may not manage card content: it has neither authorized nor delegated management.'),
  'privilege.other-domain': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.1.3', 'What the command names does not belong to this security domain.'),
  'privilege.token': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.2', 'Delegated management needs a token of the issuer for exactly this command.'),
  'privilege.card-lock': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §6.6', 'This security domain may not lock or unlock the card.'),
  'privilege.terminate': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §6.6', 'This security domain may not terminate the card.'),
  'privilege.grant': rule(SW.wrongData, 'GPCS §6.6.2', 'These privileges cannot be granted together, or not to this kind of application.'),

  'install.aid-in-use': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.3.5', 'The registry has an entry of this AID already.'),
  'install.no-domain': rule(SW.referencedDataNotFound, 'GPCS §9.3.5', 'There is no such security domain.'),
  'install.no-load-file': rule(SW.referencedDataNotFound, 'GPCS §9.3.6', 'There is no executable load file of this AID.'),
  'install.no-module': rule(SW.referencedDataNotFound, 'GPCS §9.3.6', 'The load file has no executable module of this AID.'),
  'install.no-application': rule(SW.referencedDataNotFound, 'GPCS §9.3.7', 'There is no such application.'),
  'install.bytecode': rule(SW.functionNotSupported, 'JCVM §6.1.2', 'The load file has Java Card bytecode; this card runs programs of the custom component 80.'),
  'install.state': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §5.3.1', 'The application is not in the life-cycle state that this needs.'),
  'install.refused': rule(SW.wrongData, 'GPCS §9.3.6', 'The application did not accept its installation parameters.'),
  'install.scp': rule(SW.wrongData, 'GP UICC Configuration §5', 'The secure channel option asked for is not supported.'),
  'install.tar': rule(SW.wrongData, 'TS 102 226 §8.2.1.3.2.2', 'Another security domain is reached by this TAR.'),

  'install.extradition': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.4.1', 'This cannot be extradited, or not to there.'),

  'load.not-announced': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.3.5', 'LOAD must follow INSTALL [for load] in the same session.'),
  'load.order': rule(SW.wrongData, 'GPCS §11.6.2.2', 'The block number is not the next one; the load is over.'),
  'load.block': rule(SW.wrongData, 'GPCS §11.6.2.3', 'The load file does not have the structure C4 length data; the load is over.'),
  'load.hash': rule(SW.wrongData, 'GPCS §9.3.9, §C.2', 'The load file has not the hash that INSTALL [for load] announced.'),
  'load.structure': rule(SW.wrongData, 'JCVM §6', 'The load file is not a correct CAP structure.'),
  'load.program': rule(SW.wrongData, 'JCVM §6.1.2', 'The load file has no program that this card can run.'),
  'load.aid': rule(SW.wrongData, 'GPCS §9.3.5', 'The load file is not the package that INSTALL [for load] announced.'),
  'load.no-hash': rule(SW.wrongData, 'GPCS §11.5.2.3.1', 'INSTALL [for load] must announce the hash of a load file that is delegated or has a DAP.'),
  'load.import': rule(SW.wrongData, 'JCVM §4.5.2', 'The load file leans on a package that this card does not have in this version.'),
  'load.ciphered': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §6.6.1, §C.6', 'No security domain here has both the privilege and the key (75/01) to decipher load files.'),
  'load.decipher': rule(SW.wrongData, 'GPCS §C.6', 'The load file is not ciphered under the key of the security domain.'),

  'load.dap': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.2.1, §C.3', 'A security domain that must answer for this load file has not, or a DAP does not verify.'),

  'delete.not-found': rule(SW.referencedDataNotFound, 'GPCS §9.5', 'There is nothing of this AID or key version to delete.'),
  'delete.permanent': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.5', 'This belongs to the card itself and cannot be deleted.'),
  'delete.in-use': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.5.1', 'It is selected on a logical channel, or this session depends on it.'),
  'delete.related': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.5.2', 'Other entries depend on it: applications of a load file, or what belongs to a security domain.'),
  'delete.last-keys': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §9.5.3', 'These are the last secure channel keys of the issuer security domain.'),

  'key.exists': rule(SW.wrongData, 'GPCS §11.8.2.1', 'There is a key set of this version already.'),
  'key.no-such-version': rule(SW.referencedDataNotFound, 'GPCS §11.8.2.1', 'There is no key set of this version to replace.'),
  'key.version': rule(SW.wrongData, 'GPCS §11.8.2.3', 'A key version is 01 to 7F.'),
  'key.type': rule(SW.algorithmNotSupported, 'GPCS §11.1.8', 'This type or length of key is not supported here.'),
  'key.check-value': rule(SW.invalidKeyCheckValue, 'GPCS §11.8.2.3', 'The key check value is not that of the key that came.'),

  'personalize.no-target': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §7.3.3', 'The application does not take personalization data.'),
  'personalize.order': rule(SW.wrongData, 'GPCS §11.11.2.2', 'The block number is not the next one.'),
  'personalize.format': rule(SW.wrongData, 'GPCS §11.11.2.3', 'The data is not of the structure that P1 says, or not data that this security domain takes.'),
  'personalize.encryption': rule(SW.wrongData, 'GPCS §11.11.2.1', 'The keys must come encrypted, under the key encryption key of the session.'),

  'set-up.none': rule(SW.conditionsOfUseNotSatisfied, 'GPCS Amendment A §3', 'This card has no controlling authority that sets up keys.'),
  'set-up.certificate': rule(SW.wrongData, 'GPCS Amendment A §4', 'The certificate is not of the authority that the CASD believes, or for another use.'),
  'set-up.signature': rule(SW.wrongData, 'GPCS Amendment A §4', 'The message is not signed by the key in the certificate, for this security domain of this card.'),
  'set-up.sealed': rule(SW.wrongData, 'GPCS Amendment A §4', 'The keys are not sealed for this card, or not of the length announced.'),

  'packet.format': rule(SW.wrongData, 'TS 102 225 §5.1', 'The short message holds no command packet that can be read.'),
  'packet.target': rule(SW.referencedDataNotFound, 'TS 102 225 §5.2, TS 101 220 annex D', 'No security domain has this TAR.'),
  'packet.level': rule(SW.securityStatusNotSatisfied, 'TS 102 226 §8.2.1.3.2.4', 'The packet is less secured than the security domain demands.'),
  'packet.keys': rule(SW.securityStatusNotSatisfied, 'TS 102 225 §5.1.2', 'There is no key set of this version, or not for this algorithm.'),
  'packet.ciphering': rule(SW.securityStatusNotSatisfied, 'TS 102 225 §5.1.2', 'The packet does not decipher.'),
  'packet.check': rule(SW.securityStatusNotSatisfied, 'TS 102 225 §5.1.3', 'The check over the packet is wrong: it was changed, or made with other keys.'),
  'packet.replayed': rule(SW.conditionsOfUseNotSatisfied, 'TS 102 225 §5.1.4', 'The counter is not higher than the last one: the packet came before.'),
  'packet.gap': rule(SW.conditionsOfUseNotSatisfied, 'TS 102 225 §5.1.4', 'The counter must be one higher than the last: a packet is missing.'),
  'packet.exhausted': rule(SW.conditionsOfUseNotSatisfied, 'TS 102 225 §5.1.4', 'The counter of these keys has reached its end.'),
  'message.parts': rule(SW.notEnoughMemory, 'TS 31.115 §4.3', 'The message has more parts than the RAM of the card holds.'),
  'message.kind': rule(SW.conditionsOfUseNotSatisfied, 'TS 31.111 §7.1.1', 'The short message holds no command packet: it is not for the card.'),
  'air.command': rule(SW.instructionNotSupported, 'TS 102 226 table 8-1', 'This is no command for a security domain that is reached over the air: a script selects nothing and opens no channel.'),
  'air.trusted': rule(SW.conditionsOfUseNotSatisfied, 'Amendment B §3.4', 'The script speaks for the security domain already: no secure channel is opened inside.'),
  'administration.busy': rule(0x9300, 'TS 31.111 §7.1.1', 'A session over HTTP is under way: the message may come again later.'),
  'administration.terminal': rule(SW.conditionsOfUseNotSatisfied, 'TS 102 223 §5.2', 'The terminal has not said that it can open a channel to a server.'),
  'administration.parameters': rule(SW.wrongData, 'Amendment B §3.7', 'Neither the message nor a security domain says where the server is, and how it is asked.'),
  'administration.keys': rule(SW.referencedDataNotFound, 'Amendment B §3.8.2', 'There is no pre-shared key of this version and identifier.'),
  'toolkit.nothing': rule(SW.conditionsOfUseNotSatisfied, 'TS 102 221 §11.2.3', 'There is no proactive command to fetch.'),
  'toolkit.response': rule(SW.wrongData, 'TS 102 223 §6.8', 'The terminal answers a proactive command that it has not fetched.'),
  'toolkit.event': rule(SW.conditionsOfUseNotSatisfied, 'TS 102 223 §7.5', 'The card has not asked for this event.'),

  'status.none': rule(SW.referencedDataNotFound, 'GPCS §11.4.3.2', 'No entry of the registry matches.'),
  'status.no-next': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §11.4.2.2', 'GET STATUS [next] must follow a GET STATUS that had more to say.'),
  'status.transition': rule(SW.conditionsOfUseNotSatisfied, 'GPCS §5', 'The life cycle does not go from the present state to this one.'),
  'data.none': rule(SW.referencedDataNotFound, 'GPCS §11.3.3.2', 'There is no such data object.'),
} as const satisfies Record<string, Rule>
export type RuleId = keyof typeof rules

/** The card says no, by a rule that has a name. */
export class CardRefusal extends Error {
  override readonly name = 'CardRefusal'
  readonly rule: RuleId

  constructor(rule: RuleId, detail: string = '', options?: ErrorOptions) {
    super(detail === '' ? rules[rule].words : `${rules[rule].words} ${detail}`, options)
    this.rule = rule
  }

  get sw(): number {
    return rules[this.rule].sw
  }
}

export interface Explained {
  readonly rule: RuleId
  readonly sw: number
  readonly clause: string
  readonly words: string
}
const explained = (refusal: CardRefusal): Explained => ({
  rule: refusal.rule,
  sw: refusal.sw,
  clause: rules[refusal.rule].clause,
  words: refusal.message,
})

/** A refusal with the answer that goes out for it: an application's own status word, or one under an R-MAC. */
export class RefusedAnswer extends Error {
  override readonly name = 'RefusedAnswer'
  readonly response: ResponseApdu
  readonly refusal: Explained

  constructor(response: ResponseApdu, refusal: Explained) {
    super(refusal.words)
    this.response = response
    this.refusal = refusal
  }
}

export const refusedByApplication = (response: ResponseApdu): RefusedAnswer =>
  new RefusedAnswer(response, { ...rules['program.own'], rule: 'program.own', sw: response.sw })

/** The answer to whatever was thrown. */
export function refusedAnswer(error: unknown): RefusedAnswer {
  if (error instanceof RefusedAnswer) return error
  const refusal = asRefusal(error)
  return new RefusedAnswer({ data: new Uint8Array(), sw: refusal.sw }, explained(refusal))
}

/** Whatever the layers below throw for a reason has a rule here; anything else is a fault of the card. */
function asRefusal(error: unknown): CardRefusal {
  if (error instanceof CardRefusal) return error
  if (error instanceof ApduError) return new CardRefusal(apduRules[error.sw] ?? 'apdu.data', `${error.message}.`)
  if (error instanceof TlvError) return new CardRefusal('apdu.data', `${error.message}.`)
  return new CardRefusal('card.fault', '', { cause: error })
}

const apduRules: Readonly<Record<number, RuleId>> = {
  [SW.wrongLength]: 'apdu.length',
  [SW.classNotSupported]: 'apdu.class',
  [SW.instructionNotSupported]: 'apdu.instruction',
  [SW.wrongP1P2]: 'apdu.parameters',
}
