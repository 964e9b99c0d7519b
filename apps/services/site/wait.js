/** Asks until it is decided elsewhere; then the form that waited for it is sent, or the page is loaded anew. */
const { at } = document.querySelector('script[data-at]').dataset
const pause = 700

// In a frame the app is opened by the page around it: only origins that the service names may be that (frame-ancestors).
const link = document.querySelector('a[href*="#/login?"]')
if (parent !== window)
  link?.addEventListener('click', (event) => {
    event.preventDefault()
    parent.postMessage({ type: 'jpki-app-link', link: link.href }, '*')
  })

for (;;) {
  const { waiting } = await fetch(at, { cache: 'no-store' })
    .then((reply) => reply.json())
    .catch(() => ({ waiting: true }))
  if (!waiting) break
  await new Promise((resolve) => setTimeout(resolve, pause))
}
const form = document.querySelector('form#tap')
if (form) form.requestSubmit()
else location.reload()
