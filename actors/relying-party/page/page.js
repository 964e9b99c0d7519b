/** The login page: begins a login, opens the app, asks until it is decided. */
const byId = (id) => document.getElementById(id)
const sections = ['start', 'waiting', 'accepted', 'refused']
const show = (name) => {
  for (const section of sections) byId(section).hidden = section !== name
}

async function post(path, body) {
  const reply = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await reply.json()
  if (!reply.ok) throw Object.assign(new Error(answer.detail ?? answer.title), { code: answer.type?.split(':').at(-1) })
  return answer
}

/** What the person can do; every other code says that the login is to be begun again. */
const reasons = {
  'certificate.expired': '電子証明書の有効期間が過ぎています。更新してから、もう一度お試しください。',
  'certificate.on-hold': '電子証明書は一時停止されています。解除してから、もう一度お試しください。',
  'certificate.revoked': '電子証明書は失効しています。新しい電子証明書の発行を受けてください。',
  'certificate.status-unknown':
    '電子証明書が有効かどうかを確認できませんでした。しばらく待ってから、もう一度お試しください。',
  'certificate.untrusted': '公的個人認証サービスの電子証明書ではありません。',
  'certificate.wrong-policy': '利用者証明用の電子証明書ではありません。',
  'login.expired': '受付時間が過ぎました。もう一度お試しください。',
  'certificate.status-stale':
    '電子証明書の有効性について、古い情報しか確認できませんでした。しばらく待ってから、もう一度お試しください。',
  'login.wrong-number': 'アプリで選んだ番号が、この画面の番号と違います。もう一度お試しください。',
  'login.signature-invalid': '電子署名を確認できませんでした。もう一度お試しください。',
  'peer.unreachable': '接続できません。通信の状態を確認して、もう一度お試しください。',
  'rate.exceeded': 'ただいま混み合っています。少し待ってから、もう一度お試しください。',
}

function refuse({ code, detail }) {
  byId('reason').textContent = reasons[code] ?? 'もう一度お試しください。'
  byId('detail').textContent = detail
  byId('code').textContent = code
  show('refused')
}

async function login() {
  const { loginId, ticket, appLink, number, expiresAt } = await post('/logins', {})
  byId('open').href = appLink
  byId('number').textContent = number
  byId('until').textContent = `（${new Date(expiresAt).toLocaleTimeString('ja-JP')}まで有効）`
  show('waiting')
  for (;;) {
    const { state, serialNumber, refusal } = await post(`/logins/${loginId}/outcome`, { ticket })
    if (state === 'accepted') {
      byId('serial').textContent = serialNumber
      return show('accepted')
    }
    if (state === 'refused') return refuse(refusal)
    if (state === 'expired') return refuse({ code: 'login.expired', detail: 'The login request has expired.' })
    await new Promise((resolve) => setTimeout(resolve, 700))
  }
}

byId('begin').addEventListener('click', () =>
  login().catch((error) => refuse({ code: error.code || 'peer.unreachable', detail: error.message })),
)
for (const button of document.querySelectorAll('.again')) button.addEventListener('click', () => show('start'))
