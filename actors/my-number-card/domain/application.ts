/** The commands of the JPKI application, one rule each: from one state of the session to the next. */
import { type AnyCommand, ApduError, type CommandApdu, describeStatusWord, SW } from '@mobile-jpki/iso7816'
import {
  type CertificateUse,
  ChangeReferenceData,
  ComputeDigitalSignature,
  GetChallenge,
  isPinForm,
  ReadBinary,
  ReadBinaryOfFile,
  type Reference,
  readPart,
  SelectFile,
  triesLeftWord,
  Verify,
} from '@mobile-jpki/jpki'
import type { Nvm } from '@mobile-jpki/nvm'
import type { CardWorld } from '../contract.ts'
import { type File, fileOf } from './files.ts'
import { cell } from './memory.ts'
import { setPin, triesLeft, verifyPin } from './pin.ts'
import { type JpkiApplication, type Session, withVerified } from './session.ts'
import { modulusLength, sign } from './signature.ts'

export interface Chip extends CardWorld {
  readonly nvm: Nvm
}

export interface Step {
  readonly next: Session
  readonly sw: number
  readonly data?: Uint8Array
}

export interface Rule {
  readonly command: AnyCommand
  run(apdu: CommandApdu, session: JpkiApplication, chip: Chip): Step
}

const on = <P>(
  command: AnyCommand & { fromApdu(apdu: CommandApdu): P },
  run: (params: P, session: JpkiApplication, chip: Chip) => Step,
): Rule => ({ command, run: (apdu, session, chip) => run(command.fromApdu(apdu), session, chip) })

export function refuse(sw: number): never {
  throw new ApduError(describeStatusWord(sw), sw)
}

const done = (next: Session, data?: Uint8Array): Step => ({ next, sw: SW.ok, ...(data && { data }) })

/** The file that a reference means, made current; `absent` is the status word where this card has none such. */
function fileAt(
  reference: Reference,
  session: JpkiApplication,
  { nvm }: Chip,
  absent: number,
): { session: JpkiApplication; file: File } {
  const id = reference === 'current' ? session.file : reference
  if (id === undefined) refuse(SW.noCurrentEf)
  const file = fileOf(nvm, id) ?? refuse(absent)
  return { session: { ...session, file: id }, file }
}

function pinAt(reference: Reference, before: JpkiApplication, chip: Chip) {
  const { session, file } = fileAt(reference, before, chip, SW.referencedDataNotFound)
  return file.kind === 'pin' ? { session, use: file.use } : refuse(SW.incompatibleWithFileStructure)
}

function need(session: JpkiApplication, use: CertificateUse | undefined): void {
  if (use !== undefined && !session.verified.has(use)) refuse(SW.securityStatusNotSatisfied)
}

function read(reference: Reference, offset: number, le: number | undefined, before: JpkiApplication, chip: Chip): Step {
  const { session, file } = fileAt(reference, before, chip, SW.fileOrApplicationNotFound)
  if (file.kind !== 'readable') return refuse(SW.incompatibleWithFileStructure)
  need(session, file.condition)
  return done(session, readPart(file.content, offset, le))
}

export const rules: readonly Rule[] = [
  on(SelectFile, ({ data: id }, session, { nvm }) => {
    if (fileOf(nvm, id) === undefined) refuse(SW.fileOrApplicationNotFound)
    return done({ ...session, file: id })
  }),

  on(Verify, ({ p2, data: pin }, before, chip) => {
    const { session, use } = pinAt(p2, before, chip)
    // The retry query. Public clients read 63Cx at all times, also after a successful VERIFY and when blocked.
    if (pin.length === 0) return { next: session, sw: triesLeftWord(triesLeft(chip.nvm, use)) }
    if (pin.length > 16) refuse(SW.wrongLength)
    const verification = verifyPin(chip.nvm, use, pin)
    if (verification.outcome === 'blocked') refuse(SW.referenceDataNotUsable)
    const next = withVerified(session, use, verification.outcome === 'right')
    return verification.outcome === 'right' ? done(next) : { next, sw: triesLeftWord(verification.triesLeft) }
  }),

  on(ChangeReferenceData, ({ p2, data: pin }, before, chip) => {
    const { session, use } = pinAt(p2, before, chip)
    need(session, use)
    if (!isPinForm(use, pin)) refuse(SW.wrongData)
    setPin(chip.nvm, use, pin, chip.random)
    return done(session)
  }),

  on(ReadBinary, ({ p1, p2, le }, session, chip) => read('current', (p1 << 8) | p2, le, session, chip)),
  on(ReadBinaryOfFile, ({ p1: file, p2: offset, le }, session, chip) => read(file, offset, le, session, chip)),

  on(ComputeDigitalSignature, ({ p1: form, p2, data, le }, before, chip) => {
    const { session, file } = fileAt(p2, before, chip, SW.referencedDataNotFound)
    if (file.kind !== 'key') return refuse(SW.incompatibleWithFileStructure)
    need(session, file.use)
    if (data.length === 0 || le === undefined || le < modulusLength) refuse(SW.wrongLength)
    const key = chip.nvm.get(cell.privateKey(file.use)) ?? refuse(SW.referencedDataNotFound)
    const signature = sign(key, form, data, chip.random)
    return done(session, signature ?? refuse(form === 'asGiven' ? SW.wrongLength : SW.conditionsOfUseNotSatisfied))
  }),

  on(GetChallenge, ({ le }, session, { random }) => {
    if (le === undefined || le > 256) return refuse(SW.wrongLength)
    return done(session, random(le))
  }),
]
