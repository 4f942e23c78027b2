// The scripts of the collection itself: they run before and after every request.

/* global pm */

/** Before: the values of the environment are there, and so is the run id. */
export function before() {
  for (const name of ['scim_url', 'internal_url', 'scim_token', 'jit_token', 'admin_token']) {
    if (!pm.variables.get(name)) throw new Error(`Set ${name} in the environment: see postman/README.md.`);
  }
  // Every name that a run makes holds the run id, so that runs never meet, not even on a server that keeps its data. The
  // first request of each folder at the top makes a new one.
  if (!pm.collectionVariables.get('run')) {
    pm.collectionVariables.set('run', Math.floor(Math.random() * 36 ** 6).toString(36).padStart(6, '0'));
  }
}

/** After: what is true of every answer. */
export function after() {
  const response = pm.response;
  const header = (name) => response.headers.get(name) || '';
  const path = pm.request.url.getPath();
  const is_scim = pm.request.url.toString().startsWith(pm.variables.get('scim_url') + '/')
    && !path.startsWith('/provision/') && !path.startsWith('/events/');

  pm.test('is not for caches, and its type is not to be guessed', () => {
    if (path !== '/events/v1/keys') pm.expect(header('Cache-Control')).to.include('no-store');
    pm.expect(header('X-Content-Type-Options')).to.equal('nosniff');
  });
  if (response.code === 204 || response.code === 304) {
    pm.test('has no body', () => pm.expect(response.text() || '').to.equal(''));
    return;
  }
  if (/^\/(healthz|readyz|metrics|jit\/v1\/forward-auth|events\/v1\/keys)$/.test(path) && response.code < 400) return;

  pm.test('has the content type of its protocol', () => {
    const success = is_scim ? 'application/scim+json' : 'application/json';
    const failure = is_scim ? 'application/scim+json' : 'application/problem+json';
    pm.expect(header('Content-Type')).to.match(
      new RegExp(`^${(response.code < 400 ? success : failure).replace('+', '\\+')}($|;)`));
  });
  if (pm.request.method === 'HEAD') return;
  const body = response.json();
  if (response.code >= 400) {
    pm.test('tells what is wrong in the form of its protocol', () => {
      const schema = is_scim ? 'schema_scim_error' : 'schema_problem';
      response.to.have.jsonSchema(JSON.parse(pm.collectionVariables.get(schema)));
      pm.expect(Number(body.status)).to.equal(response.code);
    });
    // A proxy sends its user to sign in: a challenge would make browsers ask for a token.
    if (response.code === 401 && body.code !== 'JIT-1010') {
      pm.test('tells how to authenticate', () => pm.expect(header('WWW-Authenticate')).to.match(/^Bearer realm=/));
    }
    return;
  }
  if (is_scim && body.id && body.meta && body.meta.version) {
    pm.test('the header fields agree with meta', () => {
      pm.expect(header('ETag')).to.equal(body.meta.version);
      pm.expect(header('Content-Location')).to.equal(body.meta.location);
      if (response.code === 201) pm.expect(header('Location')).to.equal(body.meta.location);
    });
    pm.test('the location is below the base that was asked', () => {
      const base = /^(\/domains\/[^/]+)?\/scim\/v2\/[^/]+\//.exec(path + '/')[0].replace(/\/Me\/$/, '/Users/');
      const location = pm.variables.get('scim_url') + base + body.id;
      pm.expect(body.meta.location.toLowerCase()).to.equal(location.toLowerCase());
    });
  }
}
