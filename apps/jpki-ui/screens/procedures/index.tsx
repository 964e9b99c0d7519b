/** What can be done after the download, by its address. */
import type { ReactNode } from 'react'
import { AnotherSimScreen } from './another-sim.tsx'
import { ApplyAgainScreen } from './apply-again.tsx'
import { FoundScreen } from './found.tsx'
import { GiveUpScreen } from './give-up.tsx'
import { LostScreen } from './lost.tsx'
import { PinResetScreen } from './pin-reset.tsx'
import { RebindScreen } from './rebind.tsx'
import { StopUsingScreen } from './stop-using.tsx'

export const procedures: Readonly<Record<string, () => ReactNode>> = {
  '/pin-reset': () => <PinResetScreen />,
  '/lost': () => <LostScreen />,
  '/found': () => <FoundScreen />,
  '/give-up': () => <GiveUpScreen />,
  '/apply-again': () => <ApplyAgainScreen />,
  '/another-sim': () => <AnotherSimScreen />,
  '/rebind': () => <RebindScreen />,
  '/stop-using': () => <StopUsingScreen />,
}
