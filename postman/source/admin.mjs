/* global pm, body, vars */
import {identityProvider} from './golden.mjs';
import {folder, internal, request} from './request.mjs';

const api = `${internal}/admin/v1`;
const call = (name, fields) => request(name, {token: 'admin_token', ...fields});
const failed = (name, status, fields) => call(name, {expect: status, schema: 'problem', ...fields});
/** The entity tag of the answer, and that Location names it. */
const at = (collection) => ({
  'Location is where it is': `() => {
    const name = encodeURIComponent(body.name);
    pm.expect(pm.response.headers.get('Location')).to.match(new RegExp('/admin/v1/${collection}/' + name + '$'));
  }`,
  'there is an entity tag': () => pm.expect(pm.response.headers.get('ETag')).to.match(/^W\/"\d+"$/),
});
const rememberTag = {'remember the version': () => vars.set('tag', pm.response.headers.get('ETag'))};

const one = `${api}/domains/{{domain}}`;
const domains = folder('Domains', 'A user store domain from its making to its end.', [
  call('All domains', {
    get: `${api}/domains`, expect: 200, schema: 'domains',
    tests: {
      'PRIMARY and CORP are there': () => {
        pm.expect(body.domains.map((domain) => domain.name)).to.include.members(['PRIMARY', 'CORP']);
      },
    },
  }),
  call('Make a domain', {
    post: `${api}/domains`, expect: 201, schema: 'domain', save: {domain: 'name'},
    body: {name: 't-{{run}}', description: 'of a run', settings: {UsernameJavaRegEx: '^[a-z]{3,20}$'}},
    tests: {
      'the name is upper-case': () => pm.expect(body.name).to.equal(('t-' + vars.get('run')).toUpperCase()),
      'its settings are those sent, and the defaults': () => {
        pm.expect(body.settings.UsernameJavaRegEx).to.equal('^[a-z]{3,20}$');
        pm.expect(body.settings.PasswordJavaRegEx).to.equal('^[\\S]{5,30}$');
        pm.expect(body.settings).to.include({ReadOnly: false, Disabled: false});
      },
      ...at('domains'),
    },
  }),
  call('Read it', {
    get: one, expect: 200, schema: 'domain',
    tests: {
      'it is that domain': () => pm.expect(body).to.include({name: vars.get('domain'), description: 'of a run'}),
      ...rememberTag,
    },
  }),
  call('Change it, if it is this version', {
    patch: one, headers: {'If-Match': '{{tag}}', 'Content-Type': 'application/merge-patch+json'}, expect: 200, schema: 'domain',
    body: {description: 'changed', settings: {RolenameJavaRegEx: '^[a-z-]{2,40}$'}},
    tests: {
      'only that changed': () => {
        pm.expect(body.description).to.equal('changed');
        pm.expect(body.settings).to.include({RolenameJavaRegEx: '^[a-z-]{2,40}$', UsernameJavaRegEx: '^[a-z]{3,20}$'});
      },
      'the version is a new one': () => pm.expect(pm.response.headers.get('ETag')).to.not.equal(vars.get('tag')),
    },
  }),
  failed('Change it, if it is the version of before: refused', 412, {
    patch: one, headers: {'If-Match': '{{tag}}'}, body: {description: 'too late'},
  }),
  call('null puts a setting back', {
    patch: one, expect: 200, schema: 'domain', body: {settings: {UsernameJavaRegEx: null}},
    tests: {
      'it is the default again': () => pm.expect(body.settings.UsernameJavaRegEx).to.equal('[a-zA-Z0-9._\\-|//]{3,30}$'),
    },
  }),
  failed('A pattern that is none', 400, {
    patch: one, code: 'POL-1020', body: {settings: {RolenameJavaRegEx: '[a-z'}},
    tests: {'the setting is named': () => pm.expect(body.attribute).to.equal('RolenameJavaRegEx')},
  }),
  failed('A setting that does not exist', 400, {patch: one, code: 'POL-1021', body: {settings: {UsernameRegex: '.*'}}}),
  failed('A setting of the wrong type', 400, {patch: one, code: 'POL-1022', body: {settings: {ReadOnly: 'yes'}}}),
  failed('A key that does not exist', 400, {patch: one, body: {title: 'x'}}),
  failed('The same domain again', 409, {post: `${api}/domains`, body: {name: 'T-{{run}}'}}),
  failed('A name that is none', 400, {post: `${api}/domains`, body: {name: 'under_score'}}),
  failed('PRIMARY cannot be disabled', 409, {patch: `${api}/domains/PRIMARY`, body: {settings: {Disabled: true}}}),
  failed('PRIMARY cannot be deleted', 409, {delete: `${api}/domains/PRIMARY`, query: {confirm: 'PRIMARY'}}),
  call('An identity provider points at it', {
    post: `${api}/identity-providers`, body: {name: 'holds-{{run}}', jit: {userstore: '{{domain}}'}}, expect: 201,
    schema: 'identity_provider',
  }),
  failed('Deleting is refused while it does', 409, {
    delete: one, query: {confirm: '{{domain}}'},
    tests: {'it is named': () => pm.expect(body.detail).to.contain('holds-' + vars.get('run'))},
  }),
  call('The identity provider goes', {delete: `${api}/identity-providers/holds-{{run}}`, expect: 204}),
  failed('Deleting needs the name again', 400, {delete: one}),
  call('Delete it', {delete: one, query: {confirm: '{{domain}}'}, expect: 204}),
  failed('It is not found', 404, {get: one}),
]);

