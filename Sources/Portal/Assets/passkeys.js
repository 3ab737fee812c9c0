// Passkeys (W3C Web Authentication). The one thing of the portal that needs script; beside it every page has another way.
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const supported = !!(window.PublicKeyCredential && navigator.credentials?.get)

const readOptions = (json) => {
  const options = { ...json, challenge: toBytes(json.challenge) }
  if (json.user) options.user = { ...json.user, id: toBytes(json.user.id) }
  for (const list of ['allowCredentials', 'excludeCredentials']) {
    if (json[list]) options[list] = json[list].map((entry) => ({ ...entry, id: toBytes(entry.id) }))
  }
  return options
}

const writeAnswer = (credential) => {
  const response = {}
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = toText(credential.response[name])
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports()
  const { credProps } = credential.getClientExtensionResults()
  return JSON.stringify({
    id: credential.id, rawId: toText(credential.rawId), type: credential.type, response,
    clientExtensionResults: credProps ? { credProps } : {},
  })
}

const reasons = {
  NotAllowedError: 'That was cancelled, took too long, or there is no passkey for this place on the device. Try again, or use another way.',
  InvalidStateError: 'This device holds a passkey for your account already.',
  NotSupportedError: 'This device can’t make a passkey that is good enough. Use another one.',
  SecurityError: 'Passkeys don’t work at this address.',
}

const explain = (error) => error.isOurs ? error.message : reasons[error.name] ?? 'That did not work. Try again, or use another way.'

// Only one question to the browser may be open: the button ends the one that waits in the autofill.
let waiting = null

const ask = async (form, extra = {}, address = form.dataset.options) => {
  const answer = await fetch(address, { method: 'POST', headers: { Accept: 'application/json' } })
  const json = await answer.json()
  if (!answer.ok) throw Object.assign(new Error(json.detail), { isOurs: true })
  const publicKey = readOptions(json)
  return form.dataset.passkey === 'create' ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey, ...extra })
}

const send = (form, credential) => {
  form.elements.credential.value = writeAnswer(credential)
  form.submit()
}

for (const form of all('form[data-passkey]')) {
  const area = form.closest('[data-passkey-area]')
  const missing = area.querySelector('[data-unsupported]')
  if (!supported) continue
  missing.hidden = true
  form.hidden = false
  const said = form.querySelector('[data-said]')
  const button = form.querySelector('button')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    waiting?.abort()
    button.disabled = true
    said.textContent = 'Follow your browser…'
    try {
      send(form, await ask(form))
    } catch (error) {
      said.textContent = explain(error)
      button.disabled = false
      delete form.dataset.sent
      button.focus()
      offer()
    }
  })
}
// A passkey in the place of a code, in a form that wants more than that.
for (const button of all('button[data-instead]')) {
  if (!supported) continue
  const form = button.form
  const said = form.querySelector('[data-said]')
  button.hidden = false
  button.addEventListener('click', async () => {
    const others = [...form.elements].filter((field) => field.name !== 'code' && !field.checkValidity())
    if (others.length) return others[0].reportValidity()
    button.disabled = true
    said.textContent = 'Follow your browser…'
    try {
      send(form, await ask(form, {}, button.dataset.instead))
    } catch (error) {
      said.textContent = explain(error)
      button.disabled = false
    }
  })
}

// Where a passkey can be made, the other way is folded up, unless it was just tried.
if (supported) for (const other of all('details[data-other]')) other.open = false
addEventListener('pageshow', () => { for (const button of all('form[data-passkey] button')) button.disabled = false })

// Passkeys among what the browser fills in for the address. The server's question is good for five minutes, so it is asked again.
const offer = async (rounds = 12) => {
  const form = document.querySelector('form[data-conditional]')
  if (!form || !supported || !await PublicKeyCredential.isConditionalMediationAvailable?.()) return
  while (rounds-- > 0) {
    const controller = waiting = new AbortController()
    let old = false
    const timer = setTimeout(() => { old = true; controller.abort() }, 240_000)
    try {
      return send(form, await ask(form, { mediation: 'conditional', signal: controller.signal }))
    } catch {
      if (!old) return
    } finally {
      clearTimeout(timer)
    }
  }
}
offer()
