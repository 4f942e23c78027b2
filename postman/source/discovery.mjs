/* global pm, body, vars */
import {domainBase, folder, request, scim, urn} from './request.mjs';

export const discovery = folder('Discovery', 'What the server can do and what its resources look like (RFC 7644 §4).', [
  request('What the provider supports, without a token', {
    about: 'RFC 7644 §4 wants this one to be readable by anybody.',
    get: `${scim}/ServiceProviderConfig`, token: null, expect: 200, schema: 'service_provider_config',
    tests: {
      'PATCH, bulk requests, filters and entity tags are offered': () => {
        pm.expect(body.patch.supported).to.be.true;
        pm.expect(body.filter.supported).to.be.true;
        pm.expect(body.filter.maxResults).to.be.above(0);
        pm.expect(body.bulk).to.eql({supported: true, maxOperations: 1000, maxPayloadSize: 1048576});
        pm.expect(body.etag.supported).to.be.true;
      },
      'bearer tokens are the way to authenticate': () => {
        pm.expect(body.authenticationSchemes.map((scheme) => scheme.type)).to.include('oauthbearertoken');
      },
      'the location is its own': () => {
        pm.expect(body.meta.location).to.equal(pm.variables.get('scim_url') + '/scim/v2/ServiceProviderConfig');
      },
    },
  }),
  request('What the provider supports, below the base of a domain', {
    get: `${domainBase('CORP')}/ServiceProviderConfig`, token: null, expect: 200, schema: 'service_provider_config',
    tests: {
      'the location keeps the base that was asked': () => {
        pm.expect(body.meta.location).to.equal(
          pm.variables.get('scim_url') + '/domains/CORP/scim/v2/ServiceProviderConfig');
      },
    },
  }),
  request('All schemas', {
    get: `${scim}/Schemas`, expect: 200, schema: 'schemas',
    tests: {
      'there are users, groups and the enterprise extension': () => {
        pm.expect(body.Resources.map((schema) => schema.id)).to.include.members([
          'urn:ietf:params:scim:schemas:core:2.0:User',
          'urn:ietf:params:scim:schemas:core:2.0:Group',
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
        ]);
        pm.expect(body.totalResults).to.equal(body.Resources.length);
      },
      'each has its location': () => {
        for (const schema of body.Resources) {
          pm.expect(schema.meta.location).to.equal(pm.variables.get('scim_url') + '/scim/v2/Schemas/' + schema.id);
        }
      },
    },
  }),
  request('The schema of users', {
    get: `${scim}/Schemas/${urn.user}`, expect: 200, schema: 'schema',
    tests: {
      'the user name is required, unique and not case-exact': () => {
        const name = body.attributes.find((attribute) => attribute.name === 'userName');
        pm.expect(name).to.include({required: true, uniqueness: 'server', caseExact: false, multiValued: false});
      },
      'the password can be written and never read': () => {
        const password = body.attributes.find((attribute) => attribute.name === 'password');
        pm.expect(password).to.include({mutability: 'writeOnly', returned: 'never'});
      },
      'groups can be read and not written': () => {
        const groups = body.attributes.find((attribute) => attribute.name === 'groups');
        pm.expect(groups).to.include({mutability: 'readOnly', multiValued: true});
      },
    },
  }),
  request('All resource types', {
    get: `${scim}/ResourceTypes`, expect: 200, schema: 'resource_types',
    tests: {
      'there are users and groups': () => {
        const endpoints = body.Resources.map((type) => [type.id, type.endpoint, type.schema]);
        pm.expect(endpoints).to.deep.include.members([
          ['User', '/Users', 'urn:ietf:params:scim:schemas:core:2.0:User'],
          ['Group', '/Groups', 'urn:ietf:params:scim:schemas:core:2.0:Group'],
        ]);
      },
    },
  }),
  request('The resource type of users', {
    get: `${scim}/ResourceTypes/User`, expect: 200, schema: 'resource_type',
    tests: {
      'users may have the enterprise extension': () => {
        pm.expect(body.schemaExtensions).to.deep.include({
          schema: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', required: false,
        });
      },
    },
  }),
  request('An unknown schema is not found', {
    get: `${scim}/Schemas/urn:example:unknown`, expect: 404,
  }),
  request('An unknown resource type is not found', {
    get: `${scim}/ResourceTypes/Printer`, expect: 404,
  }),
  request('An unknown endpoint is not found', {
    get: `${scim}/Printers`, expect: 404,
  }),
  request('A filter is forbidden', {
    about: "RFC 7644 §4: a filter on a discovery endpoint is answered 403.",
    get: `${scim}/ResourceTypes`, query: {filter: 'name eq "User"'}, expect: 403,
  }),
  request('POST is not allowed', {
    post: `${scim}/Schemas`, body: {}, expect: 405,
    tests: {
      'Allow names what is allowed': () => {
        const allowed = pm.response.headers.get('Allow').split(', ');
        pm.expect(allowed).to.include('GET').and.not.include('POST');
      },
    },
  }),
  request('Schemas need a token', {
    get: `${scim}/Schemas`, token: null, expect: 401,
  }),
]);
