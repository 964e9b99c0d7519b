/**
 * Remote administration of a secure element through the agent on the phone, the TSM's side: MNO-TSM and SP-TSM alike.
 *
 *     const agents = conversations({ find: async (sessionId) => ({ seId: iccid, stage: async (element) => {
 *       const [answer] = await element.send([{ what: 'SELECT', apdu }], '⑮')
 *       return { outcome: 'done' }
 *     } }) })
 *     start({ routes: [...agents.routes], … })
 */
export { handshake, Order, remoteManagement } from './contract.ts'
export type { Outcome, Stage } from './conversation.ts'
export { type Conversations, type ConversationsWorld, conversations, type Session } from './conversations.ts'
export { Abandoned, type AgentStep, type Element, type Instruction, instruct } from './element.ts'
export { type ChannelOptions, isForeseeable, Unforeseen } from './opening.ts'
export { cardRefused, dataOf, type Prepared } from './prepared.ts'
export { openSecureChannel, type SecureChannel } from './secure-channel.ts'
