/* global pm, body, vars */
import {folder, internal, request, scim} from './request.mjs';

const tokens = `${internal}/admin/v1/tokens`;
const token = `${tokens}/rotating-{{run}}`;
const issuers = `${internal}/admin/v1/token-issuers`;
const issuer = `${issuers}/as-{{run}}`;
const admin = (name, fields) => request(name, {token: 'admin_token', ...fields});
const settings = {
  name: 'as-{{run}}', issuer: 'https://as.example.com/{{run}}', audiences: ['https://id.example.com/scim'],
  jwksUri: 'https://as.example.com/jwks.json', scopes: ['scim:read'], domains: ['CORP'],
};

const rotation = folder('Rotation', 'A new text, while the old one serves a little longer.', [
  admin('Make a token', {
    post: tokens, body: {name: 'rotating-{{run}}', scopes: ['scim:read']}, expect: 201, schema: 'token', save: {first_text: 'token'},
  }),
  admin('Rotate it with an overlap', {
    post: `${token}/rotate`, body: {overlapSeconds: 600}, expect: 200, schema: 'token', save: {second_text: 'token'},
    tests: {
      'the text is another': () => pm.expect(body.token).to.not.equal(vars.get('first_text')),
      'it says until when the old one serves': () => pm.expect(body.formerExpires).to.be.a('string'),
    },
  }),
  request('The old text serves', {get: `${scim}/Users`, query: {count: '1'}, token: 'first_text', expect: 200}),
  request('So does the new one', {get: `${scim}/Users`, query: {count: '1'}, token: 'second_text', expect: 200}),
  admin('Rotate it without one', {post: `${token}/rotate`, body: {}, expect: 200, schema: 'token', save: {third_text: 'token'}}),
  request('The text before is worth nothing', {get: `${scim}/Users`, token: 'second_text', expect: 401}),
  admin('An overlap that is too long', {post: `${token}/rotate`, body: {overlapSeconds: 9e6}, expect: 400}),
  admin('One request a minute', {
    patch: token, body: {requestsPerMinute: 1}, expect: 200,
    tests: {'no text is shown': () => pm.expect(body).to.include({requestsPerMinute: 1}).and.not.have.property('token')},
  }),
  request('The first is answered', {get: `${scim}/Users`, query: {count: '1'}, token: 'third_text', expect: 200}),
  request('The second has to wait', {
    get: `${scim}/Users`, query: {count: '1'}, token: 'third_text', expect: 429,
    tests: {
      'it says for how long': () => pm.expect(Number(pm.response.headers.get('Retry-After'))).to.be.within(1, 60),
      'it is a SCIM error': () => pm.expect(body.status).to.equal('429'),
    },
  }),
  admin('The token tells of its use', {
    get: tokens, expect: 200,
    tests: {
      'there is a time': () => pm.expect(body.tokens.find(({name}) => name === `rotating-${vars.get('run')}`).lastUsed).to.be.a('string'),
    },
  }),
  admin('Revoke it', {delete: token, expect: 204}),
  admin('It is not there any more', {post: `${token}/rotate`, body: {}, expect: 404}),
]);

const others = folder('Token issuers', 'Whose access tokens are accepted beside our own.', [
  admin('Store one', {
    put: issuer, body: settings, expect: 201,
    tests: {'defaults are written out': () => pm.expect(body).to.deep.include({types: ['at+jwt'], clientClaim: 'client_id', enabled: true})},
  }),
  admin('Read it', {get: issuer, expect: 200, tests: {'it has a version': () => pm.expect(pm.response.headers.get('ETag')).to.equal('W/"1"')}}),
  admin('Change it', {
    patch: issuer, headers: {'If-Match': 'W/"1"'}, body: {requestsPerMinute: 600}, expect: 200,
    tests: {'it is changed': () => pm.expect(body.requestsPerMinute).to.equal(600)},
  }),
  admin('Somebody was faster', {patch: issuer, headers: {'If-Match': 'W/"1"'}, body: {enabled: false}, expect: 412}),
  admin('Keys over plain HTTP', {put: issuer, body: {...settings, jwksUri: 'http://as.example.com/keys'}, expect: 400}),
  admin('A domain that there is not', {put: issuer, body: {...settings, domains: ['NOWHERE-{{run}}']}, expect: 400}),
  admin('List them', {
    get: issuers, expect: 200,
    tests: {'it is among them': () => pm.expect(body.tokenIssuers.map(({name}) => name)).to.include(`as-${vars.get('run')}`)},
  }),
  admin('The audit has it', {
    get: `${internal}/admin/v1/audit`, query: {action: 'token-issuer.updated', count: '1'}, expect: 200,
    tests: {'with its name': () => pm.expect(body.events[0].target).to.equal(`as-${vars.get('run')}`)},
  }),
  admin('Delete it', {delete: issuer, expect: 204}),
  admin('It is gone', {get: issuer, expect: 404}),
]);

export const tokenFolder = folder('Tokens', 'Rotation, rates and issuers: docs/access-tokens.md.', [rotation, others]);
