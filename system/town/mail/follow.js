/** Shows new mail as it comes, and copies a code; without it the page shows what was there when it was opened. */
const pause = 1500
const list = document.querySelector('main')

list.addEventListener('click', async ({ target }) => {
  const button = target.closest('button[data-code]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.code)
  button.textContent = button.dataset.copied
})

for (;;) {
  await new Promise((resolve) => setTimeout(resolve, pause))
  const text = await fetch('/', { cache: 'no-store' })
    .then((reply) => reply.text())
    .catch(() => undefined)
  if (text === undefined || document.hidden) continue
  const now = new DOMParser().parseFromString(text, 'text/html').querySelector('main')
  if (now === null || now.dataset.version === list.dataset.version) continue
  list.replaceChildren(...now.childNodes)
  list.dataset.version = now.dataset.version
}
