/** What the app says, in Japanese: a file for each area. The English files have the same shapes. */
import { apply, order, orderUnknown, orderUnreachable } from './apply.ts'
import { certificate } from './certificate.ts'
import { download } from './download.ts'
import { frame } from './frame.ts'
import { homeMenu, homeScreen, state } from './home.ts'
import { life } from './life.ts'
import { login } from './login.ts'
import { procedures } from './procedures.ts'

export const ja = {
  ...frame,
  state,
  homeMenu,
  homeScreen,
  order,
  orderUnknown,
  orderUnreachable,
  apply,
  download,
  certificate,
  login,
  life,
  procedures,
}

export type Texts = typeof ja
