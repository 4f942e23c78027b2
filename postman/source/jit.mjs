/* global pm, body, vars */
import {people, signIn} from './golden.mjs';
import {domainBase, folder, internal, request} from './request.mjs';

const provision = `${internal}/jit/v1/provision`;
const explain = `${internal}/jit/v1/explain`;
const change = (claims) => {
  claims.given_name = 'Changed';
};

/** One person of one identity provider: explained, created, known, changed, read and removed. */
function provider(who, title) {
  const base = domainBase(people[who].domain);
  return folder(title, `The claims as ${title} issues them, for identity provider ${people[who].provider}.`, [
    request('Explain: what would happen', {
      post: explain, token: 'jit_token', body: signIn(who), expect: 200,
      tests: {
        'every step is told, and the result would be a new user': () => {
          pm.expect(body.trace).to.be.an('array').that.is.not.empty;
          pm.expect(body.outcome).to.equal('created');
        },
      },
    }),
    request('First sign-in: created', {
      post: provision, token: 'jit_token', body: signIn(who), expect: 201,
      save: {user_id: 'user.id', user_version: 'user.meta.version', domain: 'domain'},
      tests: {
        'the user was created, which explaining had not done': () => {
          pm.expect(body.outcome).to.equal('created');
          pm.expect(body.user.userName).to.be.a('string');
          pm.expect(body.user.meta.resourceType).to.equal('User');
        },
      },
    }),
    request('Second sign-in with the same claims: unchanged', {
      post: provision, token: 'jit_token', body: signIn(who), expect: 200,
      tests: {
        'it is the same user in the same version': () => {
          pm.expect(body.outcome).to.equal('unchanged');
          pm.expect(body.user.id).to.equal(vars.get('user_id'));
          pm.expect(body.user.meta.version).to.equal(vars.get('user_version'));
        },
      },
    }),
    request('Sign-in with another given name: updated', {
      post: provision, token: 'jit_token', body: signIn(who, change), expect: 200,
      tests: {
        'it is the same user in a new version': () => {
          pm.expect(body.outcome).to.equal('updated');
          pm.expect(body.user.id).to.equal(vars.get('user_id'));
          pm.expect(body.user.meta.version).to.not.equal(vars.get('user_version'));
        },
      },
    }),
    request('A SCIM client reads the user', {
      get: `${base}/Users/{{user_id}}`, expect: 200, schema: 'user',
      tests: {
        'the changed name is there': () => {
          pm.expect(JSON.stringify(body.name)).to.contain('Changed');
        },
      },
    }),
    request('It is removed', {delete: `${base}/Users/{{user_id}}`, expect: 204}),
  ]);
}

export const jit = folder('JIT provisioning', 'Sign-ins at five identity providers, as the gateway posts them.', [
  provider('okta', 'Okta'),
  provider('entra', 'Microsoft Entra ID'),
  provider('google', 'Google'),
  provider('keycloak', 'Keycloak'),
  provider('wso2', 'WSO2 Identity Server'),
]);
