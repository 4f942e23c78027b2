// JSON schemas of what the server sends. The collection holds them as variables (`schema_user`, …). They name every member
// that may be there, so that a body that shows too much fails as well.

import {urn} from './request.mjs';

const text = {type: 'string'};
const flag = {type: 'boolean'};
const count = {type: 'integer', minimum: 0};
const time = {type: 'string', format: 'date-time'};
const uuid = {type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'};
const list = (items, more) => ({type: 'array', items, ...more});
const texts = list(text);
const oneOf = (...values) => ({enum: values});

/** An object with these members and no others; those whose names end in `?` may be left out. */
function object(members) {
  const properties = {};
  const required = [];
  for (const [key, schema] of Object.entries(members)) {
    const name = key.replace(/\?$/, '');
    properties[name] = schema;
    if (name === key) required.push(name);
  }
  return {type: 'object', required, properties, additionalProperties: false};
}

const meta = (type) => object({
  resourceType: oneOf(type), created: time, lastModified: time, location: {type: 'string', format: 'uri'},
  version: {type: 'string', pattern: '^W/"[^"]+"$'},
});
const plural = (more = {}) => list(object({
  'value?': text, 'display?': text, 'type?': text, 'primary?': flag, ...more,
}), {minItems: 1});

const user = object({
  id: uuid,
  schemas: list(oneOf(urn.user, urn.enterprise, urn.provenance), {minItems: 1, uniqueItems: true, contains: oneOf(urn.user)}),
  userName: text,
  'externalId?': text,
  'name?': object({
    'formatted?': text, 'familyName?': text, 'givenName?': text, 'middleName?': text, 'honorificPrefix?': text,
    'honorificSuffix?': text,
  }),
  'displayName?': text, 'nickName?': text, 'profileUrl?': text, 'title?': text, 'userType?': text,
  'preferredLanguage?': text, 'locale?': text, 'timezone?': text,
  'active?': flag,
  'emails?': plural(), 'phoneNumbers?': plural(), 'ims?': plural(), 'photos?': plural(), 'entitlements?': plural(),
  'roles?': plural(), 'x509Certificates?': plural(),
  'addresses?': plural({
    'formatted?': text, 'streetAddress?': text, 'locality?': text, 'region?': text, 'postalCode?': text, 'country?': text,
  }),
  'groups?': list(object({value: uuid, $ref: text, display: text, type: oneOf('direct', 'indirect')}), {minItems: 1}),
  [`${urn.enterprise}?`]: object({
    'employeeNumber?': text, 'costCenter?': text, 'organization?': text, 'division?': text, 'department?': text,
    'manager?': object({value: text, '$ref?': text, 'displayName?': text}),
  }),
  [`${urn.provenance}?`]: object({
    identities: list(object({
      identityProvider: text, subject: text, 'firstProvisioned?': time, 'lastProvisioned?': time, state: oneOf('linked', 'synced'),
    }), {minItems: 1}),
  }),
  meta: meta('User'),
});

const group = object({
  id: uuid,
  schemas: list(oneOf(urn.group), {minItems: 1, maxItems: 1}),
  displayName: text,
  'externalId?': text,
  'members?': list(object({value: uuid, $ref: text, type: oneOf('User', 'Group'), 'display?': text}), {minItems: 1}),
  meta: meta('Group'),
});

/** The resource of docs/examples/device. */
const device = object({
  id: uuid,
  schemas: list(oneOf('urn:example:params:scim:schemas:core:1.0:Device'), {minItems: 1, maxItems: 1}),
  displayName: text,
  'externalId?': text, 'serialNumber?': text, 'model?': text, 'active?': flag, 'purchased?': time, 'weight?': {type: 'number'},
  'owner?': object({'value?': text, '$ref?': text}),
  'interfaces?': list(object({'value?': text, 'type?': text, 'primary?': flag}), {minItems: 1}),
  meta: meta('Device'),
});

const listOf = (resource) => object({
  schemas: {const: ['urn:ietf:params:scim:api:messages:2.0:ListResponse']},
  totalResults: count, startIndex: {type: 'integer', minimum: 1}, itemsPerPage: count, Resources: list(resource),
});

/** A page by cursor: the total may be left out, and the next cursor is there but on the last page. */
const cursorPageOf = (resource) => object({
  schemas: {const: ['urn:ietf:params:scim:api:messages:2.0:ListResponse']},
  'totalResults?': count, itemsPerPage: count, 'nextCursor?': {type: 'string', pattern: '^[A-Za-z0-9_-]+$'}, Resources: list(resource),
});

const scimError = object({
  schemas: {const: ['urn:ietf:params:scim:api:messages:2.0:Error']},
  status: {type: 'string', pattern: '^[45][0-9]{2}$'},
  'scimType?': oneOf('invalidFilter', 'tooMany', 'uniqueness', 'mutability', 'invalidSyntax', 'invalidPath', 'noTarget',
    'invalidValue', 'invalidVers', 'sensitive', 'invalidCursor', 'expiredCursor', 'invalidCount'),
  detail: {type: 'string', minLength: 1},
});

const problem = object({
  type: text, title: text, status: {type: 'integer', minimum: 400, maximum: 599}, detail: {type: 'string', minLength: 1},
  'code?': text, 'attribute?': text, 'onFailure?': oneOf('refuse', 'allow'), 'correlationId?': text,
  'problems?': list(object({field: text, reason: text, detail: text}), {minItems: 1}),
});
const jitProblem = {
  ...problem,
  required: [...problem.required, 'code', 'onFailure', 'correlationId'],
  properties: {
    ...problem.properties,
    type: {type: 'string', pattern: '^urn:problem-type:vestibule:JIT-[0-9]{4}$'},
    code: {type: 'string', pattern: '^JIT-[0-9]{4}$'},
  },
};

const groupChanges = object({granted: texts, revoked: texts, ignored: texts, created: texts});
const trace = list(object({step: text, rule: text, input: text, outcome: text}), {minItems: 1});
const wouldBeUser = {
  ...user,
  required: ['schemas', 'userName'],
};
const provisioned = object({
  outcome: oneOf('created', 'linked', 'updated', 'unchanged'), domain: text, user, identityProvider: text, subject: text,
  groups: groupChanges, correlationId: text,
});
const skipped = object({outcome: oneOf('skipped'), identityProvider: text, subject: text, correlationId: text});
const queued = object({outcome: oneOf('queued'), operation: text, identityProvider: text, subject: text, correlationId: text});
const operation = object({
  operation: text, state: oneOf('queued', 'running', 'done', 'dead'), attempts: count, created: time, 'finished?': time,
  'nextAttempt?': time, correlationId: text, identityProvider: text, subject: text, 'outcome?': text, 'domain?': text,
  'user?': user, 'groups?': groupChanges, 'problem?': jitProblem,
});
const askedFor = {
  domain: text, known: flag, 'userName?': {type: 'object'}, 'password?': object({hint: {type: 'string'}, pattern: {type: 'string'}}),
  attributes: list(object({attribute: text, type: text, description: {type: 'string'}, 'canonicalValues?': texts})),
  claims: list({type: 'object', required: ['attribute', 'value']}),
  purposes: list(object({
    purpose: text, version: count, texts: {type: 'object'},
    attributes: list(object({attribute: {type: 'string'}, mandatory: flag}), {minItems: 1}),
  })),
};
const prompted = object({
  outcome: oneOf('prompt'), domain: text, identityProvider: text, subject: text,
  prompt: object({url: text, expires: time, state: text}), correlationId: text,
});
const promptProblem = {
  ...jitProblem,
  required: [...jitProblem.required, 'problems'],
};
const promptState = object({
  prompt: text, state: oneOf('open', 'answered', 'declined', 'expired'), created: time, expires: time, 'finished?': time,
  correlationId: text, outcome: text, identityProvider: text, subject: text, 'domain?': text, 'user?': user, 'problem?': jitProblem,
});
const auditEvent = object({
  at: time, 'correlationId?': text, action: text, actor: object({id: text, name: text}), 'identityProvider?': text, 'subject?': text,
  'domain?': text, 'user?': text, 'resource?': text, 'target?': text, 'versionBefore?': count, 'versionAfter?': count, 'code?': text, 'attributes?': texts,
  'granted?': texts, 'revoked?': texts, 'trace?': trace,
});
const operationRow = object({
  id: text, state: oneOf('queued', 'running', 'done', 'dead'), identityProvider: text, subject: text, attempts: count,
  created: time, 'due?': time, 'finished?': time, 'outcome?': text, 'user?': text, 'code?': text, 'detail?': text,
  correlationId: text,
});
const explained = object({
  outcome: oneOf('created', 'linked', 'updated', 'unchanged'), domain: text, user: wouldBeUser, identityProvider: text,
  subject: text, groups: groupChanges, trace, correlationId: text,
});
const explainedRefusal = object({
  outcome: oneOf('refused'), identityProvider: text, subject: text, problem: jitProblem, trace, correlationId: text,
});

const bulkResponse = object({
  schemas: {const: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse']},
  Operations: list(object({
    method: oneOf('POST', 'PUT', 'PATCH', 'DELETE'), 'bulkId?': text, 'version?': {type: 'string', pattern: '^W/"[^"]+"$'},
    'location?': {type: 'string', format: 'uri'}, status: {type: 'string', pattern: '^[2-5][0-9]{2}$'}, 'response?': scimError,
  })),
});

const supported = (more = {}) => object({supported: flag, ...more});
const discoveryMeta = (type) => object({resourceType: oneOf(type), location: {type: 'string', format: 'uri'}});
const serviceProviderConfig = object({
  schemas: {const: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig']},
  'documentationUri?': text,
  patch: supported(), bulk: supported({maxOperations: count, maxPayloadSize: count}),
  filter: supported({maxResults: count}), changePassword: supported(), sort: supported(), etag: supported(),
  pagination: object({
    cursor: flag, index: flag, defaultPaginationMethod: oneOf('index', 'cursor'), defaultPageSize: count, maxPageSize: count,
    cursorTimeout: count,
  }),
  authenticationSchemes: list(object({
    type: text, name: text, description: text, 'specUri?': text, 'documentationUri?': text, 'primary?': flag,
  }), {minItems: 1}),
  meta: discoveryMeta('ServiceProviderConfig'),
});
const resourceType = object({
  schemas: {const: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType']},
  id: text, name: text, 'description?': text, endpoint: {type: 'string', pattern: '^/'}, schema: text,
  'schemaExtensions?': list(object({schema: text, required: flag})), meta: discoveryMeta('ResourceType'),
});
const attribute = (more) => object({
  name: text, type: oneOf('string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'),
  multiValued: flag, description: text, required: flag, 'caseExact?': flag, 'canonicalValues?': texts,
  mutability: oneOf('readOnly', 'readWrite', 'immutable', 'writeOnly'),
  returned: oneOf('always', 'never', 'default', 'request'), 'uniqueness?': oneOf('none', 'server', 'global'),
  'referenceTypes?': texts, ...more,
});
const schema = object({
  schemas: {const: ['urn:ietf:params:scim:schemas:core:2.0:Schema']},
  id: {type: 'string', pattern: '^urn:'}, name: text, description: text,
  attributes: list(attribute({'subAttributes?': list(attribute({}))}), {minItems: 1}), meta: discoveryMeta('Schema'),
});

const cap = {type: 'integer', minimum: 1};
const guardRailSettings = {anyOf: [
  {type: 'null'},
  object({
    windowMinutes: cap, 'deletes?': cap, 'deactivations?': cap, 'membershipRemovals?': cap, 'liftedUntil?': time,
  }),
]};
const policySettings = object({
  UsernameJavaRegEx: text, UsernameJavaScriptRegEx: text, UsernameJavaRegExViolationErrorMsg: text,
  RolenameJavaRegEx: text, RolenameJavaScriptRegEx: text, RolenameJavaRegExViolationErrorMsg: text,
  PasswordJavaRegEx: text, PasswordJavaScriptRegEx: text, PasswordJavaRegExViolationErrorMsg: text,
  ReadOnly: flag, Disabled: flag, CaseInsensitiveUsername: flag, tolerances: text,
  privilegedAttributes: texts, privilegedGroups: texts, requestsPerMinute: count, guardRails: guardRailSettings,
});
const domain = object({
  name: {type: 'string', pattern: '^[A-Z][A-Z0-9-]{0,29}$'}, state: oneOf('active'), description: text, settings: policySettings,
  version: text, created: time, modified: time,
});
const identityProvider = {
  type: 'object',
  required: ['name', 'enabled', 'claims', 'roles', 'jit'],
  properties: {
    name: text, enabled: flag, description: text,
    claims: {type: 'object'}, roles: {type: 'object'},
    jit: {type: 'object', required: ['isEnabled', 'userstore'], properties: {isEnabled: flag, userstore: text}},
    idToken: {type: 'object', required: ['issuer', 'clientIds', 'jwksUri', 'required']}, forwardAuth: {type: 'object'},
  },
  additionalProperties: false,
};
const purposeText = object({title: text, description: text});
const consentPurpose = object({
  name: text, texts: {type: 'object', required: ['en'], additionalProperties: purposeText},
  attributes: list(object({attribute: text, mandatory: flag})), onWithdrawal: oneOf('removeValues', 'disableUser'),
});
const receipt = object({
  id: text, user: text, identityProvider: text, state: oneOf('active', 'revoked'), created: time, 'revoked?': time,
  receipt: {type: 'object', required: ['version', 'jurisdiction', 'consentTimestamp', 'consentReceiptID', 'services']},
});
const token = {
  id: text, name: text, scopes: text, allDomains: flag, domains: texts, user: {anyOf: [text, {type: 'null'}]},
  tolerances: {anyOf: [text, {type: 'null'}]},
  created: time, expires: {anyOf: [time, {type: 'null'}]}, requestsPerMinute: {anyOf: [count, {type: 'null'}]},
  lastUsed: {anyOf: [time, {type: 'null'}]}, rotated: {anyOf: [time, {type: 'null'}]}, formerExpires: {anyOf: [time, {type: 'null'}]},
};

export const schemas = {
  user, group, device, problem,
  users: listOf(user),
  groups: listOf(group),
  devices: listOf(device),
  resources: listOf({anyOf: [user, group]}),
  users_by_cursor: cursorPageOf(user),
  scim_error: scimError,
  bulk_response: bulkResponse,
  jit_problem: jitProblem,
  provisioned, skipped, explained, queued, operation, prompted,
  explained_prompt: object({
    outcome: oneOf('prompt'), domain: text, identityProvider: text, subject: text, prompt: object(askedFor), trace, correlationId: text,
  }),
  prompt_form: object({state: oneOf('open'), identityProvider: text, description: {type: 'string'}, expires: time, ...askedFor}),
  prompt_answered: object({outcome: text, 'returnUrl?': text}),
  prompt_problem: promptProblem,
  prompt_state: promptState,
  decisions: object({decisions: list(auditEvent, {minItems: 1})}),
  audit: object({events: list(auditEvent), 'cursor?': text}),
  name_check: object({available: flag, 'reason?': text, 'detail?': text, 'suggestion?': text}),
  operations: object({operations: list(operationRow), 'after?': text}),
  explained_refusal: explainedRefusal,
  service_provider_config: serviceProviderConfig,
  resource_type: resourceType,
  resource_types: listOf(resourceType),
  schema,
  schemas: listOf(schema),
  domain,
  domains: object({domains: list(domain, {minItems: 1})}),
  guard_rails: object({
    domain: text, guardRails: guardRailSettings, lifted: flag,
    windows: list(object({
      actor: object({type: oneOf('token', 'identityProvider'), 'id?': text, 'name?': text}),
      kind: oneOf('deletes', 'deactivations', 'membershipRemovals'),
      used: count, cap: {anyOf: [cap, {type: 'null'}]}, ends: time, refused: count,
    })),
  }),
  identity_provider: identityProvider,
  identity_providers: object({identityProviders: list(identityProvider)}),
  advised: object({identityProvider, advice: list(object({setting: text, code: {type: 'string', pattern: '^JIT-2'}, text}))}),
  versions: object({versions: list(object({version: count, changed: time, by: text, deleted: flag}), {minItems: 1})}),
  consent_purpose: consentPurpose,
  consent_purposes: object({consentPurposes: list(consentPurpose, {minItems: 1})}),
  purpose_versions: object({versions: list(object({
    version: count, changed: time, by: text, asksAgain: texts, settings: consentPurpose,
  }), {minItems: 1})}),
  receipts: object({receipts: list(receipt), 'after?': text}),
  consents: object({consents: list(object({
    purpose: {anyOf: [text, {type: 'null'}]}, version: count, attribute: {type: 'string'},
    consent: oneOf('agreed', 'refused', 'withdrawn'), decided: time, receipt: text,
  }))}),
  token: object({...token, token: {type: 'string', pattern: '^vst_'}}),
  tokens: object({tokens: list(object(token))}),
};
