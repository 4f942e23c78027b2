/* global pm, body, vars */
import {domainBase, folder, internal, patch, request, scim, urn} from './request.mjs';

const schemaId = 'urn:example:params:scim:schemas:core:1.0:Device';
const devices = `${scim}/Devices`;
const one = `${devices}/{{device_id}}`;
const device = (members) => ({schemas: [schemaId], ...members});
const hardware = (last) => `02:00:{{hardware}}:${last}`;
const found = (name, filter, ...ids) => request(name, {
  get: devices, query: {filter}, expect: 200, schema: 'devices',
  tests: {
    'exactly these are found': `() => {
      pm.expect(body.Resources.map((each) => each.id)).to.have.members([${ids.map((id) => `vars.get('${id}')`).join(', ')}]);
      pm.expect(body.totalResults).to.equal(${ids.length});
    }`,
  },
});

export const devicesFolder = folder('Own resource type',
  'Devices, which two files of docs/examples/device make a type of resources like users and groups (scim-schemas/README.md). '
  + '`scripts/run` has them; a server without them answers these requests with 404.', [
    folder('Discovery', 'The type is announced like those of the RFC.', [
      request('Its resource type', {
        get: `${scim}/ResourceTypes/Device`, expect: 200, schema: 'resource_type',
        tests: {
          'the endpoint and the schema are those of the file': () => {
            pm.expect(body).to.include({endpoint: '/Devices', schema: 'urn:example:params:scim:schemas:core:1.0:Device'});
          },
          'nothing is shown that only the server knows': () => pm.expect(pm.response.text()).to.not.contain('x-vestibule'),
        },
      }),
      request('Its schema', {
        get: `${scim}/Schemas/${schemaId}`, expect: 200, schema: 'schema',
        tests: {
          'defaults are written out': () => {
            const weight = body.attributes.find((attribute) => attribute.name === 'weight');
            pm.expect(weight).to.include({
              type: 'decimal', multiValued: false, required: false, mutability: 'readWrite', returned: 'default',
            });
          },
          'a serial number never changes, a pairing code is never shown': () => {
            const named = Object.fromEntries(body.attributes.map((attribute) => [attribute.name, attribute]));
            pm.expect(named.serialNumber).to.include({mutability: 'immutable', uniqueness: 'server', caseExact: true});
            pm.expect(named.pairingCode).to.include({mutability: 'writeOnly', returned: 'never'});
          },
          'nothing is shown that only the server knows': () => pm.expect(pm.response.text()).to.not.contain('x-vestibule'),
        },
      }),
    ]),
    folder('Create and read', 'A device of PRIMARY and one of CORP.', [
      request('Create one', {
        post: devices, expect: 201, schema: 'device', save: {device_id: 'id', version: 'meta.version'},
        before: () => {
          // Two bytes of a hardware address for the run, since these are unique.
          const number = Math.floor(Math.random() * 65536).toString(16).padStart(4, '0');
          pm.collectionVariables.set('hardware', number.slice(0, 2) + ':' + number.slice(2));
        },
        body: device({
          displayName: 'laptop-{{run}}', serialNumber: 'SN-{{run}}', model: 'M1', active: true, weight: 1.25,
          purchased: '2026-03-01T09:00:00Z', pairingCode: 'secret-{{run}}', owner: {value: 'somebody'},
          interfaces: [{value: hardware('01:01'), type: 'wired', primary: true}, {value: hardware('01:02'), type: 'wireless'}],
        }),
        tests: {
          'what was sent is there': () => {
            pm.expect(body).to.deep.include({
              displayName: 'laptop-' + vars.get('run'), serialNumber: 'SN-' + vars.get('run'), active: true, weight: 1.25,
              owner: {value: 'somebody'},
            });
            pm.expect(body.interfaces).to.have.lengthOf(2);
          },
          'but for what is never shown': () => pm.expect(pm.response.text()).to.not.match(/pairingCode|secret/),
        },
      }),
      request('Read it', {
        get: one, expect: 200, schema: 'device',
        tests: {'it is the same one in the same version': () => {
          pm.expect(body.id).to.equal(vars.get('device_id'));
          pm.expect(body.meta.version).to.equal(vars.get('version'));
        }},
      }),
      request('Read it again: not modified', {get: one, headers: {'If-None-Match': '{{version}}'}, expect: 304}),
      request('The same name again, in other letters', {
        post: devices, body: device({displayName: 'LAPTOP-{{run}}'}), expect: 409, scimType: 'uniqueness',
      }),
      request('A hardware address that another device has', {
        post: devices, body: device({displayName: 'thief-{{run}}', interfaces: [{value: hardware('01:02')}]}), expect: 409,
        scimType: 'uniqueness',
      }),
      request('A weight that is none', {
        post: devices, body: device({displayName: 'heavy-{{run}}', weight: 'heavy'}), expect: 400, scimType: 'invalidValue',
      }),
      request('No name', {post: devices, body: device({model: 'M1'}), expect: 400, scimType: 'invalidValue'}),
      request('Create one of CORP', {
        post: devices, body: device({displayName: 'CORP/laptop-{{run}}', model: 'M2', weight: 2}), expect: 201, schema: 'device',
        save: {corp_device_id: 'id'},
        tests: {'the name has its domain': () => pm.expect(body.displayName).to.equal('CORP/laptop-' + vars.get('run'))},
      }),
      request('Below the base of CORP it has its bare name', {
        get: `${domainBase('CORP')}/Devices/{{corp_device_id}}`, expect: 200, schema: 'device',
        tests: {'bare': () => pm.expect(body.displayName).to.equal('laptop-' + vars.get('run'))},
      }),
      request('A device is no user', {get: `${scim}/Users/{{device_id}}`, expect: 404}),
    ]),
    folder('Lists', 'Filters with an index and without, order, pages, projection.', [
      found('By name', 'displayName eq "laptop-{{run}}"', 'device_id'),
      found('By serial number', 'serialNumber eq "SN-{{run}}"', 'device_id'),
      found('By serial number in another case', 'serialNumber eq "sn-{{run}}"'),
      found('By hardware address, in capitals or not', `interfaces.value eq "${hardware('01:01')}"`, 'device_id'),
      found('By two things of one interface', `interfaces[type eq "wired" and value eq "${hardware('01:02')}"]`),
      found('By weight and the beginning of a name', 'weight gt 1.5 and displayName sw "CORP/laptop-{{run}}"', 'corp_device_id'),
      found('By time', 'purchased lt "2026-03-01T10:00:00%2B00:30" and serialNumber eq "SN-{{run}}"', 'device_id'),
      request('What is never shown cannot be asked for', {
        get: devices, query: {filter: 'pairingCode eq "secret-{{run}}"'}, expect: 400, scimType: 'invalidFilter',
      }),
      request('In order, a page at a time', {
        get: devices, expect: 200,
        query: {
          filter: 'displayName eq "laptop-{{run}}" or displayName eq "CORP/laptop-{{run}}"', sortBy: 'weight', sortOrder: 'descending',
          count: 1, attributes: 'weight',
        },
        tests: {
          'the heavier one of two': () => {
            pm.expect(body).to.include({totalResults: 2, itemsPerPage: 1});
            pm.expect(body.Resources[0].id).to.equal(vars.get('corp_device_id'));
            pm.expect(body.Resources[0]).to.have.all.keys('schemas', 'id', 'weight');
          },
        },
      }),
      request('Among resources of all types', {
        post: `${scim}/.search`, expect: 200,
        body: {schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'serialNumber eq "SN-{{run}}"'},
        tests: {'the device is found': () => pm.expect(body.Resources.map((each) => each.id)).to.eql([vars.get('device_id')])},
      }),
    ]),
    folder('Changes', 'PATCH, PUT and bulk.', [
      request('PATCH: a value, an element, a part of another', {
        patch: one, headers: {'If-Match': '{{version}}'}, expect: 200, schema: 'device', save: {version: 'meta.version'},
        body: patch(
          {op: 'replace', path: 'model', value: 'M1 Pro'},
          {op: 'add', path: 'interfaces', value: [{value: hardware('01:03'), type: 'bluetooth', primary: true}]},
          {op: 'remove', path: 'interfaces[type eq "wireless"]'},
          {op: 'replace', value: {owner: {value: 'somebody else'}}}),
        tests: {
          'all of it': () => {
            pm.expect(body).to.deep.include({model: 'M1 Pro', owner: {value: 'somebody else'}});
            pm.expect(body.interfaces.map((each) => [each.type, Boolean(each.primary)])).to.have.deep.members(
              [['wired', false], ['bluetooth', true]]);
          },
        },
      }),
      request('PATCH of what never changes', {
        patch: one, body: patch({op: 'replace', path: 'serialNumber', value: 'other'}), expect: 400, scimType: 'mutability',
      }),
      request('PATCH of what does not exist', {
        patch: one, body: patch({op: 'replace', path: 'shoeSize', value: 42}), expect: 400, scimType: 'invalidPath',
      }),
      request('PUT of another version', {
        put: one, headers: {'If-Match': 'W/"99"'}, body: device({displayName: 'laptop-{{run}}'}), expect: 412,
      }),
      request('PUT: what is left out goes', {
        put: one, expect: 200, schema: 'device',
        body: device({displayName: 'notebook-{{run}}', serialNumber: 'SN-{{run}}', weight: 1}),
        tests: {
          'only what was sent is there': () => {
            pm.expect(body).to.include({displayName: 'notebook-' + vars.get('run'), weight: 1});
            pm.expect(body).to.not.have.any.keys('model', 'interfaces', 'owner', 'active');
          },
          'the version is a new one': () => pm.expect(body.meta.version).to.not.equal(vars.get('version')),
        },
      }),
      found('The hardware addresses are free again', `interfaces.value eq "${hardware('01:01')}"`),
      request('Bulk: another device, and its owner', {
        post: `${scim}/Bulk`, expect: 200, schema: 'bulk_response',
        body: {
          schemas: [urn.bulk],
          Operations: [
            {
              method: 'POST', bulkId: 'phone', path: '/Devices',
              data: device({displayName: 'phone-{{run}}', owner: {value: 'bulkId:owner'}}),
            },
            {method: 'POST', bulkId: 'owner', path: '/Users', data: {schemas: [urn.user], userName: 'owner-{{run}}'}},
          ],
        },
        tests: {
          'both were made': () => {
            pm.expect(body.Operations.map((operation) => operation.status)).to.eql(['201', '201']);
            const ids = body.Operations.map((operation) => operation.location.split('/').pop());
            vars.set('phone_id', ids[0]);
            vars.set('owner_id', ids[1]);
          },
        },
      }),
      found('The owner is in the device', 'owner.value eq "{{owner_id}}"', 'phone_id'),
    ]),
    folder('Tolerances', 'They are about all types of resources.', [
      request('A token that tolerates nothing', {
        post: `${internal}/admin/v1/tokens`, token: 'admin_token', expect: 201, schema: 'token', save: {strict_token: 'token'},
        body: {name: 'devices-{{run}}', scopes: 'scim:read scim:write', tolerances: 'strict'},
      }),
      request('A boolean as text', {
        patch: one, body: patch({op: 'replace', path: 'active', value: 'False'}), expect: 200, schema: 'device',
        tests: {'is read as one': () => pm.expect(body.active).to.be.false},
      }),
      request('Strictly it is refused', {
        patch: one, token: 'strict_token', body: patch({op: 'replace', path: 'active', value: 'True'}), expect: 400,
        scimType: 'invalidValue',
      }),
      request('Revoke the token', {delete: `${internal}/admin/v1/tokens/devices-{{run}}`, token: 'admin_token', expect: 204}),
    ]),
    folder('The end', 'What the folder made goes.', [
      request('Delete the device of another version', {delete: one, headers: {'If-Match': 'W/"99"'}, expect: 412}),
      request('Delete the device', {delete: one, expect: 204}),
      request('It is not found', {get: one, expect: 404}),
      request('Delete that of CORP', {delete: `${devices}/{{corp_device_id}}`, expect: 204}),
      request('Delete the one made in bulk', {delete: `${devices}/{{phone_id}}`, expect: 204}),
      request('Delete the owner', {delete: `${scim}/Users/{{owner_id}}`, expect: 204}),
    ]),
  ]);
