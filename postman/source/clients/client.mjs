/* global pm, body, vars */
// A client with what an administrator gives it: a user store domain, and a token for that domain with the client's preset of
// tolerances. Each folder plays what the client does from its first request to its last.

import {domainBase, folder, internal, request} from '../request.mjs';

const api = `${internal}/admin/v1`;
const any = '^.{1,255}$';

/** How often each tolerance has fired, by name, as the metrics say. */
const readCounters = `const counters = Object.fromEntries(
    [...pm.response.text().matchAll(/^vestibule_tolerances_fired_total\\{tolerance="(\\w+)"\\} (\\d+)$/gm)]
      .map((found) => [found[1], Number(found[2])]));`;

/**
 * What requests of the client `key` are written with: `call` as `request`, with the client's token and header fields, and the
 * addresses of its users and groups. `key` begins the names of its variables, such as `okta_domain`.
 */
export function clientOf(key, headers = {}) {
  const base = domainBase(`{{${key}_domain}}`);
  return {
    base, users: `${base}/Users`, groups: `${base}/Groups`,
    call: (name, fields) => request(name, {token: `${key}_token`, ...fields, headers: {...headers, ...fields.headers}}),
  };
}

/**
 * The folder of a client: first what the administrator arranges, then `items`, then the end of it. `fired` are the tolerances
 * that the client needed, as the server's metrics have to say.
 */
export function clientFolder(name, about, {key, tolerances, fired}, items) {
  return folder(name, about, [
    folder('What an administrator arranges', 'A domain whose users this client provisions, and its token.', [
      request('Make a domain', {
        post: `${api}/domains`, token: 'admin_token', expect: 201, schema: 'domain', save: {[`${key}_domain`]: 'name'},
        body: {
          name: `${key}-{{run}}`, description: `users of ${name}`,
          settings: {
            UsernameJavaRegEx: any, UsernameJavaScriptRegEx: any, RolenameJavaRegEx: any, RolenameJavaScriptRegEx: any,
          },
        },
        tests: {'it has no tolerances of its own': () => pm.expect(body.settings.tolerances).to.equal('')},
      }),
      request('Make a token', {
        post: `${api}/tokens`, token: 'admin_token', expect: 201, schema: 'token', save: {[`${key}_token`]: 'token'},
        body: {name: `${key}-{{run}}`, scopes: 'scim:read scim:write', domains: [`{{${key}_domain}}`], tolerances},
        tests: {
          'it is for this domain, with these tolerances': `() => {
            pm.expect(body.domains).to.eql([vars.get('${key}_domain')]);
            pm.expect(body.tolerances).to.equal('${tolerances}');
          }`,
        },
      }),
      request('What the server has tolerated until now', {
        get: `${internal}/metrics`, token: 'admin_token', expect: 200, text: true,
        tests: {
          'each tolerance has its counter': `() => {
            ${readCounters}
            pm.expect(counters).to.include.all.keys(${JSON.stringify(fired)});
            vars.set('${key}_counters', JSON.stringify(counters));
          }`,
        },
      }),
    ]),
    ...items,
    folder('The end', 'The administrator takes back what was arranged.', [
      request('What the server has tolerated', {
        get: `${internal}/metrics`, token: 'admin_token', expect: 200, text: true,
        tests: {
          'is what this client is known for': `() => {
            ${readCounters}
            const before = JSON.parse(vars.get('${key}_counters'));
            const fired = Object.keys(counters).filter((name) => counters[name] > before[name]);
            pm.expect(fired).to.include.members(${JSON.stringify(fired)});
          }`,
        },
      }),
      request('Revoke the token', {delete: `${api}/tokens/${key}-{{run}}`, token: 'admin_token', expect: 204}),
      request('Delete the domain with all that is in it', {
        delete: `${api}/domains/{{${key}_domain}}`, query: {confirm: `{{${key}_domain}}`}, token: 'admin_token', expect: 204,
      }),
    ]),
  ]);
}

/** A test that a list holds exactly the resources with the ids in these variables, in any order. */
export function listed(...ids) {
  const values = ids.map((id) => `vars.get('${id}')`).join(', ');
  return {
    [ids.length === 0 ? 'nothing is found, and that is no error' : 'these are found, and nothing else']: `() => {
      pm.expect(body.Resources.map((resource) => resource.id)).to.have.members([${values}]);
      pm.expect(body.totalResults).to.equal(${ids.length});
    }`,
  };
}

/** A test that the group has exactly the members with the ids in these variables. */
export function membersAre(...ids) {
  return {
    'exactly these are in it': `() => {
      pm.expect((body.members || []).map((member) => member.value)).to.have.members([${ids.map((id) => `vars.get('${id}')`).join(', ')}]);
    }`,
  };
}
