/* global pm, body, vars */
import {folder, internal, request} from './request.mjs';

const admin = `${internal}/admin/v1`;
const call = (name, fields) => request(name, {token: 'admin_token', ...fields});

const domains = folder('Domains', 'A user store domain from its making to its end.', [
  call('All domains', {
    get: `${admin}/domains`, expect: 200,
    tests: {
      'PRIMARY is there': () => {
        pm.expect(body.domains.map((domain) => domain.name)).to.include('PRIMARY');
      },
    },
  }),
  call('A new domain', {
    post: `${admin}/domains`, expect: 201, save: {version: 'version'},
    body: {name: 'T-{{run}}', description: 'of a run', settings: {UsernameJavaRegEx: '^[a-z]{3,20}$'}},
    tests: {
      'its settings are those sent, and the defaults': () => {
        pm.expect(body.name).to.equal(('T-' + vars.get('run')).toUpperCase());
        pm.expect(body.settings.UsernameJavaRegEx).to.equal('^[a-z]{3,20}$');
        pm.expect(body.settings.ReadOnly).to.equal(false);
      },
    },
  }),
  call('The same again', {post: `${admin}/domains`, expect: 409, schema: 'problem', body: {name: 'T-{{run}}'}}),
  call('A name that is none', {post: `${admin}/domains`, expect: 400, schema: 'problem', body: {name: 'under_score'}}),
  call('A pattern that is none', {
    patch: `${admin}/domains/T-{{run}}`, expect: 400, code: 'POL-1020', schema: 'problem',
    body: {settings: {RolenameJavaRegEx: '[a-z'}},
  }),
  call('A change of another version', {
    patch: `${admin}/domains/T-{{run}}`, headers: {'If-Match': 'W/"99"'}, expect: 412, schema: 'problem', body: {description: 'x'},
  }),
  call('Read-only', {
    patch: `${admin}/domains/T-{{run}}`, headers: {'If-Match': '{{version}}'}, expect: 200, body: {settings: {ReadOnly: true}},
    tests: {
      'it is': () => {
        pm.expect(body.settings.ReadOnly).to.equal(true);
      },
    },
  }),
  call('Deleting needs the name again', {delete: `${admin}/domains/T-{{run}}`, expect: 400, schema: 'problem'}),
  call('Deleted', {delete: `${admin}/domains/T-{{run}}`, query: {confirm: 'T-{{run}}'}, expect: 204}),
  call('Gone', {get: `${admin}/domains/T-{{run}}`, expect: 404, schema: 'problem'}),
]);

const providers = folder('Identity providers', 'Settings of an identity provider.', [
  call('A new identity provider', {
    post: `${admin}/identity-providers`, expect: 201,
    body: {
      name: 'idp-{{run}}', enabled: true,
      claims: {userIdClaim: 'preferred_username', mappings: [{idpClaim: 'given_name', attribute: 'name.givenName'}]},
      jit: {isEnabled: true, userstore: 'PRIMARY'},
    },
    tests: {
      'every default is written out': () => {
        pm.expect(body.jit.scheme).to.equal('PROVISION_SILENTLY');
        pm.expect(pm.response.headers.get('ETag')).to.be.a('string');
      },
    },
  }),
  call('A setting that does not exist', {
    patch: `${admin}/identity-providers/idp-{{run}}`, expect: 400, schema: 'problem', body: {jit: {isEnabeld: true}},
  }),
  call('A domain that does not exist', {
    patch: `${admin}/identity-providers/idp-{{run}}`, expect: 400, schema: 'problem', body: {jit: {userstore: 'NOWHERE'}},
  }),
  call('Provisioning off', {
    patch: `${admin}/identity-providers/idp-{{run}}`, expect: 200, body: {jit: {isEnabled: false}},
    tests: {
      'the rest stays': () => {
        pm.expect(body.jit.isEnabled).to.equal(false);
        pm.expect(body.claims.userIdClaim).to.equal('preferred_username');
      },
    },
  }),
  request('A sign-in is let through without a user', {
    post: `${internal}/jit/v1/provision`, token: 'jit_token', expect: 200,
    body: {identityProvider: 'idp-{{run}}', subject: 's1', claims: {preferred_username: 'anna'}},
    tests: {
      'nothing was provisioned': () => {
        pm.expect(body.outcome).to.equal('skipped');
      },
    },
  }),
  call('Deleted', {delete: `${admin}/identity-providers/idp-{{run}}`, expect: 204}),
  request('A sign-in by an unknown identity provider', {
    post: `${internal}/jit/v1/provision`, token: 'jit_token', expect: 404, code: 'JIT-1001', schema: 'jit_problem',
    body: {identityProvider: 'idp-{{run}}', subject: 's1', claims: {}},
  }),
]);

const everything = folder('Administration', 'Domains and identity providers by the admin API.', [domains, providers]);
export {everything as admin};