const provider = `${api}/identity-providers/idp-{{run}}`;
const settings = identityProvider('google', (document) => {
  document.name = 'idp-{{run}}';
});
const providers = folder('Identity providers', 'The settings of an identity provider from their making to their end.', [
  call('All identity providers', {
    get: `${api}/identity-providers`, expect: 200, schema: 'identity_providers',
    tests: {
      'the sample is there': () => {
        pm.expect(body.identityProviders.map((provider) => provider.name)).to.include.members(
          ['okta-corp', 'okta-acme', 'entra-contoso', 'google-lingua', 'keycloak-werk', 'wso2-corp']);
      },
    },
  }),
  call('Make one', {
    post: `${api}/identity-providers`, body: settings, expect: 201, schema: 'identity_provider',
    tests: {
      'every default is written out': () => {
        pm.expect(body.enabled).to.be.true;
        pm.expect(body.jit).to.deep.include({
          isEnabled: true, userstore: 'PRIMARY', scheme: 'PROVISION_SILENTLY', attributeSyncMethod: 'OVERRIDE_ALL',
          idpGroupSyncMethod: 'MERGE_WITH_EXISTING', mode: 'blocking', onFailure: 'allow',
        });
        pm.expect(body.claims.mappings).to.have.lengthOf(6);
      },
      ...at('identity-providers'),
      ...rememberTag,
    },
  }),
  failed('Make the same again', 409, {post: `${api}/identity-providers`, body: settings}),
  call('Read it', {
    get: provider, expect: 200, schema: 'identity_provider',
    tests: {'in the same version': () => pm.expect(pm.response.headers.get('ETag')).to.equal(vars.get('tag'))},
  }),
  call('Change one setting, if it is this version', {
    patch: provider, headers: {'If-Match': '{{tag}}'}, body: {jit: {onFailure: 'refuse'}}, expect: 200, schema: 'identity_provider',
    tests: {
      'only that changed': () => {
        pm.expect(body.jit.onFailure).to.equal('refuse');
        pm.expect(body.jit.isEnabled).to.be.true;
        pm.expect(body.claims.userIdClaim).to.equal('email');
      },
    },
  }),
  failed('Change it, if it is the version of before: refused', 412, {
    patch: provider, headers: {'If-Match': '{{tag}}'}, body: {enabled: false},
  }),
  call('Replace it', {
    put: provider, body: {name: 'idp-{{run}}', claims: {userIdClaim: 'email'}}, expect: 200, schema: 'identity_provider',
    tests: {
      'what was left out has its default': () => {
        pm.expect(body.claims.mappings).to.eql([]);
        pm.expect(body.jit.isEnabled).to.be.false;
      },
    },
  }),
  failed('A key that does not exist', 400, {patch: provider, body: {jit: {isEnabeld: true}}}),
  failed('A domain that does not exist', 400, {patch: provider, body: {jit: {userstore: 'NOWHERE'}}}),
  failed('An attribute that does not exist', 400, {
    patch: provider, body: {claims: {mappings: [{idpClaim: 'email', attribute: 'shoeSize'}]}},
  }),
  failed('A new name', 400, {patch: provider, body: {name: 'other-{{run}}'}}),
  failed('The name of another in the path', 400, {put: provider, body: {name: 'other-{{run}}'}}),
  call('Delete it', {delete: provider, expect: 204}),
  failed('It is not found', 404, {get: provider}),
  failed('It cannot be deleted again', 404, {delete: provider}),
]);

