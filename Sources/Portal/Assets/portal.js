// Enhancement only: every page works without this file.
const $ = (selector, root = document) => root.querySelector(selector)
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const typing = (element) => element.closest('input,select,textarea,[contenteditable]')

// Theme: the form posts without script; with it, the page changes in place.
for (const form of all('form[data-theme-form]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const dark = getComputedStyle(document.documentElement).colorScheme === 'dark'
      || (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches)
    const theme = dark ? 'light' : 'dark'
    document.documentElement.dataset.theme = theme
    fetch('/theme', { method: 'POST', body: new URLSearchParams({ theme }), redirect: 'manual' })
    for (const input of all('form[data-theme-form] [name=theme]')) input.value = dark ? 'dark' : 'light'
  })
}

// Times: the server writes UTC; show the reader's own zone.
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const localise = (root) => {
  for (const time of all('time[datetime]', root)) {
    const date = new Date(time.dateTime)
    if (isNaN(date)) continue
    const seconds = (date - Date.now()) / 1000
    const size = Math.abs(seconds)
    time.title = absolute.format(date)
    if ('full' in time.dataset || size > 6 * 86400) time.textContent = absolute.format(date)
    else if (size < 60) time.textContent = 'just now'
    else if (size < 3600) time.textContent = relative.format(Math.round(seconds / 60), 'minute')
    else if (size < 86400) time.textContent = relative.format(Math.round(seconds / 3600), 'hour')
    else time.textContent = relative.format(Math.round(seconds / 86400), 'day')
  }
}
localise(document)

// Keyboard
const dialog = $('#shortcuts')
let leading = 0
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (event.key === 'Escape') for (const menu of all('details.menu[open]')) { menu.open = false; $('summary', menu).focus() }
  if (typing(event.target)) return
  if (event.key === '/') {
    const search = $('[type=search]')
    if (search) { event.preventDefault(); search.focus(); search.select() }
  } else if (event.key === '?' && dialog) {
    dialog.open ? dialog.close() : dialog.showModal()
  } else if (event.key === 'g') {
    leading = Date.now()
  } else if (Date.now() - leading < 1200) {
    leading = 0
    $(`[data-key="g ${CSS.escape(event.key)}"]`)?.click()
  } else {
    $(`[data-key="${CSS.escape(event.key)}"]`)?.click()
  }
})
for (const button of all('[data-shortcuts]')) { button.hidden = false; button.addEventListener('click', () => dialog?.showModal()) }
addEventListener('click', (event) => {
  for (const menu of all('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false
})

// Copy and print
for (const button of all('[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const source = $(button.dataset.copy)
    await navigator.clipboard.writeText(source.value || all('li', source).map((item) => item.textContent.trim()).join('\n') || source.textContent.trim())
    const label = button.textContent
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = label }, 1600)
  })
}
for (const button of all('[data-print]')) { button.hidden = false; button.addEventListener('click', () => print()) }

// Show a password
for (const button of all('[data-reveal]')) {
  button.hidden = false
  button.addEventListener('click', () => {
    const input = $(button.dataset.reveal)
    const shown = input.type === 'text'
    input.type = shown ? 'password' : 'text'
    button.textContent = shown ? 'Show' : 'Hide'
    button.setAttribute('aria-pressed', String(!shown))
    input.focus()
  })
}

// What is thought of a new password, while it is typed
for (const input of all('input[autocomplete=new-password]')) {
  const line = document.createElement('p')
  line.className = 'opinion small'
  line.innerHTML = '<progress max="3" value="0" aria-hidden="true"></progress><span role="status"></span>'
  line.hidden = true
  input.after(line)
  const [bar, said] = line.children
  let waiting = 0
  input.addEventListener('input', () => {
    clearTimeout(waiting)
    if (!input.value) { line.hidden = true; return }
    waiting = setTimeout(async () => {
      const typed = input.value
      const body = new URLSearchParams({ password: typed, place: input.form.getAttribute('action') })
      for (const other of all('input[type=text],input[type=email]', input.form)) if (other.value) body.append('word', other.value)
      try {
        const answer = await fetch('/password/opinion', { method: 'POST', body })
        if (!answer.ok || input.value !== typed) return
        const { level, text } = await answer.json()
        line.hidden = false
        line.dataset.level = level
        bar.value = level
        said.textContent = text
      } catch { line.hidden = true }
    }, 350)
  })
}

// Forms: one submission; a warning before input is lost.
for (const form of all('form')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) return event.preventDefault()
    if (form.method !== 'post' || 'themeForm' in form.dataset) return
    form.dataset.sent = '1'
    setTimeout(() => delete form.dataset.sent, 4000)
  })
}
for (const form of all('form[data-guard]')) {
  let changed = false
  form.addEventListener('input', () => { changed = true })
  form.addEventListener('submit', () => { changed = false })
  addEventListener('beforeunload', (event) => { if (changed) event.preventDefault() })
}
addEventListener('pageshow', () => { for (const form of all('form')) delete form.dataset.sent })
for (const button of all('[data-dismiss]')) {
  button.hidden = false
  button.addEventListener('click', () => button.closest('.flash').remove())
}

// Rows that can be added: conditions of a filter, fields of a collection. Without script the button submits.
for (const button of all('[data-more]')) {
  button.addEventListener('click', (event) => {
    const rows = all(button.dataset.more)
    const last = rows.at(-1)
    if (!last) return
    event.preventDefault()
    const index = rows.length
    const copy = last.cloneNode(true)
    for (const element of all('[id],[for],[name],[aria-describedby]', copy)) {
      for (const attribute of ['id', 'for', 'name']) {
        const value = element.getAttribute(attribute)
        if (value) element.setAttribute(attribute, value.replace(/\d+/, index))
      }
      if (element.matches('input:not([type=checkbox]):not([type=hidden]),textarea')) element.value = ''
      if (element.type === 'checkbox') element.checked = false
    }
    for (const element of all('.problem', copy)) element.remove()
    last.after(copy)
    $('input,select', copy).focus()
  })
}

// Files can be dropped anywhere on the dashed box.
for (const zone of all('.drop')) {
  const input = $('input[type=file]', zone)
  for (const name of ['dragover', 'dragleave', 'drop']) {
    zone.addEventListener(name, (event) => {
      event.preventDefault()
      zone.classList.toggle('over', name === 'dragover')
      if (name === 'drop' && event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.focus() }
    })
  }
}

// Progress of long work: server-sent events, then the page itself for the report.
const watched = $('[data-events]')
if (watched) {
  for (const meta of all('meta[http-equiv=refresh]')) meta.remove()
  const source = new EventSource(watched.dataset.events)
  source.addEventListener('progress', (event) => {
    const state = JSON.parse(event.data)
    const bar = $('progress', watched)
    if (state.total) { bar.max = state.total; bar.value = state.done }
    $('[data-said]', watched).textContent = state.text
    if (!['queued', 'running'].includes(state.state)) { source.close(); location.reload() }
  })
  source.addEventListener('error', () => { source.close(); setTimeout(() => location.reload(), 4000) })
}
