// Pages of people, roles and staff; enhancement only.
const $ = (selector, root = document) => root.querySelector(selector)
const all = (selector, root = document) => [...root.querySelectorAll(selector)]

// What was typed outlives the question "is it you?": kept in this tab, and put back where the server sends one back to.
const again = new URL(location).searchParams.has('again')
const typed = JSON.parse(sessionStorage.getItem('typed') ?? 'null')
sessionStorage.removeItem('typed')
if (again) {
  const address = new URL(location)
  address.searchParams.delete('again')
  history.replaceState(null, '', address)
  const form = typed && Date.now() - typed.at < 900000 && all('form[data-keep]').find((form) => form.getAttribute('action') === typed.action)
  if (form) {
    for (const input of form.elements) {
      const values = typed.fields.filter(([name]) => name === input.name).map(([, value]) => value)
      if (['checkbox', 'radio'].includes(input.type)) input.checked = values.includes(input.value)
      else if (keeps(input) && values.length) input.value = values[0]
    }
    const said = Object.assign(document.createElement('div'), { className: 'notice', role: 'status' })
    said.append(Object.assign(document.createElement('p'), { textContent: 'Thank you. What you had typed is here again, and nothing was saved yet.' }))
    form.before(said)
    for (const fold of all('details', form)) if (fold.querySelector(':checked')) fold.open = true
    said.scrollIntoView({ block: 'center' })
  }
}
function keeps(input) { return input.name && !['password', 'file', 'hidden'].includes(input.type) && input.autocomplete !== 'one-time-code' }
for (const form of all('form[data-keep]')) {
  form.addEventListener('submit', () => {
    const fields = [...form.elements].filter((e) => keeps(e) && (!['checkbox', 'radio'].includes(e.type) || e.checked)).map((e) => [e.name, e.value])
    sessionStorage.setItem('typed', JSON.stringify({ action: form.getAttribute('action'), at: Date.now(), fields }))
  })
}

// A file of addresses goes into the field above it, where one sees what will be sent.
for (const input of all('[data-into]')) {
  input.closest('[data-pick]').hidden = false
  input.addEventListener('change', async () => {
    const target = $(input.dataset.into)
    target.value = (await input.files[0].text()).slice(0, 200000)
    target.dispatchEvent(new Event('input', { bubbles: true }))
    target.focus()
  })
}
