/** The few pictures of the app, drawn in the colour of the text around them. */
import type { ReactNode } from 'react'

const pictures = {
  back: <path d="m14.5 5-7 7 7 7" />,
  next: <path d="m9.5 5 7 7-7 7" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  erase: <path d="M9 6h11v12H9l-6-6 6-6Zm3.5 4 4 4m0-4-4 4" />,
  apply: <path d="M5 3h9l5 5v13H5V3Zm9 0v5h5M8.5 13h7m-7 4h4.5" />,
  download: <path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M4.5 19.5h15" />,
  certificate: (
    <>
      <path d="M7 15.5H4v-11h16v11h-3M8 8.5h8" />
      <circle cx="12" cy="14" r="2.8" />
      <path d="m10.3 16.3-.8 4.7 2.5-1.4 2.5 1.4-.8-4.7" />
    </>
  ),
  sim: <path d="M6 3h8l4 4v14H6V3Zm3 8.5h6v6H9v-6Zm3 0v6m-3-3h6" />,
  login: <path d="M10 4h9v16h-9M4 12h10m-3.5-3.5L14 12l-3.5 3.5" />,
  phone: <path d="M7 2.5h10v19H7v-19Zm4 16.2h2" />,
  history: <path d="M12 7v5.5l3.5 2M4 12a8 8 0 1 0 2.6-5.9M4 3.5v4h4" />,
  key: (
    <>
      <circle cx="8" cy="15.5" r="4.5" />
      <path d="m11.2 12.3 8.3-8.3m-3.3 3.3 3 3m-5.6-.4 1.8 1.8" />
    </>
  ),
  tap: <path d="M8.5 8.5a5 5 0 0 1 0 7m3.5-10a9.5 9.5 0 0 1 0 13m3.5-16a14 14 0 0 1 0 19" />,
  help: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M9.3 9.5a2.7 2.7 0 1 1 3.9 2.4c-.8.4-1.2.9-1.2 1.9m0 2.9v.1" />
    </>
  ),
  settings: <path d="M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.5v5m-7 5v5" />,
  information: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 11v5.5M12 7.6v.1" />
    </>
  ),
  warning: <path d="M12 3.5 22 20.5H2L12 3.5Zm0 6.5v5m0 2.6v.1" />,
  refused: <path d="M8 2.8h8L21.2 8v8L16 21.2H8L2.8 16V8L8 2.8Zm.8 6 6.4 6.4m0-6.4-6.4 6.4" />,
} as const satisfies Record<string, ReactNode>
export type IconName = keyof typeof pictures

export function Icon({ name, className = 'size-6' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {pictures[name]}
    </svg>
  )
}

/** A phone and the card behind it. */
export function TapPicture({ found }: { found: boolean }) {
  return (
    <svg viewBox="0 0 240 132" className="mx-auto w-full max-w-60" fill="none" strokeWidth="2.5" aria-hidden="true">
      <g className={found ? 'stroke-good-strong' : 'stroke-edge'}>
        <rect x="28" y="40" width="118" height="74" rx="8" className="fill-surface" />
        <path d="M42 58h28M42 72h44" />
        <rect x="42" y="86" width="18" height="14" rx="3" />
      </g>
      <g className="stroke-key">
        <rect x="104" y="8" width="66" height="116" rx="11" className="fill-surface" />
        <path d="M128 17h18" strokeLinecap="round" />
      </g>
      <g className={found ? 'stroke-good-strong' : 'stroke-key'} strokeLinecap="round" strokeLinejoin="round">
        {found ? (
          <path d="m122 67 11 11 20-23" strokeWidth="4" />
        ) : (
          <path d="M124 58a12 12 0 0 1 0 18m8-25a22 22 0 0 1 0 32m8-39a32 32 0 0 1 0 46" />
        )}
      </g>
    </svg>
  )
}
