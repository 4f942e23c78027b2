/* global pm, body, vars */
import {folder, group, patch, urn, user} from '../request.mjs';
import {clientFolder, clientOf, listed, membersAre} from './client.mjs';

const {call, base, users, groups} = clientOf('sailpoint');
const names = ['ada', 'bob', 'cyd'];
const one = `${users}/{{sailpoint_ada}}`;
const audit = `${groups}/{{sailpoint_audit}}`;

export const sailpoint = clientFolder('SailPoint',
  'What SailPoint does with the preset `default`: it learns the schema of accounts from discovery, aggregates accounts and entitlements '
  + 'page by page, and provisions by PATCH.', {key: 'sailpoint', tolerances: 'default', fired: ['group_patch_204']}, [
    folder('Discovery', 'The schema of accounts is built from what the server says of itself.', [
      call('What types of resources are there?', {
        get: `${base}/ResourceTypes`, expect: 200, schema: 'resource_types',
        tests: {
          'accounts and groups, each with its schema': () => {
            const types = body.Resources.map((type) => [type.endpoint, type.schema]);
            pm.expect(types).to.deep.include.members([
              ['/Users', 'urn:ietf:params:scim:schemas:core:2.0:User'], ['/Groups', 'urn:ietf:params:scim:schemas:core:2.0:Group'],
            ]);
          },
        },
      }),
      call('What can an account hold?', {
        get: `${base}/Schemas/${urn.user}`, expect: 200, schema: 'schema',
        tests: {
          'groups are entitlements: several values, read-only, each with a value': () => {
            const entitlements = body.attributes.find((attribute) => attribute.name === 'groups');
            pm.expect(entitlements).to.include({multiValued: true, mutability: 'readOnly', type: 'complex'});
            pm.expect(entitlements.subAttributes.map((part) => part.name)).to.include('value');
          },
        },
      }),
    ]),
    folder('Provisioning', 'Accounts are created, changed in parts, and given entitlements by their groups.', [
      ...names.map((name) => call(`Create ${name}`, {
        post: users, expect: 201, schema: 'user', save: {[`sailpoint_${name}`]: 'id'},
        body: user({userName: `${name}-{{run}}`, name: {givenName: name, familyName: 'Lind'}, active: true}),
        tests: {'active': () => pm.expect(body.active).to.be.true},
      })),
      call('Change a part of the name', {
        patch: one, body: patch({op: 'replace', path: 'name', value: {familyName: 'King'}}), expect: 200, schema: 'user',
        tests: {'the other part stays': () => pm.expect(body.name).to.eql({givenName: 'ada', familyName: 'King'})},
      }),
      call('Create an entitlement', {
        post: groups, body: group({displayName: 'Audit {{run}}'}), expect: 201, schema: 'group', save: {sailpoint_audit: 'id'},
        tests: {'nobody has it': () => pm.expect(body).to.not.have.property('members')},
      }),
      ...['ada', 'bob'].map((name) => call(`Give it to ${name}`, {
        patch: audit, body: patch({op: 'add', path: 'members', value: [{value: `{{sailpoint_${name}}}`}]}), expect: 204,
      })),
    ]),
    folder('Aggregation', 'Accounts with their entitlements, page by page.', [
      call('The first two accounts', {
        get: users, query: {startIndex: 1, count: 2}, expect: 200, schema: 'users',
        tests: {
          'of three': () => pm.expect(body).to.deep.include({totalResults: 3, startIndex: 1, itemsPerPage: 2}),
          'remember them': () => vars.set('sailpoint_page', JSON.stringify(body.Resources)),
        },
      }),
      call('The third', {
        get: users, query: {startIndex: 3, count: 2}, expect: 200, schema: 'users',
        tests: {
          'each account once, with its entitlements': () => {
            const accounts = [...JSON.parse(vars.get('sailpoint_page')), ...body.Resources];
            const entitlements = Object.fromEntries(
              accounts.map((account) => [account.id, (account.groups || []).map((group) => [group.value, group.type])]));
            const given = [[vars.get('sailpoint_audit'), 'direct']];
            pm.expect(accounts).to.have.lengthOf(3);
            pm.expect(entitlements).to.eql({
              [vars.get('sailpoint_ada')]: given, [vars.get('sailpoint_bob')]: given, [vars.get('sailpoint_cyd')]: [],
            });
          },
        },
      }),
      call('The entitlements themselves', {
        get: groups, query: {startIndex: 1, count: 100}, expect: 200, schema: 'groups',
        tests: {...listed('sailpoint_audit'), 'with who has them': () => pm.expect(body.Resources[0].members).to.have.lengthOf(2)},
      }),
    ]),
    folder('Departure', 'The entitlement is taken back, the account disabled, then deleted.', [
      call('Take the entitlement from ada', {
        patch: audit, body: patch({op: 'remove', path: 'members[value eq "{{sailpoint_ada}}"]'}), expect: 204,
      }),
      call('Bob has it still', {get: audit, expect: 200, schema: 'group', tests: membersAre('sailpoint_bob')}),
      call('Disable ada', {
        patch: one, body: patch({op: 'replace', path: 'active', value: false}), expect: 200, schema: 'user',
        tests: {'not active, and without entitlements': () => {
          pm.expect(body.active).to.be.false;
          pm.expect(body).to.not.have.property('groups');
        }},
      }),
      call('Delete ada', {delete: one, expect: 204}),
      call('The account is not found', {get: one, expect: 404}),
    ]),
  ]);
