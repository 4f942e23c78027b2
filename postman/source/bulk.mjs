/* global pm, body, vars */
import {domainBase, folder, group, patch, request, scim, urn, user} from './request.mjs';

const bulks = `${scim}/Bulk`;
const bulk = (operations, more = {}) => ({schemas: [urn.bulk], ...more, Operations: operations});
const post = (bulkId, path, data) => ({method: 'POST', path, bulkId, data});
const managed = (name, manager) => user({
  schemas: [urn.user, urn.enterprise], userName: `${name}-{{run}}`, [urn.enterprise]: {manager: {value: manager}},
});

/** Passes when the operations were answered with these statuses, in this order. */
const statusesAre = (...statuses) => `() => {
  pm.expect(body.Operations.map((operation) => operation.status)).to.eql(${JSON.stringify(statuses.map(String))});
}`;

/** A bulk request that is answered 200. */
const run = (name, statuses, fields) => request(name, {
  post: bulks, expect: 200, schema: 'bulk_response', ...fields,
  tests: {[`the operations are answered ${statuses.join(', ')}`]: statusesAre(...statuses), ...fields.tests},
});
const idOf = (index) => `Operations[${index}].location.split('/').pop()`;

export const bulkFolder = folder('Bulk', 'Many changes in one request (RFC 7644 §3.7). Each has its own transaction and its own status.', [
  folder('References', 'What one operation creates, others may name by its bulkId, wherever they stand.', [
    run('A group before its two members', [201, 201, 201], {
      body: bulk([
        post('crew', '/Groups', group({displayName: 'crew-{{run}}', members: [{value: 'bulkId:ada'}, {value: 'bulkId:bob'}]})),
        post('ada', '/Users', user({userName: 'ada-{{run}}'})),
        post('bob', 'Users', user({userName: 'bob-{{run}}'})),
      ]),
      save: {group_id: idOf(0), ada_id: idOf(1), bob_id: idOf(2)},
      tests: {
        'each has its bulkId, its place and its version': () => {
          pm.expect(body.Operations.map((operation) => operation.bulkId)).to.eql(['crew', 'ada', 'bob']);
          for (const operation of body.Operations) {
            pm.expect(operation.location).to.include(pm.variables.get('scim_url') + '/scim/v2/');
            pm.expect(operation.version).to.equal('W/"1"');
          }
        },
      },
    }),
    request('Both are in it', {
      get: `${scim}/Groups/{{group_id}}`, expect: 200, schema: 'group',
      tests: {
        'by their ids': () => {
          pm.expect(body.members.map((member) => member.value)).to.have.members([vars.get('ada_id'), vars.get('bob_id')]);
        },
      },
    }),
    run('Two users who manage each other', [201, 201], {
      body: bulk([post('a', '/Users', managed('eve', 'bulkId:b')), post('b', '/Users', managed('fay', 'bulkId:a'))]),
      save: {eve_id: idOf(0), fay_id: idOf(1)},
    }),
    ...[['eve', 'fay'], ['fay', 'eve']].map(([name, manager]) => request(`The manager of ${name} is ${manager}`, {
      get: `${scim}/Users/{{${name}_id}}`, expect: 200, schema: 'user',
      tests: {'by the id': `() => pm.expect(body['${urn.enterprise}'].manager.value).to.equal(vars.get('${manager}_id'))`},
    })),
    run('A reference in a path', [201, 200, 204], {
      body: bulk([
        post('t', '/Users', user({userName: 'tmp-{{run}}'})),
        {method: 'PATCH', path: '/Users/bulkId:t', data: patch({op: 'replace', path: 'title', value: 'Guest'})},
        {method: 'DELETE', path: '/Users/bulkId:t'},
      ]),
    }),
  ]),
  folder('Errors of operations', 'An operation fails alone, and with it those that need what it should have made.', [
    run('One of each', [409, 412, 404, 409, 400, 400, 200], {
      body: bulk([
        post('taken', '/Users', user({userName: 'ada-{{run}}'})),
        {method: 'PATCH', path: '/Users/{{bob_id}}', version: 'W/"7"', data: patch({op: 'replace', path: 'title', value: 'No'})},
        {method: 'DELETE', path: '/Users/6a1f4f0e-3c0c-4d9b-8d7e-0d2b6f1f9a55'},
        {method: 'PATCH', path: '/Users/bulkId:taken', data: patch({op: 'replace', path: 'title', value: 'No'})},
        post('lost', '/Groups', group({displayName: 'lost-{{run}}', members: [{value: 'bulkId:nobody'}]})),
        post('again', '/Bulk', bulk([])),
        {method: 'PATCH', path: '/Users/{{bob_id}}', version: 'W/"1"', data: patch({op: 'replace', path: 'title', value: 'Yes'})},
      ]),
      tests: {
        'failures tell why, successes do not': () => {
          for (const operation of body.Operations) {
            if (operation.status >= '400') pm.expect(operation.response.status).to.equal(operation.status);
            else pm.expect(operation).to.not.have.property('response');
          }
          pm.expect(body.Operations[0].response.scimType).to.equal('uniqueness');
        },
      },
    }),
    run('failOnErrors: the rest is not begun', [201, 409], {
      body: bulk([
        post('1', '/Users', user({userName: 'gus-{{run}}'})),
        post('2', '/Users', user({userName: 'ada-{{run}}'})),
        post('3', '/Users', user({userName: 'hal-{{run}}'})),
      ], {failOnErrors: 1}),
      save: {gus_id: idOf(0)},
    }),
    request('The third was not made', {
      get: `${scim}/Users`, query: {filter: 'userName eq "hal-{{run}}"'}, expect: 200, schema: 'users',
      tests: {'there is none': () => pm.expect(body.totalResults).to.equal(0)},
    }),
  ]),
  folder('Refused as a whole', 'What is wrong with the message is refused before any work.', [
    request('No BulkRequest', {post: bulks, body: {schemas: [urn.patch], Operations: []}, expect: 400, scimType: 'invalidSyntax'}),
    request('A GET among the operations', {
      post: bulks, body: bulk([{method: 'GET', path: '/Users/{{ada_id}}'}]), expect: 400, scimType: 'invalidSyntax',
    }),
    request('A POST without a bulkId', {
      post: bulks, body: bulk([{method: 'POST', path: '/Users', data: user({userName: 'ida-{{run}}'})}]), expect: 400,
      scimType: 'invalidSyntax',
    }),
    request('A bulkId twice', {
      post: bulks, body: bulk([post('1', '/Users', {}), post('1', '/Users', {})]), expect: 400, scimType: 'invalidValue',
    }),
    request('More operations than maxOperations', {
      post: bulks, body: '{{many}}', expect: 413,
      before: () => {
        const operations = Array(1001).fill({method: 'DELETE', path: '/Users/1'});
        pm.variables.set('many', JSON.stringify({
          schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: operations,
        }));
      },
      tests: {'the limit is named': () => pm.expect(body.detail).to.include('maxOperations (1000)')},
    }),
    request('A body of another type', {post: bulks, headers: {'Content-Type': 'text/plain'}, body: 'x', expect: 415}),
    request('Without a token', {post: bulks, token: null, body: bulk([]), expect: 401}),
    request('With the token of the gateway', {post: bulks, token: 'jit_token', body: bulk([]), expect: 403}),
    request('By GET', {get: bulks, expect: 405}),
  ]),
  folder('Domains', 'One request over all domains, or over one.', [
    run('A user of CORP, and one of a domain that does not exist', [201, 400], {
      body: bulk([
        post('1', '/Users', user({userName: 'CORP/ivy-{{run}}'})), post('2', '/Users', user({userName: 'NOWHERE/ivy-{{run}}'})),
      ]),
      save: {ivy_id: idOf(0)},
    }),
    run('Below the base of CORP, a user of PRIMARY is not found', [200, 404], {
      post: `${domainBase('CORP')}/Bulk`,
      body: bulk([
        {method: 'PATCH', path: '/Users/{{ivy_id}}', data: patch({op: 'replace', path: 'title', value: 'Yes'})},
        {method: 'DELETE', path: '/Users/{{ada_id}}'},
      ]),
      tests: {
        'places keep the base that was asked': () => {
          pm.expect(body.Operations[0].location).to.include('/domains/CORP/scim/v2/Users/');
        },
      },
    }),
  ]),
  folder('End', 'All of it goes in one request.', [
    run('Delete what was made', [204, 204, 204, 204, 204, 204, 204], {
      body: bulk([
        {method: 'DELETE', path: '/Groups/{{group_id}}'},
        ...['ada', 'bob', 'eve', 'fay', 'gus', 'ivy'].map((name) => ({method: 'delete', path: `/Users/{{${name}_id}}`})),
      ]),
    }),
  ]),
]);
