/** The actors of the ministry's drawing (参考資料5-2 別紙1), by the names used in certificates, contracts and traces. */
export const actors = {
  user: { ja: '利用者', en: 'user' },
  municipality: { ja: '市区町村窓口', en: 'municipal counter' },
  'my-number-card': { ja: 'マイナンバーカード', en: 'My Number card' },
  phone: { ja: 'スマートフォン（TSMプロキシエージェント）', en: 'phone with its TSM proxy agent' },
  sim: { ja: 'SIMカード', en: 'SIM card' },
  'jpki-applet': { ja: 'JPKIアプレット', en: 'JPKI applet' },
  'jpki-ui': { ja: 'JPKI-UIアプリ', en: 'JPKI-UI app' },
  'app-provider': { ja: 'アプリ提供事業者', en: 'app provider' },
  'sp-tsm': { ja: 'SP-TSM', en: 'SP-TSM' },
  'mno-tsm': { ja: 'MNO-TSM', en: 'MNO-TSM' },
  'carrier-network': { ja: '携帯電話網', en: 'mobile network of a carrier' },
  'jpki-system': { ja: 'JPKIシステム', en: 'JPKI system' },
  'validity-node': { ja: '有効性確認ノード', en: 'validity node (OCSP and lists)' },
  'relying-party': { ja: 'サービス提供者', en: 'relying party' },
  'openid-provider': { ja: 'OpenIDプロバイダー', en: 'OpenID provider' },
  terminal: { ja: '読取端末', en: 'terminal with a card reader' },
  'card-helper': { ja: 'カードリーダー連携ソフト', en: 'helper that speaks PC/SC for a page on a PC' },
  operator: { ja: '運用者', en: 'operator of the JPKI system' },
  system: { ja: '実行環境', en: 'the town that runs all of them' },
} as const satisfies Record<string, { ja: string; en: string }>

export type ActorName = keyof typeof actors

export const isActorName = (name: string): name is ActorName => Object.hasOwn(actors, name)
