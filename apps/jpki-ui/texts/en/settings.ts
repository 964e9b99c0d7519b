/** Language, light or dark, size of the type. */
import type * as ja from '../ja/settings.ts'

export const settings: typeof ja.settings = {
  title: 'Settings',
  text: 'These are for this app on this phone alone. A choice holds at once.',
  language: 'Language',
  look: 'Light or dark',
  looks: {
    system: { label: 'Automatic', text: 'As the phone is set' },
    light: { label: 'Light', text: 'Dark letters on a light ground' },
    dark: { label: 'Dark', text: 'Light letters on a dark ground' },
  },
  size: 'Size of the type',
  sizes: {
    normal: { label: 'Normal' },
    large: { label: 'Large' },
    largest: { label: 'Very large' },
  },
}
