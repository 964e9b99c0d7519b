/** What the app says, in Japanese: a file for each area. The English files have the same shapes. */

import { help } from '../help/ja.ts'
import { apply, order, orderUnknown, orderUnreachable } from './apply.ts'
import { certificate, history } from './certificate.ts'
import { download } from './download.ts'
import { eligibility } from './eligibility.ts'
import { frame } from './frame.ts'
import { homeMenu, homeScreen, state } from './home.ts'
import { life } from './life.ts'
import { login } from './login.ts'
import { pinChange, pinLess } from './pin.ts'
import { procedures } from './procedures.ts'
import { settings } from './settings.ts'

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
  history,
  pinChange,
  pinLess,
  eligibility,
  help,
  settings,
  login,
  life,
  procedures,
}

export type Texts = typeof ja
