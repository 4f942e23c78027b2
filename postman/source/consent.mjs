/* global pm, body, vars */
import {folder, internal, request, scim, user} from './request.mjs';

const api = `${internal}/admin/v1`;
const call = (name, fields) => request(name, {token: 'admin_token', ...fields});
const failed = (name, status, fields) => call(name, {expect: status, schema: 'problem', ...fields});

const purpose = `${api}/consent-purposes/mail-{{run}}`;
const document = {
  name: 'mail-{{run}}',
  texts: {
    en: {title: 'Newsletter', description: 'We keep your e-mail address to send you our newsletter.'},
    de: {title: 'Rundbrief', description: 'Wir speichern Ihre E-Mail-Adresse, um Ihnen unseren Rundbrief zu senden.'},
  },
  attributes: [{attribute: 'emails'}, {attribute: 'phoneNumbers'}],
};
const asks = (...attributes) => `() => pm.expect(body.versions[0].asksAgain).to.eql(${JSON.stringify(attributes)})`;

const purposes = folder('Purposes', 'What people are asked to agree to, from its making to its end.', [
  call('All purposes', {
    get: `${api}/consent-purposes`, expect: 200, schema: 'consent_purposes',
    tests: {
      'DEFAULT is there': () => pm.expect(body.consentPurposes.map((one) => one.name)).to.include('DEFAULT'),
    },
  }),
  call('Make one', {
    post: `${api}/consent-purposes`, body: document, expect: 201, schema: 'consent_purpose',
    tests: {
      'every default is written out': () => {
        pm.expect(body.attributes[0].mandatory).to.be.false;
        pm.expect(body.onWithdrawal).to.equal('removeValues');
      },
      'Location is where it is': () => {
        pm.expect(pm.response.headers.get('Location')).to.equal('/admin/v1/consent-purposes/mail-' + vars.get('run'));
      },
      'remember the version': () => vars.set('tag', pm.response.headers.get('ETag')),
    },
  }),
  failed('Make the same again', 409, {post: `${api}/consent-purposes`, body: document}),
  call('Read it', {
    get: purpose, expect: 200, schema: 'consent_purpose',
    tests: {'in the same version': () => pm.expect(pm.response.headers.get('ETag')).to.equal(vars.get('tag'))},
  }),
  call('Make an attribute mandatory, if it is this version', {
    patch: purpose, headers: {'If-Match': '{{tag}}'}, expect: 200, schema: 'consent_purpose',
    body: {attributes: [{attribute: 'emails', mandatory: true}, {attribute: 'phoneNumbers'}]},
  }),
  call('People are asked again for that one', {
    get: `${purpose}/versions`, expect: 200, schema: 'purpose_versions', tests: {'and no other': asks('emails')},
  }),
  failed('Change it, if it is the version of before: refused', 412, {
    patch: purpose, headers: {'If-Match': '{{tag}}'}, body: {attributes: []},
  }),
  call('Correct a text', {
    patch: purpose, query: {editorial: 'true'}, body: {texts: {en: {title: 'News'}}}, expect: 200, schema: 'consent_purpose',
  }),
  call('Nobody is asked again for that', {
    get: `${purpose}/versions`, expect: 200, schema: 'purpose_versions', tests: {'for nothing': asks()},
  }),
  call('Replace it', {put: purpose, body: document, expect: 200, schema: 'consent_purpose'}),
  call('People are asked again for all of it', {
    get: `${purpose}/versions`, expect: 200, schema: 'purpose_versions',
    tests: {'since a text has changed': asks('emails', 'phoneNumbers')},
  }),
  failed('A purpose without a text in English', 400, {patch: purpose, body: {texts: {en: null}}}),
  failed('An attribute that no identity provider writes', 400, {patch: purpose, body: {attributes: [{attribute: 'password'}]}}),
  failed('A key that does not exist', 400, {patch: purpose, body: {colour: 'red'}}),
  failed('A new name', 400, {patch: purpose, body: {name: 'other-{{run}}'}}),
  failed('Neither editorial nor not', 400, {patch: purpose, query: {editorial: 'perhaps'}, body: {}}),
  call('An identity provider asks for it', {
    put: `${api}/identity-providers/consent-{{run}}`, expect: 201, schema: 'identity_provider',
    body: {name: 'consent-{{run}}', jit: {consent: {purposes: ['DEFAULT', 'mail-{{run}}']}}},
  }),
  failed('So it stays', 409, {delete: purpose}),
  failed('A purpose that is not there cannot be asked for', 400, {
    patch: `${api}/identity-providers/consent-{{run}}`, body: {jit: {consent: {purposes: ['none-{{run}}']}}},
  }),
  call('The identity provider goes', {delete: `${api}/identity-providers/consent-{{run}}`, expect: 204}),
  call('Delete it', {delete: purpose, expect: 204}),
  failed('It is not found', 404, {get: purpose}),
  failed('Nor are its versions', 404, {get: `${purpose}/versions`}),
  failed('DEFAULT stays', 409, {delete: `${api}/consent-purposes/DEFAULT`}),
]);

const nowhere = `${api}/consent-receipts/00112233-4455-4677-8899-aabbccddeeff`;
const receipts = folder('Receipts', 'What people agreed to, and how it is withdrawn. Receipts come from logins that were prompted.', [
  request('Make a user', {
    post: `${scim}/Users`, body: user({userName: 'consent-{{run}}'}), expect: 201, schema: 'user', save: {consenting: 'id'},
  }),
  call('What the user decided', {
    get: `${api}/users/{{consenting}}/consents`, expect: 200, schema: 'consents',
    tests: {'nothing: nobody asked': () => pm.expect(body.consents).to.eql([])},
  }),
  call('The receipts of the user', {
    get: `${api}/consent-receipts`, query: {user: '{{consenting}}'}, expect: 200, schema: 'receipts',
    tests: {'there are none': () => pm.expect(body.receipts).to.eql([])},
  }),
  call('All receipts, oldest first', {get: `${api}/consent-receipts`, query: {count: 5}, expect: 200, schema: 'receipts'}),
  failed('No id of a user', 400, {get: `${api}/consent-receipts`, query: {user: 'somebody'}}),
  failed('A receipt that does not exist', 404, {get: nowhere}),
  failed('It cannot be withdrawn', 404, {delete: nowhere}),
  failed('A user that does not exist', 404, {get: `${api}/users/somebody/consents`}),
  request('The user goes', {delete: `${scim}/Users/{{consenting}}`, expect: 204}),
  failed('And with it what it decided', 404, {get: `${api}/users/{{consenting}}/consents`}),
]);

export const consent = folder('Consent', 'Purposes, decisions, receipts and withdrawal (docs/consent.md).', [purposes, receipts]);
