/** command_status of a response. SMPP v3.4 §5.1.3, table 5-2. */

export const statuses = {
  ok: 0x00,
  invalidMessageLength: 0x01,
  invalidCommandLength: 0x02,
  invalidCommandId: 0x03,
  incorrectBindStatus: 0x04,
  alreadyBound: 0x05,
  systemError: 0x08,
  invalidSource: 0x0a,
  invalidDestination: 0x0b,
  invalidMessageId: 0x0c,
  bindFailed: 0x0d,
  invalidPassword: 0x0e,
  invalidSystemId: 0x0f,
  messageQueueFull: 0x14,
  invalidEsmClass: 0x43,
  submitFailed: 0x45,
  throttled: 0x58,
  temporaryApplicationError: 0x64,
  permanentApplicationError: 0x65,
  rejectedByApplication: 0x66,
  deliveryFailure: 0xfe,
  unknownError: 0xff,
} as const
export type Status = keyof typeof statuses

export const statusNames: ReadonlyMap<number, Status> = new Map(
  Object.entries(statuses).map(([name, value]) => [value, name as Status]),
)
