/* global pm, body, vars */
import {folder, group, request, scim, user} from './request.mjs';

const users = `${scim}/Users`;
const groups = `${scim}/Groups`;
const urn = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const search = (fields) => ({schemas: [urn], ...fields});
const ofRun = 'userName sw "l-{{run}}"';
const people = ['c', 'a', 'b'];
/** The names of the users of the run, in this order. */
const namesAre = (order) => ({
  [`the order is ${order}`]: `() => {
    pm.expect(body.Resources.map((user) => user.userName)).to.eql(
      ${JSON.stringify(order.split(' '))}.map((letter) => 'l-' + vars.get('run') + '-' + letter));
  }`,
});

const makeSome = folder('Some users and a group', 'Three users, not in order, and a group.', [
  ...people.map((letter) => request(`Create user ${letter}`, {
    post: users, body: user({userName: `l-{{run}}-${letter}`, title: letter === 'a' ? undefined : 'Engineer'}), expect: 201,
    schema: 'user', save: {[`user_${letter}`]: 'id'},
  })),
  request('Create a group', {
    post: groups, body: group({displayName: 'l-{{run}}-group'}), expect: 201, schema: 'group', save: {group_id: 'id'},
  }),
]);

const sorting = folder('Sorting', 'By an attribute, both ways (RFC 7644 §3.4.2.3).', [
  request('By name', {get: users, query: {filter: ofRun, sortBy: 'userName'}, expect: 200, schema: 'users', tests: namesAre('a b c')}),
  request('By name, descending', {
    get: users, query: {filter: ofRun, sortBy: 'userName', sortOrder: 'descending'}, expect: 200, schema: 'users',
    tests: namesAre('c b a'),
  }),
  request('Who has no value is last', {
    get: users, query: {filter: ofRun, sortBy: 'title'}, expect: 200, schema: 'users', tests: namesAre('c b a'),
  }),
  request('A page of it', {
    get: users, query: {filter: ofRun, sortBy: 'userName', startIndex: 2, count: 1}, expect: 200, schema: 'users',
    tests: {...namesAre('b'), 'the total is that of all': () => pm.expect(body.totalResults).to.equal(3)},
  }),
]);

const cursors = folder('Cursors', 'From page to page without losing or repeating anything (RFC 9865).', [
  request('The first page', {
    get: users, query: {filter: ofRun, sortBy: 'userName', count: 2, cursor: ''}, expect: 200, schema: 'users_by_cursor',
    save: {cursor: 'nextCursor'}, tests: namesAre('a b'),
  }),
  request('The last page', {
    get: users, query: {filter: ofRun, sortBy: 'userName', count: 2, cursor: '{{cursor}}'}, expect: 200, schema: 'users_by_cursor',
    tests: {...namesAre('c'), 'there is no next one': () => pm.expect(body).to.not.have.property('nextCursor')},
  }),
]);

const searching = folder('Searching', 'POST to .search keeps filters out of addresses (RFC 7644 §3.4.3).', [
  request('Users', {
    post: `${users}/.search`, body: search({filter: ofRun, sortBy: 'userName', attributes: ['userName'], count: 2}), expect: 200,
    tests: {
      ...namesAre('a b'),
      'nothing is shown but what was asked for': () => pm.expect(body.Resources[0]).to.have.all.keys('schemas', 'id', 'userName'),
    },
  }),
  request('Users and groups together', {
    post: `${scim}/.search`, body: search({filter: `${ofRun} or displayName eq "l-{{run}}-group"`}), expect: 200, schema: 'resources',
    tests: {
      'all four are there': () => pm.expect(body.totalResults).to.equal(4),
      'of both types': () => {
        pm.expect(body.Resources.map((resource) => resource.meta.resourceType)).to.eql(['User', 'User', 'User', 'Group']);
      },
    },
  }),
  request('The same by GET on the base', {
    get: scim, query: {filter: `${ofRun} or displayName eq "l-{{run}}-group"`}, expect: 200, schema: 'resources',
    tests: {'all four are there': () => pm.expect(body.totalResults).to.equal(4)},
  }),
]);

const removeThem = folder('The end', 'What the folder made goes.', [
  ...people.map((letter) => request(`Delete user ${letter}`, {delete: `${users}/{{user_${letter}}}`, expect: 204})),
  request('Delete the group', {delete: `${groups}/{{group_id}}`, expect: 204}),
]);

export const lists = folder('Lists and searches', 'Sorting, cursors, and searches by POST.',
  [makeSome, sorting, cursors, searching, removeThem]);
