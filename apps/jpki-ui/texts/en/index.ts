/** What the app says, in English. */

import { help } from '../help/en.ts'
import type { Texts } from '../ja/index.ts'
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

export const en: Texts = {
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
