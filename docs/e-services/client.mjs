// An e-service that signs people in through the portal: one file, openid-client and Node's own web server.
//
//     npm ci
//     ISSUER=http://127.0.0.1:8000 CLIENT_ID=… CLIENT_SECRET=… node client.mjs
//
// Then open http://127.0.0.1:8200/. Register http://127.0.0.1:8200/callback as redirect_uri and http://127.0.0.1:8200/ as
// post_logout_redirect_uri.

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = '8200' } = process.env
const HERE = `http://127.0.0.1:${PORT}`
const SCOPES = 'openid profile email phone entity service_groups'
const sessions = new Map() // cookie -> what we know of this browser; a real e-service has a database

// openid-client verifies issuer, state, nonce, signature, audience and times by itself.
const insecure = ISSUER.startsWith('http://') ? { execute: [client.allowInsecureRequests] } : {} // development only
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, insecure)

const text = (value) => String(value).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
const form = (to) => `<form method="post" action="/${to}"><button>${to}</button></form>`
const cookieOf = (request) => /(?:^|; )efile_node=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]

function page(response, html, status = 200) {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>E-filing</title>${html}`)
}

// Redirect; with `session`, forget this browser's old one and begin another under a new cookie.
function go(request, response, to, session) {
  const headers = { Location: to }
  if (session) {
    sessions.delete(cookieOf(request))
    const key = randomBytes(32).toString('base64url')
    sessions.set(key, session)
    headers['Set-Cookie'] = `efile_node=${key}; Path=/; HttpOnly; SameSite=Lax` // and Secure, over https
  }
  response.writeHead(303, headers).end()
}

const steps = {
  'GET /': (request, response, { claims }) => {
    if (!claims) return page(response, form('login'))
    const shown = text(JSON.stringify(claims, null, 2))
    page(response, `<p>Hello, ${text(claims.sub)}</p><pre>${shown}</pre>${form('refresh')}${form('logout')}`)
  },

  // Send the browser to the portal, and remember what must come back with it.
  'POST /login': async (request, response) => {
    const sent = {
      verifier: client.randomPKCECodeVerifier(),
      state: client.randomState(),
      nonce: client.randomNonce(),
    }
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: `${HERE}/callback`,
      scope: SCOPES,
      state: sent.state,
      nonce: sent.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(sent.verifier),
      code_challenge_method: 'S256',
    })
    go(request, response, url.href, { sent })
  },

  'GET /callback': async (request, response, { sent }) => {
    if (!sent) return page(response, 'This answer is not for this browser.', 400)
    const tokens = await client.authorizationCodeGrant(config, new URL(request.url, HERE), {
      pkceCodeVerifier: sent.verifier,
      expectedState: sent.state,
      expectedNonce: sent.nonce,
      idTokenExpected: true,
    })
    const claims = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
    go(request, response, '/', { tokens, claims })
  },

  // Ask again what the person may do; whoever may not any more is signed out here too.
  'POST /refresh': async (request, response, session) => {
    if (!session.tokens) return go(request, response, '/')
    try {
      const tokens = await client.refreshTokenGrant(config, session.tokens.refresh_token)
      session.claims = await client.fetchUserInfo(config, tokens.access_token, session.claims.sub)
      session.tokens = tokens
      go(request, response, '/')
    } catch (error) {
      go(request, response, '/', {})
    }
  },

  // End the session here, at the portal, and with it at every other e-service.
  'POST /logout': (request, response, { tokens }) => {
    if (!tokens) return go(request, response, '/')
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: `${HERE}/`,
    })
    go(request, response, url.href, {})
  },
}

createServer(async (request, response) => {
  const step = steps[`${request.method} ${new URL(request.url, HERE).pathname}`]
  try {
    if (!step) return page(response, 'Not found', 404)
    await step(request, response, sessions.get(cookieOf(request)) ?? {})
  } catch (error) {
    // access_denied: error_description says why, by a code
    page(response, text(`${error.error ?? error.code ?? error.message}: ${error.error_description ?? ''}`), 403)
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log(`Listening on ${HERE}/`))
