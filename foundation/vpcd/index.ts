/** A software card in a PC/SC reader, through the virtual reader of vsmartcard (vpcd). */
export { type Attachment, type AttachOptions, type AttachState, attach, type Reason, reasons } from './attach.ts'
export { defaultPort } from './wire.ts'
