/* global pm, body, vars */
import {domainBase, folder, internal, patch, request, scim, user} from './request.mjs';

const targets = `${internal}/admin/v1/outbound`;
const target = `${targets}/out-{{run}}`;
const admin = (name, fields) => request(name, {token: 'admin_token', ...fields});
// The other system is this server: users of PRIMARY go on to CORP.
const settings = {
  name: 'out-{{run}}', baseUrl: domainBase('CORP'), allowHttp: true, authentication: {type: 'bearer', token: '{{scim_token}}'},
  domains: ['PRIMARY'], filter: 'userName eq "out{{run}}"', onRemoval: 'delete', blocking: {enabled: true, seconds: 30},
};

const setUp = folder('A target', 'Made, read, changed; its secret is never shown.', [
  admin('Make it', {
    put: target, body: settings, expect: 201,
    tests: {'the secret is not shown': () => pm.expect(body.authentication).to.deep.equal({type: 'bearer'})},
  }),
  admin('The same again changes nothing', {
    put: target, body: settings, expect: 200,
    tests: {'its version stays': () => pm.expect(pm.response.headers.get('ETag')).to.equal('W/"1"')},
  }),
  admin('Read it', {
    get: target, expect: 200,
    tests: {'defaults are written out': () => pm.expect(body).to.include({match: 'userName', update: 'put', timeoutSeconds: 10})},
  }),
  admin('Change it', {
    patch: target, headers: {'If-Match': 'W/"1"'}, body: {update: 'patch'}, expect: 200,
    tests: {'it is changed': () => pm.expect(body.update).to.equal('patch')},
  }),
  admin('Somebody was faster', {patch: target, headers: {'If-Match': 'W/"1"'}, body: {enabled: false}, expect: 412}),
  admin('All of them', {
    get: targets, expect: 200,
    tests: {'it is among them': () => pm.expect(body.targets.map(({name}) => name)).to.include(`out-${vars.get('run')}`)},
  }),
  admin('The audit has it', {
    get: `${internal}/admin/v1/audit`, query: {action: 'outbound-target.updated', count: '1'}, expect: 200,
    tests: {'with its name': () => pm.expect(body.events[0].target).to.equal(`out-${vars.get('run')}`)},
  }),
]);

const sending = folder('A user that goes on', 'Made here, there at once, and its state.', [
  request('Make a user', {
    post: `${scim}/Users`, body: user({userName: 'out{{run}}', title: 'Engineer'}), expect: 201, save: {outbound_user: 'id'},
    tests: {
      'it is there already': () => pm.expect(pm.response.headers.get('Vestibule-Outbound')).to.equal(`out-${vars.get('run')}=done`),
    },
  }),
  request('The other system has it', {
    get: `${domainBase('CORP')}/Users`, query: {filter: 'userName eq "out{{run}}"'}, expect: 200,
    tests: {
      'with our id': () => pm.expect(body.Resources[0].externalId).to.equal(vars.get('outbound_user')),
      'and its attributes': () => pm.expect(body.Resources[0].title).to.equal('Engineer'),
    },
  }),
  admin('How it stands', {
    get: `${target}/users/{{outbound_user}}`, expect: 200,
    tests: {
      'it is synchronised': () => pm.expect(body.state).to.equal('synchronised'),
      'the id there is known': () => pm.expect(body.remoteId).to.be.a('string'),
    },
  }),
  admin('What would be sent', {
    get: `${target}/users/{{outbound_user}}/explain`, expect: 200,
    tests: {'nothing': () => pm.expect(body).to.include({inScope: true, step: 'nothing'})},
  }),
  request('Change it', {
    patch: `${scim}/Users/{{outbound_user}}`, body: patch({op: 'replace', path: 'title', value: 'Poet'}), expect: 200,
    tests: {'it is sent': () => pm.expect(pm.response.headers.get('Vestibule-Outbound')).to.equal(`out-${vars.get('run')}=done`)},
  }),
  admin('How the target stands', {
    get: `${target}/status`, expect: 200, tests: {'it has one user': () => pm.expect(body).to.include({users: 1, failed: 0})},
  }),
  admin('What it does not take', {get: `${target}/failed`, expect: 200, tests: {'nothing': () => pm.expect(body.failed).to.be.empty}}),
  admin('Try again what has failed', {post: `${target}/retry`, expect: 202}),
  admin('Try one user again', {post: `${target}/users/{{outbound_user}}/retry`, expect: 202}),
  admin('Look at everything again', {post: `${target}/sync`, expect: 204}),
  admin('A group that it has not got', {
    get: `${target}/groups/00000000-0000-8002-8000-000100000000`, expect: [200, 404],
    about: 'An id that names nothing is one of a group that the target has not got.',
  }),
  request('Delete it', {delete: `${scim}/Users/{{outbound_user}}`, expect: 204}),
  request('The other system has not got it any more', {
    get: `${domainBase('CORP')}/Users`, query: {filter: 'userName eq "out{{run}}"'}, expect: 200,
    tests: {'it is gone': () => pm.expect(body.totalResults).to.equal(0)},
  }),
]);

const refused = (name, changes, place) => admin(name, {
  put: target, body: {...settings, ...changes}, expect: 400,
  tests: {'it says where': `pm.expect(body.detail).to.include(${JSON.stringify(place)})`},
});
const others = folder('What is refused', 'Settings that cannot be used, and targets that there are not.', [
  refused('A setting that there is not', {colour: 'red'}, '/colour'),
  refused('HTTP to another machine', {allowHttp: false, baseUrl: 'http://hr.example.com'}, '/baseUrl'),
  refused('No URL', {baseUrl: 'hr'}, '/baseUrl'),
  refused('A filter that is none', {filter: 'userName'}, '/filter'),
  refused('A mapping to nowhere', {mappings: [{target: 'shoeSize', constant: 43}]}, '/mappings/0/target'),
  refused('A mapping without a source', {mappings: [{target: 'title'}]}, '/mappings/0/target'),
  refused('A domain that there is not', {domains: ['NOWHERE-{{run}}']}, '/domains'),
  admin('A new target without its secret', {
    put: `${targets}/new-{{run}}`, body: {...settings, name: 'new-{{run}}', authentication: {type: 'bearer'}}, expect: 400,
  }),
  admin('Client credentials without their endpoint', {
    put: target, body: {...settings, authentication: {type: 'clientCredentials', clientId: 'vestibule', clientSecret: 'x'}}, expect: 400,
    tests: {'it says where': () => pm.expect(body.detail).to.include('/authentication/tokenUrl')},
  }),
  admin('A name that is not the one of the path', {put: target, body: {...settings, name: 'other'}, expect: 400}),
  admin('A change of the name', {patch: target, body: {name: 'other'}, expect: 400}),
  admin('A page that is too long', {get: `${target}/failed`, query: {count: '5000'}, expect: 400}),
  admin('A page behind nothing', {get: `${target}/failed`, query: {after: 'x'}, expect: 400}),
  admin('A user that is none', {get: `${target}/users/x`, expect: 404}),
  admin('An explanation of none', {get: `${target}/users/x/explain`, expect: 404}),
  request('Without the scope', {get: target, expect: 403}),
  request('Without a token', {get: target, token: null, expect: 401}),
  admin('Delete it', {delete: target, expect: 204}),
  admin('It is gone', {get: target, expect: 404}),
  admin('So is its state', {get: `${target}/status`, expect: 404}),
]);

export const outboundFolder = folder('Outbound', 'Other systems that users are provisioned to: docs/outbound.md.', [
  setUp, sending, others,
]);
