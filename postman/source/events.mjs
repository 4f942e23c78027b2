/* global pm, body, vars */
import {folder, internal, request, user} from './request.mjs';

const streams = `${internal}/admin/v1/event-streams`;
const stream = `${streams}/poll-{{run}}`;
const hook = `${streams}/hook-{{run}}`;
const events = '{{scim_url}}/events/v1';
const json = {Accept: 'application/json', 'Content-Type': 'application/json'};
const admin = (name, fields) => request(name, {token: 'admin_token', ...fields});
const settings = {name: 'poll-{{run}}', kind: 'poll', audience: ['crm'], pollers: ['poller-{{run}}'], domains: ['CORP']};
const webhook = {name: 'hook-{{run}}', kind: 'webhook', url: 'https://hook.example.com/', secret: '0123456789abcdef', state: 'paused'};
const poll = (name, fields) => request(name, {post: `${events}/streams/poll-{{run}}/poll`, headers: json, token: 'poller_text', ...fields});

const polling = folder('Poll', 'A receiver that fetches its events (RFC 8936).', [
  admin('Make its token', {
    post: `${internal}/admin/v1/tokens`, body: {name: 'poller-{{run}}', scopes: ['events:read']}, expect: 201, schema: 'token',
    save: {poller_text: 'token'},
  }),
  admin('Make its stream', {
    put: stream, body: settings, expect: 201,
    tests: {'defaults are written out': () => pm.expect(body).to.deep.include({mode: 'notice', state: 'enabled', hasSecret: false})},
  }),
  request('Make a user', {
    post: '{{scim_url}}/domains/CORP/scim/v2/Users', body: user({userName: 'told-{{run}}'}), expect: 201, save: {told_id: 'id'},
  }),
  poll('Wait for the event', {
    body: {maxEvents: 1}, expect: 200,
    tests: {
      'it is a token about the user': () => {
        const [id, token] = Object.entries(body.sets)[0];
        const claims = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
        pm.expect(claims.jti).to.equal(id);
        pm.expect(claims.sub_id.uri).to.equal(`/Users/${vars.get('told_id')}`);
        pm.expect(Object.keys(claims.events)).to.deep.equal(['urn:ietf:params:scim:event:prov:create:notice']);
        vars.set('event_id', id);
      },
    },
  }),
  request('The keys are public', {
    get: `${events}/keys`, headers: json, token: null, expect: 200,
    tests: {
      'there is one, without its private part': () => pm.expect(body.keys[0]).to.include({kty: 'EC', crv: 'P-256'}).and.not.have.property('d'),
    },
  }),
  poll('Acknowledge it', {
    body: {ack: ['{{event_id}}'], returnImmediately: true}, expect: 200,
    tests: {'nothing is left': () => pm.expect(body.sets).to.deep.equal({})},
  }),
  admin('The stream has delivered', {
    get: `${stream}/status`, expect: 200,
    tests: {'it tells when': () => pm.expect(body).to.include({waiting: 0, dead: 0}).and.have.property('lastSuccess')},
  }),
  poll('A number that is none', {body: {maxEvents: '1'}, expect: 400}),
  poll('A list that is none', {body: {ack: 'x'}, expect: 400}),
  poll('No JSON', {body: '{', expect: 400}),
  poll('A token of another scope', {body: {returnImmediately: true}, token: 'scim_token', expect: 403}),
  poll('No token', {body: {}, token: null, expect: 401}),
  request('A stream of nobody', {
    post: `${events}/streams/nobody-{{run}}/poll`, headers: json, token: 'poller_text', body: {}, expect: 404,
  }),
  request('Delete the user', {delete: '{{scim_url}}/domains/CORP/scim/v2/Users/{{told_id}}', expect: 204}),
]);

const administration = folder('Streams', 'Who is told of what.', [
  admin('Make a webhook', {
    put: hook, body: webhook, expect: 201,
    tests: {'its secret is not shown': () => pm.expect(body).to.include({hasSecret: true}).and.not.have.property('secret')},
  }),
  admin('Read it', {get: hook, expect: 200, tests: {'it has a version': () => pm.expect(pm.response.headers.get('ETag')).to.equal('W/"1"')}}),
  admin('Change it', {
    patch: hook, headers: {'If-Match': 'W/"1"'}, body: {mode: 'full'}, expect: 200,
    tests: {'the secret stays': () => pm.expect(body).to.include({mode: 'full', hasSecret: true})},
  }),
  admin('Somebody was faster', {patch: hook, headers: {'If-Match': 'W/"1"'}, body: {mode: 'notice'}, expect: 412}),
  admin('Another kind', {patch: hook, body: {kind: 'push', audience: ['x'], secret: null}, expect: 400}),
  admin('Plain http', {patch: hook, body: {url: 'http://hook.example.com/'}, expect: 400}),
  admin('Without its secret', {patch: hook, body: {secret: null}, expect: 400}),
  admin('A domain that there is not', {patch: hook, body: {domains: ['NOWHERE-{{run}}']}, expect: 400}),
  admin('A member that there is not', {patch: hook, body: {colour: 'red'}, expect: 400}),
  admin('Another name than the path', {put: hook, body: {...webhook, name: 'other'}, expect: 400}),
  admin('List them', {
    get: streams, expect: 200,
    tests: {'it is among them': () => pm.expect(body.eventStreams.map(({name}) => name)).to.include(`hook-${vars.get('run')}`)},
  }),
  admin('Dead events', {
    get: `${hook}/dead`, query: {count: '10'}, expect: 200, tests: {'there are none': () => pm.expect(body).to.deep.equal({events: []})},
  }),
  admin('A page that is none', {get: `${hook}/dead`, query: {after: 'x'}, expect: 400}),
  admin('Send all again', {
    post: `${hook}/redeliver`, expect: 200, tests: {'there was nothing to send': () => pm.expect(body.redelivered).to.equal(0)},
  }),
  admin('Send one again that there is not', {post: `${hook}/dead/77/redeliver`, expect: 404}),
  admin('Drop one that there is not', {delete: `${hook}/dead/77`, expect: 404}),
  admin('Rotate the key', {post: `${internal}/admin/v1/event-keys/rotate`, expect: 204}),
  admin('Rotate it at once', {post: `${internal}/admin/v1/event-keys/rotate`, query: {now: 'true'}, expect: 204}),
  admin('At no time', {post: `${internal}/admin/v1/event-keys/rotate`, query: {now: 'soon'}, expect: 400}),
  admin('The audit has it', {
    get: `${internal}/admin/v1/audit`, query: {action: 'event-stream.updated', count: '1'}, expect: 200,
    tests: {'with its name': () => pm.expect(body.events[0].target).to.equal(`hook-${vars.get('run')}`)},
  }),
  admin('Delete the webhook', {delete: hook, expect: 204}),
  admin('It is gone', {get: hook, expect: 404}),
  admin('So is its state', {get: `${hook}/status`, expect: 404}),
  admin('Delete the other', {delete: stream, expect: 204}),
  admin('Revoke its token', {delete: `${internal}/admin/v1/tokens/poller-{{run}}`, expect: 204}),
]);

export const eventFolder = folder('Events', 'Event streams: docs/events.md.', [polling, administration]);
