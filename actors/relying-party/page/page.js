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
  if (!reply.ok) throw Object.assign(new Error(answer.detail ?? answer.title), { code: answer.type.split(':').at(-1) })
  return answer
}

function refuse({ code, detail }) {
  byId('reason').textContent = detail
  byId('code').textContent = code
  show('refused')
}

async function login() {
  const { loginId, ticket, appLink, expiresAt } = await post('/logins', {})
  byId('open').href = appLink
  byId('until').textContent = `（${new Date(expiresAt).toLocaleTimeString('ja-JP')}まで有効）`
  show('waiting')
  for (;;) {
    const { state, serialNumber, refusal } = await post(`/logins/${loginId}/outcome`, { ticket })
    if (state === 'accepted') {
      byId('serial').textContent = serialNumber
      return show('accepted')
    }
    if (state === 'refused') return refuse(refusal)
    if (state === 'expired') return refuse({ code: 'login.expired', detail: '時間切れです。もう一度お試しください。' })
    await new Promise((resolve) => setTimeout(resolve, 700))
  }
}

byId('begin').addEventListener('click', () =>
  login().catch((error) => refuse({ code: error.code ?? 'peer.unreachable', detail: error.message })),
)
for (const button of document.querySelectorAll('.again')) button.addEventListener('click', () => show('start'))
