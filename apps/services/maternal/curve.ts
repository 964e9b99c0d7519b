/** How a child grows: weight over age as a line, and as words for those who do not see it. */
import { type Html, html } from '../site/html.ts'
import type { Say } from '../site/language.ts'
import type { Child } from './record.ts'

const [width, height, edge] = [400, 180, 36]
const monthMilliseconds = 30.4375 * 86_400_000

export function weightCurve({ born, measurements }: Child, say: Say): Html {
  const points = measurements.map(({ date, weight }) => ({
    months: (Date.parse(date) - Date.parse(born)) / monthMilliseconds,
    kilograms: weight / 1000,
  }))
  const [most, heaviest] = [
    Math.max(6, ...points.map(({ months }) => Math.ceil(months))),
    Math.max(8, ...points.map(({ kilograms }) => Math.ceil(kilograms))),
  ]
  const x = (months: number) => Math.round(edge + (months / most) * (width - edge - 12))
  const y = (kilograms: number) => Math.round(height - edge - (kilograms / heaviest) * (height - edge - 16))
  const placed = points.map(({ months, kilograms }) => [x(months), y(kilograms)] as const)
  const spoken = points.map(({ months, kilograms }) =>
    say(`${Math.floor(months)}か月 ${kilograms}kg`, `${Math.floor(months)} months ${kilograms} kg`),
  )
  const steps = [0, 0.25, 0.5, 0.75, 1]
  return html`<svg class="curve" viewBox="0 0 ${width} ${height}" role="img" aria-label="${say('体重の記録', 'Weight')}: ${spoken.join(say('、', ', '))}">
${steps.map((part) => html`<line x1="${edge}" x2="${width - 12}" y1="${y(heaviest * part)}" y2="${y(heaviest * part)}"/><text x="4" y="${y(heaviest * part) + 4}">${round(heaviest * part)}kg</text>`)}
${steps.map((part) => html`<text x="${x(most * part)}" y="${height - 12}" text-anchor="middle">${round(most * part)}${say('か月', ' mo')}</text>`)}
<path d="M${placed.map(([across, down]) => `${across} ${down}`).join('L')}"/>
${placed.map(([across, down]) => html`<circle cx="${across}" cy="${down}" r="4"/>`)}
</svg>`
}

const round = (value: number): string => String(Math.round(value * 10) / 10)
