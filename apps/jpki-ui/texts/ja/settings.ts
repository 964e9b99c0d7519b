/** Language, light or dark, size of the type. */
export const settings = {
  title: '設定',
  text: 'この設定は、このスマートフォンのこのアプリだけに使われます。選ぶとすぐに変わります。',
  language: '言語',
  look: '明るさ',
  looks: {
    system: { label: '自動', text: 'スマートフォンの設定に合わせます' },
    light: { label: 'ライト', text: '明るい背景に暗い文字' },
    dark: { label: 'ダーク', text: '暗い背景に明るい文字' },
  },
  size: '文字の大きさ',
  sizes: {
    normal: { label: '標準' },
    large: { label: '大きい' },
    largest: { label: 'とても大きい' },
  },
}
