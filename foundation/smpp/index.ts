/** SMPP 3.4 over TCP: what the message centre and its peers have in common. The PDUs are in `standards/ota`. */
export {
  type Answer,
  type Answers,
  type ConnectionOptions,
  type Ends,
  type SmppConnection,
  smppConnection,
} from './connection.ts'
