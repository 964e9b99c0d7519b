/** Times and the frame of every letter in English. */
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'short' })
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', dateStyle: 'long' })

export const timeOf = (at: string): string => `${clock.format(new Date(at))} (Japan)`
export const dayOf = (at: string): string => day.format(new Date(at))

export const frame = {
  greeting: 'Thank you for using the user authentication function (JPKI) in your phone.',
  signature:
    'SP-TSM, download of the user authentication function\nNobody reads answers to this mail. We never ask for a PIN or password by mail.',
}
