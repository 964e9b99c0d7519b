/**
 * 読取端末: a terminal that reads a card or a phone held against it (カード代わりに使用). For services that have one:
 *
 *     const key = terminalKey({ terminalId, signer, jpkiSystem, now })                       // renewed by itself
 *     const judge = judgeOf({ library: jpki({ … }), terminals: publishedTrust(publication, authorities, now), now })
 *     const reading = await read({ institution, terminalId, judge, random, key }, card, { text: '資格確認', way: 'pin-less' })
 *     if (reading.ok) reading.holder.serialNumber, reading.evidence …   else reading.refusal
 */
export { Evidence, type Way, ways } from './contract.ts'
export { type TerminalKeyWorld, terminalKey } from './domain/certificate.ts'
export { type Judge, type Judged, type JudgeWorld, judgeOf, type TerminalTrust } from './domain/evidence.ts'
export type { Cost } from './domain/measured.ts'
export { type Asking, type PinPad, type Reading, read, type Terminal, type Token } from './domain/reading.ts'
export { publishedTrust } from './domain/trust.ts'
