/** Asks how the login stands until it is decided, then goes on; without scripts the person presses the button. */
const form = document.getElementById('finish')
const state = document.getElementById('state')
const problem = document.getElementById('trouble')

async function watch() {
  for (;;) {
    const reply = await fetch(form.dataset.state, { headers: { accept: 'application/json' } }).catch(() => undefined)
    if (reply?.ok === false) return form.submit()
    const { state: now, trouble = '' } = (await reply?.json()) ?? { state: 'waiting' }
    if (problem.textContent !== trouble) problem.textContent = trouble
    if (now !== 'waiting') {
      if (now === 'good') state.textContent = state.dataset.answered
      return form.submit()
    }
    await new Promise((resolve) => setTimeout(resolve, 700))
  }
}

// In a frame the app is opened by the page around it: only origins that the configuration names may be that (frame-ancestors).
const link = document.querySelector('a[href*="#/login?"]')
if (parent !== window)
  link?.addEventListener('click', (event) => {
    event.preventDefault()
    parent.postMessage({ type: 'jpki-app-link', link: link.href }, '*')
  })

form.querySelector('button').hidden = true
void watch()
