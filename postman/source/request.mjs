// What the folders of the collection are written with. A request is described by a few fields; from them come the Postman
// item, its documentation and its test script.

const scimJson = 'application/scim+json';

/** The URN of the messages and schemas that requests name. */
export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  provenance: 'urn:vestibule:params:scim:schemas:extension:provenance:2.0:User',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulk: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
};

/** Base URLs. `scim` is SCIM over all domains, `domainBase` SCIM over one. */
export const scim = '{{scim_url}}/scim/v2';
export const domainBase = (domain) => `{{scim_url}}/domains/${domain}/scim/v2`;
export const internal = '{{internal_url}}';

/** Bodies. */
export const user = (members) => ({schemas: [urn.user], ...members});
export const group = (members) => ({schemas: [urn.group], ...members});
export const patch = (...operations) => ({schemas: [urn.patch], Operations: operations});

/** A folder. `about` is shown in Postman. A folder at the top begins with a new run id, so that it can be run alone. */
export function folder(name, about, items) {
  return {name, description: about, item: items};
}

/** Puts a new run id before the first request of a folder. */
export function standingAlone(top) {
  let first = top;
  while (first.item) first = first.item[0];
  first.event.unshift(script('prerequest', [
    "pm.collectionVariables.set('run', Math.floor(Math.random() * 36 ** 6).toString(36).padStart(6, '0'));",
  ]));
  return top;
}

/**
 * One request.
 *
 * - `get`, `post`, `put`, `patch` or `delete`: the URL; `query`: its parameters, as people write them. Postman leaves a plus as
 *   it is, which means a blank: write %2B. Where the spelling matters, the URL holds its query itself
 * - `headers`, `body` (an object, or text that is sent as it is)
 * - `token`: the variable that holds the bearer token (`scim_token` when left out), or null for none
 * - `expect`: the status, or several that are as good; `schema`: the one of schemas.mjs that the body has to satisfy
 * - `scimType`: of the expected SCIM error; `code`: of the expected problem
 * - `save`: names of variables, each with where in the body its value is
 * - `before`: a function (or its text) whose body runs before the request
 * - `tests`: functions (or their text) by what they show. They see `body`, and `vars`, the collection's variables
 * - `text`: true when the body is no JSON
 * - `about`: a sentence for the reader
 */
export function request(name, fields) {
  const method = ['get', 'post', 'put', 'patch', 'delete'].find((each) => each in fields);
  const url = fields[method];
  const has_body = fields.body !== undefined;
  const is_scim = url.startsWith('{{scim_url}}');
  const headers = {
    ...(is_scim ? {Accept: scimJson} : {}),
    ...(has_body ? {'Content-Type': is_scim ? scimJson : 'application/json'} : {}),
    ...fields.headers,
  };
  const item = {name, event: [], request: {method: method.toUpperCase(), url: urlOf(url, fields.query)}};
  if (fields.before) item.event.push(script('prerequest', bodyLines(fields.before)));
  item.event.push(script('test', testLines(fields)));
  if (fields.about) item.request.description = fields.about;
  item.request.header = Object.entries(headers).map(([key, value]) => ({key, value}));
  if (fields.token !== undefined) item.request.auth = bearer(fields.token);
  if (has_body) {
    item.request.body = {
      mode: 'raw',
      raw: typeof fields.body === 'string' ? fields.body : JSON.stringify(fields.body, null, 2),
      options: {raw: {language: 'json'}},
    };
  }
  return item;
}

/** Authorization by the token in this variable, or none. */
export function bearer(variable) {
  if (variable === null) return {type: 'noauth'};
  return {type: 'bearer', bearer: [{key: 'token', value: `{{${variable}}}`, type: 'string'}]};
}

/** An event with a script of these lines. */
export function script(listen, lines) {
  return {listen, script: {type: 'text/javascript', exec: lines}};
}

/** The lines of a function's body, moved to the left. */
export function bodyLines(fn) {
  const lines = String(fn).split('\n');
  if (lines.length < 3) throw new Error(`write the body of this function on lines of its own: ${fn}`);
  return dedented(lines.slice(1, -1));
}

function urlOf(text, query = {}) {
  const [address, sent] = text.split('?');
  const asked = Object.entries(query).map(([key, value]) => ({key, value: String(value)}));
  const parameters = sent === undefined ? asked : sent.split('&').map(parameterOf);
  const [host, ...path] = address.split('/');
  const raw = asked.length === 0 ? text : `${text}?${asked.map((p) => `${p.key}=${p.value}`).join('&')}`;
  return {raw, host: [host], path, ...(parameters.length === 0 ? {} : {query: parameters})};
}

/** A parameter of a query as it is sent. Postman writes one without key and value as nothing, with its `&`. */
function parameterOf(text) {
  if (text === '') return {key: null, value: null};
  const [key, ...value] = text.split('=');
  return {key, value: value.join('=')};
}

function testLines(fields) {
  const statuses = [fields.expect].flat();
  const lines = [];
  const test = (name, text) => lines.push(...`pm.test(${quoted(name)}, ${text});`.split('\n'));
  if (statuses.length === 1) {
    test(`answers ${statuses[0]}`, `() => pm.response.to.have.status(${statuses[0]})`);
  } else {
    test(`answers ${statuses.join(' or ')}`, `() => pm.expect(pm.response.code).to.be.oneOf([${statuses.join(', ')}])`);
  }
  const needs_body = fields.schema || fields.save || fields.tests || fields.scimType || fields.code;
  const has_body = statuses.some((status) => status !== 204 && status !== 304);
  if (needs_body) lines.push('const vars = pm.collectionVariables;');
  if (needs_body && has_body && !fields.text) lines.push('const body = pm.response.json();');
  if (fields.schema) {
    test(`the body is as the schema ${quoted(fields.schema)} says`,
      `() => pm.response.to.have.jsonSchema(JSON.parse(vars.get('schema_${fields.schema}')))`);
  }
  if (fields.scimType) {
    test(`the scimType is ${fields.scimType}`, `() => pm.expect(body.scimType).to.equal('${fields.scimType}')`);
  }
  if (fields.code) test(`the code is ${fields.code}`, `() => pm.expect(body.code).to.equal('${fields.code}')`);
  for (const [name, fn] of Object.entries(fields.tests ?? {})) {
    const [first, ...rest] = String(fn).split('\n');
    test(name, [first, ...dedented(rest)].join('\n'));
  }
  for (const [variable, where] of Object.entries(fields.save ?? {})) {
    lines.push(`vars.set('${variable}', body.${where});`);
  }
  return lines;
}

/** The lines without what all of them are indented by. */
function dedented(lines) {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const depth = Math.min(...indents, 80);
  return lines.map((line) => line.slice(depth));
}

function quoted(text) {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}
