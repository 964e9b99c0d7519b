/** Whether an application can be reached through the antenna: state and command. GPCS Amendment C (Contactless Services) v1.1.1. */
import { command } from '@mobile-jpki/iso7816'
import { oneOf, required, template } from '@mobile-jpki/tlv'
import { Aid } from './registry.ts'

/** SET STATUS of the availability over the contactless interface: P1 01, P2 the state. */
export const SetContactlessState = command({
  name: 'SET STATUS [contactless]',
  cla: 0x80,
  ins: 0xf0,
  p1: 0x01,
  p2: oneOf({ deactivated: 0x00, activated: 0x01 }),
  data: template({ aid: required(0x4f, Aid) }),
})