const tokens = folder('Tokens', 'A token is shown once, when it is made.', [
  call('Make a token', {
    post: `${api}/tokens`, body: {name: 'token-{{run}}', scopes: 'scim:read scim:write', expires: '2099-12-31T23:59:59Z'},
    expect: 201, schema: 'token', save: {made_token: 'token'},
    tests: {
      'it is what was asked for': () => {
        pm.expect(body.name).to.equal('token-' + vars.get('run'));
        pm.expect(body.scopes.split(' ')).to.have.members(['scim:read', 'scim:write']);
        pm.expect(body.allDomains).to.equal(true);
        pm.expect(body.domains).to.eql([]);
        pm.expect(body.expires).to.match(/^2099-12-31T23:59:59/);
      },
    },
  }),
  request('It works at once', {
    get: '{{scim_url}}/scim/v2/Users', query: {count: 0}, token: 'made_token', expect: 200, schema: 'users',
  }),
  call('All tokens', {
    get: `${api}/tokens`, expect: 200, schema: 'tokens',
    tests: {
      'it is there, and its secret is not': () => {
        pm.expect(body.tokens.map((token) => token.name)).to.include('token-' + vars.get('run'));
        pm.expect(pm.response.text()).to.not.contain('vst_');
      },
    },
  }),
  failed('Another of the same name', 409, {post: `${api}/tokens`, body: {name: 'token-{{run}}', scopes: 'jit'}}),
  failed('A scope that does not exist', 400, {post: `${api}/tokens`, body: {name: 'none-{{run}}', scopes: 'root'}}),
  failed('A domain that does not exist', 400, {
    post: `${api}/tokens`, body: {name: 'none-{{run}}', scopes: 'scim:read', domains: ['NOWHERE']},
  }),
  failed('One that has expired already', 400, {
    post: `${api}/tokens`, body: {name: 'none-{{run}}', scopes: 'scim:read', expires: '2020-01-01T00:00:00Z'},
  }),
  call('Revoke it', {delete: `${api}/tokens/token-{{run}}`, expect: 204}),
  request('It is worth nothing', {get: '{{scim_url}}/scim/v2/Users', token: 'made_token', expect: 401}),
  failed('It cannot be revoked again', 404, {delete: `${api}/tokens/token-{{run}}`}),
  call('Make a token that tolerates nothing', {
    post: `${api}/tokens`, body: {name: 'strict-{{run}}', scopes: 'scim:read', tolerances: 'strict'}, expect: 201, schema: 'token',
    save: {made_token: 'token'},
    tests: {'it says so': () => pm.expect(body.tolerances).to.equal('strict')},
  }),
  request('It may not leave the quotes out', {
    get: '{{scim_url}}/scim/v2/Users', query: {filter: 'userName eq nobody'}, token: 'made_token', expect: 400, scimType: 'invalidFilter',
  }),
  failed('A tolerance that does not exist', 400, {
    post: `${api}/tokens`, body: {name: 'none-{{run}}', scopes: 'scim:read', tolerances: 'strict,+everything'},
  }),
  call('Revoke that one', {delete: `${api}/tokens/strict-{{run}}`, expect: 204}),
  call('Make a token for the administrator of one domain', {
    post: `${api}/tokens`, body: {name: 'corp-{{run}}', scopes: 'admin', domains: ['CORP']}, expect: 201, schema: 'token',
    save: {made_token: 'token'},
  }),
  request('It sees that domain and no other', {
    get: `${api}/domains`, token: 'made_token', expect: 200, schema: 'domains',
    tests: {'there is one': () => pm.expect(body.domains.map((domain) => domain.name)).to.eql(['CORP'])},
  }),
  failed('Another domain is not found', 404, {get: `${api}/domains/PRIMARY`, token: 'made_token'}),
  failed('It cannot make domains', 403, {post: `${api}/domains`, body: {name: 'T2-{{run}}'}, token: 'made_token'}),
  failed('It sees no identity providers', 403, {get: `${api}/identity-providers`, token: 'made_token'}),
  failed('It makes no tokens', 403, {post: `${api}/tokens`, body: {name: 'more-{{run}}', scopes: 'admin'}, token: 'made_token'}),
  call('Revoke it too', {delete: `${api}/tokens/corp-{{run}}`, expect: 204}),
]);

const state = folder('State of the server', 'For those who run it.', [
  ...['{{scim_url}}', '{{internal_url}}'].flatMap((base) => [
    request(`The process is up: ${base.slice(2, -6)} listener`, {get: `${base}/healthz`, token: null, expect: 200, text: true}),
    request(`The database answers: ${base.slice(2, -6)} listener`, {get: `${base}/readyz`, token: null, expect: 200, text: true}),
  ]),
  call('Metrics', {
    get: `${internal}/metrics`, expect: 200, text: true,
    tests: {
      'in the form that Prometheus reads': () => {
        pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\/plain; version=0\.0\.4/);
        pm.expect(pm.response.text()).to.match(/^vestibule_requests_total\{listener="public"\} \d+$/m);
        pm.expect(pm.response.text()).to.match(/^vestibule_tolerances_fired_total\{tolerance="string_booleans"\} \d+$/m);
      },
    },
  }),
  failed('Metrics need a token', 401, {get: `${internal}/metrics`, token: null}),
]);

export const admin = folder('Administration', 'Domains, identity providers and tokens by the admin API, and the state of the server.',
  [domains, providers, tokens, state]);
